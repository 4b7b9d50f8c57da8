#include "tests/support/one_portal.h"
#include "core/buf.h"
#include "tests/support/unit.h"
#include "tests/support/workday.h"

struct site_portal *portal;

int open_portal(void **state) {
    (void)state;
    portal = site_open();
    return 0;
}

int close_portal(void **state) {
    (void)state;
    site_close(portal);
    return 0;
}

int restore(void **state) {
    (void)state;
    site_restore(portal);
    return 0;
}

int open_portal_and_day(void **state) {
    open_portal(state);
    workday_open(portal);
    return 0;
}

int close_portal_and_day(void **state) {
    workday_close();
    return close_portal(state);
}

int restore_and_clean(void **state) {
    restore(state);
    workday_clean();
    return 0;
}

void assert_value(const char *expected, const char *query) {
    const char *value = site_value(portal, "%s", query);
    assert_string_equal(value ? value : "(null)", expected);
}

struct site_answer *posted(enum site_who who, const char *path, const char *form, int status) {
    struct site_answer *answer = SITE_POST(portal, who, path, form);
    if (answer->status != status)
        fail_msg("POST %s %s: %d and not %d\n%.3000s", path, form, answer->status, status,
                 answer->body);
    return answer;
}

struct site_answer *send_parts(enum site_who who, const char *path, const char *accept,
                               const struct part *parts) {
    struct buf body;
    buf_init(&body, 32 << 20);
    buf_printf(&body, "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n",
               site_csrf(portal, site_session(portal, who)));
    for (const struct part *p = parts; p->field; p++) {
        buf_printf(&body, "--b\r\nContent-Disposition: form-data; name=\"%s\"", p->field);
        if (p->filename)
            buf_printf(&body, "; filename=\"%s\"\r\nContent-Type: image/png", p->filename);
        buf_puts(&body, "\r\n\r\n");
        buf_append(&body, p->data, p->size || !p->data ? p->size : strlen(p->data));
        buf_puts(&body, "\r\n");
    }
    buf_puts(&body, "--b--\r\n");
    assert_false(buf_overflowed(&body));
    struct site_answer *answer =
        SITE_ASK(portal, .who = who, .path = path, .body = body.data, .body_size = body.len,
                 .type = "multipart/form-data; boundary=b", .accept = accept);
    buf_free(&body);
    return answer;
}
