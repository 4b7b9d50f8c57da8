#!/bin/bash
# test-import.sh - an import while the processes that check and write it are killed (SIGKILL) at every step, and while the
# database is. In the end every row is there once, or none is. A portal of its own. Speaks TAP.
#
#   tests/kill/test-import.sh [PATTERN]     only tests whose function's name contains PATTERN

# shellcheck disable=SC2317,SC2034 # tests are called by name; what is set here is read by harness.sh and import-way.sh
set -uo pipefail

ROOT=$(cd -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/../.." && pwd)
TESTS=(
    "a check whose processes are killed again and again sees every row once"
    "a commit that is killed in the middle leaves nothing, and is whole when it is done again"
    "the database is killed in the middle of a commit: the same"
)
FUNCTIONS=(check_killed commit_killed database_killed)

ROWS=30000
FILES=0
ID=

# shellcheck source=/dev/null
. "$ROOT/tests/kill/harness.sh"
# shellcheck source=/dev/null
. "$ROOT/tests/support/import-way.sh"
make_place import 18700
URL=http://127.0.0.1:$PORT

open_portal() { portal --detach && way_sign_in; }

# Each test has clients of its own, so that none is a duplicate.
before_test() {
    FILES=$((FILES + 1))
    way_file "$ROWS" 1 | sed "s/@people/@people$FILES/; s/;0561/;056$((1 + FILES))/" >"$TMP/clients.csv"
}

# ---- helpers --------------------------------------------------------------------------------------------------------

# Those of its processes that are there just now; the daemon makes others.
kill_workers() {
    local pid
    for pid in $(ps -o pid= --ppid "$(pid_of jobs)"); do kill -KILL "$pid" 2>/dev/null; done
}

# The daemon first, so that it makes no others.
kill_daemon() {
    local pid pids
    pids=$(ps -o pid= --ppid "$(pid_of jobs)")
    kill -KILL "$(pid_of jobs)"
    for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
}

checked_more_than() { # ROWS
    local now
    now=$(way_sql "SELECT checked FROM lead_imports WHERE id = '$ID'")
    ((now > $1))
}

written_more_than() { # ROWS: by the statement that has not ended yet
    local now
    now=$(way_sql "SELECT app.import_written('$ID')")
    ((now > $1))
}

begin() {
    way_send "$TMP/clients.csv" || fail "The file was refused." || return
    way_columns || fail "The columns were refused."
}

agree() {
    wait_until 300 way_state_is checked || fail "The check did not end: $(stand)" || return
    way_commit || fail "The commit was refused."
}

stand() {
    way_sql "SELECT concat_ws(' ', state, checked, 'of', rows) FROM lead_imports WHERE id = '$ID'
              UNION ALL SELECT concat_ws(' ', kind, state, attempts, run_at - now(), claimed_by, last_error) FROM jobs WHERE kind LIKE 'imports.%'" | tr '\n' ';'
}

# What must hold after everything: every good row is a lead, once, with its history; and one word was said about them.
whole() {
    local good=$((ROWS * 99 / 100)) found
    found=$(way_sql "SELECT concat_ws(' ', (SELECT imported FROM lead_imports WHERE id = '$ID'), count(*), count(DISTINCT client_email),
                (SELECT count(*) FROM lead_history h JOIN leads x ON x.id = h.lead_id WHERE x.import_id = '$ID'),
                (SELECT count(*) FROM events WHERE type = 'lead.imported' AND subject_id = '$ID'),
                (SELECT count(*) FROM lead_import_rows WHERE import_id = '$ID'))
              FROM leads WHERE import_id = '$ID'")
    [ "$found" = "$good $good $good $good 1 $((ROWS - good))" ] || fail "imported, leads, clients, histories, events, rows left: $found" || return
    "$ROOT/run" --data "$DATA" tessera doctor --rollups >"$OUT" 2>&1 || fail "The totals are wrong: $(cat "$OUT")"
}

# ---- tests ----------------------------------------------------------------------------------------------------------

test_check_killed() {
    local round found
    begin || return
    for round in 1 2 3 4; do
        wait_until 60 checked_more_than $((round * 3000)) || fail "The check does not go on after $round kills." || return
        kill_workers
    done
    wait_until 300 way_state_is checked || fail "The check did not end: $(stand)" || return
    found=$(way_sql "SELECT concat_ws(' ', count(*), count(DISTINCT number), min(number), max(number), count(*) FILTER (WHERE status = 'good'))
                       FROM lead_import_rows WHERE import_id = '$ID'")
    [ "$found" = "$ROWS $ROWS 2 $((ROWS + 1)) $((ROWS * 99 / 100))" ] || fail "rows, numbers, first, last, good: $found" || return
    way_commit || fail "The commit was refused." || return
    wait_until 300 way_state_is imported || fail "The commit did not end: $(stand)" || return
    whole
}

test_commit_killed() {
    begin && agree || return
    wait_until 60 written_more_than 1000 || fail "The commit did not begin." || return
    kill_daemon
    [ "$(way_sql "SELECT count(*) FROM leads WHERE import_id = '$ID'")" = 0 ] || fail "Half an import is there." || return
    wait_until 60 not_running jobs || fail "The daemon does not end." || return
    portal --detach || fail "The daemon did not start again." || return
    wait_until 60 written_more_than 1000 || way_state_is imported || fail "The commit did not begin again." || return
    kill_workers
    wait_until 180 way_state_is imported || fail "The commit did not end: $(stand)" || return
    whole
}

test_database_killed() {
    begin && agree || return
    wait_until 60 written_more_than 1000 || fail "The commit did not begin." || return
    kill -KILL "$(pid_of postgres)"
    wait_until 60 not_running postgres || fail "PostgreSQL did not die." || return
    # the process that writes does not see at once that PostgreSQL is gone, and until it does nothing else may work there
    wait_until 240 portal --detach || fail "PostgreSQL did not start again: $(cat "$OUT")" || return
    wait_until 240 way_state_is imported || fail "The commit did not end: $(stand)" || return
    whole
}

run_tests "$@"
