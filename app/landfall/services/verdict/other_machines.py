"""The verdict on a workload if another machine were owned or bought: nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace

from landfall.core.provenance import Figure, Stated
from landfall.core.verdict.assembling import Assembler
from landfall.core.workload.workload import HostQuotes, Workload
from landfall.services.machine import known_machines
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.hardware_offers import listed_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMachine:
    """A machine that is asked about.

    Attributes:
        name: Of the catalogue or of the user's own file, several of a card ("2x RTX 3090"), or a
            mix of cards.
        owned: Taken as owned already; else as one to buy.
        price_usd: What it costs; None for the listed price.
        as_of: ISO date of that price, or "".
    """

    name: str
    owned: bool = False
    price_usd: float | None = None
    as_of: str = ""


def with_machine(decided: Decided, other: OtherMachine) -> Decided:
    """The verdict with this machine in place of the one that is owned or weighed.

    What the workload quotes of the machine that it replaces is put aside: it was said of another.
    Reads the catalogue: on a thread.

    Raises:
        BadInput: no machine has that name; its field is "machine".
    """
    profile = known_machines.what_if(other.name)
    world, workload = decided.assembler.world, decided.loaded.workload
    if other.owned:
        world = replace(world, machine=profile, machine_absent="", on=None, measured={})
        workload = _owned(workload, profile.name)
    else:
        price: Figure = listed_usd(profile)
        if other.price_usd is not None:
            price = Stated(other.price_usd, "typed in", other.as_of)
        world = replace(world, purchase=profile, purchase_absent="", purchase_usd=price)
        workload = _bought(workload, profile.name, other.price_usd, other.as_of)
    return replace(decided, assembler=Assembler(world)).again(workload)


def _owned(workload: Workload, name: str) -> Workload:
    return replace(
        workload,
        machine=replace(workload.machine, available=True, name=name),
        quotes=replace(workload.quotes, machine=HostQuotes()),
    )


def _bought(workload: Workload, name: str, price_usd: float | None, as_of: str) -> Workload:
    dated = as_of if price_usd is not None else ""
    return replace(
        workload,
        buy=replace(
            workload.buy, consider=True, machine=name, price_usd=price_usd, price_as_of=dated
        ),
        quotes=replace(workload.quotes, buy=HostQuotes()),
    )
