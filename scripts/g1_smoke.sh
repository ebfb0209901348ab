#!/usr/bin/env bash
# Vectors: indexes made, filled, searched by meaning and by filter, and every refusal.
source "$(dirname "$0")/tools/smoke-lib.sh"

start storaged vectord gateway
api=$gateway_url/v1/vectors/index
wait_until "vectord is ready" curl -sf -o /dev/null "$vectord_url/ready"
post() { http -d "$2" "$api$1"; }
ids() { json '[.results[].id] | join(" ")'; }
finds() { # finds TEXT IDS BODY
  post /workers/search "$3"
  check_equal "$1" "$2" "$(ids)"
}
refused() { # refused TEXT STATUS CODE PATH BODY
  check_answer "$1" "$2" "$3" -d "$5" "$api$4"
}

check_answer "an index is made" 201 -d '{"name":"workers","dimension":3}' "$api"
check_equal "with its defaults" "cosine 0 16 200 100" "$(json '"\(.distance) \(.count) \(.m) \(.ef_construction) \(.ef_search)"')"
refused "but once" 409 index_exists "" '{"name":"workers","dimension":3}'
refused "a name must be one" 400 invalid_name "" '{"name":"a b","dimension":3}'
refused "a dimension of 4097 is too many" 400 invalid_request "" '{"name":"x","dimension":4097}'
check_equal "and the details say where" dimension "$(json '.details[0].path')"
check_answer "what is not there is 404" 404 index_not_found "$api/none"

cat >"$smoke_dir/workers.json" <<'JSON'
{"items":[
 {"id":"w-1","vector":[1,0,0],"metadata":{"state":"IL","role":"Welder","years":3}},
 {"id":"w-2","vector":[0,1,0],"metadata":{"state":"IL","role":"CNC","years":9}},
 {"id":"w-3","vector":[0.6,0.8,0],"metadata":{"state":"WI","role":"Welder","years":5}},
 {"id":"w-4","vector":[0,0,1]}]}
JSON
check_answer "four workers go in" 200 --data-binary @"$smoke_dir/workers.json" "$api/workers/add"
check_equal "and are counted" "4 0 4" "$(json '"\(.added) \(.updated) \(.count)"')"
check_answer "the same again updates them" 200 --data-binary @"$smoke_dir/workers.json" "$api/workers/add"
check_equal "and adds none" "0 4 4" "$(json '"\(.added) \(.updated) \(.count)"')"

finds "nearest first, ties by id" "w-1 w-3 w-2 w-4" '{"vector":[1,0,0]}'
check_equal "with cosine distances" "true" "$(json '.results | .[0].distance < 1e-6 and (.[1].distance - 0.4 | fabs) < 1e-6 and .[2].distance == 1')"
check_equal "and metadata" "Welder" "$(json '.results[0].metadata.role')"
finds "at most k" "w-1" '{"vector":[1,0,0],"k":1}'
finds "exactly" "w-3 w-2" '{"vector":[0.6,0.8,0],"k":2,"exact":true}'
finds "equal to" "w-1 w-2" '{"vector":[1,0,0],"filter":{"state":"IL"}}'
finds "any of" "w-1 w-3" '{"vector":[1,0,0],"filter":{"role":["Welder","Driver"]}}'
finds "within" "w-1 w-3" '{"vector":[1,0,0],"filter":{"years":{"gte":3,"lt":9}}}'
finds "all must hold" "w-2" '{"vector":[1,0,0],"filter":{"state":"IL","years":{"gt":3}}}'
finds "nothing matches" "" '{"vector":[1,0,0],"filter":{"state":"XX"}}'
post /workers/search '{"vector":[1,0,0],"k":1,"include_vectors":true}'
check_equal "vectors where asked for" "[1,0,0]" "$(json '.results[0].vector | tostring')"

