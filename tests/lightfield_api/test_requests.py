"""What goes over the wire, and what is refused before anything does."""

from __future__ import annotations

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import LightfieldError, NotFound, UnexpectedAnswer
from tests.lightfield_api.conftest import KEY, Answer


class TestHeaders:
    def test_every_request_carries_key_version_and_the_wish_for_json(self, serve, connect):
        server = serve()
        client = connect(server)
        client.search("accounts")
        client.read("accounts", "acc_1")
        client.write("accounts", body={})
        client.delete("accounts", "acc_1")
        assert [request.line.split(" ")[0] for request in server.requests] == ["GET", "GET", "POST", "DELETE"]
        for request in server.requests:
            assert request.header("Authorization") == f"Bearer {KEY}"
            assert request.header("Lightfield-Version") == "2026-03-01"
            assert request.header("Accept") == "application/json"
            assert request.header("User-Agent").startswith("singer-lightfield/")

    def test_a_write_is_json_even_with_an_empty_body(self, serve, connect):
        server = serve()
        connect(server).write("files", "fil_1", "complete", body={})
        assert server.requests[0].header("Content-Type") == "application/json"
        assert server.requests[0].json == {}

    def test_text_of_any_language_arrives_as_it_is(self, serve, connect):
        server = serve()
        connect(server).write("accounts", body={"fields": {"$name": "Ünïcödé 株式会社 🚀"}})
        assert server.requests[0].json == {"fields": {"$name": "Ünïcödé 株式会社 🚀"}}

    def test_only_posts_carry_an_idempotency_key(self, serve, connect):
        server = serve()
        client = connect(server)
        client.read("accounts", "acc_1")
        client.delete("accounts", "acc_1")
        client.write("accounts", body={}, idempotency_key="mine")
        assert [request.header("Idempotency-Key") for request in server.requests] == [None, None, "mine"]

    def test_each_write_without_a_key_of_its_own_gets_another_one(self, serve, connect):
        server = serve()
        client = connect(server)
        client.write("accounts", body={})
        client.write("accounts", body={})
        first, second = (request.header("Idempotency-Key") for request in server.requests)
        assert first
        assert second
        assert first != second
        assert max(len(first), len(second)) <= 255

    def test_a_cookie_of_the_server_does_not_stop_the_next_request(self, serve, connect):
        server = serve(Answer(headers={"Set-Cookie": "a=b; Path=/"}), Answer())
        client = connect(server)
        client.read("auth", "validate")
        client.read("auth", "validate")
        assert len(server.requests) == 2


class TestParameters:
    def test_a_filter_arrives_with_its_key_and_operator(self, serve, connect):
        server = serve()
        connect(server).search("contacts", params={"$email[contains]": "ann+x@é.com", "limit": 25})
        query = server.requests[0].target.partition("?")[2]
        assert unquote(query.replace("+", " ")) == "$email[contains]=ann+x@é.com&limit=25"

    def test_a_parameter_that_utf8_cannot_carry_is_a_typed_error(self, serve, connect):
        server = serve()
        with pytest.raises(LightfieldError):
            connect(server).search("accounts", params={"$name[equal]": "\ud800"})
        assert server.requests == []

    def test_a_number_that_json_cannot_carry_is_a_typed_error(self, serve, connect):
        server = serve()
        with pytest.raises(LightfieldError):
            connect(server).write("accounts", body={"fields": {"$amount": float("nan")}})
        assert server.requests == []

    def test_an_idempotency_key_that_no_header_can_carry_is_a_typed_error(self, serve, connect):
        server = serve()
        for key in ("two\r\nlines", "株式会社"):
            with pytest.raises(LightfieldError):
                connect(server).write("accounts", body={}, idempotency_key=key)
        assert server.requests == []


