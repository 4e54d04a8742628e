from __future__ import annotations

import asyncio
import csv
import threading
import time
from collections.abc import Callable
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path

import pytest

from landfall.core.energy.energy_share import RunSpan
from landfall.core.energy.idle import IdleDraw, SourceDraw
from landfall.core.energy.power import ASLEEP, CLOCK_STEPPED, Quality, Scope
from landfall.core.energy.run_energy import run_energy
from landfall.core.events import PowerSample
from landfall.core.provenance import middle
from landfall.services import power
from landfall.services.power import Missing, Sampler, meter, nvidia
from landfall.services.power.sampler import elapsed
from tests.fakes import sysfs
from tests.fakes.nvml import FakeGpu, FakeNvml, installed

TRACES = Path(__file__).parents[2] / "data/nvidia_traces"


class Source:
    """A source that follows a function of time."""

    scope = Scope.GPU
    available = True
    quality = Quality.GOOD
    reason = ""
    error_share = 0.05

    def __init__(
        self,
        watts: Callable[[float], float],
        *,
        clock: Callable[[], float] = time.perf_counter,
        name: str = "source",
        settle_seconds: float = 0.0,
    ) -> None:
        self.name = name
        self.settle_seconds = settle_seconds
        self.threads: set[str] = set()
        self.closed = 0
        self._watts = watts
        self._clock = clock

    def read(self) -> PowerSample:
        self.threads.add(threading.current_thread().name)
        at = self._clock()
        return PowerSample(at, self.name, self.scope, self._watts(at))

    def close(self) -> None:
        self.closed += 1


class Board(Source):
    """A source of a driver that serves several, and keeps hardware awake."""

    family = "boards"

    def read_spared(self) -> PowerSample:
        return PowerSample(self._clock(), self.name, self.scope, None, "spared")


class Time:
    """A clock that moves when somebody sleeps, and a little with each look."""

    def __init__(self, *, late: dict[int, float] | None = None) -> None:
        self.now = 100.0
        self.sleeps = 0
        self._late = late or {}

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + self._late.get(self.sleeps, 0.0)
        self.sleeps += 1
        await asyncio.sleep(0)


async def taken(sampler: Sampler, count: int) -> list[PowerSample]:
    got: list[PowerSample] = []
    async with aclosing(sampler.samples()) as samples:
        async for sample in samples:
            got.append(sample)
            if len(got) == count:
                break
    return got


async def test_that_samples_come_at_absolute_times_and_a_late_one_is_skipped() -> None:
    fake = Time(late={2: 0.25})
    source = Source(lambda _: 100.0, clock=fake.clock)
    sampler = Sampler([source], clock=fake.clock, sleep=fake.sleep)
    got = await taken(sampler, 6)
    times = [round(sample.at - 100.0, 6) for sample in got]
    assert times == [0.0, 0.1, 0.2, 0.55, 0.6, 0.7]


class Remote(Source):
    """A source that takes its time."""

    slowest_seconds = 2.0


async def test_that_sources_share_a_thread_but_for_slow_ones_and_are_closed_at_the_end() -> None:
    sources = [
        Source(lambda _: 1.0, name="a"),
        Remote(lambda _: 1.0, name="b"),
        Source(lambda _: 1.0, name="c"),
    ]
    got = await taken(Sampler(sources, period_seconds=0.01), 30)
    assert {sample.source for sample in got} == {"a", "b", "c"}
    assert sources[0].threads == sources[2].threads == {"power sampler"}
    assert sources[1].threads == {"power sampler b"}
    assert [source.closed for source in sources] == [1, 1, 1]
    assert not any(t.name.startswith("power sampler") for t in threading.enumerate())


async def test_that_hardware_is_spared_while_nothing_runs() -> None:
    fake = Time()
    board = Board(lambda _: 1.0, clock=fake.clock)
    idle = [True, True, False]
    sampler = Sampler([board], spare=lambda: idle.pop(0), clock=fake.clock, sleep=fake.sleep)
    assert [sample.reason for sample in await taken(sampler, 3)] == ["spared", "spared", ""]


async def test_that_without_an_available_source_nothing_is_started() -> None:
    missing = Missing("x", Scope.GPU, "why")
    assert await taken(Sampler([missing]), 1) == []
    assert not any(t.name.startswith("power sampler") for t in threading.enumerate())


