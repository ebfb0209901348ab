# shellcheck shell=bash
# Shared by the smokes. A smoke talks to running services as a user would, prints one line a check, and exits 0 only if all hold:
#
#   source "$(dirname "$0")/tools/smoke-lib.sh"
#   start storaged                                    # a free port, a temp data folder, waits for /health; see $storaged_url
#   http -X PUT --data-binary hello "$storaged_url/storage/put/a"    # leaves $status, $body, and `header NAME`
#   check "a PUT answers 200" test "$status" = 200
#   check_equal "it tells the size" 5 "$(json .size)"
#   stop storaged KILL; start storaged                # the same port and data again
#
# STORE=fs (default) or s3; s3 wants S3_ENDPOINT and the usual AWS_* variables, and S3_BUCKET unless it is `lakehouse`.

set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
smoke_name=$(basename "$0" .sh)
smoke_dir=$(mktemp -d "${TMPDIR:-/tmp}/lakehouse-$smoke_name.XXXXXX")
smoke_config=$smoke_dir/lakehouse.toml # a smoke appends the tables it needs before it starts a service
STORE=${STORE:-fs}
wait_seconds=60

status="" body=""
checks_run=0
checks_failed=0
declare -A pid_of=()

# --- services ----------------------------------------------------------------------------------------------------------

# start SERVICE… : starts each on its port and waits until its /health answers.
start() {
  local service
  for service in "$@"; do
    "$root/node_modules/.bin/node" "$root/services/$service/src/main.ts" -config "$smoke_config" >>"$smoke_dir/$service.log" 2>&1 &
    pid_of[$service]=$!
    wait_until "$service is healthy" service_answers "$service" || exit 1
  done
}

# start_together SERVICE… : all at once, until each is ready; $smoke_token is the bearer token where there is one.
start_together() {
  local service
  for service in "$@"; do
    "$root/node_modules/.bin/node" "$root/services/$service/src/main.ts" -config "$smoke_config" >>"$smoke_dir/$service.log" 2>&1 &
    pid_of[$service]=$!
  done
  for service in "$@"; do wait_until "$service is ready" service_is_ready "$service" || exit 1; done
}

service_is_ready() {
  kill -0 "${pid_of[$1]}" 2>/dev/null || fatal "$1 ended before it was ready"
  curl -sf -o /dev/null --max-time 5 -H "authorization: Bearer ${smoke_token:-}" "$(url_of "$1")/ready"
}

# stop SERVICE [SIGNAL] : ends it (TERM unless told) and leaves its exit code in $exit_code.
stop() {
  local service=$1 signal=${2:-TERM}
  kill -s "$signal" "${pid_of[$service]}" 2>/dev/null
  wait "${pid_of[$service]}" 2>/dev/null
  # shellcheck disable=SC2034 # for the smokes
  exit_code=$?
  unset "pid_of[$service]"
}

service_answers() {
  kill -0 "${pid_of[$1]}" 2>/dev/null || fatal "$1 ended before it was healthy"
  curl -sf -o /dev/null --max-time 2 "$(url_of "$1")/health"
}

url_of() {
  local variable=${1}_url
  echo "${!variable}"
}

# --- requests ----------------------------------------------------------------------------------------------------------

# http CURL-ARGUMENT… : one request; leaves $status (000 where no answer came) and $body.
http() {
  : >"$smoke_dir/body"
  status=$(curl -sS --max-time 120 -o "$smoke_dir/body" -D "$smoke_dir/headers" -w '%{http_code}' "$@" 2>"$smoke_dir/curl-error")
  body=$(tr -d '\0' <"$smoke_dir/body")
}

# json FILTER : the last answer through jq.
json() { jq -r "$1" "$smoke_dir/body"; }

# header NAME : of the last answer; empty where it has none.
header() { tr -d '\r' <"$smoke_dir/headers" | awk -v name="${1,,}:" 'tolower($1) == name { sub(/^[^:]*: */, ""); value = $0 } END { print value }'; }

# --- checks ------------------------------------------------------------------------------------------------------------

# check TEXT COMMAND… : one line; the command's success decides.
check() {
  local text=$1
  shift
  if "$@" >"$smoke_dir/check" 2>&1; then passed "$text"; else failed "$text" "$(cat "$smoke_dir/check")"; fi
}

# check_equal TEXT WANTED GOT
check_equal() {
  if [ "$2" = "$3" ]; then passed "$1"; else failed "$1" "wanted: $2"$'\n'"got:    $3"; fi
}

# check_answer TEXT STATUS [CODE] CURL-ARGUMENT… : the status, and the code of an error.
check_answer() {
  local text=$1 wanted=$2 code=""
  shift 2
  if [ "$wanted" -ge 400 ]; then code=$1 && shift; fi
  http "$@"
  local got=$status
  if [ -n "$code" ]; then wanted="$wanted $code" got="$status $(jq -r '.code?' "$smoke_dir/body" 2>/dev/null)"; fi
  if [ "$wanted" = "$got" ]; then passed "$text"; else failed "$text" "wanted: $wanted"$'\n'"got:    $got"$'\n'"${body:0:400}$(cat "$smoke_dir/curl-error")"; fi
}

