/*
 * expected.h - every route of the portal with a request that it takes, and who gets what from it.
 */
#ifndef TESSERA_TESTS_EXPECTED_H
#define TESSERA_TESTS_EXPECTED_H

#include "http/request.h"
#include "tests/support/site.h"

struct expected {
    enum method method; /* METHOD_GET or METHOD_POST */
    const char *pattern;
    const char
        *path;       /* the pattern with rows of site.sql that are partner A's or the programme's */
    unsigned may;    /* who gets `ok`: bits 1 << enum site_who */
    unsigned absent; /* for whom there is no such page (404); the rest gets 403, visitors are asked
                        to sign in */
    int ok;          /* HTTP status; 0: 200 for a GET, 303 for a POST */
    int ok_json;      /* the same where JSON is asked for; 0: 200 for what leads on */
    int ok_signed_in; /* the same for whoever has a session; 0: as for visitors */
    const char *form; /* of a POST: urlencoded fields that are right; "" for none */
    bool browser;     /* redirects whoever asks, JSON or not */
    bool machine;     /* takes a POST without a form token */
    bool plain;       /* neither a page nor JSON: a file, or text for a machine */
};

extern const struct expected expected[]; /* ended by a row without a pattern */

const char *expected_method(const struct expected *row);
int expected_status(const struct expected *row, enum site_who who);
int expected_json_status(const struct expected *row, enum site_who who);

#endif
