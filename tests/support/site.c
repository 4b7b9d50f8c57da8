#include "tests/support/site.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"
#include "domain/refer/refer_rules.h"
#include "http/form_data.h"
#include "http/session.h"
#include "jobs/push_crypto.h"
#include <errno.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ANSWERS_MAX = 512 << 20, SQL_FILE_MAX = 1 << 20, PIECE_MAX = 4 << 20, ENV_MAX = 24 };

static const struct {
    const char *name, *id, *email;
    enum audience audience;
} people[SITE_WHO_COUNT] = {
    [VISITOR] = {"visitor", "", "", AUDIENCE_VISITOR},
    [OWNER] = {"owner", A("11"), "owner@alder.example", AUDIENCE_PARTNER},
    [COLLEAGUE] = {"colleague", A("12"), "owner2@alder.example", AUDIENCE_PARTNER},
    [SALES] = {"sales", A("13"), "sales@alder.example", AUDIENCE_PARTNER},
    [VIEWER] = {"viewer", A("15"), "viewer@alder.example", AUDIENCE_PARTNER},
    [STRANGER] = {"stranger", B("11"), "owner@zebulon.example", AUDIENCE_PARTNER},
    [AGENT] = {"agent", C("11"), "agent@staff.example", AUDIENCE_STAFF},
    [FINANCE] = {"finance", C("12"), "finance@staff.example", AUDIENCE_STAFF},
    [SUPPORT] = {"support", C("13"), "support@staff.example", AUDIENCE_STAFF},
    [ADMIN] = {"admin", C("14"), "admin@staff.example", AUDIENCE_STAFF},
};

struct site_portal {
    struct config config;
    struct web *web;
    PGconn *superuser;
    PGconn *daemon; /* NULL until it was asked for */
    char folder[64];
    struct arena *arena;  /* answers */
    struct arena *common; /* cookies */
    const char *cookies[SITE_WHO_COUNT];
    const char *token_hashes[SITE_WHO_COUNT];
    char password_hash[PASSWORD_HASH_SIZE];
    struct arena *other; /* of requests to another site than the portal's own */
    struct buf other_body;
};

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "site: %s: %s\n", what, why);
    exit(1);
}

const char *site_who_name(enum site_who who) {
    return people[who].name;
}

const char *site_who_id(enum site_who who) {
    return people[who].id;
}

const char *site_who_email(enum site_who who) {
    return people[who].email;
}

/* ── Files and settings ── */

static char *read_file(const char *path, size_t max) {
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, max + 1);
    if (!file || !text)
        die(path, strerror(errno));
    size_t size = fread(text, 1, max, file);
    if (size == max)
        die(path, "is too long");
    fclose(file);
    return text;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        die(path, strerror(errno));
}

static char *text_of(const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int size = vasprintf(&text, format, args);
    va_end(args);
    if (size < 0)
        die("memory", "none left");
    return text;
}

static void set_text(char **setting, char *value) {
    free(*setting);
    *setting = value;
}

static const char *variable(const char *name) {
    const char *value = getenv(name);
    if (!value || !*value)
        die(name, "is not set; run the test through tests/support/with-postgres");
    return value;
}

/* The front end need not be built: pages name its files and never read them. */
static void write_manifest(const char *folder) {
    char *dist = text_of("%s/dist", folder);
    char *manifest = text_of("%s/manifest.json", dist);
    if (mkdir(dist, 0700) != 0)
        die(dist, strerror(errno));
    write_file(manifest,
               "{\"app.css\": \"/static/app-1.css\", \"app.js\": \"/static/app-1.js\","
               " \"theme.js\": \"/static/theme-1.js\", \"board.js\": \"/static/board-1.js\", \"icons.svg\": \"/static/icons-1.svg\","
               " \"favicon.svg\": \"/static/favicon-1.svg\","
               " \"inter-latin.woff2\": \"/static/inter-1.woff2\"}");
    free(manifest);
    free(dist);
}

/* The key that push services would know us by: made here, because a key in a repository is one that everybody has. */
static void write_push_key(const char *path) {
    struct push_key *key = push_key_make();
    if (!push_key_save(key, path))
        die(path, strerror(errno));
    push_key_free(key);
}

