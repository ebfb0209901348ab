#!/usr/bin/env bash
# How large an object may be, how many may come at once, and that neither costs memory.
source "$(dirname "$0")/tools/smoke-lib.sh"
start storaged
storage=$storaged_url/storage
MiB=1048576

# file NAME BYTES : a file with holes, which costs no disk
file() { truncate -s "$2" "$smoke_dir/$1" && echo "$smoke_dir/$1"; }
chunked=(-H 'Transfer-Encoding: chunked')

at_cap=$(file at-cap $((256 * MiB)))
over_cap=$(file over-cap $((256 * MiB + 1)))
check_answer "256 MiB pass" 200 -T "$at_cap" "$storage/put/at-cap"
check_equal "whole" $((256 * MiB)) "$(json .size)"
check_answer "one byte more is 413" 413 payload_too_large -T "$over_cap" "$storage/put/over"
check_equal "which tells the limit" $((256 * MiB)) "$(json .details.limit_bytes)"
http -w '%{size_upload} %{http_code}' -T "$over_cap" "$storage/put/over"
check_equal "before a byte is sent" "0 413" "$status"
check_answer "a chunked body is 413 once it passes the cap" 413 payload_too_large "${chunked[@]}" -T "$over_cap" "$storage/put/over"
check_answer "and leaves no object" 404 key_not_found "$storage/get/over"
for prefix in datasets/ _vectors/; do
  check_answer "under $prefix it passes" 200 -T "$over_cap" "$storage/put/${prefix}large"
  check_answer "but not over 4 GiB" 413 payload_too_large -T "$(file huge $((4096 * MiB + 1)))" "$storage/put/${prefix}huge"
done
check_answer "a prefix counts from the start of a key alone" 413 payload_too_large -T "$over_cap" "$storage/put/x/datasets/large"
[ "$STORE" = s3 ] || check "no temp file is left" test -z "$(find "$smoke_dir/objects/.uploads" -type f)"

http "$storaged_url/metrics"
resident=$(awk '$1 ~ /^process_resident_memory_bytes/ { print int($2 / 1048576) }' <<<"$body")
check "memory did not grow with the objects: $resident MiB" test "$resident" -lt 350

# Four uploads that wait for their client keep all slots.
in_flight() { [ "$(curl -s "$storaged_url/metrics" | awk '$1 ~ /^storaged_puts_in_flight/ { print $2 }')" = "$1" ]; }
uploaders=()
for slot in 1 2 3 4; do
  mkfifo "$smoke_dir/pipe-$slot"
  curl -s -o "$smoke_dir/answer-$slot" -w '%{http_code}' -T - "$storage/put/slot-$slot" <"$smoke_dir/pipe-$slot" >"$smoke_dir/status-$slot" &
  uploaders+=($!)
done
exec 5>"$smoke_dir/pipe-1" 6>"$smoke_dir/pipe-2" 7>"$smoke_dir/pipe-3" 8>"$smoke_dir/pipe-4"
for slot in 5 6 7 8; do echo "begun" >&$slot; done
wait_until "four uploads are under way" in_flight 4
check_answer "a fifth at once is 503" 503 storage_busy -X PUT --data-binary x "$storage/put/fifth"
check_equal "and says when to come again" 5 "$(header retry-after)"
check_answer "reading goes on" 206 -r 0-9 "$storage/get/at-cap"
exec 5>&-
wait "${uploaders[0]}"
check_equal "the first one ends well" 200 "$(cat "$smoke_dir/status-1")"
check_answer "and its slot is free" 200 -X PUT --data-binary x "$storage/put/fifth"
kill -9 "${uploaders[1]}"
wait "${uploaders[1]}" 2>/dev/null
exec 6>&-
wait_until "a client that dies frees its slot" in_flight 2 && passed "a client that dies frees its slot"
exec 7>&- 8>&-
wait "${uploaders[2]}" "${uploaders[3]}"
check_equal "the others end well" "200 200" "$(cat "$smoke_dir/status-3") $(cat "$smoke_dir/status-4")"
wait_until "all slots are free in the end" in_flight 0 && passed "all slots are free in the end"

# Caps of one's own.
stop storaged
cat >>"$smoke_config" <<'TOML'
[storaged]
max_put_bytes = "1 kB"
put_slots = 1
[[storaged.prefix_caps]]
prefix = "logs/"
max_put_bytes = 2000
[[storaged.prefix_caps]]
prefix = "logs/tiny/"
max_put_bytes = 10
TOML
start storaged
for cap in x:1000 logs/x:2000 logs/tiny/x:10; do
  key=${cap%:*} bytes=${cap#*:}
  check_answer "$key takes $bytes bytes" 200 -T "$(file exact "$bytes")" "$storage/put/$key"
  check_answer "and not one more" 413 payload_too_large -T "$(file more $((bytes + 1)))" "$storage/put/$key"
done
