"""What became of a feed by a preset, in lines for people."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.words import count
from target_lightfield.migration.column_uses import Use, Used, by_links, is_ignored, uses
from target_lightfield.migration.findings import Findings, Reason, StreamFindings, Tally, one_line
from target_lightfield.presets.fields import Fields
from target_lightfield.presets.preset import Preset, routes_of
from target_lightfield.presets.scope import Knowledge
from target_lightfield.reporting.left_over import LeftOverKind
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.plan_lines import plan_lines

_WIDEST = 36  # of a column with names
_NOT_MAPPED = "not mapped"
_NOT_USED = "not used"
_CUSTOM = "for custom fields, where the workspace has them"


@dataclass
class Checked:
    """What became of a feed.

    Attributes:
        preset: The preset.
        findings: What became of each stream.
        definitions: Returns the definitions of Lightfield's streams; None where no workspace was asked.
        plan: The plan, where one was.
        ignores_unknown: Whether streams that the preset does not name are left out by the settings.
    """

    preset: Preset
    findings: Findings
    definitions: Callable[[str], ObjectDefinitions | None] | None
    plan: Mapping[str, Any] | None
    ignores_unknown: bool
    _fields: dict[str, Fields] = field(default_factory=dict)

    def lacks(self, used: Used) -> bool:
        """Whether the workspace is known to lack the column that something is mapped to."""
        if self.definitions is None or used.is_custom:
            return False
        if used.to not in self._fields:
            definitions = self.definitions(used.to)
            self._fields[used.to] = Fields(
                used.to,
                definitions,
                self.preset,
                cast("Knowledge", None),  # names alone are asked for
            )
        return self._fields[used.to].named(used.target, quietly=True) is None


def report(checked: Checked) -> Iterator[str]:
    """Yield the report, stream by stream, and the plan."""
    for stream, found in checked.findings.streams():
        yield ""
        yield from _of_stream(checked, stream, found)
    if absent := _absent(checked):
        yield ""
        yield f"Named by the preset, and not in the feed: {', '.join(absent)}"
    if checked.plan is not None:
        yield ""
        yield from plan_lines(checked.plan, {})


def failure_of(checked: Checked) -> str | None:
    """Return in a sentence what could not be done; None where all could."""
    streams = checked.findings.streams()
    unnamed = [found for _, found in streams if not found.is_named and found.rows]
    failed = [tally.number for _, found in streams for tally in found.failures.values()]
    said = []
    if unnamed and not checked.ignores_unknown:
        rows = count("row", sum(found.rows for found in unnamed))
        said.append(f"{count('stream', len(unnamed), 'is', 'are')} not named by the preset ({rows})")
    if failed:
        said.append(f"{count('row', sum(failed))} can't be taken")
    return f"Not everything could be done: {', and '.join(said)}; see above." if said else None


def _of_stream(checked: Checked, stream: str, found: StreamFindings) -> Iterator[str]:
    preset, name = checked.preset, one_line(stream, 200)
    rows = count("row", found.rows)
    if not found.is_named:
        yield f"{name}: {rows}, and the preset does not name it{_nearest(stream, preset)}"
        yield from _table(_NOT_MAPPED, [(one, tally, "") for one, tally in found.columns.items()])
        return
    if preset.leaves_out(stream) and not found.became:
        reason = preset.not_carried.get(stream)
        yield f"{name}: {rows}, left out{f': {reason}' if reason else ''}"
        return
    also = f" ({one_line(found.called, 200)})" if found.called not in ("", stream) else ""
    yield f"{name}{also}: {rows}{_became(found)}"
    yield from _columns(checked, stream, found)
    failures = [(what, tally, "") for what, tally in found.failures.items()]
    for what, tally, _ in failures:
        yield f"  {count('row', tally.number)} can't be taken: {one_line(what, 300)}{_eg(tally)}"


def _became(found: StreamFindings) -> str:
    said = [f"{to} {number:,}" for to, number in found.became.items()]
    said += [f"{to} (deleted) {number:,}" for to, number in found.deleted.items()]
    words = {Outcome.SKIPPED: "skipped", Outcome.KEPT: "kept for other records"}
    said += [f"{words.get(one, one.value)} {number:,}" for one, number in found.outcomes.items()]
    return f" → {', '.join(said)}" if said else ""


def _columns(checked: Checked, stream: str, found: StreamFindings) -> Iterator[str]:
    preset = checked.preset
    by_column: dict[str, list[Used]] = {}
    for used in uses(preset, stream):
        by_column.setdefault(used.column, []).append(used)
    left_over = _left_over(checked, found)
    lacking = {about for (_, kind, about), _, _ in found.left_over() if kind is LeftOverKind.NO_FIELD}
    by_label = [
        (reason.column, tally, f"→ {reason.about}")
        for reason, _, tally in found.left_over()
        if _by_label(checked, reason)
    ]
    tables: dict[str, list[tuple[str, Tally, str]]] = {use.value: [] for use in Use}
    tables[_CUSTOM] = by_label
    for name, tally in found.columns.items():
        column = found.headers.get(name, name)  # as the source calls it
        own = by_column.get(name, ())
        targets = [used for used in own if used.use is Use.MAPPED]
        missing = [used for used in targets if checked.lacks(used)]
        left_over += [(column, tally, f"the workspace has no {used.what}") for used in missing]
        reached = [
            used.what for used in targets if used not in missing and not _is_lacking(used, lacking, checked)
        ]
        reached += [
            to for to in found.filled.get(column, ()) if not any(_is_same(to, one) for one in targets)
        ]
        others = [used for used in own if used.use is not Use.MAPPED]
        if reached:
            tables[Use.MAPPED.value].append((column, tally, f"→ {', '.join(dict.fromkeys(reached))}"))
        elif others and not missing:
            first = min(others, key=lambda used: list(Use).index(used.use))
            what = ", ".join(dict.fromkeys(used.what for used in others if used.use is first.use))
            tables[first.use.value].append((column, tally, f"→ {what}"))
        elif not own and not any(column == one for one, _, _ in (*left_over, *by_label)):
            if is_ignored(preset, stream, name):
                tables[Use.IGNORED.value].append((column, tally, ""))
            else:
                left_over.append((column, tally, "nothing in the preset names this column"))
    is_loaded = bool(routes_of(preset, stream))
    for title, lines in (*tables.items(), (_NOT_MAPPED if is_loaded else _NOT_USED, left_over)):
        yield from _table(title, lines)
    mapped = [name for name, own in by_column.items() if any(used.use is Use.MAPPED for used in own)]
    absent = [name for name in mapped if name not in found.columns and name not in by_links(preset)]
    if absent and found.rows and is_loaded:
        yield f"  named, and without a value here: {', '.join(map(one_line, absent))}"


def _by_label(checked: Checked, reason: Reason) -> bool:
    """Whether values are for a custom field of which it is not known whether the workspace has it."""
    return reason.kind is LeftOverKind.NO_FIELD and checked.definitions is None


def _left_over(checked: Checked, found: StreamFindings) -> list[tuple[str, Tally, str]]:
    return [
        (reason.column, tally, f"{why} ({reason.about})" if reason.about else why)
        for reason, why, tally in found.left_over()
        if not _by_label(checked, reason)
    ]


def _is_lacking(used: Used, lacking: set[str | None], checked: Checked) -> bool:
    """Whether the workspace has no custom field of a line's label."""
    if not used.is_custom:
        return False
    return checked.definitions is None or any(
        about == used.target or str(about).startswith(f"{used.target} (") for about in lacking
    )


def _is_same(to: str, used: Used) -> bool:
    return used.is_custom or to == f"{used.to}.{used.target.partition('__')[0]}"


def _absent(checked: Checked) -> Sequence[str]:
    came = {stream for stream, _ in checked.findings.streams()}
    named = sorted(checked.preset.all_streams())
    return [name for name in named if name not in came and "*" not in name and "." not in name]


def _nearest(stream: str, preset: Preset) -> str:
    near = difflib.get_close_matches(stream, preset.all_streams(), n=1, cutoff=0.5)
    return f" (nearest: {near[0]})" if near else ""


def _table(title: str, lines: Sequence[tuple[str, Tally, str]]) -> Iterator[str]:
    if not lines:
        return
    yield f"  {title}:"
    width = min(max(len(name) for name, _, _ in lines), _WIDEST)
    digits = max(len(f"{tally.number:,}") for _, tally, _ in lines)
    for name, tally, what in lines:
        said = f" {one_line(what, 200)}" if what else ""
        yield f"    {one_line(name, 100):{width}} {tally.number:>{digits},}{said}{_eg(tally)}"


def _eg(tally: Tally) -> str:
    return f"  e.g. {' · '.join(tally.examples)}" if tally.examples else ""
