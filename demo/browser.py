"""A browser without a screen: one that is on the machine, else one that is put into this folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from demo.pipeline import REPOSITORY

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OWN_BROWSERS = REPOSITORY / ".demo" / "browsers"
"""Where Playwright's own browser goes, if none is on the machine; ``make clean`` removes it."""

# Firefox is not among them: Playwright drives its own build of it only.
_NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "microsoft-edge-stable", "msedge"),
)
_ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_OPTIONS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


class NoBrowser(Exception):
    """There is no browser, and none can be had."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Run a browser for the length of the block.

    Raises:
        NoBrowser: There is none, and none can be installed; it says what to do.
    """
    os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(OWN_BROWSERS))
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it reads where its browsers are

    found = on_this_machine()
    with sync_playwright() as playwright:
        if found is None and not Path(playwright.chromium.executable_path).exists():
            _install()
        # As root, which containers run as, Chromium refuses to start with its sandbox.
        as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        started = playwright.chromium.launch(executable_path=found, args=[*_OPTIONS, *as_root])
        try:
            yield started
        finally:
            started.close()


def on_this_machine() -> str | None:
    """Return where Chromium, Chrome or Edge is on this machine; None if none of them is."""
    commands = (shutil.which(name) for name in _NAMES)
    programs = (path for path in _ELSEWHERE if Path(path).exists())
    return next(filter(None, [*commands, *programs]), None)


def _install() -> None:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line.strip() for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
        said = next((line for line in lines if "Error" in line), lines[-1] if lines else "without a word")
        raise NoBrowser(
            "The report page is tested in a browser, and there is none: install Chromium, Chrome or Edge "
            "(on Debian: apt-get install chromium). `playwright install chromium`, which was tried, "
            f"failed: {said}"
        )
