#include "db/compose.h"
#include "core/buf.h"
#include "core/log.h"
#include "core/text.h"
#include <stdint.h>

enum { SQL_MAX = 1024 * 1024 };

enum token_kind {
    TOKEN_END,
    TOKEN_NEWLINE,
    TOKEN_TEXT,      /* goes into the statement as it stands */
    TOKEN_COMMENT,   /* doesn't */
    TOKEN_PARAM,     /* :name */
    TOKEN_SLOT,      /* {name} */
    TOKEN_CONDITION, /* --? name */
};

struct token {
    enum token_kind kind;
    const char *start;
    const char *end;
    const char *name; /* of the last three */
    size_t name_size;
};

struct composer {
    struct arena *arena;
    const struct query_info *info;
    const struct query_sort *sort;
    statement_value_fn *value;
    void *context;
    struct statement *out;
    struct buf sql;
    const char *conditions[COMPOSE_CONDITIONS_MAX];
    size_t nconditions;
    uint64_t present; /* a bit for each condition that holds */
};

static _Noreturn void compose_die(const struct composer *composer, const char *why) {
    log_event(LOG_ERROR, "statement_uncomposable", "query", "%s", composer->info->name, "why", "%s",
              why, NULL);
    abort();
}

static bool name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool name_part(char c) {
    return name_start(c) || (c >= '0' && c <= '9');
}

static const char *skip_name(const char *at) {
    while (name_part(*at))
        at++;
    return at;
}

/* Behind the literal or quoted name that opens at at; a doubled quote doesn't close it. */
static const char *skip_quoted(const char *at, bool backslashes) {
    char quote = *at++;
    for (; *at != '\0'; at++) {
        if (backslashes && *at == '\\' && at[1] != '\0')
            at++;
        else if (*at == quote && at[1] == quote)
            at++;
        else if (*at == quote)
            return at + 1;
    }
    return at;
}

/* Behind the dollar-quoted literal that opens at at, or at itself where none does. */
static const char *skip_dollar(const char *at) {
    const char *tag_end = at + 1;
    if (name_start(*tag_end))
        tag_end = skip_name(tag_end);
    if (*tag_end != '$')
        return at;
    size_t size = (size_t)(tag_end + 1 - at);
    for (const char *close = tag_end + 1; *close != '\0'; close++) {
        if (strncmp(close, at, size) == 0)
            return close + size;
    }
    return at + strlen(at);
}

static const char *skip_block_comment(const char *at) {
    size_t depth = 0;
    do {
        if (at[0] == '/' && at[1] == '*') {
            depth++;
            at += 2;
        } else if (at[0] == '*' && at[1] == '/') {
            depth--;
            at += 2;
        } else {
            at++;
        }
    } while (depth > 0 && *at != '\0');
    return at;
}

/* A comment up to the end of the line, or the condition in its place. */
static struct token read_dashes(const char *at) {
    struct token token = {.kind = TOKEN_COMMENT, .start = at, .end = at + strcspn(at, "\n")};
    if (at[2] == '?') {
        token.kind = TOKEN_CONDITION;
        token.name = at + 3 + strspn(at + 3, " \t");
        token.name_size = (size_t)(skip_name(token.name) - token.name);
    }
    return token;
}

static struct token read_named(enum token_kind kind, const char *at, const char *end) {
    return (struct token){.kind = kind,
                          .start = at,
                          .end = end,
                          .name = at + 1,
                          .name_size = (size_t)(skip_name(at + 1) - at - 1)};
}

/* Behind the run of text that begins at at and in which nothing is to be replaced. */
static const char *skip_text(const char *at) {
    if ((*at == 'e' || *at == 'E') && at[1] == '\'')
        return skip_quoted(at + 1, true);
    if (*at == '\'' || *at == '"')
        return skip_quoted(at, false);
    if (name_part(*at)) {
        /* A dollar within a name opens no literal. */
        while (name_part(*at) || *at == '$')
            at++;
        return at;
    }
    if (*at == '$' && skip_dollar(at) != at)
        return skip_dollar(at);
    if (*at == ':' && (at[1] == ':' || at[1] == '='))
        return at + 2;
    return at + 1;
}

static struct token read_token(const char *at) {
    struct token token = {.kind = TOKEN_TEXT, .start = at, .end = at};
    if (*at == '\0') {
        token.kind = TOKEN_END;
    } else if (*at == '\n') {
        token.kind = TOKEN_NEWLINE;
        token.end = at + 1;
    } else if (at[0] == '-' && at[1] == '-') {
        return read_dashes(at);
    } else if (at[0] == '/' && at[1] == '*') {
        token.kind = TOKEN_COMMENT;
        token.end = skip_block_comment(at);
    } else if (*at == ':' && name_start(at[1])) {
        return read_named(TOKEN_PARAM, at, skip_name(at + 1));
    } else if (*at == '{' && skip_name(at + 1)[0] == '}') {
        return read_named(TOKEN_SLOT, at, skip_name(at + 1) + 1);
    } else {
        token.end = skip_text(at);
    }
    return token;
}

static bool token_is(const struct token *token, const char *name) {
    return strlen(name) == token->name_size && memcmp(token->name, name, token->name_size) == 0;
}

static void put_param(struct composer *composer, const char *name) {
    struct statement *out = composer->out;
    size_t index = 0;
    while (index < out->nparams && !text_equal(out->params[index], name))
        index++;
    if (index == out->nparams) {
        if (index == STATEMENT_PARAMS_MAX)
            compose_die(composer, "too many parameters");
        out->params[out->nparams++] = name;
    }
    buf_printf(&composer->sql, "$%zu", index + 1);
}

