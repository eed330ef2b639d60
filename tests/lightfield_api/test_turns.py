"""A thread keeps its turn until it is about to wait."""

from __future__ import annotations

import threading

from lightfield_api.turns import Turns


def test_who_never_waits_keeps_the_turn() -> None:
    turns, passed_on = Turns(), []
    assert turns.keeps(lambda: None, lambda: passed_on.append(1))
    turns.give_up()  # outside of a turn there is none to give up
    assert passed_on == []


def test_who_waits_gives_it_up_once() -> None:
    turns, passed_on = Turns(), []

    def work() -> None:
        turns.give_up()
        turns.give_up()

    assert not turns.keeps(work, lambda: passed_on.append(1))
    assert passed_on == [1]


def test_the_turn_is_that_of_one_thread() -> None:
    turns, passed_on = Turns(), []

    def work() -> None:
        other = threading.Thread(target=turns.give_up)
        other.start()
        other.join(300)

    assert turns.keeps(work, lambda: passed_on.append(1))
    assert passed_on == []
