#!/usr/bin/env bash
# Objects: in and out unharmed, parts of them, conditions, keys of all kinds, listings, and what kill -9 leaves.
source "$(dirname "$0")/tools/smoke-lib.sh"
start storaged gateway
storage=$storaged_url/storage

# listed QUERY : the keys that a listing answers
listed() { http "$storage/list?$1" && json '[.objects[].key] | join(" ")'; }

head -c 3000000 /dev/urandom >"$smoke_dir/three-megabytes"

check_answer "a PUT answers 200" 200 -T "$smoke_dir/three-megabytes" "$storage/put/data/a.bin"
check_equal "with key and size" "data/a.bin 3000000" "$(json '"\(.key) \(.size)"')"
etag=$(json .etag)
check_equal "and an ETag, in the header too" "$etag" "$(header etag)"
check_answer "a GET answers 200" 200 "$storage/get/data/a.bin"
check "with the same bytes" cmp "$smoke_dir/three-megabytes" "$smoke_dir/body"
check_equal "their length" 3000000 "$(header content-length)"
check_equal "the same ETag" "$etag" "$(header etag)"
check_equal "and ranges on offer" bytes "$(header accept-ranges)"
check "a date" date -d "$(header last-modified)"
check_answer "HEAD answers the same" 200 -I "$storage/get/data/a.bin"
check_equal "with the length" 3000000 "$(header content-length)"
http -I -w '%{size_download}' "$storage/get/data/a.bin"
check_equal "and without the bytes" 0 "$status"

check_answer "a range is 206" 206 -r 1000-1999 "$storage/get/data/a.bin"
check "of just these bytes" cmp <(tail -c +1001 "$smoke_dir/three-megabytes" | head -c 1000) "$smoke_dir/body"
check_equal "and says where they lie" "bytes 1000-1999/3000000" "$(header content-range)"
check_answer "the last bytes" 206 -r -500 "$storage/get/data/a.bin"
check "are the last bytes" cmp <(tail -c 500 "$smoke_dir/three-megabytes") "$smoke_dir/body"
check_answer "a range outside is 416" 416 range_not_satisfiable -r 3000000- "$storage/get/data/a.bin"
check_equal "and tells the size" "bytes */3000000" "$(header content-range)"
check_answer "what the client holds is 304" 304 -H "If-None-Match: $etag" "$storage/get/data/a.bin"
check_answer "another ETag is 200" 200 -H 'If-None-Match: "other"' "$storage/get/data/a.bin"

check_answer "an overwrite answers 200" 200 -X PUT --data-binary 'new' "$storage/put/data/a.bin"
check "with another ETag" test "$(json .etag)" != "$etag"
http "$storage/get/data/a.bin"
check_equal "and is what is read" new "$body"
check_answer "what was never put is 404" 404 key_not_found "$storage/get/data/never"
check_answer "a folder is no object" 404 key_not_found "$storage/get/data"
check_answer "DELETE is 204" 204 -X DELETE "$storage/delete/data/a.bin"
check_answer "and again" 204 -X DELETE "$storage/delete/data/a.bin"
check_answer "then it is gone" 404 key_not_found "$storage/get/data/a.bin"

for key in 'plain.csv' 'a%20b%2Bc.csv' 'deep/er/and/deeper' '%C3%A9t%C3%A9/%F0%9F%98%80' 'a%252Fb' '%25' "quo'te%22" 'a%3Fb%23c'; do
  http -X PUT --data-binary "content of $key" "$storage/put/keys/$key"
  http "$storage/get/keys/$key"
  check_equal "the key $key round-trips" "content of $key" "$body"
done
http -X PUT --data-binary escaped "$storage/put/keys/x%2Fy"
http "$storage/get/keys/x/y"
check_equal "%2F is a slash, decoded once" escaped "$body"
http -X PUT --data-binary bare "$storage/put/keys/ü"
http "$storage/get/keys/%C3%BC"
check_equal "a bare ü is the same as an escaped one" bare "$body"
http "$gateway_url/v1/storage/get/keys/a%252Fb"
check_equal "through the gateway too" "content of a%252Fb" "$body"

