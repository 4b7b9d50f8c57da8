#include "core/err.h"
#include <stddef.h>

static const struct {
    int status;
    const char *name;
    const char *sentence;
} table[ERR_COUNT] = {
#define ERR_ROW(name, status, sentence) [name] = {status, #name, sentence},
    ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

/* A value from outside the enumeration is a bug of ours, which is what ERR_INTERNAL says. */
static size_t err_index(enum err err) {
    return (unsigned)err < ERR_COUNT ? (size_t)err : ERR_INTERNAL;
}

int err_status(enum err err) {
    return table[err_index(err)].status;
}

const char *err_name(enum err err) {
    return table[err_index(err)].name;
}

const char *err_sentence(enum err err) {
    return table[err_index(err)].sentence;
}

enum err err_of_status(int status) {
    for (size_t i = 0; i < ERR_COUNT; i++) {
        if (table[i].status == status)
            return (enum err)i;
    }
    return ERR_INTERNAL;
}
