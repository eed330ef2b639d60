"""What the tap reads, the target writes: a workspace copied into an empty one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from demo.pipeline import Project
from lightfield_api.client import LightfieldClient
from lightfield_sandbox.http.server import Sandbox
from tests.end_to_end.workspaces import differences

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("meltano")]

COPIED = {
    "members": "member",
    "accounts": "account",
    "contacts": "contact",
    "opportunities": "opportunity",
    "tasks": "task",
    "notes": "note",
    "meetings": "meeting",
    "lists": "list",
    "objects/office-location": "office-location",
    "objects/subscription": "subscription",
    "emails": "email",
}
NOT_COPIED = frozenset(
    {
        "member.$role",  # members are the workspace's own
        "member.$profileImage",
        "member.$user",
        "meeting.$opportunity",  # the server derives it when a meeting is created, from what is there then
        "opportunity.$meeting",
        "meeting.$transcripts",  # only the canonical one can be written
        "email.$attachment",  # a logged email takes none
        "list.$objectType",  # old lists call it by a bare slug
        "task.$createdBy",  # where the original has none, the server puts the key's owner
    }
)


def test_a_workspace_copied_into_an_empty_one_is_the_same_and_copying_it_again_changes_nothing(
    start_sandbox: Callable[..., Sandbox],
    meltano_project: Callable[[Mapping[str, str]], Project],
    tmp_path: Path,
) -> None:
    source = start_sandbox(
        seed=1, accounts=60, contacts=250, opportunities=90, tasks=60, notes=60, meetings=20
    )
    copy = start_sandbox(seed=2, empty=True)
    project = meltano_project(
        {
            "TAP_LIGHTFIELD_API_URL": source.url,
            "TAP_LIGHTFIELD_API_KEY": source.key,
            "TARGET_LIGHTFIELD_API_URL": copy.url,
            "TARGET_LIGHTFIELD_API_KEY": copy.key,
            "TAP_LIGHTFIELD_EMAIL_BODIES": "true",
            "TAP_LIGHTFIELD_FILE_DOWNLOAD_DIR": str(tmp_path / "files"),
            "TARGET_LIGHTFIELD_FILE_UPLOAD_DIR": str(tmp_path / "files"),
            "TARGET_LIGHTFIELD_ID_MAP": f"sqlite:///{tmp_path / 'id_map.db'}",
            "TARGET_LIGHTFIELD_REJECTS_PATH": str(tmp_path / "rejects.jsonl"),
        }
    )
    log = tmp_path / "run.log"
    project.run("tap-lightfield", "target-lightfield", log=log)

    assert not (tmp_path / "rejects.jsonl").exists()
    found = differences(source, copy, COPIED, NOT_COPIED)
    assert found == {}, "\n".join(f"{k}: {v[:3]}" for k, v in found.items())
    assert source.key not in log.read_text()
    assert copy.key not in log.read_text()

    copy.reset()
    project.run("--full-refresh", "tap-lightfield", "target-lightfield", log=log)
    assert copy.stats()["writes"] == {}
    assert "contacts: 0 created, 0 updated, 250 unchanged, 0 rejected, 0 waiting" in log.read_text()


def test_the_comparison_of_workspaces_sees_a_changed_field_and_a_missing_link(
    start_sandbox: Callable[..., Sandbox],
) -> None:
    one, other = start_sandbox(), start_sandbox()
    assert differences(one, other, COPIED) == {}
    contact, account = next(
        (record["id"], linked[0])
        for record in other.records("contact")
        if (linked := record["relationships"]["$account"]["values"])
    )
    with LightfieldClient(other.key, api_url=other.url) as client:
        client.write("tasks", other.records("task")[0]["id"], body={"fields": {"$title": "Another title"}})
        client.write("contacts", contact, body={"relationships": {"$account": {"remove": account}}})
    found = differences(one, other, COPIED)
    assert "became Another title" in "".join(found["task"])
    assert "links $account" in "".join(found["contact"])
    assert "links $contact" in "".join(found["account"])
