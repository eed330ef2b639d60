"""Emails are logged as history, each once, and none is ever sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from target_runs import Setup, rows, state, write_requests, writes
from workspaces import Workspace

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NotFound

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox

Json = dict[str, Any]


@pytest.fixture
def workspace(empty: Sandbox) -> Workspace:
    return Workspace(empty)


@pytest.fixture
def email(workspace: Workspace) -> Callable[..., Json]:
    """Make the row of an email that a member has written."""
    member = next(iter(workspace.members()))

    def make(**columns: Any) -> Json:
        row = {
            "id": "e1",
            "from": member,
            "to": ["ann@acme.example"],
            "subject": "Hello",
            "sent_at": "2024-05-01T10:00:00Z",
            "body": "<p>Hello</p>",
        }
        return {**row, **columns}

    return make


def test_an_email_is_logged_with_its_body_and_headers(
    target: Setup, workspace: Workspace, email: Callable[..., Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Json] = []
    write = LightfieldClient.write

    def recording(self: LightfieldClient, *path: str, **options: Any) -> Json:
        sent.append({"path": path, **options["body"]})
        return write(self, *path, **options)

    monkeypatch.setattr(LightfieldClient, "write", recording)
    row = email(
        body_text="Hello", message_id="1@x.example", in_reply_to="<0@x.example>", references=["a@x", "<b@x>"]
    )

    assert target.loaded(rows("emails", row)).count("emails") == {"created": 1}

    [request] = sent
    assert request["path"] == ("emails", "log")
    assert request["fields"]["$body"] == {"html": "<p>Hello</p>", "text": "Hello"}
    assert request["headers"] == {
        "Message-ID": "<1@x.example>",
        "In-Reply-To": "<0@x.example>",
        "References": "<a@x> <b@x>",
    }
    [logged] = workspace.all("emails")
    assert workspace.value("emails", logged["id"], "$body") == "<p>Hello</p>"


def test_the_same_feed_again_costs_no_write_and_a_changed_row_leaves_the_email_as_it_is(
    target: Setup, workspace: Workspace, email: Callable[..., Json]
) -> None:
    target.loaded(rows("emails", email(), email(id="e2", message_id="<2@x>")))

    with target.counting() as seen:
        again = target.loaded(rows("emails", email(), email(id="e2", message_id="<2@x>")))
    assert again.count("emails") == {"unchanged": 2}
    assert sum(seen["requests"]["search"].values()) == 0
    assert write_requests(seen) == 0

    changed = target.loaded(rows("emails", email(subject="Other")))
    assert changed.count("emails") == {"unchanged": 1}
    assert "can't be changed" in changed.log
    assert workspace.values("emails", "$subject") == ["Hello", "Hello"]


def test_a_message_id_that_lightfield_knows_is_unchanged_and_asked_about_once(
    target: Setup, target_of: Callable[..., Setup], empty: Sandbox, email: Callable[..., Json]
) -> None:
    target.loaded(rows("emails", email(message_id="<1@x>")))
    other = target_of(empty, "other")
    feed = rows("emails", email(id="from elsewhere", message_id="1@x", subject="Other"))

    assert other.loaded(feed).count("emails") == {"unchanged": 1}

    with other.counting() as seen:
        assert other.loaded(feed).count("emails") == {"unchanged": 1}
    assert write_requests(seen) == 0
    assert len(empty.records("email")) == 1


def test_a_lost_id_map_logs_nothing_twice_with_or_without_a_message_id(
    target: Setup, empty: Sandbox, email: Callable[..., Json]
) -> None:
    feed = rows("emails", email(), email(id="e2", message_id="<2@x>"))
    target.loaded(feed)
    target.forget()

    target.loaded(feed)

    assert len(empty.records("email")) == 2


def test_an_answer_that_was_lost_makes_no_second_email(
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
    email: Callable[..., Json],
    monkeypatch: pytest.MonkeyPatch,
    impatient: None,
) -> None:
    monkeypatch.setattr("lightfield_api.retries.MAX_TRIES", 1)
    sandbox = start_sandbox(empty=True, faults="reset-after:0.2,500:0.03")
    target, runs = target_of(sandbox, "disturbed"), 0
    feed = [*rows("emails", *(email(id=n) for n in range(12))), state(done=1)]

    while target.load(feed).status:
        runs += 1
        assert runs < 200

    assert runs > 0
    assert len(sandbox.records("email")) == 12


@pytest.mark.parametrize(
    ("columns", "code", "param"),
    [
        ({"sent_at": "2999-01-01T00:00:00Z"}, "in_the_future", "sent_at"),
        ({"sent_at": None}, "parameter_missing", "sent_at"),
        ({"from": None}, "parameter_missing", "from"),
        ({"to": []}, "parameter_missing", "to"),
        ({"from": "stranger@x.example"}, "invalid_configuration", None),
        ({"message_id": "x" * 70_000}, "invalid_type", "headers"),
    ],
)
def test_what_lightfield_does_not_log_is_rejected_with_the_reason(
    target: Setup, empty: Sandbox, email: Callable[..., Json], columns: Json, code: str, param: str | None
) -> None:
    outcome = target.load(rows("emails", email(**columns), email(id="good")))

    assert outcome.count("emails") == {"created": 1, "rejected": 1}
    [reject] = target.rejects()
    assert (reject["code"], reject["param"]) == (code, param)
    assert len(empty.records("email")) == 1


@pytest.mark.parametrize(("setting", "contacts"), [(False, 0), (True, 1)])
def test_unknown_people_become_contacts_only_if_that_is_asked_for(
    target: Setup, empty: Sandbox, email: Callable[..., Json], setting: bool, contacts: int
) -> None:
    target.loaded(rows("emails", email()), auto_create_records=setting)

    assert len(empty.records("contact")) == contacts


def test_emails_of_the_workspace_itself_are_unchanged_also_those_whose_content_is_hidden(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(emails=30)
    there = sandbox.records("email")
    for record in there[:10]:
        sandbox.set_access("email", record["id"], "METADATA")
    target = target_of(sandbox)
    feed = rows(
        "emails",
        *(
            {
                "id": record["id"],
                "subject": record["fields"]["$subject"]["value"],
                "body": "<p>as the tap read it</p>",
                "attachment_ids": [],
            }
            for record in there
        ),
    )

    with target.counting() as seen:
        outcome = target.loaded(feed)

    assert outcome.count("emails") == {"unchanged": 30}
    assert writes(seen) == 0


def test_a_deleted_email_is_moved_to_the_trash_if_it_was_logged(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], email: Callable[..., Json]
) -> None:
    sandbox = start_sandbox(emails=3)
    target = target_of(sandbox, delete_mode="trash")
    synced = sandbox.records("email")[0]["id"]
    member = next(iter(Workspace(sandbox).members()))
    target.loaded(rows("emails", email(**{"from": member})))
    gone = {"_sdc_deleted_at": "2024-06-01T00:00:00Z"}

    outcome = target.load(rows("emails", email(**gone), {"id": synced, **gone}))

    assert outcome.count("emails") == {"trashed": 1, "rejected": 1}
    assert synced in {record["id"] for record in sandbox.records("email")}


@pytest.mark.parametrize(
    "word", ["send", "draft", "Send", "DRAFT", "../send", "log/../send", "send/", "./send"]
)
def test_no_feed_makes_the_target_send_an_email(
    target: Setup, empty: Sandbox, email: Callable[..., Json], word: str
) -> None:
    gone = {"_sdc_deleted_at": "2024-06-01T00:00:00Z"}

    target.load(
        rows("emails", email(id=word), email(id=word, subject="Changed"), email(id=word, **gone)),
        rows("notes", {"id": word, "title": word}),
        rows("lists", {"id": word, "name": "../emails/send", "object_type": "account"}),
        delete_mode="trash",
        relationship_mode="replace",
        max_rejects=99,
    )

    stats = empty.stats()
    assert (stats["emails_sent"], stats["emails_drafted"]) == (0, 0)


@pytest.mark.parametrize(
    "path", [("emails", "send"), ("emails", "draft"), ("Emails", "SEND"), ("emails", "send", "x")]
)
def test_the_client_itself_posts_to_neither(empty: Sandbox, path: tuple[str, ...]) -> None:
    body = {"from": "a@x.example", "to": ["b@x.example"], "subject": "S", "messageBody": {"content": "C"}}

    with LightfieldClient(empty.key, api_url=empty.url) as client, pytest.raises(NotFound, match="is no id"):
        client.write(*path, body=body)

    assert write_requests(empty.stats()) == 0
