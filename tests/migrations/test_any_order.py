"""The recorded feeds in any order of their streams, split into two runs anywhere: the same workspace."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.migrations.arrived import arrived
from tests.migrations.recorded import RECORDED, Json, Recorded
from tests.target.target_runs import Setup, state

pytestmark = pytest.mark.slow


def held(workspace: Sandbox) -> Json:
    """What a workspace holds, but for what Lightfield derives of the contacts whom it has at a time."""
    found = arrived(workspace)
    for meeting in found["meeting"].values():
        meeting.pop("$contact", None)
    return found


@pytest.fixture(scope="module")
def whole(request: pytest.FixtureRequest) -> dict[str, Json]:
    """What the feeds come to in their own order, in one run; kept from test to test."""
    return {}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("crm", RECORDED, ids=lambda crm: crm.name)
def test_the_order_of_streams_and_a_split_change_nothing(
    crm: Recorded,
    seed: int,
    start_sandbox: Callable[..., Sandbox],
    tmp_path: Path,
    whole: dict[str, Json],
) -> None:
    if crm.name not in whole:
        whole[crm.name] = load(crm, start_sandbox(**crm.sandbox), tmp_path / "whole", [crm.by_stream()])

    chance = random.Random(seed)
    streams = list(crm.by_stream())
    chance.shuffle(streams)
    cut = chance.randrange(len(streams) + 1)
    found = load(crm, start_sandbox(**crm.sandbox), tmp_path / "split", [streams[:cut], streams[cut:]])

    order = [messages[0]["stream"] for messages in streams]
    for object_type, records in whole[crm.name].items():
        assert found[object_type] == records, (order, cut)


def load(crm: Recorded, workspace: Sandbox, folder: Path, runs: Sequence[Sequence[Sequence[Json]]]) -> Json:
    target = Setup(workspace, folder, preset=crm.preset, default_assignee=crm.assignee, max_rejects=1000)
    for number, streams in enumerate(runs):
        outcome = target.load(*streams, state(run=number))
        assert outcome.status == 0, outcome.log
    return held(workspace)
