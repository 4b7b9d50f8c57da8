#include "view/messages.h"
#include <libintl.h>
#include <locale.h>
#include <stdbool.h>

#define DOMAIN "tessera"

/* GNU gettext: catalogues are chosen anew when this changes, as its manual describes. */
extern int _nl_msg_cat_cntr;

static bool opened;
static bool translated; /* there is a catalogue for the language; else ids are the text */
static char language[32] = "en";

/* Looking up what isn't there takes gettext as long as finding it. A catalogue answers the empty id
 * with its header. */
static void catalogue_look(void) {
    _nl_msg_cat_cntr++;
    translated = *dgettext(DOMAIN, "") != '\0';
}

void messages_open(const char *directory) {
    opened = false;
    translated = false;
    if (directory == NULL)
        return;
    /* gettext looks at LANGUAGE only when the locale is none of C and POSIX. Later C libraries
     * count C.UTF-8 among those, so a real one is preferred where the system has it. */
    if (setlocale(LC_MESSAGES, "en_US.UTF-8") == NULL && setlocale(LC_MESSAGES, "C.UTF-8") == NULL)
        return;
    bindtextdomain(DOMAIN, directory);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN); /* so that plain gettext() works as well */
    setenv("LANGUAGE", language, 1);
    catalogue_look();
    opened = true;
}

void messages_use(const char *locale) {
    if (locale == NULL)
        locale = "en";
    if (strcmp(locale, language) == 0)
        return;
    snprintf(language, sizeof language, "%s", locale);
    if (!opened)
        return;
    char posix[sizeof language];
    snprintf(posix, sizeof posix, "%s", locale);
    for (char *c = posix; *c != '\0'; c++) {
        if (strchr("-:/", *c) != NULL) /* a list or a path would be another matter */
            *c = '_';
    }
    setenv("LANGUAGE", posix, 1);
    catalogue_look();
}

const char *messages_text(const char *id) {
    /* The empty id is the catalogue's own header. */
    return translated && id[0] != '\0' ? dgettext(DOMAIN, id) : id;
}

const char *messages_plural(const char *one, const char *many, long n) {
    unsigned long count = n < 0 ? 0ul - (unsigned long)n : (unsigned long)n;
    if (!translated)
        return count == 1 ? one : many;
    return dngettext(DOMAIN, one, many, count);
}
