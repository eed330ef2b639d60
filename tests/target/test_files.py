"""Files: each is uploaded once, from one folder, whatever breaks off and whatever a row says."""

from __future__ import annotations

import hashlib
import os
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.uploads import UploadFailed, Uploads
from target_lightfield.objects.local_files import LocalFile
from tests.target.target_runs import Setup, feed, row, rows, schema, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

CONTENT = b"Ann: hello\nBob: hello\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that files are uploaded from."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "notes.txt").write_bytes(CONTENT)
    return folder


@pytest.fixture
def target(empty: Sandbox, tmp_path: Path, folder: Path, retry_policy: Callable[..., None]) -> Setup:
    """A target that uploads files, and does not wait between its tries."""
    retry_policy(first_wait=0.0)
    return Setup(empty, tmp_path / "target", file_upload_dir=str(folder))


@pytest.fixture
def impatient(impatient: None, retry_policy: Callable[..., None]) -> None:
    """Faults end a run soon."""
    retry_policy(max_tries=1, file_tries=1)


def file(**columns: Any) -> list[Json]:
    return rows("files", {"id": "f", "file_path": "notes.txt", **columns})


def completed(sandbox: Sandbox) -> list[Json]:
    return [f for f in sandbox.records("file") if f["status"] == "COMPLETED"]


class TestAnUpload:
    def test_a_file_arrives_whole_with_its_name_and_type(self, target: Setup, empty: Sandbox) -> None:
        outcome = target.loaded(file(), state(done=1))

        assert outcome.count("files") == {"created": 1}
        assert outcome.state == {"done": 1}
        [uploaded] = completed(empty)
        assert target.ids("files") == {"f": uploaded["id"]}
        assert empty.content(uploaded["id"]) == CONTENT
        assert (uploaded["filename"], uploaded["mimeType"], uploaded["sizeBytes"]) == (
            "notes.txt", "text/plain", len(CONTENT)
        )  # fmt: skip
        assert empty.stats()["uploads"] == 1
        assert empty.stats()["leaked_keys"] == 0

    def test_the_row_says_name_type_and_purpose(
        self, target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent = recorded(monkeypatch, "write_once")

        target.loaded(file(filename="Call.vtt", mime_type="text/vtt", purpose="meeting_transcript"))

        [body] = [options["body"] for _, options in sent]
        assert body == {
            "filename": "Call.vtt", "mimeType": "text/vtt", "sizeBytes": 22, "purpose": "meeting_transcript"
        }  # fmt: skip
        assert completed(empty)[0]["filename"] == "Call.vtt"

    def test_a_type_that_nothing_says_is_that_of_any_bytes(
        self, target: Setup, empty: Sandbox, folder: Path
    ) -> None:
        for name in ("unknown", "packed.txt.gz"):
            (folder / name).write_bytes(b"x")

        target.loaded(
            rows("files", {"id": 1, "file_path": "unknown"}, {"id": 2, "file_path": "packed.txt.gz"})
        )

        assert {f["mimeType"] for f in completed(empty)} == {"application/octet-stream"}

    def test_defaults_stand_in_for_columns(
        self, target: Setup, monkeypatch: pytest.MonkeyPatch, empty: Sandbox
    ) -> None:
        sent = recorded(monkeypatch, "write_once")

        target.loaded(
            rows(
                "files",
                {"id": 1, "file_path": "notes.txt"},
                {"id": 2, "file_path": "notes.txt", "purpose": "knowledge_user"},
            ),
            objects={"files": {"defaults": {"purpose": "meeting_transcript"}}},
        )

        assert {o["body"]["purpose"] for _, o in sent} == {"meeting_transcript", "knowledge_user"}

    def test_the_rows_of_the_tap_are_taken_as_they_are(
        self, target: Setup, empty: Sandbox, folder: Path
    ) -> None:
        target.loaded(
            file(
                file_path=str(folder / "notes.txt"),
                created_at="2026-01-01T00:00:00Z",
                filename="notes.txt",
                mime_type="text/plain",
                size_bytes=len(CONTENT),
                status="COMPLETED",
                completed_at="2026-01-01T00:00:00Z",
                expires_at=None,
                file_sha256=hashlib.sha256(CONTENT).hexdigest(),
            )
        )

        assert len(completed(empty)) == 1

    def test_an_unknown_column_is_named_with_the_nearest(self, target: Setup) -> None:
        assert "'file_pat' (nearest: file_path" in target.load(file(file_pat=1)).error

    def test_a_default_for_no_column_is_named(self, target: Setup) -> None:
        outcome = target.load(file(), objects={"files": {"defaults": {"purpos": "x"}}})

        assert "'purpos'" in outcome.error

    def test_a_dry_run_sends_nothing(self, target: Setup, empty: Sandbox) -> None:
        outcome = target.loaded(file(), dry_run=True)

        assert outcome.count("files") == {"created": 1}
        assert empty.records("file") == []
        assert empty.stats()["uploads"] == 0

    def test_a_key_for_files_alone_is_enough(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], folder: Path
    ) -> None:
        sandbox = start_sandbox(empty=True, keys={"narrow": ["files:create", "files:read"]})
        target = target_of(sandbox, api_key=sandbox.keys["narrow"], file_upload_dir=str(folder))

        target.loaded(file(), delete_mode="trash")

        assert len(completed(sandbox)) == 1

    def test_many_files_are_uploaded_side_by_side(self, target: Setup, empty: Sandbox, folder: Path) -> None:
        for n in range(40):
            (folder / f"{n}.txt").write_bytes(b"%d" % n)

        target.loaded(rows("files", *({"id": n, "file_path": f"{n}.txt"} for n in range(40))))

        ids = target.ids("files")
        assert {key: empty.content(id_) for key, id_ in ids.items()} == {str(n): b"%d" % n for n in range(40)}


