#!/usr/bin/env bash
# Embedding: vectors of length 1 in the order of the texts, the same after a restart, remembered; refusals; a provider out of reach.
source "$(dirname "$0")/tools/smoke-lib.sh"

export LAKEHOUSE_EMBEDD_MAX_BATCH=3 LAKEHOUSE_EMBEDD_MAX_TEXT_BYTES=200
start embedd gateway
embed() { http -d "$1" "$gateway_url/v1/embed"; } # embed BODY
refused() { check_answer "$1 is refused" 400 invalid_request -d "$2" "$gateway_url/v1/embed"; } # refused TEXT BODY
cosines() { json '.vectors as $v | [range(1; $v | length) as $i | [range(0; $v[0] | length) as $j | $v[0][$j] * $v[$i][$j]] | add]'; }

embed '{"texts":["forklift operator in Chicago","a forklift operator from Chicago, IL","quarterly revenue of a bakery"]}'
check_equal "a batch is embedded" "200 hashing-v1 768 3" "$status $(json '"\(.model) \(.dimension) \(.vectors | length)"')"
check_equal "every vector has the dimension" true "$(json '[.vectors[] | length == 768] | all')"
check_equal "and length 1" true "$(json '[.vectors[] | map(. * .) | add | . > 0.99999 and . < 1.00001] | all')"
check_equal "near texts are near, others far" true "$(cosines | jq -s 'flatten | .[0] > 0.7 and .[1] < 0.2')"
first=$(json '.vectors[0] | tostring')

embed '{"texts":["quarterly revenue of a bakery","forklift operator in Chicago"]}'
check_equal "the order is that of the texts" "$first" "$(json '.vectors[1] | tostring')"
http "$gateway_url/v1/embed/stats"
check_equal "texts that came before are remembered" "true 2 3 0.4 3 10000 hashing hashing-v1 768" \
  "$(json '"\(.enabled) \(.hits) \(.misses) \(.hit_rate) \(.size) \(.capacity) \(.provider) \(.model) \(.dimension)"')"
embed '{"texts":["forklift operator in Chicago"],"model":"another"}'
check_equal "a model can be named" "another" "$(json .model)"
http "$embedd_url/embed/stats"
check_equal "and has its own place in the cache" 4 "$(json .misses)"

refused "an empty list" '{"texts":[]}'
refused "an empty text" '{"texts":["a",""]}'
refused "no texts" '{}'
refused "a text that is a number" '{"texts":[1]}'
refused "a batch that is too large" '{"texts":["a","b","c","d"]}'
refused "a text that is too long" "$(jq -n '{texts: ["é" * 101]}')"
check_answer "a text of just the size" 200 -d "$(jq -n '{texts: ["é" * 100]}')" "$gateway_url/v1/embed"
check_answer "malformed JSON" 400 invalid_json -d '{"texts":' "$gateway_url/v1/embed"
check_answer "another method" 405 method_not_allowed "$embedd_url/embed"

stop embedd KILL
start embedd
embed '{"texts":["forklift operator in Chicago"]}'
check_equal "the same text has the same vector after kill -9" "$first" "$(json '.vectors[0] | tostring')"

stop embedd
check_equal "it stops at a signal" 0 "$exit_code"
free_port
export LAKEHOUSE_EMBEDD_PROVIDER=ollama LAKEHOUSE_EMBEDD_OLLAMA_URL=http://127.0.0.1:$free_port
start embedd
check_answer "an Ollama that is not there" 502 upstream_unavailable -d '{"texts":["a"]}' "$gateway_url/v1/embed"
check_equal "is named" ollama "$(json .details.upstream)"
http "$embedd_url/ready"
check_equal "and embedd says that it can't serve without it" "503 unavailable" "$status $(json .status)"
http "$embedd_url/embed/stats"
check_equal "nothing of it is remembered" "ollama nomic-embed-text null 0" "$(json '"\(.provider) \(.model) \(.dimension) \(.size)"')"

stop embedd
export LAKEHOUSE_EMBEDD_PROVIDER=hashing LAKEHOUSE_EMBEDD_CACHE_SIZE=0 LAKEHOUSE_EMBEDD_DIMENSION=64
start embedd
embed '{"texts":["a","a"]}'
check_equal "another dimension can be configured" "64 64" "$(json '"\(.dimension) \(.vectors[0] | length)"')"
http "$embedd_url/embed/stats"
check_equal "and the cache can be off" "false 0 0 0" "$(json '"\(.enabled) \(.hits) \(.size) \(.capacity)"')"
