"""What happens in the org after the first run."""

from __future__ import annotations

from tests.migrations.salesforce.records import ADA, NEW, PILOT, id_of, row
from tests.migrations.salesforce.stand_in import Org

HARBOR, OWEN = id_of("0015g00000Harbo"), id_of("0035g00000OwenF")


def convert_lead(org: Org) -> None:
    """Make an account and a contact of Owen's lead, as a button in Salesforce does.

    Both are new rows with ids of their own, of an account and a contact that the first run has written.
    """
    changed = "2026-10-01"
    org.change(
        "Lead", NEW, changed,
        IsConverted=True, Status="Closed - Converted", ConvertedDate=changed, ConvertedAccountId=HARBOR,
        ConvertedContactId=OWEN,
    )  # fmt: skip
    org.records["Account"].append(
        row(
            "Account", HARBOR[:15], "10-01",
            Name="Old Harbor Ltd", Website="old-harbor.example", Industry="Shipping", NumberOfEmployees=40,
            OwnerId=ADA, BillingStreet="1 Pier\r\nGate 2", BillingCity="Hull", BillingCountryCode="GB",
        )
    )  # fmt: skip
    org.records["Contact"].append(
        row(
            "Contact", OWEN[:15], "10-01",
            AccountId=HARBOR, FirstName="Owen", LastName="Fox", Name="Owen Fox", Title="Harbour master",
            Email="owen@old-harbor.example", Phone="+44 20 7946 0018", OwnerId=ADA,
        )
    )  # fmt: skip


def change_stage(org: Org) -> None:
    """Move an opportunity on; neither its owner, nor its account, nor the stage comes again."""
    org.change("Opportunity", PILOT, "2026-10-02", StageName="Proposal")
