"""What the sensors, and the plug where there is one, say over some seconds: for a calibration."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass

from landfall.core.energy.integrator import mean_watts
from landfall.core.energy.plug_address import plug_address
from landfall.core.energy.power import Scope, outermost
from landfall.core.errors import Unavailable
from landfall.core.events import PowerSample
from landfall.core.settings import Settings
from landfall.services import power
from landfall.services.power.plug import TIMEOUT_SECONDS, Reading, ask
from landfall.services.power.source import PowerSource
from landfall.services.sensor_thread import SensorThread

READING_SECONDS = 10.0
_EDGE_SECONDS = 1.5
"""Counters need a second reading, and a mean of one second must be of this load alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Means over one time.

    Attributes:
        measured_watts: Of the sources that may be added, behind the supply.
        sources: Their names.
        wall_watts: At the plug; None where none is connected or it did not answer.
    """

    measured_watts: float
    sources: tuple[str, ...]
    wall_watts: float | None


async def plug_reading(address: str, *, anywhere: bool = False) -> Reading:
    """Watts and counter of the plug at an address as it was typed.

    Raises:
        BadInput: it is no address.
        Unavailable: no answer, or one that is no reading.
    """
    parsed = plug_address(address)
    thread = SensorThread("plug")
    try:
        return await thread.call(
            lambda: ask(parsed, anywhere=anywhere), timeout_seconds=2 * TIMEOUT_SECONDS
        )
    except TimeoutError as error:
        raise Unavailable(
            f"{parsed.url} did not answer in {2 * TIMEOUT_SECONDS:g} s.",
            "Is the plug on, and in this network?",
        ) from error
    finally:
        thread.close()


async def read_beside(
    settings: Settings,
    *,
    seconds: float = READING_SECONDS,
    sources: tuple[PowerSource, ...] | None = None,
) -> Beside:
    """The mean of the sensors, and of the plug, over the next seconds.

    Raises:
        Unavailable: there is no sensor behind the supply, or one that counts gave gaps.
    """
    found = await power.discover(settings) if sources is None else sources
    here = [source for source in found if source.available]
    scopes = {source.scope for source in here} - {Scope.WALL}
    added = [source for source in here if source.scope in outermost(scopes)] if scopes else []
    if not added:
        raise Unavailable(
            "No sensor of this machine can be read, so there is nothing to calibrate.",
            "The Machine page says why each one cannot.",
        )
    plugs = [source for source in here if source.scope is Scope.WALL]
    samples = await _taken((*added, *plugs), seconds + _EDGE_SECONDS)
    # Readings end where the slowest source's last one was: a plug answers once a second.
    end = min(_last(samples, source) for source in added)
    begin = end - seconds
    means = {s.name: mean_watts(samples, s.name, start=begin, end=end) for s in (*added, *plugs)}
    missing = [source.name for source in added if means[source.name] is None]
    if missing:
        raise Unavailable(f"{', '.join(missing)} could not be read all the time.", "Try again.")
    wall = means[plugs[0].name] if plugs else None
    return Beside(
        measured_watts=sum(means[source.name] or 0.0 for source in added),
        sources=tuple(source.name for source in added),
        wall_watts=wall,
    )


def _last(samples: list[PowerSample], source: PowerSource) -> float:
    return max((s.at for s in samples if s.source == source.name), default=float("-inf"))


async def _taken(sources: tuple[PowerSource, ...], seconds: float) -> list[PowerSample]:
    samples: list[PowerSample] = []
    async with aclosing(power.Sampler(sources).samples()) as taking:
        async for sample in taking:
            samples.append(sample)
            if sample.at - samples[0].at >= seconds:
                break
    return samples
