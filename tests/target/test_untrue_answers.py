"""A success that does not say what was done is none: nothing counts as written for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.exchange import Answer, Exchange, Request
from tests.target.target_runs import Setup, rows, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


def answer_untruly(monkeypatch: pytest.MonkeyPatch, *path: str | None, times: int = 1) -> None:
    """Answer writes to a path with an empty object, and do not send them; None stands for any part."""
    write, left = LightfieldClient.write, [times]

    def lying(self: LightfieldClient, *asked: str, **options: Any) -> dict[str, Any]:
        if (
            left[0]
            and len(asked) == len(path)
            and all(p in (None, a) for p, a in zip(path, asked, strict=True))
        ):
            left[0] -= 1
            return {}
        return write(self, *asked, **options)

    monkeypatch.setattr(LightfieldClient, "write", lying)


def test_an_update_that_is_not_answered_with_the_record_is_made_again_by_the_next_run(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.loaded(rows("accounts", {"id": 1, "name": "A"}))
    changed = [*rows("accounts", {"id": 1, "name": "B"}), state(done=1)]
    answer_untruly(monkeypatch, "accounts", None)

    outcome = target.load(changed)

    assert "was not answered with that record" in outcome.error
    assert outcome.states == []
    target.loaded(changed)
    assert workspace.values("accounts", "$name") == ["B"]


def test_an_answer_that_says_back_what_was_sent_is_no_record(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f"Bearer {target.config['api_key']}"

    def lying(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        return {"id": said, "createdAt": said, "fields": {said: {"value": said, "valueType": said}}}

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", lying)
        outcome = target.load(rows("accounts", {"id": 1, "name": "A"}), state(done=1))

    assert "holds no record" in outcome.error
    assert outcome.states == []
    assert target.table("lightfield_records") == []
    target.loaded(rows("accounts", {"id": 1, "name": "A"}))
    assert workspace.values("accounts", "$name") == ["A"]


@pytest.mark.parametrize("fields", [True, 5, "x", [1], {"$name": True}, {"$name": [1]}])
def test_a_listed_record_whose_fields_are_none_is_said_in_one_sentence(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, fields: Any
) -> None:
    workspace.account("There")
    search = LightfieldClient.search

    def lying(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        answer = search(self, *path, **options)
        return {**answer, "data": [{**record, "fields": fields} for record in answer["data"]]}

    monkeypatch.setattr(LightfieldClient, "search", lying)
    outcome = target.load(rows("accounts", {"id": 1, "name": "A"}), state(done=1))

    assert "are of an unknown shape" in outcome.error
    assert outcome.states == []


def test_members_whose_list_is_not_answered_are_added_by_the_next_run(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.loaded(
        rows("accounts", {"id": 1, "name": "A"}),
        rows("lists", {"id": "L", "name": "L", "object_type": "account"}),
    )
    member = rows("list_members", {"list_id": "L", "object_type": "account", "record_id": 1}, key=None)
    answer_untruly(monkeypatch, "lists", None)

    assert "was not answered with the list" in target.load(member).error
    target.loaded(member)

    on_list = workspace.call("GET", "lists", target.ids("lists")["L"], "accounts")["data"]
    assert [record["id"] for record in on_list] == [target.ids("accounts")["1"]]


@pytest.mark.parametrize("times", [1, 2])
def test_a_file_counts_as_uploaded_once_it_says_so_itself(
    target: Setup,
    empty: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    retry_policy: Callable[..., None],
    times: int,
) -> None:
    retry_policy(first_wait=0.0)
    (tmp_path / "a.txt").write_text("A")
    answer_untruly(monkeypatch, "files", None, "complete", times=times)

    outcome = target.loaded(rows("files", {"id": 1, "file_path": "a.txt"}), file_upload_dir=str(tmp_path))

    assert outcome.count("files") == {"created": 1}
    [file] = [f for f in empty.records("file") if f["status"] == "COMPLETED"]
    assert target.ids("files") == {"1": file["id"]}
    assert empty.content(file["id"]) == b"A"


BEFORE = rows(
    "accounts",
    {"id": 1, "name": "Known", "website": ["known.example"]},
    {"id": 3, "name": "Deleted", "website": ["deleted.example"]},
)
AFTER = [
    *rows(
        "accounts",
        {"id": 1, "name": "Known, changed", "website": ["known.example"]},
        {"id": 2, "name": "Matched, changed", "website": ["matched.example"]},
        {"id": 3, "_sdc_deleted_at": "2024-06-01T00:00:00Z"},
    ),
    *rows("notes", {"id": 4, "title": "New", "account_ids": [1, 2]}),
    *rows("object_subscription", {"id": 5, "name": "Plan"}),
    state(done=1),
]


@contextmanager
def first_meets(sandbox: Sandbox, asked: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within the block, let the first request of its kind meet a fault: there has to be one."""
    send, lock, met = Exchange.send, Lock(), []

    def answered(self: Exchange, request: Request) -> Answer:
        with lock:
            if met or not re.fullmatch(asked, str(request).replace(f"{sandbox.url}/v1/", "")):
                return send(self, request)
            met.append(request)
            sandbox.set_faults(f"{fault}:1")
            try:
                return send(self, request)
            finally:
                sandbox.set_faults("")

    with monkeypatch.context() as patch:
        patch.setattr(Exchange, "send", answered)
        yield
    assert met


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("GET objects", 403),
        ("GET objects", 404),
        ("GET accounts/definitions", 404),
        ("GET accounts", 404),
        (r"GET accounts/acc_\w+", 404),
        (r"POST accounts/acc_\w+", 403),
        (r"POST accounts/acc_\w+", 404),
        (r"POST accounts/acc_\w+", 409),
        (r"DELETE accounts/acc_\w+", 404),
        ("POST notes", 404),
        ("POST notes", 409),
    ],
)
def test_a_page_of_a_proxy_says_nothing_of_a_record(
    target: Setup,
    empty: Sandbox,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    status: int,
) -> None:
    workspace.account("Matched", website=["matched.example"])
    target.loaded(BEFORE)

    with first_meets(empty, asked, f"html-{status}", monkeypatch):
        outcome = target.load(AFTER, delete_mode="trash")
    assert f"HTTP status {status}, which is not Lightfield's own error" in outcome.error
    assert outcome.states == []
    assert target.rejects() == []

    target.loaded(AFTER, delete_mode="trash")
    assert sorted(workspace.values("accounts", "$name")) == ["Known, changed", "Matched, changed"]
    assert workspace.values("notes", "$title") == ["New"]
