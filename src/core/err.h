/*
 * err.h - what can go wrong, once.
 *
 * Every function that can fail returns an enum err and is warn_unused_result. One table gives each
 * error its HTTP status, its name in the log and the sentence that a person reads.
 */
#ifndef TESSERA_CORE_ERR_H
#define TESSERA_CORE_ERR_H

#define CHECKED __attribute__((warn_unused_result))

/*      name              status  sentence for a person (translated where it is shown) */
#define ERR_TABLE(X)                                                                               \
    X(OK, 200, "Done.")                                                                            \
    X(ERR_BAD_REQUEST, 400, "The request could not be understood.")                                \
    X(ERR_SIGN_IN, 401, "Please sign in to see this page.")                                        \
    X(ERR_FORBIDDEN, 403, "Your role does not allow this.")                                        \
    X(ERR_NOT_FOUND, 404, "There is nothing at this address, or it is not yours to see.")          \
    X(ERR_METHOD, 405, "This address does not take that kind of request.")                         \
    X(ERR_CONFLICT, 409, "Somebody changed this in the meantime. Look at it again, then retry.")   \
    X(ERR_GONE, 410, "What was at this address is no longer offered.")                             \
    X(ERR_LENGTH, 411, "Files are taken only when it is said first how long they are (Content-Length).") \
    X(ERR_TOO_LARGE, 413, "What was sent is larger than this page takes. Go back and send less, or smaller files.") \
    X(ERR_MEDIA_TYPE, 415, "This page does not take that type of content.")                        \
    X(ERR_INVALID, 422, "Some of the answers need another look.")                                  \
    X(ERR_THROTTLED, 429, "Too many tries. Please wait a little before the next one.")             \
    X(ERR_INTERNAL, 500, "Something went wrong on our side. It has been logged.")                  \
    X(ERR_UNAVAILABLE, 503, "The portal is busy with itself for a moment. Please try again.")

enum err {
#define ERR_ENUM(name, status, sentence) name,
    ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
    ERR_COUNT
};

int err_status(enum err err);           /* HTTP status */
const char *err_name(enum err err);     /* for the log, e.g. "ERR_NOT_FOUND" */
const char *err_sentence(enum err err); /* gettext message id */
enum err err_of_status(int status);     /* ERR_INTERNAL for a status not in the table */

#endif
