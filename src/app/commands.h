/*
 * commands.h - the subcommands of `tessera`, and what they share.
 *
 * A command gets its own name as argv[0] and what followed it on the command line. It returns the
 * exit status: 0 done, 1 it failed, 2 it was called wrongly. main.c holds the table of all of them.
 */
#ifndef TESSERA_APP_COMMANDS_H
#define TESSERA_APP_COMMANDS_H

#include "core/config.h"

int cmd_config(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_jobs(int argc, char **argv);
int cmd_mail(int argc, char **argv);
int cmd_migrate(int argc, char **argv);
int cmd_push_key(int argc, char **argv);
int cmd_render(int argc, char **argv);
int cmd_score(int argc, char **argv);
int cmd_seed(int argc, char **argv);
int cmd_user(int argc, char **argv);
int cmd_web(int argc, char **argv);
int cmd_version(int argc, char **argv);

enum { EXIT_USAGE = 2 };

/*
 * Loads the settings: from --config FILE or --config=FILE, which are taken out of argv, else from
 * the file that TESSERA_CONFIG names, else from tessera.conf in the system's directory if there is
 * one. Sets the log level. On failure prints the sentence and exits with EXIT_USAGE.
 * The caller owns out: config_free().
 */
void command_config(int *argc, char **argv, struct config *out);

/*
 * For a command without arguments of its own, after command_config(). False when it shall go on;
 * true when *status is its exit status: --help printed usage, or an argument was refused.
 */
bool command_no_arguments(int argc, char **argv, const char *usage, int *status) CHECKED;

/* True, and usage printed, when --help or -h is among the arguments. */
bool command_help(int argc, char **argv, const char *usage) CHECKED;

#endif
