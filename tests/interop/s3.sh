#!/bin/sh
# The sync folder in S3: three nodes of Garage, Apache in front for TLS. Whole objects, lists of several pages, one node killed in the
# middle and then two, and back. As root, with garage, apache2 and openssl.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
. "$here/stores.lib"
trap 'stop_stores; rm -rf "$work"' EXIT

find_store_tests "$here/../.."

start_s3 "$work/s3" 18500
export SUBROSA_STORE_KIND=s3 SUBROSA_STORE_URL="$s3_url" SUBROSA_STORE_REGION="$s3_region" SUBROSA_STORE_BUCKET="$s3_bucket" \
    SUBROSA_STORE_USER="$s3_key_id" SUBROSA_STORE_PASSWORD="$s3_secret" SUBROSA_STORE_CERTIFICATE="$s3_certificate"

store_asks what_was_put_is_listed_read_and_removed
store_asks what_is_wrong_is_told
store_asks six_hundred_objects_and_a_list_of_several_pages

store_dies nothing 'end_node 3' 'bring_back_node 3' 'one node of three killed'
store_dies failures 'end_node 2; end_node 3' 'bring_back_node 2; bring_back_node 3' 'two nodes of three killed'
