/*
 * form.h - a form as a table: what each field is called, what it may hold, how it is shown.
 *
 * One table serves four purposes: it validates what was sent, gives the cleaned values to statements by
 * name, fills the form from a row when it is opened, and shows every error beside its field with what was
 * typed kept. Query strings of lists (filters) use the same tables.
 *
 * The model of a form, for templates:
 *   form.<field>: {name, label, value, hint, error, required, min, max, autocomplete, inputmode, rows,
 *                  is_text … is_file (the kind's alone), is_input (drawn as <input type={{type}}>), checked,
 *                  accept, size_max (bytes), size_max_mb, count_max, invalid,
 *                  id ("f-email"), hint_id, error_id (null unless there is such a note),
 *                  described_by (those of the two), multiple, options: [{value, label, selected, id (where
 *                  several may be chosen)}], has_options}
 *   form.fields: the same as a list;  form.errors: [{field, id, text}];  form.has_errors, form.error_count
 * Every name but is_<kind>, which nothing else is called, is always there (null or false when it has
 * nothing to say), so that a partial rendered inside {{#form.email}} never finds a name of the page around it.
 */
#ifndef TESSERA_HTTP_FORM_H
#define TESSERA_HTTP_FORM_H

#include "core/arena.h"
#include "core/params.h"
#include "core/rows.h"
#include "view/model.h"
#include <stdbool.h>
#include <stddef.h>

enum field_kind {
    FIELD_TEXT,     /* one line, trimmed, inner blanks kept */
    FIELD_AREA,     /* several lines, CRLF to LF */
    FIELD_EMAIL,    /* one address (WHATWG "valid e-mail address"), lower-cased domain */
    FIELD_PHONE,    /* digits of any script, blanks, + ( ) - . ; 5 to 20 digits, and perhaps an extension */
    FIELD_URL,      /* http or https, with a host, without user and password */
    FIELD_PASSWORD, /* as typed, never echoed, never a statement's parameter */
    FIELD_MONEY,    /* decimal, >= 0, at most 2 decimals, below 10^14; "1,250,000.50", "12,50,000", "1 250 000"
                     * and "1.250.000,50" are understood; the value is "1250000.50" */
    FIELD_PERCENT,  /* decimal 0 to 100, at most 3 decimals */
    FIELD_INT,      /* min to max; both 0: what PostgreSQL's integer holds */
    FIELD_DATE,     /* YYYY-MM-DD, a real day of the years 1900 to 2199 */
    FIELD_TIME,     /* a time of day, 00:00 to 23:59; "9:30", "09:30:00" and "9.30" are understood; the value is "09:30" */
    FIELD_CHOICE,   /* one of choices; with options: any line of at most 200 characters */
    FIELD_CHECK,    /* "true" when sent, "false" otherwise; required means: must be ticked */
    FIELD_UUID,     /* lower-cased */
    FIELD_HIDDEN,   /* one line, as sent */
    FIELD_FILE      /* files, which stand in the request's uploads: no value, but a place for their errors */
};

struct choice {
    const char *value;
    const char *label; /* gettext message id; NULL: the value's label (labels.h) */
};

struct field {
    const char *name;
    enum field_kind kind;
    const char *label; /* gettext message id */
    const char *hint;  /* gettext message id or NULL */
    const char *autocomplete;
    bool required;
    bool multiple;                /* FIELD_CHOICE: several may be sent; the value is comma-separated. FIELD_FILE:
                                   * several may be chosen */
    long min, max;                /* values for FIELD_INT; characters for what is typed as text (max 0: 200; 2000
                                   * for an area, 254 for an email, 500 for a URL) */
    const struct choice *choices; /* ended by {NULL, NULL}; NULL when options name a statement's rows */
    const char *options;          /* name of rows with columns value and label */
    const char *missing;          /* message id when required and empty; NULL: "Enter the <label>." in words */
    int rows;                     /* FIELD_AREA: height */
    const char *accept;           /* FIELD_FILE: what the browser offers to choose, "image/png,.pdf" */
    long size_max;                /* FIELD_FILE: bytes of one file, whole mebibytes; a browser with JavaScript sends
                                   * none that is larger. 0: whatever the route takes */
    int count_max;                /* FIELD_FILE with multiple: how many files, likewise */
};

/* A database constraint that says something about a field ("users_email_key" -> email: "…is taken"). */
struct form_conflict {
    const char *constraint;
    const char *field;
    const char *message; /* gettext message id */
};

struct form_spec {
    const struct field *fields; /* ended by a field without a name */
    const struct form_conflict *conflicts; /* ended by {NULL}; or NULL */
};

struct form;

struct form *form_new(struct arena *arena, const struct form_spec *spec) __attribute__((returns_nonnull));
/* Takes what was sent and validates it. True when every field is right; a wrong one has a NULL value and
 * an error, the others their cleaned values. Of a name sent twice the first counts (all, for a field with
 * `multiple`). Whether a choice from a statement's rows exists is for the database to say: see
 * form_conflict(). */
bool form_take(struct form *form, const struct params *sent);
/* Fills values from a row (columns of the same names), for opening a form; row 0. */
void form_fill(struct form *form, const struct rows *row);
/* Sets a value as if cleaned: a default, or what the server knows better. Copied. */
void form_set(struct form *form, const char *field, const char *value);
/* Cleaned value, or NULL when empty or wrong. FIELD_CHECK: "true" or "false". */
const char *form_value(const struct form *form, const char *field);
bool form_valid(const struct form *form);
/* Adds an error; a field keeps its first. field NULL: about the form as a whole. message: gettext id. */
void form_error(struct form *form, const char *field, const char *message);
/* What is wrong, in the order of the fields, as data: to be kept, counted, and said later in another language. */
struct form_problem {
    const char *field;   /* NULL: the form as a whole */
    const char *message; /* gettext message id, with {value}, {min}, {max}, {count}, {label} */
    const char *value;   /* NULL: none */
    long min, max, count; /* count: FORM_COUNT_MANY where one sentence stands for several values */
};
enum { FORM_COUNT_MANY = -1 };
/* How many there are; the first max of them in out. */
size_t form_problems(const struct form *form, struct form_problem *out, size_t max);
/* The sentence. A field that the spec does not know is none. */
const char *form_problem_text(struct arena *arena, const struct form_spec *spec, const struct form_problem *problem)
    __attribute__((returns_nonnull));
/* The same, with what the sentence's {value} and {max} are: a file's name, how many were taken. value is
 * not copied. */
void form_error_about(struct form *form, const char *field, const char *message, const char *value, long max);
/* True when constraint is one of the spec's conflicts; its message is then beside its field. */
bool form_conflict(struct form *form, const char *constraint);
/* Cleaned values as statement parameters, NULL for empty ones; passwords are left out. */
void form_params(const struct form *form, struct params *out);
/* Sets `form` in model. find gives the rows that a field's options name; NULL result: no options. find may
 * be NULL. Labels, hints and messages are translated here. */
void form_model(const struct form *form, struct model *model,
                const struct rows *(*find)(void *context, const char *name), void *context);
/* Sets errors, has_errors and error_count of the above in model itself. */
void form_errors(const struct form *form, struct model *model);

#endif
