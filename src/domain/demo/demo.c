#include "domain/demo/demo.h"
#include "core/clock.h"
#include "core/params.h"
#include "core/text.h"
#include "domain/calendar/when_rules.h"
#include "domain/demo/demo_leads.h"
#include "domain/demo/demo_library.h"
#include "domain/demo/demo_messages.h"
#include "domain/demo/demo_people.h"
#include "domain/demo/demo_training.h"

enum {
    ARENA_MAX = 16 << 20,
    PORTION = 20000,   /* leads per COPY; a statement's rollup is worked out in memory */
    MANY_LEADS = 50000 /* from here on indexes, keys and rollups are made afterwards */
};

struct seeding {
    struct db *db;
    struct arena *arena;
    struct params *params;
    const struct demo_options *options;
    struct demo_world world;
    struct demo_training training;
    struct demo_library library;
    FILE *progress;
    int64_t begun; /* microseconds */
    char *error;
    size_t error_size;
};

static const char *param_value(void *context, const char *name) {
    return params_get(context, name);
}

static enum err say(struct seeding *seeding, enum err err, const char *sentence) {
    if (*seeding->error == '\0')
        snprintf(seeding->error, seeding->error_size, "%s", sentence);
    return err;
}

static void report(struct seeding *seeding, const char *what, long rows) {
    int64_t now = clock_monotonic_us();
    if (seeding->progress == NULL)
        return;
    double seconds = (double)(now - seeding->begun) / 1e6;
    if (rows >= 0)
        fprintf(seeding->progress, "  %-18s %9ld rows %8.2f s\n", what, rows, seconds);
    else
        fprintf(seeding->progress, "  %-18s %14s %8.2f s\n", what, "", seconds);
    fflush(seeding->progress);
    seeding->begun = now;
}

static enum err run(struct seeding *seeding, enum batch_kind kind, enum query query,
                    const struct rows **rows) {
    struct batch *batch = batch_new(seeding->db, seeding->arena, AUDIENCE_OWNER, kind);
    size_t index = batch_add(batch, query, NULL, param_value, seeding->params);
    enum err err = batch_run(batch);
    if (err != OK) {
        if (err == ERR_UNAVAILABLE)
            return say(seeding, err,
                       "The database cannot be reached, or it stopped while the demo was made.");
        char sentence[512];
        snprintf(sentence, sizeof sentence, "The database refused %s: %s", query_info(query)->name,
                 batch_message(batch));
        return say(seeding, err, sentence);
    }
    if (rows != NULL)
        *rows = batch_rows(batch, index);
    return OK;
}

static enum err copy(struct seeding *seeding, enum query query,
                     bool (*write)(void *context, struct buf *out), void *context) {
    enum err err = db_copy(seeding->db, query, write, context);
    char sentence[128];
    snprintf(sentence, sizeof sentence, "The rows of %s were refused; the log says why.",
             query_info(query)->name);
    return err != OK ? say(seeding, err, sentence) : OK;
}

/* ---- what is there already ---- */

static void describe(const struct demo_options *options, char *out, size_t size) {
    snprintf(out, size, "seed=%llu partners=%ld leads=%ld", (unsigned long long)options->seed,
             options->partners, options->leads);
}

/* OK: go on, unless *outcome is DEMO_WAS_THERE. */
static enum err check_state(struct seeding *seeding, enum demo_outcome *outcome) {
    const struct rows *state;
    enum err err = run(seeding, BATCH_OPEN, Q_seed_state, &state);
    if (err != OK)
        return err;
    const char *there = rows_get(state, 0, "demo_seed");
    char wanted[128], sentence[512];
    describe(seeding->options, wanted, sizeof wanted);
    if (there != NULL && (!seeding->options->asked || text_equal(there, wanted))) {
        *outcome = DEMO_WAS_THERE;
        return OK;
    }
    if (there != NULL) {
        snprintf(
            sentence, sizeof sentence,
            "This database holds another demo (%s; wanted: %s). Seed an empty database instead.",
            there, wanted);
        return say(seeding, ERR_CONFLICT, sentence);
    }
    if (rows_long(state, 0, "partners") > 0)
        return say(seeding, ERR_CONFLICT,
                   "This database holds partners of its own; a demo goes into an empty one only.");
    params_set(seeding->params, "demo_seed", arena_strdup(seeding->arena, wanted));
    return OK;
}

/* ---- tables ---- */

