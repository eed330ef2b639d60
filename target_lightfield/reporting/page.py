"""The report of a run as one HTML page for people: no script, and nothing that is loaded from elsewhere.

How the page is built is in page.html, how it looks in page.css. Its first words are those of headline.py, and
what is to be done comes from todo.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from lightfield_api.words import duration
from target_lightfield.reporting.headline import totals_of
from target_lightfield.reporting.outcome import clip
from target_lightfield.reporting.plan_lines import plan_lines
from target_lightfield.reporting.rejection import advice_on
from target_lightfield.reporting.todo import todo

_Json = Mapping[str, Any]

_MEANINGS = {
    "created": "new in Lightfield",
    "updated": "differed from the source",
    "unchanged": "already as in the source",
    "trashed": "moved to the trash",
    "removed": "no longer on a list",
    "rejected": "not accepted as they are",
    "waiting": "need another record, or a member, first",
    "skipped": "not to be written",
    "gone": "deleted or merged in Lightfield, and left so",
    "kept": "for the rows of other streams",
}
# The page has these only where there are any.
_SHOWN_IF_ANY = ("trashed", "removed", "skipped", "gone", "kept")
_IN_BARS = ("created", "updated", "unchanged", "trashed", "removed", "gone", "skipped", "waiting", "rejected")
_VERDICTS = ("differing", "missing", "changed_in_lightfield")
_NO_BAR_OF_ITS_OWN = {"skipped", "removed"}

# Invisible characters, and those that turn the text around them, are shown as escapes: else one key could
# pass for another.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def page(report: _Json) -> str:
    """Return a report as an HTML page, which is well-formed XML as well.

    Args:
        report: The report as ``Report.as_dict`` has it.
    """
    totals = totals_of(report)
    objects: Mapping[str, _Json] = report["objects"]
    bars = list(_bars(objects, verify=report["verify"]))
    return _PAGE.render(
        report=report,
        style=_STYLE,
        headline=report["headline"],
        bars=bars,
        compared={bar.name for bar in bars if bar.records},
        tasks=todo(report),
        meanings={o: meaning for o, meaning in _MEANINGS.items() if o not in _SHOWN_IF_ANY or totals[o]},
        totals=totals,
        plan=list(_plan_of(report)),
        titles=_titles(report),
        objects={name: counts for name, counts in objects.items() if any(counts[o] for o in _MEANINGS)},
    )


@dataclass(frozen=True)
class Bar:
    """What became of an object's records, to be drawn to scale.

    Attributes:
        name: The object.
        records: How many there are.
        pieces: How many had each outcome, of those that any had.
        left_over: How many values of the source's stream of this name are left over.
    """

    name: str
    records: int
    pieces: Mapping[str, int]
    left_over: int

    @property
    def left_over_width(self) -> int:
        """How wide they are drawn, in percent: on the scale of the records, as far as there is room."""
        return min(100, 100 * self.left_over // self.records) if self.records else 100


def _bars(objects: Mapping[str, _Json], *, verify: bool) -> Iterator[Bar]:
    """Yield a bar for each object, but not for streams of which nothing was to be written."""
    for name, counts in objects.items():
        numbers = {outcome: counts[outcome] for outcome in _IN_BARS}
        if verify:
            numbers = (
                {"equal": numbers.pop("unchanged")} | {v: counts["verified"][v] for v in _VERDICTS} | numbers
            )
        pieces = {outcome: number for outcome, number in numbers.items() if number}
        if set(pieces) - _NO_BAR_OF_ITS_OWN or (counts["left_over"] and not pieces):
            yield Bar(name, sum(pieces.values()), pieces, counts["left_over"])


def _plan_of(report: _Json) -> Iterator[str]:
    """Yield the plan of a migration, line by line."""
    if report["plan"]:
        members = {one["member"]: one["records"] for one in report["missing_members"]}
        is_over = report["verify"] or not report["dry_run"]
        yield from (line.strip() for line in plan_lines(report["plan"], members, is_over=is_over))


def _titles(report: _Json) -> Mapping[str, str]:
    """Return what the sections are called that tell of one thing to do."""
    dry_run = report["dry_run"]
    return {
        "rejected": "Records that would be rejected" if dry_run else "Rejected records",
        "verified": "The workspace beside the source",
        "left-over": "What would be left over" if dry_run else "What is left over",
        "matches": "Matches to look at",
        "gone": "Deleted or merged in Lightfield",
        "links": "Links that wait",
        "members": "Members who are missing",
    }


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _seen(value: object) -> object:
    """Return a value with its invisible characters as escapes; autoescape sees to markup after this."""
    if hasattr(value, "__html__") or not isinstance(value, str):  # markup is the template's own
        return value
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), value)


def _unbroken(sentence: str) -> str:
    """Return a sentence of which no line ends between a number and what it counts."""
    return re.sub(r"(?<=\d) (?=[a-z])", "\u00a0", sentence)


def _time(moment: str | None) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M:%S} UTC" if moment else "not yet"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "not known yet"
    if seconds < 60:
        return f"{seconds:.1f} seconds"
    return duration(seconds)


def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=True,
        finalize=_seen,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        advice_on=advice_on,
        clip=clip,
        counted=_number,
        duration=_duration,
        moment=_time,
        number="{:,}".format,
        unbroken=_unbroken,
    )
    return environment.get_template("page.html")


# Both are read when the program starts: at the end of a run the disk may be full, or an update under way.
_PAGE = _template()
_STYLE = files(__package__).joinpath("page.css").read_text("utf-8")
