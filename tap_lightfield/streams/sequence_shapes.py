"""What sequences, senders, enrollments and sequence messages hold. API pages: "Sequence", "Sender"."""

from __future__ import annotations

from tap_lightfield.documents import REFERENCE, Member, Shape
from tap_lightfield.schemas import INTEGER

SEQUENCE_ID = Member("TEXT", "The sequence.")
_DAILY_LIMIT = Member(INTEGER, "Most sends of this step type in any rolling 24 hours; null for no limit.")
_LIMITED: Shape = {"dailyLimit": _DAILY_LIMIT}
_SPACED: Shape = {
    "dailyLimit": _DAILY_LIMIT,
    "minGapSeconds": Member(INTEGER, "The least seconds between two sends."),
    "maxGapSeconds": Member(INTEGER, "The most that the least spacing is drawn to; null where it is fixed."),
}


def _by_channel(limits: Shape) -> Shape:
    return {
        "EMAIL": Member(limits, "Emails."),
        "LINKEDIN_INVITE": Member(limits, "LinkedIn connection requests."),
        "LINKEDIN_MESSAGE": Member(limits, "LinkedIn messages."),
    }


_MESSAGING: Shape = {
    "callToAction": Member("TEXT", "What the recipient is asked to do."),
    "persona": Member("TEXT", "Who the sequence targets."),
    "trigger": Member("TEXT", "Why the outreach is timely."),
    "valueProp": Member("TEXT", "The value proposition."),
}
_SEND_WINDOW: Shape = {
    "daysOfWeek": Member(INTEGER, "Days on which it sends, 0 is Sunday.", is_list=True),
    "startHour": Member(INTEGER, "The first local hour of sending."),
    "endHour": Member(INTEGER, "The local hour at which sending stops."),
    "timezone": Member("TEXT", "The IANA time zone of these hours."),
}
_DEFINITION: Shape = {
    "description": Member("TEXT", "What this version of the sequence is for."),
    "messaging": Member(_MESSAGING, "What frames every step."),
    "pacing": Member(_by_channel(_LIMITED), "How the whole sequence paces what it sends."),
    "priority": Member("TEXT", "HIGH or NORMAL, relative to other sequences."),
    "sendWindow": Member(_SEND_WINDOW, "When it may send."),
}

SEQUENCE: Shape = {
    "id": Member("TEXT", "The sequence's id."),
    "objectType": Member("TEXT", "What it is: sequence."),
    "name": Member("TEXT", "The name."),
    "status": Member("TEXT", "DRAFT (never published), ACTIVE or DEACTIVATED."),
    "channels": Member("TEXT", "Channels that its steps send on: EMAIL, LINKEDIN.", is_list=True),
    "createdAt": Member("DATETIME", "When it was created."),
    "firstActivatedAt": Member("DATETIME", "When it was first activated."),
    "lastActivatedAt": Member("DATETIME", "When it was last activated."),
    "definition": Member(
        _DEFINITION, "The published configuration, null before it; its steps are the stream sequence_steps."
    ),
    "reviewers": Member(REFERENCE, "Ids of further members who may approve messages.", is_list=True),
    "senders": Member(REFERENCE, "Ids of the senders that it sends from.", is_list=True),
}

STEP: Shape = {
    "sequenceId": SEQUENCE_ID,
    "id": Member("TEXT", "The step's id, which enrollments and messages refer to."),
    "position": Member(INTEGER, "Its place among the sequence's published steps, from 1."),
    "type": Member("TEXT", "EMAIL, LINKEDIN_MESSAGE, LINKEDIN_INVITE, WAIT or WAIT_FOR_CONNECTION."),
    "name": Member("TEXT", "The name; waits have none."),
    "mode": Member("TEXT", "AGENT writes each message from the prompt, TEMPLATE sends the template."),
    "deliveryMode": Member("TEXT", "AUTO sends, FOR_REVIEW waits for a person's approval."),
    "prompt": Member("TEXT", "What the agent follows."),
    "includeNote": Member("CHECKBOX", "Whether a connection request carries a note."),
    "template": Member(
        {
            "subject": Member("TEXT", "The subject; emails only."),
            "body": Member("TEXT", "The text: Markdown in an email, plain on LinkedIn."),
        },
        "What every contact receives, with variables in braces.",
    ),
    "duration": Member(INTEGER, "How long a wait is, in its unit."),
    "unit": Member("TEXT", "DAY or MINUTE."),
}

