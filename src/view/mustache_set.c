#include "core/text.h"
#include "view/mustache_internal.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#define SUFFIX ".mustache"

struct template_set *template_set_new(void) {
    /* Names, programs and translations take a few times the room of the sources. */
    struct arena *arena = arena_new((size_t)SET_MAX * 16);
    struct template_set *set = arena_alloc(arena, sizeof *set);
    set->arena = arena;
    set->cap = 64;
    set->table = arena_array(arena, set->cap, sizeof *set->table);
    set->workshop = arena_alloc(arena, sizeof *set->workshop);
    set->workshop->values = arena_new(SCRATCH_MAX);
    set->workshop->texts = arena_new(SCRATCH_MAX);
    set->workshop->programs = arena_new((size_t)SET_MAX * 16);
    return set;
}

void template_set_free(struct template_set *set) {
    if (set == NULL)
        return;
    arena_free(set->workshop->values);
    arena_free(set->workshop->texts);
    arena_free(set->workshop->programs);
    arena_free(set->arena);
}

/* Where a template of that name stands or would stand. */
static size_t slot_of(const struct template_set *set, const char *name, uint32_t hash) {
    size_t slot = hash & (set->cap - 1);
    while (set->table[slot] != NULL &&
           (set->table[slot]->hash != hash || strcmp(set->table[slot]->name, name) != 0))
        slot = (slot + 1) & (set->cap - 1);
    return slot;
}

const struct template *template_set_find(const struct template_set *set, const char *name,
                                         uint32_t hash) {
    return set->table[slot_of(set, name, hash)];
}

bool template_set_has(const struct template_set *set, const char *name) {
    return template_set_find(set, name, value_hash(name)) != NULL;
}

static void make_room(struct template_set *set) {
    if (set->count * 2 < set->cap)
        return;
    const struct template **old = set->table;
    size_t old_cap = set->cap;
    set->cap *= 2;
    set->table = arena_array(set->arena, set->cap, sizeof *set->table);
    for (size_t i = 0; i < old_cap; i++) {
        if (old[i] != NULL)
            set->table[slot_of(set, old[i]->name, old[i]->hash)] = old[i];
    }
}

enum err template_set_add(struct template_set *set, const char *name, const char *source,
                          size_t size, char *error, size_t error_size) {
    if (size > TEMPLATE_MAX || size > SET_MAX - set->size) {
        snprintf(error, error_size, "%s: a template may be up to %d KiB long, all together %d KiB",
                 name, TEMPLATE_MAX / 1024, SET_MAX / 1024);
        return ERR_TOO_LARGE;
    }
    if (!text_utf8_valid(source, size)) {
        snprintf(error, error_size, "%s: this is not UTF-8 text", name);
        return ERR_INVALID;
    }
    struct compile_job job = {.arena = set->arena,
                              .name = arena_strdup(set->arena, name),
                              .source = arena_strndup(set->arena, source, size),
                              .size = size,
                              .nmessages = &set->nmessages,
                              .error = error,
                              .error_size = error_size};
    const struct template *template;
    enum err err = template_compile(&job, &template);
    if (err != OK)
        return err;
    set->size += size;
    make_room(set);
    size_t slot = slot_of(set, name, template->hash);
    if (set->table[slot] == NULL)
        set->count++;
    set->table[slot] = template;
    return OK;
}

/* ---- directories ---- */

static enum err unreadable(const char *path, char *error, size_t error_size) {
    snprintf(error, error_size, "%s: %s", path, strerror(errno));
    return ERR_NOT_FOUND;
}

static enum err load_file(struct template_set *set, const char *path, const char *name, char *error,
                          size_t error_size) {
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return unreadable(path, error, error_size);
    /* One byte more than allowed tells a longer file from one that just fits. */
    char *source = malloc(TEMPLATE_MAX + 1);
    if (source == NULL)
        abort();
    size_t size = fread(source, 1, TEMPLATE_MAX + 1, file);
    enum err err = ferror(file) ? unreadable(path, error, error_size)
                                : template_set_add(set, name, source, size, error, error_size);
    free(source);
    fclose(file);
    return err;
}

static enum err load_directory(struct template_set *set, const char *path, size_t base, char *error,
                               size_t error_size);

/* base: how much of the path is not part of the templates' names */
static enum err load_entry(struct template_set *set, const char *directory, const char *entry,
                           size_t base, char *error, size_t error_size) {
    char path[PATH_MAX];
    struct stat info;
    if (snprintf(path, sizeof path, "%s/%s", directory, entry) >= (int)sizeof path)
        return OK;
    if (stat(path, &info) != 0)
        return unreadable(path, error, error_size);
    if (S_ISDIR(info.st_mode))
        return load_directory(set, path, base, error, error_size);
    if (!S_ISREG(info.st_mode) || !text_ends(entry, SUFFIX))
        return OK;
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s", path + base + 1);
    name[strlen(name) - strlen(SUFFIX)] = '\0';
    return load_file(set, path, name, error, error_size);
}

static enum err load_directory(struct template_set *set, const char *path, size_t base, char *error,
                               size_t error_size) {
    DIR *directory = opendir(path);
    if (directory == NULL)
        return unreadable(path, error, error_size);
    enum err err = OK;
    struct dirent *entry;
    while (err == OK && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.')
            err = load_entry(set, path, entry->d_name, base, error, error_size);
    }
    closedir(directory);
    return err;
}

enum err template_set_load(struct template_set *set, const char *directory, char *error,
                           size_t error_size) {
    return load_directory(set, directory, strlen(directory), error, error_size);
}
