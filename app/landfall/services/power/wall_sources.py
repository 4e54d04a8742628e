"""Sources at the wall that the user names: a plug, and readings of a meter typed in."""

from __future__ import annotations

from landfall.core.energy.plug_address import plug_address
from landfall.core.energy.power import Scope
from landfall.core.energy.wall import WallCalibration, stated
from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.services.power import Finder
from landfall.services.power.plug import PlugSource
from landfall.services.power.source import Clock, KeptReading, Missing, PowerSource


def finders(settings: Settings, clock: Clock) -> list[Finder]:
    """What looks for them; a plug is asked once, so that it says whether it can be read."""
    found = []
    if settings.plug_url:
        found.append(Finder("plug", Scope.WALL, lambda: _plug(settings, clock)))
    if calibration := settings.wall_calibration:
        found.append(Finder("wall", Scope.WALL, lambda: (kept(calibration),)))
    return found


def _plug(settings: Settings, clock: Clock) -> tuple[PowerSource, ...]:
    try:
        address = plug_address(settings.plug_url)
    except BadInput as error:
        return (Missing("plug", Scope.WALL, error.message.rstrip("."), clock=clock),)
    source = PlugSource(address, anywhere=settings.plug_anywhere, clock=clock)
    source.read()
    return (source,)


def kept(calibration: WallCalibration) -> KeptReading:
    """Readings at the plug that were kept: never a live measurement, used to calibrate alone."""
    readings = [f"idle {calibration.idle_wall_watts:g} W"]
    if calibration.load_wall_watts is not None:
        readings.append(f"under load {calibration.load_wall_watts:g} W")
    how = "read from the plug" if calibration.how == "plug" else "typed in by you"
    reason = (
        f"{how} on {calibration.at[:10]}: {', '.join(readings)}; "
        "used to calibrate, not a live measurement"
    )
    return KeptReading("wall reading", Scope.WALL, reason, stated(calibration))
