#include "jobs/transfer.h"
#include "core/text.h"
#include <arpa/inet.h>
#include <curl/curl.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
    ANSWER_MAX = 64 * 1024, /* bytes of an answer that are kept */
    CONNECT_MS = 10000,
    HTTP_MS = 20000,
    SMTP_MS = 60000,
    CONNECTIONS_KEPT = 64,
    WAIT_FDS_MAX = 8
};

struct transfers {
    CURLM *multi;
    char *ca_file; /* or NULL */
    struct transfer *first;
    size_t running;
};

struct transfer {
    struct transfers *set;
    struct transfer *next, *before;
    CURL *easy;
    struct curl_slist *headers, *recipients;
    char *body;
    size_t size, sent;
    struct buf answer;
    char reply[256]; /* the last line that an SMTP server said, or its refusal */
    char error[CURL_ERROR_SIZE];
    transfer_done_fn *done;
    void *context;
};

struct transfers *transfers_new(const char *ca_file) {
    struct transfers *set = calloc(1, sizeof *set);
    if (set == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
        (set->multi = curl_multi_init()) == NULL)
        abort();
    if (ca_file != NULL && (set->ca_file = strdup(ca_file)) == NULL)
        abort();
    curl_multi_setopt(set->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    return set;
}

static void transfer_free(struct transfer *transfer) {
    struct transfers *set = transfer->set;
    curl_multi_remove_handle(set->multi, transfer->easy);
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->recipients);
    buf_free(&transfer->answer);
    free(transfer->body);
    if (transfer->before != NULL)
        transfer->before->next = transfer->next;
    else
        set->first = transfer->next;
    if (transfer->next != NULL)
        transfer->next->before = transfer->before;
    set->running--;
    free(transfer);
}

void transfers_free(struct transfers *set) {
    if (set == NULL)
        return;
    while (set->first != NULL)
        transfer_free(set->first);
    curl_multi_cleanup(set->multi);
    curl_global_cleanup();
    free(set->ca_file);
    free(set);
}

size_t transfers_running(const struct transfers *set) {
    return set->running;
}

/* ── libcurl's questions ── */

static size_t take_answer(char *bytes, size_t one, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t room = ANSWER_MAX - 1 - transfer->answer.len;
    size_t size = one * count;
    buf_append(&transfer->answer, bytes, size < room ? size : room);
    return size;
}

/* SMTP replies come as headers. After a refusal libcurl takes its leave; what is answered to that says nothing. */
static size_t take_reply(char *bytes, size_t one, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t size = one * count;
    bool refused = transfer->reply[0] == '4' || transfer->reply[0] == '5';
    if (refused && size > 0 && bytes[0] == '2')
        return size;
    size_t kept = size < sizeof transfer->reply - 1 ? size : sizeof transfer->reply - 1;
    memcpy(transfer->reply, bytes, kept);
    while (kept > 0 && (transfer->reply[kept - 1] == '\r' || transfer->reply[kept - 1] == '\n'))
        kept--;
    transfer->reply[kept] = '\0';
    return size;
}

static size_t give_body(char *out, size_t one, size_t count, void *context) {
    struct transfer *transfer = context;
    size_t left = transfer->size - transfer->sent;
    size_t size = one * count < left ? one * count : left;
    memcpy(out, transfer->body + transfer->sent, size);
    transfer->sent += size;
    return size;
}

/* RFC 1918, RFC 6598, RFC 3927, loopback, "this network" and what is beyond unicast. */
static bool ip4_public(uint32_t a) {
    return !(a >> 24 == 10 || a >> 24 == 127 || a >> 24 == 0 || a >> 24 >= 224 ||
             a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe || a >> 22 == 0x191 ||
             a >> 8 == 0xc00000 || a >> 17 == 0x6309);
}

/* Global unicast (2000::/3) without 6to4, Teredo and documentation, which may hide an IPv4 address.
 */
static bool ip6_public(const unsigned char a[16]) {
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (memcmp(a, mapped, sizeof mapped) == 0)
        return ip4_public((uint32_t)a[12] << 24 | (uint32_t)a[13] << 16 | (uint32_t)a[14] << 8 |
                          a[15]);
    bool tunnel = a[0] == 0x20 && (a[1] == 0x02 || (a[1] == 0x01 && a[2] == 0 && a[3] == 0) ||
                                   (a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8));
    return a[0] >> 5 == 1 && !tunnel;
}

/* Asked for the address that is really connected to, after the name was looked up: a name can't
 * turn inwards in between. */
static curl_socket_t open_public(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address) {
    (void)context;
    (void)purpose;
    bool ok = false;
    if (address->family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &address->addr, sizeof in);
        ok = ip4_public(ntohl(in.sin_addr.s_addr));
    } else if (address->family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, &address->addr, sizeof in < address->addrlen ? sizeof in : address->addrlen);
        ok = ip6_public(in.sin6_addr.s6_addr);
    }
    return ok ? socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol)
              : CURL_SOCKET_BAD;
}

/* ── Beginning ── */

