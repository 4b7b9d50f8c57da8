/*
 * Every name that a page's template uses, partials and parents included, is one that the page has:
 * a column of its statements, a field of its form, a piece of the chrome, or something its handler
 * adds (the table below). A misspelt name renders as nothing, so nobody else would notice.
 *
 * A page's names are a tree of shapes. Templates are walked with a stack of them, as rendering
 * does.
 */
#include "app/routes.h"
#include "core/text.h"
#include "domain/activities/activities.h"
#include "tests/support/site.h"
#include "tests/support/unit.h"
#include "view/facets.h"
#include <ctype.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

static struct site_portal *portal;
static PGconn *owner;
static struct template_set *templates;
static struct arena *arena;
static int wrong;
static bool quiet; /* while mistakes are wanted */

/* ── Shapes ── */

enum shape_kind { SCALAR, OBJECT, LIST };

struct shape {
    enum shape_kind kind;
    const char *type; /* of a scalar: "text", "number", "bool", "timestamp", "date"; "" when it may
                         be any */
    const char *name;
    struct shape *members; /* of an object, or of a list's items where they are objects */
    struct shape *next;
    bool items_are_scalars;
};

static struct shape *member_of(const struct shape *shape, const char *name, size_t size) {
    for (struct shape *m = shape->members; m; m = m->next)
        if (strlen(m->name) == size && memcmp(m->name, name, size) == 0)
            return m;
    return NULL;
}

static struct shape *add(struct shape *into, const char *name, enum shape_kind kind,
                         const char *type) {
    struct shape *shape = member_of(into, name, strlen(name));
    if (shape)
        return shape;
    shape = arena_alloc(arena, sizeof *shape);
    *shape = (struct shape){.kind = kind, .type = type, .name = name, .next = into->members};
    into->members = shape;
    return shape;
}

/* "title, nav[{label, items[{href}]}], tags[], count:number, user{name}": names with what is in
 * them. */
static const char *parse(struct shape *into, const char *text) {
    while (*text && *text != '}') {
        text += strspn(text, " ,\n");
        size_t size = strcspn(text, " ,\n:[{}");
        if (size == 0)
            break;
        const char *name = arena_strndup(arena, text, size), *type = "";
        text += size;
        if (*text == ':') {
            size = strcspn(++text, " ,\n[{}");
            type = arena_strndup(arena, text, size);
            text += size;
        }
        bool list = *text == '[';
        text += list;
        bool members = *text == '{';
        struct shape *shape = add(into, name, list ? LIST : members ? OBJECT : SCALAR, type);
        shape->items_are_scalars = list && !members;
        if (members)
            text = parse(shape, text + 1) + 1;
        text += list;
    }
    return text;
}

/* ── What every page has (chrome.c), forms (form.h), lists (list.c) ── */

static const char chrome[] =
    "programme{name, currency, support_email, demo:bool}, theme:text, request_id:text, begun_ms, path:text, "
    "development:bool, csrf:text, problem:text,"
    " asset{css, app, board, theme, icons, favicon_svg, inter_latin_woff2}, notice{text, tone, undo, undo_version, here},"
    " user{id, name:text, email:text, role:text, audience:text, theme:text, unread:number, unread_text:text}, partner{id, "
    "name:text, tier:text, type:text, status:text},"
    " nav[{label, items[{label, href, icon, current:bool, badge{id, text}}]}]";

/* can: every permission that some route asks for. */
static void add_permissions(struct shape *page) {
    struct shape *can = add(page, "can", OBJECT, "");
    for (size_t i = 0; i < routes_count; i++) {
        const char *permission = routes[i].permission;
        char *name = permission && strchr(permission, ':') ? arena_strdup(arena, permission) : NULL;
        if (!name)
            continue;
        *strchr(name, ':') = '_';
        (void)add(can, name, SCALAR, "bool");
    }
}

#define FIELD                                                                                      \
    "name:text, label:text, hint:text, value:text, error:text, invalid:bool, required:bool, "      \
    "multiple:bool, checked:bool,"                                                                 \
    " autocomplete:text, is_text:bool, is_area:bool, is_email:bool, is_phone:bool, is_url:bool, "  \
    "is_password:bool, is_money:bool,"                                                             \
    " is_percent:bool, is_int:bool, is_date:bool, is_time:bool, is_choice:bool, is_check:bool, "   \
    "is_uuid:bool, is_hidden:bool, is_file:bool, accept:text, size_max:number, size_max_mb:number, count_max:number, type:text,"                          \
    " inputmode:text, is_input:bool, min:number, max:number, rows:number, id:text, hint_id:text, " \
    "error_id:text,"                                                                               \
    " described_by:text, options[{value, label, selected:bool, id}], has_options:bool"
static const char form_shape[] =
    "fields[{" FIELD "}], errors[{field, id, text}], has_errors:bool, error_count:number";
static const char list_shape[] = "count:number, empty:bool, has_filters:bool, sort:text, "
                                 "errors[{field, id, text}], has_errors:bool, error_count:number, "
                                 "reset_href, csv_href, xlsx_href, first_href, next_href";

/* ── What handlers add, by the template that they serve ── */

