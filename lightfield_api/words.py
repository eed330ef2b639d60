"""Numbers of things and lengths of time, as one says them.

``count("record", 1)`` → "1 record", ``count("link", 2000, "waits", "wait")`` → "2,000 links wait"
"""

from __future__ import annotations


def count(noun: str, number: int, verb_of_one: str = "", verb_of_many: str = "") -> str:
    """Return the number with its noun, and with the verb that agrees.

    Args:
        noun: What is counted, in the singular; its plural ends in s.
        number: How many.
        verb_of_one: What one does, or is.
        verb_of_many: What many do.
    """
    if number == 1:
        return f"1 {noun} {verb_of_one}".rstrip()
    return f"{number:,} {noun}s {verb_of_many}".rstrip()


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units: "1 h 5 min", "12 min 3 s", "40 s"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
