#include "domain/duplicates/duplicate_rules.h"

#include "core/i18n.h"
#include "core/text.h"
#include <string.h>

const struct merge_field merge_fields[] = {
    {"client_name", N_("Name"), "client_name", MERGE_TEXT},
    {"client_email", N_("Email"), "client_email", MERGE_TEXT},
    {"client_phone", N_("Phone"), "client_phone,phone_e164", MERGE_TEXT},
    {"client_location", N_("Lives in"), "client_location", MERGE_TEXT},
    {"source", N_("Source"), "source", MERGE_CODE},
    {"estimated_value", N_("Value and budget"), "currency,estimated_value,budget_min,budget_max", MERGE_MONEY},
    {"financing", N_("Financing"), "financing", MERGE_CODE},
    {"payment_preference", N_("Payment preference"), "payment_preference", MERGE_TEXT},
    {"property_type", N_("Property type"), "property_type", MERGE_CODE},
    {"locations", N_("Wanted locations"), "locations", MERGE_TEXT},
    {"bedrooms", N_("Bedrooms"), "bedrooms", MERGE_NUMBER},
    {"size_min", N_("Size from (sq ft)"), "size_min", MERGE_NUMBER},
    {"amenities", N_("Amenities"), "amenities", MERGE_TEXT},
    {"move_in_on", N_("Wants to move in"), "move_in_on", MERGE_DATE},
    {"description", N_("What they want"), "description", MERGE_TEXT},
    {"temperature", N_("Temperature"), "temperature", MERGE_CODE},
    {"staff_notes", N_("Staff's notes"), "staff_notes", MERGE_TEXT},
    {NULL, NULL, NULL, MERGE_TEXT},
};

bool merge_side_find(const char *side, enum merge_side *out) {
    bool second = text_equal(side, "second");
    *out = second ? MERGE_SECOND : MERGE_FIRST;
    return second || text_equal(side, "first");
}

enum merge_side merge_side_default(enum merge_side keep, const char *first, const char *second) {
    bool has_first = first && *first, has_second = second && *second;
    if (has_first != has_second)
        return has_first ? MERGE_FIRST : MERGE_SECOND;
    return keep;
}

const char *merge_columns(struct arena *arena, enum merge_side keep, merge_choice_fn *choice, const void *context) {
    const char *columns = "";
    for (const struct merge_field *f = merge_fields; f->name; f++) {
        enum merge_side side;
        if (merge_side_find(choice(context, f->name), &side) && side != keep)
            columns = arena_concat(arena, columns, *columns ? "," : "", f->columns, (char *)NULL);
    }
    return columns;
}

static bool in_list(const char *list, const char *word, size_t size) {
    for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == size && memcmp(at, word, size) == 0)
            return true;
    return false;
}

bool merge_took(const char *taken, const struct merge_field *field) {
    for (const char *at = field->columns; *at; at += strcspn(at, ","), at += *at == ',')
        if (in_list(taken, at, strcspn(at, ",")))
            return true;
    return false;
}

const char *extension_refusal(const char *registration, bool in_force, const char *stage, bool asked) {
    if (!text_equal(registration, "held"))
        return N_("This client is not registered for you, so there is nothing to extend.");
    if (!in_force)
        return N_("The protection is over. Send the client again, with their consent, to begin a new one.");
    if (text_equal(stage, "won") || text_equal(stage, "lost") || text_equal(stage, "declined"))
        return N_("This lead is closed, so its protection needs no extension.");
    if (asked)
        return N_("You have asked already; the answer comes here.");
    return NULL;
}

static bool apart(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ';';
}

/* Lowered in place; false when it is no hash. */
static bool clean_hash(char *hash) {
    for (char *c = hash; *c; c++) {
        if (*c >= 'A' && *c <= 'F')
            *c = (char)(*c - 'A' + 'a');
        if (!((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'f')))
            return false;
    }
    return true;
}

static bool seen(char *const *hashes, size_t count, const char *hash) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(hashes[i], hash) == 0)
            return true;
    return false;
}

enum overlap_verdict overlap_parse(struct arena *arena, const char *typed, const char **list) {
    char *hashes[OVERLAP_HASHES_MAX];
    size_t count = 0;
    *list = NULL;
    for (const char *at = typed ? typed : ""; *at;) {
        size_t size = 0;
        while (at[size] && !apart(at[size]))
            size++;
        if (size == 0) {
            at++;
            continue;
        }
        char *hash = arena_strndup(arena, at, size);
        at += size;
        if (size != OVERLAP_HASH_SIZE || !clean_hash(hash))
            return OVERLAP_NOT_A_HASH;
        if (seen(hashes, count, hash))
            continue;
        if (count == OVERLAP_HASHES_MAX)
            return OVERLAP_TOO_MANY;
        hashes[count++] = hash;
    }
    if (count == 0)
        return OVERLAP_NONE;
    char *out = arena_alloc(arena, count * (OVERLAP_HASH_SIZE + 1) + 2), *end = out;
    for (size_t i = 0; i < count; i++) {
        *end++ = i ? ',' : '{';
        memcpy(end, hashes[i], OVERLAP_HASH_SIZE);
        end += OVERLAP_HASH_SIZE;
    }
    memcpy(end, "}", 2);
    *list = out;
    return OVERLAP_OK;
}

const char *overlap_sentence(enum overlap_verdict verdict) {
    switch (verdict) {
    case OVERLAP_NONE:
        return N_("Paste at least one hash.");
    case OVERLAP_NOT_A_HASH:
        return N_("Something in the list is not a hash: each has 64 digits of 0-9 and a-f. Never paste addresses or numbers here.");
    case OVERLAP_TOO_MANY:
        return N_("At most a hundred hashes are answered at a time. Split the list.");
    case OVERLAP_OK:
        break;
    }
    return NULL;
}
