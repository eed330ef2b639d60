"""Records are put on lists, 25 in a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from target_lightfield.id_map.source import Source
from target_lightfield.objects.list_batches import ListBatches
from target_lightfield.objects.list_member_rows import Entry, Membership
from target_lightfield.reporting.rejects_file import StreamSchema
from tests.target.lists.feeds import KEY, a_list, accounts, ids, lists, member, members, on_list
from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass


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
