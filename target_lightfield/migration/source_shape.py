"""How a source is built: where its columns are, what its keys are, which stream is which of Lightfield's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from lightfield_api.columns import column_name
from lightfield_api.custom_objects import is_custom_object
from lightfield_api.definitions import ObjectDefinitions, RelationshipDefinition
from lightfield_api.resources import RESOURCES
from target_lightfield.migration.sampling import ColumnSample, FeedSample, StreamSample
from target_lightfield.migration.source_names import (
    custom_object_named,
    forms_of,
    stems,
    target_named,
    targets_within,
)
from target_lightfield.migration.synonyms import NAMES, RELATIONSHIPS
from target_lightfield.presets.converted import compared

_ENOUGH = 0.5  # of the values of a column have to be keys of the stream that it refers to


@dataclass(frozen=True)
class Reference:
    """What a column refers to.

    Attributes:
        relationship: Lightfield's relationship.
        stream: The source's stream; None for members by their email.
        by: Its column whose values these are; None for its key.
        share: How many of the values, from 0 to 1, were found there.
        dropped: How much of the column's name was passed over.
    """

    relationship: RelationshipDefinition
    stream: str | None
    by: str | None
    share: float
    dropped: int = 0

    @property
    def why(self) -> str:
        """Why, and how sure that is."""
        if self.stream is None:
            return "sure: email addresses, by which members are known"
        what = f"values of {self.stream}.{self.by}" if self.by else f"keys of {self.stream}"
        return f"{'sure' if self.share > 0.95 else 'likely'}: {self.share:.0%} of its values are {what}"


class SourceShape:
    """How a source is built.

    Args:
        sample: What its feed has.
        definitions: Returns the definitions of Lightfield's streams.
        custom_objects: What the workspace's custom objects are called, by stream.

    Attributes:
        values_in: The member of rows that the columns are in.
        key: The column of most streams' keys.
        routed: Of streams that become records Lightfield's stream.
        lookups: Streams whose values others refer to: the column with the value.
        deleted_when: The condition that is true of rows which the source has deleted; None if none is known.
    """

    def __init__(
        self,
        sample: FeedSample,
        definitions: Callable[[str], ObjectDefinitions | None],
        custom_objects: Mapping[str, Sequence[str]],
    ) -> None:
        self.sample = sample
        self.definitions = definitions
        self._columns: dict[str, dict[str, ColumnSample]] = {}
        streams = [one for _, one in sorted(sample.streams.items()) if one.rows]
        keys = Counter(one.key_properties[0] for one in streams if len(one.key_properties) == 1)
        self.key = min(keys, key=lambda name: (-keys[name], name)) if keys else "id"
        self.routed: dict[str, str] = {}
        for one in streams:
            to = target_named(one.name) or custom_object_named(one.name, custom_objects)
            if to and self.definitions(to) is not None:
                self.routed[one.name] = to
        self.values_in = _values_in([sample.streams[name] for name in self.routed])
        self.lookups: dict[str, str] = {}
        flags = {name for name in self.routed for name in self._deleted_flags(name)}
        self.deleted_when = " or ".join(sorted(flags)) or None

    def _deleted_flags(self, stream: str) -> Sequence[str]:
        return [
            name
            for name, column in self.columns(stream).items()
            if compared(name) in ("isdeleted", "deleted")
            and name.isidentifier()
            and all(isinstance(one, bool) or one in ("true", "false") for one in column.items)
        ]

    def columns(self, stream: str) -> dict[str, ColumnSample]:
        """Return the columns of a stream, as the preset calls them."""
        if stream not in self._columns:
            self._columns[stream] = self.sample.streams[stream].within(self.values_in)
        return self._columns[stream]

    def reference(self, stream: str, column: ColumnSample) -> Reference | None:
        """Return what a column refers to by its name and its values; None where that is nothing."""
        to = self.routed[stream]
        definitions, resource = self.definitions(to), RESOURCES.get(to)
        read_only = resource.read_only_relationships if resource else frozenset()
        relationships = definitions.relationships.values() if definitions else ()
        writable = [one for one in relationships if one.key not in read_only]
        for dropped, name in enumerate(stems(column.name)):
            for relationship in writable:
                names = _names_of(relationship)
                streams = [
                    one
                    for one, target in self.routed.items()
                    if self._object_type(target) == relationship.object_type
                    and (name in names or (name in forms_of(one) and _is_plain(relationship)))
                ]
                found = self._found(relationship, streams, column)
                if found is None and name in names and relationship.object_type == "member":
                    found = _by_email(relationship, column)
                if found:
                    return replace(found, dropped=dropped)
        return None

    def looked_up(self, column: ColumnSample) -> str | None:
        """Return the stream that becomes no records and of whose rows a column has keys; None if none."""
        for stream, sample in sorted(self.sample.streams.items()):
            if stream in self.routed or len(sample.key_properties) != 1:
                continue
            names = [name for name in self.columns(stream) if compared(name) in NAMES]
            if not names or not set(stems(column.name)) & set(forms_of(stream)):
                continue
            if self.sample.share_of_keys(column.items, stream) >= _ENOUGH:
                self.lookups[stream] = names[0]
                return stream
        return None

    def pair(self, stream: str) -> tuple[str, str, str, str, RelationshipDefinition] | None:
        """Return the ends of a stream whose rows are pairs: two columns, each with the stream of its keys.

        The relationship is that of the first.
        """
        ends = self._ends(stream)
        for (one, of), (other, record) in (ends, ends[::-1]) if len(ends) == 2 else ():
            relationship = self._between(of, record)
            if relationship:
                return one, of, other, record, relationship
        return None

    def _ends(self, stream: str) -> Sequence[tuple[str, str]]:
        columns, meant = self.columns(stream), targets_within(stream)
        if len(meant) < 2 and len(self.sample.streams[stream].key_properties) < 2:
            return []  # it has references, and is something by itself
        found: list[tuple[str, str]] = []
        for name, column in columns.items():
            for one, target in self.routed.items():
                is_named = set(stems(name)) & {*forms_of(one), *RELATIONSHIPS.get(target.rstrip("s"), ())}
                by_place = compared(name) in ("fromid", "toid") and len(meant) > 1
                is_placed = by_place and meant[compared(name) == "toid"] == target
                if (is_named or is_placed) and self.sample.share_of_keys(column.items, one) >= _ENOUGH:
                    found.append((name, one))
                    break
        return found

    def _between(self, of: str, record: str) -> RelationshipDefinition | None:
        to, object_type = self.routed[of], self._object_type(self.routed[record])
        definitions, resource = self.definitions(to), RESOURCES.get(to)
        read_only = resource.read_only_relationships if resource else frozenset()
        usual = _usual_names(self.routed[record])
        return next(
            (
                one
                for one in (definitions.relationships.values() if definitions else ())
                if one.object_type == object_type and one.key not in read_only and _names_of(one) & usual
            ),
            None,
        )

    def _found(
        self, relationship: RelationshipDefinition, streams: Sequence[str], column: ColumnSample
    ) -> Reference | None:
        for stream in streams:
            share = self.sample.share_of_keys(column.items, stream)
            if share >= _ENOUGH:
                return Reference(relationship, stream, None, share)
        for stream in streams:
            for name in self.columns(stream):
                if compared(name) in NAMES:
                    full = f"{self.values_in}.{name}" if self.values_in else name
                    share = self.sample.share_of_names(column.items, stream, full)
                    if share >= _ENOUGH:
                        return Reference(relationship, stream, name, share)
        return None

    def _object_type(self, target: str) -> str:
        definitions = self.definitions(target)
        return definitions.object_type if definitions else ""


def _values_in(streams: Sequence[StreamSample]) -> str | None:
    """Return the member that holds the columns of most streams."""
    counts: Counter[str] = Counter()
    for stream in streams:
        inner = Counter(name.partition(".")[0] for name in stream.columns if "." in name)
        counts.update(name for name, number in inner.items() if 2 * number > len(stream.columns))
    found = [name for name, number in counts.items() if 2 * number >= len(streams)]
    return min(found, key=lambda name: (-counts[name], name)) if found else None


def _names_of(relationship: RelationshipDefinition) -> set[str]:
    own = {compared(relationship.key), compared(relationship.label)}
    if relationship.key.startswith("$"):
        own |= set(RELATIONSHIPS.get(column_name(relationship.key), ()))
    return own - {""}


def _usual_names(target: str) -> set[str]:
    names = {"accounts": "account", "contacts": "contact", "opportunities": "opportunity", "members": "owner"}
    one = names.get(target, target.removeprefix("object_") if is_custom_object(target) else target)
    return {compared(one), *RELATIONSHIPS.get(one, ())}


def _is_plain(relationship: RelationshipDefinition) -> bool:
    """Whether a relationship is called like the type that it leads to: a note's accounts."""
    return compared(relationship.object_type) in _names_of(relationship)


def _by_email(relationship: RelationshipDefinition, column: ColumnSample) -> Reference | None:
    emails = [one for one in column.items if isinstance(one, str) and "@" in one]
    if not emails or 2 * len(emails) < len(column.items):
        return None
    return Reference(relationship, None, None, len(emails) / len(column.items))
