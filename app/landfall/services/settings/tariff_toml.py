"""A tariff of electricity as `settings.toml` holds it.

[electricity]
price_per_kwh = 0.32
currency = "EUR"

[[electricity.windows]]
from_hour = 22
to_hour = 6
price_per_kwh = 0.21
weekdays = ["mon", "tue", "wed", "thu", "fri"]
"""

from __future__ import annotations

from typing import Any, Protocol

from landfall.core.costs.tariff import WEEKDAYS, Tariff, TariffWindow, overlapping
from landfall.core.errors import BadInput

PATH = "electricity"
_KEYS = ["price_per_kwh", "currency", "windows"]
_WINDOW_KEYS = ["from_hour", "to_hour", "price_per_kwh", "weekdays"]


class Bad(Protocol):
    """Makes the error of a key, with its file and line."""

    def __call__(self, path: str, what: str, *, near: list[str] | None = None) -> BadInput:
        """The error."""
        ...


def plain(tariff: Tariff) -> dict[str, Any]:
    """The table of a tariff; a window of every day does not name the days."""
    table: dict[str, Any] = {"price_per_kwh": tariff.price_per_kwh, "currency": tariff.currency}
    if tariff.windows:
        table["windows"] = [_plain_window(window) for window in tariff.windows]
    return table


def _plain_window(window: TariffWindow) -> dict[str, Any]:
    table: dict[str, Any] = {
        "from_hour": window.from_hour,
        "to_hour": window.to_hour,
        "price_per_kwh": window.price_per_kwh,
    }
    if len(window.weekdays) < len(WEEKDAYS):
        table["weekdays"] = [WEEKDAYS[day] for day in sorted(window.weekdays)]
    return table


def tariff(table: dict[str, Any], bad: Bad) -> Tariff:
    """The tariff of a table.

    Raises:
        BadInput: a key is missing, unknown or of the wrong type, two windows overlap; says where.
    """
    _known(table, _KEYS, PATH, bad)
    windows = table.get("windows", [])
    if not isinstance(windows, list):
        raise bad(f"{PATH}.windows", "a list of windows is expected")
    made = tuple(_window(each, f"{PATH}.windows[{i}]", bad) for i, each in enumerate(windows))
    clash = overlapping(made)
    if clash is not None:
        raise bad(f"{PATH}.windows[{clash[1]}]", f"it overlaps the window {clash[0]}")
    currency = table.get("currency", "USD")
    if not isinstance(currency, str):
        raise bad(f"{PATH}.currency", f"text is expected, not {currency!r}")
    price = _number(table, "price_per_kwh", PATH, bad)
    try:
        return Tariff(price_per_kwh=price, currency=currency, windows=made)
    except BadInput as error:
        raise bad(f"{PATH}.{error.field}", error.message.rstrip(".")) from error


def _window(value: Any, path: str, bad: Bad) -> TariffWindow:
    if not isinstance(value, dict):
        raise bad(path, "a table is expected")
    _known(value, _WINDOW_KEYS, path, bad)
    from_hour, to_hour = (_hour(value, key, path, bad) for key in ("from_hour", "to_hour"))
    price = _number(value, "price_per_kwh", path, bad)
    weekdays = _weekdays(value, path, bad)
    try:
        return TariffWindow(
            from_hour=from_hour, to_hour=to_hour, price_per_kwh=price, weekdays=weekdays
        )
    except BadInput as error:
        raise bad(f"{path}.{error.field}", error.message.rstrip(".")) from error


def _known(table: dict[str, Any], keys: list[str], path: str, bad: Bad) -> None:
    for key in table:
        if key not in keys:
            raise bad(f"{path}.{key}", "there is no such key", near=keys)


def _number(table: dict[str, Any], key: str, path: str, bad: Bad) -> float:
    if key not in table:
        raise bad(f"{path}.{key}", "it is missing")
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad(f"{path}.{key}", f"a number is expected, not {value!r}")
    return float(value)


def _hour(table: dict[str, Any], key: str, path: str, bad: Bad) -> int:
    number = _number(table, key, path, bad)
    if not number.is_integer():
        raise bad(f"{path}.{key}", f"a whole hour is expected, not {table[key]!r}")
    return int(number)


def _weekdays(table: dict[str, Any], path: str, bad: Bad) -> frozenset[int]:
    names = table.get("weekdays", list(WEEKDAYS))
    if not isinstance(names, list):
        raise bad(f"{path}.weekdays", "a list of days is expected")
    for name in names:
        if name not in WEEKDAYS:
            wanted = ", ".join(WEEKDAYS)
            raise bad(f"{path}.weekdays", f"{name!r} is none of {wanted}")
    return frozenset(WEEKDAYS.index(name) for name in names)
