"""What a workload names to be bought, found in the catalogue or in the user's own file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from landfall.core.errors import BadInput
from landfall.core.machine import machine_names
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.provenance import Figure, Unknown, scaled
from landfall.core.workload.workload import Workload
from landfall.services.machine import known_machines
from landfall.services.verdict import hardware_offers

_MACHINE_WORDS = ("workstation", "server", "desktop", "laptop", "box", "pc", "rig")
_NO_PRICE = Unknown("not stated (buy.price)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What is named to be bought: `count` of a machine, or why nothing is known of it."""

    profile: HardwareProfile | None = None
    absent: str = ""
    usd: Figure = _NO_PRICE
    count: int = 1


_BOXES = re.compile(
    r"(\d{1,3})\s*(?:x\s+)?(?:boxes|box|machines|computers)\s+(?:of\s+)?(.+)", re.IGNORECASE
)
"""`3 boxes of RTX 4090`; `2x RTX 4090` is one machine with two cards."""


def bought_of(workload: Workload) -> Bought:
    """What a workload names to be bought: one of the catalogue or of the user's own file, several
    cards in one machine, or several machines."""
    name = workload.buy.machine
    if not name:
        return Bought(absent="no machine to buy is named (buy.machine)")
    words = name.split()
    plain = " ".join(word for word in words if word.lower() not in _MACHINE_WORDS)
    asked = [(1, name), (1, plain)]
    if boxes := _BOXES.fullmatch(name.strip()):
        asked.insert(0, (int(boxes[1]), boxes[2]))
    # A whole machine is none of several cards: two of it are two machines.
    asked.append(machine_names.split_count(plain))
    why = ""
    for count, candidate in asked:
        try:
            profile = known_machines.what_if(candidate)
        except BadInput as error:
            why = why or f"{error.message} {error.hint}"
        else:
            usd = scaled(hardware_offers.listed_usd(profile), count)
            return Bought(profile=profile, usd=usd, count=count)
    return Bought(absent=why)
