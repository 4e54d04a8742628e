from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.energy import energy, integrator, power
from landfall.core.energy.energy import Energy, Grade, RunEnergy, mean_watts
from landfall.core.energy.energy_share import RunSpan
from landfall.core.energy.idle import IdleDraw, SourceDraw
from landfall.core.energy.power import Meter, Scope
from landfall.core.energy.run_energy import run_energy
from landfall.core.events import PowerSample
from landfall.core.provenance import Figure, Measured, Stated, Unknown, middle

METER = Meter(name="gpu", scope=Scope.GPU, settle_seconds=0.3, error_share=0.05)
EXACT = replace(METER, settle_seconds=0.0)
TRACES = Path(__file__).parents[2] / "data/nvidia_traces"


def sample(at: float, watts: float | None, joules: float | None = None) -> PowerSample:
    return PowerSample(at, "gpu", "gpu", watts, "" if watts is not None else "gap", joules)


def polled(
    watts: Callable[[float], float | None],
    *,
    begin: float,
    end: float,
    period: float = 0.1,
    phase: float = 0.0,
) -> list[PowerSample]:
    count = int((end - begin) / period) + 1
    times = [begin + phase + i * period for i in range(count)]
    return [sample(at, watts(at)) for at in times]


def value(figure: Figure) -> float:
    found = middle(figure)
    assert found is not None
    return found


def answer(
    samples: Sequence[PowerSample],
    meter: Meter = METER,
    *,
    start: float,
    end: float,
    idle_watts: float | None = None,
) -> RunEnergy:
    """The energy of an answer that was made alone."""
    idle: IdleDraw | Unknown = energy.NO_IDLE
    if idle_watts is not None:
        rest = SourceDraw(
            source=meter.name, scope=meter.scope, watts=idle_watts, deviation_watts=0.0
        )
        idle = IdleDraw(draws=(rest,), models=frozenset({"m"}), seconds=10.0, at=start)
    return run_energy(samples, [meter], RunSpan(start=start, end=end), idle=idle)


def measured(samples: Sequence[PowerSample], meter: Meter = METER, **window: Any) -> Energy:
    """What its one source says of it."""
    got = answer(samples, meter, **window)
    if got.parts:
        return got.parts[0]
    assert isinstance(got.gross, Unknown)
    return energy.not_covered(meter, window["end"] - window["start"], got.gross.reason)


@given(
    st.floats(1, 600),
    st.floats(0, 0.0999),
    st.floats(5, 60),
    st.floats(0.05, 1.0),
)
def test_that_constant_power_gives_power_times_time_at_any_phase(
    watts: float, phase: float, seconds: float, period: float
) -> None:
    samples = polled(lambda _: watts, begin=-2, end=seconds + 2, period=period, phase=phase)
    got = measured(samples, EXACT, start=0, end=seconds)
    assert got.gross_joules == pytest.approx(watts * seconds, rel=1e-9)


@given(
    st.lists(st.floats(1, 500), min_size=30, max_size=60),
    st.floats(0.5, 1.5),
    st.floats(0.01, 0.99),
)
def test_that_a_window_split_in_two_adds_up(
    watts: list[float], seconds: float, share: float
) -> None:
    samples = [sample(0.1 * i, w) for i, w in enumerate(watts)]
    cut = 0.5 + seconds * share
    whole = measured(samples, EXACT, start=0.5, end=0.5 + seconds)
    first = measured(samples, EXACT, start=0.5, end=cut)
    second = measured(samples, EXACT, start=cut, end=0.5 + seconds)
    parts = (first.gross_joules or 0) + (second.gross_joules or 0)
    assert whole.gross_joules == pytest.approx(parts, rel=1e-9)


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.001, 1000)), min_size=1, max_size=40))
def test_that_energy_is_never_negative_whatever_the_order_of_the_clock(
    readings: list[tuple[float, float]],
) -> None:
    got = measured([sample(at, w) for at, w in readings], EXACT, start=2, end=8)
    assert got.gross_joules is None or got.gross_joules >= 0


def test_that_a_ramp_and_a_step_are_integrated_within_half_a_percent() -> None:
    ramp = polled(lambda t: 50 + 20 * t, begin=-1, end=11)
    got = measured(ramp, start=0, end=10, idle_watts=None)
    assert got.gross_joules == pytest.approx(1500, rel=0.005)
    step = polled(lambda t: 300 if 2 <= t < 8 else 50, begin=-1, end=11)
    assert measured(step, EXACT, start=0, end=10).gross_joules == pytest.approx(
        300 * 6 + 50 * 4, rel=0.005
    )


