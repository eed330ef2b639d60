"""The commands of README and docs, taken from there and run as they are written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from demo.pipeline import REPOSITORY

PROGRAMS = Path(sys.executable).parent
_OWN = ("TAP_", "TARGET_", "MELTANO_", "UV_PROJECT_", "VIRTUAL_ENV")


def blocks(document: str) -> list[str]:
    """Return the shell commands of a document, one text a block, without their indentation."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    fenced = re.findall(r"^( *)```(\w*)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [
        re.sub(f"^{indent}", "", body, flags=re.MULTILINE) for indent, kind, body in fenced if kind == "sh"
    ]


def block(document: str, *, beginning: str) -> str:
    """Return the one block of a document that begins so."""
    (found,) = [text for text in blocks(document) if text.startswith(beginning)]
    return found


def environment(**variables: str) -> dict[str, str]:
    """Return this environment, with the programs of `make setup` and without any setting of a plugin."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(_OWN)},
        "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        "MELTANO_CLI_LOG_FORMAT": "plain",
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "NO_COLOR": "1",
        **variables,
    }


def run(script: str, folder: Path, env: Mapping[str, str], placeholders: Mapping[str, str]) -> str:
    """Run commands in a folder as a person types them, with their own keys; return what was said.

    Args:
        script: The commands. The first that fails ends it.
        folder: The working directory.
        env: The environment.
        placeholders: What stands for something of the person's own, and what it is here.
    """
    for placeholder, value in placeholders.items():
        assert placeholder in script, f"{placeholder} is not in\n{script}"
        script = script.replace(placeholder, value)
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder, env=dict(env), text=True, capture_output=True, check=False, timeout=900,
    )  # fmt: skip
    assert ended.returncode == 0, f"{script}\n{ended.stdout[-4000:]}\n{ended.stderr[-8000:]}"
    return ended.stdout + ended.stderr


def checkout(folder: Path) -> Path:
    """Lay a checkout of this repository, as a clone would be, into a folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, text=True, capture_output=True, check=True,
    )  # fmt: skip
    clone = folder / "singer-lightfield"
    for name in filter(None, listed.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, clone / name)
    return clone
