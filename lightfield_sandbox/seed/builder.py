"""What all builders of seeded records share: chances, picks, and links at both ends."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, cast

from lightfield_sandbox.schema.timestamps import iso, parse_ms
from lightfield_sandbox.seed import words
from lightfield_sandbox.store.records import SEED, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightfield_sandbox.schema.definitions import ObjectDefinition

# Fixed, so that a seed gives the same workspace every day.
FIRST_DAY = parse_ms("2019-03-01T08:00:00Z")
LAST_DAY = parse_ms("2026-10-01T08:00:00Z")
DAY = 86_400_000


class Builder:
    """Makes records one by one. Their links are lists while they are made, and tuples in the end."""

    def __init__(self, seed: int, definitions: dict[str, ObjectDefinition]) -> None:
        self._seed = seed
        self.definitions = definitions
        self.made: dict[str, list[Record]] = {name: [] for name in definitions}
        self.by_id: dict[str, Record] = {}
        self._emails: set[str] = set()
        self._domains: set[str] = set()
        self.start("")

    def share(self, other: Builder) -> None:
        """Use the members of another builder, and avoid the addresses that it has used."""
        self.made["member"] = other.made["member"]
        self._emails, self._domains = other._emails, other._domains

    def start(self, purpose: str) -> None:
        """Begin a type. Each has a random series of its own, so that more of one do not change another."""
        self.random = random.Random(f"{self._seed}:values:{purpose}").random

    def add(self, object_type: str, record_id: str) -> Record:
        """A bare record with its times."""
        chance = self.random
        created = FIRST_DAY + int(chance() * (LAST_DAY - FIRST_DAY))
        updated = None if chance() < 0.12 else created + int(chance() ** 2 * (LAST_DAY - created))
        record = Record(object_type, record_id, created, updated, {}, {}, origin=SEED)
        self.made[object_type].append(record)
        return record

    def pick(self, choices: Sequence[Any]) -> Any:
        """One of the choices."""
        return choices[int(self.random() * len(choices))]

    def nth(self, object_type: str, number: int) -> Record | None:
        """A record for a running number; some records come more often than others."""
        made = self.made[object_type]
        return made[number * number % len(made) if number % 3 == 0 else number % len(made)] if made else None

    def some(self, object_type: str, chance: float) -> Record | None:
        """A record of the type with this chance, otherwise None."""
        made = self.made[object_type]
        return self.pick(made) if made and self.random() < chance else None

    def free(self, taken: set[str], stem: str, number: int, ending: str) -> str:
        """An address that is not used yet.

        Args:
            taken: The addresses in use, to which it is added.
            stem: What it begins with.
            number: What makes it unique where it is in use.
            ending: What it ends with.
        """
        address = f"{stem}{ending}"
        if address in taken:
            address = f"{stem}{number}{ending}"
        taken.add(address)
        return address

    def optional(self, fields: dict[str, Any], values: dict[str, tuple[float, Any]]) -> None:
        """Set each value with its chance."""
        for key, (chance, value) in values.items():
            if self.random() < chance:
                fields[key] = value

    def selects(self, record: Record, chances: dict[str, float]) -> None:
        """Set select fields with their chances."""
        definition = self.definitions[record.object_type]
        for key, chance in chances.items():
            if self.random() < chance:
                field = definition.fields[key]
                chosen = [self.pick(field.options).id, self.pick(field.options).id]
                many = list(dict.fromkeys(chosen))
                record.fields[key] = many if field.value_type == "MULTI_SELECT" else chosen[0]

    def addresses(self, fields: dict[str, Any], key: str, chance: float) -> None:
        """Set a postal address by chance.

        Args:
            fields: The fields of a record.
            key: The key of the address.
            chance: From 0 to 1.
        """
        if self.random() >= chance:
            return
        city, state, country, postal, latitude, longitude = self.pick(words.CITIES)
        address: dict[str, Any] = {"city": city, "country": country, "postalCode": postal}
        if state:
            address["state"] = state
        if self.random() < 0.8:
            address["street"] = f"{int(self.random() * 200) + 1} {self.pick(words.STREETS)}"
            address["latitude"], address["longitude"] = latitude, longitude
        fields[key] = address

    def handles(self, record: Record, kind: str, slug: str, likely: float = 0.4) -> None:
        """Set the social handles of a record, each by chance.

        Args:
            record: The record.
            kind: What LinkedIn calls it: `in` or `company`.
            slug: The name in the URLs.
            likely: The chance, from 0 to 1.
        """
        for key, field in self.definitions[record.object_type].fields.items():
            if field.handle_service and self.random() < likely:
                record.fields[key] = words.HANDLES[field.handle_service].format(kind=kind, slug=slug)

    def texts(self, record: Record, chances: dict[str, float]) -> None:
        """Set long texts with their chances."""
        for key, chance in chances.items():
            if self.random() < chance:
                record.fields[key] = self.pick(words.MARKDOWN_BLOCKS)

    def moments(self, record: Record, chances: dict[str, float]) -> None:
        """Set instants with their chances."""
        for key, chance in chances.items():
            if self.random() < chance:
                record.fields[key] = iso(record.created_ms + int(self.random() * 400 * DAY))

    def link(self, record: Record, slot_name: str, other: Record | None) -> None:
        """Link two records at both ends.

        Args:
            record: The one record.
            slot_name: Where it keeps the link.
            other: The other record; with None nothing is linked.
        """
        if other is None or other.id in record.links.get(slot_name, ()):
            return
        self.by_id.setdefault(record.id, record)
        self.by_id.setdefault(other.id, other)
        append(record, slot_name, other.id)
        inverse = self.definitions[record.object_type].slots[slot_name].inverse
        if inverse is not None:
            append(other, inverse, record.id)


def append(record: Record, slot: str, record_id: str) -> None:
    """Add a link at one end.

    Args:
        record: The record at that end.
        slot: Where it keeps the link.
        record_id: The id at the other end.
    """
    # Lists while records are made: an account may get thousands of contacts, one by one.
    growing = cast("dict[str, list[str]]", record.links)
    growing.setdefault(slot, []).append(record_id)