class TestPaths:
    @pytest.mark.parametrize(
        "part",
        ["../members", "a/b", "%2e%2e", "%2E%2E%2fmembers", "é", "x?y=1#z", "..%2f", "...", "a b", "a\\b",
        "a;b",
         "a\r\nHost: x", "a\tb", "%", "%zz", "@evil.com", "//evil.com", "~", "+", "\x00", "\ud800", "."* 4],
    )  # fmt: skip
    def test_an_id_reaches_no_other_path(self, serve, connect, part):
        server = serve()
        connect(server).read("accounts", part)
        target = server.requests[0].target
        assert target.count("/") == 3
        assert target.startswith("/v1/accounts/")
        assert "?" not in target
        assert "#" not in target
        last = target.removeprefix("/v1/accounts/")
        assert last.isascii()
        assert unquote(last, errors="surrogatepass") == part
        assert server.requests[0].header("Host") == server.url.removeprefix("http://")

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(part=st.text(min_size=1) | st.text("./\\%2ef?#:@;&=$", min_size=1))
    def test_no_text_at_all_reaches_another_path(self, serve, part):
        server, client = _shared(serve)
        server.requests.clear()
        if part in (".", ".."):
            with pytest.raises(NotFound):
                client.read("accounts", part, "x")
            return
        client.read("accounts", part, "x")
        before, last = server.requests[0].target.removeprefix("/v1/accounts/").split("/")
        assert (unquote(before, errors="surrogatepass"), last) == (part, "x")

    @pytest.mark.parametrize("part", ["", ".", ".."])
    def test_an_id_that_urls_give_a_meaning_is_not_found_without_asking(self, serve, connect, part):
        server = serve()
        client = connect(server)
        for call in (client.read, client.search, client.delete):
            with pytest.raises(NotFound):
                call("accounts", part)
        with pytest.raises(NotFound):
            client.write("accounts", part, body={})
        assert server.requests == []

    def test_a_field_key_keeps_its_dollar_in_the_path(self, serve, connect):
        server = serve()
        connect(server).read("accounts", "acc_1", "fields", "$name", "history")
        assert server.requests[0].target == "/v1/accounts/acc_1/fields/$name/history"

    def test_the_path_of_api_url_comes_first(self, serve, connect):
        server = serve()
        connect(f"{server.url}/proxy/").read("auth", "validate")
        assert server.requests[0].target == "/proxy/v1/auth/validate"


_SHARED: dict[object, tuple] = {}


def _shared(serve):
    """Return one server and client for all examples of a property."""
    if serve not in _SHARED:
        server = serve()
        _SHARED[serve] = server, LightfieldClient(KEY, api_url=server.url, requests_per_second=None)
        server.answers = [Answer(headers={"X-RateLimit-Limit": "1000000"})]
    return _SHARED[serve]


class TestApiUrl:
    @pytest.mark.parametrize(
        "url",
        [
            "http://api.lightfield.app", "http://10.0.0.1", "http://127.0.0.1.evil.com",
            "http://localhost.evil.com",
            "http://localhost@evil.com", "http://evil.com@localhost", "http://user:pw@localhost",
            "https://user:pw@api.lightfield.app", "http://[::1]evil.com", "http://evil.com[::1]",
            "http://[::2]",
            "http://localhost\\.evil.com", "http://evil.com\\@localhost", "http://0.0.0.0",
            "http://2130706433",
            "ftp://localhost", "file:///etc/passwd", "//localhost", "localhost:8080", "api.lightfield.app",
            "", " ",
            "https://", "https:///v1", "https://host?x=1", "https://host#x", "https://host:port",
            "https://host:99999",
            "https://ho st", "https://host ", " https://host", "https://ho\nst", "http://local\thost",
            "https://[",
            "javascript://localhost", "http+unix://localhost", "https://..", "https://a..b",
            f"https://{'a' * 64}.com",
        ],
    )  # fmt: skip
    def test_anything_but_https_or_loopback_is_refused_before_a_byte_is_sent(self, monkeypatch, url):
        monkeypatch.setattr(socket, "getaddrinfo", _no_network)
        with pytest.raises(ValueError, match="api_url"):
            LightfieldClient(KEY, api_url=url)

    @pytest.mark.parametrize("secret", [KEY, f"https://host:{KEY}", f"http://{KEY}@host", f"https://[{KEY}]"])
    def test_a_key_pasted_into_api_url_is_not_repeated(self, secret):
        with pytest.raises(ValueError, match="api_url") as raised:
            LightfieldClient(KEY, api_url=secret)
        assert KEY.lower() not in f"{raised.value} {raised.value.__cause__!r}".lower()

    @pytest.mark.parametrize(
        "url", ["https://api.lightfield.app", "https://api.lightfield.app/",
        "HTTPS://API.lightfield.app:443/x",
                "http://localhost:1", "http://127.0.0.1:1", "http://127.8.9.1", "http://[::1]:80",
                "http://LOCALHOST"],
    )  # fmt: skip
    def test_https_anywhere_and_http_on_this_machine_are_taken(self, connect, url):
        connect(url)

    @pytest.mark.parametrize("scheme", ["http", "HTTP", "hTTp"])
    def test_no_proxy_sees_what_is_meant_for_this_machine(self, serve, connect, monkeypatch, scheme):
        server, proxy = serve(), serve()
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        connect(f"{scheme}://127.0.0.1:{server.port}").read("auth", "validate")
        assert len(server.requests) == 1
        assert proxy.requests == []

    def test_no_netrc_takes_the_place_of_the_key(self, serve, connect, monkeypatch, tmp_path):
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login me password netrc-password\ndefault login d password p\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("HOME", str(tmp_path))
        server = serve()
        connect(server).read("auth", "validate")
        assert server.requests[0].header("Authorization") == f"Bearer {KEY}"


def _no_network(*_: object, **__: object):
    raise AssertionError("something was looked up")


