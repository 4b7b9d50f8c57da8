#include "core/i18n.h"
#include "core/log.h"
#include "core/text.h"
#include "domain/files/files.h"
#include <errno.h>

enum { MEBIBYTE = 1 << 20 };

/* A file field that was left empty comes as a part without name and content. */
static bool was_chosen(const struct upload *upload, const char *field) {
    return text_equal(upload->field, field) && (*upload->filename != '\0' || upload->size > 0);
}

static const char *shown_name(const struct upload *upload) {
    return *upload->filename != '\0' ? upload->filename : "?";
}

static void refuse(struct ctx *ctx, const char *field, const char *message,
                   const struct upload *upload, size_t max) {
    form_error_about(ctx->form, field, message, upload != NULL ? shown_name(upload) : NULL,
                     (long)max);
}

/* False when it is refused, with the reason beside the field. */
static bool take_one(struct ctx *ctx, const char *field, const struct file_policy *policy,
                     const struct upload *upload, const char *sniffed, struct file *file) {
    const char *type = file_type_of(sniffed, upload->filename, policy->kinds);
    if (type == NULL) {
        refuse(ctx, field, policy->refusal, upload, 0);
        return false;
    }
    *file = (struct file){.name = file_name_clean(ctx->arena, upload->filename, type),
                          .type = type,
                          .data = upload->data,
                          .size = upload->size};
    file_hash(file->data, file->size, file->sha256);
    return true;
}

/* What can be said without a look into it. */
static bool fits(struct ctx *ctx, const char *field, const struct file_policy *policy,
                 const struct upload *upload) {
    if (upload->size == 0) {
        refuse(ctx, field, N_("“{value}” is empty. Choose another file, or leave it out."), upload,
               0);
        return false;
    }
    if (upload->size > policy->size_max) {
        refuse(ctx, field, N_("“{value}” is larger than {max} MB. Send a smaller one."), upload,
               policy->size_max / MEBIBYTE);
        return false;
    }
    return true;
}

static size_t count_chosen(const struct request *request, const char *field) {
    size_t count = 0;
    for (size_t i = 0; i < request->nuploads; i++)
        count += was_chosen(&request->uploads[i], field);
    return count;
}

enum err files_take(struct ctx *ctx, const char *field, const struct file_policy *policy,
                    struct file_list *list) {
    const struct request *request = ctx->request;
    *list = (struct file_list){.count = 0};
    size_t count = count_chosen(request, field);
    if (count > policy->count_max) {
        refuse(ctx, field, N_("These are too many: send at most {max} files at once."), NULL,
               policy->count_max);
        return OK;
    }
    struct file_list taken = {.items = arena_array(ctx->arena, count + 1, sizeof *taken.items)};
    for (size_t i = 0; i < request->nuploads; i++) {
        const struct upload *upload = &request->uploads[i];
        if (!was_chosen(upload, field))
            continue;
        if (!fits(ctx, field, policy, upload))
            return OK;
        const char *sniffed = file_sniff(upload->data, upload->size);
        if (sniffed == NULL)
            return ERR_INTERNAL;
        if (!take_one(ctx, field, policy, upload, sniffed, &taken.items[taken.count]))
            return OK;
        taken.count++;
    }
    *list = taken;
    return OK;
}

enum err files_keep(struct ctx *ctx, const struct file_list *list, size_t index,
                    enum query attach) {
    const struct file *file = &list->items[index];
    ctx_set(ctx, "file_sha256", file->sha256);
    enum err err = ctx_run(ctx, Q_file_hold); /* before the store is looked at: see files.h */
    if (err)
        return err;
    err = file_store_write(ctx->site->config->files, file->sha256, file->data, file->size);
    if (err) {
        log_event(LOG_ERROR, "file_store_failed", "why", "%s", strerror(errno), NULL);
        return ctx_fail(ctx, err,
                        N_("The file could not be kept just now. Try again in a moment."));
    }
    ctx_set(ctx, "file_size", arena_printf(ctx->arena, "%zu", file->size));
    ctx_set(ctx, "file_type", file->type);
    ctx_set(ctx, "file_name", file->name);
    ctx_set(ctx, "file_position", arena_printf(ctx->arena, "%zu", index + 1));
    return ctx_run(ctx, attach);
}

enum err file_show(struct ctx *ctx) {
    char path[FILE_PATH_SIZE];
    const char *type = ctx_column(ctx, Q_file_get, "type");
    file_path(ctx_column(ctx, Q_file_get, "sha256"), path);
    response_file(ctx->response, arena_printf(ctx->arena, "/protected/%s", path), type,
                  ctx_column(ctx, Q_file_get, "name"), file_type_shown(type));
    /* the browser asks each time whether it still may, and need not fetch it again if so */
    response_header(ctx->response, "Cache-Control", "private, no-cache");
    return OK;
}
