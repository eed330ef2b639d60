"""Whether two workspaces of one seed hold the same, ids aside.

Every record of a feed has its mark, such as ``k17``, in what names it. So what is compared is found
again whatever else has become of it, and more than one record of a mark is a double.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

from benchmarks.campaign.people import NAMED, People
from benchmarks.campaign.round import Round
from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

KINDS = ("account", "contact", "opportunity", "task", "note", "meeting", "email", "list", "subscription",
         "office-location")  # fmt: skip
_MARK = re.compile(r"\bk\d+\b")
_OF_IDS = {"$threadId"}  # it follows from the email's own id


def mark(kind: str, record: Json) -> str:
    """The mark of a record; for one without, such as what a person made, its whole name."""
    key = "$subject" if kind == "email" else NAMED.get(kind, "$name")
    named = json.dumps(record["fields"].get(key, {}).get("value"), sort_keys=True)
    found = _MARK.search(named)
    return found[0] if found else named


def content(sandbox: Sandbox) -> dict[str, dict[str, list[str]]]:
    """All that is active, as text: by kind, then by mark."""
    records = {kind: sandbox.records(kind) for kind in KINDS}
    marks = {r["id"]: f"{kind} {mark(kind, r)}" for kind, found in records.items() for r in found}
    members = {r["id"]: r["id"] for r in sandbox.records("member")}
    files = {r["id"]: r["filename"] for r in sandbox.records("file") if r["status"] == "COMPLETED"}
    known = marks | members | files
    shown: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for kind, found in records.items():
        for record in found:
            shown[kind][mark(kind, record)].append(_text(record, known))
    for id_, name in files.items():
        shown["file"][name].append(repr(sandbox.content(id_)))
    people = People(sandbox)
    for list_ in records["list"]:
        for member in people.members_of(list_):
            shown["list member"][f"{marks[list_['id']]}: {known.get(member, member)}"].append("")
    return shown


def _text(record: Json, known: Json) -> str:
    fields = {
        k: sorted(v["value"]) if v["valueType"] == "MULTI_SELECT" else v["value"]  # in any order
        for k, v in record["fields"].items()
        if v["value"] is not None and k not in _OF_IDS
    }
    links = {}
    for key, entry in record.get("relationships", {}).items():
        sides = entry.get("directions") or {"": entry}
        for side, found in sides.items():
            # A link to what lies in the trash is as good as none.
            links[f"{key} {side}"] = sorted(known[id_] for id_ in found["values"] if id_ in known)
    return json.dumps([fields, {k: v for k, v in links.items() if v}], sort_keys=True, ensure_ascii=False)


def compare(round_: Round, right: Sandbox, tried: Sandbox, when: str) -> None:
    """Find what the second workspace has less, more or otherwise than the first."""
    left, other = content(right), content(tried)
    for kind in sorted(left.keys() | other.keys()):
        for key in sorted(left[kind].keys() | other[kind].keys()):
            expected, found = sorted(left[kind][key]), sorted(other[kind][key])
            if len(found) > len(expected):
                round_.find(
                    "doubled", f"{when}: {kind} {key} is there {len(found)} times, not {len(expected)}"
                )
            elif len(found) < len(expected):
                round_.find("lost", f"{when}: {kind} {key} is there {len(found)} times, not {len(expected)}")
            elif found != expected:
                round_.find("lost", f"{when}: {kind} {key} {_difference(expected, found)}")


def _difference(expected: list[str], found: list[str]) -> str:
    for one, other in zip(expected, found, strict=True):
        if one == other:
            continue
        for wanted, got in zip(json.loads(one), json.loads(other), strict=True):
            for key in sorted(wanted.keys() | got.keys()):
                if wanted.get(key) != got.get(key):
                    return f"has {got.get(key)!r:.200} in {key}, not {wanted.get(key)!r:.200}"
    return "differs"


def creates(sandbox: Sandbox) -> dict[str, int]:
    """How many creates took effect, by kind; of files only whole ones count, and these are compared."""
    writes = sandbox.stats()["writes"]
    return {kind: counts["create"] for kind, counts in writes.items() if kind != "file"}
