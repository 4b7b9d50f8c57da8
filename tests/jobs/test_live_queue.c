/* What is to be published: in order, in few messages, never too much. */
#include "core/text.h"
#include "jobs/live_queue.h"
#include "tests/support/unit.h"
#include <stdio.h>

enum { SECOND = 1000000, GAP = LIVE_GAP_MS * 1000 };

static struct live_queue *queue;
static struct buf message;

static int setup(void **state) {
    (void)state;
    queue = live_queue_new();
    buf_init(&message, LIVE_MESSAGE_MAX);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    live_queue_free(queue);
    buf_free(&message);
    return 0;
}

static bool add(const char *channel, const char *topic, const char *id) {
    return live_queue_add(queue, channel, live_topic_find(topic), id, 1700000000123);
}

/* An id like others, by its number. */
static const char *id_of(int n) {
    static char id[37];
    snprintf(id, sizeof id, "aaaaaaaa-0000-4000-8000-%012d", n);
    return id;
}

static struct live_channel *next(int64_t now) {
    return live_queue_next(queue, now, &message);
}

static void assert_next(int64_t now, const char *channel, const char *text) {
    struct live_channel *found = next(now);
    assert_non_null(found);
    assert_string_equal(live_channel_name(found), channel);
    assert_string_equal(buf_text(&message), text);
    live_queue_sent(queue, found, 3);
}

static void a_change_is_a_message(void **state) {
    (void)state;
    assert_null(next(0));
    assert_int_equal(live_queue_wait(queue, 0), -1);
    assert_true(add("staff", "notifications", ""));
    assert_int_equal(live_queue_wait(queue, 0), 0);
    assert_next(0, "staff", "{\"at\":1700000000123,\"within\":300,\"changed\":[\"notifications\"]}");
    assert_null(next(SECOND));
    assert_int_equal(live_queue_pending(queue), 0);
}

static void the_crowd_of_the_last_message_spreads_the_next(void **state) {
    (void)state;
    (void)add("staff", "messages", "");
    struct live_channel *channel = next(0);
    live_queue_sent(queue, channel, 800);
    (void)add("staff", "messages", "");
    assert_next(SECOND, "staff", "{\"at\":1700000000123,\"within\":2000,\"changed\":[\"messages\"]}");
    live_queue_everybody(queue, 10000);
    (void)add("all", "refresh", "");
    assert_next(SECOND, "all", "{\"at\":1700000000123,\"within\":25000,\"changed\":[\"refresh\"]}");
}

static void what_comes_meanwhile_goes_out_together(void **state) {
    (void)state;
    (void)add("staff", "leads", id_of(1));
    struct live_channel *channel = next(0);
    (void)add("staff", "leads", id_of(2));
    (void)add("staff", "messages", "");
    (void)add("staff", "leads", id_of(2));
    (void)add("staff", "leads", id_of(1));
    assert_int_equal(live_queue_pending(queue), 3);
    assert_null(next(SECOND)); /* one at a time */
    assert_int_equal(live_queue_wait(queue, SECOND), -1);
    live_queue_sent(queue, channel, 3);
    assert_next(SECOND, "staff", "{\"at\":1700000000123,\"within\":100,\"changed\":[\"leads aaaaaaaa-0000-4000-8000-000000000002\","
                                 "\"messages\",\"leads aaaaaaaa-0000-4000-8000-000000000001\"]}");
    assert_null(next(2 * SECOND));
}

static void messages_keep_their_distance_and_channels_do_not_wait_for_each_other(void **state) {
    (void)state;
    (void)add("staff", "messages", "");
    assert_non_null(next(SECOND));
    (void)add("all", "announcements", "");
    (void)add("staff", "messages", "");
    struct live_channel *other = next(SECOND + 1);
    assert_string_equal(live_channel_name(other), "all");
    (void)add("all", "announcements", "");
    live_queue_sent(queue, other, 1);
    assert_null(next(SECOND + GAP / 2));
    assert_int_equal(live_queue_wait(queue, SECOND + GAP / 2), GAP / 2 + 1);
    assert_non_null(next(SECOND + GAP + 1));
}

