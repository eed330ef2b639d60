"""target-lightfield's command line and settings."""

from __future__ import annotations

import difflib
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any

import click
from singer_sdk import Target
from singer_sdk import typing as th
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.exceptions import ConfigValidationError, InvalidJSONSchema, MappingError
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.plugin_base import _ConfigInput
from singer_sdk.sinks import Sink

from lightfield_api.client import API_URL
from lightfield_api.custom_objects import is_custom_object, means_other_name
from lightfield_api.setting_values import ENVIRONMENT, UnusableSetting, settings_in, variables
from lightfield_api.settings import checked
from target_lightfield.errors import TargetError, reason_of
from target_lightfield.expressions import Failure
from target_lightfield.id_map.source import stream_and_origin, stream_from
from target_lightfield.messages import MessageReader
from target_lightfield.metric_lines import name_streams
from target_lightfield.objects.registry import REGISTRY
from target_lightfield.reporting.rejects_file import MAPPED_FROM, is_reject
from target_lightfield.reporting.report import Report
from target_lightfield.run.run import Run, report_ignored
from target_lightfield.sinks import IgnoredSink, LightfieldSink, RemovedSink, UnknownSink
from target_lightfield.stream_maps import MapSettings, Output, TargetMapper
from target_lightfield.unwritten import READ_ONLY

_MODE = ["upsert", "create_only", "update_only"]