async def test_that_a_hanging_driver_makes_gaps_and_holds_up_nothing() -> None:
    release = threading.Event()

    def hang(_: float) -> float:
        release.wait(30)
        return 1.0

    source = Source(hang)
    began = time.perf_counter()
    try:
        got = await taken(Sampler([source], period_seconds=0.02, timeout_seconds=0.05), 3)
    finally:
        release.set()
    assert time.perf_counter() - began < 5
    assert [sample.watts for sample in got] == [None] * 3
    assert "did not answer" in got[0].reason


async def test_that_one_hanging_driver_leaves_the_others_alone_and_may_come_back() -> None:
    release = threading.Event()
    hung: list[float] = []

    def hang_once(at: float) -> float:
        if not hung:
            hung.append(at)
            release.wait(30)
        return 2.0

    hanging, good = Board(hang_once, name="hanging"), Source(lambda _: 1.0, name="good")
    beside = Board(lambda _: 3.0, name="beside")
    sampler = Sampler([hanging, beside, good], period_seconds=0.02, timeout_seconds=0.1)
    by_name: dict[str, list[PowerSample]] = {"hanging": [], "beside": [], "good": []}
    async with aclosing(sampler.samples()) as samples:
        async for sample in samples:
            by_name[sample.source].append(sample)
            if len(by_name["good"]) == 20 and not release.is_set():
                assert all(gap.watts is None for gap in by_name["hanging"])
                assert len(by_name["hanging"]) == len(by_name["beside"]) >= 1
                release.set()
            if sample.watts == 2.0:
                break
    assert [sample.watts for sample in by_name["good"]] == [1.0] * len(by_name["good"])
    steps = [b.at - a.at for a, b in pairwise(by_name["good"])]
    assert sorted(steps)[len(steps) // 2] == pytest.approx(0.02, abs=0.01)
    times = [sample.at for sample in by_name["hanging"]]
    assert times == sorted(times)
    assert (hanging.closed, beside.closed, good.closed) == (1, 1, 1)


async def test_that_a_driver_that_throws_is_a_gap_and_the_others_go_on() -> None:
    def broken(_: float) -> float:
        raise ZeroDivisionError("division by zero")

    fake = Time()
    sources = [
        Source(broken, clock=fake.clock, name="broken"),
        Source(lambda _: 1.0, clock=fake.clock, name="good"),
    ]
    got = await taken(Sampler(sources, clock=fake.clock, sleep=fake.sleep), 4)
    assert [sample.watts for sample in got] == [None, 1.0, None, 1.0]
    assert "division by zero" in got[0].reason


async def test_that_a_suspended_machine_makes_a_gap_and_counters_begin_anew() -> None:
    """The clock of the samples stands still while the machine sleeps, as on Linux and macOS."""
    fake = Time()
    slept = [0.0]

    async def sleep(seconds: float) -> None:
        await fake.sleep(seconds)
        if fake.sleeps == 3:
            slept[0] = 3600.0

    source = Source(lambda _: 100.0, clock=fake.clock)
    sampler = Sampler(
        [source],
        clock=fake.clock,
        elapsed_clock=lambda: fake.now + slept[0],
        sleep=sleep,
    )
    got = await taken(sampler, 6)
    assert [sample.reason for sample in got] == ["", "", "", ASLEEP, "", ""]
    assert got[3].watts is None
    assert source.closed == 2


async def test_that_a_hole_in_the_clock_itself_is_a_gap() -> None:
    """On Windows the clock goes on while the machine sleeps."""
    fake = Time(late={2: 30.0})
    source = Source(lambda _: 100.0, clock=fake.clock)
    sampler = Sampler([source], clock=fake.clock, elapsed_clock=fake.clock, sleep=fake.sleep)
    got = await taken(sampler, 6)
    assert [sample.reason for sample in got] == ["", "", "", ASLEEP, "", ""]
    times = [round(sample.at - 100.0, 6) for sample in got]
    assert times == [0.0, 0.1, 0.2, 30.3, 30.4, 30.5]
    result = run_energy(got, [meter(source)], RunSpan(start=100.0, end=130.4))
    assert middle(result.gross) is None


async def test_that_a_clock_that_goes_back_is_a_gap_and_the_sampling_goes_on() -> None:
    fake = Time(late={2: -50.0})
    source = Source(lambda _: 100.0, clock=fake.clock)
    sampler = Sampler([source], clock=fake.clock, elapsed_clock=fake.clock, sleep=fake.sleep)
    got = await taken(sampler, 6)
    assert [sample.reason for sample in got] == ["", "", "", CLOCK_STEPPED, "", ""]
    assert sum(sample.watts is not None for sample in got) == 5


class Clinging(Source):
    """A driver that throws when it is let go."""

    def close(self) -> None:
        super().close()
        raise OSError("the driver was unloaded")


async def test_that_a_driver_that_throws_when_it_is_let_go_is_read_on_and_so_are_the_others() -> (
    None
):
    fake = Time(late={2: -50.0})
    sources = [Clinging(lambda _: 100.0, clock=fake.clock, name=name) for name in ("a", "b")]
    sampler = Sampler(sources, clock=fake.clock, elapsed_clock=fake.clock, sleep=fake.sleep)
    got = await taken(sampler, 12)
    assert [sample.watts for sample in got if sample.reason != CLOCK_STEPPED] == [100.0] * 10
    assert [source.closed for source in sources] == [2, 2]


async def test_that_the_systems_time_set_back_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin = time.time()
    monkeypatch.setattr(time, "time", lambda: begin - 86400)
    got = await taken(Sampler([Source(lambda _: 1.0)], period_seconds=0.01), 5)
    assert [sample.watts for sample in got] == [1.0] * 5
    assert [sample.at for sample in got] == sorted(sample.at for sample in got)


def test_that_the_clock_of_suspends_is_not_behind() -> None:
    first = elapsed()
    assert elapsed() >= first


async def test_that_cancelling_ends_the_thread_and_closes_the_sources() -> None:
    source = Source(lambda _: 5.0)

    async def forever() -> None:
        async with aclosing(Sampler([source], period_seconds=0.01).samples()) as samples:
            async for _ in samples:
                pass

    task = asyncio.create_task(forever())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert source.closed == 1


async def test_that_discovery_finds_every_kind_of_source_and_says_what_is_missing(
    tmp_path: Path,
) -> None:
    sysfs.rapl(tmp_path, "intel-rapl:0", name="package-0", energy_uj=10)
    sysfs.battery(tmp_path, "BAT0", {"status": "Full"})
    with installed(FakeNvml(gpus=[FakeGpu()])):
        found = await power.discover(root=tmp_path, platform_name="linux")
    assert [(source.scope, source.available) for source in found] == [
        (Scope.GPU, True),
        (Scope.CPU_PACKAGE, True),
        (Scope.SYSTEM_DC, False),
    ]


async def test_that_a_driver_that_hangs_in_discovery_is_a_source_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def hang(**_: object) -> tuple[()]:
        release.wait(30)
        return ()

    monkeypatch.setattr(nvidia, "discover", hang)
    try:
        found = await power.discover(root=tmp_path, platform_name="linux", timeout_seconds=0.05)
    finally:
        release.set()
    assert "did not answer" in found[0].reason
    assert not found[0].available


async def test_that_a_recorded_card_is_integrated_through_the_real_sampler() -> None:
    """The driver's recorded values as a step function, against the external meter."""
    reported = trace("A5000_TR_reported.csv", "power.draw.instant")
    truth = trace("A5000_TR_truth_10ms.csv", "watts")
    fake = Time()
    fake.now = reported[0][0]

    def shown(at: float) -> float:
        return max((point for point in reported if point[0] <= at), default=reported[0])[1]

    source = Source(shown, clock=fake.clock, settle_seconds=0.3)
    got = await taken(Sampler([source], clock=fake.clock, sleep=fake.sleep), 74)
    rest = IdleDraw(
        draws=(
            SourceDraw(
                source=source.name,
                scope=source.scope,
                watts=level(reported, -1, 0),
                deviation_watts=0.0,
            ),
        ),
        models=frozenset({"m"}),
        seconds=1.0,
        at=0.0,
    )
    result = run_energy(got, [meter(source)], RunSpan(start=0.0, end=5.968), idle=rest)
    gain = (level(truth, 3, 5.5) - level(truth, -0.9, 0)) / (
        level(reported, 3, 5.5) - level(reported, -0.9, 0)
    )
    net = (middle(result.net) or 0.0) * gain
    true_net = sum(0.01 * (w - level(truth, -0.9, 0)) for at, w in truth if 0 <= at < 6.27)
    assert net == pytest.approx(true_net, rel=0.015)
    assert middle(result.gross)


Series = list[tuple[float, float]]


def trace(name: str, column: str) -> Series:
    with (TRACES / name).open(encoding="utf-8") as file:
        next(file)
        rows = [row for row in csv.DictReader(file) if row[column]]
    return [(float(row["t_ms"]) / 1000, float(row[column])) for row in rows]


def level(series: Series, begin: float, end: float) -> float:
    inside = [watts for at, watts in series if begin <= at <= end]
    return sum(inside) / len(inside)
