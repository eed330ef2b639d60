"""The workflow runs of a seeded workspace."""

from __future__ import annotations

from lightfield_sandbox.schema.ids import IdSource

_STATUSES = ("completed", "running", "failed")


def workflow_runs(seed: int) -> dict[str, str]:
    """The status of each seeded workflow run by its id."""
    ids = IdSource(seed, "workflow runs")
    return {ids.new("wfr_"): status for status in _STATUSES}
