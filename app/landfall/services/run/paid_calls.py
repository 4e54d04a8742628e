"""What paid calls may cost and have cost, where the daily cap is counted: in the history's file.

There because every window and every command of the user shares it: a reservation that lived in one
of them would let two answers take the last dollar of a day at once.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from landfall.services.history import egress_kept


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidCall:
    """A call that is about to be paid for.

    Attributes:
        at: ISO 8601, UTC; its date is the day on which it counts.
        provider: Its id, as in resources/providers.json.
        most_usd: What it costs at most; 0 where no price is known and the user agreed to that.
    """

    at: str
    provider: str
    model: str
    most_usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Whether a call fits into its day.

    Attributes:
        row: To settle it by; None where it does not fit.
        before_usd: What the day had cost before, with all that was reserved.
    """

    row: int | None
    before_usd: float


def reserve(connection: sqlite3.Connection, call: PaidCall, *, cap_usd: float | None) -> Reserved:
    """Set the most that a call may cost aside, if its day has so much left; in one step.

    Args:
        connection: Of the history.
        call: What is about to be sent.
        cap_usd: What a day may cost; None is no cap.
    """
    # The row comes first: it takes the write lock, so that nobody else counts at the same time.
    cursor = connection.execute(
        "INSERT INTO paid_calls (at, provider, model, most_usd) VALUES (?, ?, ?, ?)",
        (call.at, call.provider, call.model, call.most_usd),
    )
    row = int(cursor.lastrowid or 0)
    before = counted_usd(connection, call.at[:10]) - call.most_usd
    if cap_usd is not None and before + call.most_usd > cap_usd:
        connection.execute("DELETE FROM paid_calls WHERE id = ?", (row,))
        return Reserved(row=None, before_usd=before)
    return Reserved(row=row, before_usd=before)


def settle(connection: sqlite3.Connection, row: int, usd: float) -> None:
    """Say what a call came to."""
    connection.execute("UPDATE paid_calls SET usd = ? WHERE id = ?", (usd, row))


def counted_usd(connection: sqlite3.Connection, day: str) -> float:
    """What the cap counts since an ISO date: costs, and the most of what is open or was cut.

    Never less than the runs of the day say, some of which an older version may have made.
    """
    calls = connection.execute(
        "SELECT COALESCE(SUM(COALESCE(usd, most_usd)), 0.0) FROM paid_calls WHERE at >= ?", (day,)
    ).fetchone()[0]
    return max(float(calls), egress_kept.spent_usd(connection, day))
