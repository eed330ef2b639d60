"""Seeds opportunities, meetings, tasks and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.timestamps import iso
from lightfield_sandbox.seed import words
from lightfield_sandbox.seed.builder import DAY, Builder
from lightfield_sandbox.store.records import FULL, METADATA

if TYPE_CHECKING:
    from lightfield_sandbox.store.records import Record


class ActivityBuilder(Builder):
    """Makes opportunities, meetings, tasks and notes around the companies."""

    def opportunity(self, record: Record, number: int) -> None:
        """A deal with one of the companies."""
        account = self.nth("account", number)
        name = account.fields["$name"] if account else "Unknown"
        record.fields["$name"] = f"{name} / {self.pick(words.DEAL_KINDS)}"
        if self.random() < 0.95:
            stage = self.pick(self.definitions["opportunity"].fields["$stage"].options)
            record.fields["$stage"] = stage.id
        optional: dict[str, tuple[float, Any]] = {
            "$amount": (0.85, round(self.random() * 500_000, 2)),
            "$nextStep": (0.5, self.pick(words.NEXT_STEPS)),
            "$closeReason": (0.2, self.pick(words.CLOSE_REASONS)),
            "probability": (0.6, int(self.random() * 100)),
            "stage": (0.2, f"{number % 5}-legacy"),
            "discount": (0.2, round(self.random() * 9_000, 2)),
            "contractUrl": (0.2, f"https://contracts.lightfield-demo.example/{number}"),
            "won-call-recorded": (0.3, number % 2 == 0),
        }
        self.optional(record.fields, optional)
        self.selects(record, {"competitors": 0.3})
        self.texts(record, {"$opportunityStatus": 0.5})
        self.moments(record, {"$closeDate": 0.7})
        self.link(record, "$account", account)
        self.link(record, "$owner", self.some("member", 0.9))
        self.link(record, "$createdBy", self.some("member", 1))
        people = account.links.get("$contact", ()) if account else ()
        if people:
            self.link(record, "$champion", self.by_id[people[number % len(people)]])
            for person in people[1:3]:
                self.link(record, "$evaluator", self.by_id[person])
        if self.random() < 0.15:
            self.link(record, "partners", self.nth("account", number + 3))

    def meeting(self, record: Record, number: int) -> None:
        """A past meeting with people of one company; one in ten is private."""
        account = self.nth("account", number)
        organizer = self.some("member", 1)
        starts = record.created_ms - int(self.random() * 30 * DAY)
        fields = record.fields
        fields["$title"] = f"{self.pick(words.MEETING_TITLES)} #{number}"
        fields["$startDate"], fields["$endDate"] = iso(starts), iso(starts + 45 * 60_000)
        people = [self.by_id[held] for held in (account.links.get("$contact", ())[:4] if account else ())]
        attendees = [address for person in people for address in person.fields.get("$email", ())[:1]]
        if organizer is not None:
            fields["$organizerEmail"] = organizer.fields["$email"]
            attendees.append(organizer.fields["$email"])
        if attendees:
            fields["$attendeeEmails"] = attendees
        optional: dict[str, tuple[float, Any]] = {
            "$description": (0.6, f"Agenda:\n{self.pick(words.NEXT_STEPS)}"),
            "$meetingUrl": (0.5, f"https://meet.example/{number}"),
        }
        self.optional(fields, optional)
        self.texts(record, {"$meetingPrep": 0.4, "$postMeetingSummary": 0.6})
        record.access = METADATA if self.random() < 0.1 else FULL
        fields["$privacySetting"] = record.access
        for person in people:
            if person.fields.get("$email"):
                self.link(record, "$contact", person)
                for held in person.links.get("$account", ()):
                    self.link(record, "$account", self.by_id[held])
        for held in record.links.get("$account", ()):
            for deal in self.by_id[held].links.get("$opportunity", ()):
                self.link(record, "$opportunity", self.by_id[deal])

    def task(self, record: Record, number: int) -> None:
        """Something that a member has to do."""
        status = self.definitions["task"].fields["$status"]
        record.fields.update(
            {"$title": self.pick(words.TASK_TITLES), "$status": self.pick(status.options).id}
        )
        self.texts(record, {"$description": 0.4})
        self.moments(record, {"$dueAt": 0.7})
        self.link(record, "$assignedTo", self.some("member", 1))
        self.link(record, "$createdBy", self.some("member", 0.9))
        deal = self.nth("opportunity", number) if self.random() < 0.5 else None
        self.link(record, "$opportunity", deal)
        account = self.by_id[deal.links["$account"][0]] if deal and "$account" in deal.links else None
        self.link(record, "$account", account or self.nth("account", number))

    def note(self, record: Record, number: int) -> None:
        """A note, from a few lines to several pages."""
        record.fields["$title"] = self.pick(words.NOTE_TITLES)
        record.fields["$content"] = "\n".join(
            self.pick(words.MARKDOWN_BLOCKS) for _ in range((1 + number % 6) ** 2)
        )
        self.link(record, "$account", self.nth("account", number))
        for object_type, chance in (("contact", 0.6), ("opportunity", 0.4), ("meeting", 0.2)):
            if self.random() < chance:
                self.link(record, f"${object_type}", self.nth(object_type, number))
