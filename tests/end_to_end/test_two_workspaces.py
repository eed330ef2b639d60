"""The recipes of docs/two_workspaces.md: examples/two_workspaces/meltano.yml as it is, by a real Meltano."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.pipeline import REPOSITORY
from lightfield_sandbox.http.server import Sandbox
from tests.end_to_end import commands
from tests.end_to_end.test_round_trip import COPIED, NOT_COPIED
from tests.end_to_end.workspaces import differences
from tests.target.workspaces import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("two_workspaces")]

EXAMPLE = REPOSITORY / "examples" / "two_workspaces" / "meltano.yml"
_PROGRAMS = Path(sys.executable).parent
_SMALL: dict[str, Any] = {
    "accounts": 12, "contacts": 25, "opportunities": 10, "tasks": 6, "notes": 6, "meetings": 4, "emails": 6,
    "messages": 0, "sequences": 0, "lists": 3, "files": 4, "custom_objects": 4, "trashed": 1,
}  # fmt: skip


class Recipe:
    """The example's project in a folder of its own: nothing but the programs' places is changed."""

    def __init__(self, folder: Path, source: Sandbox, copy: Sandbox) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        project = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
        for plugin in (*project["plugins"]["extractors"], *project["plugins"]["loaders"]):
            del plugin["pip_url"]  # a plugin without one is not installed, and its program is where it is
            for program in (plugin, *plugin.get("commands", {}).values()):
                program["executable"] = str(_PROGRAMS / program["executable"])
        (self.folder / "meltano.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TAP_", "TARGET_"))},
            "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
            "MELTANO_CLI_LOG_FORMAT": "plain",
            "NO_COLOR": "1",
            "TAP_LIGHTFIELD_API_KEY": source.key,
            "TAP_LIGHTFIELD_API_URL": source.url,
            "TARGET_LIGHTFIELD_API_KEY": copy.key,
            "TARGET_LIGHTFIELD_API_URL": copy.url,
        }

    def run(self, environment: str, **settings: Any) -> str:
        """Run the recipe and return its log; the settings are the target's."""
        return self.meltano(environment, "run", "tap-lightfield", "target-lightfield", **settings)

    def meltano(self, environment: str, *arguments: str, **settings: Any) -> str:
        """Call Meltano, which has to succeed, and return what it says."""
        given = {f"TARGET_LIGHTFIELD_{name.upper()}": json.dumps(value) for name, value in settings.items()}
        done = subprocess.run(
            [_PROGRAMS / "meltano", f"--environment={environment}", *arguments],
            cwd=self.folder, env={**self._env, **given}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-5000:]
        return done.stdout

    def report(self) -> Any:
        return json.loads((self.folder / "two_workspaces.json").read_text())


def test_a_copy_is_kept_in_step(start_sandbox: Callable[..., Sandbox], tmp_path: Path) -> None:
    source, copy = start_sandbox(seed=1, **_SMALL), start_sandbox(seed=2, empty=True)
    recipe = Recipe(tmp_path, source, copy)

    log = recipe.run("step")

    assert differences(source, copy, COPIED, NOT_COPIED) == {}
    for column in ("transcripts_ids", "attachment_ids"):  # what does not carry over is said by the run
        assert f"Column '{column}'" in log, column
    _change(source)
    copy.reset()
    log = recipe.run("step")

    assert differences(source, copy, COPIED, NOT_COPIED) == {}
    objects = recipe.report()["objects"]
    assert objects["contacts"]["trashed"] == 1
    assert objects["accounts"]["created"] == 1
    assert source.key not in log
    assert copy.key not in log
    assert all(counts["create"] == 0 for kind, counts in copy.stats()["writes"].items() if kind != "account")


def _change(source: Sandbox) -> None:
    """Change the original as people do: a value, a link less, a new record, one in the trash."""
    users = Workspace(source)
    account, linked, trashed = (_records(source)[name] for name in ("account", "linked", "trashed"))
    users.update("accounts", account["id"], {"$name": "Renamed"})
    users.update(
        "contacts",
        linked["id"],
        {},
        {"$account": {"remove": linked["relationships"]["$account"]["values"][0]}},
    )
    users.account(
        "New in the original", headcount=next(iter(users.options("accounts", "$headcount").values()))
    )
    users.delete("contacts", trashed["id"])


def _records(source: Sandbox) -> dict[str, Any]:
    contacts = source.records("contact")
    linked = [record for record in contacts if record["relationships"]["$account"]["values"]]
    return {"account": source.records("account")[2], "linked": linked[0], "trashed": linked[1]}


def test_a_workspace_moves_into_one_that_is_in_use(
    start_sandbox: Callable[..., Sandbox], tmp_path: Path
) -> None:
    source, other = start_sandbox(seed=1, **_SMALL), start_sandbox(seed=2, empty=True, members=5)
    users = Workspace(other)
    known = source.records("account")[0]
    there = users.account("Called otherwise here", website=known["fields"]["$website"]["value"])
    mine = users.account("Nobody else's")
    person = next(r for r in source.records("contact") if r["fields"]["$email"]["value"])
    met = users.contact(*person["fields"]["$email"]["value"])
    users.update("contacts", met, {}, {"$account": {"add": mine}})

    recipe = Recipe(tmp_path, source, other)
    maps = {"accounts": {"custom_industry": "custom_legacy_id", "custom_legacy_id": None}}
    log = recipe.run("move", stream_maps=maps, max_rejects=1)

    assert users.links("contacts", met, "$account") > {mine}
    # What is there already is not doubled; what is the other workspace's own stays.
    assert len(other.records("account")) == len(source.records("account")) + 1
    assert len(other.records("contact")) == len(source.records("contact"))
    assert users.value("accounts", there, "$name") == known["fields"]["$name"]["value"]
    assert users.value("accounts", mine, "$name") == "Nobody else's"
    # Members by their email; those who are missing are named, with what waits for them.
    missing = {m["fields"]["$email"]["value"] for m in source.records("member")} - set(users.members())
    assert len(missing) == 3
    assert all(email in log for email in missing)
    assert recipe.report()["objects"]["emails"]["rejected"] == 1  # nobody in it is a member here
    # Options by their labels, and a custom field under another key by a stream map.
    for record in source.records("account"):
        same = [r for r in other.records("account") if r["fields"]["$name"] == record["fields"]["$name"]]
        [found] = [r for r in same if _text(r, "$website") == _text(record, "$website")]
        assert _label(users, found, "$headcount") == _label(Workspace(source), record, "$headcount")
        assert _text(found, "industry") == _text(record, "legacyId")

    taken_back = recipe.meltano("move", *shlex.split(_take_back()))
    created = len(source.records("account")) - 1
    assert f"accounts: {created} would go to the trash" in taken_back


def _take_back() -> str:
    command = commands.block("docs/two_workspaces.md", beginning="meltano --environment=move invoke")
    return command.removeprefix("meltano --environment=move ")


def _text(record: Any, key: str) -> Any:
    return record["fields"][key]["value"]


def _label(users: Workspace, record: Any, key: str) -> str | None:
    labels = {id_: label for label, id_ in users.options("accounts", key).items()}
    return labels.get(_text(record, key))