class TestWithoutTheSetting:
    def test_the_stream_is_ignored_and_the_log_names_the_setting(self, target: Setup, empty: Sandbox) -> None:
        outcome = target.loaded(file(), file_upload_dir=None)

        assert "'files' needs the setting file_upload_dir" in outcome.log
        assert empty.records("file") == []

    def test_a_folder_that_is_none_ends_the_run_in_one_sentence(self, target: Setup, folder: Path) -> None:
        outcome = target.load(file(), file_upload_dir=str(folder / "nowhere"))

        assert "is no folder" in outcome.error


class TestWhichFile:
    def test_an_unchanged_rerun_calls_nothing_about_files(self, target: Setup, empty: Sandbox) -> None:
        target.loaded(file())

        with target.counting() as seen:
            outcome = target.loaded(file())

        assert outcome.count("files") == {"unchanged": 1}
        assert seen["requests"]["write"] == seen["requests"]["search"] == {}
        assert seen["uploads"] == 0

    @pytest.mark.parametrize(
        ("change", "columns"),
        [
            (b"other", {}),
            (CONTENT, {"filename": "other.txt"}),
            (CONTENT, {"mime_type": "text/markdown"}),
        ],
    )
    def test_a_changed_file_is_uploaded_as_a_new_one(
        self, target: Setup, empty: Sandbox, folder: Path, change: bytes, columns: Json
    ) -> None:
        target.loaded(file())
        before = target.ids("files")["f"]
        (folder / "notes.txt").write_bytes(change)

        target.loaded(file(**columns))

        after = target.ids("files")["f"]
        assert after != before
        assert empty.content(after) == change
        assert len(completed(empty)) == 2

    def test_a_file_of_the_workspace_is_never_uploaded_again(
        self, target: Setup, empty: Sandbox, workspace: Workspace
    ) -> None:
        target.loaded(file())
        [there] = completed(empty)
        target.forget()

        for _ in range(2):
            outcome = target.loaded(file(id=there["id"]), file(id=there["id"], file_path=None))
            assert outcome.count("files") == {"unchanged": 2}
        assert len(empty.records("file")) == 1

    def test_a_file_that_no_list_shows_is_one_of_the_workspace(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], folder: Path
    ) -> None:
        sandbox = start_sandbox()
        target = target_of(sandbox, file_upload_dir=str(folder))
        unlisted = [f["id"] for f in sandbox.unlisted_files()]

        outcome = target.loaded(rows("files", *({"id": i, "file_path": "notes.txt"} for i in unlisted)))

        assert unlisted
        assert outcome.count("files") == {"unchanged": len(unlisted)}

    @pytest.mark.parametrize("status", ["PENDING", "CANCELLED", "EXPIRED"])
    def test_a_file_without_content_at_the_source_is_skipped(
        self, target: Setup, empty: Sandbox, status: str
    ) -> None:
        outcome = target.loaded(file(file_path=None, status=status))

        assert outcome.count("files") == {"skipped": 1}

    @pytest.mark.parametrize("path", [{"file_path": None}, {"file_path": ""}])
    def test_a_file_that_was_not_downloaded_is_rejected(self, target: Setup, path: Json) -> None:
        target.load(file(status="COMPLETED", **path))

        [reject] = target.rejects()
        assert (reject["code"], reject["param"]) == ("file_path_missing", "file_path")
        assert "file_download_dir" in reject["message"]

    def test_update_only_uploads_nothing(self, target: Setup, empty: Sandbox) -> None:
        assert target.loaded(file(), mode="update_only").count("files") == {"skipped": 1}
        assert empty.records("file") == []

    def test_create_only_uploads_a_file_once(self, target: Setup, empty: Sandbox, folder: Path) -> None:
        target.loaded(file(), mode="create_only")
        (folder / "notes.txt").write_bytes(b"other")

        assert target.loaded(file(), mode="create_only").count("files") == {"skipped": 1}
        assert [empty.content(f["id"]) for f in completed(empty)] == [CONTENT]

    def test_a_file_that_the_source_has_deleted_stays(self, target: Setup, empty: Sandbox) -> None:
        target.loaded(file())

        outcome = target.loaded(file(_sdc_deleted_at="2026-01-01T00:00:00Z"), delete_mode="trash")

        assert outcome.count("files") == {"skipped": 1}
        assert len(completed(empty)) == 1


