"""A running sandbox: uvicorn in a thread of this process, on a loopback port."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import uvicorn

from lightfield_sandbox.http.app import make_app
from lightfield_sandbox.limits.auth import FULL_ACCESS, READ_ONLY
from lightfield_sandbox.workspace import Workspace

if TYPE_CHECKING:
    from types import TracebackType

    from lightfield_sandbox.settings import Settings

_TICK_SECONDS = 0.02
_START_SECONDS = 10
_STOP_SECONDS = 10


class _PromptServer(uvicorn.Server):
    """Ends sooner than uvicorn, which looks only every 0.1 s: test suites stop hundreds of sandboxes."""

    async def main_loop(self) -> None:
        """Serve until `should_exit` is set."""
        ticks = 0
        while not await self.on_tick(ticks):
            ticks = (ticks + 1) % 1000
            await asyncio.sleep(_TICK_SECONDS)


class Sandbox:
    """A running server. It serves from its construction until `stop`, or to the end of a `with`.

    Args:
        settings: What to serve.

    Attributes:
        url: For example `http://127.0.0.1:40123`.
        keys: Every API key by name.

    Raises:
        OSError: The port is taken.
        sqlite3.Error: The data file can't be used.
        ValueError: There is no such fault, or the probabilities are not possible.
    """

    def __init__(self, settings: Settings) -> None:
        self._socket = _listen(settings.host, settings.port)
        try:
            self._workspace = Workspace(settings)
        except BaseException:
            self._socket.close()
            raise
        self.keys = dict(self._workspace.keys.by_name)
        host, port = self._socket.getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._server = _PromptServer(
            uvicorn.Config(
                make_app(self._workspace),
                http="h11",
                loop="asyncio",
                lifespan="off",
                ws="none",
                access_log=False,
                log_config=None,
                log_level=logging.WARNING,
                server_header=False,
                backlog=1024,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="lightfield-sandbox",
            daemon=True,
        )
        self._thread.start()
        self._await_start()

    @property
    def key(self) -> str:
        """The full-access API key."""
        return self.keys[FULL_ACCESS]

    @property
    def read_only_key(self) -> str:
        """The API key that has every `:read` scope and no other."""
        return self.keys[READ_ONLY]

    @property
    def scopes(self) -> dict[str, tuple[str, ...]]:
        """The scopes of each key by its name; no scopes mean full access."""
        return {name: self._workspace.keys.scopes(f"Bearer {key}") for name, key in self.keys.items()}

    def stats(self) -> dict[str, Any]:
        """What `GET /_sandbox/stats` shows."""
        return self._workspace.stats_json()

    def reset(self, *, data: bool = False) -> None:
        """Set every count to zero; with `data`, also bring the workspace back to its seed."""
        self._workspace.reset(data=data)

    def set_faults(self, faults: str) -> None:
        """Replace the injected faults, for example by `429:0.1`; an empty string ends them."""
        with self._workspace.lock:
            self._workspace.faults.set(faults)

    def revoke(self, key: str) -> None:
        """Make a key answer 401 from now on."""
        with self._workspace.lock:
            self._workspace.keys.revoke(key)

    def records(self, object_type: str) -> list[dict[str, Any]]:
        """The active records of a type such as `account`, newest first, in the JSON of their own URLs."""
        return self._workspace.records_json(object_type)

    def unlisted_files(self) -> list[dict[str, Any]]:
        """The files that were uploaded in the app: lists leave them out, a GET by id finds them."""
        return self._workspace.unlisted_files()

    def content(self, file_id: str) -> bytes:
        """The bytes of a file."""
        return self._workspace.content(file_id)

    def workflow_runs(self) -> dict[str, str]:
        """The status of each workflow run by its id."""
        return dict(self._workspace.workflow_runs)

    def set_access(self, object_type: str, record_id: str, access: str) -> None:
        """Change what every key sees of an email, meeting or message; its `updatedAt` becomes now.

        Args:
            object_type: `email`, `meeting` or `message`.
            record_id: The record's id.
            access: `FULL` or `METADATA`.

        Raises:
            KeyError: There is no such record, or no such access level.
        """
        self._workspace.set_access(object_type, record_id, access)

    def set_outreach(self, kind: str, changes: dict[str, Any], sequence_id: str = "") -> dict[str, Any]:
        """Change or add a sequence, sender, enrollment or sequence message, as Lightfield does by itself.

        Args:
            kind: `sequence`, `sender`, `enrollment` or `sequence_message`.
            changes: Members to set in the document whose `id` they name.
            sequence_id: The sequence that an enrollment or a sequence message belongs to.

        Returns:
            The whole document after the change.
        """
        return self._workspace.set_outreach(kind, changes, sequence_id)

    def stop(self) -> None:
        """Stop the server; a request that is being answered has a second to end."""
        self._server.should_exit = True
        self._thread.join(_STOP_SECONDS)
        self._socket.close()
        self._workspace.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _await_start(self) -> None:
        give_up = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > give_up:
                self.stop()
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.002)


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener
