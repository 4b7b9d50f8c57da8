/*
 * config.h - one file, documented by itself.
 *
 * The file holds `key = value` lines and # comments. Every key, its default, its unit and what it
 * is for stand in one table in config.c; `tessera config` prints that table as a complete file with
 * the values now in force. An unknown key, a value out of range or a line that isn't one is refused
 * with the file's name and line. Keys can be overridden by environment variables TESSERA_<KEY>,
 * in capitals.
 */
#ifndef TESSERA_CORE_CONFIG_H
#define TESSERA_CORE_CONFIG_H

#include "core/crypto.h"
#include "core/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config {
    char *base_url;       /* "https://partners.example", no slash at the end */
    char *database;       /* libpq connection string for the portal's role, tessera_app */
    char *database_owner; /* the same for migrations, seed and doctor; role tessera_owner */
    char *database_jobs;  /* and for the job daemon; role tessera_jobs */
    char *socket;         /* path of the FastCGI socket; unused when descriptor 0 is one */
    char *auth_socket;    /* path of the login pool's */
    char *status_file;    /* shared scoreboard of the workers, read by /metrics */
    char *jobs_status_file; /* the same of the job daemon's processes */
    char *live_socket;      /* where this machine's nginx takes what open pages are told */
    char *migrations;     /* directory; beside it lies seed, what the demo is made from */
    char *templates;      /* directory */
    char *locale_dir;     /* gettext catalogues */
    char *static_dir;     /* directory with dist/manifest.json */
    char *files;          /* directory of uploaded and generated files */
    char *secret_file;    /* 32+ random bytes: CSRF tokens are derived from them */
    long workers;         /* processes that serve pages */
    long auth_workers;    /* processes that serve sign-in, each with argon2_memory while it hashes */
    long requests_per_worker;  /* a worker is replaced after so many */
    long request_deadline;     /* seconds; a request that takes longer is killed with its worker */
    long statement_timeout;    /* milliseconds; PostgreSQL stops a statement that takes longer */
    long job_workers;          /* processes that do jobs in the database */
    long job_deadline;         /* seconds; a job in the database that takes longer is ended */
    char *mail_delivery;       /* "smtp", "catch" or "off" */
    char *mail_from;           /* bare address */
    char *smtp_url;            /* this and the following are empty where nothing is set */
    char *smtp_user;
    char *smtp_password_file;
    bool smtp_plain;
    char *mail_webhook_key;    /* base64 of a P-256 SubjectPublicKeyInfo */
    char *mail_webhook_secret_file;
    char *sms_url;             /* no slash at the end needed */
    char *sms_account;
    char *sms_token_file;
    char *sms_from;
    char *sms_callback;
    long sms_parts;
    char *slack_url_file;
    char *push_key_file;
    char *ca_file;             /* PEM */
    bool private_targets;      /* URLs that others give us may be of private networks */
    long session_idle;         /* seconds */
    long session_absolute;     /* seconds */
    long body_limit;           /* bytes of a request body that a worker accepts */
    long upload_limit;         /* bytes, for routes that take files */
    long import_limit;         /* bytes, for those that take tables of leads */
    long login_tries_account;  /* failures per account within login_window before it waits */
    long login_tries_address;  /* the same per client address */
    long login_window;         /* seconds */
    struct argon2_cost argon2; /* argon2_memory (KiB), argon2_passes, argon2_lanes */
    bool secure_cookies; /* true: __Host- cookies with Secure; false only for http://localhost */
    bool development;    /* templates reload on SIGHUP and unknown names are shown */
    char *log_level;     /* debug, info, warn or error */
};

/*
 * Fills out with defaults, then the file (NULL: none), then the environment. Strings are owned by
 * out. On failure one sentence is in error and out holds nothing to free: ERR_NOT_FOUND when the
 * file can't be read, ERR_INVALID when a value is refused.
 */
enum err config_load(const char *path, struct config *out, char *error, size_t error_size) CHECKED;
void config_free(struct config *config);
/* Writes the complete documented file with the values of config. */
void config_print(const struct config *config, FILE *out);

#endif
