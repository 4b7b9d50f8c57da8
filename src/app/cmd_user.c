#include "app/arguments.h"
#include "app/commands.h"
#include "app/operation.h"
#include "core/crypto.h"
#include "core/text.h"
#include "domain/auth/password_rules.h"
#include "http/field_clean.h"
#include "http/session.h"
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum { SESSIONS_MAX = 100000, EMAIL_MAX = 254, NAME_CHARACTERS_MAX = 120 };

static const char usage[] =
    "Usage: tessera user add --email ADDRESS --name NAME --role ROLE [--partner NAME]\n"
    "       tessera user invite --email ADDRESS\n"
    "       tessera user list [--partner NAME]\n"
    "       tessera user password --email ADDRESS\n"
    "       tessera user disable --email ADDRESS\n"
    "       tessera user enable --email ADDRESS\n"
    "       tessera user sessions --count N --output FILE\n"
    "\n"
    "add invites somebody and prints the link to accept by; it works once, for seven days. Roles "
    "of\n"
    "staff are admin, agent, finance and support; those of a partner owner, sales and viewer, and\n"
    "they need --partner with the partner's exact name. invite makes a new link for somebody who\n"
    "has not accepted yet. password reads the new one from standard input, one line.\n"
    "\n"
    "sessions signs different people of a demo in and writes their cookies, one to a line, as a\n"
    "browser sends them: for measurements only, refused where the data is not a demo.\n";

struct call {
    const char *email, *name, *role, *partner, *count, *output;
};

struct action {
    const char *name;
    int (*run)(struct operation *operation, const struct config *config, const struct call *call);
    const char *takes; /* options, each with a blank before and after it */
    const char *needs;
};

