#!/bin/sh
# Real devices that are never on together: the second one joins by two files and words, and both exchange notes and a file through
# a folder, a WebDAV share (Apache) and a bucket (three nodes of Garage, one of which is killed in the middle), are killed and halted
# at every stage, and are equal afterwards, as they say themselves. As root, with apache2, apache2-utils and openssl.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
work=$(mktemp -d)
. "$here/stores.lib"
trap 'stop_stores; rm -rf "$work"' EXIT

cargo test --quiet --no-run --locked --manifest-path "$root/Cargo.toml" --workspace
subrosa=${CARGO_TARGET_DIR:-$root/target}/debug/subrosa
printf 'correct horse battery staple\n' >"$work/passphrase"
export SUBROSA_KEYSTORE=none SUBROSA_PASSPHRASE_FILE="$work/passphrase"

failed() {
    echo "FAILED: $1" >&2
    tail -n 20 "$work"/*.said >&2 || true
    exit 1
}

# A device of this name, which is on as long as the command runs.
on() {
    device=$1
    shift
    "$subrosa" --vault "$work/$device.vault" "$@" 2>>"$work/$device.said"
}

visit() {
    on "$1" folder sync >/dev/null || failed "$1 could not look into the folder"
}

# What a device holds: every note with its text, and its files.
holds() {
    on "$1" --json notes
    on "$1" --json search Session
    on "$1" --json files
}

# Both hold the same, and say so of each other.
equal() {
    for device in desk laptop desk laptop desk; do visit "$device"; done
    holds desk >"$work/desk.holds"
    holds laptop >"$work/laptop.holds"
    cmp "$work/desk.holds" "$work/laptop.holds" || failed "$1: the devices hold different notes"
    grep -q "Session number $written" "$work/laptop.holds" || failed "$1: the last note has not come"
    for device in desk laptop; do
        on "$device" devices | grep -q 'has everything' || failed "$1: $device does not say that the other has everything"
    done
    echo "$(basename "$0" .sh): $1"
}

written=0
writes() {
    written=$((written + 1))
    printf 'Session number %s.\n' "$written" | on "$1" add-note "$client" >/dev/null || failed "$1 could not write"
}

# Runs the visit of a device and sends it a signal after some moments: whatever it was about, the next visit goes on.
signalled() {
    "$subrosa" --vault "$work/$2.vault" folder sync >/dev/null 2>>"$work/$2.said" &
    visiting=$!
    sleep "$3"
    kill -"$1" "$visiting" 2>/dev/null || true
    if [ "$1" = STOP ]; then
        sleep 1
        kill -CONT "$visiting" 2>/dev/null || true
    fi
    wait "$visiting" 2>/dev/null || true
}

on desk init --recovery-kit "$work/kit.txt" --device-name Desk >/dev/null
client=$(on desk add-client 'Aino Test' --code K1)
on laptop devices request "$work/request" --words "$work/words" --device-name Laptop >/dev/null || failed 'asking to join'
on desk devices admit "$work/request" --answer "$work/answer" --words "$work/words" --yes >/dev/null || failed 'letting it in'
on laptop devices finish "$work/answer" --words "$work/words" >/dev/null || failed 'joining'
grep -aq 'Laptop\|Desk' "$work/request" "$work/answer" && failed 'a name stands in a file that is carried'
echo "$(basename "$0" .sh): a device joined by two files and words"

mkdir "$work/cloud"
for device in desk laptop; do
    on "$device" folder use "$work/cloud" >/dev/null
done
writes desk
head -c 3000000 /dev/urandom >"$work/scan.pdf"
on desk attach "$client" "$work/scan.pdf" >/dev/null
visit desk
visit laptop
writes laptop
equal 'through a folder'
grep -arq 'Session\|Aino\|scan' "$work/cloud" && failed 'a word lies in the folder'
for device in desk laptop; do
    for signal in KILL STOP; do
        for after in 0.1 0.3 0.5 0.7 0.9; do
            writes "$device"
            signalled "$signal" "$device" "$after"
        done
    done
done
equal 'killed and halted at every stage'
rm -f "$work/cloud"/*
writes desk
equal 'a folder that was emptied'

start_webdav "$work/webdav" 18443
printf '%s\n' "$webdav_password" >"$work/webdav.password"
for device in desk laptop; do
    on "$device" folder off >/dev/null
    on "$device" folder webdav "$webdav_url/praxis" --user "$webdav_user" --password-file "$work/webdav.password" \
        --certificate "$webdav_certificate" >/dev/null || failed 'naming a share'
done
writes desk
visit desk
visit laptop
writes laptop
equal 'through WebDAV'
end_apache "$work/webdav"
writes desk
on desk folder sync >/dev/null && failed 'a server that is not there was not noticed'
start_apache "$work/webdav" 18443
equal 'a WebDAV server that was away'
stop_stores

start_s3 "$work/s3" 18453
printf '%s\n' "$s3_secret" >"$work/s3.secret"
for device in desk laptop; do
    on "$device" folder s3 "$s3_url" --bucket "$s3_bucket" --region "$s3_region" --key-id "$s3_key_id" \
        --secret-file "$work/s3.secret" --certificate "$s3_certificate" >/dev/null || failed 'naming a bucket'
done
writes desk
visit desk
end_node 2
visit laptop
writes laptop
equal 'through S3, one of three nodes killed in the middle'
