#include "tests/support/fcgi_server.h"
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 4 };

static void on_signal(int signal) {
    if (signal == SIGTERM)
        fcgi_drain();
    else
        fcgi_retire();
}

void fcgi_server_open(struct fcgi_server *server) {
    *server = (struct fcgi_server){.folder = "/tmp/tessera-test-XXXXXX"};
    if (mkdtemp(server->folder) == NULL)
        abort();
    snprintf(server->socket, sizeof server->socket, "%s/test.sock", server->folder);
    server->listen_fd = fcgi_listen(server->socket, 128);
    char status[128];
    snprintf(status, sizeof status, "%s/status", server->folder);
    server->board = scoreboard_create(status, SLOTS);
    if (server->listen_fd < 0 || server->board == NULL)
        abort();
    unlink(status);
    fcgi_echo_init(&server->echo);
}

void fcgi_server_close(struct fcgi_server *server) {
    fcgi_echo_free(&server->echo);
    scoreboard_close(server->board);
    close(server->listen_fd);
    unlink(server->socket);
    rmdir(server->folder);
}

pid_t fcgi_server_start(struct fcgi_server *server, long max_requests) {
    struct scoreboard_slot *slot = scoreboard_slot(server->board, server->started++ % SLOTS);
    /* Signals wait from before the fork until there are handlers for them. */
    sigset_t stop;
    sigset_t before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGHUP);
    sigprocmask(SIG_BLOCK, &stop, &before);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct sigaction action = {.sa_handler = on_signal};
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        sigaction(SIGTERM, &action, NULL);
        sigaction(SIGHUP, &action, NULL);
        server->echo.slot = slot;
        _exit(fcgi_serve(server->listen_fd, &server->echo.app, slot, max_requests) & 255);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0)
        abort();
    return pid;
}

int fcgi_server_wait(pid_t worker) {
    int status;
    while (waitpid(worker, &status, 0) < 0) {
        if (errno != EINTR)
            abort();
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int fcgi_server_stop(pid_t worker) {
    kill(worker, SIGTERM);
    return fcgi_server_wait(worker);
}
