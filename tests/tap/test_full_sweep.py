"""What a full sweep tells a loader to take away, and when it must not."""

from __future__ import annotations

import json
import logging
import signal
from pathlib import Path
from typing import Any

import pytest
from lightfield import Lightfield

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import ConfigError
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import Output, command, discover, entry, only, run, spawn

NOT_FOUND = (404, {"error": {"type": "not_found", "message": "gone"}})
FAILED = (400, {"error": {"type": "bad_request", "message": "no"}})
NAMED_BY_A_SETTING = {"workflow_runs", "field_history"}


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


def activated(messages: list[dict[str, Any]]) -> dict[str, int]:
    """The streams of which a run has said that what it wrote is all there is, with their versions."""
    return {m["stream"]: m["version"] for m in messages if m["type"] == "ACTIVATE_VERSION"}


def versions(output: Output, stream: str) -> set[int | None]:
    return {m.get("version") for m in output.messages if m["type"] == "RECORD" and m["stream"] == stream}


def _all_of(config: dict[str, Any]) -> list[str]:
    return [e["tap_stream_id"] for e in discover(config)["streams"]]


def _list_of(script: Script, name: str, **more: Any) -> None:
    script.records["lists"] = [
        record(0, id=name, fields={"$objectType": {"value": "$account", "valueType": "TEXT"}, **more})
    ]


def _page(*numbers: int, total: int | None = None) -> tuple[int, Any]:
    records = [record(n) for n in numbers]
    return 200, {"object": "list", "data": records, "totalCount": len(records) if total is None else total}


def _one_of_two(query: dict[str, list[str]]) -> tuple[int, Any]:
    return _page(*[1][int(query["offset"][0]) :], total=2)


# What it does


def test_every_stream_can_be_swept_and_says_so_after_its_last_row(sandbox: Sandbox) -> None:
    config = _config(
        sandbox,
        workflow_run_ids=list(sandbox.workflow_runs()),
        field_history={"opportunities": ["$stage"]},
    )
    names = _all_of(config)
    first = run(config)
    assert activated(first.messages) == {}

    swept = run({**config, "full_sweep": names}, state=first.state)

    assert activated(swept.messages).keys() == set(names) - NAMED_BY_A_SETTING
    for stream, version in activated(swept.messages).items():
        assert versions(swept, stream) == {version}
        assert len(swept.rows(stream)) == len(first.rows(stream))
        kinds = [m["type"] for m in swept.messages if m.get("stream") == stream]
        assert kinds[-1] == "ACTIVATE_VERSION"
    assert swept.messages[-1]["type"] == "STATE"


def test_a_sweep_costs_no_more_calls_than_the_run_that_writes_what_is_new(sandbox: Sandbox) -> None:
    streams = ("accounts", "contacts", "lists", "list_members", "object_subscription")
    catalog = only(discover(_config(sandbox)), *streams)
    state = run(_config(sandbox), catalog=catalog).state
    sandbox.reset()
    run(_config(sandbox), catalog=catalog, state=state)
    daily = sandbox.stats()["requests"]
    sandbox.reset()
    swept = run(_config(sandbox, full_sweep=list(streams)), catalog=catalog, state=state)
    assert sandbox.stats()["requests"] == daily
    assert activated(swept.messages).keys() == set(streams)


def test_only_the_streams_that_the_setting_names_are_swept(sandbox: Sandbox) -> None:
    first = run(_config(sandbox))
    second = run(_config(sandbox, full_sweep=["contacts"]), state=first.state)
    assert activated(second.messages).keys() == {"contacts"}
    assert second.ids("contacts") == first.ids("contacts")
    assert versions(second, "members") == {None}


def test_the_version_rises_and_later_rows_carry_the_last_one(script: Script) -> None:
    script.date = "Mon, 01 Dec 2025 12:00:00 GMT"  # both runs in one second
    script.records["accounts"] = [record(1)]
    first = run(script.config(full_sweep=["accounts"]))
    second = run(script.config(full_sweep=["accounts"]), state=first.state)
    assert activated(first.messages)["accounts"] < activated(second.messages)["accounts"] < 2**31
    # Loaders that compare versions never find a row without one too old.
    script.records["accounts"] = [record(2, "2025-12-01T11:59:00Z")]
    third = run(script.config(), state=second.state)
    assert versions(third, "accounts") == {activated(second.messages)["accounts"]}
    assert activated(third.messages) == {}


