"""target-lightfield's command line and settings."""

from __future__ import annotations

import difflib
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any

from singer_sdk.exceptions import InvalidJSONSchema, MappingError
from singer_sdk.sinks import Sink

from lightfield_api.custom_objects import is_custom_object
from target_lightfield.checked_sink import CheckedSink
from target_lightfield.configuration import ConfiguredTarget
from target_lightfield.errors import TargetError, reason_of
from target_lightfield.expressions import Failure
from target_lightfield.id_map.source import stream_and_origin
from target_lightfield.messages import MessageReader
from target_lightfield.metric_lines import name_streams
from target_lightfield.objects.registry import REGISTRY
from target_lightfield.preset_sink import PresetSink
from target_lightfield.presets.preset import Preset
from target_lightfield.presets.reading import read_preset
from target_lightfield.reporting.rejects_file import MAPPED_FROM, is_reject
from target_lightfield.reporting.report import Report
from target_lightfield.run.run import Run
from target_lightfield.run.summary import report_ignored
from target_lightfield.sinks import IgnoredSink, LightfieldSink, RemovedSink, UnknownSink
from target_lightfield.stream_maps import Output, TargetMapper
from target_lightfield.unwritten import READ_ONLY, not_in_preset, unknown_stream


class TargetLightfield(ConfiguredTarget):
    """Singer target for the Lightfield CRM."""

    name = "target-lightfield"
    package_name = "singer-lightfield"
    message_reader_class = MessageReader
    default_sink_class = IgnoredSink
    _run: Run | None = None
    _interrupted_by: str | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        name_streams()

    @property
    def run(self) -> Run:
        """The run, opened when the first stream comes that is written.

        Raises:
            TargetError: The workspace or the id map can't be opened.
        """
        if self._run is None:
            reader = self.message_reader
            self._run = Run(self.config, self.report, getattr(reader, "source", None), self.preset)
            if isinstance(reader, MessageReader):
                reader.on_failure = self._run.abandon
        return self._run

    @cached_property
    def report(self) -> Report:
        """What becomes of the records, those that are ignored included."""
        config = self.config
        return Report(dry_run=config["dry_run"], verify=config["verify"], path=config.get("report_path"))

    @cached_property
    def preset(self) -> Preset | None:
        """The preset that is set, if one is.

        Raises:
            TargetError: It can't be read.
        """
        return read_preset(self.config["preset"]) if self.config.get("preset") else None

    def why_unknown(self, stream: str) -> str:
        """Return what is wrong with a record of a stream that nobody knows, and what to do."""
        preset = self.preset
        return not_in_preset(stream, preset.all_streams(), preset.links) if preset else unknown_stream(stream)

    def get_sink_class(self, stream_name: str) -> type[Sink]:
        """Return the sink of a stream, by its name, which may say what feeds it."""
        stream_name, origin = stream_and_origin(stream_name)
        if not stream_name and origin:
            return RemovedSink
        if self.preset is not None:
            return PresetSink if self.preset.names(stream_name) else UnknownSink
        if is_custom_object(stream_name):
            return self._sink_class_of_custom_object(stream_name)
        if stream_name in READ_ONLY:
            return IgnoredSink
        if stream_name not in REGISTRY:
            return UnknownSink
        needs = REGISTRY[stream_name].needs
        return IgnoredSink if needs and not self.config.get(needs[0]) else LightfieldSink

    def _sink_class_of_custom_object(self, stream_name: str) -> type[Sink]:
        if self.run.workspace.resource(stream_name):
            return LightfieldSink
        if "ignore" in (self.config["unknown_streams"], self.config["unknown_columns"]):
            return IgnoredSink
        nearest = difflib.get_close_matches(stream_name, self.run.workspace.custom_objects(), n=1)
        raise TargetError(
            f"The workspace has no custom object for stream '{stream_name}'"
            + (f" (nearest: {nearest[0]})" if nearest else "")
            + ", or the API key lacks the scope custom_objects:read: leave the stream out, or set "
            "unknown_streams to ignore."
        )

    def setup_mapper(self) -> None:
        """Take up the stream maps.

        Raises:
            TargetError: They can't be used.
        """
        try:
            self._mapper = self._maps = TargetMapper(dict(self.config), self.logger, self._fail)
        except MappingError as e:
            raise TargetError(f"stream_maps can't be used: {e}") from e

    def _fail(self, output: Output, record: dict[str, Any], row: dict[str, Any], failure: Failure) -> None:
        sink = self.get_sink(output.stream_alias)
        if isinstance(sink, CheckedSink):
            sink.fail(output, record, row, failure)
        else:  # where nothing is written, what the row would have been is all the same
            sink.process_record(row, {})

    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        try:
            self._take_spellings(message_dict["stream"])
            super()._process_schema_message(self._maps.as_mapped(message_dict))
        except (InvalidJSONSchema, MappingError) as e:
            raise _unusable(message_dict, e) from e
        except RecursionError:
            raise _unusable(message_dict, ValueError("it nests too deep, or refers to itself")) from None

    def _take_spellings(self, stream: str) -> None:
        """Let a stream map of a custom object mean its stream in either spelling."""
        if is_custom_object(stream) and self._maps.may_be_spelled_otherwise(stream):
            self._maps.take_spellings(stream, self.run.workspace.spellings(stream))

    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        if self._run:
            self._run.completeness.count_row(message_dict["stream"])
            self._run.replays = is_reject(message_dict) and MAPPED_FROM not in message_dict
        try:
            super()._process_record_message(self._maps.as_mapped(message_dict))
        except MappingError as e:
            raise _unusable(message_dict, e) from e

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        """Do nothing: what a feed no longer has is not deleted."""

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        """Take a state, and pass on the last one of which every record before it is settled."""
        super()._process_state_message(message_dict)
        if self._run is None:
            return
        self._run.flush(message_dict["value"])
        if self.config["dry_run"]:
            return
        state = self._run.settled_state(message_dict["value"])
        if state is not None:
            self._pass_on(state)

    def _write_state_message(self, state: dict[str, Any]) -> None:
        """Emit the state of all that was read, once all of it is settled."""
        if self._run:
            self._run.settle()
            if self._run.withholds_states:
                return
        if not self.config["dry_run"]:  # nothing was written: the next run has to read it all again
            self._pass_on(state)

    def _pass_on(self, state: dict[str, Any]) -> None:
        """Emit a state, which says that all before it is settled and kept.

        Raises:
            TargetError: A rejected record can't be kept, or nobody takes the state.
        """
        if self._run:
            self._run.keep_rejects()
        try:
            if sys.stdout is None:  # it was closed when the program began
                raise ValueError("standard output is closed")
            with self._run.progress.aside() if self._run else nullcontext():
                super()._write_state_message(state)
            if self._run:
                self._run.has_emitted_state = True
        except (OSError, ValueError) as e:
            _give_up_stdout()
            raise TargetError(
                f"The state can't be passed on: {reason_of(e)}. What it stands for is written and known, but "
                "whoever keeps the state does not hear of it. See where standard output goes, and run it "
                "again: nothing is written twice."
            ) from e

    def process_endofpipe(self) -> None:
        """Try what waits, emit the state, and say how it went.

        Raises:
            TargetError: More records were rejected than ``max_rejects`` allows, or the state or the report
                could not be written.
        """
        run = self._run
        if run:
            run.finish(self._interrupted_by)
        interrupted_by = self._interrupted_by
        try:
            super().process_endofpipe()
        except Exception as e:
            if run:
                run.abandon(e)
            raise
        failure = run.conclude() if run else None
        if not run:
            report_ignored(self.report, self.config.get("report_path"))
        if interrupted_by and not run:
            failure = f"Interrupted by {interrupted_by} before anything was written."
        if failure:
            raise TargetError(failure)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End the input here: what is on its way is finished, and its state emitted."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # a second signal kills
        self._interrupted_by = signal.Signals(signum).name
        if self._run:
            self._run.stop(self._interrupted_by)
        if isinstance(self.message_reader, MessageReader):
            self.message_reader.stop()


def _unusable(message: Mapping[str, Any], error: Exception) -> TargetError:
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    return TargetError(f"A {message['type']} message of stream '{message['stream']}' can't be used: {reason}")


def _give_up_stdout() -> None:
    """Let what is left in standard output's buffer go nowhere: else Python fails once more as it ends."""
    with suppress(OSError, ValueError, AttributeError):
        descriptor = sys.stdout.fileno()
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), descriptor)
