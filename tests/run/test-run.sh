#!/bin/bash
# test-run.sh - ./run from the outside, on portals of its own in temporary folders. Speaks TAP. Needs nothing but what
# ./run itself needs; the program is built before the first test.
#
#   tests/run/test-run.sh [PATTERN]     only tests whose function's name contains PATTERN

# shellcheck disable=SC2317 # tests are called by name
set -uo pipefail

ROOT=$(cd -- "$(dirname -- "$(realpath -- "${BASH_SOURCE[0]}")")/../.." && pwd)
# shellcheck source=/dev/null
. "$ROOT/tools/shell/common.sh"
# shellcheck source=/dev/null
. "$ROOT/tools/shell/processes.sh"

TESTS=(
    "starts detached, answers, and says where"
    "tessera doctor tells of given-up jobs, of late ones, and of a daemon that is not there"
    "keeps data over a stop and starts again within five seconds"
    "leaves no process behind when it stops"
    "says that it runs already, and does not move to another port"
    "needs no proxy to see that it runs"
    "names a busy port and proposes another"
    "runs two portals side by side, one in a long path with blanks"
    "psql reaches the database as the owner, and as the superuser"
    "reports a part that was killed, and starts just that one again"
    "a job daemon that was killed is reported, and the next start brings it back"
    "a job that is under way when the portal stops is not lost, and delays nothing for long"
    "starts again after everything was killed and its pids belong to others"
    "two starts at once make one portal"
    "stops everything on Ctrl-C"
    "stops a watched portal from elsewhere"
    "keeps what its owner wrote into the settings"
    "a start that was interrupted while making the cluster does not hinder the next"
    "a start that was killed before the database was ready is finished by the next"
    "refuses a cluster that lost a file, and changes nothing"
    "refuses a folder with other people's files"
    "does not start on a full disk"
    "--no-demo and the port are remembered"
    "--reset begins anew"
    "refuses what it does not understand"
)
FUNCTIONS=(
    starts doctor second_start leaves_nothing already_runs proxy busy_port side_by_side psql_roles part_killed jobs_killed
    jobs_stopped all_killed at_once ctrl_c stopped_elsewhere own_settings interrupted_initdb killed_start broken_cluster
    foreign_folder full_disk
    no_demo reset misuse
)

TMP=$(mktemp -d /tmp/tessera-run.XXXXXX)
chmod 0755 "$TMP"
DATA=$TMP/portal
PORT=$(free_port 18200)
OUT=$TMP/out
WHY=

main() {
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    local i failed=0 status
    echo "1..${#TESTS[@]}"
    for i in "${!TESTS[@]}"; do
        if [[ ${FUNCTIONS[i]} != *${1:-}* ]]; then
            echo "ok $((i + 1)) - ${TESTS[i]} # SKIP not asked for"
            continue
        fi
        WHY=
        status=0
        : >"$OUT"
        "test_${FUNCTIONS[i]}" || status=$?
        case $status in
        0) echo "ok $((i + 1)) - ${TESTS[i]}" ;;
        77) echo "ok $((i + 1)) - ${TESTS[i]} # SKIP $WHY" ;;
        *)
            echo "not ok $((i + 1)) - ${TESTS[i]}"
            printf '# %s\n' "$WHY"
            sed 's/^/#   /' "$OUT"
            failed=1
            ;;
        esac
    done
    exit "$failed"
}

clean_up() {
    local data
    for data in "$TMP"/*/.tessera-portal "$TMP"/*/*/.tessera-portal; do
        [ ! -e "$data" ] || "$ROOT/run" --data "$(dirname -- "$data")" stop >/dev/null 2>&1
    done
    rm -rf -- "$TMP"
}

# ---- helpers --------------------------------------------------------------------------------------------------------

# portal WORD…: ./run for the test's own data folder; its output in $OUT.
portal() {
    "$ROOT/run" --data "$DATA" --port "$PORT" "$@" >"$OUT" 2>&1 </dev/null
}

fail() {
    WHY=$*
    return 1
}

skip() {
    WHY=$*
    return 77
}

says() {
    grep -qF -- "$1" "$OUT" || fail "It did not say: $1"
}

