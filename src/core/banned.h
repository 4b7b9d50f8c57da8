/*
 * banned.h - functions that don't compile here, included before everything else by the build.
 * Each has a bounded or re-entrant replacement named beside it.
 */
#ifndef TESSERA_CORE_BANNED_H
#define TESSERA_CORE_BANNED_H
#ifndef __cplusplus /* of the C++ shims' libraries, headers use some of them */

/* This header is the first one read, so a later definition would come too late. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

/* The system's own headers declare these, so they are read before the names are poisoned. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* With clang, fortification makes macros of these two. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy stpcpy /* arena_strdup, memcpy */
#pragma GCC poison strcat   /* buf_puts */
#pragma GCC poison strncpy  /* arena_strndup */
#pragma GCC poison strncat  /* buf_append */
#pragma GCC poison sprintf  /* snprintf, arena_printf */
#pragma GCC poison vsprintf /* vsnprintf */
#pragma GCC poison gets     /* getline */
#pragma GCC poison strtok   /* strchr, strcspn */
#pragma GCC poison atoi     /* text_to_long */
#pragma GCC poison atol atoll /* text_to_long */
#pragma GCC poison localtime /* view/facets.c, which knows the reader's zone */
#pragma GCC poison gmtime    /* gmtime_r */
#pragma GCC poison asctime ctime
#pragma GCC poison mktemp tmpnam

#endif
#endif
