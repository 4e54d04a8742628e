from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from pathlib import Path
from time import perf_counter

import pytest

from landfall.core.costs.tariff import Tariff, TariffWindow
from landfall.core.energy.power import Scope
from landfall.core.energy.wall import WallCalibration
from landfall.core.errors import Interrupted
from landfall.core.events import Aborted, Counters, Ended, Piece, PowerSample, RunEvent, Sent
from landfall.core.provenance import Measured, Unknown
from landfall.services.history.history import History
from landfall.services.run.answering import STOPPED, Ask, Cost, Facts, Kept, Place, RunUpdate, Turn
from landfall.services.run.metering import Metering
from landfall.services.run.runs import Runs
from tests.fakes.power import FakeSource, HangingSource, RaisingSource

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

    async def in_memory(self) -> bool | None:
        return None

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


async def test_that_a_provider_that_refuses_or_breaks_off_is_named_in_the_history(
    history: History,
) -> None:
    cut = FakeTarget((Sent(1.0), Piece(2.0, "Be"), Aborted(3.0, "cut")), place="cloud")
    kept = [u async for u in Runs(history).stream(cut, ASK)][-1]
    assert isinstance(kept, Kept)
    refusing = FakeTarget((Interrupted("No credit."),), place="cloud")
    with pytest.raises(Interrupted):
        async for _ in Runs(history).stream(refusing, ASK):
            pass
    assert [run.engine for run in await history.runs()] == ["Ollama 0.24.0"] * 2


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


class RealTarget(FakeTarget):
    """An answer on the real clock: 0.3 s before the first piece, then a piece each 0.1 s."""

    def __init__(self, *, seconds: float = 1.3, dies_after: int | None = None) -> None:
        super().__init__(())
        self._seconds, self._dies_after = seconds, dies_after
        self.sent_at = self.ended_at = 0.0

    @property
    def took_seconds(self) -> float:
        """How long it was in the end: on a busy machine more than was asked for."""
        return self.ended_at - self.sent_at

    async def events(self, ask: Ask) -> AsyncGenerator[RunEvent, None]:
        self.sent_at = perf_counter()
        yield Sent(self.sent_at)
        await asyncio.sleep(0.3)
        count = round((self._seconds - 0.3) / 0.1)
        for i in range(count):
            if i == self._dies_after:
                raise Interrupted("The server died.")
            yield Piece(perf_counter(), "x")
            await asyncio.sleep(0.1)
        told = Counters(output_tokens=count, output_seconds=1.0, prompt_seconds=0.3)
        self.ended_at = perf_counter()
        yield Ended(self.ended_at, "stop", told)


NIGHT_AND_DAY = Tariff(
    price_per_kwh=3600.0,
    currency="EUR",
    windows=(TariffWindow(from_hour=0, to_hour=12, price_per_kwh=7200.0),),
)


async def kept_of(updates: AsyncGenerator[RunUpdate, None]) -> tuple[list[RunUpdate], Kept]:
    got = [update async for update in updates]
    kept = got[-1]
    assert isinstance(kept, Kept)
    return got, kept


async def test_that_an_answer_is_done_in_the_history_before_the_sensors_have_settled(
    history: History,
) -> None:
    """A kill in between loses no answer: only its energy is not known then."""
    power = Metering([FakeSource(100.0, settle_seconds=0.6)])
    target = RealTarget()
    stream = Runs(history, power=power).stream(target, ASK)
    async for update in stream:
        if isinstance(update, Ended):
            break
    sample = await anext(stream)
    assert isinstance(sample, PowerSample)
    (run,) = await history.runs()
    assert (run.state, run.answer, run.gross_joules) == ("done", "x" * 10, None)
    assert run.energy_reason == "the program ended before its energy was reckoned"
    await stream.aclose()
    (run,) = await history.runs()
    assert run.state == "done"
    assert run.gross_joules == pytest.approx(100 * target.took_seconds, rel=0.1)
    assert not power.running


