"""The command lightfield-migration, as a person calls it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from target_lightfield.migration.cli import main
from tests.target.presets.preset_files import BASE, built_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return built_in(tmp_path / "built_in", acme="# Acme CRM, as tap-acme brings it.\n" + BASE, zeta=BASE)


def call(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, obj=folder)


def test_presets_lists_them_with_a_line_each(folder: Path) -> None:
    result = call(folder, "presets")

    assert (result.exit_code, result.output) == (0, "acme  Acme CRM, as tap-acme brings it.\nzeta\n")


def test_show_prints_the_file(folder: Path) -> None:
    result = call(folder, "show", "zeta")

    assert (result.exit_code, result.output) == (0, BASE)


def test_show_of_an_unknown_one_names_the_nearest(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    result = call(folder, "show", "acne")

    assert (result.exit_code, result.output) == (1, "")
    assert caplog.messages == ["There is no built-in preset 'acne'. Nearest: 'acme'."]


def test_check_says_what_a_preset_maps(folder: Path) -> None:
    file = folder.parent / "my.yml"
    file.write_text(
        "extends: acme\nstreams: {owners: ignore, deals: {custom: {Tier: tier}}}\n", encoding="utf-8"
    )

    result = call(folder, "check", str(file))

    assert result.exit_code == 0
    assert (
        result.output
        == f"""\
{file}, which extends acme: a preset for Acme CRM.

Streams:
  owners     left out
  companies  → accounts: 1 column
  deals      → opportunities: 3 columns, 1 custom field
  meetings   → meetings: 1 column, when datetime(ends) <= now()
  meetings   → tasks: 1 column, when datetime(ends) > now()

Lookups:
  stages  pipelines: stageId → label within pipelineId

Links:
  deal_companies  → deals: account_id

Not carried:
  attachments  the tap brings no content
"""
    )


def test_check_of_a_wrong_file_says_so_in_one_sentence(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = folder.parent / "my.yml"
    file.write_text("extends: acme\nstreems: {}\n", encoding="utf-8")

    result = call(folder, "check", str(file))

    assert (result.exit_code, result.output) == (1, "")
    assert caplog.messages == [
        f"{file}:2: streems: there is no key 'streems'. Nearest: 'streams' and 'stream_names'."
    ]


@pytest.mark.parametrize(
    "arguments", [["check"], ["chek"], ["show"], ["presets", "x"], ["check", "a", "--feet"]]
)
def test_a_wrong_call_exits_2(folder: Path, arguments: list[str]) -> None:
    result = call(folder, *arguments)

    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_the_installed_command_says_on_standard_error_what_is_wrong(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("lightfield-migration")
    (tmp_path / "my.yml").write_text("preset: 3\n", encoding="utf-8")

    done = subprocess.run(
        [program, "check", "my.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "my.yml:1: preset: this has to be 1, and 3 is none.\n"
