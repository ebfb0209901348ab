#!/usr/bin/env bash
# Every service starts, answers for itself, and has no route that only pretends.
source "$(dirname "$0")/tools/smoke-lib.sh"

services=()
for service in storaged catalogd ingestd queryd vectord embedd pathwayd matrixd chatd gateway; do
  [ -f "$root/services/$service/src/main.ts" ] && services+=("$service")
done
start "${services[@]}"

for service in "${services[@]}"; do
  url=$(url_of "$service")
  http "$url/health"
  check_equal "$service answers /health" "{\"status\":\"ok\",\"service\":\"$service\"}" "$body"
  check "$service stamps a request id on it" test -n "$(header x-request-id)"
  wait_until "$service is ready" curl -sf -o "$smoke_dir/ready" "$url/ready"
  check_equal "$service says so at /ready" "ok $service" "$(jq -r '.status + " " + .service' "$smoke_dir/ready")"
  http "$url/metrics"
  check "$service counts its requests at /metrics" grep -q '^http_requests_total{.*route="/health"' <<<"$body"
  check_answer "$service says what it does not know" 404 route_not_found "$url/no/such/route"
  check_answer "$service says what it does not allow" 405 method_not_allowed -X POST "$url/health"
done

for path in sql ingest storage/list catalog/list; do
  http "$gateway_url/v1/$path"
  check "/v1/$path is no stub" test "$status" != 501
done

http "$gateway_url/v1/status"
for service in "${services[@]}"; do
  [ "$service" = gateway ] || check_equal "/v1/status sees $service" ok "$(json ".services.$service.status")"
done

stop queryd KILL
http "$gateway_url/v1/status"
check_equal "/v1/status is 200 with a service down" 200 "$status"
check_equal "and says degraded" "degraded unavailable" "$(json '.status + " " + .services.queryd.status')"
check_answer "a call to it is a clear 502" 502 upstream_unavailable -X POST -d '{"sql":"SELECT 1"}' "$gateway_url/v1/sql"
check_equal "that names it" queryd "$(json .details.upstream)"

for service in "${services[@]}"; do
  [ "$service" = queryd ] && continue
  stop "$service" TERM
  check_equal "$service stops cleanly on SIGTERM" 0 "$exit_code"
done
