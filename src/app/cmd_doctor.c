#include "app/arguments.h"
#include "app/commands.h"
#include "app/operation.h"
#include "core/text.h"
#include "db/migrate.h"
#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "Usage: tessera doctor [--config FILE]\n"
    "       tessera doctor --rollups [--repair] [--config FILE]\n"
    "Looks whether settings, database, protection of partners' data and files are as they should\n"
    "be, and whether jobs are done: a line for each, exit status 1 when something is not so.\n"
    "\n"
    "  --rollups   recount the totals that dashboards read and print every difference\n"
    "  --repair    then put the recount in their place\n";

enum { DIFFERENCES_SHOWN = 50, SECRET_MIN = 32 /* bytes */, JOB_LATE_MINUTES = 10 };

struct doctor {
    const struct config *config;
    struct operation operation;
    bool ill;
};

static void report(struct doctor *doctor, bool fine, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void report(struct doctor *doctor, bool fine, const char *format, ...) {
    va_list args;
    fputs(fine ? "ok    " : "FAIL  ", stdout);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    doctor->ill = doctor->ill || !fine;
}

static bool check_owner(struct doctor *doctor) {
    const struct rows *owner;
    if (operation_run(&doctor->operation, Q_doctor_owner, &owner) != OK) {
        report(doctor, false, "the database does not answer its owner (setting database_owner)");
        return false;
    }
    report(doctor, rows_true(owner, 0, "owns"), "%s owns the database %s (PostgreSQL %s)",
           rows_get(owner, 0, "login"), rows_get(owner, 0, "database"),
           rows_get(owner, 0, "version"));
    return true;
}

/* Pending ones are printed by the dry run. */
static bool check_migrations(struct doctor *doctor) {
    char error[1024] = "";
    size_t pending = 0;
    enum err err = migrate(doctor->config->database_owner, doctor->config->migrations, true,
                           &pending, error, sizeof error);
    if (err != OK)
        report(doctor, false, "migrations: %s", error);
    else if (pending > 0)
        report(doctor, false, "%zu migrations are not applied yet: run `tessera migrate`", pending);
    else
        report(doctor, true, "every migration is applied, and none was edited afterwards");
    return err == OK && pending == 0;
}

static const char *no_value(void *context, const char *name) {
    (void)context;
    (void)name;
    return NULL;
}

static void check_portal(struct doctor *doctor) {
    struct db *db = db_new(doctor->config->database, doctor->config->statement_timeout);
    struct batch *batch = batch_new(db, doctor->operation.arena, AUDIENCE_VISITOR, BATCH_READ);
    size_t index = batch_add(batch, Q_doctor_portal, NULL, no_value, NULL);
    if (batch_run(batch) != OK) {
        report(doctor, false, "the database does not answer the portal (setting database)");
    } else {
        const struct rows *portal = batch_rows(batch, index);
        const char *login = rows_get(portal, 0, "login");
        report(doctor, true, "%s signs in and acts as %s", login, rows_get(portal, 0, "audience"));
        bool tame = !rows_true(portal, 0, "mighty") && !rows_true(portal, 0, "is_owner");
        long owned = rows_long(portal, 0, "owned");
        report(doctor, tame,
               tame ? "%s is no superuser, is not the owner, and cannot bypass row-level security"
                    : "%s can do more than it should: it is a superuser, the owner, or may bypass "
                      "row-level security or make roles and databases",
               login);
        report(doctor, owned == 0, owned == 0 ? "%s owns nothing" : "%s owns things in the cluster",
               login);
    }
    db_reset(db);
    db_free(db);
}

/* One line: fine when the statement has no rows, otherwise with their names. */
static void check_none(struct doctor *doctor, enum query query, const char *fine, const char *ill) {
    const struct rows *rows;
    if (operation_run(&doctor->operation, query, &rows) != OK) {
        report(doctor, false, "%s", fine);
        return;
    }
    struct buf list;
    buf_init(&list, 4096);
    for (size_t i = 0; i < rows->nrows; i++)
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", rows_get(rows, i, "name"));
    if (rows->nrows == 0)
        report(doctor, true, "%s", fine);
    else
        report(doctor, false, "%s: %s", ill, buf_text(&list));
    buf_free(&list);
}

/* The job daemon's login may sign in, act as the three audiences, and do nothing else. */
static void check_jobs_login(struct doctor *doctor) {
    const struct rows *role;
    if (operation_run(&doctor->operation, Q_doctor_jobs, &role) != OK ||
        !rows_true(role, 0, "there") || !rows_true(role, 0, "may_sign_in")) {
        report(doctor, false,
               "the job daemon's login tessera_jobs is missing or may not sign in: run "
               "sql/bootstrap.sql again");
        return;
    }
    bool tame = !rows_true(role, 0, "mighty") && !rows_true(role, 0, "is_owner");
    report(doctor, tame,
           tame ? "tessera_jobs is no superuser, is not the owner, and cannot bypass row-level "
                  "security"
                : "tessera_jobs can do more than it should: it is a superuser, the owner, inherits "
                  "roles, or may bypass row-level security or make roles and databases");
    long owned = rows_long(role, 0, "owned");
    report(doctor, owned == 0,
           owned == 0 ? "tessera_jobs owns nothing" : "tessera_jobs owns things in the cluster");
    const char *lacks = rows_get(role, 0, "not_member");
    const char *has = rows_get(role, 0, "too_much");
    if (lacks)
        report(doctor, false, "tessera_jobs cannot act as %s: run sql/bootstrap.sql again", lacks);
    else if (has)
        report(doctor, false, "tessera_jobs can also act as %s: REVOKE that", has);
    else
        report(doctor, true, "tessera_jobs can act as visitors, partners and staff, and as nobody else");
}

static void check_queue(struct doctor *doctor) {
    const struct rows *queue;
    if (operation_run(&doctor->operation, Q_doctor_queue, &queue) != OK) {
        report(doctor, false, "the queue of jobs cannot be read");
        return;
    }
    long daemons = rows_long(queue, 0, "daemons");
    const char *dead = rows_get(queue, 0, "dead_kinds");
    long minutes = rows_long(queue, 0, "oldest_minutes");
    report(doctor, daemons > 0,
           daemons > 0 ? "job daemons are connected (%ld processes)"
                       : "no job daemon is connected (%ld processes): start `tessera jobs`, or nothing "
                         "happens by itself",
           daemons);
    if (dead)
        report(doctor, false,
               "jobs were given up: %s. /admin/jobs has the reasons, and can retry or cancel them",
               dead);
    else
        report(doctor, true, "no job was given up");
    if (minutes >= JOB_LATE_MINUTES)
        report(doctor, false, "a job (%s) has been ready for %ld minutes: the daemons are behind",
               rows_get(queue, 0, "oldest_kind"), minutes);
    else
        report(doctor, true, "no job has been ready for %d minutes", JOB_LATE_MINUTES);
}

static void check_files(struct doctor *doctor) {
    const char *files = doctor->config->files;
    struct stat info;
    if (stat(files, &info) != 0)
        report(doctor, false, "the file store %s: %s", files, strerror(errno));
    else if (!S_ISDIR(info.st_mode) || access(files, R_OK | W_OK | X_OK) != 0)
        report(doctor, false, "the file store %s is no folder that can be read and written", files);
    else
        report(doctor, true, "the file store %s can be read and written", files);
}

static void check_secret(struct doctor *doctor) {
    const char *path = doctor->config->secret_file;
    struct stat info;
    if (stat(path, &info) != 0 || access(path, R_OK) != 0)
        report(doctor, false, "the secret %s: %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode) || info.st_size < SECRET_MIN)
        report(doctor, false, "the secret %s has fewer than %d bytes", path, SECRET_MIN);
    else if ((info.st_mode & 077) != 0)
        report(doctor, false, "the secret %s can be read by others: chmod 600 it", path);
    else
        report(doctor, true, "the secret %s is there, and nobody else can read it", path);
}

/* Files of passwords and keys that the settings name, and an address that answers can go to. */
static void check_sending(struct doctor *doctor) {
    const struct config *config = doctor->config;
    const char *const files[] = {config->smtp_password_file, config->sms_token_file, config->slack_url_file, config->push_key_file,
                                 config->mail_webhook_secret_file, config->ca_file};
    bool fine = true;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (*files[i] == '\0' || access(files[i], R_OK) == 0)
            continue;
        report(doctor, false, "%s, which the settings name: %s", files[i], strerror(errno));
        fine = false;
    }
    if (!text_equal(config->mail_delivery, "smtp")) {
        report(doctor, true, "mail does not leave: mail_delivery is %s", config->mail_delivery);
    } else if (text_ends(config->mail_from, "@localhost")) {
        report(doctor, false, "mail comes from %s, where nobody can answer: set mail_from", config->mail_from);
    } else if (fine) {
        report(doctor, true, "mail goes to %s, as %s", config->smtp_url, config->mail_from);
    }
}

static void check_all(struct doctor *doctor) {
    report(doctor, true, "the settings are understood");
    if (check_owner(doctor) && check_migrations(doctor)) {
        check_none(doctor, Q_doctor_unprotected,
                   "row-level security is forced on every table with a partner's data",
                   "row-level security is not forced on");
        check_none(doctor, Q_doctor_triggers, "every trigger is switched on",
                   "triggers are switched off");
        check_jobs_login(doctor);
        check_queue(doctor);
    }
    check_portal(doctor);
    check_files(doctor);
    check_secret(doctor);
    check_sending(doctor);
}

static void check_rollups(struct doctor *doctor, bool repair) {
    const struct rows *differences;
    if (operation_run(&doctor->operation, Q_rollup_differences, &differences) != OK) {
        doctor->ill = true;
        return;
    }
    for (size_t i = 0; i < differences->nrows && i < DIFFERENCES_SHOWN; i++) {
        const char *kept = rows_get(differences, i, "kept");
        const char *counted = rows_get(differences, i, "counted");
        printf("%s: kept %s, counted %s\n", rows_get(differences, i, "rollup"),
               kept != NULL ? kept : "nothing", counted != NULL ? counted : "nothing");
    }
    if (differences->nrows > DIFFERENCES_SHOWN)
        printf("… and %zu more.\n", differences->nrows - DIFFERENCES_SHOWN);
    doctor->ill = differences->nrows > 0;
    if (!doctor->ill) {
        puts("Rollups are exact.");
    } else if (!repair) {
        printf("%zu differences; --repair puts the recount in their place.\n", differences->nrows);
    } else if (operation_run(&doctor->operation, Q_rollup_repair, NULL) == OK) {
        printf("%zu differences are repaired.\n", differences->nrows);
        doctor->ill = false;
    }
}

int cmd_doctor(int argc, char **argv) {
    bool rollups = false;
    bool repair = false;
    const struct argument list[] = {{"--rollups", NULL, &rollups}, {"--repair", NULL, &repair}};
    struct config config;
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    command_config(&argc, argv, &config);
    int status = EXIT_USAGE;
    if (arguments_read("doctor", argc, argv, list, 2, usage)) {
        if (repair && !rollups) {
            fputs("tessera doctor: --repair goes with --rollups.\n", stderr);
        } else {
            struct doctor doctor = {.config = &config};
            operation_open(&doctor.operation, "doctor", &config);
            if (rollups)
                check_rollups(&doctor, repair);
            else
                check_all(&doctor);
            operation_close(&doctor.operation);
            status = doctor.ill ? EXIT_FAILURE : EXIT_SUCCESS;
        }
    }
    config_free(&config);
    return status;
}