class TestHostilePaths:
    @pytest.mark.parametrize("there", [True, False])
    @pytest.mark.parametrize(
        "path", ["../secret.txt", "{outside}", "link.txt", "links/secret.txt", "sub/../../secret.txt"]
    )
    def test_what_is_outside_the_folder_is_rejected_whether_it_is_there_or_not(
        self, target: Setup, empty: Sandbox, folder: Path, path: str, there: bool
    ) -> None:
        outside = folder.parent / "secret.txt"
        if there:
            outside.write_bytes(b"secret")
        (folder / "sub").mkdir()
        (folder / "link.txt").symlink_to(outside)
        (folder / "links").symlink_to(folder.parent)

        target.load(file(file_path=path.format(outside=outside)))

        [reject] = target.rejects()
        assert reject["code"] == "file_outside_folder"
        assert "file_upload_dir" in reject["message"]
        assert str(folder.parent) not in reject["message"]
        assert empty.records("file") == []

    def test_a_folder_beside_it_of_a_longer_name_is_outside(self, target: Setup, folder: Path) -> None:
        beside = folder.with_name(folder.name + "2")
        beside.mkdir()
        (beside / "a.txt").write_bytes(b"secret")

        target.load(file(file_path=str(beside / "a.txt")))

        assert target.rejects()[0]["code"] == "file_outside_folder"

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("nowhere.txt", "file_missing"),
            ("nul\0.txt", "file_missing"),
            ("half \ud800 pair", "file_missing"),
            ("x" * 5000, "file_unreadable"),
            ("a/" * 3000, "file_unreadable"),
            ("notes.txt/below", "file_unreadable"),
            ("loop", "file_not_regular"),
            (".", "file_not_regular"),
            ("sub", "file_not_regular"),
            ("pipe", "file_not_regular"),
            (7, "invalid_value"),
            (["notes.txt"], "invalid_value"),
            ({"a": 1}, "invalid_value"),
            (True, "invalid_value"),
        ],
        ids=lambda value: repr(value)[:20],
    )
    def test_what_is_no_file_is_rejected_alone(
        self, target: Setup, empty: Sandbox, folder: Path, path: object, code: str
    ) -> None:
        (folder / "sub").mkdir()
        os.mkfifo(folder / "pipe")
        (folder / "loop").symlink_to(folder / "loop")

        outcome = target.load(
            schema("files", "file_path"),
            row("files", id="bad", file_path=path),
            row("files", id="good", file_path="notes.txt"),
        )

        assert outcome.count("files") == {"created": 1, "rejected": 1}
        assert [(r["key"], r["code"], r["param"]) for r in target.rejects()] == [("bad", code, "file_path")]

    def test_the_report_says_what_to_do_about_each_where_lightfield_said_nothing(
        self, target: Setup, folder: Path
    ) -> None:
        target.load(
            schema("files", "file_path"),
            row("files", id="folder", file_path="."),
            row("files", id="below", file_path="notes.txt/below"),
            row("files", id="changed", file_path="notes.txt", size_bytes=1),
            report_path=str(target.folder / "report"),
        )

        assert {r["code"] for r in target.rejects()} == {
            "file_not_regular",
            "file_unreadable",
            "file_changed",
        }
        page = (target.folder / "report.html").read_text()
        assert page.count("What to do: ") == 3
        assert "correct what Lightfield names" not in page

    def test_a_name_of_odd_characters_is_a_name(self, target: Setup, empty: Sandbox, folder: Path) -> None:
        name = "a\nb ü;$(x) %2e.txt"
        (folder / name).write_bytes(CONTENT)

        target.loaded(file(file_path=name, filename="plain.txt"))

        assert empty.content(target.ids("files")["f"]) == CONTENT

    def test_a_link_within_the_folder_is_followed(self, target: Setup, empty: Sandbox, folder: Path) -> None:
        (folder / "link.txt").symlink_to("notes.txt")

        target.loaded(file(file_path="link.txt"))

        assert len(completed(empty)) == 1

    def test_the_folder_may_be_a_link_itself(self, target: Setup, empty: Sandbox, folder: Path) -> None:
        link = folder.parent / "link"
        link.symlink_to(folder)

        target.loaded(
            file(file_path=str(link / "notes.txt")), file(id="g", file_path=str(folder / "notes.txt")),
            file_upload_dir=str(link),
        )  # fmt: skip

        assert len(completed(empty)) == 2


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "columns",
        [{"size_bytes": 21}, {"size_bytes": "23"}, {"file_sha256": "0" * 64}],
    )
    def test_a_file_that_is_not_the_one_of_the_row(
        self, target: Setup, empty: Sandbox, columns: Json
    ) -> None:
        target.load(file(**columns))

        assert target.rejects()[0]["code"] == "file_changed"
        assert empty.records("file") == []

    @pytest.mark.parametrize("size", [22, 22.0, "22"])
    def test_a_size_may_come_as_text_or_with_a_point(
        self, target: Setup, empty: Sandbox, size: object
    ) -> None:
        target.loaded(file(size_bytes=size, file_sha256=hashlib.sha256(CONTENT).hexdigest().upper()))

        assert len(completed(empty)) == 1

    @pytest.mark.parametrize(
        "columns",
        [
            {"size_bytes": "many"}, {"size_bytes": 1.5}, {"size_bytes": True}, {"size_bytes": [1]},
            {"file_sha256": "abc"}, {"filename": 5}, {"mime_type": ["a"]}, {"purpose": {"a": 1}},
        ],
    )  # fmt: skip
    def test_a_value_of_the_wrong_kind(self, target: Setup, columns: Json) -> None:
        target.load(file(**columns))

        assert [(r["code"], r["param"]) for r in target.rejects()] == [("invalid_value", *columns)]

    def test_more_than_512_megabytes_before_anything_is_sent(
        self, target: Setup, empty: Sandbox, folder: Path
    ) -> None:
        with (folder / "notes.txt").open("wb") as large:
            large.truncate(512 * 1024 * 1024 + 1)  # a hole: it takes no room

        with target.counting() as seen:
            target.load(file())

        assert target.rejects()[0]["code"] == "file_too_large"
        assert seen["requests"]["write"] == {}

    @pytest.mark.parametrize(
        ("columns", "param"),
        [
            ({"purpose": "decoration"}, "purpose"),
            ({"mime_type": "no type"}, "mime_type"),
            ({"mime_type": "image/png", "purpose": "meeting_transcript"}, "mime_type"),
        ],
    )
    def test_what_the_api_refuses(self, target: Setup, empty: Sandbox, columns: Json, param: str) -> None:
        outcome = target.load(file(**columns), file(id="good"))

        assert outcome.count("files") == {"created": 1, "rejected": 1}
        assert [(r["key"], r["param"]) for r in target.rejects()] == [("f", param)]
        assert "Lightfield refused it" in target.rejects()[0]["message"]
        assert target.table("lightfield_creates") == []
        assert target.table("lightfield_uploads") == []

    def test_an_empty_file_is_for_the_api_to_judge(self, target: Setup, empty: Sandbox, folder: Path) -> None:
        (folder / "notes.txt").write_bytes(b"")

        target.load(file())

        assert target.rejects()[0]["param"] == "size_bytes"

    def test_a_file_that_grows_while_it_is_read(
        self, target: Setup, empty: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        digests = LocalFile.digests

        def growing(self: LocalFile, *algorithms: str) -> Any:
            (folder / "notes.txt").write_bytes(CONTENT * 2)
            return digests(self, *algorithms)

        monkeypatch.setattr(LocalFile, "digests", growing)
        target.load(file())

        assert [r["code"] for r in target.rejects()] == ["file_changed"]
        assert empty.records("file") == []

    @pytest.mark.parametrize("content", [b"shorter", CONTENT.swapcase(), CONTENT * 2])
    def test_a_file_that_changes_while_it_is_uploaded(
        self,
        target: Setup,
        empty: Sandbox,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        content: bytes,
    ) -> None:
        upload = LightfieldClient.upload

        def changing(self: LightfieldClient, url: str, headers: Any, file: BinaryIO) -> None:
            (folder / "notes.txt").write_bytes(content)
            upload(self, url, headers, file)

        monkeypatch.setattr(LightfieldClient, "upload", changing)
        outcome = target.load(file(), state(done=1))

        assert [r["code"] for r in target.rejects()] == ["file_changed"]
        assert outcome.state == {"done": 1}
        assert [f["status"] for f in empty.records("file")] == ["CANCELLED"]


class TestWhatBreaksOff:
    """However a run ends, the next one finishes it, and one row has one completed file."""

    @pytest.mark.parametrize("faults", ["reset-before:1", "reset-after:1", "500:1", "503:1"])
    @pytest.mark.parametrize("from_step", ["files", "complete"])
    def test_a_rerun_after_a_fault_at_any_step_leaves_one_file(
        self,
        target: Setup,
        empty: Sandbox,
        impatient: None,
        monkeypatch: pytest.MonkeyPatch,
        from_step: str,
        faults: str,
    ) -> None:
        with faults_from(empty, from_step, faults):
            outcome = target.load(file(), state(done=1))
        assert outcome.error
        assert outcome.states == []

        target.loaded(file())

        [uploaded] = completed(empty)
        assert target.ids("files") == {"f": uploaded["id"]}
        assert empty.content(uploaded["id"]) == CONTENT
        assert target.table("lightfield_creates") == []
        assert target.table("lightfield_uploads") == []
        assert empty.stats()["leaked_keys"] == 0

    def test_a_completed_upload_whose_answer_was_lost_is_not_done_again(
        self, target: Setup, empty: Sandbox, impatient: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with faults_from(empty, "complete", "reset-after:1"):
            target.load(file())
        [uploaded] = completed(empty)

        outcome = target.loaded(file())

        assert outcome.count("files") == {"created": 1}
        assert target.ids("files") == {"f": uploaded["id"]}
        assert empty.stats()["uploads"] == 1

    def test_one_of_another_content_is_not_taken_for_it(
        self,
        target: Setup,
        empty: Sandbox,
        folder: Path,
        impatient: None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        with faults_from(empty, "complete", "reset-after:1"):
            target.load(file())
        (folder / "notes.txt").write_bytes(CONTENT.swapcase())  # of the same size

        target.loaded(file())

        assert empty.content(target.ids("files")["f"]) == CONTENT.swapcase()

    def test_an_upload_that_was_left_open_is_cancelled(
        self, target: Setup, empty: Sandbox, impatient: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with faults_from(empty, "complete", "reset-before:1"):
            target.load(file())
        [pending] = empty.records("file")
        assert pending["status"] == "PENDING"

        target.loaded(file())

        assert sorted(f["status"] for f in empty.records("file")) == ["CANCELLED", "COMPLETED"]

    @pytest.mark.parametrize("became", ["cancelled", "completed"])
    def test_an_upload_that_is_settled_while_it_is_given_up(
        self,
        target: Setup,
        empty: Sandbox,
        workspace: Workspace,
        impatient: None,
        monkeypatch: pytest.MonkeyPatch,
        became: str,
    ) -> None:
        with faults_from(empty, "complete", "reset-before:1"):
            target.load(file())
        write = LightfieldClient.write

        def late(self: LightfieldClient, *path: str, **options: Any) -> Json:
            if path[-1] == "cancel":  # the request of the run before arrives only now
                workspace.call("POST", *path[:-1], {"cancelled": "cancel", "completed": "complete"}[became])
            return write(self, *path, **options)

        with monkeypatch.context() as patch:
            patch.setattr(LightfieldClient, "write", late)
            target.loaded(file())

        [uploaded] = completed(empty)
        assert target.ids("files") == {"f": uploaded["id"]}

    def test_a_start_that_fails_is_tried_again(
        self, target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin, tries = LightfieldClient.write_once, []

        def failing(self: LightfieldClient, *path: str, **options: Any) -> Json:
            tries.append(path)
            empty.set_faults(["500:1", "reset-after:1", ""][len(tries) - 1])
            try:
                return begin(self, *path, **options)
            finally:
                empty.set_faults("")

        monkeypatch.setattr(LightfieldClient, "write_once", failing)
        target.loaded(file())

        assert len(tries) == 3
        assert len(completed(empty)) == 1

    def test_a_lost_answer_to_complete_is_asked_for(
        self, target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        request = LightfieldClient.write

        def twice(self: LightfieldClient, *path: str, **options: Any) -> Json:
            if path[-1] == "complete":
                request(self, *path, **options)  # whose answer nobody saw
            return request(self, *path, **options)

        monkeypatch.setattr(LightfieldClient, "write", twice)
        target.loaded(file())

        assert target.ids("files") == {"f": completed(empty)[0]["id"]}
        assert empty.stats()["uploads"] == 1

    @pytest.mark.parametrize("after", [False, True])
    def test_a_session_that_runs_out_is_begun_again(
        self,
        target: Setup,
        empty: Sandbox,
        workspace: Workspace,
        monkeypatch: pytest.MonkeyPatch,
        after: bool,
    ) -> None:
        upload, begun = LightfieldClient.upload, []

        def expiring(self: LightfieldClient, url: str, headers: Any, file: BinaryIO) -> None:
            begun.append(url)
            if after:
                upload(self, url, headers, file)
            if len(begun) == 1:
                workspace.call("POST", "files", url.partition("?")[0].rpartition("/")[2], "cancel")
            if not after:
                upload(self, url, headers, file)

        monkeypatch.setattr(LightfieldClient, "upload", expiring)
        target.loaded(file())

        assert len(begun) == 2
        [uploaded] = completed(empty)
        assert target.ids("files") == {"f": uploaded["id"]}

    def test_a_storage_that_refuses_everything_ends_the_run_and_leaves_nothing_open(
        self, target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refusing(self: Uploads, url: str, headers: Any, file: BinaryIO) -> None:
            raise UploadFailed("the storage answered with HTTP status 403")

        with monkeypatch.context() as patch:
            patch.setattr(Uploads, "put", refusing)
            outcome = target.load(file(), state(done=1))

        assert "loading files 'f'" in outcome.error
        assert outcome.states == []
        assert target.rejects() == []
        assert {f["status"] for f in empty.records("file")} == {"CANCELLED"}
        assert target.table("lightfield_creates") == []
        assert target.table("lightfield_uploads") == []

    def test_random_faults_leave_one_file_for_each_row(
        self, start_sandbox: Callable[..., Sandbox], target: Setup, folder: Path, tmp_path: Path,
        impatient: None,
    ) -> None:  # fmt: skip
        sandbox = start_sandbox(empty=True, seed=3, faults="500:0.05,reset-before:0.05,reset-after:0.1")
        disturbed = Setup(sandbox, tmp_path / "disturbed", file_upload_dir=str(folder))
        messages = rows("files", *({"id": n, "file_path": "notes.txt"} for n in range(12)))
        runs = 0

        while disturbed.load(messages).status != 0:
            runs += 1
            assert runs < 100

        assert runs > 2
        sandbox.set_faults("")
        assert sorted(f["id"] for f in completed(sandbox)) == sorted(disturbed.ids("files").values())
        assert len(disturbed.ids("files")) == 12


@pytest.mark.slow
def test_runs_killed_at_random_moments_leave_one_file_for_each_row(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], folder: Path
) -> None:
    sandbox, chance = start_sandbox(empty=True, latency_ms=10), random.Random(1)
    target = target_of(sandbox, file_upload_dir=str(folder), max_concurrency=4)
    messages = feed([rows("files", *({"id": n, "file_path": "notes.txt"} for n in range(24))), state(done=1)])

    for _ in range(3):
        process, moment = target.spawn(messages), written(sandbox) + chance.randint(4, 16)
        while written(sandbox) < moment and process.poll() is None:
            time.sleep(0.002)
        process.kill()
        assert process.communicate()[0] == ""  # no state
    final = target.run(messages)

    assert final.status == 0, final.log
    assert final.state == {"done": 1}
    assert sorted(f["id"] for f in completed(sandbox)) == sorted(target.ids("files").values())
    assert len(target.ids("files")) == 24


def written(sandbox: Sandbox) -> int:
    return sum(sandbox.stats()["requests"]["write"].values())


class TestLinks:
    @pytest.fixture
    def feeds(self) -> dict[str, list[Json]]:
        meeting = {
            "id": "m", "title": "Call", "start_date": "2026-01-01T10:00:00Z",
            "end_date": "2026-01-01T11:00:00Z", "transcript_id": "f",
        }  # fmt: skip
        return {"files": file(purpose="meeting_transcript"), "meetings": rows("meetings", meeting)}

    @pytest.mark.parametrize("order", [("files", "meetings"), ("meetings", "files")])
    def test_a_meeting_gets_its_transcript_in_either_order(
        self, target: Setup, workspace: Workspace, feeds: dict[str, list[Json]], order: tuple[str, ...]
    ) -> None:
        target.loaded(*(feeds[stream] for stream in order))

        meeting, transcript = target.ids("meetings")["m"], target.ids("files")["f"]
        assert workspace.links("meetings", meeting, "$transcript") == {transcript}
        assert target.table("lightfield_waiting_links") == []

    def test_a_meeting_waits_for_a_file_that_comes_with_a_later_run(
        self, target: Setup, workspace: Workspace, feeds: dict[str, list[Json]]
    ) -> None:
        assert "1 link waits" in target.loaded(feeds["meetings"]).log

        target.loaded(feeds["files"])

        assert workspace.links("meetings", target.ids("meetings")["m"], "$transcript") == {
            target.ids("files")["f"]
        }

    def test_a_record_refers_to_a_file_of_the_workspace_by_its_id(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(file())
        there = target.ids("files")["f"]
        target.forget()

        target.loaded(rows("accounts", {"id": "a", "name": "A", "files_ids": [there]}))

        assert workspace.links("accounts", target.ids("accounts")["a"], "$files") == {there}


class TestARunAsAWhole:
    def test_a_run_sends_no_byte_to_an_unfit_url_and_names_no_signature(
        self, target: Setup, empty: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin = LightfieldClient.write_once

        def elsewhere(self: LightfieldClient, *path: str, **options: Any) -> Json:
            answer = begin(self, *path, **options)
            return {**answer, "uploadUrl": "http://storage.example/x?signature=secret"}

        monkeypatch.setattr(LightfieldClient, "write_once", elsewhere)
        outcome = target.load(file(), state(done=1))

        assert "neither https nor on this machine" in outcome.error
        assert "secret" not in outcome.log
        assert outcome.states == []

    def test_a_file_is_hashed_piece_by_piece(
        self, target: Setup, empty: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "notes.txt").write_bytes(b"x" * (24 << 20))
        target.loaded(file())
        assert len(empty.content(target.ids("files")["f"])) == 24 << 20

        tracemalloc.start()
        try:
            assert target.loaded(file()).count("files") == {"unchanged": 1}
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert peak < 16 << 20


def recorded(monkeypatch: pytest.MonkeyPatch, method: str) -> list[tuple[tuple[str, ...], Json]]:
    """Note the path and the options of every call of a client's method."""
    calls: list[tuple[tuple[str, ...], Json]] = []
    real = getattr(LightfieldClient, method)

    def noting(self: LightfieldClient, *path: str, **options: Any) -> Any:
        calls.append((path, options))
        return real(self, *path, **options)

    monkeypatch.setattr(LightfieldClient, method, noting)
    return calls


@contextmanager
def faults_from(sandbox: Sandbox, step: str, faults: str) -> Iterator[None]:
    """Within the block, requests fail from the first one of a step on."""

    def failing(real: Callable[..., Json]) -> Callable[..., Json]:
        def call(client: LightfieldClient, *path: str, **options: Any) -> Json:
            if path[-1] == step:
                sandbox.set_faults(faults)
            return real(client, *path, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for method in ("write", "write_once"):
            patch.setattr(LightfieldClient, method, failing(getattr(LightfieldClient, method)))
        yield
    sandbox.set_faults("")
