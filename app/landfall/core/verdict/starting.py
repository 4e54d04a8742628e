"""S17, S38, S39: how long a first working call takes, and the simplest start, as a trial."""

from __future__ import annotations

from landfall.core.fit.fit import FitRequest
from landfall.core.fit.recommend import price
from landfall.core.machine.hardware import HardwareProfile, memory_budget
from landfall.core.models import catalogue
from landfall.core.provenance import middle
from landfall.core.verdict.bills import setup_of_one
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.world import World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload

_STARTERS = ("qwen3:32b", "qwen3:30b", "qwen3:14b", "qwen3:8b", "qwen3:4b", "qwen3:1.7b")
_STARTERS_ON_A_PROCESSOR = ("qwen3:4b", "qwen3:1.7b", "qwen3:0.6b")
_SCOUT = "llama4:scout"


def of_setup(workload: Workload, facts: Facts, verdict: Verdict, world: World) -> list[Caution]:
    """S17: from nothing to the first working call."""
    if verdict.option not in (Option.LOCAL_BUY, Option.RENT_GPU):
        return []
    counted = _counted(workload, facts, world) if verdict.option is Option.LOCAL_BUY else ""
    return [
        Caution("S17", f"the first working call takes hours to days, in a cloud minutes{counted}")
    ]


def _counted(workload: Workload, facts: Facts, world: World) -> str:
    """Of the set-up in the bill, for each of several; a month that is quoted whole holds none."""
    each = middle(setup_of_one(workload, world))
    if each is None or workload.quotes.buy.tco_usd_month is not None:
        return ""
    hours = each * (facts.buy.count if facts.buy else 1)
    if hours == 1:
        return "; 1 hour of set-up is counted"
    return f"; {hours:g} hours of set-up are counted"


def of_start(workload: Workload, facts: Facts, verdict: Verdict, world: World) -> list[Caution]:
    """S38, S39: the simplest start on the machine at hand, checked for fit, as a trial. Whoever
    named a candidate has chosen already."""
    unproven = any(one.rule in ("E0", "F1") for one in verdict.reasons)
    if not unproven or world.machine is None or facts.lock.locked:
        return []
    found = [Caution("S39", _TRIAL)]
    start = "" if workload.candidates.local else starter(world)
    if start:
        found.append(Caution("S38", start))
    return found


_TRIAL = (
    "begin with a trial: let the local candidate answer beside today's model on work that is not"
    " critical (shadow mode), and compare"
)


def starter(world: World) -> str:
    """S38: which of the guide's two starters fits this machine; "" where no card is known."""
    if world.machine is None:
        return ""
    starters = _STARTERS if world.machine.accelerators else _STARTERS_ON_A_PROCESSOR
    fitting = next((tag for tag in starters if fits(tag, world, world.machine)), "")
    scout = catalogue.find(_SCOUT, world.cards)
    words = []
    if fitting:
        words.append(f"{fitting} fits {_here(world.machine)}: under an hour to the first answer")
    if scout is not None and not fits(_SCOUT, world, world.machine):
        size = f" ({scout.size_bytes / 1e9:.0f} GB)" if scout.size_bytes else ""
        words.append(
            f"the guide's other starter, Llama 4 Scout{size}, does not: it needs more memory than"
            " an RTX 4090 or a 32 GB Mac has, and its licence is not for everybody"
        )
    return "; ".join(words)


def _here(profile: HardwareProfile) -> str:
    return "this machine" if profile.is_here else f"the {profile.name}"


def fits(tag: str, world: World, profile: HardwareProfile) -> bool:
    """Whether a model of the catalogue fits a machine; not where it is unknown."""
    card = catalogue.find(tag, world.cards)
    if card is None:
        return False
    budget = memory_budget(profile)
    placed = price(card, profile, budget, FitRequest(context=8192)).fit
    return placed.need.total_bytes <= budget.total_bytes
