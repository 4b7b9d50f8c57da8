#include "jobs/mail_reply.h"
#include "core/text.h"

/* The subject and detail of an enhanced code behind the reply's number, e.g. "1.1" of "550 5.1.1 no such user"; "" for none. */
static const char *enhanced(const char *reply) {
    if (strlen(reply) < 9 || (reply[3] != ' ' && reply[3] != '-'))
        return "";
    const char *at = reply + 4;
    bool code = (*at == '4' || *at == '5') && at[1] == '.' && at[2] >= '0' && at[2] <= '9';
    return code ? at + 2 : "";
}

static bool is_code(const char *code, const char *wanted) {
    size_t size = strlen(wanted);
    return text_starts(code, wanted) && (code[size] < '0' || code[size] > '9') && code[size] != '.';
}

/* Bad mailbox, bad domain, bad syntax, moved, takes no mail, and a mailbox that is disabled. Not 5.1.7 and 5.1.8, which are
 * about the sender, and not 5.2.2, which is a full one. */
static bool is_about_address(const struct transfer_result *result) {
    static const char *const codes[] = {"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"};
    const char *code = enhanced(result->body);
    if (*code == '\0')
        return result->status == 550 || result->status == 551 || result->status == 553;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (is_code(code, codes[i]))
            return true;
    }
    return false;
}

enum mail_verdict mail_judge(const struct transfer_result *result) {
    if (!result->answered)
        return result->reached ? MAIL_AGAIN : MAIL_RELAY_AWAY;
    if (result->status < 400)
        return MAIL_TAKEN;
    bool forever = result->status >= 500;
    switch (result->stage) {
    case SMTP_SESSION:
        return MAIL_RELAY_AWAY;
    case SMTP_SENDER: /* too large is said here, too; anything else is about who we are */
        return result->status == 552 || is_code(enhanced(result->body), "3.4") ? MAIL_REFUSED : MAIL_RELAY_AWAY;
    case SMTP_TO:
        return !forever ? MAIL_AGAIN : is_about_address(result) ? MAIL_NO_ADDRESS : MAIL_REFUSED;
    case SMTP_MESSAGE:
        break;
    }
    return forever ? MAIL_REFUSED : MAIL_AGAIN;
}

const char *mail_without_addresses(struct arena *arena, const char *text) {
    static const char blank[] = " \t\r\n", ellipsis[] = "…";
    char *out = arena_alloc(arena, 3 * strlen(text) + 1), *end = out;
    while (*text != '\0') {
        size_t blanks = strspn(text, blank), size = strcspn(text + blanks, blank);
        bool address = memchr(text + blanks, '@', size) != NULL;
        memcpy(end, text, blanks);
        end += blanks;
        memcpy(end, address ? ellipsis : text + blanks, address ? sizeof ellipsis - 1 : size);
        end += address ? sizeof ellipsis - 1 : size;
        text += blanks + size;
    }
    *end = '\0';
    return out;
}

const char *mail_reply_text(struct arena *arena, const struct transfer_result *result) {
    return mail_without_addresses(arena, result->answered ? result->body : result->error);
}
