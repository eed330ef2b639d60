"""What presets keep from run to run.

Each method raises TargetError if the database fails.
"""

from __future__ import annotations

from target_lightfield.id_map.database import Database
from target_lightfield.id_map.lookups import Lookups
from target_lightfield.id_map.same_records import SameRecords
from target_lightfield.id_map.source_links import SourceLinks
from target_lightfield.id_map.unfinished_rows import UnfinishedRows


class KeptByPresets:
    """All that presets keep.

    Attributes:
        lookups: The values of other streams.
        links: The source's links.
        same: Other names of records.
        unfinished: Rows to which a value of another stream has to be added.
    """

    def __init__(self, database: Database) -> None:
        self.lookups = Lookups(database)
        self.links = SourceLinks(database)
        self.same = SameRecords(database)
        self.unfinished = UnfinishedRows(database)
