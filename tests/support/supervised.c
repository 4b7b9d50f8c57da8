#include "tests/support/supervised.h"
#include "tests/support/fcgi_client.h"
#include "tests/support/wait.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int worker_main(void *context, const struct supervisor_worker *worker) {
    struct supervised *supervised = context;
    switch (supervised->mode) {
    case WORKER_FAILS:
        return 1;
    case WORKER_LEAVES:
        return 0;
    case WORKER_FAILS_RELOAD:
        if (worker->generation > 0) {
            char byte;
            return read(supervised->echo.gate[0], &byte, 1) == 1 ? 1 : 2;
        }
        break;
    case WORKER_HANGS:
        for (;;)
            pause();
    case WORKER_SERVES:
        break;
    }
    supervised->echo.slot = worker->slot;
    supervised->echo.generation = worker->generation;
    int result = fcgi_serve(worker->listen_fd, &supervised->echo.app, worker->slot,
                            supervised->max_requests);
    return result < 0;
}

void supervised_init(struct supervised *supervised) {
    *supervised = (struct supervised){.folder = "/tmp/tessera-test-XXXXXX"};
    if (mkdtemp(supervised->folder) == NULL)
        abort();
    snprintf(supervised->web, sizeof supervised->web, "%s/web.sock", supervised->folder);
    snprintf(supervised->auth, sizeof supervised->auth, "%s/auth.sock", supervised->folder);
    snprintf(supervised->status, sizeof supervised->status, "%s/status", supervised->folder);
    snprintf(supervised->log, sizeof supervised->log, "%s/supervisor.log", supervised->folder);
    supervised->pools[0] = (struct supervisor_pool){.name = "web", .socket = supervised->web, .workers = 1};
    supervised->pools[1] = (struct supervisor_pool){.name = "auth", .socket = supervised->auth, .workers = 1};
    supervised->options = (struct supervisor_options){
        .status_file = supervised->status,
        .worker_main = worker_main,
        .context = supervised,
        .deadline_ms = 60000,
        .start_ms = 60000,
        .stop_ms = 60000,
        .backoff_ms = 20,
        .backoff_max_ms = 80,
    };
    fcgi_echo_init(&supervised->echo);
    /* Orphans come to this process, which can then wait for them. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static _Noreturn void run(struct supervised *supervised) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int log = open(supervised->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(99);
    close(log);
    if (supervised->prepare != NULL)
        supervised->prepare(supervised);
    exit(supervisor_run(supervised->pools, 2, &supervised->options));
}

void supervised_start(struct supervised *supervised) {
    fflush(NULL);
    supervised->pid = fork();
    if (supervised->pid == 0)
        run(supervised);
    if (supervised->pid < 0 || !WAIT_FOR(access(supervised->status, R_OK) == 0))
        abort();
    supervised->board = scoreboard_attach(supervised->status);
    if (supervised->board == NULL)
        abort();
    if (!supervised->no_wait && !WAIT_FOR(supervised_ready(supervised)))
        abort();
}

int supervised_wait(struct supervised *supervised) {
    int status;
    while (waitpid(supervised->pid, &status, 0) < 0) {
        if (errno != EINTR)
            abort();
    }
    supervised->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int supervised_stop(struct supervised *supervised, int signal) {
    kill(supervised->pid, signal);
    return supervised_wait(supervised);
}

void supervised_free(struct supervised *supervised) {
    if (supervised->pid > 0)
        supervised_stop(supervised, SIGQUIT);
    scoreboard_close(supervised->board);
    fcgi_echo_free(&supervised->echo);
    unlink(supervised->log);
    unlink(supervised->web);
    unlink(supervised->auth);
    unlink(supervised->status);
    rmdir(supervised->folder);
}

bool supervised_ready(struct supervised *supervised) {
    size_t ready = 0;
    for (size_t i = 0; i < scoreboard_slots(supervised->board); i++) {
        struct scoreboard_worker worker;
        scoreboard_read(supervised->board, i, &worker);
        if (worker.state == WORKER_IDLE || worker.state == WORKER_BUSY)
            ready++;
        else if (worker.state != WORKER_NONE)
            return false;
    }
    return ready == supervised->pools[0].workers + supervised->pools[1].workers;
}

pid_t supervised_worker(const struct supervised *supervised, const char *pool, size_t nth) {
    for (size_t i = 0; i < scoreboard_slots(supervised->board); i++) {
        struct scoreboard_worker worker;
        scoreboard_read(supervised->board, i, &worker);
        if (worker.pid > 0 && strcmp(worker.pool, pool) == 0 && nth-- == 0)
            return worker.pid;
    }
    return 0;
}

uint64_t supervised_restarts(const struct supervised *supervised, enum worker_end why) {
    uint64_t sum = 0;
    for (size_t i = 0; i < scoreboard_slots(supervised->board); i++) {
        struct scoreboard_worker worker;
        scoreboard_read(supervised->board, i, &worker);
        sum += worker.restarts[why];
    }
    return sum;
}

bool supervised_logged(const struct supervised *supervised, const char *one, const char *other) {
    char line[8192];
    bool found = false;
    FILE *log = fopen(supervised->log, "r");
    if (log == NULL)
        return false;
    while (!found && fgets(line, sizeof line, log) != NULL)
        found = strstr(line, one) != NULL && strstr(line, other) != NULL;
    fclose(log);
    return found;
}

int supervised_begin(const char *socket, const char *uri) {
    const char *const env[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", uri, NULL};
    int fd = fcgi_client_connect(socket);
    if (fd < 0)
        abort();
    /* A worker that crashes may be gone before all of it was sent. */
    (void)fcgi_client_send(fd, env, NULL, 0, 0);
    return fd;
}

struct supervised_reply supervised_reply(int fd) {
    struct fcgi_answer answer;
    struct supervised_reply reply = {0};
    if (!fcgi_client_receive(fd, &answer))
        return reply;
    reply.status = answer.complete ? answer.status : 0;
    if (sscanf(answer.body, "pid=%ld generation=%u", &reply.pid, &reply.generation) != 2)
        reply.status = 0;
    fcgi_answer_free(&answer);
    return reply;
}

void supervised_load(const char *socket, size_t clients, int requests, pid_t *pids) {
    fflush(NULL);
    for (size_t i = 0; i < clients; i++) {
        pids[i] = fork();
        if (pids[i] < 0)
            abort();
        if (pids[i] > 0)
            continue;
        int failures = 0;
        for (int j = 0; j < requests; j++) {
            struct fcgi_answer answer;
            bool answered = fcgi_client_get(socket, "/", &answer) && answer.complete;
            failures += !answered;
            if (answer.head != NULL)
                fcgi_answer_free(&answer);
        }
        _exit(failures < 255 ? failures : 255);
    }
}

int supervised_failures(const pid_t *pids, size_t clients) {
    int failures = 0;
    for (size_t i = 0; i < clients; i++) {
        int status;
        while (waitpid(pids[i], &status, 0) < 0) {
            if (errno != EINTR)
                abort();
        }
        failures += WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
    }
    return failures;
}
