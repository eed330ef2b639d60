"""The tap: its settings, what it discovers, and what it checks before any stream starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import click
from click.types import convert_type
from singer_sdk import Stream, Tap
from singer_sdk.singerlib import Catalog, MetadataMapping

from lightfield_api.access import validate
from lightfield_api.client import LightfieldClient
from lightfield_api.custom_objects import read_object_types, renamed_streams
from lightfield_api.errors import LightfieldError
from tap_lightfield.command import TapCommand
from tap_lightfield.configuration import ConfiguredTap
from tap_lightfield.discovery import Discovery, refuse_unknown_streams
from tap_lightfield.errors import PLUGIN_NAME, ConfigError, DiscoveryFailed
from tap_lightfield.former_names import (
    mentions_any,
    refuse_selection,
    renamed_catalog,
    renamed_settings,
    renamed_state,
    state_mentions_any,
)
from tap_lightfield.input_files import catalog_file, state_file
from tap_lightfield.messages import RowsTogetherWriter
from tap_lightfield.settings import api_url_in
from tap_lightfield.state import checked as checked_state
from tap_lightfield.state import refuse_the_future
from tap_lightfield.streams.base import LightfieldStream


class TapLightfield(ConfiguredTap):
    """Singer tap for the Lightfield CRM."""

    name = PLUGIN_NAME
    package_name = "singer-lightfield"
    # Discovery needs a key that works, so the SDK shall validate the settings before it.
    dynamic_catalog = True
    message_writer_class = RowsTogetherWriter

    @cached_property
    def client(self) -> LightfieldClient:
        """The client that all streams share: one connection pool, one request budget.

        Raises:
            ConfigError: The API key or the URL can't be used.
        """
        try:
            return LightfieldClient(
                self.config["api_key"],
                api_url=api_url_in(self.config),
                requests_per_second=self.config.get("requests_per_second"),
                max_connections=self.config["max_concurrency"],
            )
        except ValueError as e:
            raise ConfigError(f"{e}.") from None

    def discover_streams(self) -> Sequence[LightfieldStream]:
        """Return the streams, with the definitions of those that will be read.

        Raises:
            DiscoveryFailed: Lightfield refused the key or can't be reached.
            ConfigError: A setting names what there is not.
            MissingScope: The catalog selects a stream that the key may not read.
        """
        try:
            grant = validate(self.client)
            self._take_former_names()
            return Discovery(self, self.client, grant, self.input_catalog, self._is_selected).streams()
        except LightfieldError as e:
            raise DiscoveryFailed(e, api_url_in(self.config)) from e

    @property
    def streams(self) -> dict[str, Stream]:
        """The streams in the order in which they are read.

        Files come last: the streams before them learn which files their records refer to.
        """
        if self._streams is None:
            found = super().streams
            self._streams = {name: found[name] for name in sorted(found, key=lambda name: name == "files")}
        return self._streams

    def setup_mapper(self) -> None:
        """Register the streams with the stream maps, deselected ones with all their columns.

        The SDK would take every column from a deselected stream, then stop at a stream map (``*``, for
        example) that finds its key missing.
        """
        self._take_former_names()
        super(Tap, self).setup_mapper()
        self.mapper.register_raw_streams_from_catalog(
            Catalog(
                (
                    name,
                    # Its id tells a stream: it has no other name, whatever the catalog calls it.
                    replace(entry, stream=name)
                    if entry.metadata.resolve_selection().get((), True)
                    else replace(entry, stream=name, metadata=MetadataMapping()),
                )
                for name, entry in self.catalog.items()
            )
        )

    @cached_property
    def _renamed(self) -> Mapping[str, str]:
        """The streams that earlier releases called otherwise; asked for where something names one so."""
        try:
            return renamed_streams(read_object_types(self.client) or ())
        except LightfieldError as e:
            raise DiscoveryFailed(e, api_url_in(self.config)) from e

    def _take_former_names(self) -> None:
        """Take streams by the names of earlier releases.

        Raises:
            ConfigError: Something names one so that can't be taken.
        """
        if mentions_any(self.config, self.input_catalog or ()):
            if self._mapper is None and self.input_catalog is not None:
                refuse_selection(self._renamed)
            self._config = renamed_settings(self.config, self._renamed)
            if self.input_catalog is not None:
                self._input_catalog = renamed_catalog(self.input_catalog, self._renamed)

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over the state of the last run, its bookmarks in the one form that texts compare in.

        Raises:
            ConfigError: It is not in the form of this tap's states.
        """
        state = checked_state(state)
        super().load_state(renamed_state(state, self._renamed) if state_mentions_any(state) else state)

    def _reset_state_progress_markers(self) -> None:
        """Check that the run begins with nothing of the future, then do as the SDK.

        The SDK calls this before it writes the first message.

        Raises:
            ConfigError: A bookmark or ``start_date`` is later than Lightfield's clock.
        """
        _ = self.streams  # found by asking Lightfield, whose answers tell its time
        refuse_the_future(self.state, self.config.get("start_date"), self.client.server_time())
        super()._reset_state_progress_markers()

    def _setup_signal_handlers(self) -> None:
        """Leave signals to the command: a program that has its tap in it has its own use for them."""

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the command ``tap-lightfield``."""
        command = super().get_singer_command()
        readers = {"catalog": catalog_file, "state": state_file}
        for parameter in command.params:
            if reader := readers.get(parameter.name or ""):
                parameter.type = convert_type(reader)
        return TapCommand(
            name=command.name,
            callback=command.callback,
            context_settings=command.context_settings,
            params=command.params,
            help=command.help,
            logger=cls.logger,
        )

    def _is_selected(self, name: str) -> bool:
        """Whether the run reads a stream, if the key may; without a catalog it reads all."""
        if self.input_catalog is None:
            return True
        entry = self.input_catalog.get_stream(name)
        if entry is None:
            return False
        # As the SDK resolves it, and as the user wrote it: to the SDK a stream whose inclusion is
        # `unsupported` is never selected, and what the user asked for would silently not happen.
        root = entry.metadata.get(())
        return entry.metadata.resolve_selection().get((), True) or bool(root and root.selected)

    def _check_config(self) -> None:
        super()._check_config()
        refuse_unknown_streams(self._config.get("full_sweep") or ())
        _ = self.client  # whose checks are the key's and the URL's
