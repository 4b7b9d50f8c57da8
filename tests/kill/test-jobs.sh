#!/bin/bash
# test-jobs.sh - what becomes of ten thousand jobs while the daemons that do them are killed, the database restarts, and
# everything is stopped in the middle. Each job tells one person of one event: a notification and a mail, no more and no
# less. A portal of its own. Speaks TAP.
#
#   tests/kill/test-jobs.sh [PATTERN]     only tests whose function's name contains PATTERN

# shellcheck disable=SC2317,SC2034 # tests are called by name; what is set here is read by harness.sh
set -uo pipefail

ROOT=$(cd -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/../.." && pwd)
TESTS=(
    "processes that are killed in the middle lose no job and do none twice"
    "the whole daemon is killed and started again: the same"
    "the database is restarted in the middle: the same"
    "a daemon that is asked to stop gives back what it has not begun"
)
FUNCTIONS=(processes_killed daemon_killed database_restarted asked_to_stop)

MANY=10000 # of the first test; the others need fewer to be in the middle of them
SOME=2500
JOBS=0

# shellcheck source=/dev/null
. "$ROOT/tests/kill/harness.sh"
make_place jobs 18600

# ---- helpers --------------------------------------------------------------------------------------------------------

# Events that concern one person, in one transaction: as many jobs. A daemon at work may be in its way, and then nothing is done.
add_jobs() { # NUMBER
    JOBS=$1
    sql "DELETE FROM jobs; DELETE FROM outbox; DELETE FROM notifications; DELETE FROM events;
         DELETE FROM notification_choices; UPDATE users SET quiet_from = NULL, quiet_to = NULL;
         SELECT count(app.event_add('lead.won', partner_id, NULL, NULL, '/leads', '{}', ARRAY[id]))
           FROM users, generate_series(1, $JOBS) WHERE email = 'owner@harbour.example'" >/dev/null
}

left() {
    sql "SELECT count(*) FROM jobs WHERE kind = 'notify.fan_out' AND state <> 'dead'"
}

begun() {
    local now
    now=$(left) && ((now < JOBS - 100))
}

none_left() {
    [ "$(left)" = 0 ]
}

each_had_its_effect_once() {
    wait_until 120 none_left || fail "jobs were left over: $(sql "SELECT state, count(*), min(last_error) FROM jobs GROUP BY 1")" || return 1
    local got
    got=$(sql "SELECT (SELECT count(*) FROM notifications), (SELECT count(*) FROM outbox WHERE channel = 'email'),
                      (SELECT count(DISTINCT event_id) FROM notifications), (SELECT count(*) FROM jobs WHERE state = 'dead')")
    [ "$got" = "$JOBS|$JOBS|$JOBS|0" ] || fail "of $JOBS jobs, notifications|mails|events|dead are $got"
}

# Of the daemon, in the order of their pids.
processes() {
    ps -o pid= --ppid "$(pid_of jobs)" | sort -n
}

kill_one() { # NUMBER
    local -a all
    mapfile -t all < <(processes)
    ((${#all[@]} == 0)) || kill -KILL "${all[$(($1 % ${#all[@]}))]}" 2>/dev/null
}

# ---- tests ----------------------------------------------------------------------------------------------------------

test_processes_killed() {
    wait_until 30 add_jobs "$MANY" || fail "no jobs: $(cat "$TMP/sql.err")" || return 1
    local before now kills=0
    wait_until 30 begun || fail "nothing was begun" || return 1
    before=$(left)
    while now=$(left) && ((now > 0 && kills < 40)); do
        # after each kill, some more are done: it came in the middle of the work
        if ((now < before)); then
            kill_one "$kills"
            kills=$((kills + 1))
            before=$now
        fi
    done
    ((kills >= 3)) || fail "only $kills kills before all was done" || return 1
    each_had_its_effect_once
}

test_daemon_killed() {
    wait_until 30 add_jobs "$SOME" || fail "no jobs: $(cat "$TMP/sql.err")" || return 1
    local times
    for times in 1 2 3; do
        wait_until 30 begun || fail "nothing was begun" || return 1
        kill -KILL "$(pid_of jobs)"
        wait_until 30 not_running jobs || fail "the daemon lives on" || return 1
        portal --detach || fail "it did not start again: $(tail -n 3 "$OUT")" || return 1
    done
    : "$times"
    each_had_its_effect_once
}

test_database_restarted() {
    wait_until 30 add_jobs "$SOME" || fail "no jobs: $(cat "$TMP/sql.err")" || return 1
    wait_until 30 begun || fail "nothing was begun" || return 1
    local daemon
    daemon=$(pid_of jobs)
    kill -INT "$(pid_of postgres)"
    wait_until 60 not_running postgres || fail "PostgreSQL did not stop" || return 1
    portal --detach || fail "it did not start again: $(tail -n 3 "$OUT")" || return 1
    each_had_its_effect_once || return 1
    [ "$(pid_of jobs)" = "$daemon" ] || fail "the daemon had to be started again"
}

test_asked_to_stop() {
    wait_until 30 add_jobs "$SOME" || fail "no jobs: $(cat "$TMP/sql.err")" || return 1
    wait_until 30 begun || fail "nothing was begun" || return 1
    kill -TERM "$(pid_of jobs)"
    wait_until 30 not_running jobs || fail "the daemon did not end" || return 1
    local got
    got=$(sql "SELECT count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE attempts > 0) FROM jobs WHERE kind = 'notify.fan_out'")
    [ "$got" = "0|0" ] || fail "still running|tries used up: $got" || return 1
    portal --detach || fail "it did not start again" || return 1
    each_had_its_effect_once
}

run_tests "$@"
