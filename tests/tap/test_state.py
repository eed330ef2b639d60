"""The state, catalog and configuration that a run is given: what can't be used is said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tap_lightfield.errors import ConfigError
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import cli, command, discover, one_error, only, run

NOW = "Mon, 01 Dec 2025 12:00:00 GMT"
FUTURE = "2099-01-01T00:00:00+00:00"


def bookmark(value: Any, key: str = "updated_at", **members: Any) -> dict[str, Any]:
    return {"replication_key": key, "replication_key_value": value, **members}


def state(stream: str, entry: Any) -> dict[str, Any]:
    return {"bookmarks": {stream: entry}}


# Files


@pytest.mark.parametrize("text", ["", " \n", "\ufeff"], ids=["nothing", "blanks", "a BOM"])
def test_an_empty_state_file_is_no_state_and_a_warning(script: Script, tmp_path: Path, text: str) -> None:
    script.records["accounts"] = [record(1)]
    (tmp_path / "state.json").write_text(text)

    result = command("--state", str(tmp_path / "state.json"), config=script.config(), tmp_path=tmp_path)

    assert result.returncode == 0, result.stderr
    assert '"rec_1"' in result.stdout
    assert "state.json is empty" in result.stderr


@pytest.mark.parametrize(
    "content",
    [
        b"garbage", b'{"bookmarks": ', b"\xff\xfe\x00", b"[" * 100_000, b"null", b"5", b"[]", b'"text"',
        b'{"bookmarks": null}', b'{"bookmarks": []}', b'{"bookmarks": 5}', b'{"singer_state": {}}',
        b'{"bookmarks": {"accounts": null}}', b'{"bookmarks": {"accounts": 5}}',
        b'{"bookmarks": {"accounts": []}}',
    ],
    ids=lambda content: content[:40].decode("latin-1"),
)  # fmt: skip
def test_a_state_file_of_another_form_is_said_in_one_sentence(
    script: Script, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "state.json").write_bytes(content)

    result = command("--state", str(tmp_path / "state.json"), config=script.config(), tmp_path=tmp_path)

    assert "state" in one_error(result)
    assert result.stdout == ""


@pytest.mark.parametrize(
    "content",
    [
        "", "garbage", "null", "[]", "{}", '{"streams": []}', '{"streams": null}', '{"streams": {}}',
        '{"streams": [null]}', '{"streams": [{}]}', '{"streams": [{"tap_stream_id": []}]}',
        '{"streams": [{"tap_stream_id": "accounts", "schema": null}]}',
        '{"streams": [{"tap_stream_id": "accounts", "schema": {"properties": []}}]}',
        '{"streams": [{"tap_stream_id": "accounts", "schema": {"properties": {"id": {"type": 1000}}}}]}',
        '{"streams": [{"tap_stream_id": "accounts", "metadata": [{"breadcrumb": 5}]}]}',
        '{"streams": [{"tap_stream_id": "accounts", "schema": {}, "replication_key": {"a": 1}}]}',
        '{"streams": [{"tap_stream_id": 1.5, "schema": {}}]}', '{"streams": [{"tap_stream_id": null}]}',
        '{"streams": [{"tap_stream_id": "accounts", "schema": {}, "replication_method": ["a"]}]}',
        '{"streams": [{"tap_stream_id": "accounts", "schema": {}, "key_properties": [{}]}]}',
        '{"streams": [{"tap_stream_id": "accounts", "schema": {}, "key_properties": 5}]}',
        '{"streams": [{"tap_stream_id": "accounts", "metadata": [{"breadcrumb": [], "metadata": 5}]}]}',
    ],
)  # fmt: skip
def test_a_catalog_file_of_another_form_is_said_in_one_sentence(
    script: Script, tmp_path: Path, content: str
) -> None:
    (tmp_path / "catalog.json").write_text(content)

    result = command("--catalog", str(tmp_path / "catalog.json"), config=script.config(), tmp_path=tmp_path)

    assert "The catalog file" in one_error(result)
    assert result.stdout == ""
    assert script.requests == []


def test_a_stream_is_told_by_its_id_whatever_a_catalog_calls_it(script: Script) -> None:
    script.records["accounts"] = [record(0)]
    catalog = only(discover(script.config()), "accounts")
    for entry in catalog["streams"]:
        entry["stream"] = f"other {entry['stream']}"

    output = run(script.config(), catalog=catalog)

    assert [row["id"] for row in output.rows("accounts")] == [record(0)["id"]]


@pytest.mark.parametrize("option", ["--state", "--catalog", "--config"])
@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_path_that_leads_to_no_file_is_said_in_one_sentence(
    script: Script, tmp_path: Path, option: str, kind: str
) -> None:
    (tmp_path / "folder").mkdir()

    result = command(option, str(tmp_path / kind), config=script.config(), tmp_path=tmp_path)

    reason = {"missing": "No such file or directory", "folder": "Is a directory"}[kind]
    assert f"{kind} can't be read: {reason}" in one_error(result)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"api_key": "sk_lf_secret"'])
def test_a_configuration_file_of_another_form_is_said_without_its_content(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "settings.json").write_bytes(content)

    settings = str(tmp_path / "settings.json")

    error = one_error(command("--config", settings, config={}, tmp_path=tmp_path))

    assert f"The configuration file {settings} is not" in error
    assert "secret" not in error


def test_several_configurations_and_the_environment_are_put_together(script: Script, tmp_path: Path) -> None:
    (tmp_path / "more.json").write_text(json.dumps({"api_url": script.url, "max_concurrency": 1.5}))
    arguments = ["--config", "more.json", "--config", "ENV", "--discover"]
    env = {"TAP_LIGHTFIELD_MAX_CONCURRENCY": "2"}

    result = cli(*arguments, config={"api_key": "sk_lf_scripted"}, tmp_path=tmp_path, env=env)

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["streams"]


@pytest.mark.parametrize("option", ["--state", "--catalog", "--config"])
def test_the_installed_command_says_it_in_one_sentence_too(
    script: Script, tmp_path: Path, option: str
) -> None:
    (tmp_path / "garbage").write_text("garbage")
    error = one_error(cli(option, "garbage", config=script.config(), tmp_path=tmp_path))
    assert "file garbage is not JSON: correct it" in error


# Nested types


@pytest.mark.parametrize(
    "members",
    [
        {"replication_key": 5},
        {"progress_markers": None},
        {"progress_markers": "x"},
        {"partitions": None},
        {"partitions": [{"context": {}}]},
        {"fields_read": 5},
        {"fields_read": [5]},
        {"files_to_read_again": "fil_1"},
        {"files_to_read_again": [{}]},
        {"full_sweep_version": "5"},
        {"full_sweep_version": True},
    ],
    ids=str,
)
def test_a_member_of_another_type_is_named_with_its_stream(script: Script, members: dict[str, Any]) -> None:
    [name] = members
    with pytest.raises(ConfigError, match=rf"The state of stream 'files'.*its {name} is not .*Correct it"):
        run(script.config(), state=state("files", members))
    assert script.pages("files") == 0


@pytest.mark.parametrize("value", [5, True, [], {}, "soon", "0001-01-01T00:00:00+05:00", "10000-01-01"])
def test_a_bookmark_that_is_no_moment_is_named_with_its_stream(script: Script, value: Any) -> None:
    with pytest.raises(ConfigError, match=r"bookmark of stream 'emails' is no date-time: correct it"):
        run(script.config(), state=state("emails", bookmark(value)))


def test_a_deselected_stream_s_bookmark_counts_too(script: Script) -> None:
    catalog = only(discover(script.config()), "accounts")
    for value in ("soon", FUTURE):
        with pytest.raises(ConfigError, match="of stream 'contacts'"):
            run(script.config(), catalog=catalog, state=state("contacts", bookmark(value)))


# Moments at the ends of time, and of the future


@pytest.mark.parametrize("earliest", ["0001-01-01", "0001-01-01T00:05:00+00:00"])
def test_a_start_in_the_year_1_reads_everything(script: Script, earliest: str) -> None:
    script.records["accounts"] = [record(1), record(2, "0001-01-01T00:00:00Z")]
    assert len(run(script.config(), state=state("accounts", bookmark(earliest))).rows("accounts")) == 2
    assert len(run(script.config(start_date="0001-01-01")).rows("accounts")) == 2


def test_a_start_date_before_the_year_1_is_no_date(script: Script) -> None:
    with pytest.raises(ConfigError, match=r"start_date is '0001-01-01T00:00:00\+05:00': it must be a date"):
        run(script.config(start_date="0001-01-01T00:00:00+05:00"))


@pytest.mark.parametrize("with_catalog", [True, False])
@pytest.mark.parametrize(
    ("stream", "members"),
    [
        ("accounts", bookmark(FUTURE)),
        ("accounts", bookmark("9999-12-31T23:59:59Z")),
        ("files", bookmark(FUTURE, "created_at")),
        ("field_history", bookmark(FUTURE, "recorded_at")),
        ("accounts", bookmark("2025-12-01T12:02:00Z")),  # past by our clock
        ("object_gone", bookmark(FUTURE)),
    ],
)
def test_a_bookmark_beyond_the_server_s_clock_ends_the_run_before_it_writes_anything(
    script: Script, stream: str, members: dict[str, Any], with_catalog: bool
) -> None:
    script.date = NOW
    catalog = discover(script.config()) if with_catalog else None
    says = rf"state's bookmark of stream '{stream}'.*later than Lightfield's clock \(2025-12-01T12:00:0.Z\)"

    with pytest.raises(ConfigError, match=rf"{says}.*remove it to read") as caught:
        run(script.config(), catalog=catalog, state=state(stream, members))

    assert caught.value.written == []  # type: ignore[attr-defined]


def test_a_start_date_beyond_the_server_s_clock_ends_the_run(script: Script) -> None:
    script.date = NOW
    with pytest.raises(ConfigError, match=r"start_date, 2025-12-01T13:00:00Z, is later than Lightfield's"):
        run(script.config(start_date="2025-12-01T13:00:00Z"))


def test_a_bookmark_a_few_seconds_ahead_is_not_of_the_future(script: Script) -> None:
    script.date = NOW
    script.records["accounts"] = [record(1, "2025-12-01T11:59:00Z")]
    output = run(script.config(), state=state("accounts", bookmark("2025-12-01T12:00:30Z")))
    assert output.ids("accounts") == {"rec_1"}