#define MAIL "programme:text, support_email:text, name:text, template:text, locale, unsubscribe, kind:text, settings, subject:text"
#define ENTRY                                                                                      \
    "{id, type:text, title:text, icon:text, tone:text, at:timestamp, edited_at:timestamp, author:text, by_staff:bool, " \
    "internal:bool, shared:bool, quiet:bool, deleted:bool, outcome:text, minutes:number, partner:text, href, together:bool, bulk_href, edit_href, place:text, map_href, " \
    "latitude:text, longitude:text, text:text, note:text, files[{name:text, href, type:text, size:number, picture:bool, "   \
    "audio:bool}], earlier[{at:timestamp, text:text}], _paragraphs[{pieces[{text:text, href}]}]}"
#define MESSAGE                                                                                    \
    "{id, at:timestamp, author:text, mine:bool, by_staff:bool, staff_only:bool, "                  \
    "edited_at:timestamp, deleted:bool, edit_href, text:text, first_new:bool, files[{name:text, "  \
    "href, type:text, size:number, picture:bool, audio:bool}], earlier[{at:timestamp, text:text}], "        \
    "_paragraphs[{pieces[{text:text, href}]}]}"

#define OFFERS                                                                                     \
    "moves[{value, label, needs, selected:bool}], move_chosen:bool, may_win:bool, may_need_reason:bool, "  \
    "reason_groups[{stage, label, reasons[{value, words, selected:bool}]}]"
#define TABS "tabs[{label, href, current:bool, count}]"
#define CHOSEN_COLUMNS                                                                             \
    "chosen[{code, label, numeric:bool, sorts:bool, col_stage:bool, col_partner:bool, col_next:bool, "            \
    "col_source:bool, col_value:bool, col_created:bool, col_updated:bool, col_email:bool, "        \
    "col_phone:bool, col_location:bool, col_closed:bool, col_score:bool}]"
#define FOUND                                                                                      \
    "groups[{label, more_href, items[{id, href, title, note, icon, stage:text, badge:text}]}], "   \
    "found:bool, typed:text, all_href, leads_href, messages_href"

