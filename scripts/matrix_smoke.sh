#!/usr/bin/env bash
# Many corpora at once: merged or named, filtered by relevance, cut for strong models; and the loop that learns, across kill -9.
source "$(dirname "$0")/tools/smoke-lib.sh"
cat >>"$smoke_config" <<'TOML'
[models]
local_fast = "tiny:1b"
weak_models = ["local_fast"]
TOML

ready() { curl -sf -o /dev/null "$(url_of "$1")/ready"; }
vectors=$gateway_url/v1/vectors/index
post() { http -d "$2" "$gateway_url/v1/matrix/$1"; }                               # post PATH BODY
refused() { check_answer "$1" "$2" "$3" -d "$5" "$gateway_url/v1/matrix/$4"; }       # refused TEXT STATUS CODE PATH BODY
hits() { json '[.results[] | "\(.corpus)/\(.id)"] | join(" ")'; }

# fill INDEX TEXT… : an index of these texts, as t-1, t-2, …, embedded.
fill() {
  local index=$1
  shift
  http -d "{\"name\":\"$index\",\"dimension\":768}" "$vectors"
  printf '%s\n' "$@" | jq -R . | jq -sc '{texts: .}' >"$smoke_dir/texts"
  curl -s --data-binary @"$smoke_dir/texts" "$gateway_url/v1/embed" |
    jq -c --slurpfile asked "$smoke_dir/texts" '{items: [.vectors | to_entries[] | {id: "t-\(.key + 1)", vector: .value, metadata: {text: $asked[0].texts[.key]}}]}' >"$smoke_dir/items"
  http --data-binary @"$smoke_dir/items" "$vectors/$index/add"
  check_equal "$index has $# texts" "200 $#" "$status $(json .count)"
}

start storaged vectord embedd matrixd gateway
wait_until "vectord is ready" ready vectord
wait_until "matrixd is ready" ready matrixd

# --- search ------------------------------------------------------------------------------------------------------------

http -d '{"name":"east","dimension":2}' "$vectors"
http -d '{"items":[{"id":"a","vector":[1,0],"metadata":{"state":"MA"}},{"id":"tie","vector":[0,1],"metadata":{"state":"NY"}}]}' "$vectors/east/add"
http -d '{"name":"west","dimension":2}' "$vectors"
http -d '{"items":[{"id":"b","vector":[0.6,0.8],"metadata":{"state":"CA"}},{"id":"tie","vector":[0,1],"metadata":{"state":"OR"}}]}' "$vectors/west/add"
http -d '{"name":"squared","dimension":2,"distance":"l2"}' "$vectors"
http -d '{"items":[{"id":"s","vector":[1,0]}]}' "$vectors/squared/add"
query='"query_vector":[1,0],"corpora":["west","east"]'

post search "{$query}"
check_equal "two corpora are merged by distance, ties by corpus" "200 east/a west/b east/tie west/tie" "$status $(hits)"
check_equal "and counted" '{"west":2,"east":2}' "$(json '.per_corpus_counts | tostring')"
post search "{$query,\"k\":3,\"per_corpus_k\":1}"
check_equal "each gives as many as it is asked for" "east/a west/b" "$(hits)"
post search "{$query,\"filter\":{\"state\":[\"CA\",\"NY\"]}}"
check_equal "the filter goes to all" "west/b east/tie" "$(hits)"
refused "metrics that differ don't compare" 400 corpora_incomparable search '{"query_vector":[1,0],"corpora":["east","squared"]}'
post search '{"query_vector":[1,0],"corpora":["east","squared"],"fusion":"rrf","k":2}'
check_equal "but are ranked where that is asked for" "east/a squared/s true" "$(hits) $(json '.results[0].score == 1/61')"
refused "a corpus that is not there fails the search" 502 corpus_failed search '{"query_vector":[1,0],"corpora":["east","none"]}'
check_equal "and is named, with the cause" "none index_not_found" "$(json '"\(.details.corpus) \(.details.cause.code)"')"
refused "a vector of another dimension" 400 invalid_vector search '{"query_vector":[1],"corpora":["east","west"]}'
refused "no corpora" 400 invalid_request search '{"query_vector":[1,0],"corpora":[]}'
refused "no query" 400 invalid_request search '{"corpora":["east"]}'
refused "k of 1001" 400 invalid_request search "{$query,\"k\":1001}"

