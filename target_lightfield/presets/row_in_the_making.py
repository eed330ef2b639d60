"""A row of Lightfield's columns in the making: values are worked out, and converted by their fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from lightfield_api.columns import Column as FieldColumn
from lightfield_api.columns import Role
from target_lightfield.presets.accounts import Accounts
from target_lightfield.presets.addresses import country_of
from target_lightfield.presets.column import Column
from target_lightfield.presets.conversion import convert
from target_lightfield.presets.converted import Conventions, Converted
from target_lightfield.presets.fields import Meant
from target_lightfield.presets.mentions import columns_in
from target_lightfield.presets.money import amount
from target_lightfield.presets.operations import work_out
from target_lightfield.presets.preset import Preset
from target_lightfield.presets.ranges import option_in_range
from target_lightfield.presets.scope import Amount, Knowledge, Scope, Texts, key_text, listed
from target_lightfield.presets.source_row import SourceRow, is_empty
from target_lightfield.reporting.left_over import LeftOver, LeftOverKind


@dataclass(frozen=True)
class Translated:
    """What a row became by one route.

    Attributes:
        row: In Lightfield's columns.
        source_columns: For each of its columns the source's.
        left_over: What of the row went nowhere.
        passed_over: What its lines made nothing of: it is left over unless another route takes it.
        taken: The source's columns that its lines made something of, or nothing on purpose.
        is_unfinished: Whether a value of another stream has not come yet.
        awaits: Whether that stream has never come.
    """

    row: Mapping[str, Any]
    source_columns: Mapping[str, str] = field(default_factory=dict)
    left_over: Sequence[LeftOver] = ()
    passed_over: Sequence[LeftOver] = ()
    taken: Collection[str] = ()
    is_unfinished: bool = False
    awaits: bool = False

    def has_any(self, columns: Sequence[str]) -> bool:
        """Whether one of Lightfield's columns has a value."""
        filled = {name.partition("__")[0] for name in self.row}  # members, where no field makes one of them
        return any(name.partition("__")[0] in filled for name in columns)


