#include "core/i18n.h"
#include "core/text.h"
#include "http/form_data.h"
#include "http/request.h"

static bool is_type(struct request *request, const char *type) {
    size_t size = strcspn(request->content_type, "; \t");
    return text_equal_nocase(arena_strndup(request->arena, request->content_type, size), type);
}

static enum err refuse_type(const char **reason) {
    *reason = N_("This page takes a form or JSON, written in UTF-8.");
    return ERR_MEDIA_TYPE;
}

static bool is_utf8_or_unsaid(struct request *request) {
    const char *charset = header_parameter(request->arena, request->content_type, "charset");
    return charset == NULL || text_equal_nocase(charset, "utf-8") ||
           text_equal_nocase(charset, "utf8");
}

enum err request_parse_body(struct request *request, const void *body, size_t size,
                            const char **reason) {
    request->body = body;
    request->body_size = size;
    if (request->content_type[0] == '\0' && size == 0)
        return OK;
    if (!is_utf8_or_unsaid(request))
        return refuse_type(reason);
    if (is_type(request, "application/json"))
        return OK;
    if (is_type(request, "application/x-www-form-urlencoded"))
        return urlencoded_parse(body, size, request->form, reason);
    if (!is_type(request, "multipart/form-data"))
        return refuse_type(reason);
    const char *boundary = header_parameter(request->arena, request->content_type, "boundary");
    return multipart_parse(request->arena, boundary != NULL ? boundary : "", body, size,
                           request->form, &request->uploads, &request->nuploads, reason);
}
