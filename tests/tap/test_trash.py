"""Records in the trash, for those who want to know of deletions."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from lightfield import Lightfield

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import ConfigError, MissingScope
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import Output, cli, discover, entry, metadata, only, run
from tests.tap.validity import assert_valid

SIX = ("accounts", "contacts", "opportunities", "tasks", "notes", "meetings")


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


def _trash(sandbox: Sandbox, stream: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"}
    url = f"{sandbox.url}/v1/{stream}?status=trashed"
    return {
        r["id"]: r["updatedAt"] or r["createdAt"]
        for r in requests.get(url, headers=headers, timeout=300).json()["data"]
    }


def _deleted(output: Output, stream: str) -> dict[str, Any]:
    return {r["id"]: r["_sdc_deleted_at"] for r in output.rows(stream) if r["_sdc_deleted_at"]}


def test_trashed_records_come_with_the_time_of_their_deletion_and_live_ones_without(
    sandbox: Sandbox,
) -> None:
    output = run(_config(sandbox, include_trashed=True))
    for stream in SIX:
        trash = _trash(sandbox, stream)
        deleted = _deleted(output, stream)
        assert deleted.keys() == trash.keys()
        assert trash
        for id_, moment in deleted.items():
            assert moment.replace("+00:00", "")[:23] == trash[id_].removesuffix("Z")
        live = {row["id"] for row in output.rows(stream) if row["_sdc_deleted_at"] is None}
        assert live == {r["id"] for r in sandbox.records(stream.removesuffix("s").replace("ie", "y"))}
        for row in output.rows(stream):
            assert_valid(row, output.schema(stream))


def test_without_the_setting_there_is_neither_the_column_nor_the_trash(sandbox: Sandbox) -> None:
    output = run(_config(sandbox))
    for stream in SIX:
        assert "_sdc_deleted_at" not in output.schema(stream)["properties"]
        assert not _trash(sandbox, stream).keys() & output.ids(stream)


def test_only_what_has_a_trash_has_the_column(sandbox: Sandbox) -> None:
    catalog = discover(_config(sandbox, include_trashed=True))
    having = {s["stream"] for s in catalog["streams"] if "_sdc_deleted_at" in s["schema"]["properties"]}
    assert having == set(SIX)


def test_a_deletion_between_two_runs_comes_with_the_second_and_a_restored_record_is_live_again(
    sandbox: Sandbox,
) -> None:
    config = _config(sandbox, include_trashed=True, lookback_window=0)
    catalog = only(discover(config), "accounts")
    first = run(config, catalog=catalog)
    api = Lightfield(api_key=sandbox.key, base_url=sandbox.url)
    deleted = sandbox.records("account")[3]["id"]
    api.account.delete(deleted, body={})
    second = run(config, catalog=catalog, state=first.state)
    assert deleted in _deleted(second, "accounts")

    api.account.restore(deleted, body={})
    third = run(config, catalog=catalog, state=second.state)
    assert [r["_sdc_deleted_at"] for r in third.rows("accounts") if r["id"] == deleted] == [None]


def test_the_first_run_with_the_setting_brings_the_trash_from_before_the_bookmark(sandbox: Sandbox) -> None:
    before = run(_config(sandbox))
    first = run(_config(sandbox, include_trashed=True), state=before.state)
    for stream in SIX:
        assert _deleted(first, stream).keys() == _trash(sandbox, stream).keys()
    second = run(_config(sandbox, include_trashed=True, lookback_window=0), state=first.state)
    assert sum(len(_deleted(second, stream)) for stream in SIX) < sum(
        len(_deleted(first, stream)) for stream in SIX
    )


@pytest.mark.parametrize("how", ["with a catalog", "without one"])
def test_a_key_that_may_not_see_the_trash_is_told_which_scope_it_lacks(start_sandbox: Any, how: str) -> None:
    sandbox = start_sandbox(keys={"narrow": ["accounts:read", "notes:read", "accounts:restore"]})
    config = {"api_key": sandbox.keys["narrow"], "api_url": sandbox.url, "include_trashed": True}
    catalog = only(discover(config), "accounts", "notes") if how == "with a catalog" else None
    with pytest.raises(MissingScope, match=r"'notes'.*notes:restore.*include_trashed.*deselect") as caught:
        run(config, catalog=catalog)
    if catalog:
        assert caught.value.written == []  # type: ignore[attr-defined]
    assert len(run(config, catalog=only(discover(config), "accounts")).rows("accounts")) > 60


def test_a_catalog_without_the_column_of_deletions_is_an_error_and_no_resurrection(
    script: Script,
) -> None:
    script.records["accounts"] = [record(1)]
    old = only(discover(script.config()), "accounts")
    with pytest.raises(ConfigError, match=r"_sdc_deleted_at.*run discovery again"):
        run(script.config(include_trashed=True), catalog=old)
    deselected = only(discover(script.config(include_trashed=True)), "accounts")
    metadata(deselected, "accounts", "properties", "_sdc_deleted_at")["selected"] = False
    with pytest.raises(ConfigError, match=r"_sdc_deleted_at"):
        run(script.config(include_trashed=True), catalog=deselected)
    assert "_sdc_deleted_at" not in entry(old, "accounts")["schema"]["properties"]


def test_the_setting_can_come_from_the_environment(sandbox: Sandbox, tmp_path: Any) -> None:
    env = {
        "TAP_LIGHTFIELD_API_KEY": sandbox.key,
        "TAP_LIGHTFIELD_API_URL": sandbox.url,
        "TAP_LIGHTFIELD_INCLUDE_TRASHED": "true",
        "TAP_LIGHTFIELD_FIELD_HISTORY": '{"opportunities": ["$stage"]}',
        "TAP_LIGHTFIELD_WORKFLOW_RUN_IDS": '["run_1"]',
    }
    result = cli("--config", "ENV", "--discover", tmp_path=tmp_path, env=env)
    assert result.returncode == 0, result.stderr
    for name in ("_sdc_deleted_at", "field_history", "workflow_runs"):
        assert name in result.stdout
