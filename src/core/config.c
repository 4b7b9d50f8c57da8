#include "core/config.h"
#include "core/config_internal.h"
#include "core/text.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>

enum kind { KIND_TEXT, KIND_LONG, KIND_U32, KIND_BOOL };

struct setting {
    const char *section; /* heading printed before this key, or NULL */
    const char *key;
    enum kind kind;
    size_t offset;
    const char *preset;
    long min;
    long max;
    const char *unit; /* NULL where there is none */
    /* Says what is wanted where value isn't it, else NULL. The member is NULL where all is fine. */
    const char *(*check)(const char *value);
    bool optional; /* KIND_TEXT: may be left empty */
    const char *about; /* lines, each at most 95 bytes */
};

#define TEXT(name) .key = #name, .kind = KIND_TEXT, .offset = offsetof(struct config, name)
#define FLAG(name) .key = #name, .kind = KIND_BOOL, .offset = offsetof(struct config, name)
#define NUMBER(name, low, high, of)                                                                \
    .key = #name, .kind = KIND_LONG, .offset = offsetof(struct config, name), .min = (low),        \
    .max = (high), .unit = (of)
#define COST(member, low, high, of)                                                                \
    .key = "argon2_" #member, .kind = KIND_U32, .offset = offsetof(struct config, argon2.member),  \
    .min = (low), .max = (high), .unit = (of)

enum { DAY = 24 * 60 * 60, KIB = 1024, MIB = 1024 * 1024 };

