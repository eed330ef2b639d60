"""Threads have their turn one after the other, and side by side once they have given it up."""

from __future__ import annotations

import threading

from lightfield_api.turns import Turns


def test_one_thread_has_its_turn_at_a_time() -> None:
    turns, at_once, most, lock = Turns(), [0], [0], threading.Lock()

    def work() -> None:
        for _ in range(200):
            with turns.taken():
                with lock:
                    at_once[0] += 1
                    most[0] = max(most[0], at_once[0])
                with lock:
                    at_once[0] -= 1

    _together(work, work, work)
    assert most == [1]


def test_who_gives_up_a_turn_lets_the_next_one_begin_and_goes_on_beside_it() -> None:
    turns, both = Turns(), threading.Barrier(2, timeout=300)

    def work() -> None:
        with turns.taken():
            turns.give_up()
            both.wait()  # one alone would break it
            turns.give_up()  # once more does no harm, whoever has the turn now

    _together(work, work)
    with turns.taken():
        pass


def test_a_thread_without_a_turn_has_none_to_give_up() -> None:
    turns, done = Turns(), threading.Event()
    with turns.taken():
        other = threading.Thread(target=lambda: (turns.give_up(), done.set()))
        other.start()
        assert done.wait(300)
        waiting = threading.Thread(target=lambda: _take(turns))
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(300)
    other.join(300)


def _take(turns: Turns) -> None:
    with turns.taken():
        pass


def _together(*works: object) -> None:
    threads = [threading.Thread(target=work) for work in works]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
        assert not thread.is_alive()
