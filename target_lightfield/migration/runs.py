"""``lightfield-migration runs``: what the journal has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Any

import click
from singer_sdk.plugin_base import _ConfigInput

from lightfield_api.words import count
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.journal_entries import KeptRun, RunKind
from target_lightfield.migration.reading_target import ReadingTarget, config_option
from target_lightfield.migration.saying import say


@click.command()
@click.option("--json", "as_json", is_flag=True, help="All that is kept of each run, as JSON.")
@config_option
def runs(config: _ConfigInput | None, *, as_json: bool) -> None:
    """List the runs whose writes can be undone, the newest first: nothing is asked of Lightfield.

    They are kept in the id map for as many days as keep_journal_days says.
    """
    with closing(IdMap(ReadingTarget(config).config["id_map"], dry_run=True)) as id_map:
        kept = id_map.journal.runs()
    if as_json:
        click.echo(json.dumps([_as_json(run) for run in kept], indent=2))
        return
    lines = list(_lines(kept)) if kept else ["No run is kept in the id map."]
    for line in lines:
        say(line)


def named(run: KeptRun) -> str:
    """Return a run in words: ``run 7, a load of 2026-11-26 06:40 UTC``."""
    what = f"an undo of run {run.undone}" if run.kind is RunKind.UNDO else "a load"
    return f"run {run.id}, {what} of {_shown(run.started_at)}"


def _lines(kept: Any) -> Iterator[str]:
    for run in kept:
        kind = f"undo of {run.undone}" if run.kind is RunKind.UNDO else run.kind.value
        outcome = _outcome(run) + (f": {run.outcome}" if run.outcome else "")
        yield f"{run.id:>5}  {kind:<12} {_shown(run.started_at)}  {count('write', run.writes):>14}  {outcome}"


def _outcome(run: KeptRun) -> str:
    if run.ended_at is None:
        return "under way, or broke off"
    return "failed" if run.outcome else "done"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _as_json(run: KeptRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "kind": run.kind.value,
        "undone": run.undone,
        "workspace": run.workspace,
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "outcome": _outcome(run),
        "failure": run.outcome,
        "writes": run.writes,
        "settings": run.settings,
    }
