from __future__ import annotations

import pytest

from lightfield_api.words import count


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 records were rejected"),
        (1, "1 record was rejected"),
        (2, "2 records were rejected"),
        (12_345, "12,345 records were rejected"),
    ],
)
def test_the_noun_and_the_verb_agree_with_the_number(number: int, said: str) -> None:
    assert f"{count('record', number, 'was', 'were')} rejected" == said


def test_without_a_verb_it_is_the_number_and_the_noun() -> None:
    assert [count("link", n) for n in (1, 2)] == ["1 link", "2 links"]
