"""Seeds emails, channels, messages and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE
from lightfield_sandbox.schema.timestamps import iso
from lightfield_sandbox.seed import words
from lightfield_sandbox.seed.builder import DAY, Builder, append
from lightfield_sandbox.store.records import API, FULL, METADATA

if TYPE_CHECKING:
    from lightfield_sandbox.store.records import Record

# Name, type and number of members. Old lists have their type without the dollar sign.
_LISTS = (
    ("Target accounts", "$account", 9),
    ("Newsletter", "$contact", 60),
    ("Q4 commit", "$opportunity", 30),
    ("Conference 2021", "account", 30),
    ("Nobody yet", "$contact", 0),
    ("Beta testers", "contact", 26),
)


class MailBuilder(Builder):
    """Makes emails, channels, messages and lists."""

    def email(self, record: Record, number: int) -> None:
        """An email between a member and a contact; one in five is private, one in four was logged by hand."""
        inside = _address(self.some("member", 1)) or f"nobody@{words.COMPANY_DOMAIN}"
        outside = _address(self.nth("contact", number)) or f"person{number}@mail.example"
        sender, recipient = (inside, outside) if number % 2 else (outside, inside)
        thread = number // 3
        subject = words.EMAIL_SUBJECTS[thread % len(words.EMAIL_SUBJECTS)]
        fields = record.fields
        fields.update(
            {
                "$subject": f"{'Re: ' * (number % 3 > 0)}{subject}",
                "$from": sender,
                "$to": [recipient],
                "$sentAt": iso(record.created_ms - int(self.random() * 90 * DAY)),
                "$body": self.pick(words.EMAIL_BODIES),
                "$threadId": f"thr_{thread:07d}",
                "messageId": f"{number}.{record.id[4:12].casefold()}@mail.example",
            }
        )
        optional: dict[str, tuple[float, Any]] = {
            "$cc": (0.3, [f"team@{words.COMPANY_DOMAIN}", "legal@mail.example"][: 1 + number % 2]),
            "$bcc": (0.1, [f"archive@{words.COMPANY_DOMAIN}"]),
        }
        self.optional(fields, optional)
        self._private(record, 0.2)
        fields["$privacySetting"] = record.access
        if number % 4 == 3:
            record.origin = API

    def channel(self, record: Record, number: int) -> None:
        """A chat channel."""
        name, provider = words.CHANNELS[number % len(words.CHANNELS)]
        suffix = f"-{number}" if number >= len(words.CHANNELS) else ""
        record.fields.update({"$name": name + suffix, "$provider": provider, "$isPrivate": number % 4 == 3})
        if number % 2:
            self.link(record, "$account", self.nth("account", number))

    def message(self, record: Record, number: int) -> None:
        """A chat message; one in ten is private."""
        sender = self.some("member" if number % 2 else "contact", 1)
        name = (sender.fields.get("$name") if sender else None) or {}
        full_name = " ".join(filter(None, (name.get("firstName"), name.get("lastName"))))
        record.fields.update(
            {
                "$text": self.pick(words.CHAT_LINES),
                "$sentAt": iso(record.created_ms - int(self.random() * DAY)),
                "$senderName": full_name or "Unknown",
                "$threadId": f"{number // 4:06d}.{record.created_ms % 1000:03d}",
            }
        )
        address = _address(sender)
        if address:
            record.fields["$senderEmail"] = address
        self._private(record, 0.1)
        self.link(record, "$channel", self.some("channel", 1))

    def list(self, record: Record, number: int) -> None:
        """A list of records of one type."""
        name, object_type, size = _LISTS[number % len(_LISTS)]
        suffix = f" {number}" if number >= len(_LISTS) else ""
        record.fields.update({"$name": name + suffix, "$objectType": object_type})
        if number % 2 == 0:
            record.fields["$description"] = f"{name}: kept by hand"
        if number == 0:
            record.fields["$kind"] = "target"
        bare = object_type.removeprefix("$")
        made = self.made[bare]
        for place in range(min(size, len(made))):
            append(record, f"${BY_OBJECT_TYPE[bare].path}", made[(number + place) % len(made)].id)

    def _private(self, record: Record, chance: float) -> None:
        """Give a record METADATA access by chance, as if somebody had done so some time after it was made."""
        record.access = METADATA if self.random() < chance else FULL
        if record.access == METADATA:
            record.updated_ms = record.created_ms + int(self.random() * DAY) + 1


def _address(record: Record | None) -> str | None:
    held = record.fields.get("$email") if record else None
    return held[0] if isinstance(held, list) else held
