# shellcheck shell=bash
# portal.sh - one portal: its data folder, its parts, what they are configured with. Sourced by ./run after the others.

# Each part: its name, the signal that asks it to end, the seconds that may take, and the signal that ends it anyway.
# They start from top to bottom and stop from bottom to top. A part has these functions:
#   NAME_prepare   before it starts                 NAME_command   sets PART, the command
#   NAME_answers   succeeds once it does its work   NAME_settle    after that, before the next part
part_table() {
    cat <<'END'
postgres  INT   120  QUIT
web       TERM   40  KILL
jobs      TERM   40  KILL
nginx     QUIT   10  TERM
END
}

part_names() {
    part_table | cut -d' ' -f1
}

# The accounts of the demo programme; `tessera seed` makes them.
demo_accounts() {
    cat <<'END'
owner@harbour.example    a partner: owner
sales@harbour.example    a partner: sales
viewer@harbour.example   a partner: may only look
owner@skyline.example    another partner, of another type
agent@tessera.example    programme staff: partner manager
finance@tessera.example  programme staff: commissions
support@tessera.example  programme staff: support
admin@tessera.example    programme staff: everything
END
}
DEMO_PASSWORD=tessera-demo

# ---- the data folder ------------------------------------------------------------------------------------------------

MARK=.tessera-portal # a folder without it is nobody's portal, and is left alone

# Sets DATA, RUN and who runs the services; makes the folder where it is missing.
open_data_folder() {
    DATA=$(realpath -m -- "$DATA_GIVEN")
    # they would end quoting in nginx's or PostgreSQL's configuration
    [[ $DATA != *[$'"\'$\\;{}#&|\n']* ]] || die "The data folder's path holds one of \" ' \$ \\ ; { } # & |; choose another: $DATA"
    choose_service_user "$DATA"
    if [ -e "$DATA" ] && [ ! -d "$DATA" ]; then die "$DATA is not a folder."; fi
    if [ -d "$DATA" ] && [ ! -e "$DATA/$MARK" ] && ! folder_is_empty "$DATA"; then
        die "$DATA has files in it and is not a portal's data folder. Choose another one with --data."
    fi
    if [ -e "$DATA/postgres" ]; then need_space "$DATA" 50 "a portal"; else need_space "$DATA" 300 "a new portal"; fi
    make_data_folder
    RUN=$DATA/run
    choose_socket_folder
    choose_program
}

# For every command but start: fails when there is no portal in the folder.
find_data_folder() {
    DATA=$(realpath -m -- "$DATA_GIVEN")
    if [ -d "$DATA" ] && [ ! -x "$DATA" ]; then
        die "$DATA belongs to $(stat -c %U -- "$DATA"); run this as that user or as root."
    fi
    [ -e "$DATA/$MARK" ] || return 1
    choose_service_user "$DATA"
    RUN=$DATA/run
    SOCKETS=$(cat "$RUN/sockets")
    PORT=$(cat "$RUN/port" 2>/dev/null || echo "$PORT")
    choose_program
}

folder_is_empty() {
    [ -z "$(find "$1" -mindepth 1 -print -quit)" ]
}

make_data_folder() {
    local made
    if [ ! -e "$DATA/$MARK" ]; then
        if is_root; then make_reachable_for_service; fi
        mkdir -p -- "$DATA" || die "The data folder $DATA could not be made."
        if is_root; then chown "$SERVICE_USER:" -- "$DATA"; fi
        chmod 0700 -- "$DATA"
        as_service touch -- "$DATA/$MARK"
    fi
    as_service test -w "$DATA" || die "$DATA cannot be written by $SERVICE_USER. It belongs to $(stat -c %U -- "$DATA")."
    for made in run log files nginx; do as_service mkdir -p -m 0700 -- "$DATA/$made"; done
}

# Root's own home, for one, is closed to the services. Their data then lives under /var/lib, with a link to it here.
make_reachable_for_service() {
    local above
    above=$(dirname -- "$DATA")
    mkdir -p -- "$above"
    if as_service test -x "$above"; then return 0; fi
    local place
    place=/var/lib/tessera/$(short_hash "$DATA")
    say "$above is closed to the user $SERVICE_USER; the data goes to $place, with a link to it at $DATA."
    mkdir -p -- "$place/data"
    [ ! -d "$DATA" ] || rmdir -- "$DATA"
    ln -sfn -- "$place/data" "$DATA"
    DATA=$place/data
}

