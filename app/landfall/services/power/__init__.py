"""Watts: which sources this machine has, and their samples while something runs."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from landfall.core.energy.power import Scope
from landfall.core.settings import Settings
from landfall.services.late_imports import late
from landfall.services.power.sampler import RUNNING_SECONDS, WATCHED_SECONDS, Sampler
from landfall.services.power.source import Clock, Missing, PowerSource, meter
from landfall.services.sensor_thread import SensorThread
from landfall.services.threads import in_thread

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
        wall_sources = await in_thread(late, "landfall.services.power.wall_sources")
        finders += wall_sources.finders(settings, clock)
    found = await asyncio.gather(*(_patiently(finder, timeout_seconds) for finder in finders))
    return tuple(source for sources in found for source in sources)


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks for sources; its name and scope stand for them where the driver hangs."""

    name: str
    scope: Scope
    find: Callable[[], tuple[PowerSource, ...]]


def _finders(sysfs: Path, platform_name: str, clock: Clock) -> list[Finder]:
    """Those of the platform; a module comes in on the thread that looks."""

    def finder(name: str, scope: Scope, module: str, **more: Path) -> Finder:
        def find() -> tuple[PowerSource, ...]:
            found: tuple[PowerSource, ...] = late(module).discover(clock=clock, **more)
            return found

        return Finder(name, scope, find)

    by_nvml = finder("NVML", Scope.GPU, "landfall.services.power.nvidia", sysfs=sysfs)
    match platform_name:
        case "darwin":
            return [finder("macOS", Scope.SYSTEM_DC, "landfall.services.power.apple")]
        case "win32":
            emi = finder("EMI", Scope.CPU_PACKAGE, "landfall.services.power.windows_emi")
            return [
                by_nvml,
                emi,
                finder("battery", Scope.SYSTEM_DC, "landfall.services.power.windows_battery"),
            ]
        case _:
            by_sysfs = finder(
                "sysfs", Scope.CPU_PACKAGE, "landfall.services.power.linux_sysfs", sysfs=sysfs
            )
            return [
                by_nvml,
                by_sysfs,
                finder("battery", Scope.SYSTEM_DC, "landfall.services.power.battery", sysfs=sysfs),
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
