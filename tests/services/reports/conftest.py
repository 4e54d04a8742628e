"""Decided workloads of every kind, as a report tells them; decided once for all tests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from landfall.core.reporting.subject import Undecided
from landfall.core.settings import Settings
from landfall.services.reports.subjects import Told
from landfall.services.reports.writing import Asked
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.deciding import Decider

DATA = Path(__file__).parents[2] / "data"
DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)


def decide(texts: Sequence[str], machine: str = "RTX 4090") -> list[Decided]:
    """Verdicts on workloads with all that may flip them."""
    loaded = [workload_files.from_text(text) for text in texts]
    decider = Decider.on(machine, Settings(), now=DAY)
    # In a thread: tests run in a loop of their own.
    with ThreadPoolExecutor(1) as pool:
        return list(pool.submit(asyncio.run, decider.decide_all(loaded)).result())


def asked_of(
    decided: Sequence[Decided],
    *,
    undecided: Sequence[Undecided] = (),
    settings: Settings | None = None,
) -> Asked:
    """What is to be reported of them."""
    return Asked(
        told=[Told(decided=one) for one in decided],
        undecided=undecided,
        settings=settings or Settings(),
        as_of="2026-11-26",
    )


@pytest.fixture(scope="session")
def every_kind() -> list[Decided]:
    """One workload for each kind of verdict."""
    files = sorted((DATA / "verdicts").glob("*.toml"))
    return decide([one.read_text(encoding="utf-8") for one in files])
