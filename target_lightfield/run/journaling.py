"""The journal of a run: begun with it, and pruned."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from lightfield_api.client import API_URL
from target_lightfield.id_map.journal import Journal
from target_lightfield.id_map.journal_entries import RunKind
from target_lightfield.run.workspace import Workspace

_log = logging.getLogger("target-lightfield")

_NOT_KEPT = frozenset({"api_key", "id_map", "stream_maps", "stream_map_config", "faker_config"})
"""The settings that may hold a secret: the key, the password of the database that the journal is in, and with
what stream maps hash or fake personal data."""


def begin(workspace: Workspace, config: Mapping[str, Any]) -> None:
    """Keep the writes of a load from now on, unless it is a dry run or none are kept.

    Raises:
        TargetError: The id map fails.
    """
    if config["dry_run"]:
        return
    journal = workspace.id_map.journal
    if broken_off := journal.newest_if_undo_broke_off():
        _log.warning(
            "Undo %d of run %d broke off. What it took back is written again by this load: to have all of "
            "the run undone instead, end this load and call undo %d again.",
            *broken_off, broken_off[1],
        )  # fmt: skip
    if config["keep_journal_days"]:
        journal.begin(RunKind.LOAD, named(workspace, config), kept_settings(config))
    journal.prune(config["keep_journal_days"])


def end(journal: Journal, config: Mapping[str, Any], failure: str | None) -> None:
    """Keep how a load ended, and forget what is too old. A dry run has nothing to keep.

    Args:
        journal: Where its writes are.
        config: The target's settings.
        failure: Why it failed, in a sentence; None if it did not.

    Raises:
        TargetError: The id map fails.
    """
    if not config["dry_run"]:
        journal.end(failure)
        journal.prune(config["keep_journal_days"])


def named(workspace: Workspace, config: Mapping[str, Any]) -> str:
    """Return what tells a workspace: where its API is, and the id of its accounts' name, which is its own."""
    accounts = workspace.definitions.get("accounts")
    name = accounts.fields.get("$name") if accounts else None
    return " ".join([config.get("api_url") or API_URL, *([name.id] if name and name.id else [])])


def kept_settings(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings without those that may hold a secret."""
    return {name: value for name, value in config.items() if name not in _NOT_KEPT and value is not None}
