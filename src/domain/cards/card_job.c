#include "core/log.h"
#include "core/text.h"
#include "domain/cards/cards.h"
#include "domain/files/file_rules.h"
#include "jobs/child.h"
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

enum { HEAD = 1 << 20 /* bytes in which a picture says how large it is */, PATH_SIZE = 4096, OUTPUT_MAX = 64 * 1024 };

/* A photo of fifty megapixels is two hundred megabytes once it is decoded, and twice that in grey and black. */
static const struct child_limits limits = {.seconds = 25, .memory = 1L << 30};

static int open_picture(struct job *job, const char *sha256) {
    char path[PATH_SIZE], below[FILE_PATH_SIZE];
    file_path(sha256, below);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", job->config->files, below) >= sizeof path)
        return -1;
    return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* Looked at once more: what lies in the store may be older than the rule. */
static bool fits(struct job *job, int fd) {
    unsigned long width, height;
    void *head = arena_alloc(job->arena, HEAD);
    ssize_t size = pread(fd, head, HEAD, 0);
    return size > 0 && card_picture_size(head, (size_t)size, &width, &height) && card_picture_fits(width, height);
}

static const char *reason_of(enum child_end end) {
    switch (end) {
    case CHILD_SLOW:
        return "slow";
    case CHILD_MISSING:
        return "unavailable";
    case CHILD_FAILED:
        return "unreadable";
    case CHILD_DONE:
        break;
    }
    return NULL;
}

/* Text as it stands in the picture; NULL with a reason when there is none. */
static const char *read_text(struct job *job, int fd, const char **why) {
    /* columns and single words wherever they stand, turned as they may be; English letters cover what forms take */
    static char program[] = "tesseract", from[] = "stdin", to[] = "stdout", language[] = "-l", english[] = "eng",
                mode[] = "--psm", sparse[] = "12", density[] = "--dpi", dpi[] = "300";
    static char *const argv[] = {program, from, to, language, english, mode, sparse, density, dpi, NULL};
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    enum child_end end = child_run(argv, fd, &limits, &out);
    const char *text = end == CHILD_DONE && text_utf8_valid(buf_text(&out), out.len) ? arena_strdup(job->arena, buf_text(&out)) : NULL;
    buf_free(&out);
    *why = text != NULL ? NULL : end == CHILD_DONE ? "nothing" : reason_of(end);
    return text;
}

static void put(json_t *object, const char *name, const char *value) {
    if (value != NULL)
        json_object_set_new(object, name, json_string(value));
}

static const char *as_json(struct job *job, const struct card *card) {
    json_t *object = json_object();
    put(object, "name", card->name);
    put(object, "company", card->company);
    put(object, "title", card->title);
    put(object, "email", card->email);
    put(object, "phone", card->phone);
    put(object, "website", card->website);
    put(object, "address", card->address);
    char *text = json_dumps(object, JSON_COMPACT);
    const char *kept = text != NULL ? arena_strdup(job->arena, text) : "{}";
    free(text);
    json_decref(object);
    return kept;
}

enum err card_read(struct job *job) {
    enum err err = job_run(job, Q_work_card_picture);
    if (err != OK || job->rows->nrows == 0)
        return err; /* nobody waits for it any more */
    const char *why = NULL;
    struct card card = {.name = NULL};
    int fd = open_picture(job, arena_strdup(job->arena, rows_get(job->rows, 0, "sha256")));
    if (fd < 0 || !fits(job, fd)) {
        why = "unreadable";
    } else {
        const char *text = read_text(job, fd, &why);
        if (text != NULL)
            card = card_of_text(job->arena, text);
        if (why == NULL && !card_useful(&card))
            why = "nothing";
    }
    if (fd >= 0)
        close(fd);
    if (why != NULL)
        log_event(LOG_WARN, "card_unread", "why", "%s", why, NULL);
    params_set(job->params, "fields", as_json(job, &card));
    params_set(job->params, "card_why", why);
    return job_run(job, Q_work_card_done);
}