class TestRedirects:
    @pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
    def test_a_redirect_is_an_error_and_the_second_host_sees_nothing(self, serve, connect, status):
        other = serve()
        server = serve(Answer(status, headers={"Location": f"{other.url}/v1/auth/validate"}))
        client = connect(server)
        with pytest.raises(UnexpectedAnswer) as raised:
            client.read("auth", "validate")
        with pytest.raises(UnexpectedAnswer):
            client.write("accounts", body={})
        assert raised.value.status == status
        assert len(server.requests) == 2
        assert other.requests == []

    @pytest.mark.parametrize(
        "location", ["http://[bad", "http://[::1", "\xff\xfe", "http://host:port/", "", "http://"]
    )
    def test_a_redirect_to_nowhere_is_the_same_error(self, serve, connect, location):
        server = serve(Answer(302, headers={"Location": location}))
        with pytest.raises(UnexpectedAnswer):
            connect(server).read("auth", "validate")


class TestAnswers:
    @pytest.mark.parametrize(
        "body",
        [b"<html>welcome</html>", b"[1]", b'"text"', b"1", b"null", b"", b" ", b'{"data": [',
        b'{"a": "\xff"}',
         b"[" * 100_000, b'{"a":' * 100_000, b"1" * 10_000],
        ids=lambda body: repr(body[:16]),
    )  # fmt: skip
    @pytest.mark.parametrize("content_type", ["application/json", "text/html"])
    def test_an_answer_that_is_no_json_object_is_unexpected(self, serve, connect, body, content_type):
        server = serve(Answer(body=body, headers={"Content-Type": content_type}))
        with pytest.raises(UnexpectedAnswer) as raised:
            connect(server).search("accounts")
        assert raised.value.status == 200
        assert len(server.requests) == 1

    def test_an_answer_without_content_type_is_named_as_such(self, serve, connect):
        raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"
        with pytest.raises(UnexpectedAnswer, match="no content type"):
            connect(serve(Answer(raw=raw))).read("auth", "validate")

    @pytest.mark.parametrize(
        "content_type", ["application/json", "application/json; charset=latin-1", "text/plain"]
    )
    def test_json_is_utf8_whatever_the_content_type_says(self, serve, connect, content_type):
        body = json.dumps({"name": "Müller 株"}, ensure_ascii=False).encode()
        server = serve(Answer(body=body, headers={"Content-Type": content_type}))
        assert connect(server).read("accounts", "acc_1") == {"name": "Müller 株"}

    def test_a_delete_may_be_answered_with_nothing(self, serve, connect):
        no_content = Answer(raw=b"HTTP/1.1 204 No Content\r\n\r\n")
        client = connect(serve(no_content, Answer(body=b"")))
        assert client.delete("accounts", "acc_1") == {}
        assert client.delete("accounts", "acc_1") == {}

    def test_the_server_time_is_learned_from_the_date_header(self, serve, connect):
        client = connect(serve(Answer(headers={"Date": "Tue, 01 Jan 2030 12:00:00 GMT"})))
        client.read("auth", "validate")
        assert client.server_time().isoformat().startswith("2030-01-01T12:00")

    @pytest.mark.parametrize("date", ["", "now", "Tue, 99 Jan 2030 12:00:00 GMT", "\xff"])
    def test_a_date_header_of_another_form_is_passed_over(self, serve, connect, date):
        client = connect(serve(Answer(headers={"Date": date})))
        client.read("auth", "validate")
        assert client.server_time().utcoffset() is not None

    def test_a_date_header_with_another_offset_is_the_same_instant(self, serve, connect):
        client = connect(serve(Answer(headers={"Date": "Tue, 01 Jan 2030 14:00:00 +0200"})))
        client.read("auth", "validate")
        assert client.server_time().isoformat().startswith("2030-01-01T12:00")


class TestThreads:
    def test_32_threads_share_one_client_and_each_gets_its_own_answer(self, serve, connect):
        server = serve(Answer(headers={"X-RateLimit-Limit": "100000"}))
        server._next = lambda request: (  # the answer names the request
            server.requests.append(request) or Answer(
                body={"path": request.target, "body": request.body.decode()},
                headers={"X-RateLimit-Limit": "100000"},
            )
        )  # fmt: skip
        client = connect(server)
        client.read("auth", "validate")
        together = threading.Barrier(32)

        def work(number: int) -> None:
            together.wait(300)
            for turn in range(5):
                identity = f"acc_{number}_{turn}"
                assert client.read("accounts", identity)["path"] == f"/v1/accounts/{identity}"
                answer = client.write("accounts", body={"id": identity})
                assert json.loads(answer["body"]) == {"id": identity}

        with ThreadPoolExecutor(32) as pool:
            list(pool.map(work, range(32)))
        assert len(server.requests) == 1 + 32 * 10
        keys = [key for request in server.requests if (key := request.header("Idempotency-Key"))]
        assert len(set(keys)) == 32 * 5
