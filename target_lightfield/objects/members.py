"""Members of the workspace can't be written: they are found by email, so that owners carry over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lightfield_api.errors import LightfieldError
from lightfield_api.resources import Resource
from target_lightfield.errors import api_failure
from target_lightfield.id_map.source import Mapped, State
from target_lightfield.loading.outcomes import Outcomes
from target_lightfield.loading.references import References
from target_lightfield.loading.stream_loader import StreamLoader, Submit
from target_lightfield.objects.setup import Setup
from target_lightfield.plain_rows import is_empty_text
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.rejects_file import StreamSchema

MEMBERS = "members"
"""The stream."""


def member_stream(setup: Setup, resource: Resource) -> MemberStream:  # noqa: ARG001 - members are not written
    """Return the stream loader of members."""
    return MemberStream(setup.references, setup.outcomes, setup.submit, setup.missing_members)


class AnyColumns:
    """Takes any column: nothing of a member is written."""

    def unknown(self, names: Iterable[str]) -> Mapping[str, Sequence[str]]:  # noqa: ARG002
        """Return none."""
        return {}

    def skipped(self, names: Iterable[str]) -> Sequence[str]:  # noqa: ARG002
        """Return none."""
        return ()


class MemberStream(StreamLoader):
    """Finds the member whom each row means. One whom the workspace lacks waits until they are invited.

    Args:
        references: Finds members by their email.
        outcomes: Takes what became of each.
        submit: Takes work to be done beside other work.
        missing: Is given the email of each whom the workspace lacks, by source key.
    """

    def __init__(
        self, references: References, outcomes: Outcomes, submit: Submit, missing: dict[str, str]
    ) -> None:
        super().__init__("member", outcomes, submit)
        self._references = references
        self._missing = missing

    @property
    def columns(self) -> AnyColumns:
        """The columns of the stream."""
        return AnyColumns()

    def load(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Find one member by email, and remember that the row's key means them."""
        source = self._outcomes.sources.of(stream, row)
        email = row.get("email")
        email = email if isinstance(email, str) and not is_empty_text(email) else None
        self._outcomes.id_map.get(source)  # for its effect: an entry under a former key is renamed
        try:
            member = self._references.find("member", email) if email and "@" in email else None
        except LightfieldError as e:
            raise api_failure(f"looking up {stream.stream} {source.key!r}", e) from e
        if member is not None:
            self._outcomes.id_map.settle(source, "member", Mapped(member, State.ADOPTED, created=False))
        else:
            self._missing[source.key] = email or source.key
        self._outcomes.report.count(stream.stream, Outcome.UNCHANGED if member else Outcome.WAITING)

    def delete(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Leave the member alone."""
        self._skip(stream, row)
