"""Seeds the records of the custom object types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightfield_sandbox.seed import words
from lightfield_sandbox.seed.builder import Builder

if TYPE_CHECKING:
    from lightfield_sandbox.store.records import Record


class CustomBuilder(Builder):
    """Makes subscriptions and office locations of the accounts."""

    def subscription(self, record: Record, number: int) -> None:
        """What an account pays for."""
        account = self.nth("account", number)
        name = account.fields["$name"] if account else "Unknown"
        stage = self.pick(self.definitions["subscription"].fields["$stage"].options)
        record.fields.update({"$name": f"{name} #{number + 1}", "$stage": stage.id})
        optional: dict[str, tuple[float, Any]] = {
            "seats": (0.9, 5 + int(self.random() * 400)),
            "mrr": (0.8, round(self.random() * 9_000, 2)),
            "autoRenew": (0.7, number % 3 > 0),
            "invoiceUrl": (0.5, f"https://invoices.lightfield-demo.example/{number}"),
        }
        self.optional(record.fields, optional)
        self.selects(record, {"plan": 0.9, "modules": 0.6})
        self.moments(record, {"startedAt": 0.9})
        self.texts(record, {"terms": 0.3})
        self.link(record, "account", account)
        people = account.links.get("$contact", ()) if account else ()
        for person in people[: number % 3]:
            self.link(record, "billing-contacts", self.by_id[person])
        if number % 5 == 4:
            self.link(record, "successor:asSource", self.made["subscription"][number - 1])

    def office_location(self, record: Record, number: int) -> None:
        """Where an account's people sit."""
        account = self.nth("account", number)
        city = words.CITIES[number % len(words.CITIES)][0]
        record.fields.update({"$name": f"{city} office", "site-code": f"SITE-{number:05d}"})
        optional: dict[str, tuple[float, Any]] = {
            "phone": (0.6, [f"+4940{2_000_000 + number}"]),
            "reception": (0.5, f"reception{number}@offices.example"),
            "desks": (0.8, 10 + number * 3),
            "manager": (
                0.5,
                {"firstName": self.pick(words.FIRST_NAMES), "lastName": self.pick(words.LAST_NAMES)},
            ),
        }
        self.optional(record.fields, optional)
        self.addresses(record.fields, "address", 0.8)
        self.handles(record, "company", f"site-{number}")
        self.moments(record, {"opened-on": 0.5})
        self.link(record, "company", account)
        if number % 2:
            self.link(record, "subscriptions", self.nth("subscription", number))
