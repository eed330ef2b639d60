"""One run: takes the rows of every stream, tries at its end what waits, and reports what became of all."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Mapping
from typing import IO, Any

from target_lightfield.errors import TargetError
from target_lightfield.loading.completeness import Completeness
from target_lightfield.loading.outcomes import Outcomes
from target_lightfield.loading.sources import Sources
from target_lightfield.loading.stream_loader import StreamLoader
from target_lightfield.objects.setup import Setup
from target_lightfield.presets.feed import PresetFeed
from target_lightfield.presets.preset import Preset
from target_lightfield.reporting.rejects_file import RejectsFile
from target_lightfield.reporting.report import Report
from target_lightfield.run import journaling
from target_lightfield.run.end_of_run import try_what_waits
from target_lightfield.run.findings import (
    identity,
    interrupted,
    replay_commands,
    verdict_on,
    what_is_done,
)
from target_lightfield.run.preset_feed import preset_feed
from target_lightfield.run.scheduler import Scheduler
from target_lightfield.run.streams import Streams
from target_lightfield.run.summary import Summary, left_over_file, write_report
from target_lightfield.run.watch import Input, Watch, said_from_now_on
from target_lightfield.run.workspace import Workspace
from target_lightfield.stream_maps import MapSettings

_log = logging.getLogger("target-lightfield")


class Run:
    """Loads the rows of a feed into a workspace.

    Args:
        config: The target's settings.
        report: Where it is counted what becomes of the rows.
        source: What the target reads from.
        preset: What translates the feed, if anything does.

    Attributes:
        report: What became of the rows.
        workspace: Where they are written.
        completeness: Whether the feed has all rows of a stream.
        progress: Says how far it is.
        has_emitted_state: Whether a state was passed on, which says how far the run came.
        replays: Whether the row that comes now is of a rejects file, and has no mark that stream maps made
            it: an earlier release filed it, or they left its stream alone.

    Raises:
        TargetError: The workspace can't be opened.
    """

    replays = False

    def __init__(
        self,
        config: Mapping[str, Any],
        report: Report,
        source: IO[str] | None = None,
        preset: Preset | None = None,
    ) -> None:
        self._preset = preset
        self._dry_run: bool = config["dry_run"]
        self._max_rejects: int = config["max_rejects"]
        self._report_path: str | None = config.get("report_path")
        self._rejects_path: str = config["rejects_path"]
        self._rejects = RejectsFile(self._rejects_path, source)
        self.report = report
        self._left_over = left_over_file(config, source)
        self._config = config
        self.workspace = Workspace(config)
        journaling.begin(self.workspace, config)
        self.completeness = Completeness()
        self._scheduler = Scheduler(config["max_concurrency"], self.workspace.client.turns)
        self._setup = self._make_setup(config)
        self._streams = Streams(self.workspace, self._setup)
        self._states: deque[tuple[int, dict[str, Any]]] = deque()  # with the work before each
        self._is_stopping = False
        self.has_emitted_state = False
        self._feed: PresetFeed | None = None
        self._interrupted_by: str | None = None
        if self._dry_run:
            report.workspace = identity(self.workspace)
            _log.info("%s", what_is_done(report))
        self.progress = said_from_now_on(
            Watch(
                report=report,
                workspace=self.workspace,
                under_way=lambda: self._scheduler.under_way,
                feed=lambda: self._feed,
                source=Input(source),
            )
        )

    def _make_setup(self, config: Mapping[str, Any]) -> Setup:
        workspace = self.workspace
        maps = MapSettings(config.get("stream_maps"))
        sources = Sources(workspace.id_map.feeders, maps, workspace.lasting_name, workspace.spellings)
        rejects = None if self._dry_run else self._rejects
        return Setup(
            client=workspace.client,
            grant=workspace.grant,
            definitions=workspace.definitions,
            id_map=workspace.id_map,
            references=workspace.references,
            directory_of=workspace.directory,
            settings=config,
            options=workspace.options,
            outcomes=Outcomes(self.report, rejects, workspace.id_map, sources),
            submit=self._scheduler.submit,
            earlier_is_under_way=self._scheduler.earlier_is_under_way,
            completeness=self.completeness,
        )

    @property
    def feed(self) -> PresetFeed:
        """The feed, on its way through the preset that is set."""
        if self._feed is None:
            assert self._preset is not None  # noqa: S101 - asked for by the sinks of its streams alone
            self._feed = preset_feed(
                self._preset,
                self.workspace,
                self._setup.outcomes,
                loader=self.loader,
                settle=self.settle,
                is_stopped=lambda: self._is_stopping,
            )
        return self._feed

    def loader(self, stream: str) -> StreamLoader:
        """Return the stream loader of a stream that is written, as ``Streams.loader`` does."""
        return self._streams.loader(stream)

    # How far the run is

    def settled_state(self, state: dict[str, Any]) -> dict[str, Any] | None:
        """Take a state, and return the latest one, if new, before which every row is settled by now.

        None while rows are on their way through a preset: they are settled all together.
        """
        if self.withholds_states:
            return None
        self._states.append((self._scheduler.submitted, state))
        settled, passed = self._scheduler.settled, None
        while self._states and self._states[0][0] <= settled:
            passed = self._states.popleft()[1]
        return passed

    def flush(self, state: object) -> None:
        """Submit the rows gathered so far, and take note of a state, which speaks of all rows before it."""
        self._streams.flush()
        self.completeness.note_state(state)

    def settle(self) -> None:
        """Return when every row taken is settled: written, unchanged, rejected or waiting.

        Raises:
            TargetError: One can't be, because Lightfield did not answer as it should.
        """
        self._streams.flush()
        self._scheduler.wait()
        self._states.clear()  # the one that comes now is later than all of them

    def keep_rejects(self) -> None:
        """Return once the rejected rows and what is left over are safely kept, whatever happens then.

        Raises:
            TargetError: They can't be kept.
        """
        self._rejects.sync()
        self.workspace.id_map.left_over.flush()

    @property
    def withholds_states(self) -> bool:
        """Whether rows are on their way through a preset: they are settled all together, or come again."""
        return self._feed is not None and not self._feed.is_loaded

    # The end

    def stop(self, signal: str) -> None:
        """End the run as soon as what is on its way is settled. For a signal handler."""
        self._interrupted_by = signal
        self._is_stopping = True

    def finish(self, interrupted_by: str | None = None) -> None:
        """Try what waits. After that, every row is settled.

        Args:
            interrupted_by: The signal that ended the input early: what waits stays for the next run.

        Raises:
            TargetError: Lightfield did not answer as it should.
        """
        self._interrupted_by = self._interrupted_by or interrupted_by
        try:
            self.settle()
            if not interrupted_by and self._feed is not None:
                self._feed.load()
                self.settle()
            if not interrupted_by and not self._is_stopping:
                self._streams.end_input()
                try_what_waits(self.workspace, self.loader, self.settle)
                self._streams.finish()
                self.settle()
            self.report.compared()
        except Exception as e:
            self.abandon(e)
            raise

    def conclude(self) -> str | None:
        """Report what became of the rows, and release everything. The last state is out before that.

        Returns:
            Why the run counts as failed, in a sentence or two; None if it does not.
        """
        failure = self._failure()
        try:
            if self._dry_run and not self._interrupted_by:
                self.report.verdict = failure  # it did what it was asked for, and found something
            self._report(None if self.report.verdict else failure)
        except TargetError as e:
            failure = f"{failure} {e.message}" if failure else e.message
        finally:
            self.close()
        return failure

    def abandon(self, error: Exception) -> None:
        """Finish what is on its way, begin nothing more, report, and release everything."""
        try:
            self.settle()
        except Exception as e:  # noqa: BLE001 - an error is on its way already, and ends the run
            _log.debug("Also while ending: %s", e)
        self._scheduler.close()
        try:
            self._report(error.message if isinstance(error, TargetError) else type(error).__name__)
        except Exception as e:  # noqa: BLE001 - the same
            _log.warning("%s", e)
        try:
            self.close()
        except TargetError as e:
            _log.warning("%s", e.message)

    def close(self) -> None:
        """End what is on its way; release the id map, the rejects file and the connections."""
        self.progress.end()
        self._scheduler.close()
        if self._feed is not None:
            self._feed.close()
        self._streams.close()
        self.workspace.close()
        self._rejects.close()

    def _failure(self) -> str | None:
        if self._interrupted_by:
            return interrupted(
                self._interrupted_by, writes=not self._dry_run, has_state=self.has_emitted_state
            )
        return verdict_on(self.report, self._max_rejects, dry_run=self._dry_run)

    def _report(self, failure: str | None) -> None:
        self.progress.end()
        journaling.end(self.workspace.id_map.journal, self._config, failure)
        self.report.replay = replay_commands(self._rejects_path)
        if self._feed is not None:
            client = self.workspace.client
            self.report.plan = self._feed.plan(writes=client.writes, per_second=client.per_second("write"))
        Summary(self.workspace, self.report, self._setup.missing_members, self._left_over).say(failure)
        write_report(self.report, self._report_path)
