#!/usr/bin/env bash
# The units: what scripts/install lays down, that systemd takes it, that every line starts its service as it is written, and all
# of it under a real systemd where one can be booted.
source "$(dirname "$0")/tools/smoke-lib.sh"
source "$root/scripts/systemd/container.sh"
trap 'ended=$?; stop_container; (exit "$ended"); finish' EXIT

services=(storaged catalogd ingestd queryd vectord embedd pathwayd matrixd chatd gateway)
dest=$smoke_dir/machine-files
installed=$dest/etc/systemd/system
exposure_max=30 # of systemd-analyze's 0 to 100: its "3.0 OK"
not_tested() { echo "  !!! NOT TESTED: $1" >&2; }
install_there() { "$root/scripts/install" --destdir "$dest" "$@" >"$smoke_dir/install.log" 2>&1; }
contents() { (cd "$dest" && find etc usr -type f -printf '%p %m ' -exec cksum {} \;); }

echo "scripts/install"
check "a dry run succeeds" install_there --dry-run
check "and writes nothing" test ! -e "$dest"
check "an install succeeds" install_there
once=$(contents)
check "another one too" install_there
check_equal "and changes nothing" "$once" "$(contents)"
check_equal "tokens are for root and the service's group alone" 640 "$(stat -c %a "$dest/etc/lakehouse/auth.env")"
check "no code is there that others may write" test -z "$(find -L "$dest/opt/lakehouse/current/services" -perm /022 -print -quit)"

echo "the units"
check "they are what their one source says" "$root/node_modules/.bin/node" "$root/scripts/systemd/write-units.ts" --check
# As they were installed, but for where the files lie.
sed -i "s|/opt/lakehouse/|$dest&|g; s|/etc/lakehouse/|$dest&|g; s|/var/cache/lakehouse/|$dest&|g" "$installed"/lakehouse-*.service
sed -i "s|/var/|$dest&|g" "$dest/etc/lakehouse/lakehouse.toml"
if command -v systemd-analyze >/dev/null; then
  check_equal "systemd has nothing to say of them" "" "$(systemd-analyze verify --man=no "$installed"/lakehouse* 2>&1)"
  for service in "${services[@]}"; do
    check "$service is exposed to at most 3.0" systemd-analyze security --offline=yes --no-pager --threshold=$exposure_max "$installed/lakehouse-$service.service"
  done
else
  not_tested "what systemd thinks of the units, and how exposed they are: systemd-analyze is not here (Debian's package systemd)"
fi

setting() { sed -n "s/^$2=//p" "$installed/lakehouse-$1.service"; } # setting SERVICE NAME : every value of it
start_as_written() {
  local service=$1 given
  mapfile -t given < <(setting "$service" Environment; cat "$(setting "$service" EnvironmentFile | sed 's/^-//')")
  unset LAKEHOUSE_STORAGED_DATA_DIR LAKEHOUSE_INGESTD_SPOOL_DIR LAKEHOUSE_QUERYD_{TEMP,CACHE}_DIR LAKEHOUSE_PATHWAYD_LOG_PATH # those of the file
  # shellcheck disable=SC2046 # words, as systemd takes them
  env "${given[@]}" $(setting "$service" ExecStart) >>"$smoke_dir/$service.log" 2>&1 &
  pid_of[$service]=$!
}
run_as_written() {
  for service in "${services[@]}"; do
    start_as_written "$service"
    check "$service starts as its unit has it" wait_until "$service is healthy" service_answers "$service"
  done
  check_answer "the token that was made closes the door" 401 unauthorized "$gateway_url/v1/status"
  check_answer "and opens it" 200 -H "authorization: Bearer $(sed -n 's/^AUTH_TOKEN=//p' "$dest/etc/lakehouse/auth.env")" "$gateway_url/v1/status"
  check_equal "all services are seen" "$((${#services[@]} - 1))" "$(json '[.services[] | select(.status == "ok")] | length')"
  for service in "${services[@]}"; do
    stop "$service"
    check_equal "$service stops cleanly" 0 "$exit_code"
  done
}
# A real systemd runs these lines below; without one they are at least run. SYSTEMD=no leaves it out.
booted=""
[ "${SYSTEMD:-yes}" = yes ] && can_boot && boot_container "$smoke_dir" && booted=yes
[ -n "$booted" ] || run_as_written

echo "scripts/uninstall"
mkdir -p "$dest"/var/{lib,cache}/lakehouse
uninstall_there() { "$root/scripts/uninstall" --destdir "$dest" "$@" >"$smoke_dir/uninstall.log" 2>&1; }
check "a dry run succeeds" uninstall_there --dry-run --purge
check "and leaves everything" test -e "$dest/opt/lakehouse/current/package.json" -a -e "$dest/var/lib/lakehouse"
check "an uninstall succeeds" uninstall_there
check_equal "code and units are gone, configuration and data stay" "./etc/lakehouse ./var/cache/lakehouse ./var/lib/lakehouse" \
  "$(cd "$dest" && find . -name '*lakehouse*' -prune | sort | xargs)"
