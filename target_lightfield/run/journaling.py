"""The journal of a run: begun with it, and pruned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lightfield_api.client import API_URL
from target_lightfield.id_map.journal import Journal
from target_lightfield.id_map.journal_entries import RunKind

_NOT_KEPT = frozenset({"api_key", "id_map"})
"""The settings that may hold a secret: the key, and the password of the database that the journal is in."""


def begin(journal: Journal, config: Mapping[str, Any]) -> None:
    """Keep the writes of a load from now on, unless it is a dry run or none are kept.

    Raises:
        TargetError: The id map fails.
    """
    if config["dry_run"]:
        return
    if config["keep_journal_days"]:
        journal.begin(RunKind.LOAD, workspace_of(config), kept_settings(config))
    journal.prune(config["keep_journal_days"])


def end(journal: Journal, config: Mapping[str, Any], failure: str | None) -> None:
    """Keep how a load ended, and forget what is too old. Raises TargetError."""
    if not config["dry_run"]:
        journal.end(failure)
        journal.prune(config["keep_journal_days"])


def workspace_of(config: Mapping[str, Any]) -> str:
    """Return where the API of the workspace is."""
    return str(config.get("api_url") or API_URL)


def kept_settings(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings without those that may hold a secret."""
    return {name: value for name, value in config.items() if name not in _NOT_KEPT and value is not None}
