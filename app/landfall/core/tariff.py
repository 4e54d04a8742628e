"""What a kilowatt-hour costs: flat or by the hour of the week, in the currency of the bill."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.errors import BadInput


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
            raise BadInput("A tariff window lies between the hours 0 and 24.", field="tariff")

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
        cost = sum(
            share * self.at(weekday, hour)
            for weekday in range(7)
            for hour, share in enumerate(load)
        )
        return cost / (7 * sum(load))
