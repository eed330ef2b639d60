"""The API key is in no exception and in no log record, whatever the server does."""

from __future__ import annotations

import http.client
import io
import logging
import logging.config
import socket
import threading
import traceback

import pytest
import requests

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import LightfieldError, NoAnswer, UnexpectedAnswer
from lightfield_api.retries import RetryPolicy
from lightfield_api.secrecy import setting_with_key
from lightfield_api.signed_urls import SignedSession
from tests.lightfield_api.conftest import KEY, Answer


def everything_said(error: BaseException) -> str:
    """Return all the text of an exception and of those behind it."""
    said = ["".join(traceback.format_exception(type(error), error, error.__traceback__))]
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        said += [str(error), repr(error), repr(error.args), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return "\n".join(said)


@pytest.fixture(autouse=True)
def _no_key_in_the_log(caplog):
    """Every test here also looks through the log at DEBUG."""
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "charset_normalizer", "backoff", "lightfield_api"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield
    formatter = logging.Formatter()
    for record in caplog.get_records("call"):
        assert KEY not in formatter.format(record)
        assert KEY not in repr(vars(record))


ECHO = f"Bearer {KEY}"


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "status", [300, 302, 400, 401, 403, 404, 408, 409, 415, 418, 422, 429, 500, 501, 503]
)
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"type": ECHO, "message": ECHO, "code": ECHO, "param": ECHO, ECHO: [{"x": {ECHO: ECHO}}]}},
        {"error": {"type": "bad_request", "message": "x" * 490 + ECHO}},
        {"error": ECHO},
        {ECHO: ECHO},
        [ECHO],
        ECHO,
        f"<html>{ECHO}</html>".encode(),
        f'{{"error": {{"message": "{ECHO}'.encode(),
    ],
    ids=["error", "long message", "error text", "key of an object", "array", "string", "html", "truncated"],
)
def test_a_server_that_echoes_the_key_in_an_error_does_not_get_it_into_ours(serve, connect, status, body):
    headers = {"X-Echo": ECHO, "Location": f"http://127.0.0.1:1/{KEY}", "Retry-After": KEY, "Date": KEY,
               "X-RateLimit-Limit": KEY, "Set-Cookie": f"a={KEY}"}  # fmt: skip
    with pytest.raises(LightfieldError) as raised:
        connect(serve(Answer(status, body, headers))).read("auth", "validate")
    assert KEY not in everything_said(raised.value)


def test_the_key_is_not_in_the_error_for_an_answer_that_is_no_json(serve, connect):
    server = serve(Answer(200, ECHO.encode(), {"Content-Type": f"text/{KEY}"}))
    with pytest.raises(UnexpectedAnswer) as raised:
        connect(server).read("auth", "validate")
    assert KEY not in everything_said(raised.value)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "raw",
    [
        f"{KEY}\r\n\r\n",
        f"HTTP/1.1 {KEY}\r\n\r\n",
        f"HTTP/{KEY} 200 OK\r\n\r\n",
        f"HTTP/1.1 500 {KEY}\r\nContent-Length: 0\r\n\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Length: 1, {KEY}\r\n\r\nx",
        f"HTTP/1.1 200 OK\r\nContent-Length: 1,2\r\nX-{KEY}: {KEY}\r\n\r\nx",
        f"HTTP/1.1 200 OK\r\nAuthorization Bearer {KEY}\r\nContent-Length: 2\r\n\r\nno",
        f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{KEY}\r\n",
        f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(KEY)}\r\n\r\n{KEY}",
        f"HTTP/1.1 200 OK\r\nContent-Encoding: {KEY}\r\nContent-Length: {len(KEY)}\r\n\r\n{KEY}",
        f"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{KEY}",
    ],
)
def test_a_server_that_echoes_the_key_in_broken_http_does_not_get_it_into_ours(serve, connect, raw):
    with pytest.raises(LightfieldError) as raised:
        connect(serve(Answer(raw=raw.encode()))).write("accounts", body={})
    assert KEY not in everything_said(raised.value)


@pytest.mark.usefixtures("clock", "impatient")
@pytest.mark.parametrize("kind", ["refused", "dropped", "timeout", "tls"])
def test_the_key_is_not_in_the_error_of_a_failed_connection(serve, connect, kind):
    server = serve(Answer(hang=True) if kind == "timeout" else Answer(raw=b""))
    url = server.url
    if kind == "refused":
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    if kind == "tls":
        url = url.replace("http:", "https:")
    personal = {"$email[contains]": "ann@personal.example"}
    with pytest.raises(NoAnswer) as raised:
        connect(url).search("contacts", params=personal)
    said = everything_said(raised.value)
    assert KEY not in said
    assert "personal.example" not in said
    assert f"{url}/v1/contacts" in str(raised.value)


def test_the_key_is_not_in_the_error_of_a_request_that_could_not_be_prepared(serve, connect):
    client = connect(serve())
    for call in (
        lambda: client.write("accounts", body={"x": float("nan")}),
        lambda: client.write("accounts", body={}, idempotency_key="a\nb"),
        lambda: client.read("accounts", params={"x": "\ud800"}),
        lambda: client.read("accounts", ".."),
    ):
        with pytest.raises(LightfieldError) as raised:
            call()
        assert KEY not in everything_said(raised.value)


