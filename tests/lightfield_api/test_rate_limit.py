"""One budget for each category, learned from the headers, shared by all threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightfield_api.rate_limit import PUBLISHED_LIMIT, RateLimit
from tests.lightfield_api.conftest import Answer


def sent_at(limit: RateLimit, clock, count: int, category="read") -> list[float]:
    """Return when each of so many requests may be sent."""
    times = []
    for _ in range(count):
        limit.acquire(category)
        times.append(clock.now)
    return times


def most_in_a_second(times: list[float]) -> int:
    return max(sum(1 for other in times if time <= other < time + 1) for time in times)


def granted(limit: object) -> dict[str, str]:
    return {"X-RateLimit-Limit": str(limit)}


@pytest.mark.parametrize("per_second", [1, 2, 5, 25, 100, 1000])
def test_no_second_sees_more_requests_than_granted_and_few_less(clock, per_second):
    limit = RateLimit()
    limit.learn("read", granted(per_second))
    clock.sleep(10)
    times = sent_at(limit, clock, int(per_second * 3) + 2)
    assert most_in_a_second(times) <= per_second
    assert (len(times) - 1) / (times[-1] - times[0]) >= per_second * 0.95


@pytest.mark.parametrize("per_second", [5, 25, 100])
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(late=st.lists(st.floats(0, 3), min_size=1, max_size=5), idle=st.floats(0, 5))
def test_threads_that_wake_late_do_not_overdraw_the_budget(clock, per_second, late, idle):
    limit = RateLimit()
    limit.learn("read", granted(per_second))
    clock.sleep(idle)
    times = []
    for number in range(per_second * 4):
        limit.acquire("read")
        times.append(clock.now)
        clock.sleep(late[number % len(late)] / per_second)
    assert most_in_a_second(times) <= per_second


def test_before_the_first_answer_the_published_limit_holds(clock):
    assert most_in_a_second(sent_at(RateLimit(), clock, 100)) <= PUBLISHED_LIMIT


def test_each_category_has_a_budget_of_its_own(clock):
    limit = RateLimit()
    start = clock.now
    for category in ("read", "search", "write"):
        limit.acquire(category)
    assert clock.now == start


def test_what_one_category_is_granted_is_presumed_for_those_not_heard_of(clock):
    limit = RateLimit()
    limit.learn("read", granted(2))
    assert most_in_a_second(sent_at(limit, clock, 10, "write")) <= 2
    limit.learn("write", granted(50))
    limit.learn("read", granted(3))
    assert most_in_a_second(sent_at(limit, clock, 100, "write")) > 25
    assert most_in_a_second(sent_at(limit, clock, 10, "read")) <= 3


def test_a_lower_limit_holds_from_the_next_request(clock):
    limit = RateLimit()
    limit.learn("read", granted(100))
    sent_at(limit, clock, 10)
    limit.learn("read", granted(2))
    times = sent_at(limit, clock, 5)
    assert most_in_a_second([clock.now - 1000, *times]) <= 2
    assert times[1] - times[0] >= 0.5


def test_a_lower_limit_holds_for_a_thread_that_already_waits(clock):
    limit = RateLimit()
    limit.learn("read", granted(10))
    limit.acquire("read")
    start = clock.now
    clock.during_a_wait(start + 0.05, lambda: limit.learn("read", granted(1)))
    limit.acquire("read")
    assert clock.now - start >= 1


def test_a_higher_limit_wakes_a_thread_that_already_waits(clock):
    limit = RateLimit()
    limit.learn("read", granted(0.1))
    limit.acquire("read")
    start = clock.now
    clock.during_a_wait(start + 1, lambda: limit.learn("read", granted(100)))
    limit.acquire("read")
    assert clock.now - start == 1


def test_a_pause_holds_for_a_thread_that_already_waits(clock):
    limit = RateLimit()
    limit.acquire("read")
    start = clock.now
    clock.during_a_wait(start + 0.01, lambda: limit.pause("read", 5))
    limit.acquire("read")
    assert clock.now - start >= 5


def test_a_higher_limit_does_not_cut_a_pause_short(clock):
    limit = RateLimit()
    limit.learn("read", granted(0.5))
    limit.acquire("read")
    start = clock.now
    limit.pause("read", 5)
    limit.learn("read", granted(100))
    limit.acquire("read")
    assert clock.now - start >= 5


def test_a_shorter_pause_does_not_end_a_longer_one(clock):
    limit = RateLimit()
    start = clock.now
    limit.pause("read", 5)
    limit.pause("read", 1)
    limit.acquire("read")
    assert clock.now - start >= 5


def test_a_pause_stops_no_other_category(clock):
    limit = RateLimit()
    start = clock.now
    limit.pause("write", 60)
    limit.acquire("read")
    limit.acquire("search")
    assert clock.now == start


def test_requests_per_second_caps_what_is_granted(clock):
    limit = RateLimit(4)
    limit.learn("read", granted(100))
    assert most_in_a_second(sent_at(limit, clock, 40)) <= 5
    times = sent_at(limit, clock, 40)
    assert (len(times) - 1) / (times[-1] - times[0]) == pytest.approx(4)


def test_requests_per_second_never_lifts_what_is_granted(clock):
    limit = RateLimit(1000)
    limit.learn("read", granted(2))
    assert most_in_a_second(sent_at(limit, clock, 10)) <= 2


@pytest.mark.parametrize("ceiling", [0, -1, float("nan"), 0.0])
def test_a_ceiling_that_lets_nothing_through_is_refused(ceiling):
    with pytest.raises(ValueError, match="requests_per_second"):
        RateLimit(ceiling)


@pytest.mark.parametrize("text", ["0", "-1", "", "many", "nan", "inf", "-inf", "25;w=1", "25, 25", "\xff"])
def test_a_limit_that_is_no_limit_changes_nothing(clock, text):
    limit = RateLimit()
    limit.learn("read", granted(2))
    limit.learn("read", granted(text))
    limit.learn("read", {})
    times = sent_at(limit, clock, 10)
    assert most_in_a_second(times) <= 2
    assert times[-1] - times[0] < 6


def test_a_tiny_limit_waits_without_an_error(clock):
    limit = RateLimit()
    limit.learn("read", granted("1e-300"))
    limit.acquire("read")
    clock.during_a_wait(clock.now + 5, lambda: limit.learn("read", granted(25)))
    limit.acquire("read")


def test_a_wait_is_one_wait_not_a_loop(clock):
    sent_at(RateLimit(), clock, 50)
    assert len(clock.waits) == 49


def test_the_limit_of_an_error_answer_is_learned_too(serve, connect, clock):
    client = connect(serve(Answer(429, headers={"X-RateLimit-Limit": "2"}), Answer()))
    client.read("auth", "validate")
    assert most_in_a_second(sent_at(client._rate_limit, clock, 10)) <= 2


@pytest.mark.parametrize("news", ["learn", "presume"])
def test_a_waiting_thread_is_woken_by_a_higher_limit(monkeypatch, news):
    waiting = threading.Event()

    class Condition(threading.Condition):
        def wait(self, timeout: float | None = None) -> bool:
            waiting.set()
            return super().wait(timeout)

    monkeypatch.setattr(threading, "Condition", Condition)
    limit = RateLimit()
    monkeypatch.undo()
    limit.learn("write", granted(0.001))
    limit.acquire("read")
    thread = threading.Thread(target=limit.acquire, args=("read",), daemon=True)
    thread.start()
    assert waiting.wait(300)
    limit.learn("read" if news == "learn" else "write", granted(1000))
    thread.join(300)
    assert not thread.is_alive()


def test_8_threads_stay_within_what_the_server_grants(start_sandbox, connect):
    sandbox = start_sandbox(rate_limit=25)
    answered = _searched_by_8_threads(connect(sandbox.url, sandbox.key, max_connections=8), 60)
    stats = sandbox.stats()
    assert answered == stats["requests"]["search"]["200"] == 60
    # Requests leave evenly spaced; only a busy machine can bunch a few of them at the server's door.
    assert stats["requests"]["search"].get("429", 0) <= 3, stats


def test_8_threads_adapt_to_a_limit_they_could_not_know(start_sandbox, connect):
    sandbox = start_sandbox(rate_limit=10)
    client = connect(sandbox.url, sandbox.key, max_connections=8)
    client.search("accounts")
    assert _searched_by_8_threads(client, 25) == 25
    assert sandbox.stats()["requests"]["search"].get("429", 0) <= 2


def test_8_threads_with_a_ceiling_of_their_own_never_reach_the_servers(start_sandbox, connect):
    sandbox = start_sandbox(rate_limit=25)
    client = connect(sandbox.url, sandbox.key, max_connections=8, requests_per_second=10)
    assert _searched_by_8_threads(client, 25) == 25
    stats = sandbox.stats()
    assert stats["requests"]["search"] == {"200": 25}
    assert stats["peak_per_second"]["search"] < 20


def _searched_by_8_threads(client, count: int) -> int:
    with ThreadPoolExecutor(8) as pool:
        return len(list(pool.map(lambda _: client.search("accounts", params={"limit": 1}), range(count))))
