#!/usr/bin/env bash
# TLS at the edge, as docs/edge/ has it: uploads and events pass nginx and Caddy as they come, and Lakehouse's own limits hold.
source "$(dirname "$0")/tools/smoke-lib.sh"

edge=$root/docs/edge
not_tested() { echo "  !!! NOT TESTED: $1" >&2; }
export AUTH_TOKEN=at-the-edge
bearer="authorization: Bearer $AUTH_TOKEN"

# A chatd whose second event comes only when the first has been seen.
free_port
export LAKEHOUSE_GATEWAY_CHATD_URL=http://127.0.0.1:$free_port
"$root/node_modules/.bin/node" -e '
  let open;
  require("http").createServer((request, response) => {
    if (request.url === "/chat/seen") open.end("data: [DONE]\n\n"), response.end();
    else open = response.writeHead(200, { "content-type": "text/event-stream" }), open.write("data: {\"delta\":\"one\"}\n\n");
  }).listen(process.argv[1], "127.0.0.1")' "$free_port" &
pid_of[events]=$!
start storaged gateway

end_edge() { kill "${pid_of[edge]}" && wait "${pid_of[edge]}" 2>/dev/null; unset "pid_of[edge]"; }
edge_answers() { [ "$(curl -sk -o /dev/null -w '%{http_code}' "$edge_url/health")" = "$1" ]; }
puts_in_flight() { [ "$(curl -s -H "$bearer" "$storaged_url/metrics" | sed -n 's/^storaged_puts_in_flight{.*} //p')" = "$1" ]; }
has_event() { grep -q "$1" "$smoke_dir/events"; }

check_edge() {
  check "it comes up" wait_until "the edge answers" edge_answers 200
  check_answer "no token, no entry" 401 unauthorized -k "$edge_url/v1/storage/list"
  check_answer "with a token there is" 200 -k -H "$bearer" "$edge_url/v1/storage/list"

  mkfifo "$smoke_dir/upload"
  curl -sk -o "$smoke_dir/uploaded" -H "$bearer" -T - "$edge_url/v1/storage/put/datasets/slow" <"$smoke_dir/upload" &
  local upload=$!
  exec 7>"$smoke_dir/upload"
  echo beginning >&7
  check "an upload reaches storaged before its end" wait_until "the upload is seen" puts_in_flight 1
  exec 7>&-
  wait "$upload"
  check_equal "and is stored when it has ended" 10 "$(jq .size "$smoke_dir/uploaded")"
  rm "$smoke_dir/upload"
  truncate -s 64M "$smoke_dir/large"
  check_answer "a large one passes" 200 -k -H "$bearer" -T "$smoke_dir/large" "$edge_url/v1/storage/put/datasets/large"
  check_equal "whole" 67108864 "$(curl -sk -H "$bearer" "$edge_url/v1/storage/get/datasets/large" | wc -c)"
  truncate -s 300M "$smoke_dir/large"
  check_answer "a limit is told in Lakehouse's own words" 413 payload_too_large -k -H "$bearer" -T "$smoke_dir/large" "$edge_url/v1/storage/put/large"

  : >"$smoke_dir/events"
  curl -skN -o "$smoke_dir/events" -H "$bearer" -d '{}' "$edge_url/v1/chat" &
  local stream=$!
  check "an event passes before the next is there" wait_until "the first event" has_event one
  curl -s -H "$bearer" "$gateway_url/v1/chat/seen"
  wait "$stream"
  check "and the stream to its end" has_event DONE
}

if command -v nginx >/dev/null && command -v openssl >/dev/null; then
  echo "nginx"
  free_port
  edge_url=https://127.0.0.1:$free_port
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=lakehouse.example.org -keyout "$smoke_dir/privkey.pem" -out "$smoke_dir/fullchain.pem" 2>/dev/null
  sed "s|127.0.0.1:3110|${gateway_url#http://}|; s|443|$free_port|; s|/etc/letsencrypt/live/lakehouse.example.org|$smoke_dir|" "$edge/nginx.conf" >"$smoke_dir/site.conf"
  temporary=$(for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $smoke_dir/nginx-$kind;"; done)
  echo "user $(id -un); pid $smoke_dir/nginx.pid; events {} http { access_log off; $temporary include $smoke_dir/site.conf; }" >"$smoke_dir/nginx.conf"
  start_nginx() { nginx -c "$smoke_dir/nginx.conf" -e "$smoke_dir/nginx.log" -g 'daemon off;' & pid_of[edge]=$!; }
  start_nginx
  check_edge
  check_equal "nothing was put aside on disk" "" "$(find "$smoke_dir"/nginx-* -type f)"
  check "nginx has nothing to complain of" bash -c "! grep -E '\[(warn|error|crit|emerg)\]' '$smoke_dir/nginx.log'"
  end_edge
  sed -i 's/# \(allow\|deny\)/\1/' "$smoke_dir/site.conf"
  start_nginx
  check "with a list of sources, others are refused" wait_until "a refusal" edge_answers 403
  end_edge
else
  not_tested "nginx: it is not here (Debian's packages nginx and openssl)"
fi

if command -v caddy >/dev/null; then
  echo "Caddy"
  free_port
  edge_url=https://localhost:$free_port
  # Its own certificate in place of one from the internet.
  options="{ local_certs\nskip_install_trust\nadmin off\nauto_https disable_redirects\nhttps_port $free_port }"
  (echo -e "${options/ \}/\\n\}}" && sed "s|127.0.0.1:3110|${gateway_url#http://}|; s|^lakehouse.example.org|$edge_url|" "$edge/Caddyfile") >"$smoke_dir/Caddyfile"
  start_caddy() { XDG_DATA_HOME=$smoke_dir XDG_CONFIG_HOME=$smoke_dir caddy run --config "$smoke_dir/Caddyfile" --adapter caddyfile >>"$smoke_dir/caddy.log" 2>&1 & pid_of[edge]=$!; }
  start_caddy
  check_edge
  end_edge
  sed -i 's/# \(@outside\|respond\)/\1/' "$smoke_dir/Caddyfile"
  start_caddy
  check "with a list of sources, others are refused" wait_until "a refusal" edge_answers 403
  end_edge
else
  not_tested "Caddy: it is not here (Debian's package caddy)"
fi
kill "${pid_of[events]}"
wait "${pid_of[events]}" 2>/dev/null
unset "pid_of[events]"