static const struct {
    const char *template, *names;
} handled[] = {
    {"dashboard/show", "periods[{label, href, current:bool}], currencies[{label, href, "
                       "current:bool}], currency:text, several_currencies:bool, staff:bool,"
                       " from:date, until:date, sources[{source:text, leads:number, won:number, "
                       "share:number, href}], has_sources:bool, sources_since:date,"
                       " figures{created{value:number, href, spark_svg, delta_up:bool, "
                       "delta_good:bool, delta_down:bool, delta_bad:bool, delta_text, delta_note, delta_href},"
                       " won{value:number, href, spark_svg, delta_up:bool, delta_good:bool, "
                       "delta_down:bool, delta_bad:bool, delta_text, delta_note, delta_href},"
                       " conversion{value:number, href, known:bool, delta_up:bool, "
                       "delta_good:bool, delta_down:bool, delta_bad:bool, delta_text, delta_note, delta_href},"
                       " won_value{value:number, href, delta_up:bool, delta_good:bool, "
                       "delta_down:bool, delta_bad:bool, delta_text, delta_note, delta_href},"
                       " pipeline{value:number, href, worth:number}, commission{value:number, "
                       "href, before:number, before_href, since:date, months:number, one_month:bool}},"
                       " trend[{day:date, last:date, created:number, won:number, won_value:number}], "
                       "trend_svg, by_day:bool, by_week:bool, by_month:bool,"
                       " stages[{stage:text, leads:number, value:number, href, reached:number, reached_href}], stages_svg, "
                       "funnel_svg, no_leads:bool,"
                       " duties[{icon, href, title, note, at:timestamp, overdue:bool}], has_duties:bool, show_duties:bool, "
                       "capacity{value:number, max:number, high:number, value_text, note},"
                       " events[{at:timestamp, title, note, actor:text, tone, client, href}]"},
    {"leads/list", "staff:bool, more_filters:number, table_href, board_href, on_board:bool, tabs[{label, href, current:bool, count}], has_tabs:bool, selecting:bool, view, "
                   "filters, save_href, view_edit_href, view_name, select_href, done_href, " CHOSEN_COLUMNS},
    {"leads/view_list", "views[{id, name:text, owner:text, href, mine:bool, shared:bool, standard:bool, may_up:bool, may_down:bool}]"},
    {"leads/columns", "columns[{code, label, shown:bool, may_left:bool, may_right:bool}]"},
    {"leads/bulk", "what, refusals[{text, leads:number}], has_refusals:bool, choosing:bool, planned:bool, ready:bool, running:bool, "
                   "finished:bool, may_undo:bool, progress{label, value:number, max:number, value_text, note}, " OFFERS},
    {"leads/bulk_rows", "staff:bool, what"},
    {"search/show", FOUND},
    {"search/suggest", FOUND},
    {"leads/board", "staff:bool, more_filters:number, table_href, board_href, on_board:bool, further:bool, columns[{stage:text, count:number, more:bool, sums[{currency, value:number}], "
                    "moves[{value:text, needs_reason:bool, needs_value:bool}], moves_text, next_href, cards[{id, name:text, currency, value:number, version, "
                    "stage_at:timestamp, late:bool, partner:text, due_at:timestamp, overdue:bool}]}], list{sort, reset_href, csv_href, has_filters:bool}"},
    {"links/list", "staff:bool"},
    {"links/clicks", "staff:bool"},
    {"links/new", "staff:bool, link_base:text"},
    {"links/edit", "staff:bool, link_base:text"},
    {"links/show", "staff:bool, url, destination_url, qr_svg_href, qr_png_href, from:date, to:date, by_day:bool, "
                   "by_week:bool, by_month:bool, periods[{label, href, current:bool}], trend_svg, funnel_svg, "
                   "steps[{label, count:number, share:number}]"},
    {"refer/form", "currency:text, refer{asks_budget:bool, asks_property:bool, asks_loan:bool, details_open:bool, "
                   "extra_filled:bool, partner_name:text}"},
    {"leads/new", "staff:bool, currency:text, photo{href, failed:text}"},
    {"activities/new", "staff:bool"},
    {"activities/edit", "staff:bool"},
    {"leads/full", "staff:bool, currency:text"},
    {"leads/edit", "staff:bool, changed_meanwhile:bool"},
    {"leads/show", "staff:bool, changed_meanwhile:bool, "
                   OFFERS ","
                   " editable:bool, next_step, lead_timeline[" ENTRY "], older_href, newest_href, narrowed:bool, shows[{label, href, "
                   "current:bool}], lead_messages[" MESSAGE "]"},
    {"messages/list", "staff:bool"},
    {"messages/begin", "staff:bool"},
    {"messages/thread", "staff:bool, earlier_href, later_href, newest_href, thread_messages[" MESSAGE "]"},
    {"leads/staff", "changed_meanwhile:bool"},
    {"imports/new", "staff:bool, limit:number, limit_mb:number"},
    {"imports/list", "staff:bool"},
    {"imports/columns", "columns[{index:number, name:text, samples[{text}], wrong:bool, used:bool, written:bool, options[{value, label, selected:bool}],"
                        " dates[{value, label, selected:bool}], dates_unsure:bool, dates_sample:text, dates_read:date,"
                        " numbers[{value, label, selected:bool}], numbers_unsure:bool}]"},
    {"imports/show", "staff:bool, delimiter_word:text, refused:number, left_out:number, importable:bool, import_problem:text,"
                     " problems[{field:text, text, rows:number, first:number}],"
                     " row_list[{number:number, name:text, contact:text, status:text, reasons[{text, href}]}]"},
    {"imports/rows", "row_list[{number:number, name:text, contact:text, status:text, reasons[{text, href}]}]"},
    {"duplicates/list", TABS},
    {"duplicates/merges", TABS},
    {"duplicates/extensions", TABS},
    {"duplicates/checks", TABS},
    {"duplicates/pair", "decidable:bool, both:bool, keep_first:bool, keep_second:bool, two_partners:bool, "
                        "fields[{name:text, label:text, differs:bool, choosable:bool, is_code:bool, is_money:bool, is_number:bool, is_date:bool, "
                        "first{value, chosen:bool, currency:text, budget_min:number, budget_max:number}, "
                        "second{value, chosen:bool, currency:text, budget_min:number, budget_max:number}}]"},
    {"duplicates/merge", "undoable:bool, changed:bool, late:bool, taken_words:text, "
                         "gone_fields[{name:text, label:text, is_code:bool, is_money:bool, is_number:bool, is_date:bool, "
                         "first{value, chosen:bool, currency:text, budget_min:number, budget_max:number}}]"},
    {"duplicates/extension", "decidable:bool"},
    {"duplicates/ask", "refusal:text"},
    {"calendar/agenda", "only_mine:bool"},
    {"calendar/appointment", "changeable:bool"},
    {"calendar/appointment_new", "overlapping:bool"},
    {"calendar/appointment_edit", "overlapping:bool"},
    {"calendar/reminder_new", "quick[{code:text, at:timestamp, checked:bool}]"},
    {"calendar/reminder_edit", "quick[{code:text, at:timestamp, checked:bool}]"},
    {"announcements/new", "out:bool"},
    {"announcements/edit", "out:bool"},
    {"announcements/preview",
     "may_publish:bool, may_withdraw:bool, may_edit:bool, may_delete:bool"},
    {"training/module", "questions[{id, position, prompt, answer_text, explanation, missing:bool, "
                        "options[{number, text, chosen:bool}]}]"},
    {"commissions/list", "months_svg"},
    {"partners/show", "dependents:text"},
    {"duplicates/overlap", "overlap_code:text"},
    {"team/new", "people_href, member_href"},
    {"team/edit", "people_href, member_href"},
    {"notifications/list", "here:text, days[{day:date, today:bool, yesterday:bool, items[{id, category:text, at:timestamp, read_at:timestamp, partner:text, text:text, icon}]}]"},
    {"account/notifications",
     "push_offered:bool, sms_offered:bool, categories[{category:text, items[{type:text, mandatory:bool, changed:bool, email{name, options[{value, label, "
     "selected:bool}]}, push{name, checked:bool, changed:bool, usually_on:bool}, sms{name, checked:bool, changed:bool, usually_on:bool}}]}]"},
    {"errors/error", "status:number, title:text, sentence:text, sign_in:bool, send_again:bool, retry:bool, back_href:text, again_path, kept[{name, value}]"},
    {"mail/reset", "link, name:text, programme:text"},
    {"mail/invitation", "link, name:text, programme:text"},
    {"admin/suppressions", "catching:bool"},
    {"mail/event", MAIL ", sentence, link"},
    {"html/event", MAIL ", sentence, link"},
    {"mail/digest", MAIL ", link, count:number, items[{sentence, link, at:timestamp}]"},
    {"html/digest", MAIL ", link, count:number, items[{sentence, link, at:timestamp}]"},
    {"mail/ops", MAIL ", link"},
    {"html/ops", MAIL ", link"},
    {"mail/ops_slack", MAIL},
    {"html/written", MAIL ", paragraphs[{text, link}]"},
};