def test_with_the_trash_all_of_it_is_swept_too(sandbox: Sandbox) -> None:
    config = _config(sandbox, include_trashed=True)
    first = run(config)
    swept = run({**config, "full_sweep": ["accounts"]}, state=first.state)
    assert swept.ids("accounts") == first.ids("accounts")
    assert any(row["_sdc_deleted_at"] for row in swept.rows("accounts"))
    assert versions(swept, "accounts") == set(activated(swept.messages).values())


def test_a_link_that_moves_no_time_comes_with_the_sweep(start_sandbox: Any) -> None:
    sandbox: Sandbox = start_sandbox(links_move="written")
    config = _config(sandbox, lookback_window=0)
    catalog = only(discover(config), "accounts")
    state = run(config, catalog=catalog).state
    contact = next(r for r in sandbox.records("contact") if not r["relationships"]["$account"]["values"])
    account = sandbox.records("account")[-1]["id"]
    Lightfield(api_key=sandbox.key, base_url=sandbox.url).contact.update(
        contact["id"], relationships={"$account": {"add": [account]}}
    )

    daily = run(config, catalog=catalog, state=state)
    swept = run({**config, "full_sweep": ["accounts"]}, catalog=catalog, state=daily.state)

    assert account not in daily.ids("accounts")
    [row] = [row for row in swept.rows("accounts") if row["id"] == account]
    assert contact["id"] in row["contact_ids"]


def test_stream_maps_that_rename_or_copy_a_stream_are_followed(sandbox: Sandbox) -> None:
    maps = {"accounts": {"__alias__": "companies"}, "copies": {"__source__": "contacts"}, "members": None}
    output = run(_config(sandbox, full_sweep=["accounts", "contacts", "members"], stream_maps=maps))
    assert activated(output.messages).keys() == {"companies", "contacts", "copies"}


# When it takes nothing away


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.WARNING)

    def why(stream: str) -> str:
        begin = f"Stream '{stream}': the full sweep takes away nothing that a loader has: "
        lines = [r.getMessage() for r in caplog.records]
        [line] = [line for line in lines if line.startswith(begin)]
        return line.removeprefix(begin)

    return why


def test_after_an_error_it_takes_nothing_away(script: Script) -> None:
    script.records["accounts"] = [record(n) for n in range(130)]
    script.on_page = lambda collection, offset: (
        offset == 72 and script.answers.update({"/v1/accounts": FAILED})
    )
    with pytest.raises(Exception, match="'accounts' stopped") as caught:
        run(script.config(full_sweep=["accounts", "contacts"], max_concurrency=1))
    written = caught.value.written  # type: ignore[attr-defined]
    assert len([m for m in written if m["type"] == "RECORD"]) > 50
    assert activated(written) == {}
    assert '"full_sweep_version"' not in json.dumps(written)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_after_a_signal_it_takes_nothing_away(script: Script, tmp_path: Path, number: signal.Signals) -> None:
    script.records["accounts"] = [record(n, externalId="x" * 2000) for n in range(300)]
    process = spawn(config=script.config(full_sweep=["accounts"]), tmp_path=tmp_path)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(60)]  # the pipe is full, and rows are left
    process.send_signal(number)
    rest, _ = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "RECORD" in lines[-1]
    assert "ACTIVATE_VERSION" not in "".join(lines) + rest


def test_a_run_that_only_tests_takes_nothing_away(script: Script, tmp_path: Path) -> None:
    script.records["members"] = [record(1)]
    result = command("--test", config=script.config(full_sweep=["members", "lists"]), tmp_path=tmp_path)
    assert result.returncode == 0
    assert '"RECORD"' in result.stdout
    assert "ACTIVATE_VERSION" not in result.stdout


