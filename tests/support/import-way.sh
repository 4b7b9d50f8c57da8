# import-way.sh - a file's way to leads over HTTP, as a browser without scripts goes it; sourced by what measures and what
# kills. Needs $TMP, $DATA and $URL, and ROOT's own pieces.
# shellcheck shell=bash

# As a spreadsheet in Europe saves it: semicolons, decimal commas, the day first. BAD rows in a hundred have no address.
way_file() { # ROWS BAD
    awk -v rows="$1" -v bad="$2" 'BEGIN {
        print "Client name;E-mail;Mobile;Budget (AED);Moving date;Property type;Preferred location;Notes"
        split("Flat Villa Townhouse Apartment Shop", kind, " ")
        for (i = 1; i <= rows; i++)
            printf "Client Number %d;%s;0561%06d;%d.%03d.000,50;%02d/%02d/2027;%s;Dubai Marina;\"Wants a sea view; two parking spaces, near a school\"\r\n",
                i, i % 100 < bad ? "no address" : "client" i "@people.example", i, 1 + i % 9, i % 1000, 1 + i % 28, 1 + i % 12, kind[1 + i % 5]
    }'
}

way_ask() { # CURL-ARGUMENT…
    curl -sS -m 120 -b "$TMP/jar" -c "$TMP/jar" -o "$TMP/page" -w '%{http_code} %{redirect_url}' "$@"
}

way_token() {
    sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$TMP/page" | head -n 1
}

way_sign_in() {
    way_ask "$URL/login" >/dev/null
    way_ask -d "csrf=$(way_token)" -d email=owner@harbour.example -d password=tessera-demo "$URL/login" >/dev/null
}

way_sql() {
    "$ROOT/run" --data "$DATA" psql -X -A -t -q -c "$1"
}

way_send() { # FILE; sets ID
    local answer
    way_ask "$URL/leads/import" >/dev/null
    answer=$(way_ask -F "csrf=$(way_token)" -F "file=@$1" "$URL/leads/import")
    [ "${answer%% *}" = 303 ] || return 1
    ID=${answer#*/imports/}
    ID=${ID%%/*}
}

# What the page has chosen by itself.
way_columns() {
    local fields=() name
    way_ask "$URL/leads/imports/$ID/columns" >/dev/null
    tr '\n' ' ' <"$TMP/page" >"$TMP/line"
    while read -r name; do
        fields+=(-d "$name=$(grep -o "name=\"$name\".*" "$TMP/line" | sed 's|</select>.*||' |
            grep -o '<option value="[^"]*" selected' | sed 's/.*value="\([^"]*\)".*/\1/' | head -n 1)")
    done < <(grep -o 'name="\(column\|dates\|numbers\)-[0-9]*"' "$TMP/line" | cut -d'"' -f2)
    [ "$(way_ask -d "csrf=$(way_token)" -d has_header=true "${fields[@]}" "$URL/leads/imports/$ID/columns" | cut -c1-3)" = 303 ]
}

way_commit() {
    local seen
    way_ask "$URL/leads/imports/$ID" >/dev/null
    seen=$(sed -n 's/.*name="seen" value="\([^"]*\)".*/\1/p' "$TMP/page")
    [ "$(way_ask -d "csrf=$(way_token)" -d "seen=$seen" -d leave_out=true -d consent=true "$URL/leads/imports/$ID/commit" | cut -c1-3)" = 303 ]
}

way_state_is() { # STATE
    [ "$(way_sql "SELECT state FROM lead_imports WHERE id = '$ID'")" = "$1" ]
}
