#include "domain/notifications/notification_rules.h"
#include "core/i18n.h"
#include "core/text.h"
#include <ctype.h>
#include <string.h>

enum { E164_DIGITS_MIN = 7, E164_DIGITS_MAX = 15 };

const char *notification_icon(const char *category) {
    static const struct {
        const char *category, *icon;
    } icons[] = {
        {"leads", "target"},         {"messages", "message-square"}, {"work", "calendar"},
        {"money", "wallet"},         {"training", "graduation-cap"}, {"programme", "megaphone"},
        {"account", "shield-check"}, {"operations", "server-cog"}};
    for (size_t i = 0; i < sizeof icons / sizeof *icons; i++)
        if (text_equal(category, icons[i].category))
            return icons[i].icon;
    return "bell";
}

const char *notification_href(struct arena *arena, const char *href, const char *id) {
    int page = (int)strcspn(href, "#");
    bool has_query = memchr(href, '?', (size_t)page) != NULL;
    return arena_printf(arena, "%.*s%cn=%s%s", page, href, has_query ? '&' : '?', id, href + page);
}

const char *notification_back(const char *sent) {
    static const char list[] = "/notifications";
    char next = text_starts(sent, list) ? sent[strlen(list)] : '/';
    bool ours = next == '\0' || next == '?';
    return ours && !strchr(sent, '{') ? sent : list; /* {…} would be filled in */
}

const char *phone_e164(struct arena *arena, const char *typed) {
    char *number = arena_alloc(arena, strlen(typed) + 2);
    size_t size = 0;
    if (strchr(typed, '#')) /* no text message reaches an extension */
        return NULL;
    if (text_starts(typed, "00")) {
        number[size++] = '+';
        typed += 2;
    }
    for (; *typed; typed++)
        if (isdigit((unsigned char)*typed) || *typed == '+')
            number[size++] = *typed;
    number[size] = '\0';
    size_t digits = strspn(number + 1, "0123456789");
    bool whole = number[0] == '+' && number[1] != '0' && digits + 1 == size;
    return whole && digits >= E164_DIGITS_MIN && digits <= E164_DIGITS_MAX ? number : NULL;
}

const char *quiet_hours_problem(const char *from, const char *to) {
    if (!from && !to)
        return NULL;
    if (!from)
        return N_("Say when the quiet hours begin, or leave both empty.");
    if (!to)
        return N_("Say when the quiet hours end, or leave both empty.");
    return text_equal(from, to) ? N_("The quiet hours end when they begin. Choose another time, or "
                                     "leave both empty.")
                                : NULL;
}

bool channel_takes(enum channel channel, const char *value) {
    return text_equal(value, "now") || text_equal(value, "off") ||
           (channel == CHANNEL_EMAIL && text_equal(value, "digest"));
}
