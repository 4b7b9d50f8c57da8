# shellcheck shell=bash
# common.sh - talking to a person, and the few helpers that ./run, ./check and the test scripts share.
# Sourced; expects ROOT, the top of the source tree.

PATH=$PATH:/usr/sbin:/sbin # nginx and others; an ordinary user's has only the rest

say() {
    printf '%s\n' "$*"
}

warn() {
    printf '%s\n' "$*" >&2
}

# die SENTENCE…: one sentence per argument, each on a line of its own; ends the script.
die() {
    printf '%s\n' "$@" >&2
    exit 1
}

is_root() {
    [ "$(id -u)" -eq 0 ]
}

# short_hash TEXT: 12 hex digits that stand for it.
short_hash() {
    printf '%s' "$1" | sha256sum | cut -c1-12
}

# wait_until SECONDS COMMAND…: polls until the command succeeds; fails when the time is over.
wait_until() {
    local deadline=$(($(now_ms) + $1 * 1000))
    shift
    until "$@"; do
        (($(now_ms) < deadline)) || return 1
        sleep 0.05
    done
}

now_ms() {
    local t=${EPOCHREALTIME/[.,]/}
    echo $((t / 1000))
}

# step LOG TITLE COMMAND…: runs it with its output in LOG and prints one line about it. When it fails, the end of
# the log follows, and a sentence where the cause is a known one. The command is tested, so `set -e` is off in it.
step() {
    local log=$1 title=$2 from
    from=$(now_ms)
    shift 2
    printf -- '- %s … ' "$title"
    if "$@" >"$log" 2>&1 </dev/null; then
        printf 'done (%d.%d s)\n' "$((($(now_ms) - from) / 1000))" "$((($(now_ms) - from) / 100 % 10))"
        return 0
    fi
    printf 'failed\n'
    show_end_of "$log"
    explain_failure "$log"
    return 1
}

# show_end_of LOG [OFFSET]: what was written after the first OFFSET bytes, its last lines.
show_end_of() {
    warn "The end of $1:"
    tail -c +$((${2:-0} + 1)) -- "$1" | tail -n 20 | sed 's/^/    /' >&2
}

explain_failure() {
    if grep -qi 'no space left on device\|ENOSPC\|disk quota exceeded' "$1"; then
        warn "The disk is full. Free some space, then run this again; what was there is untouched."
    elif grep -q 'bind() to .*Permission denied' "$1"; then
        warn "Ports below 1024 are kept for root, and the portal does not run as root. Choose a higher one with --port."
    elif grep -qiE 'EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH' "$1"; then
        warn "The npm registry could not be reached. Check the network (and npm's proxy settings), then run this again."
    elif grep -qE 'SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED|CERT_HAS_EXPIRED' "$1"; then
        warn "npm does not trust the certificate that the registry showed. Behind a proxy with a certificate of its own," \
            "set NODE_EXTRA_CA_CERTS to that certificate's file, then run this again."
    elif grep -qiE 'Temporary failure resolving|Could not (resolve|connect)|Failed to fetch|Unable to fetch' "$1"; then
        warn "Debian's package server could not be reached. Check the network, then run this again."
    fi
}

# free_mb DIRECTORY: MiB free where it is, or where it will be.
free_mb() {
    local dir=$1
    until [ -d "$dir" ]; do dir=$(dirname -- "$dir"); done
    df --output=avail -B 1M -- "$dir" | tail -n 1 | tr -d ' '
}

need_space() { # DIRECTORY MIB WHAT-FOR
    local free
    free=$(free_mb "$1")
    ((free >= $2)) || die "Only $free MB are free on the disk that holds $1; $3 needs $2 MB." \
        "Free some space, then run this again. Nothing was changed."
}

# port_is_taken PORT: somebody listens on it on this machine's loopback or on every address.
port_is_taken() {
    local hex
    hex=$(printf '%04X' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$hex" '
        $4 == "0A" {
            split($2, local, ":")
            if (local[2] == port && (local[1] ~ /^0*$/ || local[1] ~ /0100007F$/)) taken = 1
        }
        END { exit !taken }'
}

# free_port FROM: the first one at or above it that nobody listens on.
free_port() {
    local port=$1
    while port_is_taken "$port"; do port=$((port + 1)); done
    echo "$port"
}