def test_that_gross_and_net_differ_by_the_idle_draw() -> None:
    samples = polled(lambda _: 200, begin=-1, end=12)
    got = measured(samples, start=0, end=10, idle_watts=30)
    assert got.gross_joules == pytest.approx(2000 + 200 * 0.3 - 30 * 0.3)
    assert got.net_joules == pytest.approx((got.gross_joules or 0) - 300)
    assert got.grade is Grade.GOOD


def test_that_net_is_unknown_and_the_lag_uncorrected_without_an_idle_draw() -> None:
    got = measured(polled(lambda _: 200, begin=-1, end=12), start=0, end=10)
    assert got.gross_joules == pytest.approx(2000)
    assert got.net_joules is None
    assert got.grade is Grade.ROUGH


def test_that_a_hole_of_more_than_two_seconds_makes_the_energy_unknown() -> None:
    samples = [s for s in polled(lambda _: 100, begin=-1, end=12) if not 3 < s.at < 5.5]
    got = measured(samples, start=0, end=10, idle_watts=10)
    assert got.gross_joules is None
    assert got.grade is Grade.MISSING
    assert "more than 2 s" in got.reason


def test_that_a_hole_outside_the_window_does_not_matter() -> None:
    samples = [s for s in polled(lambda _: 100, begin=-9, end=12) if not -8 < s.at < -3]
    assert measured(samples, start=0, end=10, idle_watts=0).gross_joules is not None


def test_that_gaps_of_the_sensor_count_as_holes_and_not_as_zero() -> None:
    samples = polled(lambda t: None if 2 < t < 8 else 100, begin=-1, end=12)
    assert measured(samples, start=0, end=10, idle_watts=0).gross_joules is None
    only_gaps = polled(lambda _: None, begin=-1, end=12)
    got = measured(only_gaps, start=0, end=10)
    assert got.gross_joules is None
    assert got.reason == "gap"


def test_that_samples_that_do_not_reach_the_window_make_it_unknown() -> None:
    late = polled(lambda _: 100, begin=3, end=12)
    early = polled(lambda _: 100, begin=-1, end=5)
    for samples in (late, early, []):
        assert measured(samples, start=0, end=10, idle_watts=0).gross_joules is None


def test_that_samples_of_other_sources_do_not_count() -> None:
    samples = polled(lambda _: 100, begin=-1, end=12)
    others = [replace(s, source="cpu", watts=1e6) for s in samples]
    got = measured([*samples, *others], start=0, end=10, idle_watts=0)
    assert got.gross_joules == pytest.approx(1000 + 30)


def test_that_a_repeated_or_backward_time_is_left_out() -> None:
    samples = polled(lambda _: 100, begin=-1, end=12)
    messy = [x for s in samples for x in (s, replace(s, watts=5000), replace(s, at=s.at - 5))]
    got = measured(messy, EXACT, start=0, end=10)
    assert got.gross_joules == pytest.approx(1000)


def test_that_a_window_without_length_is_unknown() -> None:
    nothing = integrator.curve(polled(lambda _: 9, begin=0, end=5), 3, 3)
    assert nothing == Unknown("the window has no length")


def test_that_a_short_request_is_too_short_but_can_be_pooled() -> None:
    samples = polled(lambda _: 100, begin=-1, end=3)
    short = answer(samples, start=0, end=0.6, idle_watts=20)
    assert short.grade is Grade.TOO_SHORT
    assert isinstance(short.gross, Unknown)
    assert isinstance(energy.pooled_joules_per_token([(short, 10)]), Unknown)
    (part,) = short.parts
    pooled = energy.pooled_joules_per_token([(short, 10), (short, 30)])
    assert value(pooled) == pytest.approx(2 * (part.gross_joules or 0) / 40)
    net = energy.pooled_joules_per_token([(short, 10), (short, 30)], net=True)
    assert value(net) == pytest.approx(2 * (part.net_joules or 0) / 40)


def test_that_pooling_is_total_over_total_and_not_a_mean_of_ratios() -> None:
    samples = polled(lambda _: 100, begin=-1, end=40)
    one = answer(samples, EXACT, start=0, end=10)
    two = answer(samples, EXACT, start=10, end=30)
    got = energy.pooled_joules_per_token([(one, 1000), (two, 10)])
    assert value(got) == pytest.approx(3000 / 1010)


