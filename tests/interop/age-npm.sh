#!/bin/sh
# Holds our age files against npm's age-encryption: each opens what the other wrote, and refuses what was edited or is
# for somebody else. Needs cargo, node 20 or newer, npm and a registry; exits non-zero at the first thing that fails.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$here/age-npm.mjs" "$work/"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund --silent

cargo test --quiet --no-run --manifest-path "$here/../../Cargo.toml" --workspace
target=$(cargo metadata --format-version 1 --no-deps --manifest-path "$here/../../Cargo.toml" |
    node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(0, "utf8")).target_directory)')
ours() { "$target/debug/examples/age-file" "$@"; }
theirs() { node age-npm.mjs "$@"; }
fails() { if "$@" 2>/dev/null; then echo "FAILED: this should have been refused: $*" >&2; exit 1; fi; }

theirs identity identity.txt
theirs identity other.txt
theirs recipient identity.txt >by-them.txt
ours recipient identity.txt >by-us.txt
cmp by-them.txt by-us.txt
echo "ok: both derive the same recipient"

: >empty
printf 'Sub rosa: said in confidence.\n' >sentence
head -c 65536 /dev/urandom >chunk
head -c 300001 /dev/urandom >chunks
for plain in empty sentence chunk chunks; do
    ours seal by-us.txt "$plain" ours.age
    theirs open identity.txt ours.age opened
    cmp "$plain" opened
    theirs seal by-us.txt "$plain" theirs.age
    ours open identity.txt theirs.age opened
    cmp "$plain" opened
    echo "ok: $plain, in both directions"
done

for file in ours.age theirs.age; do
    fails ours open other.txt "$file" opened
    fails theirs open other.txt "$file" opened
    head -c 200000 "$file" >cut.age
    fails ours open identity.txt cut.age opened
    fails theirs open identity.txt cut.age opened
    node -e 'const fs = require("fs"); const b = fs.readFileSync(process.argv[1]); b[b.length - 1] ^= 1; fs.writeFileSync("edited.age", b)' "$file"
    fails ours open identity.txt edited.age opened
    fails theirs open identity.txt edited.age opened
done
echo "ok: both refuse another identity, a cut file and an edited one"
