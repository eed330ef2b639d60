"""`python -m demo`: what `make demo` runs, and with `--keep` what `make demo KEEP=1` does."""

from __future__ import annotations

import argparse
import sys
import time

from demo.stopping import Stopped, stopping_on_signals, temporary_folder


def main() -> int:
    """Run the demo and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo")
    parser.add_argument("--keep", action="store_true", help="leave everything up until Ctrl-C")
    keep = parser.parse_args().keep
    try:
        with stopping_on_signals():
            return _run(keep=keep)
    except Stopped as stopped:
        print("\nStopped, and everything that was started with it.")
        return stopped.exit_code


def _run(*, keep: bool) -> int:
    # Here, because it takes a moment in which a Ctrl-C would show where Python was.
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415

    from demo.story import FAILURES, tell  # noqa: PLC0415

    console = Console(highlight=False)
    start = time.monotonic()
    try:
        with temporary_folder("lightfield-demo-") as folder:
            tell(console, folder, keep=keep)
    except FAILURES as failure:
        console.print(f"\n[bold red]The demo failed.[/bold red] {escape(str(failure))}", soft_wrap=True)
        return 1
    seconds = f"{time.monotonic() - start:.0f} s"
    console.print(f"Done in {seconds}. The sandbox, the database and all they held are gone.")
    console.print("[bold]README.md[/bold] says how to do this with your own workspace.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
