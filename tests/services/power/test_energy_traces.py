"""How well energy is reckoned: synthetic loads, and recorded drivers against an external meter.

`python -m tests.services.power.test_energy_traces` from the repository's root prints the table.

The recordings (tests/data/nvidia_traces, see their licence) hold every change of a driver's value
and the mean of an external meter each 10 ms, of one load of six seconds. The driver's values are
replayed as a step function through the real sampler on a clock of its own, at many phases of the
sampling against the load; the card's own gain and offset are taken off first. So this tests lag and
edges and not absolute accuracy; the settle times were chosen after looking at these recordings.

A recording of an H200 has no external meter: its energy counter, its instant value and its average
are held against each other, over loads of its own file.
"""

from __future__ import annotations

import asyncio
import csv
import math
import re
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest

from landfall.core.energy.energy_share import RunSpan
from landfall.core.energy.idle import IdleDraw, SourceDraw
from landfall.core.energy.power import Meter
from landfall.core.energy.run_energy import run_energy
from landfall.core.events import PowerSample
from landfall.core.provenance import middle
from landfall.services.power import Sampler, meter
from landfall.services.power.source import (
    AVERAGED_SETTLE_SECONDS,
    INSTANT_SETTLE_SECONDS,
    Counter,
)
from tests.fakes.power import FakeSource

TRACES = Path(__file__).parents[2] / "data/nvidia_traces"
PERIOD = 0.1
PHASES = tuple(i / 200 for i in range(20))
"""Seconds between the load's beginning and a reading: every 5 ms of a period."""

SYNTHETIC_LIMIT, INSTANT_LIMIT, AVERAGED_LIMIT = 0.005, 0.015, 0.03

Series = list[tuple[float, float]]


class Ticks:
    """A clock that sleepers move; each look at a sensor takes no time."""

    def __init__(self, now: float) -> None:
        self.now = now

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: error shares over all phases."""

    name: str
    limit: float
    errors: tuple[float, ...]

    @property
    def mean(self) -> float:
        return sum(self.errors) / len(self.errors)

    @property
    def worst(self) -> float:
        return max(self.errors, key=abs)


def sampled(source: FakeSource, *, begin: float, end: float) -> list[PowerSample]:
    """What the real sampler reads of a source from one time to another."""
    ticks = Ticks(begin)
    source._clock = ticks.clock

    async def read() -> list[PowerSample]:
        got: list[PowerSample] = []
        sleep: Callable[[float], Awaitable[None]] = ticks.sleep
        sampler = Sampler([source], period_seconds=PERIOD, clock=ticks.clock, sleep=sleep)
        async with aclosing(sampler.samples()) as samples:
            async for sample in samples:
                got.append(sample)
                if sample.at > end:
                    return got
        return got

    return asyncio.run(read())


def idle_of(each: Meter, watts: float) -> IdleDraw:
    one = SourceDraw(source=each.name, scope=each.scope, watts=watts, deviation_watts=0.0)
    return IdleDraw(draws=(one,), models=frozenset({"m"}), seconds=10, at=0)


def reckoned(
    samples: Sequence[PowerSample], each: Meter, *, end: float, idle_watts: float
) -> tuple[float, float]:
    """Gross and net joules of an answer from 0 to `end`."""
    got = run_energy(samples, [each], RunSpan(start=0.0, end=end), idle=idle_of(each, idle_watts))
    gross, net = middle(got.gross), middle(got.net)
    assert gross is not None, got.gross
    assert net is not None, got.net
    return gross, net


# Synthetic


def ramp(at: float) -> float:
    return 50 + 20 * max(0.0, min(at, 10.0))


def steps(at: float) -> float:
    return 300.0 if 2 <= at < 8 else 50.0


def periodic(at: float) -> float:
    return 150 + 100 * math.sin(2 * math.pi * at / 0.73)


@dataclass(frozen=True, slots=True)
class Shape:
    """A load from 0 to 10 s and its joules."""

    name: str
    watts: Callable[[float], float]
    joules: float


SHAPES = (
    Shape("constant", lambda _: 120.0, 1200.0),
    Shape("ramp", ramp, 1500.0),
    Shape("steps", steps, 300 * 6 + 50 * 4.0),
    Shape(
        "periodic",
        periodic,
        1500 + 100 * 0.73 / (2 * math.pi) * (1 - math.cos(20 * math.pi / 0.73)),
    ),
)


def by_watts(shape: Shape) -> Line:
    errors = []
    for phase in PHASES:
        source = FakeSource(shape.watts)
        samples = sampled(source, begin=phase - 1.0, end=11.0)
        gross, _ = reckoned(samples, meter(source), end=10.0, idle_watts=0.0)
        errors.append(gross / shape.joules - 1)
    return Line(f"{shape.name}, watts", SYNTHETIC_LIMIT, tuple(errors))


def by_counter(shape: Shape, *, range_joules: float) -> Line:
    """A counter that wraps several times while it is read, its watts being lost."""
    errors = []
    for phase in PHASES:
        counter = Counter(range_joules=range_joules, longest_gap_seconds=5)
        drawn = integral(shape.watts, phase - 1.0)
        source = FakeSource(
            None, joules=lambda at, c=counter, d=drawn: counted(c, at, d(at) % range_joules)
        )  # type: ignore[misc]
        samples = sampled(source, begin=phase - 1.0, end=11.0)
        gross, _ = reckoned(samples, meter(source), end=10.0, idle_watts=0.0)
        errors.append(gross / shape.joules - 1)
    return Line(f"{shape.name}, counter that wraps", SYNTHETIC_LIMIT, tuple(errors))


def counted(counter: Counter, at: float, raw: float) -> float | None:
    counter.step(at, raw)
    return counter.joules


def integral(watts: Callable[[float], float], begin: float) -> Callable[[float], float]:
    """Joules since `begin`, in steps of 1 ms."""
    sums, count = [0.0], int((12.5 - begin) * 1000)
    for i in range(count):
        sums.append(sums[-1] + watts(begin + (i + 0.5) / 1000) / 1000)
    return lambda at: sums[min(count, max(0, round((at - begin) * 1000)))] + 1e5


def synthetic() -> list[Line]:
    """Every shape by watts and by a counter that wraps."""
    return [
        line
        for shape in SHAPES
        for line in (by_watts(shape), by_counter(shape, range_joules=262.0))
    ]


# Recorded


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded series of a card."""

    card: str
    column: str
    settle_seconds: float
    limit: float


