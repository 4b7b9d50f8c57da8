#include "core/arena.h"
#include "tests/support/forked.h"
#include "tests/support/unit.h"
#include <limits.h>
#include <signal.h>
#include <stdalign.h>
#include <sys/wait.h>

/* A block that is made for its effect on the arena alone. */
static void keep(void *block) {
    assert_non_null(block);
}

static void test_blocks_are_zeroed_aligned_and_apart(void **state) {
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    char *previous = NULL;
    for (size_t size = 0; size < 300; size++) {
        char *block = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)block % alignof(max_align_t), 0);
        assert_true(block != previous || size == 1);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(block[i], 0);
        memset(block, 0xFF, size);
        previous = block;
    }
    arena_free(arena);
}

static void test_memory_is_zero_again_after_reset(void **state) {
    (void)state;
    struct arena *arena = arena_new(4096);
    char *block = arena_alloc(arena, 64);
    memset(block, 'x', 64);
    arena_reset(arena);
    char *again = arena_alloc(arena, 64);
    assert_ptr_equal(again, block);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(again[i], 0);
    arena_free(arena);
}

static void test_used_counts_bytes_since_reset(void **state) {
    (void)state;
    struct arena *arena = arena_new(1000);
    assert_int_equal(arena_used(arena), 0);
    keep(arena_alloc(arena, 7));
    keep(arena_alloc(arena, 10));
    assert_int_equal(arena_used(arena), 17);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    arena_free(arena);
}

static void test_maximum_can_be_used_up_exactly(void **state) {
    (void)state;
    struct arena *arena = arena_new(1000);
    memset(arena_alloc(arena, 1000), 1, 1000);
    assert_int_equal(arena_used(arena), 1000);
    arena_reset(arena);
    memset(arena_alloc(arena, 1000), 1, 1000);
    arena_free(arena);
}

static void test_grows_over_many_chunks_and_shrinks(void **state) {
    (void)state;
    struct arena *arena = arena_new(64 << 20);
    for (int round = 0; round < 3; round++) {
        char *kept = arena_strdup(arena, "kept");
        for (int i = 0; i < 40; i++)
            memset(arena_alloc(arena, 300 * 1024), i, 300 * 1024);
        memset(arena_alloc(arena, 20 << 20), 1, 20 << 20);
        assert_string_equal(kept, "kept");
        arena_reset(arena);
    }
    arena_free(arena);
}

static void test_text(void **state) {
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    assert_string_equal(arena_strdup(arena, ""), "");
    assert_string_equal(arena_strdup(arena, "harbour"), "harbour");
    assert_string_equal(arena_strndup(arena, "harbour", 4), "harb");
    assert_memory_equal(arena_strndup(arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(arena_printf(arena, "%s-%d", "lead", 42), "lead-42");
    assert_string_equal(arena_printf(arena, "%s", ""), "");
    assert_string_equal(arena_concat(arena, "f-", "name", "", "-hint", NULL), "f-name-hint");
    assert_string_equal(arena_concat(arena, "", NULL), "");
    assert_string_equal(arena_long(arena, 0), "0");
    assert_string_equal(arena_long(arena, -42), "-42");
    assert_string_equal(arena_long(arena, LONG_MIN), "-9223372036854775808");
    assert_string_equal(arena_long(arena, LONG_MAX), "9223372036854775807");
    char *wide = arena_printf(arena, "%*d", 5000, 1);
    assert_int_equal(strlen(wide), 5000);
    arena_free(arena);
}

static void test_array_is_zeroed(void **state) {
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    int *numbers = arena_array(arena, 100, sizeof *numbers);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(numbers[i], 0);
    arena_free(arena);
    arena_free(NULL);
}

static void pass_maximum(void *context) {
    struct arena *arena = arena_new(100);
    (void)context;
    keep(arena_alloc(arena, 60));
    keep(arena_alloc(arena, 41));
}

static void overflow_array(void *context) {
    volatile size_t *count = context;
    keep(arena_array(arena_new(100), *count, 16));
}

static void overflow_size(void *context) {
    volatile size_t *size = context;
    struct arena *arena = arena_new(SIZE_MAX);
    keep(arena_alloc(arena, *size));
}

static void assert_aborts(void (*run)(void *), void *context, const char *why) {
    char err[512];
    int status = forked_run(run, context, err, sizeof err);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_contains(err, "event=arena_failed");
    assert_contains(err, why);
}

static void test_passing_the_maximum_aborts(void **state) {
    (void)state;
    assert_aborts(pass_maximum, NULL, "maximum reached");
}

static void test_overflowing_products_abort(void **state) {
    (void)state;
    size_t count = SIZE_MAX / 8;
    assert_aborts(overflow_array, &count, "array too large");
    size_t size = SIZE_MAX - 8;
    assert_aborts(overflow_size, &size, "maximum reached");
}

#ifdef __SANITIZE_ADDRESS__
static void read_after_reset(void *context) {
    struct arena *arena = arena_new(4096);
    volatile char *block = arena_alloc(arena, 16);
    (void)context;
    arena_reset(arena);
    (void)block[0];
}

static void read_past_the_end(void *context) {
    volatile char *volatile block = arena_alloc(arena_new(4096), 16);
    (void)context;
    (void)block[16];
}

static void test_unused_memory_is_poisoned(void **state) {
    (void)state;
    char err[4096];
    assert_int_not_equal(forked_run(read_after_reset, NULL, err, sizeof err), 0);
    assert_contains(err, "use-after-poison");
    assert_int_not_equal(forked_run(read_past_the_end, NULL, err, sizeof err), 0);
    assert_contains(err, "use-after-poison");
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_are_zeroed_aligned_and_apart),
        cmocka_unit_test(test_memory_is_zero_again_after_reset),
        cmocka_unit_test(test_used_counts_bytes_since_reset),
        cmocka_unit_test(test_maximum_can_be_used_up_exactly),
        cmocka_unit_test(test_grows_over_many_chunks_and_shrinks),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_array_is_zeroed),
        cmocka_unit_test(test_passing_the_maximum_aborts),
        cmocka_unit_test(test_overflowing_products_abort),
#ifdef __SANITIZE_ADDRESS__
        cmocka_unit_test(test_unused_memory_is_poisoned),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
