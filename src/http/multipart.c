#include "core/i18n.h"
#include "core/text.h"
#include "http/form_data.h"

enum {
    BOUNDARY_MAX = 70,           /* RFC 2046 section 5.1.1 */
    PART_HEADERS_MAX = 4 * 1024, /* bytes */
    FILENAME_MAX_BYTES = 1020,   /* 255 characters, which is what file systems take, in UTF-8 */
    FIRST_UPLOADS = 4
};
_Static_assert(REQUEST_FIELDS_MAX == 256, "a sentence below says so");

struct reader {
    struct arena *arena;
    char delimiter[4 + BOUNDARY_MAX + 1]; /* CRLF "--" boundary */
    size_t delimiter_size;
    const char *end;
    struct params *fields;
    size_t text_size; /* bytes in fields */
    struct upload *uploads;
    size_t nuploads;
    size_t uploads_cap;
    const char **reason;
};

/* What stands between two delimiters. */
struct part {
    const char *name;
    const char *filename; /* NULL: a field */
    const char *type;
    const char *data;
    size_t size;
};

static enum err refuse(struct reader *reader, const char *reason) {
    *reader->reason = reason;
    return ERR_BAD_REQUEST;
}

static enum err refuse_cut(struct reader *reader) {
    return refuse(reader, N_("The form did not arrive whole. Please send it again."));
}

static bool is_boundary_char(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("'()+_,-./:=? ", c) != NULL);
}

static bool is_boundary(const char *boundary) {
    size_t size = strlen(boundary);
    if (size == 0 || size > BOUNDARY_MAX || boundary[size - 1] == ' ')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_boundary_char(boundary[i]))
            return false;
    }
    return true;
}

static bool at_crlf(const char *at, const char *end) {
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n';
}

/*
 * What follows "--boundary": the start of the next part, or NULL when this was only a line that
 * begins like the boundary. *last is set for the closing delimiter, behind which nothing matters.
 */
static const char *delimiter_tail(const char *at, const char *end, bool *last) {
    *last = end - at >= 2 && at[0] == '-' && at[1] == '-';
    if (*last)
        at += 2;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (at_crlf(at, end))
        return at + 2;
    return *last && at == end ? at : NULL;
}

/* Next delimiter whose CRLF stands at `from` or later. *next is where the part behind it starts. */
static const char *find_delimiter(const struct reader *reader, const char *from, const char **next,
                                  bool *last) {
    while (from < reader->end) {
        const char *found =
            memmem(from, (size_t)(reader->end - from), reader->delimiter, reader->delimiter_size);
        if (found == NULL)
            return NULL;
        *next = delimiter_tail(found + reader->delimiter_size, reader->end, last);
        if (*next != NULL)
            return found;
        from = found + 2;
    }
    return NULL;
}

/* Moves behind the first delimiter; a preamble is passed over. */
static enum err skip_preamble(struct reader *reader, const char *bytes, const char **at,
                              bool *last) {
    /* The first delimiter may stand at the very start, without its CRLF. */
    size_t size = reader->delimiter_size - 2;
    if ((size_t)(reader->end - bytes) >= size && memcmp(bytes, reader->delimiter + 2, size) == 0) {
        *at = delimiter_tail(bytes + size, reader->end, last);
        if (*at != NULL)
            return OK;
    }
    return find_delimiter(reader, bytes, at, last) != NULL ? OK : refuse_cut(reader);
}

