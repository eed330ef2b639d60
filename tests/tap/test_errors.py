"""What users see when something is wrong: one sentence, exit code 1, and never the key."""

from __future__ import annotations

import json
import logging
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.rate_limit import RateLimit
from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import ConfigError, DiscoveryFailed, StreamStopped, TapError
from tap_lightfield.tap import TapLightfield
from tests.tap.scripted import KEY, Script, record
from tests.tap.tap_runs import cli, command, discover, one_error, run


def _one_error(result: subprocess.CompletedProcess[str]) -> str:
    """The only ERROR line of a command that failed before it wrote anything."""
    assert result.stdout == ""
    return one_error(result)


@pytest.mark.parametrize("config", [{}, {"api_key": ""}, {"api_key": "  "}], ids=["none", "empty", "blank"])
def test_the_command_without_a_key_says_so_in_one_sentence(config: dict[str, Any], tmp_path: Path) -> None:
    error = _one_error(cli(config=config, tmp_path=tmp_path))
    assert "There is no API key" in error
    assert "TAP_LIGHTFIELD_API_KEY" in error


def test_a_setting_that_nobody_knows_ends_the_run_and_names_the_nearest(tmp_path: Path) -> None:
    error = _one_error(command(config={"api_key": KEY, "start_data": "2024-01-01"}, tmp_path=tmp_path))
    assert "'start_data' (nearest: start_date)" in error


def test_a_variable_that_is_not_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAP_LIGHTFIELD_API_KEY", KEY)
    monkeypatch.setenv("TAP_LIGHTFIELD_START_DATE", "2024-01-01")

    result = command(config={}, tmp_path=tmp_path)

    assert "There is no API key" in _one_error(result)
    assert "TAP_LIGHTFIELD_API_KEY is set in the environment and not read" in _one_error(result)
    assert "TAP_LIGHTFIELD_START_DATE is set in the environment and not read" in result.stderr
    assert KEY not in result.stderr


def test_the_command_with_a_malformed_key_says_so_in_one_sentence(tmp_path: Path) -> None:
    error = _one_error(cli(config={"api_key": "sk_lf_half of\nit"}, tmp_path=tmp_path))
    assert "copy it again" in error
    assert "half" not in error


@pytest.mark.parametrize("mode", ["--discover", "sync"])
def test_the_command_with_a_revoked_key_says_so_in_one_sentence(
    sandbox: Sandbox, tmp_path: Path, mode: str
) -> None:
    sandbox.revoke(sandbox.key)
    config = {"api_key": sandbox.key, "api_url": sandbox.url}
    args = [mode] if mode == "--discover" else []
    error = _one_error(cli(*args, config=config, tmp_path=tmp_path))
    assert "Lightfield refused the API key: it is wrong or revoked. Create one" in error
    assert sandbox.stats()["requests"]["search"] == {}


def test_the_command_with_a_selected_stream_out_of_scope_says_so_in_one_sentence(
    start_sandbox: Any, tmp_path: Path
) -> None:
    sandbox = start_sandbox(keys={"narrow": ["accounts:read"]})
    (tmp_path / "catalog.json").write_text(
        json.dumps(discover({"api_key": sandbox.key, "api_url": sandbox.url}))
    )
    config = {"api_key": sandbox.keys["narrow"], "api_url": sandbox.url}
    error = _one_error(cli("--catalog", "catalog.json", config=config, tmp_path=tmp_path))
    assert "contacts:read" in error


def test_the_command_that_fails_in_the_middle_names_the_stream_and_writes_no_new_bookmark(
    script: Script, tmp_path: Path
) -> None:
    script.records["accounts"] = [record(1)]
    script.answers["/v1/contacts"] = (400, {"error": {"type": "bad_request", "message": "two\nlines"}})
    result = cli(config=script.config(), tmp_path=tmp_path)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    (error,) = [line for line in result.stderr.splitlines() if "ERROR" in line]
    assert "Stream 'contacts' stopped: two lines" in error
    state = json.loads([line for line in result.stdout.splitlines() if '"STATE"' in line][-1])
    assert "replication_key_value" in state["value"]["bookmarks"]["accounts"]
    assert "replication_key_value" not in state["value"]["bookmarks"].get("contacts", {})


def test_the_command_reads_its_settings_from_the_environment(sandbox: Sandbox, tmp_path: Path) -> None:
    env = {
        "TAP_LIGHTFIELD_API_KEY": sandbox.key,
        "TAP_LIGHTFIELD_API_URL": sandbox.url,
        "TAP_LIGHTFIELD_REQUESTS_PER_SECOND": "500",
        "TAP_LIGHTFIELD_LOOKBACK_WINDOW": "0",
    }
    result = cli("--config", "ENV", "--discover", tmp_path=tmp_path, env=env)
    assert result.returncode == 0, result.stderr
    assert len(json.loads(result.stdout)["streams"]) == 25


