"""Emails are logged as history, each once, and none is ever sent."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
import requests

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NotFound
from lightfield_sandbox.limits.idempotency import IdempotencyKeys
from lightfield_sandbox.schema.errors import ApiError
from tests.target.target_runs import Setup, rows, state, write_requests, writes
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


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
    retry_policy: Callable[..., None],
    impatient: None,
) -> None:
    retry_policy(max_tries=1)
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
        ({"to": []}, "unprocessable_content", "to"),
        ({"from": "stranger@x.example"}, "unprocessable_content", None),
        ({"in_reply_to": f"{'x' * 70_000}@x"}, "invalid_type", "headers"),
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


def test_whatever_a_feed_says_nothing_is_posted_below_emails_but_log(
    target: Setup, empty: Sandbox, email: Callable[..., Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[str] = []
    send = requests.Session.send

    def recording(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        if request.method == "POST":
            posted.append(unquote(unquote(urlsplit(str(request.url)).path)).casefold())
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", recording)
    gone = {"_sdc_deleted_at": "2024-06-01T00:00:00Z"}
    words = ["send", "Draft", "../emails/send", "..%2femails%2Fsend", "emails/send", "emails\\draft"]
    keyed = [email(id=word, message_id=f"<{n}@x>", thread_id=word) for n, word in enumerate(words)]
    named = [email(id=n, message_id=f"<{word}@x>", in_reply_to=word) for n, word in enumerate(words)]
    feed = [
        rows("emails", *keyed, *named),
        rows("emails", *({**row, "subject": "Changed"} for row in keyed)),
        rows("emails", *({**row, **gone} for row in keyed)),
        rows("notes", *({"id": word, "title": word, "account_ids": [word]} for word in words)),
        rows("lists", *({"id": word, "name": word, "object_type": "account"} for word in words)),
        rows(
            "list_members",
            *({"list_id": word, "object_type": "account", "record_id": word} for word in words),
            key=("list_id", "object_type", "record_id"),
        ),
    ]

    for _ in range(2):
        target.load(*feed, delete_mode="trash", relationship_mode="replace", max_rejects=99)
        target.forget()

    assert {path for path in posted if "emails" in path or "send" in path or "draft" in path} == {
        "/v1/emails/log"
    }
    stats = empty.stats()
    assert (stats["emails_sent"], stats["emails_drafted"]) == (0, 0)


@pytest.mark.parametrize(
    "path",
    [
        ("emails", "send"), ("emails", "draft"), ("Emails", "SEND"), ("emails", "send", "x"),
        ("emails/send",), ("emails%2Fsend",), ("emails", "%73end"), ("emails", "send/"), ("emails", "send "),
        ("emails", "send?x"), ("emails", "send;x"), ("emails", "eml_1", "..", "send"),
        ("emails", "log", "send"), ("emails",), ("accounts", "../emails/send"),
        ("accounts", "..%252Femails%252Fsend"), ("accounts", "%2e%2e", "emails", "send"),
        ("accounts", "..\\emails\\draft"), ("emails", "send", "restore"), ("Emails", "eml_1", "restore"),
    ],
)  # fmt: skip
def test_the_client_itself_posts_to_neither(
    empty: Sandbox, workspace: Workspace, path: tuple[str, ...]
) -> None:
    sender = next(iter(workspace.members()))
    body = {"from": sender, "to": ["b@x.example"], "subject": "S", "messageBody": {"content": "C"}}

    with LightfieldClient(empty.key, api_url=empty.url) as client:
        for write in (client.write, client.write_once):
            with pytest.raises(NotFound, match="is no id"):
                write(*path, body=body)

    assert write_requests(empty.stats()) == 0


def test_a_key_that_may_create_and_read_them_is_enough(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], email: Callable[..., Json]
) -> None:
    sandbox = start_sandbox(empty=True, keys={"narrow": ["emails:create", "emails:read", "members:read"]})
    target = target_of(sandbox, api_key=sandbox.keys["narrow"])

    assert target.loaded(rows("emails", email())).count("emails") == {"created": 1}


class TestHeaders:
    @pytest.fixture
    def headers(
        self, target: Setup, email: Callable[..., Json], monkeypatch: pytest.MonkeyPatch
    ) -> Callable[..., Json]:
        """Log an email with these columns, and return the headers that were sent."""
        sent: list[Json] = []
        write = LightfieldClient.write

        def recording(self: LightfieldClient, *path: str, **options: Any) -> Json:
            sent.append(options["body"]["headers"])
            return write(self, *path, **options)

        monkeypatch.setattr(LightfieldClient, "write", recording)

        def log(**columns: Any) -> Json:
            target.loaded(rows("emails", email(**columns)))
            [found] = sent
            return found

        return log

    @pytest.mark.parametrize(
        ("given", "sent"),
        [
            ("1@x.example", "<1@x.example>"),
            (" <1@x.example>\r\n", "<1@x.example>"),
            ("<1,2@x.example>", "<1,2@x.example>"),
            ("<1@x.example> (added by a server)", "<1@x.example>"),
            (["1@x.example"], "<1@x.example>"),
        ],
    )
    def test_a_message_id_is_sent_in_its_one_form(
        self, headers: Callable[..., Json], given: Any, sent: str
    ) -> None:
        assert headers(message_id=given)["Message-ID"] == sent

    @pytest.mark.parametrize("given", [None, "", "  "])
    def test_an_email_without_one_gets_one_of_its_own(
        self, headers: Callable[..., Json], given: str | None
    ) -> None:
        assert headers(message_id=given)["Message-ID"].endswith("@singer-lightfield.invalid>")

    @pytest.mark.parametrize("column", ["in_reply_to", "references"])
    @pytest.mark.parametrize(
        ("given", "sent"),
        [
            ("<a@x>\r\n <b@x>", "<a@x> <b@x>"),
            ("a@x b@x", "<a@x> <b@x>"),
            (["a@x", None, "<b@x>", "a@x"], "<a@x> <b@x>"),
            ("Your message of Tuesday <a@x>", "<a@x>"),
            ("Your message of Tuesday", None),
            ([], None),
        ],
    )
    def test_an_email_answers_what_has_an_id(
        self, headers: Callable[..., Json], column: str, given: Any, sent: str | None
    ) -> None:
        name = {"in_reply_to": "In-Reply-To", "references": "References"}[column]

        assert headers(**{column: given}).get(name) == sent

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            # Two emails with an id like these would be one to Lightfield, and the second never logged.
            ("message_id", "n/a"),
            ("message_id", "Message of Tuesday"),
            ("message_id", "<a@x> <b@x>"),
            ("message_id", "<>"),
            ("message_id", {"id": "a@x"}),
            ("message_id", f"{'a' * 600}@x"),  # no database has an index for that
            ("message_id", "a\0@x"),
            ("message_id", "\ud800@x"),
            ("references", [{"id": "a@x"}]),
            ("in_reply_to", [["a@x"]]),
        ],
    )
    def test_what_is_none_is_rejected_and_named(
        self, target: Setup, empty: Sandbox, email: Callable[..., Json], column: str, value: Any
    ) -> None:
        outcome = target.load(rows("emails", email(**{column: value}), email(id="good")))

        assert outcome.count("emails") == {"created": 1, "rejected": 1}
        [reject] = target.rejects()
        assert (reject["code"], reject["param"]) == ("invalid_value", column)
        assert len(empty.records("email")) == 1


class TestAMessageIdThatLightfieldKnows:
    """Of such an email nobody says the id."""

    @pytest.fixture
    def elsewhere(self, email: Callable[..., Json]) -> Callable[..., Json]:
        """Make its row in another source."""

        def make(**columns: Any) -> Json:
            return email(id="from elsewhere", message_id="<1@x>", **columns)

        return make

    @pytest.fixture
    def other(
        self,
        target: Setup,
        target_of: Callable[..., Setup],
        empty: Sandbox,
        email: Callable[..., Json],
        elsewhere: Callable[..., Json],
    ) -> Setup:
        """A target that has met it."""
        target.loaded(rows("emails", email(message_id="<1@x>")))
        other = target_of(empty, "other")
        other.loaded(rows("emails", elsewhere()))
        return other

    @pytest.mark.parametrize("mode", ["upsert", "create_only", "update_only"])
    def test_a_changed_row_asks_for_nothing(
        self, other: Setup, elsewhere: Callable[..., Json], mode: str
    ) -> None:
        with other.counting() as seen:
            outcome = other.loaded(rows("emails", elsewhere(subject="Changed")), mode=mode)

        assert outcome.count("emails") == {"skipped" if mode == "create_only" else "unchanged": 1}
        assert write_requests(seen) == 0
        assert seen["requests"]["search"] == {}

    def test_a_deletion_is_rejected_and_says_what_to_do(
        self, other: Setup, empty: Sandbox, elsewhere: Callable[..., Json]
    ) -> None:
        gone = elsewhere(_sdc_deleted_at="2024-06-01T00:00:00Z")

        assert other.load(rows("emails", gone), delete_mode="trash").count("emails") == {"rejected": 1}

        [reject] = other.rejects()
        assert "move it to the trash there" in reject["message"]
        assert len(empty.records("email")) == 1


def test_two_sources_may_use_the_same_keys(
    target: Setup, target_of: Callable[..., Setup], empty: Sandbox, email: Callable[..., Json]
) -> None:
    target.loaded(rows("emails", email(id=1)))

    target_of(empty, "other").loaded(rows("emails", email(id=1, sent_at="2023-05-01T10:00:00Z")))

    assert len(empty.records("email")) == 2


def test_the_own_message_id_does_not_depend_on_how_a_time_is_written(
    target: Setup, target_of: Callable[..., Setup], empty: Sandbox, email: Callable[..., Json]
) -> None:
    target.loaded(rows("emails", email()))

    again = target_of(empty, "other").loaded(rows("emails", email(sent_at="2024-05-01T12:00:00.000+02:00")))

    assert again.count("emails") == {"unchanged": 1}


def test_an_email_that_is_still_being_logged_is_not_taken_for_a_known_one(
    target: Setup,
    empty: Sandbox,
    email: Callable[..., Json],
    monkeypatch: pytest.MonkeyPatch,
    impatient: None,
) -> None:
    def under_way(*_: Any) -> None:
        raise ApiError(409, "Running.", code="idempotency_conflict", error_type="idempotency_conflict")

    for _ in range(2):  # it is not known either to the run that finds it begun
        with monkeypatch.context() as patch:
            patch.setattr(IdempotencyKeys, "begin", under_way)
            outcome = target.load(rows("emails", email()), state(done=1))
        assert outcome.error
        assert outcome.states == []
        assert target.ids("emails") == {}

    assert target.loaded(rows("emails", email())).count("emails") == {"created": 1}
    assert len(empty.records("email")) == 1


@pytest.mark.parametrize("message_id", [None, "<1@x>"])
class TestALostAnswerOfYesterday:
    """The API has forgotten its answer, and nothing in a list says which email it was."""

    @pytest.fixture(autouse=True)
    def yesterday(
        self,
        target: Setup,
        empty: Sandbox,
        email: Callable[..., Json],
        message_id: str | None,
        monkeypatch: pytest.MonkeyPatch,
        impatient: None,
    ) -> None:
        write = LightfieldClient.write

        def losing(self: LightfieldClient, *path: str, **options: Any) -> Json:
            empty.set_faults("reset-after:1")
            return write(self, *path, **options)

        with monkeypatch.context() as patch:
            patch.setattr(LightfieldClient, "write", losing)
            assert target.load(rows("emails", email(message_id=message_id)), state(done=1)).states == []
        empty.set_faults("")
        empty._workspace.idempotency.clear()
        long_ago = datetime.now(timezone.utc) - timedelta(hours=25)
        with sqlite3.connect(target.id_map_path) as database:
            database.execute("UPDATE lightfield_creates SET started_at = ?", (str(long_ago)[:26],))
        database.close()

    def test_a_rerun_logs_no_second_email(
        self, target: Setup, empty: Sandbox, email: Callable[..., Json], message_id: str | None
    ) -> None:
        assert target.loaded(rows("emails", email(message_id=message_id))).count("emails") == {"created": 1}

        assert len(empty.records("email")) == 1
        assert target.table("lightfield_creates") == []

    def test_its_deletion_is_not_passed_over(
        self, target: Setup, email: Callable[..., Json], message_id: str | None
    ) -> None:
        gone = email(message_id=message_id, _sdc_deleted_at="2024-06-01T00:00:00Z")

        assert target.load(rows("emails", gone), delete_mode="trash").count("emails") == {"rejected": 1}


class TestTheLogOfARun:
    """It says that a field is left as it is where Lightfield shows another value, and only there."""

    def test_what_was_just_logged_is_not_said_to_be_unchangeable(
        self, target: Setup, email: Callable[..., Json]
    ) -> None:
        outcome = target.loaded(rows("emails", email(message_id="<1@x>", body_text="Hello")))

        assert "can't be changed" not in outcome.log

    def test_what_is_hidden_or_in_no_list_is_not_said_to_differ(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(emails=20)
        workspace = Workspace(sandbox)
        there = [workspace.get("emails", record["id"]) for record in sandbox.records("email")]
        for record in there[:10]:
            sandbox.set_access("email", record["id"], "METADATA")
        values = {"subject": "$subject", "body": "$body", "from": "$from", "sent_at": "$sentAt"}
        feed = [
            {"id": r["id"], **{name: r["fields"].get(key, {}).get("value") for name, key in values.items()}}
            for r in there
        ]

        outcome = target_of(sandbox).loaded(rows("emails", *feed))

        assert outcome.count("emails") == {"unchanged": 20}
        assert "can't be changed" not in outcome.log

    def test_a_field_is_named_once(self, target: Setup, email: Callable[..., Json]) -> None:
        keys = range(5)
        target.loaded(rows("emails", *(email(id=n) for n in keys)))

        outcome = target.loaded(rows("emails", *(email(id=n, subject="Changed") for n in keys)))

        assert outcome.log.count("$subject can't be changed any more: left as it is") == 1


class TestSideBySide:
    """Emails are logged several at once, and it ends as if they had been logged one after the other."""

    @pytest.fixture
    def slow(self, start_sandbox: Callable[..., Sandbox]) -> Sandbox:
        return start_sandbox(empty=True, latency_ms=10)

    def test_of_two_with_one_message_id_the_first_is_logged(
        self, slow: Sandbox, target_of: Callable[..., Setup], email: Callable[..., Json]
    ) -> None:
        pairs = [
            email(id=f"{word} {n}", subject=word, message_id=f"<{n}@x>")
            for n in range(20)
            for word in ("first", "second")
        ]

        outcome = target_of(slow).loaded(rows("emails", *pairs))

        assert outcome.count("emails") == {"created": 20, "unchanged": 20}
        assert {r["fields"]["$subject"]["value"] for r in slow.records("email")} == {"first"}

    @pytest.mark.parametrize("column", ["in_reply_to", "references"])
    def test_an_answer_is_logged_after_what_it_answers_and_shares_its_thread(
        self, slow: Sandbox, target_of: Callable[..., Setup], email: Callable[..., Json], column: str
    ) -> None:
        feed = [
            row
            for n in range(20)
            for row in (
                email(id=f"{n}", message_id=f"{n}@x", thread_id=f"thread {n}"),
                email(id=f"answer {n}", message_id=f"answer-{n}@x", **{column: f"<{n}@X>"}),
            )
        ]

        target = target_of(slow)
        target.loaded(rows("emails", *feed))

        threads = {r["id"]: r["fields"]["$threadId"]["value"] for r in slow.records("email")}
        ids = target.ids("emails")
        assert [threads[ids[f"answer {n}"]] for n in range(20)] == [f"thread {n}" for n in range(20)]
