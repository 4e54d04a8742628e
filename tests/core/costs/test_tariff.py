"""What a kilowatt-hour costs, by the hour of the week."""

from __future__ import annotations

import math
from typing import Any

import pytest

from landfall.core.costs.tariff import Tariff, TariffWindow, overlapping
from landfall.core.errors import BadInput


def test_that_a_flat_tariff_is_the_same_in_every_hour() -> None:
    tariff = Tariff(price_per_kwh=0.17)
    assert tariff.at(6, 23) == 0.17
    assert tariff.mean() == pytest.approx(0.17)


def test_that_a_night_window_runs_over_midnight_from_the_day_it_began() -> None:
    night = TariffWindow(from_hour=22, to_hour=6, price_per_kwh=0.1, weekdays=frozenset({4}))
    tariff = Tariff(price_per_kwh=0.3, windows=(night,))
    assert tariff.at(4, 22) == tariff.at(5, 5) == 0.1
    assert tariff.at(4, 5) == tariff.at(5, 6) == tariff.at(5, 22) == 0.3


def test_that_a_tariff_is_weighted_with_the_load() -> None:
    day = TariffWindow(from_hour=8, to_hour=20, price_per_kwh=0.4)
    tariff = Tariff(price_per_kwh=0.2, windows=(day,))
    assert tariff.mean() == pytest.approx(0.3)
    assert tariff.mean((0.0,) * 8 + (1.0,) * 12 + (0.0,) * 4) == pytest.approx(0.4)
    assert tariff.mean((0.0,) * 24) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("window", "field"),
    [
        ({"from_hour": 24, "to_hour": 6}, "from_hour"),
        ({"from_hour": 6, "to_hour": 25}, "from_hour"),
        ({"from_hour": 6, "to_hour": 6}, "to_hour"),
        ({"from_hour": 6, "to_hour": 8, "weekdays": frozenset[int]()}, "weekdays"),
        ({"from_hour": 6, "to_hour": 8, "weekdays": frozenset({7})}, "weekdays"),
        ({"from_hour": 6, "to_hour": 8, "price_per_kwh": math.nan}, "price_per_kwh"),
        ({"from_hour": 6, "to_hour": 8, "price_per_kwh": -0.1}, "price_per_kwh"),
    ],
)
def test_that_a_broken_window_is_refused(window: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        TariffWindow(**{"price_per_kwh": 0.1, **window})
    assert caught.value.field == field


def test_that_a_broken_tariff_is_refused() -> None:
    one = TariffWindow(from_hour=1, to_hour=2, price_per_kwh=0.1)
    for wrong, field in (
        ({"price_per_kwh": -1.0}, "price_per_kwh"),
        ({"price_per_kwh": 1.0, "currency": "eur"}, "currency"),
        ({"price_per_kwh": 1.0, "windows": (one,) * 25}, "windows"),
    ):
        with pytest.raises(BadInput) as caught:
            Tariff(**wrong)  # type: ignore[arg-type]
        assert caught.value.field == field
    with pytest.raises(BadInput):
        Tariff(price_per_kwh=0.1).mean((1.0, 2.0))


def test_that_windows_that_hold_in_one_hour_are_found() -> None:
    night = TariffWindow(from_hour=22, to_hour=6, price_per_kwh=0.1)
    day = TariffWindow(from_hour=6, to_hour=22, price_per_kwh=0.4)
    early = TariffWindow(from_hour=5, to_hour=7, price_per_kwh=0.2, weekdays=frozenset({6}))
    assert overlapping((night, day)) is None
    assert overlapping((night, early)) == (0, 1)
    assert overlapping((day, night, early)) in {(0, 2), (1, 2)}


def test_that_electricity_may_cost_nothing_but_not_less() -> None:
    assert Tariff(price_per_kwh=0.0).at(0, 0) == 0.0
    with pytest.raises(BadInput):
        Tariff(price_per_kwh=-0.01)


@pytest.mark.parametrize(("start", "end"), [(0, 24), (0, 1), (23, 24), (23, 0), (22, 6)])
def test_that_a_window_may_begin_and_end_with_the_day(start: int, end: int) -> None:
    window = TariffWindow(from_hour=start, to_hour=end, price_per_kwh=0.1)
    tariff = Tariff(price_per_kwh=0.3, windows=(window,))
    cheap = {hour for hour in range(24) if tariff.at(2, hour) == 0.1}
    inside = set(range(start, end)) if start < end else {*range(start, 24), *range(end)}
    assert cheap == inside


def test_that_a_tariff_may_have_as_many_windows_as_is_said_and_no_more() -> None:
    from landfall.core.costs.tariff import MOST_WINDOWS

    window = TariffWindow(from_hour=1, to_hour=2, price_per_kwh=0.1)
    assert Tariff(price_per_kwh=0.3, windows=(window,) * MOST_WINDOWS).windows
    with pytest.raises(BadInput):
        Tariff(price_per_kwh=0.3, windows=(window,) * (MOST_WINDOWS + 1))