class TargetLightfield(Target):
    """Singer target for the Lightfield CRM."""

    name = "target-lightfield"
    package_name = "singer-lightfield"
    message_reader_class = MessageReader
    default_sink_class = IgnoredSink
    _interrupted_by: str | None = None

    config_jsonschema = th.PropertiesList(
        th.Property(
            "api_key",
            th.StringType,
            required=True,
            secret=True,
            description="The API key of the workspace, from Settings → API keys.",
        ),
        th.Property(
            "api_url",
            th.StringType,
            default=API_URL,
            description="Where the API is; https, or http on this machine.",
        ),
        th.Property(
            "requests_per_second",
            th.NumberType(exclusive_minimum=0),
            description="A ceiling for each rate-limit category, below what Lightfield grants.",
        ),
        th.Property(
            "max_concurrency",
            th.IntegerType(minimum=1),
            default=32,
            description="The most requests in flight at once.",
        ),
        th.Property(
            "mode",
            th.StringType(allowed_values=_MODE),
            default="upsert",
            description="Whether records are created and updated, only created, or only updated.",
        ),
        th.Property(
            "objects",
            th.ObjectType(
                additional_properties=th.ObjectType(
                    th.Property(
                        "match_on",
                        th.ArrayType(th.StringType),
                        description="The columns that tell which record is meant, the most telling first.",
                    ),
                    th.Property(
                        "mode", th.StringType(allowed_values=_MODE), description="The mode of this object."
                    ),
                    th.Property(
                        "defaults",
                        th.ObjectType(additional_properties=True),
                        description="Column values for records that have none.",
                    ),
                    additional_properties=False,
                )
            ),
            description="Settings of single objects, by stream: match_on, mode, defaults; for example "
            '{"accounts": {"match_on": ["custom_erp_id"]}}.',
        ),
        th.Property(
            "on_ambiguous",
            th.StringType(allowed_values=["reject", "first"]),
            default="reject",
            description="Whether a record that matches several is rejected or the oldest is taken.",
        ),
        th.Property(
            "relationship_mode",
            th.StringType(allowed_values=["add", "replace"]),
            default="add",
            description="Whether links are added, or exactly those of the row remain.",
        ),
        th.Property(
            "delete_mode",
            th.StringType(allowed_values=["ignore", "trash"]),
            default="ignore",
            description="Whether records with _sdc_deleted_at are left alone or moved to the trash.",
        ),
        th.Property(
            "on_deleted",
            th.StringType(allowed_values=["leave", "recreate"]),
            default="leave",
            description="Whether what was deleted or merged in Lightfield stays so when its row changes.",
        ),
        th.Property(
            "unknown_columns",
            th.StringType(allowed_values=["error", "ignore"]),
            default="error",
            description="Whether a column that matches no field ends the run or is ignored.",
        ),
        th.Property(
            "unknown_streams",
            th.StringType(allowed_values=["error", "ignore"]),
            default="error",
            description="Whether a record of a stream that nobody knows ends the run or is ignored.",
        ),
        th.Property(
            "skip_enrichment",
            th.BooleanType,
            default=True,
            description="Create accounts and contacts without Lightfield's metered enrichment.",
        ),
        th.Property(
            "auto_create_records",
            th.BooleanType,
            default=False,
            description="Let Lightfield make accounts and contacts of unknown people in meetings and emails.",
        ),
        th.Property(
            "file_upload_dir",
            th.StringType,
            description="The folder that files are uploaded from; without it files are ignored.",
        ),
        th.Property(
            "dry_run",
            th.BooleanType,
            default=False,
            description="Write nothing, and say what would be written.",
        ),
        th.Property(
            "default_assignee",
            th.StringType,
            description="The email of the member to whom tasks without assignee are assigned.",
        ),
        th.Property(
            "id_map",
            th.StringType,
            default="sqlite:///lightfield_id_map.db",
            description="The SQLAlchemy URL of the database that remembers what was written.",
        ),
        th.Property(
            "rejects_path",
            th.StringType,
            default="lightfield_rejects.jsonl",
            description="The file to which rejected records are appended.",
        ),
        th.Property(
            "report_path",
            th.StringType,
            description="Where the report of the run is written, as .json and as .html.",
        ),
        th.Property(
            "max_rejects",
            th.IntegerType(minimum=0),
            default=0,
            description="Exit with status 1 when more records than this were rejected.",
        ),
    ).to_dict()

    def __init__(self, *, parse_env_config: bool = False, **options: Any) -> None:
        self._reads_variables = parse_env_config
        super().__init__(parse_env_config=parse_env_config, **options)
        name_streams()

    @cached_property
    def run(self) -> Run:
        """The run, opened when the first stream comes that is written.

        Raises:
            TargetError: The workspace or the id map can't be opened.
        """
        reader = self.message_reader
        if not isinstance(reader, MessageReader):
            return Run(self.config, self.report)
        run = Run(self.config, self.report, reader.source)
        reader.on_failure = run.abandon
        return run

    @cached_property
    def report(self) -> Report:
        """What becomes of the records, those that are ignored included."""
        return Report(dry_run=self.config["dry_run"])

    @cached_property
    def _states(self) -> deque[tuple[int, dict[str, Any]]]:
        """The states not passed on yet, each with how many records had been taken when it came."""
        return deque()

    def get_sink_class(self, stream_name: str) -> type[Sink]:
        """Return the sink of a stream, by its name, which may say what feeds it."""
        stream_name, origin = stream_and_origin(stream_name)
        if not stream_name and origin:
            return RemovedSink
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
            self._mapper = TargetMapper(dict(self.config), self.logger, self._fail)
        except MappingError as e:
            raise TargetError(f"stream_maps can't be used: {e}") from e

    def _fail(self, output: Output, record: dict[str, Any], row: dict[str, Any], failure: Failure) -> None:
        sink = self.get_sink(output.stream_alias)
        if isinstance(sink, LightfieldSink):
            sink.fail(output, record, row, failure)
        else:  # where nothing is written, what the row would have been is all the same
            sink.process_record(row, {})

    def _as_mapped(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a message of a rejects file so that what stream maps have made is not mapped again."""
        source = message.get(MAPPED_FROM)
        if not isinstance(source, str):
            return message
        name = stream_from(message["stream"], source)
        if isinstance(self.mapper, TargetMapper):
            self.mapper.take_as_they_are(name)
        return {**message, "stream": name}

    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        self._take_map_in_other_spelling(message_dict["stream"])
        message_dict = self._as_mapped(message_dict)
        try:
            super()._process_schema_message(message_dict)
        except (InvalidJSONSchema, MappingError) as e:
            raise _unusable(message_dict, e) from e
        except RecursionError:
            raise _unusable(message_dict, ValueError("it nests too deep, or refers to itself")) from None

    def _take_map_in_other_spelling(self, stream: str) -> None:
        """Let a stream map of a custom object mean its stream in either spelling.

        Raises:
            TargetError: One for several streams would miss it in the spelling that it has.
        """
        maps = self.mapper.stream_maps_dict
        if not maps or not is_custom_object(stream):
            return
        named = [*maps, *(str(one.get("__source__")) for one in maps.values() if isinstance(one, dict))]
        if not any("-" in name for name in (stream, *named)):
            return
        for other in self.run.workspace.spellings(stream):
            if isinstance(self.mapper, TargetMapper):
                self.mapper.rename(other, stream)
            for pattern in self.mapper.stream_maps_dict:
                if pattern != other and means_other_name(pattern, other, stream):
                    raise TargetError(
                        f"The setting stream_maps names {pattern!r}, which means '{other}', but the stream "
                        f"comes as '{stream}': name it so."
                    )

    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        if "run" in self.__dict__:
            self.run.completeness.count_row(message_dict["stream"])
            self.run.replays = is_reject(message_dict) and MAPPED_FROM not in message_dict
        message_dict = self._as_mapped(message_dict)
        try:
            super()._process_record_message(message_dict)
        except MappingError as e:
            raise _unusable(message_dict, e) from e

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        """Do nothing: what a feed no longer has is not deleted."""

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        """Take a state, and pass on the last one of which every record before it is settled."""
        super()._process_state_message(message_dict)
        if "run" not in self.__dict__:
            return
        self.run.flush(message_dict["value"])
        if self.config["dry_run"]:
            return
        self._states.append((self.run.submitted, message_dict["value"]))
        settled = self.run.settled
        passed = None
        while self._states and self._states[0][0] <= settled:
            passed = self._states.popleft()[1]
        if passed is not None:
            self._pass_on(passed)

    def _write_state_message(self, state: dict[str, Any]) -> None:
        """Emit the state of all that was read, once all of it is settled."""
        if "run" in self.__dict__:
            self.run.settle()
        self._states.clear()
        if not self.config["dry_run"]:  # nothing was written: the next run has to read it all again
            self._pass_on(state)

    def _pass_on(self, state: dict[str, Any]) -> None:
        """Emit a state, which says that all before it is settled and kept.

        Raises:
            TargetError: A rejected record can't be kept, or nobody takes the state.
        """
        if "run" in self.__dict__:
            self.run.keep_rejects()
        try:
            if sys.stdout is None:  # it was closed when the program began
                raise ValueError("standard output is closed")
            super()._write_state_message(state)
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
        interrupted_by = self._interrupted_by
        run = self.run if "run" in self.__dict__ else None
        if run:
            run.finish(interrupted_by)
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
        if isinstance(self.message_reader, MessageReader):
            self.message_reader.stop()

    @classmethod
    def cb_config(
        cls,
        ctx: click.Context,  # noqa: ARG003 - click's signature
        param: click.Option,  # noqa: ARG003
        value: tuple[str, ...],
    ) -> _ConfigInput:
        """Return the configuration in the files that ``--config`` names, and whether it names ``ENV``."""
        try:
            return _ConfigInput(config=settings_in(value), parse_env=ENVIRONMENT in value)
        except UnusableSetting as e:
            raise TargetError(str(e)) from None

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805 - as in the SDK
        """The settings in the environment."""
        cls.append_builtin_config(cls.config_jsonschema)
        try:
            return variables(
                cls.config_jsonschema["properties"], cls._env_var_prefix, parse_environment_config
            )
        except UnusableSetting as e:
            raise TargetError(str(e)) from None

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings: one sentence for whatever is wrong, and never the key in it."""
        self.append_builtin_config(self.config_jsonschema)
        try:
            self._config = checked(
                self._config,
                self.config_jsonschema["properties"],
                self._env_var_prefix,
                self.logger,
                reads_variables=self._reads_variables,
            )
            MapSettings(self._config.get("stream_maps")).check()
            return super()._validate_config(raise_errors=True)
        except (ConfigValidationError, MappingError, UnusableSetting) as e:
            said = str(e)
            if isinstance(e, ConfigValidationError):
                said = f"{'; '.join(e.errors)}."
            elif isinstance(e, MappingError):
                said = f"stream_maps can't be used: {e}"
            if raise_errors:
                raise TargetError(said) from None
            self.logger.warning("%s", said)
            return [said]


def _unusable(message: Mapping[str, Any], error: Exception) -> TargetError:
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    return TargetError(f"A {message['type']} message of stream '{message['stream']}' can't be used: {reason}")


def _give_up_stdout() -> None:
    """Let what is left in standard output's buffer go nowhere: else Python fails once more as it ends."""
    with suppress(OSError, ValueError, AttributeError):
        descriptor = sys.stdout.fileno()
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), descriptor)
