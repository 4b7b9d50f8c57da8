#include "domain/duplicates/duplicates.h"
#include <jansson.h>
#include <stdlib.h>

/* [{id, phone, was}] of the numbers that are numbers. */
static json_t *numbers_of(const struct rows *rows) {
    json_t *list = json_array();
    for (size_t i = 0; i < rows->nrows; i++) {
        char e164[PHONE_E164_SIZE];
        const char *was = rows_get(rows, i, "client_phone");
        if (phone_to_e164(was, rows_get(rows, i, "region"), e164))
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "id", rows_get(rows, i, "id"), "phone", e164, "was", was));
    }
    return list;
}

enum err duplicate_phones_work(struct job *job) {
    enum err err = job_run(job, Q_phones_take);
    if (err || job->rows->nrows == 0)
        return err;
    const char *last = arena_strdup(job->arena, rows_get(job->rows, job->rows->nrows - 1, "id"));
    json_t *list = numbers_of(job->rows);
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    if (!text)
        return ERR_INTERNAL;
    params_set(job->params, "phones", arena_strdup(job->arena, text));
    params_set(job->params, "next", last);
    free(text);
    return job_run(job, Q_phones_put);
}