static const struct setting settings[] = {
    {.section = "Where the portal is",
     TEXT(base_url),
     .preset = "http://127.0.0.1:8080",
     .check = config_check_base_url,
     .about = "What people type to get here; links in mails begin with it. No slash at the end."},
    {TEXT(socket), .preset = TESSERA_LOCALSTATEDIR "/web.sock",
     .about = "FastCGI socket of the workers. Not used when the socket is handed over as "
              "descriptor 0."},
    {TEXT(auth_socket), .preset = TESSERA_LOCALSTATEDIR "/auth.sock",
     .about = "FastCGI socket of the workers that serve sign-in."},
    {TEXT(status_file), .preset = TESSERA_LOCALSTATEDIR "/status",
     .about = "Scoreboard that the workers share; /metrics reads it."},

    {.section = "Database",
     TEXT(database),
     .preset = "dbname=tessera user=tessera_app",
     .about = "Connection string (libpq) of the portal's role, which may do nothing by itself."},
    {TEXT(database_owner), .preset = "dbname=tessera user=tessera_owner",
     .about = "The same for `tessera migrate`, `seed` and `doctor`. The workers never use it."},
    {TEXT(database_jobs), .preset = "dbname=tessera user=tessera_jobs",
     .about = "The same for `tessera jobs`."},
    {NUMBER(statement_timeout, 100, 600000, "milliseconds"), .preset = "8000",
     .about = "PostgreSQL stops a statement that takes longer."},
    {TEXT(migrations), .preset = TESSERA_DATADIR "/sql/migrations",
     .about =
         "Directory of the schema's history. What `tessera seed` reads lies beside it, in seed."},

    {.section = "Files",
     TEXT(templates),
     .preset = TESSERA_DATADIR "/templates",
     .about = "Directory of the templates."},
    {TEXT(locale_dir), .preset = TESSERA_DATADIR "/locale",
     .about = "Directory of the translations (gettext)."},
    {TEXT(static_dir), .preset = TESSERA_DATADIR "/static",
     .about = "Directory of the front end, with dist/manifest.json."},
    {TEXT(files), .preset = TESSERA_LOCALSTATEDIR "/files",
     .about = "Directory of uploaded and generated files. Back it up together with the database."},
    {TEXT(secret_file), .preset = TESSERA_SYSCONFDIR "/secret",
     .about =
         "File of 32 or more random bytes. Form tokens are derived from them; whoever changes\n"
         "them makes every open form ask to be sent again."},

    {.section = "Workers",
     NUMBER(workers, 1, 512, "processes"),
     .preset = "4",
     .about = "Processes that serve pages, each with one database connection. A change\n"
              "takes a restart, SIGHUP is not enough."},
    {NUMBER(auth_workers, 1, 64, "processes"), .preset = "2",
     .about = "Processes that serve sign-in. Each needs argon2_memory while it checks a password.\n"
              "A change takes a restart, too."},
    {NUMBER(requests_per_worker, 1, 100000000, "requests"), .preset = "10000",
     .about = "A worker is replaced by a fresh one after so many."},
    {NUMBER(request_deadline, 1, 600, "seconds"), .preset = "15",
     .about = "A request that takes longer is ended together with its worker."},
    {NUMBER(body_limit, 4 * KIB, 64 * MIB, "bytes"), .preset = "1048576",
     .about = "Largest request that is taken where no files are sent."},
    {NUMBER(upload_limit, 4 * KIB, INT_MAX, "bytes"), .preset = "67108864",
     .about = "Largest request that is taken where files are sent. nginx has a limit of its own."},
    {NUMBER(import_limit, 4 * KIB, INT_MAX, "bytes"), .preset = "67108864",
     .about = "The same where a table of leads is sent."},

    {.section = "Jobs",
     NUMBER(job_workers, 1, 64, "processes"),
     .preset = "2",
     .about = "Processes of `tessera jobs` that work in the database. Another one sends mail and the like,\n"
              "another one tells open pages what has changed."},
    {NUMBER(job_deadline, 1, 86400, "seconds"), .preset = "300",
     .about = "A job in the database that takes longer is ended, and tried again later."},
    {TEXT(jobs_status_file), .preset = TESSERA_LOCALSTATEDIR "/jobs-status",
     .about = "Scoreboard of these processes."},
    {TEXT(live_socket), .preset = TESSERA_LOCALSTATEDIR "/live.sock",
     .about = "Socket of this machine's nginx that takes what open pages are told."},

    {.section = "Mail",
     TEXT(mail_delivery), .preset = "smtp", .check = config_check_delivery,
     .about = "smtp; catch: nothing leaves, and admins read at /dev/mail what would have; off: it waits."},
    {TEXT(mail_from), .preset = "portal@localhost", .check = config_check_address,
     .about = "Address that mail comes from. Its domain also stands in every Message-ID."},
    {TEXT(smtp_url), .preset = "smtp://127.0.0.1:25", .check = config_check_smtp,
     .about = "The relay that takes our mail, signs it (DKIM) and delivers it: smtp://HOST:PORT, where TLS is\n"
              "begun by STARTTLS and refused to be done without, or smtps://HOST:PORT."},
    {TEXT(smtp_user), .preset = "", .optional = true, .about = "Name that the relay wants, if any."},
    {TEXT(smtp_password_file), .preset = "", .optional = true, .about = "File with its password."},
    {FLAG(smtp_plain), .preset = "false",
     .about = "Without TLS, readable on the way: for a relay on this machine only."},
    {TEXT(mail_webhook_key), .preset = "", .optional = true,
     .about = "Public key (base64, as SendGrid shows it) of who reports bounces at /webhooks/mail."},
    {TEXT(mail_webhook_secret_file), .preset = "", .optional = true,
     .about = "File with the secret of one who signs with HMAC-SHA256 instead (docs/sending.md)."},

    {.section = "SMS, Slack and push",
     TEXT(sms_url), .preset = "", .optional = true, .check = config_check_http,
     .about = "Base address of Twilio's API or one like it: https://api.twilio.com. Empty: no SMS."},
    {TEXT(sms_account), .preset = "", .optional = true, .about = "Its account SID."},
    {TEXT(sms_token_file), .preset = "", .optional = true, .about = "File with its auth token."},
    {TEXT(sms_from), .preset = "", .optional = true,
     .about = "Number (E.164) or messaging service (MG…) that SMS come from."},
    {TEXT(sms_callback), .preset = "", .optional = true, .check = config_check_http,
     .about = "Address that is told what becomes of each SMS. Empty: nobody is."},
    {NUMBER(sms_parts, 1, 10, "parts"), .preset = "2",
     .about = "Longest SMS: a part is 160 plain or 70 other characters (153 and 67 when there are several)."},
    {TEXT(slack_url_file), .preset = "", .optional = true,
     .about = "File with the address of an incoming webhook (Slack's kind), which is a secret, for ops alerts."},
    {TEXT(push_key_file), .preset = "", .optional = true,
     .about = "Key of Web Push (VAPID), made by `tessera push-key`. Empty: no push."},
    {TEXT(ca_file), .preset = "", .optional = true,
     .about = "PEM file of the authorities whose certificates we believe. Empty: the system's."},
    {FLAG(private_targets), .preset = "false",
     .about = "Addresses that others give us (push services) may lie in private networks: for tests only."},

    {.section = "Signing in",
     NUMBER(session_idle, 60, 365 * DAY, "seconds"),
     .preset = "43200",
     .about = "A session ends after so long without a request."},
    {NUMBER(session_absolute, 60, 365 * DAY, "seconds"), .preset = "1209600",
     .about = "A session ends after so long in any case."},
    {NUMBER(login_tries_account, 1, 100000, "tries"), .preset = "10",
     .about = "Failed sign-ins that an account may have within login_window before it must wait."},
    {NUMBER(login_tries_address, 1, 100000, "tries"), .preset = "50",
     .about = "The same for a client address."},
    {NUMBER(login_window, 10, 7 * DAY, "seconds"), .preset = "900",
     .about = "See login_tries_account."},
    {COST(memory, 19456, 4 * MIB, "KiB"), .preset = "19456",
     .about =
         "Cost of a password hash (argon2id). When it is raised, a password is hashed anew at\n"
         "its owner's next sign-in."},
    {COST(passes, 2, 100, "passes"), .preset = "2", .about = "See argon2_memory."},
    {COST(lanes, 1, 16, "lanes"), .preset = "1",
     .about = "See argon2_memory. Each lane is a thread while a password is checked."},
    {FLAG(secure_cookies), .preset = "true",
     .about =
         "Cookies travel over TLS only. May be false only where base_url is http://localhost or\n"
         "http://127.0.0.1."},

    {.section = "Looking inside",
     TEXT(log_level),
     .preset = "info",
     .check = config_check_log_level,
     .about = "debug, info, warn or error."},
    {FLAG(development), .preset = "false",
     .about = "SIGHUP reads the templates again, and names that a template misspells are shown."},
};

