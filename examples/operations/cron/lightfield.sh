#!/bin/sh
# lightfield.sh WORKSPACE JOB…: one run with a log of its own; an alert and Meltano's exit status if it fails.
# Exit status 75: the run before is still going on, and this one did nothing.
set -u
umask 077
workspace=$1
shift
cd "$(dirname "$0")/.." || exit 1
set -a
. ./.env
set +a
files=$LIGHTFIELD_FILES/$workspace
mkdir -p "$files"

# The lock goes with the process, however it ends: there is nothing to clean up after a crash.
exec 9>"$files/run.lock"
if ! flock -n 9; then
  echo "The run before is still going on" >&2
  exit 75
fi

log=$files/$(date -u +%Y-%m-%dT%H%M%SZ).log
./run.sh "$workspace" "$@" >"$log" 2>&1 9>&-
status=$?
if [ "$status" -ne 0 ]; then
  ./alert.sh "Lightfield: $workspace $* ended with status $status on $(uname -n); see $log"
fi
find "$files" -name '*Z.log' -mtime +30 -delete
exit "$status"