for key in '' '/lead' 'a//b' 'a/' '../../etc/passwd' 'a/../../b' '%2e%2e/%2e%2e/etc/passwd' '..%2f..%2fetc%2fpasswd' 'a/./b' 'a%00b' 'a%0ab' 'a%7fb' 'a%c2%80b' '%zz' '%ff' \
  "$(printf 'x/%.0s' {1..512})y"; do
  check_answer "the key ${key:0:30} is refused" 400 invalid_key --path-as-is "$storage/get/$key"
  check_answer "for PUT as well" 400 invalid_key --path-as-is -X PUT --data-binary x "$storage/put/$key"
done

for key in b a/2 a/1 a- A é ～ 😀; do http -X PUT --data-binary x "$storage/put/list/$key"; done
check_equal "a listing is in the order of UTF-8 bytes" "list/A list/a- list/a/1 list/a/2 list/b list/é list/～ list/😀" "$(listed prefix=list/)"
check_equal "a prefix is the start of a key" "list/a- list/a/1 list/a/2" "$(listed prefix=list/a)"
http "$storage/list?prefix=list/&limit=3"
check_equal "a page says that there is more" "true list/A list/a- list/a/1" "$(json '"\(.truncated) " + ([.objects[].key] | join(" "))')"
check_equal "and its cursor goes on" "list/a/2 list/b list/é" "$(listed "prefix=list/&limit=3&cursor=$(json .next_cursor)")"
http -G --data-urlencode "prefix=list/😀" "$storage/list"
check_equal "the last page says so" "false null" "$(json '"\(.truncated) \(.next_cursor)"')"
check_answer "no more than 10,000 a page" 400 invalid_request "$storage/list?limit=10001"
check_answer "a bucket that nobody configured is 404" 404 bucket_not_found "$storage/get/a?bucket=other"

if [ "$STORE" = fs ]; then
  check_equal "a person finds the object where its key says" "content of deep/er/and/deeper" "$(cat "$smoke_dir/objects/primary/keys/deep/er/and/deeper")"
  check_answer "an object where a folder stands is 409" 409 key_conflict -X PUT --data-binary x "$storage/put/keys/deep"
  check_answer "a folder where an object stands is 409" 409 key_conflict -X PUT --data-binary x "$storage/put/keys/plain.csv/below"
  ln -s /etc "$smoke_dir/objects/primary/link"
  check_answer "a symbolic link leads nowhere" 404 key_not_found "$storage/get/link/passwd"
fi

# An upload that hangs half-way: the client is killed, then the service.
uploads() { find "$smoke_dir/objects/.uploads" -type f 2>/dev/null | wc -l; }
upload_runs() { [ "$STORE" = s3 ] || [ "$(uploads)" -eq 1 ]; }
upload_gone() { [ "$(uploads)" -eq 0 ]; }
mkfifo "$smoke_dir/pipe"
hang_upload() {
  curl -s -o /dev/null -T - "$storage/put/half" <"$smoke_dir/pipe" &
  uploader=$!
  exec 9>"$smoke_dir/pipe"
  head -c 1000000 /dev/zero >&9
  wait_until "the upload is under way" upload_runs
}
hang_upload
kill -9 "$uploader" && wait "$uploader" 2>/dev/null
exec 9>&-
wait_until "an upload whose client died leaves no temp file" upload_gone && passed "an upload whose client died leaves no temp file"
check_answer "and no object" 404 key_not_found "$storage/get/half"

http -T "$smoke_dir/three-megabytes" "$storage/put/kept"
hang_upload
stop storaged KILL
exec 9>&-
start storaged
check_answer "an object that was acknowledged survives kill -9" 200 "$storage/get/kept"
check "byte for byte" cmp "$smoke_dir/three-megabytes" "$smoke_dir/body"
check_answer "the half one does not exist" 404 key_not_found "$storage/get/half"
wait_until "its temp file is swept at the next start" upload_gone && passed "its temp file is swept at the next start"