ENROLLMENT: Shape = {
    "sequenceId": SEQUENCE_ID,
    "id": Member("TEXT", "The enrollment's id."),
    "contactId": Member("TEXT", "The contact."),
    "status": Member(
        "TEXT",
        "ACTIVE, AWAITING_REVIEW, NEEDS_ATTENTION, PAUSED; for good REPLIED, COMPLETED, CANCELLED, FAILED.",
    ),
    "currentStepId": Member("TEXT", "The step that the contact is on; null for none."),
    "enrolledAt": Member("DATETIME", "When the contact was enrolled."),
    "enrolledBy": Member("TEXT", "The member who enrolled the contact; null for a former one or automatic."),
    "lastActivityAt": Member("DATETIME", "When the latest activity happened."),
    "lastActivityKind": Member("TEXT", "SENT, OPENED, REPLIED, BOUNCED, INVITED, CONNECTED or SEEN."),
    "nextSendAt": Member("DATETIME", "When the next message will be sent, as estimated."),
    "remainingSends": Member(INTEGER, "Messages and connection requests not yet sent."),
    "repliedAt": Member("DATETIME", "When the contact first replied."),
    "completedAt": Member("DATETIME", "When it completed."),
    "cancelledAt": Member("DATETIME", "When it was cancelled."),
}

MESSAGE: Shape = {
    "sequenceId": SEQUENCE_ID,
    "id": Member("TEXT", "The message's id."),
    "changedAt": Member("DATETIME", "The newest of the message's times."),
    "direction": Member("TEXT", "OUTBOUND, or INBOUND for a reply."),
    "channel": Member("TEXT", "EMAIL or LINKEDIN."),
    "contactId": Member("TEXT", "The contact."),
    "enrollmentId": Member("TEXT", "The enrollment."),
    "sequenceStepId": Member("TEXT", "The step that sent it; of a reply the one that it answers."),
    "sequenceStepType": Member("TEXT", "EMAIL, LINKEDIN_MESSAGE or LINKEDIN_INVITE."),
    "status": Member(
        "TEXT", "AWAITING_REVIEW, SCHEDULED, QUEUED, SENT, SKIPPED, FAILED or CANCELLED; replies have none."
    ),
    "createdAt": Member("DATETIME", "When it was created; of a reply when it was received."),
    "statusChangedAt": Member("DATETIME", "When the status last changed."),
    "sentAt": Member("DATETIME", "When it was sent."),
    "openedAt": Member("DATETIME", "When the email was opened."),
    "readAt": Member("DATETIME", "When the LinkedIn message was read."),
    "repliedAt": Member("DATETIME", "When the contact replied to it."),
    "bouncedAt": Member("DATETIME", "When the email bounced."),
    "acceptedAt": Member("DATETIME", "When the connection request was accepted."),
    "receivedAt": Member("DATETIME", "When a reply was received."),
    "reference": Member(
        {
            "id": Member("TEXT", "Its id."),
            "objectType": Member("TEXT", "The stream's object type: email or message."),
        },
        "The email or chat message behind it; null for none.",
    ),
}

CONTENT: Shape = {
    "content": Member(
        {
            "subject": Member("TEXT", "The subject; null on LinkedIn."),
            "body": Member("TEXT", "The text; null for a connection request without a note."),
        },
        "The message's plain text; null where what it refers to is gone.",
    )
}

PERFORMANCE: Shape = {
    "sequenceId": SEQUENCE_ID,
    "sequenceStepId": Member("TEXT", "The step, also one that is published no longer but has sent."),
    "sequenceStepType": Member("TEXT", "The step's type, which decides what is counted."),
    "currentEnrollments": Member(INTEGER, "Enrollments on this step now, paused ones included."),
    "sent": Member(INTEGER, "Messages sent."),
    "delivered": Member(INTEGER, "Emails: sent less bounced."),
    "bounced": Member(INTEGER, "Emails that bounced."),
    "bounceRate": Member("NUMBER", "Emails: bounced by sent; null if none was sent."),
    "opened": Member(INTEGER, "Emails that were opened."),
    "openRate": Member("NUMBER", "Emails: opened by delivered; null if none was delivered."),
    "read": Member(INTEGER, "LinkedIn messages that were read."),
    "readRate": Member("NUMBER", "LinkedIn messages: read by sent; null if none was sent."),
    "accepted": Member(INTEGER, "Connection requests that were accepted."),
    "acceptanceRate": Member("NUMBER", "Connection requests: accepted by sent; null if none was sent."),
    "replied": Member(INTEGER, "Messages that were replied to."),
    "replyRate": Member(
        "NUMBER", "Replied by delivered emails, or by what was sent on LinkedIn; null if none."
    ),
}

SENDER: Shape = {
    "id": Member("TEXT", "The sender's id."),
    "objectType": Member("TEXT", "What it is: sender."),
    "channel": Member("TEXT", "EMAIL or LINKEDIN."),
    "createdAt": Member("DATETIME", "When it was created."),
    "archivedAt": Member("DATETIME", "When it was archived: such a sender never sends."),
    "emailAddress": Member("TEXT", "The address that it sends from."),
    "replyToAddress": Member("TEXT", "SMTP only: the mailbox that replies go to."),
    "transport": Member("TEXT", "How an email sender sends: SMTP or OAUTH."),
    "health": Member("TEXT", "HEALTHY, UNHEALTHY, or UNVERIFIED as LinkedIn senders usually are."),
    "healthReason": Member("TEXT", "Why it is not healthy."),
    "owner": Member("TEXT", "The id of the member who owns it."),
    "pacing": Member(_by_channel(_SPACED), "How it paces what it sends."),
}
