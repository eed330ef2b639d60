"""``lightfield-migration presets``: the presets that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from target_lightfield.presets.reading import built_in_names, built_in_text

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # from Python 3.11 on


@click.command()
@click.pass_obj
def presets(folder: Traversable) -> None:
    """List the built-in presets."""
    names = built_in_names(folder)
    width = max(map(len, names), default=0)
    for name in names:
        click.echo(f"{name:{width}}  {_first_line(built_in_text(name, folder))}".rstrip())


def _first_line(text: str) -> str:
    """Return the first line of the comment that a preset begins with."""
    line = text.partition("\n")[0]
    return line.lstrip("# ").strip() if line.startswith("#") else ""
