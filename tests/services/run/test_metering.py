"""One sampler for all, off while idle; who shared what, and what the machine draws at rest."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from landfall.core.energy.idle import IdleDraw
from landfall.core.energy.power import ASLEEP, Scope
from landfall.core.events import Counters, PowerSample
from landfall.core.provenance import Measured, Unknown, middle
from landfall.services.power import Missing
from landfall.services.run.metering import Metering
from landfall.services.run.watch import RunWatch
from tests.fakes.clocks import FakeTime
from tests.fakes.power import FakeSource, HangingSource, RaisingSource


def metering(time: FakeTime, *sources: FakeSource) -> Metering:
    return Metering(sources, clock=time.clock, elapsed_clock=time.elapsed, sleep=time.sleep)


class Listener:
    """Takes what a generator of samples says."""

    def __init__(self, samples: AsyncGenerator[PowerSample, None]) -> None:
        self.got: list[PowerSample] = []
        self._samples = samples
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async with aclosing(self._samples) as samples:
            async for sample in samples:
                self.got.append(sample)

    @property
    def ended(self) -> bool:
        return self._task.done()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def times(self) -> list[float]:
        return [round(sample.at - 1000.0, 3) for sample in self.got]


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if "power" in thread.name}


async def test_that_all_that_run_share_one_sampler_and_nothing_is_left_after_them() -> None:
    time, source = FakeTime(), FakeSource(100.0)
    source._clock = time.clock
    meters = metering(time, source)
    assert not meters.running
    one, two = Listener(meters.samples()), Listener(meters.samples())
    await time.pass_(1.05)
    assert threads() == {"power sampler"}
    assert one.times() == two.times() == [round(0.1 * i, 3) for i in range(11)]
    assert source.reads == 11
    await one.stop()
    await time.pass_(0.5)
    assert meters.running
    assert len(two.got) == 16
    await two.stop()
    assert not meters.running
    assert threads() == set()
    assert source.closes == 1
    await time.pass_(5)
    assert source.reads == 16


async def test_that_a_watched_chart_reads_once_a_second_and_ten_times_once_something_runs() -> None:
    time, source = FakeTime(), FakeSource(100.0)
    source._clock = time.clock
    meters = metering(time, source)
    watching = Listener(meters.watch())
    await time.pass_(3.5)
    assert watching.times() == [0, 1, 2, 3]
    assert source.reads == 4
    running = Listener(meters.samples())
    await time.pass_(2.0)
    assert len(running.got) == pytest.approx(20, abs=2)
    assert running.times()[0] == pytest.approx(3.5, abs=0.11)
    assert watching.times()[4:] == pytest.approx([4.0, 5.0], abs=0.11)
    await running.stop()
    reads = source.reads
    await time.pass_(4.0)
    assert source.reads - reads == pytest.approx(4, abs=1)
    await watching.stop()
    assert not meters.running
    assert threads() == set()


async def test_that_a_new_reader_waits_for_the_last_sampler_to_let_go() -> None:
    time, source = FakeTime(), FakeSource(100.0)
    source._clock = time.clock
    meters = metering(time, source)
    for _ in range(5):
        listener = Listener(meters.samples())
        await time.pass_(0.15)
        await listener.stop()
    assert source.closes == 5
    assert source.reads == 10
    assert threads() == set()


async def test_that_a_reader_that_comes_while_the_last_one_goes_is_not_ended_with_it() -> None:
    metering = Metering([FakeSource()])

    async def first_of(count: int) -> int:
        seen = 0
        async with aclosing(metering.samples()) as samples:
            async for _ in samples:
                seen += 1
                if seen == count:
                    break
        return seen

    going = asyncio.create_task(first_of(1000))
    await asyncio.sleep(0.05)
    going.cancel()
    assert await asyncio.wait_for(first_of(3), 5) == 3
    await asyncio.gather(going, return_exceptions=True)
    assert not metering.running


async def test_that_without_a_sensor_nothing_is_read_and_the_reason_names_what_was_tried() -> None:
    meters = Metering([Missing("RAPL", Scope.CPU_PACKAGE, "only root may read it")])
    assert [sample async for sample in meters.samples()] == []
    assert [sample async for sample in meters.watch()] == []
    assert meters.reason == "RAPL: only root may read it"
    assert isinstance(await meters.measure_idle(), Unknown)
    async with meters.metered("m") as run:
        run.sent(1.0)
        run.ended(2.0)
    assert meters.energy(run).gross == Unknown("RAPL: only root may read it")
    assert "no sensor" in Metering([]).reason


async def test_that_a_driver_that_raises_is_a_gap_and_stops_nothing() -> None:
    time = FakeTime()
    honest = FakeSource(30.0, name="cpu", scope=Scope.CPU_PACKAGE, clock=time.clock)
    meters = metering(time, RaisingSource(clock=time.clock), honest)
    run = await metered(time, meters, 5.0)
    told = {sample.source: sample for sample in run.samples}
    assert told["NVML"].watts is None
    assert "segment 7" in told["NVML"].reason
    assert told["cpu"].watts == 30
    assert "segment 7" in str(meters.energy(run).gross)
    assert not meters.running
    assert threads() == set()


async def test_that_a_sensor_that_hangs_in_mid_run_makes_its_energy_unknown_and_ends_in_time() -> (
    None
):
    source = HangingSource(after=3)
    meters = Metering([source])
    began = asyncio.get_running_loop().time()
    try:
        async with meters.metered("m") as run:
            start = meters._clock()
            run.sent(start)
            await asyncio.sleep(0.5)
            run.ended(start + 5.0)
    finally:
        source.release.set()
    assert asyncio.get_running_loop().time() - began < 12
    got = meters.energy(run)
    assert isinstance(got.gross, Unknown)
    assert not meters.running


async def metered(
    time: FakeTime,
    meters: Metering,
    seconds: float,
    *,
    tokens: int = 0,
    model: str = "m",
) -> RunWatch:
    """A run of so many seconds, and what was read of it."""
    async with meters.metered(model) as run:
        await time.pass_(0.01)
        run.sent(time.now)
        start = time.now
        for i in range(tokens):
            run.token(start + (i + 0.5) * seconds / tokens)
        await time.pass_(seconds)
        run.ended(time.now)
        later = asyncio.create_task(time.pass_(5.0))
    await later
    return run


async def test_that_a_run_is_metered_with_what_was_drawn_at_rest_before_it() -> None:
    time = FakeTime()
    source = FakeSource(lambda at: 150.0 if 1020.4 <= at < 1030.6 else 30.0, settle_seconds=0.3)
    source._clock = time.clock
    meters = metering(time, source)
    meters.tell_loaded(["m"])
    watching = Listener(meters.watch())
    await time.pass_(20.5)
    await watching.stop()
    run = await metered(time, meters, 10.0)
    got = meters.energy(run, counters=Counters(output_seconds=6.0, prompt_seconds=3.0))
    assert isinstance(got.gross, Measured)
    assert got.gross.value == pytest.approx(1500, rel=0.02)
    assert middle(got.net) == pytest.approx(1200, rel=0.02)
    assert middle(got.idle_watts) == pytest.approx(30)
    assert middle(got.decode) == pytest.approx(900, rel=0.02)
    assert middle(got.prefill) == pytest.approx(450, rel=0.02)


async def test_that_the_quiet_after_a_run_is_a_baseline_for_the_next_one() -> None:
    time = FakeTime()
    source = FakeSource(30.0)
    source._clock = time.clock
    meters = metering(time, source)
    first = await metered(time, meters, 5.0)
    assert isinstance(meters.energy(first).net, Unknown)
    watching = Listener(meters.watch())
    await time.pass_(6.0)
    await watching.stop()
    assert isinstance(meters.idle("m"), IdleDraw)
    assert isinstance(meters.idle("n"), Unknown)
    assert middle(meters.energy(first).net) == pytest.approx(0, abs=1)


async def test_that_a_baseline_is_waited_for_no_longer_than_asked() -> None:
    time = FakeTime()
    source = FakeSource(30.0)
    source._clock = time.clock
    meters = metering(time, source)
    await metered(time, meters, 5.0)
    waiting = asyncio.create_task(meters.idle_soon("m", seconds=6.0))
    await time.pass_(7.0)
    await waiting
    assert isinstance(meters.idle("m"), IdleDraw)
    never = asyncio.create_task(meters.idle_soon("other", seconds=1.0))
    await time.pass_(1.5)
    await never
    assert not meters.running


async def test_that_a_draw_that_moves_or_of_which_nobody_knows_what_is_loaded_is_no_baseline() -> (
    None
):
    time = FakeTime()
    source = FakeSource(lambda at: 100 + 50 * (int(at) % 2))
    source._clock = time.clock
    meters = metering(time, source)
    watching = Listener(meters.watch())
    await time.pass_(8)
    assert isinstance(meters.unloaded, Unknown)
    meters.tell_loaded([])
    await time.pass_(8)
    assert isinstance(meters.unloaded, Unknown)
    source._watts = 25.0
    await time.pass_(20)
    assert isinstance(meters.unloaded, IdleDraw)
    await time.pass_(600)
    meters.tell_loaded(["m"])
    await watching.stop()
    assert isinstance(meters.idle("m"), Unknown)


async def test_that_the_idle_draw_is_measured_after_it_has_calmed_down() -> None:
    time = FakeTime()
    source = FakeSource(lambda at: max(40.0, 200.0 - 10 * (at - 1000)))
    source._clock = time.clock
    meters = metering(time, source)
    measuring = asyncio.create_task(meters.measure_idle(10.0, models=["m"]))
    await time.pass_(80)
    draw = await measuring
    assert isinstance(draw, IdleDraw)
    assert draw.watts == pytest.approx(40)
    assert draw.steady
    assert draw.seconds == pytest.approx(10)
    assert draw.at - 1000 > 16 + 5 + 10 - 2
    assert meters.idle("m") == draw
    assert not meters.running


async def test_that_a_draw_that_never_calms_down_is_measured_after_a_minute_and_says_so() -> None:
    time = FakeTime()
    source = FakeSource(lambda at: 100 + 60 * (int(at) % 2))
    source._clock = time.clock
    meters = metering(time, source)
    measuring = asyncio.create_task(meters.measure_idle(10.0))
    await time.pass_(72)
    draw = await measuring
    assert isinstance(draw, IdleDraw)
    assert not draw.steady
    assert draw.watts == pytest.approx(130, rel=0.05)
    assert meters.unloaded == draw


async def test_that_an_idle_measurement_in_which_something_runs_is_none() -> None:
    time = FakeTime()
    source = FakeSource(40.0)
    source._clock = time.clock
    meters = metering(time, source)
    measuring = asyncio.create_task(meters.measure_idle(10.0))
    await time.pass_(3)
    run = meters.begin("m")
    await time.pass_(1)
    assert await measuring == Unknown("something ran while the idle draw was measured")
    meters.finish(run)
    failing = metering(time, RaisingSource(clock=time.clock))
    trying = asyncio.create_task(failing.measure_idle(10.0))
    await time.pass_(75)
    assert await trying == Unknown("no sensor answered while nothing ran")


async def test_that_overlapping_answers_share_by_their_tokens() -> None:
    time = FakeTime()
    source = FakeSource(100.0)
    source._clock = time.clock
    meters = metering(time, source)
    one, two = meters.begin("a"), meters.begin("b")
    listener = Listener(meters.samples())
    await time.pass_(0.1)
    for run, tokens in ((one, 30), (two, 10)):
        run.sent(time.now)
        for i in range(tokens):
            run.token(time.now + (i + 0.5) * 10 / tokens)
    await time.pass_(10)
    for run in (one, two):
        run.ended(time.now)
        meters.finish(run)
    await time.pass_(0.2)
    await listener.stop()
    one.samples = two.samples = listener.got
    first, second = meters.energy(one), meters.energy(two)
    assert middle(first.gross) == pytest.approx(750)
    assert middle(second.gross) == pytest.approx(250)
    assert (first.shared_with, second.shared_with) == (1, 1)
    await time.pass_(60)
    later = await metered(time, meters, 5.0)
    assert meters.energy(later).shared_with == 0
    assert len(meters._past) == 1


async def test_that_a_sleep_of_the_machine_in_the_window_makes_it_unknown() -> None:
    time = FakeTime()
    source = FakeSource(100.0)
    source._clock = time.clock
    meters = metering(time, source)
    async with meters.metered("m") as run:
        await time.pass_(0.01)
        run.sent(time.now)
        await time.pass_(3)
        time.slept += 600
        await time.pass_(3)
        run.ended(time.now)
        later = asyncio.create_task(time.pass_(1))
    await later
    assert meters.energy(run).gross == Unknown(ASLEEP)
    after = await metered(time, meters, 3.0)
    assert isinstance(meters.energy(after).gross, Measured)


async def test_that_a_clock_on_the_wall_that_is_set_back_changes_no_energy() -> None:
    time = FakeTime()
    source = FakeSource(100.0)
    source._clock = time.clock
    meters = metering(time, source)
    run = await metered(time, meters, 5.0)
    assert run.began_at is not None
    run.began_at = datetime(1999, 1, 1, tzinfo=UTC)
    assert middle(meters.energy(run).gross) == pytest.approx(500)


async def test_that_a_block_that_is_cut_is_not_waited_for_and_leaves_nothing() -> None:
    time = FakeTime()
    source = FakeSource(100.0, settle_seconds=1.3)
    source._clock = time.clock
    meters = metering(time, source)

    async def cut() -> None:
        async with meters.metered("m") as run:
            run.sent(time.now)
            raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"):
        await cut()
    assert not meters.running
    assert threads() == set()
    run = meters.begin("m")
    meters.finish(run)
    meters.finish(run)
    assert isinstance(meters.energy(run).gross, Unknown)


@pytest.mark.parametrize(
    ("watts", "word"),
    [(0.0, "0 W"), (593_000.0, "beyond what a board limited to 450 W can draw")],
)
async def test_that_a_sensor_that_lies_makes_the_energy_unknown_and_never_free(
    watts: float, word: str
) -> None:
    """A board that answers 0 W or 593 kW in mid-run: its source lets nothing of it through."""
    from landfall.services.power.source import Plausibility

    time, check = FakeTime(), Plausibility(450.0)
    source = FakeSource(100.0)
    source._clock = time.clock
    honest: Callable[[], PowerSample] = source.read

    def read() -> PowerSample:
        sample = honest()
        value, reason = check.checked(watts if time.now > 1003 else 100.0)
        return PowerSample(sample.at, sample.source, sample.scope, value, reason)

    source.read = read  # type: ignore[method-assign]
    meters = metering(time, source)
    run = await metered(time, meters, 10.0)
    got = meters.energy(run)
    assert isinstance(got.gross, Unknown)
    assert any(word in sample.reason for sample in run.samples)


def test_that_the_same_sensors_are_known_again() -> None:
    one = Metering([FakeSource(name="a"), Missing("b", Scope.GPU, "gone")])
    assert one.alike(Metering([FakeSource(name="a"), Missing("b", Scope.GPU, "still gone")]))
    assert not one.alike(Metering([FakeSource(name="a")]))
    assert not one.alike(Metering([FakeSource(name="a"), FakeSource(name="b")]))
    assert one.settle_seconds == 0


class Sleeper(FakeSource):
    """A laptop's card: it cannot be read before it wakes."""

    available = False

    def read(self) -> PowerSample:
        if self.available:
            return super().read()
        self.reads += 1
        return PowerSample(self._clock(), self.name, self.scope, None, "it sleeps")


async def test_that_a_card_that_wakes_for_a_run_is_missed_in_it_and_measured_in_the_next() -> None:
    """Never the processor alone, as if the card had drawn nothing."""
    time = FakeTime()
    processor = FakeSource(20.0, name="CPU", scope=Scope.CPU_PACKAGE)
    card = Sleeper(100.0)
    for source in (processor, card):
        source._clock = time.clock
    meters = metering(time, processor, card)
    assert [each.name for each in meters.meters] == ["CPU"]
    found = []
    for _ in range(2):
        run = meters.begin("m")
        reading = asyncio.create_task(meters._read_into(run))
        await time.pass_(0.5)
        run.sent(time.clock())
        await time.pass_(3.0)
        card.available = True
        await time.pass_(6.0)
        run.ended(time.clock())
        meters.finish(run)
        await time.pass_(1.0)
        await reading
        found.append(meters.energy(run))
    assert isinstance(found[0].gross, Unknown)
    assert "missing" in found[0].gross.reason
    assert middle(found[1].gross) == pytest.approx(120.0 * 9, rel=0.01)
    assert found[1].scope == "cpu_package + gpu"