def test_the_key_is_in_no_output_of_the_command_at_debug(sandbox: Sandbox, tmp_path: Path) -> None:
    config = {"api_key": sandbox.key, "api_url": sandbox.url}
    result = cli(config=config, tmp_path=tmp_path, env={"LOGLEVEL": "DEBUG"})
    assert result.returncode == 0, result.stderr
    assert "DEBUG" in result.stderr
    assert '"RECORD"' in result.stdout
    assert sandbox.key not in result.stdout + result.stderr


LOG_EVERYTHING = """
version: 1
disable_existing_loggers: false
handlers: {all: {class: logging.StreamHandler, stream: "ext://sys.stderr", level: DEBUG}}
loggers: {urllib3.connectionpool: {level: DEBUG, propagate: false, handlers: [all]}}
root: {level: DEBUG, handlers: [all]}
"""


def test_no_query_or_signed_url_is_in_the_log_however_it_is_configured(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "logging.yaml").write_text(LOG_EVERYTHING)
    config = {"api_key": sandbox.key, "api_url": sandbox.url, "file_download_dir": str(tmp_path / "files")}
    env = {"SINGER_SDK_LOG_CONFIG": str(tmp_path / "logging.yaml")}
    result = cli(config=config, tmp_path=tmp_path, env=env)
    assert result.returncode == 0, result.stderr
    assert sandbox.stats()["downloads"] > 10
    assert "GET /v1/accounts?…" in result.stderr
    for secret in ("limit=", "signature", "/_files/", sandbox.key):
        assert secret not in result.stderr


