#include "domain/imports/import_header_rules.h"

#include "core/text.h"
#include <string.h>

/* What columns are called, by field; "" is what is not the client's, or not for us to take over. */
static const struct meaning {
    const char *field;
    bool part;         /* of what the field holds: the others go into it, too */
    /* Plain, with | between them. A ^ before those that say nothing behind others: the size of shoes is not for us. */
    const char *words;
} meanings[] = {
    {"client_name", false,
     "client name|client s name|client|name|full name|customer|customer name|contact|"
     "contact name|contact person|lead|lead name|prospect|buyer|buyer name|person|"
     "display name|nom|الاسم|नाम"},
    {"client_name", true,
     "first name|last name|given name|family name|forename|surname|middle name|vorname|"
     "nachname|nombre|apellido"},
    {"client_email", false,
     "email|e mail|email address|e mail address|mail|client email|customer email|"
     "contact email|email 1 value|primary email|work email|personal email|courriel|correo|"
     "البريد الإلكتروني|ईमेल"},
    {"client_phone", false,
     "phone|phone number|telephone|tel|mobile|mobile number|mobile phone|mobile no|phone no|"
     "cell|cell phone|contact number|contact no|whatsapp|whatsapp number|client phone|"
     "customer phone|primary phone|phone 1 value|telefon|handy|téléphone|teléfono|móvil|"
     "الهاتف|الجوال|मोबाइल|फ़ोन"},
    {"client_location", false,
     "where they live|lives in|city|country|residence|address|home address|client location|"
     "current location|town|emirate|stadt|ville"},
    {"source", false, "source|lead source|channel|how they found us|original source"},
    {"currency", false, "currency|ccy|currency code"},
    {"estimated_value", false,
     "estimated value|value|deal value|amount|deal amount|price|expected revenue|opportunity"},
    {"budget_min", false, "budget from|budget min|min budget|minimum budget|price from|min price"},
    {"budget_max", false,
     "budget up to|budget to|budget max|max budget|maximum budget|budget|price to|max price"},
    {"financing", false, "financing|finance|mortgage|cash or mortgage|funding"},
    {"loan_stage", false, "loan|loan stage|loan status|mortgage status|pre approval"},
    {"payment_preference", false, "payment preference|payment plan|payment|payment terms"},
    {"description", false,
     "what they want|description|notes|note|requirement|requirements|comment|comments|remarks|"
     "remark|message|looking for|interest|interested in|enquiry|inquiry|details|bemerkung|"
     "ملاحظات"},
    {"property_type", false, "property type|type|unit type|property"},
    {"locations", false,
     "wanted locations|wanted location|location|locations|preferred location|"
     "preferred locations|preferred area|area|areas|community|project|neighbourhood|"
     "neighborhood|district"},
    {"bedrooms", false, "bedrooms|bedroom|beds|bed|bhk|br|no of bedrooms|number of bedrooms|rooms"},
    {"size_min", false,
     "size from|size from sq ft|^size|min size|minimum size|unit size|property size|"
     "apartment size|villa size|plot size|sq ft|sqft|square feet|built up area|area sq ft"},
    {"amenities", false, "amenities|features|facilities"},
    {"move_in_on", false,
     "wants to move in|move in|move in on|move in date|moving date|moving in|possession|"
     "possession date|handover|handover date"},
    {"", false,
     "id|lead id|record id|contact id|no|nr|row|sr no|s no|agent|agent name|agent email|"
     "agent phone|owner|lead owner|contact owner|assigned to|partner|partner name|company|"
     "company name|stage|status|lead status|lead stage|created|created at|created on|"
     "created date|create date|created by|updated|updated at|modified|last modified|"
     "last activity|closed|closed at|score|user name|username|password|file name|"
     "campaign name|date|date of birth|birthday|passport no|passport number|why it was refused"},
};
enum { MEANINGS = sizeof meanings / sizeof *meanings };

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_word(char c) {
    return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

const char *import_header_plain(struct arena *arena, const char *header) {
    char *plain = arena_alloc(arena, 2 * strlen(header) + 1), *out = plain;
    bool letters = false;
    for (const char *at = header; *at; at++) {
        /* no-break spaces, hyphens and the like of U+00A0 and U+2000 to U+206F part words, too */
        bool odd = text_starts(at, "\xC2\xA0") || text_starts(at, "\xE2\x80") ||
                   text_starts(at, "\xE2\x81");
        bool parts = odd || !is_word(*at) || (at > header && is_upper(*at) && is_lower(at[-1]));
        if (parts && out > plain && out[-1] != ' ')
            *out++ = ' ';
        if (odd) {
            at += text_starts(at, "\xC2") ? 1 : 2;
            continue;
        }
        if (!is_word(*at))
            continue;
        letters = letters || !(*at >= '0' && *at <= '9');
        *out++ = is_upper(*at) ? (char)(*at - 'A' + 'a') : *at;
    }
    if (out > plain && out[-1] == ' ')
        out--;
    *out = '\0';
    return letters ? plain : "";
}

/* Where the words stand in plain, not inside another word; NULL: nowhere. */
static const char *find_words(const char *plain, const char *words, size_t size) {
    size_t left = strlen(plain);
    for (const char *at = memmem(plain, left, words, size); at;
         at = memmem(at + 1, strlen(at + 1), words, size))
        if ((at == plain || at[-1] == ' ') && (at[size] == '\0' || at[size] == ' '))
            return at;
    return NULL;
}

/* A word inside others says less than the whole, more where they begin with it, and a short one
 * nothing. */
static int certainty_of(const struct meaning *meaning, const char *words, size_t size,
                        const char *plain) {
    bool first = *words == '^';
    words += first;
    size -= first;
    if (strlen(plain) == size && memcmp(plain, words, size) == 0)
        return meaning->part ? IMPORT_PART : IMPORT_SURE;
    const char *at =
        size < (*meaning->field == '\0' ? 6 : 4) ? NULL : find_words(plain, words, size);
    if (first && at != plain)
        return IMPORT_UNSURE;
    int sure = at == plain ? (int)size + 30 : (int)size;
    return !at ? IMPORT_UNSURE : sure < IMPORT_PART ? sure : IMPORT_PART - 1;
}

/* "client s email" -> "email": whose it is, is clear. */
static const char *without_whose(const char *plain) {
    static const char *const whose[] = {"client ", "customer ", "contact ",
                                        "lead ",   "buyer ",    "prospect "};
    for (size_t i = 0; i < sizeof whose / sizeof *whose; i++) {
        if (!text_starts(plain, whose[i]))
            continue;
        plain += strlen(whose[i]);
        return text_starts(plain, "s ") ? plain + 2 : plain;
    }
    return plain;
}

static const char *field_of(const char *plain, int *certainty) {
    const char *field = NULL;
    for (size_t i = 0; *plain != '\0' && i < MEANINGS; i++) {
        for (const char *words = meanings[i].words; *words != '\0';) {
            size_t size = strcspn(words, "|");
            int sure = certainty_of(&meanings[i], words, size, plain);
            if (sure > *certainty) {
                *certainty = sure;
                field = meanings[i].field;
            }
            words += size + (words[size] == '|');
        }
    }
    return field;
}

const char *import_header_field(const char *plain, int *certainty) {
    int sure = IMPORT_UNSURE;
    *certainty = IMPORT_UNSURE;
    const char *rest = without_whose(plain);
    const char *field = field_of(plain, certainty), *other = field_of(rest, &sure);
    if (*certainty == IMPORT_SURE || sure < IMPORT_PART)
        return field;
    *certainty = sure;
    return other;
}

const char *import_field_joint(const char *field) {
    static const struct {
        const char *field, *joint;
    } joints[] = {{"client_name", " "}, {"client_location", ", "},    {"locations", ", "},
                  {"amenities", ", "},  {"payment_preference", ", "}, {"description", "\n"}};
    for (size_t i = 0; i < sizeof joints / sizeof *joints; i++)
        if (text_equal(joints[i].field, field))
            return joints[i].joint;
    return NULL;
}

/* Looks like something of a client's, not like what such things are called. */
static bool is_value(const char *cell) {
    size_t digits = 0, size = strlen(cell);
    for (const char *at = cell; *at; at++)
        digits += *at >= '0' && *at <= '9';
    return strchr(cell, '@') || (digits > 0 && digits * 2 >= size) || digits >= 7;
}

bool import_is_header(const char *const *cells, size_t count) {
    bool words = false;
    for (size_t i = 0; i < count; i++) {
        if (text_blank(cells[i]))
            continue;
        if (is_value(cells[i]))
            return false;
        words = true;
    }
    return words;
}

/* The columns that stay: all parts of a name where it comes in parts, otherwise the one that means
 * the field most; of remarks and places, all. */
static bool stays(const char *field, int certainty, int best, bool first) {
    if (strcmp(field, "client_name") != 0 && import_field_joint(field))
        return true;
    return certainty == best && (first || best == IMPORT_PART);
}

void import_settle_fields(const char **fields, const int *certainties, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *field = fields[i];
        bool earlier = false;
        for (size_t j = 0; j < i; j++)
            earlier = earlier || text_equal(fields[j], field);
        if (text_blank(field) || earlier)
            continue; /* settled with the first of its name */
        int best = IMPORT_UNSURE;
        for (size_t j = i; j < count; j++)
            if (text_equal(fields[j], field) && certainties[j] > best)
                best = certainties[j];
        bool first = true;
        for (size_t j = i; j < count; j++) {
            if (!text_equal(fields[j], field))
                continue;
            if (!stays(field, certainties[j], best, first))
                fields[j] = NULL;
            else
                first = false;
        }
    }
}
