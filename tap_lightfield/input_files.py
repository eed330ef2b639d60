"""The files that the command's options name: what is wrong with one is said in a sentence.

The content is in no message: a configuration holds the API key.
"""

from __future__ import annotations

import io
import logging
from typing import IO, Any

import click
from singer_sdk.exceptions import InvalidJSONSchema
from singer_sdk.helpers._util import load_json
from singer_sdk.singerlib import Catalog, CatalogEntry
from singer_sdk.sinks.core import JSONSchemaValidator

from tap_lightfield.errors import PLUGIN_NAME, ConfigError


def config_file(path: str) -> dict[str, Any]:
    """Return the settings in a file. Raises ConfigError."""
    return _object(_text(path, "configuration"), path, "configuration")


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
        with click.open_file(path, encoding="utf-8-sig") as file:
            text: str = file.read()
    except OSError as e:
        raise ConfigError(f"The {kind} file {path} can't be read: {e.strerror}.") from None
    except ValueError:
        raise ConfigError(f"The {kind} file {path} is not UTF-8 text.") from None
    return text


def _object(text: str, path: str, kind: str) -> dict[str, Any]:
    try:
        content: Any = load_json(text)
    except (ValueError, RecursionError):
        raise ConfigError(f"The {kind} file {path} is not JSON: correct it, or leave it out.") from None
    if not isinstance(content, dict):
        raise ConfigError(f"The {kind} file {path} is not a JSON object: correct it, or leave it out.")
    return content