check "another one too" uninstall_there
check "with --purge" uninstall_there --purge
check_equal "nothing is left" "" "$(cd "$dest" && find . -name '*lakehouse*')"

echo "docs/operations.md, as it is written, under a real systemd"
# Every block of commands, in order: its section's name in the name of its file.
mkdir "$smoke_dir/playbook"
awk -v dir="$smoke_dir/playbook" '/^## / { section = substr($0, 4) } /^```sh$/ { file = sprintf("%s/%02d %s", dir, ++count, section); next } /^```$/ { file = "" } file { print >file }' \
  "$root/docs/operations.md"
follow() { # follow SECTION… : their blocks, each in the checkout
  local section block
  for section in "$@"; do
    for block in "$smoke_dir/playbook"/??\ "$section"; do
      check "$section ($(wc -l <"$block") lines)" in_container bash -euo pipefail -c "cd '$root'; $(cat "$block")"
      cat "$smoke_dir/check" >>"$smoke_dir/said in $section"
      followed=$((followed + 1))
    done
  done
}
followed=0
of_unit() { in_container systemctl show --property "$2" --value "lakehouse-$1.service"; } # of_unit SERVICE PROPERTY
asked() { in_container bash -c "set -a; . /etc/lakehouse/auth.env; curl -sS --max-time 60 -H \"authorization: Bearer \$AUTH_TOKEN\" http://127.0.0.1:3110$*"; }
sees_people() { [ "$(asked "/v1/sql -d '{\"sql\":\"SELECT zip FROM people ORDER BY id\"}'" | jq -c .rows)" = '[["00501"],["10001"]]' ]; }
if [ -n "$booted" ]; then
  follow Install "First start"
  for service in "${services[@]}"; do
    check_equal "$service runs, fenced in, and says where" "active 2 1 answers" \
      "$(of_unit "$service" ActiveState) $(in_container awk '/^Seccomp:|^NoNewPrivs:/ { print $2 }' "/proc/$(of_unit "$service" MainPID)/status" | sort -r | xargs) $(of_unit "$service" StatusText | cut -d' ' -f1)"
  done
  asked "/v1/vectors/index -d '{\"name\":\"near\",\"dimension\":2}'" >/dev/null
  asked "/v1/vectors/index/near/add -d '{\"items\":[{\"id\":\"a\",\"vector\":[1,0]},{\"id\":\"b\",\"vector\":[0,1]}]}'" >/dev/null
  nearest() { [ "$(asked "/v1/vectors/index/near/search -d '{\"vector\":[1,0.1],\"k\":1}'" | jq -r '.results[0].id')" = a ]; }
  check "the native engines work inside the fence: nearest neighbours" nearest
  in_container systemctl kill --signal=KILL lakehouse-vectord.service lakehouse-queryd.service
  restarted() { [ "$(of_unit "$1" NRestarts) $(of_unit "$1" ActiveState)" = "1 active" ]; }
  check "queryd comes back after a kill" wait_until "a restart" restarted queryd
  check "and so does vectord" wait_until "a restart" restarted vectord
  check "with what was there" wait_until "a hit" nearest
  follow "Who may do what" "Rotate the token" Watch "Back up" Restore Upgrade
  check "the log tells of a request by its id" grep -q '"service":"catalogd".*"route":"/catalog/list"' "$smoke_dir/said in Watch"
  check_equal "every service says that it is ready" ${#services[@]} "$(grep -c '^\["[a-z]*","ok"' "$smoke_dir/said in Watch")"
  check "all is there after backup, restore and upgrade" wait_until "rows" sees_people
  check "vectors too" wait_until "a hit" nearest
  check "the target stops" in_container systemctl stop lakehouse.target
  all_ended() { ! in_container pgrep -u lakehouse >/dev/null; }
  check "and with it every service" wait_until "the end of all" all_ended
  check_equal "none of which failed" "" "$(in_container systemctl list-units --failed --plain --no-legend)"
  follow Uninstall
  check_equal "nothing is left, nor the user" "" "$(in_container bash -c 'ls -d /opt/lakehouse /etc/lakehouse /var/*/lakehouse; getent passwd lakehouse' 2>/dev/null)"
  check_equal "no block was left out" "$(find "$smoke_dir/playbook" -type f | wc -l)" "$followed"
else
  not_tested "docs/operations.md under a real systemd: ${reason:-SYSTEMD=no}"
fi
