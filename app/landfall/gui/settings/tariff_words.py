"""Prices of electricity and what they come to, in words and in the currency of the bill."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QLocale

from landfall.core.costs.tariff import WEEKDAYS, Tariff, TariffWindow
from landfall.gui.format import NBSP, money, number

EVERY_DAY = frozenset(range(len(WEEKDAYS)))
WORKING_DAYS = frozenset(range(5))
WEEKEND = frozenset({5, 6})


def _tr(text: str) -> str:
    return QCoreApplication.translate("tariff", text)


def tariff_words(tariff: Tariff) -> str:
    """What a kilowatt-hour costs: "0.32 EUR / kWh", "0.21 to 0.32 EUR / kWh by the hour"."""
    prices = [tariff.price_per_kwh, *(window.price_per_kwh for window in tariff.windows)]
    unit = f"{NBSP}{tariff.currency}{NBSP}/{NBSP}kWh"
    low, high = min(prices), max(prices)
    if low == high:
        return f"{_price(low)}{unit}"
    return _tr("{0} to {1}{2} by the hour").format(_price(low), _price(high), unit)


def _price(per_kwh: float) -> str:
    cents = round(per_kwh, 2) == per_kwh
    return number(per_kwh, digits=2 if cents else 4)


def money_in(value: float, currency: str) -> str:
    """An amount in its currency, with as many digits as tell something: "0.0031 EUR"."""
    if currency == "USD":
        return money(value)
    digits = 2 if value == 0 or abs(value) >= 0.01 else 1 - math.floor(math.log10(abs(value)))
    return f"{number(value, digits=digits)}{NBSP}{currency}"


def hour_words(hour: int) -> str:
    """A full hour as clocks show it: "22:00"."""
    return f"{hour:02d}:00"


def days_words(days: frozenset[int]) -> str:
    """Days of the week: "Every day", "Mon to Fri", "Mon, Wed"."""
    known = {
        EVERY_DAY: _tr("Every day"),
        WORKING_DAYS: _tr("Mon to Fri"),
        WEEKEND: _tr("Sat and Sun"),
    }
    locale = QLocale()
    short = QLocale.FormatType.ShortFormat
    return known.get(days) or ", ".join(locale.dayName(day + 1, short) for day in sorted(days))


def day_choices(now: frozenset[int] = EVERY_DAY) -> tuple[frozenset[int], ...]:
    """The sets of days to choose from, with one of a file that is none of the usual."""
    usual = (EVERY_DAY, WORKING_DAYS, WEEKEND, *(frozenset({day}) for day in range(7)))
    return usual if now in usual else (*usual, now)


def free_window(tariff: Tariff) -> TariffWindow | None:
    """Hours that no window holds yet: the night where it is free, else the first hour that is."""
    free = [
        hour
        for hour in range(24)
        if not any(w.holds(day, hour) for w in tariff.windows for day in range(7))
    ]
    if not free:
        return None
    night = {22, 23, 0, 1, 2, 3, 4, 5} <= set(free)
    first, last = (22, 6) if night else (free[0], free[0] + 1)
    return TariffWindow(from_hour=first, to_hour=last, price_per_kwh=tariff.price_per_kwh)
