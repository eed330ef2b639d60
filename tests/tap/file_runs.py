"""Files on the scripted server, and runs that read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tap.scripted import Script
from tests.tap.tap_runs import Output, discover, only, run

SMALL = b"The minutes of the meeting\n"


def file(number: int, status: str = "COMPLETED", **parts: Any) -> dict[str, Any]:
    return {
        "id": f"fil_{number}", "filename": f"notes {number}.txt", "mimeType": "text/plain",
        "sizeBytes": len(SMALL), "status": status, "createdAt": "2025-06-01T00:00:00.000Z",
        "completedAt": None, "expiresAt": None, **parts,
    }  # fmt: skip


def offer(script: Script, number: int, data: bytes = SMALL, **headers: str) -> None:
    """Let the server give a signed URL for a file, and its content there."""
    path = f"/signed/{number}"
    url = {"url": f"{script.url}{path}?X-Signature=s3cret", "expiresAt": "2099-01-01T00:00:00Z"}
    script.answers[f"/v1/files/fil_{number}/url"] = (200, url)
    script.content[path] = lambda: (200, headers, data)


def files_of(script: Script, folder: Path, **settings: Any) -> Output:
    config = script.config(file_download_dir=str(folder), **settings)
    return run(config, catalog=only(discover(config), "files"))


def paths_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
