"""Whether a row is valid against its schema, formats included."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

_formats = FormatChecker(formats=())  # jsonschema checks date-time only with a package we don't have


@_formats.checks("date-time")
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not _RFC_3339.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", value).replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def assert_valid(row: dict[str, Any], schema: dict[str, Any]) -> None:
    Draft202012Validator(schema, format_checker=_formats).validate(row)
    assert row.keys() <= schema["properties"].keys()
