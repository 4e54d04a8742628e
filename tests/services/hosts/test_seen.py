from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.errors import DiskFull
from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState
from landfall.services.history.history import History
from landfall.services.hosts import seen
from landfall.services.hosts.seen import HostsSeen, after

HOST = Host(name="a", url="http://box:1", kind=HostKind.OLLAMA)


def reading(state: HostState, at: str = "") -> HostReading:
    return HostReading(host=HOST, state=state, answered_at=at, server="Ollama", version="1")


def test_that_the_first_silence_is_what_counts() -> None:
    answered = after(None, reading(HostState.ANSWERS, "2026-11-26T10:00:00+00:00"))
    gone = after(answered, reading(HostState.GONE))
    assert gone.gone_at
    still = after(replace(gone, gone_at="2026-11-26T10:05:00+00:00"), reading(HostState.GONE))
    assert still.gone_at == "2026-11-26T10:05:00+00:00"
    assert still.answered_at == "2026-11-26T10:00:00+00:00"
    assert still.said["server"] == "Ollama"


@pytest.mark.parametrize(
    "state", [HostState.REFUSED, HostState.SOMETHING_ELSE, HostState.BAD_CERTIFICATE]
)
def test_that_what_answers_otherwise_is_not_silent(state: HostState) -> None:
    gone = after(None, reading(HostState.GONE))
    back = after(gone, reading(state))
    assert (back.gone_at, back.answered_at) == ("", "")


async def test_that_only_what_changed_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    writes = []
    keep = history.keep_hosts_seen

    async def counted(fresh: list[seen.HostSeen]) -> None:
        writes.append(len(fresh))
        await keep(fresh)

    monkeypatch.setattr(history, "keep_hosts_seen", counted)
    memory = await HostsSeen.opened(history)
    for second in (0, 10, 20):
        at = f"2026-11-26T10:00:{second:02}+00:00"
        told = await memory.told(reading(HostState.ANSWERS, at))
        assert (told.answered_at, told.gone_since) == (at, "")
    assert writes == [1]
    await memory.told(reading(HostState.ANSWERS, "2026-11-26T10:05:00+00:00"))
    assert writes == [1, 1]
    await memory.told(reading(HostState.ANSWERS, "2026-11-26T10:05:09+00:00"))
    await memory.keep()
    assert writes == [1, 1, 1]
    assert (await history.hosts_seen())[0].answered_at == "2026-11-26T10:05:09+00:00"
    await history.forget_host(HOST.url)
    assert await history.hosts_seen() == ()
    await history.close()


async def test_that_a_history_that_cannot_be_written_stops_no_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    memory = await HostsSeen.opened(history)

    async def full(fresh: list[seen.HostSeen]) -> None:
        raise DiskFull("The disk is full.")

    with monkeypatch.context() as broken, caplog.at_level(logging.CRITICAL, logger=seen.__name__):
        broken.setattr(history, "keep_hosts_seen", full)
        told = await memory.told(reading(HostState.ANSWERS, "2026-11-26T10:00:00+00:00"))
        gone = await memory.told(reading(HostState.GONE))
    assert told.answered_at == gone.answered_at == "2026-11-26T10:00:00+00:00"
    assert gone.gone_since
    await memory.keep()
    assert (await history.hosts_seen())[0].gone_at == gone.gone_since
    await history.close()


def test_that_a_silence_never_begins_in_the_future() -> None:
    known = seen.HostSeen(url=HOST.url, kind="ollama", gone_at="2999-01-01T00:00:00+00:00", said={})
    assert after(known, reading(HostState.GONE)).gone_at < "2999"


async def test_that_a_clock_set_back_keeps_nothing_from_being_written(tmp_path: Path) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    memory = await HostsSeen.opened(history)
    await memory.told(reading(HostState.ANSWERS, "2026-11-26T10:00:00+00:00"))
    await memory.told(reading(HostState.ANSWERS, "2026-11-26T08:00:00+00:00"))
    assert (await history.hosts_seen())[0].answered_at == "2026-11-26T08:00:00+00:00"
    await history.close()
