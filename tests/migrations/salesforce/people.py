"""Users, accounts, contacts, leads and opportunities of the org, each awkward in its own way."""

# ruff: noqa: RUF001 - names have dashes, as people type them

from __future__ import annotations

from tests.migrations.salesforce.records import (
    ADA,
    ARMS,
    BERLIN,
    CHLOE,
    CONVERTED,
    FJORD,
    GONE_ACCOUNT,
    HOLDING,
    INGRID,
    JONAS,
    KESTREL,
    KNOWN,
    LARS,
    LOST,
    MAELLE,
    MERGED_ACCOUNT,
    MERGED_CONTACT,
    NAMELESS,
    NEW,
    NEW_BUSINESS,
    NOBODYS,
    NOTHING,
    PILOT,
    QUEUE,
    RENEWAL,
    RENEWALS,
    SAKURA,
    SPRING,
    TOMAS,
    Json,
    address,
    id_of,
    row,
)

# An address may be in mixed case; the third left long ago: no member of the workspace, and no user any more.
USERS = [
    row("User", id_[:15], day, Name=name, FirstName=name.split()[0], LastName=name.split()[1],
        Email=email,
        Username=email, IsActive=id_ != LARS, TimeZoneSidKey=zone, UserType="Standard",
        LanguageLocaleKey="en_US")
    for day, id_, name, email, zone in (
        ("02-01", ADA, "Ada Okafor", "ada.okafor@lightfield-demo.example", "America/Los_Angeles"),
        ("02-02", CHLOE, "Chloé Dubois", "Chloe.Dubois@lightfield-demo.example", "Europe/Paris"),
        ("02-03", LARS, "Lars Long", "left.long-ago@harbor.example", "Europe/Berlin"),
    )
]  # fmt: skip
GROUPS = [row("Group", QUEUE[:15], "02-01", Name="Inbound EMEA", DeveloperName="Inbound_EMEA", Type="Queue")]

RECORD_TYPES = [
    row("RecordType", id_[:15], day, Name=name, DeveloperName=name.replace(" ", "_"),
        SobjectType="Opportunity", IsActive=True)
    for day, id_, name in (("02-04", NEW_BUSINESS, "New Business"), ("02-05", RENEWALS, "Renewal"))
]  # fmt: skip
STAGES = [
    row("OpportunityStage", f"01J5g0000{number:06}", f"02-{number + 10}", MasterLabel=label, ApiName=label,
        IsActive=True, SortOrder=number, IsClosed=label.startswith("Closed"), DefaultProbability=chance)
    for number, (label, chance) in enumerate(
        (("Proposal", 50), ("Proposal/Price Quote", 65), ("Closed Lost", 0)), 1
    )
]  # fmt: skip

ACCOUNTS = [
    row(
        "Account", KESTREL[:15], "05-01",
        # The parent has the larger id and comes later.
        Name="Kestrel Robotics GmbH", Type="Prospect", ParentId=HOLDING,
        BillingStreet="Köpenicker Straße 154\r\nAufgang B", BillingCity="Berlin", BillingState="Berlin",
        BillingPostalCode="10997", BillingCountry="Germany", BillingCountryCode="DE", BillingLatitude=52.5,
        BillingLongitude=13.44, BillingGeocodeAccuracy="Address",
        BillingAddress=address(street="Köpenicker Straße 154\r\nAufgang B", city="Berlin", country="Germany"),
        ShippingStreet="Lager 3", ShippingCity="Potsdam", ShippingCountry="Deutschland",
        ShippingAddress=address(street="Lager 3", city="Potsdam", country="Deutschland"),
        Phone="030 901820", Fax="+49 30 901829", Website="https://www.kestrel-robotics.example/de",
        Industry="Electronics", AnnualRevenue=12500000.0, NumberOfEmployees=120,
        Description="Arms\r\nand sensors",
        Rating="Hot", CurrencyIsoCode="EUR", OwnerId=ADA, LastActivityDate="2026-02-12",
        PhotoUrl="/services/images/photo/001", CleanStatus="Pending",
        Tier__c="Mid-Market", Tags__c="Expansion;Événement", ICP_Score__c=87.0, Renewal_Date__c="2027-01-31",
        Legacy_ID__c="K-0001", Account_Plan__c="<p><b>Plan</b>:&nbsp;40 arms</p><ul><li>first</li></ul>",
        Welcome_Page__c="<h1>Welcome</h1>", Health__c="Green", ARR__c=48000.0,
        Billing_Email__c="billing@kestrel-robotics.example",
        Reference__c=None,  # which the tap makes false
    ),
    row(
        "Account", HOLDING[:15], "05-02",
        Name="Kestrel Holding SE", Website="kestrel-holding.example", NumberOfEmployees=5400,
        Industry="Environmental",
        BillingCity="Köln", BillingCountry="Deutschland", CurrencyIsoCode="USD", OwnerId=CHLOE,
        Partner__c=True,
        Tier__c="Strategic", ARR__c=900.0,  # in dollars, for a field in euros
    ),
    # A number of its country; an owner who left.
    row(
        "Account", FJORD[:15], "05-03",
        Name="Fjord Analytics AS", Website="fjord-analytics.example", Phone="22 12 34 56", BillingCity="Oslo",
        BillingCountryCode="NO", BillingCountry="Norway", NumberOfEmployees=50, Industry="Technology",
        CurrencyIsoCode="USD", OwnerId=LARS, Tags__c="At risk;Other; see notes",
    ),
    # The second company of one domain, and but for the case of two letters the id of the first.
    row(
        "Account", BERLIN[:15], "05-04",
        Name="Kestrel Robotics Berlin", Website="http://kestrel-robotics.example/de/", BillingCity="Berlin",
        ParentId=HOLDING, OwnerId=ADA, CurrencyIsoCode="EUR",
    ),
    row(
        "Account", SAKURA[:15], "05-05",
        Name="Sakura Optics", Website="sakura-optics.example", Phone="(none)", BillingCountry="Japan",
        OwnerId=CHLOE, CurrencyIsoCode="JPY",
    ),
    row(
        "Account", MERGED_ACCOUNT[:15], "05-06",
        IsDeleted=True, MasterRecordId=KESTREL, Name="Kestrel Robotics", OwnerId=ADA, CurrencyIsoCode="EUR",
    ),
    row("Account", GONE_ACCOUNT[:15], "05-07", IsDeleted=True, Name="Gone Ltd", OwnerId=ADA,
        CurrencyIsoCode="EUR"),
]  # fmt: skip

