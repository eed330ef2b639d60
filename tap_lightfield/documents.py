"""Documents of the API to rows: JSON that has neither the envelope nor the ``fields`` of CRM records.

``{"startHour": 8}`` is the column ``start_hour``; an object stays one, its members named in the same way;
and ``[{"id": "mem_1", "objectType": "member"}]`` is the array of the ids. A ``Shape`` is the table of what
a document may hold; anything else in one is left out with a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from singer_sdk import typing as th

from lightfield_api.columns import column_name
from lightfield_api.definitions import FieldDefinition
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.values import ValueConversionError, read_value
from tap_lightfield.errors import UnreadableValue
from tap_lightfield.schemas import INTEGER, type_of

REFERENCE = "REFERENCE"
"""An object with the id of a record: its column holds the id."""


@dataclass(frozen=True)
class Member:
    """One member of a document.

    Attributes:
        kind: A valueType, ``INTEGER``, ``REFERENCE``, or the shape of an object.
        description: What it says.
        is_list: Whether it is an array of those.
    """

    kind: str | Mapping[str, Member]
    description: str
    is_list: bool = False


Shape = Mapping[str, Member]
"""The members of a document, by their keys in the API."""


def name_of(key: str) -> str:
    """Return the name of a member's column: ``sentAt`` is ``sent_at``, as the system field ``$sentAt`` is."""
    return column_name(f"${key}")


def document_schema(shape: Shape, key_properties: Container[str]) -> dict[str, Any]:
    """Return the JSON Schema of the rows.

    Args:
        shape: What a document holds.
        key_properties: The names of the key columns, which alone are never null.
    """
    return th.PropertiesList(*_properties(shape, key_properties)).to_dict()


def _properties(shape: Shape, key_properties: Container[str] = ()) -> list[th.Property[Any]]:
    return [
        th.Property(
            name := name_of(key),
            _type(member),
            required=name in key_properties,
            title=name.replace("_", " ").capitalize(),
            description=member.description,
        )
        for key, member in shape.items()
    ]


def _type(member: Member) -> th.JSONTypeHelper[Any]:
    if isinstance(member.kind, str):
        one = type_of("TEXT" if member.kind == REFERENCE else member.kind)
    else:
        one = th.ObjectType(*_properties(member.kind))
    return th.ArrayType(one) if member.is_list else one


class DocumentReader:
    """Turns the documents of one stream into rows.

    Args:
        stream: The stream's name, for messages.
        shape: What a document may hold.
        key_properties: The names of the key columns.
        wanted: The names of the columns that are read; the values of others are not even looked at.
        warn: Takes a message and its arguments; called at most once for each key that no shape has.
        flattened: Whether the SDK will flatten the rows. It leaves a null object where its members'
            columns should be, so that it is given an object of nulls instead.
    """

    def __init__(
        self,
        stream: str,
        shape: Shape,
        key_properties: Sequence[str],
        wanted: Container[str],
        warn: Callable[..., None],
        *,
        flattened: bool = False,
    ) -> None:
        self._stream = stream
        self._keys = key_properties
        self._warn = warn
        self._warned: set[str] = set()
        self._flattened = flattened
        self._shape = shape
        self._members = [(name_of(k), k, m) for k, m in shape.items() if name_of(k) in wanted]

    def row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row of one document.

        Raises:
            UnreadableValue: A value is of a type that its column can't hold.
            UnexpectedAnswer: The document lacks one of its keys.
        """
        self._warn_of_unknown(document, self._shape)
        row: dict[str, Any] = {}
        for name, key, member in self._members:
            try:
                row[name] = self._value(key, member, document.get(key))
            except ValueConversionError as e:
                raise UnreadableValue(self._stream, self._called(document), name, str(e)) from e
        for name in self._keys:
            if row.get(name) is None:
                raise UnexpectedAnswer(f"A record of stream '{self._stream}' came without its {name}")
        return row

    def _value(self, key: str, member: Member, value: Any) -> Any:
        if not member.is_list:
            return self._one(key, member.kind, value)
        if value is None:
            return None
        items = value if isinstance(value, list) else [value]
        return [self._one(key, member.kind, item) for item in items if item is not None]

    def _one(self, key: str, kind: str | Shape, value: Any) -> Any:
        if isinstance(kind, str):
            return _scalar(key, kind, value)
        if value is None:
            return self._blank(kind) if self._flattened else None
        if not isinstance(value, Mapping):
            raise ValueConversionError(FieldDefinition(key, "an object"), value)
        self._warn_of_unknown(value, kind, f"{key}.")
        return {name_of(k): self._value(k, member, value.get(k)) for k, member in kind.items()}

    def _blank(self, shape: Shape) -> dict[str, Any]:
        return {name_of(key): self._value(key, member, None) for key, member in shape.items()}

    def _called(self, document: Mapping[str, Any]) -> str:
        keys = (key for key in self._shape if name_of(key) in self._keys)
        return " ".join(str(document.get(key)) for key in keys)

    def _warn_of_unknown(self, found: Mapping[str, Any], shape: Shape, prefix: str = "") -> None:
        unknown = {f"{prefix}{key}" for key in found.keys() - shape.keys()} - self._warned
        if unknown:
            self._warned |= unknown
            self._warn(
                "Stream '%s': records hold %s, which this version does not know: ignored.",
                self._stream,
                ", ".join(sorted(unknown)),
            )


def _scalar(key: str, kind: str, value: Any) -> Any:
    if kind == REFERENCE:
        value = value.get("id") if isinstance(value, Mapping) else value
        return read_value(FieldDefinition(key, "TEXT"), value)
    if kind != INTEGER:
        return read_value(FieldDefinition(key, kind), value)
    number = read_value(FieldDefinition(key, "NUMBER"), value)
    if isinstance(number, float):
        raise ValueConversionError(FieldDefinition(key, "a whole number"), value)
    return number
