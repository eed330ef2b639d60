"""The recorded feed through the preset into a workspace: what arrives is what expected.py says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.migrations.arrived import arrived, differences
from tests.migrations.pipedrive import expected, expected_rest
from tests.migrations.pipedrive.tap_run import EXAMPLE, RECORDED
from tests.target.target_runs import Setup, writes

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox(**expected.SANDBOX)


def test_all_that_can_arrives_and_a_second_time_nothing_is_written(
    workspace: Sandbox, tmp_path: Path
) -> None:
    target = Setup(
        workspace, tmp_path / "target", preset=str(EXAMPLE / "my_preset.yml"),
        default_assignee=expected.DEFAULT_ASSIGNEE,
    )  # fmt: skip
    feed = RECORDED.read_text(encoding="utf-8")
    outcome = target.loaded(feed)

    assert differences(expected.EXPECTED, arrived(workspace)) == []
    assert outcome.count("tasks")["waiting"] == len(expected_rest.WAITING)
    for email in expected_rest.MISSING_MEMBERS:
        assert email in outcome.log

    with target.counting() as seen:
        target.loaded(feed)
    assert writes(seen) == 0
