"""What a kilowatt-hour costs: flat or by the hour of the week, in the currency of the bill."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from landfall.core.errors import BadInput

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""How settings name them; 0 is Monday."""

MOST_WINDOWS = 24
"""One an hour of a day; no tariff has more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffWindow:
    """A price of electricity that holds from one hour to another, over midnight where it must.

    Attributes:
        from_hour: First hour, 0 to 23, local time.
        to_hour: The hour at which it ends, 0 to 24.
        weekdays: 0 is Monday.
    """

    from_hour: int
    to_hour: int
    price_per_kwh: float
    weekdays: frozenset[int] = frozenset(range(7))

    def __post_init__(self) -> None:
        if not (0 <= self.from_hour <= 23 and 0 <= self.to_hour <= 24):
            raise BadInput("A tariff window lies between the hours 0 and 24.", field="from_hour")
        if self.from_hour == self.to_hour:
            raise BadInput("A tariff window begins and ends at other hours.", field="to_hour")
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise BadInput("A tariff window holds on at least one day.", field="weekdays")
        _check_price(self.price_per_kwh)

    def holds(self, weekday: int, hour: int) -> bool:
        """Whether it holds in an hour; the hours after midnight belong to the day it began on."""
        if self.from_hour < self.to_hour:
            return weekday in self.weekdays and self.from_hour <= hour < self.to_hour
        if hour >= self.from_hour:
            return weekday in self.weekdays
        return hour < self.to_hour and (weekday - 1) % 7 in self.weekdays


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What electricity costs: flat, or by the hour. The first window that holds decides.

    Attributes:
        price_per_kwh: Where no window holds.
        currency: ISO 4217 code of every price in it.
    """

    price_per_kwh: float
    currency: str = "USD"
    windows: tuple[TariffWindow, ...] = ()

    def __post_init__(self) -> None:
        _check_price(self.price_per_kwh)
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise BadInput(
                f"{self.currency!r} is no currency: its code has three capital letters, as in EUR.",
                field="currency",
            )
        if len(self.windows) > MOST_WINDOWS:
            raise BadInput(f"A tariff has {MOST_WINDOWS} windows at most.", field="windows")

    def at(self, weekday: int, hour: int) -> float:
        """Currency per kWh in an hour of a weekday, local time."""
        for window in self.windows:
            if window.holds(weekday, hour):
                return window.price_per_kwh
        return self.price_per_kwh

    def mean(self, hourly_load: tuple[float, ...] = ()) -> float:
        """The mean price of a kWh in a week, weighted with the load of each hour of a day."""
        load = hourly_load if sum(hourly_load) > 0 else (1.0,) * 24
        if len(load) != 24:
            raise BadInput("A daily profile has 24 hours.", field="hourly_calls")
        if not self.windows:
            return self.price_per_kwh
        cost = sum(
            share * self.at(weekday, hour)
            for weekday in range(7)
            for hour, share in enumerate(load)
        )
        return cost / (7 * sum(load))


def _check_price(per_kwh: float) -> None:
    if not math.isfinite(per_kwh) or per_kwh < 0:
        raise BadInput("A price of electricity is a number of 0 or more.", field="price_per_kwh")


def overlapping(windows: Sequence[TariffWindow]) -> tuple[int, int] | None:
    """The first two windows of which both hold in some hour, or None. The earlier one decides."""
    taken: dict[tuple[int, int], int] = {}
    for number, window in enumerate(windows):
        for weekday in range(7):
            for hour in range(24):
                if window.holds(weekday, hour):
                    first = taken.setdefault((weekday, hour), number)
                    if first != number:
                        return first, number
    return None
