"""Lines for a person's terminal, which is to act on nothing that a record or the source has in it."""

from __future__ import annotations

import sys

import click

from target_lightfield.errors import TargetError, reason_of


def say(line: str, *, err: bool = False) -> None:
    """Print one line: what no terminal shows, or its encoding lacks, as an escape.

    Args:
        line: The line.
        err: Whether it goes to standard error.

    Raises:
        TargetError: It can't be written.
    """
    seen = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in line
    )
    stream = sys.stderr if err else sys.stdout
    encoding = (stream and stream.encoding) or "utf-8"
    try:
        click.echo(seen.encode(encoding, errors="backslashreplace").decode(encoding), err=err)
    except BrokenPipeError:  # whoever read it has seen enough, which click says with the exit status
        raise
    except OSError as e:
        raise TargetError(f"What the command says can't be written: {reason_of(e)}.") from e
