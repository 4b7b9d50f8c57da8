#include "core/config_internal.h"
#include "core/log.h"
#include "core/text.h"

/* "http://localhost:8080" -> "localhost", 9; NULL where value isn't scheme, host and maybe a port.
 */
static const char *url_host(const char *value, size_t *length) {
    const char *host = NULL;
    if (text_starts(value, "https://"))
        host = value + strlen("https://");
    else if (text_starts(value, "http://"))
        host = value + strlen("http://");
    if (host == NULL)
        return NULL;
    if (*host == '[')
        *length = 1 + strspn(host + 1, "0123456789abcdefABCDEF:") + 1;
    else
        *length = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
    if (*length == 0 || strlen(host) < *length || (*host == '[' && host[*length - 1] != ']'))
        return NULL;
    const char *rest = host + *length;
    long port;
    if (*rest != '\0' && (*rest != ':' || !text_to_long(rest + 1, 1, 65535, &port)))
        return NULL;
    return host;
}

const char *config_check_base_url(const char *value) {
    size_t length;
    if (url_host(value, &length) != NULL)
        return NULL;
    return "http:// or https:// and a host name, maybe with a port, without a slash at the end";
}

const char *config_check_log_level(const char *value) {
    enum log_level level;
    return log_level_find(value, &level) ? NULL : "debug, info, warn or error";
}

bool config_on_this_machine(const char *base_url) {
    size_t length = 0;
    const char *host = url_host(base_url, &length);
    static const char *const names[] = {"localhost", "127.0.0.1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (host != NULL && text_starts(base_url, "http://") && strlen(names[i]) == length &&
            strncmp(host, names[i], length) == 0)
            return true;
    }
    return false;
}

const char *config_check_delivery(const char *value) {
    return text_equal(value, "smtp") || text_equal(value, "catch") || text_equal(value, "off") ? NULL : "smtp, catch or off";
}

const char *config_check_address(const char *value) {
    const char *at = strrchr(value, '@');
    bool fine = at != NULL && at != value && at[1] != '\0' && strpbrk(value, " \t<>,;:\"()[]\\") == NULL;
    for (const char *c = value; fine && *c != '\0'; c++)
        fine = (unsigned char)*c < 0x80;
    return fine ? NULL : "an address like portal@partners.example, in ASCII";
}

const char *config_check_smtp(const char *value) {
    const char *host = strstr(value, "://");
    bool fine = (text_starts(value, "smtp://") || text_starts(value, "smtps://")) && host[3] != '\0' && strpbrk(value, " @?#") == NULL;
    return fine ? NULL : "smtp:// or smtps:// and a host name, maybe with a port; name and password have keys of their own";
}

const char *config_check_http(const char *value) {
    bool fine = (text_starts(value, "https://") || text_starts(value, "http://")) && strpbrk(value, " @") == NULL;
    return fine ? NULL : "an address that begins with https:// (or http://), without name and password in it";
}
