#include "core/clock.h"
#include "core/text.h"
#include "domain/dashboard/dashboard.h"
#include "domain/dashboard/dashboard_parts.h"
#include "domain/leads/leads.h"
#include "http/form_data.h"
#include "view/messages.h"

static const struct choice period_choices[] = {
    {"30d", N_("30 days")}, {"90d", N_("90 days")}, {"12m", N_("12 months")}, {NULL, NULL}};
static const struct field fields[] = {
    {.name = "period", .kind = FIELD_CHOICE, .label = N_("Period"), .choices = period_choices},
    {.name = "currency", .kind = FIELD_TEXT, .label = N_("Currency"), .max = 3},
    {0},
};
const struct form_spec dashboard_form = {.fields = fields};

static const char *wanted_currency(const struct ctx *ctx) {
    const char *currency = form_value(ctx->form, "currency");
    return currency && strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 && currency[3] == '\0'
               ? currency
               : NULL;
}

/* In the arena: statements and the model refer to its days. */
static const struct period *period_of(struct ctx *ctx) {
    struct period *period = arena_alloc(ctx->arena, sizeof *period);
    period_make(period_find(form_value(ctx->form, "period")), clock_now(), period);
    return period;
}

enum err dashboard_prepare(struct ctx *ctx) {
    (void)form_take(ctx->form, ctx->request->query); /* what makes no sense is the usual period */
    const struct period *period = period_of(ctx);
    ctx_set(ctx, "from", period->from);
    ctx_set(ctx, "until", period->until);
    ctx_set(ctx, "before_from", period->before_from);
    ctx_set(ctx, "before_until", period->before_until);
    ctx_set(ctx, "month_from", period->month_from);
    ctx_set(ctx, "before_month_from", period->before_month_from);
    ctx_set(ctx, "days", arena_printf(ctx->arena, "%d", period->bucket_days));
    ctx_set(ctx, "currency", wanted_currency(ctx));
    ctx_set(ctx, "staff", ctx->session.audience == AUDIENCE_STAFF ? "true" : NULL);
    return OK;
}

/* The page's address with another period or currency; the usual period isn't named. */
static const char *href(struct ctx *ctx, enum period_kind kind, const char *currency) {
    const char *period = kind == PERIOD_30_DAYS ? NULL : period_code(kind);
    return arena_printf(
        ctx->arena, "/dashboard%s%s%s%s", period || currency ? "?" : "",
        period ? arena_printf(ctx->arena, "period=%s%s", period, currency ? "&" : "") : "",
        currency ? "currency=" : "", currency ? currency : "");
}

static void show_choices(struct ctx *ctx, const struct period *period) {
    struct model_list *periods = model_set_list(ctx->page, "periods");
    for (int kind = 0; kind < PERIODS; kind++) {
        struct model *choice = model_list_add(periods);
        model_set_text(choice, "label", messages_text(period_choices[kind].label));
        model_set_text(choice, "href", href(ctx, (enum period_kind)kind, wanted_currency(ctx)));
        model_set_bool(choice, "current", kind == (int)period->kind);
    }
    const struct rows *rows = ctx_rows(ctx, Q_dashboard_currencies);
    const char *chosen = ctx_column(ctx, Q_dashboard_sums, "currency");
    struct model_list *currencies = model_set_list(ctx->page, "currencies");
    for (size_t i = 0; i < rows->nrows; i++) {
        const char *currency = rows_get(rows, i, "value");
        struct model *choice = model_list_add(currencies);
        model_set_text(choice, "label", currency);
        model_set_text(choice, "href", href(ctx, period->kind, currency));
        model_set_bool(choice, "current", text_equal(currency, chosen));
    }
    model_set_text(ctx->page, "currency", chosen);
    model_set_bool(ctx->page, "several_currencies", rows->nrows > 1);
    model_set_bool(ctx->page, "staff", ctx->session.audience == AUDIENCE_STAFF);
    model_set_typed(ctx->page, "from", period->from, COLUMN_DATE);
    model_set_typed(ctx->page, "until", period->until, COLUMN_DATE);
}

static void show_sources(struct ctx *ctx, const struct period *period) {
    const struct rows *rows = ctx_rows(ctx, Q_dashboard_sources);
    const char *since = arena_printf(ctx->arena, "%.8s01", period->from);
    struct model_list *sources = model_set_list(ctx->page, "sources");
    for (size_t i = 0; i < rows->nrows; i++) {
        const char *source = rows_get(rows, i, "source");
        struct model *entry = model_list_add(sources);
        model_set_text(entry, "source", source);
        model_set_typed(entry, "leads", rows_get(rows, i, "leads"), COLUMN_INT);
        model_set_typed(entry, "won", rows_get(rows, i, "won"), COLUMN_INT);
        model_set_typed(entry, "share", rows_get(rows, i, "share"), COLUMN_NUMERIC);
        model_set_text(entry, "href",
                       ctx_can(ctx, "leads:read")
                           ? arena_printf(ctx->arena, "/leads?source=%s&from=%s", source, since)
                           : NULL);
    }
    model_set_bool(ctx->page, "has_sources", rows->nrows > 0);
    model_set_typed(ctx->page, "sources_since", since, COLUMN_DATE);
}

enum err dashboard_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    const struct period *period = period_of(ctx);
    show_choices(ctx, period);
    struct sparks sparks;
    figures_show(ctx, period, &sparks);
    trend_show(ctx, period, &sparks);
    funnel_show(ctx);
    show_sources(ctx, period);
    lead_events_show(ctx, "events", ctx_rows(ctx, Q_dashboard_activity));
    capacity_show(ctx);
    duties_show(ctx);
    return OK;
}
