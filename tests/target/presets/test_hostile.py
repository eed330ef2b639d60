"""Feeds and presets as nobody should write them: nothing is lost, and nothing ends in a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.target.target_runs import Json, Setup, rows, writes

PRESET = """\
preset: 1
links:
  pairs: {of: people, key: a, column: account_ids, record: firms, is: b}
streams:
  firms:
    to: accounts
    also_known_as: {from: merged, split: ","}
    same_as: same
    columns: {name: name}
    custom: {Mother: {from: mother, record: firms}}
  people: {to: contacts, columns: {name__last_name: last, account_ids: {from: firm, record: firms}}}
  papers: {to: files, columns: {file_path: path}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Json:
    path = tmp_path / "preset.yml"
    path.write_text(PRESET)
    return {"preset": str(path), "max_rejects": 100}


@pytest.mark.parametrize(
    "links",
    [
        [{"same": "2"}, {"same": "1"}, {}],
        [{"merged": "2"}, {"merged": "3"}, {"merged": "1"}],
        [{"same": "2"}, {"same": "3"}, {"same": "2"}],
        [{"same": "1", "merged": "1"}, {"same": "2"}, {}],
    ],
    ids=["two", "three", "a tail", "itself"],
)
def test_rows_that_are_each_other_in_a_circle_are_one_record_and_not_none(
    target: Setup, empty: Sandbox, config: Json, links: list[Json]
) -> None:
    firms = [{"id": str(n), "name": f"Acme {n}", **more} for n, more in enumerate(links, 1)]
    target.loaded(rows("firms", *firms), rows("people", {"id": "1", "last": "Li", "firm": "2"}), **config)
    assert empty.records("account")
    [person] = empty.records("contact")
    assert len(person["relationships"]["$account"]["values"]) == 1
    with target.counting() as seen:
        target.loaded(rows("firms", *firms), **config)
    assert writes(seen) == 0


@pytest.mark.parametrize("key", ["\ud800", "\x00", "x" * 100_000], ids=["surrogate", "NUL", "long"])
def test_keys_that_no_database_takes_reject_their_rows_alone(
    target: Setup, empty: Sandbox, config: Json, key: str
) -> None:
    outcome = target.loaded(
        rows("firms", {"id": "1", "name": "Acme", "merged": key}, {"id": key, "name": "Core"}),
        rows("firms", {"id": "2", "name": "Dyne", "same": key, "mother": key}),
        rows("people", {"id": "1", "last": "Li", "firm": key}),
        rows("pairs", {"a": key, "b": "1"}, {"a": "1", "b": key}, {"a": "1", "b": "1"}, key=None),
        **config,
    )
    assert "Traceback" not in outcome.log
    assert {record["fields"]["$name"]["value"] for record in empty.records("account")} == {"Acme", "Dyne"}
    [person] = empty.records("contact")
    assert len(person["relationships"]["$account"]["values"]) == 1
    assert [reject["code"] for reject in target.rejects()].count("key_invalid") == 3


def test_files_without_a_folder_end_the_run_with_a_sentence(target: Setup, config: Json) -> None:
    outcome = target.load(rows("papers", {"id": "1", "path": "a.pdf"}), **config)
    assert "set file_upload_dir" in outcome.error
    assert outcome.states == []
