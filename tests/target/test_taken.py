"""A unique value that another record has: its row is written without it, rejected, or becomes that record."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Setup, feed, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


@pytest.fixture
def without(empty: Sandbox, target_of: Callable[..., Setup]) -> Setup:
    return target_of(empty, taken="without")


@pytest.fixture
def first(empty: Sandbox, target_of: Callable[..., Setup]) -> Setup:
    return target_of(empty, taken="first")


@pytest.fixture
def listed_at_once(retry_policy: Callable[..., None]) -> None:
    """Lists that do not lag: what they do not show is not looked for again."""
    retry_policy(listed_after=0.0)


COMPANIES = rows(
    "accounts",
    {"id": 1, "name": "Harbor", "website": "harbor.example"},
    {"id": 2, "name": "Harbor North", "website": ["https://www.harbor.example/", "north.example"]},
    {"id": 3, "name": "Kestrel", "website": "kestrel.example"},
)


def values(target: Setup) -> list[tuple[str, str, Any, str]]:
    return [(one["key"], one["column"], one["value"], one["kind"]) for one in target.left_over()]


def websites(workspace: Workspace) -> dict[str, Any]:
    return {
        r["fields"]["$name"]["value"]: r["fields"]["$website"]["value"] for r in workspace.all("accounts")
    }


def test_the_second_company_of_a_domain_is_written_without_it(without: Setup, workspace: Workspace) -> None:
    outcome = without.loaded(COMPANIES)

    assert outcome.count("accounts") == {"created": 3}
    assert websites(workspace) == {
        "Harbor": ["harbor.example"],
        "Harbor North": ["north.example"],
        "Kestrel": ["kestrel.example"],
    }
    [one] = without.left_over()
    holder = without.ids("accounts")["1"]
    assert one == {
        "stream": "accounts",
        "key": "2",
        "column": "website",
        "value": "https://www.harbor.example/",
        "why": f"{holder} has it, which is '1' of the same stream",
        "kind": "taken",
    }
    with without.counting() as seen:
        assert without.loaded(COMPANIES).count("accounts") == {"unchanged": 3}
    assert write_requests(seen) == 0
    assert without.left_over() == [one]


def test_none_of_it_costs_a_refused_write_or_is_unforeseen_by_a_dry_run(without: Setup) -> None:
    dry = without.loaded(COMPANIES, dry_run=True)
    assert dry.count("accounts") == {"created": 3}
    assert [one["key"] for one in without.left_over()] == ["2"]
    with without.counting() as seen:
        without.loaded(COMPANIES)
    assert write_requests(seen) == 3


def test_by_default_its_row_is_rejected(target: Setup) -> None:
    target.load(COMPANIES)
    assert [(reject["key"], reject["code"]) for reject in target.rejects()] == [("2", "ambiguous")]
    assert target.left_over() == []


def test_so_it_is_with_a_record_of_the_workspace_that_another_row_has(
    without: Setup, workspace: Workspace
) -> None:
    there = workspace.account("Harbour", website=["https://harbor.example"])

    outcome = without.loaded(COMPANIES)

    assert outcome.count("accounts") == {"created": 2, "updated": 1}
    assert without.ids("accounts")["1"] == there
    assert websites(workspace)["Harbor North"] == ["north.example"]


def test_a_row_of_the_same_name_as_another_rows_record_is_a_record_of_its_own(
    without: Setup, workspace: Workspace
) -> None:
    workspace.account("Harbor", website=["https://harbor.example"])
    two = [{"id": n, "name": "Harbor", "website": "harbor.example"} for n in (1, 2)]

    outcome = without.loaded(rows("accounts", *two))

    assert outcome.count("accounts") == {"updated": 1, "created": 1}
    assert sorted(workspace.values("accounts", "$website"), key=str) == [None, ["harbor.example"]]


def test_another_page_of_the_domain_is_another_value(without: Setup, workspace: Workspace) -> None:
    workspace.account("Harbour", website=["https://harbor.example"])
    two = [{"id": n, "name": f"N{n}", "website": f"harbor.example{page}"} for n, page in ((1, ""), (2, "/n"))]

    without.loaded(rows("accounts", *two))

    assert websites(workspace) == {"N1": ["harbor.example"], "N2": ["harbor.example/n"]}
    assert without.left_over() == []


@pytest.mark.usefixtures("listed_at_once")
@pytest.mark.parametrize("status", [409, 422, 400])
def test_a_value_that_only_lightfield_knows_to_be_taken(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], refusals: str, status: int
) -> None:
    sandbox = start_sandbox(empty=True, unique_status=status, refusals=refusals)
    target, workspace = target_of(sandbox, taken="without"), Workspace(sandbox)
    two = [{"id": n, "name": f"N{n}", "custom_legacy_id": "L"} for n in (1, 2)]

    outcome = target.loaded(rows("accounts", *two))

    assert outcome.count("accounts") == {"created": 2}
    assert sorted(workspace.values("accounts", "legacyId"), key=str) == ["L", None]
    assert values(target) == [("2", "custom_legacy_id", "L", "taken")]
    with target.counting() as seen:
        target.loaded(rows("accounts", *two))
    assert write_requests(seen) == 0


@pytest.mark.usefixtures("listed_at_once")
@pytest.mark.parametrize("taken", ["without", "first"])
def test_an_update_is_written_without_it(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], refusals: str, taken: str
) -> None:
    sandbox = start_sandbox(empty=True, refusals=refusals)
    target, workspace = target_of(sandbox, taken=taken), Workspace(sandbox)
    target.loaded(rows("contacts", {"id": 1, "email": "a@x.example"}))
    other = workspace.contact("b@x.example")

    outcome = target.loaded(
        rows("contacts", {"id": 1, "email": ["b@x.example", "a@x.example", "c@x.example"], "title": "T"})
    )

    assert outcome.count("contacts") == {"updated": 1}
    own = workspace.get("contacts", target.ids("contacts")["1"])["fields"]
    assert (own["$email"]["value"], own["$title"]["value"]) == (["a@x.example", "c@x.example"], "T")
    [one] = target.left_over()
    assert (one["value"], one["why"]) == ("b@x.example", f"{other} has it")


def test_the_second_of_two_contacts_keeps_its_other_emails_and_its_links(
    without: Setup, workspace: Workspace
) -> None:
    without.loaded(
        rows("contacts", {"id": 1, "email": ["a@x.example", "b@x.example"]},
             {"id": 2, "email": ["B@x.example", "c@x.example"], "account_ids": ["k"]}),
        rows("accounts", {"id": "k", "name": "K"}),
    )  # fmt: skip

    ids = without.ids("contacts")
    assert workspace.value("contacts", ids["2"], "$email") == ["c@x.example"]
    assert workspace.links("contacts", ids["2"], "$account") == {without.ids("accounts")["k"]}
    assert values(without) == [("2", "email", "B@x.example", "taken")]


def test_a_row_becomes_the_first_that_has_its_value(first: Setup, workspace: Workspace) -> None:
    contacts = rows("contacts", {"id": "c", "email": "c@x.example", "account_ids": [1]},
                    {"id": "d", "email": "d@x.example", "account_ids": [2]})  # fmt: skip
    outcome = first.loaded(COMPANIES, contacts)

    assert outcome.count("accounts") == {"created": 2, "skipped": 1}
    ids = first.ids("accounts")
    assert ids["1"] == ids["2"]
    assert websites(workspace) == {"Harbor": ["harbor.example"], "Kestrel": ["kestrel.example"]}
    assert workspace.links("accounts", ids["1"], "$contact") == set(first.ids("contacts").values())
    why = f"The row became {ids['1']}, which is '1' of the same stream (taken: first)"
    assert {(one["key"], one["column"], one["why"]) for one in first.left_over()} == {
        ("2", "name", why), ("2", "website", why),
    }  # fmt: skip
    with first.counting() as seen:
        again = first.loaded(COMPANIES, contacts)
    assert again.count("accounts") == {"unchanged": 3}
    assert write_requests(seen) == 0
    assert len(first.left_over()) == 2


def test_what_becomes_the_first_stays_so_when_it_changes(first: Setup, workspace: Workspace) -> None:
    first.loaded(COMPANIES)
    changed = rows("accounts", {"id": 2, "name": "Harbor South", "website": "https://harbor.example"})

    assert first.loaded(changed).count("accounts") == {"skipped": 1}

    assert websites(workspace) == {"Harbor": ["harbor.example"], "Kestrel": ["kestrel.example"]}
    assert sorted(one["value"] if one["column"] == "name" else "site" for one in first.left_over()) == [
        "Harbor South", "site",
    ]  # fmt: skip


def test_the_first_record_outlives_its_own_row_while_the_second_is_there(
    first: Setup, workspace: Workspace
) -> None:
    first.loaded(COMPANIES)
    gone = rows("accounts", {"id": 1, "name": "Harbor", "_sdc_deleted_at": "2026-01-01T00:00:00Z"})

    first.loaded(gone, delete_mode="trash")
    assert len(workspace.all("accounts")) == 2
    gone = rows("accounts", {"id": 2, "name": "Harbor North", "_sdc_deleted_at": "2026-01-01T00:00:00Z"})
    first.loaded(gone, delete_mode="trash")
    assert first.left_over() == []  # of a row that is no more


@pytest.mark.parametrize("taken", ["without", "first"])
def test_many_rows_side_by_side_end_as_one_after_the_other(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], taken: str
) -> None:
    messages = rows(
        "contacts", *({"id": n, "email": [f"p{n % 7}@x.example", f"q{n}@x.example"]} for n in range(60))
    )
    ends = []
    for workers in (1, 16):
        sandbox = start_sandbox(empty=True)
        target = target_of(sandbox, f"{taken}{workers}", taken=taken, max_concurrency=workers)
        target.loaded(messages)
        ids = target.ids("contacts")
        names = {id_: min(int(k) for k in ids if ids[k] == id_) for id_ in ids.values()}
        emails = {r["id"]: r["fields"]["$email"]["value"] for r in sandbox.records("contact")}
        ends.append(
            ({key: (names[id_], emails[id_]) for key, id_ in ids.items()}, sorted(values(target), key=str))
        )
        with target.counting() as seen:
            assert target.loaded(messages).count("contacts") == {"unchanged": 60}
        assert write_requests(seen) == 0
    assert ends[0] == ends[1]


@pytest.mark.slow
@pytest.mark.parametrize("taken", ["without", "first"])
def test_runs_that_are_killed_end_as_one_that_is_not(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], taken: str
) -> None:
    messages = rows(
        "accounts",
        *(
            {"id": n, "name": f"A{n}", "website": f"https://d{n % 5}.example",
             "custom_legacy_id": f"L{n % 8}", "custom_status_page": "no url" if n % 3 else None}
            for n in range(30)
        ),
    )  # fmt: skip
    config: Json = {"taken": taken, "bad_values": "leave_out"}
    calm = start_sandbox(empty=True)
    undisturbed = target_of(calm, "calm", **config)
    undisturbed.loaded(messages)

    disturbed = start_sandbox(empty=True, latency_ms=4)
    target, chance = target_of(disturbed, "disturbed", **config), random.Random(taken)
    for _ in range(5):
        moment = _writes(disturbed) + chance.randint(1, 8)
        process = target.spawn(feed([messages]))
        while _writes(disturbed) < moment and process.poll() is None:
            time.sleep(0.003)
        process.kill()
        process.communicate()
    final = target.run(feed([messages]))

    assert final.status == 0, final.log
    assert _end(target, disturbed) == _end(undisturbed, calm)
    assert len(disturbed.records("account")) == len(calm.records("account"))


def _end(target: Setup, sandbox: Sandbox) -> Any:
    keys = ("$name", "$website", "legacyId")
    shown = {r["id"]: [r["fields"][key]["value"] for key in keys] for r in sandbox.records("account")}
    left_over = sorted((values(target)), key=str)
    return {key: shown[id_] for key, id_ in target.ids("accounts").items()}, left_over


def _writes(sandbox: Sandbox) -> int:
    return sum(sandbox.stats()["requests"]["write"].values())
