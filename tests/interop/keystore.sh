#!/bin/sh
# Puts an older copy of a practice back together with the file beside it, on a desktop with GNOME's keyring: the program must say so
# by the keyring alone, go on, and say it once; without the keyring, and with a locked one, it must say nothing and lose nothing. The
# session, its bus and its keyring are made for this and gone afterwards. Needs cargo; without gnome-keyring and dbus it does nothing.
set -eu

if [ -z "${SUBROSA_OWN_SESSION:-}" ]; then
    for needed in dbus-run-session gnome-keyring-daemon gdbus; do
        command -v "$needed" >/dev/null || { echo "keystore: not checked, this machine has no $needed"; exit 0; }
    done
    root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
    cargo test --quiet --no-run --locked --manifest-path "$root/Cargo.toml" --workspace
    SUBROSA_OWN_SESSION=$(mktemp -d)
    trap 'rm -rf "$SUBROSA_OWN_SESSION"' EXIT
    mkdir -m 700 "$SUBROSA_OWN_SESSION/run"
    program=${CARGO_TARGET_DIR:-$root/target}/debug/subrosa
    export SUBROSA_OWN_SESSION program HOME="$SUBROSA_OWN_SESSION" XDG_RUNTIME_DIR="$SUBROSA_OWN_SESSION/run"
    unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_CACHE_HOME SUBROSA_KEYSTORE
    dbus-run-session -- "$0"
    exit
fi

cd "$SUBROSA_OWN_SESSION"
printf 'lantern gravel oboe thicket\n' >passphrase
subrosa() { "$program" --vault practice/practice.subrosa --passphrase-file passphrase "$@" 2>said; }
old='This is not the copy of the practice that was open here last'
notices() { grep -q "$old" said || { echo "FAILED: it does not notice $1" >&2; cat said >&2; exit 1; }; }
is_silent() { if grep -q "Notice" said; then echo "FAILED: it accuses $1" >&2; cat said >&2; exit 1; fi; }
secrets() { gdbus call --session --dest org.freedesktop.secrets --object-path /org/freedesktop/secrets --method "org.freedesktop.Secret.$@"; }
put_back() { rm -r practice && cp -r "$1" practice; }
notes() { subrosa notes --client C1 --json | grep -c '"id"'; }

printf 'a keyring of its own' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
mkdir practice
subrosa init --recovery-kit kit.txt >/dev/null </dev/null
subrosa add-client 'Aino Test' --code C1 >/dev/null
cp -r practice older
printf 'Written after the copy was made.\n' | subrosa add-note C1 >/dev/null
is_silent "a practice that nothing was done to"
secrets Service.SearchItems "{'application': 'subrosa'}" | grep -q login || { echo "FAILED: nothing is in the keyring" >&2; exit 1; }
cp -r practice newer

put_back older
SUBROSA_KEYSTORE=none subrosa clients >/dev/null
is_silent "what nothing here can know of without a keyring"
put_back older
subrosa clients >/dev/null
notices "the older copy with its anchor"
printf 'Written on the copy.\n' | subrosa add-note C1 >/dev/null
is_silent "the same practice again"
put_back newer
subrosa clients >/dev/null
notices "that what was written on the copy is gone"
echo "ok: an older copy put back together with its anchor is noticed by the keyring, and told once"

put_back older
secrets Service.Lock "['/org/freedesktop/secrets/aliases/default']" >/dev/null
printf 'While the keyring was locked.\n' | timeout 60 "$program" --vault practice/practice.subrosa --passphrase-file passphrase add-note C1 >/dev/null 2>said
is_silent "what a locked keyring cannot tell"
[ "$(notes)" = 1 ] || { echo "FAILED: a locked keyring cost a note" >&2; exit 1; }
subrosa verify >/dev/null
echo "ok: a locked keyring asks nobody, says nothing and costs nothing"
