"""What the demo does, one step after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from demo import tables
from demo.loading import EXAMPLE, Load, LoadFailed, load
from demo.migration import PORTAL, PRESET, migrate
from demo.pipeline import REPOSITORY, PipelineFailed, install, new_project
from demo.postgres import Postgres, PostgresFailed, postgres
from demo.sandbox import COUNTS, Sandbox, SandboxFailed, sandbox, seed_options
from demo.stopping import wait_for_signal

BLOCKS = ("tap-lightfield", "target-postgres")


class NotAsPromised(Exception):
    """Something that the demo shows is not what it must be."""


FAILURES = (LoadFailed, NotAsPromised, PipelineFailed, PostgresFailed, SandboxFailed)
"""What `tell` raises, each with a message for the person who watches."""


def tell(console: Console, folder: Path, *, keep: bool = False) -> None:
    """Run the demo.

    Args:
        console: Where it is shown.
        folder: An empty folder for its files.
        keep: Whether all that it started stays up until a signal comes.

    Raises:
        NotAsPromised: The numbers that must agree don't. (And the other FAILURES.)
    """
    with _step(console, "Installing the plugins for Meltano") as done:
        done("now" if install(folder) else "there already")
    with ExitStack() as started:
        crm = started.enter_context(sandbox(folder / "sandbox.log", *seed_options()))
        _say(console, "A Lightfield workspace", f"a sandbox at {crm.url}")
        _add(console, "with " + ", ".join(f"{count:,} {name}" for name, count in COUNTS.items()))
        database = started.enter_context(postgres())
        version = database.rows("SHOW server_version")[0][0]
        _say(console, "An empty database", f"PostgreSQL {version} on a socket in {database.folder}")
        _extract(console, folder, crm, database)
        _write_back(console, folder, crm)
        new = started.enter_context(sandbox(folder / "empty-sandbox.log", "--empty"))
        _say(console, "A Lightfield workspace of a new customer", f"an empty sandbox at {new.url}")
        page = _move(console, folder / "hubspot", new)
        if keep:
            _keep(console, crm, database, new, page)


def _keep(console: Console, crm: Sandbox, database: Postgres, new: Sandbox, page: Path) -> None:
    """Say where everything is, and leave it up until a signal comes."""
    places = {
        "The database": f"psql '{database.url}'",
        "The invented workspace": f"{crm.url} with the key {crm.key}",
        "The new customer's": f"{new.url} with the key {new.key}",
        "The report of the move": page.as_uri(),
    }
    console.print()
    for what, where in places.items():
        console.print(f"[bold]{what}[/bold]  {escape(where)}", soft_wrap=True)
    console.print("All of it is up until you press Ctrl-C.")
    wait_for_signal()


def _extract(console: Console, folder: Path, crm: Sandbox, database: Postgres) -> None:
    settings = {
        "TAP_LIGHTFIELD_API_URL": crm.url,
        "TAP_LIGHTFIELD_API_KEY": crm.key,
        "TARGET_POSTGRES_SQLALCHEMY_URL": database.sqlalchemy_url,
    }
    project = new_project(folder / "meltano", settings)
    with _step(console, f"meltano run {' '.join(BLOCKS)}"):
        project.run(*BLOCKS, log=folder / "meltano-run.log")
    console.print()
    counts, same = tables.row_counts(database, crm)
    console.print(counts)
    if not same:
        raise NotAsPromised("Postgres doesn't hold what Lightfield counts.")
    console.print(tables.pipeline_value(database))
    console.print(tables.latest_notes(database))


def _write_back(console: Console, folder: Path, crm: Sandbox) -> None:
    example = EXAMPLE.relative_to(REPOSITORY)
    with _step(console, f"target-lightfield < {example}"):
        first = load(folder, crm, "first-load")
    _show(console, "What became of another CRM's records", first)
    for reject in first.rejects:
        console.print(f"[yellow]![/yellow] [bold]{escape(reject.key)}[/bold]  [dim]rejected, and why:[/dim]")
        _add(console, reject.message)
        console.print()
    with _step(console, f"target-lightfield < {example}, once more"):
        second = load(folder, crm, "second-load")
    _show(console, "The same records again: nothing is written twice", second)
    if second.writes:
        raise NotAsPromised("The second load wrote something that the first had written.")


def _move(console: Console, folder: Path, crm: Sandbox) -> Path:
    folder.mkdir()
    portal, preset = PORTAL.relative_to(REPOSITORY), PRESET.relative_to(REPOSITORY)
    with _step(console, f"target-lightfield < {portal}, dry_run: true"):
        planned = migrate(folder, crm, "plan", dry_run=True)
    _add(console, f"preset: {preset}, a few lines onto the one for HubSpot")
    console.print()
    console.print(tables.plan(planned))
    promised = planned.plan["writes"]
    _add(console, f"{promised} writes, of which the sandbox has seen {planned.load.writes or 'none'} yet")
    if planned.load.writes:
        raise NotAsPromised("The plan wrote something.")
    with _step(console, f"target-lightfield < {portal}"):
        first = migrate(folder, crm, "first-move")
    _show(console, "A HubSpot portal in Lightfield", first.load, promised)
    console.print(tables.left_over(first))
    with _step(console, f"target-lightfield < {portal}, once more"):
        second = migrate(folder, crm, "second-move")
    _show(console, "The same portal again: nothing is written", second.load, 0)
    return first.page


def _show(console: Console, title: str, result: Load, writes: int | None = None) -> None:
    console.print()
    console.print(tables.load_outcome(title, result))
    if not result.outcomes:
        raise NotAsPromised("target-lightfield said nothing of what became of the records.")
    if not result.agrees or result.writes != (result.claimed if writes is None else writes):
        raise NotAsPromised("The sandbox saw other writes than target-lightfield says.")


@contextmanager
def _step(console: Console, what: str) -> Iterator[Callable[[str], None]]:
    """Show what is going on, and once it is over, how long it took."""
    outcome = [""]
    start = time.monotonic()
    with console.status(escape(what)):
        yield lambda text: outcome.__setitem__(0, f"{text}, ")
    _say(console, what, f"{outcome[0]}{time.monotonic() - start:.1f} s")


def _say(console: Console, what: str, about: str) -> None:
    console.print(f"[green]●[/green] [bold]{escape(what)}[/bold]  [dim]{escape(about)}[/dim]")


def _add(console: Console, about: str) -> None:
    """Show more of what was said last."""
    console.print(Padding(Text(about, style="dim"), (0, 0, 0, 2)))
