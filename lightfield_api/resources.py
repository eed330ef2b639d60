"""The table of the API's resources: where each is, which scopes it needs, what can be done with it.

API pages: "Scopes" and the page of each resource.
"""

from __future__ import annotations

from dataclasses import dataclass

from lightfield_api.definitions import FieldDefinition, ObjectDefinitions, RelationshipDefinition


@dataclass(frozen=True)
class Resource:
    """One collection of the API.

    Attributes:
        name: The collection, its scopes' name and the name of its stream: ``accounts``.
        object_type: What definitions and relationships call one record of it: ``account``.
        trashable: Its list takes ``status=trashed`` (with the ``restore`` scope).
        builtin: Its definitions, where the API has no endpoint for them.
        required: The field and relationship keys without which the API creates no record.
        read_only_relationships: Relationships that the API derives or lets only the other side write.
        enrichable: Creating one starts metered enrichment unless ``skipEnrichment`` is sent.
        slug: The object type as the customer named it, where it is a custom one.
        has_fields: Its records have ``fields``; without, their values are at the top level.
        has_relationships: Its records have ``relationships``.
        has_history: The values that its fields once had can be read.
        filterable: Its list takes filters by field.
        repeatable: Its creates take an Idempotency-Key, so that they can be sent again.
        create_path: Where its creates go, where that is not the collection.
        updatable: The fields that an update may write; None for all that are not read-only.
        only_updatable: The fields that an update may write and a create may not.
        never_null: The fields that an update empties by an empty array, since they take no null.
        in_the_past: The DATETIME fields that a create takes only if they are over.
        matched_within: The relationship within which names tell records apart, None for everywhere.
        auto_creates: A create makes records of people it does not know where ``autoCreateRecords`` is sent.
        deletable: Its records can be moved to the trash.
        restorable: They can be taken out of it again.
        former_name: What earlier releases called its stream, where that was otherwise.
    """

    name: str
    object_type: str
    trashable: bool = False
    builtin: ObjectDefinitions | None = None
    required: frozenset[str] = frozenset()
    read_only_relationships: frozenset[str] = frozenset()
    enrichable: bool = False
    slug: str | None = None
    has_fields: bool = True
    has_relationships: bool = True
    has_history: bool = False
    filterable: bool = False
    repeatable: bool = True
    create_path: tuple[str, ...] = ()
    updatable: frozenset[str] | None = None
    only_updatable: frozenset[str] = frozenset()
    never_null: frozenset[str] = frozenset()
    in_the_past: frozenset[str] = frozenset()
    matched_within: str | None = None
    auto_creates: bool = False
    deletable: bool = True
    restorable: bool = True
    former_name: str | None = None

    @property
    def lasting_name(self) -> str:
        """What every release calls its stream where that is kept: in an id map, which outlives them."""
        return self.former_name or self.name

    @property
    def path(self) -> tuple[str, ...]:
        """The path of the collection, in segments below ``/v1``."""
        return (self.name,) if self.slug is None else ("objects", self.slug)

    @property
    def record_path(self) -> tuple[str, ...]:
        """The path to which a record's id is appended."""
        return self.path if self.slug is None else (*self.path, "values")

    def scope(self, operation: str) -> str:
        """Return the scope for ``create``, ``read``, ``update``, ``delete`` or ``restore``."""
        return f"{self.name if self.slug is None else 'custom_objects'}:{operation}"


def custom_object(slug: str, name: str, former_name: str | None = None) -> Resource:
    """Return the resource of a custom object type.

    Args:
        slug: What the API calls the type: ``GET /v1/objects`` lists them.
        name: What this program calls it.
        former_name: What earlier releases called it, where that was otherwise.
    """
    return Resource(
        name,
        slug,
        slug=slug,
        has_history=True,
        filterable=True,
        repeatable=False,
        former_name=former_name,
    )


_MEMBER = ObjectDefinitions.of(
    "member",
    [
        FieldDefinition("$name", "FULL_NAME", "Name", "The member's full name."),
        FieldDefinition("$email", "EMAIL", "Email", "The member's email address.", multiple_values=False),
        FieldDefinition("$role", "TEXT", "Role", "The member's workspace role."),
        FieldDefinition(
            "$profileImage",
            "URL",
            "Profile image",
            "URL of the member's profile image.",
            multiple_values=False,
        ),
    ],
    [
        RelationshipDefinition(
            "$user", "HAS_ONE", "user", "User", "The underlying user record for this workspace member."
        )
    ],
)

_FILE = "file"

_EMAIL = ObjectDefinitions.of(
    "email",
    [
        FieldDefinition("$subject", "TEXT", "Subject", "The subject line."),
        FieldDefinition("$from", "EMAIL", "From", "The sender's address.", multiple_values=False),
        FieldDefinition("$to", "EMAIL", "To", "The recipients' addresses."),
        FieldDefinition("$cc", "EMAIL", "Cc", "The addresses in copy."),
        FieldDefinition("$bcc", "EMAIL", "Bcc", "The addresses in blind copy."),
        FieldDefinition("$sentAt", "DATETIME", "Sent at", "When the email was sent."),
        FieldDefinition("$body", "HTML", "Body", "The message as HTML; no list shows it."),
        FieldDefinition("$threadId", "TEXT", "Thread ID", "What groups the emails of one conversation."),
        FieldDefinition("$privacySetting", "TEXT", "Privacy", "FULL or METADATA."),
    ],
    [RelationshipDefinition("$attachment", "HAS_MANY", _FILE, "Attachments", "The attached files.")],
)

