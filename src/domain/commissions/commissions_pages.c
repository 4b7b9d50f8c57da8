#include "core/i18n.h"
#include "domain/commissions/commissions.h"
#include "view/chart.h"
#include "view/messages.h"

enum { MONTHS = 12, CHART_HEIGHT = 220, CHART_SIZE_MAX = 64 << 10 };

static const struct choice state_choices[] = {
    {"pending", NULL},  {"approved", NULL}, {"payable", NULL}, {"paid", NULL},
    {"disputed", NULL}, {"reversed", NULL}, {NULL, NULL}};
static const struct choice kind_choices[] = {
    {"earned", NULL},     {"override", NULL}, {"split", NULL}, {"clawback", NULL},
    {"adjustment", NULL}, {"fee", NULL},      {"paid", NULL},  {NULL, NULL}};
static const struct field filter_fields[] = {
    {.name = "state", .kind = FIELD_CHOICE, .label = N_("State"), .choices = state_choices},
    {.name = "kind", .kind = FIELD_CHOICE, .label = N_("Kind"), .choices = kind_choices},
    {.name = "month",
     .kind = FIELD_CHOICE,
     .label = N_("Month"),
     .options = "commission_month_options"},
    {.name = "currency",
     .kind = FIELD_CHOICE,
     .label = N_("Currency"),
     .options = "commission_currencies"},
    /* what figures lead to */
    {.name = "since", .kind = FIELD_DATE, .label = N_("Since")},
    {.name = "before", .kind = FIELD_DATE, .label = N_("Before")},
    {.name = "open", .kind = FIELD_TEXT, .label = N_("Open only"), .max = 1},
    {.name = "counted", .kind = FIELD_TEXT, .label = N_("Without what was reversed"), .max = 1},
    {0},
};
const struct form_spec commission_filters = {.fields = filter_fields};
const struct list_spec commission_list_spec = {
    .query = Q_commission_list, .page_size = 50, .filename = "commissions"};

static const char *month_label(struct ctx *ctx, const char *month) {
    static const char *const names[] = {N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"),
                                        N_("May"), N_("Jun"), N_("Jul"), N_("Aug"),
                                        N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")};
    long number = strtol(month + 5, NULL, 10); /* YYYY-MM-01 */
    return arena_strdup(ctx->arena, messages_text(names[number >= 1 && number <= 12 ? number - 1 : 0]));
}

enum err commissions_show(struct ctx *ctx) {
    const struct rows *months = ctx_rows(ctx, Q_commission_months);
    const char *labels[MONTHS];
    double paid[MONTHS], open[MONTHS];
    size_t n = months->nrows < MONTHS ? months->nrows : MONTHS;
    for (size_t i = 0; i < n; i++) {
        labels[i] = month_label(ctx, rows_get(months, i, "month"));
        paid[i] = strtod(rows_get(months, i, "paid"), NULL);
        open[i] = strtod(rows_get(months, i, "open"), NULL);
    }
    const struct chart_series series[] = {{_("Paid"), paid}, {_("Open"), open}};
    const struct chart chart = {.title = _("Commissions by month"),
                                .labels = labels,
                                .points = n,
                                .series = series,
                                .nseries = 2,
                                .height = CHART_HEIGHT};
    struct buf svg;
    buf_init(&svg, CHART_SIZE_MAX);
    chart_columns(&chart, &svg);
    model_set_svg(ctx->page, "months_svg", arena_strdup(ctx->arena, buf_text(&svg)));
    buf_free(&svg);
    return OK;
}
