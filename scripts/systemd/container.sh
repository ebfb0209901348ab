# shellcheck shell=bash
# A real systemd for tests: Debian's own boots in a container over this machine's files, of which nothing is changed, with a network of
# its own.
#
#   source scripts/systemd/container.sh
#   can_boot || echo "$reason"
#   boot_container DIR        # DIR is for its log
#   in_container COMMAND…
#   stop_container

container_checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
container_pid="" reason=""
container_seconds_max=60

can_boot() {
  [ "$(id -u)" = 0 ] || { reason="it wants root"; return 1; }
  command -v systemd-nspawn >/dev/null || { reason="it wants Debian's systemd-container"; return 1; }
  unshare --mount true 2>/dev/null || { reason="mounts are not allowed here"; return 1; }
}

boot_container() {
  local log=$1/container.log deadline=$((SECONDS + container_seconds_max)) no_scope=--keep-unit
  [ -d /run/systemd/system ] && no_scope=
  # Both mounts are of a mount namespace of its own and end with it. What is enabled on this machine stays out. The checkout may
  # lie on a file system of its own, which an overlay of / does not show.
  unshare --mount --propagation private bash -c "
    mkdir -p '$1/machine' && mount -t tmpfs -o size=8G tmpfs '$1/machine' && cd '$1/machine' && mkdir upper work root &&
    mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root && rm -f root/etc/systemd/system/*.wants/* &&
    exec systemd-nspawn --quiet --directory=root --boot --console=pipe --private-network --bind-ro='$container_checkout' --register=no $no_scope --link-journal=no --machine=lakehouse-test-$$
  " >"$log" 2>&1 </dev/null &
  container_pid=$!
  until [ "$(in_container systemctl is-system-running 2>/dev/null)" = running ]; do
    [ "$SECONDS" -lt "$deadline" ] && kill -0 "$container_pid" 2>/dev/null || { reason="it did not boot: $(tail -n 1 "$log")"; return 1; }
    sleep 0.1 # between two polls until the deadline
  done
}

# The container's first process is the child of systemd-nspawn's.
in_container() {
  nsenter --target "$(pgrep --parent "$container_pid" | head -n 1)" --mount --uts --ipc --net --pid --root --wd "$@"
}

stop_container() {
  [ -n "$container_pid" ] || return 0
  kill "$container_pid" 2>/dev/null # systemd-nspawn shuts it down
  wait "$container_pid" 2>/dev/null
  container_pid=
  # Nobody else tidies up when no systemd runs outside.
  [ -d /run/systemd/system ] || find /sys/fs/cgroup/{systemd,unified}/{payload,supervisor} "/run/systemd/nspawn/propagate/lakehouse-test-$$" \
    -depth -type d -empty -exec rmdir {} + 2>/dev/null
}
