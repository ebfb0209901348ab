# shellcheck shell=bash
# Starts a real S3 server for smokes, the demo and the benchmarks:
#
#   source scripts/tools/s3-server.sh
#   start_s3_server minio DIR      # or versitygw; leaves S3_ENDPOINT and the usual AWS_* variables exported, and $s3_pid
#   make_bucket NAME
#   stop_s3_server

s3_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
s3_seconds_max=30
s3_pid=

# start_s3_server KIND DIR : on a free port, with its data under DIR.
start_s3_server() {
  local kind=$1 dir=$2 binary port deadline=$((SECONDS + s3_seconds_max))
  binary=$(PATH="$s3_root/.tools/bin:$PATH" command -v "$kind") || { echo "there is no $kind here; scripts/test-tools $kind fetches it" >&2; return 1; }
  mkdir -p "$dir/s3" "$dir/home"
  port=$((32000 + RANDOM % 700)) # where no smoke looks for one
  export S3_ENDPOINT=http://127.0.0.1:$port
  export AWS_ACCESS_KEY_ID=lakehouse AWS_SECRET_ACCESS_KEY=lakehouse-secret AWS_REGION=us-east-1
  case $kind in
    minio) MINIO_ROOT_USER=$AWS_ACCESS_KEY_ID MINIO_ROOT_PASSWORD=$AWS_SECRET_ACCESS_KEY MINIO_BROWSER=off HOME=$dir/home \
      "$binary" server --quiet --address "127.0.0.1:$port" "$dir/s3" >"$dir/s3.log" 2>&1 & ;;
    versitygw) ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY HOME=$dir/home \
      "$binary" --port "127.0.0.1:$port" --quiet posix --sidecar "$dir/home" "$dir/s3" >"$dir/s3.log" 2>&1 & ;;
    *) echo "the kinds of S3 server are minio and versitygw, not $kind" >&2; return 1 ;;
  esac
  s3_pid=$!
  until s3_call -o /dev/null "$S3_ENDPOINT/"; do
    [ "$SECONDS" -lt "$deadline" ] && kill -0 "$s3_pid" 2>/dev/null || { cat "$dir/s3.log" >&2; echo "$kind did not start" >&2; return 1; }
    sleep 0.1 # between two polls until the deadline
  done
}

# make_bucket NAME
make_bucket() { s3_call -o /dev/null -X PUT "$S3_ENDPOINT/$1"; }

stop_s3_server() {
  [ -n "$s3_pid" ] || return 0
  kill "$s3_pid" 2>/dev/null
  wait "$s3_pid" 2>/dev/null
  s3_pid=
}

# A signed request; fails where the server does. VersityGW wants the header that curl leaves out.
s3_call() { curl -sf --max-time 5 -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --aws-sigv4 "aws:amz:$AWS_REGION:s3" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@"; }
