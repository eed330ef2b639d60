"""The file of a preset: what it becomes, and what is said of one that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from target_lightfield.errors import TargetError
from target_lightfield.objects.registry import REGISTRY
from target_lightfield.presets.column import Column
from target_lightfield.presets.preset import Route
from target_lightfield.presets.reading import LARGEST, read_preset
from target_lightfield.presets.targets import TARGETS
from target_lightfield.presets.templates import Part, parts_of
from tests.target.presets.preset_files import BASE, built_in, read
from tests.target.presets.wrong_presets import UNDEFINED, WRONG


def test_a_built_in_preset_is_read_by_its_name(tmp_path: Path) -> None:
    preset = read_preset("acme", built_in(tmp_path, acme=BASE))

    assert preset.name == "Acme CRM"
    deals = preset.streams["deals"]
    assert isinstance(deals, Route)
    assert deals.columns["owner_id"] == Column(from_="owner", record="owners")


def test_what_is_neither_built_in_nor_a_file_is_said_with_the_nearest(tmp_path: Path) -> None:
    folder = built_in(tmp_path, hubspot=BASE, pipedrive=BASE)

    with pytest.raises(TargetError, match=r"'hubspt' is neither built in nor a file\. Nearest: 'hubspot'\.$"):
        read_preset("hubspt", folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", r"my\.yml is empty"),
        (b"# only a comment\n", r"my\.yml is empty"),
        (b"- a\n- b\n", r"my\.yml:1: a preset is a mapping"),
        (b"hubspot\n", r"my\.yml:1: a preset is a mapping"),
        (b"preset: 1\nname: M\xfcller\n", r"my\.yml:2: this is not UTF-8"),
        ("preset: 1".encode("utf-16"), r"my\.yml:1: this is not UTF-8"),
        (b"preset: 1\nname: [a\nkey: b\n", r"my\.yml:3: this is no YAML"),
        (b"preset: 1\nname: \x07\n", r"my\.yml:2: special characters are not allowed, as U\+0007 is one"),
        (b"preset: 1\n---\npreset: 1\n", r"my\.yml:\d: this is no YAML"),
        (b"preset: 1\nname: *nobody\n", r"my\.yml:2: this is no YAML: found undefined alias"),
        (b"#" * (LARGEST + 1), r"my\.yml is no preset: it has more than 1,000,000 bytes"),
        (b"preset: 1\nname: !!python/object:os.system {}\n", r"my\.yml:2: name: the tag .* means nothing"),
        (b"[" * 5000, r"my\.yml is nested more deeply"),
        (b"preset: " + b"9" * 5000, r"my\.yml:1: preset: this is no value that can be read"),
        (b"? [a, b]\n: 1\n", r"my\.yml:1: a key has to be a text"),
        (
            b"preset: 1\nignore: &a [*a]\n",
            r"my\.yml:2: ignore\[0\]: this alias stands for something that it is",
        ),
    ],
)
def test_a_file_that_can_not_be_read_is_said_in_one_sentence(tmp_path: Path, text: bytes, said: str) -> None:
    with pytest.raises(TargetError, match=said) as error:
        read(tmp_path, text)

    assert "\n" not in error.value.message


def test_a_folder_is_no_preset(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="can't be read: Is a directory"):
        read_preset(str(tmp_path), built_in(tmp_path / "built_in"))


def test_a_key_that_is_there_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    text = "preset: 1\nstreams:\n  a: ignore\n  b: ignore\n  a: ignore\n"

    with pytest.raises(TargetError, match=r"my\.yml:5: streams\.a: this key is in line 3 already"):
        read(tmp_path, text)


def test_aliases_are_what_they_stand_for(tmp_path: Path) -> None:
    preset = read(
        tmp_path,
        """\
preset: 1
streams:
  a: &a {to: notes, columns: &columns {title: t}}
  b: {<<: *a, to: tasks, skip_when: x}
  c: {to: tasks, columns: *columns}
""",
    )

    assert preset.streams == {
        "a": Route("notes", columns={"title": "t"}),
        "b": Route("tasks", columns={"title": "t"}, skip_when="x"),
        "c": Route("tasks", columns={"title": "t"}),
    }


@pytest.mark.parametrize(
    "link", ["[*l{0}, *l{0}]", "{{a: *l{0}, b: *l{0}}}", "{{<<: [*l{0}, *l{0}], x{1}: *l{0}}}"]
)
def test_aliases_of_aliases_can_not_become_more_than_memory_holds(tmp_path: Path, link: str) -> None:
    lines = [f"l{n + 1}: &l{n + 1} {link.format(n, n + 1)}" for n in range(40)]

    with pytest.raises(TargetError, match="with what its aliases stand for, this is more than any preset"):
        read(tmp_path, "\n".join(["preset: 1", "l0: &l0 {a: b}", *lines]))


def test_what_yaml_makes_of_texts_is_the_text_that_stands_there(tmp_path: Path) -> None:
    preset = read(
        tmp_path,
        """\
preset: 1
streams:
  a:
    to: contacts
    columns:
      no: {from: 2024-01-01, map: {001: on, 2024-05-01: no, yes: 1.50, 1_000: 007}, plus: 10:30:00}
      due: {value: 2024-02-30, record: {003: a}, else: true}
""",
    )

    [route] = [route for route in preset.streams.values() if isinstance(route, Route)]
    assert route.columns["no"] == Column(
        from_="2024-01-01",
        map={"001": "on", "2024-05-01": "no", "yes": 1.5, "1_000": "007"},
        plus="10:30:00",
    )
    assert route.columns["due"] == Column(value="2024-02-30", record={"003": "a"}, else_=True)


def test_a_key_that_is_null_is_not_there_but_in_a_map_it_is_nothing_on_purpose(tmp_path: Path) -> None:
    preset = read(
        tmp_path,
        """\
preset: 1
ignore:
streams:
  a: {to: tasks, as: ~, columns: {title: {from: t, map: {x: null}}, due_at: null}}
""",
    )

    assert preset.streams == {"a": Route("tasks", columns={"title": Column(from_="t", map={"x": None})})}


@pytest.mark.parametrize(("text", "said"), [*WRONG, *UNDEFINED])
def test_what_is_wrong_is_said_with_file_line_path_and_nearest_names(
    tmp_path: Path, text: str, said: str
) -> None:
    assert text != BASE

    with pytest.raises(TargetError) as error:
        read(tmp_path, text)

    message = error.value.message.removeprefix(f"{tmp_path}/")
    assert re.search(said, message), message
    assert message.endswith(".")
    assert "\n" not in message


def test_a_stream_that_is_ignored_or_not_carried_may_be_referred_to(tmp_path: Path) -> None:
    read(
        tmp_path,
        """\
extends: acme
streams: {deals: ignore, companies: null, owners: ignore}
not_carried: {companies: they come later}
""",
        acme=BASE,
    )


def test_the_streams_that_a_preset_can_write_to_are_those_of_the_registry() -> None:
    assert set(TARGETS) == set(REGISTRY)


def test_a_template_is_text_and_columns() -> None:
    assert parts_of("{{x}} Call: {a.b}!") == [
        Part("{", is_column=False),
        Part("x", is_column=False),
        Part("}", is_column=False),
        Part(" Call: ", is_column=False),
        Part("a.b", is_column=True),
        Part("!", is_column=False),
    ]
