#!/bin/sh
# The program from the outside: subcommands, exit status, and which file of settings it takes.
set -u
for variable in $(env | sed -n 's/^\(TESSERA_[A-Z0-9_]*\)=.*/\1/p'); do
    unset "$variable"
done
tessera=./tessera
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
failed=0

# expect STATUS ARGUMENT…: runs tessera; output in $dir/out, errors in $dir/err
expect() {
    wanted=$1
    shift
    "$tessera" "$@" >"$dir/out" 2>"$dir/err"
    got=$?
    if [ "$got" -ne "$wanted" ]; then
        echo "not ok - tessera $*: status $got, not $wanted"
        cat "$dir/err"
        failed=1
    else
        echo "ok - tessera $*: status $wanted"
    fi
}

# shows FILE TEXT: FILE (out, err) holds TEXT
shows() {
    if ! grep -qF -e "$2" "$dir/$1"; then
        echo "not ok - $1 shows: $2"
        cat "$dir/$1"
        failed=1
    fi
}

silent() {
    if [ -s "$dir/$1" ]; then
        echo "not ok - $1 is not empty"
        cat "$dir/$1"
        failed=1
    fi
}

expect 2
shows err 'Usage: tessera COMMAND'
silent out
expect 0 --help
shows out 'print every setting'
silent err
expect 0 --version
shows out 'tessera '
expect 0 version
shows out 'tessera '
expect 2 versoin
shows err 'there is no command "versoin"'
silent out
expect 2 version extra
shows err '"extra" is not understood'

expect 0 config
shows out 'workers = 4'
expect 0 config --help
shows out 'Usage: tessera config'

echo 'workers = 7' >"$dir/seven.conf"
echo 'workers = many' >"$dir/broken.conf"
expect 0 config --config "$dir/seven.conf"
shows out 'workers = 7'
cp "$dir/out" "$dir/printed.conf"
expect 0 config "--config=$dir/printed.conf"
cmp "$dir/out" "$dir/printed.conf" || failed=1
expect 2 config --config "$dir/broken.conf"
shows err 'broken.conf:1: workers must be a whole number'
silent out
expect 2 config --config "$dir/missing.conf"
shows err "missing.conf can't be read"
expect 2 config --config
shows err '--config needs the name of a file'
expect 2 config surplus
shows err '"surplus" is not understood'

export TESSERA_CONFIG="$dir/seven.conf"
expect 0 config
shows out 'workers = 7'
echo 'workers = 8' >"$dir/eight.conf"
expect 0 config --config "$dir/eight.conf"
shows out 'workers = 8'
export TESSERA_WORKERS=9
expect 0 config
shows out 'workers = 9'
unset TESSERA_WORKERS
export TESSERA_CONFIG="$dir/broken.conf"
expect 2 config
expect 0 config --help

if [ -w /dev/full ]; then
    "$tessera" --help >/dev/full 2>"$dir/err"
    [ $? -eq 1 ] || failed=1
    shows err 'the output could not be written'
fi
exit "$failed"
