"""Which custom field a column of the source means: by its label, never by a guess.

Salesforce's ``ICP_Score__c`` means the workspace's ``ICP score``, HubSpot's ``tier__c`` with the label
Tier its ``Tier``; a column that two fields are called like means none of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from lightfield_api.definitions import FieldDefinition, ObjectDefinitions, RelationshipDefinition
from target_lightfield.presets.conversion import Conventions, convert
from target_lightfield.presets.converted import compared, is_blank, items_of
from target_lightfield.reporting.left_over import LeftOverKind

Custom: TypeAlias = FieldDefinition | RelationshipDefinition

_OF_SALESFORCE = re.compile(r"__(?:c|pc|r)$", re.IGNORECASE)
_NO_MISMATCH = frozenset({LeftOverKind.NO_OPTION, LeftOverKind.NO_STAGE, LeftOverKind.NO_RATE})


@dataclass(frozen=True)
class Match:
    """What a column means.

    Attributes:
        field: The custom field or relationship; None where none is meant, or more than one.
        why: Why there is none.
    """

    field: Custom | None
    why: str = ""


class CustomFields:
    """The custom fields and relationships of an object type, by what they are called.

    Args:
        definitions: The object type's definitions. System fields and what nobody can write are left out.
    """

    def __init__(self, definitions: ObjectDefinitions) -> None:
        self._named: dict[str, dict[str, Custom]] = defaultdict(dict)
        fields = [field for field in definitions.fields.values() if not field.read_only]
        customs: list[Custom] = [*fields, *definitions.relationships.values()]
        for custom in customs:
            if not custom.key.startswith("$"):
                for name in (custom.label, custom.key):
                    self._named[compared(name)][custom.key] = custom

    def meant_by(
        self,
        column: str,
        labels: Sequence[str] = (),
        values: Collection[Any] = (),
        conventions: Conventions | None = None,
    ) -> Match:
        """Return the one field that a column means and that can take its values.

        Args:
            column: The column's name in the source; ``__c`` after it is no part of it.
            labels: What else it is called: its label in the source, and usual labels of the preset.
            values: Some of its values; without any every type fits.
            conventions: How the source writes them.
        """
        names = {compared(name) for name in (*labels, column, _OF_SALESFORCE.sub("", column))} - {""}
        called = {key: custom for name in names for key, custom in self._named.get(name, {}).items()}
        if not called:
            return Match(None, "no custom field has this label")
        fitting = [
            custom for custom in called.values() if _fits(custom, values, conventions or Conventions())
        ]
        if len(fitting) == 1:
            return Match(fitting[0])
        if fitting:
            return Match(None, f"{len(fitting)} custom fields have this label: {', '.join(sorted(called))}")
        types = ", ".join(f"{key} ({_type(custom)})" for key, custom in sorted(called.items()))
        return Match(None, f"the custom field with this label takes other values: {types}")


def can_become(field: FieldDefinition, value: Any, conventions: Conventions) -> bool:
    """Whether a value is of a field's type; that an option, a stage or a rate is missing is no obstacle.

    Args:
        field: The field.
        value: The source's value.
        conventions: How the source writes values.
    """
    if is_blank(value):
        return True
    found = convert(field, value, conventions)
    return found.value is not None or any(one.kind in _NO_MISMATCH for one in found.left_over)


def _fits(custom: Custom, values: Collection[Any], conventions: Conventions) -> bool:
    """Whether a field can take at least half of the values: one "n/a" among telephones is no reason."""
    if isinstance(custom, RelationshipDefinition):
        fitting = sum(_is_key(value) for value in values)
    else:
        fitting = sum(can_become(custom, value, conventions) for value in values)
    return 2 * fitting >= len(values)


def _is_key(value: Any) -> bool:
    return all(isinstance(item, (str, int)) and not isinstance(item, bool) for item in items_of(value))


def _type(custom: Custom) -> str:
    return (
        custom.value_type if isinstance(custom, FieldDefinition) else f"relationship to {custom.object_type}"
    )
