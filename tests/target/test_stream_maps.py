"""Another CRM's streams, made Lightfield's by stream maps: whose a key is, and what a value may be.

The feeds are like those of a tap for HubSpot: numbers for ids, the same ones in each stream, and most of an
object in ``properties``.
"""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Setup, row, rows, schema, state, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]

CALLS = {"__alias__": "notes", "id": "id", "title": "properties['hs_call_title']", "__else__": None}
NOTES = {"__alias__": "notes", "id": "id", "title": "properties['hs_note_body']", "__else__": None}
BOTH = {"calls": CALLS, "notes": NOTES}


def calls(*ids: int, title: str = "Call {}") -> list[Json]:
    return rows("calls", *({"id": n, "properties": {"hs_call_title": title.format(n)}} for n in ids))


def notes(*ids: int, title: str = "Note {}") -> list[Json]:
    return rows("notes", *({"id": n, "properties": {"hs_note_body": title.format(n)}} for n in ids))


class TestTwoStreamsThatFeedOne:
    @pytest.mark.parametrize("maps", [BOTH, dict(reversed(BOTH.items()))], ids=["calls", "notes"])
    @pytest.mark.parametrize(
        "feeds", list(itertools.permutations([calls(1, 2), notes(1, 2)])), ids=["c", "n"]
    )
    def test_equal_keys_are_two_records(
        self, target: Setup, workspace: Workspace, maps: Json, feeds: Sequence[list[Json]]
    ) -> None:
        outcome = target.loaded(*feeds, stream_maps=maps)
        assert outcome.count("notes") == {"created": 4}
        titles = ["Call 1", "Call 2", "Note 1", "Note 2"]
        assert sorted(workspace.values("notes", "$title")) == titles

        with target.counting() as seen:
            again = target.loaded(*reversed(feeds), stream_maps=dict(reversed(maps.items())))
        assert (write_requests(seen), again.count("notes")) == (0, {"unchanged": 4})

        target.loaded(calls(1, title="Changed"), stream_maps=maps)
        assert sorted(workspace.values("notes", "$title")) == ["Call 2", "Changed", "Note 1", "Note 2"]

    @pytest.mark.parametrize("first", [calls, notes])
    def test_a_run_may_have_one_of_them_alone(self, target: Setup, workspace: Workspace, first: Any) -> None:
        target.loaded(first(1), stream_maps=BOTH)

        outcome = target.loaded(calls(1), notes(1), stream_maps=BOTH)

        assert outcome.count("notes") == {"created": 1, "unchanged": 1}
        assert sorted(workspace.values("notes", "$title")) == ["Call 1", "Note 1"]

    @pytest.mark.parametrize(
        "feeds", list(itertools.permutations([calls(1, 2), notes(1, 3)])), ids=["c", "n"]
    )
    def test_one_that_is_added_later_hits_nothing_of_the_first(
        self, target: Setup, workspace: Workspace, feeds: Sequence[list[Json]]
    ) -> None:
        target.loaded(calls(1, 2), stream_maps={"calls": CALLS})
        ids = target.ids("notes")

        outcome = target.loaded(*feeds, stream_maps=BOTH)

        assert outcome.count("notes") == {"created": 2, "unchanged": 2}
        titles = {r["id"]: r["fields"]["$title"]["value"] for r in workspace.all("notes")}
        assert sorted(titles.values()) == ["Call 1", "Call 2", "Note 1", "Note 3"]
        assert {key: titles[id_] for key, id_ in ids.items()} == {"1": "Call 1", "2": "Call 2"}

    def test_a_stream_under_its_own_name_is_told_from_one_that_is_added(
        self, target: Setup, workspace: Workspace
    ) -> None:
        plain = rows("notes", {"id": 1, "title": "Note 1"})
        target.loaded(plain)

        target.loaded(calls(1), plain, stream_maps={"calls": CALLS})
        outcome = target.loaded(plain, calls(1), stream_maps={"calls": CALLS})

        assert outcome.count("notes") == {"unchanged": 2}
        assert sorted(workspace.values("notes", "$title")) == ["Call 1", "Note 1"]

    def test_one_that_feeds_alone_keeps_its_keys_when_the_alias_comes_or_goes(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(calls(1), stream_maps={"calls": CALLS})

        assert [r["stream"] for r in target.table("lightfield_records")] == ["notes"]

    @pytest.mark.parametrize(
        "feeds", list(itertools.permutations([calls(1, 2), notes(3, 4)])), ids=["c", "n"]
    )
    def test_what_an_earlier_release_wrote_is_not_created_again(
        self, target: Setup, workspace: Workspace, feeds: Sequence[list[Json]]
    ) -> None:
        target.loaded(calls(1, 2), notes(3, 4), stream_maps=BOTH)
        as_before(target)

        changed = [calls(1, title="Changed"), *feeds]
        outcome = target.loaded(changed[0], *changed[1:], calls(1, title="Changed"), stream_maps=BOTH)

        assert "created" not in outcome.count("notes")
        assert sorted(workspace.values("notes", "$title")) == ["Call 2", "Changed", "Note 3", "Note 4"]

    def test_what_an_earlier_release_wrote_over_is_there_again(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(calls(1), stream_maps={"calls": CALLS})
        as_before(target)

        target.loaded(calls(1), notes(1), stream_maps=BOTH)
        outcome = target.loaded(notes(1), calls(1), stream_maps=BOTH)

        assert outcome.count("notes") == {"unchanged": 2}
        assert sorted(workspace.values("notes", "$title")) == ["Call 1", "Note 1"]

    def test_each_has_its_own_columns_and_key(self, target: Setup, workspace: Workspace) -> None:
        maps = {
            "calls": {"__alias__": "notes", "title": "subject", "subject": None},
            "notes": {"__alias__": "notes", "__key_properties__": ["id"], "id": "note_id", "note_id": None},
        }

        outcome = target.loaded(
            schema("calls", "subject", key=["hs_object_id"]),
            schema("notes", "title", key=["note_id"]),
            row("calls", hs_object_id=1, subject="Call 1"),
            row("notes", note_id=1, title="Note 1"),
            row("calls", hs_object_id=2, subject="Call 2"),
            stream_maps=maps,
        )

        assert outcome.count("notes") == {"created": 3}
        assert sorted(workspace.values("notes", "$title")) == ["Call 1", "Call 2", "Note 1"]

    def test_a_pattern_maps_many_onto_one(self, target: Setup, workspace: Workspace) -> None:
        maps = {"engagement_*": {"__alias__": "notes", "title": "text", "text": None}}
        names = ["engagement_calls", "engagement_mails", "engagement_notes"]
        feeds = [rows(name, {"id": 1, "text": name}) for name in names]

        target.loaded(feeds[1], stream_maps=maps)
        target.loaded(*feeds, stream_maps=maps)
        outcome = target.loaded(*reversed(feeds), stream_maps=maps)

        assert outcome.count("notes") == {"unchanged": 3}
        assert sorted(workspace.values("notes", "$title")) == names

    def test_one_stream_may_become_several(self, target: Setup, workspace: Workspace) -> None:
        maps = {
            "deals": {"__alias__": "accounts", "name": "company", "company": None, "text": None},
            "notes": {"__source__": "deals", "title": "text", "company": None, "text": None},
            "calls": CALLS,
        }
        deals = rows("deals", {"id": 1, "company": "Acme", "text": "Deal 1"})

        target.loaded(deals, calls(1), stream_maps=maps)
        outcome = target.loaded(calls(1), deals, stream_maps=maps)

        assert (outcome.count("accounts"), outcome.count("notes")) == ({"unchanged": 1}, {"unchanged": 2})
        assert workspace.values("accounts", "$name") == ["Acme"]
        assert sorted(workspace.values("notes", "$title")) == ["Call 1", "Deal 1"]

    def test_a_key_that_both_have_is_no_reference(self, target: Setup, workspace: Workspace) -> None:
        maps = {name: {"__alias__": "accounts"} for name in ("companies", "partners")}
        feeds = [
            rows("companies", {"id": 1, "name": "Company 1"}, {"id": 2, "name": "Company 2"}),
            rows("partners", {"id": 1, "name": "Partner 1"}),
        ]

        outcome = target.load(
            *feeds,
            state(accounts=1),
            rows(
                "contacts",
                {"id": 1, "email": "one@x.example", "account_ids": [1]},
                {"id": 2, "email": "two@x.example", "account_ids": [2]},
            ),
            stream_maps=maps,
            max_rejects=1,
        )

        assert outcome.status == 0, outcome.log
        assert outcome.count("accounts") == {"created": 3}
        [reject] = target.rejects()
        assert (reject["key"], reject["code"], reject["param"]) == ("1", "ambiguous", "account_ids")
        assert "'companies' and 'partners'" in reject["message"]
        [contact] = workspace.all("contacts")
        assert contact["relationships"]["$account"]["values"] == [target.ids("accounts")["2"]]

    def test_what_waits_is_the_row_of_its_stream(self, target: Setup, workspace: Workspace) -> None:
        maps = {name: {"__alias__": "opportunities"} for name in ("deals", "quotes")}
        feeds = [rows(name, {"id": 1, "name": name, "account_id": "a"}) for name in maps]
        target.loaded(*feeds, stream_maps=maps)

        target.loaded(rows("accounts", {"id": "a", "name": "Acme"}), stream_maps=maps)
        outcome = target.loaded(*feeds, stream_maps=maps)

        assert outcome.count("opportunities") == {"unchanged": 2}
        assert sorted(workspace.values("opportunities", "$name")) == ["deals", "quotes"]

    def test_emails_without_a_message_id_are_told_apart(self, target: Setup, workspace: Workspace) -> None:
        maps = {name: {"__alias__": "emails"} for name in ("sent", "received")}
        member = workspace.all("members")[0]["fields"]["$email"]["value"]
        email = {"id": 1, "from": member, "to": ["x@customer.example"], "sent_at": "2026-01-05"}
        feeds = [rows(name, {**email, "subject": name}) for name in maps]

        target.loaded(*feeds, stream_maps=maps)
        target.forget()
        target.loaded(*reversed(feeds), stream_maps=maps)

        assert sorted(workspace.values("emails", "$subject")) == ["received", "sent"]


class TestRejects:
    def test_a_copy_of_the_file_lands_on_the_same_keys(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(calls(1, 2), notes(1, 2), stream_maps=BOTH)
        bad = target.load(calls(1, title="\0 {}"), notes(1, title="\0 {}"), stream_maps=BOTH)
        assert bad.count("notes") == {"rejected": 2}
        text = target.rejects_path.read_text().replace("\\u0000", "New")
        copy = target.folder / "copy.jsonl"
        copy.write_text(text)

        outcome = target.load(source=copy, stream_maps=BOTH)

        assert outcome.status == 0, outcome.log
        assert outcome.count("notes") == {"updated": 2}
        assert sorted(workspace.values("notes", "$title")) == ["Call 2", "New 1", "New 1", "Note 2"]
        again = target.loaded(calls(1, title="New {}"), notes(1, title="New {}"), stream_maps=BOTH)
        assert again.count("notes") == {"unchanged": 2}

    def test_a_file_of_an_earlier_release_lands_on_the_keys_of_that(
        self, target: Setup, workspace: Workspace
    ) -> None:
        maps = {"calls": CALLS}
        target.loaded(calls(1), stream_maps=maps)
        target.load(calls(1, title="\0 {}"), stream_maps=maps)
        lines = [json.loads(line.replace("\\u0000", "New")) for line in target.rejects_path.open()]
        for line in lines:
            del line["mapped_from"]
        as_before(target)

        target.loaded(lines, stream_maps=maps)
        outcome = target.loaded(calls(1, title="New {}"), stream_maps=maps)

        assert outcome.count("notes") == {"unchanged": 1}
        assert workspace.values("notes", "$title") == ["New 1"]


class TestRemovedStreams:
    @pytest.mark.parametrize("maps", [{"emails": None}, {"emails": "__NULL__"}, {"__else__": None}])
    def test_nothing_of_a_removed_stream_is_looked_at(self, target: Setup, maps: Json) -> None:
        outcome = target.loaded(
            schema("emails", "no_such_column"),
            row("emails", id=1, no_such_column="x"),
            schema("emails", "another"),
            row("emails", id=2, another="x"),
            {"type": "ACTIVATE_VERSION", "stream": "emails", "version": 1},
            state(done=1),
            stream_maps=maps,
        )

        assert outcome.state == {"done": 1}
        assert "no_such_column" not in outcome.log

    def test_what_is_made_of_it_stays(self, target: Setup, workspace: Workspace) -> None:
        maps = {"emails": None, "notes": {"__source__": "emails", "title": "text", "text": None}}

        target.loaded(rows("emails", {"id": 1, "text": "T"}), stream_maps=maps)

        assert workspace.values("notes", "$title") == ["T"]


def documented() -> Json:
    """The stream maps that docs/target.md has for a feed like this."""
    page = (Path(__file__).parents[2] / "docs" / "target.md").read_text(encoding="utf-8")
    section = page.partition("## Streams of another tap")[2]
    maps: Json = json.loads(section.partition("```json")[2].partition("```")[0])
    return maps


def hubspot() -> list[Json]:
    company = {"name": "Acme", "domain": "acme.example", "city": "Oslo", "country": "Norway"}
    person = {"firstname": "Ann", "lastname": "Lee", "email": "Ann@acme.example;lee@acme.example"}
    here = {"companies": [{"id": 7}]}
    return [
        *rows("companies", {"id": 7, "properties": company}),
        *rows("contacts", {"id": 7, "properties": person, "associations": here}),
        *rows(
            "deals",
            {"id": 7, "properties": {"dealname": "Big", "amount": 99.9}, "associations": here},
            {"id": 8, "properties": {"dealname": "Whole", "amount": 100}, "associations": here},
            {"id": 9, "properties": {"dealname": "None", "amount": None}, "associations": here},
        ),
    ]


class TestValues:
    def test_the_field_decides_what_an_expression_may_make(self, target: Setup, workspace: Workspace) -> None:
        outcome = target.loaded(hubspot(), calls(7), notes(7), stream_maps=documented())

        assert outcome.count("contacts") == {"created": 1}
        assert workspace.values("accounts", "$website") == [["acme.example"]]
        [contact] = workspace.all("contacts")
        assert contact["fields"]["$name"]["value"] == {"firstName": "Ann", "lastName": "Lee"}
        assert contact["fields"]["$email"]["value"] == ["ann@acme.example", "lee@acme.example"]
        assert contact["relationships"]["$account"]["values"] == [target.ids("accounts")["7"]]
        assert target.values("opportunities", "$amount") == {"7": 109.89, "8": 110}
        assert sorted(workspace.values("notes", "$title")) == ["Call 7", "Note 7"]

    @pytest.mark.parametrize(
        ("expression", "amount", "result"),
        [
            ("amount * 1.1", "99.9", 109.89),
            ("amount * 1.1", "100", 110),
            ("1.1 * amount", "100", 110),
            ("float(amount) * 1.1", "99.9", 109.89),
            ("amount / 100", "12345", 123.45),
            ("amount / 3", "0.1", 0.03333333333333333),
            ("amount + 0.1 - 0.3", "0.2", 0),
            ("1 if amount == 0.1 else 2", "0.1", 1),
            ("1 if amount > 0.1 else 2", "0.1", 2),
            ("int(amount * 0.5)", "0.1", 0),
            ("amount * 2", "0.1", 0.2),
        ],
    )
    def test_numbers_are_reckoned_with_as_they_are_written(
        self, target: Setup, expression: str, amount: str, result: float
    ) -> None:
        maps = {"deals": {"__alias__": "accounts", "custom_arr": expression, "amount": None}}
        target.loaded(
            schema("deals", "name", "amount"),
            json.dumps(row("deals", id=1, name="A", amount="AMOUNT")).replace('"AMOUNT"', amount),
            stream_maps=maps,
        )

        assert target.values("accounts", "$name") == {"1": "A"}
        [value] = target.values("accounts", "arr").values()
        assert Decimal(str(value)) == Decimal(str(result))

    @pytest.mark.parametrize(
        ("column", "expression"),
        [
            ("name", "firstname + ' ' + lastname"),
            ("name__first_name", "[firstname]"),
            ("name__last_name", "[lastname]"),
        ],
    )
    def test_an_error_names_the_column_that_the_user_wrote(
        self, target: Setup, column: str, expression: str
    ) -> None:
        people = rows("people", {"id": 1, "email": "a@x.example", "firstname": "Ann", "lastname": "Lee"})
        others = {"name__first_name": "'Ann'", "name__last_name": "'Lee'"} if column != "name" else {}
        columns = {"id": "id", "email": "email", **others, column: expression}
        maps = {"people": {"__alias__": "contacts", **columns, "__else__": None}}

        outcome = target.load(people, stream_maps=maps)

        [reject] = target.rejects()
        assert (reject["code"], reject["param"]) == ("invalid_value", column)
        assert f"Rejected contacts '1' ({column})" in outcome.log

    def test_a_label_that_is_none_is_named_as_such(self, target: Setup) -> None:
        target.load(rows("accounts", {"id": 1, "name": "A", "headcount_label": "none of these"}))

        assert [reject["param"] for reject in target.rejects()] == ["headcount_label"]


class TestExpressionsThatFail:
    @pytest.mark.parametrize(
        ("expression", "reason"),
        [
            ("properties['no_such']", "there is no 'no_such'"),
            ("properties['nothing'] + 'x'", "TypeError"),
            ("properties['nothing'].strip()", "there is no 'strip'"),
            ("no_such_column", "the row has no 'no_such_column'"),
            ("int(properties['secret'])", "ValueError"),
            ("properties['number'] / 0", "DivisionByZero"),
        ],
    )
    def test_the_row_is_rejected_in_one_sentence(
        self, target: Setup, workspace: Workspace, expression: str, reason: str
    ) -> None:
        maps = {
            "calls": {**CALLS, "content": f"{expression} if id == 2 else 'fine'"},
            "accounts": {"__source__": "calls", "id": "id", "name": "str(id)", "__else__": None},
        }
        record = {"nothing": None, "secret": "hunter2", "number": 1.5, "hs_call_title": "T"}
        feed = rows("calls", *({"id": n, "properties": record} for n in (1, 2, 3)))

        outcome = target.load(feed, state(done=1), stream_maps=maps, max_rejects=1)

        assert outcome.status == 0, outcome.log
        assert outcome.state == {"done": 1}
        assert outcome.count("notes") == {"created": 2, "rejected": 1}
        assert outcome.count("accounts") == {"created": 3}
        [said] = [line for line in outcome.log.splitlines() if "Rejected" in line]
        assert "notes '2' (content)" in said
        assert "'calls'" in said
        assert reason in said
        assert "Traceback" not in outcome.log
        assert "hunter2" not in outcome.log

    def test_once_it_is_mended_a_copy_of_the_file_brings_the_rows(
        self, target: Setup, workspace: Workspace
    ) -> None:
        maps = {**BOTH, "calls": {**CALLS, "content": "properties['hs_body']"}}
        target.loaded(calls(1), notes(1), stream_maps=BOTH)
        target.load(calls(1, title="Changed"), notes(1), stream_maps=maps)
        [reject] = target.rejects()
        assert (reject["stream"], reject["code"], reject["param"], reject["key"]) == (
            "calls", "expression_failed", "content", "1",
        )  # fmt: skip
        copy = target.folder / "copy.jsonl"
        target.rejects_path.rename(copy)

        maps["calls"]["content"] = "properties.get('hs_body', 'None')"
        outcome = target.load(source=copy, stream_maps=maps)

        assert outcome.count("notes") == {"updated": 1}
        assert sorted(workspace.values("notes", "$title")) == ["Changed", "Note 1"]

    def test_a_row_of_a_stream_that_nobody_knows_is_not_passed_over_for_it(self, target: Setup) -> None:
        maps = {"calls": {"title": "properties['no_such']"}}

        outcome = target.load(calls(1), state(done=1), stream_maps=maps)

        assert "'calls'" in outcome.error
        assert outcome.states == []
        ignored = target.loaded(calls(1), stream_maps=maps, unknown_streams="ignore")
        assert ignored.count("calls") == {"skipped": 1}

    def test_a_filter_that_fails_rejects_the_row(self, target: Setup) -> None:
        maps = {"calls": {**CALLS, "__filter__": "properties['no_such'] > 1"}}

        target.load(calls(1), stream_maps=maps)

        assert [(r["code"], r["param"]) for r in target.rejects()] == [("expression_failed", "__filter__")]

    @pytest.mark.parametrize(
        ("maps", "named"),
        [
            ({"later": {"title": "x."}}, "'title' of 'later'"),
            ({"later": {"title": ""}}, "'title' of 'later'"),
            ({"later": {"title": "a = 1"}}, "'title' of 'later'"),
            ({"later": {"__filter__": "1 +"}}, "'__filter__' of 'later'"),
            ({"later": {"title": 5}}, "'title' of 'later'"),
            ({"later": "notes"}, "'later'"),
            ({"later": {"__else__": "x"}}, "__else__ of 'later'"),
            ({"later": {"__alias__": "two words"}}, "two words"),
            ({"__other__": None}, "__other__"),
        ],
    )
    def test_one_that_can_not_be_read_ends_the_run_before_it_begins(
        self, target: Setup, workspace: Workspace, maps: Json, named: str
    ) -> None:
        outcome = target.load(rows("accounts", {"id": 1, "name": "A"}), stream_maps=maps)

        assert named in outcome.error
        assert workspace.all("accounts") == []


def as_before(target: Setup) -> None:
    """Make the id map what an earlier release has of it, which knew streams by one name alone."""
    with target.database() as database:
        database.execute(
            "UPDATE lightfield_records SET stream = substr(stream, 1, instr(stream || ' ', ' ') - 1)"
        )
        database.execute("DROP TABLE lightfield_feeders")
        database.execute("UPDATE lightfield_id_map SET version = 3")
