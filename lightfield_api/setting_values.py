"""The values of settings: where they are read from, and what is wrong with them in one sentence.

No message shows a value: it may be an API key.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

_Json = dict[str, Any]
_Parser = Callable[[_Json, str], _Json]

ENVIRONMENT = "ENV"
"""What ``--config`` names for the environment, beside files."""

_CALLED = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


class UnusableSetting(Exception):
    """A setting, or the file that it stands in, can't be used: one sentence that says what to do."""


def settings_in(paths: Iterable[str]) -> _Json:
    """Return the settings in the files that ``--config`` names, those of a later file first.

    Raises:
        UnusableSetting: A file can't be read, or holds no JSON object.
    """
    config: _Json = {}
    for path in paths:
        if path != ENVIRONMENT:
            config |= json_object(text_of(path, "configuration"), path, "configuration")
    return config


def text_of(path: str, kind: str) -> str:
    """Return the text of a file, ``-`` being standard input.

    Args:
        path: The file.
        kind: What it is, for the message: ``configuration``.

    Raises:
        UnusableSetting: It can't be read, or is no UTF-8.
    """
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except OSError as e:
        raise UnusableSetting(f"The {kind} file {path} can't be read: {e.strerror}.") from None
    except ValueError:
        raise UnusableSetting(f"The {kind} file {path} is not UTF-8 text.") from None


def json_object(text: str, path: str, kind: str) -> _Json:
    """Return the JSON object that the text of a file is.

    Args:
        text: The text.
        path: The file, for the message.
        kind: What it is, for the message: ``configuration``.

    Raises:
        UnusableSetting: It is no JSON object.
    """
    try:
        content: Any = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise UnusableSetting(f"The {kind} file {path} is not JSON: correct it, or leave it out.") from None
    if not isinstance(content, dict):
        raise UnusableSetting(f"The {kind} file {path} is not a JSON object: correct it, or leave it out.")
    return content


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def variables(properties: Mapping[str, Any], prefix: str, parse: _Parser) -> _Json:
    """Return the settings in the environment.

    Args:
        properties: The JSON Schema of each setting.
        prefix: What the variables begin with, ``TAP_LIGHTFIELD_``.
        parse: The SDK's parser, which takes a schema and the prefix. It gets each setting alone, so that one
            that it can't read has a name.

    Raises:
        UnusableSetting: A variable holds something else than its setting takes.
    """
    config: _Json = {}
    for name, schema in properties.items():
        try:
            config |= parse({"properties": {name: schema}}, prefix)
        except (ValueError, RecursionError):
            raise UnusableSetting(
                f"The setting {name} must be {_expected(schema)}: correct the environment variable "
                f"{prefix}{name.upper()}."
            ) from None
    return config


def with_numbers(config: Mapping[str, Any], properties: Mapping[str, Any]) -> _Json:
    """Return the settings with numbers for those that came as text, as from the environment."""
    return {
        name: _number(value) if "number" in _types(properties.get(name, {})) else value
        for name, value in config.items()
    }


def wrong_type(config: Mapping[str, Any], properties: Mapping[str, Any]) -> str | None:
    """Return one sentence about a setting whose value is of another type than it takes; None without any.

    ``{"api_url": true}`` → "The setting api_url must be text, and is true or false."

    Args:
        config: The settings that are set; null is as good as none.
        properties: The JSON Schema of each setting.
    """
    for name, value in config.items():
        schema = properties.get(name, {})
        types = _types(schema)
        if value is not None and types and not any(_is(value, each) for each in types):
            return f"The setting {name} must be {_expected(schema)}, and is {_shown(value)}."
    return None


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return number if math.isfinite(number) else value


def _types(schema: Mapping[str, Any]) -> list[str]:
    """Return the JSON types that a setting may have, null apart; none if any will do."""
    types = schema.get("type", [])
    return [each for each in (types if isinstance(types, list) else [types]) if each in _CALLED]


def _is(value: Any, json_type: str) -> bool:
    is_truth = isinstance(value, bool)  # which in Python is a number
    return isinstance(value, _PYTHON_TYPES[json_type]) and is_truth == (json_type == "boolean")


def _expected(schema: Mapping[str, Any]) -> str:
    return " or ".join(_CALLED[each] for each in _types(schema))


def _shown(value: Any) -> str:
    return next((called for json_type, called in _CALLED.items() if _is(value, json_type)), "something else")
