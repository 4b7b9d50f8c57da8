#!/bin/bash
# test-kill.sh - what visitors notice when processes are killed, reloaded or stopped while pages are being asked for.
# A portal of its own with demo data, real nginx and PostgreSQL, and load.mjs as the visitors. Speaks TAP.
#
#   tests/kill/test-kill.sh [PATTERN]     only tests whose function's name contains PATTERN

# shellcheck disable=SC2317,SC2034 # tests are called by name; what is set here is read by harness.sh
set -uo pipefail

ROOT=$(cd -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/../.." && pwd)
TESTS=(
    "workers that are killed take no page with them"
    "a worker that is killed in the middle of a page: another one answers"
    "the database goes away and comes back: 503 meanwhile, and the same workers serve again"
    "a reload loses nothing, and every worker is a new one"
    "a page that hangs is ended at its deadline; its neighbours notice nothing"
    "a form that hangs is ended at its deadline, and is not sent again"
    "on SIGTERM every page that was accepted is answered"
)
FUNCTIONS=(workers_killed killed_in_the_middle database_away reload page_hangs form_hangs terminate)

DEADLINE=3 # seconds; request_deadline of the portal under test
VISITORS=12

# shellcheck source=/dev/null
. "$ROOT/tests/kill/harness.sh"
make_place kill 18400
JAR=$TMP/cookies
LOCKER=

before_test() {
    : >"$TMP/load.log"
    : >"$TMP/load.state"
}

after_test() {
    cat "$TMP/load.state"
    [ -z "$WHY" ] || cat "$TMP/load.log"
}

# ---- helpers --------------------------------------------------------------------------------------------------------

open_portal() {
    portal --detach &&
        sed -i "s/^request_deadline = .*/request_deadline = $DEADLINE/; s/^workers = .*/workers = 4/" "$DATA/tessera.conf" &&
        send_to web TERM && wait_until 30 not_running web && portal --detach && sign_in owner@harbour.example "$JAR"
}

page() { # CURL-ARGUMENT…
    curl -s -m 60 -b "$JAR" -c "$JAR" "$@"
}

status_of() { # CURL-ARGUMENT…
    page -o "$TMP/page" -D "$TMP/head" -w '%{http_code}' "$@"
}

token_on() { # PATH
    page "http://127.0.0.1:$PORT$1" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1
}

# In the order of their pids.
workers() {
    local pid
    pid=$(pid_of web)
    [ -z "$pid" ] || ps -o pid= --ppid "$pid" | sort -n | tr -d ' ' | tr '\n' ' '
}

# The pids of one pool, as the portal's log names them.
workers_of() { # POOL
    local pid
    for pid in $(workers); do
        ! grep -q "event=worker_started pool=$1 .*pid=$pid\$" "$DATA/log/web.log" || echo "$pid"
    done
}

worker_count() { # is NUMBER
    [ "$(workers | wc -w)" = "$1" ]
}

# ---- the visitors ---------------------------------------------------------------------------------------------------

# visit PATH…: in the background, until leave.
visit() {
    rm -f -- "$TMP/control" "$TMP/load.state"
    mkfifo "$TMP/control"
    LOAD_STATE=$TMP/load.state node "$ROOT/tests/kill/load.mjs" "http://127.0.0.1:$PORT" "$(session_cookie "$JAR")" "$VISITORS" "$@" \
        <"$TMP/control" >"$TMP/load.out" 2>"$TMP/load.log" &
    LOAD=$!
    exec 9>"$TMP/control"
    wait_until 20 saw start ok 50 || fail "The portal serves no pages to begin with."
}

phase() { # NAME
    echo "phase $1" >&9
    wait_until 10 saw "$1" requests 1
}

leave() {
    echo stop >&9
    exec 9>&-
    wait "$LOAD"
    LOAD=
}

LOAD=
quiet_down() {
    release
    [ -z "$LOAD" ] || leave
}

count() { # PHASE KIND
    sed -n "s/^$1 .*\b$2=\([0-9]*\).*/\1/p" "$TMP/load.state" 2>/dev/null
}

saw() { # PHASE KIND LEAST
    local n
    n=$(count "$1" "$2")
    ((${n:-0} >= $3))
}

# Whatever the phase: no answer was lost, cut or strange.
nothing_lost() {
    local phase kind
    while read -r phase _; do
        for kind in other cut broken; do
            [ "$(count "$phase" "$kind")" = 0 ] || fail "In phase $phase some answers were $kind." || return 1
        done
    done <"$TMP/load.state"
}

only_pages() {
    local phase
    nothing_lost || return
    while read -r phase _; do
        [ "$(count "$phase" away)" = 0 ] || fail "In phase $phase some were told to come back later." || return
    done <"$TMP/load.state"
}

# ---- killed, reloaded, stopped --------------------------------------------------------------------------------------

test_workers_killed() {
    local round victim before
    visit /leads /dashboard /training /leads.json
    before=$(workers | wc -w)
    for round in 1 2 3 4 5; do
        victim=$(workers | tr ' ' '\n' | grep . | sed -n "$((round % before + 1))p")
        kill -KILL "$victim"
        wait_until 60 worker_count "$before" || fail "Killed worker $victim was not replaced." || return
        phase "round-$round"
        wait_until 20 saw "round-$round" ok 50 || fail "Nothing was served after worker $victim was killed." || return
    done
    leave
    only_pages
}

# Asked over the connection that holds the lock: the deadline is running.
waiting_for_locks() { # NUMBER
    echo "SELECT 'waiting ' || count(*) FROM pg_locks WHERE NOT granted;" >&8
    [ "$(tail -n 1 "$TMP/locker.out")" = "waiting $1" ]
}

# Every worker is in the middle of a page, so whichever is killed is.
test_killed_in_the_middle() {
    local all number victim pids=() i status=0
    all=$(workers | wc -w)
    number=$(workers_of web | wc -w)
    victim=$(workers_of web | head -n 1)
    hold 'LOCK TABLE lead_history IN ACCESS EXCLUSIVE MODE' || return
    for ((i = 0; i < number; i++)); do
        curl -s -m 60 -b "$JAR" -o "$TMP/page-$i" -w '%{http_code}' "http://127.0.0.1:$PORT/dashboard" >"$TMP/status-$i" &
        pids+=($!)
    done
    wait_until 20 waiting_for_locks "$number" || fail "Not every worker was at work." || return
    kill -KILL "$victim"
    release
    wait "${pids[@]}"
    for ((i = 0; i < number; i++)); do
        [ "$(cat "$TMP/status-$i")" = 200 ] && grep -q '</html>' "$TMP/page-$i" || status=1
    done
    [ "$status" = 0 ] || fail "The pages were answered with $(cat "$TMP"/status-*)." || return
    wait_until 60 worker_count "$all" || fail "The worker was not replaced."
}

test_database_away() {
    local before token
    visit /leads /dashboard /training
    before=$(workers)
    token=$(token_on /account)
    phase away
    send_to postgres INT
    wait_until 60 not_running postgres || fail "PostgreSQL did not stop." || return
    wait_until 20 saw away away 50 || fail "Nobody was told that the database is away." || return
    [ "$(status_of -d "csrf=$token" -d theme=dark "http://127.0.0.1:$PORT/account/theme")" = 503 ] ||
        fail "A form was answered with $(head -n 1 "$TMP/head")." || return
    grep -qi '^Retry-After:' "$TMP/head" || fail "The form's answer has no Retry-After." || return
    [ "$(status_of "http://127.0.0.1:$PORT/healthz")" = 200 ] || fail "/healthz needs a database." || return
    [ "$(status_of "http://127.0.0.1:$PORT/readyz")" = 503 ] || fail "/readyz says ready without a database." || return
    portal --detach || fail "PostgreSQL did not start again: $(cat "$OUT")" || return
    phase back
    wait_until 20 saw back ok 100 || fail "Pages did not come back." || return
    [ "$(status_of -d "csrf=$token" -d theme=dark "http://127.0.0.1:$PORT/account/theme")" = 303 ] ||
        fail "A form was answered with $(head -n 1 "$TMP/head") after the database was back." || return
    leave
    nothing_lost || return
    [ "$(count back away)" = 0 ] || fail "Some were sent away although the database was back." || return
    [ "$(workers)" = "$before" ] || fail "Workers were replaced: $before became $(workers)."
}

all_new() { # OLD-PID…
    local now pid
    now=" $(workers)"
    for pid in "$@"; do
        [[ $now != *" $pid "* ]] || return 1
    done
    worker_count $#
}

test_reload() {
    local round before
    visit /leads /dashboard /training /leads.json
    for round in 1 2 3; do
        # shellcheck disable=SC2207 # numbers
        before=($(workers))
        send_to web HUP
        wait_until 60 all_new "${before[@]}" || fail "After the reload ${before[*]} became $(workers)." || return
        phase "round-$round"
        wait_until 20 saw "round-$round" ok 50 || fail "Nothing was served after a reload." || return
    done
    leave
    only_pages
}

# ---- requests that hang ---------------------------------------------------------------------------------------------

# hold STATEMENT: its locks are held in a transaction until release.
hold() {
    rm -f -- "$TMP/locker"
    mkfifo "$TMP/locker"
    "$ROOT/run" --data "$DATA" psql -X -q -At -v ON_ERROR_STOP=1 <"$TMP/locker" >"$TMP/locker.out" 2>&1 &
    LOCKER=$!
    exec 8>"$TMP/locker"
    printf 'BEGIN;\n%s;\n\\echo held\n' "$1" >&8
    wait_until 20 grep -q '^held' "$TMP/locker.out" || fail "The lock was not taken: $(cat "$TMP/locker.out")"
}

release() {
    [ -n "$LOCKER" ] || return 0
    printf 'ROLLBACK;\n\\q\n' >&8
    exec 8>&-
    wait "$LOCKER"
    LOCKER=
}

killed_so_far() {
    grep -c 'event=worker_killed' "$DATA/log/web.log"
}

test_page_hangs() {
    local before all from took
    all=$(workers | wc -w)
    before=$(killed_so_far)
    visit /training /assets
    hold 'LOCK TABLE lead_history IN ACCESS EXCLUSIVE MODE' || return
    from=$(now_ms)
    [ "$(status_of "http://127.0.0.1:$PORT/dashboard")" = 503 ] || fail "It was answered with $(head -n 1 "$TMP/head")." || return
    took=$(($(now_ms) - from))
    ((took >= DEADLINE * 1000 && took < (4 * DEADLINE + 5) * 1000)) || fail "It was ended after $took ms." || return
    (($(killed_so_far) > before)) || fail "The log says nothing of it." || return
    wait_until 60 worker_count "$all" || fail "The worker was not replaced." || return
    phase released
    release
    wait_until 20 saw released ok 50 || fail "Nothing was served afterwards." || return
    leave
    only_pages || return
    [ "$(status_of "http://127.0.0.1:$PORT/dashboard")" = 200 ] || fail "The page is still away: $(head -n 1 "$TMP/head")"
}

test_form_hangs() {
    local before all token
    all=$(workers | wc -w)
    before=$(killed_so_far)
    token=$(token_on /account)
    [ "$(status_of -d "csrf=$token" -d theme=light "http://127.0.0.1:$PORT/account/theme")" = 303 ] ||
        fail "The form does not work to begin with." || return
    visit /training /assets
    hold "SELECT FROM users WHERE email = 'owner@harbour.example' FOR UPDATE" || return
    [ "$(status_of -d "csrf=$token" -d theme=dark "http://127.0.0.1:$PORT/account/theme")" = 503 ] ||
        fail "It was answered with $(head -n 1 "$TMP/head")." || return
    release
    wait_until 60 worker_count "$all" || fail "The worker was not replaced." || return
    (($(killed_so_far) == before + 1)) || fail "$(($(killed_so_far) - before)) workers were ended instead of one." || return
    leave
    only_pages || return
    [ "$("$ROOT/run" --data "$DATA" psql -X -At -c "SELECT theme FROM users WHERE email = 'owner@harbour.example'")" = light ] ||
        fail "The form was carried out although its sender was told otherwise."
}

# ---- the end --------------------------------------------------------------------------------------------------------

# What the portal's own log says it answered with a page, since line FROM.
answered_since() { # FROM
    tail -n "+$1" "$DATA/log/web.log" | grep 'event=request ' | grep -E 'route=/(leads|dashboard|training) ' | grep -c 'status=200 '
}

test_terminate() {
    local from said counted phase
    from=$(($(wc -l <"$DATA/log/web.log") + 1))
    visit /leads /dashboard /training
    phase ending
    send_to web TERM
    wait_until 60 not_running web || fail "It did not end." || return
    wait_until 20 saw ending away 20 || fail "nginx did not say that nobody is there." || return
    portal --detach || fail "It did not start again: $(cat "$OUT")" || return
    phase back
    wait_until 20 saw back ok 50 || fail "Pages did not come back." || return
    leave
    nothing_lost || return
    [ "$(count back away)" = 0 ] || fail "Some were sent away although it ran again." || return
    said=$(answered_since "$from")
    counted=0
    for phase in start ending back; do counted=$((counted + $(count "$phase" ok))); done
    [ "$said" = "$counted" ] || fail "The portal answered $said pages, the visitors got $counted."
}

run_tests "$@"
