#!/bin/sh
# A practice on a disk that is full, and on one that is read-only: it is read, searched, exported and backed up elsewhere, what
# cannot be saved is refused in words, and writing goes on as soon as there is room. Mounts a small disk in memory, in a name space
# of its own: as root, or where the system lets a person have one.
set -eu

[ "${SUBROSA_OWN_MOUNTS:-}" ] || {
    [ "$(id -u)" = 0 ] && own='unshare --mount' || own='unshare --user --map-root-user --mount'
    $own sh -c 'tried=$(mktemp -d) && mount -t tmpfs none "$tried" && umount "$tried" && rmdir "$tried"' 2>/dev/null || {
        echo "disk: not checked, this system lets nobody mount a disk in memory"
        exit 0
    }
    exec env SUBROSA_OWN_MOUNTS=1 $own sh "$0"
}

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
root=$here/../..
work=$(mktemp -d)
disk=$work/disk
trap 'umount "$disk" 2>/dev/null; rm -rf "$work"' EXIT

cargo test --quiet --no-run --locked --manifest-path "$root/Cargo.toml" --workspace
target=${CARGO_TARGET_DIR:-$root/target}
printf 'correct horse battery staple\n' >"$work/passphrase"
export SUBROSA_KEYSTORE=none
export SUBROSA_PASSPHRASE_FILE="$work/passphrase"
subrosa() { "$target/debug/subrosa" --vault "$disk/practice.vault" "$@" 2>"$work/said"; }
failed() { echo "FAILED: $1" >&2; cat "$work/said" >&2; exit 1; }
says() { grep -q "$1" "$work/said" || failed "it does not say: $1"; }

# What needs no room on the practice's disk.
reads() {
    for asked in clients notes 'show '"$note" 'search nights' 'trash' 'devices' files; do
        subrosa $asked >"$work/answer" || failed "$asked, on a disk that is $1"
    done
    subrosa search nights | grep -q 'Slept four nights' || failed "a search, on a disk that is $1"
    subrosa export "$work/export-$1" >/dev/null || failed "an export, from a disk that is $1"
    grep -q 'Slept four nights' -r "$work/export-$1/notes" || failed "the note in an export, from a disk that is $1"
    subrosa backup "$work/$1.age" >/dev/null || failed "a backup, from a disk that is $1"
    "$target/debug/subrosa" --vault "$work/$1.vault" restore "$work/$1.age" --kit "$work/kit.txt" >/dev/null ||
        failed "a backup that was made from a disk that is $1, restored"
}

mkdir "$disk"
mount -t tmpfs -o size=4m none "$disk"
subrosa init --recovery-kit "$work/kit.txt" >/dev/null </dev/null || failed "a new practice"
client=$(subrosa add-client 'Aino Test' --code K1)
note=$(printf 'Slept four nights.\n' | subrosa add-note "$client" --format DAP)

# Full to the last byte.
dd if=/dev/zero of="$disk/filling" bs=4096 2>/dev/null || true
written=0
while head -c 100000 /dev/urandom | base64 | subrosa add-note "$client" >/dev/null; do
    written=$((written + 1))
    [ "$written" -lt 60 ] || failed "a disk that is full took 60 notes"
done
says 'The disk is full'
says 'not saved'
reads full
[ "$(subrosa notes | grep -c DAP)" = 1 ] || failed "the list on a full disk"
rm "$disk/filling"
printf 'Now there is room.\n' | subrosa add-note "$client" >/dev/null || failed "writing, when there is room"
subrosa verify >/dev/null || failed "the check, when there was room again"

# Read-only.
mount -o remount,ro "$disk"
subrosa clients >/dev/null
says 'read-only'
reads read-only
printf 'Nowhere to go.\n' | subrosa add-note "$client" >/dev/null && failed "a note on a read-only disk"
says 'read-only'
mount -o remount,rw "$disk"
printf 'Now it goes.\n' | subrosa add-note "$client" >/dev/null || failed "writing, when the disk takes it"
echo "a disk that is full, and one that is read-only: read, exported, backed up; written on when there was room"