static int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int complain(const char *format, ...) {
    va_list args;
    fputs("tessera user: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return EXIT_FAILURE;
}

static int say(const char *sentence) {
    return complain("%s", sentence);
}

static bool refuse(const char *sentence) {
    say(sentence);
    return false;
}

static int nobody(const struct call *call) {
    return complain("There is nobody with the address %s; `tessera user list` shows everybody.",
                    call->email);
}

/* ---- invitations ---- */

/* The link's token goes to the person; the database keeps its hash only. */
static void token_make(struct operation *operation, char token[TOKEN_TEXT_SIZE]) {
    uint8_t digest[SHA256_SIZE];
    char *hex = arena_alloc(operation->arena, 2 * SHA256_SIZE + 1);
    crypto_token(token);
    crypto_sha256(token, strlen(token), digest);
    crypto_hex(digest, sizeof digest, hex);
    params_set(operation->params, "link_token_hash", hex);
}

static void link_print(const struct config *config, const char *token) {
    printf("%s/invitation/%s\n", config->base_url, token);
}

/* The partner that the role asks for, if it does. */
static bool partner_find(struct operation *operation, const struct call *call) {
    const struct rows *role, *partner;
    params_set(operation->params, "role", call->role);
    params_set(operation->params, "partner", call->partner);
    if (operation_run(operation, Q_operator_role, &role) != OK ||
        operation_run(operation, Q_operator_partner, &partner) != OK)
        return false;
    const char *audience = rows_get(role, 0, "audience");
    if (audience == NULL)
        complain("There is no role %s; `tessera user --help` names them.", call->role);
    else if (text_equal(audience, "staff") && call->partner != NULL)
        complain("The role %s is one of staff, so it goes without --partner.", call->role);
    else if (text_equal(audience, "partner") && call->partner == NULL)
        complain("The role %s belongs to a partner: add --partner with its name.", call->role);
    else if (call->partner != NULL && partner->nrows == 0)
        complain("There is no partner called \"%s\".", call->partner);
    else {
        params_set(operation->params, "partner_id", rows_get(partner, 0, "id"));
        params_set(operation->params, "timezone", rows_get(partner, 0, "timezone"));
        return true;
    }
    return false;
}

static int user_add(struct operation *operation, const struct config *config,
                    const struct call *call) {
    char token[TOKEN_TEXT_SIZE];
    struct complaint complaint;
    const char *email = clean_email(operation->arena, call->email, &complaint);
    if (email == NULL || strlen(email) > EMAIL_MAX)
        return complain("%s is not an email address.", call->email);
    if (text_blank(call->name) || !text_utf8_valid(call->name, strlen(call->name)) ||
        text_utf8_length(call->name) > NAME_CHARACTERS_MAX)
        return say("A name has 1 to 120 characters.");
    if (!partner_find(operation, call))
        return EXIT_FAILURE;
    params_set(operation->params, "email", email);
    params_set(operation->params, "name", call->name);
    token_make(operation, token);
    enum err err = operation_try(operation, Q_operator_user_add, NULL);
    if (err == ERR_CONFLICT)
        return complain("%s has an account already; `tessera user list` shows it.", call->email);
    if (err != OK)
        return EXIT_FAILURE;
    link_print(config, token);
    return EXIT_SUCCESS;
}

static int user_invite(struct operation *operation, const struct config *config,
                       const struct call *call) {
    char token[TOKEN_TEXT_SIZE];
    const struct rows *invited;
    params_set(operation->params, "email", call->email);
    token_make(operation, token);
    if (operation_run(operation, Q_operator_user_invite, &invited) != OK)
        return EXIT_FAILURE;
    if (invited->nrows == 0)
        return complain("There is no open invitation for %s.", call->email);
    link_print(config, token);
    return EXIT_SUCCESS;
}

/* ---- list ---- */

/* Pads by characters, where printf would count bytes. */
static void print_column(const char *text, size_t width) {
    size_t length = text_utf8_length(text);
    printf("%s%*s  ", text, length < width ? (int)(width - length) : 0, "");
}

static size_t widest(const struct rows *rows, const char *column) {
    size_t width = 0;
    for (size_t i = 0; i < rows->nrows; i++) {
        size_t length = text_utf8_length(rows_get(rows, i, column));
        width = length > width ? length : width;
    }
    return width;
}

static int user_list(struct operation *operation, const struct config *config,
                     const struct call *call) {
    static const char *const columns[] = {"email", "name", "role", "status", "partner"};
    enum { COLUMNS = sizeof columns / sizeof *columns };
    size_t widths[COLUMNS];
    const struct rows *users;
    (void)config;
    params_set(operation->params, "partner", call->partner);
    if (operation_run(operation, Q_operator_users, &users) != OK)
        return EXIT_FAILURE;
    for (size_t i = 0; i < COLUMNS; i++)
        widths[i] = widest(users, columns[i]);
    for (size_t row = 0; row < users->nrows; row++) {
        const char *seen = rows_get(users, row, "last_sign_in_at");
        for (size_t i = 0; i < COLUMNS; i++)
            print_column(rows_get(users, row, columns[i]), widths[i]);
        printf("%.16s\n", seen != NULL ? seen : "never signed in");
    }
    if (users->nrows == 0)
        puts("There is nobody. `tessera user add` invites the first one.");
    return EXIT_SUCCESS;
}

/* ---- password and status ---- */

static struct termios terminal_before;

/* Ctrl-C must not leave a terminal behind that shows nothing. */
static void terminal_restore(int number) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
    signal(number, SIG_DFL);
    raise(number);
}

