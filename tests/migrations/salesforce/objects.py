"""The sObjects of the org and their fields, as describe tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

_OWN = (
    "IsDeleted:boolean CreatedDate:datetime CreatedById:reference LastModifiedDate:datetime "
    "LastModifiedById:reference SystemModstamp:datetime"
)


def _address(prefix: str) -> str:
    parts = "Street:textarea City State PostalCode Country StateCode:picklist CountryCode:picklist"
    more = "Latitude:double Longitude:double GeocodeAccuracy:picklist Address:address"
    return " ".join(f"{prefix}{part}" for part in f"{parts} {more}".split())


# A field without a type is a string. What a customer has added ends in __c.
_FIELDS: Mapping[str, str] = {
    "Account": f"""
        MasterRecordId:reference Name Type:picklist ParentId:reference {_address("Billing")}
        {_address("Shipping")}
        Phone:phone Fax:phone AccountNumber Website:url PhotoUrl:url Sic Industry:picklist
        AnnualRevenue:currency
        NumberOfEmployees:int Ownership:picklist TickerSymbol Description:textarea Rating:picklist Site
        CurrencyIsoCode:picklist OwnerId:reference LastActivityDate:date LastViewedDate:datetime Jigsaw
        CleanStatus:picklist AccountSource:picklist Tier__c:picklist Tags__c:multipicklist ICP_Score__c:double
        Renewal_Date__c:date Partner__c:boolean Legacy_ID__c Account_Plan__c:textarea Welcome_Page__c:textarea
        Health__c:picklist ARR__c:currency Reference__c:boolean Billing_Email__c:email""",
    "AccountContactRelation": """
        AccountId:reference ContactId:reference Roles:multipicklist IsDirect:boolean IsActive:boolean
        StartDate:date EndDate:date""",
    "Contact": f"""
        MasterRecordId:reference AccountId:reference FirstName LastName Salutation:picklist Name
        {_address("Mailing")} {_address("Other")} Phone:phone Fax:phone MobilePhone:phone HomePhone:phone
        OtherPhone:phone AssistantPhone:phone ReportsToId:reference Email:email Title Department AssistantName
        LeadSource:picklist Birthdate:date Description:textarea CurrencyIsoCode:picklist OwnerId:reference
        HasOptedOutOfEmail:boolean HasOptedOutOfFax:boolean DoNotCall:boolean LastActivityDate:date
        EmailBouncedReason IsEmailBounced:boolean PhotoUrl:url Persona__c:picklist Interests__c:multipicklist
        LinkedIn__c:url Lead_Score__c:double Last_Contract_Date__c:date""",
    "Lead": """
        MasterRecordId:reference FirstName LastName Salutation:picklist Name Title Company Street:textarea
        City
        State PostalCode Country CountryCode:picklist Latitude:double Longitude:double Address:address
        Phone:phone
        MobilePhone:phone Email:email Website:url Description:textarea LeadSource:picklist Status:picklist
        Industry:picklist Rating:picklist CurrencyIsoCode:picklist AnnualRevenue:currency
        NumberOfEmployees:int
        OwnerId:reference HasOptedOutOfEmail:boolean DoNotCall:boolean IsConverted:boolean ConvertedDate:date
        ConvertedAccountId:reference ConvertedContactId:reference ConvertedOpportunityId:reference
        IsUnreadByOwner:boolean LastActivityDate:date""",
    "Opportunity": """
        AccountId:reference RecordTypeId:reference IsPrivate:boolean Name Description:textarea
        StageName:picklist
        Amount:currency Probability:percent ExpectedRevenue:currency CloseDate:date Type:picklist NextStep
        LeadSource:picklist IsClosed:boolean IsWon:boolean ForecastCategory:picklist
        ForecastCategoryName:picklist
        CurrencyIsoCode:picklist CampaignId:reference HasOpportunityLineItem:boolean Pricebook2Id:reference
        OwnerId:reference ContactId:reference LastActivityDate:date FiscalQuarter:int FiscalYear:int Fiscal
        LossReason__c:picklist Competitors__c:multipicklist Discount__c:currency""",
    "OpportunityContactRole": "OpportunityId:reference ContactId:reference Role:picklist IsPrimary:boolean",
    "Task": """
        WhoId:reference WhatId:reference Subject:combobox ActivityDate:date Status:picklist Priority:picklist
        IsHighPriority:boolean OwnerId:reference Description:textarea CurrencyIsoCode:picklist
        AccountId:reference
        IsClosed:boolean IsArchived:boolean CallDurationInSeconds:int CallType:picklist CallDisposition
        CallObject
        IsReminderSet:boolean IsRecurrence:boolean RecurrenceActivityId:reference TaskSubtype:picklist
        CompletedDateTime:datetime""",
    "Event": """
        WhoId:reference WhatId:reference Subject:combobox Location IsAllDayEvent:boolean
        ActivityDateTime:datetime
        ActivityDate:date DurationInMinutes:int StartDateTime:datetime EndDateTime:datetime EndDate:date
        Description:textarea AccountId:reference OwnerId:reference CurrencyIsoCode:picklist IsPrivate:boolean
        ShowAs:picklist IsChild:boolean IsGroupEvent:boolean GroupEventType:picklist IsArchived:boolean
        IsRecurrence:boolean RecurrenceActivityId:reference EventSubtype:picklist""",
    "EventRelation": """
        RelationId:reference EventId:reference IsWhat:boolean IsParent:boolean IsInvitee:boolean
        AccountId:reference Status:picklist RespondedDate:datetime Response""",
    "EmailMessage": """
        ActivityId:reference ParentId:reference FromName FromAddress:email ToAddress CcAddress BccAddress
        Subject
        TextBody:textarea HtmlBody:textarea Headers:textarea Incoming:boolean HasAttachment:boolean
        Status:picklist
        MessageDate:datetime MessageIdentifier ThreadIdentifier ReplyToEmailMessageId:reference
        RelatedToId:reference IsClientManaged:boolean IsTracked:boolean IsBounced:boolean""",
    "Note": "ParentId:reference Title IsPrivate:boolean Body:textarea OwnerId:reference",
    "ContentNote": """
        Title FileType FileExtension Content:base64 TextPreview ContentSize:int IsReadOnly:boolean
        LatestPublishedVersionId:reference OwnerId:reference""",
    "ContentVersion": """
        ContentDocumentId:reference IsLatest:boolean VersionNumber Title PathOnClient FileType ContentSize:int
        FileExtension VersionData:base64 OwnerId:reference FirstPublishLocationId:reference
        Origin:picklist""",
    "Attachment": """
        ParentId:reference IsPrivate:boolean Name ContentType BodyLength:int Body:base64 OwnerId:reference
        Description""",
    "Campaign": """
        Name ParentId:reference Type:picklist Status:picklist StartDate:date EndDate:date
        BudgetedCost:currency
        ActualCost:currency NumberSent:double IsActive:boolean CurrencyIsoCode:picklist Description:textarea
        NumberOfLeads:int NumberOfContacts:int NumberOfResponses:int OwnerId:reference""",
    "CampaignMember": """
        CampaignId:reference LeadId:reference ContactId:reference LeadOrContactId:reference Status:picklist
        HasResponded:boolean FirstRespondedDate:date Name FirstName LastName Email CompanyOrAccount Type""",
    "User": """
        Username LastName FirstName Name Title Email:email IsActive:boolean TimeZoneSidKey:picklist
        UserType:picklist ProfileId:reference LanguageLocaleKey:picklist ReceivesInfoEmails:boolean
        DefaultCurrencyIsoCode:picklist""",
    "Group": "Name DeveloperName Type:picklist Email:email DoesIncludeBosses:boolean",
    "RecordType": "Name DeveloperName SobjectType:picklist IsActive:boolean Description",
    "OpportunityStage": """
        MasterLabel ApiName IsActive:boolean SortOrder:int IsClosed:boolean IsWon:boolean
        ForecastCategoryName:picklist DefaultProbability:percent""",
    "OpportunityLineItem": """
        OpportunityId:reference Product2Id:reference Name Quantity:double UnitPrice:currency
        TotalPrice:currency
        CurrencyIsoCode:picklist""",
    "Case": "CaseNumber Subject Status:picklist AccountId:reference ContactId:reference OwnerId:reference",
    "Subscription__c": """
        OwnerId:reference Name CurrencyIsoCode:picklist Account__c:reference Billing_Contact_ID__c
        Seats__c:double
        Plan__c:picklist MRR__c:currency Started_Date__c:date Terms__c:textarea Region__c""",
    # What changed when: it has no SystemModstamp, and its bookmark is CreatedDate.
    "AccountHistory": "AccountId:reference Field:picklist OldValue:anyType NewValue:anyType",
    "BackgroundOperationResult": "Name Status:picklist Message",
}
_WITHOUT_OWN = {"AccountHistory": "IsDeleted:boolean CreatedDate:datetime CreatedById:reference"}

# Describe names them too, and the tap leaves them out.
UNASKED = ("ContentDocumentLink", "AccountChangeEvent")


def _fields(name: str) -> Iterator[tuple[str, str]]:
    yield "Id", "id"
    for text in f"{_WITHOUT_OWN.get(name, _OWN)} {_FIELDS[name]}".split():
        field, _, kind = text.partition(":")
        yield field, kind or "string"


FIELDS: Mapping[str, Mapping[str, str]] = {name: dict(_fields(name)) for name in _FIELDS}
"""By sObject: the type of each field."""


def described(name: str) -> Json:
    """What describe says of one sObject, as far as the tap looks."""
    return {
        "name": name,
        "label": name.removesuffix("__c"),
        "custom": name.endswith("__c"),
        "customSetting": False,
        "queryable": True,
        "fields": [
            {
                "name": field,
                "label": field.removesuffix("__c").replace("_", " "),
                "type": kind,
                "nillable": field != "Id",
                "relationshipName": None,
                "referenceTo": [],
            }
            for field, kind in FIELDS[name].items()
        ],
    }
