"""Files fetched through their signed URLs into a folder. API page: "File uploads", "Downloading a file".

A signed URL is for whoever holds it: the API key is never sent to it, and it is in no log or error.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import LightfieldError, PauseTooLong, Unauthorized
from lightfield_api.retries import retried
from lightfield_api.signed_urls import SignedSession, check_signed_url, reason_of
from lightfield_api.words import count
from tap_lightfield.errors import ConfigError
from tap_lightfield.file_names import safe_file_name, safe_folder_name

_REDIRECTS = 5
_CONNECT_SECONDS = 10.0
_CHUNK = 1 << 18


class Saved(NamedTuple):
    """A file that is whole on the disk: where, and the SHA-256 of its content; both None if it is not."""

    path: str | None
    sha256: str | None


class DownloadError(Exception):
    """A file could not be fetched. The message never holds its URL."""


class Downloads:
    """The folder that files are saved in, as ``{id}/{name}``.

    Args:
        client: The client that says where a file is.
        folder: Where files are saved; made where it is missing.
        connections: How many downloads may be under way at once.

    Raises:
        ConfigError: The folder can't be made.
    """

    def __init__(self, client: LightfieldClient, folder: str, connections: int) -> None:
        self._client = client
        self._folder = Path(folder).absolute()
        self._policy = client.retry_policy
        self._session = SignedSession(connections, self._policy)
        self._session.headers.update({"Accept": "*/*", "Accept-Encoding": "identity"})
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise _unwritable(self._folder, e) from e

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def fetch(self, file: Mapping[str, Any]) -> Saved:
        """Return where a completed file is saved; fetch it if it is not there yet.

        Args:
            file: The file as the API describes it.

        Raises:
            DownloadError: It could not be fetched, in several tries.
            ConfigError: The folder can't be written to.
            Unauthorized: The API key has been revoked.
            PauseTooLong: Lightfield, or the storage, asks for a longer pause than is waited for.
        """
        size = file.get("sizeBytes")
        size = size if isinstance(size, int) and not isinstance(size, bool) else None
        target = self._folder / safe_folder_name(file["id"]) / safe_file_name(str(file.get("filename") or ""))
        try:
            if size is not None and target.is_file() and target.stat().st_size == size:
                return Saved(str(target), _sha256_of(target))
            target.parent.mkdir(exist_ok=True)
            return self._saved(file["id"], target, size)
        except OSError as e:
            raise _unwritable(self._folder, e) from e

    def _saved(self, file_id: str, target: Path, size: int | None) -> Saved:
        fetch = retried(
            lambda: self._try(file_id, target, size),
            f"Fetching file {file_id}",
            self._policy.of_files,
            on=(DownloadError,),  # Lightfield's own errors have been tried again already
        )
        try:
            return fetch()
        except (PauseTooLong, Unauthorized):  # no other file would fare better
            raise
        except LightfieldError as e:
            raise DownloadError(str(e)) from e

    def _try(self, file_id: str, target: Path, size: int | None) -> Saved:
        """Fetch the file under another name, which it loses only when it is whole."""
        self._session.wait()
        url = self._client.read("files", file_id, "url").get("url")  # a URL for each try: they expire
        if not isinstance(url, str):
            raise DownloadError("Lightfield gave no URL for it")
        part = target.with_name(f".{secrets.token_hex(8)}.part")
        digest = hashlib.sha256()
        try:
            with part.open("xb") as out:
                self._copy(url, out, digest.update, size)
                out.flush()
                os.fsync(out.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(target.parent)
        return Saved(str(target), digest.hexdigest())

    def _copy(self, url: str, out: BinaryIO, note: Callable[[bytes], None], size: int | None) -> None:
        copied = 0
        try:
            with self._opened(url) as response:
                for chunk in response.iter_content(_CHUNK):
                    copied += len(chunk)
                    if size is not None and copied > size:
                        raise DownloadError(f"it is longer than its {count('byte', size)}")
                    note(chunk)
                    out.write(chunk)
        except (requests.RequestException, HTTPError) as e:
            # requests' errors are OSErrors, but the disk's are handled elsewhere.
            raise DownloadError(f"the download broke off ({reason_of(e)})") from None
        if size is not None and copied != size:
            raise DownloadError(f"{copied:,} of its {count('byte', size)} came")

    def _opened(self, url: str) -> requests.Response:
        for _ in range(_REDIRECTS + 1):
            _check(url)
            timeout = _CONNECT_SECONDS, self._policy.silence
            response = self._session.get(url, stream=True, timeout=timeout, allow_redirects=False)
            self._session.heed(response)
            if response.is_redirect:
                response.close()
                url = _target_of(response)
            elif response.status_code == 200:
                return response
            else:
                response.close()
                raise DownloadError(f"the storage answered with HTTP status {response.status_code}")
        raise DownloadError("the storage redirects without end")


def _target_of(redirect: requests.Response) -> str:
    try:
        return urljoin(str(redirect.url), redirect.headers["Location"])
    except ValueError:
        raise DownloadError("the storage redirects to what is no URL") from None


def _check(url: str) -> None:
    try:
        check_signed_url(url)
    except ValueError as e:
        raise DownloadError(str(e)) from None


def _sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power failure, on systems where a folder can be synced."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritable(folder: Path, error: OSError) -> ConfigError:
    return ConfigError(f"The folder of file_download_dir, {folder}, can't be written to: {error.strerror}.")
