# shellcheck shell=bash
# harness.sh - what the scripts of tests/kill share: a portal of their own, and tests that are called by name and speak TAP.
# Sourced after TESTS (titles) and FUNCTIONS (test_… without that) are set; expects ROOT.
#
# A script calls make_place, may define open_portal and close_portal (before and after all tests), before_test, after_test (its
# output stands beneath the verdict) and quiet_down (after each test and at the end), and then calls run_tests [PATTERN].

for piece in common processes; do
    # shellcheck source=/dev/null
    . "$ROOT/tools/shell/$piece.sh"
done

WHY= # why the test that runs has failed

open_portal() { portal --detach; }
close_portal() { :; }
before_test() { :; }
after_test() { :; }
quiet_down() { :; }

# make_place NAME PORT: a folder, and a port from that one on.
make_place() {
    TMP=$(mktemp -d "/tmp/tessera-$1.XXXXXX")
    chmod 0755 "$TMP"
    DATA=$TMP/portal
    # shellcheck disable=SC2034 # read by processes.sh
    RUN=$DATA/run
    PORT=$(free_port "$2")
    OUT=$TMP/out
}

run_tests() { # [PATTERN]
    trap clean_up EXIT
    trap 'exit 130' INT TERM HUP
    local i failed=0
    echo "1..${#TESTS[@]}"
    open_portal || {
        echo "Bail out! The portal did not start."
        sed 's/^/# /' "$OUT"
        exit 1
    }
    for i in "${!TESTS[@]}"; do
        if [[ ${FUNCTIONS[i]} != *${1:-}* ]]; then
            echo "ok $((i + 1)) - ${TESTS[i]} # SKIP not asked for"
            continue
        fi
        WHY=
        before_test
        if "test_${FUNCTIONS[i]}"; then
            echo "ok $((i + 1)) - ${TESTS[i]}"
        else
            echo "not ok $((i + 1)) - ${TESTS[i]}"
            printf '# %s\n' "$WHY"
            failed=1
        fi
        after_test | sed 's/^/# /'
        quiet_down
    done
    exit "$failed"
}

clean_up() {
    [ "$BASHPID" = "$$" ] || return 0 # a process of the script that is ended early may still have its traps
    quiet_down
    close_portal
    [ ! -e "$DATA/.tessera-portal" ] || portal stop
    rm -rf -- "$TMP"
}

fail() { # WHY
    WHY=$*
    return 1
}

# Descriptor 9 is the visitors' (load.mjs, live.mjs), which must not outlive the script in a daemon.
portal() { # ARGUMENT…
    "$ROOT/run" --data "$DATA" --port "$PORT" "$@" >"$OUT" 2>&1 </dev/null 9>&-
}

sql() { # STATEMENT
    "$ROOT/run" --data "$DATA" psql -U postgres -X -q -At -v ON_ERROR_STOP=1 -c "$1" 2>"$TMP/sql.err"
}

# The pid of a part is known from its file; it was this script's ./run that started it.
send_to() { # PART SIGNAL
    kill -s "$2" "$(pid_of "$1")"
}

sign_in() { # EMAIL JAR
    local token
    rm -f -- "$2"
    token=$(curl -s -m 20 -c "$2" "http://127.0.0.1:$PORT/login" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
    [ "$(curl -s -m 20 -o /dev/null -w '%{http_code}' -b "$2" -c "$2" -d "csrf=$token" -d "email=$1" -d password=tessera-demo \
        "http://127.0.0.1:$PORT/login")" = 303 ]
}

session_cookie() { # JAR
    awk '$6 == "session" { print "session=" $7 }' "$1"
}
