"""The command ``lightfield-migration``: what a person needs on the way from another CRM."""
