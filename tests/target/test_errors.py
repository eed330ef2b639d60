"""What ends a run says so in one sentence, emits no state, and shows the API key nowhere."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from tests.target.target_runs import Outcome, Setup, feed, row, rows, schema, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

ACME = rows("accounts", {"id": "1", "name": "Acme"})
ACCOUNTS = [f"accounts:{operation}" for operation in ("create", "read", "update")]


@pytest.mark.parametrize(
    "key", [None, "", "  ", 5, "sk_lf_one\nsk_lf_two", "sk_lf_a b", "sk_lf_ключ", "sk_lf_wrong"]
)
def test_a_missing_malformed_or_wrong_key_is_one_sentence_that_does_not_show_it(
    target: Setup, key: Any
) -> None:
    outcome = target.load(ACME, state(done=1), api_key=key)

    assert "API key" in outcome.error or "The setting api_key" in outcome.error
    assert outcome.states == []
    assert "sk_lf_" not in outcome.log


@pytest.mark.parametrize(
    ("url", "said"),
    [("http://example.com", "api_url"), ("ftp://x", "api_url"), ("http://127.0.0.1:9", "No answer")],
)
def test_a_wrong_or_dead_url_is_one_sentence(target: Setup, impatient: None, url: str, said: str) -> None:
    assert said in target.load(ACME, api_url=url).error


def test_a_server_that_is_no_lightfield_is_one_sentence(target: Setup) -> None:
    target.sandbox.set_faults("html:1")

    assert "no JSON object" in target.load(ACME).error


@pytest.mark.parametrize("missing", ACCOUNTS)
def test_a_key_without_a_scope_is_told_which_before_anything_is_written(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], missing: str
) -> None:
    sandbox = start_sandbox(
        empty=True, keys={"narrow": [scope for scope in [*ACCOUNTS, "members:read"] if scope != missing]}
    )
    target = target_of(sandbox, api_key=sandbox.keys["narrow"])

    outcome = target.load(ACME, state(done=1))

    assert missing in outcome.error
    assert outcome.states == []
    assert sandbox.records("account") == []


@pytest.mark.parametrize(
    ("mode", "scopes"), [("create_only", ["read", "create"]), ("update_only", ["read", "update"])]
)
def test_a_mode_needs_no_scope_that_it_does_not_use(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], mode: str, scopes: list[str]
) -> None:
    sandbox = start_sandbox(empty=True, keys={"narrow": [f"accounts:{s}" for s in scopes]})

    target_of(sandbox, api_key=sandbox.keys["narrow"], mode=mode).loaded(ACME)


def test_a_key_revoked_in_mid_run_ends_it_and_another_key_goes_on(
    target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch, start_sandbox: Callable[..., Sandbox]
) -> None:
    sandbox = start_sandbox(empty=True, seed=3, keys={"spare": [*ACCOUNTS, "members:read"]})
    target = Setup(sandbox, target.folder / "revoked", api_key=sandbox.keys["spare"])
    messages = [*rows("accounts", *({"id": n, "name": f"N{n}"} for n in range(6))), state(done=1)]
    write, calls = LightfieldClient.write, []

    def revoking(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        calls.append(path)
        if len(calls) == 4:
            sandbox.revoke(sandbox.keys["spare"])
        return write(self, *path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", revoking)
        outcome = target.load(messages)

    assert "revoked" in outcome.error
    assert outcome.states == []
    again = target.loaded(messages, api_key=sandbox.key)
    assert sum(again.count("accounts").values()) == 6
    assert sorted(Workspace(sandbox).values("accounts", "$name")) == [f"N{n}" for n in range(6)]


@pytest.mark.parametrize(
    ("name", "nearest"), [("dry_rnu", "dry_run"), ("Mode", "mode"), ("stream_map", "stream_maps")]
)
def test_a_setting_that_nobody_knows_ends_the_run_and_names_the_nearest(
    target: Setup, name: str, nearest: str
) -> None:
    outcome = target.load(ACME, **{name: True})

    assert f"{name!r} (nearest: {nearest})" in outcome.error
    assert target.sandbox.records("account") == []


def test_a_variable_that_is_not_read_is_named(target: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET_LIGHTFIELD_DRY_RUN", "true")
    monkeypatch.setenv("TARGET_LIGHTFIELD_API_KEY", target.sandbox.key)

    outcome = target.loaded(ACME)
    without = target.load(ACME, api_key=None)

    assert "TARGET_LIGHTFIELD_DRY_RUN is set in the environment and not read" in outcome.log
    assert "API_KEY is" not in outcome.log  # the file has one
    assert "There is no API key" in without.error
    assert "TARGET_LIGHTFIELD_API_KEY is set in the environment and not read" in without.error
    assert target.sandbox.key not in without.log


@pytest.mark.parametrize(
    "config",
    [
        {"mode": "upsort"},
        {"max_rejects": -1},
        {"max_concurrency": 0},
        {"requests_per_second": 0},
        {"on_ambiguous": "second"},
        {"objects": {"accounts": {"match": ["name"]}}},
    ],
    ids=str,
)
def test_a_setting_of_no_valid_value_ends_the_run(target: Setup, config: dict[str, Any]) -> None:
    outcome = target.load(ACME, **config)

    assert outcome.status == 1
    assert "Traceback" not in outcome.log
    assert target.sandbox.records("account") == []


@pytest.mark.parametrize(
    "setting",
    ["api_url", "requests_per_second", "max_concurrency", "mode", "on_ambiguous", "relationship_mode",
     "delete_mode", "unknown_columns", "skip_enrichment", "auto_create_records", "file_upload_dir", "dry_run",
     "default_assignee", "id_map", "rejects_path", "report_path", "max_rejects", "no_such_setting"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["{}", "https://{}.example/x", "sqlite:////nowhere/{}/map.db"])
def test_the_key_in_another_setting_is_said_without_it(target: Setup, setting: str, form: str) -> None:
    outcome = target.load(ACME, **{setting: form.format(target.sandbox.key)})

    assert f"The setting {setting} holds an API key: put it into api_key only" in outcome.error
    assert target.sandbox.key not in outcome.log
    assert target.sandbox.records("account") == []


@pytest.mark.parametrize(
    "objects",
    [
        "{key}",
        {"{key}": {}},
        {"accounts": "{key}"},
        {"accounts": {"{key}": 1}},
        {"accounts": {"match_on": ["{key}"]}},
        {"accounts": {"defaults": {"name": "{key}"}}},
    ],
    ids=str,
)
def test_the_key_anywhere_in_objects_is_said_without_it(target: Setup, objects: Any) -> None:
    key = target.sandbox.key

    outcome = target.load(ACME, objects=json.loads(json.dumps(objects).replace("{key}", key)))

    assert "The setting objects holds an API key" in outcome.error
    assert key not in outcome.log


def test_the_key_of_another_workspace_is_not_shown_either(target: Setup) -> None:
    outcome = target.load(ACME, mode="sk_lf_ofAnotherWorkspace")

    assert "The setting mode holds an API key" in outcome.error
    assert "Another" not in outcome.log


def test_a_pause_that_is_too_long_ends_a_run_of_many_workers_with_one_sentence(
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = start_sandbox(empty=True, retry_after=3600)
    target = target_of(sandbox)
    messages = rows("accounts", *({"id": n, "name": f"N{n}"} for n in range(100)))
    write = LightfieldClient.write

    def throttled(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
        sandbox.set_faults("429:1")
        return write(self, *path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", throttled)
        outcome = target.load(messages, state(done=1))

    assert "asks for a pause until 2" in outcome.error
    assert outcome.states == []
    sandbox.set_faults("")
    assert target.loaded(messages).count("accounts") == {"created": 100}


def test_state_is_emitted_once_its_records_are_settled(target: Setup) -> None:
    outcome = target.loaded(ACME, state(done=1), row("accounts", id="2", name="B"), state(done=2))

    assert outcome.state == {"done": 2}


def test_a_feed_without_a_writable_stream_needs_no_workspace(target: Setup) -> None:
    target.sandbox.set_faults("500:1")

    outcome = target.loaded(schema("messages", "text"), row("messages", id=1, text="x"), state(done=1))

    assert outcome.state == {"done": 1}
    assert not target.id_map_path.exists()


@pytest.mark.slow
def test_the_key_is_in_no_file_and_in_no_line_of_the_log_at_debug(target: Setup) -> None:
    key = target.sandbox.key
    messages = [
        *rows("accounts", {"id": "1", "name": "Acme"}, {"id": "2", "name": key, "custom_arr": "x"}),
        *rows("opportunities", {"id": "d", "name": "D", "account_id": "later"}),
        state(done=1),
    ]
    debug = {"TARGET_LIGHTFIELD_LOGLEVEL": "DEBUG", "LOGLEVEL": "DEBUG"}
    clean = [m for m in messages if key not in str(m)]

    outcome = target.run(feed(clean), env=debug)
    target.sandbox.set_faults("reset-after:0.3")
    broken = target.run(feed([*clean, "{"]), env=debug)

    assert outcome.status == 0
    assert broken.status == 1
    assert "DEBUG" in outcome.log
    for run in (outcome, broken):
        assert key not in run.log + run.stdout
    written = [path for path in target.folder.iterdir() if path.name != "config.json"]
    assert target.id_map_path in written
    for path in written:
        assert key.encode() not in path.read_bytes(), path


LOG_EVERYTHING = """
version: 1
disable_existing_loggers: false
handlers: {all: {class: logging.StreamHandler, stream: "ext://sys.stderr", level: DEBUG}}
loggers:
  urllib3.connectionpool: {level: DEBUG, propagate: false, handlers: [all]}
  sqlalchemy: {level: DEBUG}
