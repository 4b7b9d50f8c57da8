#include "core/i18n.h"
#include "core/text.h"
#include "http/field_clean.h"
#include <arpa/inet.h>
#include <strings.h>

enum { LABEL_MAX = 63, PHONE_DIGITS_MIN = 5, PHONE_DIGITS_MAX = 20, EXTENSION_MAX = 6, PORT_MAX = 65535 };

static bool is_alnum(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static char *lower_ascii(char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] >= 'A' && text[i] <= 'Z')
            text[i] = (char)(text[i] - 'A' + 'a');
    }
    return text;
}

/* Labels of letters, digits and inner hyphens, joined by dots; wide: other letters than ASCII's,
 * too. */
static bool is_host(const char *host, size_t size, bool wide) {
    size_t start = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && host[i] != '.') {
            if (!is_alnum(host[i]) && host[i] != '-' && !(wide && (unsigned char)host[i] >= 0x80))
                return false;
            continue;
        }
        if (i == start || i - start > LABEL_MAX || host[start] == '-' || host[i - 1] == '-')
            return false;
        start = i + 1;
    }
    return true;
}

const char *clean_email(struct arena *arena, const char *text, struct complaint *complaint) {
    size_t local = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                ".!#$%&'*+/=?^_`{|}~-");
    if (local == 0 || text[local] != '@' ||
        !is_host(text + local + 1, strlen(text + local + 1), false)) {
        complaint->message =
            N_("“{value}” is not an email address. Write it like name@company.example.");
        return NULL;
    }
    char *email = arena_strdup(arena, text);
    lower_ascii(email + local, strlen(email + local));
    return email;
}

/* Digits as Arabic, Persian, Hindi and wide Japanese keyboards write them, as everybody dials them. */
static char *plain_digits(struct arena *arena, const char *text) {
    static const struct {
        const char *lead; /* the first bytes of each in UTF-8 */
        unsigned char zero;
    } scripts[] = {{"\xd9", 0xa0}, {"\xdb", 0xb0}, {"\xe0\xa5", 0xa6}, {"\xef\xbc", 0x90}};
    char *out = arena_alloc(arena, strlen(text) + 1), *to = out;
    while (*text != '\0') {
        size_t taken = 1;
        char digit = *text;
        for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
            size_t lead = strlen(scripts[i].lead);
            if (strncmp(text, scripts[i].lead, lead) != 0)
                continue;
            unsigned char last = (unsigned char)text[lead];
            if (last < scripts[i].zero || last > scripts[i].zero + 9)
                continue;
            digit = (char)('0' + (last - scripts[i].zero));
            taken = lead + 1;
        }
        *to++ = digit;
        text += taken;
    }
    *to = '\0';
    return out;
}

/* Where an extension ("ext. 9", "x9", "#9") begins, and its digits; false when there is none. */
static bool find_extension(const char *text, size_t *start, size_t *digits) {
    static const char *const words[] = {"extension", "ext", "x", "#"};
    size_t end = strlen(text), mark;
    for (*digits = end; *digits > 0 && text[*digits - 1] >= '0' && text[*digits - 1] <= '9';)
        (*digits)--;
    if (*digits == end || end - *digits > EXTENSION_MAX)
        return false;
    for (mark = *digits; mark > 0 && strchr(" .:", text[mark - 1]) != NULL;)
        mark--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t size = strlen(words[i]);
        if (mark < size || strncasecmp(text + mark - size, words[i], size) != 0)
            continue;
        for (*start = mark - size; *start > 0 && text[*start - 1] == ' ';)
            (*start)--;
        return true;
    }
    return false;
}

const char *clean_phone(struct arena *arena, const char *text, struct complaint *complaint) {
    char *number = plain_digits(arena, text);
    const char *extension = NULL;
    size_t digits = 0, start, first;
    if (find_extension(number, &start, &first)) {
        /* a telephone that is handed "#9" behind a number dials the number alone */
        const char *sign = first - start > 1 ? " #" : "#";
        extension = arena_printf(arena, "%s%s", sign, number + first);
        number[start] = '\0';
    }
    bool plausible = strspn(number, "0123456789 +()-./") == strlen(number);
    for (const char *at = number; *at != '\0'; at++)
        digits += *at >= '0' && *at <= '9';
    const char *plus = strrchr(number, '+');
    if (plus != NULL && strcspn(number, "0123456789+") != (size_t)(plus - number))
        plausible = false;
    if (!plausible) {
        complaint->message =
            N_("“{value}” is not a phone number. Write digits, like +971 50 123 4567.");
        return NULL;
    }
    if (digits < PHONE_DIGITS_MIN) {
        complaint->message =
            N_("“{value}” is too short for a phone number. Write it with its area or "
               "country code, like +971 50 123 4567.");
        return NULL;
    }
    if (digits > PHONE_DIGITS_MAX) {
        complaint->message = N_("“{value}” is too long for a phone number. Write one number only.");
        return NULL;
    }
    return extension != NULL ? arena_printf(arena, "%s%s", number, extension) : number;
}

/* Size of the host at the start of authority, with ":port" checked behind it; 0 when it is none. */
static size_t host_size(struct arena *arena, const char *authority, size_t size) {
    size_t host = 0;
    if (authority[0] == '[') {
        const char *close = memchr(authority, ']', size);
        unsigned char address[sizeof(struct in6_addr)];
        if (close == NULL)
            return 0;
        host = (size_t)(close - authority) + 1;
        if (inet_pton(AF_INET6, arena_strndup(arena, authority + 1, host - 2), address) != 1)
            return 0;
    } else {
        const char *colon = memchr(authority, ':', size);
        host = colon != NULL ? (size_t)(colon - authority) : size;
        if (!is_host(authority, host, true))
            return 0;
    }
    if (host == size)
        return host;
    long port = 0;
    const char *digits = arena_strndup(arena, authority + host + 1, size - host - 1);
    return authority[host] == ':' && text_to_long(digits, 1, PORT_MAX, &port) ? host : 0;
}

static bool has_unsafe(const char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= 0x20 || strchr("\x7F\"<>\\^`{|}", *text) != NULL)
            return true;
    }
    return false;
}

const char *clean_url(struct arena *arena, const char *text, struct complaint *complaint) {
    char *url = arena_strdup(arena, text);
    size_t scheme = strcspn(url, ":/?#");
    lower_ascii(url, scheme);
    if (!text_starts(url, "http://") && !text_starts(url, "https://")) {
        complaint->message = N_("“{value}” is not a whole web address. Start it with https://.");
        return NULL;
    }
    char *authority = url + scheme + 3;
    size_t size = strcspn(authority, "/?#");
    if (memchr(authority, '@', size) != NULL) {
        complaint->message = N_("Write the web address without a user name or password in it.");
        return NULL;
    }
    size_t host = has_unsafe(url) ? 0 : host_size(arena, authority, size);
    if (host == 0) {
        complaint->message =
            N_("“{value}” is not a web address. Write it like https://www.company.example.");
        return NULL;
    }
    lower_ascii(authority, host);
    return url;
}
