"""What became of the records of a run, in the one sentence that people read first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
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

# Of the first of these that is said, a dry run says that it would be; for those that follow that holds, too.
_WRITTEN = {
    "created": "created",
    "updated": "updated",
    "trashed": "moved to the trash",
    "removed": "removed from lists",
    "rejected": "rejected",
}
_NOT_WRITTEN = {
    "unchanged": "unchanged",
    "waiting": "waiting",
    "skipped": "skipped",
    "gone": "deleted or merged in Lightfield",
}
_VERDICTS = ("equal", "differing", "missing", "changed_in_lightfield")


def headline(report: _Json) -> str:
    """Return what became of the records: "11 records: 6 created, 4 updated, 1 rejected.".

    Of a dry run: "11 records: 6 would be created, 4 updated, 1 rejected." Of a verification: "11 records: 9
    equal, 1 missing, 1 changed in Lightfield since."

    Args:
        report: The report as ``Report.as_dict`` has it.
    """
    totals = totals_of(report)
    if report["verify"]:
        records, parts = _verified(report, totals)
    else:
        records, parts = _records(totals), [*_outcomes(totals, dry_run=report["dry_run"])]
    if links := report["waiting_links"]["count"]:
        parts.append(count("link", links, "waits", "wait"))
    said = count("record", records) if records else "No records came"
    return ": ".join(filter(None, [said, ", ".join(parts)])) + "."


def totals_of(report: _Json) -> Counter[str]:
    """Return how many rows of all objects had each outcome."""
    totals: Counter[str] = Counter()
    for counts in report["objects"].values():
        totals.update({outcome: counts[outcome] for outcome in OUTCOMES})
    return totals


def _outcomes(totals: Mapping[str, int], *, dry_run: bool) -> Iterator[str]:
    would_be = "would be " if dry_run else ""
    for outcome in OUTCOMES:
        if (number := totals[outcome]) and outcome in _WRITTEN:
            yield f"{number:,} {would_be}{_WRITTEN[outcome]}"
            would_be = ""
        elif number and outcome in _NOT_WRITTEN:
            yield f"{number:,} {_NOT_WRITTEN[outcome]}"


def _verified(report: _Json, totals: Mapping[str, int]) -> tuple[int, list[str]]:
    """Return how many rows were compared, and what was found of them."""
    verdicts = Counter[str]()
    for counts in report["objects"].values():
        verdicts.update({name: counts["verified"][name] for name in _VERDICTS})
    said = [
        (totals["unchanged"], "equal"),
        (verdicts["differing"], "differing"),
        (verdicts["missing"], "missing"),
        (verdicts["changed_in_lightfield"], "changed in Lightfield since"),
        (totals["rejected"], "rejected"),
        (totals["waiting"], "waiting"),
        (totals["skipped"], "skipped"),
    ]
    records = _records(totals) + sum(verdicts[name] for name in _VERDICTS[1:])
    return records, [f"{number:,} {found}" for number, found in said if number]


def _records(totals: Mapping[str, int]) -> int:
    """Return how many rows are to be records."""
    # Who is removed from a list is no record of the feed, and what a preset keeps is none to be loaded.
    return sum(totals.values()) - totals["removed"] - totals["kept"]
