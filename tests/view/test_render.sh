#!/bin/sh
# `tessera render` from the outside.
set -u
tessera=$PWD/tessera
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
failed=0

# expect NAME STATUS OUTPUT ERROR ARGUMENT…: ERROR is a part of what it prints there
expect() {
    name=$1 status=$2 output=$3 error=$4
    shift 4
    "$tessera" render "$@" >out 2>err
    got=$?
    if [ "$got" -ne "$status" ]; then
        echo "not ok - $name: status $got, not $status"
    elif [ "$(cat out)" != "$output" ]; then
        echo "not ok - $name: printed $(cat out)"
    elif [ -n "$error" ] && ! grep -qF -e "$error" err; then
        echo "not ok - $name: said $(cat err)"
    elif [ -z "$error" ] && [ -s err ]; then
        echo "not ok - $name: said $(cat err)"
    else
        echo "ok - $name"
        return
    fi
    failed=1
}

mkdir -p parts/ui
printf 'Hello {{name}}{{> ui/mark}}' >page.mustache
printf '!' >parts/ui/mark.mustache
printf '{"name": "A & B", "amount": 5000000, "currency": "INR", "at": "2026-11-20 20:00:00+00"}' >data.json
printf '[1, 2]' >list.json
printf '{"name":\n nobody}' >broken.json
printf 'fine\n  {{#open}}' >broken.mustache
printf '{{amount.money}} {{at.datetime}}' >facets.mustache
printf '{{#.}}<{{.}}>{{/.}}' >list.mustache

expect 'without partials' 0 'Hello A &amp; B' '' page.mustache data.json
expect 'with partials' 0 'Hello A &amp; B!' '' page.mustache data.json --partials parts
expect 'options first' 0 'Hello A &amp; B!' '' --partials parts page.mustache data.json
expect 'a document that is a list' 0 '<1><2>' '' list.mustache list.json
expect 'a locale and a time zone' 0 '₹50,00,000 21 Nov 2026, 01:30' '' \
    facets.mustache data.json --locale en-IN --timezone Asia/Kolkata
"$tessera" render page.mustache - <data.json >out 2>err
if [ "$(cat out)" != 'Hello A &amp; B' ]; then
    echo "not ok - data from standard input: $(cat out err)"
    failed=1
fi
expect 'malformed template' 1 '' './broken.mustache:2:3: {{#open}} is never closed' broken.mustache data.json
expect 'malformed data' 1 '' 'broken.json:2:' page.mustache broken.json
expect 'absent template' 1 '' 'absent.mustache: No such file or directory' absent.mustache data.json
expect 'absent data' 1 '' 'absent.json: No such file or directory' page.mustache absent.json
expect 'absent partials' 1 '' 'nowhere: No such file or directory' page.mustache data.json --partials nowhere
expect 'a folder as template' 1 '' 'parts: Is a directory' parts data.json
expect 'no data' 2 '' 'name a template and a file with its data' page.mustache
expect 'too many arguments' 2 '' 'is one argument too many' page.mustache data.json more
expect 'unknown option' 2 '' '--nonsense is no option' page.mustache data.json --nonsense x
expect 'option without a value' 2 '' '--partials needs a value' page.mustache data.json --partials
exit $failed
