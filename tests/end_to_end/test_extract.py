"""`meltano run tap-lightfield target-postgres`, for real."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from demo.pipeline import Project
from demo.postgres import Postgres
from lightfield_api.client import LightfieldClient
from lightfield_sandbox.http.server import Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("meltano")]

STREAMS = {
    "accounts": "account",
    "contacts": "contact",
    "opportunities": "opportunity",
    "tasks": "task",
    "notes": "note",
    "meetings": "meeting",
    "members": "member",
}
_numbers = itertools.count(1)


class Warehouse:
    """A schema in Postgres and the Meltano project that fills it from a sandbox."""

    def __init__(
        self, server: Postgres, crm: Sandbox, make: Callable[[Mapping[str, str]], Project], logs: Path
    ) -> None:
        self._server, self._logs = server, logs
        self.schema = f"extract_{next(_numbers)}"
        self.project = make(
            {
                "TAP_LIGHTFIELD_API_URL": crm.url,
                "TAP_LIGHTFIELD_API_KEY": crm.key,
                "TARGET_POSTGRES_SQLALCHEMY_URL": server.sqlalchemy_url,
                "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": self.schema,
            }
        )

    def run(self) -> str:
        """Run the pipeline and return its log."""
        log = self._logs / "run.log"
        self.project.run("tap-lightfield", "target-postgres", log=log)
        return log.read_text()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._server.rows(query.replace("$", f"{self.schema}."))


@pytest.fixture
def crm(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox(accounts=60, contacts=260, opportunities=80, tasks=60, notes=60, meetings=30)


@pytest.fixture
def warehouse(
    postgres_server: Postgres,
    crm: Sandbox,
    meltano_project: Callable[[Mapping[str, str]], Project],
    tmp_path: Path,
) -> Warehouse:
    return Warehouse(postgres_server, crm, meltano_project, tmp_path)


def test_every_record_arrives_and_the_next_run_brings_only_what_has_changed(
    crm: Sandbox, warehouse: Warehouse
) -> None:
    log = warehouse.run()
    assert crm.key not in log
    for stream, object_type in STREAMS.items():
        arrived = {row[0] for row in warehouse.rows(f"SELECT id FROM ${stream}")}
        assert arrived == {record["id"] for record in crm.records(object_type)}, stream

    unchanged = crm.records("contact")[5]["id"]
    with LightfieldClient(crm.key, api_url=crm.url) as client:
        changed = crm.records("contact")[7]["id"]
        client.write("contacts", changed, body={"fields": {"$title": "Changed between the runs"}})
        new = client.write("accounts", body={"fields": {"$name": "New between the runs"}})["id"]
    before = _loaded_at(warehouse)
    warehouse.run()
    after = _loaded_at(warehouse)

    loaded_again = {record_id for record_id, when in after.items() if before.get(record_id) != when}
    assert {changed, new} <= loaded_again
    assert unchanged not in loaded_again
    # The lookback window reads again what lies just before the bookmarks: here, next to nothing.
    assert len(loaded_again) < 20
    assert warehouse.rows(f"SELECT title FROM $contacts WHERE id = '{changed}'") == [
        ("Changed between the runs",)
    ]
    assert warehouse.rows("SELECT count(*) FROM $contacts") == [(260,)]


def test_columns_have_the_types_that_a_query_needs(warehouse: Warehouse) -> None:
    warehouse.run()
    types = {
        (table, column): type_
        for table, column, type_ in warehouse.rows(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            f"WHERE table_schema = '{warehouse.schema}'"
        )
    }
    assert types["opportunities", "amount"] == "numeric"
    assert types["opportunities", "stage_label"] == "text"
    assert types["opportunities", "account_id"] == "text"
    assert types["accounts", "updated_at"] == "timestamp without time zone"
    assert types["accounts", "website"] == "ARRAY"
    assert types["accounts", "primary_address"] == "jsonb"
    assert types["accounts", "custom_is_partner"] == "boolean"
    assert types["notes", "account_ids"] == "ARRAY"


def test_meltano_leaves_its_project_file_as_it_is(warehouse: Warehouse) -> None:
    project_file = warehouse.project.folder / "meltano.yml"
    before = project_file.read_text()
    warehouse.run()
    assert project_file.read_text() == before


def _loaded_at(warehouse: Warehouse) -> dict[str, Any]:
    tables = " UNION ALL ".join(f"SELECT id, _sdc_batched_at FROM ${s}" for s in STREAMS if s != "members")
    return dict(warehouse.rows(tables))  # type: ignore[arg-type]
