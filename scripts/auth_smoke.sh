#!/usr/bin/env bash
# Tokens, rotation, sources and binds, as a user meets them; the services among themselves too.
source "$(dirname "$0")/tools/smoke-lib.sh"

bearer() { printf 'authorization: Bearer %s' "$1"; }

echo "a token from the environment"
export AUTH_TOKEN=first
start storaged catalogd ingestd queryd gateway
check_answer "no token" 401 unauthorized "$gateway_url/v1/catalog/list"
check_equal "the answer says how" Bearer "$(header www-authenticate)"
check_answer "a wrong token" 401 unauthorized -H "$(bearer wrong)" "$gateway_url/v1/catalog/list"
check_answer "a token with more behind it" 401 unauthorized -H "$(bearer 'first ')x" "$gateway_url/v1/catalog/list"
check_answer "the token without its scheme" 401 unauthorized -H "authorization: first" "$gateway_url/v1/catalog/list"
check_answer "the right token" 200 -H "$(bearer first)" "$gateway_url/v1/catalog/list"
for path in v1/status metrics ready no/such/route; do
  check_answer "/$path is gated" 401 unauthorized "$gateway_url/$path"
done
check_answer "/health never is" 200 "$gateway_url/health"
check_answer "nor is a service open behind the gateway" 401 unauthorized "$storaged_url/storage/list"

printf 'id,name\n1,Ada\n2,Grace\n' >"$smoke_dir/people.csv"
check_answer "services carry the token among themselves: ingest" 200 \
  -H "$(bearer first)" -F file=@"$smoke_dir/people.csv" "$gateway_url/v1/ingest?name=people"
check_answer "and query" 200 -H "$(bearer first)" -d '{"sql":"SELECT count(*) FROM people"}' "$gateway_url/v1/sql"
check_equal "with the answer" "[[2]]" "$(json '.rows | tostring')"
check "no log has the token" bash -c "! grep -q 'first' '$smoke_dir'/*.log"

echo "rotation: a second token beside the first"
for service in storaged catalogd ingestd queryd gateway; do stop "$service"; done
export LAKEHOUSE_AUTH_SECONDARY_TOKENS=second
start storaged gateway
check_answer "the primary passes" 200 -H "$(bearer first)" "$gateway_url/v1/storage/list"
check_answer "the secondary passes" 200 -H "$(bearer second)" "$gateway_url/v1/storage/list"
stop gateway
unset AUTH_TOKEN
start gateway
check_answer "a secondary alone still closes the door" 401 unauthorized "$gateway_url/v1/storage/list"
check_answer "and opens it" 200 -H "$(bearer second)" "$gateway_url/v1/storage/list"
stop gateway
export AUTH_TOKEN=from-environment LAKEHOUSE_AUTH_TOKEN=explicit
start gateway
check_answer "an explicit token wins over the environment's" 401 unauthorized -H "$(bearer from-environment)" "$gateway_url/v1/status"
check_answer "the explicit one passes" 200 -H "$(bearer explicit)" "$gateway_url/v1/status"
stop gateway
unset AUTH_TOKEN LAKEHOUSE_AUTH_TOKEN LAKEHOUSE_AUTH_SECONDARY_TOKENS

echo "sources"
export LAKEHOUSE_AUTH_ALLOWED_IPS=10.0.0.0/8
start gateway
check_answer "a source outside" 403 forbidden_ip "$gateway_url/v1/status"
check_answer "X-Forwarded-For is not believed" 403 forbidden_ip -H 'x-forwarded-for: 10.0.0.1' "$gateway_url/v1/status"
check_answer "/health answers all the same" 200 "$gateway_url/health"
stop gateway
export LAKEHOUSE_AUTH_ALLOWED_IPS=127.0.0.1,not-an-address
start gateway
check_answer "a bare IP is itself" 200 "$gateway_url/v1/status"
check "a bad entry is a warning that names it" grep -q 'not-an-address' "$smoke_dir/gateway.log"
stop gateway
export LAKEHOUSE_AUTH_ALLOWED_IPS=not-an-address
start gateway
check_answer "with only bad entries nobody passes" 403 forbidden_ip "$gateway_url/v1/status"
stop gateway
unset LAKEHOUSE_AUTH_ALLOWED_IPS

echo "binds that others can reach"
refuses() { # refuses TEXT WORD [VARIABLE=VALUE…]
  local text=$1 word=$2
  shift 2
  env "LAKEHOUSE_GATEWAY_BIND=0.0.0.0:0" "$@" "$root/node_modules/.bin/node" "$root/services/gateway/src/main.ts" \
    -config "$smoke_config" >"$smoke_dir/refused" 2>&1
  check_equal "$text: exit 1" 1 $?
  check "and the line names $word" grep -qF "$word" "$smoke_dir/refused"
}
refuses "without a token" auth.token
refuses "with a token but no consent" LAKEHOUSE_ALLOW_NONLOOPBACK=1 AUTH_TOKEN=first
