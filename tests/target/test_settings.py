"""Settings of another type than they take, and files and variables that hold none: one sentence each."""

from __future__ import annotations

import re
from typing import Any

import pytest

from target_lightfield.target import TargetLightfield
from tests.setting_values import wrong_values
from tests.target.target_runs import Setup, rows

ACME = rows("accounts", {"id": "a1", "name": "Acme"})
TargetLightfield.append_builtin_config(TargetLightfield.config_jsonschema)
PROPERTIES = TargetLightfield.config_jsonschema["properties"]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in PROPERTIES for value in wrong_values(PROPERTIES[name])]
)
def test_a_value_of_another_type_is_named_with_its_setting(target: Setup, name: str, value: Any) -> None:
    outcome = target.load(ACME, **{name: value})
    assert re.search(rf"The setting {name} must be [a-z ]+, and is [a-z ]+\.$", outcome.error)
    assert target.sandbox.stats()["requests"]["write"] == {}


# Without these it would write elsewhere than in the test's own places.
_PLACES = {"api_key", "api_url", "id_map", "rejects_path"}


@pytest.mark.parametrize("name", sorted(PROPERTIES.keys() - _PLACES))
def test_a_setting_that_is_null_is_as_good_as_none(target: Setup, name: str) -> None:
    assert target.loaded(ACME, **{name: None}).count("accounts") == {"created": 1}


@pytest.mark.parametrize(
    ("objects", "says"),
    [({"accounts": 5}, "accounts"), ({"accounts": {"match_on": "name"}}, "match_on")],
    ids=str,
)
def test_a_part_of_another_type_is_named_with_its_setting(target: Setup, objects: Any, says: str) -> None:
    error = target.load(ACME, objects=objects).error
    assert "config['objects']" in error
    assert says in error


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("MAX_REJECTS", "ten", "The setting max_rejects must be a whole number"),
        ("REQUESTS_PER_SECOND", "many", "The setting requests_per_second must be a number"),
        ("OBJECTS", "{accounts", "The setting objects must be an object"),
    ],
)
def test_a_variable_that_cannot_be_read_is_named(
    target: Setup, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"TARGET_LIGHTFIELD_{variable}", value)
    outcome = target.load(ACME, options=["--config", "ENV"])
    assert says in outcome.error
    assert target.sandbox.records("account") == []


def test_a_number_in_a_variable_is_one(target: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET_LIGHTFIELD_REQUESTS_PER_SECOND", "500.5")
    assert target.loaded(ACME, options=["--config", "ENV"]).count("accounts") == {"created": 1}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "can't be read: No such file or directory"),
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b"\xff", "is not UTF-8 text"),
    ],
    ids=["missing", "empty", "half", "a list", "no text"],
)
def test_a_configuration_file_that_holds_no_settings_is_named(
    target: Setup, content: bytes | None, says: str
) -> None:
    path = target.folder / "other.json"
    if content is not None:
        path.write_bytes(content)
    outcome = target.load(ACME, options=["--config", str(path)])
    assert f"The configuration file {path} {says}" in outcome.error
    assert "Traceback" not in outcome.log