/* Forms beside a page's own, each in an object of its own. */
static const struct {
    const char *template, *name;
    const struct form_spec *form;
} second_forms[] = {
    {"leads/show", "log", &activity_form},
};

/* Those of mail (jobs/mail_content.h), with the statements that they show. */
static const struct {
    const char *template;
    enum query query;
} mails[] = {
    {"mail/reset", Q_NONE},  {"mail/invitation", Q_NONE}, {"mail/event", Q_NONE},    {"html/event", Q_NONE},
    {"mail/digest", Q_NONE}, {"html/digest", Q_NONE},     {"mail/ops", Q_send_ops}, {"html/ops", Q_send_ops},
    {"mail/ops_slack", Q_send_ops}, {"html/written", Q_NONE},
};

/* Columns that hold JSON or arrays, by statement and column. */
static const struct {
    const char *column, *shape;
} json_columns[] = {
    {"course_list.kinds", "kinds[]"},
    {"module_questions.options", "options[{number, text}]"},
    {"notification_one.data", "data{from:text, to:text, leads:number, amount:number, currency:text, starts_at:timestamp, cancelled:bool, expires_on:date, status_to:text, tier_to:text, kind:text, state:text, rows:number, count:number, days:number, granted:bool, accepted:bool}"},
    {"notification_list.data", "data{to:text}"},
    {"appointment_agenda.items",
     "items[{id, kind:text, title:text, place:text, online:bool, starts_at:timestamp, ends_at:timestamp, "
     "called_off:bool, now:bool, lead_id, client:text, mine:bool}]"},
    {"reminder_list.items",
     "items[{id, lead_id, due_at:timestamp, note:text, client:text, who:text, giver:text}]"},
    {"announcement_admin_list.types", "types[]"},
    {"announcement_admin_list.tiers", "tiers[]"},
    {"announcement_admin_list.regions", "regions[]"},
    {"announcement_draft.audience",
     "audience{to_partners:bool, to_staff:bool, types[], tiers[], regions[]}"},
};

/* What a partial takes where its page has it, and does without where not. */
static const struct {
    const char *template, *names;
} optional[] = {
    {"list/toolbar", "form{q{" FIELD "}}"},
    {"form/errors", "form{has_errors:bool, errors[{field, id, text}]}"},
    {"list/results", "list{total_text}"},
    {"list/table", "list{columns[{label, href, sorted:text, numeric:bool}]}"},
    {"list/column", "numeric:bool"},
    {"ui/stat", "label, value, href, spark_svg, delta_text, delta_up:bool, delta_down:bool, "
                "delta_good:bool, delta_bad:bool, delta_note, delta_href, note"},
    {"ui/delta",
     "delta_text, delta_up:bool, delta_down:bool, delta_good:bool, delta_bad:bool, delta_note, delta_href"},
    {"ui/event", "at:timestamp, actor:text, note, tone, title"},
    {"ui/progress", "label, value, max, value_text, note"},
    {"ui/meter", "label, value, max, high, value_text, note"},
    {"ui/card", "title"},
    {"activities/content", "log:bool"}, /* the page has more than this form */
    {"form/control", "currency"}, /* of the row that is edited; otherwise the programme's */
};

/* ── Walking a template ── */

struct use {
    enum template_use_kind kind;
    const char *name;
    int line;
};

struct code {
    const char *template;
    struct use *uses;
    size_t count;
    struct code *next;
};
static struct code *all_code;

/* A block that was filled: what stands in it, and the blocks that were in force where it was
 * written. */
struct filled {
    const char *name;
    const struct code *code;
    size_t from, to;
    const struct filled *there;
    const struct filled *next;
};

enum { DEPTH = 64 };
struct walk {
    const char *page; /* template, for complaints */
    struct shape *stack[DEPTH];
    size_t depth;
    const char *within[DEPTH]; /* partials that we are in */
    size_t nwithin;
};

static void collect(void *context, const struct template_use *use) {
    struct code *code = context;
    if (code->uses == NULL || (code->count & (code->count - 1)) == 0) {
        struct use *more = arena_array(arena, code->count ? 2 * code->count : 1, sizeof *more);
        if (code->count)
            memcpy(more, code->uses, code->count * sizeof *more);
        code->uses = more;
    }
    code->uses[code->count++] = (struct use){use->kind, arena_strdup(arena, use->name), use->line};
}

