/* The row of key figures: what it is, how it compares, where its rows are. */
#include "domain/dashboard/dashboard_parts.h"
#include "view/messages.h"

static const struct {
    const char *versus, *none;
    long months;
} words[PERIODS] = {
    [PERIOD_30_DAYS] = {N_("vs previous 30 days"), N_("none in the previous 30 days"), 1},
    [PERIOD_90_DAYS] = {N_("vs previous 90 days"), N_("none in the previous 90 days"), 3},
    [PERIOD_12_MONTHS] = {N_("vs previous 12 months"), N_("none in the previous 12 months"), 12},
};

/* More is better in all of our figures, so the arrow's direction is the judgement too. */
static void put_change(struct ctx *ctx, struct model *figure, struct change change,
                       enum period_kind kind, const char *unit) {
    model_set_bool(figure, "delta_up", change.trend == TREND_UP);
    model_set_bool(figure, "delta_good", change.trend == TREND_UP);
    model_set_bool(figure, "delta_down", change.trend == TREND_DOWN);
    model_set_bool(figure, "delta_bad", change.trend == TREND_DOWN);
    const char *text = NULL;
    if (change.trend == TREND_SAME)
        text = _("No change");
    else if (change.trend == TREND_NEW)
        text = _("New:");
    else if (change.trend != TREND_NONE)
        text = unit ? arena_printf(ctx->arena, "%s %s", change.text, unit)
                    : arena_strdup(ctx->arena, change.text);
    model_set_text(figure, "delta_text", text);
    const char *note = change.trend == TREND_NEW ? words[kind].none : words[kind].versus;
    model_set_text(figure, "delta_note", text ? messages_text(note) : NULL);
}

static struct model *put_figure(struct model *figures, const char *name, const char *value,
                                enum column_type type, const char *href) {
    struct model *figure = model_set_object(figures, name);
    model_set_typed(figure, "value", value, type);
    model_set_text(figure, "href", href);
    return figure;
}

/* A list of leads, where this person may see one. */
static const char *leads_href(struct ctx *ctx, const char *query) {
    return ctx_can(ctx, "leads:read") ? arena_printf(ctx->arena, "/leads?%s", query) : NULL;
}

static void put_before(struct ctx *ctx, struct model *figure, const char *query) {
    model_set_text(figure, "delta_href", leads_href(ctx, query));
}

static void put_counts(struct ctx *ctx, struct model *figures, const struct period *p,
                       struct sparks *sparks) {
    const struct rows *sums = ctx_rows(ctx, Q_dashboard_sums);
    const char *closed = arena_printf(ctx->arena, "closed_from=%s&closed_to=%s", p->from, p->until);
    const char *closed_before =
        arena_printf(ctx->arena, "closed_from=%s&closed_to=%s", p->before_from, p->before_until);
    struct model *figure =
        put_figure(figures, "created", rows_get(sums, 0, "created"), COLUMN_INT,
                   leads_href(ctx, arena_printf(ctx->arena, "from=%s&to=%s", p->from, p->until)));
    put_change(ctx, figure,
               change_in_percent((double)rows_long(sums, 0, "created"),
                                 (double)rows_long(sums, 0, "created_before")),
               p->kind, NULL);
    put_before(ctx, figure, arena_printf(ctx->arena, "from=%s&to=%s", p->before_from, p->before_until));
    sparks->created = figure;

    figure = put_figure(figures, "won", rows_get(sums, 0, "won"), COLUMN_INT,
                        leads_href(ctx, arena_printf(ctx->arena, "stage=won&%s", closed)));
    put_change(ctx, figure,
               change_in_percent((double)rows_long(sums, 0, "won"),
                                 (double)rows_long(sums, 0, "won_before")),
               p->kind, NULL);
    put_before(ctx, figure, arena_printf(ctx->arena, "stage=won&%s", closed_before));
    sparks->won = figure;

    double now = conversion_of(rows_long(sums, 0, "won"), rows_long(sums, 0, "lost"));
    double before =
        conversion_of(rows_long(sums, 0, "won_before"), rows_long(sums, 0, "lost_before"));
    figure =
        put_figure(figures, "conversion", now < 0 ? NULL : arena_printf(ctx->arena, "%.3f", now),
                   COLUMN_NUMERIC, leads_href(ctx, closed));
    model_set_bool(figure, "known", now >= 0);
    put_change(ctx, figure, change_in_points(now, before), p->kind, _("points"));
    put_before(ctx, figure, closed_before);
}

static double amount(const struct rows *rows, const char *column) {
    const char *text = rows_get(rows, 0, column);
    return text ? strtod(text, NULL) : 0;
}

static void put_money(struct ctx *ctx, struct model *figures, const struct period *p) {
    const struct rows *sums = ctx_rows(ctx, Q_dashboard_sums),
                      *stages = ctx_rows(ctx, Q_dashboard_stages);
    const char *currency = rows_get(sums, 0, "currency");
    currency = currency ? currency : "";
    struct model *figure = put_figure(
        figures, "won_value", rows_get(sums, 0, "won_value"), COLUMN_NUMERIC,
        leads_href(ctx,
                   arena_printf(ctx->arena,
                                "stage=won&closed_from=%s&closed_to=%s&currency=%s&sort=value_desc",
                                p->from, p->until, currency)));
    put_change(ctx, figure,
               change_in_percent(amount(sums, "won_value"), amount(sums, "won_value_before")),
               p->kind, NULL);
    put_before(ctx, figure,
               arena_printf(ctx->arena, "stage=won&closed_from=%s&closed_to=%s&currency=%s&sort=value_desc",
                            p->before_from, p->before_until, currency));

    figure = put_figure(figures, "pipeline", rows_get(stages, 0, "_open_leads"), COLUMN_INT,
                        leads_href(ctx, "open=1&sort=updated"));
    model_set_typed(figure, "worth", rows_get(stages, 0, "_open_value"), COLUMN_NUMERIC);

    /* This month isn't over, so it is shown beside the months before and not judged by them. */
    figure = put_figure(figures, "commission", rows_get(sums, 0, "commission"), COLUMN_NUMERIC,
                        arena_printf(ctx->arena, "/commissions?since=%s&currency=%s&counted=1", p->month_from, currency));
    model_set_typed(figure, "before", rows_get(sums, 0, "commission_before"), COLUMN_NUMERIC);
    model_set_text(figure, "before_href",
                   arena_printf(ctx->arena, "/commissions?since=%s&before=%s&currency=%s&counted=1", p->before_month_from,
                                p->month_from, currency));
    model_set_typed(figure, "since", p->month_from, COLUMN_DATE);
    model_set_int(figure, "months", words[p->kind].months);
    model_set_bool(figure, "one_month", words[p->kind].months == 1);
}

void figures_show(struct ctx *ctx, const struct period *period, struct sparks *sparks) {
    struct model *figures = model_set_object(ctx->page, "figures");
    put_counts(ctx, figures, period, sparks);
    put_money(ctx, figures, period);
}
