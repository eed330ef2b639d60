"""``lightfield-migration undo RUN``: takes back what a run wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import click
from singer_sdk.plugin_base import _ConfigInput

from lightfield_api.words import count
from target_lightfield.errors import TargetError
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.journal_entries import KeptRun, RunKind
from target_lightfield.migration.reading_target import ReadingTarget, config_option
from target_lightfield.migration.runs import named
from target_lightfield.migration.saying import say
from target_lightfield.run.journaling import kept_settings
from target_lightfield.run.journaling import named as named_workspace
from target_lightfield.run.workspace import Workspace
from target_lightfield.undo.notes import missing_scopes, notes
from target_lightfield.undo.tally import Tally
from target_lightfield.undo.undoing import Undoing

_LATEST = "latest"


def _run_number(context: click.Context, parameter: click.Parameter, value: str) -> int | None:  # noqa: ARG001
    if value == _LATEST:
        return None
    if not value.isascii() or not value.isdigit():
        raise click.BadParameter("it is the number of a run, or latest.")
    return int(value)


@click.command()
@click.argument("run", metavar="RUN|latest", callback=_run_number)
@click.option("--yes", is_flag=True, help="Do it, instead of saying what would be done.")
@click.option("--force", is_flag=True, help="Change back also what was changed after the run.")
@config_option
def undo(run: int | None, config: _ConfigInput | None, *, yes: bool, force: bool) -> None:
    """Take back what a run wrote.

    RUN is its number, which the command runs shows; latest is the newest load that wrote anything. Records
    that it made go to the trash; fields and links that it changed are as they were before. Without --yes it
    only says what it would do. What is not as the run wrote it was changed by somebody else since: it is
    named and left, unless --force is given. An undo that broke off goes on when it is called again. It is a
    run of its own, and can be undone too.

    Exit status 1: something was not taken back, or can't be.
    """
    if config is None:
        raise click.UsageError("Missing option '--config': the settings of target-lightfield.")
    settings = dict(ReadingTarget(config).config)
    with closing(IdMap(settings["id_map"], dry_run=True)) as id_map:  # which is not made if it is not there
        kept = _found(id_map.journal.runs(), run)
    settings["dry_run"] = settings["dry_run"] or not yes
    workspace = Workspace(settings)
    try:
        tally = _undone(workspace, kept, settings, force=force)
    finally:
        workspace.close()
    if settings["dry_run"]:
        what_to_do = "take dry_run and verify out of the settings" if yes else "add --yes"
        click.echo(f"\nNothing was changed. To do it, {what_to_do}.")
    elif tally.not_done:
        said = count("write", tally.not_done, "was", "were")
        raise TargetError(f"{said} not taken back: see above which, and why.")


def _found(kept: Sequence[KeptRun], number: int | None) -> KeptRun:
    """Return the run that is meant.

    Raises:
        TargetError: It is not kept.
    """
    if number is None:
        found = next((run for run in kept if run.kind is RunKind.LOAD and run.writes), None)
        if found is None:
            raise TargetError("The id map has no load that wrote anything: is id_map the one of that load?")
        return found
    found = next((run for run in kept if run.id == number), None)
    if found is None:
        raise TargetError(f"The id map has no run {number}: lightfield-migration runs lists those it has.")
    return found


def _undone(workspace: Workspace, kept: KeptRun, settings: Mapping[str, Any], *, force: bool) -> Tally:
    is_plan, journal = workspace.is_dry_run, workspace.id_map.journal
    kinds = journal.kinds(kept.id)
    name = named(kept)
    say(f"{name[0].upper()}{name[1:]}: {count('write', kept.writes)}.")
    for note in notes(kept, kinds):
        say(f"- {note}")
    if missing := missing_scopes(kinds, workspace.resource, workspace.grant.allows):
        said = f"The API key lacks {', '.join(missing)}, which undoing the run needs: grant it first."
        if not is_plan:
            raise TargetError(said)
        say(f"- {said}")
    runs = journal.runs()
    undos = [one for one in runs if one.undone == kept.id and one.kind is RunKind.UNDO]
    ours = {write.record_id for one in undos for write in journal.writes(one.id) if write.record_id}
    if not is_plan and settings["keep_journal_days"]:
        _begin(workspace, kept, undos, settings)
    undoing = Undoing(
        workspace,
        kept,
        concurrency=settings["max_concurrency"],
        force=force,
        ours=ours,
        newest=runs[0],
        say=partial(say, err=True),
    )
    with closing(undoing):
        tally = undoing.undo()
    if not is_plan:  # first: a reader of what is said may be gone by now
        journal.end(f"{count('write', tally.not_done)} not taken back" if tally.not_done else None)
        journal.drop_if_empty()
    for line in tally.lines(is_plan=is_plan):
        say(line)
    return tally


def _begin(
    workspace: Workspace, kept: KeptRun, undos: Sequence[KeptRun], settings: Mapping[str, Any]
) -> None:
    """Begin the undo's own run, or go on with the one that broke off."""
    broken_off = next((one.id for one in undos if one.ended_at is None), None)
    workspace.id_map.journal.begin(
        RunKind.UNDO,
        named_workspace(workspace, settings),
        kept_settings(settings),
        undone=kept.id,
        goes_on=broken_off,
    )
