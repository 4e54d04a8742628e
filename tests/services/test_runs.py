from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from landfall.core.errors import Interrupted
from landfall.core.events import Aborted, Counters, Ended, Piece, PowerSample, RunEvent, Sent
from landfall.core.provenance import Measured, Unknown
from landfall.services.history import History
from landfall.services.metering import Metering
from landfall.services.runs import STOPPED, Ask, Cost, Facts, Kept, Place, Runs, Turn
from tests.fakes.power import FakeSource

ASK = Ask(turns=(Turn("system", "Be brief."), Turn("user", "Why?")), context=4096)
COUNTERS = Counters(
    load_seconds=0.01,
    prompt_tokens=20,
    prompt_seconds=2.0,
    output_tokens=4,
    output_seconds=2.0,
)


class FakeTarget:
    host = "http://127.0.0.1:11434"
    model = "tiny:latest"

    def __init__(
        self,
        events: Sequence[RunEvent | Exception],
        *,
        place: Place = "local",
        pause_seconds: float = 0.0,
    ) -> None:
        self.place: Place = place
        self._events = events
        self._pause = pause_seconds
        self.closed = False

    async def events(self, ask: Ask) -> AsyncGenerator[RunEvent, None]:
        try:
            for event in self._events:
                await asyncio.sleep(self._pause)
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.closed = True

    async def facts(self) -> Facts:
        return Facts(digest="sha256:1", engine="Ollama 0.24.0", conditions={"gpu_share": 1.0})

    def cost(self, end: Ended) -> Cost:
        return Cost(usd=None, note="electricity only")


class FakePower(Metering):
    """A sensor on the clock of the fake answers: a reading a second."""

    def __init__(self, watts: float | None) -> None:
        super().__init__([FakeSource(watts)])
        self._watts = watts
        self.closed = False

    async def samples(self) -> AsyncGenerator[PowerSample, None]:
        try:
            for tick in range(1000):
                yield PowerSample(float(tick), "NVML", "gpu", self._watts, "the sensor sleeps")
                await asyncio.sleep(0)
        finally:
            self.closed = True


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


WHOLE: tuple[RunEvent, ...] = (
    Sent(1.0),
    Piece(1.5, "hm", thinking=True),
    Piece(2.0, "Be"),
    Piece(3.0, "cause"),
    Ended(4.0, "stop", COUNTERS),
)


async def test_a_whole_answer_is_streamed_measured_and_kept(history: History) -> None:
    updates = [u async for u in Runs(history).stream(FakeTarget(WHOLE), ASK)]
    kept = updates[-1]
    assert isinstance(kept, Kept)
    assert updates[:-1] == list(WHOLE)
    assert kept.record.state == "done"
    assert (kept.record.answer, kept.record.thinking) == ("Because", "hm")
    assert kept.record.decode_tok_s == 2.0
    assert kept.record.prefill_tok_s == 10.0
    assert kept.record.ttft_seconds == 0.5
    assert kept.record.engine == "Ollama 0.24.0"
    assert kept.record.conditions["gpu_share"] == 1.0
    assert await history.runs() == (kept.record,)


async def test_watts_become_joules_of_the_window_and_the_samples_are_kept(
    history: History,
) -> None:
    power = FakePower(100.0)
    target = FakeTarget(WHOLE, pause_seconds=0.01)
    kept = [u async for u in Runs(history, power=power).stream(target, ASK)][-1]
    assert isinstance(kept, Kept)
    assert isinstance(kept.energy.gross, Measured)
    assert kept.energy.gross.value == pytest.approx(300.0)
    assert kept.record.energy_scope == "gpu"
    assert len(await history.samples(kept.record.id)) > 3
    assert power.closed


async def test_a_sensor_that_does_not_answer_makes_the_energy_unknown_not_zero(
    history: History,
) -> None:
    runs = Runs(history, power=FakePower(None))
    kept = [u async for u in runs.stream(FakeTarget(WHOLE, pause_seconds=0.01), ASK)][-1]
    assert isinstance(kept, Kept)
    assert isinstance(kept.energy.gross, Unknown)
    assert kept.record.gross_joules is None
    assert kept.record.energy_reason == "the sensor sleeps"


async def test_the_watts_of_this_machine_are_not_charged_to_a_cloud(history: History) -> None:
    power = FakePower(100.0)
    target = FakeTarget(WHOLE, place="cloud")
    updates = [u async for u in Runs(history, power=power).stream(target, ASK)]
    assert not [u for u in updates if isinstance(u, PowerSample)]
    kept = updates[-1]
    assert isinstance(kept, Kept)
    assert kept.record.gross_joules is None


async def test_a_stream_without_its_end_is_no_result_and_what_came_is_kept(
    history: History,
) -> None:
    cut = (Sent(1.0), Piece(2.0, "Be"), Aborted(3.0, "the server ended the answer"))
    kept = [u async for u in Runs(history).stream(FakeTarget(cut), ASK)][-1]
    assert isinstance(kept, Kept)
    assert kept.record.state == "aborted"
    assert kept.record.answer == "Be"
    assert kept.record.done_reason == "the server ended the answer"
    assert kept.record.decode_tok_s is None
    assert len(await history.runs()) == 1


async def test_a_server_that_dies_is_an_error_and_what_came_is_kept(history: History) -> None:
    target = FakeTarget((Sent(1.0), Piece(2.0, "Be"), Interrupted("The server died.")))
    with pytest.raises(Interrupted):
        async for _ in Runs(history, power=FakePower(100.0)).stream(target, ASK):
            pass
    (run,) = await history.runs()
    assert (run.state, run.answer, run.done_reason) == ("aborted", "Be", "The server died.")
    assert target.closed


async def test_a_stopped_run_closes_the_connection_and_keeps_what_came(history: History) -> None:
    target = FakeTarget((Sent(1.0), *(Piece(2.0 + i, "x") for i in range(50))), pause_seconds=0.01)
    power = FakePower(100.0)
    three_seen = asyncio.Event()

    async def follow() -> None:
        async with aclosing(Runs(history, power=power).stream(target, ASK)) as updates:
            seen = 0
            async for update in updates:
                seen += isinstance(update, Piece)
                if seen == 3:
                    three_seen.set()

    task = asyncio.create_task(follow())
    await three_seen.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert target.closed
    assert power.closed
    (run,) = await history.runs()
    assert run.state == "aborted"
    assert run.done_reason == STOPPED
    assert run.answer.startswith("xxx")


async def test_a_run_is_in_the_history_from_its_first_moment(history: History) -> None:
    stream = Runs(history).stream(FakeTarget(WHOLE), ASK)
    await anext(stream)
    (run,) = await history.runs()
    assert (run.state, run.prompt) == ("running", "Why?")
    await stream.aclose()
