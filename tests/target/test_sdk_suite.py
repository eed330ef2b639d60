"""The SDK's own tests of targets, with their streams mapped onto accounts and notes so that they write.

Four of them can mean nothing here:

- ``record_missing_key_property`` expects the run to end at a record without its key; this target rejects
  the record and goes on. It is left out, and ``test_malformed.py`` holds our rule.
- ``camelcase``, ``camelcase_complex_schema`` and ``special_chars_in_attributes`` are about the names that
  a target makes of column names. Ours come from the workspace, so these streams are not written; the tests
  show only that such names do no harm.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_target_test_class, target_test_streams
from singer_sdk.testing.runners import TargetTestRunner
from singer_sdk.testing.suites import SingerTestSuite, target_tests
from singer_sdk.testing.target_tests import TargetMultipleStateMessages, TargetRecordMissingKeyProperty

from target_lightfield.target import TargetLightfield
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox
    from tests.target.target_runs import Setup


def stream_of(name: str) -> str:
    return (files(target_test_streams) / f"{name}.singer").read_text(encoding="utf-8").rstrip("\n")


def as_notes(title: str) -> dict[str, Any]:
    return {"__alias__": "notes", "id": "id", "title": title, "__else__": None}


MAPS: dict[str, Any] = {
    "test_array_data": as_notes("fruits[0]"),
    "test_duplicate_records": as_notes("'metric ' + str(metric)"),
    "test_strings": as_notes("info"),
    "test_optional_attributes": as_notes("record.get('optional', 'none')"),
    "record_missing_fields": as_notes("record.get('optional', 'none')"),
    "test_schema_updates": as_notes("a2"),
    "test_no_pk": {"__alias__": "notes", "title": "str(metric)", "__else__": None},
    "example_stream": {"__alias__": "accounts", "id": "id", "name": "name", "email": None, "__else__": None},
    "test_object_schema_with_properties": {
        "__alias__": "notes", "title": "str(object_store['metric'])", "__else__": None
    },
}  # fmt: skip

Suite = get_target_test_class(
    TargetLightfield,
    include_target_tests=False,
    custom_suites=[
        SingerTestSuite(
            kind="target", tests=[t for t in target_tests.tests if t is not TargetRecordMissingKeyProperty]
        )
    ],
)


class TestTargetLightfield(Suite):  # type: ignore[misc, valid-type]
    @pytest.fixture
    def runner(self, target: Setup) -> TargetTestRunner:
        return TargetTestRunner(
            TargetLightfield,
            config={**target.config, "stream_maps": MAPS, "unknown_streams": "ignore", "max_rejects": 1},
        )


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("array_data", ["apple", "banana", "pear", "orange"]),
        ("duplicate_records", ["metric 100", "metric 20"]),
        ("optional_attributes", ["This is optional", "none", "Also optional", "none"]),
        ("record_missing_fields", ["now you see me", "none"]),
        ("schema_updates", [f"string{n}" for n in range(1, 7)]),
        ("no_primary_keys", ["11", "22", "33"]),
        ("schema_no_properties", ["187", "203"]),
    ],
)
def test_the_streams_of_the_suite_are_written(
    empty: Sandbox, run_suite_stream: Callable[[str], None], name: str, titles: list[str]
) -> None:
    run_suite_stream(name)

    assert sorted(Workspace(empty).values("notes", "$title")) == sorted(titles)


def test_a_string_of_the_suite_arrives_as_it_is_or_is_rejected(
    empty: Sandbox, target: Setup, run_suite_stream: Callable[[str], None]
) -> None:
    run_suite_stream("encoded_string_data")

    titles = Workspace(empty).values("notes", "$title")
    assert {"απλή συμβολοσειρά", "简单的字串", 'various " \\ / \n escape sequences'} <= set(titles)
    [reject] = target.rejects()  # no text of Lightfield holds a NUL
    assert "\x00" in reject["record"]["title"]


@pytest.fixture
def run_suite_stream(target: Setup) -> Callable[[str], None]:
    def run(name: str) -> None:
        target.loaded(stream_of(name), stream_maps=MAPS, unknown_streams="ignore", max_rejects=1)

    return run


def test_the_last_state_of_several_is_emitted(target: Setup) -> None:
    # The SDK's test of this expects the states in between as well, and is not in the SDK's suite for that.
    name = TargetMultipleStateMessages.name
    maps = {f"test_{name}_{letter}": as_notes("str(metric)") for letter in "ab"}

    outcome = target.loaded(stream_of(str(name)), stream_maps=maps)

    assert outcome.states[-1] == {f"test_{name}_a": 5, f"test_{name}_b": 6}