CONTACTS = [
    row(
        "Contact", MAELLE[:15], "05-11",
        AccountId=KESTREL, FirstName="Maëlle", LastName="Le Goff", Salutation="Ms.", Name="Maëlle Le Goff",
        MailingStreet="4 quai des Indes", MailingCity="Lorient", MailingPostalCode="56100",
        MailingCountry="France",
        MailingAddress=address(street="4 quai des Indes", city="Lorient", country="France"),
        Phone="02 97 00 00 01", MobilePhone="06 12 34 56 78", Email="maelle.legoff@kestrel-robotics.example",
        Title="Head of Procurement", Department="Procurement", LeadSource="Trade Show",
        Birthdate="1984-07-09",
        Description="Prefers email,\r\nnot calls", CurrencyIsoCode="EUR", OwnerId=CHLOE, ReportsToId=TOMAS,
        Persona__c="Champion", Interests__c="Pricing;Reporting;Legal, DPA", Lead_Score__c=64.0,
        Last_Contract_Date__c="2025-12-01",
    ),
    row(
        "Contact", JONAS[:15], "05-12",
        AccountId=KESTREL, FirstName="Jonas", LastName="Weber", Name="Jonas Weber", DoNotCall=True,
        Email="Jonas.Weber@kestrel-robotics.example", LinkedIn__c="linkedin.com/in/jonas-weber",
        OwnerId=CHLOE,
        CurrencyIsoCode="EUR",
    ),
    row(
        "Contact", INGRID[:15], "05-13",
        AccountId=FJORD, FirstName="Ingrid", LastName="Østergaard", Name="Ingrid Østergaard", Phone="(none)",
        Email="ingrid@fjord-analytics.example", HasOptedOutOfEmail=True, OwnerId=ADA, CurrencyIsoCode="USD",
    ),
    # Whom a lead became.
    row(
        "Contact", TOMAS[:15], "05-14",
        AccountId=FJORD, FirstName="Tomás", LastName="Silva", Name="Tomás Silva", OwnerId=ADA,
        Email="tomas@fjord-analytics.example", CurrencyIsoCode="USD",
    ),
    row(
        "Contact", MERGED_CONTACT[:15], "05-15",
        IsDeleted=True, MasterRecordId=MAELLE, AccountId=KESTREL, FirstName="M.", LastName="Le Goff",
        Name="M. Le Goff", OwnerId=CHLOE, CurrencyIsoCode="EUR",
    ),
]  # fmt: skip

ACCOUNT_CONTACTS = [
    row("AccountContactRelation", f"07k5g0000{number:06}", "05-16", AccountId=account, ContactId=contact,
        IsDirect=direct, IsActive=active, Roles="Decision Maker;Influencer")
    for number, (account, contact, direct, active) in enumerate(
        ((KESTREL, MAELLE, True, True), (HOLDING, MAELLE, False, True), (SAKURA, INGRID, False, False)), 1
    )
]  # fmt: skip

