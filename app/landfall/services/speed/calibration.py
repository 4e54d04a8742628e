"""The calibration of this machine: read from the history, and put to the profile it belongs to."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from landfall.core.machine.hardware import HardwareProfile
from landfall.core.provenance import Unknown
from landfall.core.speed.calibration import Calibration, CalibrationPoint, calibration_of
from landfall.core.speed.calibration_run import machine_key
from landfall.core.speed.speed_constants import Quantity, calibrated
from landfall.services.history import calibration_points
from landfall.services.models import shipped_catalogue

UNUSABLE = "unusable"
"""Key of the conditions that say why a point is kept and does not count."""

NEVER = "it was never calibrated"


def read(database: Path) -> tuple[CalibrationPoint, ...]:
    """The points in the history, without opening it for writing and without making one.

    A history that cannot be read has none: the window and the commands that write say what is
    wrong with it.
    """
    if not database.is_file():
        return ()
    try:
        with contextlib.closing(
            sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)
        ) as connection:
            return calibration_points.rows(connection)
    except sqlite3.Error:
        return ()


def standing(
    profile: HardwareProfile, points: Iterable[CalibrationPoint], engine: str | None
) -> Calibration | Unknown:
    """The calibration that holds for the machine, or why there is none.

    Args:
        engine: What answers now ("Ollama 0.32.15"); None where it is not known, and then the engine
            of the newest run counts.
    """
    key = machine_key(profile)
    own = [point for point in points if point.machine == key]
    usable = [point for point in own if not point.conditions.get(UNUSABLE)]
    if not own:
        return Unknown(NEVER)
    if not usable:
        return Unknown(f"no run of it counted: {own[-1].conditions[UNUSABLE]}")
    newest = max(usable, key=lambda point: point.at)
    found = calibration_of(usable, engine or newest.engine)
    if found is None:
        return Unknown(
            f"it was calibrated with {newest.engine} on {newest.at[:10]}, and {engine} runs now: "
            "calibrate again"
        )
    return found


def attached(
    profile: HardwareProfile, points: Sequence[CalibrationPoint], engine: str | None = None
) -> HardwareProfile:
    """The profile with the calibration that holds for it, or without one."""
    found = standing(profile, points, engine)
    return replace(profile, calibration=None if isinstance(found, Unknown) else found)


def factors(calibration: Calibration) -> tuple[float | None, float | None]:
    """What predicted decode and prefill rates are multiplied by.

    Less than the scales: a few runs count only as far as runs on other machines have shown. None
    where nothing of that kind was measured, or the constants of speed are damaged.
    """
    speed = shipped_catalogue.load().speed
    if speed is None:
        return None, None
    decode = calibrated(speed, Quantity.DECODE, calibration)
    prefill = calibrated(speed, Quantity.PREFILL, calibration)
    return decode and decode[0], prefill and prefill[0]
