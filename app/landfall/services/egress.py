"""What leaves the machine is written down before it leaves: where to, how much, why. Never what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from landfall.services.history.records import EgressEntry, now_iso

if TYPE_CHECKING:
    from landfall.core.workload.workload import Workload

UNFINISHED = "sent"
"""The outcome of a line whose request has not ended, or was cut with the program."""

CUT = "cut"
"""The outcome of a request that was cancelled before it was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Why something is sent, and under whose rule.

    Attributes:
        why: "key check", "model list", "answer": a word or two for the egress log.
        workload: Whose text is sent, with its privacy rule; None where no workload is involved.
    """

    why: str
    workload: Workload | None = None


class EgressLog(Protocol):
    """Where the lines are kept; `services.history.history.History` is one."""

    async def record_egress(self, entry: EgressEntry) -> int:
        """Add a line; returns its row number."""
        ...

    async def finish_egress(self, row: int, *, received_bytes: int, outcome: str) -> None:
        """Complete a line."""
        ...


@dataclass(slots=True)
class Exchange:
    """What came of one request, filled in while it runs."""

    received_bytes: int = 0
    outcome: str = UNFINISHED


@asynccontextmanager
async def recorded(
    log: EgressLog, *, host: str, sent_bytes: int, purpose: Purpose
) -> AsyncIterator[Exchange]:
    """Record one request around its sending. What cannot be recorded is not sent.

    Args:
        log: Where the line goes.
        host: Host, and port where it is not the usual one.
        sent_bytes: Request line, headers and body as HTTP/1.1 writes them; encryption adds to it.
        purpose: Why.
    """
    exchange = Exchange()
    row = await log.record_egress(
        EgressEntry(
            at=now_iso(),
            host=host,
            workload=purpose.workload.name if purpose.workload else None,
            sent_bytes=sent_bytes,
            received_bytes=None,
            why=purpose.why,
            outcome=UNFINISHED,
        )
    )
    try:
        yield exchange
    finally:
        outcome = CUT if exchange.outcome == UNFINISHED else exchange.outcome
        await log.finish_egress(row, received_bytes=exchange.received_bytes, outcome=outcome)


@asynccontextmanager
async def recorded_if_it_leaves(
    log: EgressLog, *, host: str, sent_bytes: int, purpose: Purpose
) -> AsyncIterator[None]:
    """The same around an answer that somebody else asks for; no line where `host` is ""."""
    if not host:
        yield
        return
    async with recorded(log, host=host, sent_bytes=sent_bytes, purpose=purpose) as exchange:
        yield
        exchange.outcome = "answered"
