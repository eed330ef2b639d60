"""Tasks, events, emails, notes, files, campaigns and the customer's own object."""

from __future__ import annotations

from tests.migrations.salesforce.records import (
    ADA,
    ARMS,
    CALL,
    CHILD,
    CHLOE,
    CONVERTED,
    CONVERTED_DEMO,
    CUT_NOTE,
    DEFERRED,
    DEMO,
    FAIR,
    FJORD,
    INGRID,
    JONAS,
    KESTREL,
    KICK_OFF,
    LARS,
    MAELLE,
    MERGED_CONTACT,
    MIRROR,
    NEW,
    QUEUE,
    SHORT_NOTE,
    SIGN,
    SPRING,
    TOLD,
    TOMAS,
    UNTITLED,
    Json,
    id_of,
    row,
)

CASE = id_of("5005g00000Case1")

TASKS = [
    row(
        "Task", CALL[:15], "06-01",
        Subject="Call with Maëlle", WhoId=MAELLE, WhatId=ARMS, AccountId=KESTREL, ActivityDate="2026-01-12",
        Status="Completed", IsClosed=True, Priority="Normal", TaskSubtype="Call", CallDurationInSeconds=754,
        CallType="Outbound", CallDisposition="Connected", Description="Budget is approved.\r\nDPA next",
        OwnerId=ADA,
    ),
    # The shadow of an email, and one of an email that nobody logged.
    row(
        "Task", MIRROR[:15], "06-02",
        Subject="Email: The DPA", WhoId=MAELLE, WhatId=ARMS, AccountId=KESTREL, ActivityDate="2026-04-01",
        Status="Completed", IsClosed=True, Priority="Normal", TaskSubtype="Email", OwnerId=CHLOE,
    ),
    row(
        "Task", TOLD[:15], "06-03",
        Subject="Email: Offer", WhoId=INGRID, AccountId=FJORD, ActivityDate="2026-04-03", Status="Completed",
        IsClosed=True, Priority="Normal", TaskSubtype="Email", Description="As *agreed*", OwnerId=ADA,
    ),
    # No subject, a queue's, and about a lead.
    row("Task", UNTITLED[:15], "06-04", WhoId=NEW, Status="Not Started", Priority="High", IsHighPriority=True,
        TaskSubtype="Task", OwnerId=QUEUE),
    row(
        "Task", SIGN[:15], "06-05",
        Subject="Send the pilot agreement", WhoId=MAELLE, WhatId=ARMS, AccountId=KESTREL,
        ActivityDate="2026-12-01",
        Status="Waiting on someone else", Priority="Normal", TaskSubtype="Task", Description="With the DPA",
        OwnerId=CHLOE,
    ),
    # About a case, with somebody who was merged away, of a user who left; archived.
    row(
        "Task", DEFERRED[:15], "06-06",
        Subject="Compare offers", WhoId=MERGED_CONTACT, WhatId=CASE, ActivityDate="2026-02-01",
        Status="Deferred",
        Priority="Normal", TaskSubtype="Task", OwnerId=LARS, IsArchived=True,
    ),
]  # fmt: skip