root: {level: DEBUG, handlers: [all]}
"""


@pytest.mark.slow
def test_no_filter_signed_url_or_person_is_in_the_log_however_it_is_configured(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], tmp_path: Path
) -> None:
    sandbox = start_sandbox(contacts=3000, accounts=0)
    (tmp_path / "notes.txt").write_text("Ann: hello")
    (tmp_path / "logging.yaml").write_text(LOG_EVERYTHING)
    target = target_of(sandbox, file_upload_dir=str(tmp_path))
    messages = [
        *rows("contacts", {"id": 1, "email": ["ann@personal.example"], "name": {"first_name": "Ann"}}),
        *rows("files", {"id": 1, "file_path": "notes.txt"}),
    ]

    outcome = target.run(feed(messages), env={"SINGER_SDK_LOG_CONFIG": str(tmp_path / "logging.yaml")})

    assert outcome.status == 0, outcome.log
    assert sandbox.stats()["uploads"] == 1
    assert "GET /v1/contacts?…" in outcome.log
    assert "INSERT INTO lightfield_creates" in outcome.log
    for secret in ("personal.example", "Ann", "%24email", "signature", "/_files/", sandbox.key):
        assert secret not in outcome.log


@pytest.mark.slow
def test_the_command_ends_without_a_traceback(target: Setup) -> None:
    outcome: Outcome = target.run(feed([ACME, "{"]))

    assert outcome.error
    assert outcome.stdout == ""


@pytest.mark.slow
def test_a_termination_signal_emits_the_state_reached_and_lets_go_of_the_id_map(
    target: Setup, empty: Sandbox
) -> None:
    workspace = Workspace(empty)
    process = target.spawn("", stdin=subprocess.PIPE)
    assert process.stdin is not None
    # The note is in the workspace only after the state before it has been read.
    process.stdin.write(feed([ACME, state(done=1), rows("notes", {"id": "n", "title": "N"})]))
    process.stdin.flush()
    while not workspace.all("notes"):
        assert process.poll() is None, process.communicate()

    process.send_signal(signal.SIGTERM)
    stdout, log = process.communicate(timeout=300)

    ended = Outcome(process.returncode, stdout, log, {})
    assert "Interrupted by SIGTERM" in ended.error
    assert ended.state == {"done": 1}
    assert target.loaded(ACME).count("accounts") == {"unchanged": 1}


def test_a_report_that_can_not_be_written_is_said_once_and_counts_nothing_twice(target: Setup) -> None:
    in_the_way = target.folder / "file"
    in_the_way.write_text("")
    waiting = rows("opportunities", {"id": 1, "name": "Deal", "account_id": "later"})

    outcome = target.load(waiting, report_path=str(in_the_way / "report"))

    assert "can't be written" in outcome.error
    assert outcome.count("opportunities") == {"waiting": 1}
    assert outcome.log.count("opportunities: 0 created") == 1
