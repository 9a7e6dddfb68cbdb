#!/bin/sh
# The sync folder behind WebDAV: Apache, with TLS and a password. Whole objects, lists of thousands, what else lies there, a server
# that is killed in the middle, one that is full; a disk that is full, and one that is read-only. As root, with apache2, apache2-utils and openssl.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
. "$here/stores.lib"
trap 'stop_stores; umount "$work/webdav/files/small" 2>/dev/null || true; rm -rf "$work"' EXIT

find_store_tests "$here/../.."

start_webdav "$work/webdav" 18443
export SUBROSA_STORE_KIND=webdav SUBROSA_STORE_URL="$webdav_url" SUBROSA_STORE_USER="$webdav_user" \
    SUBROSA_STORE_PASSWORD="$webdav_password" SUBROSA_STORE_CERTIFICATE="$webdav_certificate"

store_asks what_was_put_is_listed_read_and_removed
store_asks what_is_wrong_is_told
store_asks six_hundred_objects_and_a_list_of_several_pages

ours=0000000000000002-0000000000000000000000000000000000000000000000000000000000000002
mkdir -p "$webdav_files/foreign/a folder" "$webdav_files/foreign/ümläut" "$webdav_files/foreign/$ours.sealed"
for name in 'a photo & more.jpg' .DS_Store 'x#1' a%20b "$(printf '\377\376')" "$ours (conflicted copy).sealed"; do
    echo theirs >"$webdav_files/foreign/$name"
done
chown -R www-data "$webdav_files/foreign"
store_asks what_else_lies_there_is_left_out

store_dies failures 'end_apache "$work/webdav"' 'start_apache "$work/webdav" 18443' 'the server killed'

mkdir "$webdav_files/small"
mount -t tmpfs -o size=1m none "$webdav_files/small"
chown www-data "$webdav_files/small"
SUBROSA_STORE_EXPECT=full store_asks a_place_that_takes_nothing_says_why full
# The same disk without a server before it; of one that is read-only Apache says no more than that it has failed.
export SUBROSA_STORE_KIND=directory SUBROSA_STORE_URL="$webdav_files"
SUBROSA_STORE_EXPECT=full store_asks a_place_that_takes_nothing_says_why 'a full disk'
mount -o remount,ro "$webdav_files/small"
SUBROSA_STORE_EXPECT='read only' store_asks a_place_that_takes_nothing_says_why 'a read-only disk'
