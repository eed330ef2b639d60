"""File names that any file system takes and that stay in their folder: strangers choose the names."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

_LONGEST = 200  # bytes; file systems take 255, and a temporary name is longer than the final one
_LONGEST_SUFFIX = 20

_FORBIDDEN = frozenset('<>:"/\\|?*')
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}
)


def safe_file_name(name: str) -> str:
    """Return a safe name for a file: one path segment, without a special meaning on any system."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    text = "".join(
        "_" if char in _FORBIDDEN else char for char in text if unicodedata.category(char)[0] != "C"
    )
    text = text.strip().strip(".").strip(" .")
    # Windows takes `NUL.txt` for the device, too.
    if text.partition(".")[0].strip().casefold() in _DEVICES:
        text = f"_{text}"
    return _shortened(text) or "file"


def safe_folder_name(id_: str) -> str:
    """Return the folder for a file's id; no two ids have the same."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,100}", id_) and id_.casefold() not in _DEVICES:
        return id_
    digest = hashlib.sha256(id_.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{safe_file_name(id_)[:60]}~{digest}"


def _shortened(text: str) -> str:
    if len(text.encode()) <= _LONGEST:
        return text
    suffix = PurePosixPath(text).suffix
    if len(suffix.encode()) > _LONGEST_SUFFIX:
        suffix = ""
    room = _LONGEST - len(suffix.encode())
    return text.encode()[:room].decode(errors="ignore").rstrip(" .") + suffix
