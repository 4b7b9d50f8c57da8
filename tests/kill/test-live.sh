#!/bin/bash
# test-live.sh - what open pages notice when the process that speaks to them, nginx or PostgreSQL are killed while leads are
# being moved; and that a stream ends with its session. A portal of its own with demo data; live.mjs is the pages. Speaks TAP.
#
#   tests/kill/test-live.sh [PATTERN]     only tests whose function's name contains PATTERN

# shellcheck disable=SC2317,SC2034 # tests are called by name; what is set here is read by harness.sh
set -uo pipefail

ROOT=$(cd -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/../.." && pwd)
TESTS=(
    "what is committed is on every page within a second"
    "a page that was away is told what it has missed, whatever it says it heard last"
    "no question to the stream ends nginx's worker"
    "a stream ends with its session"
    "a stream ends with its session even if nobody was there to end it"
    "the process that speaks to pages is killed again and again: every page ends up right"
    "nginx is killed and comes back: every page ends up right"
    "nginx's worker is killed: every page ends up right"
    "PostgreSQL is restarted: every page ends up right"
    "everything is restarted: every page ends up right"
)
FUNCTIONS=(follows resumes hostile cut cut_later live_killed nginx_killed worker_killed postgres_restarted all_restarted)

PAGES=10 # for each of PEOPLE
PEOPLE=(owner@harbour.example sales@harbour.example viewer@harbour.example agent@tessera.example admin@tessera.example)

# shellcheck source=/dev/null
. "$ROOT/tests/kill/harness.sh"
make_place live 18500
URL=http://127.0.0.1:$PORT
LIVE=
WRITER=
LEAD=
MARK=0

after_test() {
    cat "$TMP/state" 2>/dev/null
}

quiet_down() {
    still
}

# The pages stay open from test to test.
close_portal() {
    close_pages
}

# ---- helpers --------------------------------------------------------------------------------------------------------

open_portal() {
    local person
    portal --detach || return
    for person in "${PEOPLE[@]}"; do sign_in "$person" "$TMP/jar" && session_cookie "$TMP/jar"; done >"$TMP/cookies"
    LEAD=$(sql "SELECT l.id FROM leads l JOIN partners p ON p.id = l.partner_id WHERE p.name = 'Harbour Realty' AND l.stage = 'new' LIMIT 1")
    [ -n "$LEAD" ] || LEAD=$(sql "SELECT l.id FROM leads l JOIN users u ON u.partner_id = l.partner_id WHERE u.email = '${PEOPLE[0]}' LIMIT 1")
    [ -n "$LEAD" ] && [ "$(wc -l <"$TMP/cookies")" = "${#PEOPLE[@]}" ] && write_mark && open_pages
}

# ---- the pages ------------------------------------------------------------------------------------------------------

open_pages() {
    mkfifo "$TMP/control"
    LIVE_STATE=$TMP/state node "$ROOT/tests/kill/live.mjs" "$URL" "/leads/$LEAD" "$TMP/cookies" "$PAGES" <"$TMP/control" >"$TMP/live.out" 2>&1 &
    LIVE=$!
    exec 9>"$TMP/control"
    wait_until 30 all_show 1 || { cat "$TMP/state" "$TMP/live.out" >>"$OUT"; return 1; }
}

close_pages() {
    [ -n "$LIVE" ] || return 0
    exec 9>&-
    wait "$LIVE"
    LIVE=
}

all_show() { # MARK
    grep -q "shows $1:$((PAGES * ${#PEOPLE[@]}))\$" "$TMP/state" 2>/dev/null
}

all_right() { # SECONDS
    wait_until "$1" all_show "$MARK" || fail "Not every page shows $MARK after $1 s: $(cat "$TMP/state" "$TMP/live.out")"
}

# ---- the writer -----------------------------------------------------------------------------------------------------

write_mark() {
    sql "UPDATE leads SET description = 'mark $((MARK + 1))' WHERE id = '$LEAD'" && MARK=$((MARK + 1))
}

# Marks the lead as often as it can until still.
keep_writing() {
    : >"$TMP/writing"
    (while [ -e "$TMP/writing" ]; do ! write_mark || echo "$MARK" >"$TMP/mark"; done) &
    WRITER=$!
}

still() {
    [ -n "$WRITER" ] || return 0
    rm -f -- "$TMP/writing"
    wait "$WRITER"
    WRITER=
    MARK=$(sql "SELECT substr(description, 6) FROM leads WHERE id = '$LEAD'")
}

written() { # MORE THAN
    local mark
    mark=$(cat "$TMP/mark" 2>/dev/null)
    ((${mark:-0} > $1))
}

# ---- in peace -------------------------------------------------------------------------------------------------------

test_follows() {
    local i
    for i in 1 2 3; do
        write_mark || fail "The lead could not be written: $(cat "$TMP/sql.err")" || return
        all_right 2 || return
    done
    keep_writing
    wait_until 20 written 20 || fail "Nothing was written." || return
    still
    all_right 10
}

# Always in the background.
stream() { # FILE CURL-ARGUMENT…
    local file=$1
    shift
    exec curl -sN -m 60 -o "$file" -D "$file.head" -b "$TMP/jar" -H 'Accept: text/event-stream' "$@" "$URL/events"
}

end_stream() { # PID
    kill "$1"
    wait "$1" 2>/dev/null
    return 0
}

heard() { # FILE TEXT
    grep -q "$2" "$1" 2>/dev/null
}

test_resumes() {
    local pid other=
    sign_in owner@harbour.example "$TMP/jar" || fail "Signing in did not work." || return
    stream "$TMP/stream" &
    pid=$!
    wait_until 20 heard "$TMP/stream" hi || fail "There is no stream." || return
    end_stream "$pid"
    write_mark && all_right 10 || return
    for other in "" "Last-Event-ID: $(sed -n 's/^id: //p' "$TMP/stream" | tail -n 1)" "Last-Event-ID: 1:0" "Last-Event-ID: nonsense" \
        "Last-Event-ID: $(($(date +%s) + 100)):[0],-,-,-,-,-"; do
        stream "$TMP/stream" -H "$other" &
        pid=$!
        wait_until 10 heard "$TMP/stream" "leads $LEAD" || fail "With \"$other\" nothing was told of what had been missed: $(cat "$TMP/stream")" || return
        end_stream "$pid"
    done
}

worker_of_nginx() {
    curl -s -m 5 --unix-socket "$(cat "$RUN/sockets")/live.sock" http://localhost/worker
}

test_hostile() {
    local before header
    sign_in owner@harbour.example "$TMP/jar" || return
    before=$(worker_of_nginx)
    for header in "Last-Event-ID: 1:" "Last-Event-ID: $(date +%s):0" "Last-Event-ID: $(date +%s):[0],1,2,3,-,-" "If-None-Match: 1:0" \
        "If-None-Match: \"x\"" "If-Modified-Since: Tue, 24 Nov 2026 20:00:00 GMT" "Origin: http://elsewhere.example" "Range: bytes=0-"; do
        for _ in 1 2 3; do curl -sN -m 0.4 -o /dev/null -b "$TMP/jar" -H 'Accept: text/event-stream' -H "$header" "$URL/events?last_event_id=1:0"; done
    done
    for _ in 1 2 3; do
        curl -s -m 1 -o /dev/null -b "$TMP/jar" -X HEAD "$URL/events"
        curl -s -m 1 -o /dev/null -b "$TMP/jar" "$URL/events"
        curl -s -m 1 -o /dev/null -b "$TMP/jar" -X OPTIONS "$URL/events"
        curl -s -m 1 -o /dev/null -b "$TMP/jar" -d x=y "$URL/events"
        curl -s -m 1 -o /dev/null -b "$TMP/jar" -H 'Upgrade: websocket' -H 'Connection: Upgrade' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' "$URL/events"
    done
    [ "$(worker_of_nginx)" = "$before" ] || fail "nginx's worker was $before and is $(worker_of_nginx)." || return
    ! grep -q 'exited on signal' "$DATA/log/nginx.log" || fail "$(grep 'exited on signal' "$DATA/log/nginx.log")" || return
    [ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' -b "$TMP/jar" "$URL/_events/aaaaaaaaaaaaaaaaaaaaaaaa")" = 404 ] || fail "Anybody can subscribe to any channel."
}

# ---- cut ------------------------------------------------------------------------------------------------------------

has_ended() { # PID
    [ -z "$(born "$1")" ]
}

sign_out() {
    local token
    token=$(curl -s -m 20 -b "$TMP/jar" "$URL/account" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
    [ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' -b "$TMP/jar" -c "$TMP/jar.after" -d "csrf=$token" "$URL/logout")" = 303 ] || fail "Signing out did not work."
}

both_heard() { # TEXT
    heard "$TMP/stream" "$1" && heard "$TMP/stream.kept" "$1"
}

two_streams() {
    sign_in sales@harbour.example "$TMP/jar" && cp "$TMP/jar" "$TMP/jar.kept" && sign_in sales@harbour.example "$TMP/jar" || fail "Signing in did not work." || return
    stream "$TMP/stream" &
    ENDS=$!
    stream "$TMP/stream.kept" -b "$TMP/jar.kept" &
    STAYS=$!
    wait_until 20 both_heard hi || fail "There is no stream."
}

only_one_ended() { # SECONDS
    wait_until "$1" has_ended "$ENDS" || fail "The stream goes on." || return
    has_ended "$STAYS" && { fail "Another session's stream has ended, too."; return; }
    write_mark && wait_until 10 heard "$TMP/stream.kept" "leads $LEAD" || fail "The other session's stream is deaf." || return
    end_stream "$STAYS"
    [ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' -b "$TMP/jar" -H 'Accept: text/event-stream' "$URL/events")" = 401 ] || fail "Whoever signed out may listen again."
}

test_cut() {
    local round
    for round in 1 2 3; do
        two_streams && sign_out && only_one_ended 5 || return
    done
}

test_cut_later() {
    two_streams || return
    send_to jobs TERM
    wait_until 60 not_running jobs || fail "The daemon did not stop." || return
    sign_out || return
    portal --detach || fail "The daemon did not start: $(cat "$OUT")" || return
    only_one_ended 15
}

# ---- killed and restarted -------------------------------------------------------------------------------------------

live_process() {
    sed -n 's/.*event=worker_started pool=live .*pid=\([0-9]*\).*/\1/p' "$DATA/log/jobs.log" | tail -n 1
}

new_live_process() { # OLD
    [ "$(live_process)" != "$1" ] && [ -n "$(born "$(live_process)")" ]
}

test_live_killed() {
    local round victim
    keep_writing
    for round in 1 2 3 4 5; do
        victim=$(live_process)
        wait_until 20 written $((MARK + round * 5)) || fail "Nothing is written." || return
        kill -KILL "$victim"
        wait_until 30 new_live_process "$victim" || fail "It was not replaced." || return
    done
    still
    all_right 30 || return
    # and what happens while there is none
    send_to jobs TERM
    wait_until 60 not_running jobs || fail "The daemon did not stop." || return
    write_mark && part_is_back jobs && all_right 30
}

part_is_back() { # PART
    portal --detach || fail "$1 did not start again: $(cat "$OUT")"
}

test_nginx_killed() {
    local round
    keep_writing
    for round in 1 2; do
        # shellcheck disable=SC2046 # one word per process
        kill -KILL $(group_of nginx)
        wait_until 20 not_running nginx || fail "nginx did not die." || return
        part_is_back nginx || return
        wait_until 20 written $((MARK + round * 10)) || fail "Nothing is written." || return
    done
    still
    all_right 60 || return
    # and what happens while there is none
    # shellcheck disable=SC2046
    kill -KILL $(group_of nginx)
    wait_until 20 not_running nginx || fail "nginx did not die." || return
    write_mark && part_is_back nginx && all_right 60
}

new_worker() { # OLD
    local now
    now=$(worker_of_nginx)
    [ -n "$now" ] && [ "$now" != "$1" ]
}

test_worker_killed() {
    local round victim
    keep_writing
    for round in 1 2 3; do
        victim=$(worker_of_nginx)
        kill -KILL "$victim"
        wait_until 20 new_worker "$victim" || fail "nginx did not replace its worker." || return
        wait_until 20 written $((MARK + round * 10)) || fail "Nothing is written." || return
    done
    still
    all_right 60
}

test_postgres_restarted() {
    local before
    keep_writing
    wait_until 20 written $((MARK + 5)) || fail "Nothing is written." || return
    send_to postgres INT
    wait_until 60 not_running postgres || fail "PostgreSQL did not stop." || return
    part_is_back postgres || return
    before=$(cat "$TMP/mark")
    wait_until 20 written $((before + 5)) || fail "Nothing is written after the restart." || return
    still
    all_right 60 || return
    # and what is the first to happen
    send_to postgres INT
    wait_until 60 not_running postgres || fail "PostgreSQL did not stop." || return
    part_is_back postgres && write_mark && all_right 60
}

test_all_restarted() {
    write_mark
    portal stop || fail "It did not stop: $(cat "$OUT")" || return
    portal --detach || fail "It did not start again: $(cat "$OUT")" || return
    write_mark || fail "The lead could not be written." || return
    all_right 60
}

run_tests "$@"
