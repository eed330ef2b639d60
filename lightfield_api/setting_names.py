"""The names of settings: which of them nobody knows, and which are set where nothing reads them.

``{"dry_rnu": true}`` must not write for real.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any


def unknown_settings(config: Iterable[str], known: Collection[str]) -> str | None:
    """Return one sentence that names the settings nobody knows, each with the nearest; None without any.

    Args:
        config: The names of the settings that are set.
        known: The names of those that there are.
    """
    said = [_with_nearest(name, known) for name in config if name not in known]
    if not said:
        return None
    what = "a setting" if len(said) == 1 else "settings"
    return f"There is no such thing as {what} {', '.join(said)}: correct the name, or take it out."


def _with_nearest(name: str, known: Collection[str]) -> str:
    nearest = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return f"{name!r} (nearest: {nearest[0]})" if nearest else repr(name)


def unread_variables(
    environment: Mapping[str, str], prefix: str, known: Iterable[str], config: Mapping[str, Any]
) -> Sequence[str]:
    """Return the environment variables that name a setting which is not set, though no variable is read.

    Args:
        environment: The process's.
        prefix: What the plugin's variables begin with, ``TAP_LIGHTFIELD_``.
        known: The names of the settings that there are.
        config: Those that are set.
    """
    names = (f"{prefix}{name.upper()}" for name in known if config.get(name) in (None, ""))
    return [name for name in names if environment.get(name)]


def unread(name: str) -> str:
    """Return what to do about an environment variable that is not read, in one sentence."""
    return (
        f"{name} is set in the environment and not read: --config ENV reads it, and Meltano if its plugin "
        "entry declares the setting."
    )
