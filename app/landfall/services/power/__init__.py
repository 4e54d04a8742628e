"""Watts: which sources this machine has, and their samples while something runs."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from landfall.core.power import Scope
from landfall.core.settings import Settings
from landfall.services.power import (
    apple,
    battery,
    linux_sysfs,
    nvidia,
    windows_battery,
    windows_emi,
)
from landfall.services.power.sampler import RUNNING_SECONDS, WATCHED_SECONDS, Sampler
from landfall.services.power.source import Clock, Missing, PowerSource, meter
from landfall.services.sensor_thread import SensorThread

__all__ = [
    "RUNNING_SECONDS",
    "WATCHED_SECONDS",
    "Missing",
    "PowerSource",
    "Sampler",
    "discover",
    "meter",
]

DISCOVERY_SECONDS = 10.0


async def discover(
    settings: Settings | None = None,
    *,
    root: Path = Path("/"),
    platform_name: str = sys.platform,
    timeout_seconds: float = DISCOVERY_SECONDS,
    clock: Clock = time.perf_counter,
) -> tuple[PowerSource, ...]:
    """Every source of power on this machine, also those that cannot be read: they say why.

    A sleeping laptop card is not woken. A hung driver makes one source that says so. A plug is
    asked only where the settings hold its address.
    """
    finders = _finders(root / "sys", platform_name, clock)
    if settings is not None and (settings.plug_url or settings.wall_calibration):
        # Imported here: most machines have no plug.
        finders += import_module("landfall.services.power.wall_sources").finders(settings, clock)
    found = await asyncio.gather(*(_patiently(finder, timeout_seconds) for finder in finders))
    return tuple(source for sources in found for source in sources)


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks for sources; its name and scope stand for them where the driver hangs."""

    name: str
    scope: Scope
    find: Callable[[], tuple[PowerSource, ...]]


def _finders(sysfs: Path, platform_name: str, clock: Clock) -> list[Finder]:
    by_nvml = Finder("NVML", Scope.GPU, lambda: nvidia.discover(sysfs=sysfs, clock=clock))
    match platform_name:
        case "darwin":
            return [Finder("macOS", Scope.SYSTEM_DC, lambda: apple.discover(clock=clock))]
        case "win32":
            emi = Finder("EMI", Scope.CPU_PACKAGE, lambda: windows_emi.discover(clock=clock))
            by_battery = Finder(
                "battery", Scope.SYSTEM_DC, lambda: windows_battery.discover(clock=clock)
            )
            return [by_nvml, emi, by_battery]
        case _:
            return [
                by_nvml,
                Finder(
                    "sysfs",
                    Scope.CPU_PACKAGE,
                    lambda: linux_sysfs.discover(sysfs=sysfs, clock=clock),
                ),
                Finder(
                    "battery", Scope.SYSTEM_DC, lambda: battery.discover(sysfs=sysfs, clock=clock)
                ),
            ]


async def _patiently(finder: Finder, timeout_seconds: float) -> tuple[PowerSource, ...]:
    thread = SensorThread(f"{finder.name} power discovery")
    try:
        return await thread.call(finder.find, timeout_seconds=timeout_seconds)
    except TimeoutError:
        reason = f"the driver did not answer within {timeout_seconds:g} s"
        return (Missing(finder.name, finder.scope, reason),)
    finally:
        thread.close()