LEADS = [
    row(
        "Lead", CONVERTED[:15], "05-21",
        FirstName="Tomás", LastName="Silva", Name="Tomás Silva", Company="Fjord Analytics AS",
        IsConverted=True,
        Email="tomas@fjord-analytics.example", Status="Closed - Converted", ConvertedDate="2026-01-31",
        ConvertedAccountId=FJORD, ConvertedContactId=TOMAS, ConvertedOpportunityId=RENEWAL, OwnerId=ADA,
    ),
    # Nobody's yet, but a queue's; a company that is no account.
    row(
        "Lead", NEW[:15], "05-22",
        FirstName="Owen", LastName="Fox", Name="Owen Fox", Company="Old Harbor Ltd", Title="Harbour master",
        Email="owen@old-harbor.example", Website="old-harbor.example", Phone="+44 20 7946 0018",
        Street="1 Pier\r\nGate 2",
        City="Hull", CountryCode="GB", Country="United Kingdom", Status="Open - Not Contacted", Rating="Warm",
        LeadSource="Web", Industry="Shipping", NumberOfEmployees=40, OwnerId=QUEUE,
    ),
    # A company that is an account, spelled otherwise.
    row(
        "Lead", KNOWN[:15], "05-23",
        FirstName="Zoë", LastName="Kim", Name="Zoë Kim", Company="kestrel  holding SE ", OwnerId=ADA,
        Email="zoe.kim@kestrel-holding.example", Status="Working - Contacted",
    ),
    # Salesforce insisted on a name and a company.
    row(
        "Lead", NAMELESS[:15], "05-24",
        LastName="[not provided]", Name="[not provided]", Company="[not provided]",
        Email="info@nameless.example",
        Status="Open - Not Contacted", OwnerId=CHLOE,
    ),
    row(
        "Lead", NOTHING[:15], "05-25",
        LastName="[not provided]", Name="[not provided]", Company="[not provided]",
        Status="Open - Not Contacted",
        OwnerId=QUEUE,
    ),
]  # fmt: skip


def _deal(id_: str, day: str, name: str, stage: str, currency: str, **values: object) -> Json:
    return row("Opportunity", id_[:15], day, Name=name, StageName=stage, CurrencyIsoCode=currency,
               CloseDate="2026-12-31", FiscalYear=2026, FiscalQuarter=4, Fiscal="2026 4",
               **values)  # fmt: skip


OPPORTUNITIES = [
    _deal(
        ARMS, "05-26", "Kestrel – 40 arms", "Proposal/Price Quote", "EUR",
        AccountId=KESTREL, RecordTypeId=NEW_BUSINESS, Amount=48500.5, Probability=65.0,
        ExpectedRevenue=31525.33,
        Type="New Customer", NextStep="Send DPA", ForecastCategory="Pipeline",
        ForecastCategoryName="Pipeline",
        CampaignId=SPRING, HasOpportunityLineItem=True, OwnerId=CHLOE, ContactId=MAELLE, Discount__c=500.0,
        Competitors__c="Salesforce;Spreadsheet",
    ),
    # A currency for which there is no rate, and no record type.
    _deal(PILOT, "05-27", "Sakura pilot", "Qualification", "JPY", AccountId=SAKURA, Amount=950000.0,
    OwnerId=ADA),
    # A stage of which Lightfield has one of the same name in each pipeline.
    _deal(
        RENEWAL, "05-28", "Fjord renewal", "Proposal", "USD",
        AccountId=FJORD, RecordTypeId=RENEWALS, Amount=1200.0, Probability=50.0, OwnerId=LARS,
    ),
    _deal(NOBODYS, "05-29", "Nobody's deal", "Qualification", "USD", Amount=10.0, OwnerId=ADA),
    _deal(
        LOST, "05-30", "Kestrel – spare parts", "Closed Lost", "USD",
        AccountId=KESTREL, RecordTypeId=NEW_BUSINESS, Amount=700.0, Probability=0.0, IsClosed=True,
        LossReason__c="Too dear", OwnerId=ADA,
    ),
]  # fmt: skip

CONTACT_ROLES = [
    row("OpportunityContactRole", f"00K5g0000{number:06}", "05-31", OpportunityId=deal, ContactId=contact,
        Role=role,
        IsPrimary=primary)
    for number, (deal, contact, role, primary) in enumerate(
        (
            (ARMS, JONAS, "Economic Decision Maker", False), (ARMS, MAELLE, "Business User", True),
            (RENEWAL, INGRID, "Decision Maker", False),
        ), 1,
    )
]  # fmt: skip

LINE_ITEMS = [
    row("OpportunityLineItem", id_of("00k5g00000Item1")[:15], "05-31", OpportunityId=ARMS, Name="Arm",
        Quantity=40.0,
        UnitPrice=1212.51, TotalPrice=48500.5, CurrencyIsoCode="EUR")
]  # fmt: skip
