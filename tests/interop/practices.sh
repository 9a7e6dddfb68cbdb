#!/bin/sh
# Practices that outgrow one machine: each with a bucket and a key of its own on one Garage of three nodes, and with two devices that
# meet there alone. SUBROSA_PRACTICES of them (5) with SUBROSA_NOTES notes each (1300), SUBROSA_AT_ONCE at a time (3). Nothing is lost,
# both devices say so of each other, no key opens another's bucket, and no two buckets share an object; what a visit asks is counted
# and printed. As root, with garage, apache2, openssl and curl.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
work=$(mktemp -d)
. "$here/stores.lib"
trap 'stop_stores; rm -rf "$work"' EXIT

practices=${SUBROSA_PRACTICES:-5}
notes=${SUBROSA_NOTES:-1300}
at_once=${SUBROSA_AT_ONCE:-3}
[ "$practices" -ge 2 ] || { echo "FAILED: one practice has no others to be kept from" >&2; exit 1; }
command -v curl >/dev/null || { echo "FAILED: there is no curl" >&2; exit 1; }

cargo test --quiet --no-run --locked --manifest-path "$root/Cargo.toml" --workspace
subrosa=${CARGO_TARGET_DIR:-$root/target}/debug/subrosa
printf 'correct horse battery staple\n' >"$work/passphrase"
export SUBROSA_KEYSTORE=none SUBROSA_PASSPHRASE_FILE="$work/passphrase" LC_ALL=C

says() { echo "$(basename "$0" .sh): $1"; }

