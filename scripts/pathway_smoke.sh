#!/usr/bin/env bash
# Memory of traces: added once, replayed, revised, retired, found, as they stood; the same after kill -9; a log torn, damaged, taken, full.
source "$(dirname "$0")/tools/smoke-lib.sh"

start pathwayd gateway
log=$LAKEHOUSE_PATHWAYD_LOG_PATH
pathway() { http -d "$2" "$gateway_url/v1/pathway/$1"; } # pathway ROUTE BODY
trace() { http "$gateway_url/v1/pathway/get/$1"; }
found() { json '[.results[].trace.uid] | join(" ")'; }
ready() { http "$pathwayd_url/ready"; }
is_ready() { curl -sf -o /dev/null "$pathwayd_url/ready"; }
restart() { stop pathwayd "${1:-KILL}"; start pathwayd; wait_until "pathwayd is ready" is_ready; }
refused() { check_answer "$1" "$2" "$3" -d "$5" "$gateway_url/v1/pathway/$4"; } # refused TEXT STATUS CODE ROUTE BODY

pathway add '{"uid":"t-1","content":{"task":"fix the login","tries":2},"tags":["auth","web"]}'
check_equal "a trace is added" "201 t-1 default null 0 false 1" \
  "$status $(json '.trace | "\(.uid) \(.namespace) \(.predecessor_uid) \(.replay_count) \(.retired) \(.version)"')"
refused "its uid can't be added again" 409 trace_exists add '{"uid":"t-1","content":1}'
pathway add '{"content":"a rusty pump in Boston","namespace":"plant"}'
check_equal "one without a uid gets one" "201 36" "$status $(json '.trace.uid | length')"
pump=$(json .trace.uid)
pathway add '{"uid":"t-exact","content":{"id":12345678901234567890,"__proto__":[1e400,null,"é"]}}'
check "content comes back as it was given" grep -qF '"content":{"id":12345678901234567890,"__proto__":[1e400,null,"é"]}' <<<"$body"

pathway add_idempotent '{"uid":"t-1","content":"something else"}'
check_equal "a uid that is there is replayed, and keeps its content" '200 true 1 {"task":"fix the login","tries":2}' \
  "$status $(json '"\(.existing) \(.trace.replay_count) \(.trace.content)"')"
pathway add_idempotent '{"content":{"tries":2,"task":"fix the login"}}'
check_equal "so is equal content, whichever way its keys stand" "200 true t-1 2" "$status $(json '"\(.existing) \(.trace.uid) \(.trace.replay_count)"')"
pathway add_idempotent '{"content":{"tries":2,"task":"fix the login"},"namespace":"plant"}'
check_equal "not that of another namespace" "201 false" "$status $(json .existing)"

before=$(date -u +%FT%T.%6NZ)
pathway update '{"uid":"t-1","content":{"task":"fix the login and the logout"}}'
check_equal "an update is in place" "200 2 fix the login and the logout" "$status $(json '.trace | "\(.version) \(.content.task)"')"
pathway revise '{"uid":"t-1","content":"login fixed: retry with backoff"}'
check_equal "a revision is a new trace that names the old" "201 t-1 1" "$status $(json '.trace | "\(.predecessor_uid) \(.version)"')"
successor=$(json .trace.uid)
trace t-1
check_equal "which is retired by it, and can still be got" "200 true" "$status $(json .trace.retired)"
refused "a trace with a successor can't be revised again" 409 trace_superseded revise '{"uid":"t-1","content":1}'
check_equal "and the successor is named" "$successor" "$(json .details.successor_uid)"
http "$gateway_url/v1/pathway/history/$successor"
check_equal "the history goes back, newest first" "$successor t-1" "$(json '[.traces[].uid] | join(" ")')"
pathway retire '{"uid":"t-exact"}'
check_equal "a trace is retired" "200 true" "$status $(json .trace.retired)"
check_answer "an unknown uid is said so" 404 trace_not_found "$gateway_url/v1/pathway/get/nobody"

