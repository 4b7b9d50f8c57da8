/*
 * password_rules.h - which passwords are taken.
 *
 * By NIST SP 800-63B section 5.1.1.2: length counts, composition rules don't; refused are the common ones and those made
 * of what everybody can see (the address, the name). Pure.
 */
#ifndef TESSERA_DOMAIN_AUTH_PASSWORD_RULES_H
#define TESSERA_DOMAIN_AUTH_PASSWORD_RULES_H

enum { PASSWORD_MIN = 10, PASSWORD_MAX = 200 /* characters */ };

enum password_verdict { PASSWORD_FINE, PASSWORD_SHORT, PASSWORD_LONG, PASSWORD_COMMON, PASSWORD_PERSONAL };

/* email and name may be NULL. */
enum password_verdict password_judge(const char *password, const char *email, const char *name);
/* A sentence for a person (gettext message id); NULL when fine. */
const char *password_sentence(enum password_verdict verdict);

#endif
