/*
 * demo_training.h - the demo's courses, read from training.txt, and how far people are with them.
 * Internal to the demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_TRAINING_H
#define TESSERA_DOMAIN_DEMO_DEMO_TRAINING_H

#include "core/arena.h"
#include "core/buf.h"
#include "domain/demo/demo_world.h"

enum { COURSES_MAX = 12, MODULES_MAX = 8, QUESTIONS_MAX = 12, OPTIONS_MAX = 8, AUDIENCE_MAX = 9 };

struct demo_question {
    char id[DEMO_UUID_SIZE];
    const char *prompt;
    const char *options[OPTIONS_MAX];
    size_t noptions;
    size_t answer; /* from 1 */
    const char *explanation;
};

struct demo_module {
    char id[DEMO_UUID_SIZE];
    const char *kind; /* document, video or quiz */
    long minutes;
    const char *title;
    const char *body;
    const char *file;     /* or NULL */
    const char *captions; /* or NULL */
    long pass;            /* per cent; -1: not a quiz */
    struct demo_question questions[QUESTIONS_MAX];
    size_t nquestions;
};

struct demo_course {
    char id[DEMO_UUID_SIZE];
    const char *title;
    const char *summary;
    const char *tiers[AUDIENCE_MAX], *types[AUDIENCE_MAX];
    size_t ntiers, ntypes; /* 0: everybody */
    bool required;
    struct demo_module modules[MODULES_MAX];
    size_t nmodules;
};

struct demo_training {
    struct demo_course courses[COURSES_MAX];
    size_t ncourses;
};

/*
 * Texts live in the arena. On failure a sentence is in error: ERR_NOT_FOUND when the file can't be
 * read, ERR_INVALID with its line when it is not as it should be.
 */
enum err demo_training_read(struct demo_training *training, const char *path, uint64_t seed,
                            struct arena *arena, char *error, size_t error_size) CHECKED;

/* For db_copy(): all lines at once. */
struct demo_lessons {
    const struct demo_training *training;
    const struct demo_world *world;
    long rows;
};
bool demo_courses_write(void *lessons, struct buf *out);
bool demo_modules_write(void *lessons, struct buf *out);
bool demo_questions_write(void *lessons, struct buf *out);
bool demo_progress_write(void *lessons, struct buf *out);

#endif