/* One line of standard input, not shown while it is typed. */
static bool password_read(const char *prompt, char *out, size_t size) {
    bool terminal = tcgetattr(STDIN_FILENO, &terminal_before) == 0;
    if (terminal) {
        struct termios silent = terminal_before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        signal(SIGINT, terminal_restore);
        signal(SIGTERM, terminal_restore);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        fputs(prompt, stderr);
    }
    bool read = fgets(out, (int)size, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
        signal(SIGINT, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        fputc('\n', stderr);
    }
    if (read)
        out[strcspn(out, "\r\n")] = '\0';
    return read;
}

static bool password_ask(const struct rows *user, char *out, size_t size) {
    char again[1024];
    if (!password_read("New password: ", out, size))
        return refuse("No password came in.");
    if (!text_utf8_valid(out, strlen(out)))
        return refuse("The password is not valid UTF-8.");
    const char *sentence = password_sentence(
        password_judge(out, rows_get(user, 0, "email"), rows_get(user, 0, "name")));
    if (sentence != NULL)
        return refuse(sentence);
    if (!isatty(STDIN_FILENO))
        return true;
    if (!password_read("Once more: ", again, sizeof again) || !text_equal(out, again))
        return refuse("The two are different; nothing was changed.");
    return true;
}

static int user_password(struct operation *operation, const struct config *config,
                         const struct call *call) {
    char password[1024];
    char *hash = arena_alloc(operation->arena, PASSWORD_HASH_SIZE);
    const struct rows *user, *changed;
    params_set(operation->params, "email", call->email);
    if (operation_run(operation, Q_operator_user, &user) != OK)
        return EXIT_FAILURE;
    if (user->nrows == 0)
        return nobody(call);
    if (!password_ask(user, password, sizeof password))
        return EXIT_FAILURE;
    if (!crypto_password_hash(password, &config->argon2, hash))
        return say("There is not enough memory to hash a password.");
    params_set(operation->params, "password_hash", hash);
    if (operation_run(operation, Q_operator_user_password, &changed) != OK)
        return EXIT_FAILURE;
    if (changed->nrows == 0)
        return complain("%s is disabled; `tessera user enable` comes first.", call->email);
    puts("The password is changed, and every session of this person has ended.");
    return EXIT_SUCCESS;
}

static int user_disable(struct operation *operation, const struct config *config,
                        const struct call *call) {
    const struct rows *changed;
    (void)config;
    params_set(operation->params, "email", call->email);
    if (operation_run(operation, Q_operator_user_disable, &changed) != OK)
        return EXIT_FAILURE;
    if (changed->nrows == 0)
        return nobody(call);
    puts("Disabled; every session of this person has ended.");
    return EXIT_SUCCESS;
}

static int user_enable(struct operation *operation, const struct config *config,
                       const struct call *call) {
    const struct rows *changed;
    (void)config;
    params_set(operation->params, "email", call->email);
    if (operation_run(operation, Q_operator_user_enable, &changed) != OK)
        return EXIT_FAILURE;
    if (changed->nrows == 0)
        return complain("There is nobody disabled with the address %s.", call->email);
    bool active = text_equal(rows_get(changed, 0, "status"), "active");
    puts(active ? "Enabled." : "Enabled; `tessera user invite` makes a new link for this person.");
    return EXIT_SUCCESS;
}

/* ---- sessions for measurements ---- */

/* Cookies and the hashes of their tokens, by number. */
struct cookies {
    const char **values;
    struct buf hashes; /* apart by blanks */
};

static void cookies_make(struct operation *operation, long count, struct cookies *cookies) {
    cookies->values = arena_array(operation->arena, (size_t)count, sizeof *cookies->values);
    buf_init(&cookies->hashes, SESSIONS_MAX * (2 * SHA256_SIZE + 1));
    for (long i = 0; i < count; i++) {
        const char *hash;
        session_make(operation->arena, AUDIENCE_PARTNER, &cookies->values[i], &hash);
        buf_printf(&cookies->hashes, "%s%s", i > 0 ? " " : "", hash);
    }
}

static int cookies_write(const struct config *config, const struct cookies *cookies, size_t count,
                         const char *path) {
    mode_t mask = umask(077);
    FILE *file = fopen(path, "we");
    umask(mask);
    for (size_t i = 0; file != NULL && i < count; i++)
        fprintf(file, "%s=%s\n", session_cookie_name(config->secure_cookies), cookies->values[i]);
    bool failed = file == NULL || ferror(file);
    if (file != NULL && fclose(file) != 0)
        failed = true;
    if (failed)
        return complain("The cookies could not be written: %s.", strerror(errno));
    printf("%zu cookies of different people are in %s.\n", count, path);
    return EXIT_SUCCESS;
}

static bool enough_people(struct operation *operation, long count) {
    const struct rows *there;
    if (operation_run(operation, Q_operator_people, &there) != OK)
        return false;
    if (!rows_true(there, 0, "demo"))
        return refuse("This database holds no demo, so nobody is signed in.");
    long people = rows_long(there, 0, "people");
    if (people < count)
        complain("There are only %ld people to sign in: ask for fewer, or seed a larger demo.",
                 people);
    return people >= count;
}

static int user_sessions(struct operation *operation, const struct config *config,
                         const struct call *call) {
    long count;
    if (!argument_number("user sessions", "--count", call->count, 1, SESSIONS_MAX, &count))
        return EXIT_USAGE;
    if (!enough_people(operation, count))
        return EXIT_FAILURE;
    struct cookies cookies;
    const struct rows *made;
    cookies_make(operation, count, &cookies);
    params_set(operation->params, "token_hashes", buf_text(&cookies.hashes));
    params_set(operation->params, "absolute",
               arena_printf(operation->arena, "%ld", config->session_absolute));
    int status = EXIT_FAILURE;
    if (operation_run(operation, Q_operator_sessions, &made) == OK)
        status = cookies_write(config, &cookies, made->nrows, call->output);
    buf_free(&cookies.hashes);
    return status;
}

/* ---- the command ---- */

static const struct action actions[] = {
    {"add", user_add, " --email --name --role --partner ", " --email --name --role "},
    {"invite", user_invite, " --email ", " --email "},
    {"list", user_list, " --partner ", ""},
    {"password", user_password, " --email ", " --email "},
    {"disable", user_disable, " --email ", " --email "},
    {"enable", user_enable, " --email ", " --email "},
    {"sessions", user_sessions, " --count --output ", " --count --output "},
};

static const struct action *action_find(const char *name) {
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (text_equal(actions[i].name, name))
            return &actions[i];
    }
    return NULL;
}

