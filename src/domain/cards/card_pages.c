#include "core/i18n.h"
#include "core/text.h"
#include "domain/cards/cards.h"
#include "domain/files/files.h"
#include "view/messages.h"

#define ACCEPTED "image/jpeg,image/png,image/webp"

/* clang-format off */
static const struct field card_fields[] = {
    {.name = "photo", .kind = FIELD_FILE, .label = N_("Photo of the card"), .required = true, .accept = ACCEPTED,
     .size_max = FILE_SIZE_MAX, .hint = N_("One card, flat and in good light. JPEG or PNG, at most 10 MB.")},
    {0},
};
const struct form_spec card_form = {.fields = card_fields};

static const struct file_policy photos = {
    .kinds = FILE_PICTURE, .size_max = FILE_SIZE_MAX, .count_max = 1,
    .refusal = N_("“{value}” is not a picture. Take a photo, or send one as JPEG or PNG."),
};
/* clang-format on */

/* Its size is looked at before anything decodes it. */
static bool judge(struct ctx *ctx, const struct file_list *files) {
    unsigned long width, height;
    if (files->count == 0)
        form_error(ctx->form, "photo", N_("Take a photo of the card, or choose one."));
    else if (!card_picture_size(files->items[0].data, files->items[0].size, &width, &height))
        form_error(ctx->form, "photo", N_("This kind of picture can't be read here. Send it as JPEG or PNG."));
    else if (!card_picture_fits(width, height))
        form_error(ctx->form, "photo", N_("This picture is too large to be read. Take it with fewer megapixels, or cut it to the card."));
    return form_valid(ctx->form);
}

enum err card_insert_post(struct ctx *ctx) {
    struct file_list files;
    enum err err = files_take(ctx, "photo", &photos, &files);
    if (err)
        return err;
    if (!form_valid(ctx->form) || !judge(ctx, &files))
        return ERR_INVALID;
    err = files_keep(ctx, &files, 0, Q_card_add);
    if (err == ERR_THROTTLED && ctx->request->answer != ANSWER_JSON) {
        const char *sentence = arena_strdup(ctx->arena, ctx->sorry);
        ctx->sorry = NULL;
        return ctx_field_error(ctx, "photo", sentence);
    }
    if (err)
        return err;
    ctx_set(ctx, "card_id", ctx_column(ctx, Q_card_add, "card_id"));
    return ctx_redirect(ctx, "/leads/cards/{card_id}", NULL);
}

enum err card_page(struct ctx *ctx) {
    const char *state = ctx_column(ctx, Q_card, "state");
    if (text_equal(state, "waiting") || ctx->request->answer == ANSWER_JSON)
        return OK;
    if (text_equal(state, "used")) {
        ctx_set(ctx, "lead_id", ctx_column(ctx, Q_card, "lead_id"));
        return ctx_redirect(ctx, ctx_get(ctx, "lead_id") ? "/leads/{lead_id}" : "/leads", NULL);
    }
    return ctx_redirect(ctx, "/leads/new?card={card_id}", NULL);
}

/* ── In the form ── */

static const char *sentence_of(const char *why) {
    static const struct {
        const char *why, *sentence;
    } sentences[] = {
        {"nothing", N_("Nothing could be read on this picture. Type what stands on the card; it is shown here.")},
        {"slow", N_("Reading this picture took too long. Type what stands on the card; it is shown here.")},
        {"unreadable", N_("This picture could not be opened. Type what stands on the card, or take it once more.")},
        {"unavailable", N_("Cards can't be read just now. Type what stands on the card; it is shown here.")},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (text_equal(sentences[i].why, why))
            return messages_text(sentences[i].sentence);
    return NULL;
}

/* What the form has no field for stands in its text, to be kept or crossed out. */
static const char *remaining(struct ctx *ctx) {
    static const char *const columns[] = {"title", "company", "address", "website"};
    struct buf text;
    buf_init(&text, 2048);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const char *value = ctx_column(ctx, Q_card_found, columns[i]);
        if (value)
            buf_printf(&text, "%s%s", text.len ? "\n" : "", value);
    }
    const char *whole = text.len ? arena_strdup(ctx->arena, buf_text(&text)) : NULL;
    buf_free(&text);
    return whole;
}

void card_fill(struct ctx *ctx) {
    static const char *const columns[] = {"client_name", "client_email", "client_phone"};
    const struct rows *card = ctx_rows(ctx, Q_card_found);
    if (card->nrows == 0)
        return;
    messages_use(ctx_locale(ctx));
    struct model *shown = model_set_object(ctx->page, "photo");
    model_set_text(shown, "href", arena_printf(ctx->arena, "/files/%s", rows_get(card, 0, "file_id")));
    model_set_text(shown, "failed", sentence_of(rows_get(card, 0, "why")));
    form_set(ctx->form, "card_id", rows_get(card, 0, "id"));
    if (ctx->response->status == err_status(ERR_INVALID))
        return; /* what was typed counts */
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        form_set(ctx->form, columns[i], rows_get(card, 0, columns[i]));
    form_set(ctx->form, "description", remaining(ctx));
}
