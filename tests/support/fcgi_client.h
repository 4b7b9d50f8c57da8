/*
 * fcgi_client.h - the web server's side of FastCGI (version 1, responder), as small as tests need it.
 *
 * Every call blocks, for 20 seconds at most. What an answer holds is freed with fcgi_answer_free().
 */
#ifndef TESSERA_TESTS_FCGI_CLIENT_H
#define TESSERA_TESTS_FCGI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct fcgi_answer {
    int status;       /* 200 when there was no Status header; 0 when there was no header at all */
    char *head;       /* the header's lines, NUL-terminated; NULL when the connection broke before */
    char *body;       /* NUL-terminated */
    size_t body_size; /* bytes */
    bool complete;    /* the end record came */
    bool closed;      /* then the connection was closed */
};

enum { FCGI_CLIENT_KEEP = 1 /* ask for the connection to be kept */ };

int fcgi_client_connect(const char *path); /* -1 with errno */
/* env: names and values in turn, ended by NULL. Sends parameters and the body's bytes, each whole. */
bool fcgi_client_send(int fd, const char *const *env, const void *body, size_t size, int flags);
/* The parts of the above, for what a sound client would not do. */
bool fcgi_client_begin(int fd, const char *const *env, int flags);
bool fcgi_client_stdin(int fd, const void *bytes, size_t size); /* size 0 ends the body */
/* Reads until the end record or the end of the connection, which it then closes. False when there was
 * no answer. */
bool fcgi_client_receive(int fd, struct fcgi_answer *answer);

/* One GET on a connection of its own. */
bool fcgi_client_get(const char *path, const char *uri, struct fcgi_answer *answer);
/* Value of a header (copied to the caller's buffer); false when absent. */
bool fcgi_answer_header(const struct fcgi_answer *answer, const char *name, char *out, size_t size);
void fcgi_answer_free(struct fcgi_answer *answer);

#endif
