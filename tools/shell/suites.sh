# shellcheck shell=bash
# suites.sh - the suites of ./check. Sourced by it after the others.

# Each suite: name, quick or full, when it runs, what it needs, after how many seconds it is cut off, and how its log is
# read. suite_NAME runs it; whatever it prints is its log. Those that run together do so two at a time, the longest first;
# fuzzing is counted in seconds and wants the machine to itself.
suite_table() {
    cat <<'END'
scripts   quick  first     nothing   60  tap        shellcheck of every script
layers    quick  first     nothing   60  tap        who may include whom
style     quick  first     nothing   60  tap        where SQL stands, what templates must not do, how long things are
browser   full   together  build    900  node       the portal in Chromium, with axe
unit      quick  together  build    900  automake   make check: cmocka programs and scripts, with a database each
kill      full   together  build    900  tap        killed workers, a database that goes away, draining
asan      full   together  build    900  automake   the unit tests with sanitizers
run       full   together  build    900  tap        ./run itself
looks     full   together  build    900  preview    every template with made-up data: axe, and no sideways scrolling
sending   full   together  build    300  node       mail, SMS, alerts and push, taken by real servers
fuzz      full   last      build    900  fuzz       every parser on its corpus, and a while beyond
END
}

suite_names() { # [quick]
    suite_table | awk -v only="${1:-}" 'only == "" || $2 == only { print $1 }'
}

# ---- suites ---------------------------------------------------------------------------------------------------------

suite_scripts() {
    local file number=0 failed=0
    while read -r file; do
        number=$((number + 1))
        if shellcheck --external-sources -- "$file"; then
            echo "ok $number - $file"
        else
            echo "not ok $number - $file"
            failed=1
        fi
    done < <(shell_scripts)
    return "$failed"
}

shell_scripts() {
    { find .ci tests tools deploy -name node_modules -prune -o -type f -print && printf '%s\n' run check; } |
        while read -r file; do
            case $file in
            *.sh) echo "$file" ;;
            *) ! head -c 64 -- "$file" | head -n 1 | grep -qaE '^#!.*\b(ba|da|)sh\b' || echo "$file" ;;
            esac
        done | sort
}

suite_layers() {
    tools/check-layers
}

suite_style() {
    tools/check-style
}

suite_unit() {
    make_check "$BUILD"
}

suite_asan() {
    local dir=$BUILD-asan
    # Sanitizers' own code makes the compiler warn of what is not there; the ordinary build has judged already.
    configure_in "$LOGS/asan-build.log" "$dir" --enable-asan CFLAGS='-O1 -g' &&
        ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 make_check "$dir"
}

# make_check DIRECTORY: one database cluster for all of its tests; then everything they said.
make_check() {
    local status=0 log
    export CMOCKA_MESSAGE_OUTPUT=TAP
    make -C "$1" -j"$(nproc)" all || return 1
    find "$1/tests" -name '*.trs' -delete
    TESSERA_BUILD=$1 tests/support/with-postgres make -C "$1" -j"$(nproc)" -k check || status=$?
    echo "@@ logs"
    find "$1/tests" -name '*.trs' | sort | while read -r log; do
        echo "@@ ${log%.trs} $(sed -n 's/^:test-result: //p' "$log")"
        cat -- "${log%.trs}.log"
    done
    return "$status"
}

suite_fuzz() {
    local dir=$BUILD-fuzz
    configure_in "$LOGS/fuzz-build.log" "$dir" --enable-fuzzing CC=clang CXX=clang++ CFLAGS='-O1 -g' CXXFLAGS='-O1 -g' &&
        make -C "$dir" -j"$(nproc)" fuzz-quick
}

suite_run() {
    run_scripts tests/run
}

suite_looks() {
    install_node_modules "$LOGS/e2e-packages.log" "$ROOT/tests/e2e" && TESSERA=$BUILD/tessera node tests/e2e/preview.mjs --no-pictures
}

