"""The example's Meltano project, with the real tap and this repository's target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.migrations.hubspot.stand_in import HOST, TOKEN, StandIn
from tests.migrations.hubspot.tap_run import EXAMPLE, TAP
from tests.migrations.meltano_project import MeltanoProject

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


class Migration(MeltanoProject):
    """The project, with the stand-in that has the records and the workspace that takes them."""

    def __init__(self, folder: Path, hubspot: StandIn, workspace: Sandbox) -> None:
        super().__init__(
            folder,
            example=EXAMPLE,
            tap=TAP,
            extractor="tap-hubspot",
            hosts={HOST: hubspot.url},
            settings={"TAP_HUBSPOT_ACCESS_TOKEN": TOKEN},
            workspace=workspace,
        )
