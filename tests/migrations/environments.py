"""Environments of other people's taps, unchanged: made once by uv, and kept under ``.demo``.

In each of them, ``requests`` sends what is for a host named in ``STAND_INS`` to a stand-in instead: taps
have their API's address fixed in their code.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from demo.pipeline import REPOSITORY

# Some of what is installed needs a newer Python than the oldest that this project runs on.
_PYTHON = sys.executable if sys.version_info >= (3, 11) else ">=3.11"

_KEPT = REPOSITORY / ".demo" / "environments"  # `make clean` removes it, and git ignores it

_REDIRECT = '''
"""Sends requests for the hosts of STAND_INS, {host: URL}, to the URL instead."""
import json, os
from urllib.parse import urlsplit

stand_ins = json.loads(os.environ.get("STAND_INS", "{}"))
if stand_ins:
    from requests.adapters import HTTPAdapter

    real_send = HTTPAdapter.send

    def send(self, request, *args, **options):
        parts = urlsplit(request.url)
        if parts.hostname in stand_ins:
            request.url = stand_ins[parts.hostname] + request.url.partition(parts.netloc)[2]
            options["proxies"] = None
        return real_send(self, request, *args, **options)

    HTTPAdapter.send = send
'''


def environment(requirement: str, *more: str) -> Path:
    """Return the ``bin`` of an environment that has this, such as ``tap-x==1.0``; make it first.

    Of several that ask at a time one makes it and the others wait.

    Args:
        requirement: What the environment is for, and called after.
        more: What else it has.
    """
    folder = _KEPT / requirement.replace("==", "-").replace("/", "-")
    stamp, wanted = folder / ".made", json.dumps([requirement, *more, sys.version, str(folder), _REDIRECT])
    _KEPT.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            _uv("venv", "--python", _PYTHON, folder)
            _uv("pip", "install", "--python", folder / "bin" / "python", requirement, *more)
            packages = next(folder.glob("lib/python*/site-packages"))
            (packages / "stand_ins.py").write_text(_REDIRECT)
            # Not sitecustomize: some systems have one of their own, which comes first.
            (packages / "stand_ins.pth").write_text("import stand_ins\n")
            stamp.write_text(wanted)
    return folder / "bin"


def stand_ins(**urls: str) -> Mapping[str, str]:
    """Return the variable that sends a host's requests elsewhere: ``stand_ins(**{"api.x.com": url})``."""
    return {"STAND_INS": json.dumps(urls)}


def _uv(*arguments: str | Path) -> None:
    env = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "UV_PYTHON")}
    command = [Path(sys.executable).with_name("uv"), "--quiet", *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
