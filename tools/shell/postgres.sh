# shellcheck shell=bash
# postgres.sh - makes and describes a private PostgreSQL cluster: a folder, reached through a Unix socket only.
# Sourced after common.sh, packages.sh and service-user.sh.

SUPERUSER=postgres # the role; the scripts' own, nothing else uses it

# make_cluster DIRECTORY BIN OPTION…: initdb into a folder beside it that is renamed when it is complete, so that an
# interrupted start leaves nothing half-made. The function finish_cluster, where defined, gets the new folder.
make_cluster() {
    local dir=$1 bin=$2 new=$1.new
    shift 2
    rm -rf -- "$new" &&
        as_service env -C / "$bin/initdb" --pgdata="$new" --username="$SUPERUSER" --encoding=UTF8 \
            --locale=C.UTF-8 --auth=peer --no-instructions "$@" &&
        { ! declare -F finish_cluster >/dev/null || finish_cluster "$new"; } &&
        mv -- "$new" "$dir"
}

# check_cluster DIRECTORY: refuses what is no complete cluster. Changes nothing.
check_cluster() {
    local file
    for file in PG_VERSION global/pg_control postgresql.conf base pg_wal; do
        [ -e "$1/$file" ] || die "$1 is not a complete PostgreSQL cluster: $file is missing. Nothing was changed." \
            "Bring the folder back from a backup, or, if nothing in it matters, begin anew with --reset."
    done
}

# cluster_programs DIRECTORY: where the programs of the version that made it are.
cluster_programs() {
    local version bin
    version=$(cat "$1/PG_VERSION")
    bin=/usr/lib/postgresql/$version/bin
    [ -x "$bin/postgres" ] || die "$1 was made by PostgreSQL $version, which is not installed." \
        "Install it: apt-get install postgresql-$version"
    echo "$bin"
}

# clear_stale_locks CLUSTER SOCKETS: a postmaster that was killed leaves files with its pid behind. PostgreSQL clears them
# away by itself, unless a process has that pid: an unrelated one, or the dead one where nobody collects the dead.
clear_stale_locks() {
    local lock pid
    [ -e "$1/postmaster.pid" ] || return 0
    wait_until 15 nobody_works_in "$1" || die "An earlier PostgreSQL still works in $1: process $(workers_in "$1")" \
        "It should end by itself; if it does not, end it, then run this again."
    for lock in "$1/postmaster.pid" "$2/.s.PGSQL.5432.lock"; do
        { read -r pid <"$lock"; } 2>/dev/null || continue
        [ ! -e "/proc/$pid" ] || as_service rm -f -- "$lock"
    done
}

nobody_works_in() {
    [ -z "$(workers_in "$1")" ]
}

# Every process of PostgreSQL stands in its cluster's folder.
workers_in() {
    local proc name dir
    dir=$(realpath -- "$1")
    for proc in /proc/[0-9]*; do
        { read -r name <"$proc/comm"; } 2>/dev/null || continue
        [ "$name" != postgres ] || [ "$(readlink "$proc/cwd" 2>/dev/null)" != "$dir" ] || printf '%s ' "${proc#/proc/}"
    done
}
