"""The real tap against the stand-in; ``python -m tests.migrations.hubspot.tap_run`` records the feed."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from demo.pipeline import REPOSITORY
from tests.migrations.environments import environment, stand_ins
from tests.migrations.hubspot.stand_in import HOST, TOKEN, Portal, StandIn

Json = dict[str, Any]

TAP = "meltano-tap-hubspot==0.10.1"
EXAMPLE = REPOSITORY / "examples" / "hubspot"
RECORDED = EXAMPLE / "feed.jsonl"
_EXTRACTED = "2026-11-01T00:00:00+00:00"


def tap_config() -> Json:
    """Return the tap's settings, those of the example."""
    project = yaml.safe_load((EXAMPLE / "meltano.yml").read_text(encoding="utf-8"))
    config: Json = project["plugins"]["extractors"][0]["config"]
    return {**config, "access_token": TOKEN}


def run_tap(stand_in: StandIn, state: Mapping[str, Any] | None = None, **settings: Any) -> list[Json]:
    """Run the tap and return its messages, with the time of their extraction fixed.

    Args:
        stand_in: HubSpot.
        state: The state of an earlier run.
        settings: What differs from the example's settings; None takes one out.
    """
    config = {name: value for name, value in {**tap_config(), **settings}.items() if value is not None}
    with tempfile.TemporaryDirectory() as folder:
        files = {"config": Path(folder, "config.json"), "state": Path(folder, "state.json")}
        files["config"].write_text(json.dumps(config))
        files["state"].write_text(json.dumps(state or {}))
        command = [environment(TAP) / "tap-hubspot", "--config", files["config"], "--state", files["state"]]
        done = subprocess.run(
            command, env={**os.environ, **stand_ins(**{HOST: stand_in.url})},
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    for message in messages:
        if "time_extracted" in message:
            message["time_extracted"] = _EXTRACTED
    return messages


def recorded() -> list[Json]:
    """Return the recorded feed."""
    return [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]


def record() -> None:
    """Run the tap, and keep what it writes."""
    with StandIn(Portal()) as stand_in:
        messages = run_tap(stand_in)
    RECORDED.write_text(
        "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in messages), encoding="utf-8"
    )


if __name__ == "__main__":
    record()
