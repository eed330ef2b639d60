"""Numbers keep every digit from the feed to the workspace; what is no number is nothing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from tests.target.target_runs import Setup, row, rows, schema, write_requests
from tests.target.workspaces import Workspace

HUGE = ("12345678901234567.0", "12345678901234568.0", "12345678901234569.0")


def line(stream: str, record: str) -> str:
    """A RECORD message with its record as it is: Python's JSON would round it."""
    return f'{{"type": "RECORD", "stream": "{stream}", "record": {record}}}'


def as_earlier_releases_left_it(target: Setup) -> None:
    """Make an id map of theirs: they did not tell numbers from texts, and had fewer tables."""
    with closing(sqlite3.connect(target.id_map_path)) as database:
        database.execute("DROP TABLE lightfield_former_keys")
        database.execute("DROP TABLE lightfield_id_map")
        database.execute("ALTER TABLE lightfield_records DROP COLUMN state")
        database.commit()


class TestNotANumber:
    @pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "[NaN]", '{"a": [1, Infinity]}'])
    def test_as_a_key_it_is_missing(self, target: Setup, workspace: Workspace, word: str) -> None:
        records = [line("contacts", f'{{"id": {word}, "email": "{n}@x.example"}}') for n in range(3)]

        outcome = target.load(schema("contacts", "email"), *records)

        assert outcome.count("contacts") == {"rejected": 3}
        assert {reject["code"] for reject in target.rejects()} == {"key_missing"}
        assert workspace.all("contacts") == []

    def test_anywhere_else_it_is_null(self, target: Setup, workspace: Workspace) -> None:
        columns = ["name", "custom_industry", "custom_arr", "custom_tags", "primary_address", "owner_id"]
        target.loaded(
            rows("accounts", {"id": "1", "name": "A", "custom_industry": "Rockets", "custom_arr": 5})
        )

        target.loaded(
            schema("accounts", *columns),
            line(
                "accounts",
                '{"id": "1", "name": "A", "custom_industry": NaN, "custom_arr": Infinity, '
                '"custom_tags": [NaN], '
                '"primary_address": {"city": NaN, "latitude": -Infinity}, "owner_id": NaN, '
                '"_sdc_deleted_at": NaN}',
            ),
            delete_mode="trash",
        )

        [account] = workspace.all("accounts")
        assert account["fields"]["industry"]["value"] is None
        assert account["fields"]["arr"]["value"] is None
        assert target.table("lightfield_waiting_links") == []

    def test_among_the_references_it_is_none(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(
            rows("accounts", {"id": 1, "name": "A"}),
            schema("contacts", "email", "account_ids"),
            line("contacts", '{"id": 1, "email": "a@x.example", "account_ids": [1.0, NaN]}'),
        )

        [contact] = workspace.all("contacts")
        assert contact["relationships"]["$account"]["values"] == [target.ids("accounts")["1"]]
        assert target.table("lightfield_waiting_links") == []


class TestKeys:
    def test_keys_that_one_float_stands_for_are_several_records(
        self, target: Setup, workspace: Workspace
    ) -> None:
        records = [line("notes", f'{{"id": {number}, "title": "{number}"}}') for number in HUGE]

        assert target.loaded(schema("notes", "title"), *records).count("notes") == {"created": 3}
        assert target.loaded(schema("notes", "title"), *records).count("notes") == {"unchanged": 3}
        assert target.values("notes", "$title") == {number.partition(".")[0]: number for number in HUGE}

    @pytest.mark.parametrize("columns", [["id"], ["id", "part"]], ids=["one", "composite"])
    def test_however_a_number_is_written_it_is_one_key(
        self, target: Setup, workspace: Workspace, columns: list[str]
    ) -> None:
        records = [
            line("notes", f'{{"id": {number}, "part": "x", "title": "{number}"}}')
            for number in ("1", "1.0", "1e0", "10E-1")
        ]

        target.loaded(schema("notes", "title", key=columns), *records)

        assert workspace.values("notes", "$title") == ["10E-1"]

    def test_a_text_stays_itself_beside_a_number(self, target: Setup, workspace: Workspace) -> None:
        texts = rows("notes", {"id": "1.0", "title": "text"}, {"id": 1, "title": "number"})

        assert target.loaded(texts).count("notes") == {"created": 2}
        assert target.loaded(texts).count("notes") == {"unchanged": 2}

    @pytest.mark.parametrize("reference", ["1", "1.0", "1e0", '"1"'])
    def test_a_reference_follows_the_same_rule(
        self, target: Setup, workspace: Workspace, reference: str
    ) -> None:
        target.loaded(
            schema("accounts", "name"), line("accounts", '{"id": 1.00, "name": "A"}'),
            schema("opportunities", "name", "account_id"),
            line("opportunities", f'{{"id": 1, "name": "O", "account_id": {reference}}}'),
            schema("contacts", "email", "account_ids"),
            line("contacts", f'{{"id": 1, "email": "a@x.example", "account_ids": [{reference}]}}'),
            schema("lists", "name", "object_type"),
            line("lists", '{"id": 5.0, "name": "L", "object_type": "account"}'),
            schema("list_members", key=["list_id", "object_type", "record_id"]),
            line("list_members", f'{{"list_id": 5, "object_type": "account", "record_id": {reference}}}'),
        )  # fmt: skip

        account = target.ids("accounts")["1"]
        for stream in ("opportunities", "contacts"):
            assert workspace.all(stream)[0]["relationships"]["$account"]["values"] == [account]
        assert target.table("lightfield_waiting_links") == target.table("lightfield_waiting_records") == []

    @pytest.mark.parametrize("number", ["1e999999", "9" * 5000])
    def test_a_number_that_is_no_key_is_rejected_alone(self, target: Setup, number: str) -> None:
        outcome = target.load(
            schema("notes", "title", "account_ids"),
            line("notes", f'{{"id": {number}, "title": "T"}}'),
            line("notes", f'{{"id": 1, "title": "T", "account_ids": [{number}]}}'),
            line(
                "notes",
                f'{{"id": 2, "title": {number}.0}}' if "e" not in number else '{"id": 2, "title": {}}',
            ),
            row("notes", id=3, title="Good"),
            max_rejects=3,
        )

        assert outcome.count("notes")["created"] >= 1
        assert {"key_invalid", "invalid_value"} <= {reject["code"] for reject in target.rejects()}


class TestIdMapsOfEarlierReleases:
    @pytest.mark.parametrize(
        ("number", "former"),
        [("1.0", "1.0"), ("1", "1.0"), ("1e16", "1e+16"), ("-0.0", "-0.0"), ("1e-7", "1e-07"),
         ("12345678901234567.0", "1.2345678901234568e+16"), ("123456789012345.678", "123456789012345.67")],
    )  # fmt: skip
    def test_a_record_is_found_by_what_its_key_was_called(
        self, target: Setup, workspace: Workspace, number: str, former: str
    ) -> None:
        target.loaded(rows("notes", {"id": former, "title": "T"}))
        as_earlier_releases_left_it(target)
        messages = [schema("notes", "title"), line("notes", f'{{"id": {number}, "title": "T"}}')]

        with target.counting() as seen:
            assert target.loaded(*messages).count("notes") == {"unchanged": 1}
        assert target.loaded(*messages).count("notes") == {"unchanged": 1}

        assert write_requests(seen) == 0
        assert len(workspace.all("notes")) == 1
        assert former not in set(target.ids("notes")) - {number}

    def test_so_is_one_of_a_composite_key(self, target: Setup, workspace: Workspace) -> None:
        text, composite = schema("notes", "title", "a", "b"), schema("notes", "title", key=["a", "b"])
        target.loaded(text, row("notes", id='[1.0, "x"]', title="T"), unknown_columns="ignore")
        as_earlier_releases_left_it(target)

        outcome = target.loaded(composite, line("notes", '{"a": 1.0, "b": "x", "title": "T"}'))

        assert outcome.count("notes") == {"unchanged": 1}
        assert set(target.ids("notes")) == {'[1, "x"]'}

    def test_of_those_that_were_one_record_the_first_has_it_and_the_others_are_created(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(rows("notes", {"id": "1.2345678901234568e+16", "title": HUGE[2]}))
        as_earlier_releases_left_it(target)
        records = [line("notes", f'{{"id": {number}, "title": "{number}"}}') for number in HUGE]

        assert target.loaded(schema("notes", "title"), *records).count("notes") == {
            "created": 2,
            "updated": 1,
        }
        assert sorted(workspace.values("notes", "$title")) == list(HUGE)

    def test_a_reference_finds_a_record_that_does_not_come_again(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(rows("accounts", {"id": "1.0", "name": "A"}))
        as_earlier_releases_left_it(target)

        target.loaded(rows("contacts", {"id": 1, "email": "a@x.example", "account_ids": [1.0]}))

        [contact] = workspace.all("contacts")
        assert contact["relationships"]["$account"]["values"] == [target.ids("accounts")["1.0"]]

    def test_links_and_rows_that_wait_find_what_they_wait_for(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(rows("contacts", {"id": "2.0", "email": "a@x.example", "account_ids": ["1.0", "x"]}))
        target.loaded(
            schema("opportunities", "name", "account_id"),
            row("opportunities", id="3.0", name="O", account_id=1.0),
        )
        as_earlier_releases_left_it(target)
        with closing(sqlite3.connect(target.id_map_path)) as database:
            database.execute("UPDATE lightfield_waiting_records SET row = replace(row, '\"3.0\"', '3.0')")
            database.commit()

        target.loaded(rows("accounts", {"id": 1, "name": "A"}))

        account = target.ids("accounts")["1"]
        assert workspace.all("contacts")[0]["relationships"]["$account"]["values"] == [account]
        assert workspace.all("opportunities")[0]["relationships"]["$account"]["values"] == [account]
        assert target.table("lightfield_waiting_records") == []
        assert [link["reference"] for link in target.table("lightfield_waiting_links")] == ["x"]

    def test_a_row_without_a_key_is_not_doubled_for_its_nan(
        self, target: Setup, workspace: Workspace
    ) -> None:
        written = rows("notes", {"title": "T", "content": "NaN"}, key=())
        target.loaded(written)
        as_earlier_releases_left_it(target)

        target.loaded(
            schema("notes", "title", "content", key=()), line("notes", '{"title": "T", "content": NaN}')
        )

        [note] = workspace.all("notes")
        assert note["fields"]["$content"]["value"] in (None, "")

    def test_a_row_without_a_key_is_not_taken_for_another_one(
        self, target: Setup, workspace: Workspace
    ) -> None:
        messages = rows("notes", {"title": "T", "content": "NaN"}, {"title": "T", "content": None}, key=())

        assert target.loaded(messages).count("notes") == {"created": 2}
        assert target.loaded(messages).count("notes") == {"unchanged": 2}

    def test_a_dry_run_leaves_it_as_it_is(self, target: Setup) -> None:
        target.loaded(rows("notes", {"id": "1.0", "title": "T"}))
        as_earlier_releases_left_it(target)

        outcome = target.loaded(
            schema("notes", "title"), line("notes", '{"id": 1.0, "title": "T"}'), dry_run=True
        )

        assert outcome.count("notes") == {"unchanged": 1}
        assert set(target.ids("notes")) == {"1.0"}


class TestDigits:
    def test_no_value_is_rounded_on_its_way(self, target: Setup, workspace: Workspace) -> None:
        outcome = target.load(
            schema("accounts", "name", "custom_arr", "custom_icp_score", "custom_industry"),
            line("accounts", '{"id": 1, "name": "A", "custom_arr": 123456789012345.678}'),
            line("accounts", '{"id": 2, "name": "B", "custom_icp_score": 1234567890123456.25}'),
            line("accounts", '{"id": 3, "name": "C", "custom_industry": 123456789012345.678}'),
            line("accounts", '{"id": 4, "name": "D", "custom_arr": 1234567.25, "custom_icp_score": 1.50}'),
            max_rejects=2,
        )

        assert outcome.count("accounts") == {"created": 2, "rejected": 2}
        assert [r["param"] for r in target.rejects()] == ["custom_arr", "custom_icp_score"]
        assert target.values("accounts", "industry")["3"] == "123456789012345.678"
        assert target.values("accounts", "arr")["4"] == 1234567.25

    def test_rejected_rows_keep_every_digit_and_load_again(self, target: Setup, workspace: Workspace) -> None:
        record = (
            f'{{"id": {HUGE[0]}, "title": 123456789012345.678, "content": {{"bad": 0.1000000000000000055}}}}'
        )
        precise: dict[str, Any] = {"content": {"multipleOf": 0.01}}
        target.load(schema("notes", "title", **precise), line("notes", record))
        text = target.rejects_path.read_text()

        assert json.loads(text.splitlines()[1], parse_float=Decimal)["record"] == json.loads(
            record, parse_float=Decimal
        )
        target.rejects_path.unlink()
        target.loaded(text.replace('{"bad":0.1000000000000000055}', '"good"').rstrip())
        assert target.values("notes", "$title") == {"12345678901234567": "123456789012345.678"}

    def test_rows_that_wait_keep_every_digit(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(
            schema("opportunities", "name", "account_id"),
            line(
                "opportunities", f'{{"id": {HUGE[0]}, "name": 123456789012345.678, "account_id": {HUGE[1]}}}'
            ),
        )
        target.loaded(schema("accounts", "name"), line("accounts", f'{{"id": {HUGE[1]}, "name": "A"}}'))

        assert target.values("opportunities", "$name") == {"12345678901234567": "123456789012345.678"}

    def test_stream_maps_reckon_with_exact_numbers(self, target: Setup, workspace: Workspace) -> None:
        maps = {
            "deals": {"__alias__": "notes", "id": "id", "title": "str(amount * 3)", "content": "str(id)",
                      "__else__": None}
        }  # fmt: skip

        target.loaded(
            schema("deals", "amount", id={"type": "number"}),
            line("deals", f'{{"id": {HUGE[0]}, "amount": 123456789012345.678}}'),
            stream_maps=maps,
        )

        assert target.values("notes", "$title") == {"12345678901234567": "370370367037037.034"}
        assert workspace.values("notes", "$content") == [HUGE[0]]

    @pytest.mark.parametrize("value", ["1e999999", "-1e999999", "1e-999999", "9" * 5000, "1" * 400 + ".5"])
    def test_a_number_beyond_all_others_is_rejected_alone(
        self, target: Setup, workspace: Workspace, value: str
    ) -> None:
        typed = schema("accounts", "name", custom_arr={"type": ["number", "integer"], "multipleOf": 1e-10})

        outcome = target.load(
            typed,
            line("accounts", f'{{"id": 1, "name": "A", "custom_arr": {value}}}'),
            row("accounts", id=2, name="Good", custom_arr=5),
        )

        assert outcome.count("accounts") == {"created": 1, "rejected": 1}
        assert [r["param"] for r in target.rejects()] == ["custom_arr"]

    def test_a_schema_is_held_against_numbers_as_they_are(self, target: Setup) -> None:
        limits = {"minimum": 0.1, "maximum": 0.3, "enum": [0.1, 0.3, 1]}
        typed = schema("notes", "title", content={**limits, "multipleOf": 0.1})
        good = [row("notes", id=n, title="T", content=content) for n, content in enumerate([0.1, 0.3])]
        whole = schema("contacts", "email", id={"type": "integer"})

        outcome = target.load(
            typed,
            *good,
            row("notes", id=9, title="T", content=1),
            whole,
            line("contacts", f'{{"id": {HUGE[0]}, "email": "a@x.example"}}'),
            line("contacts", '{"id": 1.5, "email": "b@x.example"}'),
            max_rejects=2,
        )

        assert outcome.count("notes") == {"created": 2, "rejected": 1}
        assert outcome.count("contacts") == {"created": 1, "rejected": 1}
