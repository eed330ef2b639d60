"""A verification compares every row with the workspace as it is, and writes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from tests.target.target_runs import Outcome, Setup, row, rows, schema, state, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


def verified(target: Setup, *messages: Any, status: int = 0, **config: Any) -> Outcome:
    """Verify, which writes nothing: not to Lightfield, and nowhere else but its report."""
    before = target.table("lightfield_records") if target.id_map_path.exists() else None
    report = str(target.folder / "report")
    with target.counting() as seen:
        outcome = target.load(*messages, verify=True, report_path=report, **config)
    assert outcome.status == status, outcome.log
    assert outcome.states == []
    assert write_requests(seen) == 0
    assert target.rejects_messages() == []
    assert (target.table("lightfield_records") if before is not None else None) == before
    return outcome


def verdicts(target: Setup) -> dict[str, dict[str, int]]:
    """How many of each verdict there are in the report, by stream, without the zeros."""
    found = {}
    for name, counts in target.report("report")["objects"].items():
        numbers = {v: n for v, n in counts["verified"].items() if v != "examples" and n}
        if numbers:
            found[name] = numbers
    return found


def named(target: Setup) -> set[tuple[str, str, str, str | None]]:
    """What the report names: stream, key, verdict and column."""
    objects = target.report("report")["objects"]
    return {
        (name, one["key"], one["verdict"], one["column"])
        for name, counts in objects.items()
        for one in counts["verified"]["examples"]
    }


def example(target: Setup, stream: str, key: str, column: str | None) -> Json:
    examples = target.report("report")["objects"][stream]["verified"]["examples"]
    [one] = [e for e in examples if (e["key"], e["column"]) == (key, column)]
    return dict(one)


@pytest.fixture
def feed(workspace: Workspace, tmp_path: Path) -> list[Json]:
    """Something of everything that can be written."""
    (tmp_path / "call.txt").write_text("We talked.")
    owner, other = list(workspace.members())[:2]
    meeting = {"start_date": "2024-05-01T10:00:00Z", "end_date": "2024-05-01T11:00:00Z"}
    return [
        *rows("files", {"id": "f", "file_path": "call.txt"}),
        *rows(
            "contacts",
            *({"id": n, "name": {"first_name": "Ann", "last_name": f"No {n}"}} for n in range(1, 4)),
            {"id": 4, "email": ["Ann@Acme.example"], "custom_phone": ["(202) 555-0123"]},
        ),
        *rows(
            "accounts",
            {"id": 1, "name": "Acme", "website": ["https://acme.example"], "contact_ids": [1, 2]},
            {"id": 2, "name": "Birch", "owner_id": owner, "headcount": "1-10"},
            {"id": 3, "name": "Cedar", "custom_renewal_date": "2025-01-31", "custom_icp_score": 7},
            {"id": 4, "name": "Dahl", "contact_ids": [3], "industry": ["Energy", "Retail"]},
            {"id": 5, "name": "Elm", "primary_address": {"city": "Bergen", "country": "Norway"}},
            {"id": 6, "name": "Fir"},
        ),
        *rows(
            "opportunities",
            {"id": 1, "name": "Deal", "account_id": 1, "stage_label": "Discovery", "amount": 1200},
            {"id": 2, "name": "Deal of none", "account_id": "none"},
        ),
        *rows("tasks", {"id": 1, "title": "Call", "status": "TODO", "assigned_to_id": owner}),
        *rows("notes", {"id": 1, "title": "Note", "content": "We **talked**.", "account_ids": [2]}),
        *rows("meetings", {"id": 1, "title": "Call", "transcript_id": "f", **meeting}),
        *rows(
            "emails",
            {"id": 1, "from": owner, "to": ["x@y.example"], "sent_at": "2024-05-01T10:00:00Z"},
        ),
        *rows("lists", {"id": "l", "name": "Friends", "object_type": "account"}),
        schema("list_members", key=("list_id", "object_type", "record_id")),
        *(row("list_members", list_id="l", object_type="account", record_id=n) for n in (1, 2)),
        state(bookmarks={"list_members": {"complete": {"rows": 2}}}),
        *rows("object_subscription", {"id": "s", "name": "S", "custom_seats": 5}, {"id": "t", "name": "T"}),
        *rows("members", {"id": "u", "email": other}),
    ]


EXACT = {"relationship_mode": "replace"}


def test_what_was_damaged_is_named_and_nothing_else(
    empty: Sandbox, target_of: Callable[..., Setup], workspace: Workspace, tmp_path: Path, feed: list[Json]
) -> None:
    target = target_of(empty, file_upload_dir=str(tmp_path), **EXACT)
    target.loaded(feed)
    ids = {stream: target.ids(stream) for stream in ("accounts", "contacts", "opportunities", "notes")}

    verified(target, feed)
    assert named(target) == set()
    assert target.report("report")["headline"] == "23 records: 22 equal, 1 waiting."

    other = list(workspace.members().values())[1]
    accounts, stages = ids["accounts"], workspace.options("opportunities", "$stage")
    workspace.update("contacts", ids["contacts"]["4"], {"phone": ["+12025550199"]})  # a field changed
    workspace.delete("accounts", accounts["6"])  # a record trashed
    workspace.update("accounts", accounts["1"], {}, {"$contact": {"remove": [ids["contacts"]["2"]]}})
    workspace.update("accounts", accounts["4"], {}, {"$contact": {"add": [ids["contacts"]["1"]]}})
    workspace.call(
        "POST",
        "lists",
        target.ids("lists")["l"],
        body={"relationships": {"$accounts": {"remove": accounts["2"]}}},
    )
    workspace.update("opportunities", ids["opportunities"]["1"], {"$stage": stages["Won"]})
    workspace.update("accounts", accounts["5"], {"$name": "Elm Ltd"})
    workspace.update("accounts", accounts["3"], {"renewalDate": "2025-02-01T00:00:00Z", "icp-score": 8})
    workspace.update("notes", ids["notes"]["1"], {"$content": "Nobody talked."})
    workspace.update("accounts", accounts["2"], {}, {"$owner": {"replace": other}})
    subscription = target.ids("object_subscription")["s"]
    workspace.call("POST", "objects/subscription/values", subscription, body={"fields": {"seats": 6}})

    outcome = verified(target, feed, status=1)
    changed = "changed_in_lightfield"
    assert named(target) == {
        ("contacts", "4", changed, "custom_phone"),
        ("accounts", "6", "missing", None),
        ("accounts", "1", changed, "contact_ids"),
        ("accounts", "4", changed, "contact_ids"),
        ("list_members", '["l", "account", 2]', "missing", "list_id"),
        ("list_members", '["l", "account", 2]', "missing", "record_id"),
        ("opportunities", "1", changed, "stage"),
        ("accounts", "5", changed, "name"),
        ("accounts", "3", changed, "custom_renewal_date"),
        ("accounts", "3", changed, "custom_icp_score"),
        ("notes", "1", changed, "content"),
        ("accounts", "2", changed, "owner_id"),
        ("object_subscription", "s", changed, "custom_seats"),
    }
    assert verdicts(target)["accounts"] == {"missing": 1, changed: 5}
    assert "The workspace is not as the source: 2 records are missing." in outcome.error
    name = example(target, "accounts", "5", "name")
    assert (name["source"], name["lightfield"], name["name"]) == ("Elm", "Elm Ltd", "Elm Ltd")
    assert name["httpLink"] == workspace.get("accounts", accounts["5"])["httpLink"]
    stage = example(target, "opportunities", "1", "stage")
    assert (stage["source"], stage["lightfield"]) == ("Discovery", "Won")
    links = example(target, "accounts", "1", "contact_ids")
    assert (links["source"], links["lightfield"]) == ("2", None)
    assert example(target, "accounts", "4", "contact_ids")["lightfield"] == "1"
    assert "Elm Ltd" in (target.folder / "report.html").read_text()
    assert "Elm Ltd" not in outcome.log  # which names no values
    assert "accounts '5' " in outcome.log


def test_what_the_source_has_changed_since_the_load_differs_until_it_is_loaded(target: Setup) -> None:
    target.loaded(rows("accounts", {"id": 1, "name": "Acme"}, {"id": 2, "name": "Birch"}))
    later = rows(
        "accounts", {"id": 1, "name": "Acme Inc"}, {"id": 2, "name": "Birch"}, {"id": 3, "name": "New"}
    )

    outcome = verified(target, later, status=1)
    assert verdicts(target) == {"accounts": {"equal": 1, "differing": 1, "missing": 1}}
    assert "1 record differs and 1 record is missing" in outcome.error
    report = target.report("report")
    assert report["headline"] == "3 records: 1 equal, 1 differing, 1 missing."
    assert report["failure"] is None
    assert "1 record differs" in report["verdict"]

    target.loaded(later)
    verified(target, later)
    assert verdicts(target) == {"accounts": {"equal": 3}}


def test_of_several_rows_of_a_key_the_last_one_that_says_something_counts(
    target: Setup, workspace: Workspace
) -> None:
    feed = rows(
        "contacts",
        {"id": 1, "email": "a@x.example", "title": "CEO", "custom_lead_score": 1},
        {"id": 1, "email": "a@x.example", "title": "CTO"},
        {"id": 2, "email": "b@x.example"},
        {"id": 2, "_sdc_deleted_at": "2024-01-01T00:00:00Z"},
    )
    target.loaded(feed, delete_mode="trash")
    verified(target, feed, delete_mode="trash")
    assert verdicts(target) == {"contacts": {"equal": 2}}

    workspace.update("contacts", target.ids("contacts")["1"], {"leadScore": 2})
    workspace.call("POST", "contacts", target.ids("contacts")["2"], "restore")
    verified(target, feed, delete_mode="trash", status=1)
    assert named(target) == {
        ("contacts", "1", "differing", "custom_lead_score"),
        ("contacts", "2", "changed_in_lightfield", None),
    }


def test_without_the_id_map_what_matches_is_compared(target: Setup, workspace: Workspace) -> None:
    feed = [
        *rows("contacts", {"id": 1, "email": "a@x.example", "account_ids": [1, 2], "title": "CEO"}),
        *rows("accounts", {"id": 1, "name": "Acme", "website": ["acme.example"]}, {"id": 2, "name": "Birch"}),
    ]
    target.loaded(feed)
    account, contact = target.ids("accounts")["2"], target.ids("contacts")["1"]
    target.forget()

    verified(target, feed)  # although the contact comes before its accounts
    assert verdicts(target) == {"accounts": {"equal": 2}, "contacts": {"equal": 1}}

    workspace.update("contacts", contact, {"$title": "CTO"}, {"$account": {"remove": [account]}})
    verified(target, feed, status=1)
    assert named(target) == {
        ("contacts", "1", "differing", "title"),
        ("contacts", "1", "differing", "account_ids"),
    }


def test_the_id_map_is_not_believed_which_record_a_row_is(target: Setup) -> None:
    feed = rows("accounts", {"id": 1, "name": "Acme"}, {"id": 2, "name": "Birch"})
    target.loaded(feed)
    ids = target.ids("accounts")
    with target.database() as database:
        for key, other in (("1", "2"), ("2", "1")):
            database.execute(
                "UPDATE lightfield_records SET record_id = ? WHERE source_key = ?", (ids[other], key)
            )

    verified(target, feed, status=1)
    assert named(target) == {("accounts", key, "differing", "name") for key in ("1", "2")}
    assert ids["1"] in example(target, "accounts", "1", "name")["why"]


def test_a_value_that_never_arrived_is_not_taken_for_a_change_by_a_person(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = rows("contacts", {"id": 1, "email": "a@x.example", "title": "CEO", "custom_bio": "Old"})
    write = LightfieldClient.write

    def losing(self: LightfieldClient, *path: str, body: Any, **options: Any) -> Any:
        """Write as Lightfield would that drops a value without a word."""
        fields = {key: value for key, value in body.get("fields", {}).items() if key != "$title"}
        return write(self, *path, body={**body, "fields": fields}, **options)

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", losing)
        target.loaded(feed)
    workspace.update("contacts", target.ids("contacts")["1"], {"bio": "New"})

    verified(target, feed, status=1)
    assert named(target) == {("contacts", "1", "differing", column) for column in ("title", "custom_bio")}
    assert "never had title" in example(target, "contacts", "1", "title")["why"]

    workspace.update("contacts", target.ids("contacts")["1"], {"$title": "CEO"})
    verified(target, feed)
    assert named(target) == {("contacts", "1", "changed_in_lightfield", "custom_bio")}


def test_what_the_load_left_over_is_no_difference(target: Setup, workspace: Workspace) -> None:
    settings = {"bad_values": "leave_out", "taken": "without"}
    feed = rows(
        "contacts",
        {"id": 1, "email": ["a@x.example"]},
        {"id": 2, "email": ["a@x.example", "b@x.example"], "custom_lead_score": "many"},
    )
    target.loaded(feed, **settings)
    left_over = target.left_over()
    assert len(left_over) == 2

    verified(target, feed, **settings)
    assert verdicts(target) == {"contacts": {"equal": 2}}
    assert target.report("report")["objects"]["contacts"]["left_over"] == 2
    assert target.left_over() == left_over

    workspace.update("contacts", target.ids("contacts")["2"], {"$email": ["c@x.example"]})
    verified(target, feed, **settings)
    assert named(target) == {("contacts", "2", "changed_in_lightfield", "email")}


def test_a_record_that_was_merged_is_changed_and_links_to_what_is_missing_are_not_named(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(empty=True, merged_answer="survivor")
    target, workspace = target_of(sandbox), Workspace(sandbox)
    feed = [
        *rows("contacts", *({"id": n, "email": f"{n}@x.example", "account_ids": [n]} for n in range(1, 4))),
        *rows("accounts", *({"id": n, "name": f"A{n}", "website": [f"a{n}.example"]} for n in range(1, 4))),
    ]
    target.loaded(feed)
    ids = target.ids("accounts")
    workspace.call("POST", "accounts", "merge", body={"primaryId": ids["1"], "duplicateId": ids["2"]})
    workspace.delete("accounts", ids["3"])

    verified(target, feed, status=1)
    assert {one for one in named(target) if one[0] == "accounts"} == {
        ("accounts", "2", "changed_in_lightfield", None),
        ("accounts", "3", "missing", None),
    }
    assert ids["1"] in example(target, "accounts", "2", None)["why"]


def test_a_preset_s_rows_are_named_in_the_words_of_the_source(
    target: Setup, workspace: Workspace, tmp_path: Path
) -> None:
    preset = tmp_path / "preset.yml"
    preset.write_text(
        "preset: 1\n"
        "links: {worker: {of: people, key: id, column: account_ids, record: companies, is: employer}}\n"
        "streams:\n"
        "  companies: {to: accounts, columns: {name: title, headcount: size}}\n"
        "  people: {to: contacts, columns: {email: mail, account_ids: {from: employer, record: companies}}}\n"
    )
    target.config["preset"] = str(preset)
    feed = [
        *rows("companies", {"id": 7, "title": "Acme", "size": "1-10"}, {"id": 8, "title": "Birch"}),
        *rows("people", {"id": 1, "mail": "a@x.example", "employer": 7}),
    ]
    target.loaded(feed)
    account, contact = target.ids("accounts")["companies:7"], target.ids("contacts")["people:1"]
    sizes = workspace.options("accounts", "$headcount")
    workspace.update("accounts", account, {"$headcount": sizes["11-50"]})
    workspace.update("contacts", contact, {}, {"$account": {"remove": [account]}})

    outcome = verified(target, feed)
    size = example(target, "accounts", "7", "size (headcount)")
    assert (size["stream"], size["source"], size["lightfield"]) == ("companies", "1-10", "11-50")
    employer = example(target, "contacts", "1", "employer (account_ids)")
    assert (employer["stream"], employer["source"]) == ("people", "companies:7")
    assert "companies '7' " in outcome.log


def test_it_asks_for_lists_and_not_for_each_record(empty: Sandbox, target_of: Callable[..., Setup]) -> None:
    target = target_of(empty)
    number = 600
    feed = rows("notes", *({"id": n, "title": f"Note {n}"} for n in range(number)))
    target.loaded(feed)

    verified(target, feed)
    assert verdicts(target) == {"notes": {"equal": number}}
    calls = target.report("report")["api_calls"]
    assert calls["read"] + calls["search"] < 2 * number / 25 + 50

    changed = rows("notes", *({"id": n, "title": f"Now {n}"} for n in range(number)))
    target.loaded(changed, dry_run=True, report_path=str(target.folder / "report"))
    report = target.report("report")
    assert report["objects"]["notes"]["updated"] == number
    assert report["api_calls"]["read"] < 200
    lines = (target.folder / "report.changes.jsonl").read_text().splitlines()
    assert len(lines) == number
    assert json.loads(lines[0])["action"] == "updated"


def test_streams_of_which_nothing_is_written_are_not_compared(target: Setup) -> None:
    feed = [*rows("accounts", {"id": 1, "name": "Acme"}), *rows("messages", {"id": "m"})]
    target.loaded(feed)
    outcome = verified(target, feed)

    assert "accounts: 1 equal, 0 differing, 0 missing, 0 changed in Lightfield since" in outcome.log
    assert "messages: 1 skipped" in outcome.log
    [table] = re.findall('<table class="verified numbers">.*?</table>', _page(target), re.S)
    assert re.findall('<th scope="row">(.*?)</th>', table) == ["accounts"]


def test_the_page_says_first_what_differs_and_how_it_comes_right(target: Setup, workspace: Workspace) -> None:
    links = [{"id": n, "name": f"Acme {n}", "owner_id": "nobody@else.example"} for n in range(4)]
    feed = rows("accounts", *links, {"id": 8, "name": "Birch"}, {"id": 9, "name": "Cedar"})
    target.loaded(feed)
    workspace.delete("accounts", target.ids("accounts")["8"])
    workspace.update("accounts", target.ids("accounts")["9"], {"$name": "Cedar Ltd"})
    verified(target, feed, status=1)

    said = re.findall("<li><p><b>(.*?)</b> (.*?)</p>", _page(target))
    assert [size for size, _ in said[:2]] == ["1 record", "1 record"]
    assert "those that somebody has deleted in Lightfield, restore there" in said[0][1]
    assert "stays so until their rows change" in said[1][1]
    assert said[2][0] == "4 records"
    assert "<b>1</b> changed in Lightfield since" in _page(target)

    assert target.loaded(feed).count("accounts") == {"unchanged": 6}  # as the page says, nothing comes back
    workspace.call("POST", "accounts", target.ids("accounts")["8"], "restore")
    verified(target, feed)


def _page(target: Setup) -> str:
    return (target.folder / "report.html").read_text()
