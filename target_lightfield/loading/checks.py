"""What a row must have before its record can be created."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from lightfield_api.resources import Resource
from lightfield_api.values import parse_datetime
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.rejection import RejectCode, Rejection
from target_lightfield.writing.writer import Writer

_CLOCKS = timedelta(minutes=1)  # clocks differ: nearer to the present than this the API decides


@dataclass(frozen=True)
class Checks:
    """Checks rows before their records are created, so that a dry run rejects them too."""

    resource: Resource
    writer: Writer
    column_name: Callable[[str], str]

    def check(self, wanted: Wanted, links: Resolved) -> None:
        """Check what can be known without asking Lightfield.

        Args:
            wanted: What the row asks for.
            links: The records that it refers to.

        Raises:
            Rejection: The row lacks a required value, or a time of it lies in the future.
        """
        self._check_is_complete(wanted, links)
        self._check_is_over(wanted)

    def _check_is_complete(self, wanted: Wanted, links: Resolved) -> None:
        missing = [
            self.column_name(key)
            for key in sorted(self.writer.required)
            if wanted.fields.get(key) in (None, "") and not links.ids.get(key)
        ]
        bad = next((one for one in wanted.left_out if one.column.partition("__")[0] in missing), None)
        if bad:
            raise Rejection(
                f"{bad.why}. It must be there to create it", code=RejectCode.INVALID_VALUE, param=bad.column
            )
        if missing:
            raise Rejection(
                f"{' and '.join(missing)} must be there to create it: give it in the row, or as a default in "
                f"objects.{self.resource.name}",
                code=RejectCode.PARAMETER_MISSING,
                param=missing[0],
            )

    def _check_is_over(self, wanted: Wanted) -> None:
        latest = self.writer.server_time() + _CLOCKS
        for key in self.resource.in_the_past:
            value = wanted.fields.get(key)
            if value is not None and parse_datetime(value) > latest:
                name = self.column_name(key)
                raise Rejection(
                    f"{name} is in the future: Lightfield takes {self.resource.name} once they are over",
                    code=RejectCode.IN_THE_FUTURE,
                    param=name,
                )
