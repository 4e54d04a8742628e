"""People, machines and round numbers that several files of tests begin with."""

from __future__ import annotations

import math

from landfall.core.demand.arrangements import Arrangement, DemandProfile
from landfall.core.demand.people import ServingMachine
from landfall.core.demand.serving import Service
from landfall.core.provenance import Estimated, Figure

POOLED, BY_PERSON, BY_CHANCE = Arrangement

# Each person asks 36 times an hour: a hundredth of a call a second.
ASKS = DemandProfile(people=50, input_tokens=100, output_tokens=10, calls_per_hour=36.0)

LN20 = math.log(20)


def machine(
    seconds: Figure | float = 1.0, *, slots: int = 1, name: str = "box", said: str = "a sweep"
) -> ServingMachine:
    each = Estimated(seconds, seconds, seconds, "x") if isinstance(seconds, float) else seconds
    return ServingMachine(name=name, service=Service(seconds=each, slots=slots), basis=said)
