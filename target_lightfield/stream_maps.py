"""The SDK's stream maps, with what a target needs of them beyond the SDK.

Each of the source's streams has a sink of its own, also where several feed one stream: their columns and keys
are not the same. A stream that is mapped to null is gone for good. What an expression makes is held to no
schema, since the SDK can only guess its type.
"""

from __future__ import annotations

import ast
import copy
import fnmatch
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from singer_sdk.exceptions import MappingError, StreamMapConfigError
from singer_sdk.mapper import (
    MAPPER_ALIAS_OPTION,
    MAPPER_ELSE_OPTION,
    MAPPER_FILTER_OPTION,
    MAPPER_KEY_PROPERTIES_OPTION,
    MAPPER_SOURCE_OPTION,
    NULL_STRING,
    PluginMapper,
    RemoveRecordTransform,
    SameRecordTransform,
    StreamMap,
)

from lightfield_api.custom_objects import means_other_name, renamed_map
from target_lightfield.expressions import Expressions, Failure
from target_lightfield.id_map.source import stream_and_origin, stream_from
from target_lightfield.reporting.rejects_file import MAPPED_FROM

Definition = Mapping[str, Any] | None
"""What stream_maps says of one stream; None where it removes it."""

_NAMES = (MAPPER_ALIAS_OPTION, MAPPER_SOURCE_OPTION)
_OPTIONS = (*_NAMES, MAPPER_ELSE_OPTION, MAPPER_FILTER_OPTION, MAPPER_KEY_PROPERTIES_OPTION)


class MapSettings:
    """What the setting stream_maps says.

    Args:
        stream_maps: The setting.
    """

    def __init__(self, stream_maps: Mapping[str, Any] | None) -> None:
        self._all: dict[str, Any] = {
            name: None if definition == NULL_STRING else definition
            for name, definition in (stream_maps if isinstance(stream_maps, dict) else {}).items()
            if name != MAPPER_ELSE_OPTION
        }

    def renamed(self, other: str, stream: str) -> MapSettings:
        """Return the settings with another spelling of a stream's name replaced by its name."""
        return MapSettings(renamed_map(self._all, other, stream))

    def check(self) -> None:
        """Check what can be checked before any row has come, and before the SDK does, which fails on some.

        Raises:
            MappingError: An expression can't be read, or something else is there in place of one.
        """
        for name, definition in self._all.items():
            if definition is None:
                continue
            if not isinstance(definition, dict):
                raise StreamMapConfigError(f"{name!r} must be an object of columns, or null")
            _check_names(name, definition)
            if definition.get(MAPPER_ELSE_OPTION) not in (None, NULL_STRING):
                raise StreamMapConfigError(f"{MAPPER_ELSE_OPTION} of {name!r} can be null only")
            for column, expression in _expressions(definition):
                _check_expression(name, column, expression)

    def is_mapped(self, source: str) -> bool:
        """Whether there is anything about one of the source's streams."""
        return any(_matches(_source_of(name, d), source) for name, d in self._all.items())

    def definitions(self, source: str) -> Sequence[Definition]:
        """Return the definitions of what the SDK makes of a stream, in its order: itself, and what else."""
        own: Definition = {}
        others: list[Definition] = []
        for name, definition in self._all.items():
            if _matches(_source_of(name, definition), source):
                if definition and MAPPER_SOURCE_OPTION in definition:
                    others.append(definition)
                else:
                    own = definition
        return [own, *others]

    def is_shared(self, stream: str, source: str) -> bool:
        """Whether another one of the source's streams may feed a stream beside this one."""
        return any(self._may_feed(name, definition, stream, source) for name, definition in self._all.items())

    def marks(self, stream: str) -> Mapping[str, str | None]:
        """Return what a rejects file says of rows of a stream that these maps may have made."""
        return {MAPPED_FROM: stream} if self.is_mapped(stream) or self.is_shared(stream, stream) else {}

    def _may_feed(self, name: str, definition: Definition, stream: str, beside: str) -> bool:
        if definition is None:
            return False
        if (source := definition.get(MAPPER_SOURCE_OPTION)) is not None:
            return name == stream and source != beside
        if MAPPER_ALIAS_OPTION in definition:
            # Of a pattern's sources any name will do to see what they are all called.
            return name != beside and alias_of(definition, name) == stream
        return name == stream != beside


Fail: TypeAlias = Callable[["Output", dict[str, Any], dict[str, Any], Failure], None]
"""Takes a row as it came, as far as it could be mapped, and why not further."""


class Output(StreamMap):
    """What one of the source's streams becomes.

    Args:
        stream_map: The SDK's.
        source: What the source calls the stream.
        definition: What the settings say of it.
        schema: The stream's schema as it came.
        key_properties: Its key as it came.
        fail: Is told of what could not be mapped.
    """

    def __init__(
        self,
        stream_map: StreamMap,
        source: str,
        definition: Definition,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
        fail: Fail,
    ) -> None:
        stream = stream_map.stream_alias
        if isinstance(stream_map, RemoveRecordTransform):
            stream = ""  # which no stream is called
        name = stream if stream == source else stream_from(stream, source)
        super().__init__(name, schema, key_properties, None)
        self.source = source
        self.transformed_schema = _without_types(stream_map.transformed_schema, definition or {})
        self.transformed_key_properties = stream_map.transformed_key_properties
        self._expressions = Expressions(stream_map)
        self._filter = stream_map.get_filter_result
        self._fail = fail

    def transform(self, record: dict[str, Any]) -> dict[str, Any] | None:
        """Return what a row becomes; None if it is left out, or could not be mapped."""
        row, failure = self._expressions.map(record)
        if failure is None:
            return row
        self._fail(self, record, row or {}, failure)
        return None

    def get_filter_result(self, record: dict[str, Any]) -> bool:
        """Whether a row is not left out."""
        return self._filter(record)


