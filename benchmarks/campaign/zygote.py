"""A process that has the plugins loaded and forks one for each run: a start costs milliseconds, not seconds.

It reads requests as JSON lines, and answers each with one. A run is a process of its own, with real file
descriptors, signals and exit status; what it runs is what the installed command runs.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

from tap_lightfield.tap import TapLightfield
from target_lightfield.target import TargetLightfield

_COMMANDS: dict[str, Any] = {"tap-lightfield": TapLightfield, "target-lightfield": TargetLightfield}


def main() -> int:
    """Serve until the input ends; in a fork, run the plugin and return its exit status."""
    while line := sys.stdin.readline():
        request = json.loads(line)
        if "start" in request:
            pid = os.fork()
            if pid == 0:
                return _run(request)
            answer: dict[str, Any] = {"pid": pid}
        else:
            answer = _poll(request["poll"])
        print(json.dumps(answer), flush=True)
    return 0


def _poll(pid: int) -> dict[str, Any]:
    ended, status, usage = os.wait4(pid, os.WNOHANG)
    if not ended:
        return {"status": None}
    return {"status": os.waitstatus_to_exitcode(status), "peak_mib": usage.ru_maxrss / 1024}


def _run(request: dict[str, Any]) -> int:
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    for descriptor, (path, flags) in enumerate(
        [
            (request["stdin"], os.O_RDONLY),
            (request["stdout"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
            (request["stderr"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        ]
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it lives as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = [request["start"], *request["arguments"]]
    _COMMANDS[request["start"]].cli.main(request["arguments"], prog_name=request["start"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
