"""The example's Meltano project, with the real tap and this repository's target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.migrations.meltano_project import MeltanoProject
from tests.migrations.salesforce.stand_in import CLIENT, HOST, REFRESH_TOKEN, SECRET, StandIn
from tests.migrations.salesforce.tap_run import EXAMPLE, TAP

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


class Migration(MeltanoProject):
    """The project, with the stand-in that has the records and the workspace that takes them."""

    def __init__(
        self, folder: Path, salesforce: StandIn, workspace: Sandbox | None, loader: Path | None = None
    ) -> None:
        super().__init__(
            folder,
            example=EXAMPLE,
            tap=TAP,
            extractor="tap-salesforce",
            hosts={HOST: salesforce.url},
            settings={
                "TAP_SALESFORCE_CLIENT_ID": CLIENT,
                "TAP_SALESFORCE_CLIENT_SECRET": SECRET,
                "TAP_SALESFORCE_REFRESH_TOKEN": REFRESH_TOKEN,
                # An opportunity has no account, which Lightfield does not take.
                "TARGET_LIGHTFIELD_MAX_REJECTS": "1",
            },
            workspace=workspace,
            loader=loader,
        )