static enum err copy_people(struct seeding *seeding) {
    struct demo_people people = {.world = &seeding->world};
    if (!crypto_password_hash(DEMO_PASSWORD, &seeding->options->cost, people.password_hash))
        return say(seeding, ERR_INTERNAL, "There is not enough memory to hash a password.");
    enum err err = copy(seeding, Q_seed_partners, demo_partners_write, &people);
    if (err != OK)
        return err;
    report(seeding, "partners", people.next);
    people.next = 0;
    err = copy(seeding, Q_seed_users, demo_users_write, &people);
    if (err == OK)
        report(seeding, "users", people.next);
    return err;
}

typedef void lead_writer(struct demo_pass *pass, const struct demo_life *life, struct buf *out);

static enum err copy_pass(struct seeding *seeding, const char *what, enum query query,
                          lead_writer *write) {
    struct demo_pass pass = {.world = &seeding->world, .write = write};
    enum err err = OK;
    demo_world_recount(&seeding->world);
    while (err == OK && pass.next < seeding->options->leads) {
        pass.stop = pass.next + PORTION < seeding->options->leads ? pass.next + PORTION
                                                                  : seeding->options->leads;
        err = copy(seeding, query, demo_pass_lines, &pass);
    }
    if (err == OK)
        report(seeding, what, pass.rows);
    return err;
}

static enum err copy_leads(struct seeding *seeding) {
    enum err err = copy_pass(seeding, "leads", Q_seed_leads, demo_lead_write);
    if (err == OK)
        err = copy_pass(seeding, "lead history", Q_seed_history, demo_history_write);
    if (err == OK)
        err = copy_pass(seeding, "shares", Q_seed_shares, demo_shares_write);
    if (err == OK)
        err = copy_pass(seeding, "ledger entries", Q_seed_ledger, demo_ledger_write);
    return err;
}

static enum err copy_lessons(struct seeding *seeding) {
    static const struct {
        enum query query;
        bool (*write)(void *lessons, struct buf *out);
    } tables[] = {{Q_seed_courses, demo_courses_write},
                  {Q_seed_modules, demo_modules_write},
                  {Q_seed_questions, demo_questions_write},
                  {Q_seed_progress, demo_progress_write}};
    struct demo_lessons lessons = {.training = &seeding->training, .world = &seeding->world};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        enum err err = copy(seeding, tables[i].query, tables[i].write, &lessons);
        if (err != OK)
            return err;
    }
    report(seeding, "training", lessons.rows);
    return OK;
}

static enum err copy_library(struct seeding *seeding) {
    enum err err = copy(seeding, Q_seed_assets, demo_assets_write, &seeding->library);
    if (err == OK)
        err = copy(seeding, Q_seed_downloads, demo_downloads_write, &seeding->library);
    if (err == OK)
        report(seeding, "library", (long)seeding->library.count + seeding->library.rows);
    return err;
}

/* Links follow from partners and leads, and say of some of these where they came from. */
static enum err make_links(struct seeding *seeding) {
    static const enum query steps[] = {Q_seed_link_settings, Q_seed_links, Q_seed_credits,
                                       Q_seed_clicks,        Q_seed_desk,  Q_seed_links_tidy};
    char until[WHEN_TEXT_SIZE];
    when_text(seeding->options->until, until);
    params_set(seeding->params, "until", arena_strdup(seeding->arena, until));
    enum err err = OK;
    for (size_t i = 0; err == OK && i < sizeof steps / sizeof *steps; i++)
        err = run(seeding, BATCH_CONTINUE, steps[i], NULL);
    report(seeding, "links and clicks", -1);
    return err;
}

/* Small, and around a day rather than a lead's life: statements are all it takes. */
static enum err make_calendar(struct seeding *seeding) {
    static const enum query steps[] = {Q_seed_calendar, Q_seed_announcements,
                                       Q_seed_announcements_told, Q_seed_announcement_reads};
    enum err err = OK;
    for (size_t i = 0; err == OK && i < sizeof steps / sizeof *steps; i++)
        err = run(seeding, BATCH_CONTINUE, steps[i], NULL);
    report(seeding, "calendar and news", -1);
    return err;
}

static enum err write_messages(struct seeding *seeding) {
    enum err err = run(seeding, BATCH_CONTINUE, Q_seed_messages, NULL);
    if (err == OK)
        err = run(seeding, BATCH_CONTINUE, Q_seed_messages_end, NULL);
    if (err == OK)
        err = run(seeding, BATCH_CONTINUE, Q_seed_activities, NULL);
    if (err == OK)
        err = run(seeding, BATCH_CONTINUE, Q_seed_activities_end, NULL);
    if (err == OK)
        report(seeding, "conversations", -1);
    return err;
}