@pytest.mark.parametrize("key", ["", f"{KEY}\n", f"{KEY}\r\nX: y", f" {KEY}", f"{KEY} {KEY}", f"{KEY}é",
                                 f"{KEY}\x00",
                                 f"{KEY}\ud800", f"{KEY}株", f"{KEY}\x7f"])  # fmt: skip
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key):
    with pytest.raises(ValueError, match="API key") as raised:
        LightfieldClient(key)
    assert KEY not in everything_said(raised.value)


def test_the_key_is_not_in_what_the_client_shows_of_itself(serve, connect):
    client = connect(serve())
    client.read("auth", "validate")
    assert KEY not in f"{client!r} {client} {vars(client)!r}"


def test_a_retry_is_logged_without_key_and_parameters(serve, connect, clock, caplog):
    failed = Answer(503, {"error": {"type": "service_unavailable", "message": f"not now {KEY}"}})
    client = connect(serve(failed, Answer()))
    client.search("contacts", params={"$email[contains]": "ann@personal.example"})
    (record,) = [record for record in caplog.records if record.name.startswith("lightfield_api")]
    assert "/v1/contacts" in record.getMessage()
    assert "503" in record.getMessage()
    assert "try 2 of 8" in record.getMessage()
    assert "personal" not in record.getMessage()


def test_a_successful_answer_is_left_as_it_is(serve, connect):
    assert connect(serve(Answer(body={"note": ECHO}))).read("notes", "n") == {"note": ECHO}


def test_threads_that_fail_show_no_key_either(serve, connect, clock):
    client = connect(serve(Answer(401, {"error": {"message": ECHO}})))
    said: list[str] = []

    def fail() -> None:
        try:
            client.read("auth", "validate")
        except LightfieldError as e:
            said.append(everything_said(e))

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 8
    assert not any(KEY in text for text in said)


PERSONAL = {"$email[contains]": "ann@personal.example"}


@pytest.fixture
def whole_log():
    """Return what urllib3's own handler is told, by a configuration that is made after the client."""
    log = io.StringIO()

    def configure() -> io.StringIO:
        names = [name for name in logging.root.manager.loggerDict if name.startswith("urllib3")]
        own = {"level": "DEBUG", "propagate": False, "handlers": ["all"]}
        logging.config.dictConfig(
            {
                "version": 1,
                "disable_existing_loggers": False,
                "handlers": {"all": {"class": "logging.StreamHandler", "stream": log, "level": "DEBUG"}},
                "loggers": dict.fromkeys(names, own),
                "root": {"level": "DEBUG", "handlers": ["all"]},
            }
        )
        return log

    before = logging.root.level, list(logging.root.handlers)
    yield configure
    logging.root.setLevel(before[0])
    logging.root.handlers[:] = before[1]
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("urllib3")]:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate, logger.level = [], True, logging.NOTSET
        logger.manager._clear_cache()


@pytest.mark.usefixtures("clock")
def test_no_filter_is_in_the_log_and_the_path_is(serve, connect, whole_log):
    client = connect(serve(Answer(), Answer(503), Answer(raw=b""), Answer(hang=False)))
    log = whole_log()
    for _ in range(2):
        client.search("contacts", params=PERSONAL)
    said = log.getvalue()
    assert '"GET /v1/contacts?… HTTP/1.1" 200' in said
    assert "personal" not in said
    assert KEY not in said


def test_nothing_of_a_signed_url_is_in_the_log(serve, connect, whole_log):
    policy = RetryPolicy(first_wait=0.0)
    server = serve(Answer(), Answer(302, b"", {"Location": "/s3cret/there"}), Answer(raw=b""), Answer())
    client, session = connect(server, retry_policy=policy), SignedSession(1, policy)
    log = whole_log()
    client.upload(f"{server.url}/s3cret?signature=s3cret", {}, io.BytesIO(b"x"))
    session.get(f"{server.url}/s3cret?signature=s3cret", allow_redirects=False)
    with pytest.raises(requests.ConnectionError):
        session.get(f"{server.url}/s3cret?signature=s3cret")
    client.read("files", "fil_1")
    session.close()
    assert "/v1/files/fil_1" in log.getvalue()
    assert "s3cret" not in log.getvalue()
    assert [r for r in server.requests if "s3cret" in r.line]


def test_http_client_prints_nothing_though_it_is_told_to(serve, connect, monkeypatch, capfd):
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    connect(serve()).search("contacts", params=PERSONAL)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "config",
    [
        {"id_map": f"postgresql://u:{KEY}@host/db"},
        {"api_url": f"https://{KEY.lower()}.example"},
        {"objects": {"accounts": {"defaults": {"name": [KEY]}}}},
        {"objects": {KEY: {}}},
        {"default_assignee": "sk_lf_anotherKeyThatIsNotTheOne"},
        {"max_rejects": [{"x": KEY}]},
    ],
    ids=str,
)
def test_a_setting_that_holds_a_key_is_found(config):
    assert setting_with_key({"api_key": KEY, "dry_run": True, **config}) == next(iter(config))


def test_a_setting_that_is_called_like_the_key_is_not_named():
    assert KEY not in setting_with_key({"api_key": KEY, KEY: 1})


@pytest.mark.parametrize("api_key", [KEY, "api", "", None, 5, [KEY]])
def test_settings_without_a_key_hold_none(api_key):
    config = {
        "api_key": api_key,
        "api_url": "https://api.lightfield.app",
        "max_concurrency": 5,
        "objects": {},
    }
    assert setting_with_key(config) is None
