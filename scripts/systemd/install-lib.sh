# shellcheck shell=bash
# Shared by scripts/install and scripts/uninstall: their options, and `run`, through which every change to the machine goes.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
prefix=/opt/lakehouse destdir=${DESTDIR:-} dry_run= purge=
script=$(basename "$0")

usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }
fail() { echo "scripts/$script: $1" >&2; exit 1; }

while [ $# -gt 0 ]; do
  case $1 in
    --prefix) prefix=${2:?--prefix wants a folder}; shift ;;
    --destdir) destdir=${2:?--destdir wants a folder}; shift ;;
    --dry-run) dry_run=yes ;;
    --purge) [ "$script" = uninstall ] || fail "--purge is for scripts/uninstall"; purge=yes ;;
    -h | --help) usage; exit 0 ;;
    *) fail "unknown option $1; --help lists them" ;;
  esac
  shift
done
# Both are followed by names of ours, so that nothing but those is ever removed.
[[ $prefix =~ ^/[^/] ]] || fail "--prefix is an absolute path, and not the root"
[[ -z $destdir || $destdir = /* ]] || fail "--destdir is an absolute path"
prefix=${prefix%/} destdir=${destdir%/}
[ -n "$destdir" ] || [ -n "$dry_run" ] || [ "$(id -u)" = 0 ] || fail "only root may change this machine; --dry-run shows what would be done"

units=$destdir/etc/systemd/system
config=$destdir/etc/lakehouse
state=$destdir/var/lib/lakehouse
cache=$destdir/var/cache/lakehouse
releases=$destdir$prefix/releases
current=$destdir$prefix/current
sysusers=$destdir/usr/lib/sysusers.d/lakehouse.conf

# run COMMAND… : does it, or with --dry-run says so.
run() {
  if [ -n "$dry_run" ]; then echo "would run: ${*//$destdir/}"; else "$@"; fi
}

# on_machine COMMAND… : the same, for what concerns the running system; nothing under a --destdir, nothing where no systemd runs.
on_machine() {
  [ -z "$destdir" ] || return 0
  if [ -d /run/systemd/system ] || [ -n "$dry_run" ]; then run "$@"; else echo "no systemd runs here; left out: $*"; fi
}