static bool names(const char *list, const char *option) {
    const char *at = strstr(list, option);
    return at != NULL && at[strlen(option)] == ' ';
}

static bool read_call(int argc, char **argv, const struct action *action, struct call *call) {
    const struct argument all[] = {
        {"--email", &call->email, NULL}, {"--name", &call->name, NULL},
        {"--role", &call->role, NULL},   {"--partner", &call->partner, NULL},
        {"--count", &call->count, NULL}, {"--output", &call->output, NULL},
    };
    enum { ALL = sizeof all / sizeof *all };
    struct argument list[ALL];
    size_t count = 0;
    for (size_t i = 0; i < ALL; i++) {
        if (names(action->takes, all[i].name))
            list[count++] = all[i];
    }
    char title[32];
    snprintf(title, sizeof title, "user %s", action->name);
    if (!arguments_read(title, argc, argv, list, count, usage))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (names(action->needs, list[i].name) && *list[i].value == NULL) {
            fprintf(stderr, "tessera user %s needs %s.\n", action->name, list[i].name);
            return false;
        }
    }
    return true;
}

int cmd_user(int argc, char **argv) {
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    struct config config;
    struct call call = {.email = NULL};
    command_config(&argc, argv, &config);
    const struct action *action = argc > 1 ? action_find(argv[1]) : NULL;
    int status = EXIT_USAGE;
    if (action == NULL) {
        fputs(usage, stderr);
    } else if (read_call(argc - 1, argv + 1, action, &call)) {
        struct operation operation;
        operation_open(&operation, "user", &config);
        status = action->run(&operation, &config, &call);
        operation_close(&operation);
    }
    config_free(&config);
    return status;
}
