"""Numbers of things, as one says them.

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
