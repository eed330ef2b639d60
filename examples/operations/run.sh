#!/bin/sh
# run.sh WORKSPACE JOB…: `meltano run` for a workspace, which may run beside others on one machine.
# What Meltano hands to a plugin, its key and its bookmarks included, is in a folder for each plugin. With one such
# folder for all, two workspaces at once would read each other's.
cd "$(dirname "$0")" || exit 1
export MELTANO_ENVIRONMENT="$1" MELTANO_SYS_DIR_ROOT="$PWD/.meltano/$1"
shift
exec .venv/bin/meltano run "$@"
