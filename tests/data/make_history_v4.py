"""Makes `history_v4.db`: the third schema brought up to date, with usage and a vote in it.

    PYTHONPATH=app python tests/data/make_history_v4.py

Only for as long as the fourth schema was not released; after that the file never changes.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

from landfall.core.quality.votes import Vote
from landfall.core.settings import Settings
from landfall.core.side_by_side.side_by_side import Plan, Prompt, Target
from landfall.core.usage.rows import CostRow, Problem, Read, UsageRow
from landfall.services.history.history import History
from landfall.services.pricing.prices import Prices
from landfall.services.side_by_side import kept as side_by_sides_kept
from landfall.services.side_by_side import votes_kept
from landfall.services.side_by_side.kept import SideRecord
from landfall.services.usage.importing import import_usage
from landfall.services.usage.imports import ReadSource
from landfall.services.usage.workloads import keep_workloads

HERE = Path(__file__).parent


async def reads() -> AsyncIterator[Read]:
    """A request, a day that was added up, a cost row and a problem."""
    yield UsageRow(
        at="2026-06-01T09:30:00+00:00",
        provider="openai",
        model="gpt-5-mini",
        input_tokens=900.0,
        cached_input_tokens=100.0,
        output_tokens=200.0,
        key_name="web",
        latency_seconds=2.0,
        identity="req-1",
    )
    yield UsageRow(
        at="2026-06-02T00:00:00+00:00",
        span_seconds=86400,
        provider="openai",
        model="gpt-5-mini",
        requests=10.0,
        input_tokens=9000.0,
        output_tokens=2000.0,
        batch=True,
    )
    yield CostRow(at="2026-06-01T00:00:00+00:00", provider="openai", billed_usd=0.5)
    yield Problem(line=4, column="requests", reason="no number")


def compare(connection: sqlite3.Connection) -> None:
    """A blind comparison of the two runs that are there, with its vote."""
    plan = Plan(
        prompts=(Prompt(name="1", text="Why?"),),
        targets=(Target(model="qwen3:8b"), Target(provider="openai", model="gpt-5-mini")),
        workload="gpt-5-mini",
        blind=True,
    )
    record = SideRecord(uid="side-1", started_at="2026-06-03T10:00:00+00:00", plan=plan, seed=7)
    row = side_by_sides_kept.insert(connection, record)
    uids = connection.execute("SELECT uid FROM runs ORDER BY id").fetchall()
    for target, run in enumerate(uids):
        side_by_sides_kept.link(connection, row, target=target, prompt=0, uid=run["uid"])
    side_by_sides_kept.set_state(connection, row, "done")
    vote = Vote(
        uid="vote-1",
        voted_at="2026-06-03T10:05:00+00:00",
        side_by_side="side-1",
        prompt_key="0" * 32,
        workload="gpt-5-mini",
        blind=True,
        targets=plan.targets,
        best=(0,),
    )
    votes_kept.insert(connection, vote)


async def make(path: Path) -> None:
    """Write the file."""
    shutil.copy(HERE / "history_v3.db", path)
    history = History(path)
    await history.open()
    found = await import_usage(
        history,
        [ReadSource(name="openai", format="a test", reads=reads())],
        prices=Prices(Settings()),
        keep=True,
    )
    for proposals in found.proposals.values():
        await keep_workloads(history, proposals)
    await history.usage.save_mapping("0" * 64, "{}")
    await history.transact(compare)
    await history.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("VACUUM")
    for rest in HERE.glob("history_v4.v*.bak"):
        rest.unlink()


if __name__ == "__main__":
    asyncio.run(make(HERE / "history_v4.db"))
