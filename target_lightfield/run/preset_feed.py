"""A run's feed on its way through a preset, put together."""

from __future__ import annotations

from collections.abc import Callable

from target_lightfield.loading.outcomes import Outcomes
from target_lightfield.loading.stream_loader import StreamLoader
from target_lightfield.presets.destination import Destination
from target_lightfield.presets.feed import PresetFeed
from target_lightfield.presets.preset import Preset
from target_lightfield.run.workspace import Workspace


def preset_feed(
    preset: Preset,
    workspace: Workspace,
    outcomes: Outcomes,
    *,
    loader: Callable[[str], StreamLoader],
    settle: Callable[[], None],
    is_stopped: Callable[[], bool],
) -> PresetFeed:
    """Return what takes the rows of a feed through a preset into a workspace.

    Args:
        preset: The preset.
        workspace: Where they go.
        outcomes: Takes what became of rows.
        loader: Returns what takes the rows of a stream.
        settle: Returns once every row that was handed over is settled.
        is_stopped: Returns whether the run is to end as soon as it can.
    """
    destination = Destination(
        id_map=workspace.id_map,
        outcomes=outcomes,
        definitions=workspace.definitions_of,
        loader=loader,
        lasting_name=workspace.lasting_name,
        custom_objects=workspace.custom_objects,
        current=workspace.current,
        settle=settle,
    )
    return PresetFeed(preset, destination, is_stopped)