static void many_of_a_topic_become_one_without_an_id(void **state) {
    (void)state;
    (void)add("staff", "messages", "");
    for (int i = 0; i <= LIVE_IDS_MAX; i++)
        (void)add("staff", "leads", id_of(i));
    assert_int_equal(live_queue_pending(queue), 2);
    (void)add("staff", "leads", id_of(99)); /* is said already */
    assert_next(0, "staff", "{\"at\":1700000000123,\"within\":300,\"changed\":[\"messages\",\"leads\"]}");
    (void)add("staff", "leads", id_of(1));
    (void)add("staff", "leads", "");
    assert_next(SECOND, "staff", "{\"at\":1700000000123,\"within\":100,\"changed\":[\"leads\"]}");
}

static void at_most_so_much_waits(void **state) {
    (void)state;
    char channel[LIVE_NAME_SIZE];
    for (int i = 0; i < LIVE_PENDING_MAX; i++) {
        snprintf(channel, sizeof channel, "user:%s", id_of(i));
        assert_true(add(channel, "notifications", ""));
    }
    assert_true(add(channel, "notifications", "")); /* the same again needs no room */
    assert_false(add("staff", "leads", ""));
    live_queue_clear(queue);
    assert_int_equal(live_queue_pending(queue), 0);
    assert_null(next(0));
    assert_true(add("all", "refresh", ""));
    assert_next(0, "all", "{\"at\":1700000000123,\"within\":300,\"changed\":[\"refresh\"]}");
}

/* A thousand channels in turn, some of them again and again: each says everything, in the order in which they came. */
static void the_line_stays_a_line(void **state) {
    (void)state;
    char channel[LIVE_NAME_SIZE];
    int64_t now = 0;
    for (int round = 0; round < 3; round++, now += SECOND) {
        for (int i = 0; i < 1000; i++) {
            snprintf(channel, sizeof channel, "user:%s", id_of(i % (round == 1 ? 10 : 1000)));
            assert_true(add(channel, i % 2 ? "messages" : "notifications", ""));
        }
        int count = round == 1 ? 10 : 1000;
        for (int i = 0; i < count; i++) {
            struct live_channel *found = next(now);
            snprintf(channel, sizeof channel, "user:%s", id_of(i));
            assert_non_null(found);
            assert_string_equal(live_channel_name(found), channel);
            live_queue_sent(queue, found, 1);
        }
        assert_null(next(now));
    }
}

static void quiet_channels_are_forgotten_and_others_are_not(void **state) {
    (void)state;
    char channel[LIVE_NAME_SIZE];
    (void)add("staff", "leads", id_of(7));
    struct live_channel *under_way = next(0);
    for (int i = 0; i < 3 * LIVE_CHANNELS_KEPT; i++) {
        snprintf(channel, sizeof channel, "user:%s", id_of(i));
        (void)add(channel, "notifications", "");
        live_queue_sent(queue, next(0), 1);
    }
    (void)add("staff", "leads", id_of(8));
    assert_null(next(SECOND));
    live_queue_sent(queue, under_way, 1);
    assert_non_null(next(SECOND));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_change_is_a_message, setup, teardown),
        cmocka_unit_test_setup_teardown(the_crowd_of_the_last_message_spreads_the_next, setup, teardown),
        cmocka_unit_test_setup_teardown(what_comes_meanwhile_goes_out_together, setup, teardown),
        cmocka_unit_test_setup_teardown(messages_keep_their_distance_and_channels_do_not_wait_for_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(many_of_a_topic_become_one_without_an_id, setup, teardown),
        cmocka_unit_test_setup_teardown(at_most_so_much_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(the_line_stays_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(quiet_channels_are_forgotten_and_others_are_not, setup, teardown),
    };
    return cmocka_run_group_tests_name("live_queue", tests, NULL, NULL);
}
