"""Takes an import out of the history, with all that it needs to come back."""

from __future__ import annotations

import sqlite3
from array import array

from landfall.services.usage import kept as usage_kept
from landfall.services.usage.kept import NewImport


def take_back(connection: sqlite3.Connection, import_id: int) -> NewImport | None:
    """Delete an import; what it was, for `usage.kept.add`. None where it is not there."""
    record = next((one for one in usage_kept.imports(connection) if one.id == import_id), None)
    if record is None:
        return None
    seen = connection.execute(
        "SELECT fingerprint FROM usage_seen WHERE import = ? ORDER BY fingerprint", (import_id,)
    )
    costs = connection.execute(
        f"SELECT {', '.join(usage_kept.COST)} FROM usage_costs WHERE import = ? ORDER BY id",
        (import_id,),
    )
    taken = NewImport(
        record=record,
        buckets=usage_kept.buckets(connection, import_id=import_id),
        costs=tuple(map(usage_kept.cost_of, costs)),
        fingerprints=array("q", (row[0] for row in seen)),
    )
    usage_kept.delete(connection, import_id)
    return taken
