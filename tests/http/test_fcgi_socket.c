/* Sockets: what fcgi_listen() takes over, and what it leaves alone. */
#include "http/fcgi.h"
#include "tests/support/fcgi_client.h"
#include "tests/support/unit.h"
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static char path[96];

static int setup(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/tessera-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/test.sock", folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void test_listen(void **state) {
    (void)state;
    struct stat status;
    mode_t saved = umask(0077);
    int fd = fcgi_listen(path, 5);
    assert_int_equal(umask(saved), 0077);
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &status), 0);
    assert_true(S_ISSOCK(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0660);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    int client = fcgi_client_connect(path);
    assert_true(client >= 0);
    close(client);
    close(fd);
}

static void test_what_a_dead_process_left_is_replaced(void **state) {
    (void)state;
    close(fcgi_listen(path, 5));
    assert_int_equal(access(path, F_OK), 0);
    int fd = fcgi_listen(path, 5);
    assert_true(fd >= 0);
    close(fd);
}

static void test_a_socket_in_use_is_not_taken(void **state) {
    (void)state;
    int fd = fcgi_listen(path, 5);
    assert_int_equal(fcgi_listen(path, 5), -1);
    int client = fcgi_client_connect(path);
    assert_true(client >= 0); /* still the first one's */
    assert_true(accept(fd, NULL, NULL) >= 0);
    close(client);
    close(fd);
}

static void test_a_socket_with_a_full_backlog_is_in_use(void **state) {
    (void)state;
    int fd = fcgi_listen(path, 0);
    int client = fcgi_client_connect(path);
    assert_int_equal(fcgi_listen(path, 5), -1);
    close(client);
    close(fd);
}

static void test_other_files_are_not_removed(void **state) {
    (void)state;
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(fcgi_listen(path, 5), -1);
    assert_int_equal(access(path, F_OK), 0);
}

static void test_paths_that_cannot_be(void **state) {
    (void)state;
    char name[300];
    memset(name, 'n', sizeof name);
    name[0] = '/';
    name[sizeof name - 1] = '\0';
    assert_int_equal(fcgi_listen(name, 5), -1);
    assert_int_equal(fcgi_listen("/nowhere/at/all.sock", 5), -1);
}

/* In a child, as it is about descriptor 0. */
static int with_stdin(int fd, int (*check)(void)) {
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fd, STDIN_FILENO);
        _exit(check());
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int check_inherited(void) {
    return fcgi_inherited() && fcgi_listen(NULL, 5) == STDIN_FILENO &&
           (fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK);
}

static int check_not_inherited(void) {
    return !fcgi_inherited() && fcgi_listen(NULL, 5) == -1;
}

static void test_descriptor_0(void **state) {
    (void)state;
    int fd = fcgi_listen(path, 5);
    int null = open("/dev/null", O_RDONLY);
    int client = fcgi_client_connect(path);
    assert_int_equal(with_stdin(fd, check_inherited), 1);
    assert_int_equal(with_stdin(null, check_not_inherited), 1);
    assert_int_equal(with_stdin(client, check_not_inherited), 1); /* a socket, but no listening one */
    close(client);
    close(null);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_listen),
        TEST(test_what_a_dead_process_left_is_replaced),
        TEST(test_a_socket_in_use_is_not_taken),
        TEST(test_a_socket_with_a_full_backlog_is_in_use),
        TEST(test_other_files_are_not_removed),
        TEST(test_paths_that_cannot_be),
        TEST(test_descriptor_0),
    };
    return cmocka_run_group_tests_name("fcgi_socket", tests, NULL, NULL);
}
