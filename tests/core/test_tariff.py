"""What a kilowatt-hour costs, by the hour of the week."""

from __future__ import annotations

import pytest

from landfall.core.errors import BadInput
from landfall.core.tariff import Tariff, TariffWindow


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


def test_that_a_broken_tariff_is_refused() -> None:
    with pytest.raises(BadInput):
        TariffWindow(from_hour=24, to_hour=6, price_per_kwh=0.1)
    with pytest.raises(BadInput):
        Tariff(price_per_kwh=0.1).mean((1.0, 2.0))
