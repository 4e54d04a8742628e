"""Verdicts with what they rest on, without catalogue and prices: `deciding` makes them of those."""

from __future__ import annotations

from dataclasses import dataclass, replace

from landfall.core.errors import AppError
from landfall.core.provenance import Figure
from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.detailing import details
from landfall.core.verdict.doubts import scene
from landfall.core.verdict.drawn_worlds import DRAWS, QUICK_DRAWS, drawn
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.quick_changes import probe
from landfall.core.verdict.sensitivity import confidence, flips
from landfall.core.verdict.together import Displaced, Together
from landfall.core.verdict.verdict import Verdict, decide
from landfall.core.workload.on_hosts import placed
from landfall.core.workload.workload import Workload
from landfall.services.history.records import SavedWorkload
from landfall.services.verdict.workload_files import LoadedWorkload


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A verdict with what it rests on, so that a slider can decide again at once.

    Attributes:
        assembler: Makes facts of a changed workload in the same world.
        limits: The thresholds by which it was decided.
        urls: Addresses of the hosts on other machines on which it runs.
    """

    loaded: LoadedWorkload
    verdict: Verdict
    facts: Facts
    assembler: Assembler
    limits: Thresholds
    urls: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """On which it runs in place of this machine, as people call them."""
        on = self.assembler.world.on
        return () if on is None else on.names

    @property
    def placed(self) -> Workload:
        """The workload with the addresses of its hosts in the pipeline; what is kept of it is the
        one without."""
        return placed(self.loaded.workload, self.urls)

    def again(self, workload: Workload, *, with_flips: bool = False) -> Decided:
        """The verdict on a changed workload in the same world.

        Pure computation of some tens of milliseconds; more with what would flip it.
        """
        there = placed(workload, self.urls)
        facts = self.assembler.facts(there)
        verdict = judge(
            there,
            facts,
            self.assembler,
            limits=self.limits,
            as_of=self.verdict.as_of,
            with_flips=with_flips,
        )
        loaded = replace(self.loaded, workload=workload)
        return replace(self, loaded=loaded, facts=facts, verdict=verdict)

    def at_once(self, workload: Workload) -> Decided:
        """The same without how sure it is and what stands behind the options: a millisecond or
        two, for a slider that is being dragged."""
        facts = self.assembler.facts(placed(workload, self.urls))
        verdict = decide(workload.name, facts, limits=self.limits, as_of=self.verdict.as_of)
        loaded = replace(self.loaded, workload=workload)
        return replace(self, loaded=loaded, facts=facts, verdict=verdict)


def judge(
    workload: Workload,
    facts: Facts,
    assembler: Assembler,
    *,
    limits: Thresholds,
    as_of: str,
    with_flips: bool,
) -> Verdict:
    """The verdict on facts, with what worlds drawn from its doubts say of it, and, if asked for,
    what would flip it; then more worlds are drawn.

    Args:
        workload: Of which the facts are.
        facts: What the decision table looks at.
        assembler: The world in which flips are searched.
        limits: The thresholds of the table.
        as_of: The day of the decision, ISO.
        with_flips: Whether to search what would change the verdict.
    """
    tried = probe(workload, assembler, limits)
    draws = DRAWS if with_flips else QUICK_DRAWS
    worlds = drawn(scene(tried, facts, assembler), draws=draws)
    return decide(
        workload.name,
        facts,
        limits=limits,
        as_of=as_of,
        confidence=confidence(worlds, rule(facts, limits)),
        flips=flips(tried, facts) if with_flips else (),
        worlds=worlds,
        detail=lambda ruling: details(workload, facts, assembler, ruling, limits),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Hardware that holds a model whole.

    Attributes:
        machine: Its name in the catalogue.
        model: The model that it holds.
        usd: The listed price, with a computer round it where a bare card is sold.
    """

    machine: str
    model: str
    usd: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A saved workload with its verdict, or with what keeps it from one.

    Attributes:
        problem: Why it could not be decided: the text is wrong (BadInput says where), or what
            the decision needs could not be had.
        offer: Where no memory at hand holds the model: the cheapest listed hardware that does.
        stale: Why the verdict that was kept is to be checked again; empty where it stands.
        notes: What the decision guide says beside the verdict, and where it is dated.
        leaks: Private calls that a router sent outside their rule.
        splits: Whether a router's calls were split as planned.
        displaced: Where its machine takes it alone and not together with the other workloads.
    """

    saved: SavedWorkload
    decided: Decided | None = None
    problem: AppError | None = None
    offer: Offer | None = None
    stale: tuple[Caution, ...] = ()
    notes: tuple[Caution, ...] = ()
    leaks: tuple[Caution, ...] = ()
    splits: tuple[Caution, ...] = ()
    displaced: Displaced | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """All workloads together.

    Attributes:
        own: The user's own; None without any.
        samples: Those that came with the program: they are nobody's bill.
    """

    own: Together | None
    samples: Together | None
