#!/bin/bash
# test-kill.sh - what visitors see while parts of a portal are killed, stopped and started under load. Speaks TAP.
# The load is h2load over kept-open HTTP/1.1 connections through nginx; the portal is one of its own.

# shellcheck disable=SC2317,SC2034 # tests are called by name; some variables are read by the sourced pieces
set -uo pipefail

ROOT=$(cd -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/../.." && pwd)
for piece in common service-user processes; do
    # shellcheck source=/dev/null
    . "$ROOT/tools/shell/$piece.sh"
done

TMP=$(mktemp -d /tmp/tessera-kill.XXXXXX)
chmod 0755 "$TMP"
DATA=$TMP/portal
RUN=$DATA/run
PORT=$(free_port 18400)
URL=http://127.0.0.1:$PORT
CLIENTS=20
WHY=
TESTS=(
    "worker_killed a worker that is killed loses no request"
    "workers_killed when all workers are killed at once, their parent replaces them and nobody sees an error for long"
    "database_away while the database is away people get 503 with Retry-After, and pages again once it is back"
    "database_flaps a database that goes and comes three times needs no worker restarted"
    "reload SIGHUP under load loses no request"
    "drain SIGTERM under load: every accepted request is answered"
    "stop ./run stop under load leaves nothing behind"
)

main() {
    local i failed=0
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    echo "1..${#TESTS[@]}"
    start || { echo "Bail out! The portal did not start." && cat "$TMP/out" && exit 1; }
    for i in "${!TESTS[@]}"; do
        WHY=
        if start && "test_${TESTS[i]%% *}"; then
            echo "ok $((i + 1)) - ${TESTS[i]#* }"
        else
            echo "not ok $((i + 1)) - ${TESTS[i]#* }"
            printf '# %s\n' "$WHY"
            [ ! -e "$TMP/load" ] || sed 's/^/#   /' "$TMP/load"
            failed=1
        fi
        rm -f "$TMP/load"
    done
    exit "$failed"
}

clean_up() {
    "$ROOT/run" --data "$DATA" stop >/dev/null 2>&1
    rm -rf -- "$TMP"
}

fail() {
    WHY=$*
    return 1
}

# Also brings back the parts that a test has ended.
start() {
    "$ROOT/run" --data "$DATA" --port "$PORT" --no-demo --detach >"$TMP/out" 2>&1 || fail "$(cat "$TMP/out")"
}

# ---- load -----------------------------------------------------------------------------------------------------------

# load SECONDS: in the background; returns when requests are being answered.
load() {
    local log=$DATA/log/access.log
    : >"$log"
    h2load --h1 -t 1 -c "$CLIENTS" -D "$1" "$URL/" >"$TMP/load" 2>&1 &
    LOAD=$!
    wait_until 5 more_than 50 "$log" || fail "The load does not arrive"
}

more_than() { # LINES FILE
    (($(wc -l <"$2") > $1))
}

# loaded: waits for the end of the load, and reads what came of it.
loaded() {
    wait "$LOAD"
    read -r DONE BROKEN GOOD BAD < <(tr -d , <"$TMP/load" | awk '
        $1 == "requests:" { for (i = 2; i < NF; i += 2) n[$(i + 1)] = $i }
        $1 == "status" { for (i = 3; i < NF; i += 2) n[$(i + 1)] = $i }
        END { print n["done"] + 0, n["errored"] + n["timeout"] + 0, n["2xx"] + 0, n["4xx"] + n["5xx"] + 0 }')
    ((DONE > 0)) || fail "Nothing was asked"
}

all_good() {
    ((BROKEN == 0 && BAD == 0 && GOOD == DONE)) || fail "Of $DONE requests, $BAD had an error and $BROKEN no answer"
}

status_is() {
    [ "$(curl -s -o "$TMP/page" -D "$TMP/headers" -m 10 -w '%{http_code}' "$URL/")" = "$1" ]
}

# ---- workers --------------------------------------------------------------------------------------------------------

parent() {
    pid_of web
}

workers() {
    group_of web | grep -vx "$(parent)"
}

workers_are() {
    [ "$(workers | wc -l)" = "$1" ]
}

# Workers beyond the one that is replaced may have been replaced as well, when their time had come.
replaced() { # PID
    workers_are "$COUNT" && ! workers | grep -qx "$1"
}

test_worker_killed() {
    local victim
    COUNT=$(workers | wc -l)
    load 4 || return
    for victim in $(workers | head -n 3); do
        kill -9 "$victim"
        wait_until 5 replaced "$victim" || fail "Worker $victim was not replaced" || return
    done
    loaded && all_good
}

test_workers_killed() {
    local old
    COUNT=$(workers | wc -l)
    old=$(parent)
    load 4 || return
    # shellcheck disable=SC2046 # one word per process
    kill -9 $(workers)
    wait_until 10 workers_are "$COUNT" || fail "$(workers | wc -l) of $COUNT workers came back" || return
    wait_until 5 status_is 200 || fail "No page after that" || return
    loaded || return
    [ "$(parent)" = "$old" ] || fail "The parent is another one" || return
    # what the killed ones were busy with, and nothing else; nginx asks another worker where it may
    ((BROKEN == 0 && BAD <= 2 * CLIENTS)) || fail "Of $DONE requests, $BAD had an error and $BROKEN no answer"
}

# ---- the database ---------------------------------------------------------------------------------------------------

end_database() {
    kill -INT "$(pid_of postgres)"
    wait_until 20 not_running postgres || fail "The database does not end"
}

test_database_away() {
    local old
    old=$(workers)
    load 8 || return
    end_database || return
    wait_until 5 status_is 503 || fail "It is not 503" || return
    grep -qi '^retry-after: [0-9]' "$TMP/headers" || fail "503 without Retry-After" || return
    grep -q '</html>' "$TMP/page" || fail "503 is not a page" || return
    start && { wait_until 5 status_is 200 || fail "No page after the database is back"; } || return
    loaded || return
    ((BROKEN == 0)) || fail "$BROKEN of $DONE requests had no answer" || return
    ((GOOD > 0 && BAD > 0)) || fail "The load did not see both: $GOOD good, $BAD bad" || return
    [ "$(workers)" = "$old" ] || fail "Workers were replaced"
}

test_database_flaps() {
    local old i
    old=$(workers)
    for i in 1 2 3; do
        end_database && start && { wait_until 5 status_is 200 || fail "No page after time $i"; } || return
    done
    for i in {1..50}; do status_is 200 || fail "Request $i after that: $(head -n 1 "$TMP/headers")" || return; done
    [ "$(workers)" = "$old" ] || fail "Workers were replaced"
}

# ---- reload and stop ------------------------------------------------------------------------------------------------

test_reload() {
    local i old
    load 5 || return
    for i in 1 2 3; do
        old=$(workers | head -n 1)
        kill -HUP "$(parent)"
        wait_until 10 dead "$old" || fail "Reload $i did not replace worker $old" || return
    done
    loaded && all_good
}

dead() { # PID
    [ -z "$(born "$1")" ]
}

# nginx answers for the workers once they are gone: a friendly 503, and never a broken connection.
test_drain() {
    : >"$DATA/log/nginx.log"
    load 4 || return
    kill -TERM "$(parent)"
    wait_until 30 not_running web || fail "The workers' parent does not end" || return
    group_gone web || fail "Workers are left" || return
    loaded || return
    ((BROKEN == 0)) || fail "$BROKEN of $DONE requests had no answer" || return
    status_is 503 && grep -qi '^retry-after: ' "$TMP/headers" || fail "Without workers it is not a 503 with Retry-After" || return
    ! grep -E 'prematurely closed|reset by peer' "$DATA/log/nginx.log" >"$TMP/cut" ||
        fail "A worker dropped what it had accepted: $(tail -n 1 "$TMP/cut")"
}

test_stop() {
    local pids pid
    pids=$(for pid in nginx web postgres; do group_of "$pid"; done)
    load 6 || return
    "$ROOT/run" --data "$DATA" stop >"$TMP/out" 2>&1 || fail "$(cat "$TMP/out")" || return
    for pid in $pids; do dead "$pid" || fail "Process $pid is left" || return; done
    kill "$LOAD"
    ! port_is_taken "$PORT" || fail "The port is still taken"
}

main "$@"
