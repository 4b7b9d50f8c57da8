/* Programs that are made while rendering: translations, which are kept, and what lambdas answer. */
#include "core/log.h"
#include "view/messages.h"
#include "view/mustache_internal.h"

/* Stands for "the message is shown as it stands in the template". */
static const struct template as_written;

/* ---- translations ---- */

/* The kept programs of a locale, or NULL when there are too many locales. */
static const struct template **programs_of(const struct template_set *set, const char *locale) {
    struct workshop *workshop = set->workshop;
    for (size_t i = 0; i < workshop->ntranslations; i++) {
        if (strcmp(workshop->translations[i].locale, locale) == 0)
            return workshop->translations[i].programs;
    }
    if (workshop->ntranslations == LOCALES_MAX ||
        strlen(locale) >= sizeof workshop->translations[0].locale)
        return NULL;
    struct translations *fresh = &workshop->translations[workshop->ntranslations++];
    snprintf(fresh->locale, sizeof fresh->locale, "%s", locale);
    fresh->programs = arena_array(workshop->programs, set->nmessages, sizeof *fresh->programs);
    return fresh->programs;
}

static const struct template *translate(struct arena *arena, const struct inner *inner,
                                        const char *locale) {
    messages_use(locale);
    const char *text = messages_text(inner->id);
    if (text == inner->id || strcmp(text, inner->id) == 0)
        return &as_written;
    char error[256];
    struct compile_job job = {.arena = arena,
                              .name = "",
                              .source = arena_strdup(arena, text),
                              .size = strlen(text),
                              .delimiters = inner->delimiters,
                              .error = error,
                              .error_size = sizeof error};
    const struct template *template;
    if (template_compile(&job, &template) == OK)
        return template;
    log_event(LOG_WARN, "translation_malformed", "locale", "%s", locale, "message", "%s", inner->id,
              "why", "%s", error, NULL);
    return &as_written;
}

static const struct template *translation(struct render *render, const struct inner *inner) {
    const struct template_set *set = render->set;
    const char *locale = render->options->locale != NULL ? render->options->locale : "en";
    const struct template **kept = NULL;
    /* A message that came with a translation or a lambda has no number to be kept under. */
    if (inner->number < set->nmessages)
        kept = programs_of(set, locale);
    if (kept == NULL)
        return translate(render->workshop->values, inner, locale);
    if (kept[inner->number] == NULL)
        kept[inner->number] = translate(render->workshop->programs, inner, locale);
    return kept[inner->number];
}

void render_message(struct render *render, const struct template *template, uint32_t pc,
                    const struct arguments *arguments) {
    const struct op *op = &template->ops[pc];
    const struct template *translated = translation(render, &template->inners[op->c]);
    if (translated == &as_written)
        render_run(render, template, pc + 1, op->b, arguments);
    else
        render_template(render, translated, arguments);
}

/* ---- lambdas ---- */

static const struct template *answer_of(struct render *render, const struct lambda *lambda,
                                        const char *text, const struct delimiters *delimiters) {
    struct arena *arena = render->workshop->values;
    if (arena_used(arena) > SCRATCH_STOP) {
        render->err = ERR_TOO_LARGE;
        return NULL;
    }
    const char *answer = lambda->fn(lambda->context, arena, text);
    if (answer == NULL)
        return NULL;
    char error[256];
    struct compile_job job = {.arena = arena,
                              .name = "",
                              .source = answer,
                              .size = strlen(answer),
                              .delimiters = delimiters,
                              .error = error,
                              .error_size = sizeof error};
    const struct template *template;
    if (template_compile(&job, &template) == OK)
        return template;
    log_event(LOG_WARN, "lambda_malformed", "why", "%s", error, NULL);
    return NULL;
}

void render_lambda_section(struct render *render, const struct lambda *lambda,
                           const struct inner *inner, const struct arguments *arguments) {
    const char *text = arena_strndup(render->workshop->values, inner->text, inner->size);
    const struct template *answer = answer_of(render, lambda, text, inner->delimiters);
    if (answer != NULL)
        render_template(render, answer, arguments);
}

void render_lambda_variable(struct render *render, const struct lambda *lambda, bool escape) {
    const struct template *answer = answer_of(render, lambda, NULL, NULL);
    if (answer == NULL)
        return;
    /* Rendered apart first: what a variable puts out is escaped as a whole. */
    struct buf *page = render->out;
    struct buf apart;
    buf_init(&apart, page->max);
    size_t indent = render->indent_size;
    render->indent_size = 0;
    render->out = &apart;
    render_template(render, answer, NULL);
    render->out = page;
    render->indent_size = indent;
    if (escape)
        render_escaped(render, buf_text(&apart));
    else
        render_verbatim(render, buf_text(&apart), apart.len);
    buf_free(&apart);
}
