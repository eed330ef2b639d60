"""tap-lightfield: the Singer tap for the Lightfield CRM."""
