# shellcheck shell=bash
# packages.sh - installs the Debian packages that are missing, and nothing else. Sourced after common.sh.
#
# Installing a server package normally starts a server, and a database cluster, of the machine's own. The portal
# brings its own, so both are held back while packages are installed; what was running before is left alone.

has_node() {
    command -v npm >/dev/null && command -v node >/dev/null &&
        [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 18' 2>/dev/null)" = true ]
}

has_postgresql() {
    [ -n "$(newest_postgresql)" ]
}

# newest_postgresql: directory of programs of the newest installed version, from 15 on; nothing when there is none.
newest_postgresql() {
    local dir version newest=14 found=
    for dir in /usr/lib/postgresql/*/bin; do
        version=$(basename -- "$(dirname -- "$dir")")
        if [[ $version =~ ^[0-9]+$ ]] && [ -x "$dir/initdb" ] && ((version > newest)); then
            newest=$version
            found=$dir
        fi
    done
    printf '%s' "$found"
}

has_clang_runtime() {
    command -v clang >/dev/null && [ -e "$(clang -print-file-name=libclang_rt.fuzzer-x86_64.a 2>/dev/null)" ]
}

# missing_packages LIST…: names of what the lists in tools/packages ask for and the machine has not.
missing_packages() {
    local package otherwise installed
    # shellcheck disable=SC2016 # dpkg-query's own ${…}
    installed=" $(packages_in "$@" | cut -d' ' -f1 | xargs dpkg-query -W \
        -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | tr '\n' ' ')"
    packages_in "$@" | while read -r package otherwise; do
        [[ $installed == *" $package "* ]] || { [ -n "$otherwise" ] && "$otherwise"; } || echo "$package"
    done
}

packages_in() {
    local list
    for list; do
        sed 's/#.*//; s/[[:space:]]\+/ /g; s/ $//; /^$/d' "$ROOT/tools/packages/$list"
    done
}

# ensure_packages LOG LIST…
ensure_packages() {
    local log=$1 missing by_hand
    shift
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        warn "This machine has no apt-get; going on in the hope that everything in tools/packages is installed."
        return 0
    fi
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [ -z "$missing" ] || install_missing "$log"
    ensure_nginx_folder
}

install_missing() { # LOG; the packages in $missing
    local log=$1
    say "Debian packages to install: ${missing% }"
    by_hand="apt-get install --no-install-recommends ${missing% }"
    become_root_ready || die "That needs root, and sudo is not to be had here. As root, run: $by_hand"
    # shellcheck disable=SC2086 # one word per package
    step "$log" "Fetching and installing them" install_packages $missing ||
        die "Some packages could not be installed. See above, or run it yourself: $by_hand"
}

# nginx makes the folder for bodies that was compiled into it whenever it starts with nchan, though ours has another one (nchan has
# a location of its own, which takes no settings). As an ordinary user it can't, and Debian's package leaves that to the first
# start as root, which never comes here.
ensure_nginx_folder() {
    local folder
    folder=$(nginx -V 2>&1 | tr ' ' '\n' | sed -n 's/^--http-client-body-temp-path=//p')
    if [ -z "$folder" ] || [ -d "$folder" ]; then return 0; fi
    become_root_ready || die "nginx wants the folder $folder, which only root can make: mkdir -p -m 0700 $folder"
    as_root mkdir -p -m 0700 -- "$folder" || die "The folder $folder, which nginx wants, could not be made."
}

# Asks for sudo's password now, where a person can see it, rather than in the middle of a logged step.
become_root_ready() {
    is_root || { command -v sudo >/dev/null && sudo -v; }
}

as_root() {
    if is_root; then "$@"; else sudo -- "$@"; fi
}

install_packages() (
    trap release_services EXIT
    trap 'exit 130' INT TERM
    hold_back_services
    apt_get update || echo "apt-get update did not go through for every source; trying with what is known."
    apt_get install -y --no-install-recommends "$@" || exit 1
    keep_nginx_from_starting_at_boot "$@"
)

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 "$@"
}

POLICY=/usr/sbin/policy-rc.d
POLICY_MARK='made by ./run while it installs packages; may be deleted'
CLUSTER_CONF=/etc/postgresql-common/createcluster.d/tessera-run.conf

hold_back_services() {
    if [ ! -e "$POLICY" ]; then
        printf '#!/bin/sh\n# %s\nexit 101\n' "$POLICY_MARK" | as_root tee "$POLICY" >/dev/null
        as_root chmod 755 "$POLICY"
    fi
    as_root mkdir -p "$(dirname "$CLUSTER_CONF")"
    echo 'create_main_cluster = false' | as_root tee "$CLUSTER_CONF" >/dev/null
}

release_services() {
    if grep -qsF "$POLICY_MARK" "$POLICY"; then as_root rm -f "$POLICY"; fi
    as_root rm -f "$CLUSTER_CONF"
    # only folders that are empty, and so were made by us
    as_root rmdir --ignore-fail-on-non-empty -p "$(dirname "$CLUSTER_CONF")" 2>/dev/null || true
}

# A newly installed nginx would take port 80 at the next boot; nobody asked for that.
keep_nginx_from_starting_at_boot() {
    [[ " $* " != *" nginx "* ]] || as_root update-rc.d nginx disable || true
}
