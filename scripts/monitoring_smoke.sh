#!/usr/bin/env bash
# What is watched: /metrics of one shape everywhere, alerts and a dashboard that name only what is exported, in a real Prometheus.
source "$(dirname "$0")/tools/smoke-lib.sh"

monitoring=$root/docs/monitoring
services=(storaged catalogd ingestd queryd vectord embedd pathwayd matrixd chatd gateway)
not_tested() { echo "  !!! NOT TESTED: $1" >&2; }
export AUTH_TOKEN=watched
smoke_token=watched
start_together "${services[@]}"
bearer="authorization: Bearer $smoke_token"

echo "/metrics"
own() { sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$smoke_dir/$1.metrics" | sort; } # own SERVICE : the names of its figures
for service in "${services[@]}"; do
  curl -sf -H "$bearer" "$(url_of "$service")/metrics" >"$smoke_dir/$service.metrics"
  own "$service" | grep -v "^${service}_" >"$smoke_dir/$service.common"
  check "$service exports what every service does, and figures of its own name" cmp "$smoke_dir/storaged.common" "$smoke_dir/$service.common"
done
check "among it requests, their time, and what /ready says" test "$(grep -cxE 'http_requests_total|http_request_duration_seconds|http_requests_in_flight|ready_check' "$smoke_dir/gateway.common")" = 4
check "every line says whose it is" bash -c "! grep -hv '^#' '$smoke_dir'/*.metrics | grep -v '^$' | grep -qv 'service=\"'"

echo "what alerts and dashboard name"
expressions() { # of the dashboard, as Prometheus takes them
  jq -r '.. | .expr? // empty' "$monitoring/grafana-dashboard.json" | sed 's/\$__rate_interval/1m/g'
}
named() { (expressions; sed '/annotations:/,/^$/d' "$monitoring/alerts.yml") | grep -oE '\b(http|process|nodejs|ready|storaged|catalogd|ingestd|queryd|vectord|embedd|pathwayd|matrixd|chatd|gateway)_[a-z0-9_]+\b' | sed -E 's/_(bucket|sum|count)$//' | sort -u; }
exported() { for service in "${services[@]}"; do own "$service"; done | sort -u; }
check "they name many figures" test "$(named | wc -l)" -gt 30
check_equal "each of which is exported" "" "$(comm -23 <(named) <(exported))"

if command -v promtool >/dev/null && command -v prometheus >/dev/null; then
  check "promtool takes the rules" promtool check rules "$monitoring/alerts.yml"
  check "the rules fire when they should, and only then" promtool test rules "$monitoring/alerts.test.yml"
  for service in "${services[@]}"; do # nodejs_ names are prom-client's own
    check_equal "promtool has nothing to say of $service's figures" "" "$(promtool check metrics <"$smoke_dir/$service.metrics" 2>&1 | grep -v ^nodejs_)"
  done

  echo "in a real Prometheus"
  echo watched >"$smoke_dir/token"
  cp "$monitoring/alerts.yml" "$smoke_dir/lakehouse-alerts.yml"
  sed "s|/etc/prometheus/lakehouse-token|$smoke_dir/token|; s/interval: 15s/interval: 1s/" "$monitoring/prometheus.yml" >"$smoke_dir/prometheus.yml"
  for service in "${services[@]}"; do
    address=$(url_of "$service")
    sed -Ei "s/\"127.0.0.1:[0-9]+\"(.*service: $service )/\"${address#http://}\"\1/" "$smoke_dir/prometheus.yml"
  done
  sed -i 's/for: [0-9]*m/for: 1s/' "$smoke_dir/lakehouse-alerts.yml"
  check "promtool takes the configuration" promtool check config "$smoke_dir/prometheus.yml"
  free_port
  prometheus_url=http://127.0.0.1:$free_port
  prometheus --config.file="$smoke_dir/prometheus.yml" --storage.tsdb.path="$smoke_dir/tsdb" --web.listen-address="127.0.0.1:$free_port" >"$smoke_dir/prometheus.log" 2>&1 &
  pid_of[prometheus]=$!
  query() { curl -s --data-urlencode "query=$1" "$prometheus_url/api/v1/query"; }
  all_up() { [ "$(query 'sum(up{job="lakehouse"})' | jq -r '.data.result[0].value[1]')" = ${#services[@]} ]; }
  check "it sees all services" wait_until "all up" all_up
  while read -r expression; do
    refused=$(query "$expression" | jq -r 'select(.status != "success") | .error')
    [ -z "$refused" ] || failed "a panel's expression is refused" "$expression: $refused"
  done < <(expressions)
  passed "it takes the expression of every panel"
  firing() { curl -s "$prometheus_url/api/v1/alerts" | jq -r '[.data.alerts[] | select(.state == "firing") | "\(.labels.alertname) \(.labels.service) \(.labels.check // "")"] | sort | join(", ")'; }
  check_equal "nothing is wrong" "" "$(firing)"
  stop storaged KILL
  fires() { firing | grep -q "$1"; }
  check "a service that is gone raises an alarm" wait_until "the alarm" fires "LakehouseDown storaged"
  check "and so do those that can't serve without it, by name" wait_until "the alarm" fires "LakehouseUnavailable catalogd storaged"
  kill "${pid_of[prometheus]}"
  wait "${pid_of[prometheus]}" 2>/dev/null
  unset "pid_of[prometheus]"
else
  not_tested "rules, configuration and panels in a real Prometheus: it is not here (Debian's package prometheus)"
fi