/* A sorted expression may use parameters, so it goes the same way as the statement around it. */
static void put_expression(struct composer *composer, const char *expression) {
    for (struct token token = read_token(expression); token.kind != TOKEN_END;
         token = read_token(token.end)) {
        if (token.kind == TOKEN_PARAM)
            put_param(composer, arena_strndup(composer->arena, token.name, token.name_size));
        else
            buf_append(&composer->sql, token.start, (size_t)(token.end - token.start));
    }
}

static void put_order(struct composer *composer) {
    const char *direction = composer->sort->descending ? "DESC" : "ASC";
    put_expression(composer, composer->sort->expression);
    buf_printf(&composer->sql, " %s, %s %s", direction, composer->sort->id, direction);
}

static void put_keyset(struct composer *composer) {
    const struct query_sort *sort = composer->sort;
    buf_putc(&composer->sql, '(');
    put_expression(composer, sort->expression);
    buf_printf(&composer->sql, ", %s) %s (", sort->id, sort->descending ? "<" : ">");
    put_param(composer, "after_key");
    if (sort->cast[0] != '\0')
        buf_printf(&composer->sql, "::%s", sort->cast);
    buf_puts(&composer->sql, ", ");
    put_param(composer, "after_id");
    buf_puts(&composer->sql, "::uuid)");
}

static void put_slot(struct composer *composer, const struct token *token) {
    if (composer->sort == NULL)
        compose_die(composer, "no sort to put into a slot");
    if (token_is(token, "order")) {
        put_order(composer);
    } else if (token_is(token, "keyset")) {
        put_keyset(composer);
    } else if (token_is(token, "sort_key")) {
        buf_putc(&composer->sql, '(');
        put_expression(composer, composer->sort->expression);
        buf_puts(&composer->sql, ")::text");
    } else {
        compose_die(composer, "unknown slot");
    }
}

static void put_token(struct composer *composer, const struct token *token) {
    switch (token->kind) {
    case TOKEN_TEXT:
    case TOKEN_NEWLINE:
        buf_append(&composer->sql, token->start, (size_t)(token->end - token->start));
        break;
    case TOKEN_COMMENT:
        buf_putc(&composer->sql, ' ');
        break;
    case TOKEN_PARAM:
        put_param(composer, arena_strndup(composer->arena, token->name, token->name_size));
        break;
    case TOKEN_SLOT:
        put_slot(composer, token);
        break;
    case TOKEN_CONDITION:
    case TOKEN_END:
        break;
    }
}

/* True when the parameter that a condition names has a value. Remembers it for the name. */
static bool condition_holds(struct composer *composer, const struct token *token) {
    size_t index = 0;
    while (index < composer->nconditions && !token_is(token, composer->conditions[index]))
        index++;
    uint64_t bit = UINT64_C(1) << (index % COMPOSE_CONDITIONS_MAX);
    if (index < composer->nconditions)
        return (composer->present & bit) != 0;
    if (index == COMPOSE_CONDITIONS_MAX)
        compose_die(composer, "too many conditions");

    const char *name = arena_strndup(composer->arena, token->name, token->name_size);
    composer->conditions[composer->nconditions++] = name;
    bool holds = composer->value(composer->context, name) != NULL;
    if (holds)
        composer->present |= bit;
    return holds;
}

/* Where the line that begins at at ends (its newline or the end); a literal may hold newlines. */
static const char *line_scan(struct composer *composer, const char *at, bool *wanted) {
    struct token token = read_token(at);
    *wanted = true;
    while (token.kind != TOKEN_NEWLINE && token.kind != TOKEN_END) {
        if (token.kind == TOKEN_CONDITION)
            *wanted = condition_holds(composer, &token);
        token = read_token(token.end);
    }
    return token.end;
}

static char *statement_name(struct composer *composer) {
    const struct query_info *info = composer->info;
    if (composer->sort == NULL && composer->nconditions == 0)
        return arena_strdup(composer->arena, info->name);
    char *name = arena_printf(composer->arena, "%s.%s.%llx", info->name,
                              composer->sort != NULL ? composer->sort->key : "",
                              (unsigned long long)composer->present);
    if (strlen(name) > STATEMENT_NAME_MAX)
        compose_die(composer, "name too long");
    return name;
}

/* Every condition is met as if nothing had a value. */
static const char *no_value(void *context, const char *name) {
    (void)context;
    (void)name;
    return NULL;
}

size_t compose_conditions(struct arena *arena, const struct query_info *info,
                          const char *names[COMPOSE_CONDITIONS_MAX]) {
    struct composer composer = {.arena = arena, .info = info, .value = no_value};
    bool wanted;
    for (const char *line = info->sql; *line != '\0';)
        line = line_scan(&composer, line, &wanted);
    memcpy(names, composer.conditions, composer.nconditions * sizeof *names);
    return composer.nconditions;
}

void compose_statement(struct arena *arena, const struct query_info *info,
                       const struct query_sort *sort, statement_value_fn *value, void *context,
                       struct statement *out) {
    struct composer composer = {.arena = arena,
                                .info = info,
                                .sort = sort != NULL || info->nsorts == 0 ? sort : &info->sorts[0],
                                .value = value,
                                .context = context,
                                .out = out};
    *out = (struct statement){.nparams = 0};
    buf_init(&composer.sql, SQL_MAX);

    for (const char *line = info->sql; *line != '\0';) {
        bool wanted;
        const char *end = line_scan(&composer, line, &wanted);
        while (wanted && line < end) {
            struct token token = read_token(line);
            put_token(&composer, &token);
            line = token.end;
        }
        line = end;
    }
    if (buf_overflowed(&composer.sql))
        compose_die(&composer, "statement too long");
    out->sql = arena_strdup(arena, buf_text(&composer.sql));
    out->name = statement_name(&composer);
    buf_free(&composer.sql);
}
