#include "domain/auth/password_rules.h"

#include "core/i18n.h"
#include "core/text.h"
#include <ctype.h>
#include <stdbool.h>

/* What people build passwords from. Digits, punctuation and years at either end are cut and leet
 * letters are undone before the comparison, so that "P@ssw0rd2024!" is "password". Sequences are
 * found by rule, not by list. */
static const char *const common[] = {
    "abc",          "abcabc",        "access",      "admin",
    "adminadmin",   "administrator", "america",     "arsenal",
    "asdf",         "asdfasdf",      "asdfgh",      "asdfghjkl",
    "barcelona",    "baseball",      "basketball",  "batman",
    "beautiful",    "butterfly",     "changeme",    "charlie",
    "chelsea",      "chocolate",     "computer",    "default",
    "demo",         "dragon",        "football",    "forever",
    "freedom",      "friends",       "google",      "guest",
    "hello",        "helloworld",    "iloveyou",    "internet",
    "letmein",      "letmeinnow",    "linkedin",    "liverpool",
    "login",        "manager",       "master",      "michael",
    "monkey",       "mypassword",    "nothing",     "pass",
    "passpass",     "passw",         "password",    "passwordpassword",
    "passwort",     "pokemon",       "princess",    "qazwsx",
    "qazwsxedc",    "qwer",          "qwert",       "qwerty",
    "qwertyqwerty", "qwertyui",      "qwertyuiop",  "realestate",
    "realmadrid",   "root",          "samsung",     "secret",
    "shadow",       "soccer",        "spiderman",   "starwars",
    "summer",       "sunshine",      "superman",    "support",
    "system",       "temp",          "temporary",   "test",
    "testing",      "testtest",      "trustno",     "unknown",
    "user",         "username",      "welcome",     "welcomehome",
    "whatever",     "winter",        "spring",      "autumn",
    "zaq",          "zxcvbn",        "zxcvbnm",     "dubai",
    "mumbai",       "singapore",     "partner",     "partners",
    "tessera",      "changethis",    "supersecret", "letmeinplease",
    "justdoit",     "jesuschrist",   "godisgood",   "maria",
    "family",       "lovely",        "babygirl",    "sweetheart",
};

enum { FOLDED_MAX = PASSWORD_MAX + 1 };

static char unleet(char c) {
    static const char from[] = "@4301$5!7+|", to[] = "aaeoissittl";
    const char *at = strchr(from, c);
    return at && c ? to[at - from] : (char)tolower((unsigned char)c);
}

/* Bits: at which end digits and punctuation are cut. At the other one they may stand for letters. */
enum { CUT_START = 1, CUT_END = 2, CUTS = 4 };

static void fold(const char *text, unsigned cut, char out[FOLDED_MAX]) {
    while ((cut & CUT_START) && *text && !isalpha((unsigned char)*text) && (unsigned char)*text < 128)
        text++;
    size_t n = strlen(text);
    while ((cut & CUT_END) && n && !isalpha((unsigned char)text[n - 1]) &&
           (unsigned char)text[n - 1] < 128)
        n--;
    if (n >= FOLDED_MAX)
        n = FOLDED_MAX - 1;
    for (size_t i = 0; i < n; i++)
        out[i] = unleet(text[i]);
    out[n] = '\0';
}

static bool is_common_word(const char *folded) {
    if (!*folded)
        return true; /* nothing but digits and punctuation */
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (strcmp(folded, common[i]) == 0)
            return true;
    return false;
}

/* Steps of 0 or ±1 between neighbours ("aaaaaaaaaa", "abcdefghij", "0987654321"), but for at most
 * two breaks. */
static bool is_sequence(const char *password) {
    int breaks = 0;
    for (const char *c = password; c[0] && c[1]; c++) {
        int step = (unsigned char)c[1] - (unsigned char)c[0];
        if (step < -1 || step > 1)
            breaks++;
    }
    return breaks <= 2;
}

/* "abcabcabcabc", "1212121212": a short piece again and again */
static bool is_repetition(const char *password) {
    size_t size = strlen(password);
    for (size_t piece = 1; piece <= 4 && piece * 2 <= size; piece++) {
        size_t i = piece;
        while (i < size && password[i] == password[i - piece])
            i++;
        if (i == size)
            return true;
    }
    return false;
}

/* Is the password little more than a word that stands in plain sight? */
static bool made_of(const char *folded, const char *word, size_t word_size) {
    char known[FOLDED_MAX];
    if (word_size < 4 || word_size >= FOLDED_MAX)
        return false;
    for (size_t i = 0; i < word_size; i++)
        known[i] = unleet(word[i]);
    known[word_size] = '\0';
    return strstr(folded, known) && strlen(folded) < word_size + 4;
}

static bool is_personal(const char *folded, const char *email, const char *name) {
    if (email && made_of(folded, email, strlen(email)))
        return true;
    if (email && made_of(folded, email, strcspn(email, "@")))
        return true;
    char whole[FOLDED_MAX] = ""; /* the name without blanks */
    size_t length = 0;
    while (name && *name) {
        size_t size = strcspn(name, " ");
        if (made_of(folded, name, size))
            return true;
        for (size_t i = 0; i < size && length < sizeof whole - 1; i++)
            whole[length++] = name[i];
        name += size + strspn(name + size, " ");
    }
    return made_of(folded, whole, length);
}

enum password_verdict password_judge(const char *password, const char *email, const char *name) {
    size_t length = text_utf8_length(password);
    if (length < PASSWORD_MIN)
        return PASSWORD_SHORT;
    if (length > PASSWORD_MAX)
        return PASSWORD_LONG;
    if (is_sequence(password) || is_repetition(password))
        return PASSWORD_COMMON;
    bool personal = false;
    for (unsigned cut = 0; cut < CUTS; cut++) {
        char folded[FOLDED_MAX];
        fold(password, cut, folded);
        if (is_common_word(folded))
            return PASSWORD_COMMON;
        personal = personal || is_personal(folded, email, name);
    }
    return personal ? PASSWORD_PERSONAL : PASSWORD_FINE;
}

const char *password_sentence(enum password_verdict verdict) {
    switch (verdict) {
    case PASSWORD_FINE:
        return NULL;
    case PASSWORD_SHORT:
        return N_("Use at least 10 characters. A few words in a row are easy to remember.");
    case PASSWORD_LONG:
        return N_("Use at most 200 characters.");
    case PASSWORD_COMMON:
        return N_(
            "This password is among the first that others would try. Choose a less common one.");
    case PASSWORD_PERSONAL:
        return N_(
            "This password is made of your name or address. Choose one that nobody can guess.");
    }
    return NULL;
}