/* Value of a header line if it is called name (lower case), or NULL. */
static const char *header_value(const char *line, const char *name) {
    for (; *name != '\0'; name++, line++) {
        if ((*line >= 'A' && *line <= 'Z' ? *line - 'A' + 'a' : *line) != *name)
            return NULL;
    }
    return *line == ':' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

static bool is_header_line(const char *line) {
    size_t name = strcspn(line, ": \t\"(),/;<=>?@[\\]{}");
    return name > 0 && line[name] == ':';
}

/* Browsers write a quote as %22 and line ends as %0D %0A in names, and leave every other '%' alone.
 */
static char *undo_form_escapes(char *text) {
    char *out = text;
    for (const char *at = text; *at != '\0';) {
        bool escape = at[0] == '%' && at[1] != '\0' && at[2] != '\0';
        char c = '\0';
        if (escape && at[1] == '2' && at[2] == '2')
            c = '"';
        else if (escape && at[1] == '0' && (at[2] == 'D' || at[2] == 'd'))
            c = '\r';
        else if (escape && at[1] == '0' && (at[2] == 'A' || at[2] == 'a'))
            c = '\n';
        *out++ = c != '\0' ? c : *at;
        at += c != '\0' ? 3 : 1;
    }
    *out = '\0';
    return text;
}

char *upload_base_name(struct arena *arena, const char *path) {
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\')
            path = at + 1;
    }
    char *name = arena_strdup(arena, path);
    for (char *at = name; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            *at = '_';
    }
    return name;
}

/* filename*=UTF-8'en'%E2%82%AC.pdf (RFC 8187); NULL when it is anything else */
static char *extended_filename(struct arena *arena, const char *value) {
    static const char charset[] = "utf-8'";
    for (size_t i = 0; charset[i] != '\0'; i++) {
        if ((value[i] >= 'A' && value[i] <= 'Z' ? value[i] - 'A' + 'a' : value[i]) != charset[i])
            return NULL;
    }
    const char *text = strchr(value + sizeof charset - 1, '\'');
    return text != NULL ? percent_decode(arena, text + 1, strlen(text + 1), false) : NULL;
}

static enum err read_filename(struct reader *reader, const char *disposition, struct part *part) {
    char *plain = header_parameter(reader->arena, disposition, "filename");
    char *extended = header_parameter(reader->arena, disposition, "filename*");
    char *filename = extended != NULL ? extended_filename(reader->arena, extended) : NULL;
    if (filename == NULL && plain != NULL)
        filename = undo_form_escapes(plain);
    if (filename == NULL && extended == NULL)
        return OK;
    if (filename == NULL)
        return refuse(reader,
                      N_("The name of a file that was sent can't be read. Rename the file."));
    part->filename = upload_base_name(reader->arena, filename);
    if (strlen(part->filename) > FILENAME_MAX_BYTES)
        return refuse(reader,
                      N_("The name of a file is longer than 255 characters. Give it a shorter one."));
    return OK;
}

static enum err read_disposition(struct reader *reader, const char *disposition,
                                 struct part *part) {
    size_t size = strcspn(disposition, "; \t");
    char *type = arena_strndup(reader->arena, disposition, size);
    char *name = header_parameter(reader->arena, disposition, "name");
    if (!text_equal_nocase(type, "form-data") || name == NULL)
        return refuse(reader, N_("A part of the form does not say which field it is."));
    undo_form_escapes(name);
    const char *reason = name_refusal(name, strlen(name));
    if (reason != NULL)
        return refuse(reader, reason);
    part->name = name;
    return read_filename(reader, disposition, part);
}

/* 7bit, 8bit and binary say that nothing was encoded, which is all that browsers ever say. */
static bool is_identity(const char *encoding) {
    return text_equal_nocase(encoding, "binary") || text_equal_nocase(encoding, "8bit") ||
           text_equal_nocase(encoding, "7bit");
}

static enum err read_header(struct reader *reader, const char *line, struct part *part) {
    const char *value = NULL;
    if (!is_header_line(line) || text_has_control(line, strlen(line)) ||
        strpbrk(line, "\r\n") != NULL)
        return refuse(reader, N_("The headers of a part of the form can't be read."));
    if ((value = header_value(line, "content-disposition")) != NULL) {
        if (part->name != NULL)
            return refuse(reader, N_("A part of the form says twice which field it is."));
        return read_disposition(reader, value, part);
    }
    if ((value = header_value(line, "content-type")) != NULL)
        part->type = value;
    if ((value = header_value(line, "content-transfer-encoding")) != NULL && !is_identity(value))
        return refuse(reader, N_("A part of the form is encoded in a way that is not taken here."));
    return OK;
}

