"""Lists, and who is on them."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pytest
from target_runs import Outcome, Setup, feed, row, rows, schema, state, write_requests, writes
from workspaces import Workspace

from lightfield_api.errors import NoAnswer
from target_lightfield.id_map.source import Source
from target_lightfield.objects.list_batches import ListBatches
from target_lightfield.objects.list_contents import Change, ListContents
from target_lightfield.objects.list_member_rows import Entry, Membership
from target_lightfield.reporting.rejects_file import StreamSchema

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

KEY = ("list_id", "object_type", "record_id")
REPLACE: Json = {"relationship_mode": "replace"}
ENDS: Json = {"delete_mode": "trash", "relationship_mode": "replace"}
DELETED: Json = {"_sdc_deleted_at": "2026-01-01T00:00:00Z"}


def accounts(*keys: object) -> list[Json]:
    return rows("accounts", *({"id": key, "name": f"Account {key}"} for key in keys))


def a_list(key: object = "L", name: str = "Targets", object_type: str = "account", **columns: Any) -> Json:
    return {"id": key, "name": name, "object_type": object_type, **columns}


def lists(*made: Json) -> list[Json]:
    return rows("lists", *(made or (a_list(),)))


def member(record: object, list_id: object = "L", object_type: str = "account", **columns: Any) -> Json:
    return {"list_id": list_id, "object_type": object_type, "record_id": record, **columns}


def on_list(*members: object, key: Sequence[str] | None = KEY) -> list[Json]:
    """The rows of list_members; a key alone is that of an account on the list L."""
    return rows("list_members", *(m if isinstance(m, dict) else member(m) for m in members), key=key)


def member_row(record: object) -> Json:
    return row("list_members", **member(record))


def complete(*messages: Json | list[Json]) -> list[Json]:
    """These messages, and the state that says of their rows of list_members that they are all there are."""
    flat = [m for message in messages for m in (message if isinstance(message, list) else [message])]
    count = sum(m["type"] == "RECORD" and m["stream"] == "list_members" for m in flat)
    return [*flat, complete_state(count)]


def complete_state(count: object) -> Json:
    return state(bookmarks={"list_members": {"complete": {"rows": count}}})


def members(workspace: Workspace, list_id: str, kind: str = "accounts") -> set[str]:
    found: list[str] = []
    while len(found) % 25 == 0:
        page = workspace.call("GET", "lists", list_id, f"{kind}?limit=25&offset={len(found)}")["data"]
        found += [record["id"] for record in page]
        if not page:
            break
    assert len(set(found)) == len(found)
    return set(found)


def _kind(made: Json) -> str:
    return str(made["fields"]["$objectType"]["value"]).removeprefix("$")


def ids(target: Setup, keys: Iterable[object], stream: str = "accounts") -> set[str]:
    known = target.ids(stream)
    return {known[str(key)] for key in keys}


def test_members_of_lists_are_counted_in_pages(workspace: Workspace) -> None:
    made = [workspace.account(f"A{n}") for n in range(25)]
    list_id = workspace.create("lists", {"$name": "L", "$objectType": "$account"}, {"$accounts": made})
    assert members(workspace, list_id) == set(made)


class TestLists:
    def test_a_list_is_created_renamed_and_described(self, target: Setup, workspace: Workspace) -> None:
        created = target.loaded(lists(a_list(description="Who to call", kind="target")))
        assert created.count("lists") == {"created": 1}
        [made] = workspace.all("lists")
        assert {key: field["value"] for key, field in made["fields"].items()} == {
            "$name": "Targets",
            "$objectType": "$account",
            "$description": "Who to call",
            "$kind": "target",
        }

        changed = target.loaded(lists(a_list(name="Aims", description=None, kind="target")))

        assert changed.count("lists") == {"updated": 1}
        assert workspace.values("lists", "$name") == ["Aims"]
        assert workspace.values("lists", "$description") == [None]

    def test_an_unchanged_list_costs_no_call(self, target: Setup) -> None:
        target.loaded(lists())

        with target.counting() as seen:
            outcome = target.loaded(lists(a_list(object_type="$account")))  # the same in other words

        assert outcome.count("lists") == {"unchanged": 1}
        assert write_requests(seen) == 0
        assert seen["requests"]["search"] == {}

    def test_the_object_type_comes_with_or_without_its_dollar(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(lists(a_list(1, "A", "account"), a_list(2, "B", "$contact")))

        assert sorted(workspace.values("lists", "$objectType")) == ["$account", "$contact"]

    def test_a_list_is_matched_by_its_name_among_those_of_its_type(
        self, target: Setup, workspace: Workspace
    ) -> None:
        of_accounts = workspace.create("lists", {"$name": "Targets", "$objectType": "$account"})
        workspace.create("lists", {"$name": "Others", "$objectType": "$contact"})

        outcome = target.loaded(
            lists(a_list(1, "targets"), a_list(2, "Targets", "contact"), a_list(3, "Others", "contact"))
        )

        assert outcome.count("lists") == {"created": 1, "updated": 1, "unchanged": 1}
        assert target.ids("lists")["1"] == of_accounts
        assert len(workspace.all("lists")) == 3

    def test_an_old_list_without_a_dollar_is_of_the_same_type(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox()
        workspace, target = Workspace(sandbox), target_of(sandbox)
        old = next(r for r in workspace.all("lists") if r["fields"]["$objectType"]["value"] == "account")
        account = workspace.account("New")

        outcome = target.loaded(
            lists(a_list(name=old["fields"]["$name"]["value"], object_type="$account")), on_list(account)
        )

        assert outcome.count("lists") == {"unchanged": 1}
        assert target.ids("lists") == {"L": old["id"]}
        assert account in members(workspace, old["id"])
        assert "left as it is" not in outcome.log

    def test_another_object_type_leaves_a_list_as_it_is_and_says_so_once(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(lists(a_list(1, "A"), a_list(2, "B")))

        outcome = target.loaded(lists(a_list(1, "A", "contact"), a_list(2, "New", "contact")))

        assert outcome.count("lists") == {"unchanged": 1, "updated": 1}
        assert workspace.values("lists", "$objectType") == ["$account", "$account"]
        assert sorted(workspace.values("lists", "$name")) == ["A", "New"]
        assert outcome.log.count("left as it is") == 1

    @pytest.mark.parametrize("object_type", ["accounts", "$accounts", "task", "", "$", 5, ["account"]])
    def test_a_list_of_what_there_are_no_lists_of_is_rejected(
        self, target: Setup, workspace: Workspace, object_type: Any
    ) -> None:
        target.load(lists(a_list(object_type=object_type), a_list("M", "Good")))

        assert [r["param"] for r in target.rejects()] == ["object_type"]
        assert workspace.values("lists", "$name") == ["Good"]

    def test_null_as_the_object_type_asks_for_nothing(self, target: Setup, workspace: Workspace) -> None:
        target.load(lists({"id": 1, "name": "A", "object_type": None}, a_list(2, "B")))
        assert [r["code"] for r in target.rejects()] == ["parameter_missing"]

        outcome = target.loaded(lists({"id": 2, "name": "B", "object_type": None, "description": "New"}))

        assert outcome.count("lists") == {"updated": 1}
        assert "left as it is" not in outcome.log

    def test_a_second_target_list_is_rejected_with_lightfields_reason(self, target: Setup) -> None:
        target.load(lists(a_list(1, "A", kind="target"), a_list(2, "B", kind="target")))

        assert [r["param"] for r in target.rejects()] == ["kind"]

    def test_a_list_whose_answer_was_lost_is_not_doubled(
        self, target: Setup, empty: Sandbox, workspace: Workspace, impatient: None
    ) -> None:
        empty.set_faults("reset-after:1")
        assert target.load(accounts(1), lists(), on_list(1)).status == 1
        empty.set_faults("")

        target.loaded(accounts(1), lists(), on_list(1))

        assert len(workspace.all("lists")) == 1
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])


class TestAdding:
    def test_members_are_added_25_in_a_request(self, target: Setup, workspace: Workspace) -> None:
        made = [workspace.account(f"A{n}") for n in range(1000)]
        target.loaded(lists())

        with target.counting() as seen:
            outcome = target.loaded(on_list(*made))

        assert outcome.count("list_members") == {"created": 1000}
        assert write_requests(seen) == 40
        assert members(workspace, target.ids("lists")["L"]) == set(made)

    def test_an_unchanged_rerun_costs_no_call(self, target: Setup, workspace: Workspace) -> None:
        there = workspace.account("There")
        list_id = workspace.create("lists", {"$name": "Old", "$objectType": "$account"})
        messages = [*accounts(*range(30)), *lists(), *on_list(*range(30), there, member(there, list_id))]
        target.loaded(messages)

        with target.counting() as seen:
            outcome = target.loaded(messages)

        assert outcome.count("list_members") == {"unchanged": 32}
        assert write_requests(seen) == 0
        assert seen["requests"]["search"] == {}

    def test_who_is_on_a_list_already_is_unchanged_and_costs_no_write(
        self, target: Setup, workspace: Workspace
    ) -> None:
        made = [workspace.account(f"A{n}") for n in range(60)]
        workspace.create("lists", {"$name": "Targets", "$objectType": "$account"}, {"$accounts": made[:25]})
        target.loaded(lists())

        with target.counting() as seen:
            outcome = target.loaded(on_list(*made[:25], *made[30:32]))
        assert outcome.count("list_members") == {"unchanged": 25, "created": 2}
        assert write_requests(seen) == 1

    def test_the_members_of_a_list_are_listed_once(self, target: Setup, workspace: Workspace) -> None:
        made = [workspace.account(f"A{n}") for n in range(300)]
        target.loaded(lists(), on_list(*made[:100]))
        target.forget()
        target.loaded(lists())

        with target.counting() as seen:
            outcome = target.loaded(on_list(*made))

        assert outcome.count("list_members") == {"unchanged": 100, "created": 200}
        of_accounts = -(-300 // 25)  # at most: all are listed to tell their ids
        of_the_list = 100 // 24 + 1
        assert sum(seen["requests"]["search"].values()) <= of_accounts + of_the_list + 5

    def test_two_lists_interleaved_are_batched_apart(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(*range(50)), lists(a_list(1, "A"), a_list(2, "B")))

        with target.counting() as seen:
            target.loaded(on_list(*(member(n, 1 + n % 2) for n in range(50))))

        assert write_requests(seen) == 2
        made = target.ids("lists")
        assert members(workspace, made["1"]) == ids(target, range(0, 50, 2))
        assert members(workspace, made["2"]) == ids(target, range(1, 50, 2))

    def test_all_three_kinds_are_added(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(
            accounts(1),
            rows("contacts", {"id": 1, "email": "c@x.example"}),
            rows("opportunities", {"id": 1, "name": "Deal", "account_id": 1}),
            lists(a_list("a", "A"), a_list("c", "C", "contact"), a_list("o", "O", "opportunity")),
            on_list(member(1, "a"), member(1, "c", "contact"), member(1, "o", "$opportunity")),
        )

        made = target.ids("lists")
        for key, kind in {"a": "accounts", "c": "contacts", "o": "opportunities"}.items():
            assert members(workspace, made[key], kind) == ids(target, [1], kind)

    def test_the_same_row_twice_in_a_batch_is_added_once(self, target: Setup, workspace: Workspace) -> None:
        outcome = target.loaded(
            accounts(1), lists(), on_list(1, 1, member("1"), member(1, object_type="$account"))
        )

        assert outcome.count("list_members") == {"created": 1, "unchanged": 3}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    def test_the_same_member_in_two_batches_is_added_once(self, target: Setup) -> None:
        outcome = target.loaded(accounts(*range(25)), lists(), on_list(*range(25), "0"))

        assert outcome.count("list_members") == {"created": 25, "unchanged": 1}

    def test_numbers_are_keys_as_their_text_is(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts("1", 2), lists(a_list(7)), on_list(member(1, "7"), member("2", 7)))

        assert members(workspace, target.ids("lists")["7"]) == ids(target, [1, 2])

    def test_ids_of_the_workspace_are_taken_as_they_are(self, target: Setup, workspace: Workspace) -> None:
        account = workspace.account("There")
        list_id = workspace.create("lists", {"$name": "Old", "$objectType": "$account"})

        outcome = target.loaded(on_list(member(account, list_id)))

        assert outcome.count("list_members") == {"created": 1}
        assert members(workspace, list_id) == {account}

    def test_a_member_whom_a_user_took_off_and_whose_record_was_made_anew_is_added_again(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1), lists(), on_list(1))
        workspace.delete("accounts", target.ids("accounts")["1"])
        target.loaded(rows("accounts", {"id": 1, "name": "Anew"}), on_deleted="recreate")

        assert target.loaded(on_list(1)).count("list_members") == {"created": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    def test_a_list_that_was_made_anew_gets_its_members_again(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1), lists(), on_list(1))
        gone = target.ids("lists")["L"]
        workspace.delete("lists", gone)

        outcome = target.loaded(lists(a_list(name="Anew")), on_list(1), on_deleted="recreate")

        assert outcome.count("list_members") == {"created": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])
        assert target.ids("lists")["L"] != gone

    def test_a_stream_with_a_key_of_its_own_or_none_is_loaded_too(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(
            accounts(1, 2),
            lists(),
            on_list(member(1, id="m1"), key=("id",)),
            on_list(member(2), key=None),
        )

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_rows_of_very_many_lists_are_not_all_gathered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("target_lightfield.objects.list_batches._MOST_GATHERED", 5)
        stream, sent = StreamSchema("list_members", {}, KEY), []
        batches = ListBatches(lambda entries: sent.append([e.source.key for e in entries]))

        for key in "abcdefg":
            batches.put(Entry(stream, Source("list_members", key), {}, Membership(key, "account", "1")))
        assert sent == [["a"], ["b"]]

        batches.flush()
        assert sent == [[key] for key in "abcdefg"]


class TestWaiting:
    def test_members_of_a_list_that_comes_later_in_the_feed(
        self, target: Setup, workspace: Workspace
    ) -> None:
        with target.counting() as seen:
            outcome = target.loaded(on_list(*range(30)), accounts(*range(30)), lists())

        assert outcome.count("list_members") == {"created": 30}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, range(30))
        assert seen["writes"]["list"]["update"] <= 4  # 25 and 5, and what came while the list was made
        assert target.table("lightfield_waiting_records") == []

    def test_members_wait_for_a_later_run(self, target: Setup, workspace: Workspace) -> None:
        first = target.loaded(accounts(1), on_list(1, 2), state(seen=1))
        assert first.count("list_members") == {"waiting": 2}
        assert first.state == {"seen": 1}

        second = target.loaded(lists())
        assert second.count("list_members") == {"created": 1, "waiting": 1}

        third = target.loaded(accounts(2))
        assert third.count("list_members") == {"created": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_a_member_that_waited_and_has_come_again_is_counted_once(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(on_list(1))

        outcome = target.loaded(accounts(1), lists(), on_list(1))

        assert outcome.count("list_members") == {"created": 1}
        assert target.table("lightfield_waiting_records") == []

    @pytest.mark.parametrize(("settings", "outcome"), [({}, "skipped"), (ENDS, "unchanged")])
    def test_a_member_that_the_source_has_deleted_waits_no_more(
        self, target: Setup, workspace: Workspace, settings: Json, outcome: str
    ) -> None:
        target.loaded(on_list(1))

        deleted = target.loaded(on_list(member(1, **DELETED)), **settings)
        target.loaded(accounts(1), lists())

        assert deleted.count("list_members") == {outcome: 1}
        assert members(workspace, target.ids("lists")["L"]) == set()

    def test_the_last_version_of_a_row_waits_whichever_list_it_is_about(self, target: Setup) -> None:
        first, last = member(1, "A", id=5), member(1, "B", id=5)
        fillers = (member(f"f{n}", "B", id=100 + n) for n in range(24))

        target.loaded(on_list(first, last, *fillers, key=("id",)))

        waiting = {r["source_key"]: r["row"] for r in target.table("lightfield_waiting_records")}
        assert json.loads(waiting["5"]) == last

    def test_a_row_whose_newer_version_is_rejected_waits_no_more(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.load(on_list(member(1, id=5), member(1, id=5, object_type="task"), key=("id",)))

        assert target.table("lightfield_waiting_records") == []

    def test_members_come_after_the_records_that_are_on_their_way(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(empty=True, latency_ms=50)
        target = target_of(sandbox)
        target.loaded(lists())

        broken_off = target.load(accounts(1), on_list(1), "{")

        assert broken_off.count("list_members") == {"created": 1}

    def test_what_a_row_says_and_takes_back_in_one_run_waits_no_more(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(on_list(1, member(1, **DELETED)))

        assert target.table("lightfield_waiting_records") == []

    @pytest.mark.parametrize(
        "hostile", ["../accounts", "..", "definitions", "a/b?c=d#e", "lst_x\n", "%2e%2e"]
    )
    def test_hostile_keys_name_nothing_but_what_has_come(
        self, target: Setup, workspace: Workspace, hostile: str
    ) -> None:
        waiting = target.loaded(accounts(1), lists(), on_list(member(1, hostile), member(hostile)))
        assert waiting.count("list_members") == {"waiting": 2}

        target.loaded(accounts(hostile), lists(a_list(hostile, "Hostile")))

        made = target.ids("lists")
        assert members(workspace, made[hostile]) == ids(target, [1])
        assert members(workspace, made["L"]) == ids(target, [hostile])


class TestRejects:
    @pytest.mark.parametrize(
        ("wrong", "param"),
        [
            ({"object_type": "task"}, "object_type"),
            ({"object_type": "accounts"}, "object_type"),
            ({"object_type": "Account"}, "object_type"),
            ({"object_type": 1}, "object_type"),
            ({"list_id": True}, "list_id"),
            ({"list_id": ["L"]}, "list_id"),
            ({"record_id": {"id": 1}}, "record_id"),
            ({"record_id": "x\0"}, "record_id"),
            ({"record_id": "x" * 501}, "record_id"),
        ],
    )
    def test_what_can_not_be_read_is_rejected_with_its_column(
        self, target: Setup, workspace: Workspace, wrong: Json, param: str
    ) -> None:
        target.load(accounts(1), lists(), on_list({**member(1, id=5), **wrong}, member(1, id=6), key=("id",)))

        assert [(r["code"], r["param"]) for r in target.rejects()] == [("invalid_value", param)]
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    @pytest.mark.parametrize("column", KEY)
    def test_a_row_without_a_part_of_its_key_is_rejected(self, target: Setup, column: str) -> None:
        target.load(accounts(1), lists(), on_list({**member(1), column: None}))

        assert [(r["code"], r["param"]) for r in target.rejects()] == [("key_missing", column)]

    def test_a_record_of_another_type_than_the_lists_is_rejected(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.load(
            accounts(1),
            rows("contacts", {"id": 1, "email": "c@x.example"}),
            lists(),
            on_list(member(1, object_type="contact"), member(1)),
        )

        [reject] = target.rejects()
        assert reject["param"] == "object_type"
        assert "accounts" in reject["message"]
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    def test_members_who_were_deleted_wait_and_keep_no_other_off_the_list(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(*range(25)), lists())
        for key in (3, 20):
            workspace.delete("accounts", target.ids("accounts")[str(key)])

        outcome = target.loaded(on_list(*range(25)))

        assert outcome.count("list_members") == {"created": 23, "waiting": 2}
        expected = ids(target, set(range(25)) - {3, 20})
        assert members(workspace, target.ids("lists")["L"]) == expected

    def test_members_of_a_list_that_is_gone_wait_at_the_price_of_one_write(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(*range(25)), lists())
        workspace.delete("lists", target.ids("lists")["L"])

        with target.counting() as seen:
            outcome = target.loaded(on_list(*range(25)))

        assert outcome.count("list_members") == {"waiting": 25}
        assert write_requests(seen) == 1

    def test_members_who_were_deleted_are_added_once_they_are_back(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2), lists())
        account = target.ids("accounts")["2"]
        workspace.delete("accounts", account)
        target.loaded(on_list(1, 2))
        workspace.call("POST", "accounts", account, "restore")

        target.loaded(accounts(1))

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])


class TestColumnsAndScopes:
    def test_an_unknown_column_ends_the_run_naming_the_nearest(self, target: Setup) -> None:
        outcome = target.load(on_list({**member(1), "recordid": 5}))

        assert "'recordid' (nearest: record_id" in outcome.error

    def test_what_a_list_is_called_is_for_those_who_read_the_rows(
        self, target: Setup, workspace: Workspace
    ) -> None:
        first = target.loaded(accounts(1), lists(), on_list({**member(1), "list_name": "Another name"}))
        assert first.count("list_members") == {"created": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

        renamed = target.loaded(on_list({**member(1), "list_name": None}))
        assert renamed.count("list_members") == {"unchanged": 1}

    def test_an_unknown_column_is_ignored_where_the_settings_say_so(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(
            accounts(1), lists(), on_list({**member(1), "added_by": "Ann"}), unknown_columns="ignore"
        )

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    @pytest.mark.parametrize(
        "missing", ["lists:read", "lists:update", "accounts:read", "contacts:read", "opportunities:read"]
    )
    def test_a_missing_scope_is_said_at_the_schema_message(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], missing: str
    ) -> None:
        scopes = {f"{name}:read" for name in ("lists", "accounts", "contacts", "opportunities", "members")}
        sandbox = start_sandbox(empty=True, keys={"some": sorted((scopes | {"lists:update"}) - {missing})})
        target = target_of(sandbox, api_key=sandbox.keys["some"])

        outcome = target.load(schema("list_members", *KEY, key=KEY))

        assert f"lacks the scope {missing}, which writing list_members needs" in outcome.error

    def test_lists_have_no_settings_for_their_members(self, target: Setup) -> None:
        outcome = target.load(accounts(1), objects={"list_members": {"mode": "upsert"}})

        assert "'list_members'" in outcome.error


class TestModes:
    def test_update_only_adds_members_to_the_lists_that_there_are(
        self, target: Setup, workspace: Workspace
    ) -> None:
        account = workspace.account("There")
        there = workspace.create("lists", {"$name": "There", "$objectType": "$account"})

        outcome = target.loaded(
            lists(a_list("t", "There"), a_list("n", "New")),
            on_list(member(account, "t"), member(account, "n")),
            mode="update_only",
        )

        assert outcome.count("lists") == {"unchanged": 1, "skipped": 1}
        assert outcome.count("list_members") == {"created": 1, "waiting": 1}
        assert members(workspace, there) == {account}

    def test_create_only_adds_members_to_the_lists_that_it_created(
        self, target: Setup, workspace: Workspace
    ) -> None:
        there = workspace.create("lists", {"$name": "There", "$objectType": "$account"})

        outcome = target.loaded(
            accounts(1),
            lists(a_list("t", "There"), a_list("n", "New")),
            complete(on_list(member(1, "t"), member(1, "n"))),
            mode="create_only",
            **REPLACE,
        )

        assert outcome.count("list_members") == {"created": 1, "skipped": 1}
        assert members(workspace, there) == set()
        assert members(workspace, target.ids("lists")["n"]) == ids(target, [1])

    def test_create_only_removes_nobody(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        target.loaded(complete(on_list(1)), objects={"lists": {"mode": "create_only"}}, **REPLACE)

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_a_dry_run_says_what_would_be_and_writes_nothing(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(1, 2))

        with target.counting() as seen:
            outcome = target.loaded(
                lists(a_list("N", "New")), complete(on_list(2, 3, member(1, "N"))), dry_run=True, **REPLACE
            )

        assert outcome.count("list_members") == {"created": 2, "unchanged": 1, "removed": 1}
        assert write_requests(seen) == writes(seen) == 0
        again = target.loaded(lists(a_list("N", "New")), on_list(2, 3, member(1, "N")))
        assert again.count("list_members") == {"created": 2, "unchanged": 1}


class TestRemoving:
    def test_by_default_nobody_is_removed(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        outcome = target.loaded(on_list(1))

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])
        assert "removed" not in outcome.log

    def test_replace_removes_whom_the_feed_does_not_have_25_in_a_request(
        self, target: Setup, workspace: Workspace
    ) -> None:
        by_hand = [workspace.account(f"By hand {n}") for n in range(30)]
        list_id = workspace.create(
            "lists", {"$name": "Targets", "$objectType": "$account"}, {"$accounts": by_hand[:25]}
        )
        workspace.update("lists", list_id, {}, {"$accounts": {"add": by_hand[25:]}})
        target.loaded(accounts(*range(40)), lists(), on_list(*range(40)))

        with target.counting() as seen:
            outcome = target.loaded(complete(on_list(*range(5))), **REPLACE)

        assert outcome.count("list_members") == {"unchanged": 5, "removed": 65}
        assert write_requests(seen) == 3
        assert members(workspace, list_id) == ids(target, range(5))

    def test_a_list_without_a_row_is_left_alone(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(a_list(1, "A"), a_list(2, "B")))
        target.loaded(on_list(*(member(a, b) for a in (1, 2) for b in (1, 2))))

        outcome = target.loaded(
            lists(a_list(1, "A"), a_list(2, "B")), complete(on_list(member(1, 1))), **REPLACE
        )

        assert outcome.count("list_members") == {"unchanged": 1, "removed": 1}
        assert members(workspace, target.ids("lists")["2"]) == ids(target, [1, 2])

    def test_who_was_removed_and_comes_back_is_added_again(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))
        target.loaded(complete(on_list(1)), **REPLACE)

        assert target.loaded(complete(on_list(1, 2)), **REPLACE).count("list_members") == {
            "unchanged": 1,
            "created": 1,
        }
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_who_was_removed_comes_back_even_if_the_list_still_shows_it(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(index_lag=600)
        workspace, target = Workspace(sandbox), target_of(sandbox)
        list_id = next(r["id"] for r in workspace.all("lists") if _kind(r) == "account")
        shown = sorted(members(workspace, list_id))
        assert shown
        messages = [member(record, list_id) for record in shown]
        target.loaded(on_list(*messages))
        assert (
            target.loaded(complete(on_list(*messages[1:])), **REPLACE).count("list_members")["removed"] == 1
        )
        assert sorted(members(workspace, list_id)) == shown

        with target.counting() as seen:
            outcome = target.loaded(on_list(*messages))

        assert outcome.count("list_members") == {"unchanged": len(shown) - 1, "created": 1}
        assert write_requests(seen) == 1

    @pytest.mark.parametrize("reason", ["rejected", "waits", "its list is not said"])
    def test_nobody_is_removed_from_a_list_of_which_a_row_is_missing(
        self, target: Setup, workspace: Workspace, reason: str
    ) -> None:
        target.loaded(accounts(1, 2), lists(a_list(), a_list("M", "Other")))
        target.loaded(on_list(1, 2, member(1, "M"), member(2, "M")))
        missing = {
            "rejected": member({"no": "key"}),
            "waits": member("later"),
            "its list is not said": member(1, None),
        }[reason]

        outcome = target.load(complete(on_list(1, member(1, "M"), missing)), **REPLACE)

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])
        everywhere = reason == "its list is not said"
        others = ids(target, [1, 2]) if everywhere else ids(target, [1])
        assert members(workspace, target.ids("lists")["M"]) == others
        assert f"Nobody is removed from {2 if everywhere else 1} lists" in outcome.log

    def test_the_lists_own_key_and_its_id_mean_the_same_list(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(1, 2, 3))
        list_id = target.ids("lists")["L"]

        target.loaded(complete(on_list(1, member(2, list_id))), **REPLACE)
        assert members(workspace, list_id) == ids(target, [1, 2])

        target.load(complete(on_list(1, member({}, list_id))), **REPLACE)
        assert members(workspace, list_id) == ids(target, [1, 2])

    def test_rows_that_waited_since_an_earlier_run_remove_nobody(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2, "later"))

        outcome = target.loaded(accounts("later"), **REPLACE)

        assert outcome.count("list_members") == {"created": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2, "later"])

    @pytest.mark.parametrize("is_whole", [True, False])
    def test_a_row_that_waited_and_has_left_the_feed_is_not_written_later(
        self, target: Setup, workspace: Workspace, is_whole: bool
    ) -> None:
        target.loaded(accounts(1), lists(), on_list(1, "later"))
        now = complete(on_list(1)) if is_whole else on_list(1)

        target.loaded(accounts("later"), now, **REPLACE)

        expected = [1] if is_whole else [1, "later"]
        assert members(workspace, target.ids("lists")["L"]) == ids(target, expected)

    def test_rows_that_waited_for_their_list_are_all_that_stays_on_it(
        self, target: Setup, workspace: Workspace
    ) -> None:
        there = workspace.account("There")
        workspace.create("lists", {"$name": "Targets", "$objectType": "$account"}, {"$accounts": there})

        target.loaded(accounts(1))

        outcome = target.loaded(complete(on_list(1)), lists(), **REPLACE)

        assert outcome.count("list_members") == {"created": 1, "removed": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    @pytest.mark.parametrize(
        ("feed_of_one", "says"),
        [
            (on_list(1), "no STATE message says how many"),
            ([*on_list(1), state(done="all")], "no STATE message says how many"),
            ([*on_list(1), state(bookmarks={"list_members": {"complete": None}})], "no STATE message"),
            ([*on_list(1), complete_state("1")], "no STATE message says how many"),
            ([*on_list(1), complete_state(True)], "no STATE message says how many"),
            ([*on_list(1), complete_state(2)], "behind 1 of them says that there are 2"),
            ([complete_state(1), *on_list(1)], "behind 0 of them says that there are 1"),
            ([*complete(on_list(1)), member_row("later")], "1 came behind the STATE message"),
            ([*complete(on_list(1)), *complete(on_list(1))], "behind 2 of them says that there are 1"),
        ],
    )
    def test_a_feed_that_does_not_prove_that_it_is_whole_removes_nobody_and_says_so_once(
        self, target: Setup, workspace: Workspace, feed_of_one: list[Json], says: str
    ) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        outcome = target.loaded(accounts(1, 2), state(done="accounts"), feed_of_one, **REPLACE)

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])
        [warning] = [line for line in outcome.log.splitlines() if "Nobody is removed" in line]
        assert says in warning
        assert "docs/target.md" in warning

    def test_rows_count_as_they_come_and_a_later_state_need_not_repeat_their_number(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(1, 2, 3))
        maps = {"list_members": {"__filter__": "record_id != 2"}}

        outcome = target.loaded(
            complete(on_list(1, 2)), accounts(1), state(done="accounts"), stream_maps=maps, **REPLACE
        )

        assert outcome.count("list_members") == {"unchanged": 1, "removed": 2}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    def test_a_run_that_fails_removes_nobody(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        assert target.load(complete(on_list(1)), "{", **REPLACE).status == 1

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_the_removal_is_in_the_report(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        target.loaded(complete(on_list(1)), report_path=str(target.folder / "report"), **REPLACE)

        page = (target.folder / "report.html").read_text()
        assert "Loaded 1 record: 1 was removed from lists." in page


class TestDeletedRows:
    @pytest.mark.parametrize(
        "settings", [{}, {"delete_mode": "trash"}, {"relationship_mode": "replace"}], ids=str
    )
    def test_they_are_skipped_unless_both_settings_say_that_they_end(
        self, target: Setup, workspace: Workspace, settings: Json
    ) -> None:
        target.loaded(accounts(1), lists(), on_list(1))

        outcome = target.loaded(complete(on_list(member(1, **DELETED))), **settings)

        assert outcome.count("list_members") == {"skipped": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    def test_they_are_removed_and_no_others_where_no_row_says_who_stays(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(1, 2, 3))
        messages = complete(on_list(member(1, **DELETED), member(2, **DELETED)))

        with target.counting() as seen:
            outcome = target.loaded(messages, **ENDS)
        assert outcome.count("list_members") == {"removed": 2}
        assert write_requests(seen) == 1
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [3])

        with target.counting() as seen:
            again = target.loaded(messages, **ENDS)
        assert again.count("list_members") == {"unchanged": 2}
        assert write_requests(seen) == 0

    def test_the_last_row_counts_under_another_key_too(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1), lists())

        target.loaded(complete(on_list(1, member(1, object_type="$account", **DELETED))), **ENDS)

        assert members(workspace, target.ids("lists")["L"]) == set()

    def test_one_that_was_removed_before_is_unchanged(self, target: Setup) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))
        target.loaded(complete(on_list(1)), **REPLACE)

        with target.counting() as seen:
            outcome = target.loaded(complete(on_list(member(2, **DELETED))), **ENDS)

        assert outcome.count("list_members") == {"unchanged": 1}
        assert write_requests(seen) == 0

    def test_one_is_removed_once_if_the_list_still_shows_it(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(index_lag=600)
        workspace, target = Workspace(sandbox), target_of(sandbox)
        list_id = next(r["id"] for r in workspace.all("lists") if _kind(r) == "account")
        stays, goes, *others = sorted(members(workspace, list_id))

        outcome = target.loaded(
            complete(on_list(member(stays, list_id), member(goes, list_id, **DELETED))), **ENDS
        )

        assert outcome.count("list_members") == {"unchanged": 1, "removed": 1 + len(others)}

    def test_one_that_was_on_no_list_is_unchanged(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1), lists())

        outcome = target.loaded(
            complete(on_list(member(1, **DELETED), member("never", **DELETED), member(1, "N", **DELETED))),
            **ENDS,
        )

        assert outcome.count("list_members") == {"unchanged": 3}

    def test_the_last_row_of_a_member_counts(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(3))

        target.loaded(complete(on_list(1, member(1, **DELETED), 2, member(2, **DELETED), 2, 3)), **ENDS)

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [2, 3])


class TestSafety:
    def messages(self) -> list[Json]:
        made = lists(a_list(1, "A"), a_list(2, "B"))
        return [*accounts(*range(60)), *made, *on_list(*(member(n, 1 + n % 2) for n in range(60)))]

    def check(self, target: Setup, workspace: Workspace) -> None:
        made = target.ids("lists")
        assert len(workspace.all("lists")) == 2
        assert members(workspace, made["1"]) == ids(target, range(0, 60, 2))
        assert members(workspace, made["2"]) == ids(target, range(1, 60, 2))

    def test_answers_that_are_lost_leave_every_member_on_its_list_once(
        self, target: Setup, empty: Sandbox, workspace: Workspace, retry_policy: Callable[..., None]
    ) -> None:
        retry_policy(first_wait=0.0, longest_wait=0.0)
        empty.set_faults("reset-after:0.2,500:0.1")

        target.loaded(self.messages())

        empty.set_faults("")
        self.check(target, workspace)

    def test_a_run_that_ends_on_an_error_anywhere_is_finished_by_the_next(
        self, target: Setup, empty: Sandbox, workspace: Workspace, retry_policy: Callable[..., None]
    ) -> None:
        retry_policy(max_tries=1)
        empty.set_faults("reset-after:0.03,500:0.02")
        runs = 0
        while (outcome := target.load(self.messages(), state(done=1))).status != 0:
            assert outcome.states == []
            runs += 1
            assert runs < 100
        empty.set_faults("")

        assert runs > 0
        assert outcome.state == {"done": 1}
        self.check(target, workspace)
        assert target.table("lightfield_waiting_records") == []

    @pytest.mark.parametrize("fault", ["reset-after", "reset-before"])
    def test_who_comes_back_after_a_removal_whose_answer_was_lost_is_on_the_list(
        self,
        target: Setup,
        empty: Sandbox,
        workspace: Workspace,
        monkeypatch: pytest.MonkeyPatch,
        impatient: None,
        fault: str,
    ) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))
        write = ListContents.write

        def lost(self: ListContents, changes: Sequence[Change]) -> Any:
            empty.set_faults(f"{fault}:1")
            return write(self, changes)

        with monkeypatch.context() as patched:
            patched.setattr(ListContents, "write", lost)
            assert target.load(complete(on_list(1)), **REPLACE).status == 1
        empty.set_faults("")

        target.loaded(on_list(1, 2))

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_a_state_passes_rows_once_they_are_rejected(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists())
        wrong = [on_list(member(key, object_type="contact")) for key in (1, 2)]
        messages = [*wrong[0], state(at=1), *wrong[1], state(at=2)]

        outcome = target.load(messages)

        assert [reject["record"]["record_id"] for reject in target.rejects()] == [1, 2]
        assert outcome.state == {"at": 2}

    def test_no_state_passes_rows_that_could_not_be_written(
        self, target: Setup, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target.loaded(accounts(1), lists())

        def lost(self: ListContents, changes: Sequence[Change]) -> Any:
            raise NoAnswer("Lost")

        monkeypatch.setattr(ListContents, "write", lost)
        outcome = target.load(on_list(1), state(at=1), accounts(1), state(at=2))

        assert outcome.error
        assert outcome.states == []

    @pytest.mark.slow
    def test_a_run_that_is_told_to_stop_writes_what_it_has_taken_and_removes_nobody(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(2, 3))
        list_id, expected = target.ids("lists")["L"], ids(target, [1, 2, 3])
        target.config.update(REPLACE)
        process = target.spawn("", stdin=subprocess.PIPE)
        assert process.stdin is not None
        # The contact is in the workspace only after the state before it has been read.
        later = rows("contacts", {"id": "c", "email": "c@x.example"})
        process.stdin.write(feed([complete(on_list(1, 2)), later]))
        process.stdin.flush()
        while not workspace.all("contacts"):
            assert process.poll() is None, process.communicate()

        process.send_signal(signal.SIGTERM)
        stdout, log = process.communicate(timeout=60)

        ended = Outcome(process.returncode, stdout, log, {})
        assert "Interrupted by SIGTERM" in ended.error
        assert ended.state == complete_state(2)["value"]
        assert members(workspace, list_id) == expected


class TestRoundTrip:
    def test_a_feed_of_the_same_workspace_changes_nothing(self, target: Setup, workspace: Workspace) -> None:
        made = [workspace.account(f"A{n}") for n in range(3)]
        list_id = workspace.create("lists", {"$name": "A", "$objectType": "$account"}, {"$accounts": made})

        with target.counting() as seen:
            outcome = target.loaded(
                rows("lists", a_list(list_id, "A")),
                complete(on_list(*(member(account, list_id) for account in made))),
                **REPLACE,
            )

        assert outcome.count("list_members") == {"unchanged": 3}
        assert write_requests(seen) == 0