static const struct code *code_of(const char *template) {
    for (struct code *c = all_code; c; c = c->next)
        if (strcmp(c->template, template) == 0)
            return c;
    struct code *code = arena_alloc(arena, sizeof *code);
    *code = (struct code){.template = template, .next = all_code};
    if (template_uses(templates, template, collect, code) != OK)
        return NULL;
    all_code = code;
    return code;
}

/* Once for each place, however many pages and fields come by. */
static void complain(const struct walk *walk, const struct code *code, const struct use *use,
                     const char *what) {
    static struct place {
        const struct use *use;
        const char *page;
        struct place *next;
    } * places;
    wrong++;
    for (const struct place *p = places; p; p = p->next)
        if (p->use == use && strcmp(p->page, walk->page) == 0)
            return;
    struct place *place = arena_alloc(arena, sizeof *place);
    *place = (struct place){use, walk->page, places};
    places = place;
    if (quiet)
        return;
    fprintf(stderr, "%s: %s:%d: {{%s}} %s\n", walk->page, code->template, use->line, use->name,
            what);
}

/* The use after the end that belongs to the one at i. */
static size_t after_end(const struct code *code, size_t i) {
    size_t depth = 0;
    for (; i < code->count; i++) {
        enum template_use_kind kind = code->uses[i].kind;
        depth +=
            kind == USE_SECTION || kind == USE_INVERTED || kind == USE_PARENT || kind == USE_BLOCK;
        depth -= kind == USE_SECTION_END || kind == USE_PARENT_END || kind == USE_BLOCK_END;
        if (depth == 0)
            return i + 1;
    }
    return i;
}

/* ── Names ── */

static struct shape scalar_bool = {.kind = SCALAR, .type = "bool", .name = "facet"};
static struct shape scalar_text = {.kind = SCALAR, .type = "text", .name = "facet"};
static struct shape lines = {.kind = LIST, .type = "", .name = "facet", .items_are_scalars = true};

static bool one_of(const char *name, const char *words) {
    size_t size = strlen(name);
    for (const char *at = strstr(words, name); at; at = strstr(at + 1, name))
        if (at[-1] == ' ' && at[size] == ' ')
            return true;
    return false;
}

static bool facet_suits(const struct shape *shape, const char *facet) {
    if (shape->kind == LIST)
        return one_of(facet, " any count ");
    if (shape->kind == OBJECT || !facet_known(facet) || one_of(facet, " any count "))
        return false;
    if (!*shape->type || text_starts(facet, "is_"))
        return true;
    if (strcmp(shape->type, "timestamp") == 0)
        return one_of(facet, " ago date time datetime month weekday iso ");
    if (strcmp(shape->type, "date") == 0)
        return one_of(facet, " ago date month weekday iso ");
    if (strcmp(shape->type, "number") == 0)
        return one_of(facet, " money compact number percent signed bytes positive negative plural ");
    return strcmp(shape->type, "text") == 0 &&
           one_of(facet, " initials upper lines label tone money ");
}

static struct shape *facet_of(const struct shape *shape, const char *facet) {
    if (!facet_suits(shape, facet))
        return NULL;
    if (strcmp(facet, "lines") == 0)
        return &lines;
    return text_starts(facet, "is_") || one_of(facet, " any positive negative ") ? &scalar_bool
                                                                                 : &scalar_text;
}

static struct shape *optional_shape(const struct walk *walk) {
    static struct shape none;
    struct shape *shape = arena_alloc(arena, sizeof *shape);
    *shape = none;
    for (size_t w = 0; w < walk->nwithin; w++)
        for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
            if (strcmp(optional[i].template, walk->within[w]) == 0)
                (void)parse(shape, optional[i].names);
    return shape;
}

static struct shape *find_first(const struct walk *walk, const char *name, size_t size, bool here) {
    for (size_t i = walk->depth; i > 0; i--) {
        struct shape *found = member_of(walk->stack[i - 1], name, size);
        if (found || here)
            return found;
    }
    return NULL;
}

/* The rest of a dotted name within a shape. */
static struct shape *follow(struct shape *shape, const char *rest) {
    while (shape && *rest == '.') {
        size_t size = strcspn(++rest, ".");
        struct shape *inner = shape->kind == OBJECT ? member_of(shape, rest, size) : NULL;
        shape = inner ? inner : facet_of(shape, arena_strndup(arena, rest, size));
        rest += size;
    }
    return shape;
}

static struct shape *resolve(const struct walk *walk, const char *name) {
    if (strcmp(name, ".") == 0)
        return walk->stack[walk->depth - 1];
    bool here = *name == '.';
    if (here && walk->stack[walk->depth - 1]->kind == SCALAR)
        return follow(walk->stack[walk->depth - 1], name);
    name += here;
    size_t size = strcspn(name, ".");
    struct shape *found = follow(find_first(walk, name, size, here), name + size);
    if (found)
        return found;
    return follow(member_of(optional_shape(walk), name, size), name + size);
}

/* What a section's body sees. */
static struct shape *entered(struct shape *shape) {
    if (shape->kind != LIST || !shape->items_are_scalars)
        return shape;
    return &scalar_text;
}

/* ── Running through it ── */

static void run(struct walk *walk, const struct code *code, size_t from, size_t to,
                const struct filled *blocks);