RECORDED = (
    Recorded("3090", "power.draw.instant", INSTANT_SETTLE_SECONDS, INSTANT_LIMIT),
    Recorded("A5000", "power.draw.instant", INSTANT_SETTLE_SECONDS, INSTANT_LIMIT),
    Recorded("A100", "power.draw.instant", INSTANT_SETTLE_SECONDS, INSTANT_LIMIT),
    Recorded("3090", "power.draw.average", AVERAGED_SETTLE_SECONDS, AVERAGED_LIMIT),
    Recorded("A5000", "power.draw.average", AVERAGED_SETTLE_SECONDS, AVERAGED_LIMIT),
    Recorded("4090", "power.draw", AVERAGED_SETTLE_SECONDS, AVERAGED_LIMIT),
)


def trace(name: str, column: str) -> Series:
    with (TRACES / name).open(encoding="utf-8") as file:
        next(file)
        rows = [row for row in csv.DictReader(file) if row[column]]
    return [(float(row["t_ms"]) / 1000, float(row[column])) for row in rows]


def load_end(card: str) -> float:
    first = (TRACES / f"{card}_TR_truth_10ms.csv").read_text(encoding="utf-8").splitlines()[0]
    found = re.search(r"to t=(\d+) ms", first)
    assert found
    return int(found[1]) / 1000


def level(series: Series, begin: float, end: float) -> float:
    inside = [watts for at, watts in series if begin <= at <= end]
    return sum(inside) / len(inside)


def replayed(recorded: Recorded) -> Line:
    """Net energy by the driver against that of the meter."""
    truth = trace(f"{recorded.card}_TR_truth_10ms.csv", "watts")
    said = trace(f"{recorded.card}_TR_reported.csv", recorded.column)
    end = load_end(recorded.card)
    idle, load = level(truth, -0.9, -0.1), level(truth, 3.0, 5.5)
    idle_said, load_said = level(said, -0.9, -0.05), level(said, 3.0, 5.5)
    gain = (load - idle) / (load_said - idle_said)
    times = [at for at, _ in said]

    def shown(at: float) -> float:
        """What the driver last reported, its card's gain and offset taken off."""
        last = said[max(0, bisect_right(times, at) - 1)][1]
        return idle + gain * (last - idle_said)

    until = end + recorded.settle_seconds
    true_net = sum((a[1] - idle) * (b[0] - a[0]) for a, b in pairwise(truth) if 0 <= a[0] < until)
    errors = []
    for phase in PHASES:
        source = FakeSource(shown, settle_seconds=recorded.settle_seconds)
        samples = sampled(source, begin=phase - 0.9, end=until + 0.2)
        _, net = reckoned(samples, meter(source), end=end, idle_watts=idle)
        errors.append(net / true_net - 1)
    return Line(f"{recorded.card}, {recorded.column}", recorded.limit, tuple(errors))


# Recorded with an energy counter


_COUNTER, _INSTANT, _AVERAGE = "energy", "power.draw.instant", "power.draw.average"

