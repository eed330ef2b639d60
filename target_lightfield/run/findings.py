"""What a report says beside the rows: of which workspace, whether all is well, what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from lightfield_api.errors import LightfieldError
from lightfield_api.pages import Pages
from lightfield_api.records import field_value
from lightfield_api.resources import RESOURCES
from lightfield_api.words import count
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.report import Report
from target_lightfield.reporting.verification import Verdict
from target_lightfield.run.workspace import Workspace

CONFIG_FILES = "target_lightfield.config"
"""The key of click's ``meta`` under which the files named by ``--config`` are kept."""

_MOST_MEMBERS = 3
# The verdicts of which nobody but the load can be the reason, or of a record that is not there at all; with
# what is said of one such record, and of several.
_FAILURES = {
    Verdict.DIFFERING: ("differs", "differ"),
    Verdict.MISSING: ("is missing", "are missing"),
}


def verdict_on(report: Report, max_rejects: int, *, dry_run: bool) -> str | None:
    """Return why a run counts as failed that did what it was asked for; None if all is well.

    Args:
        report: What became of the rows.
        max_rejects: How many records may be rejected.
        dry_run: Whether nothing was written.
    """
    if report.verification:
        numbers = {verdict: report.verification.total(verdict) for verdict in _FAILURES}
        said = [count("record", number, *_FAILURES[verdict]) for verdict, number in numbers.items() if number]
        if said:
            return (
                f"The workspace is not as the source: {' and '.join(said)}. The log and the report name them."
            )
    rejected = report.total(Outcome.REJECTED)
    if rejected <= max_rejects:
        return None
    where = "the log" if dry_run else "the rejects file"
    number = count("record", rejected, "was", "were")
    return f"{number} rejected, more than max_rejects ({max_rejects}) allows; {where} says why."


def interrupted(signal: str, *, writes: bool, has_state: bool) -> str:
    """Return what is to be said of a run that a signal ended.

    Args:
        signal: The signal.
        writes: Whether it is none that only says what would be, or what there is.
        has_state: Whether it has emitted a state, which says how far it came.
    """
    if not writes:
        return (
            f"Interrupted by {signal}: nothing was written, and not all rows were looked at. Run it again, "
            "from the beginning."
        )
    if has_state:
        return (
            f"Interrupted by {signal}: what was on its way is written, and the state says how far it came. "
            "Run it again to go on."
        )
    return (
        f"Interrupted by {signal}: what was on its way is written and known. No state was emitted, since "
        "none had come yet that this could be said of: run it again, and nothing is written twice."
    )


def what_is_done(report: Report) -> str:
    """Return what is to be said at the beginning of a run that writes nothing."""
    if report.verification:
        return "Verification: nothing is written; every row is compared with the workspace as it is now"
    return "Dry run: nothing is written; the counts say what would be"


def identity(workspace: Workspace) -> Mapping[str, Any]:
    """Return what tells a person which workspace it is. The API names none, and its key is shown nowhere.

    That is the id of its accounts' name, which no other workspace has, and who its members are.
    """
    accounts = workspace.definitions.get("accounts")
    name = accounts.fields.get("$name") if accounts else None
    members: dict[str, Any] | None = None
    resource = RESOURCES["members"]
    if workspace.grant.allows(resource.scope("read")):
        try:
            page = Pages(workspace.client, resource.path).read(0)
            found = (field_value(one, "$email") for one in page.records)
            emails = [email for one in found for email in (one if isinstance(one, list) else [one]) if email]
            members = {"count": page.total, "emails": [str(one) for one in emails[:_MOST_MEMBERS]]}
        except LightfieldError:  # who its members are is a help: that nobody tells is no reason to fail
            members = None
    return {"id": name.id if name else None, "members": members}


def replay_commands(rejects_path: str) -> Mapping[str, str]:
    """Return the commands that load the rejected records again once their causes are gone.

    Args:
        rejects_path: The rejects file. It is moved away first: what is rejected again makes a new one.
    """
    path = Path(rejects_path)
    moved = shlex.quote(str(path.with_name(f"{path.stem}.replay{path.suffix}")))
    move = f"mv {shlex.quote(str(path))} {moved}"
    context = click.get_current_context(silent=True)
    names = context.meta.get(CONFIG_FILES, ()) if context else ()
    config = " ".join(f"--config {shlex.quote(name)}" for name in names or ("config.json",))
    return {
        "shell": f"{move} && target-lightfield {config} < {moved}",
        "meltano": f"{move} && meltano invoke target-lightfield < {moved}",
    }
