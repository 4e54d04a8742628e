"""Many hosts watched: each comes as it is ready, none waits for another, and closing ends it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path

import pytest

from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState
from landfall.services.history.history import History
from landfall.services.hosts import watching
from landfall.services.hosts.looking import Asking, Looker
from landfall.services.hosts.seen import HostsSeen
from landfall.services.hosts.watching import Rhythm, looked_at_all, watched
from landfall.services.keys.secret import Secret
from tests.fakes import odd_listeners as odd
from tests.fakes.http_wire import Reply, Request, WireServer, json_reply
from tests.fakes.model_servers import TOKEN
from tests.fakes.odd_listeners import listening

FAST = Rhythm(period_seconds=0.05, silent_most_seconds=0.1, whole_every=3)


async def answer(request: Request) -> Reply:
    if request.headers.get("origin") or "stranger" in request.headers["host"]:
        return Reply(403)
    return json_reply({"version": "0.32.15", "models": []})


def host(name: str, url: str) -> Host:
    return Host(name=name, url=url, kind=HostKind.OLLAMA)


@asynccontextmanager
async def fleet(count: int) -> AsyncIterator[list[Host]]:
    async with AsyncExitStack() as running:
        servers = [await running.enter_async_context(WireServer(answer)) for _ in range(count)]
        yield [host(f"h{number}", one.url) for number, one in enumerate(servers)]


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    kept = History(tmp_path / "history.db")
    await kept.open()
    yield kept
    await kept.close()


async def test_that_one_dead_host_delays_nobody() -> None:
    async with fleet(12) as hosts, listening(odd.silent) as port:
        dead = host("dead", f"http://127.0.0.1:{port}")
        begun = time.monotonic()
        seen: list[str] = []
        async with aclosing(watched([dead, *hosts])) as readings:
            async for reading in readings:
                seen.append(reading.host.name)
                if len(seen) == len(hosts):
                    break
        assert sorted(seen) == sorted(one.name for one in hosts)
        assert time.monotonic() - begun < 4  # the dead one takes 5 s to be given up


async def test_that_each_is_looked_at_again_and_again_until_nobody_watches() -> None:
    async with WireServer(answer) as server:
        async with aclosing(watched([host("a", server.url)], rhythm=FAST)) as readings:
            count = 0
            async for reading in readings:
                assert reading.state is HostState.ANSWERS
                count += 1
                if count == 8:
                    break
        asked = [one.path for one in server.requests]
        before = len(asked)
        await asyncio.sleep(0.3)
        assert len(server.requests) == before
        assert asyncio.all_tasks() == {asyncio.current_task()} | server._connections
    assert asked.count("/api/tags") == 3  # looks 1, 4 and 7 are whole ones
    assert asked.count("/api/ps") == 8


async def test_that_a_host_comes_back_and_is_gone_no_more(history: History) -> None:
    server = WireServer(answer)
    await server.start()
    port = server.port
    one = host("a", server.url)
    states: list[tuple[HostState, bool]] = []
    async with aclosing(
        watched([one], rhythm=FAST, seen=await HostsSeen.opened(history))
    ) as readings:
        async for reading in readings:
            states.append((reading.state, bool(reading.gone_since)))
            assert bool(reading.gone_since) is (reading.state is HostState.GONE)
            assert reading.answered_at
            if len(states) == 1:
                await server.stop()
            elif reading.state is HostState.GONE and server._server is None:
                (kept,) = await history.hosts_seen()
                assert kept.gone_at == reading.gone_since
                await server.start(port=port)
            elif len(states) > 2 and reading.state is HostState.ANSWERS:
                break
    assert states[0] == (HostState.ANSWERS, False)
    assert (HostState.GONE, True) in states
    (kept,) = await history.hosts_seen()
    assert kept.gone_at == ""
    await server.stop()


async def test_that_since_when_a_host_is_gone_outlives_a_restart(history: History) -> None:
    async with WireServer(answer) as server:
        one = host("a", server.url)
        await _looks(history, one)
    first = await _looks(history, one)
    await asyncio.sleep(1.1)
    second = await _looks(history, one)
    assert first.state is second.state is HostState.GONE
    assert first.gone_since == second.gone_since != ""
    assert first.answered_at == second.answered_at != ""
    seen = await HostsSeen.opened(history)
    assert seen.was_gone(one)
    before = seen.before(one)
    assert before is not None
    assert before.said == {"server": "Ollama", "version": "0.32.15", "models": []}


async def _looks(history: History, one: Host) -> HostReading:
    seen = await HostsSeen.opened(history)
    readings = [reading async for reading in looked_at_all([one], seen=seen)]
    assert len(readings) == 1
    return readings[0]


async def test_that_one_look_at_each_ends_by_itself() -> None:
    async with fleet(3) as hosts:
        names = [one.host.name async for one in looked_at_all(hosts)]
    assert sorted(names) == ["h0", "h1", "h2"]
    assert [one async for one in looked_at_all([])] == []


async def test_that_no_host_is_no_watch() -> None:
    assert [one async for one in watched([])] == []


async def test_that_a_fault_of_ours_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_self: Looker) -> HostReading:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Looker, "look", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        async with aclosing(watched([host("a", "http://127.0.0.1:9")])) as readings:
            await anext(readings)


async def test_that_each_is_asked_in_its_own_way(tmp_path: Path) -> None:
    async def nowhere(_name: str) -> list[str]:
        return []

    one = host("a", "http://box.lan:11434")
    asking = {"a": Asking(resolve=nowhere)}
    (reading,) = [reading async for reading in looked_at_all([one], asking=asking)]
    assert "does not resolve" in reading.problem


def test_that_the_silent_are_asked_ever_less_often() -> None:
    rhythm = Rhythm()
    pauses = [watching._pause(silent, rhythm) for silent in range(8)]
    assert pauses == [10, 10, 20, 40, 60, 60, 60, 60]
    assert watching._pause(10_000, rhythm) == 60


async def test_that_hosts_are_read_before_their_tokens_are_known_and_anew_with_them() -> None:
    async def guarded(request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401)
        return await answer(request)

    unlocked = asyncio.Event()

    async def found() -> Mapping[str, Asking]:
        await unlocked.wait()
        return {"a": Asking(token=Secret(TOKEN)), "b": Asking()}

    slow = Rhythm(period_seconds=60.0, silent_most_seconds=60.0)
    async with WireServer(guarded) as a, WireServer(answer) as b:
        later = asyncio.create_task(found())
        hosts = [host("a", a.url), host("b", b.url)]
        async with aclosing(watched(hosts, later=later, rhythm=slow)) as readings:
            first = {one.host.name: one.state for one in [await anext(readings) for _ in hosts]}
            assert first == {"a": HostState.REFUSED, "b": HostState.ANSWERS}
            unlocked.set()
            again = await asyncio.wait_for(anext(readings), 5)
            assert (again.host.name, again.state) == ("a", HostState.ANSWERS)
            asked = len(b.requests)
            await asyncio.sleep(0.3)
            assert len(b.requests) == asked  # it has no token: nothing is new


async def test_that_more_dead_hosts_than_there_are_places_delay_nobody_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "TALKING_AT_ONCE", 2)
    monkeypatch.setattr(watching, "HURRY_SECONDS", 0.1)
    async with fleet(6) as hosts, listening(odd.silent) as port:
        dead = [host(f"dead {n}", f"http://127.0.0.1:{port}/{n}") for n in range(8)]
        begun = time.monotonic()
        left = {one.name for one in hosts}
        async with aclosing(watched([*dead, *hosts])) as readings:
            async for reading in readings:
                left.discard(reading.host.name)
                if not left:
                    break
        assert time.monotonic() - begun < 4  # each of the dead takes 5 s to be given up


async def test_that_who_is_slow_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "HURRY_SECONDS", 0.05)

    async def slow(request: Request) -> Reply:
        await asyncio.sleep(0.1)
        return await answer(request)

    async with WireServer(slow) as server:
        watch = watched([host("slow", server.url)], rhythm=FAST)
        async with aclosing(watch) as readings:
            for _ in range(3):
                assert (await anext(readings)).state is HostState.ANSWERS