EVENTS = [
    row(
        "Event", DEMO[:15], "06-11",
        Subject="Demo at Kestrel", WhoId=MAELLE, WhatId=ARMS, AccountId=KESTREL,
        Location="https://meet.example/81",
        StartDateTime="2026-03-02T13:00:00.000+0000", ActivityDateTime="2026-03-02T13:00:00.000+0000",
        EndDateTime="2026-03-02T14:00:00.000+0000", ActivityDate="2026-03-02", DurationInMinutes=60,
        Description="Shown: arms", OwnerId=CHLOE, IsPrivate=True, IsGroupEvent=True, GroupEventType="1",
        ShowAs="Busy",
    ),
    # A whole day where its owner lives, in Los Angeles.
    row(
        "Event", FAIR[:15], "06-12",
        Subject="Trade fair", WhoId=INGRID, AccountId=FJORD, Location="Hall 3", IsAllDayEvent=True,
        StartDateTime="2026-03-10T00:00:00.000+0000", EndDateTime="2026-03-10T00:00:00.000+0000",
        ActivityDate="2026-03-10", DurationInMinutes=1440, OwnerId=ADA, GroupEventType="0",
        ShowAs="OutOfOffice",
    ),
    row(
        "Event", KICK_OFF[:15], "06-13",
        Subject="Kick-off", WhatId=ARMS, AccountId=KESTREL, StartDateTime="2035-01-15T10:00:00.000+0000",
        ActivityDateTime="2035-01-15T10:00:00.000+0000", EndDateTime="2035-01-15T11:00:00.000+0000",
        ActivityDate="2035-01-15", DurationInMinutes=60, Description="Agenda follows", OwnerId=CHLOE,
        Location="Room 4",
        GroupEventType="1", ShowAs="Busy",
    ),
    # The copy of the first in an invited user's calendar.
    row(
        "Event", CHILD[:15], "06-14",
        Subject="Demo at Kestrel", WhoId=MAELLE, StartDateTime="2026-03-02T13:00:00.000+0000",
        EndDateTime="2026-03-02T14:00:00.000+0000", ActivityDate="2026-03-02", OwnerId=ADA, IsChild=True,
        GroupEventType="2", ShowAs="Busy",
    ),
    # Four in the afternoon in Los Angeles is midnight in UTC, and no date. Its lead is a contact by now.
    row(
        "Event", CONVERTED_DEMO[:15], "06-15",
        Subject="First demo", WhoId=CONVERTED, StartDateTime="2026-02-03T00:00:00.000+0000",
        ActivityDateTime="2026-02-03T00:00:00.000+0000", EndDateTime="2026-02-03T00:30:00.000+0000",
        ActivityDate="2026-02-03", DurationInMinutes=30, OwnerId=ADA, GroupEventType="0", ShowAs="Busy",
    ),
]  # fmt: skip

EVENT_RELATIONS = [
    row("EventRelation", f"0RE5g0000{number:06}", "06-16", EventId=event, RelationId=who, IsInvitee=True,
        Status="Accepted")
    for number, (event, who) in enumerate(((DEMO, JONAS), (KICK_OFF, INGRID)), 1)
]  # fmt: skip

SENT, ANSWER, DRAFT = (f"02s5g00000{name}" for name in ("Sent0", "Answe", "Draft"))
EMAILS = [
    row(
        "EmailMessage", SENT, "06-21",
        ActivityId=MIRROR, FromName="Chloé Dubois", FromAddress="chloe.dubois@lightfield-demo.example",
        ToAddress="maelle.legoff@kestrel-robotics.example; jonas.weber@kestrel-robotics.example",
        CcAddress="ada.okafor@lightfield-demo.example", Subject="The DPA",
        HtmlBody="<p>Hi Maëlle,</p><p>here it is.</p>",
        TextBody="Hi Maëlle,\r\nhere it is.", Status="3", MessageDate="2026-04-01T07:00:00.000+0000",
        MessageIdentifier="<dpa-1@lightfield-demo.example>",
        ThreadIdentifier="<dpa-1@lightfield-demo.example>",
        RelatedToId=ARMS,
    ),
    row(
        "EmailMessage", ANSWER, "06-22",
        FromName="Maëlle Le Goff", FromAddress="maelle.legoff@kestrel-robotics.example",
        ToAddress="chloe.dubois@lightfield-demo.example", Subject="Re: The DPA", TextBody="Thanks < a lot",
        Incoming=True, Status="1", MessageDate="2026-04-02T00:00:00.000+0000",
        ReplyToEmailMessageId=id_of(SENT),
        MessageIdentifier="<re-1@kestrel-robotics.example>",
        ThreadIdentifier="<dpa-1@lightfield-demo.example>",
        RelatedToId=ARMS,
    ),
    row(
        "EmailMessage", DRAFT, "06-23",
        FromAddress="ada.okafor@lightfield-demo.example", ToAddress="ingrid@fjord-analytics.example",
        Subject="Draft",
        TextBody="Not yet", Status="5", MessageDate="2026-04-05T07:00:00.000+0000",
    ),
]  # fmt: skip

