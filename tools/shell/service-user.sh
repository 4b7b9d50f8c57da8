# shellcheck shell=bash
# service-user.sh - PostgreSQL refuses to run as root, and nothing else of the portal should. Sourced after common.sh.
#
# A normal user runs everything as that user. For root, services run as the owner of the data folder, or as the
# system user "tessera".

SERVICE_USER=
AS_SERVICE=() # words to put before a command

# choose_service_user DATA
choose_service_user() {
    SERVICE_USER=$(id -un 2>/dev/null) ||
        die "The user id $(id -u) has no name on this machine; PostgreSQL needs one (see useradd)."
    is_root || return 0
    SERVICE_USER=$(stat -c %U -- "$1" 2>/dev/null) || SERVICE_USER=tessera
    case $SERVICE_USER in root | UNKNOWN) SERVICE_USER=tessera ;; esac
    ensure_system_user "$SERVICE_USER"
    run_as "$SERVICE_USER"
}

ensure_system_user() {
    if id -u "$1" >/dev/null 2>&1; then return 0; fi
    say "Making the system user $1: the portal's services run as that user, not as root."
    useradd --system --user-group --home-dir "/var/lib/$1" --shell /usr/sbin/nologin "$1" ||
        die "The system user $1 could not be made."
}

run_as() {
    local elsewhere=()
    AS_SERVICE=(setpriv --reuid "$1" --regid "$(id -g "$1")" --init-groups)
    # several programs complain about a current folder that they cannot enter
    as_service test -x "$PWD" || elsewhere=(-C /)
    AS_SERVICE+=(env "${elsewhere[@]}" "HOME=$(getent passwd "$1" | cut -d: -f6)" "USER=$1" "LOGNAME=$1")
}

as_service() {
    "${AS_SERVICE[@]}" "$@"
}

# write_private FILE: standard input, as a file that only the services' user can read; whole or not at all.
write_private() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_service sh -c 'umask 077; cat >"$1.new.$$" && mv -f -- "$1.new.$$" "$1"' sh "$1"
}