@pytest.mark.parametrize("fault_from", ["the start", "a stream"])
def test_a_pause_that_is_too_long_is_one_sentence_that_says_until_when(
    start_sandbox: Any, fault_from: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = start_sandbox(retry_after=3600)
    config = {"api_key": sandbox.key, "api_url": sandbox.url}
    search = LightfieldClient.search

    def throttled(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        sandbox.set_faults("429:1")
        return search(self, *path, **options)

    if fault_from == "the start":
        sandbox.set_faults("429:1")
    else:
        monkeypatch.setattr(LightfieldClient, "search", throttled)
    with pytest.raises(TapError, match=r"asks for a pause until 2.*try again then") as caught:
        run(config)
    assert "can't be reached" not in str(caught.value)


def _plant(script: Script, where: str) -> dict[str, Any]:
    error = {"error": {"type": KEY, "code": KEY, "param": KEY, "message": f"key {KEY} is bad"}}
    if where == "an answer to validate":
        script.answers["/v1/auth/validate"] = (400, error)
    elif where == "an answer to definitions":
        script.answers["/v1/notes/definitions"] = (422, error)
    elif where == "an answer in the middle":
        script.answers["/v1/notes"] = (500, error)
    elif where == "a page of HTML":
        script.answers["/v1/notes"] = (404, f"<html>{KEY}</html>")
    settings: dict[str, Any] = {
        "api_url": {"api_url": f"{script.url}/{KEY}"},
        "api_url in capitals": {"api_url": f"https://{KEY.upper()}.example"},
        "start_date": {"start_date": KEY},
        "lookback_window": {"lookback_window": KEY},
        "max_concurrency": {"max_concurrency": [KEY]},
        "requests_per_second": {"requests_per_second": KEY},
        "field_history": {"field_history": {KEY: ["$stage"]}},
        "file_download_dir": {"file_download_dir": f"/dev/null/{KEY}"},
        "stream_maps": {"stream_maps": {"accounts": {"x": KEY}}},
        "api_key as a list": {"api_key": [KEY]},
        "api_key with a blank": {"api_key": f"{KEY} "},
    }
    return script.config(**settings.get(where, {}))


@pytest.mark.parametrize(
    "where",
    [
        "an answer to validate", "an answer to definitions", "an answer in the middle", "a page of HTML",
        "api_url", "api_url in capitals", "start_date", "lookback_window", "max_concurrency",
        "requests_per_second", "field_history", "file_download_dir", "stream_maps", "api_key as a list",
        "api_key with a blank",
    ],
)  # fmt: skip
def test_the_key_is_in_no_error_wherever_it_comes_from(
    script: Script, where: str, caplog: pytest.LogCaptureFixture, impatient: None
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TapError) as caught:
        run(_plant(script, where))
    caught.value.show()
    output = caplog.text + json.dumps(caught.value.written) + str(caught.value)  # type: ignore[attr-defined]
    assert KEY.lower() not in output.lower()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"api_url": "ftp://x"}, "api_url must begin with https://"),
        ({"api_url": "http://example.com"}, "api_url must begin with https://"),
        ({"api_url": "nonsense"}, "api_url"),
        ({"start_date": "soon"}, "start_date is 'soon'"),
        ({"start_date": "2025-13-01"}, "start_date is '2025-13-01'"),
        ({"lookback_window": -1}, "lookback_window"),
        ({"max_concurrency": 0}, "max_concurrency"),
        ({"requests_per_second": 0}, "requests_per_second"),
        ({"requests_per_second": "many"}, "requests_per_second"),
        ({"api_key": 5}, "api_key must be text"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(script: Script, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        run(script.config(**settings))
    assert script.requests == []


def test_settings_that_are_null_or_blank_take_their_defaults(script: Script) -> None:
    script.records["accounts"] = [record(1)]
    empty = {"start_date": "", "lookback_window": None, "max_concurrency": None, "requests_per_second": None}
    assert len(run(script.config(**empty)).rows("accounts")) == 1


def test_a_configuration_that_is_handed_over_is_left_as_it_was(script: Script) -> None:
    config = script.config(start_date="2025-01-01")
    before = dict(config)
    run(config)
    assert config == before


def test_a_server_that_is_gone_is_said_to_be_out_of_reach(sandbox: Sandbox, impatient: None) -> None:
    config = {"api_key": sandbox.key, "api_url": sandbox.url}
    sandbox.stop()
    with pytest.raises(DiscoveryFailed, match=f"can't be reached at {sandbox.url}.*Check api_url") as caught:
        run(config)
    assert caught.value.exit_code == 1


def test_a_server_that_is_not_lightfield_is_said_to_be_another(script: Script) -> None:
    for answer in [(200, "<html>Welcome</html>"), (404, "<html>Not here</html>"), (200, {"hello": "world"})]:
        script.answers["/v1/auth/validate"] = answer
        with pytest.raises(DiscoveryFailed, match=r"is not Lightfield's.*Check api_url"):
            run(script.config())


def test_errors_that_last_end_the_run_before_any_stream(sandbox: Sandbox, impatient: None) -> None:
    sandbox.set_faults("500:1")
    with pytest.raises(DiscoveryFailed, match="can't be reached") as caught:
        run({"api_key": sandbox.key, "api_url": sandbox.url})
    assert caught.value.written == []  # type: ignore[attr-defined]


def test_errors_that_pass_are_not_seen(sandbox: Sandbox, retry_policy: Callable[..., None]) -> None:
    retry_policy(first_wait=0.0, longest_wait=0.0)
    sandbox.set_faults("503:0.2,reset:0.1")
    output = run({"api_key": sandbox.key, "api_url": sandbox.url})
    assert output.ids("contacts") == {r["id"] for r in sandbox.records("contact")}


def test_a_key_revoked_during_the_run_stops_the_stream_it_was_in(script: Script) -> None:
    script.answers["/v1/members"] = (401, {"error": {"type": "unauthorized"}})
    with pytest.raises(StreamStopped, match="'members' stopped: Lightfield refused the API key"):
        run(script.config())


@pytest.mark.parametrize(("limit", "patience"), [(1, 0.05), (2, 30)])
def test_no_more_definitions_are_read_at_once_than_max_concurrency(
    script: Script, limit: int, patience: float
) -> None:
    under_way, most, changed = 0, 0, threading.Condition()

    def watch(path: str) -> None:
        nonlocal under_way, most
        if not path.endswith("/definitions"):
            return
        with changed:
            under_way += 1
            most = max(most, under_way)
            changed.notify_all()
            changed.wait_for(lambda: most > 1, timeout=patience)  # for a second one to come
            under_way -= 1

    script.on_request = watch
    discover(script.config(max_concurrency=limit))
    assert most == limit


def test_requests_per_second_is_the_ceiling_of_the_budget(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    ceilings = []

    def budget(ceiling: float | None) -> RateLimit:
        ceilings.append(ceiling)
        return RateLimit(ceiling)

    monkeypatch.setattr("lightfield_api.client.RateLimit", budget)
    discover(script.config(requests_per_second=500))
    discover(script.config(requests_per_second="500.5"))
    discover(script.config())
    assert ceilings == [500, 500.5, None]


def test_the_key_is_required_and_secret() -> None:
    schema = TapLightfield.config_jsonschema
    assert schema["required"] == ["api_key"]
    assert [name for name, setting in schema["properties"].items() if setting.get("secret")] == ["api_key"]


def test_every_setting_is_in_the_documentation_with_its_default() -> None:
    repository = Path(__file__).parents[2]
    page = (repository / "docs" / "tap.md").read_text()
    table = (repository / "README.md").read_text().partition("## Settings of tap-lightfield")[2]
    builtin: dict[str, Any] = {}
    TapLightfield.append_builtin_config(builtin)
    for name, setting in TapLightfield.config_jsonschema["properties"].items():
        if name in builtin["properties"]:
            assert name in page
        elif name in TapLightfield.config_jsonschema["required"]:
            assert f"| `{name}` | **required** |" in table
        else:
            default = setting.get("default")
            default = (
                "" if default is None else f"`{default if isinstance(default, str) else json.dumps(default)}`"
            )
            assert f"| `{name}` | {default} |" in table