# --- downgrade, relevance ------------------------------------------------------------------------------------------------

post downgrade "{\"model\":\"tiny:1b\",$query}"
check_equal "a weak model gets the whole matrix" "false west east" "$(json '"\(.downgraded) \(.corpora | join(" "))"')"
post downgrade "{\"model\":\"frontier_arch\",$query}"
check_equal "a strong one the corpus with the nearest hit" "true east" "$(json '"\(.downgraded) \(.corpora | join(" "))"')"
post downgrade '{"model":"frontier_arch","corpora":["west","east"]}'
check_equal "or the first named" "true west" "$(json '"\(.downgraded) \(.corpora | join(" "))"')"
post search "{$query,\"model\":\"frontier_arch\"}"
check_equal "search does so too, and says it" "east/a east/tie true" "$(hits) $(json .downgrade.downgraded)"

post relevance '{"focus":"night shift bonus for warehouse workers","chunks":[{"id":"docks","text":"The warehouse has twelve loading docks."},{"id":"bonus","text":"Warehouse workers get a bonus for each night shift.","page":7}]}'
check_equal "what is about the focus is kept, with all it has" "bonus 7 docks" "$(json '"\(.kept[0].id) \(.kept[0].page) \(.dropped[0].id)"')"

# --- the loop ------------------------------------------------------------------------------------------------------------

fill resumes "Forklift operator near Chicago. Not available before spring." \
  "Forklift operator in Chicago. Three months of experience, weekends only, wants to learn reach trucks." \
  "Reach truck and forklift operator in Chicago, twelve years without an accident, OSHA 30." "Line cook in Boston, pastry and grill."
fill notes "Operators in Chicago start at six in the morning." "Onion soup, bread and butter."
asked='{"query_text":"a forklift operator from Chicago","corpora":["resumes","notes"],"k":2,"use_playbook":true}'

post search "$asked"
check_equal "search: what reads most alike comes first" "200 resumes/t-1 resumes/t-2" "$status $(hits)"
post playbooks/record '{"query_text":"forklift operator in Chicago","answer_id":"t-3","answer_corpus":"resumes","score":1,"tags":["hired"]}'
check_equal "record: another one was chosen" "200 false" "$status $(json .existing)"
post search "$asked"
check_equal "search again, in other words: it comes first, lifted" "200 resumes/t-3 resumes/t-1 true" "$status $(hits) $(json '.results[0].playbook_boosted')"
lifted=$(json '.results[0].distance')
post search '{"query_text":"line cook in Boston","corpora":["resumes","notes"],"k":2,"use_playbook":true}'
check_equal "other queries are as they were" "resumes/t-4 false" "$(hits | cut -d' ' -f1) $(json 'any(.results[]; .playbook_boosted)')"
http "$gateway_url/v1/matrix/corpora"
check_equal "the corpora are listed, less matrixd's own" "east notes resumes squared west" "$(json '[.corpora[].name] | join(" ")')"

stop vectord KILL
stop matrixd KILL
start vectord matrixd
wait_until "vectord is ready" ready vectord
post search "$asked"
check_equal "after kill -9 of both it is still lifted" "200 resumes/t-3 resumes/t-1 $lifted" "$status $(hits) $(json '.results[0].distance')"
post playbooks/record '{"query_text":"forklift operator in Chicago","answer_id":"t-3","answer_corpus":"resumes","score":0}'
check_equal "recorded again it is brought up to date" true "$(json .existing)"
post search "$asked"
check_equal "a score of 0 takes the praise back" "resumes/t-1 resumes/t-2" "$(hits)"

stop embedd
http "$matrixd_url/ready"
check_equal "without embedd it is degraded" "200 degraded" "$status $(json .status)"
check_answer "texts are refused" 502 upstream_unavailable -d "$asked" "$gateway_url/v1/matrix/search"
post search "{$query,\"k\":1}"
check_equal "and vectors searched for" "200 east/a" "$status $(hits)"
stop vectord
http "$matrixd_url/ready"
check_equal "without vectord it is not ready" "503 unavailable" "$status $(json .status)"
