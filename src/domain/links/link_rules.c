#include "domain/links/link_rules.h"

#include "core/buf.h"
#include "core/i18n.h"
#include "core/text.h"
#include "http/field_clean.h"
#include "http/form_data.h"

enum { URL_MAX = 32 * 1024 /* bytes */, DAY_SECONDS = 86400 };

/* ── Codes ── */

/* What a visitor would take for the portal's own, and what may stand beside /r/ one day. */
static const char *const reserved[] = {
    "account",  "admin",     "administrator", "api",       "app",       "apply",
    "assets",   "auth",      "billing",       "client",    "confirm",   "consent",
    "css",      "dashboard", "events",        "favicon",   "files",     "form",
    "healthz",  "help",      "home",          "index",     "internal",  "js",
    "lead",     "leads",     "legal",         "link",      "links",     "login",
    "logout",   "mail",      "metrics",       "new",       "null",      "office",
    "official", "opt-out",   "partner",       "partners",  "password",  "pay",
    "payment",  "payout",    "privacy",       "programme", "protected", "public",
    "qr",       "refer",     "referral",      "reset",     "robots",    "root",
    "search",   "secure",    "security",      "settings",  "sign-in",   "sign-up",
    "staff",    "static",    "status",        "support",   "system",    "team",
    "terms",    "tessera",   "test",          "training",  "undefined", "unsubscribe",
    "upload",   "verify",    "webhook",       "www",
};

