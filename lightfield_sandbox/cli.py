"""The command `lightfield-sandbox`."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
import threading
from typing import TYPE_CHECKING

from lightfield_sandbox.limits.faults import parse_faults
from lightfield_sandbox.schema.errors import DOCUMENTED, REFUSALS
from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE
from lightfield_sandbox.settings import (
    BOTH,
    DEFAULT_COUNTS,
    DEFAULT_TRASHED,
    LINKS_MOVE,
    MEMORY,
    MERGED_ANSWERS,
    NOT_FOUND,
    UNIQUE_STATUSES,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lightfield_sandbox.http.server import Sandbox

_CUSTOM = "custom_objects"
# The packages of the extra `sandbox`.
_EXTRA = ("starlette", "uvicorn")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the process's exit status."""
    options = _parser().parse_args(arguments)
    try:
        from lightfield_sandbox.http.server import Sandbox  # noqa: PLC0415 - needs what the extra brings
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRA:
            raise
        print(
            f"lightfield-sandbox: {package} is not installed; it comes with the extra: "
            "pip install 'singer-lightfield[sandbox]'",
            file=sys.stderr,
        )
        return 1
    # Seeding a large workspace takes a while: until it serves, a signal ends it at once.
    _on_signal(lambda: sys.exit(0))
    try:
        sandbox = Sandbox(_settings(options))
    except (OSError, ValueError, sqlite3.Error) as error:
        print(f"lightfield-sandbox: {error}", file=sys.stderr)
        return 1
    stop = threading.Event()
    _on_signal(stop.set)
    with sandbox:
        _announce(sandbox)
        stop.wait()
    return 0


def _on_signal(action: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: action())


def _announce(sandbox: Sandbox) -> None:
    print(f"Lightfield sandbox listening on {sandbox.url}")
    for name, scopes in sandbox.scopes.items():
        print(f"key {name} {sandbox.keys[name]} {','.join(scopes) or 'full access'}")
    sys.stdout.flush()


def _settings(options: argparse.Namespace) -> Settings:
    chosen = {object_type: getattr(options, _count_option(object_type)) for object_type in DEFAULT_COUNTS}
    return Settings(
        seed=options.seed,
        empty=options.empty,
        counts={object_type: count for object_type, count in chosen.items() if count is not None},
        trashed=options.trashed,
        custom_objects=options.plan_has_custom_objects,
        url_seconds=options.url_seconds,
        rate_limit=options.rate_limit,
        retry_after=options.retry_after,
        latency_ms=options.latency_ms,
        index_lag=options.index_lag,
        faults=options.fault,
        keys=dict(options.key),
        unique_status=options.unique_status,
        refusals=options.refusals,
        readonly_markdown=options.readonly_markdown,
        links_move=options.links_move,
        merged_answer=options.merged_answer,
        data=options.data,
        host=options.host,
        port=options.port,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lightfield-sandbox", description="A stand-in Lightfield server.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser(
        "serve",
        help="serve a workspace until interrupted",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on")
    serve.add_argument("--port", type=_count, default=8080, help="port to listen on, 0 for a free one")
    serve.add_argument("--data", default=MEMORY, metavar="FILE", help="SQLite file that keeps the workspace")
    serve.add_argument("--seed", type=int, default=1, help="what ids, keys and records are derived from")
    serve.add_argument("--empty", action="store_true", help="seed members and definitions only")
    for name, count in {_count_option(kind): count for kind, count in DEFAULT_COUNTS.items()}.items():
        words = name.replace("_", " ") + (" of each type" if name == _CUSTOM else "")
        option = f"--{name.replace('_', '-')}"
        serve.add_argument(option, type=_count, metavar="N", help=f"{words} to seed (instead of {count})")
    serve.add_argument(
        "--trashed",
        type=_count,
        metavar="N",
        help=f"trashed records of a type (instead of {DEFAULT_TRASHED})",
    )
    serve.add_argument(
        "--no-custom-objects",
        action="store_false",
        dest="plan_has_custom_objects",
        help="a plan without custom objects",
    )
    serve.add_argument(
        "--url-seconds", type=_duration, default=900, help="how long signed URLs and upload sessions last"
    )
    serve.add_argument("--latency-ms", type=_duration, default=0, help="time that each request takes")
    serve.add_argument(
        "--rate-limit", type=_count, default=25, help="requests a second a category, 0 for no limit"
    )
    serve.add_argument("--retry-after", type=_count, default=1, help="seconds that a 429 asks to wait")
    serve.add_argument(
        "--index-lag", type=_duration, default=0, help="seconds by which lists trail behind writes"
    )
    serve.add_argument("--fault", type=_faults, default="", help="for example 429:0.02,500:0.01,reset:0.005")
    serve.add_argument(
        "--unique-status", type=int, choices=UNIQUE_STATUSES, default=409, help="for a taken unique value"
    )
    serve.add_argument(
        "--refusals", choices=REFUSALS, default=DOCUMENTED, help="how a refusal says what it is about"
    )
    serve.add_argument(
        "--readonly-markdown",
        action="store_true",
        help="generated texts are of the valueType READONLY_MARKDOWN",
    )
    serve.add_argument(
        "--links-move", choices=LINKS_MOVE, default=BOTH, help="whose updatedAt a link moves on"
    )
    serve.add_argument(
        "--merged-answer",
        choices=MERGED_ANSWERS,
        default=NOT_FOUND,
        help="what the id of a record is answered with that was merged into another",
    )
    serve.add_argument(
        "--key", type=_key, action="append", default=[], metavar="NAME=SCOPE,SCOPE", help="a further API key"
    )
    return parser


def _count_option(object_type: str) -> str:
    collection = BY_OBJECT_TYPE.get(object_type)
    if collection is None:
        return f"{object_type}s"
    return _CUSTOM if collection.custom else collection.path


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def _duration(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError("must not be negative")
    return number


def _faults(text: str) -> str:
    try:
        parse_faults(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _key(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, scopes = text.partition("=")
    given = tuple(filter(None, scopes.split(",")))
    if not name or not given:
        # A key without scopes has full access, and full_access is such a key already.
        raise argparse.ArgumentTypeError("expected NAME=SCOPE,SCOPE")
    return name, given


if __name__ == "__main__":
    sys.exit(main())
