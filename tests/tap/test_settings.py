"""Settings of another type than they take, and files and variables that hold none: one sentence each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tap_lightfield.errors import ConfigError
from tap_lightfield.tap import TapLightfield
from tests.setting_values import wrong_values
from tests.tap.scripted import KEY, Script
from tests.tap.tap_runs import cli, command, one_error, run

TapLightfield.append_builtin_config(TapLightfield.config_jsonschema)
PROPERTIES = TapLightfield.config_jsonschema["properties"]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in PROPERTIES for value in wrong_values(PROPERTIES[name])]
)
def test_a_value_of_another_type_is_named_with_its_setting(script: Script, name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=rf"^The setting {name} must be [a-z ]+, and is [a-z ]+\.$"):
        run(script.config(**{name: value}))
    assert script.requests == []


@pytest.mark.parametrize("name", sorted(PROPERTIES.keys() - {"api_key", "api_url"}))
def test_a_setting_that_is_null_is_as_good_as_none(script: Script, name: str) -> None:
    assert run(script.config(**{name: None})).streams


@pytest.mark.parametrize("value", [[5], ["emails", None], [["emails"]]])
def test_an_item_of_another_type_is_named_with_its_setting(script: Script, value: Any) -> None:
    with pytest.raises(ConfigError, match="full_sweep"):
        run(script.config(full_sweep=value))


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("LOOKBACK_WINDOW", "ten", "The setting lookback_window must be a whole number"),
        ("MAX_CONCURRENCY", "3.5", "The setting max_concurrency must be a whole number"),
        ("REQUESTS_PER_SECOND", "many", "The setting requests_per_second must be a number"),
        ("REQUESTS_PER_SECOND", "nan", "The setting requests_per_second must be a number"),
        ("FIELD_HISTORY", "{opportunities", "The setting field_history must be an object"),
        ("FIELD_HISTORY", "[]", "The setting field_history must be an object"),
        ("STREAM_MAPS", "", "The setting stream_maps must be an object"),
    ],
)
def test_a_variable_that_cannot_be_read_is_named(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"TAP_LIGHTFIELD_{variable}", value)
    result = command("--config", "ENV", config=script.config(), tmp_path=tmp_path)
    assert says in one_error(result)
    assert script.requests == []


def test_a_variable_that_holds_a_key_is_not_shown(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAP_LIGHTFIELD_LOOKBACK_WINDOW", KEY)
    result = command("--config", "ENV", config=script.config(), tmp_path=tmp_path)
    assert "TAP_LIGHTFIELD_LOOKBACK_WINDOW" in one_error(result)
    assert KEY not in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--discover"], ["--test"]], ids=str)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "can't be read: No such file or directory"),
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b'{"lookback_window": NaN}', "is not JSON"),
        (b"[]", "is not a JSON object"),
        (b"\xff", "is not UTF-8 text"),
        (b"[" * 100_000, "is not JSON"),
    ],
    ids=["missing", "empty", "half", "NaN", "a list", "no text", "deep"],
)
def test_a_configuration_file_that_holds_no_settings_is_named(
    script: Script, tmp_path: Path, content: bytes | None, says: str, arguments: list[str]
) -> None:
    path = tmp_path / "other.json"
    if content is not None:
        path.write_bytes(content)
    result = command("--config", str(path), *arguments, config=script.config(), tmp_path=tmp_path)
    assert f"The configuration file {path} {says}" in one_error(result)
    assert result.stdout == ""


def test_a_configuration_file_may_begin_with_a_byte_order_mark(script: Script, tmp_path: Path) -> None:
    (tmp_path / "marked.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(script.config()).encode())
    assert cli("--discover", "--config", "marked.json", tmp_path=tmp_path).returncode == 0


def test_a_test_of_the_connection_that_succeeds_shows_no_error(script: Script, tmp_path: Path) -> None:
    script.records["members"] = [{"id": f"mem_{n}", "fields": {}, "relationships": {}} for n in range(3)]
    result = command("--test", config=script.config(), tmp_path=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count('"RECORD"') >= 1
    assert "ERROR" not in result.stderr
