"""What an undo can't take back, and what else a person should know before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lightfield_api.resources import Resource
from lightfield_api.words import count
from target_lightfield.id_map.journal_entries import KeptRun, WriteKind

_PEOPLE = ("accounts", "contacts")
_WITH_PEOPLE = ("meetings", "emails")

Kinds = Mapping[tuple[str, WriteKind], int]
"""How many writes there are, by object and kind."""


def notes(run: KeptRun, kinds: Kinds) -> Iterator[str]:
    """Yield what to know before a run is undone."""

    def made(*names: str) -> int:
        kept = (WriteKind.CREATED, WriteKind.RESTORED)
        return sum(kinds.get((name, kind), 0) for name in names for kind in kept)

    if made(*_PEOPLE):
        yield (
            "Lightfield puts deleted accounts and contacts on the workspace's block list: it does not make "
            "them again from email and calendar."
        )
    if files := made("files"):
        yield f"{count('file', files, 'stays', 'stay')}: Lightfield's API deletes none."
    if lists := kinds.get(("lists", WriteKind.TRASHED)):
        yield f"{count('list', lists, 'stays', 'stay')} in the trash: the API takes none out of it."
    if made("meetings"):
        yield "Only its participants and the workspace's admins may delete a meeting: others stay."
    if run.settings.get("auto_create_records") and made(*_WITH_PEOPLE):
        yield "Records that Lightfield made by itself of people in meetings and emails stay."
    if run.settings.get("skip_enrichment") is False and made(*_PEOPLE):
        yield "Enrichments that were started stay billed."
    yield "What people have merged stays merged, and a record in the trash keeps its links."


def missing_scopes(
    kinds: Kinds, resource_of: Callable[[str], Resource | None], allows: Callable[[str], bool]
) -> list[str]:
    """Return the scopes that taking these writes back needs and the API key lacks.

    Args:
        kinds: The writes.
        resource_of: Returns the resource of an object; None of one that the workspace has no more.
        allows: Whether the API key has a scope, such as ``accounts:update``.
    """
    needed = set()
    for name, kind in kinds:
        resource = resource_of(name)
        if resource is None:
            continue
        needed.add(resource.scope("read"))
        if kind in (WriteKind.CREATED, WriteKind.RESTORED) and resource.deletable:
            needed.add(resource.scope("delete"))
        if kind is WriteKind.TRASHED and resource.restorable:
            needed.add(resource.scope("restore"))
        if kind in (WriteKind.CHANGED, WriteKind.LISTED):
            needed.add(resource.scope("update"))
    return sorted(scope for scope in needed if not allows(scope))
