"""What the names of a source's streams and columns say: ``crm_companies`` are accounts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from target_lightfield.migration.synonyms import AROUND, STREAMS
from target_lightfield.presets.converted import compared

_WORD = re.compile(r"[^\W_]+")
_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BEHIND = ("value", "values", "ids", "id", "keys", "key", "ref", "emails", "email", "names", "name", "c")


def words_of(name: str) -> Sequence[str]:
    """Return the words of a name: ``dealCompany_associations`` as deal, company, associations."""
    return [compared(word) for word in _WORD.findall(_CAPITALS.sub("_", name))]


def target_named(stream: str) -> str | None:
    """Return Lightfield's stream that a stream is called like; None if there is none."""
    words = [word for word in words_of(stream) if word not in AROUND]
    for name in (compared(stream), "".join(words)):
        for target, names in STREAMS.items():
            if name in names:
                return target
    return None


def targets_within(stream: str) -> Sequence[str]:
    """Return Lightfield's streams that words of a name mean, in their order: of a stream of pairs two."""
    words = words_of(stream)
    return [target for word in words for target, names in STREAMS.items() if word in names]


def custom_object_named(stream: str, custom_objects: Mapping[str, Sequence[str]]) -> str | None:
    """Return the custom object that a stream is called like; None if there is none, or more than one."""
    said = (word for word in words_of(stream.removesuffix("__c")) if word not in AROUND and word.isalpha())
    own = {*_forms(compared(stream)), *_forms("".join(said))} - {""}
    found = [
        target
        for target, names in custom_objects.items()
        if own & {form for name in names for form in _forms(compared(name))}
    ]
    return found[0] if len(found) == 1 else None


def stems(column: str) -> Sequence[str]:
    """Return what a column may refer to, the most of its name first.

    ``crm_owner_id``, ``crm_owner.email`` and ``crmOwnerName`` mean ``crmowner`` and ``owner``.
    """
    whole = compared(column)
    words = list(words_of(column))
    found = [whole]
    while words and words[-1] in _BEHIND and len(words) > 1:
        words.pop()
    found += ["".join(words[place:]) for place in range(len(words))]
    for _ in range(3):  # of names without capitals: ownerid
        ending = next((end for end in _BEHIND if whole.endswith(end) and len(whole) > len(end) + 2), None)
        if ending is None:
            break
        whole = whole.removesuffix(ending)
        found.append(whole)
    return list(dict.fromkeys(found))


def forms_of(stream: str) -> Sequence[str]:
    """Return the names by which columns refer to a stream: its own, in the singular too."""
    return list(_forms(compared(stream)))


def short_names(columns: Sequence[str], stream: str) -> Iterator[tuple[str, str]]:
    """Yield columns by what is left of their names without what they all begin with.

    ``hs_task_subject`` of a stream ``tasks`` is ``subject``: half of the columns begin with ``hs``, and what
    they are of is the stream.
    """
    begins = Counter(words_of(name)[0] for name in columns if len(words_of(name)) > 1)
    around = {word for word, number in begins.items() if number > 2 and 2 * number >= len(columns)}
    around |= {form for name in (stream, *words_of(stream)) for form in _forms(compared(name))}
    for name in columns:
        words = list(words_of(name))
        while len(words) > 1 and words[0] in around:
            words.pop(0)
            yield "_".join(words), name


def _forms(name: str) -> Iterator[str]:
    yield name
    if name.endswith("ies"):
        yield f"{name[:-3]}y"
    if name.endswith("s"):
        yield name[:-1]
