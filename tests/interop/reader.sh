#!/bin/sh
# Holds the reader in docs/reader, which knows the documents alone, against the program: it checks every vector, opens a
# vault that the program has just written with the passphrase and with the kit, and must find what the program exports.
# A wrong passphrase, another kit, a changed byte and an older copy must be refused. Needs cargo, python 3.11 and a registry.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$here/python.lib"

lines=$(cat "$root"/docs/reader/*.py | wc -l)
[ "$lines" -le 900 ] || { echo "FAILED: the reader has $lines lines" >&2; exit 1; }
"$python" "$root/docs/reader/vectors.py" "$root/core/vectors/made.json"

cargo test --quiet --no-run --locked --manifest-path "$root/Cargo.toml" --workspace
target=${CARGO_TARGET_DIR:-$root/target}
printf 'correct horse battery staple\n' >"$work/passphrase"
printf 'correct horse battery stapel\n' >"$work/wrong"
export SUBROSA_KEYSTORE=none
export SUBROSA_PASSPHRASE_FILE="$work/passphrase"
subrosa() { "$target/debug/subrosa" --vault "$work/practice.vault" "$@"; }
note() { subrosa notes --json | "$python" -c 'import json, sys; print(next(n["id"] for n in json.load(sys.stdin) if n["format"] == sys.argv[1]))' "$1"; }

subrosa init --recovery-kit "$work/kit.txt" >/dev/null </dev/null
subrosa import --with-process-notes "$root/core/fixtures/paper" >/dev/null
soap=$(note SOAP)
# An imported note that is edited: a draft with insertions, deletions, and characters beyond the first plane.
printf '## Subjective\n\nSlept better.\n' | subrosa edit "$soap" >/dev/null
printf '## Subjective\n\nSlept much better, "r\303\270r" \360\237\230\200.\n\nAnd dreams.\n' | subrosa edit "$soap" >/dev/null
printf 'A new draft.\n' | subrosa add-note K1 --format DAP >/dev/null
printf 'To be signed.\n' | subrosa add-note K2 --format BIRP >/dev/null
subrosa sign "$(note BIRP)" >/dev/null
printf 'More of it.\n' | subrosa addendum "$(note BIRP)" >/dev/null
printf 'My own thoughts.\n' | subrosa add-note K2 --process >/dev/null
printf 'Not to be kept.\n' | subrosa add-note K3 --format Gone >/dev/null
cp "$work/practice.vault" "$work/older.vault"
subrosa delete "$(note Gone)" >/dev/null
subrosa export --with-process-notes "$work/export" >/dev/null
cp "$work/practice.vault.anchor" "$work/older.vault.anchor"

"$python" "$here/reader.py" "$root/docs/reader" "$work"

# A practice from which a device was removed: read with what the others wrote since, without what that device wrote past its cut.
back() { "$target/debug/subrosa" --vault "$work/back.vault" "$@"; }
kept() { subrosa backup "$work/$1.age" >/dev/null && subrosa restore "$work/$1.age" --kit "$work/kit.txt" --into "$work/back.vault" >/dev/null; }
kept before
lost=$(back devices --json | "$python" -c 'import json, sys; print(next(d["id"] for d in json.load(sys.stdin) if not d["here"]))')
back devices remove "$lost" --yes >/dev/null
printf 'After the removal.\n' | back add-note K1 >/dev/null
printf 'Past its cut.\n' | subrosa add-note K1 >/dev/null
kept after
said=$("$python" "$root/docs/reader/read.py" --passphrase-file "$work/passphrase" "$work/back.vault")
case $said in *'Past its cut.'*) echo "FAILED: the reader shows what is held" >&2; exit 1 ;; esac
case $said in *'After the removal.'*) ;; *) echo "FAILED: the reader does not follow a removal" >&2; exit 1 ;; esac
# A new recovery kit: it opens the practice, and the one before does not.
back new-kit --save "$work/new-kit.txt" >/dev/null
said=$("$python" "$root/docs/reader/read.py" --kit "$work/new-kit.txt" "$work/back.vault")
case $said in *'After the removal.'*) ;; *) echo "FAILED: the reader does not open with a new kit" >&2; exit 1 ;; esac
! "$python" "$root/docs/reader/read.py" --kit "$work/kit.txt" "$work/back.vault" >/dev/null 2>&1 || { echo "FAILED: the old kit opens" >&2; exit 1; }
