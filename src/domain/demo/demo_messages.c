#include "domain/demo/demo_messages.h"
#include "core/text.h"
#include "domain/demo/demo_library.h"
#include "domain/demo/demo_pdf.h"
#include "domain/files/files.h"
#include <errno.h>

enum { FILE_MAX = 1 << 20, JSON_MAX = 8 * 1024 };

/* In the order of their numbers, from 1. */
static const struct {
    const char *name, *type, *source; /* below the texts; a .txt becomes a PDF where the type is one */
} carried[] = {
    {"business-bay-prices.csv", "text/csv", "library/business-bay.csv"},
    {"plan-type-2b.png", "image/png", "files/plan.png"},
    {"after-the-viewing.txt", "text/plain", "library/after-viewing.txt"},
    {"reservation-form.pdf", "application/pdf", "library/proposal-apartment.txt"},
    {"voice-memo.wav", "audio/wav", "files/memo.wav"},
};

static enum err make_one(const struct demo_options *options, size_t number, struct buf *json,
                         char *error, size_t error_size) {
    struct buf source, content;
    char sha256[2 * SHA256_SIZE + 1];
    buf_init(&source, FILE_MAX);
    buf_init(&content, FILE_MAX);
    enum err err = demo_file_read(options->texts, carried[number].source, &source, error, error_size);
    if (err == OK && text_equal(carried[number].type, "application/pdf"))
        demo_pdf_write(&content, buf_text(&source));
    else
        buf_append(&content, buf_text(&source), source.len);
    file_hash(buf_text(&content), content.len, sha256);
    if (err == OK && options->files != NULL) {
        err = file_store_write(options->files, sha256, buf_text(&content), content.len);
        if (err != OK)
            snprintf(error, error_size, "%s/store can't be written: %s.", options->files,
                     strerror(errno));
    }
    buf_printf(json, "%s{\"number\":%zu,\"sha256\":\"%s\",\"size\":%zu,\"type\":\"%s\",\"name\":\"%s\"}",
               number > 0 ? "," : "", number + 1, sha256, content.len, carried[number].type,
               carried[number].name);
    buf_free(&source);
    buf_free(&content);
    return err;
}

enum err demo_messages_make(const struct demo_options *options, struct arena *arena,
                            const char **json, char *error, size_t error_size) {
    struct buf list;
    buf_init(&list, JSON_MAX);
    buf_putc(&list, '[');
    enum err err = OK;
    for (size_t i = 0; err == OK && i < sizeof carried / sizeof *carried; i++)
        err = make_one(options, i, &list, error, error_size);
    buf_putc(&list, ']');
    *json = arena_strdup(arena, buf_text(&list));
    buf_free(&list);
    return err;
}
