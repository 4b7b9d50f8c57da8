# shellcheck shell=bash
# build.sh - builds the program and the front end, each only when something it is made of has changed.
# Sourced after common.sh; expects ROOT and BUILD, the folder to build in.

# build_program LOG: configure where that is due, then make.
build_program() {
    (
        umask 022
        forget_build_of_another_place && mkdir -p -- "$(dirname -- "$1")" &&
            make_configure "$1" &&
            configure_in "$1" "$BUILD" --enable-werror &&
            compile_in "$1" "$BUILD"
    )
}

# configure remembers absolute paths; a tree that was copied or moved starts afresh.
forget_build_of_another_place() {
    if [ -e "$BUILD/config.status" ] && [ "$(cat "$BUILD/source-tree" 2>/dev/null)" != "$ROOT" ]; then
        say "The build folder was made for another place; starting it afresh."
        rm -rf -- "$BUILD"
    fi
    mkdir -p -- "$BUILD" && printf '%s\n' "$ROOT" >"$BUILD/source-tree"
}

make_configure() { # LOG
    if [ -x "$ROOT/configure" ] && [ "$ROOT/configure" -nt "$ROOT/configure.ac" ] &&
        [ -e "$ROOT/Makefile.in" ]; then
        return 0
    fi
    step "$1" "Making configure" autoreconf -i "$ROOT"
}

configure_in() { # LOG DIRECTORY OPTION…
    local log=$1 dir=$2 relative with
    shift 2
    # the tests are left out where their library is missing, and must come in once it is there
    with="$* cmocka $(pkg-config --modversion cmocka 2>/dev/null || echo none)"
    if [ "$dir/config.status" -nt "$ROOT/configure" ] && [ -e "$dir/Makefile" ] &&
        [ "$(cat "$dir/configured-with" 2>/dev/null)" = "$with" ]; then
        return 0
    fi
    relative=$(realpath -m --relative-to="$dir" -- "$ROOT")
    mkdir -p -- "$dir" &&
        step "$log" "Configuring ${dir##*/}" in_directory "$dir" "$relative/configure" -q "$@" &&
        printf '%s\n' "$with" >"$dir/configured-with"
}

compile_in() { # LOG DIRECTORY
    # an unchanged header keeps its old time, after which automake's rule for it has work to do for ever
    if [ "$2/src/stamp-h1" -nt "$2/src/config.h" ]; then touch "$2/src/config.h"; fi
    # nothing to do, nothing to say; `all` itself always runs a make of its own
    make -q -C "$2" all-am >/dev/null 2>&1 || step "$1" "Compiling ${2##*/}" make -C "$2" -j"$(nproc)"
}

in_directory() {
    local dir=$1
    shift
    (cd -- "$dir" && "$@")
}

# build_front_end LOG: static/node_modules and static/dist.
build_front_end() {
    (
        umask 022
        install_node_modules "$1" "$ROOT/static" && bundle_front_end "$1"
    )
}

# install_node_modules LOG DIRECTORY: npm ci, when the lock file is another one than last time. Of two that want it at once,
# as suites of ./check do, one waits.
install_node_modules() {
    (
        flock 8
        stamp=$2/node_modules/.installed-from
        lock=$(sha256sum <"$2/package-lock.json")
        [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ] || exit 0
        step "$1" "Fetching the front end's packages (${2#"$ROOT"/})" in_directory "$2" \
            npm ci --no-audit --no-fund --fetch-retries=2 --fetch-retry-maxtimeout=10000 || exit 1
        printf '%s\n' "$lock" >"$stamp"
    ) 8<"$2/package-lock.json"
}

bundle_front_end() {
    local stamp=$BUILD/front-end.inputs inputs
    inputs=$(front_end_inputs)
    if [ -e "$ROOT/static/dist" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then return 0; fi
    step "$1" "Building the front end" in_directory "$ROOT/static" npm run --silent build || return 1
    printf '%s\n' "$inputs" >"$stamp"
}

# Names, sizes and times of everything that the build reads: class names stand in templates and in C as well.
front_end_inputs() {
    find "$ROOT/static" "$ROOT/templates" "$ROOT/src" \
        \( -path "$ROOT/static/node_modules" -o -path "$ROOT/static/dist" \) -prune -o \
        -type f -printf '%P %s %T@\n' | sort | sha256sum
}
