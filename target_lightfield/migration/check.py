"""``lightfield-migration check FILE``: whether a preset is one, and what it does with a recorded feed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import click
from singer_sdk import Target
from singer_sdk.plugin_base import _ConfigInput
from singer_sdk.sinks import Sink

from target_lightfield.errors import TargetError
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.migration.check_report import Checked, failure_of, report
from target_lightfield.migration.checked_feed import CheckedFeed
from target_lightfield.migration.findings import Findings
from target_lightfield.migration.reading_target import ReadingTarget, config_option, feed_option
from target_lightfield.migration.summary import heading, summary
from target_lightfield.presets.preset import Preset
from target_lightfield.presets.reading import read_preset
from target_lightfield.run.run import Run
from target_lightfield.run.workspace import Workspace
from target_lightfield.sinks import IgnoredSink, UnknownSink

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # from Python 3.11 on


@click.command()
@click.argument("file", required=False)
@feed_option()
@config_option
@click.pass_obj
def check(folder: Traversable, file: str | None, feed: str | None, config: _ConfigInput | None) -> None:
    """Check the preset FILE, or a built-in one by its name, and say what it maps.

    With --feed the recorded feed goes through the preset, and nothing is written: for each stream how many
    rows take which route, and which columns are mapped, kept, ignored and not mapped, with counts and up to
    three examples. With --config the workspace's fields and options decide, and its plan is shown; without
    it nothing is asked. FILE may be left out where the setting preset names it.

    Exit status 1: the file or the feed can't be used, a stream with rows is not named, or rows can't be
    taken, as where an expression fails. A column that is not mapped is none of these.
    """
    target = CheckingTarget(config) if feed or (config and file is None) else None
    name = file or (target.config.get("preset") if target else None)
    if not name:
        raise click.UsageError("Missing argument 'FILE': a preset, which the setting preset can name, too.")
    preset = read_preset(name, folder)
    click.echo(heading(name, preset))
    if feed is None or target is None:
        _say(summary(preset))
        return
    with tempfile.TemporaryDirectory(prefix="lightfield-") as kept:
        checked = target.checked(preset, feed, Path(kept))
    _say(report(checked))
    if failure := failure_of(checked):
        raise TargetError(failure)


class CheckingTarget(ReadingTarget):
    """Leads a feed through a preset to where it is counted."""

    def checked(self, preset: Preset, feed: str, folder: Path) -> Checked:
        """Return what becomes of a feed.

        Args:
            preset: The preset.
            feed: The file that the feed is in.
            folder: An empty folder, for what is kept on the way.

        Raises:
            TargetError: The feed can't be read, or the workspace does not answer as it should.
        """
        self.__dict__["preset"] = preset  # which the settings may name otherwise, or not at all
        self.findings = Findings()
        database = folder / "id_map.db"
        database.touch(mode=0o600)  # a dry run makes none, and keeps all in memory then
        with ExitStack() as stack:
            workspace = self._workspace(database) if self.has_workspace else None
            if workspace:
                stack.callback(workspace.close)
                id_map = workspace.id_map
            else:
                id_map = IdMap(f"sqlite:///{database}", dry_run=True)
                stack.callback(id_map.close)
            self._feed = CheckedFeed(preset, self.findings, id_map, workspace)
            stack.callback(self._feed.close)
            self.read(feed)
            self._feed.load()
            plan = None
            if workspace:
                per_second = workspace.client.per_second("write")
                plan = self._feed.plan(writes=self.findings.records, per_second=per_second)
            return Checked(
                self._feed.preset,
                self.findings,
                workspace.definitions_of if workspace else None,
                plan,
                ignores_unknown=self.config["unknown_streams"] == "ignore",
            )

    @property
    def run(self) -> Run:
        """What the sinks need of a run: the feed."""
        return cast("Run", SimpleNamespace(feed=self._feed))

    def get_sink_class(self, stream_name: str) -> type[Sink]:
        """Return the sink of a stream, by its name."""
        found = super().get_sink_class(stream_name)
        return _UnnamedSink if found is UnknownSink else found

    def _workspace(self, database: Path) -> Workspace:
        return Workspace({**self.config, "dry_run": True, "id_map": f"sqlite:///{database}"})


class _UnnamedSink(IgnoredSink):
    """Counts the rows of a stream that the preset does not name."""

    def __init__(
        self,
        target: Target,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self._findings = cast("CheckingTarget", target).findings.of(self.stream_name)
        self._findings.is_named = False

    def setup(self) -> None:
        """Say nothing: the report says it."""

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:  # noqa: ARG002
        """Count one row."""
        self._findings.rows += 1
        for name, value in record.items():
            self._findings.see(name, value)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
