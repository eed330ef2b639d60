"""The commands of README and docs, each run as it is written: by a test here, or by one named here."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.pipeline import REPOSITORY
from lightfield_sandbox.http.server import Sandbox
from tests.end_to_end import commands

HUB, MOVE = "tests/end_to_end/test_hub.py", "tests/migrations/hubspot/test_end_to_end.py"
# The documents whose commands are run, and for each block which test does; here is this file.
RUN_BY = {
    "README.md": {
        "meltano run tap-lightfield": f"{HUB} {MOVE}",
        "make demo": "tests/end_to_end/test_demo.py",
        "make test": ".ci/run",
        "uv build": HUB,
        "echo 'TAP_LIGHTFIELD_API_KEY": HUB,
        "meltano add target-lightfield": HUB,
        "export TAP_LIGHTFIELD_API_KEY": "here",
    },
    "CONTRIBUTING.md": {"make setup": ".ci/run"},
    "docs/tap.md": {"export TAP_LIGHTFIELD_API_KEY": "here", "TAP_LIGHTFIELD_FULL_SWEEP": "here"},
    "docs/target.md": {"export TARGET_LIGHTFIELD_API_KEY": "here"},
    "docs/sandbox.md": {"pip install": "tests/end_to_end/test_packages.py"},
    "docs/questions.md": {
        "meltano add target-snowflake": HUB,  # with target-postgres
        "TARGET_LIGHTFIELD_DRY_RUN=true meltano run tap-hubspot": MOVE,
    },
    "docs/migrating.md": {
        "meltano install": "tests/migration/test_meltano.py",
        "TARGET_LIGHTFIELD_DRY_RUN=true": MOVE,
        "meltano invoke tap-hubspot": MOVE,
        "meltano run tap-hubspot": MOVE,
        "meltano invoke target-lightfield:undo": MOVE,
    },
    "docs/presets.md": {"meltano invoke tap-acme": "tests/migration/test_meltano.py"},
    "examples/README.md": {"lightfield-sandbox serve": "here"},
    "examples/hubspot/README.md": {"lightfield-sandbox serve": "here"},
    "examples/salesforce/README.md": {"lightfield-sandbox serve": "here"},
    "examples/pipedrive/README.md": {"lightfield-sandbox serve": "here"},
}
EXAMPLES = [name for name in RUN_BY if name.startswith("examples/")]


@pytest.mark.parametrize("document", RUN_BY)
def test_every_command_of_a_document_is_run_by_a_test(document: str) -> None:
    named = RUN_BY[document]
    unclaimed = [text for text in commands.blocks(document) if not text.startswith(tuple(named))]
    assert unclaimed == [], "Run these in a test, and say in RUN_BY in which"
    gone = [start for start in named if not any(text.startswith(start) for text in commands.blocks(document))]
    assert gone == []
    files = {file for where in named.values() if where != "here" for file in where.split()}
    assert [file for file in files if not (REPOSITORY / file).is_file()] == []


def test_the_tap_alone_as_the_readme_and_its_page_say(sandbox: Sandbox, tmp_path: Path) -> None:
    env = commands.environment(TAP_LIGHTFIELD_API_URL=sandbox.url)
    key = {"sk_lf_…": sandbox.key}
    begin = "export TAP_LIGHTFIELD_API_KEY"
    commands.run(commands.block("README.md", beginning=begin), tmp_path, env, key)
    everything = _ids(tmp_path / "workspace.jsonl", "accounts")
    assert everything == {record["id"] for record in sandbox.records("account")}

    (tmp_path / "state.json").write_text("{}")
    discover_and_read = commands.block("docs/tap.md", beginning=begin)
    sweep = commands.block("docs/tap.md", beginning="TAP_LIGHTFIELD_FULL_SWEEP")
    commands.run(f"{discover_and_read}{sweep.rstrip()} > swept.jsonl", tmp_path, env, key)
    assert _ids(tmp_path / "workspace.jsonl", "accounts") == everything
    assert _ids(tmp_path / "swept.jsonl", "emails") == {record["id"] for record in sandbox.records("email")}


def test_the_tap_into_the_target_as_its_page_says(
    start_sandbox: Callable[..., Sandbox], tmp_path: Path
) -> None:
    crm, new = start_sandbox(accounts=9, contacts=9, opportunities=4), start_sandbox(empty=True)
    tap = {"api_key": crm.key, "api_url": crm.url}
    (tmp_path / "tap.json").write_text(json.dumps(tap))
    (tmp_path / "target").mkdir()
    env = commands.environment(
        TARGET_LIGHTFIELD_API_URL=new.url, TARGET_LIGHTFIELD_DEFAULT_ASSIGNEE=_a_member(new)
    )
    discover = "tap-lightfield --config tap.json --discover > catalog.json\n"
    pipe = commands.block("docs/target.md", beginning="export TARGET_LIGHTFIELD_API_KEY")
    commands.run(discover + pipe, tmp_path, env, {"sk_lf_…": new.key})
    assert len(new.records("account")) == len(crm.records("account"))
    assert (tmp_path / "lightfield" / "lightfield_id_map.db").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("document", EXAMPLES)
def test_an_example_loads_as_its_page_says(document: str, tmp_path: Path) -> None:
    serve, *load = commands.block(document, beginning="lightfield-sandbox serve").splitlines()
    for name in ("examples", "tests"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    with _served(serve.replace("8025", "0"), tmp_path) as (url, key):
        script = "\n".join(load)
        said = commands.run(
            script,
            tmp_path,
            commands.environment(),
            {"http://127.0.0.1:8025": url, "API_KEY=…": f"API_KEY={key}"},
        )
    (created,) = re.findall(r"accounts: (\d+) created", said)
    assert int(created) > 0
    assert {path.name for path in tmp_path.iterdir()} == {"examples", "tests", "lightfield"}


@contextmanager
def _served(command: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Run a sandbox as a page says, on a free port; yield its URL and the key that it prints."""
    program, *options = command.split()
    with subprocess.Popen(
        [commands.PROGRAMS / program, *options],
        cwd=folder, env=commands.environment(PYTHONUNBUFFERED="1"), stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            url = process.stdout.readline().split()[-1]
            key = process.stdout.readline().split()[2]
            yield url, key
        finally:
            process.terminate()


def _ids(file: Path, stream: str) -> set[str]:
    messages = [json.loads(line) for line in file.read_text().splitlines()]
    return {m["record"]["id"] for m in messages if m["type"] == "RECORD" and m["stream"] == stream}


def _a_member(sandbox: Sandbox) -> str:
    email: str = sandbox.records("member")[0]["fields"]["$email"]["value"]
    return email