def test_that_pooling_needs_every_energy_and_one_source() -> None:
    samples = polled(lambda _: 100, begin=-1, end=12)
    good = answer(samples, start=0, end=10)
    missing = answer([], start=0, end=10)
    part = replace(good.parts[0], source="cpu", scope=Scope.CPU_PACKAGE)
    other = replace(good, parts=(part,))
    for runs in ([], [(good, 5), (missing, 5)], [(good, 5), (other, 5)]):
        assert isinstance(energy.pooled_joules_per_token(runs), Unknown)


def counted(
    power: float, *, begin: float, end: float, tick: float = 0.1, watts: float | None = None
) -> list[PowerSample]:
    shown = power if watts is None else watts
    return [
        sample(s.at, shown, 1e6 + power * tick * math.floor(s.at / tick + 1e-9))
        for s in polled(lambda _: power, begin=begin, end=end, period=0.05)
    ]


def test_that_the_counter_is_preferred_and_aligned_to_its_own_steps() -> None:
    samples = counted(150, begin=-1, end=8, watts=140)
    got = measured(samples, METER, start=0.03, end=6.03, idle_watts=0)
    assert got.gross_joules == pytest.approx(150 * 6.3, rel=0.005)


def test_that_a_counter_that_agrees_over_a_long_window_counts() -> None:
    samples = counted(150, begin=-1, end=14, watts=140)
    got = measured(samples, EXACT, start=0, end=12)
    assert got.gross_joules == pytest.approx(150 * 12, rel=0.005)
    assert got.reason == ""


def test_that_a_counter_that_ends_early_is_not_taken_for_standing_power() -> None:
    samples = [s if s.at < 7 else replace(s, joules=None) for s in counted(100, begin=-1, end=12)]
    got = measured(samples, EXACT, start=0, end=8)
    assert got.gross_joules == pytest.approx(800)
    assert "up to the edges" in got.reason


@given(st.floats(0, 0.25), st.floats(0, 0.25))
def test_that_a_counter_that_starts_or_ends_a_little_inside_is_continued(
    begin: float, end: float
) -> None:
    samples = counted(100, begin=0, end=8)
    got = measured(samples, EXACT, start=-begin, end=8 + end)
    assert got.gross_joules == pytest.approx(100 * (8 + begin + end), rel=0.01)


def test_that_a_counter_that_disagrees_over_a_long_window_is_not_believed() -> None:
    samples = counted(80, begin=-1, end=14, watts=140)
    got = measured(samples, EXACT, start=0, end=12)
    assert got.gross_joules == pytest.approx(140 * 12)
    assert "disagrees" in got.reason


def test_that_a_standing_counter_leaves_the_watts() -> None:
    samples = [replace(s, joules=5.0) for s in polled(lambda _: 100, begin=-1, end=12)]
    got = measured(samples, EXACT, start=0, end=10)
    assert got.gross_joules == pytest.approx(1000)
    assert "stands still" in got.reason


def test_that_a_mean_before_the_first_and_after_the_last_sample_holds_them() -> None:
    samples = [sample(0.0, 10), sample(1.0, 20)]
    got = measured(samples, EXACT, start=-1, end=2)
    assert got.gross_joules == pytest.approx(10 + 15 + 20)


def test_that_a_standing_counter_alone_is_unknown_and_never_zero() -> None:
    samples = [
        replace(s, watts=None, reason="the energy counter stands still", joules=5.0)
        for s in polled(lambda _: 100, begin=-1, end=12)
    ]
    got = measured(samples, EXACT, start=0, end=10)
    assert got.gross_joules is None
    assert "stands still" in got.reason


def test_that_a_counter_that_goes_back_is_not_a_huge_energy() -> None:
    samples = counted(100, begin=-1, end=12)
    reset = [replace(s, joules=(s.joules or 0) - (1e6 if s.at > 5 else 0)) for s in samples]
    got = measured(reset, EXACT, start=0, end=8)
    assert got.gross_joules == pytest.approx(800)
    assert "went back" in got.reason


def test_that_a_counter_with_a_hole_leaves_the_watts() -> None:
    samples = [
        s if not 3 < s.at < 6 else replace(s, joules=None) for s in counted(100, begin=-1, end=12)
    ]
    got = measured(samples, EXACT, start=0, end=8)
    assert got.gross_joules == pytest.approx(800)
    assert "not read" in got.reason


