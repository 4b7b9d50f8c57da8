/* replay.c - runs a fuzz target over its kept corpus: tests/fuzz/corpus/<target>, or the files
 * named. */
#include "fuzz.h"
#include <dirent.h>
#include <sys/stat.h>

enum { INPUT_MAX = 64 * 1024 /* bytes; kept inputs are far smaller */ };

static bool replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(INPUT_MAX);
    if (file == NULL || bytes == NULL) {
        perror(path);
        exit(1);
    }
    size_t size = fread(bytes, 1, INPUT_MAX, file);
    bool whole = feof(file) && !ferror(file);
    fclose(file);
    /* Exactly as large as the input, so that the sanitizers see a read behind its end. */
    uint8_t *exact = realloc(bytes, size > 0 ? size : 1);
    if (exact == NULL || !whole) {
        fprintf(stderr, "%s can't be read whole.\n", path);
        exit(1);
    }
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

static size_t replay_directory(const char *directory) {
    size_t count = 0;
    DIR *entries = opendir(directory);
    if (entries == NULL) {
        perror(directory);
        exit(1);
    }
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        char *path = NULL;
        struct stat status;
        if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0)
            abort();
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
            count += replay_file(path);
        free(path);
    }
    closedir(entries);
    return count;
}

int main(int argc, char **argv) {
    size_t count = 0;
    for (int i = 1; i < argc; i++)
        count += replay_file(argv[i]);
    if (argc > 1)
        return 0;

    const char *target = strstr(argv[0], "fuzz_");
    const char *srcdir = getenv("srcdir");
    char directory[4096];
    for (const char *next = target; next != NULL; next = strstr(next + 1, "fuzz_"))
        target = next;
    if (target == NULL) {
        fprintf(stderr, "%s is not called after a target.\n", argv[0]);
        return 1;
    }
    snprintf(directory, sizeof directory, "%s/tests/fuzz/corpus/%s", srcdir != NULL ? srcdir : ".",
             target + strlen("fuzz_"));
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    count = replay_directory(directory);
    printf("%s: %zu inputs\n", directory, count);
    return count > 0 ? 0 : 1;
}
