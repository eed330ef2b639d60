"""``meltano run`` with the extractor of ``examples/salesforce`` brings what the tap alone does."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.migrations.salesforce.meltano_run import Migration
from tests.migrations.salesforce.stand_in import Org, StandIn
from tests.migrations.salesforce.tap_run import recorded

Json = dict[str, Any]

# What the example leaves out: nothing but what Salesforce keeps about records and jobs.
_NOT_SELECTED = {"AccountHistory", "BackgroundOperationResult"}
_LOADER = f"""#!{sys.executable}
import sys
lines = sys.stdin.read().splitlines()
open(sys.argv[0] + ".jsonl", "a").write("".join(line + "\\n" for line in lines))
states = [line for line in lines if '"STATE"' in line]
import json
print(json.dumps(json.loads(states[-1])["value"]))
"""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tap-salesforce")]


@pytest.fixture
def loader(tmp_path: Path) -> Path:
    """A loader that keeps what it is given beside itself."""
    path = tmp_path / "keep"
    path.write_text(_LOADER)
    path.chmod(0o755)
    return path


def _kept(loader: Path) -> list[Json]:
    path = loader.with_name(f"{loader.name}.jsonl")
    messages = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.unlink()
    return messages


def _rows(messages: list[Json], leave_out: set[str]) -> Counter[str]:
    return Counter(
        json.dumps([m["stream"], m["record"]], sort_keys=True)
        for m in messages
        if m["type"] == "RECORD" and m["stream"] not in leave_out
    )


def test_it_brings_what_the_tap_does_and_then_only_what_changed(tmp_path: Path, loader: Path) -> None:
    with StandIn(Org()) as salesforce:
        migration = Migration(tmp_path, salesforce, None, loader)
        migration.run()
        first = _kept(loader)
        migration.run()
        second = _kept(loader)

    assert _rows(first, set()) == _rows(recorded(), _NOT_SELECTED)
    # Of each stream what is as new as its newest record comes again.
    newest = Counter(m["stream"] for m in second if m["type"] == "RECORD")
    assert newest["Account"] == newest["Contact"] == newest["User"] == 1
