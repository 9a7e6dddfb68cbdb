#!/bin/sh
# Does what docs/signatures.md says, with sha256sum and openssl alone, on what the program exports: a signed note, its
# addendum, and a note entered in error. A changed byte, another note's signature and another key must be refused.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo test --quiet --no-run --locked --manifest-path "$root/Cargo.toml" --workspace
target=${CARGO_TARGET_DIR:-$root/target}
printf 'correct horse battery staple\n' >"$work/passphrase"
export SUBROSA_KEYSTORE=none
export SUBROSA_PASSPHRASE_FILE="$work/passphrase"
subrosa() { "$target/debug/subrosa" --vault "$work/practice.vault" "$@"; }
fails() { if "$@" >/dev/null 2>&1; then echo "FAILED: this should have been refused: $*" >&2; exit 1; fi; }

subrosa init --recovery-kit "$work/kit.txt" >/dev/null </dev/null
client=$(subrosa add-client 'Aino Test')
note=$(printf 'Slept four nights. R\303\270r \360\237\230\200.\n' | subrosa add-note "$client" --format DAP)
subrosa sign "$note" >/dev/null 2>&1
printf 'More of it.\n' | subrosa addendum "$note" >/dev/null
printf 'Of another client.\n' | subrosa addendum "$note" --entered-in-error >/dev/null
printed=$(subrosa show "$note" | sed -n 's/^SHA-256 //p' | head -n 1)
subrosa export "$work/export" >/dev/null 2>&1
cd "$work/export"

# docs/signatures.md, step 1
text_is() { [ "$(sha256sum "$1" | cut -c 1-64)" = "$2" ]; }
# step 2
signed_by() {
    { printf '\017\000\000\000subrosa/v1/note'; cat "$1"; } >"$work/message"
    openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$work/message" -sigfile "$3" >/dev/null 2>&1
}
# step 3
key_is_of() {
    id=$({ printf '\021\000\000\000subrosa/v1/device\040\000\000\000'; openssl pkey -pubin -in "$1" -outform DER | tail -c 32; } |
        sha256sum | cut -c 1-32)
    [ "$id" = "$2" ]
}

[ "$(ls signed/*.json | wc -l)" -eq 3 ] || { echo "FAILED: three signed texts were expected" >&2; exit 1; }
[ -f "signed/$printed.json" ] || { echo "FAILED: the printed hash is no file" >&2; exit 1; }
for file in signed/*.json; do
    hash=$(basename "$file" .json)
    device=$(sed 's/.*"device":"\([0-9a-f]*\)".*/\1/' "$file")
    text_is "$file" "$hash"
    signed_by "$file" "signed/$device.pem" "signed/$hash.sig"
    key_is_of "signed/$device.pem" "$device"
done
[ "$(grep -l "\"adds_to\":\"$printed\"" signed/*.json | wc -l)" -eq 2 ]
[ "$(grep -l '"entered_in_error":true' signed/*.json | wc -l)" -eq 1 ]
grep -q "$printed" records/*/record.md
grep -q '"entered_in_error": true' records/*/record.json
echo "ok: three signed texts have the hashes that are printed, and the signatures of their device"

sed 's/four/five/' "signed/$printed.json" >"$work/changed.json"
fails text_is "$work/changed.json" "$printed"
fails signed_by "$work/changed.json" "signed/$device.pem" "signed/$printed.sig"
other=$(ls signed/*.sig | grep -v "$printed" | head -n 1)
fails signed_by "signed/$printed.json" "signed/$device.pem" "$other"
openssl genpkey -algorithm ed25519 -out "$work/key" && openssl pkey -in "$work/key" -pubout -out "$work/key.pem"
fails signed_by "signed/$printed.json" "$work/key.pem" "signed/$printed.sig"
fails key_is_of "$work/key.pem" "$device"
echo "ok: a changed byte, another signature and another key are refused"
