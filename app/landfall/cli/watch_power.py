"""`doctor --watch`: a record of what every sensor of power says, for a report from any machine."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

from landfall import __version__
from landfall.cli.private import of_this_user
from landfall.cli.session import Session
from landfall.core.errors import BadInput
from landfall.services import power
from landfall.services.history.records import now_iso
from landfall.services.power.source import PowerSource
from landfall.services.power.trace import (
    FASTEST_HZ,
    LONGEST_SECONDS,
    SLOWEST_HZ,
    TraceRow,
    trace,
)


async def watch(args: argparse.Namespace, session: Session) -> int:
    """Read every source at a fixed rate for so long: lines as they come, or one document.

    Raises:
        BadInput: so long or so fast is not offered.
    """
    _check(args.watch, args.rate)
    began = now_iso()
    sources = await power.discover(session.settings)
    if not session.json:
        _introduce(sources, session)
    rows: list[TraceRow] = []
    async with aclosing(trace(sources, seconds=args.watch, rate_hz=args.rate)) as taken:
        async for row in taken:
            if session.json:
                rows.append(row)
            else:
                session.line(_line(row))
    if session.json:
        session.document(of_this_user(_document(began, args.rate, sources, rows)))
    return 0


def _check(seconds: float, rate_hz: float) -> None:
    if not 0 < seconds <= LONGEST_SECONDS:
        raise BadInput(
            f"--watch takes more than 0 and at most {LONGEST_SECONDS:g} seconds.", field="--watch"
        )
    if not SLOWEST_HZ <= rate_hz <= FASTEST_HZ:
        raise BadInput(
            f"--rate takes {SLOWEST_HZ:g} to {FASTEST_HZ:g} readings a second.", field="--rate"
        )


def _introduce(sources: Sequence[PowerSource], session: Session) -> None:
    session.line(f"Landfall {__version__}, {platform.platform()}")
    for source in sources:
        words = f"{source.name}: {source.scope.value}, {source.quality.value}"
        session.line(of_this_user(f"{words}: {source.reason}" if source.reason else words))
    if not sources:
        session.line("No power source: nothing to watch.")
    session.line()


def _line(row: TraceRow) -> str:
    """ "   1.000 s  NVML GPU 0: 182.5 W  1000.0 J  0.21 ms  instant_watts=182.5 ..."."""
    parts = [f"{row.seconds:8.3f} s  {row.source}:"]
    parts.append(f"{row.watts:.2f} W" if row.watts is not None else f"no watts ({row.reason})")
    if row.joules is not None:
        parts.append(f"{row.joules:.3f} J")
    if row.read_ms is not None:
        parts.append(f"{row.read_ms:.2f} ms")
    parts += [f"{name}={_number(value)}" for name, value in row.raw.items()]
    return str(of_this_user("  ".join(parts)))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _document(
    began: str, rate_hz: float, sources: Sequence[PowerSource], rows: Sequence[TraceRow]
) -> dict[str, Any]:
    return {
        "landfall": __version__,
        "system": platform.platform(),
        "began": began,
        "rate_hz": rate_hz,
        "sources": [
            {
                "name": source.name,
                "scope": source.scope.value,
                "available": source.available,
                "quality": source.quality.value,
                "settle_seconds": source.settle_seconds,
                "reason": source.reason,
            }
            for source in sources
        ],
        "samples": [_row(row) for row in rows],
    }


def _row(row: TraceRow) -> dict[str, Any]:
    raw: Mapping[str, float | None] = row.raw
    return {
        "seconds": round(row.seconds, 6),
        "source": row.source,
        "scope": row.scope,
        "watts": row.watts,
        "joules": row.joules,
        "reason": row.reason,
        "read_ms": None if row.read_ms is None else round(row.read_ms, 4),
        **raw,
    }
