"""Lines for a person's terminal, which is to act on nothing that a record or the source has in it."""

from __future__ import annotations

import sys

import click


def say(line: str, *, err: bool = False) -> None:
    """Print one line: what no terminal shows, or its encoding lacks, as an escape.

    Args:
        line: The line.
        err: Whether it goes to standard error.
    """
    seen = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in line
    )
    stream = sys.stderr if err else sys.stdout
    encoding = (stream and stream.encoding) or "utf-8"
    click.echo(seen.encode(encoding, errors="backslashreplace").decode(encoding), err=err)
