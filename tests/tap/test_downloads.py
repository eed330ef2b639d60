"""Downloads: how the content of files is saved, whatever they are called and whatever goes wrong."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import ConfigError, StreamStopped
from tap_lightfield.file_names import safe_file_name, safe_folder_name
from tests.tap.file_runs import SMALL, file, files_of, offer, paths_in
from tests.tap.scripted import KEY, Script
from tests.tap.tap_runs import discover, only, run


@pytest.fixture(autouse=True)
def _no_waiting(retry_policy: Callable[..., None]) -> None:
    retry_policy(first_wait=0.0)


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


def test_every_completed_file_is_saved_as_it_is_with_its_digest(sandbox: Sandbox, tmp_path: Path) -> None:
    rows = run(_config(sandbox, file_download_dir=str(tmp_path))).rows("files")
    for row in rows:
        if row["status"] == "COMPLETED":
            data = sandbox.content(row["id"])
            assert Path(row["file_path"]).read_bytes() == data
            assert row["file_sha256"] == hashlib.sha256(data).hexdigest()
            assert Path(row["file_path"]).parent == tmp_path / row["id"]
        else:
            assert row["file_path"] is row["file_sha256"] is None
    assert len(paths_in(tmp_path)) == sum(row["status"] == "COMPLETED" for row in rows) > 10
    assert sandbox.stats()["leaked_keys"] == 0


def test_without_a_folder_there_is_no_column_and_no_download(sandbox: Sandbox) -> None:
    output = run(_config(sandbox))
    assert not {"file_path", "file_sha256"} & output.schema("files")["properties"].keys()
    assert sandbox.stats()["downloads"] == 0


def test_a_catalog_without_the_columns_downloads_nothing_and_says_so(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = only(discover(_config(sandbox)), "files")
    assert run(_config(sandbox, file_download_dir=str(tmp_path)), catalog=old).rows("files")
    assert paths_in(tmp_path) == set()
    assert any("run discovery again" in r.getMessage() for r in caplog.records)


def test_a_whole_file_is_not_fetched_again(sandbox: Sandbox, tmp_path: Path) -> None:
    config = _config(sandbox, file_download_dir=str(tmp_path))
    first = run(config)
    fetched = sandbox.stats()["downloads"]
    second = run(config)  # without a state
    assert second.rows("files") == first.rows("files")
    assert sandbox.stats()["downloads"] == fetched

    victim = Path(next(row["file_path"] for row in first.rows("files") if row["file_path"]))
    victim.write_bytes(victim.read_bytes()[:-1])
    assert run(config).rows("files") == first.rows("files")
    assert sandbox.stats()["downloads"] == fetched + 1


def test_neither_the_key_nor_a_lightfield_header_goes_to_a_signed_url(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    script.records["files"] = [file(1)]
    offer(script, 1)
    files_of(script, tmp_path / "files")
    (headers,) = (headers for path, headers in script.headers if path == "/signed/1")
    assert not {name.lower() for name in headers} & {"authorization", "lightfield-version", "cookie"}
    assert KEY not in str(headers)


def test_the_signed_url_is_in_no_log(
    script: Script, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script.records["files"] = [file(n) for n in range(3)]
    offer(script, 0)
    offer(script, 1, b"half")
    script.answers["/v1/files/fil_2/url"] = (200, {"url": "https://127.0.0.1:1/x?X-Signature=s3cret"})
    caplog.set_level(logging.DEBUG)
    files_of(script, tmp_path)
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("/signed/there", True),
        ("http://example.com/x", False),
        ("ftp://127.0.0.1/x", False),
        ("file:///etc/passwd", False),
        ("http://127.0.0.1.example.com/x", False),
        ("http://user:word@127.0.0.1/x", False),
    ],
)
def test_a_redirect_is_followed_to_https_or_this_machine_only(
    script: Script, tmp_path: Path, target: str, reached: bool, caplog: pytest.LogCaptureFixture
) -> None:
    script.records["files"] = [file(1)]
    offer(script, 1)
    script.content["/signed/1"] = lambda: (302, {"Location": target}, b"")
    script.content["/signed/there"] = lambda: (200, {}, SMALL)
    (row,) = files_of(script, tmp_path).rows("files")
    assert bool(row["file_path"]) is reached
    assert reached or "neither https nor on this machine" in caplog.text


def test_redirects_without_end_are_given_up(script: Script, tmp_path: Path) -> None:
    script.records["files"] = [file(1)]
    offer(script, 1)
    script.content["/signed/1"] = lambda: (302, {"Location": "/signed/1"}, b"")
    assert files_of(script, tmp_path).rows("files")[0]["file_path"] is None


BROKEN = {
    "cut off": lambda: (200, {"Content-Length": str(len(SMALL))}, SMALL[:5]),
    "too short": lambda: (200, {}, SMALL[:5]),
    "too long": lambda: (200, {}, SMALL * 2),
    "expired": lambda: (403, {}, b"<Error>Request has expired</Error>"),
    "failing": lambda: (500, {}, b""),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_download_that_stays_broken_is_named_and_stops_nothing(
    script: Script, tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    script.records["files"] = [file(1), file(2)]
    offer(script, 1)
    offer(script, 2)
    script.content["/signed/1"] = BROKEN[how]
    rows = {row["id"]: row for row in files_of(script, tmp_path).rows("files")}
    assert rows["fil_1"]["file_path"] is rows["fil_1"]["file_sha256"] is None
    assert Path(rows["fil_2"]["file_path"]).read_bytes() == SMALL
    assert paths_in(tmp_path) == {"fil_2/notes 2.txt"}  # nothing half, and no temporary file
    (warning,) = (r for r in caplog.records if "fil_1" in r.getMessage())
    assert warning.levelno == logging.WARNING


@pytest.mark.parametrize("how", BROKEN)
def test_a_download_that_breaks_once_is_tried_again_with_a_fresh_url(
    script: Script, tmp_path: Path, how: str
) -> None:
    script.records["files"] = [file(1)]
    offer(script, 1)
    whole = script.content["/signed/1"]
    answers = iter([BROKEN[how](), whole()])
    script.content["/signed/1"] = lambda: next(answers)
    (row,) = files_of(script, tmp_path).rows("files")
    assert Path(row["file_path"]).read_bytes() == SMALL
    assert script.requests.count("/v1/files/fil_1/url") == 2


def test_a_storage_that_asks_for_too_long_a_pause_stops_the_stream_at_once(
    script: Script, tmp_path: Path
) -> None:
    script.records["files"] = [file(1), file(2)]
    for n in (1, 2):
        offer(script, n)
        script.content[f"/signed/{n}"] = lambda: (503, {"Retry-After": "3600"}, b"")
    with pytest.raises(StreamStopped, match="'files' stopped: The storage of files asks for a pause until 2"):
        files_of(script, tmp_path, max_concurrency=1)
    assert script.requests.count("/v1/files/fil_2/url") == 0


def test_a_redirect_to_what_is_no_url_is_named_and_stops_nothing(
    script: Script, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script.records["files"] = [file(1)]
    offer(script, 1)
    script.content["/signed/1"] = lambda: (302, {"Location": "http://[s3cret"}, b"")
    assert files_of(script, tmp_path).rows("files")[0]["file_path"] is None
    assert "redirects to what is no URL" in caplog.text
    assert "s3cret" not in caplog.text


def test_the_next_run_tries_a_broken_download_again(script: Script, tmp_path: Path) -> None:
    script.records["files"] = [
        file(2, createdAt="2025-06-20T00:00:00Z"),
        file(1, createdAt="2025-06-10T00:00:00Z"),
    ]
    offer(script, 1, b"")
    offer(script, 2)
    config = script.config(file_download_dir=str(tmp_path))
    first = run(config)
    assert first.bookmark("files") == "2025-06-20T00:00:00.000000+00:00"
    offer(script, 1)
    second = run(config, state=first.state)
    assert {row["id"] for row in second.rows("files") if row["file_path"]} == {"fil_1", "fil_2"}
    third = run(config, state=second.state)
    assert third.ids("files") == {"fil_2"}


def test_a_file_without_a_url_is_named_and_stops_nothing(
    script: Script, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script.records["files"] = [file(1), file(2)]
    script.answers["/v1/files/fil_1/url"] = (404, {"error": {"type": "not_found"}})
    script.answers["/v1/files/fil_2/url"] = (200, {"link": "?"})
    assert [row["file_path"] for row in files_of(script, tmp_path).rows("files")] == [None, None]
    assert "fil_1" in caplog.text
    assert "fil_2" in caplog.text


def test_a_key_revoked_during_downloads_stops_the_stream(script: Script, tmp_path: Path) -> None:
    script.records["files"] = [file(1)]
    script.answers["/v1/files/fil_1/url"] = (401, {"error": {"type": "unauthorized"}})
    with pytest.raises(StreamStopped, match="refused the API key"):
        files_of(script, tmp_path)


def test_a_folder_that_cannot_be_written_to_is_an_error_that_names_it(script: Script, tmp_path: Path) -> None:
    script.records["files"] = [file(1)]
    offer(script, 1)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match=r"file_download_dir.*blocked"):
        files_of(script, blocked)


def test_two_files_of_one_name_have_a_place_each(script: Script, tmp_path: Path) -> None:
    script.records["files"] = [file(n, filename="same.txt") for n in (1, 2)]
    offer(script, 1)
    offer(script, 2, SMALL.upper())
    rows = files_of(script, tmp_path).rows("files")
    assert [Path(row["file_path"]).read_bytes() for row in rows] == [SMALL, SMALL.upper()]


HOSTILE = [
    "../../escape.txt", "/etc/passwd", "..", ".", "", "   ", "a/b\\c.txt", "C:\\x.txt", "NUL", "con.txt",
    "COM1.log", "lpt¹", "x\x00y\n.txt", "name. ", "…", "\u202egpj.exe", "long" * 100 + ".pdf", "ü" * 300,
    "x." + "y" * 300,
    "stream.txt:hidden", "-rf", "~", "\ud800lone.txt", "?*<>|\"",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_leads_out_of_the_folder(script: Script, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a" / "files"
    script.records["files"] = [file(1, filename=name)]
    offer(script, 1)
    (row,) = files_of(script, folder).rows("files")
    saved = Path(row["file_path"])
    assert saved.read_bytes() == SMALL
    assert saved.resolve().parent == (folder / "fil_1").resolve()
    assert paths_in(tmp_path) == {f"a/files/fil_1/{saved.name}"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_safe_name_is_one_that_every_system_takes(name: str) -> None:
    safe = safe_file_name(name)
    assert safe
    assert safe not in (".", "..")
    assert not set(safe) & set('<>:"/\\|?*')
    assert safe.isprintable()
    assert not safe.endswith((" ", "."))
    assert len(safe.encode()) <= 200
    assert safe.partition(".")[0].casefold() not in {"nul", "con", "com1", "lpt¹"}
    assert safe_file_name(safe) == safe


def test_a_long_name_keeps_its_ending() -> None:
    assert safe_file_name("x" * 400 + ".pdf").endswith("x.pdf")


def test_every_id_has_a_folder_of_its_own() -> None:
    ids = ["fil_1", "a/b", "a_b", "a\\b", "..", ".", "nul", "NUL", "x" * 300, "x" * 301, "é", "e\u0301", ""]
    folders = {safe_folder_name(id_) for id_ in ids}
    assert len(folders) == len(ids)
    assert all("/" not in f and "\\" not in f and f not in ("", ".", "..") for f in folders)