# wait_until TEXT COMMAND… : polls for a state; silent when it comes, a failed check when it does not.
wait_until() {
  local text=$1 deadline=$((SECONDS + wait_seconds))
  shift
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then failed "$text" "not within $wait_seconds s"; return 1; fi
    sleep 0.05 # between two polls until the deadline
  done
}

passed() {
  checks_run=$((checks_run + 1))
  echo "  ok    $1"
}

failed() {
  checks_run=$((checks_run + 1))
  checks_failed=$((checks_failed + 1))
  echo "  FAIL  $1"
   if [ -n "${2:-}" ]; then sed 's/^/        /' <<<"$2"; fi
}

fatal() {
  failed "$1"
  exit 1
}

# --- ports, folders, end -----------------------------------------------------------------------------------------------

# Below the ports that the kernel hands out by itself, of the lane that scripts/smoke gives this smoke, and nobody listens there now.
free_port() {
  local port
  while :; do
    port=$((20000 + 6000 * ${SMOKE_LANE:-0} + RANDOM % 6000))
    if [ -z "${ports_taken[$port]:-}" ] && ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
  done
  ports_taken[$port]=taken
  free_port=$port
}

# Every service gets its port, and every folder lies in the smoke's own; the environment wins over the file.
lay_out() {
  local variable service client
  for variable in $(compgen -e | grep '^LAKEHOUSE_'; echo AUTH_TOKEN); do unset "$variable"; done
  for service in storaged catalogd ingestd queryd vectord embedd pathwayd matrixd chatd gateway; do
    free_port
    printf -v "${service}_url" 'http://127.0.0.1:%s' "$free_port"
    export "LAKEHOUSE_${service^^}_BIND=127.0.0.1:$free_port"
  done
  for client in gateway:{storaged,catalogd,ingestd,queryd,vectord,embedd,pathwayd,matrixd,chatd} \
    {catalogd,ingestd,queryd,vectord}:storaged {ingestd,queryd}:catalogd matrixd:{embedd,vectord}; do
    service=${client#*:} client=${client%:*}
    export "LAKEHOUSE_${client^^}_${service^^}_URL=$(url_of "$service")"
  done
  export NODE_COMPILE_CACHE=$root/node_modules/.cache/code MALLOC_ARENA_MAX=1 # as scripts/up does
  export LAKEHOUSE_STORAGED_DATA_DIR=$smoke_dir/objects LAKEHOUSE_INGESTD_SPOOL_DIR=$smoke_dir/spool
  export LAKEHOUSE_VECTORD_ENGINE=${VECTOR_ENGINE:-native}
  export LAKEHOUSE_QUERYD_TEMP_DIR=$smoke_dir/query-temp LAKEHOUSE_QUERYD_CACHE_DIR=$smoke_dir/query-cache
  export LAKEHOUSE_PATHWAYD_LOG_PATH=$smoke_dir/pathway/traces.jsonl LAKEHOUSE_SECRETS_PATH=$smoke_dir/secrets.toml
}

choose_store() {
  : >"$smoke_config"
  case $STORE in
    fs) ;;
    s3) cat >"$smoke_config" <<TOML
[[storaged.buckets]]
name = "primary"
backend = "s3"
endpoint = "${S3_ENDPOINT:?STORE=s3 wants S3_ENDPOINT}"
bucket = "${S3_BUCKET:-lakehouse}"
TOML
      # Where scripts/test-tools has brought httpfs, queryd reads by it; elsewhere by its cache.
      export LAKEHOUSE_QUERYD_EXTENSION_DIRECTORY=$root/.tools/duckdb-extensions
      ;;
    *) fatal "STORE is fs or s3, not $STORE" ;;
  esac
}

# The verdict is given here, so that a smoke which ends early, or checks nothing, can't pass.
finish() {
  local code=$? service
  trap - EXIT
  for service in "${!pid_of[@]}"; do stop "$service" KILL; done
  if [ "$code" -ne 0 ] || [ "$checks_failed" -gt 0 ] || [ "$checks_run" -eq 0 ]; then
    for service in "$smoke_dir"/*.log; do
      [ -f "$service" ] && { echo "--- the end of $(basename "$service")"; tail -n 20 "$service" | cut -c1-600; }
    done
    code=1
  fi
  rm -rf "$smoke_dir"
  echo "$smoke_name ($STORE): $((checks_run - checks_failed)) of $checks_run checks hold"
  exit "$code"
}

declare -A ports_taken=()
trap finish EXIT
trap 'exit 130' INT TERM
lay_out
choose_store
echo "$smoke_name ($STORE)"
