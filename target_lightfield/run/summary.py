"""What became of the rows of a run: counted to the end, said in the log and written into the report."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from lightfield_api.columns import Column, Role
from lightfield_api.words import count
from target_lightfield.keys import is_key, key_of
from target_lightfield.plain_rows import is_empty_text
from target_lightfield.reporting.left_over import LeftOverKind
from target_lightfield.reporting.left_over_file import LeftOverFile
from target_lightfield.reporting.left_over_groups import LeftOverGroup, lines
from target_lightfield.reporting.outcome import Calls, Outcome, WaitingLink
from target_lightfield.reporting.plan_lines import plan_lines, what_to_do
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.report import MOST_MEMBERS, Report
from target_lightfield.run.missing_members import MissingMembers
from target_lightfield.run.workspace import Workspace

_MOST_MEMBERS_SAID = 20

_log = logging.getLogger("target-lightfield")


def left_over_file(config: Mapping[str, Any], source: IO[str] | None) -> LeftOverFile:
    """Return the file of what is left over.

    Args:
        config: The target's settings.
        source: What the target reads from.

    Raises:
        TargetError: There is another kind of file at that path, or the target reads from it.
    """
    return LeftOverFile(config["left_over_path"], source)


@dataclass(frozen=True)
class Summary:
    """Logs and reports what became of the rows of a run.

    Attributes:
        workspace: Where they were written.
        report: Where it is counted.
        missing_members: The emails of the feed's members whom the workspace lacks, by source key.
        left_over: The file of what is left over.
    """

    workspace: Workspace
    report: Report
    missing_members: Mapping[str, str]
    left_over: LeftOverFile

    def say(self, failure: str | None) -> None:
        """Count what waits, log what became of the rows, and write the file of what is left over.

        Args:
            failure: Why the run failed, None if it did not.

        Raises:
            TargetError: The id map fails, or the file can't be written.
        """
        calls = self.workspace.client.calls
        with closing(MissingMembers(self.missing_members)) as missing:
            for source, row in self.workspace.id_map.waiting.rows():
                self.report.count(self.workspace.stream_name(source.stream), Outcome.WAITING)
                for reference in self._missing_members(source.stream, row):
                    missing.refer(reference, source.stream, source.key)
            links: Counter[str] = Counter()
            for link in self._waiting_links():
                links[link.stream] += 1
                if self._is_of_members(link.stream, link.relationship):
                    missing.refer(link.reference, link.stream, link.key)
            most, all_missing = missing.most(MOST_MEMBERS), len(missing)
        groups = [
            LeftOverGroup(
                one.stream,
                one.column,
                LeftOverKind(one.kind),
                one.about,
                one.number,
                [(example.key, example.value, example.why) for example in one.examples],
            )
            for one in self.workspace.id_map.left_over.count_by()
        ]
        self.report.close(
            calls=Calls(*(calls.of(kind) for kind in ("read", "search", "write", "throttled"))),
            links=self._waiting_links(),
            missing_members=most,
            missing_members_count=all_missing,
            left_over=groups,
            failure=failure,
        )
        is_over = self.report.tells is None  # only a dry run is before the load
        plan = plan_lines(self.report.plan, most, is_over=is_over) if self.report.plan else ()
        for line in [self.report.headline(), *self.report.lines(), *self.report.details(), *plan]:
            _log.info("%s", line)
        for stream, number in links.items():
            waiting = count("link", number, "waits", "wait")
            _log.warning("%s: %s for a record that has not come yet", stream, waiting)
        for line in lines(groups, str(self.left_over.path)):
            _log.warning("%s", line)
        for member, records in islice(most.items(), _MOST_MEMBERS_SAID):
            _log.warning(
                "Member %s is not in the workspace, and %s to them: %s, and run it again",
                member,
                count("record", records, "refers", "refer"),
                what_to_do(member),
            )
        self.left_over.write(self.workspace.id_map.left_over.values())

    def _waiting_links(self) -> Iterator[WaitingLink]:
        for source, link in self.workspace.id_map.waiting.links():
            column = self._column(source.stream, link.relationship)
            name = column.name if column else link.relationship
            stream = self.workspace.stream_name(source.stream)
            yield WaitingLink(stream, source.key, name, link.reference)

    def _column(self, stream: str, relationship: str) -> Column | None:
        columns = self.workspace.columns(stream)
        return columns.find(relationship, Role.RELATIONSHIP) if columns else None

    def _is_of_members(self, stream: str, column: str) -> bool:
        columns = self.workspace.columns(stream)
        known = columns.by_name.get(column) if columns else None
        return bool(known and known.relationship and known.relationship.object_type == "member")

    def _missing_members(self, stream: str, row: Mapping[str, Any]) -> Iterator[str]:
        """Yield a row's references to members whom the workspace lacks."""
        for name, value in row.items():
            if not self._is_of_members(stream, name):
                continue
            items = value if isinstance(value, list) else [value]
            for reference in map(key_of, filter(is_key, items)):
                with suppress(Rejection):  # it means several members
                    if not is_empty_text(reference) and not self.workspace.references.find(
                        "member", reference
                    ):
                        yield reference


def report_ignored(report: Report, path: str | None) -> None:
    """Log and report a feed of which nothing is written, so that no workspace was opened.

    Raises:
        TargetError: The report can't be written.
    """
    lines = list(report.lines())
    if not lines:
        return
    report.close(calls=Calls(), links=(), missing_members={}, failure=None)
    for line in lines:
        _log.info("%s", line)
    write_report(report, path)


def write_report(report: Report, path: str | None) -> None:
    """Write the report where the settings want it, if they do. Raises TargetError."""
    for file in report.write(path) if path else ():
        _log.info("The report is in %s", file)
