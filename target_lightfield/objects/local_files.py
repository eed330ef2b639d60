"""The files of one folder on this machine: what a row names is opened only if it is one of them.

A row may come from anywhere. Whatever path it has, nothing outside the folder is read, nothing but a
regular file is opened, and no error tells whether a file outside exists.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from target_lightfield.errors import TargetError
from target_lightfield.reporting.rejection import RejectCode, Rejection

_PIECE = 1 << 18
# Windows has neither these nor what they guard against: opening a FIFO waits for its other end.
_FLAGS = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
)


@dataclass(frozen=True)
class LocalFile:
    """An open file: its name, and its content from the first byte."""

    name: str
    file: BinaryIO

    @property
    def size(self) -> int:
        """Its size in bytes, as it is now."""
        return os.fstat(self.file.fileno()).st_size

    def digests(self, *algorithms: str) -> Mapping[str, str]:
        """Return the digests of the content in hexadecimal, by algorithm; the file is read once, in pieces.

        Raises:
            Rejection: It can't be read.
        """
        made = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
        try:
            self.file.seek(0)
            while piece := self.file.read(_PIECE):
                for digest in made.values():
                    digest.update(piece)
        except OSError as e:
            raise _unreadable(e) from e
        return {name: digest.hexdigest() for name, digest in made.items()}


class UploadFolder:
    """The folder that files are uploaded from.

    Args:
        folder: The setting ``file_upload_dir``.

    Raises:
        TargetError: It is no folder.
    """

    def __init__(self, folder: str) -> None:
        self._root = Path(os.path.realpath(folder))
        if not self._root.is_dir():
            raise TargetError(
                f"file_upload_dir {folder!r} is no folder: set it to the one that has the files."
            )

    @contextmanager
    def opened(self, path: str) -> Iterator[LocalFile]:
        """Open a file.

        Args:
            path: Where it is, absolute or from the folder.

        Raises:
            Rejection: It is not in the folder, not there, no regular file, or can't be read.
        """
        inside = self._inside(path)
        try:
            if not stat.S_ISREG(os.lstat(inside).st_mode):
                raise _not_regular()
            descriptor = os.open(inside, _FLAGS)
        except FileNotFoundError as e:
            raise _missing() from e
        except OSError as e:
            raise _unreadable(e) from e
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):  # another one has taken its place
                raise _not_regular()
            yield LocalFile(inside.name, file)

    def _inside(self, path: str) -> Path:
        """Return the path without symbolic links and ``..``. Raises Rejection where it leaves the folder."""
        try:
            os.fsencode(path)
            inside = Path(os.path.realpath(self._root / path))
        except (ValueError, OSError):  # NUL, characters that no file name has
            raise _missing() from None
        if not inside.is_relative_to(self._root):
            raise Rejection(
                "file_path leads out of file_upload_dir: set that to the folder that has the files; for "
                "those of tap-lightfield it is its file_download_dir",
                code=RejectCode.FILE_OUTSIDE_FOLDER,
                param="file_path",
            )
        return inside


def _missing() -> Rejection:
    return Rejection(
        "There is no file at file_path: put it there, or let the tap fetch it again",
        code=RejectCode.FILE_MISSING,
        param="file_path",
    )


def _not_regular() -> Rejection:
    return Rejection(
        "What is at file_path is no regular file but a folder, a pipe or a device",
        code=RejectCode.FILE_NOT_REGULAR,
        param="file_path",
    )


def _unreadable(error: OSError) -> Rejection:
    return Rejection(
        f"The file at file_path can't be read: {error.strerror}",
        code=RejectCode.FILE_UNREADABLE,
        param="file_path",
    )