class TargetMapper(PluginMapper):
    """Maps the source's streams onto those of the target.

    Args:
        config: The target's settings.
        logger: The SDK's.
        fail: Is told of what could not be mapped.

    Raises:
        MappingError: The settings can't be used.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        logger: logging.Logger,
        fail: Fail,
    ) -> None:
        maps = copy.deepcopy(config.get("stream_maps") or {})
        self._settings = MapSettings(maps)
        super().__init__({**config, "stream_maps": maps}, logger)
        self._fail = fail
        self._as_they_are: set[str] = set()

    def as_mapped(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return a message of a rejects file so that what an earlier run has mapped is not mapped again."""
        source = message.get(MAPPED_FROM)
        if not isinstance(source, str):
            return message
        name = stream_from(message["stream"], source)
        self._as_they_are.add(name)
        return {**message, "stream": name}

    def may_be_spelled_otherwise(self, stream: str) -> bool:
        """Whether the settings may mean a custom object's stream by its other name: only that has hyphens."""
        maps = self.stream_maps_dict
        sources = [str(one.get(MAPPER_SOURCE_OPTION)) for one in maps.values() if isinstance(one, dict)]
        return bool(maps) and any("-" in name for name in (stream, *maps, *sources))

    def take_spellings(self, stream: str, spellings: Sequence[str]) -> None:
        """Let what the settings say of a stream in another spelling be of the stream.

        Args:
            stream: The stream as the feed calls it.
            spellings: The names that it goes by.

        Raises:
            MappingError: A pattern for several streams would miss it in the spelling that it has.
        """
        for other in spellings:
            self.stream_maps_dict = renamed_map(self.stream_maps_dict, other, stream)
            self._settings = self._settings.renamed(other, stream)
            for pattern in self.stream_maps_dict:
                if pattern != other and means_other_name(pattern, other, stream):
                    raise StreamMapConfigError(
                        f"the setting stream_maps names {pattern!r}, which means '{other}', but the stream "
                        f"comes as '{stream}': name it so."
                    )

    def register_raw_stream_schema(
        self, stream_name: str, schema: dict[str, Any], key_properties: Sequence[str] | None
    ) -> None:
        """Take up the schema of one of the source's streams.

        Raises:
            MappingError: The settings can't be used with it.
        """
        self.stream_maps.pop(stream_name, None)
        if stream_name in self._as_they_are:
            stream, source = stream_and_origin(stream_name)
            maps: list[StreamMap] = [SameRecordTransform(stream, schema, key_properties, None)]
            definitions: Sequence[Definition] = [{}]
        else:
            source = stream_name
            super().register_raw_stream_schema(stream_name, schema, key_properties)
            maps, definitions = self.stream_maps[stream_name], self._settings.definitions(stream_name)
        self.stream_maps[stream_name] = [
            Output(one, source or stream_name, definition, schema, key_properties, self._fail)
            for one, definition in zip(maps, definitions, strict=True)
        ]


def alias_of(definition: Mapping[str, Any], source: str) -> str:
    """Return what a stream is called by a definition that has an alias."""
    return str(PluginMapper._eval_stream(definition[MAPPER_ALIAS_OPTION], source))


def _source_of(name: str, definition: Definition) -> str:
    return str((definition or {}).get(MAPPER_SOURCE_OPTION, name))


def _matches(pattern: str, source: str) -> bool:
    return pattern == source or fnmatch.fnmatch(source, pattern)


def _expressions(definition: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for column, expression in definition.items():
        is_option = column in _OPTIONS and column != MAPPER_FILTER_OPTION
        if not is_option and expression is not None and expression != NULL_STRING:
            yield column, expression


def _check_names(name: str, definition: Mapping[str, Any]) -> None:
    for option in _NAMES:
        if option in definition and not isinstance(definition[option], str):
            raise StreamMapConfigError(f"{option} of {name!r} must be a text")
    if MAPPER_ALIAS_OPTION in definition:
        try:
            alias_of(definition, name)
        except MappingError:
            raise
        except Exception as e:
            raise StreamMapConfigError(f"{MAPPER_ALIAS_OPTION} of {name!r} can't be evaluated") from e


def _check_expression(name: str, column: str, expression: Any) -> None:
    if not isinstance(expression, str):
        raise StreamMapConfigError(f"{column!r} of {name!r} must be an expression or null")
    try:
        [first, *_] = ast.parse(expression).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        first = None
    if not isinstance(first, ast.Expr):
        raise StreamMapConfigError(f"the expression of {column!r} of {name!r} can't be read: {expression}")


def _without_types(schema: dict[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that takes any value of the columns that expressions make."""
    made = {column for column, _ in _expressions(definition)}
    properties = {name: {} if name in made else type_ for name, type_ in schema["properties"].items()}
    return {**schema, "properties": properties}
