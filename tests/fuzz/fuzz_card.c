/* What was read from a business card: parts that are whole and short, whatever it says. And the first bytes of a picture. */
#include "core/text.h"
#include "domain/cards/card_rules.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = fuzz_arena();
    unsigned long width, height;
    (void)card_picture_size(data, size, &width, &height);
    if (size > 65536 || memchr(data, '\0', size) != NULL || !text_utf8_valid((const char *)data, size))
        return 0;
    struct card card = card_of_text(arena, arena_strndup(arena, (const char *)data, size));
    const char *const parts[] = {card.name, card.company, card.title, card.email, card.phone, card.website, card.address};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        MUST(parts[i] == NULL || (*parts[i] != '\0' && strlen(parts[i]) <= 600 && text_utf8_valid(parts[i], strlen(parts[i]))));
    MUST(card.email == NULL || strchr(card.email, '@') != NULL);
    return 0;
}
