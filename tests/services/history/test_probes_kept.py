"""Probes in the history: the newest whole one of each model stands for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.services.history.history import History
from landfall.services.history.probes_kept import ProbeRecord

FIRST = ProbeRecord(
    started_at="2026-11-20T10:00:00+00:00",
    state="done",
    provider="groq",
    host="api.groq.com",
    model="gpt-oss-20b",
    plan={"calls": 3},
    result={"cost_usd": 0.1, "calls": []},
)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


async def test_that_a_probe_comes_back_as_it_was_kept(history: History) -> None:
    row = await history.add_probe(FIRST)
    (kept,) = await history.probes()
    assert replace(kept, id=0, uid="") == FIRST
    assert (kept.id, len(kept.uid) > 10) == (row, True)
    await history.keep_probe(replace(kept, state="aborted", result=None))
    (changed,) = await history.probes()
    assert (changed.uid, changed.state, changed.result) == (kept.uid, "aborted", None)


async def test_that_the_newest_whole_probe_of_a_model_at_a_host_counts(history: History) -> None:
    later = replace(FIRST, started_at="2026-11-21T10:00:00+00:00")
    for probe in (
        FIRST,
        later,
        replace(FIRST, started_at="2026-11-22T10:00:00+00:00", state="aborted"),
        replace(FIRST, host="gateway.example"),
        replace(FIRST, model="kimi"),
    ):
        await history.add_probe(probe)
    found = await history.latest_probes()
    assert [(one.model, one.host, one.started_at[:10]) for one in found] == [
        ("kimi", "api.groq.com", "2026-11-20"),
        ("gpt-oss-20b", "gateway.example", "2026-11-20"),
        ("gpt-oss-20b", "api.groq.com", "2026-11-21"),
    ]
    assert len(await history.probes(limit=2)) == 2
