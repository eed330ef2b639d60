"""What the SDK gives every tap: flattening, stream maps, batches."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import ConfigError
from tests.tap.tap_runs import discover, metadata, only, run


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


def test_flattened_rows_have_exactly_the_columns_of_their_schema(sandbox: Sandbox) -> None:
    output = run(_config(sandbox, flattening_enabled=True, flattening_max_depth=1))
    for stream in output.streams:
        columns = output.schema(stream)["properties"].keys()
        assert all(row.keys() == columns for row in output.rows(stream))
    names = {row["id"]: row["name__first_name"] for row in output.rows("contacts")}
    assert names == {
        r["id"]: (r["fields"]["$name"]["value"] or {}).get("firstName") for r in sandbox.records("contact")
    }


def test_decimals_are_texts_with_every_digit_and_say_how_many_there_may_be(sandbox: Sandbox) -> None:
    plain = run(_config(sandbox))
    output = run(_config(sandbox, use_singer_decimal=True))

    amount = output.schema("opportunities")["properties"]["amount"]
    assert amount["type"] == ["string", "null"]
    assert (amount["format"], amount["precision"], amount["scale"]) == ("x-singer.decimal", 38, 9)
    columns = {
        stream: [name for name, said in output.schema(stream)["properties"].items() if "precision" in said]
        for stream in output.streams
    }
    for stream, decimals in columns.items():
        for exact, row in zip(output.rows(stream), plain.rows(stream), strict=True):
            assert exact == row | {name: str(row[name]) for name in decimals if row[name] is not None}
    assert columns["accounts"] == ["custom_icp_score", "custom_arr"]
    assert isinstance(output.rows("accounts")[0]["primary_address"], dict)


def test_stream_maps_apply(sandbox: Sandbox) -> None:
    maps = {"accounts": {"shout": "name.upper()"}, "__else__": None}
    output = run(_config(sandbox, stream_maps=maps))
    assert output.streams == {"accounts"}
    assert {row["id"]: row["shout"] for row in output.rows("accounts")} == {
        r["id"]: r["fields"]["$name"]["value"].upper() for r in sandbox.records("account")
    }


def test_a_stream_map_for_all_streams_works_where_some_are_deselected(sandbox: Sandbox) -> None:
    catalog = only(discover(_config(sandbox)), "tasks")
    output = run(_config(sandbox, stream_maps={"*": {"source": "'lf'"}}), catalog=catalog)
    assert {row["source"] for row in output.rows("tasks")} == {"lf"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("stream_maps", {"contacts": {"email": "'masked'"}}), ("flattening_enabled", True)],
)
def test_what_batches_would_be_written_without_ends_the_run(sandbox: Sandbox, name: str, value: Any) -> None:
    batches = {"encoding": {"format": "jsonl", "compression": "gzip"}, "storage": {"root": "file:///none"}}
    with pytest.raises(ConfigError, match=f"batch_config and {name} can't go together"):
        run(_config(sandbox, batch_config=batches, **{name: value}))


def test_batch_files_hold_the_same_rows_and_move_the_bookmark(sandbox: Sandbox, tmp_path: Path) -> None:
    batches = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": f"file://{tmp_path}", "prefix": "rows-"},
    }
    catalog = only(discover(_config(sandbox)), "contacts")
    metadata(catalog, "contacts", "properties", "title")["selected"] = False
    plain = run(_config(sandbox), catalog=catalog)
    batched = run(_config(sandbox, batch_config=batches), catalog=catalog)

    rows = [
        json.loads(line)
        for path in tmp_path.iterdir()
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    assert rows == plain.rows("contacts")
    assert batched.bookmark("contacts") == plain.bookmark("contacts")


def test_what_only_a_stream_map_makes_is_valid_json_too(sandbox: Sandbox) -> None:
    maps = {"members": {"endless": "float('inf')", "id": "id"}, "__else__": None}
    config = _config(sandbox, stream_maps=maps)
    lines = [json.dumps(message, allow_nan=False) for message in run(config).messages]
    assert any('"endless": null' in line for line in lines)