async def test_that_the_readings_of_the_settle_time_follow_the_end_and_are_kept(
    history: History,
) -> None:
    power = Metering([FakeSource(100.0, settle_seconds=0.4)])
    updates, kept = await kept_of(Runs(history, power=power).stream(RealTarget(), ASK))
    end = next(i for i, update in enumerate(updates) if isinstance(update, Ended))
    after = [update for update in updates[end:] if isinstance(update, PowerSample)]
    assert len(after) >= 4
    assert len(await history.samples(kept.record.id)) == sum(
        isinstance(update, PowerSample) for update in updates
    )
    assert not power.running
    assert await history.runs() == (kept.record,)


async def test_that_a_run_belongs_to_its_benchmark_and_part(history: History) -> None:
    row = await history._database.run(
        lambda c: (
            c.execute(
                "INSERT INTO benchmarks (uid, started_at, state, kind, place, host, model)"
                " VALUES ('u', '2026-11-26', 'running', 'chat', 'local', 'h', 'm')"
            ).lastrowid
        )
    )
    stream = Runs(history).stream(FakeTarget(WHOLE), ASK, benchmark=row, part="short")
    _, kept = await kept_of(stream)
    assert (kept.record.benchmark, kept.record.part) == (row, "short")
    assert await history.runs() == (kept.record,)


async def test_that_energy_costs_what_the_tariff_says_of_its_hour(history: History) -> None:
    plug = FakeSource(100.0, name="plug", scope=Scope.WALL)
    runs = Runs(history, power=Metering([plug]), tariff=NIGHT_AND_DAY)
    _, kept = await kept_of(runs.stream(RealTarget(), ASK))
    record = kept.record
    assert record.gross_joules is not None
    assert record.conditions["wall_way"] == "read at the plug"
    assert record.electricity_cost is not None
    price = record.electricity_cost / record.gross_joules * 3.6e6
    assert price == pytest.approx(3600) or price == pytest.approx(7200)
    assert record.electricity_currency == "EUR"
    runs.use_tariff(None)
    _, later = await kept_of(runs.stream(RealTarget(), ASK))
    assert later.record.electricity_cost is later.record.electricity_currency is None


async def test_that_a_board_alone_costs_what_the_plug_is_reckoned_to_give(
    history: History,
) -> None:
    """Cost is of the gross energy, the rest of the machine and the supply: 60 W and 0.90."""
    runs = Runs(history, power=Metering([FakeSource(100.0)]), tariff=NIGHT_AND_DAY)
    _, kept = await kept_of(runs.stream(RealTarget(), ASK))
    told = kept.record.conditions
    assert kept.record.gross_joules is not None
    assert told["wall_joules"] == pytest.approx(kept.record.gross_joules * 1.6 / 0.9)
    assert "estimated" in told["wall_way"]
    calibration = WallCalibration(
        idle_wall_watts=50,
        idle_measured_watts=20,
        load_wall_watts=150,
        load_measured_watts=100,
        sources=("NVML",),
        at="2026-11-26T10:00:00+00:00",
    )
    runs.use_tariff(NIGHT_AND_DAY, calibration)
    _, kept = await kept_of(runs.stream(RealTarget(), ASK))
    assert "calibrated" in kept.record.conditions["wall_way"]


class OnACharger(FakeSource):
    """The whole system of a MacBook."""

    supply_efficiency = 0.947


async def test_that_a_macbook_costs_by_its_own_charger(history: History) -> None:
    whole = OnACharger(30.0, scope=Scope.SYSTEM_DC)
    runs = Runs(history, power=Metering([whole]), tariff=NIGHT_AND_DAY)
    _, kept = await kept_of(runs.stream(RealTarget(), ASK))
    told = kept.record.conditions
    assert kept.record.gross_joules is not None
    assert told["wall_joules"] == pytest.approx(kept.record.gross_joules / 0.947)
    assert "MacBook" in told["wall_way"]


