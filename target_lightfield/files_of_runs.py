"""Where a run keeps its files: in a folder of their own, or where earlier releases had them.

They hold personal data, and earlier releases put them beside the project's own files, where they are easily
committed. So the default is a folder that only its owner can enter and that git passes over. What is at the
old place already is used there: a run that began with an empty id map would write every record twice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from target_lightfield.errors import TargetError

FOLDER = "lightfield"
"""The folder that the files are in by default, in the working directory."""

_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class _Place:
    """Where a file is by default.

    Attributes:
        name: The file's name.
        what: What it is called in a sentence.
        prefix: What its setting has before the path.
    """

    name: str
    what: str
    prefix: str = ""

    @property
    def path(self) -> Path:
        return Path(FOLDER, self.name)

    @property
    def default(self) -> str:
        """The default of the setting."""
        return f"{self.prefix}{FOLDER}/{self.name}"

    @property
    def former(self) -> Path:
        """Where earlier releases had it."""
        return Path(self.name)


_PLACES = {
    "id_map": _Place("lightfield_id_map.db", "id map", _SQLITE),
    "rejects_path": _Place("lightfield_rejects.jsonl", "rejects file"),
    "left_over_path": _Place("lightfield_left_over.jsonl", "file of what is left over"),
}


def default_of(setting: str) -> str:
    """Return the default of ``id_map``, ``rejects_path`` or ``left_over_path``."""
    return _PLACES[setting].default


def in_their_places(config: Mapping[str, Any], log: logging.Logger) -> dict[str, Any]:
    """Return the settings with the old place of each file that is there, and not at its default.

    Args:
        config: The settings. What is set to another place than the default stays as it is.
        log: Where it is said.

    Raises:
        TargetError: There is an id map at both places, and nobody can tell which one is meant.
    """
    settled = dict(config)
    for setting, place in _PLACES.items():
        if config.get(setting) != place.default or not place.former.is_file():
            continue
        if not place.path.exists():
            settled[setting] = f"{place.prefix}{place.name}"
            log.info(
                "The %s is %s, where earlier releases kept it. To have it at %s, move it there between two "
                "runs.", place.what, place.name, place.path,
            )  # fmt: skip
        elif setting == "id_map":
            raise TargetError(
                f"There are two id maps, {place.name} and {place.path}, and a run with the wrong one writes "
                "records twice: move the one that is not used to another folder."
            )
        else:
            log.warning(
                "The %s is %s. There is another one at %s, which no run changes any more: delete it once "
                "you have looked at it, for it holds personal data.",
                place.what, place.path, place.name,
            )  # fmt: skip
    return settled


def make_folder_of(path: Path) -> None:
    """Make the folder that a file is to be in.

    The default one, where this makes it, is for its owner only, and git passes over all that is in it.

    Raises:
        OSError: It can't be made.
    """
    folder = path.parent
    if folder != Path(FOLDER):
        folder.mkdir(parents=True, exist_ok=True)
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    if not any(folder.iterdir()):  # so it is ours: a folder of this name with something in it may not be
        (folder / ".gitignore").write_text("*\n")
