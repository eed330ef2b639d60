"""The real tap against the stand-in; ``python -m tests.migrations.pipedrive.tap_run`` records the feed."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from demo.pipeline import REPOSITORY
from tests.migrations.environments import environment, stand_ins
from tests.migrations.pipedrive.stand_in import HOST, TOKEN, Account, StandIn

Json = dict[str, Any]

TAP = "tap-pipedrive==2.1.0"
EXAMPLE = REPOSITORY / "examples" / "pipedrive"
RECORDED = Path(__file__).with_name("feed.jsonl")


def tap_config() -> Json:
    """Return the tap's settings, those of the example."""
    project = yaml.safe_load((EXAMPLE / "meltano.yml").read_text(encoding="utf-8"))
    config: Json = project["plugins"]["extractors"][0]["config"]
    return {**config, "api_token": TOKEN}


def run_tap(
    stand_in: StandIn, state: Mapping[str, Any] | None = None, without: Collection[str] = ()
) -> list[Json]:
    """Run the tap with every stream selected, and return its messages.

    Args:
        stand_in: Pipedrive.
        state: The state of an earlier run.
        without: Streams that are not selected.
    """
    tap = environment(TAP) / "tap-pipedrive"
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, f"{name}.json") for name in ("config", "state", "catalog")}
        files["config"].write_text(json.dumps(tap_config()))
        files["state"].write_text(json.dumps(state or {}))
        catalog = json.loads(_run(stand_in, tap, "--config", files["config"], "--discover"))
        for stream in catalog["streams"]:
            whole = next(entry for entry in stream["metadata"] if entry["breadcrumb"] == [])
            whole["metadata"]["selected"] = stream["stream"] not in without
        files["catalog"].write_text(json.dumps(catalog))
        options = (part for name, path in files.items() for part in (f"--{name}", path))
        return [json.loads(line) for line in _run(stand_in, tap, *options).splitlines()]


def _run(stand_in: StandIn, *command: str | Path) -> str:
    env = {**os.environ, **stand_ins(**{HOST: stand_in.url})}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def recorded() -> list[Json]:
    """Return the recorded feed."""
    return [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]


def record() -> None:
    """Run the tap, and keep what it writes."""
    with StandIn(Account()) as stand_in:
        messages = run_tap(stand_in)
    RECORDED.write_text(
        "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in messages), encoding="utf-8"
    )


if __name__ == "__main__":
    record()