static const struct filled *find_block(const struct filled *blocks, const char *name) {
    const struct filled *found = NULL;
    for (; blocks; blocks = blocks->next)
        if (strcmp(blocks->name, name) == 0)
            found = blocks; /* what was filled further out counts more */
    return found;
}

static void run_template(struct walk *walk, const struct code *by, const struct use *use,
                         const struct filled *blocks) {
    const struct code *code = code_of(use->name);
    if (use->name[0] == '*' || !code) {
        complain(walk, by, use,
                 use->name[0] == '*' ? "is a dynamic name, which cannot be checked"
                                     : "is no template");
        return;
    }
    if (walk->nwithin == DEPTH) {
        complain(walk, by, use, "contains itself");
        return;
    }
    walk->within[walk->nwithin++] = use->name;
    run(walk, code, 0, code->count, blocks);
    walk->nwithin--;
}

static size_t run_parent(struct walk *walk, const struct code *code, size_t i,
                         const struct filled *blocks) {
    size_t end = after_end(code, i);
    const struct filled *all = blocks;
    for (size_t k = i + 1; k + 1 < end; k++) {
        if (code->uses[k].kind != USE_BLOCK)
            continue;
        size_t block_end = after_end(code, k);
        struct filled *filled = arena_alloc(arena, sizeof *filled);
        *filled = (struct filled){code->uses[k].name, code, k + 1, block_end - 1, blocks, all};
        all = filled;
        k = block_end - 1;
    }
    run_template(walk, code, &code->uses[i], all);
    return end;
}

static size_t run_block(struct walk *walk, const struct code *code, size_t i,
                        const struct filled *blocks) {
    size_t end = after_end(code, i);
    const struct filled *filled = find_block(blocks, code->uses[i].name);
    if (filled)
        run(walk, filled->code, filled->from, filled->to, filled->there);
    else
        run(walk, code, i + 1, end - 1, blocks);
    return end;
}

static size_t run_section(struct walk *walk, const struct code *code, size_t i,
                          const struct filled *blocks) {
    const struct use *use = &code->uses[i];
    size_t end = after_end(code, i);
    struct shape *shape = resolve(walk, use->name);
    if (!shape) {
        complain(walk, code, use, "is nothing that this page has");
        return end;
    }
    bool enters = use->kind == USE_SECTION && walk->depth < DEPTH;
    if (enters)
        walk->stack[walk->depth++] = entered(shape);
    run(walk, code, i + 1, end - 1, blocks);
    walk->depth -= enters;
    return end;
}

static void check_variable(const struct walk *walk, const struct code *code,
                           const struct use *use) {
    const struct shape *shape = resolve(walk, use->name);
    if (!shape)
        complain(walk, code, use, "is nothing that this page has");
    else if (shape->kind != SCALAR)
        complain(walk, code, use, "is no text");
    if (use->kind == USE_RAW && !text_ends(use->name, "_svg"))
        complain(walk, code, use, "is printed as it is; only names that end in _svg may be");
    if (use->kind == USE_VARIABLE && text_ends(use->name, "_svg") &&
        !text_starts(use->name, "asset."))
        complain(walk, code, use, "is markup, and printed as text");
}

static void run(struct walk *walk, const struct code *code, size_t from, size_t to,
                const struct filled *blocks) {
    for (size_t i = from; i < to;) {
        const struct use *use = &code->uses[i];
        switch (use->kind) {
        case USE_VARIABLE:
        case USE_RAW:
            check_variable(walk, code, use);
            i++;
            break;
        case USE_SECTION:
        case USE_INVERTED:
            i = run_section(walk, code, i, blocks);
            break;
        case USE_PARTIAL:
            run_template(walk, code, use, blocks);
            i++;
            break;
        case USE_PARENT:
            i = run_parent(walk, code, i, blocks);
            break;
        case USE_BLOCK:
            i = run_block(walk, code, i, blocks);
            break;
        case USE_SECTION_END:
        case USE_PARENT_END:
        case USE_BLOCK_END:
            fail_msg("%s: an end without a beginning", code->template);
        }
    }
}

/* ── A page's shapes ── */

static const char *type_of(Oid oid) {
    switch (oid) { /* pg_type.dat */
    case 16:
        return "bool";
    case 20:
    case 21:
    case 23:
    case 700:
    case 701:
    case 1700:
        return "number";
    case 1184:
        return "timestamp";
    case 1082:
        return "date";
    case 114:
    case 3802:
        return "json";
    default:
        return "text";
    }
}

static const char *always(void *context, const char *name) {
    (void)context;
    (void)name;
    return "";
}

static void add_column(struct shape *into, const char *statement, const char *column,
                       const char *type) {
    char both[128];
    snprintf(both, sizeof both, "%s.%s", statement, column);
    for (size_t i = 0; i < sizeof json_columns / sizeof *json_columns; i++)
        if (strcmp(json_columns[i].column, both) == 0) {
            (void)parse(into, json_columns[i].shape);
            return;
        }
    (void)add(into, column, SCALAR, type);
}

