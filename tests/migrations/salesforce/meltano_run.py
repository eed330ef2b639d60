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
from tests.migrations.salesforce.stand_in import CLIENT, HOST, REFRESH_TOKEN, SECRET, StandIn
from tests.migrations.salesforce.tap_run import EXAMPLE, TAP

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

_OURS = Path(sys.executable).parent


class Migration:
    """A Meltano project in a folder of its own: the example's, but for where its programs are.

    Args:
        folder: An empty folder.
        salesforce: Where the records are.
        workspace: Where they go.
        loader: Another program that takes them.
    """

    def __init__(
        self, folder: Path, salesforce: StandIn, workspace: Sandbox | None, loader: Path | None = None
    ) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        shutil.copy(EXAMPLE / "my_preset.yml", self.folder)
        project = yaml.safe_load((EXAMPLE / "meltano.yml").read_text(encoding="utf-8"))
        programs = {
            "extractors": environment(TAP) / "tap-salesforce",
            "loaders": loader or _OURS / "target-lightfield",
        }
        for kind, program in programs.items():
            plugin = project["plugins"][kind][0]
            del plugin["pip_url"]  # a plugin without one is not installed, and its program is where it is
            plugin["executable"] = str(program)
        (self.folder / "meltano.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TAP_", "TARGET_"))},
            **stand_ins(**{HOST: salesforce.url}),
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
            "MELTANO_CLI_LOG_FORMAT": "plain",
            "NO_COLOR": "1",
            "TAP_SALESFORCE_CLIENT_ID": CLIENT,
            "TAP_SALESFORCE_CLIENT_SECRET": SECRET,
            "TAP_SALESFORCE_REFRESH_TOKEN": REFRESH_TOKEN,
            # An opportunity has no account, which Lightfield does not take.
            "TARGET_LIGHTFIELD_MAX_REJECTS": "1",
            "TARGET_LIGHTFIELD_API_KEY": workspace.key if workspace else "",
            "TARGET_LIGHTFIELD_API_URL": workspace.url if workspace else "",
        }

    def run(self) -> str:
        """Run ``meltano run tap-salesforce target-lightfield`` to its end, and return its log."""
        return self.meltano("run", "tap-salesforce", "target-lightfield")

    def meltano(self, *arguments: str) -> str:
        """Run Meltano with these arguments, and return all that it says."""
        done = subprocess.run(
            [_OURS / "meltano", *arguments], cwd=self.folder, env=self._env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-5000:]
        return done.stdout
