"""What stands beside decided workloads: what a verdict rests on, whether the kept one still holds,
and all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from landfall.core.provenance import Estimated, Figure
from landfall.core.routing.reading_back import Outcome, Split, says
from landfall.core.settings import Thresholds
from landfall.core.verdict import staleness
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.notes import notes_of
from landfall.core.verdict.staleness import Ground
from landfall.core.verdict.tenants import tenant
from landfall.core.verdict.together import RoutingCost, Together, together
from landfall.core.verdict.verdict_json import to_json
from landfall.core.workload.origins import guessed
from landfall.services import resources
from landfall.services.history.records import KeptVerdict
from landfall.services.verdict.decided import Decided


def grounds_of(decided: Decided) -> tuple[Ground, ...]:
    """What a verdict rests on."""
    workload, world = decided.loaded.workload, decided.assembler.world
    return staleness.grounds(workload, decided.facts, world, decided.limits)


def to_keep(name: str, decided: Decided, last: KeptVerdict | None, *, checked: bool) -> KeptVerdict:
    """A verdict as it is kept.

    Args:
        name: Of the saved workload.
        decided: The verdict.
        last: What was kept of it before.
        checked: Somebody looked at it and says that it stands.
    """
    found = grounds_of(decided)
    before = staleness.kept_of(last.document) if last else None
    anew = before is not None and (not before.grounds or staleness.changed_workload(before, found))
    return KeptVerdict(
        workload=name,
        kind=decided.verdict.option.value,
        document={**to_json(decided.verdict), "rests_on": staleness.to_json(found)},
        renew=checked or anew,
    )


def stale_of(decided: Decided, last: KeptVerdict | None) -> tuple[Caution, ...]:
    """Why the verdict that was kept is to be checked again; empty where it stands."""
    before = staleness.kept_of(last.document) if last else None
    if before is None:
        return ()
    found = grounds_of(decided)
    if staleness.changed_workload(before, found):
        return ()
    verdict = decided.verdict
    said = staleness.stale(before, found, verdict.as_of, decided.limits)
    if before.option != verdict.option.value:
        turned = f"re-check: it was {before.option} on {before.as_of}"
        return (Caution("S51", turned), *said)
    return said


def by_name(kept: Iterable[KeptVerdict]) -> Mapping[str, KeptVerdict]:
    """Kept verdicts by the name of their workload."""
    return {one.workload: one for one in kept}


def notes(decided: Decided) -> tuple[Caution, ...]:
    """What the decision guide says beside a verdict: ranges, first steps, growth, siting; and
    which of its inputs are guesses by the task."""
    said = notes_of(
        decided.loaded.workload,
        decided.facts,
        decided.verdict,
        decided.assembler.world,
        decided.limits,
    )
    guesses = guessed(decided.loaded.text)
    if not guesses:
        return said
    words = (
        f"{' and '.join(guesses)}: the usual of such a task, not counted; import usage or run one"
        " prompt, and decide again"
    )
    return (Caution("", words), *said)


def leaks_of(routed: Iterable[Split]) -> tuple[Caution, ...]:
    """Private calls that a router sent outside their rule."""
    return tuple(Caution("H1", says(one)) for one in routed if one.outcome is Outcome.LEAK)


def splits_of(routed: Iterable[Split]) -> tuple[Caution, ...]:
    """Whether a router's calls were split as planned."""
    return tuple(Caution("S28", says(one)) for one in routed if one.outcome is not Outcome.LEAK)


def all_together(decided: Iterable[Decided], limits: Thresholds) -> Together:
    """The sum of decided workloads, and what each machine makes of those that want it."""
    tenants = [
        tenant(one.loaded.workload, one.facts, one.verdict, one.assembler) for one in decided
    ]
    return together(tenants, limits, routing_cost())


def routing_cost() -> RoutingCost:
    """The dated assumptions on what a routing layer costs."""
    rows: dict[str, Any] = {
        row["name"]: row for row in resources.read_json("thresholds.json")["assumptions"]
    }

    def figure(name: str) -> Figure:
        row = rows[name]
        return Estimated(row["low"], row["mid"], row["high"], f"{row['source']} ({row['as_of']})")

    return RoutingCost(
        build_usd=figure("routing_build_usd"), run_usd_month=figure("routing_run_usd_month")
    )