pathway search '{"query":"login"}'
check_equal "a search finds what is not retired" "$successor" "$(found)"
pathway search '{"query":"login","include_retired":true,"explain":true}'
check_equal "a trace that was revised ranks below its successor" "$successor t-1" "$(found)"
check_equal "and the score says how it came about" "$successor" "$(json '.results[1].explanation.superseded_by')"
pathway search '{"query":"pump"}'
check_equal "namespaces are apart" "" "$(found)"
pathway search '{"query":"PUMP","namespace":"plant"}'
check_equal "a word matches in whichever case" "$pump" "$(found)"
pathway search '{"tags":["auth","web"]}'
check_equal "all tags must be there" "$successor" "$(found)"
pathway search '{"content_contains":"WITH back"}'
check_equal "a text is found within the content" "$successor" "$(found)"
pathway search "{\"query\":\"login\",\"as_of\":\"$before\"}"
check_equal "the memory is searched as it stood" 't-1 2 1 {"task":"fix the login","tries":2}' \
  "$(json '.results[].trace | "\(.uid) \(.replay_count) \(.version) \(.content)"')"
pathway search "{\"since\":\"$before\",\"include_retired\":true}"
check_equal "or what changed since" "t-exact $successor t-1" "$(found)"

refused "no content is refused" 400 invalid_request add '{"uid":"x"}'
refused "a uid with a line break is refused" 400 invalid_request add '{"uid":"a\nb","content":1}'
refused "neither uid nor content is refused" 400 invalid_request add_idempotent '{}'
refused "a limit over a thousand is refused" 400 invalid_request search '{"limit":1001}'
refused "a time that is none is refused" 400 invalid_request search '{"as_of":"yesterday"}'
refused "malformed JSON is refused" 400 invalid_json add '{"content":'
jq -n '{content: ("x" * 1100000)}' >"$smoke_dir/large"
check_answer "a body over the limit is refused" 413 payload_too_large -d "@$smoke_dir/large" "$gateway_url/v1/pathway/add"

http "$gateway_url/v1/pathway/stats"
stats=$(json 'del(.log)')
http "$gateway_url/v1/pathway/history/$successor"
history=$body
restart KILL
http "$gateway_url/v1/pathway/stats"
check_equal "everything is there after kill -9" "$stats" "$(json 'del(.log)')"
http "$gateway_url/v1/pathway/history/$successor"
check_equal "word for word" "$history" "$body"
pathway search "{\"query\":\"login\",\"as_of\":\"$before\"}"
check_equal "and so is the past" "t-1" "$(found)"
check "the log is JSON, a record a line" jq -e -s 'map(.record.op) | length == 9 and .[0] == "add"' "$log"

if LAKEHOUSE_PATHWAYD_BIND=127.0.0.1:0 "$root/node_modules/.bin/node" "$root/services/pathwayd/src/main.ts" >"$smoke_dir/second" 2>&1; then second=ran; else second=refused; fi
check_equal "a second pathwayd on the same log is refused" "refused 1" "$second $(grep -c 'in use by another pathwayd' "$smoke_dir/second")"

stop pathwayd
check_equal "it stops at a signal" 0 "$exit_code"
printf '{"bytes":99,"crc32":"00000000","record":{"op":"ad' >>"$log"
start pathwayd && wait_until "pathwayd is ready" is_ready
check_equal "a torn last line is cut off" "$stats" "$(curl -s "$pathwayd_url/pathway/stats" | jq 'del(.log)')"
ready
check_equal "and nothing is wrong after that" "ok" "$(json .status)"

stop pathwayd
sed -i '2s/rusty/dusty/; 5i this is no record' "$log"
start pathwayd && wait_until "pathwayd is ready" is_ready
ready
check_equal "bad lines are counted at /ready" "degraded 2" "$(json '"\(.status) \(.checks.log.details.rejected_lines)"')"
check_equal "and set aside, as they were" "1 1" "$(grep -c dusty "$log.rejected") $(grep -c '^this is no record$' "$log.rejected")"
trace "$pump"
check_equal "only what they said is missing" "404 $history" "$status $(curl -s "$gateway_url/v1/pathway/history/$successor")"
restart
check_equal "they are set aside once" 2 "$(wc -l <"$log.rejected")"