answers() { # PORT
    [ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' "http://127.0.0.1:$1/readyz")" = 200 ] || fail "Nothing answers on port $1"
}

# The portal of most tests: started once, and again where a test has stopped it.
up() {
    portal --no-demo --detach || fail "It did not start"
}

sql() {
    "$ROOT/run" --data "$DATA" psql -XAtq -U postgres -c "$1" 2>>"$OUT"
}

pid() { # PART
    cut -d' ' -f1 "$DATA/run/$1.pid"
}

dead() { # PID
    [ -z "$(born "$1")" ]
}

# Every process that has the folder's path on its command line or stands in it.
processes_of() { # DIRECTORY
    local proc
    for proc in /proc/[0-9]*; do
        [ "${proc#/proc/}" != $$ ] || continue
        if tr '\0' ' ' 2>/dev/null <"$proc/cmdline" | grep -qF -- "$1/" || [[ $(readlink "$proc/cwd" 2>/dev/null)/ == "$1"/* ]]; then
            printf '%s ' "${proc#/proc/}"
        fi
    done
}

no_process_of() {
    [ -z "$(processes_of "$1")" ]
}

# watched: a portal in the foreground, as from a terminal; sets WATCHER.
watched() {
    # a shell starts background commands with SIGINT ignored, which a script cannot undo by itself
    env --default-signal=INT "$ROOT/run" --data "$DATA" --port "$PORT" --no-demo >"$OUT" 2>&1 </dev/null &
    WATCHER=$!
    wait_until 60 grep -q 'Ctrl-C' "$OUT" || fail "It was not up within a minute"
}

# ---- tests ----------------------------------------------------------------------------------------------------------

test_starts() {
    portal --no-demo --detach || fail "It did not start" || return
    says "http://127.0.0.1:$PORT" && answers "$PORT" || return
    portal status || fail "status is not 0 while all runs"
}

test_second_start() {
    local from took
    up && sql "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')" &&
        { portal stop || fail "It did not stop"; } || return
    from=$(now_ms)
    up || return
    took=$(($(now_ms) - from))
    ((took < 5000)) || fail "The second start took $took ms" || return
    [ "$(sql 'SELECT word FROM kept')" = "still here" ] || fail "What was stored is gone"
}

test_leaves_nothing() {
    up && { portal stop || fail "It did not stop"; } || return
    no_process_of "$DATA" || fail "Still there: $(processes_of "$DATA")" || return
    ! portal status || fail "status is 0 though nothing runs" || return
    ! port_is_taken "$PORT" || fail "The port is still taken" || return
    portal stop || fail "A second stop is an error"
}

test_already_runs() {
    up && { portal --detach || fail "A start while it runs is an error"; } && says "runs already" || return
    ! "$ROOT/run" --data "$DATA" --port $((PORT + 1)) --detach >"$OUT" 2>&1 || fail "It took another port" || return
    says "on port $PORT" && answers "$PORT"
}

test_proxy() {
    up || return
    http_proxy=http://127.0.0.1:9 HTTP_PROXY=http://127.0.0.1:9 no_proxy='' portal status || fail "It asks a proxy for its own address"
}

test_busy_port() {
    up || return
    ! "$ROOT/run" --data "$TMP/other" --port "$PORT" --no-demo --detach >"$OUT" 2>&1 || fail "It started" || return
    says "Port $PORT is taken" && says "--port" && answers "$PORT" || return
    no_process_of "$TMP/other" || fail "It left processes behind"
}

test_side_by_side() {
    local long port
    long="$TMP/a folder/$(printf 'deep%.0s' {1..30})"
    port=$(free_port $((PORT + 1)))
    up || return
    "$ROOT/run" --data "$long" --port "$port" --no-demo --detach >"$OUT" 2>&1 || fail "The second did not start" || return
    answers "$PORT" && answers "$port" || return
    "$ROOT/run" --data "$long" tessera config >"$OUT" 2>&1 || fail "tessera config" || return
    says "a folder" || return
    "$ROOT/run" --data "$long" stop >"$OUT" 2>&1 || fail "The second did not stop" || return
    no_process_of "$long" || fail "Still there: $(processes_of "$long")" || return
    answers "$PORT"
}

test_psql_roles() {
    up || return
    "$ROOT/run" --data "$DATA" psql -XAtq -c 'SELECT current_user' >"$OUT" 2>&1
    says tessera_owner || return
    [ "$(sql 'SELECT current_user')" = postgres ] || fail "psql -U postgres does not work" || return
    [ "$(sql "SELECT count(*) FROM pg_roles WHERE rolname IN ('tessera_owner', 'tessera_app') AND (rolsuper OR rolbypassrls OR rolcreaterole)")" = 0 ] ||
        fail "A role of the portal has more rights than it needs" || return
    [ "$(sql 'SHOW data_checksums')$(sql 'SHOW fsync')$(sql 'SHOW synchronous_commit')" = ononon ] || fail "Not durable" || return
    [ "$(sql "SHOW listen_addresses")" = "" ] || fail "The database listens on the network"
}

test_part_killed() {
    local web
    up || return
    web=$(pid web)
    kill -9 "$(pid postgres)"
    wait_until 5 dead "$(pid postgres)"
    ! portal status || fail "status is 0 without a database" || return
    says "ended by itself" && up && answers "$PORT" || return
    [ "$(pid web)" = "$web" ] || fail "The pages were started anew as well" || return
    kill -9 "$(pid nginx)"
    wait_until 5 dead "$(pid nginx)"
    up && answers "$PORT"
}

test_jobs_killed() {
    local web daemon
    up || return
    portal status || fail "status is not 0 while all runs" || return
    grep -q '^jobs  *pid [0-9]*  *answers$' "$OUT" || fail "status does not name the job daemon" || return
    web=$(pid web)
    daemon=$(pid jobs)
    kill -9 -- "-$daemon"
    wait_until 5 dead "$daemon"
    ! portal status || fail "status is 0 without a job daemon" || return
    grep -q '^jobs  *ended by itself$' "$OUT" || fail "status does not say that it ended" || return
    answers "$PORT" || return
    up || return
    [ "$(pid jobs)" != "$daemon" ] && [ "$(pid web)" = "$web" ] || fail "Not just the daemon was started anew" || return
    wait_until 20 job_daemons_are_back || fail "Nobody works on the queue"
}

job_daemons_are_back() {
    [ "$(sql "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND classid = 1412391248 AND granted")" = t ]
}

# The daemon waits for a lock in the middle of a job when it is told to stop.
test_jobs_stopped() {
    local from took
    up && wait_until 20 job_daemons_are_back || fail "Nobody works on the queue" || return
    sql "INSERT INTO jobs (kind, key) VALUES ('daily.housekeeping', 'test')" || return
    wait_until 20 queue_is_empty || fail "Nothing is done" || return
    hold 'LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE' || return
    sql "INSERT INTO jobs (kind, key) VALUES ('daily.housekeeping', 'test')" || return
    wait_until 20 job_is_under_way || fail "It was not begun" || return
    from=$(now_ms)
    portal stop || fail "It did not stop" || return
    took=$(($(now_ms) - from))
    release
    ((took < 50000)) || fail "It took $took ms to stop" || return
    no_process_of "$DATA" || fail "Still there: $(processes_of "$DATA")" || return
    up || return
    wait_until 20 queue_is_empty || fail "The job was lost or is never done: $(sql 'SELECT kind, state, attempts, last_error FROM jobs')"
}

queue_is_empty() {
    [ "$(sql "SELECT count(*) FROM jobs WHERE key = 'test'")" = 0 ]
}

job_is_under_way() {
    [ "$(sql "SELECT count(*) FROM jobs WHERE key = 'test' AND state = 'running'")" = 1 ]
}

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
    exec 8>&-
    wait "$LOCKER"
}

test_doctor() {
    up && wait_until 20 job_daemons_are_back || fail "Nobody works on the queue" || return
    portal tessera doctor || fail "It complains of a healthy portal" || return
    says "ok    tessera_jobs can act as visitors, partners and staff" && says "ok    no job was given up" || return
    sql "INSERT INTO jobs (kind, state, last_error) VALUES ('test.poison', 'dead', 'why'); ALTER ROLE tessera_jobs CREATEDB;
         INSERT INTO jobs (kind, run_at) VALUES ('test.unknown', now() - interval '11 minutes')" || return
    ! portal tessera doctor || fail "Its exit status is 0" || return
    says "FAIL  jobs were given up: test.poison (1)" && says "FAIL  a job (test.unknown) has been ready for 11 minutes" &&
        says "FAIL  tessera_jobs can do more than it should" || return
    sql "DELETE FROM jobs WHERE kind LIKE 'test.%'; ALTER ROLE tessera_jobs NOCREATEDB" || return
    kill -9 -- "-$(pid jobs)"
    wait_until 20 no_job_daemon || fail "Its locks are still there" || return
    ! portal tessera doctor || fail "Its exit status is 0 without a daemon" || return
    says "FAIL  no job daemon is connected" && up
}

no_job_daemon() {
    ! job_daemons_are_back
}

test_all_killed() {
    local stranger part
    up && sql "CREATE TABLE IF NOT EXISTS crash (n int); INSERT INTO crash VALUES (1)" || return
    for part in nginx jobs web postgres; do kill -9 -- "-$(pid "$part")"; done
    wait_until 10 no_process_of "$DATA/postgres"
    # the pids now belong to somebody else, of the same user
    as_owner sleep 300 &
    stranger=$!
    for part in nginx jobs web postgres; do echo "$stranger 1" >"$DATA/run/$part.pid"; done
    sed -i "1s/.*/$stranger/" "$DATA/postgres/postmaster.pid" "$DATA/run/.s.PGSQL.5432.lock"
    up && answers "$PORT" && { kill -0 "$stranger" || fail "A stranger's process was ended"; } || return
    kill "$stranger"
    [ "$(sql 'SELECT n FROM crash')" = 1 ] || fail "What was committed is gone"
}

as_owner() {
    local owner
    owner=$(stat -c %U "$DATA")
    if [ "$owner" = "$(id -un)" ]; then exec "$@"; fi
    exec setpriv --reuid "$owner" --regid "$(id -g "$owner")" --init-groups "$@"
}

test_at_once() {
    local one two
    portal stop
    "$ROOT/run" --data "$DATA" --port "$PORT" --detach >"$TMP/one" 2>&1 &
    one=$!
    "$ROOT/run" --data "$DATA" --port "$PORT" --detach >"$TMP/two" 2>&1 &
    two=$!
    wait "$one" && wait "$two" || { cat "$TMP/one" "$TMP/two" >"$OUT" && fail "One of them failed"; } || return
    answers "$PORT" || return
    [ "$(processes_of "$DATA" | wc -w)" -lt 40 ] || fail "There are too many processes" || return
    grep -qh "runs already" "$TMP/one" "$TMP/two" || fail "None said that it runs already"
}

test_ctrl_c() {
    local status=0
    portal stop
    watched && answers "$PORT" || return
    kill -INT "$WATCHER"
    wait "$WATCHER" || status=$?
    [ "$status" = 130 ] || fail "Its exit status is $status" || return
    no_process_of "$DATA/postgres" || fail "The database still runs" || return
    grep -n 'has ended' "$OUT" | cut -d' ' -f2 | tr '\n' ' ' | grep -qx 'nginx jobs web postgres ' || fail "Not in order"
}

test_stopped_elsewhere() {
    portal stop
    watched || return
    "$ROOT/run" --data "$DATA" stop >/dev/null 2>&1 || fail "stop failed" || return
    wait "$WATCHER" || fail "The watcher did not end well" || return
    says "Stopped from elsewhere"
}

test_own_settings() {
    up || return
    portal stop
    sed -i 's/^workers = .*/workers = 3/' "$DATA/tessera.conf"
    up || return
    grep -qx 'workers = 3' "$DATA/tessera.conf" || fail "The setting was overwritten" || return
    [ "$(stat -c %a "$DATA/tessera.conf")" = 600 ] || fail "Others can read the settings"
}

test_interrupted_initdb() {
    local data=$DATA
    DATA=$TMP/interrupted
    mkdir -p "$DATA/postgres.new/base"
    touch "$DATA/.tessera-portal" "$DATA/postgres.new/PG_VERSION"
    chown -R --reference="$data" "$DATA"
    "$ROOT/run" --data "$data" stop >/dev/null 2>&1
    up && answers "$PORT" && portal stop
    local status=$?
    DATA=$data
    return "$status"
}

# As when memory runs out: nothing of ./run is left that could tidy up, and the database that it started lives on.
test_killed_start() {
    local data=$DATA starter status
    "$ROOT/run" --data "$data" stop >/dev/null 2>&1
    DATA=$TMP/killed
    setsid "$ROOT/run" --data "$DATA" --port "$PORT" --no-demo --detach >"$OUT" 2>&1 </dev/null &
    starter=$!
    wait_until 60 grep -q 'postgres is up' "$OUT" || fail "It did not come that far"
    kill -9 -- "-$starter"
    wait "$starter" 2>/dev/null
    ! grep -q 'web is up' "$OUT" && up && answers "$PORT" &&
        [ "$(sql 'SELECT count(*) FROM programme')" = 1 ] && portal stop
    status=$?
    DATA=$data
    return "$status"
}

test_broken_cluster() {
    up && portal stop || return
    mv "$DATA/postgres/global/pg_control" "$TMP/pg_control"
    ! portal --detach || fail "It started" || return
    says "global/pg_control is missing" && says "--reset" || return
    no_process_of "$DATA" || fail "It left processes behind" || return
    mv "$TMP/pg_control" "$DATA/postgres/global/pg_control"
    up || return
    [ "$(sql 'SELECT word FROM kept')" = "still here" ] || fail "What was stored is gone"
}

test_foreign_folder() {
    mkdir -p "$TMP/letters"
    echo "dear aunt" >"$TMP/letters/one.txt"
    ! "$ROOT/run" --data "$TMP/letters" --detach >"$OUT" 2>&1 || fail "It started" || return
    says "not a portal's data folder" || return
    ! "$ROOT/run" --data "$TMP/letters" --reset --detach >"$OUT" 2>&1 || fail "It started" || return
    [ "$(cat "$TMP/letters/one.txt")" = "dear aunt" ] || fail "It deleted what is not its own"
}

test_full_disk() {
    local small=$TMP/small status=0
    is_root || skip "only root can make a small disk" || return
    mkdir -p "$small"
    mount -t tmpfs -o size=48m none "$small" 2>/dev/null || skip "no disk can be mounted here" || return
    "$ROOT/run" --data "$small/portal" --no-demo --port "$(free_port $((PORT + 1)))" --detach >"$OUT" 2>&1 && status=1
    umount "$small"
    [ "$status" = 0 ] || fail "It started" || return
    says "MB are free" && says "$small"
}

test_no_demo() {
    up && portal stop && "$ROOT/run" --data "$DATA" --detach >"$OUT" 2>&1 </dev/null || fail "It did not start" || return
    answers "$PORT" || return
    ! grep -q 'harbour' "$OUT" || fail "Demo accounts are named" || return
    [ "$(cat "$DATA/demo")" = no ] || fail "The demo went in"
}

test_reset() {
    up && sql "CREATE TABLE IF NOT EXISTS kept (word text)" && sql "SELECT 1 FROM kept LIMIT 1" >/dev/null || return
    portal --reset --no-demo --detach || fail "It did not start" || return
    answers "$PORT" || return
    [ "$(sql "SELECT to_regclass('kept') IS NULL")" = t ] || fail "The old data is still there"
}

test_misuse() {
    local words
    for words in "--port 0" "--port 99999" "--port x" "--data" "--sing" "dance" "stop now" "--reset status"; do
        # shellcheck disable=SC2086 # several words
        "$ROOT/run" $words >"$OUT" 2>&1
        [ $? = 2 ] || fail "./run $words is not refused with status 2" || return
    done
    ! "$ROOT/run" --data "$TMP/nothing" status >"$OUT" 2>&1 || fail "status of nothing is 0" || return
    says "There is no portal" || return
    [ ! -e "$TMP/nothing" ] || fail "It made a folder"
}

main "$@"
