"""docs/architecture.md names what is there: a function that is renamed or moved is renamed in it, too."""

from __future__ import annotations

import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

REPOSITORY = Path(__file__).parents[1]
PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
SPANS = sorted(set(re.findall(r"`([^`]+)`", PAGE)))
PATHS = [span for span in SPANS if "/" in span or span.endswith((".md", ".toml", ".yml"))]
NAMES = [span for span in SPANS if re.fullmatch(r"[a-z_]+(\.\w+)+", span) and span not in PATHS]


@pytest.mark.parametrize("path", PATHS)
def test_every_file_that_the_page_names_is_there(path: str) -> None:
    assert (REPOSITORY / path).exists()


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("self.")])
def test_every_function_that_the_page_names_is_there(name: str) -> None:
    house = "" if name.startswith("lightfield_api.") else "target_lightfield."
    assert resolve_name(house + name)


def test_the_page_names_the_whole_way_of_a_row() -> None:
    steps = re.findall(r"^(\d+)\. ", PAGE, re.MULTILINE)
    assert steps == [str(number) for number in range(1, 14)]
    assert len(NAMES) > len(steps)
