"""How the server on this machine serves each model, out of what the history keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from landfall.core.benchmark.benchmark import BenchKind
from landfall.core.benchmark.data import result_of
from landfall.core.demand.serving import UNMEASURED, Serves, serves_of
from landfall.core.errors import BadInput
from landfall.core.fit.load_check import SETUP_NOT_TOLD
from landfall.core.hosts.hosts import Host
from landfall.core.models.catalogue import ModelCard, find
from landfall.services.history.records import BenchmarkRecord, LoadRecord
from landfall.services.ollama.address import is_this_machine
from landfall.services.run.measured_here import ran_on, was_at
from landfall.services.verdict.known_past import Past


def known_serves(past: Past, cards: Sequence[ModelCard]) -> Mapping[str, Serves]:
    """Catalogue tag to how its server serves it: the newest benchmark of this machine that tells,
    and, where it is newer, the load whose process told how many slots there are now."""
    here = [one for one in past.benchmarks if one.place == "local"]
    loads = [one for one in past.loads if is_this_machine(one.host)]
    return _known(here, loads, cards)


def serves_on(
    past: Past, cards: Sequence[ModelCard], hosts: Sequence[Host]
) -> tuple[Mapping[str, Serves], Mapping[str, int]]:
    """As `known_serves`, of these hosts alone, and calls at once on all of them together.

    Of several the one with the fewest slots stands for each; a host that told nothing counts with
    as many as are assumed.
    """
    each = [_known_on(past, cards, host) for host in hosts]
    tags = {tag for one in each for tag in one}
    served = {tag: min((one[tag] for one in each if tag in one), key=_slots) for tag in tags}
    pooled = {tag: sum(one.get(tag, UNMEASURED).slots for one in each) for tag in tags}
    return served, pooled


def _known_on(past: Past, cards: Sequence[ModelCard], host: Host) -> Mapping[str, Serves]:
    there = [one for one in past.benchmarks if ran_on(one, host)]
    loads = [one for one in past.loads if was_at(one.host, host)]
    return _known(there, loads, cards)


def _slots(one: Serves) -> int:
    return one.slots


def _known(
    benchmarks: Sequence[BenchmarkRecord], loads: Sequence[LoadRecord], cards: Sequence[ModelCard]
) -> Mapping[str, Serves]:
    found: dict[str, Serves] = {}
    slots_at: dict[str, str] = {}
    for record in benchmarks:
        card = find(record.model, cards)
        one = None if card is None or card.tag in found else _of_benchmark(record)
        if card is not None and one is not None:
            found[card.tag], slots_at[card.tag] = one, record.started_at
    for load in loads:
        card = find(load.model, cards) if _tells(load) else None
        if card is None or load.parallel is None or slots_at.get(card.tag, "") >= load.at:
            continue
        says = f"as the server's process told on {load.at[:10]}"
        known = found.get(card.tag, UNMEASURED)
        found[card.tag], slots_at[card.tag] = (
            replace(known, slots=load.parallel, says=says),
            load.at,
        )
    return found


def _of_benchmark(record: BenchmarkRecord) -> Serves | None:
    usable = record.state == "done" and record.kind == BenchKind.CHAT
    if not usable or record.result is None:
        return None
    try:
        result = result_of(record.result)
    except BadInput:
        return None  # of another version of the program: it says nothing here
    told = result.conditions.get("parallel")
    slots = told if isinstance(told, int) and told > 0 else None
    return serves_of(result, measured_at=record.started_at, slots=slots)


def tells_slots(load: LoadRecord) -> bool:
    """Whether the process itself told its slots, on this machine."""
    return is_this_machine(load.host) and _tells(load)


def _tells(load: LoadRecord) -> bool:
    """Whether the process itself told its slots."""
    assumed = any(reason.startswith(SETUP_NOT_TOLD) for reason in load.reasons)
    return not assumed and (load.parallel or 0) > 0