static struct transfer *transfer_new(struct transfers *set, const char *url, const void *body,
                                     size_t size, transfer_done_fn *done, void *context) {
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL || (transfer->easy = curl_easy_init()) == NULL)
        abort();
    *transfer = (struct transfer){.set = set,
                                  .next = set->first,
                                  .easy = transfer->easy,
                                  .size = size,
                                  .done = done,
                                  .context = context};
    if (set->first != NULL)
        set->first->before = transfer;
    set->first = transfer;
    set->running++;
    buf_init(&transfer->answer, ANSWER_MAX);
    transfer->body = malloc(size + 1);
    if (transfer->body == NULL)
        abort();
    if (size > 0)
        memcpy(transfer->body, body, size);
    curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_URL, url);
    curl_easy_setopt(transfer->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(transfer->easy, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(transfer->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(transfer->easy, CURLOPT_USERAGENT, "tessera");
    if (set->ca_file != NULL)
        curl_easy_setopt(transfer->easy, CURLOPT_CAINFO, set->ca_file);
    return transfer;
}

static void set_login(struct transfer *transfer, const char *user, const char *password) {
    if (user == NULL)
        return;
    curl_easy_setopt(transfer->easy, CURLOPT_USERNAME, user);
    curl_easy_setopt(transfer->easy, CURLOPT_PASSWORD, password != NULL ? password : "");
}

void transfer_http(struct transfers *set, const struct http_call *call, transfer_done_fn *done,
                   void *context) {
    struct transfer *transfer = transfer_new(set, call->url, call->body, call->size, done, context);
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     call->timeout_ms > 0 ? call->timeout_ms : (long)HTTP_MS);
    curl_easy_setopt(easy, CURLOPT_PROXY,
                     ""); /* nothing of the environment decides where secrets go */
    for (const char *const *header = call->headers; header != NULL && *header != NULL; header++)
        transfer->headers = curl_slist_append(transfer->headers, *header);
    transfer->headers = curl_slist_append(transfer->headers, "Expect:");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    if (call->body != NULL) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body);
    }
    if (call->method != NULL)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    if (call->socket != NULL)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, call->socket);
    if (call->public_only)
        curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_public);
    set_login(transfer, call->user, call->password);
    curl_multi_add_handle(set->multi, easy);
}

void transfer_smtp(struct transfers *set, const struct smtp_call *call, transfer_done_fn *done,
                   void *context) {
    struct transfer *transfer =
        transfer_new(set, call->url, call->message, call->size, done, context);
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                     call->timeout_ms > 0 ? call->timeout_ms : (long)SMTP_MS);
    if (!call->plain)
        curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    set_login(transfer, call->user, call->password);
    transfer->recipients = curl_slist_append(NULL, call->to);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, call->from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->recipients);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->size);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_reply);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_multi_add_handle(set->multi, easy);
}

void transfer_form_field(struct buf *form, const char *name, const char *value) {
    char *encoded = curl_easy_escape(NULL, value, (int)strlen(value));
    if (encoded == NULL)
        abort();
    buf_printf(form, "%s%s=%s", form->len > 0 ? "&" : "", name, encoded);
    curl_free(encoded);
}

/* ── Moving on ── */

/* What libcurl says of a refusal begins with the command that was refused; only of what follows DATA it says nothing. */
static enum smtp_stage stage_of(const struct transfer *transfer) {
    if (text_starts(transfer->error, "MAIL failed"))
        return SMTP_SENDER;
    if (text_starts(transfer->error, "RCPT failed"))
        return SMTP_TO;
    if (text_starts(transfer->error, "DATA failed") || transfer->sent > 0)
        return SMTP_MESSAGE;
    return SMTP_SESSION;
}

static void finish(struct transfer *transfer, CURLcode code) {
    struct transfer_result result = {.body = buf_text(&transfer->answer), .size = transfer->answer.len, .error = ""};
    curl_off_t retry_after = 0, begun = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &result.status);
    curl_easy_getinfo(transfer->easy, CURLINFO_TOTAL_TIME, &result.seconds);
    curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &begun);
    result.reached = code == CURLE_OK || begun > 0;
    if (transfer->recipients != NULL) {
        result.body = transfer->reply;
        result.size = strlen(transfer->reply);
        result.stage = stage_of(transfer);
        /* A refusal by SMTP (status 4xx, 5xx) is an answer, though libcurl calls it an error. */
        result.answered = code == CURLE_OK || (result.status >= 400 && code != CURLE_OPERATION_TIMEDOUT);
    } else {
        result.answered = code == CURLE_OK;
        curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
        result.retry_after = retry_after > 0 && retry_after < LONG_MAX ? (long)retry_after : 0;
    }
    if (!result.answered) {
        result.status = 0;
        result.error = *transfer->error != '\0' ? transfer->error : curl_easy_strerror(code);
    }
    transfer->done(transfer->context, &result);
    transfer_free(transfer);
}

void transfers_wait(struct transfers *set, const int *fds, size_t nfds, long timeout_ms) {
    struct curl_waitfd extra[WAIT_FDS_MAX];
    unsigned count = 0;
    for (size_t i = 0; i < nfds && count < WAIT_FDS_MAX; i++) {
        if (fds[i] >= 0)
            extra[count++] = (struct curl_waitfd){.fd = fds[i], .events = CURL_WAIT_POLLIN};
    }
    int running;
    curl_multi_perform(set->multi, &running);
    if (running > 0 || timeout_ms > 0)
        curl_multi_poll(set->multi, extra, count, (int)timeout_ms, NULL);
    curl_multi_perform(set->multi, &running);

    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(set->multi, &left)) != NULL) {
        struct transfer *transfer = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        finish(transfer, code);
    }
}