# Paths of Unix sockets end at 107 bytes, and stand unquoted in several configurations.
choose_socket_folder() {
    local base owner
    SOCKETS=$RUN
    if ((${#RUN} > 90)) || [[ ! $RUN =~ ^[A-Za-z0-9/._+@-]+$ ]]; then
        base=${XDG_RUNTIME_DIR:-/tmp}
        if is_root; then base=/run; fi
        SOCKETS=$base/tessera-$(short_hash "$DATA")
        mkdir -m 0700 -- "$SOCKETS" 2>/dev/null || true
        if is_root; then chown -h "$SERVICE_USER:" -- "$SOCKETS"; fi
        owner=$(stat -c '%U %a %F' -- "$SOCKETS")
        [ "$owner" = "$SERVICE_USER 700 directory" ] || die "$SOCKETS is wanted for sockets but is not ours: $owner."
    fi
    printf '%s\n' "$SOCKETS" | write_private "$RUN/sockets"
}

# Everything but the lock, which we hold, and the mark.
reset_data() {
    stop_parts
    say "Deleting everything in $DATA."
    find "$DATA" -mindepth 1 ! -path "$RUN" ! -path "$RUN/lock" ! -path "$RUN/sockets" ! -path "$DATA/$MARK" -delete
    make_data_folder
}

# ---- the program ----------------------------------------------------------------------------------------------------

# Sets PROGRAM and where what it reads is: in the source tree where the services can read it, else in a copy.
choose_program() {
    PROGRAM=$BUILD/tessera TEMPLATES=$ROOT/templates MIGRATIONS=$ROOT/sql/migrations LOCALE=$BUILD/locale
    STATIC=$ROOT/static PREFIX=
    if as_service test -r "$ROOT/configure.ac"; then return 0; fi
    PREFIX=/var/lib/tessera/$(short_hash "$ROOT")/program
    local share=$PREFIX/share/tessera
    PROGRAM=$PREFIX/bin/tessera TEMPLATES=$share/templates MIGRATIONS=$share/sql/migrations LOCALE=$share/locale
    STATIC=$share/static
}

build_everything() {
    (
        take_lock "$BUILD/lock" "building"
        build_program "$BUILD/build.log" || exit 1
        build_front_end "$BUILD/front-end.log" || exit 1
        [ -z "$PREFIX" ] || install_copy "$BUILD/install.log" || exit 1
    ) || die "The portal was not started; what ran before goes on untouched."
}

install_copy() { # LOG
    local stamp=$PREFIX/share/installed-from inputs
    inputs=$(stat -c '%Y %s' "$BUILD/tessera" "$BUILD/front-end.inputs" | sha256sum)$(cat "$BUILD/front-end.inputs")
    [ "$(cat "$stamp" 2>/dev/null)" != "$inputs" ] || return 0
    step "$1" "Installing a copy that $SERVICE_USER can read" replace_copy || return 1
    printf '%s\n' "$inputs" >"$stamp"
}

replace_copy() {
    rm -rf -- "$PREFIX.new" && (umask 022 && make -C "$BUILD" install prefix="$PREFIX.new") &&
        rm -rf -- "$PREFIX" && mv -- "$PREFIX.new" "$PREFIX"
}

# tessera ARGUMENT…: one of the program's commands, as the services' user, with this portal's configuration.
tessera() {
    [ -x "$PROGRAM" ] || die "The program is not built yet. Start the portal once: $(myself --detach)"
    as_service env TESSERA_CONFIG="$DATA/tessera.conf" "$PROGRAM" "$@"
}

# ---- configuration --------------------------------------------------------------------------------------------------

# The file is written once and is then its owner's; only the lines that say where this portal's pieces are, follow the
# options of each start.
write_configuration() {
    [ -s "$DATA/tessera.conf" ] || TESSERA_MAIL_DELIVERY=catch "$PROGRAM" config | write_private "$DATA/tessera.conf"
    local text
    text=$(our_settings | merge_settings "$DATA/tessera.conf")
    [ "$text" = "$(cat "$DATA/tessera.conf")" ] || printf '%s\n' "$text" | write_private "$DATA/tessera.conf"
}

our_settings() {
    cat <<END
base_url = http://127.0.0.1:$PORT
database = $(connection tessera_app)
database_owner = $(connection tessera_owner)
database_jobs = $(connection tessera_jobs)
socket = $SOCKETS/web.sock
auth_socket = $SOCKETS/auth.sock
status_file = $RUN/workers
jobs_status_file = $RUN/jobs
live_socket = $SOCKETS/live.sock
migrations = $MIGRATIONS
templates = $TEMPLATES
locale_dir = $LOCALE
static_dir = $STATIC
files = $DATA/files
secret_file = $DATA/secret
push_key_file = $DATA/push-key.pem
secure_cookies = false
END
    # nobody gets mail from a demo; whoever wants it to leave says so in the file
    grep -q '^mail_delivery *=' "$DATA/tessera.conf" || echo "mail_delivery = catch"
}

connection() {
    echo "host=$SOCKETS dbname=tessera user=$1 passfile='$DATA/pgpass'"
}

# merge_settings FILE: FILE with the settings from standard input in place of its own.
merge_settings() {
    awk 'NR == FNR { key = $1; sub(/^[^=]*= /, ""); value[key] = $0; next }
         $1 in value && $2 == "=" { print $1 " = " value[$1]; delete value[$1]; next }
         { print }
         END { for (key in value) print key " = " value[key] }' - "$1"
}

write_secrets() {
    [ -s "$DATA/secret" ] || head -c 64 /dev/urandom | write_private "$DATA/secret"
    local role
    for role in tessera_owner tessera_app tessera_jobs; do
        [ -z "$(password_of "$role" 2>/dev/null)" ] || continue
        { cat "$DATA/pgpass" 2>/dev/null || true; printf '*:*:*:%s:%s\n' "$role" "$(random_word)"; } | write_private "$DATA/pgpass"
    done
}

random_word() {
    head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}

password_of() {
    sed -n "s/^.*:$1://p" "$DATA/pgpass"
}

# ---- the database ---------------------------------------------------------------------------------------------------

postgres_prepare() {
    local cluster=$DATA/postgres
    rm -rf -- "$cluster.new"
    if [ -e "$cluster" ]; then
        check_cluster "$cluster"
    else
        step "$BUILD/initdb.log" "Making the database cluster" make_cluster "$cluster" "$(newest_postgresql)" \
            --data-checksums || die "The database cluster could not be made."
    fi
    POSTGRES=$(cluster_programs "$cluster")
    write_secrets
    write_access_rules "$cluster"
    clear_stale_locks "$cluster" "$SOCKETS"
}

# Runs on the new folder before it gets its name. Sized for a small machine; edit it freely.
finish_cluster() {
    echo "include = 'tessera.conf'" | as_service tee -a "$1/postgresql.conf" >/dev/null
    write_private "$1/tessera.conf" <<'END'
# Made once by ./run, sized for a machine with two cores and 2 GB; yours to change.
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 8MB
maintenance_work_mem = 128MB
max_connections = 100
max_wal_size = 2GB
wal_compression = on
random_page_cost = 1.1
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_lock_waits = on
log_min_duration_statement = 500
# what people wrote stays out of the logs
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
END
}

# The portal's roles have passwords; the superuser is whoever runs the services, or root.
write_access_rules() {
    write_private "$1/pg_hba.conf" <<END
local all $SUPERUSER peer map=caretaker
local tessera tessera_owner,tessera_app,tessera_jobs scram-sha-256
END
    write_private "$1/pg_ident.conf" <<END
caretaker $SERVICE_USER $SUPERUSER
caretaker root $SUPERUSER
END
}

postgres_command() {
    PART=("$POSTGRES/postgres" -D "$DATA/postgres" -k "$SOCKETS" -c listen_addresses= -c unix_socket_permissions=0700)
}

postgres_answers() {
    as_service "$(cluster_programs "$DATA/postgres")/pg_isready" -q -h "$SOCKETS" -U "$SUPERUSER" -t 2
}

postgres_settle() {
    write_configuration
    tessera push-key >/dev/null || die "The portal was not started." # it has said why
    step "$BUILD/migrate.log" "Bringing the database up to date" migrate ||
        die "The database is as it was before. The portal was not started."
}

migrate() {
    bootstrap_statements | as_service psql -X -q -h "$SOCKETS" -U "$SUPERUSER" -d postgres && tessera migrate
}

# Passwords go through a pipe: a command line could be read by anybody on the machine.
bootstrap_statements() {
    printf "\\\\set %s_password '%s'\n" owner "$(password_of tessera_owner)" app "$(password_of tessera_app)" \
        jobs "$(password_of tessera_jobs)"
    cat "$ROOT/sql/bootstrap.sql"
}

# ---- pages ----------------------------------------------------------------------------------------------------------

# Demo data goes in once; what the visitor deletes stays deleted.
web_prepare() {
    local state=$DATA/demo
    as_service rm -f -- "$SOCKETS/web.sock" "$SOCKETS/auth.sock" # of one that was killed
    [ ! -e "$state" ] || return 0
    if [ "$DEMO" = yes ]; then
        step "$BUILD/seed.log" "Making the demo programme" tessera seed ||
            die "The demo data could not be made. The next start tries again; --no-demo goes without."
    fi
    echo "$DEMO" | write_private "$state"
}

web_command() {
    PART=(env TESSERA_CONFIG="$DATA/tessera.conf" "$PROGRAM" web)
}

web_answers() {
    [ -S "$SOCKETS/web.sock" ] && [ -S "$SOCKETS/auth.sock" ]
}

web_settle() {
    :
}

# ---- what happens by itself ------------------------------------------------------------------------------------------

jobs_prepare() {
    as_service rm -f -- "$RUN/jobs"
}

jobs_command() {
    PART=(env TESSERA_CONFIG="$DATA/tessera.conf" "$PROGRAM" jobs)
}

jobs_answers() {
    [ -e "$RUN/jobs" ]
}

jobs_settle() {
    :
}

# ---- the door -------------------------------------------------------------------------------------------------------

# Links stand for the places that its configuration names: nginx has no way to write a path with blanks unquoted.
nginx_prepare() {
    local file
    for file in "$ROOT"/nginx/*.conf "$ROOT"/nginx/*.conf.in; do
        fill_in "$file" | write_private "$DATA/nginx/$(basename -- "$file" .in)"
    done
    as_service ln -sfn -- "$STATIC/dist" "$DATA/nginx/static"
    as_service ln -sfn -- "$DATA/files" "$DATA/nginx/files"
    as_service ln -sfn -- "$DATA/log" "$DATA/nginx/log"
    as_service rm -f -- "$SOCKETS/metrics.sock" "$SOCKETS/live.sock"
    printf '%s\n' "$PORT" | write_private "$RUN/port"
}

fill_in() {
    sed -e "s|@PORT@|$PORT|g" -e "s|@SOCKETS@|$SOCKETS|g" -e "s|@STATIC@|static|g" -e "s|@FILES@|files|g" \
        -e "s|@MODULES@|$(nginx_modules)|g" -e "s|@LOG@|log|g" -e "s|@AUTH_RATE@|2r/s|g" -e "s|@AUTH_BURST@|40|g" "$1"
}

# Where nginx's own modules are: Debian's place, or the one that it was built with.
nginx_modules() {
    local place
    for place in /usr/lib/nginx/modules /usr/share/nginx/modules "$(nginx -V 2>&1 | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')"; do
        [ ! -e "$place/ngx_nchan_module.so" ] || break
    done
    echo "$place"
}

nginx_command() {
    PART=(nginx -p "$DATA/nginx/" -c "$DATA/nginx/nginx.conf" -e "$DATA/log/nginx.log" -g 'daemon off;')
}

nginx_answers() {
    [ "$(curl -s --noproxy '*' -o /dev/null -m 3 -w '%{http_code}' "$(address)/readyz")" = 200 ]
}

nginx_settle() {
    :
}

address() {
    echo "http://127.0.0.1:$PORT"
}

nginx_runs_or_port_is_free() {
    if running nginx || ! port_is_taken "$PORT"; then return 0; fi
    die "Port $PORT is taken by another program. Choose another one: $(myself --port "$(free_port $((PORT + 1)))")"
}

# ---- starting and stopping ------------------------------------------------------------------------------------------

everything_runs() {
    local part
    for part in $(part_names); do running "$part" || return 1; done
}

nothing_was_started() {
    local part
    for part in $(part_names); do ! was_started "$part" || return 1; done
}

# A part that was killed may have left children, which would still hold its port or sockets.
end_leftovers() {
    local part
    for part in $(part_names); do
        if was_started "$part" && ! running "$part"; then end "$part" KILL 1 KILL; fi
    done
}

STARTED=() # by this script, last first
start_parts() {
    local part
    trap undo_start EXIT
    for part in $(part_names); do
        # what ran before may come from a start that was killed half way, or be older than what was just built
        if running "$part"; then "${part}_settle"; else start_part "$part"; fi
    done
    trap - EXIT
}

start_part() {
    local name=$1 log=$DATA/log/$1.log from said
    shorten_log "$log"
    "${name}_prepare"
    "${name}_command"
    from=$(now_ms)
    said=$(stat -c %s -- "$log" 2>/dev/null || echo 0)
    STARTED=("$name" "${STARTED[@]}")
    launch "$name" "$log" "$DATA" "${PART[@]}"
    if ! wait_until 120 answers_or_ended "$name" || ! running "$name"; then
        warn "$name did not start."
        show_end_of "$log" "$said"
        explain_failure "$log"
        exit 1
    fi
    say "- $name is up ($(($(now_ms) - from)) ms)"
    "${name}_settle"
}

answers_or_ended() {
    ! running "$1" || "${1}_answers"
}

undo_start() {
    local status=$? part
    trap '' INT TERM HUP
    for part in "${STARTED[@]}"; do ! was_started "$part" || stop_part "$part"; done
    exit "$status"
}

stop_parts() {
    local part
    for part in $(part_names | tac); do
        ! was_started "$part" || stop_part "$part"
    done
}

stop_part() {
    local name=$1 signal seconds last from
    read -r signal seconds last < <(part_table | sed -n "s/^$name  *//p")
    from=$(now_ms)
    end "$name" "$signal" "$seconds" "$last" || die "$name does not end; its processes are: $(group_of "$name" | tr '\n' ' ')"
    say "- $name has ended ($(($(now_ms) - from)) ms)"
}

# One generation is kept.
shorten_log() {
    if [ -e "$1" ] && (($(stat -c %s -- "$1") > 20000000)); then as_service mv -f -- "$1" "$1.1"; fi
}

# ---- what a person reads --------------------------------------------------------------------------------------------

# myself [WORD…]: how this portal's ./run is called.
myself() {
    local words=("./run")
    [ "$DATA_GIVEN" = "$ROOT/var" ] || words+=(--data "$(printf '%q' "$DATA_GIVEN")")
    words+=("$@")
    printf '%s' "${words[*]}"
}

banner() {
    printf '\n  Tessera runs at   %s\n' "$(address)"
    if [ "$(cat "$DATA/demo")" = yes ]; then
        printf '\n  Sign in as        %s\n' "$(demo_accounts | sed '2,$s/^/                    /')"
        printf '  with password     %s\n' "$DEMO_PASSWORD"
    else
        printf '\n  Make an account   %s\n' "$(myself tessera user add --help)"
    fi
    printf '\n  Data folder       %s\n' "$DATA"
    printf '  Look inside       %s\n' "$(myself status), $(myself logs), $(myself psql)"
    if [ "$DETACH" = yes ]; then
        printf '  Stop              %s\n\n' "$(myself stop)"
    else
        printf '  Stop              Ctrl-C\n\n'
    fi
}

greet_running() {
    local port
    port=$(cat "$RUN/port")
    if [ "$port" != "$PORT" ] && [ "$PORT_GIVEN" = yes ]; then
        die "This portal runs already, on port $port. To move it: $(myself stop), then start it with --port $PORT."
    fi
    PORT=$port DETACH=yes
    say "This portal runs already. To restart it with what has changed: $(myself stop), then start it."
    banner
}

show_status() {
    local part pid all=0
    for part in $(part_names); do
        pid=$(pid_of "$part")
        if [ -z "$pid" ]; then
            all=1
            if was_started "$part"; then pid="ended by itself"; else pid="stopped"; fi
            printf '%-10s %s\n' "$part" "$pid"
        elif "${part}_answers"; then
            printf '%-10s pid %-8s answers\n' "$part" "$pid"
        else
            all=1
            printf '%-10s pid %-8s does not answer; see %s\n' "$part" "$pid" "$(myself logs)"
        fi
    done
    printf '%-10s %s\n%-10s %s\n' address "$(address)" data "$DATA"
    return "$all"
}