async def test_that_net_energy_is_known_where_the_draw_at_rest_was_waited_for(
    history: History,
) -> None:
    runs = Runs(history, power=Metering([FakeSource(50.0)]), idle_seconds=5.0)
    _, kept = await kept_of(runs.stream(RealTarget(), ASK))
    assert kept.record.net_joules == pytest.approx(0, abs=1)
    assert kept.record.idle_watts == pytest.approx(50)
    assert "net_reason" not in kept.record.conditions


async def test_that_without_a_draw_at_rest_net_is_unknown_with_that_reason(
    history: History,
) -> None:
    runs = Runs(history, power=Metering([FakeSource(50.0)]))
    _, kept = await kept_of(runs.stream(RealTarget(), ASK))
    assert kept.record.net_joules is None
    why = "the idle draw with tiny:latest loaded was not measured"
    assert kept.record.conditions["net_reason"] == why


async def test_that_two_answers_at_once_share_what_was_drawn_and_are_marked(
    history: History,
) -> None:
    power = Metering([FakeSource(100.0)])
    runs = Runs(history, power=power)
    targets = RealTarget(seconds=1.6), RealTarget(seconds=1.6)
    (_, one), (_, two) = await asyncio.gather(
        *(kept_of(runs.stream(target, ASK)) for target in targets)
    )
    assert (one.record.shared_with, two.record.shared_with) == (1, 1)
    total = (one.record.gross_joules or 0) + (two.record.gross_joules or 0)
    took_seconds = max(t.ended_at for t in targets) - min(t.sent_at for t in targets)
    assert total == pytest.approx(100 * took_seconds, rel=0.1)
    assert "shared with another answer" in one.record.conditions["energy_notes"][0]
    assert not power.running


@pytest.mark.parametrize("pieces", [0, 5], ids=["load or prefill", "decode"])
async def test_that_a_server_killed_in_any_phase_leaves_an_aborted_run_without_energy(
    history: History, pieces: int
) -> None:
    power = Metering([FakeSource(100.0)])
    target = RealTarget(dies_after=pieces)
    with pytest.raises(Interrupted):
        await kept_of(Runs(history, power=power).stream(target, ASK))
    (run,) = await history.runs()
    assert (run.state, run.answer) == ("aborted", "x" * pieces)
    assert run.gross_joules is run.decode_joules is run.decode_tok_s is None
    assert run.energy_reason == "the answer did not come to its end"
    assert len(await history.samples(run.id)) >= 2
    assert not power.running


@pytest.mark.parametrize("kind", ["hangs", "raises"])
async def test_that_a_broken_sensor_costs_the_energy_and_never_the_answer(
    history: History, kind: str
) -> None:
    hanging = HangingSource(after=2)
    source = hanging if kind == "hangs" else RaisingSource()
    power = Metering([source])
    began = perf_counter()
    try:
        _, kept = await kept_of(Runs(history, power=power).stream(RealTarget(seconds=4.0), ASK))
    finally:
        hanging.release.set()
    assert perf_counter() - began < 10
    assert (kept.record.state, kept.record.answer) == ("done", "x" * 37)
    assert kept.record.gross_joules is None
    assert kept.record.energy_reason
    assert not power.running


async def test_that_a_clock_set_back_in_mid_run_changes_neither_energy_nor_rates(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    power = Metering([FakeSource(100.0)])
    target = RealTarget()
    stream = Runs(history, power=power, tariff=NIGHT_AND_DAY).stream(target, ASK)
    await anext(stream)
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    _, kept = await kept_of(stream)
    assert kept.record.gross_joules == pytest.approx(100 * target.took_seconds, rel=0.1)
    assert kept.record.electricity_cost is not None
    assert kept.record.total_seconds == pytest.approx(target.took_seconds, abs=0.01)


async def test_that_thinking_is_told_by_pieces_where_the_server_does_not_count_it(
    history: History,
) -> None:
    _, kept = await kept_of(Runs(history).stream(FakeTarget(WHOLE), ASK))
    told = kept.record.conditions
    assert (told["thinking_pieces"], told["answer_pieces"]) == (1, 2)