static void configure(struct site_portal *portal) {
    char error[512];
    if (config_load(NULL, &portal->config, error, sizeof error) != OK)
        die("configuration", error);
    struct config *config = &portal->config;
    set_text(&config->base_url, text_of("http://127.0.0.1:8080"));
    set_text(&config->database, text_of("%s", variable("TESSERA_TEST_APP_DATABASE")));
    set_text(&config->templates, text_of("%s/templates", variable("srcdir")));
    set_text(&config->static_dir, text_of("%s", portal->folder));
    set_text(&config->files, text_of("%s", portal->folder));
    set_text(&config->secret_file, text_of("%s/secret", portal->folder));
    set_text(&config->mail_delivery, text_of("catch"));
    set_text(&config->push_key_file, text_of("%s/push.pem", portal->folder));
    set_text(&config->sms_url, text_of("http://127.0.0.1:9"));
    write_push_key(config->push_key_file);
    config->secure_cookies = false;
    /* as cheap as the library takes it: what is tested is that it is asked */
    config->argon2 = (struct argon2_cost){.memory = 64, .passes = 1, .lanes = 1};
    write_file(config->secret_file, "thirty-two bytes and a few more, for tests\n");
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* ── Database ── */

static PGresult *run(struct site_portal *portal, const char *sql) {
    PGresult *result = PQexec(portal->superuser, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        die(sql, PQerrorMessage(portal->superuser));
    return result;
}

void site_sql(struct site_portal *portal, const char *format, ...) {
    char *sql = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&sql, format, args) < 0)
        die("memory", "none left");
    va_end(args);
    PQclear(run(portal, sql));
    free(sql);
}

static const char *first_value(struct site_portal *portal, const char *sql) {
    PGresult *result = run(portal, sql);
    bool present = PQntuples(result) > 0 && !PQgetisnull(result, 0, 0);
    const char *value = present ? arena_strdup(portal->arena, PQgetvalue(result, 0, 0)) : NULL;
    PQclear(result);
    return value;
}

const char *site_value(struct site_portal *portal, const char *format, ...) {
    char *sql = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&sql, format, args) < 0)
        die("memory", "none left");
    va_end(args);
    const char *value = first_value(portal, sql);
    free(sql);
    return value;
}

const char *site_digest(struct site_portal *portal) {
    const char *sql = first_value(
        portal,
        "SELECT string_agg(format('SELECT %L AS t, md5(coalesce(string_agg(x::text, "
        "chr(10) ORDER BY x::text), '''')) AS d FROM public.%I AS x', tablename, tablename), "
        "' UNION ALL ') FROM pg_tables WHERE schemaname = 'public'");
    return site_value(
        portal, "SELECT string_agg(t || '=' || d, ' ' ORDER BY t) FROM (%s) AS all_of_them", sql);
}

static void connect_superuser(struct site_portal *portal) {
    char *conninfo = text_of("%s user=postgres", variable("TESSERA_TEST_DATABASE"));
    portal->superuser = PQconnectdb(conninfo);
    free(conninfo);
    if (PQstatus(portal->superuser) != CONNECTION_OK)
        die("database", PQerrorMessage(portal->superuser));
    PQclear(run(portal, "SET client_min_messages = warning; SET synchronous_commit = off"));
}

static void run_file(struct site_portal *portal, const char *name) {
    char *path = text_of("%s/tests/support/%s", variable("srcdir"), name);
    char *sql = read_file(path, SQL_FILE_MAX);
    PQclear(run(portal, sql));
    free(sql);
    free(path);
}

