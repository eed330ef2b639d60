"""What a person has deleted or merged in Lightfield stays so, unless the settings say otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NotFound
from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

RECREATE = {"on_deleted": "recreate"}


def accounts(*names: str) -> list[Json]:
    return rows("accounts", *({"id": n, "name": name} for n, name in enumerate(names)))


def contact(key: int, email: str, **columns: Any) -> Json:
    return {"id": key, "email": email, **columns}


def merge(workspace: Workspace, stream: str, primary: str, duplicate: str) -> None:
    workspace.call("POST", stream, "merge", body={"primaryId": primary, "duplicateId": duplicate})


class TestDeleted:
    def test_it_stays_deleted_and_is_named(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts("A", "B"))
        deleted = target.ids("accounts")["1"]
        workspace.delete("accounts", deleted)

        for name in ("B changed", "B changed again"):
            outcome = target.loaded(accounts("A", name), report_path=str(target.folder / "r"))

            assert outcome.count("accounts") == {"unchanged": 1, "gone": 1}
            assert workspace.values("accounts", "$name") == ["A"]
            assert deleted in outcome.log
            named = target.report("r")["objects"]["accounts"]["gone_records"]
            assert named == {
                "count": 1,
                "records": [{"key": "1", "record_id": deleted, "merged_into": None}],
            }
            assert deleted in (target.folder / "r.html").read_text()

    def test_restored_it_is_written_again(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts("A"))
        account = target.ids("accounts")["0"]
        workspace.delete("accounts", account)
        target.loaded(accounts("B"))
        workspace.call("POST", "accounts", account, "restore")

        assert target.loaded(accounts("B")).count("accounts") == {"updated": 1}
        assert workspace.value("accounts", account, "$name") == "B"

    def test_recreate_makes_it_anew(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts("A"))
        workspace.delete("accounts", target.ids("accounts")["0"])

        assert target.loaded(accounts("B"), **RECREATE).count("accounts") == {"created": 1}
        assert workspace.values("accounts", "$name") == ["B"]

    @pytest.mark.parametrize("is_known", [False, True], ids=["not noticed yet", "noticed"])
    def test_links_to_it_wait_and_are_written_once_it_is_back(
        self, target: Setup, workspace: Workspace, is_known: bool
    ) -> None:
        target.loaded(accounts("A", "B"))
        account = target.ids("accounts")["1"]
        workspace.delete("accounts", account)
        if is_known:
            target.loaded(accounts("A", "B changed"))

        outcome = target.loaded(
            rows("contacts", contact(1, "c@x.example", account_ids=[0, 1])),
            rows("opportunities", {"id": 1, "name": "D", "account_id": 1}),
            rows("notes", {"id": 1, "title": "N", "account_ids": [1]}),
        )

        assert outcome.count("contacts") == {"created": 1}
        assert outcome.count("opportunities") == {"waiting": 1}
        assert outcome.count("notes") == {"created": 1}
        assert target.rejects() == []
        workspace.call("POST", "accounts", account, "restore")
        target.loaded(accounts("A"))
        contact_id, note = target.ids("contacts")["1"], target.ids("notes")["1"]
        assert workspace.links("contacts", contact_id, "$account") == {target.ids("accounts")["0"], account}
        assert workspace.links("notes", note, "$account") == {account}
        assert workspace.links("opportunities", target.ids("opportunities")["1"], "$account") == {account}

    def test_all_of_them_wait_where_one_is_deleted_while_another_is_found_out(
        self, target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target.loaded(rows("contacts", *(contact(n, f"{n}@x.example") for n in range(4))))
        ids = target.ids("contacts")
        workspace.delete("contacts", ids["0"])
        read = LightfieldClient.read

        def reading(self: LightfieldClient, *path: str, **options: Any) -> Json:
            try:
                return read(self, *path, **options)
            except NotFound:  # while one is found to be gone, somebody deletes the next
                after = {ids[str(n)]: ids[str(n + 1)] for n in range(2)}.get(path[-1])
                if after and after in {record["id"] for record in workspace.all("contacts")}:
                    workspace.delete("contacts", after)
                raise

        monkeypatch.setattr(LightfieldClient, "read", reading)
        outcome = target.loaded(
            rows("accounts", {"id": "a", "name": "A", "contact_ids": [str(n) for n in range(4)]})
        )

        assert outcome.count("accounts") == {"created": 1}
        account = workspace.all("accounts")[0]
        assert workspace.links("accounts", account["id"], "$contact") == {ids["3"]}
        assert len(target.table("lightfield_waiting_links")) == 3

    def test_a_link_added_to_a_known_record_waits_too(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts("A"), rows("notes", {"id": 1, "title": "N"}))
        workspace.delete("accounts", target.ids("accounts")["0"])

        outcome = target.loaded(rows("notes", {"id": 1, "title": "Changed", "account_ids": [0]}))

        assert outcome.count("notes") == {"updated": 1}
        assert workspace.values("notes", "$title") == ["Changed"]
        assert [link["reference"] for link in target.table("lightfield_waiting_links")] == ["0"]

    @pytest.mark.parametrize(("key", "counted"), [("full", "gone"), ("narrow", "created")])
    def test_a_row_of_this_workspace_s_own_id_is_looked_for_in_the_trash_as_far_as_the_key_may(
        self,
        start_sandbox: Callable[..., Sandbox],
        target_of: Callable[..., Setup],
        key: str,
        counted: str,
    ) -> None:
        scopes = {"narrow": [f"accounts:{do}" for do in ("read", "create", "update")]}
        sandbox = start_sandbox(empty=True, keys=scopes)
        workspace, target = Workspace(sandbox), target_of(sandbox)
        deleted = workspace.account("A")
        workspace.delete("accounts", deleted)
        api_key = sandbox.keys["narrow"] if key == "narrow" else sandbox.key

        outcome = target.loaded(rows("accounts", {"id": deleted, "name": "A"}), api_key=api_key)

        assert outcome.count("accounts") == {counted: 1}

    def test_what_the_source_deleted_and_brings_back_is_made_anew(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts("A"))
        gone = rows("accounts", {"id": 0, "name": "A", "_sdc_deleted_at": "2026-01-01T00:00:00Z"})
        target.loaded(gone, delete_mode="trash")

        assert target.loaded(accounts("A")).count("accounts") == {"created": 1}

    def test_so_it_is_once_nothing_stands_against_it(
        self, target: Setup, workspace: Workspace, empty: Sandbox
    ) -> None:
        target.loaded(accounts("A"))
        gone = rows("accounts", {"id": 0, "name": "A", "_sdc_deleted_at": "2026-01-01T00:00:00Z"})
        target.loaded(gone, delete_mode="trash")
        alike = [workspace.account("A"), workspace.account("A")]
        assert target.loaded(accounts("A"), max_rejects=1).count("accounts") == {"rejected": 1}
        for record_id in alike:
            workspace.delete("accounts", record_id)

        assert target.loaded(accounts("A")).count("accounts") == {"created": 1}

        assert [record["id"] for record in empty.records("account")] == list(target.ids("accounts").values())
        assert target.loaded(accounts("A")).count("accounts") == {"unchanged": 1}

    @pytest.mark.parametrize("stream", ["contacts", "tasks", "notes", "lists", "object_subscription"])
    def test_it_holds_for_every_object(
        self, target: Setup, workspace: Workspace, empty: Sandbox, stream: str
    ) -> None:
        member = next(iter(workspace.members()))
        row: Json = {
            "contacts": {"email": "c@x.example"},
            "tasks": {"title": "T", "status": "TODO", "assigned_to_id": member},
            "notes": {"title": "N"},
            "lists": {"name": "L", "object_type": "account"},
            "object_subscription": {"name": "S"},
        }[stream]
        changed = {"contacts": "title", "lists": "description", "object_subscription": "name"}
        target.loaded(rows(stream, {"id": 1, **row}))
        path = ("objects", "subscription", "values") if stream == "object_subscription" else (stream,)
        workspace.call("DELETE", *path, target.ids(stream)["1"])

        outcome = target.loaded(rows(stream, {"id": 1, **row, changed.get(stream, "title"): "Changed"}))

        assert outcome.count(stream) == {"gone": 1}
        assert empty.stats()["writes"][stream.removeprefix("object_").removesuffix("s")]["create"] == 1


class TestMerged:
    def test_the_duplicate_is_not_created_again(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(rows("contacts", contact(1, "a@x.example"), contact(2, "b@x.example")))
        ids = target.ids("contacts")
        merge(workspace, "contacts", ids["1"], ids["2"])

        outcome = target.loaded(rows("contacts", contact(2, "b@x.example", title="CEO")))

        assert outcome.count("contacts") == {"gone": 1}
        assert [record["id"] for record in workspace.all("contacts")] == [ids["1"]]

    @pytest.mark.parametrize("answer", ["survivor", "not-found"])
    def test_links_follow_the_survivor_and_the_values_stay_those_of_its_own_row(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], answer: str
    ) -> None:
        sandbox = start_sandbox(empty=True, merged_answer=answer)
        workspace, target = Workspace(sandbox), target_of(sandbox)
        target.loaded(
            rows("contacts", contact(1, "a@x.example", title="CTO"), contact(2, "b@x.example")),
            accounts("A"),
        )
        ids = target.ids("contacts")
        merge(workspace, "contacts", ids["1"], ids["2"])
        # People keep both addresses.
        workspace.update("contacts", ids["1"], {"$email": ["a@x.example", "b@x.example"]})

        for title in ("CEO", "CFO"):
            outcome = target.loaded(
                rows("contacts", contact(2, "b@x.example", title=title)),
                rows("accounts", {"id": 0, "name": "A", "contact_ids": [2]}),
                report_path=str(target.folder / "r"),
            )
            assert outcome.count("contacts") == {"gone": 1}
            [named] = target.report("r")["objects"]["contacts"]["gone_records"]["records"]
            assert named["merged_into"] == ids["1"]

        account = target.ids("accounts")["0"]
        assert workspace.links("accounts", account, "$contact") == {ids["1"]}
        assert workspace.value("contacts", ids["1"], "$title") == "CTO"
        assert len(workspace.all("contacts")) == 1

    def test_a_survivor_that_is_no_other_row_s_is_written(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(empty=True, merged_answer="survivor")
        workspace, target = Workspace(sandbox), target_of(sandbox)
        target.loaded(rows("contacts", contact(2, "b@x.example")))
        theirs = workspace.contact("a@x.example")
        merge(workspace, "contacts", theirs, target.ids("contacts")["2"])

        outcome = target.loaded(rows("contacts", contact(2, "b@x.example", title="CEO")))

        assert outcome.count("contacts") == {"updated": 1}
        assert workspace.value("contacts", theirs, "$title") == "CEO"
        assert target.ids("contacts") == {"2": theirs}

    @pytest.mark.parametrize("is_known", [True, False], ids=["noticed", "not noticed yet"])
    def test_the_survivor_is_not_trashed_with_the_merged_row(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], is_known: bool
    ) -> None:
        sandbox = start_sandbox(empty=True, merged_answer="survivor")
        workspace, target = Workspace(sandbox), target_of(sandbox)
        target.loaded(rows("contacts", contact(1, "a@x.example"), contact(2, "b@x.example")))
        ids = target.ids("contacts")
        merge(workspace, "contacts", ids["1"], ids["2"])
        if is_known:
            target.loaded(rows("contacts", contact(2, "b@x.example", title="CEO")))

        deleted = contact(2, "b@x.example", _sdc_deleted_at="2026-01-01T00:00:00Z")
        with target.counting() as seen:
            target.loaded(rows("contacts", deleted), delete_mode="trash")

        assert write_requests(seen) == 0
        assert [record["id"] for record in workspace.all("contacts")] == [ids["1"]]

    @pytest.mark.parametrize("meanwhile", ["a link to it is refused", "the merged row changes"])
    def test_a_survivor_that_was_deleted_and_restored_is_its_own_row_s_still(
        self, target: Setup, workspace: Workspace, meanwhile: str
    ) -> None:
        def second(title: str) -> list[Json]:
            return rows("contacts", contact(2, "b@x.example", title=title))

        target.loaded(rows("contacts", contact(1, "a@x.example", title="CTO"), contact(2, "b@x.example")))
        ids = target.ids("contacts")
        merge(workspace, "contacts", ids["1"], ids["2"])
        workspace.update("contacts", ids["1"], {"$email": ["a@x.example", "b@x.example"]})
        target.loaded(second("CEO"))
        workspace.delete("contacts", ids["1"])
        linked = rows("accounts", {"id": 1, "name": "A", "contact_ids": [2]})
        target.loaded(linked if meanwhile.startswith("a link") else second("COO"))
        workspace.call("POST", "contacts", ids["1"], "restore")
        target.loaded(linked)

        assert target.loaded(second("CFO")).count("contacts") == {"gone": 1}
        assert workspace.value("contacts", ids["1"], "$title") == "CTO"
        assert workspace.links("accounts", target.ids("accounts")["1"], "$contact") == {ids["1"]}

    def test_a_link_that_waited_is_not_written_over_that_of_the_survivor_s_own_row(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(empty=True, merged_answer="survivor")
        workspace, target = Workspace(sandbox), target_of(sandbox)
        own, other = list(workspace.members())[:2]
        first, second = {"id": 1, "name": "A", "owner_id": own}, {"id": 2, "name": "B", "owner_id": "later"}
        target.loaded(rows("accounts", first, second))
        ids = target.ids("accounts")
        merge(workspace, "accounts", ids["1"], ids["2"])

        target.loaded(rows("members", {"id": "later", "email": other}))

        assert workspace.links("accounts", ids["1"], "$owner") == {workspace.members()[own]}
        assert target.table("lightfield_waiting_links") == []

    def test_a_duplicate_that_the_list_still_shows_is_not_written_over_the_survivor(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(
            accounts=2, contacts=0, opportunities=0, tasks=0, notes=0, meetings=0,
            index_lag=60, merged_answer="survivor",
        )  # fmt: skip
        workspace, target = Workspace(sandbox), target_of(sandbox)
        kept, duplicate = workspace.all("accounts")
        name = kept["fields"]["$name"]["value"]
        target.loaded(rows("accounts", {"id": kept["id"], "name": name}))
        merge(workspace, "accounts", kept["id"], duplicate["id"])

        outcome = target.loaded(rows("accounts", {"id": duplicate["id"], "name": "Changed"}))

        assert outcome.count("accounts") == {"gone": 1}
        assert workspace.value("accounts", kept["id"], "$name") == name
