"""The file of a preset, typed: which of the source's values go where.

``None`` where a key is absent. A short form stands for the long one: the name of a column for
``{from: name}``, one thing for a list of one. ``Preset`` is what a file becomes once ``extends`` is applied;
docs/presets.md says what each key means.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

import msgspec

from target_lightfield.presets.column import Column, CustomColumn, Scalar
from target_lightfield.presets.converted import compared

Names: TypeAlias = str | list[str]
"""One name or several."""


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"as_": "as"}):
    """What rows of one of the source's streams become: one route of several, each with its own record.

    Attributes:
        to: Lightfield's stream.
        as_: What these records' keys are called, where that is not the source's stream: the stream of
            references to them.
        key: The column of their key, where it is not the preset's or the stream's own.
        when: Which rows take the route, an expression; all of them without it.
        each: The list in the row of which each item is a record.
        skip_when: Which rows are skipped, and counted so.
        after: Streams of the source without which no row of this route can be judged: until each has come,
            now or in an earlier run, the rows wait.
        deleted_when: Which rows the source has deleted.
        same_as: The key of the record of the same route that the row really is: it makes none of its own.
        also_known_as: Other keys of the same record.
        needs_any: Of these columns one has to have a value; else the row is left over.
        country: The column with the country of the row's telephones; without it, that of the first address
            that the route fills.
        when_left: What is written into the record of this route when the row takes another one.
        columns: Lightfield's columns.
        custom: Values for custom fields, by the usual label of each.
        ignore: Column patterns of this stream that the report need not name.
    """

    to: str
    as_: str | None = None
    key: str | None = None
    when: str | None = None
    each: str | None = None
    skip_when: str | None = None
    after: list[str] = []
    deleted_when: str | None = None
    same_as: Column | str | None = None
    also_known_as: Column | str | None = None
    needs_any: list[str] | None = None
    country: str | None = None
    when_left: dict[str, Column | str] | None = None
    columns: dict[str, Column | str] = {}
    custom: dict[str, CustomColumn | str] = {}
    ignore: list[str] = []


class Lookup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stream that is kept for its values.

    Attributes:
        stream: The stream, or several.
        each: The list in a row of which each item is an entry.
        key: The column of the key. Of two, the first is held against the name of the column that looks up.
        value: The column of the value; of several the first that is there; or what makes it of the row.
        within: The column by which equal keys are told apart: the pipeline of a stage.
        agree: Whether a key counts only where all of its rows have one value, as where several objects have a
            column of one name; else the newest row counts.
        missing: What to do in the tap where the stream does not come.
    """

    stream: Names
    key: Names
    value: Names | Column
    each: str | None = None
    within: str | None = None
    agree: bool = False
    missing: str | None = None


class Links(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"is_": "is", "as_": "as"}):
    """A stream whose rows are pairs: a record, and another one that a column of it refers to.

    A column that takes several has what the record's own row says of it as well.

    Attributes:
        of: The source's stream of the record.
        to: Lightfield's stream, where rows of ``of`` become records of several and only those of one have
            the column. For the others the pair is nothing.
        key: The column with the record's key.
        column: Lightfield's column of the record, or the name that ``custom`` of its route has for it.
        as_: Instead of ``column``: the name under which the columns of the route find the values, a list.
        is_: The column with the other's key.
        record: The source's stream of the other.
        lookup: The lookup that the other's key is of, where a value and no record is meant.
        when: Which rows count, an expression.
        best: Which row a column takes that takes one: an expression. Of several the lowest key.
        others: Lightfield's column for the others, named as in ``column``.
        unless_in: Another column of the record: whom that one has is left out here.
        whole: Whether each run brings all pairs of a record: what does not come again is none any more.
        missing: What to do in the tap where the stream does not come.
    """

    of: str
    key: str
    is_: str
    column: str | None = None
    as_: str | None = None
    to: str | None = None
    record: str | list[str] | dict[str, str] | None = None
    lookup: str | None = None
    when: str | None = None
    best: str | None = None
    others: str | None = None
    unless_in: str | None = None
    whole: bool = False
    missing: str | None = None


class CustomFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the source's own columns find custom fields.

    Attributes:
        match: By their labels, or not at all.
        currency: The source's column with the currency of their amounts.
        records: For a field that is a relationship, whose key the value is, by its first characters.
        labels: The lookup with the labels of the source's columns; by stream, where only those of some come.
        options: The lookup with the labels of their options, likewise.
        within: Which part of these lookups, as their ``within`` divides them, is a stream's own. What has no
            entry there has that of the others, if they agree.
        names: Columns that are called otherwise in Lightfield: its label or column name.
        leave_out: Columns that go nowhere.
    """

    match: Literal["label", "none"] = "none"
    currency: str | None = None
    records: dict[str, str] = {}
    labels: str | dict[str, str] | None = None
    options: str | dict[str, str] | None = None
    within: dict[str, str] = {}
    names: dict[str, str] = {}
    leave_out: list[str] = []


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole preset.

    Attributes:
        preset: The version of the format.
        extends: The built-in preset from which the file says only what differs.
        name: What the source is called in sentences: ``HubSpot``.
        values_in: The member of a row that its columns are looked for in first.
        key: The column of every stream's key.
        key_length: How many characters of a key and of a reference count. Of Salesforce's the first 15 do:
            three more only say again which of them are capitals.
        deleted_when: Which rows the source has deleted, where a route does not say it.
        nothing: Texts that stand where there is no value, without regard to case: ``[not provided]``.
        dates: Patterns of columns that hold dates, though they come as times at midnight in UTC.
        choices: What a file that extends this one may choose otherwise, by the names in expressions.
        stream_names: What else streams may be called, by the name that ``streams`` has for each: letters and
            digits alone are compared. Two of one feed that are called the same thing end the run.
        headers: What else columns may be called, by stream and by the name that its lines have for each,
            compared likewise: ``contacts: {email: [E-mail 1 - Value, Adresse e-mail]}``. Of several in a row
            the first with a value counts, and the others are columns of their own unless they say the same.
        day_first: Whether 03/04/2026 is the third of April. Without it a date in slashes or dashes is only
            read where it can't be two; one in dots begins with the day.
        separator: What stands between several values in one text.
        time_zone: Of dates and times without one.
        midnight_is_date: Whether a midnight in UTC is a date, as Salesforce's tap writes it.
        phone_country: Of telephone numbers without one, where the row has no country: an ISO code.
        home_currency: The currency of ``in_home_currency`` columns and of amounts without one.
        rates: What one unit of another currency is in the home currency.
        lookups: By name.
        links: By stream; a stream can fill several columns.
        custom_fields: How the source's own columns find custom fields.
        ignore: Column patterns that the report need not name.
        streams: By stream, where its rows go; ``ignore`` for one that is left out on purpose. A name with a
            star is a pattern for streams that nothing else names; the star of ``to: object_*`` is then what
            it stands for, compared with labels and slugs of custom objects.
        not_carried: What is said of a stream that is left out, or with a dot of a column of one or of any
            (``*.photo``): ``attachments: the tap brings no content``. Each value of one is left over.
        sizes: Of streams in ``not_carried``, the column with a row's size in bytes: the report adds them up.
    """

    preset: Literal[1]
    extends: str | None = None
    name: str | None = None
    values_in: str | None = None
    key: str = "id"
    key_length: int | None = None
    deleted_when: str | None = None
    nothing: list[str] = []
    dates: list[str] = []
    choices: dict[str, Scalar] = {}
    stream_names: dict[str, list[str]] = {}
    headers: dict[str, dict[str, list[str]]] = {}
    day_first: bool | None = None
    separator: str | None = None
    time_zone: str = "UTC"
    midnight_is_date: bool = False
    phone_country: str | None = None
    home_currency: str | None = None
    rates: dict[str, float] = {}
    lookups: dict[str, Lookup] = {}
    links: dict[str, Links | list[Links]] = {}
    custom_fields: CustomFields = CustomFields()
    ignore: list[str] = []
    streams: dict[str, Route | list[Route] | Literal["ignore"]] = {}
    not_carried: dict[str, str] = {}
    sizes: dict[str, str] = {}

    def names(self, stream: str) -> bool:
        """Whether the preset says anything of one of the source's streams."""
        stream = self.called(stream)
        if stream in self.streams or self.pattern_of(stream) is not None:
            return True
        return self.keeps(stream) or self.leaves_out(stream)

    def called(self, stream: str) -> str:
        """Return the name that the preset has for one of the source's streams, its own if it has none."""
        if stream in self.streams:
            return stream
        wanted = compared(stream)
        for name, others in self.stream_names.items():
            if wanted in map(compared, (name, *others)):
                return name
        return stream

    def pattern_of(self, stream: str) -> str | None:
        """Return the first pattern in ``streams`` that a stream is meant by."""
        patterns = (name for name in self.streams if "*" in name)
        return next((pattern for pattern in patterns if fnmatchcase(stream, pattern)), None)

    def all_streams(self) -> Collection[str]:
        """Return the streams that the preset names."""
        kept = (stream for lookup in self.lookups.values() for stream in as_list(lookup.stream))
        return {*self.streams, *self.links, *self.not_carried, *kept}

    def keeps(self, stream: str) -> bool:
        """Whether rows of a stream are kept for other streams' rows."""
        return stream in self.links or any(stream in as_list(one.stream) for one in self.lookups.values())

    def leaves_out(self, stream: str) -> bool:
        """Whether a stream is left out on purpose."""
        return self.streams.get(stream) == "ignore" or self.why_not_carried(stream) is not None

    def why_not_carried(self, stream: str) -> str | None:
        """Return why the rows of a stream go nowhere; None where the preset does not say that they do."""
        return next((why for name, why in self.not_carried.items() if fnmatchcase(stream, name)), None)


def routes_of(preset: Preset, stream: str) -> Sequence[Route]:
    """Return the routes of one of the source's streams; none where it is left out or unknown."""
    routes = preset.streams.get(stream)
    if routes is None or isinstance(routes, str):
        return ()
    return routes if isinstance(routes, list) else (routes,)


def links_of(preset: Preset) -> Mapping[str, Sequence[Links]]:
    """Return the link streams, each with all that it fills."""
    return {name: links if isinstance(links, list) else [links] for name, links in preset.links.items()}


def of_stream(names: str | Mapping[str, str] | None, stream: str) -> str | None:
    """Return the name that is a stream's own, where each may have its own."""
    return names if names is None or isinstance(names, str) else names.get(stream)


def as_list(names: Names) -> Sequence[str]:
    """Return one name or several as several."""
    return [names] if isinstance(names, str) else names


JsonSchema: TypeAlias = dict[str, Any]
