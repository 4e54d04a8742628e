"""Loads of round numbers that several files of tests begin with."""

from __future__ import annotations

import math
from dataclasses import replace

from landfall.core.demand.forecast import Predictability
from landfall.core.demand.load import Load
from landfall.core.demand.serving import Service
from landfall.core.demand.strain import Strain
from landfall.core.provenance import Figure, Stated, middle

LN20 = math.log(20)

PLAIN = Load(
    calls_per_day=800.0,
    history_days=None,
    predictability=Predictability.UNKNOWN,
    hourly_calls=(),
    input=300.0,
    cached=None,
    output=100.0,
    embedding=False,
)
"""Eight even hours of a hundred calls."""

HOURLY = replace(
    PLAIN, calls_per_day=1080.0, hourly_calls=(0.0,) * 9 + (720.0, 360.0, *(0.0,) * 13)
)
"""0.2 and 0.1 a second."""


def figure(found: Figure) -> float:
    value = middle(found)
    assert value is not None, found
    return value


def strain(of: Load = HOURLY, seconds: Figure | float = 2.5, **more: object) -> Strain:
    each = Stated(seconds, "x") if isinstance(seconds, float) else seconds
    slots = more.pop("slots", 1)
    told = Service(seconds=each, slots=slots)  # type: ignore[arg-type]
    return Strain(load=of, service=told, **more)  # type: ignore[arg-type]