@pytest.mark.parametrize("stream", ["accounts", "emails", "sequence_messages"])
def test_with_a_start_date_it_takes_nothing_away(sandbox: Sandbox, said: Any, stream: str) -> None:
    config = _config(sandbox, full_sweep=[stream, "members"], start_date="2020-01-01")
    output = run(config, catalog=only(discover(config), stream, "members"))
    assert activated(output.messages).keys() == {"members"}
    assert "start_date" in said(stream)


def test_what_a_setting_names_is_not_all_there_is(sandbox: Sandbox, said: Any) -> None:
    config = _config(
        sandbox,
        workflow_run_ids=list(sandbox.workflow_runs()),
        field_history={"opportunities": ["$stage"]},
        full_sweep=[*NAMED_BY_A_SETTING],
    )
    output = run(config)
    assert output.rows("field_history")
    assert output.rows("workflow_runs")
    assert activated(output.messages) == {}
    assert all(stream.partition("_")[0] in said(stream) for stream in NAMED_BY_A_SETTING)


def test_a_list_that_counts_more_than_it_shows_takes_nothing_away(script: Script, said: Any) -> None:
    def all_but_one(query: dict[str, list[str]]) -> tuple[int, Any]:
        return _page(*range(3)[int(query["offset"][0]) :], total=4)

    script.answers["/v1/accounts"] = all_but_one
    output = run(script.config(full_sweep=["accounts"], max_concurrency=1))
    assert len(output.rows("accounts")) == 3
    assert activated(output.messages) == {}
    assert "what it did not show may be there" in said("accounts")


def test_an_empty_list_takes_nothing_away(script: Script, said: Any) -> None:
    output = run(script.config(full_sweep=["accounts", "list_members"]))
    assert activated(output.messages) == {}
    assert "nothing came" in said("accounts")
    assert "nothing came" in said("list_members")


def test_what_a_stream_map_keeps_back_takes_nothing_away(script: Script, said: Any) -> None:
    script.records["accounts"] = [record(n) for n in range(3)]
    maps = {"accounts": {"__filter__": "id != 'rec_1'"}}
    output = run(script.config(full_sweep=["accounts"], stream_maps=maps))
    assert output.ids("accounts") == {"rec_0", "rec_2"}
    assert activated(output.messages) == {}
    assert "keeps rows back" in said("accounts")


@pytest.mark.parametrize("alias", ["contacts", "Contacts"])
def test_a_stream_that_shares_its_name_with_another_takes_nothing_away(
    script: Script, said: Any, alias: str
) -> None:
    script.records["accounts"] = [record(1)]
    maps = {"accounts": {"__alias__": alias}}
    output = run(script.config(full_sweep=["accounts"], stream_maps=maps))
    assert activated(output.messages) == {}
    assert f"another stream writes to '{alias}' too" in said("accounts")


def test_batches_take_nothing_away(sandbox: Sandbox, said: Any, tmp_path: Path) -> None:
    batches = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": f"file://{tmp_path}"},
    }
    catalog = only(discover(_config(sandbox)), "contacts")
    output = run(_config(sandbox, full_sweep=["contacts"], batch_config=batches), catalog=catalog)
    assert any(m["type"] == "BATCH" for m in output.messages)
    assert activated(output.messages) == {}
    assert "batch_config" in said("contacts")


# Streams of several lists


def test_members_of_lists_are_one_version(script: Script) -> None:
    _list_of(script, "a")
    script.records["lists"].append({**script.records["lists"][0], "id": "b"})
    script.answers |= {"/v1/lists/a/accounts": _page(1, 2), "/v1/lists/b/accounts": _page(2)}
    catalog = only(discover(script.config()), "list_members")
    output = run(script.config(full_sweep=["list_members"]), catalog=catalog)
    assert len(output.rows("list_members")) == 3
    assert versions(output, "list_members") == set(activated(output.messages).values())


