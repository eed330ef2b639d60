"""What docs/operations.md says that runs cost is what runs cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.costs import calls, lines, write_feed
from lightfield_sandbox.http.server import Sandbox
from tests.end_to_end.operations.page import PAGE

RECORDS = 300
_PROGRAMS = Path(sys.executable).parent


def test_the_page_has_what_is_computed() -> None:
    assert "\n".join(lines()) in PAGE


def test_reading_takes_the_calls_that_are_computed(
    start_sandbox: Callable[..., Sandbox], tmp_path: Path
) -> None:
    sandbox = start_sandbox(empty=True, accounts=RECORDS // 10, contacts=RECORDS - RECORDS // 10, trashed=0)
    config = _config(sandbox, tmp_path)

    def read(*state: str | Path) -> Mapping[str, object]:
        sandbox.reset()
        catalog = json.loads(_output("tap-lightfield", "--config", config, "--discover"))
        selected = [stream for stream in catalog["streams"] if stream["stream"] in ("accounts", "contacts")]
        (tmp_path / "catalog.json").write_text(json.dumps({"streams": selected}))
        out = _output("tap-lightfield", "--config", config, "--catalog", tmp_path / "catalog.json", *state)
        messages = [json.loads(line) for line in out.splitlines()]
        states = [message["value"] for message in messages if message["type"] == "STATE"]
        (tmp_path / "state.json").write_text(json.dumps(states[-1]))
        return {"calls": _counted(sandbox), "records": [m["type"] for m in messages].count("RECORD")}

    assert read() == {"calls": calls("read whole", RECORDS), "records": RECORDS}
    again = read("--state", tmp_path / "state.json")
    assert again["calls"] == calls("read incrementally", RECORDS)
    assert again["records"] != RECORDS


def test_loading_takes_the_calls_that_are_computed(
    start_sandbox: Callable[..., Sandbox], tmp_path: Path
) -> None:
    sandbox = start_sandbox(empty=True)
    config = _config(
        sandbox,
        tmp_path,
        id_map=f"sqlite:///{tmp_path}/id_map.db",
        rejects_path=f"{tmp_path}/rejects.jsonl",
        left_over_path=f"{tmp_path}/left_over.jsonl",
    )
    write_feed(tmp_path / "feed.jsonl", RECORDS)
    for run in ("first load", "the same again"):
        sandbox.reset()
        _output("target-lightfield", "--config", config, source=tmp_path / "feed.jsonl")
        assert _counted(sandbox) == calls(run, RECORDS)


def _config(sandbox: Sandbox, folder: Path, **settings: str) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps({"api_key": sandbox.key, "api_url": sandbox.url, **settings}))
    return path


def _output(program: str, *arguments: str | Path, source: Path = Path(os.devnull)) -> str:
    with source.open() as stdin:
        done = subprocess.run(
            [_PROGRAMS / program, *arguments], stdin=stdin, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _counted(sandbox: Sandbox) -> Mapping[str, int]:
    return {kind: sum(answers.values()) for kind, answers in sandbox.stats()["requests"].items()}
