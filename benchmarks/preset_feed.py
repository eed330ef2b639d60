"""A HubSpot feed through the preset: what the translation takes of the CPU, and a run of memory.

Run: python -m benchmarks.preset_feed [--json FILE] [--quick]

The feed has its associations before the records that they join, as HubSpot's tap sends them. What counts is
the CPU time a contact, and the ratio of the memory at ten times the contacts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.measure import run, sandbox, table
from lightfield_api.access import read_definitions
from lightfield_api.client import LightfieldClient
from lightfield_api.resources import RESOURCES
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.loading.outcomes import Outcomes
from target_lightfield.presets.destination import Destination
from target_lightfield.presets.feed import PresetFeed
from target_lightfield.presets.reading import read_preset
from target_lightfield.reporting.rejects_file import StreamSchema

CONTACTS = 100_000
COMPANIES = 10  # contacts a company
_TARGET = str(Path(sys.executable).with_name("target-lightfield"))
_PAIR = ("from_id", "to_id", "association_type_id")
_KEYS = {"contact_company_associations": _PAIR, "properties": ("name",)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--quick", action="store_true", help="a tenth of the records")
    options = parser.parse_args()
    contacts = CONTACTS // 10 if options.quick else CONTACTS
    # Memory first: what this process has taken counts for the programs that it starts, until they are theirs.
    results = {"memory": memory(contacts), "translation": translation(contacts)}
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def messages(contacts: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of the feed with their streams, in the order of the tap."""
    for n in range(contacts // COMPANIES):
        yield "companies", {
            "id": str(n), "archived": False, "updatedAt": "2026-01-01T00:00:00Z",
            "properties": {
                "name": f"Company {n}", "domain": f"company-{n}.example", "phone": "+49 30 901820",
                "city": "Berlin", "country": "Germany", "numberofemployees": "120",
                "hubspot_owner_id": "7", "hs_object_id": str(n), "description": None,
            },
        }  # fmt: skip
    for n in range(contacts):
        for kind, label in ((1, "Primary"), (279, None)):
            yield "contact_company_associations", {
                "from_id": str(n), "to_id": str(n // COMPANIES), "association_type_category": "HUBSPOT",
                "association_type_id": kind, "association_type_label": label,
            }  # fmt: skip
    for n in range(contacts):
        yield "contacts", {
            "id": str(n), "archived": False, "updatedAt": "2026-01-01T00:00:00Z",
            "properties": {
                "firstname": "Maëlle", "lastname": f"Le Goff {n}", "email": f"contact-{n}@company.example",
                "hs_additional_emails": f"other-{n}@company.example", "jobtitle": "Head of Procurement",
                "phone": f"+33 2 97 {n % 10**6:06}", "city": "Brest", "country": "France",
                "hs_email_optout": "false", "lifecyclestage": "customer", "notes_from_sales": "Prefers email",
                "hubspot_owner_id": "7", "associatedcompanyid": str(n // COMPANIES),
                "createdate": "2023-01-01", "hs_object_id": str(n),
                **{f"hs_computed_{k}": None for k in range(20)},
            },
        }  # fmt: skip
    yield "owners", {"id": "7", "email": "somebody@company.example", "firstName": "Some", "lastName": "Body"}
    customer = {"value": "customer", "label": "Customer"}
    for name, label in (("notes_from_sales", "Notes from sales"), ("lifecyclestage", "Lifecycle stage")):
        yield "properties", {"name": name, "label": label, "options": [customer]}


def translation(contacts: int) -> dict[str, Any]:
    """The CPU time that gathering and translating take, without that of loading."""
    with tempfile.TemporaryDirectory() as folder, sandbox(empty=True, rate_limit=0) as server:
        with LightfieldClient(server.key, api_url=server.url) as client:
            definitions = read_definitions(client, RESOURCES.values())
        handed_over = _Nothing()
        id_map = IdMap(f"sqlite:///{folder}/id_map.db")
        nothing = SimpleNamespace(
            report=SimpleNamespace(count=lambda *_: None),
            take_anew=lambda *_: None,
            leave_over=lambda *_: None,
            leave_out=lambda *_: None,
            reject=lambda *_: None,
        )
        destination = Destination(
            id_map=id_map,
            outcomes=cast("Outcomes", nothing),
            definitions=definitions.get,
            loader=cast("Any", lambda _: handed_over),
            lasting_name=str,
            custom_objects=dict,
            current=lambda *_: None,
            settle=lambda: None,
        )
        feed = PresetFeed(read_preset("hubspot"), destination, lambda: False)
        rows = list(messages(contacts))
        for stream in dict(rows):
            feed.begin(StreamSchema(stream, {"properties": {}}, _KEYS.get(stream, ("id",))))
        start = time.process_time()
        for stream, row in rows:
            feed.take(
                StreamSchema(stream, {"properties": {}}, _KEYS.get(stream, ("id",))), row, deleted=False
            )
        gathered = time.process_time()
        feed.load()
        end = time.process_time()
        feed.close()
        id_map.close()
    assert handed_over.rows == contacts + contacts // COMPANIES + 1
    found = {
        "contacts": contacts,
        "rows": len(rows),
        "gathering, µs a row": (gathered - start) / len(rows) * 1e6,
        "translating, µs a record": (end - gathered) / handed_over.rows * 1e6,
    }
    table("Translation, CPU", [found])
    return found


def memory(contacts: int) -> dict[str, Any]:
    """The peak of a whole run of the target that writes nothing, at a tenth of the contacts and at all."""
    taken = {}
    for number in (contacts // 10, contacts):
        with tempfile.TemporaryDirectory() as folder, sandbox(empty=True, rate_limit=0) as server:
            feed, config = Path(folder) / "feed.jsonl", Path(folder) / "config.json"
            _write(feed, number)
            settings = {
                "api_key": server.key, "api_url": server.url, "preset": "hubspot", "mode": "update_only",
                "id_map": f"sqlite:///{folder}/id_map.db",
                "rejects_path": f"{folder}/rejects.jsonl", "left_over_path": f"{folder}/left_over.jsonl",
            }  # fmt: skip
            config.write_text(json.dumps(settings))
            taken[number] = run([_TARGET, "--config", str(config)], server, category="search", stdin=feed)
    few = taken[contacts // 10]
    table(
        "Memory",
        [
            {
                "contacts": number,
                "seconds": one.seconds,
                "peak MiB": one.peak_mib,
                "times the fewer": one.peak_mib / few.peak_mib,
            }
            for number, one in taken.items()
        ],
    )
    return {str(number): one.as_json() for number, one in taken.items()}


def _write(path: Path, contacts: int) -> None:
    announced = set()
    with path.open("w") as feed:
        for stream, row in messages(contacts):
            if stream not in announced:
                announced.add(stream)
                keys = list(_KEYS.get(stream, ("id",)))
                schema = {"properties": {name: {} for name in row}}
                message = {"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": keys}
                feed.write(json.dumps(message) + "\n")
            feed.write(json.dumps({"type": "RECORD", "stream": stream, "record": row}) + "\n")


class _Nothing:
    """Takes rows and does nothing with them."""

    rows = 0

    def load(self, *_: object) -> None:
        self.rows += 1

    delete = reject = load


if __name__ == "__main__":
    main()
