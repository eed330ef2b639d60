"""Where the id map, the rejects and what is left over are by default, and what earlier releases left."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
from pathlib import Path

import pytest

from lightfield_sandbox.http.server import Sandbox
from target_lightfield.errors import TargetError
from target_lightfield.target import TargetLightfield
from tests.target.target_runs import COMMAND, Setup, row, rows, schema

ID_MAP, REJECTS, LEFT_OVER = (
    "lightfield_id_map.db",
    "lightfield_rejects.jsonl",
    "lightfield_left_over.jsonl",
)
FEED = [
    schema("accounts", "name", "headcount"),
    row("accounts", id="1", name="Harbor", headcount="no such option"),
    row("accounts", id=None, name="No key"),
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder under git's eyes, in which the target runs."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _load(sandbox: Sandbox, **settings: str) -> str:
    """Load the feed in the working directory, as a person does who sets nothing else; return the log."""
    env = os.environ | {
        "TARGET_LIGHTFIELD_API_KEY": sandbox.key,
        "TARGET_LIGHTFIELD_API_URL": sandbox.url,
        "TARGET_LIGHTFIELD_BAD_VALUES": "leave_out",
        "TARGET_LIGHTFIELD_MAX_REJECTS": "1",
        **settings,
    }
    feed = "".join(f"{json.dumps(message)}\n" for message in FEED)
    ended = subprocess.run(
        [COMMAND, "--config=ENV"], env=env, input=feed, text=True, capture_output=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stderr


def _untracked(project: Path) -> list[str]:
    said = subprocess.run(
        ["git", "status", "--short", "--untracked-files=all"],
        cwd=project, text=True, capture_output=True, check=True,
    )  # fmt: skip
    return said.stdout.split()[1::2]


def test_by_default_they_are_in_a_folder_that_git_passes_over_and_only_its_owner_enters(
    empty: Sandbox, project: Path
) -> None:
    _load(empty)
    folder = project / "lightfield"
    assert {ID_MAP, REJECTS, LEFT_OVER, ".gitignore"} <= {path.name for path in folder.iterdir()}
    assert [path.name for path in project.iterdir() if path.name != ".git"] == ["lightfield"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert _untracked(project) == []


def test_what_is_at_the_old_place_is_used_there_and_nothing_is_written_twice(
    empty: Sandbox, project: Path
) -> None:
    _load(
        empty,
        TARGET_LIGHTFIELD_ID_MAP=f"sqlite:///{ID_MAP}",
        TARGET_LIGHTFIELD_REJECTS_PATH=REJECTS,
        TARGET_LIGHTFIELD_LEFT_OVER_PATH=LEFT_OVER,
    )  # as a release did that had these defaults
    assert not (project / "lightfield").exists()
    made = len(empty.records("account"))

    log = _load(empty)
    assert log.count(f"The id map is {ID_MAP}, where earlier releases kept it") == 1
    assert not (project / "lightfield").exists()
    assert len(empty.records("account")) == made
    assert len((project / REJECTS).read_text().splitlines()) == 4  # of both runs


def test_two_id_maps_end_the_run_before_anything_is_written(project: Path) -> None:
    (project / ID_MAP).touch()
    (project / "lightfield").mkdir()
    (project / "lightfield" / ID_MAP).touch()
    with pytest.raises(TargetError, match=r"There are two id maps, .*: move the one that is not used"):
        TargetLightfield(config={"api_key": "sk_lf_x"})
    explicit = TargetLightfield(config={"api_key": "sk_lf_x", "id_map": f"sqlite:///{ID_MAP}"})
    assert explicit.config["id_map"] == f"sqlite:///{ID_MAP}"


def test_of_two_rejects_files_the_new_one_is_used_and_the_old_one_named(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (project / REJECTS).touch()
    (project / "lightfield").mkdir()
    (project / "lightfield" / REJECTS).touch()
    with caplog.at_level(logging.WARNING):
        target = TargetLightfield(config={"api_key": "sk_lf_x"})
    assert target.config["rejects_path"] == f"lightfield/{REJECTS}"
    assert f"There is another one at {REJECTS}" in caplog.text


def test_a_folder_of_that_name_with_something_in_it_is_left_as_it_is(empty: Sandbox, project: Path) -> None:
    (project / "lightfield").mkdir()
    (project / "lightfield" / "models.sql").write_text("select 1")
    _load(empty)
    assert not (project / "lightfield" / ".gitignore").exists()
    assert "lightfield/models.sql" in _untracked(project)


def test_a_path_that_is_set_is_from_the_working_directory(empty: Sandbox, project: Path) -> None:
    _load(empty, TARGET_LIGHTFIELD_REJECTS_PATH="kept/rejects.jsonl")
    assert (project / "kept" / "rejects.jsonl").is_file()
    assert not (project / "lightfield" / REJECTS).exists()


@pytest.mark.parametrize(
    ("one", "other", "settings"),
    [
        ("id_map", "report_path", {"id_map": "sqlite:///{}/load.json", "report_path": "{}/load"}),
        ("id_map", "report_path", {"id_map": "sqlite:///{}/load.html", "report_path": "{}/load"}),
        ("id_map", "rejects_path", {"rejects_path": "{}/id_map.db"}),
        ("id_map", "rejects_path", {"rejects_path": "{}/sub/../id_map.db-wal"}),
        ("id_map", "left_over_path", {"left_over_path": "{}/id_map.db"}),
        ("report_path", "rejects_path", {"report_path": "{}/load", "rejects_path": "{}/load.json"}),
        ("report_path", "rejects_path", {"report_path": "{}/x.html", "rejects_path": "{}/x.changes.jsonl"}),
        ("report_path", "left_over_path", {"report_path": "{}/x", "left_over_path": "{}/x.changes.jsonl"}),
        ("rejects_path", "left_over_path", {"rejects_path": "{}/x.jsonl", "left_over_path": "{}/x.jsonl"}),
        ("report_path", "--config", {"report_path": "{}/config"}),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_two_settings_that_name_one_file_end_the_run_before_anything_is_written(
    target: Setup, one: str, other: str, settings: dict[str, str], dry_run: bool
) -> None:
    (target.folder / "sub").mkdir()
    config = {name: path.format(target.folder) for name, path in settings.items()}
    with target.counting() as seen:
        outcome = target.load(rows("accounts", {"id": "1", "name": "A"}), dry_run=dry_run, **config)

    assert outcome.status == 1
    assert one in outcome.error
    assert other in outcome.error
    assert outcome.error.endswith("change one of them.")
    assert not any(seen["requests"].values())
    assert sorted(path.name for path in target.folder.iterdir()) == ["config.json", "sub"]
