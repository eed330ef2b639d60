"""The two files of a report: JSON for programs, and a page for people."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from target_lightfield.errors import TargetError, reason_of
from target_lightfield.reporting.page import page


def write(report: Mapping[str, Any], path: str) -> Sequence[Path]:
    """Write a report as JSON and as a page for people, each readable by its owner only.

    Args:
        report: The report as ``Report.as_dict`` has it.
        path: Where, with or without the suffix of one of the two. What is there is replaced.

    Returns:
        The JSON file and the HTML file.

    Raises:
        TargetError: One of them can't be written.
    """
    for_programs, for_people = files_of(path)
    texts = {
        for_programs: json.dumps(report, ensure_ascii=False, indent=2) + "\n",
        for_people: page(report),
    }
    for file, text in texts.items():
        try:
            _replace(file, text)
        except (OSError, ValueError) as e:
            raise TargetError(
                f"The report {file} can't be written: {reason_of(e)}. Only the report is missing: "
                "the log says what became of the records."
            ) from e
    return list(texts)


def files_of(path: str) -> tuple[Path, Path]:
    """Return the JSON file and the HTML file of a report, given with or without the suffix of one."""
    base = Path(path)
    name = base.stem if base.suffix.lower() in {".json", ".html"} else base.name
    return base.parent / f"{name}.json", base.parent / f"{name}.html"


def _replace(file: Path, text: str) -> None:
    """Write a file whole, or leave what was there: a run can be killed at any moment."""
    # Half of a surrogate pair is no UTF-8, but as JSON's own escape it can be written.
    content = text.encode(errors="backslashreplace")
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # with mode 600
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
        Path(temporary).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