/* Leads of clients whom somebody else had sent before; what hangs on those that were merged follows once it is there. */
static enum err make_duplicates(struct seeding *seeding) {
    char until[WHEN_TEXT_SIZE];
    when_text(seeding->options->until, until);
    params_set(seeding->params, "until", arena_strdup(seeding->arena, until));
    return run(seeding, BATCH_CONTINUE, Q_seed_duplicates, NULL);
}

static enum err end_duplicates(struct seeding *seeding) {
    enum err err = run(seeding, BATCH_CONTINUE, Q_seed_merged, NULL);
    if (err == OK)
        err = run(seeding, BATCH_CONTINUE, Q_seed_duplicates_end, NULL);
    report(seeding, "duplicates", -1);
    return err;
}

/* What statements make of the rows that are there by now. */
static enum err write_rest(struct seeding *seeding) {
    static const enum query steps[] = {Q_seed_imports, Q_seed_notifications, Q_seed_choices, Q_seed_mail,
                                       Q_seed_suppressions, Q_seed_sequences, Q_seed_scores, Q_seed_views};
    enum err err = OK;
    for (size_t i = 0; err == OK && i < sizeof steps / sizeof *steps; i++)
        err = run(seeding, BATCH_CONTINUE, steps[i], NULL);
    return err;
}

static enum err copy_all(struct seeding *seeding) {
    bool many = seeding->options->leads >= MANY_LEADS;
    enum err err = run(seeding, BATCH_CONTINUE, Q_seed_open, NULL);
    if (err == OK)
        err = copy_people(seeding);
    if (err == OK && many)
        err = run(seeding, BATCH_CONTINUE, Q_seed_park, NULL);
    if (err == OK)
        err = copy_leads(seeding);
    if (err == OK && many) {
        err = run(seeding, BATCH_CONTINUE, Q_seed_unpark, NULL);
        report(seeding, "totals and indexes", -1);
    }
    if (err == OK)
        err = make_duplicates(seeding);
    if (err == OK)
        err = copy_lessons(seeding);
    if (err == OK)
        err = copy_library(seeding);
    if (err == OK)
        err = make_links(seeding);
    if (err == OK)
        err = write_rest(seeding);
    if (err == OK)
        err = make_calendar(seeding);
    if (err == OK)
        err = write_messages(seeding);
    if (err == OK)
        err = end_duplicates(seeding);
    if (err == OK)
        err = run(seeding, BATCH_CONTINUE, Q_seed_close, NULL);
    if (err == OK)
        err = run(seeding, BATCH_COMMIT, Q_seed_programme, NULL);
    return err;
}

/* Texts and files come first, so that no row names a file that could not be made. */
static enum err make_all(struct seeding *seeding) {
    const struct demo_options *options = seeding->options;
    char path[4096];
    snprintf(path, sizeof path, "%s/training.txt", options->texts);
    enum err err = demo_training_read(&seeding->training, path, options->seed, seeding->arena,
                                      seeding->error, seeding->error_size);
    if (err != OK)
        return err;
    demo_world_make(&seeding->world, options);
    err = demo_library_make(&seeding->library, &seeding->world, seeding->arena, seeding->error,
                            seeding->error_size);
    const char *carried = NULL;
    if (err == OK)
        err = demo_messages_make(options, seeding->arena, &carried, seeding->error,
                                 seeding->error_size);
    params_set(seeding->params, "files", carried);
    if (err == OK) {
        demo_capacity_make(&seeding->world);
        report(seeding, options->files != NULL ? "plan and files" : "plan", -1);
        err = copy_all(seeding);
    }
    demo_world_free(&seeding->world);
    return err;
}

static enum err tidy(struct seeding *seeding) {
    bool many = seeding->options->leads >= MANY_LEADS;
    enum err err = run(seeding, BATCH_WHOLE, many ? Q_seed_vacuum : Q_seed_analyze, NULL);
    report(seeding, "statistics", -1);
    return err;
}

enum err demo_seed(struct db *db, const struct demo_options *options, FILE *progress,
                   enum demo_outcome *outcome, char *error, size_t error_size) {
    struct seeding seeding = {.db = db,
                              .arena = arena_new(ARENA_MAX),
                              .options = options,
                              .progress = progress,
                              .begun = clock_monotonic_us(),
                              .error = error,
                              .error_size = error_size};
    seeding.params = params_new(seeding.arena);
    *error = '\0';
    *outcome = DEMO_MADE;
    enum err err = check_state(&seeding, outcome);
    if (err == OK && *outcome == DEMO_MADE) {
        err = make_all(&seeding);
        db_reset(db);
        if (err == OK)
            err = tidy(&seeding);
    }
    db_reset(db);
    arena_free(seeding.arena);
    return err;
}