# What a practice's devices said stands in its own folder.
failed() {
    echo "FAILED: $1" >&2
    practice_of=${1#practice }
    tail -n 20 "$work/${practice_of%%[!0-9]*}"/*.said >&2 2>/dev/null || true
    exit 1
}

# A device, which is named by the number of its practice and a name, as 3/desk; it is on as long as the command runs.
on() {
    device=$1
    shift
    "$subrosa" --vault "$work/$device.vault" "$@" 2>>"$work/$device.said"
}

visit() {
    on "$1" folder sync >/dev/null || failed "practice $1 could not look into its bucket"
}

# Tells each worker its practices; all have to come through.
each_practice() {
    workers=
    first=1
    while [ "$first" -le "$at_once" ]; do
        (
            practice=$first
            while [ "$practice" -le "$practices" ]; do
                "$1" "$practice"
                practice=$((practice + at_once))
            done
        ) &
        workers="$workers $!"
        first=$((first + 1))
    done
    outcome=0
    for worker in $workers; do wait "$worker" || outcome=1; done
    [ "$outcome" = 0 ] || exit 1
}

# A folder to import: one client for 60 notes, a measure for every second note. Each line of a note names its practice and itself.
make_folder() {
    seq -f "$2/notes/C%05.0f" $(((notes + 59) / 60)) | xargs mkdir -p
    awk -v practice="$1" -v notes="$notes" -v folder="$2" 'BEGIN {
        srand(practice)
        parts = split("ba de fi go ku la me ni po ru sa te vi wo yu ä ö å ж ш 明", part, " ")
        for (at = 0; at < 2000; at++) for (left = 2 + int(rand() * 3); left > 0; left--) word[at] = word[at] part[1 + int(rand() * parts)]
        for (at = 0; at < 4000; at++) for (left = 8 + int(rand() * 8); left > 0; left--) sentence[at] = sentence[at] " " word[int(rand() * 2000)]
        clients = folder "/clients.csv"; measures = folder "/measures.csv"
        print "id,name,birth_date,email,phone,language,status,referral" >clients
        print "client_id,date,instrument,items,total" >measures
        for (note = 0; note < notes; note++) {
            client = sprintf("C%05d", 1 + int(note / 60)); at = note % 60
            date = sprintf("%d-%02d-%02d", 2012 + int(at / 12), 1 + at % 12, 1 + note % 28)
            if (at == 0) printf "%s,%s %s,1970-01-01,,,fi,active,\n", client, word[note % 1999], word[note % 1987] >clients
            if (at % 2 == 0) printf "%s,%s,PHQ-9,1 2 0 1 3 0 1 2 1,11\n", client, date >measures
            file = folder "/notes/" client "/" date " SOAP.md"
            printf "---\nclient: %s\ndate: %s\nstart: 10:00\nminutes: 50\nformat: SOAP\nsession: %d\n---\n", client, date, at + 1 >file
            for (line = 1; line <= 4; line++) {
                text = "Practice " practice ", note " note ", line " line ":"
                for (left = 4 + int(rand() * 3); left > 0; left--) text = text sentence[int(rand() * 4000)]
                printf "\n%s\n", text >file
            }
            close(file)
        }
    }'
}

# Every line of the notes in a folder, by a hash, and how many rows its tables have.
content_of() {
    find "$1/notes" -name '*.md' -exec cat {} + | grep '^Practice ' | sort | sha256sum
    grep -c . "$1/clients.csv" "$1/measures.csv" | sed 's|.*/||'
}

key_of() { cat "$work/$1/key"; }

# Asks the store with the key of a practice, and prints the status.
asks() {
    curl -s --cacert "$s3_certificate" --aws-sigv4 "aws:amz:$s3_region:s3" --user "$(key_of "$1"):$(cat "$work/$1/secret")" \
        -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -o "$3" -w '%{http_code}' "$s3_url/$2"
}

# Takes note of what lies in the bucket of a practice: names, and hashes of the content, which stand in the names. No word is legible.
look_at_bucket() {
    [ "$(asks "$1" "practice-$1?list-type=2" "$work/$1/list")" = 200 ] || failed "practice $1 cannot list its bucket"
    grep -q '<IsTruncated>true' "$work/$1/list" && failed "practice $1 has a bucket of several pages"
    sed 's/<Key>/\n&/g' "$work/$1/list" | sed -n 's/^<Key>\([^<]*\)<.*/\1/p' >"$work/$1/now"
    grep -q . "$work/$1/now" || failed "practice $1 has nothing in its bucket"
    while read -r name; do
        [ "$(asks "$1" "practice-$1/$name" "$work/$1/object")" = 200 ] || failed "practice $1 cannot read its bucket"
        hash=$(sha256sum <"$work/$1/object")
        case $name in *"${hash%% *}"*) ;; *) failed "practice $1 has an object under another name: $name" ;; esac
        grep -aq 'Practice\|Written by\|Laptop' "$work/$1/object" && failed "practice $1 has a word in its bucket"
        echo "${name%%-*} ${hash%% *}" >>"$work/$1/objects"
    done <"$work/$1/now"
    sort -u -o "$work/$1/objects" "$work/$1/objects"
}

