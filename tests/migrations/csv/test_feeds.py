"""Files through the preset into a workspace: what arrives is what expected.py says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.migrations.arrived import arrived, differences
from tests.migrations.csv import expected
from tests.migrations.csv.tap_run import RECORDED, feed_of, files_of, rows_of
from tests.target.target_runs import Json, Setup, rows, writes

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox(**expected.SANDBOX)


def _target(workspace: Sandbox, folder: Path, preset: str | Path, **config: Any) -> Setup:
    return Setup(workspace, folder / "target", preset=str(preset), default_assignee=expected.ADA, **config)


def _preset(folder: Path, text: str) -> Path:
    path = folder / "own.yml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("product", RECORDED)
def test_all_that_can_arrives_and_a_second_time_nothing_is_written(
    workspace: Sandbox, tmp_path: Path, product: str
) -> None:
    target = _target(workspace, tmp_path, Path(__file__).with_name(f"{product}.yml"))
    feed = feed_of(product).read_text(encoding="utf-8")
    target.loaded(feed)
    assert differences(expected.EXPECTED[product], arrived(workspace)) == []

    with target.counting() as seen:
        # As when the same file is exported again, to another place.
        target.loaded(
            feed.replace("2026-05-28T20:26:40", "2026-06-28T20:26:40").replace("/files/", "/other/")
        )
    assert writes(seen) == 0


def _feed_of_tap_csv(product: str) -> list[Json]:
    """What tap-csv makes of the files: each under its own headers, and no key."""
    return [m for path in files_of(product) for m in rows(path.stem, *rows_of(product, path), key=None)]


def test_a_file_of_people_makes_the_companies_that_it_names_if_that_is_chosen(
    workspace: Sandbox, tmp_path: Path
) -> None:
    own = _preset(tmp_path, "{preset: 1, extends: csv, choices: {companies: make}}")
    _target(workspace, tmp_path, own).loaded(_feed_of_tap_csv("google"))

    found = arrived(workspace)
    assert set(found["account"]) == {expected.KESTREL, expected.FJORD}
    maelle = found["contact"]["Maëlle Anne Le Goff"]
    assert maelle["$account"] == [expected.KESTREL]
    assert maelle["$email"] == [
        "maelle.legoff@kestrel-robotics.example", "maelle@kestrel-robotics.example", "maelle@legoff.example",
    ]  # fmt: skip
    assert maelle["phone"] == ["+33297000001", "+33612345678"]
    assert maelle["home-address"]["street2"] == "Bât. B"
    assert found["contact"]["ingrid@fjord-analytics.example"]["$account"] == [expected.FJORD]


@pytest.mark.parametrize("product", ["salesforce", "pipedrive", "attio", "french"])
def test_what_each_product_exports_arrives_linked(workspace: Sandbox, tmp_path: Path, product: str) -> None:
    own = _preset(
        tmp_path,
        "{preset: 1, extends: csv, home_currency: EUR, rates: {USD: 0.9}, choices: {companies: make}, "
        "streams: {opportunities: [{to: opportunities, columns: {pipeline: {value: New Business}}}]}}",
    )
    _target(workspace, tmp_path, own).loaded(_feed_of_tap_csv(product))

    found = arrived(workspace)
    assert list(found["account"]) == [expected.KESTREL]
    assert found["account"][expected.KESTREL]["$website"] == ["https://kestrel-robotics.example"]
    assert found["contact"][expected.MAELLE]["$account"] == [expected.KESTREL]
    assert found["contact"][expected.MAELLE]["phone"] == ["+33297000001"]
    [deal] = found["opportunity"].values()
    assert (deal["$stage"], deal["$account"]) == ("Proposal", [expected.KESTREL])
    for kind in ("task", "note"):
        assert all(record["$account"] == [expected.KESTREL] for record in found[kind].values())


def test_two_streams_that_mean_one_end_the_run_before_a_record_is_written(
    workspace: Sandbox, tmp_path: Path
) -> None:
    feed = [
        *rows("Firmen", {"id": "1", "Firma": "Kestrel"}),
        *rows("companies", {"id": "1", "Name": "Granite"}),
    ]
    outcome = _target(workspace, tmp_path, "csv").load(feed)
    assert "'Firmen' and 'companies' are both the preset's 'accounts'" in outcome.error
    assert arrived(workspace)["account"] == {}


def test_a_second_header_of_one_meaning_is_not_lost(workspace: Sandbox, tmp_path: Path) -> None:
    """The first one counts; another value of it may have a field of its own."""
    row = {"ID": "1", "Company name": "Kestrel", "Industry": "Software", "Branche": "Arms"}
    own = _preset(
        tmp_path,
        "{preset: 1, extends: csv, custom_fields: {names: {Branche: 'Industry (from the old CRM)'}}}",
    )
    _target(workspace, tmp_path, own).loaded(rows("accounts", row, key=("ID",)))
    record = arrived(workspace)["account"]["Kestrel"]
    assert record["$industry"] == ["Software"]
    assert record["industry"] == "Arms"


def test_a_row_that_names_its_own_column_needs_no_header(workspace: Sandbox, tmp_path: Path) -> None:
    own = _preset(tmp_path, "{preset: 1, extends: csv, streams: {accounts: {columns: {website: Netz}}}}")
    _target(workspace, tmp_path, own).loaded(
        rows("Kunden", {"Kunde": "Kestrel", "Netz": "k.example"}, key=None)
    )
    assert arrived(workspace)["account"]["Kestrel"]["$website"] == ["https://k.example"]


@pytest.mark.parametrize("product", RECORDED)
def test_what_is_left_over_is_told_of(workspace: Sandbox, tmp_path: Path, product: str) -> None:
    left_over = tmp_path / "left_over.jsonl"
    target = _target(
        workspace, tmp_path, Path(__file__).with_name(f"{product}.yml"), left_over_path=str(left_over)
    )
    feed = feed_of(product).read_text(encoding="utf-8")
    target.loaded(feed)
    told = [json.loads(line) for line in left_over.read_text(encoding="utf-8").splitlines()]
    by_column = Counter((line["stream"], line["column"], line["kind"]) for line in told)
    assert by_column == Counter(
        (stream, column, kind) for stream, _, column, _, kind in expected.LEFT_OVER[product]
    )
    for stream, _, column, value, kind in expected.LEFT_OVER[product]:
        if kind != "incomplete":
            assert any((t["stream"], t["column"], str(t["value"])) == (stream, column, value) for t in told)
