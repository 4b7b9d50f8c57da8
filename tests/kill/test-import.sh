#!/bin/bash
# test-import.sh - an import while the processes that check and write it are killed (SIGKILL) at every step, and while the
# database is. In the end every row is there once, or none is. A portal of its own. Speaks TAP.
#
#   tests/kill/test-import.sh [PATTERN]     only tests whose function's name contains PATTERN

# shellcheck disable=SC2317 # tests are called by name
set -uo pipefail

ROOT=$(cd -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/../.." && pwd)
for piece in common processes; do
    # shellcheck source=/dev/null
    . "$ROOT/tools/shell/$piece.sh"
done
# shellcheck source=/dev/null
. "$ROOT/tests/support/import-way.sh"

TESTS=(
    "a check whose processes are killed again and again sees every row once"
    "a commit that is killed in the middle leaves nothing, and is whole when it is done again"
    "the database is killed in the middle of a commit: the same"
)
FUNCTIONS=(check_killed commit_killed database_killed)

ROWS=30000
TMP=$(mktemp -d /tmp/tessera-import.XXXXXX)
chmod 0755 "$TMP"
DATA=$TMP/portal
# shellcheck disable=SC2034 # read by processes.sh
RUN=$DATA/run
PORT=$(free_port 18700)
# shellcheck disable=SC2034 # read by import-way.sh
URL=http://127.0.0.1:$PORT
OUT=$TMP/out
ID=
WHY=

main() {
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    local i failed=0
    echo "1..${#TESTS[@]}"
    if ! portal --detach || ! way_sign_in; then
        echo "Bail out! The portal did not start."
        sed 's/^/# /' "$OUT"
        exit 1
    fi
    for i in "${!TESTS[@]}"; do
        if [[ ${FUNCTIONS[i]} != *${1:-}* ]]; then
            echo "ok $((i + 1)) - ${TESTS[i]} # SKIP not asked for"
            continue
        fi
        WHY=
        # each with clients of its own, so that none is a duplicate
        way_file "$ROWS" 1 | sed "s/@people/@people$i/; s/;0561/;056$((2 + i))/" >"$TMP/clients.csv"
        if "test_${FUNCTIONS[i]}"; then
            echo "ok $((i + 1)) - ${TESTS[i]}"
        else
            echo "not ok $((i + 1)) - ${TESTS[i]}"
            printf '# %s\n' "$WHY"
            failed=1
        fi
    done
    exit "$failed"
}

clean_up() {
    [ ! -e "$DATA/.tessera-portal" ] || portal stop
    rm -rf -- "$TMP"
}

fail() {
    WHY=$*
    return 1
}

portal() {
    "$ROOT/run" --data "$DATA" --port "$PORT" "$@" >"$OUT" 2>&1 </dev/null
}

# ---- helpers --------------------------------------------------------------------------------------------------------

children() {
    ps -o pid= --ppid "$(pid_of jobs)" | tr -d ' '
}

kill_workers() {
    local pid
    for pid in $(children); do kill -KILL "$pid" 2>/dev/null; done
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
    wait_until 120 way_state_is checked || fail "The check did not end." || return
    found=$(way_sql "SELECT concat_ws(' ', count(*), count(DISTINCT number), min(number), max(number), count(*) FILTER (WHERE status = 'good'))
                       FROM lead_import_rows WHERE import_id = '$ID'")
    [ "$found" = "$ROWS $ROWS 2 $((ROWS + 1)) $((ROWS * 99 / 100))" ] || fail "rows, numbers, first, last, good: $found" || return
    way_commit || fail "The commit was refused." || return
    wait_until 120 way_state_is imported || fail "The commit did not end." || return
    whole
}

test_commit_killed() {
    begin || return
    wait_until 120 way_state_is checked || fail "The check did not end: $(way_sql "SELECT state FROM lead_imports WHERE id = '$ID'")" || return
    way_commit || fail "The commit was refused." || return
    wait_until 60 written_more_than 1000 || fail "The commit did not begin." || return
    kill -KILL "$(pid_of jobs)"
    kill_workers
    [ "$(way_sql "SELECT count(*) FROM leads WHERE import_id = '$ID'")" = 0 ] || fail "Half an import is there." || return
    wait_until 60 not_running jobs || fail "The daemon does not end." || return
    portal --detach || fail "The daemon did not start again." || return
    wait_until 60 written_more_than 1000 || way_state_is imported || fail "The commit did not begin again." || return
    kill_workers
    wait_until 180 way_state_is imported || fail "The commit did not end." || return
    whole
}

test_database_killed() {
    begin || return
    wait_until 120 way_state_is checked || fail "The check did not end: $(way_sql "SELECT state FROM lead_imports WHERE id = '$ID'")" || return
    way_commit || fail "The commit was refused." || return
    wait_until 60 written_more_than 1000 || fail "The commit did not begin." || return
    kill -KILL "$(pid_of postgres)"
    wait_until 60 not_running postgres || fail "PostgreSQL did not die." || return
    portal --detach || fail "PostgreSQL did not start again: $(cat "$OUT")" || return
    wait_until 240 way_state_is imported || fail "The commit did not end." || return
    whole
}

main "$@"
