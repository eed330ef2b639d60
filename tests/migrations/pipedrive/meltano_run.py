"""The example's Meltano project, with the real tap and this repository's target."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tests.migrations.environments import environment, stand_ins
from tests.migrations.pipedrive.stand_in import HOST, TOKEN, StandIn
from tests.migrations.pipedrive.tap_run import EXAMPLE, TAP

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

_OURS = Path(sys.executable).parent


class Migration:
    """A Meltano project in a folder of its own: the example's, but for where its programs are.

    Args:
        folder: An empty folder.
        pipedrive: Where the records are.
        workspace: Where they go.
    """

    def __init__(self, folder: Path, pipedrive: StandIn, workspace: Sandbox) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        shutil.copy(EXAMPLE / "my_preset.yml", self.folder)
        project = yaml.safe_load((EXAMPLE / "meltano.yml").read_text(encoding="utf-8"))
        programs = {
            "extractors": environment(TAP) / "tap-pipedrive",
            "loaders": _OURS / "target-lightfield",
        }
        for kind, program in programs.items():
            plugin = project["plugins"][kind][0]
            del plugin["pip_url"]  # a plugin without one is not installed, and its program is where it is
            plugin["executable"] = str(program)
        (self.folder / "meltano.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TAP_", "TARGET_"))},
            **stand_ins(**{HOST: pipedrive.url}),
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
            "MELTANO_CLI_LOG_FORMAT": "plain",
            "NO_COLOR": "1",
            "TAP_PIPEDRIVE_API_TOKEN": TOKEN,
            "TARGET_LIGHTFIELD_API_KEY": workspace.key,
            "TARGET_LIGHTFIELD_API_URL": workspace.url,
        }

    def run(self, **settings: str) -> str:
        """Run ``meltano run tap-pipedrive target-lightfield`` to its end, and return its log."""
        for name, value in settings.items():
            self._env[f"TARGET_LIGHTFIELD_{name.upper()}"] = value
        return self.meltano("run", "tap-pipedrive", "target-lightfield")

    def meltano(self, *arguments: str) -> str:
        """Run Meltano with these arguments, and return all that it says."""
        done = subprocess.run(
            [_OURS / "meltano", *arguments], cwd=self.folder, env=self._env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-5000:]
        return done.stdout
