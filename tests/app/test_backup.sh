#!/bin/sh
# A backup that was restored holds what was backed up; a damaged one, or a place that is taken, changes nothing.
# shellcheck disable=SC2317 # some functions are only named, for trap or check
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ -z "${TESSERA_TEST_DATABASE:-}" ]; then exec "$here/../support/with-postgres" sh "$0"; fi

backup=$here/../../deploy/tessera-backup
restore=$here/../../deploy/tessera-restore
dir=$(mktemp -d) || exit 99
base=host=$TESSERA_TEST_CLUSTER
super="$base user=postgres"
source=$(echo "$TESSERA_TEST_DATABASE" | sed -n 's/.*dbname=\([^ ]*\).*/\1/p')
copy=${source}_copy
role=backup_$$
failed=0
number=0

sql() { # CONNECTION STATEMENT
    psql -Xq -At -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

clean_up() {
    sql "$super dbname=postgres" "DROP DATABASE IF EXISTS $copy WITH (FORCE)"
    sql "$super dbname=$source" "DROP OWNED BY $role"
    sql "$super dbname=postgres" "DROP ROLE IF EXISTS $role"
    rm -rf -- "$dir"
}
trap clean_up EXIT

check() { # TEXT COMMAND…
    text=$1
    number=$((number + 1))
    shift
    if "$@" >"$dir/out" 2>&1; then
        echo "ok $number - $text"
    else
        echo "not ok $number - $text"
        sed 's/^/# /' "$dir/out"
        failed=1
    fi
}
refused() { # WORDS COMMAND…: fails, and says so
    words=$1
    shift
    if "$@" >"$dir/refusal" 2>&1; then return 1; fi
    grep -F -e "$words" "$dir/refusal" || { cat "$dir/refusal" && return 1; }
}

# Every table with its rows' number and sum, whoever may see them.
contents() { # DATABASE
    psql -Xq -At -v ON_ERROR_STOP=1 -d "$super dbname=$1" <<'END'
SELECT format('SELECT %L, count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM %s t', oid::regclass, oid::regclass)
  FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
 ORDER BY oid::regclass::text
\gexec
END
}
policies() { # DATABASE
    sql "$super dbname=$1" "SELECT relname, relrowsecurity, relforcerowsecurity, relowner::regrole, relacl FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
    sql "$super dbname=$1" "SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
}

files=$dir/files
saved=$dir/saved
mkdir -- "$files" "$files/ab" "$saved" "$dir/settings"
echo picture >"$files/ab/a picture.png"
echo setting >"$dir/settings/tessera.conf"
printf '#!/bin/sh\necho "# files = no"\necho "files = %s"\n' "$files" >"$dir/tessera"
chmod 755 "$dir/tessera"
export TESSERA="$dir/tessera" BACKUP_SETTINGS="$dir/settings" BACKUP_KEEP=2
sql "$super dbname=$source" "INSERT INTO partners (name, type, region, commission_percent, currency)
     SELECT 'Partner ' || n, type, region, 10, 'AED' FROM generate_series(1, 50) n, (SELECT * FROM partner_type_regions LIMIT 1) t" >/dev/null
sql "$super dbname=postgres" "CREATE ROLE $role LOGIN BYPASSRLS; GRANT pg_read_all_data TO $role"
sql "$super dbname=$source" "GRANT CONNECT ON DATABASE $source TO $role"
sql "$super dbname=postgres" "CREATE DATABASE $copy OWNER tessera_owner TEMPLATE template0"
export BACKUP_DATABASE="$base dbname=$source user=$role" RESTORE_DATABASE="$base dbname=$copy user=tessera_owner"
contents "$source" >"$dir/before"

check 'a backup is made' "$backup" "$saved"
made=$(find "$saved" -mindepth 1 -maxdepth 1 -type d)
check 'nobody else can read it' test "$(stat -c %a "$made")$(stat -c %a "$made/database.dump")" = 700600
check 'the settings are in it' tar -tzf "$made/settings.tar.gz" ./tessera.conf

mv -- "$files" "$dir/files.before"
mkdir -- "$files"
cp -R -- "$made" "$dir/damaged"
printf x >>"$dir/damaged/files.tar.gz"
check 'a damaged backup is refused' refused 'is damaged' "$restore" "$dir/damaged"
check 'a folder that is no backup is refused' refused 'not a complete backup' "$restore" "$dir"
check 'nothing was changed by them' test "$(contents "$copy")$(ls "$files")" = ''
touch "$files/something"
check 'a folder in use is refused' refused 'is not empty' "$restore" "$made"
rm -- "$files/something"

check 'it is restored' "$restore" "$made"
contents "$copy" >"$dir/after"
policies "$source" >"$dir/policies.before"
policies "$copy" >"$dir/policies.after"
check 'every row is back' cmp "$dir/before" "$dir/after"
check 'there were rows' grep -q '^partners|50|' "$dir/after"
check 'grants and row-level security are back' cmp "$dir/policies.before" "$dir/policies.after"
check 'every file is back' diff -r "$dir/files.before" "$files"
rm -rf -- "${files:?}"/*
check 'a database in use is refused' refused 'tables already' "$restore" "$made"

# Names hold the second they were made in: older ones are made here.
mv -- "$made" "$saved/2020-01-01T000000Z"
cp -R -- "$saved/2020-01-01T000000Z" "$saved/2020-01-02T000000Z"
mkdir -- "$saved/2020-01-03T000000Z.partial" "$saved/not-a-backup"
check 'the next one deletes the oldest' "$backup" "$saved"
check 'and nothing else' test "$(find "$saved" -mindepth 1 -maxdepth 1 -type d | wc -l)$(find "$saved/2020-01-02T000000Z" "$saved/not-a-backup" -maxdepth 0 | wc -l)" = 32

BACKUP_DATABASE="$base dbname=nothing_$$ user=$role"
check 'a database that is away is a failure' refused 'nothing_' "$backup" "$saved"
check 'which leaves no backup behind' test "$(find "$saved" -mindepth 1 -maxdepth 1 -type d ! -name '*.partial' | wc -l)" = 3
exec 8>"$saved/lock"
flock 8
check 'two at once are one too many' refused 'Another backup runs' "$backup" "$saved"
echo "1..$number"
exit "$failed"