static char small(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void alias_fold(const char *typed, char *out) {
    for (; *typed != '\0'; typed++)
        *out++ = *typed == ' ' || *typed == '_' ? '-' : small(*typed);
    *out = '\0';
}

void code_skeleton(const char *code, char out[CODE_SIZE]) {
    static const char from[] = "01i258", to[] = "ollzsb";
    size_t size = 0;
    for (; *code != '\0' && size < CODE_MAX; code++) {
        const char *alike = strchr(from, *code);
        if (*code != '-')
            out[size++] = alike != NULL ? to[alike - from] : *code;
    }
    out[size] = '\0';
    static const struct {
        const char *pair;
        char one;
    } pairs[] = {{"rn", 'm'}, {"vv", 'w'}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (char *at = out; (at = strstr(at, pairs[i].pair)) != NULL; at++) {
            *at = pairs[i].one;
            memmove(at + 1, at + 2, strlen(at + 2) + 1);
        }
}

static bool looks_reserved(const char *code) {
    char skeleton[CODE_SIZE], word[CODE_SIZE];
    code_skeleton(code, skeleton);
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        code_skeleton(reserved[i], word);
        if (strcmp(skeleton, word) == 0)
            return true;
    }
    return false;
}

enum alias_verdict alias_judge(const char *code) {
    size_t size = strlen(code);
    if (code[strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
        return ALIAS_LETTERS;
    if (size < CODE_MIN || size > CODE_MAX)
        return ALIAS_LENGTH;
    if (code[0] == '-' || code[size - 1] == '-' || strstr(code, "--") != NULL)
        return ALIAS_HYPHENS;
    return looks_reserved(code) ? ALIAS_RESERVED : ALIAS_FINE;
}

const char *alias_sentence(enum alias_verdict verdict) {
    switch (verdict) {
    case ALIAS_LENGTH:
        return N_("Use 3 to 40 characters.");
    case ALIAS_LETTERS:
        return N_("Use only the letters a to z, digits and hyphens.");
    case ALIAS_HYPHENS:
        return N_("Put hyphens between words, one at a time.");
    case ALIAS_RESERVED:
        return N_(
            "This word, or one that looks like it, is the portal's own. Add something to it.");
    case ALIAS_FINE:
        break;
    }
    return NULL;
}

/* Reserved words are no codes of anybody's, so nothing is lost by looking for them. */
bool code_read(const char *text, char out[CODE_SIZE]) {
    if (strlen(text) > CODE_MAX)
        return false;
    alias_fold(text, out);
    enum alias_verdict verdict = alias_judge(out);
    return verdict == ALIAS_FINE || verdict == ALIAS_RESERVED;
}

/* Neither vowels, so that no words come about, nor anything that looks like something else. */
void code_make(const uint8_t random[CODE_RANDOM], char out[CODE_RANDOM + 1]) {
    static const char alphabet[] = "bcdfghjkmpqrtwxyz34679";
    for (size_t i = 0; i < CODE_RANDOM; i++)
        out[i] = alphabet[random[i] % (sizeof alphabet - 1)];
    out[CODE_RANDOM] = '\0';
}

/* ── Addresses ── */

const char *const utm_names[UTM_NAMES] = {
    "utm_source",          "utm_medium", "utm_campaign",        "utm_term",
    "utm_content",         "utm_id",     "utm_source_platform", "utm_creative_format",
    "utm_marketing_tactic"};

/* Is name a parameter of the query from at to end? */
static bool query_has(const char *at, const char *end, const char *name) {
    size_t size = strlen(name);
    while (at < end) {
        size_t left = (size_t)(end - at), pair = strcspn(at, "&#");
        if (left > size && strncmp(at, name, size) == 0 && (at[size] == '=' || at[size] == '&'))
            return true;
        at += pair < left ? pair + 1 : left;
    }
    return false;
}

const char *utm_url(struct arena *arena, const char *base, const char *const values[UTM_NAMES]) {
    const char *ascii = percent_encode_except(arena, base, "/?#[]@!$&'()*+,;=:%");
    const char *fragment = ascii + strcspn(ascii, "#");
    const char *query = memchr(ascii, '?', (size_t)(fragment - ascii));
    const char *separator = query == NULL                                  ? "?"
                            : query + 1 == fragment || fragment[-1] == '&' ? ""
                                                                           : "&";
    query = query != NULL ? query + 1 : fragment;
    struct buf url;
    buf_init(&url, URL_MAX);
    buf_append(&url, ascii, (size_t)(fragment - ascii));
    for (size_t i = 0; i < UTM_NAMES; i++) {
        if (text_blank(values[i]) || query_has(query, fragment, utm_names[i]))
            continue;
        buf_printf(&url, "%s%s=%s", separator, utm_names[i], percent_encode(arena, values[i]));
        separator = "&";
    }
    buf_puts(&url, fragment);
    const char *text = arena_strdup(arena, buf_text(&url));
    buf_free(&url);
    return text;
}

const char *utm_slug(struct arena *arena, const char *text) {
    char *slug = arena_strdup(arena, text), *out = slug;
    for (const char *c = text; *c != '\0'; c++) {
        char letter = small(*c);
        bool word = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
        if (word)
            *out++ = letter;
        else if (out > slug && out[-1] != '-')
            *out++ = '-';
    }
    while (out > slug && out[-1] == '-')
        out--;
    *out = '\0';
    return *slug != '\0' ? slug : "referral";
}

const char *link_destination(struct arena *arena, const char *target, const char *form_type,
                             const char *landing_url, const char *code,
                             const char *const utm[UTM_NAMES]) {
    if (text_equal(target, "form"))
        return utm_url(arena, arena_printf(arena, "/refer/%s?code=%s", form_type, code), utm);
    return utm_url(arena, text_equal(target, "landing") ? landing_url : "/", utm);
}

const char *site_clean(struct arena *arena, const char *line, const char **why) {
    struct complaint complaint = {.message = NULL};
    const char *url = clean_url(arena, line, &complaint);
    if (url == NULL) {
        *why = complaint.message;
        return NULL;
    }
    if (url[strcspn(url, "?#")] != '\0') {
        *why =
            N_("Leave out what stands behind “?” or “#”: every address below the site is allowed.");
        return NULL;
    }
    char *site = percent_encode_except(arena, url, "/[]@!$&'()*+,;=:%");
    for (size_t size = strlen(site); size > 0 && site[size - 1] == '/'; size--)
        site[size - 1] = '\0';
    return site;
}

const char *sites_clean(struct arena *arena, const char *text, const char **why,
                        const char **line) {
    struct buf sites;
    buf_init(&sites, (size_t)SITES_MAX * URL_MAX);
    size_t count = 0;
    bool fine = true;
    while (fine && text != NULL && *text != '\0') {
        size_t size = strcspn(text, "\r\n");
        char *one = text_trim(arena_strndup(arena, text, size));
        text += size + strspn(text + size, "\r\n");
        if (*one == '\0')
            continue;
        const char *site = site_clean(arena, one, why);
        if (site != NULL && ++count > SITES_MAX) {
            *why = N_("Fifty sites are the most. Name a folder above several of them instead.");
            site = NULL;
        }
        fine = site != NULL;
        if (fine)
            buf_printf(&sites, "%s%s", sites.len > 0 ? "\n" : "", site);
        else
            *line = one;
    }
    const char *all = fine ? arena_strdup(arena, buf_text(&sites)) : NULL;
    buf_free(&sites);
    return all;
}

/* A segment "." or "..", also where its dots are written as %2e. */
static bool is_dots(const char *segment, size_t size) {
    size_t dots = 0, at = 0;
    while (at < size && dots < 3) {
        bool encoded = size - at >= 3 && segment[at] == '%' && segment[at + 1] == '2' &&
                       (segment[at + 2] == 'e' || segment[at + 2] == 'E');
        if (segment[at] != '.' && !encoded)
            return false;
        at += encoded ? 3 : 1;
        dots++;
    }
    return dots == 1 || dots == 2;
}

static bool climbs(const char *path) {
    while (*path == '/') {
        size_t size = strcspn(path + 1, "/?#");
        if (is_dots(path + 1, size))
            return true;
        path += 1 + size;
    }
    return false;
}

bool site_has(const char *site, const char *url) {
    size_t size = strlen(site);
    if (size == 0 || strncmp(url, site, size) != 0 || strchr("/?#", url[size]) == NULL)
        return false;
    const char *host = strstr(url, "://");
    return host != NULL && !climbs(host + 3 + strcspn(host + 3, "/?#"));
}

/* ── Days ── */

static time_t day_read(const char *day) {
    struct tm tm = {.tm_year = 0};
    return day != NULL && strptime(day, "%Y-%m-%d", &tm) != NULL ? timegm(&tm) : 0;
}

static void day_write(time_t at, char out[RANGE_DAY_SIZE]) {
    struct tm tm;
    gmtime_r(&at, &tm);
    strftime(out, RANGE_DAY_SIZE, "%Y-%m-%d", &tm);
}

void link_range_make(const char *from, const char *to, time_t now, struct link_range *out) {
    time_t end = to != NULL ? day_read(to) : now / DAY_SECONDS * DAY_SECONDS;
    time_t begin = from != NULL ? day_read(from) : end - (RANGE_DAYS - 1) * DAY_SECONDS;
    if (begin > end) {
        time_t other = begin;
        begin = end;
        end = other;
    }
    out->days = (int)((end - begin) / DAY_SECONDS) + 1;
    if (out->days > RANGE_DAYS_MAX) {
        out->days = RANGE_DAYS_MAX;
        begin = end - (RANGE_DAYS_MAX - 1) * DAY_SECONDS;
    }
    day_write(begin, out->from);
    day_write(end, out->to);
    out->bucket = out->days <= 45 ? "day" : out->days <= 200 ? "week" : "month";
}
