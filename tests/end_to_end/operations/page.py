"""What docs/operations.md tells its readers to type, and where that happens in a test."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from demo.pipeline import REPOSITORY

PROJECT = "/srv/lightfield"
"""Where the page and the examples have the project."""

PAGE = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
EXAMPLES = REPOSITORY / "examples" / "operations"


def commands(heading: str, language: str = "sh") -> Sequence[str]:
    """Return the blocks of a language below a heading, up to the next heading of any level."""
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^## |^### |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section, f"docs/operations.md has no section {heading}"
    return re.findall(rf"^```{language}\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)


def headings_with_commands() -> set[str]:
    """Return the headings that have commands to type below them."""
    return {heading for heading in re.findall(r"^##+ (.*)$", PAGE, re.MULTILINE) if commands(heading)}


def table(title: str) -> Sequence[Sequence[str]]:
    """Return the rows of the table whose first line begins so."""
    lines = PAGE.partition(title)[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def placed(text: str, places: Mapping[str, object]) -> str:
    """Return a text with other places in it."""
    for place, other in places.items():
        text = text.replace(place, str(other))
    return text
