"""Readings on their way to the window: the first at once, those that follow soon together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from itertools import pairwise
from pathlib import Path

from landfall.bootstrap.host_side import GATHER_SECONDS, HostSide
from landfall.core.hosts.hosts import Host, HostKind, HostState
from landfall.core.settings import Settings
from landfall.services.history.history import History
from landfall.services.hosts.watching import Rhythm
from landfall.services.keys.key_store import SessionKeys
from tests.fakes.ollama_twin import Twin


async def test_that_readings_come_in_bursts_and_end_with_their_watch(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    side = HostSide(history, SessionKeys, rhythm=Rhythm(period_seconds=0.05))
    clock = asyncio.get_running_loop().time
    async with Twin(tmp_path / "one") as one, Twin(tmp_path / "two") as two:
        hosts = [
            Host(name=name, url=twin.url, kind=HostKind.OLLAMA)
            for name, twin in (("one", one), ("two", two))
        ]
        watch = side.watched(hosts, Settings(hosts=tuple(hosts)))
        assert isinstance(watch, AsyncGenerator)
        came: list[float] = []
        names: set[str] = set()
        async for reading in watch:
            assert reading.state is HostState.ANSWERS
            names.add(reading.host.name)
            came.append(clock())
            if came[-1] - came[0] > 3 * GATHER_SECONDS:
                break
        await watch.aclose()
        pauses = [b - a for a, b in pairwise(came)]
        bursts = 1 + sum(pause > GATHER_SECONDS / 2 for pause in pauses)
        assert names == {"one", "two"}
        assert bursts <= 5
        assert len(came) > bursts
        asked = len(one.server.requests)
        await asyncio.sleep(0.3)
        assert len(one.server.requests) == asked
    await history.close()
