"""An example's Meltano project, with the real tap and this repository's target."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tests.migrations.environments import environment, stand_ins

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

_OURS = Path(sys.executable).parent


class MeltanoProject:
    """A Meltano project in a folder of its own: the example's, but for where its programs are.

    Args:
        folder: An empty folder.
        example: The example.
        tap: The requirement of the tap: ``tap-x==1.0``.
        extractor: Its program.
        hosts: Where the hosts that it asks are, by name.
        settings: Variables of the environment.
        workspace: Where the records go.
        loader: Another program that takes them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        example: Path,
        tap: str,
        extractor: str,
        hosts: Mapping[str, str],
        settings: Mapping[str, str],
        workspace: Sandbox | None,
        loader: Path | None = None,
    ) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        self._extractor = extractor
        shutil.copy(example / "my_preset.yml", self.folder)
        project = yaml.safe_load((example / "meltano.yml").read_text(encoding="utf-8"))
        programs = {
            "extractors": environment(tap) / extractor,
            "loaders": loader or _OURS / "target-lightfield",
        }
        for kind, program in programs.items():
            plugin = project["plugins"][kind][0]
            del plugin["pip_url"]  # a plugin without one is not installed, and its program is where it is
            plugin["executable"] = str(program)
        (self.folder / "meltano.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TAP_", "TARGET_"))},
            **stand_ins(**hosts),
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
            "MELTANO_CLI_LOG_FORMAT": "plain",
            "NO_COLOR": "1",
            "PATH": os.pathsep.join([str(_OURS), os.environ["PATH"]]),
            **settings,
            "TARGET_LIGHTFIELD_API_KEY": workspace.key if workspace else "",
            "TARGET_LIGHTFIELD_API_URL": workspace.url if workspace else "",
        }

    def run(self, **settings: str) -> str:
        """Run tap and target to their end, and return the log; settings are the target's from then on."""
        for name, value in settings.items():
            self._env[f"TARGET_LIGHTFIELD_{name.upper()}"] = value
        return self.meltano("run", self._extractor, "target-lightfield")

    def meltano(self, *arguments: str) -> str:
        """Run Meltano with these arguments, and return all that it says."""
        return self._run([_OURS / "meltano", *arguments])

    def shell(self, script: str) -> str:
        """Run lines as a person types them, and return all that they say; one that fails ends them."""
        return self._run(["bash", "-ec", script])

    def _run(self, command: Sequence[str | Path]) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self._env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-5000:]
        return done.stdout