suite_browser() {
    install_node_modules "$LOGS/e2e-packages.log" "$ROOT/tests/e2e" &&
        TESSERA=$BUILD/tessera with_portal browser run_node_tests tests/e2e
}

suite_sending() {
    install_node_modules "$LOGS/sending-packages.log" "$ROOT/tests/sending" &&
        TESSERA_BUILD=$BUILD tests/support/with-postgres node --test --test-concurrency=1 --test-reporter=tap tests/sending/*.test.mjs
}

suite_kill() {
    run_scripts tests/kill
}

# ---- helpers of suites ----------------------------------------------------------------------------------------------

# run_scripts DIRECTORY: every test-*.sh in it; they speak TAP.
run_scripts() {
    local script status=0
    for script in "$1"/test-*.sh; do
        [ -e "$script" ] || die "There is no test in $1."
        "$script" || status=1
    done
    return "$status"
}

# run_node_tests DIRECTORY: every *.test.mjs in it, one file after the other.
run_node_tests() {
    node --test --test-concurrency=1 --test-timeout=600000 --test-reporter=tap "$1"/*.test.mjs
}

# with_portal NAME COMMAND…: while a fresh portal with demo data runs. The command finds
#   TESSERA_URL   its address         TESSERA_RUN   how to call ./run for it, for example: $TESSERA_RUN psql
with_portal() {
    local data=$LOGS/portal-$1 port status=0
    shift
    port=$(free_port 18080)
    ./run --data "$data" --port "$port" --reset --detach || return 1
    TESSERA_URL=http://127.0.0.1:$port TESSERA_RUN="$ROOT/run --data $data" "$@" || status=$?
    ./run --data "$data" stop || status=1
    return "$status"
}

stop_portal() { # NAME
    [ ! -d "$LOGS/portal-$1" ] || ./run --data "$LOGS/portal-$1" stop
}

# ---- reading logs: each prints how many passed, failed and were skipped ---------------------------------------------

count_tap() {
    awk '/^[ \t]*(not )?ok .*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
         /^[ \t]*ok( |$)/ { passed++ }
         /^[ \t]*not ok( |$)/ { failed++ }
         END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}

# node's runner counts for itself, in lines at the end.
count_node() {
    awk '$1 == "#" && $2 == "pass" { passed += $3 }
         $1 == "#" && ($2 == "fail" || $2 == "cancelled") { failed += $3 }
         $1 == "#" && ($2 == "skipped" || $2 == "todo") { skipped += $3 }
         END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}

# "54 pages looked at, 0 complaints"
count_preview() {
    awk '$2 == "pages" && $3 == "looked" { pages = $1; complaints = $5 } END { print pages + 0, complaints + 0, 0 }' "$1"
}

# "cookie: 120034 inputs, nothing found" or "cookie: broken"
count_fuzz() {
    awk '/^[a-z_]+: .*nothing found$/ { passed++ } /^[a-z_]+: broken$/ { failed++ }
         END { print passed + 0, failed + 0, 0 }' "$1"
}

# Programs speak TAP; one that says nothing, or ends badly without a failed test, counts as one.
count_automake() {
    awk 'function finish() {
             if (result == "") return
             if (result == "SKIP" && p + f + s == 0) s = 1
             else if (result != "PASS" && result != "SKIP" && f == 0) f = 1
             else if (p + f + s == 0) p = 1
             passed += p; failed += f; skipped += s
         }
         $1 == "@@" && $2 == "logs" { on = 1; next }
         !on { next }
         $1 == "@@" { finish(); result = $3; p = f = s = 0; next }
         /^[ \t]*(not )?ok .*# *[Ss][Kk][Ii][Pp]/ { s++; next }
         /^[ \t]*ok( |$)/ { p++ }
         /^[ \t]*not ok( |$)/ { f++ }
         END { finish(); print passed + 0, failed + 0, skipped + 0 }' "$1"
}
