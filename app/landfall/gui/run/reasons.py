"""Why something cannot be measured here, in words for the page; "" where it can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.hosts.runtime import RuntimeState
from landfall.gui.run.place import answers, no_answer_words

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import Runtime
    from landfall.gui.app_state import AppState
    from landfall.gui.app_values import PowerSensor
    from landfall.gui.run.targets import LocalTarget


def _tr(text: str) -> str:
    return QCoreApplication.translate("run", text)


def is_remote(runtime: Runtime | None) -> bool:
    """Whether the server runs on another machine."""
    return runtime is not None and runtime.state is RuntimeState.REMOTE


def needs_ollama(runtime: Runtime | None) -> str:
    """Why the server in use cannot be measured by Ollama's own counters; "" where it can."""
    if runtime is None or runtime.is_ollama:
        return ""
    return _tr(
        "Benchmarks and calibration read the counters of an Ollama, which {0} does not have:"
        " choose an Ollama server for them."
    ).format(runtime.name)


def no_calibration(state: AppState, targets: Sequence[LocalTarget]) -> str:
    """Why this machine cannot be calibrated now."""
    runtime = state.runtimes[0] if state.runtimes else None
    if not answers(runtime):
        return no_answer_words(runtime)
    if (why := needs_ollama(runtime)) != "":
        return why
    if is_remote(runtime):
        return _tr("The server is on another machine: calibrate it there.")
    if not any(not target.in_cloud for target in targets):
        return _tr("No model is installed yet.")
    return "" if state.profile else _tr("This machine is still being looked at.")


def no_watts(runtime: Runtime | None, sensors: Sequence[PowerSensor] | None) -> str:
    """Why an answer of this server has no watts; "" also while the sensors are looked for."""
    if is_remote(runtime):
        return _tr("the answer comes from another machine, whose electricity is not measured")
    return no_sensor(sensors)


def no_sensor(sensors: Sequence[PowerSensor] | None) -> str:
    """Why nothing is metered on this machine; "" also while that is being found out."""
    if sensors is None or any(sensor.available for sensor in sensors):
        return ""
    told = [f"{sensor.name}: {sensor.reason}" for sensor in sensors if sensor.reason]
    why = "; ".join(told) or _tr("this machine has none that we know")
    return _tr("no power source, because {0}").format(why)