static void sign_everybody_in(struct site_portal *portal) {
    struct buf sql;
    buf_init(&sql, SQL_FILE_MAX);
    buf_printf(&sql, "UPDATE users SET password_hash = '%s' WHERE status <> 'invited';",
               portal->password_hash);
    for (int who = VISITOR + 1; who < SITE_WHO_COUNT; who++)
        buf_printf(&sql,
                   "INSERT INTO sessions (token_hash, id, user_id, address, user_agent, expires_at)"
                   " VALUES (decode('%s', 'hex'), overlay('%s' placing '9' from 35 for 1)::uuid, "
                   "'%s', '192.0.2.1',"
                   " 'test', now() + interval '1 day');",
                   portal->token_hashes[who], people[who].id, people[who].id);
    PQclear(run(portal, buf_text(&sql)));
    buf_free(&sql);
}

void site_forget(struct site_portal *portal) {
    arena_reset(portal->arena);
}

void site_restore(struct site_portal *portal) {
    site_forget(portal);
    PQclear(run(portal, "CALL pristine.restore()"));
}

void site_add_rows(struct site_portal *portal) {
    run_file(portal, "site_more.sql");
}

/* ── Opening ── */

static void make_cookies(struct site_portal *portal) {
    for (int who = VISITOR; who < SITE_WHO_COUNT; who++)
        session_make(portal->common, people[who].audience, &portal->cookies[who],
                     &portal->token_hashes[who]);
}

struct site_portal *site_open(void) {
    struct site_portal *portal = calloc(1, sizeof *portal);
    if (!portal)
        die("memory", "none left");
    log_set_level(getenv("SITE_LOG") ? LOG_DEBUG : LOG_ERROR);
    portal->arena = arena_new(ANSWERS_MAX);
    portal->common = arena_new(1 << 20);
    const char *temporary = getenv("TMPDIR");
    snprintf(portal->folder, sizeof portal->folder, "%s/tessera-site-XXXXXX",
             temporary ? temporary : "/tmp");
    if (!mkdtemp(portal->folder))
        die(portal->folder, strerror(errno));
    configure(portal);
    write_manifest(portal->folder);
    connect_superuser(portal);
    if (!crypto_password_hash(SITE_PASSWORD, &portal->config.argon2, portal->password_hash))
        die("password", "could not be hashed");
    make_cookies(portal);
    portal->web = web_new(&portal->config, NULL, NULL);
    if (!portal->web)
        die("web_new", "failed; its reason is in the log above");
    run_file(portal, "site.sql");
    sign_everybody_in(portal);
    run_file(portal, "site_restore.sql");
    return portal;
}

struct pg_conn *site_daemon(struct site_portal *portal) {
    if (portal->daemon == NULL)
        portal->daemon = PQconnectdb(getenv("TESSERA_TEST_JOBS_DATABASE"));
    if (PQstatus(portal->daemon) != CONNECTION_OK)
        die("the job daemon's role cannot connect", PQerrorMessage(portal->daemon));
    return portal->daemon;
}