enum { SETTINGS = sizeof settings / sizeof *settings };

/* Where a value came from: the number of its line, or one of these. */
enum { FROM_PRESET = 0, FROM_ENVIRONMENT = -1 };

struct loader {
    struct config *config;
    const char *path;
    long origin[SETTINGS];
    char *error;
    size_t error_size;
};

static void variable_name(const struct setting *setting, char *out, size_t size) {
    snprintf(out, size, "TESSERA_%s", setting->key);
    for (char *at = out; *at != '\0'; at++) {
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    }
}

static enum err complain_at_line(struct loader *loader, long line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum err complain_at_line(struct loader *loader, long line, const char *format, ...) {
    char sentence[512];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    snprintf(loader->error, loader->error_size, "%s:%ld: %s", loader->path, line, sentence);
    return ERR_INVALID;
}

static enum err complain(struct loader *loader, const struct setting *setting, const char *wanted) {
    char variable[64];
    long origin = loader->origin[setting - settings];
    if (origin > 0)
        return complain_at_line(loader, origin, "%s must be %s.", setting->key, wanted);
    variable_name(setting, variable, sizeof variable);
    if (origin == FROM_ENVIRONMENT)
        snprintf(loader->error, loader->error_size, "%s in the environment must be %s.", variable,
                 wanted);
    else
        snprintf(loader->error, loader->error_size, "%s must be %s.", setting->key, wanted);
    return ERR_INVALID;
}

/* Settings lie at offsets, so their type is only known here; kind says which one it is. */
static void *member(const struct config *config, const struct setting *setting) {
    return (void *)((uintptr_t)config + setting->offset);
}

static enum err set_text(struct loader *loader, const struct setting *setting, const char *value) {
    if (*value == '\0' && !setting->optional)
        return complain(loader, setting, "given; it is empty");
    const char *wanted = setting->check != NULL && *value != '\0' ? setting->check(value) : NULL;
    if (wanted != NULL)
        return complain(loader, setting, wanted);
    char *copy = strdup(value);
    if (copy == NULL) {
        snprintf(loader->error, loader->error_size, "There is not enough memory to start.");
        return ERR_INTERNAL;
    }
    char **text = member(loader->config, setting);
    free(*text);
    *text = copy;
    return OK;
}

static enum err set_number(struct loader *loader, const struct setting *setting,
                           const char *value) {
    char wanted[128];
    long number = 0;
    if (!text_to_long(value, setting->min, setting->max, &number)) {
        snprintf(wanted, sizeof wanted, "a whole number from %ld to %ld (%s)", setting->min,
                 setting->max, setting->unit);
        return complain(loader, setting, wanted);
    }
    if (setting->kind == KIND_U32)
        *(uint32_t *)member(loader->config, setting) = (uint32_t)number;
    else
        *(long *)member(loader->config, setting) = number;
    return OK;
}

static enum err set_flag(struct loader *loader, const struct setting *setting, const char *value) {
    bool on = text_equal(value, "true");
    if (!on && !text_equal(value, "false"))
        return complain(loader, setting, "true or false");
    *(bool *)member(loader->config, setting) = on;
    return OK;
}

static enum err set(struct loader *loader, const struct setting *setting, const char *value,
                    long origin) {
    size_t size = strlen(value);
    loader->origin[setting - settings] = origin;
    /* config_print() writes values as lines of a file, so a line break can't be part of one. */
    if (text_has_control(value, size) || strpbrk(value, "\r\n") != NULL ||
        !text_utf8_valid(value, size))
        return complain(loader, setting, "one line of UTF-8 text");
    switch (setting->kind) {
    case KIND_TEXT:
        return set_text(loader, setting, value);
    case KIND_BOOL:
        return set_flag(loader, setting, value);
    case KIND_LONG:
    case KIND_U32:
        break;
    }
    return set_number(loader, setting, value);
}

static const struct setting *setting_find(const char *key) {
    for (size_t i = 0; i < SETTINGS; i++) {
        if (text_equal(settings[i].key, key))
            return &settings[i];
    }
    return NULL;
}

static enum err read_line(struct loader *loader, char *line, long number) {
    line = text_trim(line);
    if (*line == '\0' || *line == '#')
        return OK;
    char *equals = strchr(line, '=');
    if (equals == NULL)
        return complain_at_line(loader, number, "This line is not `key = value`.");
    *equals = '\0';
    const char *key = text_trim(line);
    const struct setting *setting = setting_find(key);
    if (setting == NULL)
        return complain_at_line(
            loader, number, "There is no setting \"%.64s\"; `tessera config` shows them all.", key);
    long before = loader->origin[setting - settings];
    if (before > 0)
        return complain_at_line(loader, number, "%s is set in line %ld already.", key, before);
    return set(loader, setting, text_trim(equals + 1), number);
}

static enum err cannot_read(struct loader *loader) {
    snprintf(loader->error, loader->error_size, "%s can't be read: %s.", loader->path,
             strerror(errno));
    return ERR_NOT_FOUND;
}

static enum err read_file(struct loader *loader) {
    FILE *file = fopen(loader->path, "re");
    if (file == NULL)
        return cannot_read(loader);

    char *line = NULL;
    size_t cap = 0;
    long number = 0;
    enum err err = OK;
    ssize_t length;
    errno = 0;
    while (err == OK && (length = getline(&line, &cap, file)) >= 0) {
        number++;
        if (strlen(line) != (size_t)length)
            err = complain_at_line(loader, number, "This line holds a NUL byte.");
        else
            err = read_line(loader, line, number);
    }
    if (err == OK && ferror(file))
        err = cannot_read(loader);
    free(line);
    fclose(file);
    return err;
}

static enum err read_environment(struct loader *loader) {
    for (size_t i = 0; i < SETTINGS; i++) {
        char variable[64];
        variable_name(&settings[i], variable, sizeof variable);
        const char *value = getenv(variable);
        if (value == NULL)
            continue;
        enum err err = set(loader, &settings[i], value, FROM_ENVIRONMENT);
        if (err != OK)
            return err;
    }
    return OK;
}

static enum err check_together(struct loader *loader) {
    const struct config *config = loader->config;
    if (!config->secure_cookies && !config_on_this_machine(config->base_url))
        return complain(loader, setting_find("secure_cookies"),
                        "true, unless base_url is http://localhost or http://127.0.0.1");
    if (config->session_idle > config->session_absolute)
        return complain(loader, setting_find("session_idle"), "at most session_absolute");
    return OK;
}

enum err config_load(const char *path, struct config *out, char *error, size_t error_size) {
    struct loader loader = {.config = out, .path = path, .error = error, .error_size = error_size};
    *out = (struct config){.base_url = NULL};

    enum err err = OK;
    for (size_t i = 0; err == OK && i < SETTINGS; i++)
        err = set(&loader, &settings[i], settings[i].preset, FROM_PRESET);
    if (err == OK && path != NULL)
        err = read_file(&loader);
    if (err == OK)
        err = read_environment(&loader);
    if (err == OK)
        err = check_together(&loader);
    if (err != OK)
        config_free(out);
    return err;
}

void config_free(struct config *config) {
    for (size_t i = 0; i < SETTINGS; i++) {
        if (settings[i].kind == KIND_TEXT)
            free(*(char **)member(config, &settings[i]));
    }
    *config = (struct config){.base_url = NULL};
}

static void print_comment(const char *lines, FILE *out) {
    fputs("# ", out);
    for (; *lines != '\0'; lines++) {
        fputc(*lines, out);
        if (*lines == '\n')
            fputs("# ", out);
    }
    fputc('\n', out);
}

static void print_setting(const struct config *config, const struct setting *setting, FILE *out) {
    print_comment(setting->about, out);
    fprintf(out, "# Default: %s", *setting->preset != '\0' ? setting->preset : "none");
    if (setting->unit != NULL)
        fprintf(out, " %s, from %ld to %ld", setting->unit, setting->min, setting->max);
    fprintf(out, "\n%s = ", setting->key);
    switch (setting->kind) {
    case KIND_TEXT:
        fputs(*(char **)member(config, setting), out);
        break;
    case KIND_LONG:
        fprintf(out, "%ld", *(long *)member(config, setting));
        break;
    case KIND_U32:
        fprintf(out, "%lu", (unsigned long)*(uint32_t *)member(config, setting));
        break;
    case KIND_BOOL:
        fputs(*(bool *)member(config, setting) ? "true" : "false", out);
        break;
    }
    fputs("\n\n", out);
}

void config_print(const struct config *config, FILE *out) {
    fputs("# Settings of Tessera: `key = value`, one to a line; a line that begins with # is a\n"
          "# comment. An environment variable TESSERA_<KEY IN CAPITALS> wins over this file.\n\n",
          out);
    for (size_t i = 0; i < SETTINGS; i++) {
        if (settings[i].section != NULL)
            fprintf(out, "# ---- %s ----\n\n", settings[i].section);
        print_setting(config, &settings[i], out);
    }
}
