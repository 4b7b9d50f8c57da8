/*
 * files.h - files that people hand over: which are taken, where they lie, how they are given out.
 *
 * What a file is, its content says (libmagic). The type that the browser claims counts for nothing,
 * and the ending of its name only decides how plain text is called. Nothing is unpacked, decoded or
 * run, so what a file would grow to when somebody opens it is no matter here.
 *
 * A file's content lies in the file store under its SHA-256, store/<2 hex digits>/<the other 62>,
 * outside of what nginx serves; the same content lies there once. A row of `files` says what it is
 * called. Who may read that row is for row-level security: a room that takes files has a table that
 * links its rows to them, and a policy on `files` that shows a file to whoever sees a link. It adds
 * both rows by a function of its own (0006_messages.sql: app.message_attach), which no other may
 * call, so that nobody links a file that they only know the id of.
 *
 * A row that nothing links to any more goes by the job files.unlink, a day later; what no row names is removed from the store
 * by files.tidy. Whoever writes holds the content first (app.file_hold), so the two never meet.
 *
 * A room with files:
 *   - a field {.kind = FIELD_FILE, .multiple = true, .accept = FILES_ACCEPT_…} in its form, and
 *     enctype="multipart/form-data" where that stands;
 *   - .takes_files in its route, whose address ends in /upload (nginx lets only those be large);
 *   - in its handler files_take() with the other checks, and once its own row is there files_keep()
 *     with the statement that attaches one file;
 *   - links to /files/{id}, which file_show() answers.
 */
#ifndef TESSERA_DOMAIN_FILES_FILES_H
#define TESSERA_DOMAIN_FILES_FILES_H

#include "core/crypto.h"
#include "domain/files/file_rules.h"
#include "http/page.h"
#include "jobs/job.h"

/* What people are told as "up to five, 10 MB each". Five of them and a memo fit into upload_limit. */
enum { FILE_SIZE_MAX = 10 << 20 /* bytes */, FILES_AT_ONCE = 5 };

/* Which files a room takes, and how many at once. */
struct file_policy {
    unsigned kinds;      /* FILE_PICTURE | FILE_DOCUMENT … */
    size_t size_max;     /* bytes of one */
    size_t count_max;    /* at once */
    const char *refusal; /* of a wrong kind; {value} is the file's name. gettext message id */
};

struct file {
    const char *name; /* fit to be saved under: file_name_clean() */
    const char *type; /* as its content says: "image/png" */
    const void *data; /* in the request */
    size_t size;      /* bytes; never 0 */
    char sha256[2 * SHA256_SIZE + 1];
};
struct file_list {
    struct file *items;
    size_t count; /* 0: none was sent */
};

/* Looks at the files that came under a field's name. What is wrong with one stands beside the field
 * then, and list is empty. ERR_INTERNAL: libmagic's own data can't be read. */
enum err files_take(struct ctx *ctx, const char *field, const struct file_policy *policy,
                    struct file_list *list) CHECKED;

/* Puts one file into the store and runs the statement that attaches it, inside the POST's
 * transaction: it finds :file_sha256 (hex), :file_size, :file_type, :file_name and :file_position
 * (from 1). When the transaction fails afterwards the content lies there unused until it is tidied away.
 * ERR_UNAVAILABLE: the store can't be written. */
enum err files_keep(struct ctx *ctx, const struct file_list *list, size_t index,
                    enum query attach) CHECKED;

/* GET /files/{id}: X-Accel-Redirect to the content; pictures are shown, everything else is saved. */
enum err file_show(struct ctx *ctx) CHECKED;

/* Job files.tidy: content that has lain in the store for a day and is nobody's, of a sixteenth of the store (digit, the first
 * one of the hash); the next one is a job of its own. */
enum err files_tidy_work(struct job *job) CHECKED;

/* Writing without a request, for the demo. root: the file store. ERR_UNAVAILABLE with errno set. */
enum err file_store_write(const char *root, const char *sha256, const void *data,
                          size_t size) CHECKED;
void file_hash(const void *data, size_t size, char sha256[2 * SHA256_SIZE + 1]);
/* MIME type of the content as libmagic knows it; NULL when its data can't be read. Until the next
 * call. */
const char *file_sniff(const void *data, size_t size);

#endif
