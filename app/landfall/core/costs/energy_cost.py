"""What energy costs: by the hour in which it was drawn, per day of waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from landfall.core.costs.tariff import Tariff
from landfall.core.energy.idle import IdleDraw
from landfall.core.provenance import Estimated, Figure, Unknown

JOULES_PER_KWH = 3.6e6
"""By definition: 1000 W for 3600 s."""
HOURS_PER_DAY = 24
"""Of a day without a change of the clock."""


@dataclass(frozen=True, slots=True)
class HourPart:
    """The part of a time that lies in one hour of the clock on the wall.

    Attributes:
        start, end: Seconds since the beginning of the time.
        weekday: 0 is Monday. hour: 0 to 23; both local.
    """

    start: float
    end: float
    weekday: int
    hour: int


def hours_of(
    begun: datetime, seconds: float, *, zone: tzinfo | None = None
) -> tuple[HourPart, ...]:
    """The hours of local time that some seconds from a moment lie in, in order, without a hole.

    Args:
        begun: With its zone. The rest is counted from it: a clock that is set meanwhile, and the
            change to and from summer time, move no second into another hour than the one it was in.
        zone: Of the tariff; None is that of this machine.
    """
    # Not in its own zone: there Python adds by the clock on the wall.
    begun, parts = begun.astimezone(UTC), list[HourPart]()
    at = 0.0
    while at < seconds or not parts:
        local = (begun + timedelta(seconds=at)).astimezone(zone)
        passed = local.minute * 60 + local.second + local.microsecond / 1e6
        # At least a moment, so that rounding to microseconds never stands still.
        end = min(seconds, at + max(3600 - passed, 1e-3))
        if parts and (parts[-1].weekday, parts[-1].hour) == (local.weekday(), local.hour):
            parts[-1] = HourPart(parts[-1].start, end, local.weekday(), local.hour)
        else:
            parts.append(HourPart(at, end, local.weekday(), local.hour))
        at = end
    return tuple(parts)


def cost_by_hour(joules: Sequence[float], hours: Sequence[HourPart], tariff: Tariff) -> float:
    """Money for energy that was drawn in these hours, in the tariff's currency."""
    return sum(
        part * tariff.at(hour.weekday, hour.hour) / JOULES_PER_KWH
        for part, hour in zip(joules, hours, strict=True)
    )


def keep_loaded_per_day(
    loaded: IdleDraw | Unknown, unloaded: IdleDraw | Unknown, tariff: Tariff | None
) -> Figure:
    """What a day of keeping a model in memory costs where nothing is asked of it.

    In the tariff's currency. The draw with the model above the draw without one, 24 hours, at the
    mean price of a week. The band is the spread of both measurements; boards of people drew 8 to
    41 W more with a model loaded (ggml-org/llama.cpp#4598, ollama/ollama#8591).
    """
    if isinstance(loaded, Unknown):
        return loaded
    if isinstance(unloaded, Unknown):
        return unloaded
    if loaded.scope != unloaded.scope:
        return Unknown(f"with it {loaded.scope} was measured, without it {unloaded.scope}")
    if tariff is None:
        return Unknown("no price of electricity is set")
    more = loaded.watts - unloaded.watts
    spread = sum(draw.deviation_watts for both in (loaded, unloaded) for draw in both.draws)
    price = tariff.mean()
    per_watt = HOURS_PER_DAY / 1000 * price
    formula = (
        f"({loaded.watts:.1f} W with it - {unloaded.watts:.1f} W without, {loaded.scope})"
        f" x 24 h x {price:g} {tariff.currency} per kWh"
    )
    low, high = max(0.0, more - spread), max(0.0, more + spread)
    return Estimated(low * per_watt, max(0.0, more) * per_watt, high * per_watt, formula)
