/* Names, subjects and texts of a mail: whatever stands in them, the header has the same fields and every byte travels. */
#include "fuzz.h"
#include "jobs/mail_message.h"

/* Texts are parted by NUL bytes: name, subject, text, HTML. */
static const char *next_text(struct arena *arena, const uint8_t **data, size_t *size) {
    const uint8_t *end = *size > 0 ? memchr(*data, 0, *size) : NULL;
    size_t length = end != NULL ? (size_t)(end - *data) : *size;
    const char *text = arena_strndup(arena, length > 0 ? (const char *)*data : "", length);
    size_t used = length + (end != NULL ? 1 : 0);
    *data += used;
    *size -= used;
    return text;
}

static void check_travels(const char *text, size_t size) {
    size_t line = 0;
    for (size_t i = 0; i < size; i++) {
        /* a tab may stand in a body as it is (RFC 2045, 6.7, rule 3) */
        MUST((unsigned char)text[i] < 0x7F && ((unsigned char)text[i] >= 0x20 || strchr("\t\r\n", text[i]) != NULL));
        MUST(text[i] != '\n' || (i > 0 && text[i - 1] == '\r'));
        MUST(text[i] != '\r' || text[i + 1] == '\n');
        line = text[i] == '\n' ? 0 : line + 1;
        MUST(line <= 79);
    }
}

static size_t count_fields(const char *head) {
    size_t fields = 0;
    for (const char *line = head; *line != '\0'; line = strchr(line, '\n') + 1)
        fields += *line != ' ';
    return fields;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = fuzz_arena();
    if (size > 65536)
        return 0;
    struct mail_message message = {.from = "a@b.example", .to = "c@d.example", .message_id = "e@f.example", .date = 1800000000};
    message.from_name = message.to_name = next_text(arena, &data, &size);
    message.subject = next_text(arena, &data, &size);
    message.text = next_text(arena, &data, &size);
    message.html = size > 0 ? next_text(arena, &data, &size) : NULL;
    struct buf head, out;
    buf_init(&head, MAIL_MESSAGE_MAX);
    buf_init(&out, MAIL_MESSAGE_MAX);
    MUST(mail_message_write(&message, &head, &out) == OK);
    MUST(count_fields(buf_text(&head)) == 8);
    MUST(strchr(buf_text(&head), '\t') == NULL);
    check_travels(buf_text(&out), out.len);
    buf_free(&head);
    buf_free(&out);
    return 0;
}
