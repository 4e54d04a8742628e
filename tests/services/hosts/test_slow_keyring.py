"""A keyring that waits for its user: hosts are looked at beside it, and not after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.bootstrap.host_side import HostSide
from landfall.core.errors import Unavailable
from landfall.core.hosts.hosts import Host, HostKind, HostState
from landfall.core.settings import Settings
from landfall.services.history.history import History
from landfall.services.hosts import locks, tokens
from landfall.services.hosts.watching import Rhythm
from landfall.services.keys.key_store import SessionKeys
from landfall.services.keys.secret import Secret
from tests.fakes.model_servers import TOKEN
from tests.fakes.ollama_twin import Twin

SOON_SECONDS = 5.0


class Prompting(SessionKeys):
    """Answers once its user has unlocked it."""

    def __init__(self) -> None:
        super().__init__()
        self.unlocked = asyncio.Event()

    async def get(self, entry: str) -> Secret | None:
        await self.unlocked.wait()
        return await super().get(entry)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    kept = History(tmp_path / "history.db")
    await kept.open()
    yield kept
    await kept.close()


def host(name: str, twin: Twin) -> Host:
    return Host(name=name, url=twin.url, kind=HostKind.OLLAMA)


async def test_that_a_locked_keyring_holds_no_reading_up(history: History, tmp_path: Path) -> None:
    keys = Prompting()
    side = HostSide(history, lambda: keys, rhythm=Rhythm(period_seconds=60.0))
    async with Twin(tmp_path / "a", token=TOKEN) as guarded, Twin(tmp_path / "b") as plain:
        hosts = (host("guarded", guarded), host("plain", plain))
        await keys.store(tokens.entry_of(guarded.url), Secret(TOKEN))
        async with asyncio.timeout(SOON_SECONDS):
            async with aclosing(side.watched(hosts, Settings(hosts=hosts))) as readings:
                first = {one.host.name: one.state for one in [await anext(readings) for _ in hosts]}
                assert first == {"guarded": HostState.REFUSED, "plain": HostState.ANSWERS}
                assert "has not answered yet" in side.trouble
                keys.unlocked.set()
                again = await anext(readings)
                assert (again.host.name, again.state) == ("guarded", HostState.ANSWERS)
                assert side.trouble == ""


async def test_that_a_watch_ends_while_the_keyring_still_waits(
    history: History, tmp_path: Path
) -> None:
    side = HostSide(history, Prompting)
    async with Twin(tmp_path / "a") as twin:
        hosts = (host("a", twin),)
        async with asyncio.timeout(SOON_SECONDS):
            async with aclosing(side.watched(hosts, Settings(hosts=hosts))) as readings:
                assert (await anext(readings)).state is HostState.ANSWERS


async def test_that_one_look_waits_for_the_keyring_only_where_a_token_is_asked_for(
    history: History, tmp_path: Path
) -> None:
    keys = Prompting()
    side = HostSide(history, lambda: keys)
    async with Twin(tmp_path / "a", token=TOKEN) as guarded, Twin(tmp_path / "b") as plain:
        await keys.store(tokens.entry_of(guarded.url), Secret(TOKEN))
        async with asyncio.timeout(SOON_SECONDS):
            reading = await side.looked_at(host("plain", plain), Settings())
            assert reading.state is HostState.ANSWERS
            looking = asyncio.create_task(side.looked_at(host("guarded", guarded), Settings()))
            await asyncio.wait({looking}, timeout=1.0)
            assert guarded.server.requests
            assert not looking.done()
            keys.unlocked.set()
            assert (await looking).state is HostState.ANSWERS


async def test_that_a_history_that_cannot_be_read_keeps_no_host_from_being_asked(
    history: History,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def unreadable(*_: object) -> None:
        raise Unavailable("The history is damaged.")

    monkeypatch.setattr(locks, "locked_on", unreadable)
    side = HostSide(history, SessionKeys)
    async with Twin(tmp_path / "a") as twin:
        hosts = (host("a", twin),)
        with caplog.at_level("CRITICAL", logger="landfall.bootstrap.host_side"):
            async with aclosing(side.watched(hosts, Settings(hosts=hosts))) as readings:
                assert (await anext(readings)).state is HostState.ANSWERS
            assert (await side.looked_at(hosts[0], Settings())).state is HostState.ANSWERS
