#!/usr/bin/env bash
# A backup of running services, taken while they are written to: started empty on the copy, everything is there.
STORE=fs # buckets on S3 are copied with S3's own tools
source "$(dirname "$0")/tools/smoke-lib.sh"

services=(storaged catalogd ingestd queryd vectord embedd pathwayd matrixd gateway)
# Everything that a copy could trip over, all the time: garbage collected at once, logs folded at once.
export LAKEHOUSE_CATALOGD_GC_GRACE=0 LAKEHOUSE_CATALOGD_GC_EVERY=200ms LAKEHOUSE_VECTORD_FOLD_IDLE=20ms
start_together "${services[@]}"
post() { http -d "$2" "$gateway_url/v1/$1"; } # post PATH BODY
rows() { post sql "{\"sql\":\"SELECT * FROM $1 ORDER BY id\"}" && json '.rows | tostring'; }
nearest() { post "vectors/index/$1/search" '{"vector":[1,0.1],"k":2,"include_vectors":true}' && json '.results | tostring'; }
advice() { post matrix/search '{"query_text":"forklift in Chicago","corpora":["jobs"],"k":2,"use_playbook":true}' && json '.results | tostring'; }
everything() { rows people; nearest near; history; advice; }

printf 'id,name,zip\n1,Ada,00501\n2,Grace,10001\n' >"$smoke_dir/people.csv"
http -F file=@"$smoke_dir/people.csv" "$gateway_url/v1/ingest?name=people"
post vectors/index '{"name":"near","dimension":2}'
post vectors/index/near/add '{"items":[{"id":"a","vector":[1,0],"metadata":{"state":"IL"}},{"id":"b","vector":[0,1]}]}'
post pathway/add '{"uid":"first","content":{"lesson":"measure twice"},"tags":["carpentry"]}'
post pathway/revise '{"uid":"first","content":{"lesson":"measure thrice"}}'
revised=$(json .trace.uid)
history() { http "$gateway_url/v1/pathway/history/$revised" && json '.traces | tostring'; }
post vectors/index '{"name":"jobs","dimension":768}'
post embed '{"texts":["forklift operator","baker"]}'
post vectors/index/jobs/add "$(json '{items: [{id: "forklift", vector: .vectors[0]}, {id: "baker", vector: .vectors[1]}]}')"
post matrix/playbooks/record '{"query_text":"forklift in Chicago","answer_id":"baker","answer_corpus":"jobs","score":1}'
before=$(everything)
check "there is something to keep" test "$(wc -l <<<"$before")" = 4 -a -z "$(grep -x 'null' <<<"$before")"

# write : until it is told to stop; datasets are replaced, vectors and traces come in.
write() {
  local round=0
  while [ ! -e "$smoke_dir/enough" ]; do
    round=$((round + 1))
    printf 'id,round\n1,%s\n' "$round" | curl -s -o /dev/null -H 'content-type: text/csv' --data-binary @- "$gateway_url/v1/ingest?name=busy"
    curl -s -o /dev/null -d '{"name":"busy","dimension":2}' "$gateway_url/v1/vectors/index"
    curl -s -o /dev/null -d "{\"items\":[{\"id\":\"v$round\",\"vector\":[1,$round]}]}" "$gateway_url/v1/vectors/index/busy/add"
    curl -s -o /dev/null -d "{\"content\":\"round $round\"}" "$gateway_url/v1/pathway/add"
    echo "$round" >>"$smoke_dir/rounds" # a line each: a file that is written anew is empty for a moment
  done
}
: >"$smoke_dir/rounds"
write &
writer=$!
rounds_written() { wc -l <"$smoke_dir/rounds"; }
rounds() { [ "$(rounds_written)" -ge "$1" ]; }
wait_until "writes go on" rounds 2
for copy in 1 2; do
  check "backup $copy is taken while writes go on" "$root/scripts/backup" "$smoke_dir/backup-$copy" --data "$smoke_dir"
  wait_until "writes go on" rounds "$(($(rounds_written) + 2))"
done
touch "$smoke_dir/enough"
wait "$writer"
check "nothing of it is left beside the data" test ! -e "$smoke_dir/.backup"
check_equal "a backup is not written over" 1 "$("$root/scripts/backup" "$smoke_dir/backup-1" --data "$smoke_dir" >/dev/null 2>&1; echo $?)"

for service in "${services[@]}"; do stop "$service" KILL; done
rm -rf "$smoke_dir"/{objects,pathway,spool,query-cache,query-temp}
cp -a "$smoke_dir/backup-2/." "$smoke_dir/"
start_together "${services[@]}"
for service in "${services[@]}"; do
  curl -s -o "$smoke_dir/ready" "$(url_of "$service")/ready"
  check_equal "$service is ready on the copy, and nothing is damaged" ok "$(jq -r .status "$smoke_dir/ready")"
done
check_equal "SQL, vectors, traces and playbooks are there" "$before" "$(everything)"
rows busy >/dev/null
check_equal "also what was being written: its dataset" "200 1" "$status $(json .row_count)"
nearest busy >/dev/null
check_equal "its vectors" "200 2" "$status $(json '.results | length')"
check "its traces" test "$(curl -s "$gateway_url/v1/pathway/stats" | jq '[.. | numbers] | max')" -ge 2
