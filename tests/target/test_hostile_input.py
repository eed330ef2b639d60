"""Input made to break its reader: a schema ends the run in one sentence, a record is rejected alone."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from typing import Any

import pytest

from tests.target.target_runs import Setup, feed, row, rows, schema, state
from tests.target.workspaces import Workspace

EVIL = "(a+)+$"
LONG = "a" * 5000 + "!"


def nested(levels: int, inner: Any = "x") -> Any:
    for level in range(levels):
        inner = [inner] if level % 2 else {"x": inner}
    return inner


def typed(**rule: Any) -> dict[str, Any]:
    return schema("notes", "title", content=rule)


class TestLines:
    @pytest.mark.parametrize("blank", ["\n", "\r\n", " \t\n", "\n\n\r\n"])
    def test_blank_lines_and_a_byte_order_mark_are_passed_over(
        self, target: Setup, workspace: Workspace, blank: str
    ) -> None:
        lines = feed([rows("notes", {"id": 1, "title": "T"}), state(done=1)]).splitlines(keepends=True)
        path = target.folder / "feed.jsonl"
        text = ("\ufeff" + blank + blank.join(lines) + blank).replace("\r\n", "\n").replace("\n", "\r\n")
        path.write_bytes(text.rstrip("\r\n").encode())  # nor has the last line an end

        outcome = target.load(source=path)

        assert outcome.status == 0, outcome.log
        assert workspace.values("notes", "$title") == ["T"]
        assert outcome.state == {"done": 1}

    def test_an_error_names_the_line_of_the_file(self, target: Setup) -> None:
        outcome = target.load("\ufeff", "", schema("notes", "title"), "", "{")

        assert "Line 5 " in outcome.error

    def test_a_byte_order_mark_in_the_middle_is_an_error(self, target: Setup) -> None:
        assert "Line 2 " in target.load(schema("notes", "title"), "\ufeff{}").error

    def test_a_state_with_a_fraction_comes_back_as_it_was(self, target: Setup) -> None:
        value = {"bookmarks": {"x": {"at": 1.5, "n": 10**20}}}

        assert target.loaded(rows("notes", {"id": 1, "title": "T"}), state(**value)).state == value


class TestSchemas:
    @pytest.mark.parametrize(
        "rule",
        [
            {"$ref": "#/definitions/nothing"},
            {"$ref": "#nowhere"},
            {"$ref": "nowhere"},
            {"allOf": [{"type": "string"}, {"$ref": "#/properties/title/nothing"}]},
            {"items": {"properties": {"pattern": {"$ref": "file:///etc/passwd"}}}},
            {"$dynamicRef": "#nowhere"},
            {"$ref": "#/properties"},
            {"$ref": "#/properties/content/enum/0", "enum": [{"pattern": EVIL}]},
            {"$ref": "#/properties/content/default", "default": {"$ref": "http://127.0.0.1:1/"}},
            {"$ref": "#/properties/content/x/properties", "x": {"properties": {"pattern": EVIL}}},
        ],
        ids=str,
    )
    def test_a_reference_to_nothing_ends_the_run(self, target: Setup, rule: dict[str, Any]) -> None:
        outcome = target.load(typed(**rule), row("notes", id=1, title="T", content="x"), state(done=1))

        assert "leads to nothing" in outcome.error
        assert "'notes'" in outcome.error
        assert outcome.states == []

    @pytest.mark.parametrize("keyword", ["$ref", "type", "maximum"])
    @pytest.mark.parametrize("odd", [{}, ["x"]], ids=str)
    @pytest.mark.parametrize("place", [(), ("properties", "content"), ("definitions", "a"), ("x", "y", "z")])
    def test_a_keyword_of_another_type_ends_the_run_wherever_it_is(
        self, target: Setup, place: tuple[str, ...], odd: Any, keyword: str
    ) -> None:
        message = schema("notes", "title", content={}, other={"$ref": "/".join(["#", *place])})
        found = message["schema"]
        for step in place:
            found = found.setdefault(step, {})
        found[keyword] = odd

        record = row("notes", id=1, title="T", content="x", other=1)
        outcome = target.load(message, record, state(done=1), unknown_columns="ignore")

        assert "A SCHEMA message of stream 'notes' can't be used" in outcome.error
        assert outcome.states == []

    @pytest.mark.parametrize("rule", [{"$ref": "{url}/x.json"}, {"$id": "{url}/y.json", "$ref": "x.json"}])
    def test_nothing_is_fetched(self, target: Setup, rule: dict[str, str]) -> None:
        asked = []
        with socket.create_server(("127.0.0.1", 0)) as server:

            def wait() -> None:
                with suppress(OSError):  # which is how it ends
                    asked.append(server.accept())

            waiting = threading.Thread(target=wait, daemon=True)
            waiting.start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            named = {name: value.replace("{url}", url) for name, value in rule.items()}
            outcome = target.load(typed(**named), row("notes", id=1, title="T", content="x"))
            server.shutdown(socket.SHUT_RDWR)
            waiting.join()

        assert asked == []
        assert "leads to nothing" in outcome.error

    @pytest.mark.parametrize(
        "keyword", ["$id", "$schema", "$anchor", "$dynamicAnchor", "pattern", "$vocabulary"]
    )
    @pytest.mark.parametrize("value", [5, [], {"a": 1}, None])
    def test_a_keyword_that_is_not_evaluated_may_have_any_value(
        self, target: Setup, keyword: str, value: object
    ) -> None:
        [described, *records] = rows("notes", {"id": "1", "title": "A"})
        described["schema"][keyword] = value
        assert target.loaded(described, records).count("notes") == {"created": 1}

    def test_a_reference_within_the_schema_is_followed(self, target: Setup) -> None:
        message = schema("notes", "title", content={"$ref": "#/definitions/a~1b"})
        message["schema"]["definitions"] = {
            "a/b": {"$ref": "#/definitions/c/anyOf/1"},
            "c": {"anyOf": [{}, {"type": "string"}]},
        }

        outcome = target.load(
            message, row("notes", id=1, title="T", content="x"), row("notes", id=2, title="T", content=5)
        )

        assert outcome.count("notes") == {"created": 1, "rejected": 1}

    def test_references_in_a_circle_reject_the_records(self, target: Setup) -> None:
        message = schema("notes", "title", content={"$ref": "#/definitions/a"})
        message["schema"]["definitions"] = {
            "a": {"$ref": "#/definitions/b"},
            "b": {"$ref": "#/definitions/a"},
        }

        outcome = target.load(
            message, row("notes", id=1, title="T", content="x"), row("notes", id=2, title="Good")
        )

        assert outcome.count("notes") == {"created": 1, "rejected": 1}
        assert "Traceback" not in outcome.log

    @pytest.mark.parametrize(
        "rule",
        [
            {"pattern": EVIL},
            {"anyOf": [{"pattern": EVIL}, {"allOf": [{"pattern": EVIL}]}]},
            {"pattern": "("},
            {"format": "regex"},
        ],
        ids=str,
    )
    def test_no_pattern_is_evaluated(self, target: Setup, workspace: Workspace, rule: dict[str, Any]) -> None:
        target.loaded(typed(**rule), row("notes", id=1, title="T", content=LONG))

        assert workspace.values("notes", "$content") == [LONG]

    def test_nor_one_for_the_names_of_members(self, target: Setup) -> None:
        message = schema("accounts", "name", primary_address={
            "patternProperties": {EVIL: False}, "additionalProperties": False,
            "propertyNames": {"pattern": EVIL},
        })  # fmt: skip
        message["schema"] |= {"patternProperties": {EVIL: False}, "additionalProperties": False}

        target.loaded(message, row("accounts", id=1, name="A", primary_address={"city": "X"}))

    def test_a_column_may_be_called_as_a_keyword_is(self, target: Setup) -> None:
        columns = {name: {"type": "integer"} for name in ("pattern", "format", "multipleOf", "$ref", "enum")}
        message = schema("notes", "title", **columns)

        outcome = target.load(
            message, row("notes", id=1, title="T", pattern="x"), row("notes", id=2, title="T", format=1),
            unknown_columns="ignore",
        )  # fmt: skip

        assert outcome.count("notes") == {"created": 1, "rejected": 1}
        assert target.rejects()[0]["param"] == "pattern"

    @pytest.mark.parametrize("levels", [60, 150, 980])
    @pytest.mark.parametrize("keyword", ["allOf", "properties", "items", "default"])
    def test_one_that_nests_deep_is_used_or_ends_the_run(
        self, target: Setup, levels: int, keyword: str
    ) -> None:
        begin, end = {"allOf": ("[", "]"), "properties": ('{"x": ', "}")}.get(keyword, ("", ""))
        rule = f'{{"{keyword}": {begin}' * (levels // 2) + "{}" + f"{end}}}" * (levels // 2)
        message = json.dumps(schema("notes", "title", content={})).replace(
            '"content": {}', f'"content": {rule}'
        )

        outcome = target.load(message, row("notes", id=1, title="T", content="x"))

        assert "Traceback" not in outcome.log
        if outcome.status:
            assert "nests" in outcome.error or "no JSON" in outcome.error

    def test_one_of_an_ignored_stream_is_ignored_too(self, target: Setup) -> None:
        odd = schema("messages", text={"$ref": "#/nothing", "pattern": "("})

        target.loaded(odd, row("messages", id=1, text="x"), rows("notes", {"id": 1, "title": "T"}))


class TestRecords:
    @pytest.mark.parametrize("levels", [101, 400])
    def test_one_that_nests_too_deep_is_rejected_alone_and_kept(
        self, target: Setup, workspace: Workspace, levels: int
    ) -> None:
        deep = nested(levels)

        outcome = target.load(
            rows("notes", {"id": 1, "title": "T", "content": deep}, {"id": 2, "title": "Good"})
        )

        assert outcome.count("notes") == {"created": 1, "rejected": 1}
        [reject] = target.rejects()
        assert (reject["code"], reject["param"]) == ("invalid_value", "content")
        assert json.loads(reject["record"]["content"]) == deep
        assert workspace.values("notes", "$title") == ["Good"]

    @pytest.mark.parametrize("levels", [90, 100])
    @pytest.mark.parametrize("column", ["id", "title", "content", "account_ids"])
    def test_one_that_nests_less_is_rejected_for_its_value(
        self, target: Setup, levels: int, column: str
    ) -> None:
        record = {"id": 1, "title": "T", column: nested(levels)}

        outcome = target.load(rows("notes", record, {"id": 2, "title": "Good"}))

        assert "Traceback" not in outcome.log
        assert outcome.counts["notes"]["created"] >= 1

    @pytest.mark.parametrize("levels", [980, 5000, 100_000])
    def test_one_that_no_reader_of_json_takes_ends_the_run_or_is_rejected(
        self, target: Setup, levels: int
    ) -> None:
        title = "[" * levels + "]" * levels
        deep = f'{{"type": "RECORD", "stream": "notes", "record": {{"id": 1, "title": {title}}}}}'

        outcome = target.load(schema("notes", "title"), deep, state(done=1))

        assert outcome.error

    @pytest.mark.parametrize("member", ["value", "version", "time_extracted"])
    def test_a_message_that_nests_deep_elsewhere_ends_the_run(self, target: Setup, member: str) -> None:
        message = {"type": "STATE"} if member == "value" else row("notes", id=1, title="T")

        outcome = target.load(schema("notes", "title"), {"value": {}, **message, member: nested(300)})

        assert "nests more than 100 levels" in outcome.error

    def test_of_a_member_that_comes_twice_the_last_counts(self, target: Setup, workspace: Workspace) -> None:
        twice = '{"type": "RECORD", "stream": "notes", "record": {"id": 1, "title": "A", "title": "B"}}'

        target.loaded(schema("notes", "title"), twice)

        assert workspace.values("notes", "$title") == ["B"]

    def test_half_a_surrogate_pair_in_names_is_no_traceback(
        self, target: Setup, workspace: Workspace
    ) -> None:
        odd = row("notes", **{"id": 1, "title": "T", "\ud800": "\udfff"})
        odd_schema = schema("notes", "title", **{"\ud800": {"enum": ["\ud800"]}})

        outcome = target.run(feed([schema("notes", "title"), odd, odd_schema]))

        assert "Traceback" not in outcome.log
        assert len(outcome.errors) == 1  # the column that SCHEMA announces matches no field
        assert workspace.values("notes", "$title") == ["T"]
