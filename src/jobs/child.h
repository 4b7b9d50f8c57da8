/*
 * child.h - runs another program on something that nobody vouches for: in a process of its own, with little memory and
 * time, without our environment, our descriptors or a way to write a file.
 *
 * It reads its standard input (an open file) and says what it has to say on its standard output. When it takes too
 * long it is killed with all that it started.
 */
#ifndef TESSERA_JOBS_CHILD_H
#define TESSERA_JOBS_CHILD_H

#include "core/buf.h"

struct child_limits {
    long seconds; /* of clock and of processor */
    long memory;  /* bytes of address space */
};

enum child_end {
    CHILD_DONE,
    CHILD_FAILED, /* it said no, crashed, wanted more memory, or said more than out has room for */
    CHILD_SLOW,   /* it was killed */
    CHILD_MISSING /* there is no such program, or no process could be made */
};

/* argv: ended by NULL; its first is looked for in /usr/local/bin, /usr/bin and /bin. input stays open. out: what it
 * said, whatever the end. */
enum child_end child_run(char *const argv[], int input, const struct child_limits *limits, struct buf *out);

#endif
