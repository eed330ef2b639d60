"""Files: uploads in three steps, signed URLs that must not see the key, transcripts of meetings."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

import lightfield
import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lightfield import Lightfield

    from lightfield_sandbox.http.server import Sandbox

UPLOAD = {"filename": "a.txt", "mimeType": "text/plain", "sizeBytes": 3}
PAST = {"$title": "Demo", "$startDate": "2025-01-01T10:00:00Z", "$endDate": "2025-01-01T11:00:00Z"}


def _put(session: Any, body: bytes = b"abc", **headers: str) -> int:
    sent = {**session["uploadHeaders"], **{name.replace("_", "-"): text for name, text in headers.items()}}
    return requests.put(session["uploadUrl"], data=body, headers=sent, timeout=300).status_code


def _uploaded(api: Any) -> str:
    session = api.post("/v1/files", UPLOAD).body
    assert _put(session) == 200
    file_id: str = session["id"]
    assert api.post(f"/v1/files/{file_id}/complete").status == 200
    return file_id


def test_a_file_lives_through_session_upload_completion_and_download(
    sandbox: Sandbox, sdk: Lightfield
) -> None:
    session = sdk.file.create(
        filename="call.vtt", mime_type="text/vtt", size_bytes=3, purpose="meeting_transcript"
    )
    assert (session.status, session.completed_at) == ("PENDING", None)
    assert session.expires_at
    assert sdk.file.list(limit=1).data[0].id == session.id
    upload = requests.put(session.upload_url, data=b"abc", headers=session.upload_headers, timeout=300)
    assert upload.status_code == 200
    done = sdk.file.complete(session.id, md5=hashlib.md5(b"abc").hexdigest())
    assert (done.status, done.expires_at) == ("COMPLETED", None)
    assert sdk.file.retrieve(session.id).to_dict() == done.to_dict()
    download = requests.get(sdk.file.url(session.id).url, timeout=300)
    assert (download.status_code, download.content) == (200, b"abc")
    assert sandbox.content(session.id) == b"abc"
    stats = sandbox.stats()
    assert (stats["uploads"], stats["downloads"], stats["leaked_keys"]) == (1, 1, 0)


def test_every_seeded_file_is_what_it_says(sandbox: Sandbox, sdk: Lightfield) -> None:
    listed = sdk.file.list().data
    assert {file.status for file in listed} == {"PENDING", "COMPLETED", "CANCELLED", "EXPIRED"}
    hidden = [sdk.file.retrieve(record["id"]) for record in sandbox.unlisted_files()]
    assert hidden
    assert not {file.id for file in hidden} & {file.id for file in listed}
    for file in (*listed, *hidden):
        assert (file.completed_at is not None) == (file.status == "COMPLETED")
        assert (file.expires_at is not None) == (file.status == "PENDING")
        if file.status == "COMPLETED":
            content = requests.get(sdk.file.url(file.id).url, timeout=300).content
            assert len(content) == file.size_bytes
            assert content == sandbox.content(file.id)
        else:
            with pytest.raises(lightfield.ConflictError):
                sdk.file.url(file.id)


def test_seeded_names_are_hostile_and_two_files_share_one(sandbox: Sandbox) -> None:
    names = [record["filename"] for record in (*sandbox.records("file"), *sandbox.unlisted_files())]
    assert {"../../etc/passwd", "a/b\\c", "CON", " ", ".."} <= set(names)
    assert len(set(names)) < len(names)
    assert max(map(len, names)) > 255
    assert not all(name.isascii() for name in names)


def test_records_refer_to_files_that_are_listed_and_files_that_are_not(sandbox: Sandbox) -> None:
    listed = {record["id"] for record in sandbox.records("file")}
    hidden = {record["id"] for record in sandbox.unlisted_files()}
    for object_type, keys in (
        ("account", ["$files"]),
        ("meeting", ["$transcript", "$transcripts"]),
        ("email", ["$attachment"]),
        ("message", ["$attachment"]),
    ):
        records = sandbox.records(object_type)
        found = {file for held in records for key in keys for file in held["relationships"][key]["values"]}
        assert found & listed
        assert found & hidden
        assert found <= listed | hidden


@pytest.mark.parametrize(
    ("changes", "status", "code", "param"),
    [
        ({"filename": ""}, 400, "parameter_missing", "filename"),
        ({"mimeType": None}, 400, "parameter_missing", "mimeType"),
        ({"filename": 5}, 400, "invalid_type", "filename"),
        ({"mimeType": "text"}, 400, "invalid_type", "mimeType"),
        ({"mimeType": "text/plain\r\nX: y"}, 400, "invalid_type", "mimeType"),
        ({"sizeBytes": 0}, 400, "invalid_type", "sizeBytes"),
        ({"sizeBytes": "3"}, 400, "invalid_type", "sizeBytes"),
        ({"sizeBytes": True}, 400, "invalid_type", "sizeBytes"),
        ({"sizeBytes": 512 * 1024 * 1024 + 1}, 422, None, "sizeBytes"),
        ({"purpose": "holiday"}, 400, "invalid_type", "purpose"),
        ({"purpose": []}, 400, "invalid_type", "purpose"),
        (
            {"purpose": "meeting_transcript", "mimeType": "image/png"},
            422,
            None,
            "mimeType",
        ),
        ({"purpose": "email_attachment", "sizeBytes": 21_000_000}, 422, None, "sizeBytes"),
        ({"size": 3}, 400, "unknown_field", "size"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(
    steady: Any, changes: dict[str, Any], status: int, code: str | None, param: str
) -> None:
    assert steady.post("/v1/files", {**UPLOAD, **changes}).error[0::2] == (status, code)
    assert steady.post("/v1/files", {**UPLOAD, **changes}).error[3] == param


def test_an_upload_has_to_carry_exactly_its_headers(api: Any) -> None:
    session = api.post("/v1/files", UPLOAD).body
    assert _put(session, Content_Type="text/html") == 403
    assert _put({**session, "uploadHeaders": {}}) == 403
    assert _put(session, body=b"abcd") == 400
    assert _put({**session, "uploadUrl": session["uploadUrl"][:-1]}) == 403
    assert _put(session) == 200


def test_an_upload_that_carries_a_lightfield_header_is_refused_and_a_key_is_counted(
    sandbox: Sandbox, api: Any
) -> None:
    session = api.post("/v1/files", UPLOAD).body
    assert _put(session, Lightfield_Version="2026-03-01") == 400
    assert sandbox.stats()["leaked_keys"] == 0
    assert _put(session, Authorization=f"Bearer {sandbox.key}") == 400
    assert sandbox.stats()["leaked_keys"] == 1
    assert api.post(f"/v1/files/{session['id']}/complete").status == 422


@pytest.mark.parametrize("leak", ["header", "query", "other header"])
def test_a_download_that_carries_the_key_is_refused_and_counted(
    sandbox: Sandbox, api: Any, leak: str
) -> None:
    url = api.get(f"/v1/files/{_uploaded(api)}/url").body["url"]
    headers = {"header": {"Authorization": "Bearer x"}, "other header": {"X-Api-Key": sandbox.key}}
    target = f"{url}&key={sandbox.key}" if leak == "query" else url
    refused = requests.get(target, headers=headers.get(leak), timeout=300)
    assert refused.status_code == 400
    assert sandbox.stats()["leaked_keys"] == 1
    assert requests.get(url, timeout=300).status_code == 200


def test_signed_urls_run_out(start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]) -> None:
    sandbox = start_sandbox(url_seconds=0.15)
    api = connect(sandbox)
    file_id = next(held["id"] for held in sandbox.records("file") if held["status"] == "COMPLETED")
    url = api.get(f"/v1/files/{file_id}/url").body["url"]
    session = api.post("/v1/files", UPLOAD).body
    time.sleep(0.2)
    assert requests.get(url, timeout=300).status_code == 403
    assert _put(session) == 403
    expired = api.get(f"/v1/files/{session['id']}").body
    assert (expired["status"], expired["expiresAt"]) == ("EXPIRED", None)
    assert api.get("/v1/files?limit=1").body["data"] == [expired]
    assert api.post(f"/v1/files/{session['id']}/complete").status == 409


def test_a_signed_url_opens_one_file_for_one_purpose(api: Any) -> None:
    one, two = _uploaded(api), _uploaded(api)
    url = api.get(f"/v1/files/{one}/url").body["url"]
    assert requests.get(url.replace(one, two), timeout=300).status_code == 403
    assert requests.put(url.replace("/download/", "/upload/"), data=b"abc", timeout=300).status_code == 403
    assert requests.put(url, data=b"abc", timeout=300).status_code == 405
    assert requests.get(url.partition("?")[0], timeout=300).status_code == 403


def test_a_completion_checks_what_has_arrived(api: Any) -> None:
    session = api.post("/v1/files", UPLOAD).body
    path = f"/v1/files/{session['id']}/complete"
    assert api.post(path).error[2:] == (None, None)
    _put(session, body=b"ab")
    assert api.post(path).error[2:] == (None, "sizeBytes")
    _put(session)
    assert api.post(path, {"md5": "0" * 32}).error[2:] == (None, "md5")
    assert api.post(path, {"md5": 5}).error[2:] == ("invalid_type", "md5")
    assert api.post(path, {"md5": hashlib.md5(b"abc").hexdigest().upper()}).status == 200
    assert api.post(path).error[:2] == (409, "conflict")


def test_only_a_pending_upload_can_be_cancelled(sdk: Lightfield, api: Any) -> None:
    session = api.post("/v1/files", UPLOAD).body
    assert sdk.file.cancel(session["id"]).status == "CANCELLED"
    assert _put(session) == 403
    with pytest.raises(lightfield.ConflictError):
        sdk.file.cancel(session["id"])
    with pytest.raises(lightfield.NotFoundError):
        sdk.file.cancel("fil_none")


def test_a_truncated_download_ends_before_its_length_and_leaves_the_api_alone(
    sandbox: Sandbox, api: Any
) -> None:
    url = api.get(f"/v1/files/{_uploaded(api)}/url").body["url"]
    sandbox.set_faults("download-truncated:1,429:0")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        requests.get(url, timeout=300)
    assert api.get("/v1/files").status == 200
    sandbox.set_faults("")
    assert requests.get(url, timeout=300).content == b"abc"


def test_a_transcript_is_attached_and_can_be_replaced_but_not_taken_away(api: Any) -> None:
    one, two = _uploaded(api), _uploaded(api)
    meeting = api.create("/v1/meetings", PAST, _transcript=one)
    assert _transcripts(meeting) == ([one], [one])
    path = f"/v1/meetings/{meeting['id']}"
    assert _transcripts(api.update(path, _transcript={"replace": two}).body) == ([two], [one, two])
    assert _transcripts(api.update(path, _transcript={"replace": one}).body) == ([one], [one, two])
    for change in ({"replace": None}, {"remove": one}, {"add": one}):
        assert api.update(path, _transcript=change).error[2:] == (None, "relationships.transcript")
    assert _transcripts(api.get(path).body) == ([one], [one, two])


def test_a_file_whose_upload_is_not_completed_can_not_be_linked_to(api: Any) -> None:
    pending = api.post("/v1/files", UPLOAD).body["id"]
    refused = api.post("/v1/meetings", {"fields": PAST, "relationships": {"$transcript": pending}})
    assert refused.error[2:] == ("relationship_entity_inactive", "relationships.$transcript")
    refused = api.post("/v1/accounts", {"fields": {"$name": "A"}, "relationships": {"$files": [pending]}})
    assert refused.error[2:] == ("relationship_entity_inactive", "relationships.$files")
    done = _uploaded(api)
    assert api.create("/v1/accounts", {"$name": "A"}, _files=[done])["relationships"]["$files"]["values"] == [
        done
    ]


def test_uploaded_bytes_outlive_a_restart(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any], tmp_path: Path
) -> None:
    first = start_sandbox(data=tmp_path / "workspace.db")
    api = connect(first)
    done, pending = _uploaded(api), api.post("/v1/files", UPLOAD).body
    hidden = first.unlisted_files()
    first.stop()
    second = start_sandbox(data=tmp_path / "workspace.db")
    assert second.content(done) == b"abc"
    assert second.unlisted_files() == hidden
    moved = {**pending, "uploadUrl": pending["uploadUrl"].replace(first.url, second.url)}
    assert _put(moved) == 200
    assert connect(second).post(f"/v1/files/{pending['id']}/complete").status == 200


def _transcripts(meeting: dict[str, Any]) -> tuple[list[str], list[str]]:
    held = meeting["relationships"]
    return held["$transcript"]["values"], held["$transcripts"]["values"]
