"""Runs of workflows: the API lists none, so the ids come from the settings. API page: "Workflow runs"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lightfield_api.errors import Forbidden, NotFound
from tap_lightfield.schemas import table_schema
from tap_lightfield.streams.base import LightfieldStream
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.helpers import types


class WorkflowRunsStream(LightfieldStream):
    """The status of each run that ``workflow_run_ids`` names."""

    def __init__(self, tap: Tap, workspace: Workspace) -> None:
        super().__init__(tap, workspace, "workflow_runs", _SCHEMA)

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield a row for each run that there is."""
        self._full_sweep.leave_out("workflow_run_ids names what is read, and not all there is")
        wanted = dict.fromkeys(self.config.get("workflow_run_ids") or ())
        for row in self._overlapped(self._row, wanted):
            if row is not None:
                yield row

    def _row(self, run_id: str) -> dict[str, Any] | None:
        try:
            answer = self._client.read("workflowRun", run_id, "status")
        except (Forbidden, NotFound) as e:
            self.logger.warning("Workflow run %s of workflow_run_ids can't be read: %s.", run_id, e)
            return None
        status = answer.get("status")
        return {"id": run_id, "status": None if status is None else str(status)}


_SCHEMA = table_schema(
    WorkflowRunsStream.key_properties,
    {
        "id": ("TEXT", "The run's id, from workflow_run_ids."),
        "status": ("TEXT", "How far it is: running, completed or failed, for example."),
    },
)
