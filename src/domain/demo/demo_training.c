#include "domain/demo/demo_training.h"
#include "core/text.h"
#include "domain/demo/demo_line.h"

bool demo_courses_write(void *context, struct buf *out) {
    struct demo_lessons *lessons = context;
    for (size_t i = 0; i < lessons->training->ncourses; i++) {
        const struct demo_course *course = &lessons->training->courses[i];
        struct demo_line line = demo_line_begin(out);
        demo_plain(&line, course->id);
        demo_text(&line, course->title);
        demo_text(&line, course->summary);
        demo_array(&line, course->tiers, course->ntiers);
        demo_array(&line, course->types, course->ntypes);
        demo_bool(&line, course->required);
        demo_long(&line, (long)i + 1);
        demo_line_end(&line);
        lessons->rows++;
    }
    return false;
}

bool demo_modules_write(void *context, struct buf *out) {
    struct demo_lessons *lessons = context;
    for (size_t i = 0; i < lessons->training->ncourses; i++) {
        const struct demo_course *course = &lessons->training->courses[i];
        for (size_t j = 0; j < course->nmodules; j++) {
            const struct demo_module *module = &course->modules[j];
            struct demo_line line = demo_line_begin(out);
            demo_plain(&line, module->id);
            demo_plain(&line, course->id);
            demo_long(&line, (long)j + 1);
            demo_plain(&line, module->kind);
            demo_text(&line, module->title);
            demo_long(&line, module->minutes);
            demo_text(&line, module->body);
            demo_text(&line, module->file);
            demo_text(&line, module->captions);
            demo_long_or_null(&line, module->pass);
            demo_line_end(&line);
            lessons->rows++;
        }
    }
    return false;
}

static void questions_of_module(struct demo_lessons *lessons, const struct demo_module *module,
                                struct buf *out) {
    for (size_t i = 0; i < module->nquestions; i++) {
        const struct demo_question *question = &module->questions[i];
        struct demo_line line = demo_line_begin(out);
        demo_plain(&line, question->id);
        demo_plain(&line, module->id);
        demo_long(&line, (long)i + 1);
        demo_text(&line, question->prompt);
        demo_array(&line, question->options, question->noptions);
        demo_long(&line, (long)question->answer);
        demo_text(&line, question->explanation);
        demo_line_end(&line);
        lessons->rows++;
    }
}

bool demo_questions_write(void *context, struct buf *out) {
    struct demo_lessons *lessons = context;
    for (size_t i = 0; i < lessons->training->ncourses; i++) {
        const struct demo_course *course = &lessons->training->courses[i];
        for (size_t j = 0; j < course->nmodules; j++)
            questions_of_module(lessons, &course->modules[j], out);
    }
    return false;
}

/* ---- progress ---- */

static bool allowed(const char *const *list, size_t count, const char *code) {
    for (size_t i = 0; i < count; i++) {
        if (text_equal(list[i], code))
            return true;
    }
    return count == 0;
}

static bool course_is_for(const struct demo_course *course, const struct demo_partner *partner) {
    return allowed(course->tiers, course->ntiers, demo_tier_codes[partner->tier]) &&
           allowed(course->types, course->ntypes, demo_kinds[partner->type].code);
}

/* How many modules somebody is through. The named people of the first partner show what that looks
 * like at the end, on the way and before the beginning. */
static size_t modules_done(const struct demo_course *course, size_t partner, size_t place,
                           struct demo_random *random) {
    static const size_t named[] = {MODULES_MAX, 2, 0};
    size_t done = demo_random_below(random, course->nmodules + 1);
    bool finished = demo_random_chance(random, 0.5);
    bool begun = demo_random_chance(random, course->required ? 0.9 : 0.4);
    if (partner == 0 && place < 3)
        done = course->required ? named[place] : place == 0 ? 1 : 0;
    else if (!begun)
        done = 0;
    else if (finished)
        done = course->nmodules;
    return done < course->nmodules ? done : course->nmodules;
}

static void module_write(struct demo_lessons *lessons, const struct demo_user *user,
                         const struct demo_module *module, bool failed, time_t at,
                         struct demo_random *random, struct buf *out) {
    long score = -1;
    long wrong = demo_random_between(random, 0, 1);
    if (module->nquestions > 0) {
        long right = (long)module->nquestions - (failed ? 2 : wrong);
        score = right * 100 / (long)module->nquestions;
        if (!failed && score < module->pass)
            score = 100;
    }
    struct demo_line line = demo_line_begin(out);
    demo_plain(&line, user->id);
    demo_plain(&line, module->id);
    demo_plain(&line, user->partner);
    demo_plain(&line, failed ? "failed" : "completed");
    demo_long_or_null(&line, score);
    demo_long(&line, module->nquestions > 0 ? demo_random_between(random, 1, 2) : 1);
    demo_time(&line, at);
    demo_time(&line, failed ? 0 : at);
    demo_line_end(&line);
    lessons->rows++;
}

static void course_write(struct demo_lessons *lessons, const struct demo_course *course,
                         const struct demo_user *user, size_t done, struct demo_random *random,
                         struct buf *out) {
    time_t until = lessons->world->options->until;
    time_t first = user->created > until - DEMO_DAYS * (time_t)DAY
                       ? user->created
                       : until - DEMO_DAYS * (time_t)DAY;
    time_t at = first + (time_t)((double)(user->seen - first) * demo_random_unit(random));
    bool failed = demo_random_chance(random, 0.3) && done < course->nmodules;
    for (size_t i = 0; i < done + failed; i++) {
        const struct demo_module *module = &course->modules[i];
        at += module->minutes * 60 + (time_t)demo_random_wait(random, DAY);
        if (at >= until)
            return;
        if (i < done || module->nquestions > 0)
            module_write(lessons, user, module, i == done, at, random, out);
    }
}

bool demo_progress_write(void *context, struct buf *out) {
    struct demo_lessons *lessons = context;
    for (size_t i = 0; i < DEMO_PARTNERS; i++) {
        const struct demo_partner *partner = &lessons->world->partners[i];
        for (size_t place = 0; place < partner->nusers; place++) {
            size_t number = partner->users + place;
            const struct demo_user *user = &lessons->world->users[number];
            struct demo_random random =
                demo_random_of(lessons->world->options->seed, STREAM_PROGRESS, number);
            for (size_t c = 0; c < lessons->training->ncourses; c++) {
                const struct demo_course *course = &lessons->training->courses[c];
                size_t done = modules_done(course, i, place, &random);
                if (user->seen > user->created && course_is_for(course, partner) && done > 0)
                    course_write(lessons, course, user, done, &random, out);
            }
        }
    }
    return false;
}
