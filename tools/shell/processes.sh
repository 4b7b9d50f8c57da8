# shellcheck shell=bash
# processes.sh - long-running parts, each known by a file RUN/<name>.pid. Sourced after common.sh, service-user.sh.
#
# A pid alone may belong to somebody else by now (a reboot, a container started again), so the file holds the pid
# and the time at which that process was born. Each part leads a process group of its own, whose number is its pid.

# launch NAME LOG DIRECTORY COMMAND…: in the background, away from this terminal.
launch() {
    local name=$1 log=$2 dir=$3
    shift 3
    # the log is opened by the services' user: root must not follow what lies in a folder of theirs
    # shellcheck disable=SC2016 # expanded by the inner shell
    (cd -- "$dir" && close_lock && exec setsid "${AS_SERVICE[@]}" \
        sh -c 'exec >>"$0" 2>&1; exec "$@"' "$log" "$@") </dev/null >/dev/null 2>&1 &
    printf '%s %s\n' "$!" "$(born "$!")" | write_private "$RUN/$name.pid"
}

# born PID: when, in clock ticks since boot; nothing when there is no such process, or only its remains.
born() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # the name in brackets may hold anything; what follows it is: state ppid pgrp … (20th) starttime
    # shellcheck disable=SC2086 # split on purpose
    set -- ${stat##*) }
    case $1 in Z | X) ;; *) echo "${20}" ;; esac
}

# pid_of NAME: its pid while it runs, nothing otherwise.
pid_of() {
    local pid birth
    { read -r pid birth <"$RUN/$1.pid"; } 2>/dev/null || return 0
    [ -z "$birth" ] || [ "$(born "$pid")" != "$birth" ] || echo "$pid"
}

running() {
    [ -n "$(pid_of "$1")" ]
}

not_running() {
    ! running "$1"
}

# was_started NAME: and nobody has stopped it on purpose since.
was_started() {
    [ -e "$RUN/$1.pid" ]
}

# group_of NAME: every process that it started and that still lives, itself included.
group_of() {
    local pid birth file stat
    { read -r pid birth <"$RUN/$1.pid"; } 2>/dev/null || return 0
    # a leader that was born at another time is a stranger, and so is its group
    [ ! -e "/proc/$pid" ] || [ "$(born "$pid")" = "$birth" ] || [ -z "$(born "$pid")" ] || return 0
    for file in /proc/[0-9]*/stat; do
        { read -r stat <"$file"; } 2>/dev/null || continue
        # shellcheck disable=SC2086 # split on purpose
        set -- ${stat%% *} ${stat##*) }
        [ "$4" != "$pid" ] || [ "$2" = Z ] || echo "$1"
    done
}

group_gone() {
    [ -z "$(group_of "$1")" ]
}

signal_group() { # NAME SIGNAL
    local pids
    pids=$(group_of "$1")
    # shellcheck disable=SC2086 # one word per process
    [ -z "$pids" ] || send "$2" $pids
}

# Sent as the services' user, so that a wrong pid cannot hit anything but them.
send() { # SIGNAL PID…
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_service sh -c 'signal=$1; shift; kill -s "$signal" "$@"' sh "$@" 2>/dev/null || true
}

# end NAME SIGNAL SECONDS LAST_SIGNAL: asks the part to end, and its whole group when it takes too long.
end() {
    local name=$1 pid
    pid=$(pid_of "$name")
    [ -z "$pid" ] || send "$2" "$pid"
    if ! wait_until "$3" not_running "$name" || ! wait_until 2 group_gone "$name"; then
        signal_group "$name" "$4"
        wait_until 20 group_gone "$name" || return 1
    fi
    rm -f -- "$RUN/$name.pid"
}

# take_lock FILE WHAT: one script at a time; held until close_lock or the end of the script. Parts must not inherit it.
LOCK=
take_lock() {
    exec {LOCK}>"$1"
    # with a number: inside a trap, a bare return would return what the interrupted command did
    if flock -n "$LOCK"; then return 0; fi
    warn "Another script is busy with $2; waiting for it."
    flock -w 600 "$LOCK" || die "The other script is still busy with $2 after ten minutes. Nothing was done."
}

close_lock() {
    [ -z "$LOCK" ] || exec {LOCK}>&-
    LOCK=
}
