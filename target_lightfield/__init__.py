"""target-lightfield: the Singer target for the Lightfield CRM."""
