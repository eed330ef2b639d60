"""Who took part in a meeting or an email: members of the workspace, and people from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightfield_sandbox.store.records import FULL, METADATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightfield_sandbox.rules.edits import Edit
    from lightfield_sandbox.schema.ids import IdSource
    from lightfield_sandbox.store.store import Store


_MAILBOXES = (FULL, METADATA, None)


def member_addresses(store: Store) -> set[str]:
    """The members' email addresses, casefolded."""
    return {str(member.fields.get("$email", "")).casefold() for member in store.all_records("member")}


def privacy(store: Store, addresses: set[str]) -> str:
    """The most permissive setting among the mailboxes of those members who are among casefolded addresses.

    Of the members in the order in which they came, every third one shares the metadata of the mailbox only,
    and every third has connected none.
    """
    members = sorted(store.all_records("member"), key=lambda member: member.order)
    settings = {
        _MAILBOXES[number % len(_MAILBOXES)]
        for number, member in enumerate(members)
        if str(member.fields.get("$email", "")).casefold() in addresses
    }
    return FULL if FULL in settings else METADATA


def external(store: Store, addresses: Iterable[str | None]) -> list[str]:
    """The addresses that are of no member, each once."""
    inside = member_addresses(store)
    outside = [address for address in addresses if address and address.casefold() not in inside]
    return list({address.casefold(): address for address in outside}.values())


def contacts_of(
    store: Store, edit: Edit, addresses: Iterable[str], ids: IdSource | None
) -> tuple[list[str], list[str]]:
    """The ids of the contacts with these addresses, and the types of the records made for them.

    With `ids`, contacts and accounts are made for addresses that nobody knows yet.
    """
    found: list[str] = []
    made: list[str] = []
    new_accounts: dict[str, str] = {}
    for address in addresses:
        contact = store.holder("contact", "$email", address.casefold())
        if contact is None and ids is not None:
            contact = _new_contact(store, edit, address, ids, new_accounts)
            made.append("contact")
        if contact is not None:
            found.append(contact)
    return found, made + ["account"] * len(new_accounts)


def _new_contact(store: Store, edit: Edit, email: str, ids: IdSource, new_accounts: dict[str, str]) -> str:
    """Draft a contact, in the account of its domain; `new_accounts` are those drafted so far, by domain."""
    domain = email.rpartition("@")[2].casefold()
    account_id = store.holder("account", "$website", domain) or new_accounts.get(domain)
    if account_id is None:
        account = edit.create("account", ids.new("acc_"))
        account.set_field("$name", domain.partition(".")[0].capitalize())
        account.set_field("$website", [domain])
        account_id = new_accounts[domain] = account.id
    contact = edit.create("contact", ids.new("con_"))
    contact.set_field("$email", [email])
    edit.link(contact, store.definitions["contact"].slots["$account"], account_id)
    return contact.id
