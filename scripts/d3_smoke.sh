#!/usr/bin/env bash
# The catalog: register, list, conflicts, garbage, and all of it still there after kill -9.
source "$(dirname "$0")/tools/smoke-lib.sh"

export LAKEHOUSE_CATALOGD_GC_GRACE=0s LAKEHOUSE_CATALOGD_GC_EVERY=0s
start storaged catalogd

fingerprint() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }
request() { # request NAME SCHEMA KEY [MODE] : the body of a register of one object with ten rows
  jq -n --arg name "$1" --arg fingerprint "$(fingerprint "$2")" --arg type "$2" --arg key "$3" --arg mode "${4:-replace}" '{
    name: $name, schema_fingerprint: $fingerprint, columns: [{name: "zip", type: $type}], row_count: 10, mode: $mode,
    objects: [{key: $key, size: 5, row_count: 10, stats: {zip: {min: "00501", max: "99950", null_count: 0}}}]}'
}
register() { http -H 'content-type: application/json' -d "$(request "$@")" "$catalogd_url/catalog/register"; }
put() { http -X PUT --data-binary hello "$storaged_url/storage/put/$1"; }
manifest() { http "$catalogd_url/catalog/manifest/$1"; }

check_equal "it is ready" "200 ok" "$(http "$catalogd_url/ready"; echo "$status $(json .status)")"
put datasets/workers/f/1.parquet
register workers VARCHAR datasets/workers/f/1.parquet
check_equal "a first register makes a dataset" "200 false 10" "$status $(json '"\(.existing) \(.manifest.row_count)"')"
check_equal "its id is the same on any box" 4ee908eb-05e4-5c26-a4ad-4ca54bb01062 "$(json .manifest.dataset_id)"
created=$(json .manifest.created_at)
put datasets/workers/f/2.parquet
register workers VARCHAR datasets/workers/f/2.parquet append
check_equal "an append adds an object and its rows" "200 true 20 2" "$status $(json '"\(.existing) \(.manifest.row_count) \(.manifest.objects | length)"')"
register workers VARCHAR datasets/workers/f/2.parquet append
check_equal "an object is not listed twice" "200 20 2" "$status $(json '"\(.manifest.row_count) \(.manifest.objects | length)"')"
check_equal "created_at stays, updated_at moves" "$created true" "$(json '"\(.manifest.created_at) \(.manifest.updated_at > .manifest.created_at)"')"
http "$storaged_url/storage/list?prefix=_catalog/"
check_equal "the manifest is one Parquet object" _catalog/manifests/workers.parquet "$(json '.objects[].key')"

register workers BIGINT datasets/workers/f/3.parquet
check_equal "another schema is refused with the difference" "409 schema_conflict zip VARCHAR BIGINT" \
  "$status $(json '"\(.code) \(.details.changed[0] | "\(.name) \(.registered) \(.offered)")"')"
register Workers VARCHAR datasets/workers/f/3.parquet
check_equal "a name that differs only in case is refused" "409 name_conflict" "$status $(json .code)"
register a/b VARCHAR k
check_equal "a bad name is refused" "400 invalid_name" "$status $(json .code)"
check_answer "a bad body is refused" 400 invalid_request -H 'content-type: application/json' -d '{"name":"x"}' "$catalogd_url/catalog/register"
check_answer "an unknown dataset" 404 dataset_not_found "$catalogd_url/catalog/manifest/nobody"

register orders BIGINT datasets/orders/f/1.parquet
register brief BIGINT datasets/brief/f/1.parquet
check_answer "a dataset can be deleted" 204 -X DELETE "$catalogd_url/catalog/manifest/brief"
check_answer "and is gone" 404 dataset_not_found "$catalogd_url/catalog/manifest/brief"
http "$catalogd_url/catalog/list"
check_equal "the list is by name" "200 2 orders workers" "$status $(json '"\(.count) \([.manifests[].name] | join(" "))"')"
list_etag=$(header etag) list_body=$body
check_answer "who holds it is told so" 304 -H "if-none-match: $list_etag" "$catalogd_url/catalog/list"
manifest workers
check_answer "a manifest too" 304 -H "if-none-match: $(header etag)" "$catalogd_url/catalog/manifest/workers"

put datasets/workers/f/lost.parquet
check_answer "a dry run tells the garbage" 200 -d '{"dry_run":true}' "$catalogd_url/catalog/gc"
check_equal "and removes nothing" "datasets/workers/f/lost.parquet 0" "$(json '"\(.garbage[].key) \(.removed)"')"
check_answer "a collection, without a body" 200 -X POST "$catalogd_url/catalog/gc"
check_equal "removes it" "1 5" "$(json '"\(.removed) \(.bytes)"')"
check_answer "the unlisted object is gone" 404 key_not_found "$storaged_url/storage/get/datasets/workers/f/lost.parquet"
check_answer "a listed one is not" 200 "$storaged_url/storage/get/datasets/workers/f/1.parquet"

stop catalogd KILL
start catalogd
http "$catalogd_url/catalog/list"
check_equal "after kill -9 everything is still there" "200 $list_body" "$status $body"
check_equal "under the same ETag" "$list_etag" "$(header etag)"

stop storaged KILL
register workers VARCHAR datasets/workers/f/4.parquet
check_equal "without storaged a register is refused" "502 upstream_unavailable" "$status $(json .code)"
manifest workers
check_equal "and the old manifest served" "200 2" "$status $(json '.objects | length')"
start storaged
register workers VARCHAR datasets/workers/f/4.parquet
check_equal "with storaged back it goes on" "200 true 1" "$status $(json '"\(.existing) \(.manifest.objects | length)"')"

printf 'PAR1 damaged PAR1' >"$smoke_dir/damaged"
http -X PUT --data-binary @"$smoke_dir/damaged" "$storaged_url/storage/put/_catalog/manifests/orders.parquet"
stop catalogd KILL
start catalogd
http "$catalogd_url/ready"
check_equal "a damaged manifest is named" "200 degraded orders" "$status $(json '"\(.status) \(.checks.catalog.details.damaged[].name)"')"
register orders BIGINT datasets/orders/f/1.parquet
check_equal "and not replaced in silence" "503 manifest_damaged" "$status $(json .code)"
manifest workers
check_equal "the rest is served" "200" "$status"
http "$catalogd_url/metrics"
check "it counts registers by outcome" grep -q 'catalogd_registers_total{outcome="manifest_damaged"' <<<"$body"
stop catalogd
check_equal "SIGTERM ends it with 0" 0 "$exit_code"
