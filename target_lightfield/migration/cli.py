"""The command ``lightfield-migration``; each of its commands is a module.

Exit status 0; 1 where something can't be done, said in one sentence; 2 for a wrong call.
"""

from __future__ import annotations

import click

from target_lightfield.migration.check import check
from target_lightfield.migration.presets import presets
from target_lightfield.migration.runs import runs
from target_lightfield.migration.show import show
from target_lightfield.migration.suggest import suggest
from target_lightfield.migration.undo import undo
from target_lightfield.presets.reading import BUILT_IN


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="singer-lightfield")
@click.pass_context
def main(context: click.Context) -> None:
    """Move a CRM to Lightfield: the presets of target-lightfield, what they do, and taking loads back."""
    context.obj = context.obj or BUILT_IN


for _command in (presets, show, check, suggest, runs, undo):
    main.add_command(_command)
