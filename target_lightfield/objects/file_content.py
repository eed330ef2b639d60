"""What is uploaded of a file, and whether it is still the file that the row means."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from target_lightfield.matching.wanted import Wanted
from target_lightfield.objects.local_files import LocalFile
from target_lightfield.reporting.rejection import RejectCode, Rejection

LARGEST = 512 * 1024 * 1024
"""How many bytes a file may have."""


@dataclass(frozen=True)
class Content:
    """What is uploaded of a file.

    Attributes:
        body: The JSON body of the request that begins the upload.
        md5: The content's MD5, in hexadecimal.
        payload_hash: Tells whether a row asks for another upload: its content, name or type has changed.
    """

    body: Mapping[str, Any]
    md5: str
    payload_hash: str


class FileChanged(Rejection):
    """The file is no longer the one that was to be uploaded."""


def content_of(local: LocalFile, wanted: Wanted) -> Content:
    """Return what is to be uploaded.

    Raises:
        Rejection: The file is too large, or not the one that the row describes.
    """
    row, size = wanted.fields, local.size
    if size > LARGEST:
        raise Rejection(
            f"The file has {size} bytes; Lightfield takes at most {LARGEST}",
            code=RejectCode.FILE_TOO_LARGE,
            param="file_path",
        )
    if row["size_bytes"] not in (None, size):
        raise changed("since the row was made: its size is not size_bytes")
    digests = local.digests("md5", *(["sha256"] if row["file_sha256"] else []))
    if local.size != size:
        raise changed("while it was read")
    if row["file_sha256"] and digests["sha256"] != row["file_sha256"].lower():
        raise changed("since the row was made: its SHA-256 is not file_sha256")
    filename = row["filename"] or local.name
    body = {"filename": filename, "mimeType": row["mime_type"] or _guessed(filename), "sizeBytes": size}
    if row["purpose"]:
        body["purpose"] = row["purpose"]
    # Without a guessed type: it follows from the name, and another machine may guess another one.
    parts = [digests["md5"], filename, row["mime_type"]]
    return Content(body, digests["md5"], hashlib.sha256(json.dumps(parts).encode()).hexdigest())


def _guessed(filename: str) -> str:
    kind, encoding = mimetypes.guess_type(filename)
    return kind if kind and not encoding else "application/octet-stream"


def changed(when: str) -> Rejection:
    """Return the rejection of a row whose file has changed, and when."""
    return FileChanged(
        f"The file at file_path has changed {when}. Load the row again when it is made anew",
        code=RejectCode.FILE_CHANGED,
        param="file_path",
    )
