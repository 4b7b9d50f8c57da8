/*
 * http_client.h - HTTP/1.1 over TCP or a unix socket, one request per connection, as tests need it.
 */
#ifndef TESSERA_TESTS_HTTP_CLIENT_H
#define TESSERA_TESTS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct http_answer {
    int status; /* 0: no answer */
    char *head; /* status line and headers; "" when there was no answer */
    char *body; /* as sent: chunks are not put together; NUL-terminated */
    size_t body_size;
};

/* Sends the bytes as they are and reads until the server closes. port 0: path is a unix socket. */
struct http_answer http_send(const char *path, int port, const void *bytes, size_t size);
/* METHOD target with "Connection: close", further header lines (each with CRLF; "" for none) and a body. */
struct http_answer http_request(int port, const char *method, const char *target,
                                const char *headers, const char *body);
/* Value of a header, in memory that the next call overwrites; NULL when absent. */
const char *http_header(const struct http_answer *answer, const char *name);
/* How often a header stands there. */
size_t http_header_count(const struct http_answer *answer, const char *name);
void http_answer_free(struct http_answer *answer);

#endif
