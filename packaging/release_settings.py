"""Inside a release: stores every setting that it has by its own code, none of them a default.

`release_fixture.py` starts it with the release's own modules on the path, and the addresses of its
stand-ins as NAME=URL.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any

from landfall.core.settings import Settings, ThemeChoice, Thresholds
from landfall.services import paths
from landfall.services.settings import settings_store

TARIFF = ("landfall.core.costs.tariff", "landfall.core.tariff")
"""Where it stands, and where it stood before."""
WALL = ("landfall.core.energy.wall",)


def chosen(addresses: Mapping[str, str]) -> dict[str, Any]:
    """Of every setting that any release had."""
    prices = MappingProxyType({"input": 10.0, "cached": 1.0, "output": 10.0})
    return {
        "theme": ThemeChoice.DARK,
        "language": "de",
        "ollama_url": addresses["ollama"],
        "electricity_usd_per_kwh": 0.41,
        "electricity": _tariff(),
        "currency": "EUR",
        "currency_usd_rate": 1.16,
        "currency_usd_date": "2026-11-20",
        "hourly_rate_usd": 95.0,
        "context_length": 4096,
        "thresholds": replace(Thresholds(), payback_max_months=18.0, price_stale_days=30),
        "overrides": MappingProxyType({"ram.total_bytes": 34_359_738_368}),
        "base_urls": MappingProxyType({"openai": addresses["provider"]}),
        "plain_http_hosts": ("box.lan:8000",),
        "prices": MappingProxyType({"openai/m-1": prices}),
        "plans": MappingProxyType({"Team": MappingProxyType({"usd_month": 30.0, "seller": "We"})}),
        "daily_budget_usd": 7.5,
        "plug_url": addresses["plug"],
        "plug_anywhere": True,
        "wall_calibration": _wall(),
    }


def _first(names: tuple[str, ...]) -> ModuleType | None:
    """The first of these modules that this release has."""
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def _tariff() -> Any:
    module = _first(TARIFF)
    if module is None:
        return None
    night = module.TariffWindow(from_hour=22, to_hour=6, price_per_kwh=0.22)
    return module.Tariff(price_per_kwh=0.34, currency="EUR", windows=(night,))


def _wall() -> Any:
    module = _first(WALL)
    if module is None:
        return None
    return module.WallCalibration(
        idle_wall_watts=80.0,
        idle_measured_watts=40.0,
        load_wall_watts=420.0,
        load_measured_watts=346.0,
        sources=("NVML GPU 0",),
        at="2026-11-26T10:00:00+00:00",
    )


def main(words: list[str]) -> None:
    """Store those that this release knows."""
    known = {field.name for field in fields(Settings)}
    wanted = chosen(dict(word.split("=", 1) for word in words))
    places = paths.of_user()
    places.make()
    mine = {name: value for name, value in wanted.items() if name in known}
    settings_store.save(places.settings, replace(Settings(), **mine))


if __name__ == "__main__":
    main(sys.argv[1:])
