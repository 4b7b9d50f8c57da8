#include "core/log.h"
#include "core/text.h"
#include "domain/imports/import_lead.h"
#include "domain/imports/import_store.h"
#include "domain/imports/imports.h"
#include <jansson.h>

/* A portion is a transaction: small enough to be over in a blink (progress, other jobs), large
 * enough that its own cost does not count. */
enum { PORTION_ROWS = 2000, PORTION_BYTES = 2 << 20, PORTION_MAX = 16 << 20, PIECE = 64 * 1024 };

struct portion {
    struct arena *arena; /* of one row at a time */
    struct import_source source;
    struct buf rows; /* JSON */
    long count;
    bool header; /* the next row names the columns */
};

static bool take_row(void *context, const struct import_row *row) {
    struct portion *portion = context;
    if (portion->header) {
        portion->header = false;
        return true;
    }
    if (portion->count++ > 0)
        buf_putc(&portion->rows, ',');
    import_lead_write(portion->arena, &portion->source, row, &portion->rows);
    arena_reset(portion->arena);
    return portion->count < PORTION_ROWS && portion->rows.len < PORTION_BYTES;
}

/* Rows until there are enough of them or none is left, which *last says. */
static enum import_trouble read_rows(FILE *stream, struct import_reader *reader, bool *last) {
    char piece[PIECE];
    enum import_trouble trouble = TROUBLE_NONE;
    *last = false;
    while (trouble == TROUBLE_NONE && !*last) {
        size_t size = fread(piece, 1, sizeof piece, stream);
        if (size == 0 && ferror(stream))
            return TROUBLE_STORE;
        *last = size == 0;
        trouble = *last ? import_reader_end(reader) : import_reader_feed(reader, piece, size);
    }
    return trouble == TROUBLE_STOPPED ? TROUBLE_NONE : trouble;
}

static struct params *constants_of(struct arena *arena, const char *json) {
    struct params *constants = params_new(arena);
    json_t *object = json_loads(json, 0, NULL), *value;
    const char *name;
    json_object_foreach(object, name, value) {
        if (json_is_string(value))
            params_set(constants, arena_strdup(arena, name),
                       arena_strdup(arena, json_string_value(value)));
    }
    json_decref(object);
    return constants;
}

static enum err keep(struct job *job, const struct portion *portion,
                     const struct import_reader *reader, long begin, bool last) {
    struct params *params = job->params;
    if (buf_overflowed(&portion->rows))
        return job_explain(job, ERR_INVALID, "A portion of rows is larger than it can be.");
    params_set(params, "rows", arena_printf(job->arena, "[%s]", buf_text(&portion->rows)));
    params_set(params, "position",
               arena_printf(job->arena, "%ld", begin + (long)import_reader_position(reader)));
    params_set(params, "line", arena_printf(job->arena, "%ld", import_reader_line(reader)));
    params_set(params, "last", last ? "true" : "false");
    return job_run(job, Q_import_add);
}

static enum err check_portion(struct job *job, struct portion *portion, FILE *stream,
                              char delimiter, long position, long line) {
    struct import_reader *reader = import_reader_new(delimiter, line, take_row, portion);
    bool last = false;
    enum import_trouble trouble = read_rows(stream, reader, &last);
    enum err err = OK;
    if (trouble == TROUBLE_NONE) {
        err = keep(job, portion, reader, position, last);
    } else { /* it was whole when it was kept */
        params_set(job->params, "problem",
                   "The file could not be read a second time. Please send it again.");
        err = job_run(job, Q_import_fail);
    }
    import_reader_free(reader);
    return err;
}

enum err import_check_work(struct job *job) {
    enum err err = job_run(job, Q_import_next);
    if (err || job->rows->nrows == 0)
        return err; /* cancelled meanwhile, or another mapping was chosen */
    const struct rows *import = job->rows;
    struct import_plan plan;
    struct portion portion = {.header = rows_true(import, 0, "has_header") &&
                                        rows_long(import, 0, "position") == 0};
    if (!import_plan_read(rows_get(import, 0, "mapping"), &plan))
        return job_explain(job, ERR_INVALID, "The import has no mapping.");
    portion.source = (struct import_source){
        .plan = &plan,
        .constants = constants_of(job->arena, rows_get(import, 0, "constants")),
        .columns = plan.count,
        .currencies = rows_get(import, 0, "currencies")};
    long position = rows_long(import, 0, "position");
    FILE *stream =
        import_file_open(job->arena, job->config->files, rows_get(import, 0, "file"), position);
    if (!stream)
        return job_explain(job, ERR_UNAVAILABLE,
                           "The file of the import is not in the file store of this machine.");
    portion.arena = arena_new(8 << 20);
    buf_init(&portion.rows, PORTION_MAX);
    err = check_portion(job, &portion, stream, *rows_get(import, 0, "delimiter"), position,
                        rows_long(import, 0, "line"));
    buf_free(&portion.rows);
    arena_free(portion.arena);
    (void)fclose(stream);
    return err;
}

enum err import_tidy_work(struct job *job) {
    enum err err = job_run(job, Q_imports_tidy);
    if (err)
        return err;
    long removed = import_files_tidy(job->arena, job->config->files, job->rows);
    if (removed > 0)
        log_event(LOG_INFO, "imports_tidied", "files", "%ld", removed, NULL);
    return OK;
}
