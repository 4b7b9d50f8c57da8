/*
 * job_kinds.h - every kind of job that the portal knows, and what does it.
 */
#ifndef TESSERA_APP_JOB_KINDS_H
#define TESSERA_APP_JOB_KINDS_H

#include "jobs/job.h"
#include <stddef.h>

extern const struct job_kind job_kinds[];
extern const size_t job_kinds_count;

#endif
