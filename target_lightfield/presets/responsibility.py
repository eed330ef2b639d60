"""Which of a row's routes looks after the columns that none of them takes: they are left over once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from target_lightfield.presets.accounts import is_in
from target_lightfield.presets.mentions import mentioned
from target_lightfield.presets.preset import Preset, Route, routes_of
from target_lightfield.presets.row_in_the_making import Translated
from target_lightfield.presets.source_row import SourceRow
from target_lightfield.presets.translation import Translation
from target_lightfield.reporting.left_over import LeftOver
from target_lightfield.reporting.rejection import Rejection


class Responsibility:
    """Tells which of a row's routes looks after what.

    Args:
        preset: The preset.
        makes_record: Returns whether a route makes a record of a row.
        translation: Returns the translation of one of a stream's routes.
    """

    def __init__(
        self,
        preset: Preset,
        makes_record: Callable[[Route, SourceRow], bool],
        translation: Callable[[str, int, Route], Translation],
    ) -> None:
        self._preset = preset
        self._makes_record = makes_record
        self._translation = translation
        self._mentioned: dict[tuple[str, tuple[int, ...]], frozenset[str]] = {}

    def named(self, row: SourceRow, number: int) -> tuple[frozenset[str] | None, bool]:
        """Return the columns that a route need not look after; None if it need not look after any.

        And whether it looks after those alone that an item of a list in the row has.
        """
        taken = self._taken(row, number)
        is_item = routes_of(self._preset, row.stream)[number].each is not None
        is_first = not is_item or row.key.endswith("/0")
        if taken[0] == number and is_first:
            return self._mentioned_by(row.stream, taken), False
        return (self._mentioned_by(row.stream, (number,)), True) if is_item else (None, False)

    def passed_over(self, row: SourceRow, number: int, made: Translated) -> Sequence[LeftOver]:
        """Return what the lines of all routes of a row pass over, but for what another route tells.

        Args:
            row: The source's row.
            number: Which of its stream's routes makes a record of it, from 0.
            made: What that route makes of it.

        Raises:
            Rejection: An expression fails.
        """
        found = list(made.passed_over)
        others = [one for one in self._taken(row, number) if one != number] if found else []
        for other in others:
            route = routes_of(self._preset, row.stream)[other]
            if route.each is not None:
                continue
            made_there = self._translation(row.stream, other, route).translate(row, {}, None)
            told = {one.column for one in made_there.left_over}
            if other < number:
                told.update(one.column for one in made_there.passed_over)
            found = [
                one for one in found
                if one.column not in told and row.header(one.column) not in told
                and not is_in(one.column, made_there.taken)
            ]  # fmt: skip
        return [replace(one, column=row.header(one.column)) for one in found]

    def _taken(self, row: SourceRow, number: int) -> tuple[int, ...]:
        """Return the routes that make a record of a row, of which this one is known to."""
        routes = routes_of(self._preset, row.stream)
        return tuple(n for n, route in enumerate(routes) if n == number or self._makes_one(route, row))

    def _makes_one(self, route: Route, row: SourceRow) -> bool:
        try:
            return self._makes_record(route, row)
        except Rejection:
            return False

    def _mentioned_by(self, stream: str, numbers: tuple[int, ...]) -> frozenset[str]:
        if (stream, numbers) not in self._mentioned:
            routes = routes_of(self._preset, stream)
            names = mentioned(self._preset, stream, [routes[n] for n in numbers])
            self._mentioned[stream, numbers] = frozenset(names)
        return self._mentioned[stream, numbers]
