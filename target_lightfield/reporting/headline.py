"""What became of the records of a run, in the one sentence that people read first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from lightfield_api.words import count

_Json = Mapping[str, Any]

OUTCOMES = (
    "created",
    "updated",
    "unchanged",
    "trashed",
    "removed",
    "rejected",
    "waiting",
    "skipped",
    "gone",
    "kept",
)
"""What can become of a row, in the order in which a report has it."""

_LOADED = ("created", "updated", "unchanged")
_VERDICTS = ("equal", "differing", "missing", "changed_in_lightfield")


def headline(report: _Json) -> str:
    """Return what became of the records: "Loaded 9 of 10 records: 1 was rejected.".

    Of a dry run: "11 records: 6 would be created, 4 updated, 1 rejected." Of a verification: "11 records: 9
    equal, 1 missing, 1 changed in Lightfield since."

    Args:
        report: The report as ``Report.as_dict`` has it.
    """
    if report["verify"]:
        return _verified(report)
    return _planned(report) if report["dry_run"] else _loaded(report)


def totals_of(report: _Json) -> Counter[str]:
    """Return how many rows of all objects had each outcome."""
    totals: Counter[str] = Counter()
    for counts in report["objects"].values():
        totals.update({outcome: counts[outcome] for outcome in OUTCOMES})
    return totals


def _planned(report: _Json) -> str:
    totals = totals_of(report)
    said = [
        (totals["created"], "created"),
        (totals["updated"], "updated"),
        (totals["trashed"], "moved to the trash"),
        (totals["removed"], "removed from lists"),
        (totals["rejected"], "rejected"),
        (totals["skipped"], "skipped"),
    ]
    parts = [f"{number:,} {done}" for number, done in said if number]
    if parts:
        number, rest = parts[0].split(" ", 1)
        parts[0] = f"{number} would be {rest}"
    parts += [f"{totals['unchanged']:,} unchanged"] if totals["unchanged"] else []
    parts += _waits(totals["waiting"], report["waiting_links"]["count"], "would wait", "would wait")
    parts += _gone(totals["gone"])
    return _sentence(_records(totals), parts)


def _verified(report: _Json) -> str:
    totals, verdicts = totals_of(report), Counter[str]()
    for counts in report["objects"].values():
        verdicts.update({name: counts["verified"][name] for name in _VERDICTS})
    members = totals["unchanged"] - verdicts["equal"]
    number = _records(totals) + sum(verdicts[name] for name in _VERDICTS[1:])
    said = [
        (verdicts["equal"] + members, "equal"),
        (verdicts["differing"], "differing"),
        (verdicts["missing"], "missing"),
        (verdicts["changed_in_lightfield"], "changed in Lightfield since"),
        (totals["rejected"], "rejected"),
        (totals["skipped"], "skipped"),
    ]
    parts = [f"{number:,} {found}" for number, found in said if number]
    parts += _waits(totals["waiting"], report["waiting_links"]["count"], "waits", "wait")
    return _sentence(number, parts)


def _loaded(report: _Json) -> str:
    totals = totals_of(report)
    records, loaded = _records(totals), sum(totals[outcome] for outcome in _LOADED)
    share = count("record", records)
    if loaded < records:
        share = f"{loaded:,} of {share}" if loaded else f"none of {share}"
    done = ("moved to the trash", "removed from lists", "rejected", "skipped")
    rest = [
        f"{totals[outcome]:,} {'was' if totals[outcome] == 1 else 'were'} {passive}"
        for outcome, passive in zip(("trashed", "removed", "rejected", "skipped"), done, strict=True)
        if totals[outcome]
    ]
    rest += _gone(totals["gone"])
    rest += _waits(totals["waiting"], report["waiting_links"]["count"], "waits", "wait")
    if not records:
        return _sentence(0, rest)
    return ": ".join(filter(None, [f"Loaded {share}", ", ".join(rest)])) + "."


def _records(totals: Mapping[str, int]) -> int:
    """Return how many rows are to be records."""
    # Who is removed from a list is no record of the feed, and what a preset keeps is none to be loaded.
    return sum(totals.values()) - totals["removed"] - totals["kept"]


def _gone(number: int) -> list[str]:
    return (
        [f"{number:,} {'was' if number == 1 else 'were'} deleted or merged in Lightfield"] if number else []
    )


def _waits(records: int, links: int, one: str, many: str) -> list[str]:
    return [
        count(what, number, one, many) for what, number in (("record", records), ("link", links)) if number
    ]


def _sentence(records: int, parts: Iterable[str]) -> str:
    rest = ", ".join(parts)
    return ": ".join(filter(None, [count("record", records) if records else "No records came", rest])) + "."
