"""The participants of meetings and emails: members of the workspace, and people from outside."""

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
    """The most permissive setting of the mailboxes of some members, given by their casefolded addresses.

    Nothing seeded says what a mailbox shares, so it goes by turns: the oldest member's is open, the next
    one's shares metadata only, the third member has connected none, and so on.
    """
    members = sorted(store.all_records("member"), key=lambda member: member.order)
    settings = {
        _MAILBOXES[number % len(_MAILBOXES)]
        for number, member in enumerate(members)
        if str(member.fields.get("$email", "")).casefold() in addresses
    }
    return FULL if FULL in settings else METADATA


def external(store: Store, addresses: Iterable[str | None]) -> list[str]:
    """The addresses that no member has, each once."""
    inside = member_addresses(store)
    outside = [address for address in addresses if address and address.casefold() not in inside]
    return list({address.casefold(): address for address in outside}.values())


def contacts_of(
    store: Store, edit: Edit, addresses: Iterable[str], ids: IdSource | None
) -> tuple[list[str], list[str]]:
    """The contacts with these addresses; those that are missing can be made.

    Args:
        store: The records of the workspace.
        edit: The write.
        addresses: Email addresses of people from outside.
        ids: Ids for new contacts and accounts; None to make none.

    Returns:
        The ids of the contacts, and the types of the records made.
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
    """Draft a contact, and the account of its domain if neither the store nor `new_accounts` has one."""
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
