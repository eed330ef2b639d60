"""Meltano for the demo: the plugins' environments, kept, and a project that is thrown away."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.processes import Command, run_to_end

REPOSITORY = Path(__file__).resolve().parent.parent
PLUGINS = ("extractors/tap-lightfield", "loaders/target-lightfield", "loaders/target-postgres")

_INSTALLED = REPOSITORY / ".demo" / "plugins"
_MELTANO = Path(sys.executable).with_name("meltano")


class PipelineFailed(Exception):
    """Meltano ended with an error."""

    def __init__(self, what: str, log: Path) -> None:
        super().__init__(f"{what} failed. The end of its log:\n\n{_end_of(log)}")


def install(log_folder: Path) -> bool:
    """Install the plugins by `meltano install` unless that is done; return whether it was needed.

    They go to ``.demo/plugins`` and stay there, so that only the first demo waits for them. Of several
    demos at a time one installs and the others wait.

    Raises:
        PipelineFailed: With the end of Meltano's log.
    """
    _INSTALLED.mkdir(parents=True, exist_ok=True)
    with (_INSTALLED / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, wanted = _INSTALLED / ".installed", _fingerprint()
        if stamp.is_file() and stamp.read_text() == wanted:
            return False
        stamp.unlink(missing_ok=True)
        for plugin in PLUGINS:
            shutil.rmtree(_INSTALLED / plugin, ignore_errors=True)
        log = log_folder / "meltano-install.log"
        names = [plugin.split("/")[1] for plugin in PLUGINS]
        env = {**_settings(_INSTALLED), "MELTANO_PROJECT_READONLY": "true"}
        command: Command = [_MELTANO, "install", *names]
        if run_to_end(command, log=log, env=env, cwd=REPOSITORY):
            raise PipelineFailed("`meltano install`", log)
        stamp.write_text(wanted)
    return True


@dataclass(frozen=True)
class Project:
    """A Meltano project with the plugins of this repository and no past."""

    folder: Path
    settings: Mapping[str, str]

    def run(self, *blocks: str, log: Path) -> None:
        """Run ``meltano run`` with these blocks.

        Raises:
            PipelineFailed: With the end of Meltano's log.
        """
        command: Command = [_MELTANO, "run", "--no-install", *blocks]
        if run_to_end(command, log=log, env=self.settings, cwd=self.folder):
            raise PipelineFailed(f"`meltano run {' '.join(blocks)}`", log)


def new_project(folder: Path, settings: Mapping[str, str]) -> Project:
    """Make a Meltano project in an empty folder, with the installed plugins and the given settings.

    It has a copy of ``meltano.yml`` and its own system database, and reads no ``.env``: neither the
    developer's state nor their keys play a part, and every demo starts afresh.
    """
    folder.mkdir()
    shutil.copy(REPOSITORY / "meltano.yml", folder)
    system = folder / ".meltano"
    for plugin in PLUGINS:
        place = system / plugin
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(_INSTALLED / plugin)
    return Project(folder, {**_settings(system), **settings})


def _settings(system: Path) -> dict[str, str]:
    """Return Meltano's own settings: nothing is sent anywhere, nothing but PyPI is asked."""
    return {
        "MELTANO_SYS_DIR_ROOT": str(system),
        "MELTANO_DATABASE_URI": f"sqlite:///{system / 'meltano.db'}",
        "MELTANO_ENVIRONMENT": "demo",
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        "MELTANO_CLI_LOG_FORMAT": "plain",
        "NO_COLOR": "1",
        # uv is beside this Python, whether or not its environment is activated.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }


def _fingerprint() -> str:
    """Return what the plugins' environments depend on, their place included: they can't be moved."""
    files = [(REPOSITORY / name).read_text() for name in ("meltano.yml", "pyproject.toml")]
    parts = json.dumps([*files, str(_INSTALLED), sys.version, sys.executable])
    return hashlib.sha256(parts.encode()).hexdigest()


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])
