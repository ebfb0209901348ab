#!/usr/bin/env bash
# A token is changed while clients read, write and query without a pause, and not one request fails.
source "$(dirname "$0")/tools/smoke-lib.sh"

auth_env=$smoke_dir/auth.env
echo "AUTH_TOKEN=the-first-token" >"$auth_env"
chmod 640 "$auth_env"
export LAKEHOUSE_AUTH_ENV_FILE=$auth_env LAKEHOUSE_VECTORD_FOLD_IDLE=50ms
services=(storaged catalogd ingestd queryd vectord gateway)
smoke_token=the-first-token
start_together "${services[@]}"

pids=$(for service in "${services[@]}"; do echo "${pid_of[$service]}"; done | xargs)
rotate() { "$root/scripts/rotate-token" "$@" -config "$smoke_config" --env-file "$auth_env" --reload "kill -HUP $pids"; }
token_now() { sed -n 's/^AUTH_TOKEN=//p' "$auth_env"; }
# In one step: a client that reads meanwhile has the old one or the new one, never none.
tell_clients() { token_now >"$smoke_dir/next-token" && mv "$smoke_dir/next-token" "$smoke_dir/clients-token"; }
ask() { http -H "authorization: Bearer $(cat "$smoke_dir/clients-token")" "$@"; }
sql() { http -H "authorization: Bearer $1" -d '{"sql":"SELECT count(*) FROM people"}' "$gateway_url/v1/sql"; }

tell_clients
printf 'id,name\n1,Ada\n2,Grace\n' >"$smoke_dir/people.csv"
ask -F file=@"$smoke_dir/people.csv" "$gateway_url/v1/ingest?name=people"
ask -d '{"name":"near","dimension":2}' "$gateway_url/v1/vectors/index"

# clients NUMBER : works until it is told to stop; one line a request: its status and what it was.
clients() {
  local number=$1 round=0 request answer
  while [ ! -e "$smoke_dir/enough" ]; do
    round=$((round + 1))
    for request in "v1/ingest?name=people -F file=@$smoke_dir/people.csv" "v1/storage/put/load/$number-$round -T $smoke_dir/people.csv" \
      "v1/catalog/list" "v1/sql -d @$smoke_dir/count.json" "v1/vectors/index/near/add -d @$smoke_dir/items.json"; do
      # shellcheck disable=SC2086 # words
      answer=$(curl -s -o /dev/null -w '%{http_code}' -H "authorization: Bearer $(cat "$smoke_dir/clients-token")" "$gateway_url"/$request)
      echo "$answer ${request%% *}"
    done
    echo "$round" >>"$smoke_dir/rounds-$number" # a line each: a file that is written anew is empty for a moment
  done
}
echo '{"sql":"SELECT count(*) FROM people"}' >"$smoke_dir/count.json"
echo '{"items":[{"id":"a","vector":[1,2]}]}' >"$smoke_dir/items.json"
for number in 1 2; do : >"$smoke_dir/rounds-$number"; clients "$number" >"$smoke_dir/load-$number" & load_pids+=($!); done
round_of() { wc -l <"$smoke_dir/rounds-$1"; }
rounds_are() { [ "$(round_of 1)" -ge "$1" ] && [ "$(round_of 2)" -ge "$2" ]; }
# A whole round that began since is over, in both clients.
load_goes_on() { wait_until "the load goes on" rounds_are $(($(round_of 1) + 2)) $(($(round_of 2) + 2)); }

load_goes_on
check "a rotation begins" rotate begin
check_equal "a second one does not" 1 "$(rotate begin >/dev/null 2>&1; echo $?)"
load_goes_on
sql the-first-token
check_equal "the old token is still good" 200 "$status"
tell_clients
check "the new one is another, and long" test "$(token_now | wc -c)" -gt 64 -a "$(token_now)" != the-first-token
load_goes_on
check "the rotation is finished" rotate finish
load_goes_on
touch "$smoke_dir/enough"
wait "${load_pids[@]}"

check_equal "of all requests meanwhile none failed" "" "$(cat "$smoke_dir"/load-* | grep -v '^200 ' | sort | uniq -c)"
echo "        ($(cat "$smoke_dir"/load-* | wc -l) requests)"
sql the-first-token
check_equal "the old token is refused" 401 "$status"
sql "$(token_now)"
check_equal "the new one is good" 200 "$status"
# A file is written by a thread of its own, which has its token from elsewhere.
folds() { curl -s -H "authorization: Bearer $(token_now)" "$vectord_url/metrics" | sed -n 's/^vectord_folds_total{.*outcome="ok".*} //p'; }
folds_before=$(folds)
ask -d @"$smoke_dir/items.json" "$gateway_url/v1/vectors/index/near/add"
folded_since() { [ "$(folds)" -gt "$folds_before" ]; }
check "vectord writes its files with it" wait_until "a fold" folded_since
for service in "${services[@]}"; do
  check "no token is in the log of $service" bash -c "! grep -qE 'the-first-token|$(token_now)' '$smoke_dir/$service.log'"
done
check_equal "the file keeps its mode" 640 "$(stat -c %a "$auth_env")"