@pytest.mark.parametrize(
    ("watts", "limit", "word"),
    [
        (593_000, 80, "593000 W is beyond"),
        (0, 450, "0 W"),
        (0, None, "0 W"),
        (-3, None, "not a power"),
        (math.nan, None, "not a power"),
        (math.inf, 450, "not a power"),
        (586, 450, "beyond"),
    ],
)
def test_that_impossible_readings_are_gaps(watts: float, limit: float | None, word: str) -> None:
    got, reason = power.plausible(watts, limit_watts=limit)
    assert got is None
    assert word in reason


@pytest.mark.parametrize(("watts", "limit"), [(584, 450), (5, None), (900, 0), (0.5, 450)])
def test_that_possible_readings_stay(watts: float, limit: float | None) -> None:
    assert power.plausible(watts, limit_watts=limit) == (watts, "")


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ({Scope.GPU, Scope.CPU_PACKAGE}, {Scope.GPU, Scope.CPU_PACKAGE}),
        ({Scope.SOC, Scope.CPU_PACKAGE}, {Scope.SOC}),
        ({Scope.GPU, Scope.SOC}, {Scope.GPU, Scope.SOC}),
        ({Scope.MODULE, Scope.GPU, Scope.CPU_PACKAGE}, {Scope.MODULE}),
        ({Scope.SYSTEM_DC, Scope.SOC}, {Scope.SYSTEM_DC}),
        (set(Scope), {Scope.WALL}),
        (set(), set()),
    ],
)
def test_that_scopes_inside_others_are_left_out(given_: set[Scope], kept: set[Scope]) -> None:
    assert power.outermost(given_) == kept


@pytest.mark.parametrize("tokens", [0, None, -1])
def test_that_no_tokens_make_no_joules_per_token(tokens: int | None) -> None:
    assert isinstance(energy.joules_per_token(Stated(5, "x"), tokens), Unknown)


def test_that_units_are_exact() -> None:
    assert value(energy.joules_per_token(Stated(512, "x"), 256)) == 2.0
    assert value(energy.watt_hours(Stated(7200, "x"))) == 2.0


def test_that_unknown_stays_unknown_through_every_unit() -> None:
    unknown = Unknown("why")
    assert energy.watt_hours(unknown) == unknown
    assert energy.joules_per_token(unknown, 7) == unknown


def test_that_a_mean_over_a_window_that_is_covered_is_a_baseline() -> None:
    samples = polled(lambda _: 42, begin=0, end=10)
    assert integrator.mean_watts(samples, "gpu", start=1, end=9) == pytest.approx(42)
    assert integrator.mean_watts(samples, "gpu", start=1, end=20) is None
    assert integrator.mean_watts(samples, "gpu", start=5, end=5) is None
    assert integrator.mean_watts([], "gpu", start=1, end=9) is None


def test_that_the_error_grows_with_shorter_windows() -> None:
    samples = polled(lambda _: 42, begin=-1, end=12)
    long = measured(samples, start=0, end=10, idle_watts=0)
    brief = measured(samples, start=0, end=2, idle_watts=0)
    assert METER.error_share < long.error_share < brief.error_share
    assert brief.grade is Grade.ROUGH


def test_that_the_mean_draw_is_the_energy_over_the_time_and_unknown_without_either() -> None:
    gross = Measured(600.0, "2026-11-26T12:00:00+00:00", "NVML")
    assert mean_watts(gross, 5.0) == replace(gross, value=120.0)
    assert mean_watts(Unknown("no sensor"), 5.0) == Unknown("no sensor")
    assert mean_watts(gross, None) == mean_watts(gross, 0.0)
    assert isinstance(mean_watts(gross, None), Unknown)


def test_that_half_a_period_is_a_share_of_the_window_and_none_of_no_window() -> None:
    readings = [sample(0.0, 1.0), sample(0.5, 1.0), sample(0.5, 1.0), sample(1.5, 1.0)]
    assert integrator.step_seconds(readings) == 1.0  # the upper middle of 0.5 and 1
    assert energy.edge_share(readings, 10.0) == pytest.approx(0.05)
    assert energy.edge_share(readings, 0.0) == 0.0
    assert integrator.step_seconds(readings[:1]) == 0.0


def test_that_repetitions_that_differ_around_nothing_have_no_share() -> None:
    assert energy.repeat_share([9.0, 11.0]) == pytest.approx(math.sqrt(2) / 10)
    assert energy.repeat_share([-9.0, -11.0]) == pytest.approx(math.sqrt(2) / 10)
    assert energy.repeat_share([1.0, -1.0]) == 0.0
    assert energy.repeat_share([5.0]) == 0.0
    assert energy.repeat_share([]) == 0.0
