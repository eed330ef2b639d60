"""`python -m demo.picture`: makes docs/report.png, the picture of a report of a real run.

It moves the recorded HubSpot portal of ``examples/hubspot`` into an empty sandbox.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import FloatRect

from demo.browser import NoBrowser, browser
from demo.loading import LoadFailed
from demo.migration import migrate
from demo.pipeline import REPOSITORY
from demo.sandbox import SandboxFailed, sandbox
from demo.stopping import temporary_folder

PICTURE = REPOSITORY / "docs" / "report.png"
_WIDTH, _TASKS = 1000, 3


def main() -> int:
    """Make the picture and return the exit code."""
    try:
        with (
            temporary_folder("lightfield-picture-") as folder,
            sandbox(folder / "sandbox.log", "--empty") as crm,
        ):
            migrate(folder, crm, "load")
            draw(folder / "load-report.html", PICTURE)
    except (LoadFailed, NoBrowser, SandboxFailed) as e:
        print(e, file=sys.stderr)
        return 1
    print(f"{PICTURE.relative_to(REPOSITORY)}: {PICTURE.stat().st_size // 1000} kB")
    return 0


def draw(page: Path, picture: Path) -> None:
    """Make a picture of the beginning of a page, as far as the first few things to do."""
    with browser() as chromium:
        shown = chromium.new_page(viewport={"width": _WIDTH, "height": 900}, color_scheme="light")
        shown.goto(page.as_uri())
        last = shown.locator(".todo > li").nth(_TASKS - 1).bounding_box()
        height = last["y"] + last["height"] + 8 if last else 900
        beginning = FloatRect(x=0, y=0, width=_WIDTH, height=height)
        shown.screenshot(path=picture, full_page=True, clip=beginning)


if __name__ == "__main__":
    sys.exit(main())
