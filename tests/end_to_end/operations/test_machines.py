"""Machines whose disks go away: what is in Postgres is enough for another one to go on."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import pytest

from demo.postgres import Postgres
from lightfield_sandbox.http.server import Sandbox
from tests.end_to_end.operations.conftest import url_of
from tests.end_to_end.operations.machines import Machine, end_all_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("operations")]

ACCOUNTS, CONTACTS = 30, 120
LOAD = ("--environment", "acme", "run", "load")
FORCED = (*LOAD[:-1], "--force", "load")


@pytest.fixture
def own_databases(postgres_server: Postgres) -> Mapping[str, str]:
    """Databases in which nothing has run yet."""
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        for name in ("meltano_machines", "acme_machines"):
            connection.execute(f"CREATE DATABASE {name}".encode())
    return {
        "MELTANO_DATABASE_URI": url_of(postgres_server, "meltano_machines"),
        "ACME_ID_MAP": url_of(postgres_server, "acme_machines"),
    }


def test_a_machine_goes_on_where_one_that_is_gone_has_ended(
    machine: Callable[..., Machine],
    own_databases: Mapping[str, str],
    start_sandbox: Callable[..., Sandbox],
    tmp_path: Path,
) -> None:
    source = start_sandbox(empty=True, accounts=ACCOUNTS, contacts=CONTACTS, trashed=0)
    workspace = start_sandbox(empty=True, seed=2, rate_limit=25)
    settings: Mapping[str, Any] = {**own_databases, "source": source, "workspace": workspace}

    first = machine("first", **settings)
    process = first.start(*LOAD, log=tmp_path / "first.log")
    while len(workspace.records("contact")) < CONTACTS // 4:
        assert process.poll() is None, (tmp_path / "first.log").read_text()
        time.sleep(0.02)
    end_all_of(process)
    shutil.rmtree(first.folder, ignore_errors=True)  # where what was killed may still be dying

    with psycopg.connect(own_databases["MELTANO_DATABASE_URI"].replace("+psycopg", "")) as connection:
        # Meltano takes it for running for five minutes: here for as long as the test may take.
        connection.execute("UPDATE runs SET last_heartbeat_at = last_heartbeat_at + interval '1 day'")

    second = machine("second", **settings)
    refused = second.meltano(*LOAD)
    assert refused.returncode == 1
    assert "pipeline is already running" in refused.stdout
    written = len(workspace.records("contact"))
    assert written < CONTACTS

    done = second.meltano(*FORCED)
    assert done.returncode == 0, done.stdout
    assert sorted(_emails(workspace)) == sorted(_emails(source))
    assert len(workspace.records("account")) == ACCOUNTS
    counts = _report(second)["contacts"]
    assert counts["unchanged"] + counts["created"] == CONTACTS
    assert counts["unchanged"] > 0
    assert counts["created"] >= CONTACTS - written  # more, where the first machine did not see the answer
    shutil.rmtree(second.folder)

    writes = workspace.stats()["writes"]
    third = machine("third", **settings)
    again = third.meltano(*FORCED)
    assert again.returncode == 0, again.stdout
    assert workspace.stats()["writes"] == writes
    read = _report(third)["contacts"]  # by the bookmark of the second machine, and not from the beginning
    assert (read["created"], read["updated"]) == (0, 0)
    assert read["unchanged"] < CONTACTS // 10


def _emails(sandbox: Sandbox) -> list[str]:
    return [str(record["fields"]["$email"]["value"]) for record in sandbox.records("contact")]


def _report(machine: Machine) -> Mapping[str, Mapping[str, int]]:
    report = json.loads((machine.files / "acme" / "report.json").read_text())
    counts: Mapping[str, Mapping[str, int]] = report["objects"]
    return counts
