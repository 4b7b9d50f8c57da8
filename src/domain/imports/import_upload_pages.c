#include "core/crypto.h"
#include "core/text.h"
#include "domain/imports/import_dialect_rules.h"
#include "domain/imports/import_scan.h"
#include "domain/imports/import_store.h"
#include "domain/imports/import_workbook.h"
#include "domain/imports/imports.h"
#include "view/messages.h"

static bool is_staff(const struct ctx *ctx) {
    return ctx->session.audience == AUDIENCE_STAFF;
}

enum err import_upload_prepare(struct ctx *ctx) {
    const char *partner = params_get(ctx->request->query, "partner");
    if (ctx->request->method != METHOD_POST && partner && text_is_uuid(partner))
        form_set(ctx->form, "partner_id", partner);
    return OK;
}

enum err import_upload_page(struct ctx *ctx) {
    model_set_bool(ctx->page, "staff", is_staff(ctx));
    model_set_int(ctx->page, "limit", ctx->site->config->import_limit);
    model_set_int(ctx->page, "limit_mb", ctx->site->config->import_limit / (1024 * 1024));
    return OK;
}

static const struct upload *sent_file(const struct ctx *ctx) {
    for (size_t i = 0; i < ctx->request->nuploads; i++)
        if (text_equal(ctx->request->uploads[i].field, "file") &&
            (ctx->request->uploads[i].size > 0 || *ctx->request->uploads[i].filename))
            return &ctx->request->uploads[i];
    return NULL;
}

/* ── Before it is looked at ── */

static enum err check_partner(struct ctx *ctx) {
    const char *partner = form_value(ctx->form, "partner_id");
    if (!is_staff(ctx)) {
        ctx_set(ctx, "partner_id", NULL); /* their own, whatever was sent */
        return OK;
    }
    return partner && text_is_uuid(partner)
               ? OK
               : ctx_field_error(ctx, "partner_id",
                                 N_("Choose the partner who brought the clients."));
}

/* The page finds the earlier one by the same hash and leads to it. */
static enum err check_same(struct ctx *ctx, const struct upload *file) {
    unsigned char hash[SHA256_SIZE];
    char *hex = arena_alloc(ctx->arena, 2 * SHA256_SIZE + 1);
    crypto_sha256(file->data, file->size, hash);
    crypto_hex(hash, sizeof hash, hex);
    ctx_set(ctx, "file_hash", hex);
    enum err err = ctx_run_alone(ctx, Q_import_same);
    if (err || ctx_rows(ctx, Q_import_same)->nrows == 0)
        return err;
    return ctx_field_error(
        ctx, "file",
        text_equal(ctx_column(ctx, Q_import_same, "state"), "imported")
            ? N_("This very file was imported before. Nothing is imported twice.")
            : N_("This very file is here already. Go on where you left off."));
}

/* ── Looked at and kept ── */

static enum err insert(struct ctx *ctx, const struct upload *file, const struct import_scan *scan,
                       const char *name) {
    const char *delimiter = arena_printf(ctx->arena, "%c", scan->delimiter);
    ctx_set(ctx, "filename", *file->filename ? file->filename : "file.csv");
    ctx_set(ctx, "file", name);
    ctx_set(ctx, "size", arena_printf(ctx->arena, "%zu", file->size));
    ctx_set(ctx, "charset", scan->charset);
    ctx_set(ctx, "delimiter", delimiter);
    ctx_set(ctx, "has_header", scan->has_header ? "true" : "false");
    ctx_set(ctx, "columns", import_columns_json(ctx->arena, scan));
    ctx_set(ctx, "rows", arena_printf(ctx->arena, "%ld", scan->rows));
    enum err err = ctx_run_alone(ctx, Q_import_insert);
    if (err)
        return err;
    const char *id = ctx_column(ctx, Q_import_insert, "id");
    if (id) {
        ctx_set(ctx, "id", id);
        return OK;
    }
    if (is_staff(ctx))
        return ctx_field_error(ctx, "partner_id",
                               N_("This partner is not active. Choose another one."));
    return ctx_field_error(
        ctx, NULL,
        N_("Your partnership is suspended, so new leads are not taken. Please write to support."));
}

/* What is read as a table: the file itself, or for a workbook what a process of its own made of it.
 */
struct table {
    const char *bytes;
    size_t size;
    const char *charset; /* NULL: to be found out */
    struct spool spool;
    int turn; /* a workbook's, until it is kept */
};

static enum import_trouble open_table(struct ctx *ctx, const struct upload *upload,
                                      struct table *table) {
    *table = (struct table){.bytes = upload->data,
                            .size = upload->size,
                            .charset = import_charset_find(form_value(ctx->form, "charset")),
                            .spool = {.fd = -1},
                            .turn = -1};
    if (import_kind_of(upload->data, upload->size) != IMPORT_WORKBOOK)
        return TROUBLE_NONE;
    const char *files = ctx->site->config->files;
    enum import_trouble trouble = import_workbook_turn(files, session_get(&ctx->session, "user_id"), &table->turn);
    if (trouble == TROUBLE_NONE)
        trouble = import_workbook_read(upload->data, upload->size, files, &table->spool, &table->bytes);
    table->size = table->spool.size;
    table->charset = "UTF-8";
    return trouble;
}

static enum err keep_table(struct ctx *ctx, const struct upload *upload,
                           const struct table *table) {
    struct import_file file;
    struct import_scan scan;
    enum err err = import_file_new(ctx->arena, ctx->site->config->files, &file);
    if (err)
        return err;
    bool fine = import_scan(ctx->arena, table->bytes, table->size, table->charset,
                            import_file_write, &file, &scan);
    if (table->spool.fd >= 0)
        scan.charset = "XLSX";
    if (!fine)
        err = ctx_field_error(ctx, "file", scan.sentence);
    else if (!import_file_close(&file))
        err =
            ctx_field_error(ctx, "file", import_trouble_sentence(ctx->arena, TROUBLE_STORE, 0, 0));
    else
        err = insert(ctx, upload, &scan, file.name);
    if (err)
        import_file_remove(&file);
    return err;
}

static enum err keep(struct ctx *ctx, const struct upload *upload) {
    struct table table;
    enum import_trouble trouble = open_table(ctx, upload, &table);
    enum err err =
        trouble == TROUBLE_NONE
            ? keep_table(ctx, upload, &table)
            : ctx_field_error(ctx, "file", import_trouble_sentence(ctx->arena, trouble, 0, 0));
    spool_close(&table.spool);
    import_workbook_turn_end(&table.turn);
    return err;
}

enum err import_upload_post(struct ctx *ctx) {
    const struct upload *file = sent_file(ctx);
    enum err err = check_partner(ctx);
    if (!file)
        err = ctx_field_error(ctx, "file", N_("Choose the file with your clients in it."));
    if (!err)
        err = check_same(ctx, file);
    if (!err)
        err = keep(ctx, file);
    return err ? err : ctx_redirect(ctx, "/leads/imports/{id}/columns", NULL);
}
