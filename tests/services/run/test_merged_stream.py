"""An answer and readings as one stream, and what is said while nothing comes."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.core.errors import AppError, OllamaUnavailable
from landfall.core.events import Aborted, Ended, Piece, PowerSample, RunEvent, Sent
from landfall.core.run import long_wait
from landfall.core.run.long_wait import LongWait
from landfall.services.history.history import History
from landfall.services.ollama.client import Ollama
from landfall.services.run.answering import Ask, Kept, RunUpdate, Turn
from landfall.services.run.asking import Sampling, ask_ollama
from landfall.services.run.merged_stream import Flow
from landfall.services.run.runs import Runs
from tests.fakes.ollama_twin import Twin
from tests.fakes.speakers import speaker

ASK = Ask(turns=(Turn("user", "Why?"),), context=2048, num_predict=40)
SOON = 0.05


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", SOON)


async def known() -> bool | None:
    return True


async def events(*those: RunEvent | float | AppError) -> AsyncGenerator[RunEvent, None]:
    """These, with pauses in seconds between them."""
    for one in those:
        if isinstance(one, float):
            await asyncio.sleep(one)
        elif isinstance(one, AppError):
            raise one
        else:
            yield one


async def readings(count: int) -> AsyncGenerator[PowerSample, None]:
    for tick in range(count):
        yield PowerSample(float(tick), "NVML", "gpu", 100.0)
        await asyncio.sleep(0)


async def all_of(flow: Flow) -> list[RunEvent | PowerSample | LongWait]:
    async with flow as opened, aclosing(opened.answer()) as updates:
        return [update async for update in updates]


async def test_that_a_long_wait_is_told_and_told_again_each_time_it_has_doubled() -> None:
    answer = events(Sent(1.0), SOON * 9, Piece(2.0, "a"), Ended(3.0, "stop"))
    told = await all_of(Flow(answer, None, model="m", in_memory=known))
    waits = [one for one in told if isinstance(one, LongWait)]
    times = [one.seconds / SOON for one in waits]
    assert set(times) <= {1.0, 2.0, 4.0, 8.0}
    assert times == sorted(set(times))
    assert len(times) > 1
    assert {(one.model, one.begun, one.in_memory) for one in waits} == {("m", False, True)}
    assert waits[0].at == pytest.approx(time.perf_counter(), abs=60.0), "on the clock of events"
    assert [type(one) for one in told if not isinstance(one, LongWait)] == [Sent, Piece, Ended]


async def test_that_a_client_that_was_closed_meanwhile_leaves_the_wait_told() -> None:
    async def closed() -> bool | None:
        raise RuntimeError("Cannot send a request, as the client has been closed.")

    answer = events(Sent(1.0), SOON * 9, Ended(3.0, "stop"))
    told = await all_of(Flow(answer, None, model="m", in_memory=closed))
    waits = [one for one in told if isinstance(one, LongWait)]
    assert waits
    assert {one.in_memory for one in waits} == {None}


async def test_that_whatever_comes_begins_the_wait_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", 1.5)
    answer = events(Sent(1.0), *([0.2, Piece(2.0, "a")] * 10), Ended(3.0, "stop"))
    told = await all_of(Flow(answer, None, model="m", in_memory=known))
    assert not [one for one in told if isinstance(one, LongWait)]
    monkeypatch.setattr(long_wait, "FIRST_SECONDS", SOON)
    late = events(Sent(1.0), Piece(2.0, "a"), SOON * 20, Ended(3.0, "stop"))
    waiting, *_ = (
        one
        for one in await all_of(Flow(late, None, model="m", in_memory=known))
        if isinstance(one, LongWait)
    )
    assert waiting.begun


def machine_sleeps() -> None:
    threading.Event().wait(SOON * 9)


async def test_that_a_machine_that_slept_says_it_once() -> None:
    async def stalls() -> AsyncGenerator[RunEvent, None]:
        yield Sent(1.0)
        await asyncio.sleep(SOON / 2)
        machine_sleeps()
        await asyncio.sleep(SOON)
        yield Ended(3.0, "stop")

    told = await all_of(Flow(stalls(), None, model="m", in_memory=known))
    (waiting,) = (one for one in told if isinstance(one, LongWait))
    assert waiting.seconds >= 8 * SOON


async def test_that_nothing_is_waited_for_before_it_was_sent_nor_after_its_end() -> None:
    before = events(SOON * 3, Sent(1.0), Aborted(2.0, "x"))
    told = await all_of(Flow(before, None, model="m", in_memory=known))
    assert [type(one) for one in told] == [Sent, Aborted]
    over = Flow(events(Sent(1.0), Ended(2.0, "stop")), readings(3), model="m", in_memory=known)
    async with over as flow:
        answered = [update async for update in flow.answer()]
        await asyncio.sleep(SOON * 3)
        rest = [update async for update in flow.readings()]
    assert len([one for one in (*answered, *rest) if isinstance(one, PowerSample)]) == 3
    assert not [one for one in answered if isinstance(one, LongWait)]


async def test_that_a_server_that_does_not_say_what_it_holds_leaves_that_unknown() -> None:
    async def silent() -> bool | None:
        raise OllamaUnavailable("gone")

    answer = events(Sent(1.0), SOON * 1.5, Ended(3.0, "stop"))
    told = await all_of(Flow(answer, None, model="m", in_memory=silent))
    assert [one.in_memory for one in told if isinstance(one, LongWait)] == [None]


async def test_that_what_goes_wrong_ends_it_and_closing_closes_both() -> None:
    closed: list[str] = []

    async def kept_open(name: str, last: RunEvent | PowerSample) -> AsyncGenerator[RunEvent, None]:
        try:
            yield last  # type: ignore[misc]
            await asyncio.Event().wait()
        finally:
            closed.append(name)

    sample = PowerSample(1.0, "NVML", "gpu", 1.0)
    flow = Flow(
        kept_open("answer", Sent(1.0)),
        kept_open("sensor", sample),  # type: ignore[arg-type]
        model="m",
        in_memory=known,
    )
    async with flow as opened:
        first = await anext(aiter(opened.answer()))
        assert first in (Sent(1.0), sample)
    assert sorted(closed) == ["answer", "sensor"]
    broken = Flow(events(Sent(1.0), OllamaUnavailable("x")), None, model="m", in_memory=known)
    with pytest.raises(OllamaUnavailable):
        await all_of(broken)


# A model that an answer holds which its client left


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[Twin]:
    twin = Twin(tmp_path / "models", holds=True)
    twin.recorded_models["small:latest"] = speaker("small:latest", ["word "] * 30)
    twin.pace.token_seconds = 0.01
    async with twin:
        yield twin


async def test_that_a_model_that_is_held_is_said_to_be_in_every_run_and_stops_at_once(
    held: Twin, tmp_path: Path
) -> None:
    history = History(tmp_path / "history.db")
    await history.open()
    seen: asyncio.Queue[RunUpdate] = asyncio.Queue()

    async def run() -> None:
        async with Ollama(held.url) as client:
            answer = ask_ollama(Runs(history), client, "small", ask=ASK, sampling=Sampling())
            async with aclosing(answer) as updates:
                async for update in updates:
                    seen.put_nowait(update)

    async def until(kind: type[RunUpdate]) -> RunUpdate:
        while not isinstance(update := await asyncio.wait_for(seen.get(), 10), kind):
            pass
        return update

    first = asyncio.create_task(run())
    await until(Piece)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await held.server.departed.wait()
    for _ in range(2):
        while not seen.empty():
            seen.get_nowait()
        again = asyncio.create_task(run())
        waiting = await until(LongWait)
        assert isinstance(waiting, LongWait)
        assert (waiting.model, waiting.in_memory, waiting.begun) == ("small:latest", True, False)
        stopped = time.monotonic()
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)
        assert time.monotonic() - stopped < 2
    held.runners.clear()  # Ollama is started again
    await run()
    assert isinstance(await until(Kept), Kept)
    states = [one.state for one in await history.runs()]
    assert states == ["done", "aborted", "aborted", "aborted"]
    await history.close()