# uses DEVICE PRACTICE: a device uses the bucket of a practice, with the key of its own.
uses() {
    on "$1" folder s3 "$s3_url" --bucket "practice-$2" --region "$s3_region" --key-id "$(key_of "${1%/*}")" \
        --secret-file "$work/${1%/*}/secret" --certificate "$s3_certificate" >/dev/null || failed "practice $1 could not name a bucket"
}

writes() {
    echo "$1" >>"$work/${1%/*}/written"
    echo "Written by $1, number $(grep -c . "$work/${1%/*}/written")." | on "$1" add-note C00001 >/dev/null ||
        failed "practice $1 could not write"
}

# say_everything PRACTICE DEVICE…: these say of the other device that it has everything.
say_everything() {
    of=$1
    shift
    for said_by in "$@"; do
        on "$of/$said_by" devices | grep -q 'has everything' ||
            failed "practice $of: its $said_by does not say that the other has everything"
    done
}

makes() {
    make_folder "$1" "$work/$1/folder"
    content_of "$work/$1/folder" >"$work/$1/content"
    on "$1/desk" init --recovery-kit "$work/$1/kit.txt" --device-name Desk >/dev/null || failed "practice $1 could not be made"
    on "$1/desk" import "$work/$1/folder" >/dev/null || failed "practice $1 could not import"
    rm -rf "$work/$1/folder"
    on "$1/laptop" devices request "$work/$1/request" --words "$work/$1/words" --device-name Laptop >/dev/null ||
        failed "practice $1: asking to join"
    on "$1/desk" devices admit "$work/$1/request" --answer "$work/$1/answer" --words "$work/$1/words" --yes >/dev/null ||
        failed "practice $1: letting it in"
    on "$1/laptop" devices finish "$work/$1/answer" --words "$work/$1/words" >/dev/null || failed "practice $1: joining"
    uses "$1/desk" "$1"
    uses "$1/laptop" "$1"
}

# What a bucket was asked by its own devices: the one of another that is refused may come at any time.
requests_of() {
    awk -v bucket="/practice-$1" '$2 != 403 && ($5 == bucket || index($5, bucket "/") == 1 || index($5, bucket "?") == 1)' "$s3_log"
}

# counted WHAT DEVICE: a visit, and what it asked: lists, gets, puts, deletes, others, bytes up and down, with TLS.
counted() {
    sleep 0.2
    before=$(requests_of "${2%/*}" | wc -l)
    visit "$2"
    sleep 0.3
    requests_of "${2%/*}" | tail -n +$((before + 1)) | awk -v what="$1" -v bucket="practice-${2%/*}" '
        { kind = $1; if (kind == "GET" && $5 !~ "^/" bucket "/[^?]") kind = "LIST"; count[kind]++; up += $3; down += $4 }
        END {
            other = NR - count["LIST"] - count["GET"] - count["PUT"] - count["DELETE"]
            print what, count["LIST"] + 0, count["GET"] + 0, count["PUT"] + 0, count["DELETE"] + 0, other, up, down
        }' >>"$work/${2%/*}/counts"
}

# A device that is told the bucket of another practice, and has the key of its own.
is_refused() {
    uses "$1/desk" $(($1 % practices + 1))
    on "$1/desk" folder sync >/dev/null && failed "practice $1 was let into another bucket"
    tail -n 1 "$work/$1/desk.said" | grep -q 'does not let this device in' || failed "practice $1 does not say that it was refused"
    uses "$1/desk" "$1"
}

exchanges() {
    counted all-put "$1/desk"
    look_at_bucket "$1"
    counted all-taken "$1/laptop"
    is_refused "$1"
    writes "$1/desk"
    writes "$1/laptop"
    visit "$1/desk"
    visit "$1/laptop"
    look_at_bucket "$1"
    for turn in desk laptop desk; do visit "$1/$turn"; done
    say_everything "$1" desk
}

compares() {
    # A program that has just been started reads what the other device states; beyond that, nothing new is one list.
    counted idle "$1/desk"
    counted idle "$1/laptop"
    awk '$1 == "idle" && ($2 != 1 || $3 > 1 || $4 + $5 + $6 > 0) { exit 1 }' "$work/$1/counts" ||
        failed "practice $1: nothing was new, and more was asked than one list and one statement: $(grep idle "$work/$1/counts")"
    writes "$1/desk"
    counted put "$1/desk"
    on "$1/desk" devices | grep -q 'has everything' && failed "practice $1: what nobody has taken is said to be everywhere"
    counted taken "$1/laptop"
    counted cleared "$1/desk"
    say_everything "$1" desk laptop
    written=$(grep -c . "$work/$1/written")
    for which in desk laptop; do
        on "$1/$which" --json notes >"$work/$1/$which.notes"
        [ "$(grep -c '"id":' "$work/$1/$which.notes")" = $((notes + written)) ] ||
            failed "practice $1: its $which lists $(grep -c '"id":' "$work/$1/$which.notes") notes and not $((notes + written))"
        on "$1/$which" export "$work/$1/$which" >/dev/null || failed "practice $1: its $which could not export"
        content_of "$work/$1/$which" | cmp -s - "$work/$1/content" || failed "practice $1: its $which holds something else than was imported"
        [ "$(find "$work/$1/$which/notes" -name '*.md' -exec cat {} + | grep '^Written by' | sort -u | grep -c .)" = "$written" ] ||
            failed "practice $1: its $which lacks a note that was written"
    done
    cmp "$work/$1/desk.notes" "$work/$1/laptop.notes" || failed "practice $1: its devices list different notes"
    diff -r "$work/$1/desk" "$work/$1/laptop" >"$work/$1/diff.said" || failed "practice $1: its devices hold different things"
    find "$work/$1/desk" -name '*.md' -exec cat {} + | grep -o '^Practice [0-9]*\|^Written by [0-9]*' | grep -qv " $1\$" &&
        failed "practice $1 holds a note of another"
    rm -rf "$work/$1/desk" "$work/$1/laptop"
    look_at_bucket "$1"
}

# The key of a practice opens its own bucket, and lists and reads nothing of the next one's.
is_kept_out() {
    other=$(($1 % practices + 1))
    for path in "practice-$1?list-type=2" "practice-$1/$(head -n 1 "$work/$1/now")"; do
        [ "$(asks "$1" "$path" /dev/null)" = 200 ] || failed "practice $1 is refused by its own bucket: $path"
    done
    for path in "practice-$other?list-type=2" "practice-$other/$(head -n 1 "$work/$other/now")"; do
        [ "$(asks "$1" "$path" /dev/null)" = 403 ] || failed "practice $1 is let in to what is another's: $path"
    done
}

start_s3 "$work/s3" 18600
s3_log=$work/s3/requests.log
printf 'LogFormat "%%m %%>s %%I %%O %%U%%q" counted\nCustomLog %s counted\n' "$s3_log" >>"$work/s3/apache.conf"
end_apache "$work/s3"
start_apache "$work/s3" 18600
# A bucket, and a key that opens it alone.
make_bucket() {
    garage_of 1 bucket create "practice-$1" && garage_of 1 key create "practice-$1" &&
        garage_of 1 bucket allow --read --write "practice-$1" --key "practice-$1"
}
practice=0
while [ "$practice" -lt "$practices" ]; do
    practice=$((practice + 1))
    mkdir "$work/$practice"
    make_bucket "$practice" >"$work/$practice/key.txt" 2>>"$work/s3/1.log" || store_failed 'Garage makes no bucket' "$work/s3/1.log"
    sed -n 's/^Key ID: *//p' "$work/$practice/key.txt" | head -n 1 >"$work/$practice/key"
    sed -n 's/^Secret key: *//p' "$work/$practice/key.txt" | head -n 1 >"$work/$practice/secret"
done

took() { echo "$(($(date +%s) - begun)) s"; }
begun=$(date +%s)
each_practice makes
says "$practices practices of $notes notes, two devices and a bucket each: made in $(took)"
begun=$(date +%s)
each_practice exchanges
says "exchanged, and what was written on each side, in $(took)"
begun=$(date +%s)
each_practice compares
says "both devices of each hold all that was imported and written, and say so of each other: compared in $(took)"
begun=$(date +%s)
each_practice is_kept_out
for of in "$work"/[0-9]*/objects; do cut -d ' ' -f 1 "$of" | sort -u; done | sort | uniq -d | grep -q . && failed 'two buckets share a writer'
for of in "$work"/[0-9]*/objects; do cut -d ' ' -f 2 "$of" | sort -u; done | sort | uniq -d | grep -q . && failed 'two buckets share an object'
says "no key opens another's bucket, and of $(cat "$work"/[0-9]*/objects | wc -l) objects none lay in two: in $(took)"

# The most of any practice.
most() {
    cat "$work"/[0-9]*/counts | awk -v what="$1" '
        $1 == what { for (at = 2; at <= NF; at++) if ($at > most[at]) most[at] = $at }
        END {
            split("list get put delete other", name, " ")
            for (at = 1; at <= 5; at++) if (most[at + 1]) printf "%d %s, ", most[at + 1], name[at]
            printf "%d bytes up, %d down", most[7], most[8]
        }'
}
says "all $notes notes are put in by a visit with $(most all-put); taken by one with $(most all-taken)"
says "a visit asks with nothing new: $(most idle); when it puts in a note: $(most put); takes it: $(most taken); clears it away: $(most cleared)"
