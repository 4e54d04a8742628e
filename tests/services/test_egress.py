from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from landfall.core.workload.workload import Task, Workload
from landfall.services.egress import CUT, UNFINISHED, Purpose, recorded
from landfall.services.history.history import History
from tests.fakes.egress_log import MemoryLog

PURPOSE = Purpose(why="answer", workload=Workload(name="Triage", task=Task.CHAT))


async def test_a_line_stands_before_anything_is_sent_and_is_completed_after() -> None:
    log = MemoryLog()
    async with recorded(log, host="h", sent_bytes=120, purpose=PURPOSE) as exchange:
        (line,) = log.entries
        assert (line.outcome, line.received_bytes) == (UNFINISHED, None)
        exchange.received_bytes, exchange.outcome = 300, "200"
    (line,) = log.entries
    assert (line.host, line.workload, line.why) == ("h", "Triage", "answer")
    assert (line.sent_bytes, line.received_bytes, line.outcome) == (120, 300, "200")
    assert line.at.endswith("+00:00")


async def test_a_cancelled_request_stays_in_the_log_as_cut() -> None:
    log = MemoryLog()

    async def send() -> None:
        async with recorded(log, host="h", sent_bytes=1, purpose=PURPOSE):
            await asyncio.sleep(60)

    task = asyncio.create_task(send())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [line.outcome for line in log.entries] == [CUT]


async def test_the_history_keeps_the_lines(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    purpose = Purpose(why="key check")
    async with recorded(history, host="a", sent_bytes=1, purpose=purpose) as exchange:
        exchange.outcome = "401"
    async with recorded(history, host="b", sent_bytes=2, purpose=PURPOSE):
        pass
    newest, oldest = await history.egress()
    await history.close()
    assert (oldest.host, oldest.workload, oldest.outcome) == ("a", None, "401")
    assert (newest.host, newest.workload, newest.outcome) == ("b", "Triage", CUT)
