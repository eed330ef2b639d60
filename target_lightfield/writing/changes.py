"""What of a record has to be written, in how many requests.

API page: "Fields and relationships" (at most 25 links in one request).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.records import Record, field_value, linked
from target_lightfield.id_map.journal_entries import Before

LINKS_PER_REQUEST = 25


@dataclass
class Changes:
    """What of a record has to be written.

    Attributes:
        fields: API values by field key.
        replace: By the key of a HAS_ONE: the id to link, None to remove the link.
        add: By the key of a HAS_MANY: the ids to add.
        remove: By the key of a HAS_MANY: the ids to remove.
        hints: Fields that say how others are meant, and that Lightfield does not keep: a stage's pipeline.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    replace: dict[str, str | None] = field(default_factory=dict)
    add: dict[str, Sequence[str]] = field(default_factory=dict)
    remove: dict[str, Sequence[str]] = field(default_factory=dict)
    hints: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields or self.replace or self.add or self.remove)

    def link(
        self,
        definitions: ObjectDefinitions,
        record: Record,
        links: Mapping[str, Sequence[str]],
        *,
        exactly: bool,
    ) -> None:
        """Add the links in which a record differs from what is wanted of it.

        Args:
            definitions: The object's.
            record: The record as it is.
            links: The wanted ids, by relationship key.
            exactly: Whether links beyond these are removed; else they stay.
        """
        for key, ids in links.items():
            present, many = linked(record, key), definitions.relationships[key].links_many
            missing = [id_ for id_ in ids if id_ not in present]
            extra = [id_ for id_ in present if id_ not in ids] if exactly else []
            if many and missing:
                self.add[key] = missing
            if many and extra:
                self.remove[key] = extra
            if not many and (missing or (extra and not ids)):
                self.replace[key] = missing[0] if missing else None

    def before(self, record: Record) -> Before:
        """Return the changes with what the record has before them."""
        return Before(
            {key: [field_value(record, key), value] for key, value in self.fields.items()},
            {key: [next(iter(linked(record, key)), None), id_] for key, id_ in self.replace.items()},
            self.add,
            self.remove,
        )

    @property
    def keys(self) -> Sequence[str]:
        """The keys of the fields and relationships that change."""
        return list(dict.fromkeys([*self.fields, *self.replace, *self.add, *self.remove]))

    def bodies(self) -> Iterator[Mapping[str, Any]]:
        """Yield the bodies of the updates that make these changes, each with at most 25 links."""
        links: list[tuple[str, str, Any]] = [(key, "replace", id_) for key, id_ in self.replace.items()]
        for operation, changes in (("add", self.add), ("remove", self.remove)):
            links += [(key, operation, id_) for key, ids in changes.items() for id_ in ids]
        for start in range(0, max(len(links), 1), LINKS_PER_REQUEST):
            body: dict[str, Any] = {}
            if self.fields and not start:
                body["fields"] = {**self.fields, **self.hints}
            relationships: dict[str, Any] = {}
            for key, operation, id_ in links[start : start + LINKS_PER_REQUEST]:
                if operation == "replace":
                    relationships[key] = {"replace": id_}
                else:
                    relationships.setdefault(key, {}).setdefault(operation, []).append(id_)
            yield body | ({"relationships": relationships} if relationships else {})


def first_links(
    definitions: ObjectDefinitions, links: Mapping[str, Sequence[str]], required: Collection[str]
) -> dict[str, Any]:
    """Return the relationships that a create sends: as many links as one request takes, the required first.

    Args:
        definitions: The object's.
        links: Ids by relationship key.
        required: The keys without which the API creates no record.
    """
    relationships = definitions.relationships
    ordered = sorted(links, key=lambda key: (key not in required, relationships[key].links_many))
    body: dict[str, Any] = {}
    left = LINKS_PER_REQUEST
    for key in ordered:
        if ids := list(links[key][:left]):
            body[key] = ids if relationships[key].links_many else ids[0]
            left -= len(ids)
    return body


def links_of(relationships: Mapping[str, Any]) -> Before:
    """Return the links that a create makes, as the journal has them."""
    return Before(added={key: [ids] if isinstance(ids, str) else ids for key, ids in relationships.items()})
