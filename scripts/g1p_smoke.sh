#!/usr/bin/env bash
# Vectors across kill and restart: whatever was acknowledged is there, from the log and from the file; damage is named and confined.
source "$(dirname "$0")/tools/smoke-lib.sh"
cat >>"$smoke_config" <<'TOML'
[vectord]
fold_idle = "300ms"
TOML

api=$vectord_url/vectors/index
ready() { curl -sf -o /dev/null "$vectord_url/ready"; }
post() { http -d "$2" "$api$1"; }
count() { http "$api/$1" && json .count; }
nearest() { # nearest NAME VECTOR
  post "/$1/search" "{\"vector\":$2,\"k\":1}"
  json '.results[0].id'
}
objects() { curl -s "$storaged_url/storage/list?prefix=_vectors/$1" | jq -r '.objects | length'; }
is_folded() { [ "$(objects "wal/$1/")" = 0 ] && [ "$(objects "$1.lhv1")" = 1 ]; }
kill_and_start() {
  stop vectord KILL
  start vectord
  wait_until "vectord is ready" ready
}

start storaged vectord
wait_until "vectord is ready" ready
post "" '{"name":"workers","dimension":2,"ef_search":77}'
post /workers/add '{"items":[{"id":"a","vector":[1,0],"metadata":{"state":"IL"}},{"id":"b","vector":[0,1]}]}'
check_equal "two are acknowledged" "200 2" "$status $(json .count)"
kill_and_start
check_equal "kill -9 the next moment: both are there" 2 "$(count workers)"
check_equal "and found" a "$(nearest workers '[1,0]')"
check_equal "with metadata" IL "$(json '.results[0].metadata.state')"
check_equal "ef_search is as it was" 77 "$(http "$api/workers" && json .ef_search)"

post /workers/add '{"items":[{"id":"c","vector":[-1,0]}]}'
post /workers/delete '{"ids":["b"]}'
wait_until "the log is folded into the file" is_folded workers
http "$storaged_url/storage/get/_vectors/workers.lhv1"
check_equal "the file begins with LHV1" LHV1 "$(head -c 4 "$smoke_dir/body")"
kill_and_start
check_equal "from the file: what was added and deleted" "2 c" "$(count workers) $(nearest workers '[-1,0]')"

for i in 1 2 3 4 5; do
  post /workers/add "{\"items\":[{\"id\":\"r-$i\",\"vector\":[$i,1]}]}"
  [ "$status" = 200 ] || failed "an add is acknowledged"
  kill_and_start
done
check_equal "five rounds of add, kill, start: all are there" 7 "$(count workers)"

stop vectord TERM
check_equal "SIGTERM ends it with 0" 0 "$exit_code"
stop storaged KILL
start vectord
check_answer "started without storaged it is alive" 200 "$vectord_url/health"
http "$vectord_url/ready"
check_equal "but not ready" "503 unavailable" "$status $(json .status)"
check_answer "and says so" 503 not_loaded "$api/workers"
start storaged
wait_until "with storaged back it is ready without a restart" ready
check_equal "and has all" 7 "$(count workers)"

stop storaged KILL
check_answer "with storaged gone a write is refused" 503 storage_unavailable -d '{"items":[{"id":"n","vector":[1,1]}]}' "$api/workers/add"
check_equal "and not applied" 7 "$(count workers)"
check_equal "while searches go on" c "$(nearest workers '[-1,0]')"
start storaged
post /workers/add '{"items":[{"id":"n","vector":[1,1]}]}'
check_equal "with it back writes go on" "200 8" "$status $(json .count)"

post "" '{"name":"healthy","dimension":2}'
post /healthy/add '{"items":[{"id":"a","vector":[1,0]}]}'
for name in workers healthy; do wait_until "$name is folded" is_folded "$name"; done
stop vectord KILL
http "$storaged_url/storage/get/_vectors/workers.lhv1"
head -c 400 "$smoke_dir/body" >"$smoke_dir/cut"
http -X PUT --data-binary @"$smoke_dir/cut" "$storaged_url/storage/put/_vectors/workers.lhv1"
start vectord
wait_until "vectord is ready" ready
check_answer "a file that was cut is not served" 503 index_damaged "$api/workers"
http "$vectord_url/ready"
check_equal "it is named" "degraded workers" "$(json '.status + " " + .checks.indexes.details.damaged[0].name')"
check_equal "and stays where it is" 1 "$(objects workers.lhv1)"
check_equal "nothing else suffers" a "$(nearest healthy '[1,0]')"
check_answer "its name is taken" 409 index_exists -d '{"name":"workers","dimension":2}' "$api"
check_answer "until it is deleted" 204 -X DELETE "$api/workers"
check_answer "then it is free" 201 -d '{"name":"workers","dimension":2}' "$api"
kill_and_start
check_equal "the deleted one stays deleted" 0 "$(count workers)"
