"""What a look at the machine finds: its hardware, its sensors, its calibrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landfall.core.errors import AppError
from landfall.core.provenance import Figure, Unknown
from landfall.gui.app_values import PowerSensor
from landfall.gui.scope_words import scope_words
from landfall.gui.server_state import is_here
from landfall.gui.translated import translated
from landfall.services import hardware, power
from landfall.services.late_imports import late
from landfall.services.power.linux_sysfs import RAPL_RULE
from landfall.services.power.source import KeptReading
from landfall.services.run.metering import Metering
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import LoadedModel, Runtime
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.core.speed.calibration import CalibrationPoint
    from landfall.gui.app_state import AppState
    from landfall.services.history.history import History

SeenMachine = tuple["HardwareProfile", Metering, "tuple[CalibrationPoint, ...]"]


async def machine_of(state: AppState, history: History) -> SeenMachine:
    """Ask every probe and every sensor, and the history for the calibrations."""
    # A server may have its models elsewhere than this user: a service has a folder of its own.
    store = await in_thread(late, "landfall.services.ollama.store")
    profile = await hardware.detect(state.settings, await store.folder(state.settings))
    points = await _points_of(history)
    if points:
        await in_thread(late, "landfall.services.speed.calibration")
    return profile, Metering(await power.discover(state.settings)), points


async def _points_of(history: History) -> tuple[CalibrationPoint, ...]:
    """A history that cannot be read was told of when it was opened; the machine is seen without."""
    try:
        return await history.calibration_points()
    except AppError:
        return ()


def calibrated(
    profile: HardwareProfile,
    points: tuple[CalibrationPoint, ...],
    runtimes: tuple[Runtime, ...] | None,
) -> HardwareProfile:
    """The machine with the calibration that holds for the server that answers."""
    if not points:
        return profile
    engine = None
    if runtimes and runtimes[0].version and runtimes[0].is_ollama:
        engine = translated(runtimes[0].words)
    made: HardwareProfile = late("landfall.services.speed.calibration").attached(
        profile, points, engine
    )
    return made


def room_of(
    profile: HardwareProfile | None,
    loaded: tuple[LoadedModel, ...] | None,
    runtimes: tuple[Runtime, ...] | None,
) -> HardwareProfile | None:
    """The machine as its server leaves it: what loaded models hold is free to others."""
    if profile is None or not loaded or not is_here(runtimes):
        return profile
    loads = late("landfall.core.fit.held_memory")
    room: HardwareProfile = loads.given_back(profile, [loads.held_by(m) for m in loaded])[0]
    return room


def sensor_of(source: power.PowerSource) -> PowerSensor:
    """A sensor in the words of the window."""
    return PowerSensor(
        name=translated(source.name),
        scope=scope_words(str(source.scope)),
        available=source.available,
        quality=str(source.quality),
        reason=translated(source.reason),
        watts=_kept(source),
        rule=RAPL_RULE if RAPL_RULE in source.reason else "",
    )


def _kept(source: power.PowerSource) -> Figure | None:
    """What it said once; None where it is read when something runs."""
    if isinstance(source, KeptReading):
        return source.figure
    return None if source.available else Unknown(source.reason)
