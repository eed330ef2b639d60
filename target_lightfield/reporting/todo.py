"""What a person has to do after a run: first what a verification found, then what concerns most records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lightfield_api.words import count
from target_lightfield.reporting.outcome import clip
from target_lightfield.reporting.rejection import advice_on

_MOST_PLACES = 6

_ABOUT = {
    "missing": "Load these again; those that somebody has deleted in Lightfield, restore there.",
    "differing": "Load these again: the workspace has other values, and nobody changed them there.",
    "changed_in_lightfield": "Look at these: somebody changed them in Lightfield since, which stays so until "
    "their rows change.",
}

_Json = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """One thing to do.

    Attributes:
        number: How many records, links or values it concerns.
        unit: Which of these, in the singular.
        what: What is to be done, in a sentence.
        section: The section of the page that tells more.
        places: Where they are, with how many of each, the most first.
    """

    number: int
    unit: str
    what: str
    section: str
    places: Sequence[tuple[str, int]] = field(default=())

    @property
    def size(self) -> str:
        """How many it concerns: "12 records"."""
        return count(self.unit, self.number)

    @property
    def where(self) -> str:
        """Where most of them are: "accounts.tier (8), contacts.phone (4)"."""
        said = ", ".join(f"{clip(place, 60)} ({number:,})" for place, number in self.places[:_MOST_PLACES])
        return said + (", …" if len(self.places) > _MOST_PLACES else "")


def todo(report: _Json) -> Sequence[Task]:
    """Return what a person has to do: first what a verification found, then what concerns most.

    Args:
        report: The report as ``Report.as_dict`` has it.
    """
    return sorted(_tasks(report), key=_rank)


def _rank(task: Task) -> tuple[int, int]:
    """Return where a task comes: what a verification found in the order of _ABOUT, the others by size."""
    found = list(_ABOUT.values())
    return (found.index(task.what), 0) if task.what in found else (len(found), -task.number)


def _tasks(report: _Json) -> Iterator[Task]:
    rejects = [
        (advice_on(one["code"]), f"{one['stream']}.{one['param']}" if one["param"] else one["stream"], one)
        for one in report["rejects"]
    ]
    yield from _by_advice(rejects, "record", "rejected")
    left_over = [
        (one["advice"], f"{one['stream']}.{one['column']}" if one["column"] else one["stream"], one)
        for one in report["left_over"]["groups"]
    ]
    yield from _by_advice(left_over, "value", "left-over")
    if report["verify"]:
        yield from _found(report["objects"])
    members = [(one["member"], one["records"]) for one in report["missing_members"]]
    if members:
        yield Task(
            sum(number for _, number in members),
            "record",
            "Invite these people to the workspace, then run again.",
            "members",
            members,
        )
    links = [
        (f"{one['stream']}.{one['relationship']}", one["count"]) for one in report["waiting_links"]["groups"]
    ]
    yield from _one("link", "See that what these links refer to comes, too.", "links", links)
    objects = report["objects"].items()
    waiting = [(name, counts["waiting"]) for name, counts in objects]
    yield from _one("record", "Load what these records wait for: another record, or a member.", "", waiting)
    doubtful = [(name, counts["doubtful_matches"]["count"]) for name, counts in objects]
    yield from _one("record", "Look at these matches: a name or a website differs.", "matches", doubtful)
    gone = [(name, counts["gone_records"]["count"]) for name, counts in objects]
    yield from _one("record", "Restore these in Lightfield if they are to come back.", "gone", gone)


def _found(objects: Mapping[str, _Json]) -> Iterator[Task]:
    """Yield what to do about that which a verification found."""
    for verdict, what in _ABOUT.items():
        places = [(name, counts["verified"][verdict]) for name, counts in objects.items()]
        yield from _one("record", what, "verified", places)


def _by_advice(groups: Sequence[tuple[str, str, _Json]], unit: str, section: str) -> Iterator[Task]:
    """Yield one task for all groups in which the same is to be done."""
    by_advice: dict[str, Counter[str]] = {}
    for advice, place, group in groups:
        by_advice.setdefault(advice, Counter())[place] += group["count"]
    for advice, places in by_advice.items():
        sentence = advice[:1].upper() + advice[1:].replace("`", "")
        yield Task(places.total(), unit, sentence, section, places.most_common())


def _one(unit: str, what: str, section: str, places: Sequence[tuple[str, int]]) -> Iterator[Task]:
    found = sorted(((place, number) for place, number in places if number), key=lambda item: -item[1])
    if found:
        yield Task(sum(number for _, number in found), unit, what, section, found)
