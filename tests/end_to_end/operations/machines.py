"""Machines that run the example: a folder each, with the installed project in it and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.end_to_end.operations.page import EXAMPLES, PROJECT, placed

_NOT_INHERITED = ("MELTANO_", "TAP_", "TARGET_", "AIRFLOW", "VIRTUAL_ENV", "UV_")
SECONDS = 600


def inherited() -> dict[str, str]:
    """Return this process's environment without what configures Meltano, the plugins, Airflow and uv."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}


class Machine:
    """A folder that stands for ``/srv/lightfield`` on a machine of its own.

    Args:
        folder: Where it is to be.
        settings: What its ``.env`` has, beside the addresses of sandboxes.
        addresses: Where the sandboxes are.
        installed: A folder in which the project was installed, whose environments are used.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        addresses: Mapping[str, str],
        installed: Path | None,
    ) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.settings = {**settings, "LIGHTFIELD_FILES": str(self.files)}
        shutil.copytree(EXAMPLES, folder)
        for path in folder.rglob("*"):
            if path.is_file():
                path.write_text(placed(path.read_text(), {PROJECT: folder}))
        assert self.settings.keys() == self._variables(), "what .env.example has and what the test sets"
        self._addresses = addresses
        self.write_env()
        if installed:
            (folder / ".venv").symlink_to(installed / ".venv")
            for plugin in (
                "extractors/tap-lightfield",
                "loaders/target-lightfield",
                "loaders/target-postgres",
            ):
                for workspace in ("", "acme", "globex"):
                    place = folder / ".meltano" / workspace / plugin
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.symlink_to(installed / ".meltano" / "acme" / plugin)

    def write_env(self, **changes: str) -> None:
        """Write the file ``.env``, with some settings of other values."""
        values = {**self.settings, **self._addresses, **changes}
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))

    def meltano(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Meltano to its end; what it says on both streams is its standard output."""
        return self.run([".venv/bin/meltano", *arguments])

    def run(
        self, command: Sequence[str | Path], env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**inherited(), **_QUIET} if env is None else env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        """Start Meltano in a process group of its own."""
        with log.open("wb") as output:
            return subprocess.Popen(
                [".venv/bin/meltano", *arguments],
                cwd=self.folder,
                env={**inherited(), **_QUIET},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _variables(self) -> set[str]:
        text = (self.folder / ".env.example").read_text()
        return set(re.findall(r"^(\w+)=", text, re.MULTILINE))


_QUIET = {"MELTANO_CLI_LOG_FORMAT": "plain", "NO_COLOR": "1", "MELTANO_CLI_DISABLE_VERSION_CHECK": "true"}


def end_all_of(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it started, as the loss of the machine does."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(SECONDS)