class RowInTheMaking:
    """A row of Lightfield's columns in the making.

    Args:
        preset: The preset.
        row: The source's row.
        knowledge: What is known beside it.
        country: The column with the country of its telephones.
    """

    def __init__(
        self, preset: Preset, row: SourceRow, knowledge: Knowledge, country: str | None = None
    ) -> None:
        self._preset = preset
        self._row = row
        self._knowledge = knowledge
        self._country_column = country
        self._values: dict[str, Any] = {}
        self._members: dict[str, dict[str, Any]] = {}
        self._columns: dict[str, FieldColumn] = {}
        self._sources: dict[str, str] = {}
        self._specs: dict[str, Column] = {}
        self._left_over: list[LeftOver] = []
        self._referred: set[tuple[str | None, str]] = set()
        self._unreferred: set[tuple[str | None, str]] = set()
        self._accounts = Accounts(row)
        self._fallbacks: set[str] = set()
        self.is_unfinished = False
        self._awaits = False

    def take(self, column: FieldColumn, member: str | None, spec: Column) -> None:
        """Work out one line of the route.

        Args:
            column: Lightfield's column.
            member: The member of it, where it is an object.
            spec: Where its value comes from.
        """
        about = column.field.label if column.field else None
        value, source = self._worked_out(spec, column.name, about=about)
        if value is None:
            return
        if spec.else_ is not None and not any(self._row.get(name) is not None for name in columns_in(spec)):
            self._fallbacks.add(column.name)
        is_there = column.name in self._values or (not member and column.name in self._members)
        if is_there and not column.is_array:
            self.leave(source, value, LeftOverKind.OTHER_LINK, f"{column.name} has a value already")
            return
        self._columns[column.name] = column
        self._specs[column.name] = spec
        self._sources.setdefault(column.name, source)
        if member:
            text = value.between.join(map(str, value.parts)) if isinstance(value, Texts) else value
            self._members.setdefault(column.name, {})[member] = text
        elif column.name in self._values:
            self._values[column.name] = [*listed(self._values[column.name]), *listed(value)]
        else:
            self._values[column.name] = value

    def link(self, column: FieldColumn, values: Sequence[Any], source: str) -> None:
        """Add what rows of other streams bring for a column.

        Args:
            column: Lightfield's column.
            values: References, or values of a field.
            source: The stream that brings them.
        """
        self._columns[column.name] = column
        self._sources.setdefault(column.name, source)
        there = [] if column.name in self._fallbacks else listed(self._values.get(column.name))
        self._values[column.name] = [*there, *(value for value in values if value not in there)]

    def miss(self, spec: Column, meant: Meant, label: str) -> None:
        """Leave over what is for a field that the workspace lacks.

        Args:
            spec: The preset's line, of which the value is worked out.
            meant: Why there is no such field, and what it would be.
            label: What the preset calls the field.
        """
        value, source = self._worked_out(spec, label, meant)
        if value is not None and spec.record is not None and self._row.get(source) is not None:
            value = self._row.get(source)  # and not a reference to a record
        if value is not None:
            self.leave(source, value, meant.kind, meant.why, meant.about)

    def leave(self, column: str, value: Any, kind: LeftOverKind, why: str, about: str | None = None) -> None:
        """Take note of what went nowhere.

        Args:
            column: The source's column.
            value: Its value.
            kind: Why, in a word.
            why: Why, in a sentence.
            about: The field that would take it.
        """
        column = self._row.header(column)
        for item in _shown(value):
            self._left_over.append(LeftOver(self._row.stream, self._row.key, column, item, why, kind, about))

    def finished(self) -> Translated:
        """Return the row, each value as its field takes it."""
        for name, members in self._members.items():
            self._values.setdefault(name, members)
        conventions = Conventions(
            self._preset.separator,
            self._preset.time_zone,
            self._country(),
            day_first=self._preset.day_first,
            midnight_is_date=self._preset.midnight_is_date,
        )
        row: dict[str, Any] = {}
        for name, value in self._values.items():
            column = self._columns[name]
            if column.role is Role.FIELD:
                found = self._converted(column, value, conventions)
            else:
                found = self._reference(column, value)
            if not is_empty(found):
                row[name] = found
        sources = {name: self._row.header(source) for name, source in self._sources.items()}
        unreferred = sorted(self._unreferred - self._referred, key=str)
        passed_over = list(self._accounts.passed_over(self._left_over, unreferred))
        taken = self._accounts.taken
        return Translated(row, sources, self._left_over, passed_over, taken, self.is_unfinished, self._awaits)

    def _worked_out(
        self, spec: Column, name: str, lacking: Meant | None = None, about: str | None = None
    ) -> tuple[Any, str]:
        scope = Scope(self._row, self._preset, self._knowledge, work_out)
        value = work_out(spec, scope)
        source = scope.source or next(iter(columns_in(spec)), name)
        self.is_unfinished |= scope.is_unfinished
        self._awaits |= scope.awaits
        self._referred |= scope.referred
        self._unreferred |= scope.unreferred
        self._accounts.take(scope, lacking)
        for its_source, item, kind, why in scope.left_over:
            self.leave(its_source or source, item, kind, why, about)
        return value, source

    def _converted(self, column: FieldColumn, value: Any, conventions: Conventions) -> Any:
        definition, spec = column.field, self._specs.get(column.name)
        assert definition is not None  # noqa: S101 - of a column of role FIELD
        if any(fnmatchcase(self._sources[column.name], pattern) for pattern in self._preset.dates):
            conventions = replace(conventions, midnight_is_date=True)
        if spec and spec.plain:
            conventions = replace(conventions, plain_text=True)
        if isinstance(value, Texts):
            return self._joined(column, value, conventions)
        if isinstance(value, Amount) or definition.value_type == "CURRENCY":
            given = value if isinstance(value, Amount) else Amount(value, None, None)
            converted = amount(definition, *given, self._preset.home_currency, self._preset.rates)
        elif spec and spec.range and (option := option_in_range(definition, value)):
            converted = Converted(option)
        else:
            # What is a list is split already: a label may have the separator in it.
            split = replace(conventions, separator=None) if isinstance(value, list) else conventions
            converted = convert(definition, value, split)
        found = self._taken(column, converted)
        if found is None and spec and isinstance(spec.else_, (str, int, float)):
            return convert(definition, spec.else_, conventions).value
        return found

    def _joined(self, column: FieldColumn, texts: Texts, conventions: Conventions) -> Any:
        """Return texts as one: each is converted by itself, since one may be HTML beside a plain one."""
        definition = column.field
        assert definition is not None  # noqa: S101 - the same
        parts = [self._taken(column, convert(definition, part, conventions)) for part in texts.parts]
        joined = texts.between.join(str(part) for part in parts if not is_empty(part))
        if texts.signature and joined:
            signature = convert(definition, texts.signature, conventions).value
            joined = f"{joined}\n\n{signature}"
        return joined

    def _taken(self, column: FieldColumn, converted: Converted) -> Any:
        about = column.field.label if column.field else column.name
        for item, kind, why in converted.left_over:
            self.leave(self._sources[column.name], item, kind, why, about)
        return converted.value

    def _reference(self, column: FieldColumn, value: Any) -> Any:
        values = list(dict.fromkeys(key_text(item) for item in listed(value)))
        if column.is_array or column.role is Role.ENVELOPE:
            return values if column.is_array or len(values) > 1 else value
        for other in values[1:]:
            why = f"{column.name} takes one record, and has {values[0]}"
            self.leave(self._sources[column.name], other, LeftOverKind.OTHER_LINK, why)
        return values[0] if values else None

    def _country(self) -> str | None:
        """Return the country of the row's telephones: its own, or that of an address of it."""
        if self._country_column and (code := country_of(str(self._row.get(self._country_column) or ""))):
            return code
        objects = (value for value in self._values.values() if isinstance(value, Mapping))
        for members in (*self._members.values(), *objects):
            if code := country_of(str(members.get("country") or "")):
                return code
        return self._preset.phone_country


def _shown(value: Any) -> Sequence[Any]:
    """Return a value as it came, before anything was made of it."""
    if isinstance(value, Amount):
        return [value.number]
    return list(value.parts) if isinstance(value, Texts) else [value]