SETTLE = {
    _COUNTER: INSTANT_SETTLE_SECONDS,
    _INSTANT: INSTANT_SETTLE_SECONDS,
    _AVERAGE: AVERAGED_SETTLE_SECONDS,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ways in which an H200 tells the energy of one load of its recording.

    Attributes:
        load: Its place among the loads. sampled: read ten times a second. whole: of every change.
    """

    name: str
    load: int
    sampled: str
    whole: str
    limit: float


PAIRS = (
    Pair("H200 6 s, counter by instant", 0, _COUNTER, _INSTANT, INSTANT_LIMIT),
    Pair("H200 6 s, counter by average", 0, _COUNTER, _AVERAGE, AVERAGED_LIMIT),
    Pair("H200 6 s, average by instant", 0, _AVERAGE, _INSTANT, AVERAGED_LIMIT),
    # What the phase of the readings alone does; the counter does not mind it.
    Pair("H200 6 s, instant by instant", 0, _INSTANT, _INSTANT, INSTANT_LIMIT),
    Pair("H200 2 s, counter by instant", 1, _COUNTER, _INSTANT, AVERAGED_LIMIT),
    Pair("H200 5 Hz, counter by instant", 4, _COUNTER, _INSTANT, AVERAGED_LIMIT),
    Pair("H200 5 Hz, counter by average", 4, _COUNTER, _AVERAGE, AVERAGED_LIMIT),
)


def h200_loads() -> list[tuple[float, float]]:
    """Begin and end of each load, in seconds from the first."""
    with (TRACES / "H200_loads.csv").open(encoding="utf-8") as file:
        next(file)
        rows = [row for row in csv.DictReader(file) if row["name"] != "idle"]
    return [(float(row["begin_ms"]) / 1000, float(row["end_ms"]) / 1000) for row in rows]


def compared(pair: Pair) -> Line:
    """Net energy of a load through the sampler in one way, by every change of the other."""
    begin, end = h200_loads()[pair.load]
    told = trace("H200_reported.csv", pair.sampled)
    said = stepped(told, begin)
    idle = level(trace("H200_reported.csv", _INSTANT), begin - 1.0, begin - 0.1)
    whole = summed(trace("H200_reported.csv", pair.whole), begin, end + SETTLE[pair.whole])
    true_net = whole - idle * (end + SETTLE[pair.whole] - begin)
    errors = []
    for phase in PHASES:
        source = FakeSource(
            None if pair.sampled == _COUNTER else said,
            joules=said if pair.sampled == _COUNTER else None,
            settle_seconds=SETTLE[pair.sampled],
        )
        until = end - begin + SETTLE[pair.sampled]
        samples = sampled(source, begin=phase - 0.9, end=until + 0.3)
        _, net = reckoned(samples, meter(source), end=end - begin, idle_watts=idle)
        errors.append(net / true_net - 1)
    return Line(pair.name, pair.limit, tuple(errors))


def stepped(series: Series, begin: float) -> Callable[[float], float]:
    """The last value that was told, by the time since `begin`."""
    times = [at - begin for at, _ in series]
    return lambda at: series[max(0, bisect_right(times, at) - 1)][1]


def summed(series: Series, begin: float, end: float) -> float:
    """Joules of a step function of watts."""
    spans = ((max(a[0], begin), min(b[0], end), a[1]) for a, b in pairwise(series))
    return sum((until - since) * watts for since, until, watts in spans if until > since)


# Tests


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_that_a_synthetic_load_is_reckoned_within_half_a_percent(shape: Shape) -> None:
    for line in (by_watts(shape), by_counter(shape, range_joules=262.0)):
        assert abs(line.worst) <= line.limit, line


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda each: f"{each.card}-{each.column}")
def test_that_a_recorded_driver_agrees_with_the_external_meter(recorded: Recorded) -> None:
    line = replayed(recorded)
    assert abs(line.mean) <= line.limit, line
    assert abs(line.worst) <= line.limit, line


def test_that_without_the_settle_time_a_recorded_average_would_miss_its_limit() -> None:
    """The limits can be missed: what the settle time is there for."""
    blind = replace(RECORDED[3], settle_seconds=0.0)
    assert abs(replayed(blind).mean) > 0.05


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_that_the_ways_of_a_recorded_h200_agree(pair: Pair) -> None:
    line = compared(pair)
    assert abs(line.mean) <= line.limit, line
    assert abs(line.worst) <= line.limit, line


def table() -> str:
    """All lines, errors in percent."""
    rows = [f"{'load':<32}{'limit':>8}{'mean':>9}{'worst':>9}{'phases':>8}"]
    recorded = (*(replayed(each) for each in RECORDED), *(compared(pair) for pair in PAIRS))
    for line in [*synthetic(), *recorded]:
        rows.append(
            f"{line.name:<32}{line.limit:>8.1%}{line.mean:>+9.2%}{line.worst:>+9.2%}"
            f"{len(line.errors):>8}"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