/* The columns of a statement with all its optional lines, as PostgreSQL describes them. */
static void add_statement(struct shape *page, enum query query) {
    const struct query_info *info = query_info(query);
    struct statement statement;
    statement_compose(arena, query, NULL, always, NULL, &statement);
    PGresult *result = PQprepare(owner, "", statement.sql, 0, NULL),
             *described = PQdescribePrepared(owner, "");
    if (PQresultStatus(described) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", info->name, PQerrorMessage(owner));
    struct shape *rows = add(page, info->name, info->rows == QUERY_ONE ? OBJECT : LIST, "");
    for (int i = 0; i < PQnfields(described); i++)
        add_column(rows, info->name, arena_strdup(arena, PQfname(described, i)),
                   type_of(PQftype(described, i)));
    PQclear(result);
    PQclear(described);
}

static void add_form(struct shape *page, const struct form_spec *spec) {
    struct shape *form = add(page, "form", OBJECT, "");
    (void)parse(form, form_shape);
    for (const struct field *f = spec->fields; f->name; f++)
        (void)parse(add(form, f->name, OBJECT, ""), FIELD);
}

static void add_list(struct shape *page, const struct list_spec *spec) {
    const struct query_info *info = query_info(spec->query);
    add_statement(page, spec->query);
    struct shape *list = add(page, "list", OBJECT, "");
    (void)parse(list, list_shape);
    struct shape *by = add(list, "by", OBJECT, "");
    for (size_t i = 0; i < info->nsorts; i++)
        if (!text_ends(info->sorts[i].key, "_desc"))
            (void)parse(add(by, info->sorts[i].key, OBJECT, ""),
                        "href, sorted:text, ascending:bool, descending:bool");
}

static void add_route(struct shape *page, const struct route *route) {
    for (size_t i = 0; i < ROUTE_QUERIES_MAX && route->show[i]; i++)
        add_statement(page, route->show[i]);
    if (route->form)
        add_form(page, route->form);
    if (route->list)
        add_list(page, route->list);
}

static void add_handled(struct shape *page, const char *template) {
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
        if (strcmp(handled[i].template, template) == 0)
            (void)parse(page, handled[i].names);
}

static void check_template(const char *template) {
    struct shape outer = {.kind = OBJECT, .name = "chrome"},
                 page = {.kind = OBJECT, .name = "page"};
    (void)parse(&outer, chrome);
    add_permissions(&outer);
    add_handled(&page, template); /* first: what a handler sets replaces a statement's rows */
    for (size_t i = 0; i < routes_count; i++)
        if (routes[i].method == METHOD_GET && text_equal(routes[i].template, template))
            add_route(&page, &routes[i]);
    for (size_t i = 0; i < sizeof second_forms / sizeof *second_forms; i++)
        if (strcmp(second_forms[i].template, template) == 0)
            add_form(add(&page, second_forms[i].name, OBJECT, ""), second_forms[i].form);
    for (size_t i = 0; i < sizeof mails / sizeof *mails; i++)
        if (mails[i].query && text_equal(mails[i].template, template))
            add_statement(&page, mails[i].query);
    struct walk walk = {.page = template, .stack = {&outer, &page}, .depth = 2};
    const struct code *code = code_of(template);
    if (!code) {
        wrong++;
        fprintf(stderr, "%s: there is no such template\n", template);
        return;
    }
    run(&walk, code, 0, code->count, NULL);
}

/* ── Tests ── */

static int setup(void **state) {
    (void)state;
    portal = site_open();
    arena = arena_new(256 << 20);
    owner = PQconnectdb(getenv("TESSERA_TEST_DATABASE"));
    assert_int_equal(PQstatus(owner), CONNECTION_OK);
    templates = web_site(site_web(portal))->templates;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    PQfinish(owner);
    arena_free(arena);
    site_close(portal);
    return 0;
}

/* Their sources, before the build writes styles into them. */
static void add_mail_templates(void) {
    static const char *const names[] = {"frame", "button", "event", "digest", "ops", "written"};
    char error[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *source = arena_alloc(arena, 1 << 16);
        const char *path = arena_printf(arena, "%s/static/mail/%s.mustache", getenv("srcdir"), names[i]);
        FILE *file = fopen(path, "r");
        if (!file)
            fail_msg("%s cannot be read", path);
        size_t size = fread(source, 1, (1 << 16) - 1, file);
        fclose(file);
        if (template_set_add(templates, arena_printf(arena, "html/%s", names[i]), source, size, error, sizeof error) != OK)
            fail_msg("%s", error);
    }
}

static void every_name_is_known(void **state) {
    (void)state;
    size_t checked = 0;
    for (size_t i = 0; i < routes_count; i++) {
        bool first = routes[i].template != NULL;
        for (size_t k = 0; k < i && first; k++)
            first = !text_equal(routes[k].template, routes[i].template);
        if (!first)
            continue;
        check_template(routes[i].template);
        checked++;
    }
    check_template("errors/error");
    add_mail_templates();
    for (size_t i = 0; i < sizeof mails / sizeof *mails; i++)
        check_template(mails[i].template);
    assert_true(checked > 20);
    assert_int_equal(wrong, 0);
}

/* What notifications say, of one row: a template for each type, and none for what is no type. */
static void sentences_use_what_a_notification_has(void **state) {
    (void)state;
    struct shape page = {.kind = OBJECT, .name = "page"}, *row;
    add_statement(&page, Q_notification_one);
    row = member_of(&page, "notification_one", strlen("notification_one"));
    PGresult *types = PQexec(owner, "SELECT 'notification/' || replace(code, '.', '_') FROM event_types");
    assert_true(PQntuples(types) > 20);
    for (int i = 0; i < PQntuples(types); i++) {
        const char *template = PQgetvalue(types, i, 0);
        struct walk walk = {.page = template, .stack = {row}, .depth = 1};
        const struct code *code = code_of(arena_strdup(arena, template));
        if (!code)
            fail_msg("%s: there is no such template", template);
        run(&walk, code, 0, code->count, NULL);
    }
    PQclear(types);
    assert_int_equal(wrong, 0);
}

/* {{#user}} must not mean a statement's rows on one page and who is signed in on all others. */
static void statements_do_not_hide_the_chrome(void **state) {
    (void)state;
    struct shape outer = {.kind = OBJECT};
    (void)parse(&outer, chrome);
    add_permissions(&outer);
    (void)parse(&outer, "form, list, people_href, member_href, status, title, sentence, sign_in");
    for (size_t i = 0; i < routes_count; i++)
        for (size_t k = 0; k <= ROUTE_QUERIES_MAX; k++) {
            enum query query = k < ROUTE_QUERIES_MAX ? routes[i].show[k]
                               : routes[i].list      ? routes[i].list->query
                                                     : Q_NONE;
            if (query &&
                member_of(&outer, query_info(query)->name, strlen(query_info(query)->name)))
                fail_msg("%s: the statement %s is called like a part of every page",
                         routes[i].pattern, query_info(query)->name);
        }
}

/* The check itself: it finds what it is for. */
static void mistakes_are_found(void **state) {
    (void)state;
    static const struct {
        const char *source;
        bool fine;
    } samples[] = {
        {"{{#rows}}{{name}} {{at.ago}} {{amount.money}} {{programme.name}}{{/rows}}", true},
        {"{{#rows}}{{nmae}}{{/rows}}", false},
        {"{{#row}}{{name}}{{/row}}", false},
        {"{{#rows}}{{at.agoo}}{{/rows}}", false},
        {"{{#rows}}{{name.ago}}{{/rows}}", false},
        {"{{#rows}}{{at.money}}{{/rows}}", false},
        {"{{#rows.any}}x{{/rows.any}}{{rows.count}}", true},
        {"{{rows}}", false},
        {"{{name}}", false},
        {"{{#rows}}{{.name}}{{.programme}}{{/rows}}", false},
        {"{{{rows}}}", false},
        {"{{#rows}}{{{name}}}{{/rows}}", false},
        {"{{{chart_svg}}}", true},
        {"{{chart_svg}}", false},
        {"{{#one}}{{name}}{{/one}}{{^one}}{{nobody}}{{/one}}", false},
        {"{{one.name}}{{one.nmae}}", false},
        {"{{#one.name.is_x}}{{one.name.label}}{{/one.name.is_x}}", true},
        {"{{#tags}}{{.}}{{/tags}}{{#one.name.lines}}{{.}}{{/one.name.lines}}", true},
        {"{{#t}}Hello {{nobody}}{{/t}}", false},
        {"{{> layout-of-nothing}}", false},
        {"{{<sample/parent}}{{$inner}}{{name}}{{/inner}}{{/sample/parent}}", true},
        {"{{<sample/parent}}{{$inner}}{{nmae}}{{/inner}}{{/sample/parent}}", false},
        {"{{<sample/parent}}{{$outer}}{{name}}{{/outer}}{{/sample/parent}}", false},
        {"{{> *dynamic}}", false},
    };
    struct template_set *set = template_set_new(), *kept = templates;
    templates = set;
    char error[256];
    static const char parent[] = "{{$outer}}{{/outer}}{{#rows}}{{$inner}}{{/inner}}{{/rows}}";
    assert_int_equal(
        template_set_add(set, "sample/parent", parent, strlen(parent), error, sizeof error), OK);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct shape outer = {.kind = OBJECT}, page = {.kind = OBJECT};
        (void)parse(&outer, chrome);
        add_permissions(&outer);
        (void)parse(
            &page,
            "rows[{name:text, at:timestamp, amount:number}], one{name:text}, tags[], chart_svg");
        const char *name = arena_printf(arena, "sample/%zu", i);
        if (template_set_add(set, name, samples[i].source, strlen(samples[i].source), error,
                             sizeof error) != OK)
            fail_msg("%s: %s", samples[i].source, error);
        struct walk walk = {.page = name, .stack = {&outer, &page}, .depth = 2};
        int before = wrong;
        const struct code *code = code_of(name);
        quiet = true;
        run(&walk, code, 0, code->count, NULL);
        quiet = false;
        if ((wrong == before) != samples[i].fine)
            fail_msg("%s: %d mistakes found", samples[i].source, wrong - before);
        wrong = before;
    }
    templates = kept;
    template_set_free(set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_known),
        cmocka_unit_test(sentences_use_what_a_notification_has),
        cmocka_unit_test(statements_do_not_hide_the_chrome),
        cmocka_unit_test(mistakes_are_found),
    };
    return cmocka_run_group_tests_name("view: templates and columns", tests, setup, teardown);
}