@pytest.mark.parametrize(
    ("answers", "settings", "reason"),
    [
        ({"/v1/lists/b/accounts": NOT_FOUND}, {}, "list b went while it was read"),
        ({"/v1/lists/b/accounts": _one_of_two}, {}, "may be there"),
        ({}, {"stream_maps": {"lists": {"__filter__": "id != 'b'"}}}, "a stream map keeps lists back"),
    ],
    ids=["a list that went", "a list that hides some", "a list that a stream map keeps back"],
)  # fmt: skip
def test_members_that_were_not_read_take_nothing_away(
    script: Script, said: Any, answers: dict[str, Any], settings: dict[str, Any], reason: str
) -> None:
    _list_of(script, "a")
    script.records["lists"].append({**script.records["lists"][0], "id": "b"})
    script.answers |= {"/v1/lists/a/accounts": _page(1), "/v1/lists/b/accounts": _page(1), **answers}
    output = run(script.config(full_sweep=["list_members"], max_concurrency=1, **settings))
    assert output.rows("list_members")
    assert activated(output.messages) == {}
    assert reason in said("list_members")


def test_members_that_the_key_may_not_read_take_nothing_away(start_sandbox: Any, said: Any) -> None:
    scopes = ["lists:read", "accounts:read"]
    sandbox = start_sandbox(keys={"narrow": scopes})
    config = {"api_key": sandbox.keys["narrow"], "api_url": sandbox.url, "full_sweep": ["list_members"]}
    output = run(config, catalog=only(discover(config), "list_members"))
    assert output.rows("list_members")
    assert activated(output.messages) == {}
    assert "are read without their members" in said("list_members")


@pytest.mark.parametrize("stream", ["sequence_enrollments", "sequence_messages", "sequence_performance"])
def test_a_sequence_that_goes_meanwhile_takes_nothing_away(script: Script, said: Any, stream: str) -> None:
    collection = stream.removeprefix("sequence_")
    script.records["sequences"] = [record(1, id="one"), record(2, id="two")]
    row = {"id": "x", "createdAt": "2025-01-01T00:00:00Z", "sentAt": "2025-01-01T00:00:00Z"}
    rows = {"object": "list", "data": [row], "totalCount": 1, "perStep": [{"sequenceStepId": "x"}]}
    script.answers |= {
        f"/v1/sequences/one/{collection}": (200, rows),
        f"/v1/sequences/two/{collection}": NOT_FOUND,
    }
    config = script.config(full_sweep=[stream])
    output = run(config, catalog=only(discover(config), stream))
    assert len(output.rows(stream)) == 1
    assert activated(output.messages) == {}
    assert "sequence two went" in said(stream)


def test_files_that_no_list_shows_are_known_where_all_records_were_read(sandbox: Sandbox, said: Any) -> None:
    everything = _config(sandbox, full_sweep=["files", "emails", "messages"])
    first = run(everything)
    assert "files" in activated(first.messages)
    daily = run(_config(sandbox, full_sweep=["files"]), state=first.state)
    assert "files" not in activated(daily.messages)
    assert "'emails' was not read to its end" in said("files")


def test_definitions_that_the_key_may_not_read_take_nothing_away(start_sandbox: Any, said: Any) -> None:
    sandbox = start_sandbox(keys={"narrow": ["accounts:read", "custom_objects:read"]})
    config = {"api_key": sandbox.keys["narrow"], "api_url": sandbox.url, "full_sweep": ["field_options"]}
    output = run(config, catalog=only(discover(config), "field_options"))
    assert output.rows("field_options")
    assert activated(output.messages) == {}
    assert "definitions of all object types" in said("field_options")


# The setting


def test_a_stream_that_there_is_not_is_named_with_the_nearest(script: Script) -> None:
    with pytest.raises(ConfigError, match=r"full_sweep names 'account'.*did you mean accounts"):
        run(script.config(full_sweep=["account"]))
    assert script.requests == []


def test_a_custom_object_that_there_is_no_more_is_a_warning(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    run(script.config(full_sweep=["object_gone", "field_history"]))
    assert "full_sweep names object_gone, which there is not" in caplog.text
    assert "full_sweep names field_history, which there is not" in caplog.text


def test_a_catalog_may_call_a_swept_stream_full_table(sandbox: Sandbox) -> None:
    catalog = only(discover(_config(sandbox)), "accounts")
    entry(catalog, "accounts")["replication_method"] = "FULL_TABLE"
    output = run(_config(sandbox, full_sweep=["accounts"]), catalog=catalog)
    assert activated(output.messages).keys() == {"accounts"}
