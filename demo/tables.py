"""The demo's tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from demo.loading import Load
from demo.migration import Migration
from demo.postgres import Postgres
from demo.sandbox import COUNTS, Sandbox

TABLES = (*COUNTS, "members")
"""The streams whose rows are counted beside the API's own count."""

NOTHING = "·"
"""What a table shows where there is nothing."""

_PIPELINE_VALUE = """
SELECT pipeline_label, stage_label, count(*), sum(amount)
FROM lightfield.opportunities
GROUP BY pipeline_label, stage_label
ORDER BY pipeline_label NULLS LAST, sum(amount) DESC NULLS LAST
"""

_LATEST_NOTES = """
SELECT notes.created_at::date, string_agg(accounts.name, ', ' ORDER BY accounts.name), notes.title
FROM lightfield.notes
LEFT JOIN lightfield.accounts ON accounts.id = ANY (notes.account_ids)
GROUP BY notes.id, notes.created_at, notes.title
ORDER BY notes.created_at DESC, notes.id
LIMIT 10
"""


def row_counts(postgres: Postgres, sandbox: Sandbox) -> tuple[Table, bool]:
    """Return the rows of each table beside what the API counts, and whether they are the same."""
    table = _table("Rows that arrived", "table", "in Lightfield", "in Postgres", "")
    same = True
    for name in TABLES:
        there, here = sandbox.total(name), postgres.rows(f"SELECT count(*) FROM lightfield.{name}")[0][0]  # noqa: S608
        same = same and there == here
        table.add_row(name, f"{there:,}", f"{here:,}", _mark(there == here))
    return table, same


def pipeline_value(postgres: Postgres) -> Table:
    """Return the value of the opportunities in each stage, by the labels the customer knows."""
    table = _table("Pipeline value by stage", "pipeline", "stage", "opportunities", "value")
    for pipeline, stage, count, value in postgres.rows(_PIPELINE_VALUE):
        table.add_row(pipeline or NOTHING, stage or NOTHING, f"{count:,}", f"{value or 0:,.0f}")
    return table


def latest_notes(postgres: Postgres) -> Table:
    """Return the ten latest notes with the accounts that they are about."""
    table = _table("The ten latest notes", "created", "account", "note", numbers=False)
    for created, account, title in postgres.rows(_LATEST_NOTES):
        table.add_row(str(created), account or NOTHING, title)
    return table


def load_outcome(title: str, load: Load) -> Table:
    """Return what the target says of each stream, beside the writes that the sandbox saw."""
    words = ("created", "updated", "unchanged", "rejected", "waiting")
    table = _table(title, "stream", *words, "writes the sandbox saw", "")
    for outcome in load.outcomes:
        counts = [getattr(outcome, word) for word in words]
        table.add_row(
            outcome.stream,
            *(_number(count) for count in counts),
            _number(outcome.seen_creates + outcome.seen_updates),
            _mark(outcome.agrees),
        )
    return table


def plan(migration: Migration) -> Table:
    """Return what a person has to do before a migration, how often, and examples."""
    said = migration.plan
    table = _table("The plan: what a person does first", "what to do", "how many", "for example")
    for what, examples in (
        ("create fields", [f"{one['field']} ({one['stream']})" for one in said["create_fields"]]),
        (
            "create options",
            [f"{next(iter(one['options']))} ({one['field']})" for one in said["create_options"]],
        ),
        ("invite members", [member for member in migration.missing_members if "@" in member]),
        ("decide", [f"{one['what']} ({one['stream']})" for one in said["decide"]]),
        ("do without", [f"{number} {what}" for what, number in said["not_carried"].items()]),
    ):
        table.add_row(what, _number(len(examples)), _examples(examples))
    return table


def left_over(migration: Migration) -> Table:
    """Return how many values of the source went nowhere, by the kind of reason, and an example of each."""
    table = _table("What is left over, each value in a file with the reason", "why", "values", "for example")
    for kind, lines in groupby(
        sorted(migration.left_over, key=lambda line: line["kind"]), lambda line: line["kind"]
    ):
        values = list(lines)
        first = values[0]
        example = f"{first['stream']} {first['key']}"
        if first["column"]:  # else the whole row
            example += f", {first['column']}: {first['value']}"
        table.add_row(kind.replace("_", " "), _number(len(values)), _examples([example]))
    return table


def _examples(texts: Sequence[str]) -> Text:
    return Text(", ".join(texts[:2]) or NOTHING, no_wrap=True, overflow="ellipsis")


def _table(title: str, *columns: str, numbers: bool = True) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    words: Sequence[str] = (
        ("table", "stream", "pipeline", "stage", "what to do", "why", "for example") if numbers else columns
    )
    for column in columns:
        table.add_column(column, justify="left" if column in words or not column else "right")
    return table


def _number(count: Any) -> str:
    return f"{count:,}" if count else f"[dim]{NOTHING}[/dim]"


def _mark(good: bool) -> str:
    return "[green]✓[/green]" if good else "[bold red]✗[/bold red]"
