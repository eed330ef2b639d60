"""Seeds members, companies and their people."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.seed import words
from lightfield_sandbox.seed.builder import DAY, FIRST_DAY, Builder, append

if TYPE_CHECKING:
    from lightfield_sandbox.store.records import Record

_WITHOUT_ACCOUNT = 0.05
_SECOND_ACCOUNT = 0.04


class CompaniesBuilder(Builder):
    """Makes members, accounts and contacts."""

    def member(self, record: Record, number: int) -> None:
        """A person of the company that uses the workspace. Every seed has the same ones."""
        first, last = words.MEMBERS[number % len(words.MEMBERS)]
        suffix = "" if number < len(words.MEMBERS) else str(number)
        record.fields.update(
            {
                "$name": {"firstName": first, "lastName": last + suffix},
                "$email": f"{_slug(first)}.{_slug(last)}{suffix}@{words.COMPANY_DOMAIN}",
                "$role": "admin" if number == 0 else self.pick(words.ROLES),
            }
        )
        record.created_ms = FIRST_DAY + number * DAY
        record.updated_ms = record.created_ms + DAY if number % 3 else None
        if number % 2:
            record.fields["$profileImage"] = f"https://images.lightfield-demo.example/{number}.png"
        append(record, "$user", f"usr_{record.id[4:]}")

    def account(self, record: Record, number: int) -> None:
        """A company."""
        stem, kind = self.pick(words.COMPANY_STEMS), self.pick(words.COMPANY_KINDS)
        domain = self.free(self._domains, f"{_slug(stem)}-{_slug(kind)}", number, ".example")
        fields = record.fields
        fields["$name"] = f"{stem} {kind}{self.pick(words.COMPANY_FORMS)}"
        if self.random() < 0.9:
            fields["$website"] = [f"https://{domain}"]
            if self.random() < 0.15:
                fields["$website"].append(f"https://www.{domain.replace('.example', '-intl.example')}/en")
        self.selects(
            record, {"$industry": 0.8, "$headcount": 0.7, "$lastFundingType": 0.5, "tier": 0.6, "tags": 0.3}
        )
        self.addresses(fields, "$primaryAddress", 0.6)
        self.addresses(fields, "shippingAddress", 0.1)
        self.handles(record, "company", domain.partition(".")[0])
        self.texts(record, {"$howTheyMakeMoney": 0.5, "$accountStatus": 0.4, "account-plan": 0.2})
        self.moments(record, {"$lastInteractionAt": 0.6, "renewalDate": 0.4})
        optional: dict[str, tuple[float, Any]] = {
            "industry": (0.3, kind.lower()),
            "icp-score": (0.6, round(self.random() * 100, 1)),
            "arr": (0.4, round(self.random() * 250_000, 2)),
            "isPartner": (0.5, number % 7 == 0),
            "billingEmail": (0.3, [f"billing@{domain}", f"ap@{domain}"][: 1 + number % 2]),
            "supportPhone": (0.3, [f"+4930{1_000_000 + number}"]),
            "statusPage": (0.2, f"https://status.{domain}"),
            "execSponsor": (0.2, {"firstName": self.pick(words.FIRST_NAMES), "lastName": None}),
            "welcomePage": (0.15, f"<h1>Welcome, {stem}</h1><p>100&nbsp;% ready</p>"),
            "legacyId": (0.3, f"OLD-{number:07d}"),
        }
        self.optional(fields, optional)
        if self.random() < 0.1:
            record.external_id = f"crm-{number:06d}"
        self.link(record, "$owner", self.some("member", 0.85))
        older = len(self.made["account"]) - 2
        if older > 2 and self.random() < 0.15:
            self.link(record, "parent:asSource", self.made["account"][int(self.random() * older)])

    def contact(self, record: Record, number: int) -> None:
        """A person at one of the companies."""
        first, last = self.pick(words.FIRST_NAMES), self.pick(words.LAST_NAMES)
        fields = record.fields
        account = None if self.random() < _WITHOUT_ACCOUNT else self.nth("account", number)
        domain = _domain(account) or "mail.example"
        if self.random() < 0.95:
            fields["$name"] = {"firstName": first, "lastName": None if self.random() < 0.03 else last}
        handle = f"{_slug(first)}.{_slug(last)}"
        if self.random() < 0.93:
            fields["$email"] = [self.free(self._emails, handle, number, f"@{domain}")]
            if self.random() < 0.2:
                fields["$email"].append(self.free(self._emails, handle, number, "@home.example"))
        optional: dict[str, tuple[float, Any]] = {
            "$title": (0.7, self.pick(words.TITLES)),
            "$profilePhotoUrl": (0.2, f"https://images.{domain}/{number}.jpg"),
            "$doNotContact": (0.3, number % 11 == 0),
            "phone": (0.4, [f"+1512555{number % 10_000:04d}"]),
            "leadScore": (0.5, int(self.random() * 100)),
        }
        self.optional(fields, optional)
        self.selects(record, {"persona": 0.4, "interests": 0.2})
        self.handles(record, "in", handle.replace(".", "-"), likely=0.25)
        self.moments(record, {"$lastInteractionAt": 0.5, "lastContractSigned": 0.1})
        self.addresses(fields, "home-address", 0.05)
        self.texts(record, {"bio": 0.1})
        self.link(record, "$account", account)
        if account is not None and self.random() < _SECOND_ACCOUNT:
            self.link(record, "$account", self.nth("account", number + 7))


def _domain(account: Record | None) -> str | None:
    websites = account.fields.get("$website") if account else None
    return websites[0].removeprefix("https://") if websites else None


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().translate(words.ASCII_SPELLINGS))
    return re.sub(r"[^a-z0-9]+", "", plain) or "x"
