"""docs/migrating.md: its commands run and say what it shows, and its snippets are of the examples."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.pipeline import REPOSITORY
from lightfield_sandbox.http.server import Sandbox
from target_lightfield.presets.reading import built_in_names
from tests.migrations.csv.tap_run import FILES
from tests.migrations.environments import environment
from tests.migrations.hubspot.meltano_run import Migration
from tests.migrations.hubspot.stand_in import Portal, StandIn
from tests.target.target_runs import Setup

PAGE = (REPOSITORY / "docs" / "migrating.md").read_text(encoding="utf-8")
EXAMPLES = [
    path
    for path in sorted((REPOSITORY / "examples").glob("*/meltano.yml"))
    if path.parent.name in built_in_names()
]
MOVED = {"account": 6, "contact": 4, "opportunity": 6, "task": 4, "note": 8, "meeting": 2, "subscription": 2}


def _section(title: str) -> str:
    return re.split(r"^##+ ", PAGE.split(f"\n## {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def _blocks(language: str, text: str = PAGE) -> list[str]:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for of, block in blocks if of == language]


@pytest.mark.slow
@pytest.mark.xdist_group("tap-hubspot")
def test_the_whole_way_of_the_page_can_be_gone(start_sandbox: Callable[..., Sandbox], tmp_path: Path) -> None:
    workspace = start_sandbox(empty=True, rate_limit=25)

    def counts() -> Mapping[str, int]:
        return {kind: len(workspace.records(kind)) for kind in MOVED}

    def go(title: str) -> str:
        gone.append(title)
        [commands] = _blocks("sh", _section(title))
        return migration.shell(commands)

    gone: list[str] = []
    with StandIn(Portal()) as hubspot:
        migration = Migration(tmp_path, hubspot, workspace)
        go("Set up")
        planned = go("The plan")
        assert _missing(_blocks("", _section("The plan"))[0], planned) == []
        assert not any(counts().values())

        [sample] = _blocks("python", _section("A sample"))
        (migration.folder / "sample.py").write_text(sample)
        go("A sample")
        assert counts() == MOVED  # of each stream fewer than 20
        seen = workspace.stats()["writes"]
        go("The load")
        assert workspace.stats()["writes"] == seen

        left_over = (migration.folder / "lightfield/lightfield_left_over.jsonl").read_text(encoding="utf-8")
        assert [line for line in _blocks("json")[0].splitlines() if line not in left_over.splitlines()] == []

        go("Going back")
        assert not any(counts().values())
    assert gone == [title for title in re.findall("^## (.*)$", PAGE, re.M) if _blocks("sh", _section(title))]


def _missing(shown: str, log: str) -> list[str]:
    """Return the lines that a log should have, in this order, and hasn't; `…` stands for what is left out."""
    missing: list[str] = []
    at = 0
    for line in shown.splitlines():
        part = line.removesuffix("…")
        if part and (found := log.find(part, at)) >= 0:
            at = found
        elif part:
            missing.append(line)
    return missing


def test_the_sample_has_twenty_of_each_stream_that_it_cuts() -> None:
    [sample] = _blocks("python")
    feed = [
        f'{{"type": "RECORD", "stream": "{s}", "record": {{"id": {n}}}}}' for s in "ab" for n in range(30)
    ]
    lines = "\n".join([*feed, '{"type": "STATE", "value": {}}', ""])
    command = [sys.executable, "-c", sample, "a"]
    done = subprocess.run(command, input=lines, text=True, capture_output=True, check=True)
    assert done.stdout.splitlines() == feed[:20] + feed[30:]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_page_has_a_snippet_of_each_example(example: Path) -> None:
    whole = yaml.safe_load(example.read_text(encoding="utf-8"))
    name = whole["plugins"]["extractors"][0]["name"]
    [snippet] = [text for text in _blocks("yaml") if f"name: {name}\n" in text]

    assert _is_part(yaml.safe_load(snippet), whole)


def _is_part(part: Any, whole: Any) -> bool:
    if isinstance(part, dict):
        return all(key in whole and _is_part(value, whole[key]) for key, value in part.items())
    if isinstance(part, list):
        return all(any(_is_part(item, other) for other in whole) for item in part)
    return bool(part == whole)


@pytest.mark.slow
@pytest.mark.xdist_group("tap-spreadsheets")
def test_the_example_of_files_moves_them(start_sandbox: Callable[..., Sandbox], tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(FILES / "hubspot", project)
    shutil.copy(REPOSITORY / "examples" / "csv" / "my_preset.yml", project)
    whole = yaml.safe_load((REPOSITORY / "examples" / "csv" / "meltano.yml").read_text(encoding="utf-8"))
    extractor, loader = (whole["plugins"][kind][0] for kind in ("extractors", "loaders"))
    (project / "config.json").write_text(json.dumps(extractor["config"]))
    command = [environment(extractor["pip_url"]) / extractor["executable"], "--config", "config.json"]
    done = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, text=True, timeout=240, check=True)

    workspace = start_sandbox(empty=True)
    config = {**loader["config"], "preset": str(project / "my_preset.yml")}
    config["report_path"] = str(tmp_path / "report")
    Setup(workspace, tmp_path / "target", **config).loaded(done.stdout)
    for kind, stream in (("account", "companies"), ("contact", "contacts"), ("opportunity", "deals")):
        assert workspace.records(kind), stream


def test_the_page_has_a_table_of_each_preset() -> None:
    # What it says, `make settings` writes: a test of the settings holds it to that.
    assert set(built_in_names()) <= set(re.findall(r"What the preset (\w+) says", PAGE))


def test_the_times_are_those_of_25_writes_a_second() -> None:
    table = PAGE.partition("| records | at 25 a second |")[2].partition("\n\n")[0]
    told = re.findall(r"^\| ([\d,]+) \| (?:(\d+) h )?(\d+) min(?: (\d+) s)? \|$", table, re.M)

    assert [records for records, *_ in told] == ["10,000", "100,000"]
    for records, hours, minutes, seconds in told:
        exact = int(records.replace(",", "")) / 25
        said = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds or 0)
        assert 0 <= exact - said < (1 if seconds else 60)


def test_all_that_the_page_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", PAGE)
    assert links
    assert [link for link in links if not _is_there(link)] == []


def _is_there(link: str) -> bool:
    name, _, anchor = link.partition("#")
    path = (REPOSITORY / "docs" / name).resolve() if name else REPOSITORY / "docs" / "migrating.md"
    if not path.is_file():
        return False
    titles = re.findall("^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return not anchor or anchor in {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles
    }
