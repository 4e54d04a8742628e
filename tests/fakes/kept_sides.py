"""What a history keeps of comparisons: the program itself asks for one, or for all to export."""

from __future__ import annotations

from landfall.services.history.history import History
from landfall.services.side_by_side import kept
from landfall.services.side_by_side.kept import SideRecord


async def side_by_sides(history: History) -> tuple[SideRecord, ...]:
    """Every comparison, newest first."""
    return await history.transact(lambda connection: kept.rows(connection, 500))
