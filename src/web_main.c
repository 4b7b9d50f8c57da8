/*
 * web_main.c - `tessera-web`, which `tessera web` becomes: a program of its own because it is linked with what pages need,
 * and not with what only jobs and the operator's commands do. That is memory of every worker, and code that a visitor
 * cannot reach.
 */
#include "app/commands.h"

int main(int argc, char **argv) {
    return cmd_web(argc, argv);
}