check_answer "an item as it was given" 200 "$api/workers/items/w-3"
check_equal "to the digit" "[0.6,0.8,0]" "$(json '.vector | tostring')"
check_answer "one that is not there" 404 item_not_found "$api/workers/items/none"
post /workers/add '{"items":[{"id":"w-1","vector":[0,0,2]}]}'
http "$api/workers/items/w-1"
check_equal "metadata left out stays" "IL" "$(json .metadata.state)"
post /workers/add '{"items":[{"id":"w-1","vector":[1,0,0],"metadata":{}}]}'
http "$api/workers/items/w-1"
check_equal "{} clears it" "{}" "$(json '.metadata | tostring')"

refused "another dimension" 400 invalid_vector /workers/add '{"items":[{"id":"n","vector":[1,2,3]},{"id":"m","vector":[1]}]}'
check_equal "names its position" 1 "$(json .details.position)"
refused "past float32" 400 invalid_vector /workers/add '{"items":[{"id":"n","vector":[1,2,1e39]}]}'
refused "zeros under cosine" 400 invalid_vector /workers/add '{"items":[{"id":"n","vector":[0,0,0]}]}'
refused "an id twice" 400 invalid_vector /workers/add '{"items":[{"id":"n","vector":[1,2,3]},{"id":"n","vector":[1,2,3]}]}'
refused "no id" 400 invalid_vector /workers/add '{"items":[{"id":"","vector":[1,2,3]}]}'
refused "a wrong shape" 400 invalid_request /workers/add '{"items":[{"id":"n"}]}'
refused "no JSON" 400 invalid_json /workers/add '{'
refused "a search in another dimension" 400 invalid_vector /workers/search '{"vector":[1]}'
refused "k of 1001" 400 invalid_request /workers/search '{"vector":[1,0,0],"k":1001}'
http "$api/workers"
check_equal "nothing of what was refused is there" 4 "$(json .count)"

post /workers/delete '{"ids":["w-1","w-2","w-3","w-4","none"]}'
check_equal "all are deleted" "4 0" "$(json '"\(.deleted) \(.count)"')"
finds "and found no more" "" '{"vector":[1,0,0]}'
check_answer "and added again" 200 --data-binary @"$smoke_dir/workers.json" "$api/workers/add"
finds "and found" "w-1" '{"vector":[1,0,0],"k":1}'

for distance in l2 ip; do check_answer "an index under $distance" 201 -d '{"name":"'$distance'","dimension":2,"distance":"'$distance'"}' "$api"; done
post /l2/add '{"items":[{"id":"a","vector":[0,0]},{"id":"b","vector":[3,4]}]}'
post /l2/search '{"vector":[0,0]}'
check_equal "squared Euclidean" "a 0 b 25" "$(json '[.results[] | .id, .distance] | join(" ")')"
post /ip/add '{"items":[{"id":"a","vector":[1,1]},{"id":"b","vector":[3,4]}]}'
post /ip/search '{"vector":[1,1]}'
check_equal "1 - a.b" "b -6 a -1" "$(json '[.results[] | .id, .distance] | join(" ")')"

jq -cn '[range(10000) as $i | {id: "v-\($i)", vector: [range(32) | (($i * 31 + . * 17) % 997) / 997 + 0.001], metadata: {tenth: ($i % 10)}}] | {items: .}' >"$smoke_dir/many.json"
post "" '{"name":"many","dimension":32}'
check_answer "10,000 in one batch" 200 --data-binary @"$smoke_dir/many.json" "$api/many/add"
check_equal "all of them" 10000 "$(json .count)"
post /many/search "{\"vector\":$(jq -c '.items[4321].vector' "$smoke_dir/many.json"),\"k\":20,\"filter\":{\"tenth\":1}}"
check_equal "a filter that leaves enough leaves k" "20 true" "$(json '"\(.results | length) \(all(.results[]; .metadata.tenth == 1))"')"

check_answer "the indexes are listed" 200 "$api"
check_equal "by name" "4 ip l2 many workers" "$(json '"\(.count) " + ([.indexes[].name] | join(" "))')"
for name in ip l2 many workers; do check_answer "$name is deleted" 204 -X DELETE "$api/$name"; done
check_answer "and is gone" 404 index_not_found -X DELETE "$api/workers"
http "$storaged_url/storage/list?prefix=_vectors/"
check_equal "also from the store" 0 "$(json '.objects | length')"
