"""The files that the command's options name: what is wrong with one is said in a sentence.

The content is in no message: a configuration holds the API key.
"""

from __future__ import annotations

import io
import logging
from typing import IO, Any

from singer_sdk.exceptions import InvalidJSONSchema
from singer_sdk.singerlib import Catalog, CatalogEntry
from singer_sdk.sinks.core import JSONSchemaValidator

from lightfield_api.setting_values import UnusableSetting, json_object, text_of
from tap_lightfield.errors import PLUGIN_NAME, ConfigError


def state_file(path: str) -> IO[str]:
    """Return the text of a state file, for the SDK to read.

    An empty one is what a program leaves behind that was killed before it wrote the state, or the
    shell's ``>`` before the first run: no state, with a warning.

    Raises:
        ConfigError: It holds something that is no JSON object.
    """
    text = _text(path, "state")
    if not text.strip():
        logging.getLogger(PLUGIN_NAME).warning(
            "The state file %s is empty: this run has no state, and reads every stream from its start.", path
        )
        text = "{}"
    _object(text, path, "state")
    return io.StringIO(text)


def catalog_file(path: str) -> IO[str]:
    """Return the text of a catalog file, for the SDK to read.

    Raises:
        ConfigError: It holds something that is no catalog, or one without streams.
    """
    text = _text(path, "catalog")
    content = _object(text, path, "catalog")
    try:  # the SDK takes a catalog apart without a look at the types
        catalog = Catalog.from_dict(content)
        for entry in catalog.values():
            _check_names(entry)
            entry.metadata.resolve_selection()
            JSONSchemaValidator(entry.schema.to_dict())
    except (AttributeError, KeyError, TypeError, ValueError, InvalidJSONSchema):
        raise ConfigError(
            f"The catalog file {path} has not the form of a Singer catalog: discover it again."
        ) from None
    if not catalog:
        raise ConfigError(f"The catalog file {path} has no streams: discover it again.")
    return io.StringIO(text)


def _check_names(entry: CatalogEntry) -> None:
    """Raise TypeError where what names something is no text."""
    names = [entry.stream, entry.replication_key, entry.replication_method]
    if not isinstance(entry.tap_stream_id, str) or not isinstance(entry.key_properties or [], list):
        raise TypeError
    for name in [*names, *(entry.key_properties or [])]:
        if not isinstance(name, (str, type(None))):
            raise TypeError


def _text(path: str, kind: str) -> str:
    try:
        return text_of(path, kind)
    except UnusableSetting as e:
        raise ConfigError(str(e)) from None


def _object(text: str, path: str, kind: str) -> dict[str, Any]:
    try:
        return json_object(text, path, kind)
    except UnusableSetting as e:
        raise ConfigError(str(e)) from None
