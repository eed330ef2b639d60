"""What an earlier run lacked, a later one brings: values of other streams, names of merged records."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.postgres import postgres
from lightfield_sandbox.http.server import Sandbox
from target_lightfield.id_map.unfinished_rows import UnfinishedRows
from tests.target.presets.small_crm import PRESET, streams, thing
from tests.target.target_runs import Json, Setup, feed, rows, state, writes


@pytest.fixture
def preset(tmp_path: Path) -> str:
    path = tmp_path / "preset.yml"
    path.write_text(PRESET)
    return str(path)


@pytest.fixture
def parts(empty: Sandbox) -> dict[str, list[Json]]:
    return streams(empty.records("member")[0]["fields"]["$email"]["value"])


def stages(sandbox: Sandbox) -> list[object]:
    return [record["fields"]["$stage"]["value"] for record in sandbox.records("opportunity")]


def test_a_stage_is_filled_in_when_its_label_comes_and_the_deal_does_not(
    target: Setup, empty: Sandbox, preset: str, parts: dict[str, list[Json]]
) -> None:
    pipelines = parts.pop("pipelines")
    target.loaded(*parts.values(), preset=preset)
    assert stages(empty) == [None]
    outcome = target.loaded(pipelines, preset=preset)
    assert outcome.count("opportunities") == {"updated": 1, "waiting": 1}
    assert None not in stages(empty)
    with target.counting() as seen:
        target.loaded(pipelines, preset=preset)
    assert writes(seen) == 0


def test_rows_that_lack_a_value_and_are_not_kept_for_it_are_counted(
    target: Setup, preset: str, parts: dict[str, list[Json]], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.pop("pipelines")
    said = "without a value of a stream that has not come"
    assert said not in target.loaded(*parts.values(), preset=preset).log
    monkeypatch.setattr(UnfinishedRows, "most", 0)
    outcome = target.loaded(*parts.values(), preset=preset)
    assert f"3 rows were written {said}, beyond the 0 that" in outcome.log


def test_a_link_waits_under_the_name_that_a_merged_company_had(
    target: Setup, empty: Sandbox, preset: str, parts: dict[str, list[Json]]
) -> None:
    companies = parts.pop("companies")
    target.loaded(*parts.values(), preset=preset)
    target.loaded(companies, preset=preset)
    ids = {r["fields"]["$name"]["value"]: r["id"] for r in empty.records("account")}
    linked = {r["fields"]["$title"]["value"]: r["relationships"] for r in empty.records("note")}
    assert linked["First"]["$account"]["values"] == [ids["Kestrel"]]  # the note says companies:499


def test_a_preset_that_leads_to_an_object_that_is_not_there_ends_the_run_before_it_writes(
    target: Setup, empty: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "own.yml"
    path.write_text("preset: 1\nstreams:\n  subs: {to: object_subscriptoin, columns: {name: name}}\n")
    with target.counting() as seen:
        outcome = target.load(rows("subs", thing("1")), state(read=1), preset=str(path))
    assert "'subs' to 'object_subscriptoin'" in outcome.error
    assert "nearest: object_subscription" in outcome.error
    assert outcome.states == []
    assert writes(seen) == 0


def test_what_is_for_a_column_that_the_workspace_lacks_is_left_over(target: Setup, tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text(
        "preset: 1\nstreams:\n  firms: {to: accounts, columns: {name: name, ticker_symbol: ticker}}\n"
    )
    left_over = tmp_path / "left_over.jsonl"
    firm = rows("firms", {"id": "1", "name": "Acme", "ticker": "ACM"})
    outcome = target.loaded(firm, preset=str(path), left_over_path=str(left_over))
    assert outcome.count("accounts") == {"created": 1}
    assert "ticker_symbol" in outcome.log
    [line] = map(json.loads, left_over.read_text().splitlines())
    assert (line["column"], line["value"], line["kind"]) == ("ticker", "ACM", "no_field")


@pytest.mark.slow
def test_an_interrupted_load_emits_no_state_and_the_next_one_finishes_it(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], preset: str
) -> None:
    sandbox = start_sandbox(empty=True, latency_ms=50)
    target = target_of(sandbox, preset=preset, max_concurrency=1)
    companies = rows("companies", *(thing(str(n), name=f"Company {n}") for n in range(60)))
    messages = feed([companies, state(read=60)])
    process = target.spawn(messages)
    while len(sandbox.records("account")) < 3:
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGTERM)
    stdout, log = process.communicate(timeout=300)

    assert process.returncode == 1, log
    assert stdout == ""
    assert "Interrupted by SIGTERM" in log
    assert "Traceback" not in log
    assert len(sandbox.records("account")) < 60
    finished = target.run(messages)
    assert finished.status == 0, finished.log
    assert finished.state == {"read": 60}
    assert sorted(r["fields"]["$name"]["value"] for r in sandbox.records("account")) == sorted(
        f"Company {n}" for n in range(60)
    )


@pytest.mark.slow
def test_all_that_is_kept_can_be_kept_in_postgres(
    target: Setup, preset: str, parts: dict[str, list[Json]]
) -> None:
    pipelines, companies = parts.pop("pipelines"), parts.pop("companies")
    with postgres() as server:
        settings = {"preset": preset, "id_map": server.sqlalchemy_url}
        target.loaded(*parts.values(), **settings)
        target.loaded(companies, **settings)
        outcome = target.loaded(pipelines, **settings)
        assert outcome.count("opportunities") == {"updated": 1, "waiting": 1}
        with target.counting() as seen:
            target.loaded(companies, pipelines, *parts.values(), **settings)
    assert writes(seen) == 0
