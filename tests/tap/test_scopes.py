"""What a key with few scopes can discover and read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from meltano.core.plugin.singer.catalog import MetadataExecutor, select_metadata_rules, visit

from lightfield_api.resources import RESOURCES
from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import MissingScope
from tap_lightfield.streams.records import RecordStream
from tap_lightfield.streams.table import STREAM_KINDS, StreamKind
from tap_lightfield.tap import TapLightfield
from tap_lightfield.workspace import Workspace
from tests.tap.scripted import Script
from tests.tap.tap_runs import Output, discover, entry, metadata, only, run

SCOPELESS = {
    "field_definitions",
    "relationship_definitions",
    "field_options",
}  # they show what the key may see
ENVELOPE = {"id", "external_id", "created_at", "updated_at", "http_link"}


@pytest.fixture
def narrow(start_sandbox: Any) -> Sandbox:
    return start_sandbox(keys={"narrow": ["accounts:read", "members:read"]}, contacts=5, notes=5)


def _narrow(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.keys["narrow"], "api_url": sandbox.url, **settings}


def _full(sandbox: Sandbox) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url}


def test_a_stream_without_its_scope_is_discovered_unselected_with_the_reason_in_the_log(
    narrow: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = discover(_narrow(narrow))
    for stream in catalog["streams"]:
        name = stream["tap_stream_id"]
        readable = name in {"accounts", "members"} | SCOPELESS
        root = metadata(catalog, name)
        assert root["selected"] is readable
        assert root["inclusion"] == ("available" if readable else "unsupported")
        if not readable:
            scope = {"list_members": "lists:read", "object_types": "custom_objects:read"}.get(name)
            scope = "sequences:read" if name.startswith("sequence_") else scope
            assert any((scope or f"{name}:read") in r.getMessage() for r in caplog.records)
    columns = entry(catalog, "notes")["schema"]["properties"].keys()
    assert columns == ENVELOPE


def test_a_key_that_lacks_no_scope_gets_no_word_about_scopes(
    narrow: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    discover({"api_key": narrow.read_only_key, "api_url": narrow.url})
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


def test_without_a_catalog_the_readable_streams_are_read(narrow: Sandbox) -> None:
    assert run(_narrow(narrow)).streams == {"accounts", "members"} | SCOPELESS


@pytest.mark.parametrize("discovered_with", ["the same key", "a wider key"])
def test_selecting_a_stream_without_its_scope_is_an_error_before_any_output(
    narrow: Sandbox, discovered_with: str
) -> None:
    catalog = discover(_narrow(narrow) if discovered_with == "the same key" else _full(narrow))
    only(catalog, "accounts", "contacts")
    narrow.reset()
    with pytest.raises(MissingScope) as caught:
        run(_narrow(narrow), catalog=catalog)

    assert caught.value.message == (
        "Stream 'contacts' is selected but the API key lacks the scope contacts:read: "
        "grant it or deselect the stream."
    )
    assert caught.value.written == []  # type: ignore[attr-defined]
    assert narrow.stats()["requests"]["search"] == {}


def test_a_catalog_entry_without_metadata_counts_as_selected(narrow: Sandbox) -> None:
    catalog = discover(_full(narrow))
    entry(catalog, "contacts")["metadata"] = []
    with pytest.raises(MissingScope, match="contacts:read"):
        run(_narrow(narrow), catalog=catalog)


def test_meltanos_default_selection_works_with_a_narrow_key(narrow: Sandbox) -> None:
    catalog = discover(_narrow(narrow))
    visit(catalog, MetadataExecutor(select_metadata_rules(["*.*"])))
    assert metadata(catalog, "accounts")["selected"] is True
    assert run(_narrow(narrow), catalog=catalog).streams == {"accounts", "members"} | SCOPELESS


def test_a_stream_map_for_all_streams_works_with_a_narrow_key(narrow: Sandbox) -> None:
    output = run(_narrow(narrow, stream_maps={"*": {"source": "'lf'"}}))
    assert {row["source"] for row in output.rows("accounts")} == {"lf"}


def test_the_connection_test_passes_over_streams_without_their_scope(narrow: Sandbox) -> None:
    assert TapLightfield(config=_narrow(narrow)).run_connection_test()


def test_a_scope_withdrawn_during_the_run_is_named(script: Script) -> None:
    error = {"error": {"type": "forbidden", "message": "no"}}
    script.answers["/v1/contacts"] = (403, error)
    with pytest.raises(Exception, match=r"'contacts' stopped.*contacts:read.*deselect"):
        run(script.config())


def test_a_key_is_validated_once_and_each_definition_read_once_in_a_run(script: Script) -> None:
    run(script.config())
    asked = [r for r in script.requests if r.startswith("/v1/auth") or r.endswith("definitions")]
    assert len(asked) == len(set(asked)) == 7


def test_a_stream_that_the_tap_does_not_have_is_named_in_the_log(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = discover(script.config())
    catalog["streams"].append({**entry(catalog, "notes"), "tap_stream_id": "deals", "stream": "deals"})
    output: Output = run(script.config(), catalog=catalog)
    assert "deals" not in output.streams
    assert any("'deals'" in r.getMessage() for r in caplog.records)


def test_a_stream_of_the_table_is_all_that_the_tap_needs_to_know_of_it(
    narrow: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Copies(RecordStream):
        def __init__(self, tap: Any, workspace: Workspace) -> None:
            super().__init__(tap, workspace, replace(RESOURCES["notes"], name="copies"))

        def rows(self, context: Any) -> Iterator[dict[str, Any]]:
            yield {"id": "cop_1"}

    kind = StreamKind("copies", Copies, lambda _: ("copies:read",), setting="workflow_run_ids")
    monkeypatch.setitem(STREAM_KINDS, "copies", kind)  # type: ignore[arg-type]
    full = _full(narrow) | {"workflow_run_ids": ["run_1"], "full_sweep": ["copies"]}
    catalog = only(discover(full), "copies")
    assert run(full, catalog=catalog).ids("copies") == {"cop_1"}
    assert not [r for r in caplog.records if "that this tap has not" in r.getMessage()]
    with pytest.raises(
        MissingScope, match="'copies' is selected but the API key lacks the scope copies:read"
    ):
        run(_narrow(narrow, workflow_run_ids=["run_1"]), catalog=catalog)
    assert "copies" not in {stream["tap_stream_id"] for stream in discover(_full(narrow))["streams"]}
