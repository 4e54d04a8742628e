"""How days differ: a busy one, and how many are how full."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.demand.day_pattern import CLASSES, day_pattern
from landfall.core.demand.load import batch_of
from landfall.core.provenance import Stated, middle
from landfall.core.verdict.renting import hours_of_day, rented_day
from tests.core.verdict.test_renting import LOAD

BURSTS = [0.0] * 26 + [1200.0, 800.0]
"""Four weeks, of which two days have work."""


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=400))
def test_that_the_classes_hold_all_the_work_of_a_mean_day(days: list[float]) -> None:
    found = day_pattern(days)
    if not any(days) or sum(days) / len(days) <= 0:
        assert found is None
        return
    assert found is not None
    assert len(found.classes) <= CLASSES
    assert math.fsum(much * share for much, share in found.classes) == pytest.approx(1)
    assert found.busy >= 0
    assert found.worked_share == pytest.approx(sum(day > 0 for day in days) / len(days))


def test_that_rare_days_are_told_by_those_with_work() -> None:
    found = day_pattern(BURSTS)
    assert found is not None
    mean = 2000 / 28
    assert found.busy * mean == pytest.approx(1180)
    assert found.classes == (
        (pytest.approx(800 / mean), pytest.approx(1 / 28)),
        (pytest.approx(1200 / mean), pytest.approx(1 / 28)),
    )
    assert day_pattern([5.0]) is None


def test_that_the_busiest_hour_is_that_of_a_busy_day_and_not_of_the_mean() -> None:
    mean = replace(LOAD, calls_per_day=2000 / 28)
    bursts = replace(mean, pattern=day_pattern(BURSTS))
    assert (mean.busiest() or 0) * 8 * 3600 == pytest.approx(2000 / 28)
    assert (bursts.busiest() or 0) * 8 * 3600 == pytest.approx(1180)
    # A call of 60 s within eight hours: 1180 calls keep two and a half slots busy, 71 a sixth.
    assert middle(bursts.utilisation(Stated(60.0, "?"), None)) == pytest.approx(1180 / 8 / 60)
    assert middle(bursts.utilisation(Stated(60.0, "?"), 40.0)) == pytest.approx(1180 / 40 / 60)
    assert max(bursts.day_profile()) == pytest.approx(1180 / 8), "the picture is of the same day"
    window = batch_of(Stated(60.0, "?"), bursts, 16.0, slots=1)
    assert window is not None
    assert window.hours_needed == pytest.approx(1180 / 60)
    assert not window.fits
    served = bursts.absorbed_by_hours(60.0, slots=1)
    assert served < 0.5 < mean.absorbed_by_hours(60.0, slots=1)


def test_that_a_rented_gpu_is_on_in_the_hours_of_the_bursts_alone() -> None:
    mean = replace(LOAD, calls_per_day=2000 / 28)
    pattern = day_pattern(BURSTS)
    assert pattern is not None
    hours = hours_of_day(replace(mean, pattern=pattern))
    assert math.fsum(calls * many for calls, many in hours) == pytest.approx(2000 / 28)
    day = rented_day(
        hours,
        service_s=20.0,
        slots=1,
        idle_hours=0.25,
        worked_share=pattern.worked_share,
        busy_day=pattern.busy,
    )
    # 1200 calls in eight hours take 0.83 of one, 800 take 0.56; the wait keeps it on all eight.
    assert day.on_hours == pytest.approx(16 / 28)
    assert day.starts == pytest.approx(2 / 28)
    assert day.gpus == 2
    every_day = rented_day(hours_of_day(mean), service_s=20.0, slots=1, idle_hours=0.25)
    assert every_day.on_hours > 12 * day.on_hours
    at_once = rented_day(
        hours,
        service_s=20.0,
        slots=1,
        idle_hours=0.25,
        window_hours=4.0,
        worked_share=pattern.worked_share,
        busy_day=pattern.busy,
    )
    assert at_once.gpus == 2, "6.6 hours of work on a busy day"
    assert at_once.on_hours == pytest.approx(2000 * 20 / 3600 / 28 + 2 * 0.25 * 2 / 28)
