"""`meltano add --from-ref hub/….yml` in a new project, as the README says, and then `meltano run`."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.hub import FILES
from demo.pipeline import REPOSITORY
from demo.postgres import Postgres
from demo.settings import about
from lightfield_sandbox.http.server import Sandbox
from target_lightfield.migration.cli import main as migration
from tests.end_to_end import commands

# What the Hub's own JSON Schema lets a definition have, as of July 2025.
_OF_A_PLUGIN = {
    "name", "pip_url", "variant", "namespace", "label", "description", "executable", "settings", "docs",
    "repo", "logo_url", "hidden", "settings_group_validation", "commands", "capabilities",
    "maintenance_status", "domain_url", "keywords", "requires", "definition", "next_steps",
    "settings_preamble", "usage", "prereq",
}  # fmt: skip
_OF_A_KIND = {"extractors": {"metadata", "schema", "select"}, "loaders": {"dialect", "target_schema"}}
_OF_A_SETTING = {"name", "label", "value", "kind", "description", "options", "sensitive", "hidden", "env"}
_KINDS = {
    "password", "date_iso8601", "file", "email", "integer", "options", "object", "array",
    "boolean", "string",
}  # fmt: skip

_COLLECTIONS = {
    "accounts": "account", "contacts": "contact", "opportunities": "opportunity", "tasks": "task",
    "notes": "note", "meetings": "meeting",
}  # fmt: skip


@pytest.mark.parametrize("plugin", FILES)
def test_a_definition_has_what_the_hub_takes_and_every_setting(plugin: str) -> None:
    entry = yaml.safe_load((REPOSITORY / FILES[plugin]).read_text(encoding="utf-8"))
    kind = "extractors" if plugin.startswith("tap-") else "loaders"
    assert entry.keys() <= _OF_A_PLUGIN | _OF_A_KIND[kind]
    assert all(entry[name] for name in ("name", "namespace", "variant", "label", "pip_url", "executable"))
    assert all(setting.keys() <= _OF_A_SETTING for setting in entry["settings"])
    assert {setting["kind"] for setting in entry["settings"]} <= _KINDS
    assert all(setting["description"] for setting in entry["settings"])
    names = [setting["name"] for setting in entry["settings"]]
    assert names == list(about(plugin)["settings"]["properties"])
    assert [s["name"] for s in entry["settings"] if s.get("sensitive")] == ["api_key"]


def test_the_commands_of_the_target_are_those_that_take_its_settings_here_and_in_meltano_yml() -> None:
    entry = yaml.safe_load((REPOSITORY / FILES["target-lightfield"]).read_text(encoding="utf-8"))
    project = yaml.safe_load((REPOSITORY / "meltano.yml").read_text(encoding="utf-8"))
    assert entry["commands"].keys() == project["plugins"]["loaders"][0]["commands"].keys()
    assert {"check", "suggest"} <= entry["commands"].keys() <= migration.commands.keys()


@pytest.fixture
def hub() -> Iterator[str]:
    """A Meltano Hub that knows target-postgres, in place of the one that asks for an account."""
    loaders = yaml.safe_load((REPOSITORY / "meltano.yml").read_text(encoding="utf-8"))["plugins"]["loaders"]
    entry = next(entry for entry in loaders if entry["name"] == "target-postgres")
    place = "/meltano/api/v1/plugins/loaders"
    answers: dict[str, Any] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answers[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    ref = f"{place}/target-postgres--meltanolabs"
    answers[f"{place}/index"] = {
        "target-postgres": {
            "logo_url": "",
            "default_variant": "meltanolabs",
            "variants": {"meltanolabs": {"ref": f"{url}{ref}"}},
        }
    }
    answers[ref] = entry
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.xdist_group("meltano")
def test_what_the_readme_says_adds_both_plugins_to_a_new_project_and_fills_postgres(
    start_sandbox: Callable[..., Sandbox], postgres_server: Postgres, hub: str, tmp_path: Path
) -> None:
    crm = start_sandbox(accounts=12, contacts=30)
    env = commands.environment(
        MELTANO_HUB_URL=hub,
        UV_CACHE_DIR=commands.run("uv cache dir", tmp_path, commands.environment(), {}).strip(),
        XDG_CACHE_HOME=str(tmp_path / "cache"),  # where Meltano keeps what this Hub says
        TAP_LIGHTFIELD_API_URL=crm.url,
        TARGET_LIGHTFIELD_API_URL=crm.url,
        TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA="from_the_hub",
    )
    commands.checkout(tmp_path)
    commands.run("meltano init --no-usage-stats my-project", tmp_path, env, {})
    project = tmp_path / "my-project"
    key = {"sk_lf_…": crm.key}
    build_and_add = commands.block("README.md", beginning="uv build")
    load = commands.block("README.md", beginning="echo 'TAP_LIGHTFIELD_API_KEY")
    to_write = commands.block("README.md", beginning="meltano add target-lightfield")

    database = {"postgresql+psycopg://…": postgres_server.sqlalchemy_url}
    commands.run(build_and_add + load + to_write, project, env, key | database)

    for stream, object_type in _COLLECTIONS.items():
        ((count,),) = postgres_server.rows(f"SELECT count(*) FROM from_the_hub.{stream}")
        assert count == len(crm.records(object_type)), stream
    for plugin in FILES:
        assert _taken(plugin, project, env) == _given(plugin) | {"api_key": "*****"}  # which is not shown
    checked = commands.run("meltano invoke target-lightfield:check hubspot", project, env, {})
    assert "companies" in checked
    extras = json.loads(_json(commands.run("meltano config print --extras tap-lightfield", project, env, {})))
    assert extras["_use_cached_catalog"] is False


def _given(plugin: str) -> dict[str, Any]:
    """Return a value for each of a plugin's settings, by name."""
    examples = {
        "string": "x",
        "integer": 7,
        "number": "2.5",
        "boolean": True,
        "array": ["a"],
        "object": {"a": "b"},
    }
    given = {}
    for name, schema in about(plugin)["settings"]["properties"].items():
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        choices = [choice for choice in schema.get("enum") or () if choice]
        is_moment = schema.get("format") == "date-time"
        given[name] = choices[-1] if choices else "2026-01-01T00:00:00Z" if is_moment else examples[types[0]]
    return given


def _taken(plugin: str, project: Path, env: dict[str, str]) -> dict[str, Any]:
    """Return what Meltano gives a plugin whose settings are all in the environment."""
    prefix = plugin.replace("-", "_").upper()
    variables = {
        f"{prefix}_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in _given(plugin).items()
    }
    said = commands.run(f"meltano config print {plugin}", project, env | variables, {})
    taken: dict[str, Any] = json.loads(_json(said))
    return taken


def _json(said: str) -> str:
    return said[said.index("{") : said.rindex("}") + 1]