void site_close(struct site_portal *portal) {
    web_free(portal->web);
    PQfinish(portal->superuser);
    PQfinish(portal->daemon);
    (void)nftw(portal->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    config_free(&portal->config);
    arena_free(portal->arena);
    arena_free(portal->common);
    arena_free(portal->other);
    buf_free(&portal->other_body);
    free(portal);
}

struct config *site_config(struct site_portal *portal) {
    return &portal->config;
}

struct web *site_web(struct site_portal *portal) {
    return portal->web;
}

struct arena *site_arena(struct site_portal *portal) {
    return portal->arena;
}

/* ── Requests ── */

struct wire {
    struct fcgi_request public; /* first: read_body finds the rest behind it */
    const char *names[ENV_MAX], *values[ENV_MAX];
    size_t count;
    const char *body;
    size_t size;
};

static void set(struct wire *wire, const char *name, const char *value) {
    if (!value)
        return;
    if (wire->count == ENV_MAX)
        die(name, "one variable too many");
    wire->names[wire->count] = name;
    wire->values[wire->count++] = value;
}

static const char *wire_env(void *context, const char *name) {
    const struct wire *wire = context;
    for (size_t i = 0; i < wire->count; i++)
        if (strcmp(wire->names[i], name) == 0)
            return wire->values[i];
    return NULL;
}

static enum err wire_body(struct fcgi_request *request, struct arena *arena, size_t limit,
                          const void **body, size_t *size) {
    const struct wire *wire = (const struct wire *)request;
    *body = "";
    *size = 0;
    if (wire->size > limit)
        return ERR_TOO_LARGE;
    *body = arena_strndup(arena, wire->body, wire->size);
    *size = wire->size;
    return OK;
}

const char *site_session(struct site_portal *portal, enum site_who who) {
    return portal->cookies[who];
}

const char *site_csrf(struct site_portal *portal, const char *cookie_value) {
    const struct session session = {.cookie = cookie_value};
    const struct site *site = web_site(portal->web);
    return session_csrf(&session, portal->arena, site->secret, sizeof site->secret);
}

static const char *cookie_name(const struct site_portal *portal) {
    return portal->config.secure_cookies ? "__Host-session" : "session";
}

/* @TOMORROW@ in a form is a date that is right whenever the test runs. */
static const char *with_dates(struct site_portal *portal, const char *form) {
    static const char mark[] = "@TOMORROW@";
    char date[11];
    time_t tomorrow = time(NULL) + 86400;
    struct tm utc;
    const char *at = strstr(form, mark);
    if (!at || !gmtime_r(&tomorrow, &utc) || strftime(date, sizeof date, "%Y-%m-%d", &utc) == 0)
        return form;
    return with_dates(portal, arena_printf(portal->arena, "%.*s%s%s", (int)(at - form), form, date,
                                           at + strlen(mark)));
}

const char *site_opened(struct site_portal *portal, const char *type, int64_t at) {
    const struct site *site = web_site(portal->web);
    uint8_t random[OPENED_RANDOM];
    char *opened = arena_alloc(portal->arena, OPENED_SIZE);
    crypto_random(random, sizeof random);
    opened_write(type, at, random, site->secret, sizeof site->secret, opened);
    return opened;
}

/* "{opened}" in a form stands for what /refer/<type> had written into it ten seconds ago. */
static const char *with_opened(struct site_portal *portal, const struct site_ask *ask, const char *form) {
    const char *mark = strstr(form, "{opened}");
    if (!mark || strncmp(ask->path, "/refer/", 7) != 0)
        return form;
    const char *type = arena_strndup(portal->arena, ask->path + 7, strcspn(ask->path + 7, "/?"));
    return arena_printf(portal->arena, "%.*s%s%s", (int)(mark - form), form,
                        site_opened(portal, type, (int64_t)time(NULL) - 10), mark + strlen("{opened}"));
}

/* The form's fields and, first, the token that belongs to the cookie that goes along. */
static const char *form_body(struct site_portal *portal, const struct site_ask *ask) {
    const char *token = ask->csrf;
    if (!token) {
        const char *value = portal->cookies[ask->who];
        const char *sent = ask->cookie ? strstr(ask->cookie, "session=") : NULL;
        if (sent)
            value = arena_strndup(portal->arena, sent + 8, strcspn(sent + 8, "; "));
        token = site_csrf(portal, value);
    }
    const char *form = with_opened(portal, ask, with_dates(portal, ask->form));
    if (!*token)
        return form;
    return arena_printf(portal->arena, "csrf=%s%s%s", token, *form ? "&" : "", form);
}

static void write_wire(struct site_portal *portal, const struct site_ask *ask, struct wire *wire) {
    wire->public =
        (struct fcgi_request){.env = wire_env, .env_context = wire, .read_body = wire_body};
    wire->body = ask->body ? ask->body : ask->form ? form_body(portal, ask) : "";
    wire->size = ask->body ? ask->body_size : strlen(wire->body);
    bool sends = ask->form || ask->body;
    const char *cookie =
        arena_printf(portal->arena, "%s=%s", cookie_name(portal), portal->cookies[ask->who]);
    set(wire, "REQUEST_METHOD", ask->method ? ask->method : sends ? "POST" : "GET");
    set(wire, "REQUEST_URI", ask->path);
    set(wire, "REMOTE_ADDR", ask->address ? ask->address : "192.0.2.1");
    set(wire, "HTTP_USER_AGENT", ask->user_agent ? ask->user_agent : "site.c");
    set(wire, "HTTP_ACCEPT",
        ask->accept ? ask->accept
                    : "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    set(wire, "HTTP_SEC_FETCH_SITE", ask->fetch_site);
    for (const char *const *pair = ask->env; pair && *pair; pair += 2)
        set(wire, pair[0], pair[1]);
    if (ask->cookie ? *ask->cookie : ask->who != VISITOR || ask->form)
        set(wire, "HTTP_COOKIE", ask->cookie ? ask->cookie : cookie);
    if (sends) {
        set(wire, "CONTENT_TYPE", ask->type ? ask->type : "application/x-www-form-urlencoded");
        set(wire, "CONTENT_LENGTH", arena_printf(portal->arena, "%zu", wire->size));
    }
}

/* Everything that a stream has to say, behind what the body holds already. */
static void keep_body(struct site_portal *portal, struct response *response,
                      struct site_answer *answer) {
    struct buf whole, piece;
    buf_init(&whole, 64 << 20);
    buf_init(&piece, PIECE_MAX);
    buf_append(&whole, buf_text(response->body), response->body->len);
    answer->largest = response->body->len;
    answer->broken_off = buf_overflowed(response->body);
    while (response->stream && !answer->broken_off &&
           response->stream(response->stream_context, &piece)) {
        answer->broken_off = buf_overflowed(&piece);
        answer->largest = piece.len > answer->largest ? piece.len : answer->largest;
        buf_append(&whole, buf_text(&piece), piece.len);
        buf_clear(&piece);
    }
    answer->size = whole.len;
    answer->body = arena_strndup(portal->arena, buf_text(&whole), whole.len);
    buf_free(&piece);
    buf_free(&whole);
}

/* As web_handle() does it. */
static void answer_other(struct site_portal *portal, const struct site *site,
                         struct fcgi_request *request, struct response *response) {
    if (!portal->other) {
        portal->other = arena_new(64 << 20);
        buf_init(&portal->other_body, 8 << 20);
    }
    db_reset(site->db);
    arena_reset(portal->other);
    buf_clear(&portal->other_body);
    response_init(response, portal->other, &portal->other_body);
    (void)page_answer(site, portal->other, request, response);
}

struct site_answer *site_ask(struct site_portal *portal, const struct site_ask *ask) {
    struct wire wire = {0};
    write_wire(portal, ask, &wire);
    struct response response = {0};
    if (ask->site)
        answer_other(portal, ask->site, &wire.public, &response);
    else
        web_handle(portal->web, &wire.public, &response);
    if (response.stream && ask->before_stream)
        ask->before_stream(portal);
    struct site_answer *answer = arena_alloc(portal->arena, sizeof *answer);
    answer->status = response.status;
    answer->headers = arena_strdup(portal->arena, buf_text(&response.headers));
    keep_body(portal, &response, answer);
    response_free(&response);
    return answer;
}

/* ── Answers ── */

static const char *next_line(const char *line) {
    const char *end = strstr(line, "\r\n");
    return end ? end + 2 : line + strlen(line);
}

static const char *value_at(struct site_portal *portal, const char *line, const char *name) {
    size_t size = strlen(name);
    if (strncasecmp(line, name, size) != 0 || line[size] != ':')
        return NULL;
    const char *value = line + size + 1 + strspn(line + size + 1, " ");
    return arena_strndup(portal->arena, value, strcspn(value, "\r"));
}

const char *site_header(struct site_portal *portal, const struct site_answer *answer,
                        const char *name) {
    for (const char *line = answer->headers; *line; line = next_line(line)) {
        const char *value = value_at(portal, line, name);
        if (value)
            return value;
    }
    return NULL;
}

const char *site_cookie(struct site_portal *portal, const struct site_answer *answer,
                        const char *name) {
    size_t size = strlen(name);
    for (const char *line = answer->headers; *line; line = next_line(line)) {
        const char *value = value_at(portal, line, "Set-Cookie");
        if (value && strncmp(value, name, size) == 0 && value[size] == '=')
            return arena_strndup(portal->arena, value + size + 1, strcspn(value + size + 1, ";"));
    }
    return NULL;
}
