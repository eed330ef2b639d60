"""``lightfield-migration show NAME``: the file of a built-in preset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from target_lightfield.presets.reading import built_in_text

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # from Python 3.11 on


@click.command()
@click.argument("name")
@click.pass_obj
def show(folder: Traversable, name: str) -> None:
    """Print the file of the built-in preset NAME."""
    click.echo(built_in_text(name, folder), nl=False)
