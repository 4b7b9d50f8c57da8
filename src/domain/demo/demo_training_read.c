#include "core/text.h"
#include "domain/demo/demo_training.h"
#include <errno.h>
#include <stdarg.h>

struct reader {
    struct demo_training *training;
    struct arena *arena;
    const char *path;
    uint64_t seed;
    long line;
    uint64_t things; /* read so far, each with a stream of its own */
    struct demo_course *course;
    struct demo_module *module;
    struct demo_question *question;
    struct buf body; /* of the module that is being read */
    char *error;
    size_t error_size;
};

static enum err refuse(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum err refuse(struct reader *reader, const char *format, ...) {
    char sentence[256];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    snprintf(reader->error, reader->error_size, "%s:%ld: %s", reader->path, reader->line, sentence);
    return ERR_INVALID;
}

static void name_next(struct reader *reader, char id[DEMO_UUID_SIZE]) {
    struct demo_random random = demo_random_of(reader->seed, STREAM_COURSE, reader->things++);
    demo_random_uuid(&random, id);
}

static void module_end(struct reader *reader) {
    while (reader->body.len > 0 && reader->body.data[reader->body.len - 1] == '\n')
        reader->body.data[--reader->body.len] = '\0';
    if (reader->module != NULL)
        reader->module->body = arena_strdup(reader->arena, buf_text(&reader->body));
    buf_clear(&reader->body);
    reader->module = NULL;
    reader->question = NULL;
}

static enum err course_begin(struct reader *reader, const char *title) {
    struct demo_training *training = reader->training;
    module_end(reader);
    if (training->ncourses == COURSES_MAX)
        return refuse(reader, "There are more than %d courses.", COURSES_MAX);
    reader->course = &training->courses[training->ncourses++];
    *reader->course = (struct demo_course){.title = title, .summary = ""};
    name_next(reader, reader->course->id);
    return OK;
}

/* "quiz 5 Check what you know" */
static enum err module_begin(struct reader *reader, char *text) {
    module_end(reader);
    if (reader->course == NULL || reader->course->nmodules == MODULES_MAX)
        return refuse(reader, "A module needs a course with less than %d modules.", MODULES_MAX);
    struct demo_module *module = &reader->course->modules[reader->course->nmodules++];
    *module = (struct demo_module){.kind = text, .body = "", .pass = -1};
    char *minutes = strchr(text, ' ');
    char *title = minutes != NULL ? strchr(minutes + 1, ' ') : NULL;
    if (title == NULL)
        return refuse(reader, "Write: ## kind minutes title");
    *minutes++ = *title++ = '\0';
    module->title = title;
    if (!text_to_long(minutes, 1, 600, &module->minutes))
        return refuse(reader, "\"%s\" are not minutes.", minutes);
    if (text_equal(module->kind, "quiz"))
        module->pass = 80;
    name_next(reader, module->id);
    reader->module = module;
    return OK;
}

static enum err question_begin(struct reader *reader, const char *prompt) {
    struct demo_module *module = reader->module;
    if (module == NULL || module->pass < 0 || module->nquestions == QUESTIONS_MAX)
        return refuse(reader, "A question needs a quiz with less than %d of them.", QUESTIONS_MAX);
    reader->question = &module->questions[module->nquestions++];
    *reader->question = (struct demo_question){.prompt = prompt, .explanation = ""};
    name_next(reader, reader->question->id);
    return OK;
}

static enum err option_add(struct reader *reader, const char *text, bool right) {
    struct demo_question *question = reader->question;
    if (question == NULL || question->noptions == OPTIONS_MAX)
        return refuse(reader, "An option needs a question with less than %d.", OPTIONS_MAX);
    question->options[question->noptions++] = text;
    if (right)
        question->answer = question->noptions;
    return OK;
}

/* "a, b" */
static size_t split(char *list, const char *out[AUDIENCE_MAX]) {
    size_t count = 0;
    while (list != NULL && count < AUDIENCE_MAX) {
        char *comma = strchr(list, ',');
        if (comma != NULL)
            *comma++ = '\0';
        out[count++] = text_trim(list);
        list = comma;
    }
    return count;
}

static bool take(char *line, const char *key, char **value) {
    if (!text_starts(line, key))
        return false;
    *value = text_trim(line + strlen(key));
    return true;
}

/* A setting of the course or module that was just begun; false when line is none. */
static bool setting_read(struct reader *reader, char *line) {
    struct demo_course *course = reader->course;
    struct demo_module *module = reader->module;
    char *value;
    if (module != NULL && take(line, "file:", &value))
        module->file = value;
    else if (module != NULL && take(line, "captions:", &value))
        module->captions = value;
    else if (module != NULL && take(line, "pass:", &value))
        return text_to_long(value, 1, 100, &module->pass);
    else if (module == NULL && course != NULL && take(line, "summary:", &value))
        course->summary = value;
    else if (module == NULL && course != NULL && take(line, "required:", &value))
        course->required = text_equal(value, "yes");
    else if (module == NULL && course != NULL && take(line, "tiers:", &value))
        course->ntiers = split(value, course->tiers);
    else if (module == NULL && course != NULL && take(line, "types:", &value))
        course->ntypes = split(value, course->types);
    else
        return false;
    return true;
}

static enum err line_read(struct reader *reader, char *line) {
    if (*line == ';')
        return OK;
    if (text_starts(line, "## "))
        return module_begin(reader, line + 3);
    if (text_starts(line, "# "))
        return course_begin(reader, line + 2);
    if (text_starts(line, "? "))
        return question_begin(reader, line + 2);
    if (text_starts(line, "- ") || text_starts(line, "+ "))
        return option_add(reader, line + 2, *line == '+');
    if (text_starts(line, "> ") && reader->question != NULL) {
        reader->question->explanation = line + 2;
        return OK;
    }
    if (setting_read(reader, line))
        return OK;
    if (*line != '\0' && reader->module == NULL)
        return refuse(reader, "This line belongs to no module.");
    if (reader->body.len > 0 || *line != '\0')
        buf_printf(&reader->body, "%s\n", line);
    return OK;
}

static enum err questions_check(struct reader *reader) {
    for (size_t i = 0; i < reader->training->ncourses; i++) {
        const struct demo_course *course = &reader->training->courses[i];
        for (size_t j = 0; j < course->nmodules; j++) {
            const struct demo_module *module = &course->modules[j];
            for (size_t k = 0; k < module->nquestions; k++) {
                if (module->questions[k].answer == 0 || module->questions[k].noptions < 2)
                    return refuse(reader, "\"%s\" has no right answer.",
                                  module->questions[k].prompt);
            }
        }
    }
    return OK;
}

static enum err lines_read(struct reader *reader, FILE *file) {
    char *line = NULL;
    size_t cap = 0;
    ssize_t length;
    enum err err = OK;
    while (err == OK && (length = getline(&line, &cap, file)) >= 0) {
        reader->line++;
        char *copy = arena_strndup(reader->arena, line, (size_t)length);
        err = line_read(reader, text_trim(copy));
    }
    free(line);
    module_end(reader);
    return err != OK ? err : questions_check(reader);
}

enum err demo_training_read(struct demo_training *training, const char *path, uint64_t seed,
                            struct arena *arena, char *error, size_t error_size) {
    struct reader reader = {.training = training,
                            .arena = arena,
                            .path = path,
                            .seed = seed,
                            .error = error,
                            .error_size = error_size};
    training->ncourses = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        snprintf(error, error_size, "%s can't be read: %s.", path, strerror(errno));
        return ERR_NOT_FOUND;
    }
    buf_init(&reader.body, 1 << 20);
    enum err err = lines_read(&reader, file);
    buf_free(&reader.body);
    fclose(file);
    return err;
}
