"""Money for energy: by the hour in which it was drawn, whatever the clock on the wall does."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.costs.energy_cost import (
    HourPart,
    cost_by_hour,
    hours_of,
    keep_loaded_per_day,
)
from landfall.core.costs.tariff import Tariff, TariffWindow
from landfall.core.energy.idle import IdleDraw, SourceDraw
from landfall.core.energy.power import Scope
from landfall.core.provenance import Estimated, Unknown

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Tariff(
    price_per_kwh=0.40,
    currency="EUR",
    windows=(TariffWindow(from_hour=22, to_hour=6, price_per_kwh=0.20),),
)


def test_that_a_run_over_the_hour_costs_what_each_hour_costs() -> None:
    begun = datetime(2026, 11, 26, 21, 59, 50, tzinfo=BERLIN)
    hours = hours_of(begun, 40, zone=BERLIN)
    assert hours == (HourPart(0, 10, 3, 21), HourPart(10, 40, 3, 22))
    kwh = 3.6e6
    assert cost_by_hour((1 * kwh, 3 * kwh), hours, NIGHT) == pytest.approx(0.40 + 3 * 0.20)


def test_that_the_hour_that_summer_time_takes_away_is_not_charged() -> None:
    """29 March 2026, 01:59:30 local: half a minute later it is 03:00."""
    begun = datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC)
    hours = hours_of(begun, 60, zone=BERLIN)
    assert [(part.weekday, part.hour) for part in hours] == [(6, 1), (6, 3)]


def test_that_the_hour_that_comes_twice_is_charged_twice_and_once_each() -> None:
    """25 October 2026: 02:00 to 03:00 comes twice."""
    begun = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    hours = hours_of(begun, 3 * 3600, zone=BERLIN)
    assert [part.hour for part in hours] == [1, 2, 3]
    assert [part.end - part.start for part in hours] == [1800, 7200, 1800]


def test_that_a_zone_of_half_hours_has_its_own_hours() -> None:
    begun = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
    hours = hours_of(begun, 3600, zone=ZoneInfo("Asia/Kolkata"))
    assert [(part.start, part.hour) for part in hours] == [(0, 17), (1800, 18)]


@given(
    st.integers(1_577_836_800, 1_893_456_000),
    st.floats(0.001, 90_000),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_that_hours_have_no_hole_and_are_those_of_the_wall(
    stamp: int, seconds: float, zone: str
) -> None:
    begun = datetime.fromtimestamp(stamp, tz=UTC)
    hours = hours_of(begun, seconds, zone=ZoneInfo(zone))
    assert hours[0].start == 0
    assert hours[-1].end == pytest.approx(seconds)
    assert all(a.end == b.start for a, b in itertools.pairwise(hours))
    for part in hours:
        middle = begun + timedelta(seconds=(part.start + part.end) / 2)
        if part.end - part.start > 0.01:
            assert middle.astimezone(ZoneInfo(zone)).hour == part.hour


def draw(watts: float, *models: str, spread: float = 0.5, scope: Scope = Scope.GPU) -> IdleDraw:
    one = SourceDraw(source="gpu", scope=scope, watts=watts, deviation_watts=spread)
    return IdleDraw(draws=(one,), models=frozenset(models), seconds=10, at=0)


def test_that_keeping_a_model_loaded_costs_the_difference_at_the_mean_price() -> None:
    tariff = Tariff(price_per_kwh=0.30, currency="EUR")
    got = keep_loaded_per_day(draw(40, "m"), draw(10), tariff)
    assert isinstance(got, Estimated)
    assert got.mid == pytest.approx(30 * 24 / 1000 * 0.30)
    assert got.low < got.mid < got.high
    assert "40.0 W with it - 10.0 W without" in got.formula
    assert "EUR" in got.formula


def test_that_a_difference_below_the_noise_is_not_a_gain() -> None:
    got = keep_loaded_per_day(draw(10, "m"), draw(10.2), Tariff(price_per_kwh=0.30))
    assert isinstance(got, Estimated)
    assert got.low == got.mid == 0
    assert got.high > 0


def test_that_the_cost_of_keeping_it_loaded_needs_both_draws_of_one_scope_and_a_price() -> None:
    why = Unknown("not measured")
    tariff = Tariff(price_per_kwh=0.3)
    assert keep_loaded_per_day(why, draw(1), tariff) == why
    assert keep_loaded_per_day(draw(1, "m"), why, tariff) == why
    assert isinstance(keep_loaded_per_day(draw(1, "m"), draw(1), None), Unknown)
    whole = draw(60, "m", scope=Scope.SYSTEM_DC)
    assert isinstance(keep_loaded_per_day(whole, draw(1), tariff), Unknown)