NOTES = [
    row("Note", id_of("0025g00000Plain")[:15], "06-24", ParentId=KESTREL, Title="Old note",
        Body="Plain 1 < 2 and *stars*\r\n# no heading", OwnerId=LARS),
    row("Note", id_of("0025g00000Priva")[:15], "06-24", ParentId=MAELLE, Title="For me alone", IsPrivate=True,
        Body="Birthday gift", OwnerId=CHLOE),
]  # fmt: skip

LONG_PREVIEW = ("They run three warehouses and plan a fourth in Q3. " * 6)[:255]
CONTENT_NOTES = [
    row("ContentNote", CUT_NOTE[:15], "06-25", Title="Site visit", FileType="SNOTE", FileExtension="snote",
        TextPreview=LONG_PREVIEW, ContentSize=4210, OwnerId=ADA),
    row("ContentNote", SHORT_NOTE[:15], "06-25", Title="Short", FileType="SNOTE", FileExtension="snote",
        TextPreview="All of it", ContentSize=9, OwnerId=ADA),
]  # fmt: skip
# The first is the note's own, and says alone what it was written beside.
CONTENT_VERSIONS = [
    row("ContentVersion", f"0685g0000{number:06}", "06-25", ContentDocumentId=document, IsLatest=True,
        Title=title,
        FileType=kind, ContentSize=size, OwnerId=ADA, FirstPublishLocationId=place, VersionNumber="1",
        Origin="C")
    for number, (document, title, kind, size, place) in enumerate(
        (
            (CUT_NOTE, "Site visit", "SNOTE", 4210, KESTREL),
            (id_of("0695g00000Contr"), "contract", "PDF", 81920, ARMS),
        ), 1,
    )
]  # fmt: skip
ATTACHMENTS = [
    row("Attachment", id_of("00P5g00000Attac")[:15], "06-25", ParentId=KESTREL, Name="plan.docx",
        BodyLength=20480,
        ContentType="application/msword", OwnerId=ADA)
]  # fmt: skip

CAMPAIGNS = [
    row("Campaign", SPRING[:15], "06-26", Name="Spring fair", Type="Trade Show", Status="Completed",
        IsActive=True,
        StartDate="2026-03-01", Description="Berlin", OwnerId=ADA, CurrencyIsoCode="EUR")
]  # fmt: skip
CAMPAIGN_MEMBERS = [
    row("CampaignMember", f"00v5g0000{number:06}", "06-27", CampaignId=SPRING, LeadId=lead, ContactId=contact,
        LeadOrContactId=contact or lead, Status="Responded", HasResponded=True,
        Type="Contact" if contact else "Lead")
    for number, (lead, contact) in enumerate(((None, MAELLE), (NEW, None), (CONVERTED, TOMAS)), 1)
]  # fmt: skip

# A contact's id of 15 characters, as reports show it and an integration has copied it.
SUBSCRIPTIONS = [
    row(
        "Subscription__c", "a015g00000Sub01", "06-28",
        Name="Kestrel #1", OwnerId=ADA, CurrencyIsoCode="EUR", Account__c=KESTREL,
        Billing_Contact_ID__c=JONAS[:15],
        Seats__c=40.0, Plan__c="Team", MRR__c=4000.0, Started_Date__c="2024-05-01",
        Terms__c="<p>Net <b>30</b></p>",
        Region__c="EMEA",
    ),
    row("Subscription__c", "a015g00000Sub02", "06-28", Name="Fjord #1", OwnerId=ADA, CurrencyIsoCode="USD",
        Account__c=FJORD, Seats__c=5.0, Plan__c="Platinum", MRR__c=50.0),
]  # fmt: skip

WITHOUT_A_PLACE: dict[str, list[Json]] = {
    "Case": [
        row("Case", CASE[:15], "06-29", CaseNumber="00001026", Subject="Arm stuck", Status="New",
        AccountId=KESTREL,
            ContactId=MAELLE, OwnerId=QUEUE)
    ],
    "AccountHistory": [
        row("AccountHistory", id_of("0175g00000Histo")[:15], "06-29", AccountId=KESTREL,
        Field="NumberOfEmployees",
            OldValue="100", NewValue="120")
    ],
    "BackgroundOperationResult": [
        row("BackgroundOperationResult", id_of("1395g00000Backg")[:15], "06-29", Name="Mass delete",
        Status="Complete")
    ],
}  # fmt: skip
