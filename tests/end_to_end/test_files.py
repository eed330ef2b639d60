"""What meltano.yml, README.md and the examples say is what the plugins do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from demo.loading import EXAMPLE
from demo.pipeline import REPOSITORY
from demo.sandbox import COUNTS
from demo.settings import PLUGINS, about, wanted_files
from lightfield_sandbox.http.server import Sandbox

DOCS = REPOSITORY / "docs"


def test_the_settings_in_meltano_yml_and_the_readme_are_those_of_the_plugins() -> None:
    for name, wanted in wanted_files().items():
        assert (REPOSITORY / name).read_text() == wanted, f"{name} is out of date: run `make settings`"


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_setting_of_a_plugin_has_a_kind_and_a_description_and_only_the_key_is_secret(
    plugin: str,
) -> None:
    project = YAML(typ="safe").load(REPOSITORY / "meltano.yml")["plugins"]
    described = next(entry for kind in project.values() for entry in kind if entry["name"] == plugin)
    settings = {setting["name"]: setting for setting in described["settings"]}
    assert settings.keys() == about(plugin)["settings"]["properties"].keys()
    assert all(setting["kind"] and setting["description"] for setting in settings.values())
    assert [name for name, setting in settings.items() if setting.get("sensitive")] == ["api_key"]


def test_the_readme_lists_the_streams_with_their_keys_and_replication(sandbox: Sandbox) -> None:
    rows = re.findall(
        r"^\| `(\S+)` \| (.+) \| (incremental on `(\w+)`|full table) \|$", _readme(), re.MULTILINE
    )
    stated = {
        name: (re.findall(r"\w+", keys), replication_key or None) for name, keys, _, replication_key in rows
    }
    assert stated == {
        re.sub(r"^object_(?!types$).+", "object_{slug}", stream["tap_stream_id"]): (
            stream["key_properties"],
            stream.get("replication_key"),
        )
        for stream in _catalog(sandbox)["streams"]
    }


@pytest.mark.parametrize(
    "document",
    ["README.md", "SECURITY.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in sorted(DOCS.glob("*.md")))],
)
def test_every_place_that_a_document_links_to_is_there(document: str) -> None:
    path = REPOSITORY / document
    links = re.findall(r"\]\((?!https?:)([^)\s]+)\)", path.read_text(encoding="utf-8"))
    assert links or document not in ("README.md", "docs/questions.md")
    gone = []
    for link in links:
        file, _, heading = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (heading and heading not in _headings(target)):
            gone.append(link)
    assert gone == []


def test_the_contacts_of_the_example_are_in_the_demo_workspace_but_for_one(
    start_sandbox: Callable[..., Sandbox],
) -> None:
    crm = start_sandbox(**COUNTS)
    known = {
        email for record in crm.records("contact") for email in record["fields"]["$email"]["value"] or ()
    }
    messages = [json.loads(line) for line in EXAMPLE.read_text().splitlines()]
    emails = [
        m["record"]["email"][0] for m in messages if m["type"] == "RECORD" and m["stream"] == "contacts"
    ]
    assert [email in known for email in emails] == [False, True, True, True]


@pytest.mark.parametrize("command", ["", "help"])
def test_make_says_what_there_is(command: str) -> None:
    said = _make(*command.split())
    assert said.returncode == 0
    assert all(f"make {name} " in said.stdout for name in ("setup", "demo", "test", "lint", "clean"))


@pytest.mark.parametrize("python", ["/no/such/python3", ""])
def test_make_says_so_where_there_is_no_python_to_use(python: str, tmp_path: Path) -> None:
    said = _make("setup", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}")
    assert said.returncode != 0
    assert "Python 3.10" in said.stderr
    assert "PYTHON=/path/to/python3" in said.stderr


def _headings(document: Path) -> set[str]:
    """Return the headings of a document as GitHub links to them."""
    found = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def _make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", "-C", REPOSITORY, *arguments], text=True, capture_output=True, check=False)


def _readme() -> str:
    return (REPOSITORY / "README.md").read_text()


def _catalog(sandbox: Sandbox) -> dict[str, list[dict[str, object]]]:
    program = Path(sys.executable).with_name("tap-lightfield")
    env = {
        "TAP_LIGHTFIELD_API_KEY": sandbox.key,
        "TAP_LIGHTFIELD_API_URL": sandbox.url,
        "TAP_LIGHTFIELD_FIELD_HISTORY": '{"opportunities": ["$stage"]}',
        "TAP_LIGHTFIELD_WORKFLOW_RUN_IDS": '["run"]',
    }
    said = subprocess.run(
        [program, "--config=ENV", "--discover"], env=env, stdout=subprocess.PIPE, check=True, timeout=300
    )
    catalog: dict[str, list[dict[str, object]]] = json.loads(said.stdout)
    return catalog
