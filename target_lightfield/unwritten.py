"""The streams that are not written: those that never are, and what to say of one that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from lightfield_api.custom_objects import OBJECT_TYPES_STREAM
from target_lightfield.objects.registry import REGISTRY
from target_lightfield.presets.reading import built_in_names, read_preset

READ_ONLY = frozenset(
    {
        "messages",
        "channels",
        "workflow_runs",
        "sequences",
        "sequence_steps",
        "sequence_enrollments",
        "sequence_messages",
        "sequence_performance",
        "senders",
        OBJECT_TYPES_STREAM,
        "field_definitions",
        "relationship_definitions",
        "field_options",
        "field_history",
    }
)
"""What tap-lightfield reads and nobody can write: a feed of it may have these beside the others."""


def why_not_written(stream: str) -> str:
    """Return why a stream is ignored, to be said after its name."""
    row = REGISTRY.get(stream)
    if row is None or row.needs is None:
        return "is not one that can be written to Lightfield"
    return f"needs the setting {row.needs[0]}, {row.needs[1]}"


def not_in_preset(stream: str, named: Collection[str], links: Collection[str]) -> str:
    """Return what is wrong with a record of a stream that a preset does not name, and what to do.

    Args:
        stream: The stream.
        named: What the preset names.
        links: Those of it whose rows are pairs of records.
    """
    nearest = next(iter(difflib.get_close_matches(stream, named, n=1, cutoff=0.5)), None)
    place = "links" if nearest in links else "streams, or under links if its rows are pairs of records,"
    return (
        f"Stream '{stream}' has records, and the preset does not name it"
        + (f" (nearest: {nearest})" if nearest else "")
        + f": none of them would be written. Give it a line under {place} in a preset of your own "
        f"('{stream}: ignore' under streams leaves it out), deselect it in the tap, or set unknown_streams "
        "to ignore: then such records are counted as skipped."
    )


def unknown_stream(stream: str) -> str:
    """Return what is wrong with a record of a stream that nobody knows, and what to do."""
    presets = [preset for preset in built_in_names() if read_preset(preset).names(stream)]
    # Of a name that a preset knows, only a slip of the pen is as likely to be meant.
    nearest = difflib.get_close_matches(stream.casefold(), REGISTRY, n=1, cutoff=0.9 if presets else 0.5)
    said = [
        f"Stream '{stream}' has records, and target-lightfield does not know it"
        + (f" (nearest: {nearest[0]})" if nearest else "")
        + ": none of them would be written."
    ]
    if presets:
        moved = " and ".join(f"the preset {preset} moves" for preset in presets)
        said.append(f"It is one that {moved}: set preset to the one that knows where the feed is from.")
    else:
        said.append("Rename it with stream_maps, name it in a preset of your own, or leave it out.")
    said.append("With unknown_streams set to ignore such records are counted as skipped.")
    return " ".join(said)
