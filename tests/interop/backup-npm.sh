#!/bin/sh
# Opens a backup with npm's age-encryption and the printed recovery kit, with nothing of ours: finds each client as text and
# no private note. Needs cargo, node 20 or newer, npm, a registry, tar, gzip and python3; exits non-zero at the first thing that fails.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$here/age-npm.mjs" "$work/"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund --silent

cargo test --quiet --no-run --manifest-path "$root/Cargo.toml" --workspace
target=$(cargo metadata --format-version 1 --no-deps --manifest-path "$root/Cargo.toml" |
    node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(0, "utf8")).target_directory)')
printf 'lantern gravel oboe thicket\n' >passphrase
export SUBROSA_KEYSTORE=none
subrosa() { "$target/debug/subrosa" --vault practice.subrosa --passphrase-file passphrase "$@"; }
fails() { if "$@" >/dev/null 2>&1; then echo "FAILED: this should have been refused: $*" >&2; exit 1; fi; }

subrosa init --recovery-kit kit-page.txt --device-name Desk >/dev/null </dev/null
subrosa add-client 'Aino Mäkinen' --code C1 >/dev/null
printf 'She slept through four nights.\n' | subrosa add-note C1 --date 2026-11-20 >/dev/null
printf 'Countertransference, kept apart.\n' | subrosa add-note C1 --date 2026-11-20 --process >/dev/null
subrosa backup backup.age 2>/dev/null
rm practice.subrosa practice.subrosa.anchor

# From here on: the page, the backup, npm and tar.
grep -o 'AGE-SECRET-KEY-PQ-1[0-9A-Z]*' kit-page.txt >identity.txt
node age-npm.mjs open identity.txt backup.age practice.tar.gz
mkdir unpacked
tar --extract --gzip --file practice.tar.gz --directory unpacked 2>said
[ ! -s said ] || { echo "FAILED: tar complains" >&2; cat said >&2; exit 1; }
gzip --decompress --stdout practice.tar.gz >practice.tar
grep -q 'She slept through four nights.' unpacked/clients/C1/record.md
grep -q 'Aino Mäkinen' unpacked/clients/C1/record.md
node -e '
const { readFileSync } = require("fs");
const { createHash } = require("crypto");
const manifest = JSON.parse(readFileSync("unpacked/manifest.json", "utf8"));
const packed = require("zlib").gunzipSync(readFileSync("practice.tar.gz"));
const at = packed.indexOf("manifest.json\0");
const before = createHash("sha256").update(packed.subarray(0, at)).digest("hex");
if (!packed.equals(readFileSync("practice.tar")) || manifest.format !== 2 || manifest.before !== before) process.exit(1);
'
python3 - <<'EOS'
import tarfile
with tarfile.open("practice.tar.gz", "r:gz") as packed:
    assert [name for name in packed.getnames() if name.startswith("clients/")] == ["clients/C1/record.md"]
EOS
echo "ok: the kit and npm open a backup; the client is there as text, and the manifest names what is before it"

if grep -rqi 'countertransference' unpacked practice.tar; then
    echo "FAILED: a private note stands in the backup as text" >&2
    exit 1
fi
echo "ok: no word of a private note is in it"

node age-npm.mjs identity other.txt
fails node age-npm.mjs open other.txt backup.age other.tar
head -c 20000 backup.age >cut.age
fails node age-npm.mjs open identity.txt cut.age cut.tar
echo "ok: another kit and a cut file are refused"

# The same page brings the practice back, private notes and all.
"$target/debug/subrosa" --passphrase-file passphrase restore backup.age --kit kit-page.txt --into again/practice.subrosa >/dev/null
subrosa_again() { "$target/debug/subrosa" --vault again/practice.subrosa --passphrase-file passphrase "$@"; }
subrosa_again notes --client C1 | grep -q 'She slept'
note=$(subrosa_again --json notes --client C1 --process | node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(0, "utf8"))[0].id)')
subrosa_again show "$note" | grep -q 'Countertransference'
subrosa_again verify >/dev/null
echo "ok: the practice is back from the backup and the page"
