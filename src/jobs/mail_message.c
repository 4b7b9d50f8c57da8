#include "jobs/mail_message.h"
#include "core/crypto.h"
#include "core/text.h"
#include "jobs/mail_encode.h"

enum { LOCAL_MAX = 64, ADDRESS_MAX = 254, LINK_MAX = 900 };

static const char atom[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~";
static const char host[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";

/* Words of these characters with single dots between. */
static bool is_dotted(const char *text, size_t size, const char *characters) {
    size_t at = 0;
    while (at < size) {
        size_t word = strspn(text + at, characters);
        if (word == 0 || word > size - at)
            return false;
        at += word;
        if (at == size)
            return true;
        if (text[at] != '.')
            return false;
        at++;
    }
    return false;
}

bool mail_address_fits(const char *address) {
    const char *at = address != NULL ? strrchr(address, '@') : NULL;
    if (at == NULL || strlen(address) > ADDRESS_MAX || at - address > LOCAL_MAX)
        return false;
    return is_dotted(address, (size_t)(at - address), atom) && is_dotted(at + 1, strlen(at + 1), host);
}

static bool is_link(const char *link) {
    if (strlen(link) > LINK_MAX || !(text_starts(link, "https://") || text_starts(link, "http://")))
        return false;
    for (const char *c = link; *c != '\0'; c++) {
        if (*c <= ' ' || (unsigned char)*c >= 0x7F || *c == '<' || *c == '>' || *c == ',')
            return false;
    }
    return true;
}

static bool all_fit(const struct mail_message *m) {
    return mail_address_fits(m->from) && mail_address_fits(m->to) && (text_blank(m->reply_to) || mail_address_fits(m->reply_to)) &&
           mail_address_fits(m->message_id) && (m->conversation == NULL || mail_address_fits(m->conversation)) &&
           (m->earlier == NULL || mail_address_fits(m->earlier)) && (m->unsubscribe == NULL || is_link(m->unsubscribe));
}

static void put_date(struct buf *out, time_t date) {
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm t;
    gmtime_r(&date, &t);
    buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[t.tm_wday], t.tm_mday, months[t.tm_mon], t.tm_year + 1900,
               t.tm_hour, t.tm_min, t.tm_sec);
}

static void put_conversation(struct buf *out, const struct mail_message *m) {
    if (m->conversation == NULL)
        return;
    buf_printf(out, "In-Reply-To: <%s>\r\nReferences: <%s>", m->earlier != NULL ? m->earlier : m->conversation, m->conversation);
    if (m->earlier != NULL)
        buf_printf(out, "\r\n <%s>", m->earlier);
    buf_puts(out, "\r\n");
}

static void put_head(struct buf *out, const struct mail_message *m) {
    put_date(out, m->date);
    mail_encode_address(out, "From", m->from_name, m->from);
    mail_encode_address(out, "To", m->to_name, m->to);
    if (!text_blank(m->reply_to))
        mail_encode_address(out, "Reply-To", NULL, m->reply_to);
    mail_encode_header(out, "Subject", m->subject != NULL ? m->subject : "");
    buf_printf(out, "Message-ID: <%s>\r\n", m->message_id);
    put_conversation(out, m);
    /* RFC 3834, and the same for Exchange: nobody's absence note is wanted */
    buf_puts(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
    if (m->unsubscribe != NULL)
        buf_printf(out, "List-Unsubscribe:\r\n <%s>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", m->unsubscribe);
    buf_puts(out, "MIME-Version: 1.0\r\n");
}

static void put_part(struct buf *out, const char *type, const char *text) {
    buf_printf(out, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", type);
    mail_encode_body(out, text);
}

/* In quoted-printable "=" is always followed by hex or a line end, so a boundary that begins with "=_" is in no part. */
static void make_boundary(const char *message_id, char out[40]) {
    uint8_t digest[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    crypto_sha256(message_id, strlen(message_id), digest);
    crypto_hex(digest, sizeof digest, hex);
    snprintf(out, 40, "=_%.24s", hex);
}

enum err mail_message_write(const struct mail_message *m, struct buf *head, struct buf *out) {
    char boundary[40];
    if (!all_fit(m))
        return ERR_INVALID;
    put_head(head, m);
    buf_append(out, buf_text(head), head->len);
    if (m->html == NULL) {
        put_part(out, "plain", m->text);
        return buf_overflowed(out) ? ERR_TOO_LARGE : OK;
    }
    make_boundary(m->message_id, boundary);
    buf_printf(out, "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary);
    put_part(out, "plain", m->text);
    buf_printf(out, "\r\n--%s\r\n", boundary);
    put_part(out, "html", m->html);
    buf_printf(out, "\r\n--%s--\r\n", boundary);
    return buf_overflowed(out) ? ERR_TOO_LARGE : OK;
}
