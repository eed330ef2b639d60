"""The commands as Meltano runs them: `meltano invoke target-lightfield:check`, with the plugin's settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from demo.pipeline import REPOSITORY
from lightfield_sandbox.http.server import Sandbox
from tests.target.target_runs import Setup, rows
from tests.target.workspaces import Workspace

EXAMPLE = REPOSITORY / "examples" / "hubspot"
PROJECTS = (Path(), *(Path("examples", name) for name in ("csv", "hubspot", "pipedrive", "salesforce")))
_PROGRAMS = Path(sys.executable).parent

Invoke = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path, sandbox: Sandbox) -> dict[str, str]:
    """The environment of the example's project, in which nothing but the programs' places is changed."""
    project = yaml.safe_load((EXAMPLE / "meltano.yml").read_text(encoding="utf-8"))
    repository = yaml.safe_load((REPOSITORY / "meltano.yml").read_text(encoding="utf-8"))
    plugin = project["plugins"]["loaders"][0]
    plugin["commands"] = repository["plugins"]["loaders"][0]["commands"] | plugin["commands"]
    del plugin["pip_url"]  # a plugin without one is not installed, and its program is where it is
    for command in (plugin, *plugin["commands"].values()):
        command["executable"] = str(_PROGRAMS / command["executable"])
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("my_preset.yml", "feed.jsonl"):
        shutil.copy(EXAMPLE / name, folder)
    (folder / "meltano.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TAP_", "TARGET_"))},
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        "MELTANO_CLI_LOG_FORMAT": "plain",
        "MELTANO_SEND_ANONYMOUS_USAGE_STATS": "false",
        "NO_COLOR": "1",
        "TARGET_LIGHTFIELD_API_KEY": sandbox.key,
        "TARGET_LIGHTFIELD_API_URL": sandbox.url,
    }


@pytest.fixture
def invoke(tmp_path: Path, project: dict[str, str]) -> Invoke:
    """Invoke a command of the project."""

    def call(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_PROGRAMS / "meltano", "invoke", f"target-lightfield:{command}", *arguments],
            cwd=tmp_path / "project", env=project, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip

    return call


@pytest.mark.slow
@pytest.mark.xdist_group("meltano")
def test_meltano_invokes_them_with_the_settings_of_the_plugin(invoke: Invoke, sandbox: Sandbox) -> None:
    checked = invoke("check", "--feed", "feed.jsonl")

    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.startswith("my_preset.yml, which extends hubspot: a preset for HubSpot.\n")
    assert "deals: 7 rows → opportunities 7" in checked.stdout
    assert "Before you migrate, in Lightfield or in the preset:" in checked.stdout  # the workspace was asked

    suggested = invoke("suggest", "--feed", "feed.jsonl")

    assert suggested.returncode == 0, suggested.stderr
    assert yaml.safe_load(suggested.stdout)["streams"]["companies"]["to"] == "accounts"
    assert sandbox.key not in checked.stdout + checked.stderr + suggested.stdout + suggested.stderr


@pytest.mark.slow
@pytest.mark.xdist_group("meltano")
def test_meltano_undoes_a_load_with_the_settings_of_the_plugin(
    invoke: Invoke, sandbox: Sandbox, tmp_path: Path
) -> None:
    target = Setup(sandbox, tmp_path / "target")
    before = len(sandbox.records("account"))
    id_map = f"sqlite:///{tmp_path / 'project' / 'lightfield_id_map.db'}"
    target.loaded(rows("accounts", {"id": "1", "name": "Loaded by mistake"}), id_map=id_map)

    listed = invoke("runs")
    undone = invoke("undo", "latest", "--yes")

    assert (listed.returncode, undone.returncode) == (0, 0), listed.stderr + undone.stderr
    assert "1 write  done" in listed.stdout
    assert "accounts: 1 moved to the trash" in undone.stdout
    assert len(sandbox.records("account")) == before
    assert sandbox.key not in listed.stdout + listed.stderr + undone.stdout + undone.stderr


@pytest.mark.slow
@pytest.mark.xdist_group("meltano")
def test_the_report_s_command_loads_the_rejects_again_with_meltano(
    project: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    folder, workspace = tmp_path / "project", Workspace(sandbox)
    twins = [workspace.account("Twin Works"), workspace.account("Twin Works")]
    target = Setup(sandbox, tmp_path / "target")
    target.load(
        rows("companies", {"id": "1", "properties": {"name": "Twin Works"}}),
        preset=str(folder / "my_preset.yml"),
        rejects_path=str(folder / "rejects.jsonl"),
        report_path=str(target.folder / "report"),
    )
    workspace.delete("accounts", twins[0])

    command = target.report("report")["replay"]["meltano"]
    done = subprocess.run(
        ["sh", "-c", f"PATH={_PROGRAMS}:$PATH; {command}"],
        cwd=folder, env=project, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "accounts: 0 created, 0 updated, 1 unchanged, 0 rejected" in done.stderr
    assert not (folder / "rejects.jsonl").exists()


@pytest.mark.parametrize("folder", PROJECTS, ids=str)
def test_every_project_file_has_the_commands(folder: Path) -> None:
    project = yaml.safe_load((REPOSITORY / folder / "meltano.yml").read_text(encoding="utf-8"))
    loaders = {plugin["name"]: plugin for plugin in project["plugins"]["loaders"]}
    commands = loaders["target-lightfield"]["commands"]

    for name in ("check", "runs", "undo"):
        assert commands[name]["executable"] == "lightfield-migration"
        assert commands[name]["args"] == f"{name} --config=ENV"
