"""How much work there is, in numbers that can be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.demand.day_pattern import DayPattern
from landfall.core.demand.load import batch_of, traced
from landfall.core.demand.replaying import TraceDay
from landfall.core.demand.trace import Trace
from landfall.core.provenance import Stated, Unknown, band
from tests.core.demand.round_loads import HOURLY, PLAIN, figure


def test_that_without_hours_a_day_is_eight_even_ones() -> None:
    assert PLAIN.hourly_rates() == pytest.approx((100 / 3600,) * 8)
    assert PLAIN.day_profile() == pytest.approx((0.0,) * 9 + (100.0,) * 8 + (0.0,) * 7)
    assert PLAIN.busiest() == pytest.approx(100 / 3600)
    assert PLAIN.classes() == ((pytest.approx(100 / 3600), 8.0),)
    assert (PLAIN.knows_hours, PLAIN.busy_day, PLAIN.scale) == (False, 800.0, 1.0)
    assert PLAIN.calls == 800 * 30.4375
    silent = replace(PLAIN, calls_per_day=None)
    assert silent.hourly_rates() == silent.day_profile() == silent.classes() == ()
    assert (silent.busiest(), silent.busy_day, silent.calls) == (None, None, 0.0)
    idle = replace(PLAIN, calls_per_day=0.0)
    assert idle.hourly_rates() == ()
    assert idle.day_profile() == (0.0,) * 24
    assert idle.busiest() == 0.0


def test_that_hours_that_are_told_stand() -> None:
    assert HOURLY.hourly_rates()[9:11] == (0.2, 0.1)
    assert HOURLY.day_profile() == HOURLY.hourly_calls
    assert HOURLY.busiest() == 0.2
    assert set(HOURLY.classes()) == {(0.0, 22.0), (0.2, 1.0), (0.1, 1.0)}
    assert HOURLY.knows_hours


def test_that_days_that_differ_have_a_busy_one() -> None:
    """Two of four days work, 1 and 3 times... of a mean day of 1: 0.5 and 3.5 of it."""
    bursts = replace(PLAIN, pattern=DayPattern(busy=3.0, classes=((1.0, 0.25), (3.0, 0.25))))
    assert bursts.busy_day == 2400.0
    assert bursts.busiest() == pytest.approx(300 / 3600)
    assert max(bursts.day_profile()) == pytest.approx(300)
    assert bursts.classes() == (
        (pytest.approx(100 / 3600), 2.0),
        (pytest.approx(300 / 3600), 2.0),
    )
    assert bursts.pattern is not None
    assert bursts.pattern.worked_share == 0.5
    told = replace(HOURLY, pattern=bursts.pattern)
    assert told.busiest() == 0.2


def test_that_a_call_has_the_tokens_that_are_told() -> None:
    shape = replace(PLAIN, cached=50.0).shape()
    assert not isinstance(shape, Unknown)
    assert (shape.uncached_tokens, shape.cached_tokens, shape.output_tokens) == (300.0, 50.0, 100.0)
    assert replace(PLAIN, input=None).shape() == Unknown("tokens.input is not stated")
    assert replace(PLAIN, output=None).shape() == Unknown("tokens.output is not stated")
    assert replace(PLAIN, output=None, embedding=True).writes == 0.0
    assert replace(PLAIN, output=7.0, embedding=True).writes == 7.0
    assert replace(PLAIN, output=None).writes is None


def test_that_utilisation_is_of_the_busiest_hour_or_of_the_window() -> None:
    ten = Stated(10.0, "x")
    assert figure(PLAIN.utilisation(ten, None)) == pytest.approx(1000 / 3600)
    assert figure(PLAIN.utilisation(ten, None, slots=2)) == pytest.approx(500 / 3600)
    assert figure(PLAIN.utilisation(ten, 4.0)) == pytest.approx(8000 / 3600 / 4)
    assert "4 slots" in str(PLAIN.utilisation(ten, None, slots=4))
    assert "slots" not in str(PLAIN.utilisation(ten, None))
    silent = replace(PLAIN, calls_per_day=None)
    assert silent.utilisation(ten, 4.0) == Unknown("volume.calls_per_day is not stated")
    assert PLAIN.utilisation(Unknown("why"), None) == Unknown("why")
    hours_alone = replace(HOURLY, calls_per_day=None)
    assert figure(hours_alone.utilisation(ten, 4.0)) == pytest.approx(2.0), "no day is known"


def test_that_hours_lose_each_by_itself() -> None:
    """0.2 and 0.1 a second, 5 s: a = 1 and 0.5, lost 1/2 and 1/3."""
    lost = (0.2 / 2 + 0.1 / 3) / 0.3
    assert HOURLY.absorbed_by_hours(5.0, slots=1) == pytest.approx(1 - lost)
    # With one that may wait: 1/3 and 0.25 / 1.75.
    queued = (0.2 / 3 + 0.1 / 7) / 0.3
    assert HOURLY.absorbed_by_hours(5.0, slots=1, queue=1) == pytest.approx(1 - queued)
    at = HOURLY.absorbed_at(1.0)
    assert band(at) == (pytest.approx(1 - lost),) * 3
    assert figure(HOURLY.absorbed_at(0.5, slots=2)) == pytest.approx(
        HOURLY.absorbed_by_hours(5.0, slots=2)
    )
    assert isinstance(PLAIN.absorbed_at(0.5), Unknown)
    assert isinstance(replace(HOURLY, hourly_calls=(0.0,) * 24).absorbed_at(0.5), Unknown)


def test_that_a_batch_is_of_a_busy_day() -> None:
    found = batch_of(Stated(18.0, "x"), PLAIN, 5.0, slots=1)
    assert found is not None
    assert (found.hours_needed, found.fits) == (4.0, True)
    busy = replace(PLAIN, pattern=DayPattern(busy=2.0, classes=()))
    assert batch_of(Stated(18.0, "x"), busy, 5.0, slots=2) == found
    assert batch_of(Stated(18.0, "x"), PLAIN, None, slots=1) is None
    assert batch_of(Unknown("?"), PLAIN, 5.0, slots=1) is None
    assert batch_of(Stated(18.0, "x"), replace(PLAIN, calls_per_day=None), 5.0, slots=1) is None


def trace_of(hours: tuple[float, ...]) -> Trace:
    return Trace(days=(TraceDay(ordinal=738_001, calls=hours),))


def test_that_a_profile_is_that_of_the_trace_up_to_a_twentieth_of_its_busiest_hour() -> None:
    """Shares of 0.75 and 0.25 in the trace; of the busiest hour 0.05 x 0.8 = 0.04 may differ."""
    trace = trace_of((75.0, 25.0) + (0.0,) * 22)
    assert traced((7.5, 2.5) + (0.0,) * 22, trace) is trace
    # 0.786 and 0.214: off by 0.036 of 0.0393.
    assert traced((0.786, 0.214) + (0.0,) * 22, trace) is trace
    # 0.790 and 0.210: off by 0.040 of 0.0395.
    assert traced((0.790, 0.210) + (0.0,) * 22, trace) is None
    assert traced((0.715, 0.285) + (0.0,) * 22, trace) is trace
    assert traced((0.712, 0.288) + (0.0,) * 22, trace) is None
    assert traced((0.0,) * 24, trace) is None
    quiet = trace_of((0.0,) * 24)
    assert traced((1.0,) + (0.0,) * 23, quiet) is None
    assert traced((0.0,) * 24, quiet) is quiet
    assert traced((), None) is None


def test_that_a_stated_volume_scales_a_trace() -> None:
    trace = trace_of((0.0,) * 9 + (60.0, 20.0) + (0.0,) * 13)
    half = replace(PLAIN, calls_per_day=40.0, trace=trace)
    assert (half.scale, half.knows_hours) == (0.5, True)
    assert half.busiest() == pytest.approx(30 / 3600)
    assert half.day_profile()[9:11] == (30.0, 10.0)
    assert half.classes() == ((pytest.approx(10 / 3600), 1.0), (pytest.approx(30 / 3600), 1.0))
    quiet = replace(half, trace=trace_of((0.0,) * 24))
    assert quiet.scale == 1.0
