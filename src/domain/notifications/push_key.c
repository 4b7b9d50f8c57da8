#include "domain/notifications/push_key.h"
#include "jobs/push_crypto.h"
#include <string.h>

_Static_assert(PUSH_KEY_TEXT_SIZE + 1 == PUSH_PUBLIC_TEXT_SIZE, "the same text");

bool push_key_public(const char *path, char *out) {
    static char kept[PUSH_PUBLIC_TEXT_SIZE];
    struct push_key *key = *path != '\0' && *kept == '\0' ? push_key_load(path) : NULL;
    if (key != NULL)
        push_key_text(key, kept);
    push_key_free(key);
    if (*path == '\0' || *kept == '\0')
        return false;
    memcpy(out, kept, sizeof kept);
    return true;
}
