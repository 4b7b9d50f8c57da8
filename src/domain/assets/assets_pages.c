#include "core/i18n.h"
#include "core/text.h"
#include "domain/assets/assets.h"

static const struct choice type_choices[] = {
    {"logo", NULL},       {"banner", NULL},     {"flyer", NULL},
    {"social", NULL},     {"email", NULL},      {"proposal", NULL},
    {"one_pager", NULL},  {"case_study", NULL}, {"objection_guide", NULL},
    {"price_list", NULL}, {NULL, NULL}};
static const struct field filter_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Search"), .max = 100},
    {.name = "type", .kind = FIELD_CHOICE, .label = N_("Type"), .choices = type_choices},
    {0},
};
const struct form_spec asset_filters = {.fields = filter_fields};
const struct list_spec asset_list_spec = {
    .query = Q_asset_list, .page_size = 24, .filename = "library"};

enum err asset_thumbnail(struct ctx *ctx) {
    const char *file = ctx_column(ctx, Q_asset_thumbnail, "file");
    const char *type = text_ends(file, ".svg")   ? "image/svg+xml"
                       : text_ends(file, ".png") ? "image/png"
                                                 : "image/jpeg";
    response_file(ctx->response, arena_printf(ctx->arena, "/protected/%s", file), type, file, true);
    response_header(ctx->response, "Cache-Control", "private, max-age=300");
    return OK;
}

enum err asset_download_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_asset_download);
    if (err)
        return err;
    const struct rows *found = ctx_rows(ctx, Q_asset_download);
    if (found->nrows == 0)
        return ERR_NOT_FOUND;
    response_file(ctx->response,
                  arena_printf(ctx->arena, "/protected/%s", rows_get(found, 0, "file")),
                  rows_get(found, 0, "content_type"), rows_get(found, 0, "file_name"), false);
    return OK;
}
