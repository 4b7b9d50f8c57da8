/*
 * config_internal.h - what config.c shares with config_check.c: whether a text is what a key wants.
 *
 * Each check answers NULL when it is, else the words that complete "KEY must be …".
 */
#ifndef TESSERA_CORE_CONFIG_INTERNAL_H
#define TESSERA_CORE_CONFIG_INTERNAL_H

#include <stdbool.h>

const char *config_check_base_url(const char *value);
const char *config_check_log_level(const char *value);
const char *config_check_delivery(const char *value);
const char *config_check_address(const char *value);
const char *config_check_smtp(const char *value);
const char *config_check_http(const char *value);
/* True for http:// to localhost or 127.0.0.1. */
bool config_on_this_machine(const char *base_url);

#endif