_MESSAGE = ObjectDefinitions.of(
    "message",
    [
        FieldDefinition("$text", "MARKDOWN", "Text", "What was written."),
        FieldDefinition("$sentAt", "DATETIME", "Sent at", "When the message was sent."),
        FieldDefinition("$senderName", "TEXT", "Sender", "The name of who wrote it."),
        FieldDefinition(
            "$senderEmail", "EMAIL", "Sender's email", "The address of who wrote it.", multiple_values=False
        ),
        FieldDefinition("$threadId", "TEXT", "Thread ID", "What groups the messages of one conversation."),
    ],
    [
        RelationshipDefinition("$channel", "HAS_ONE", "channel", "Channel", "Where it was written."),
        RelationshipDefinition("$attachment", "HAS_MANY", _FILE, "Attachments", "The attached files."),
    ],
)

_CHANNEL = ObjectDefinitions.of(
    "channel",
    [
        FieldDefinition("$name", "TEXT", "Name", "The channel's name."),
        FieldDefinition("$provider", "TEXT", "Provider", "Where the chat is: Slack, Teams, LinkedIn."),
        FieldDefinition("$isPrivate", "CHECKBOX", "Private", "Whether only its members see it."),
    ],
    [RelationshipDefinition("$account", "HAS_ONE", "account", "Account", "The account it is about.")],
)

_LIST = ObjectDefinitions.of(
    "list",
    [
        FieldDefinition("$name", "TEXT", "Name", "The list's name."),
        FieldDefinition(
            "$objectType", "TEXT", "Object type", "What is on it: $account, $contact or $opportunity."
        ),
        FieldDefinition("$description", "TEXT", "Description", "What the list is for."),
        FieldDefinition("$kind", "TEXT", "Kind", "What Lightfield uses the list for."),
    ],
)

_FILES = ObjectDefinitions.of(
    _FILE,
    [
        FieldDefinition("filename", "TEXT", "File name", "The original name."),
        FieldDefinition("mimeType", "TEXT", "MIME type", "The type of the content."),
        FieldDefinition("sizeBytes", "NUMBER", "Size", "The size in bytes."),
        FieldDefinition("status", "TEXT", "Status", "PENDING, COMPLETED, CANCELLED or EXPIRED."),
        FieldDefinition("completedAt", "DATETIME", "Completed at", "When the upload was completed."),
        FieldDefinition(
            "expiresAt", "DATETIME", "Expires at", "When a pending upload expires; null once it is settled."
        ),
    ],
)

RESOURCES: dict[str, Resource] = {
    resource.name: resource
    for resource in (
        Resource(
            "accounts",
            "account",
            trashable=True,
            required=frozenset({"$name"}),
            read_only_relationships=frozenset({"$opportunity", "$task", "$note", "$meeting"}),
            enrichable=True,
            has_history=True,
            filterable=True,
        ),
        Resource(
            "contacts",
            "contact",
            trashable=True,
            read_only_relationships=frozenset({"$opportunity", "$task", "$note", "$meeting"}),
            enrichable=True,
            has_history=True,
            filterable=True,
        ),
        Resource(
            "opportunities",
            "opportunity",
            trashable=True,
            required=frozenset({"$name", "$account"}),
            read_only_relationships=frozenset({"$task", "$note", "$meeting"}),
            has_history=True,
            filterable=True,
            matched_within="$account",
        ),
        Resource(
            "tasks",
            "task",
            trashable=True,
            required=frozenset({"$title", "$status", "$assignedTo"}),
            read_only_relationships=frozenset({"$note"}),
            filterable=True,
        ),
        Resource("notes", "note", trashable=True, required=frozenset({"$title"})),
        Resource(
            "meetings",
            "meeting",
            trashable=True,
            required=frozenset({"$title", "$startDate", "$endDate"}),
            read_only_relationships=frozenset(
                {"$transcripts", "$note", "$contact", "$account", "$opportunity"}
            ),
            updatable=frozenset(
                {"$privacySetting", "$attendeeEmails", "$meetingPrep", "$postMeetingSummary"}
            ),
            only_updatable=frozenset({"$meetingPrep", "$postMeetingSummary"}),
            never_null=frozenset({"$attendeeEmails"}),
            in_the_past=frozenset({"$startDate", "$endDate"}),
            auto_creates=True,
        ),
        Resource("members", "member", builtin=_MEMBER),
        Resource(
            "emails",
            "email",
            builtin=_EMAIL,
            required=frozenset({"$sentAt", "$from"}),
            read_only_relationships=frozenset({"$attachment"}),
            create_path=("emails", "log"),
            updatable=frozenset(),
            in_the_past=frozenset({"$sentAt"}),
            auto_creates=True,
        ),
        Resource("messages", "message", builtin=_MESSAGE),
        Resource("channels", "channel", builtin=_CHANNEL),
        Resource(
            "lists",
            "list",
            builtin=_LIST,
            required=frozenset({"$name", "$objectType"}),
            has_relationships=False,
            updatable=frozenset({"$name", "$description", "$kind"}),
            restorable=False,
        ),
        Resource(
            "files",
            _FILE,
            builtin=_FILES,
            has_fields=False,
            has_relationships=False,
            deletable=False,
            restorable=False,
        ),
    )
}

ON_LISTS: dict[str, Resource] = {
    RESOURCES[name].object_type: RESOURCES[name] for name in ("accounts", "contacts", "opportunities")
}
"""What can be on a list, by object type. API page: "Lists"."""
