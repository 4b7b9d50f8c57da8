#include "domain/cards/card_rules.h"
#include "core/text.h"
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 160 /* bytes; what a line has beyond is left out */, NAME_BYTES = 100 };

/* What a line turned out to be. */
enum part { UNKNOWN, EMAIL, PHONE, FAX, WEBSITE, TITLE, COMPANY, ADDRESS, NAME };

struct line {
    const char *text; /* trimmed, blanks single */
    enum part part;
};
struct lines {
    struct line items[CARD_LINES_MAX];
    size_t count;
};

/* ── Words ── */

static bool is_letter(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

static bool is_digit(unsigned char c) {
    return c >= '0' && c <= '9';
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t count_digits(const char *text) {
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += is_digit((unsigned char)*text);
    return n;
}

/* Whether one of the words (blanks around each, lower case) stands in the text as a word. */
static bool has_word(const char *text, const char *words) {
    char word[32] = " ";
    size_t size = 1;
    for (;; text++) {
        if (is_letter((unsigned char)*text) || (*text == '.' && size > 1 && is_letter((unsigned char)text[1]))) {
            if (*text != '.' && size + 2 < sizeof word)
                word[size++] = lower(*text);
            continue;
        }
        word[size] = ' ';
        word[size + 1] = '\0';
        if (size > 1 && strstr(words, word) != NULL)
            return true;
        size = 1;
        if (*text == '\0')
            return false;
    }
}

static const char title_words[] =
    " manager director head chief officer ceo cfo cto coo president partner founder cofounder owner consultant agent broker "
    "advisor adviser executive engineer architect lawyer attorney solicitor accountant analyst associate assistant specialist "
    "representative lead principal secretary chairman chairwoman developer designer sales marketing realtor banker ";
static const char company_words[] =
    " llc ltd limited inc corp corporation gmbh ag sa plc llp pvt pte fze fzco dmcc company co group holding holdings realty realtors "
    "properties property estate estates homes developments developers bank partners associates capital ventures consultancy "
    "consulting solutions services agency brokers brokerage studio industries international trading investments ";
static const char address_words[] =
    " street st road rd avenue ave boulevard blvd lane floor suite office tower building block box p.o po pobox district sector plot "
    "villa marina bay dubai abu dhabi sharjah singapore mumbai delhi bangalore bengaluru pune chennai london uae india unit level near opp "
    "nagar marg strasse platz ";

/* ── Lines ── */

/* The first bytes of a text, without a part of a character at the end. */
static size_t cut_at(const char *text, size_t most) {
    size_t size = strnlen(text, most + 1);
    if (size <= most)
        return size;
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    return most;
}

/* One line without blanks at its ends and with single ones inside; marks that stand for lines and icons are blanks. */
static const char *clean_line(struct arena *arena, const char *text, size_t size) {
    char *out = arena_alloc(arena, size + 1);
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool blank = c <= ' ' || c == '|' || c == '~' || c == '*' || c == '=' || c == '<' || c == '>' || c == 0x7F;
        if (!blank)
            out[length++] = (char)c;
        else if (length > 0 && out[length - 1] != ' ')
            out[length++] = ' ';
    }
    while (length > 0 && (out[length - 1] == ' ' || out[length - 1] == ',' || out[length - 1] == '-'))
        length--;
    out[length] = '\0';
    out[cut_at(out, LINE_BYTES)] = '\0';
    return out;
}

static void split_lines(struct arena *arena, const char *text, struct lines *lines) {
    size_t left = cut_at(text, CARD_TEXT_MAX);
    lines->count = 0;
    while (left > 0 && lines->count < CARD_LINES_MAX) {
        size_t size = strcspn(text, "\n\f\r");
        if (size > left)
            size = left;
        const char *clean = clean_line(arena, text, size);
        if (*clean != '\0')
            lines->items[lines->count++] = (struct line){clean, UNKNOWN};
        size += size < left;
        text += size;
        left -= size;
    }
}

/* ── Mail addresses ── */

static bool in_local(char c) {
    return is_digit((unsigned char)c) || (lower(c) >= 'a' && lower(c) <= 'z') || (c != '\0' && strchr("._%+-", c) != NULL);
}

static bool in_domain(char c) {
    return is_digit((unsigned char)c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '.' || c == '-';
}

/* A last part of two letters or more after a dot, and none of the parts empty. */
static bool domain_fine(const char *domain, size_t size) {
    size_t dot = size;
    for (size_t i = 0; i < size; i++) {
        if (domain[i] == '.') {
            if (i == 0 || (i > 0 && domain[i - 1] == '.'))
                return false;
            dot = i;
        }
    }
    if (dot + 2 >= size)
        return false;
    for (size_t i = dot + 1; i < size; i++)
        if (!is_letter((unsigned char)domain[i]))
            return false;
    return true;
}

/* A photo loses dots: "layla@harbour example" has one again, where the last word could only be what follows it. host: where the
 * domain begins. */
static const char *with_lost_dot(struct arena *arena, const char *line, const char *host) {
    size_t size = strcspn(host, " ");
    const char *last = host + size + (host[size] == ' ');
    size_t letters = strspn(last, "abcdefghijklmnopqrstuvwxyz");
    bool lost = size > 0 && memchr(host, '.', size) == NULL && host[size] == ' ' && letters >= 2 && last[letters] == '\0';
    return lost ? arena_printf(arena, "%.*s.%s", (int)(host + size - line), line, last) : line;
}

static char *lowered(struct arena *arena, const char *text, size_t size) {
    char *out = arena_strndup(arena, text, size);
    for (char *c = out; *c != '\0'; c++)
        *c = lower(*c);
    return out;
}

/* The address around an @; blanks that were read beside it are closed. NULL: there is none. */
static const char *find_email(struct arena *arena, const char *line) {
    char *tight = arena_strdup(arena, line);
    size_t size = 0;
    for (const char *c = line; *c != '\0'; c++) {
        bool beside = *c == ' ' && (c[1] == '@' || (c > line && c[-1] == '@'));
        if (!beside)
            tight[size++] = *c;
    }
    tight[size] = '\0';
    const char *mark = strchr(tight, '@');
    const char *whole = mark != NULL ? with_lost_dot(arena, tight, mark + 1) : tight;
    for (const char *at = strchr(whole, '@'); at != NULL; at = strchr(at + 1, '@')) {
        const char *from = at, *to = at + 1;
        while (from > whole && in_local(from[-1]))
            from--;
        while (in_domain(*to))
            to++;
        while (to > at + 1 && (to[-1] == '.' || to[-1] == '-'))
            to--;
        while (from < at && strchr("._%+-", *from) != NULL)
            from++;
        if (from < at && domain_fine(at + 1, (size_t)(to - at - 1)))
            return lowered(arena, from, (size_t)(to - from));
    }
    return NULL;
}

/* ── Phone numbers ── */

/* The longest run that could be one: 7 to 15 digits, with what stands between them. */
static const char *find_phone(struct arena *arena, const char *line) {
    const char *best = NULL;
    size_t best_size = 0;
    for (const char *c = line; *c != '\0';) {
        size_t size = strspn(c, "+0123456789 ()-./");
        if (size == 0) {
            c++;
            continue;
        }
        size_t digits = 0, end = 0;
        for (size_t i = 0; i < size; i++)
            if (is_digit((unsigned char)c[i])) {
                digits++;
                end = i + 1;
            }
        const char *from = c + strspn(c, " )-./");
        if (digits >= 7 && digits <= 15 && end > best_size && from < c + end) {
            best = from;
            best_size = (size_t)(c + end - from);
        }
        c += size;
    }
    return best != NULL ? arena_strndup(arena, best, best_size) : NULL;
}

/* How good a number is for reaching somebody: a mobile one first, a fax last. */
static int phone_worth(const char *line) {
    static const char mobile[] = " mobile mob cell m cellphone handy whatsapp ", fax[] = " fax f ";
    if (has_word(line, fax) && !has_word(line, mobile))
        return 0;
    return has_word(line, mobile) ? 3 : strchr(line, '+') != NULL ? 2 : 1;
}

/* ── Web addresses ── */

static const char *find_website(struct arena *arena, const char *line) {
    if (strncasecmp(line, "www.", 4) == 0)
        line = with_lost_dot(arena, line, line + 4);
    for (const char *c = line; *c != '\0'; c++) {
        if (c > line && c[-1] != ' ' && c[-1] != ':')
            continue;
        size_t scheme = strncasecmp(c, "https://", 8) == 0 ? 8 : strncasecmp(c, "http://", 7) == 0 ? 7 : 0;
        bool www = strncasecmp(c + scheme, "www.", 4) == 0;
        if (scheme == 0 && !www)
            continue;
        size_t size = 0;
        while (in_domain(c[scheme + size]))
            size++;
        while (size > 0 && c[scheme + size - 1] == '.')
            size--;
        if (domain_fine(c + scheme, size))
            return lowered(arena, c + scheme, size);
    }
    return NULL;
}

/* ── Names ── */

/* Two to four words, each of letters and beginning with a capital (or a letter that has none). */
static bool looks_like_name(const char *line) {
    size_t words = 0;
    for (const char *c = line; *c != '\0';) {
        size_t size = strcspn(c, " ");
        bool capital = (*c >= 'A' && *c <= 'Z') || (unsigned char)*c >= 0x80;
        bool particle = size <= 3 && !capital; /* al, bin, van, de */
        if (!capital && !particle)
            return false;
        for (size_t i = 0; i < size; i++)
            if (!is_letter((unsigned char)c[i]) && strchr(".'-", c[i]) == NULL)
                return false;
        words++;
        c += size + (c[size] == ' ');
    }
    return words >= 2 && words <= 4 && strlen(line) >= 5 && strlen(line) <= NAME_BYTES;
}

/* Whether the mail address's front part is made of words of the line ("layla.haddad", "lhaddad"). */
static bool belongs_to_email(const char *line, const char *email) {
    if (email == NULL)
        return false;
    char local[64];
    size_t size = strcspn(email, "@"), length = 0;
    for (size_t i = 0; i < size && length + 1 < sizeof local; i++)
        if (is_letter((unsigned char)email[i]))
            local[length++] = lower(email[i]);
    local[length] = '\0';
    for (const char *c = line; *c != '\0';) {
        char word[40];
        size_t letters = 0, step = strcspn(c, " ");
        for (size_t i = 0; i < step && letters + 1 < sizeof word; i++)
            word[letters++] = lower(c[i]);
        word[letters] = '\0';
        if (letters >= 3 && strstr(local, word) != NULL)
            return true;
        c += step + (c[step] == ' ');
    }
    return false;
}

/* ── The card ── */

static void mark_plain(struct arena *arena, struct lines *lines, struct card *card) {
    int worth = -1;
    for (size_t i = 0; i < lines->count; i++) {
        struct line *line = &lines->items[i];
        const char *email = find_email(arena, line->text), *website = NULL, *phone = NULL;
        if (email != NULL)
            line->part = EMAIL;
        else if ((website = find_website(arena, line->text)) != NULL)
            line->part = WEBSITE;
        phone = email == NULL && website == NULL ? find_phone(arena, line->text) : NULL;
        if (card->email == NULL)
            card->email = email;
        if (card->website == NULL)
            card->website = website;
        if (phone == NULL || (strlen(phone) < 7))
            continue;
        int this_worth = phone_worth(line->text);
        line->part = this_worth == 0 ? FAX : PHONE;
        if (this_worth > worth && this_worth > 0) {
            card->phone = phone;
            worth = this_worth;
        }
    }
}

static void mark_words(struct lines *lines) {
    for (size_t i = 0; i < lines->count; i++) {
        struct line *line = &lines->items[i];
        if (line->part != UNKNOWN)
            continue;
        if (has_word(line->text, company_words) && !has_word(line->text, title_words))
            line->part = COMPANY;
        else if (has_word(line->text, title_words))
            line->part = has_word(line->text, " llc ltd limited inc gmbh pvt pte plc llp fze dmcc ") ? COMPANY : TITLE;
        else if (count_digits(line->text) > 0 || has_word(line->text, address_words))
            line->part = ADDRESS;
    }
}

static struct line *best_name(struct lines *lines, const char *email) {
    struct line *first = NULL;
    for (size_t i = 0; i < lines->count; i++) {
        struct line *line = &lines->items[i];
        if (line->part != UNKNOWN || !looks_like_name(line->text))
            continue;
        if (belongs_to_email(line->text, email))
            return line;
        if (first == NULL)
            first = line;
    }
    return first;
}

static const char *first_of(const struct lines *lines, enum part part) {
    for (size_t i = 0; i < lines->count; i++)
        if (lines->items[i].part == part)
            return lines->items[i].text;
    return NULL;
}

/* Up to three lines of an address, with commas between. */
static const char *joined_address(struct arena *arena, const struct lines *lines) {
    const char *joined = NULL;
    size_t taken = 0;
    for (size_t i = 0; i < lines->count && taken < 3; i++) {
        if (lines->items[i].part != ADDRESS || strlen(lines->items[i].text) < 5)
            continue;
        joined = joined == NULL ? lines->items[i].text : arena_printf(arena, "%s, %s", joined, lines->items[i].text);
        taken++;
    }
    return joined;
}

struct card card_of_text(struct arena *arena, const char *text) {
    struct card card = {.name = NULL};
    struct lines *lines = arena_alloc(arena, sizeof *lines);
    split_lines(arena, text, lines);
    mark_plain(arena, lines, &card);
    mark_words(lines);
    struct line *name = best_name(lines, card.email);
    if (name != NULL) {
        name->part = NAME;
        card.name = name->text;
    }
    card.title = first_of(lines, TITLE);
    card.company = first_of(lines, COMPANY);
    card.address = joined_address(arena, lines);
    return card;
}

bool card_useful(const struct card *card) {
    return card->name != NULL || card->email != NULL || card->phone != NULL || card->company != NULL;
}