/* Reads the header lines at *at, which end with an empty one, and leaves *at at that one's CRLF. */
static enum err read_headers(struct reader *reader, const char **at, struct part *part) {
    const char *start = *at;
    while (!at_crlf(*at, reader->end)) {
        size_t left = (size_t)(reader->end - *at);
        size_t room = (size_t)PART_HEADERS_MAX - (size_t)(*at - start);
        const char *line_end = memmem(*at, left < room ? left : room, "\r\n", 2);
        if (line_end == NULL && left < room)
            return refuse_cut(reader);
        if (line_end == NULL)
            return refuse(reader, N_("The headers of a part of the form are too long."));
        size_t size = (size_t)(line_end - *at);
        const char *reason = value_refusal(*at, size);
        if (reason != NULL)
            return refuse(reader, reason);
        enum err err = read_header(reader, arena_strndup(reader->arena, *at, size), part);
        if (err != OK)
            return err;
        *at = line_end + 2;
    }
    if (part->name == NULL)
        return refuse(reader, N_("A part of the form does not say which field it is."));
    return OK;
}

static void add_upload(struct reader *reader, const struct part *part) {
    if (reader->nuploads == reader->uploads_cap) {
        size_t cap = reader->uploads_cap > 0 ? reader->uploads_cap * 2 : FIRST_UPLOADS;
        struct upload *uploads = arena_array(reader->arena, cap, sizeof *uploads);
        if (reader->nuploads > 0)
            memcpy(uploads, reader->uploads, reader->nuploads * sizeof *uploads);
        reader->uploads = uploads;
        reader->uploads_cap = cap;
    }
    reader->uploads[reader->nuploads++] = (struct upload){
        .field = part->name,
        .filename = part->filename,
        .type = part->type,
        .data = part->data,
        .size = part->size,
    };
}

static enum err add_part(struct reader *reader, const struct part *part) {
    if (reader->fields->count + reader->nuploads >= REQUEST_FIELDS_MAX)
        return refuse(reader, N_("More than 256 fields were sent at once."));
    if (part->filename != NULL) {
        add_upload(reader, part);
        return OK;
    }
    reader->text_size += part->size;
    if (reader->text_size > REQUEST_TEXT_MAX) {
        *reader->reason = N_("The form holds more than 1 MB of text. Send long texts as files.");
        return ERR_TOO_LARGE;
    }
    const char *reason = value_refusal(part->data, part->size);
    if (reason != NULL)
        return refuse(reader, reason);
    params_add(reader->fields, part->name, arena_strndup(reader->arena, part->data, part->size));
    return OK;
}

/* Reads the part at *at and moves behind the delimiter that ends it. */
static enum err read_part(struct reader *reader, const char **at, bool *last) {
    struct part part = {.type = ""};
    enum err err = read_headers(reader, at, &part);
    if (err != OK)
        return err;
    /* The CRLF of the empty line may belong to the delimiter at once: a part without a body. */
    const char *empty_line = *at;
    const char *data_end = find_delimiter(reader, empty_line, at, last);
    if (data_end == NULL)
        return refuse_cut(reader);
    part.data = empty_line + 2;
    part.size = data_end > part.data ? (size_t)(data_end - part.data) : 0;
    return add_part(reader, &part);
}

enum err multipart_parse(struct arena *arena, const char *boundary, const char *bytes, size_t size,
                         struct params *fields, struct upload **uploads, size_t *nuploads,
                         const char **reason) {
    struct reader reader = {
        .arena = arena, .end = bytes + size, .fields = fields, .reason = reason};
    *uploads = NULL;
    *nuploads = 0;
    if (!is_boundary(boundary))
        return refuse(&reader, N_("The form does not say where its parts begin."));
    snprintf(reader.delimiter, sizeof reader.delimiter, "\r\n--%s", boundary);
    reader.delimiter_size = strlen(reader.delimiter);

    const char *at = bytes;
    bool last = false;
    enum err err = skip_preamble(&reader, bytes, &at, &last);
    while (err == OK && !last)
        err = read_part(&reader, &at, &last);
    *uploads = reader.uploads;
    *nuploads = reader.nuploads;
    return err;
}
