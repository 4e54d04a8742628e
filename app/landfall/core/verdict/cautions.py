"""What has to be said beside a verdict: the anti-patterns AP1 to AP9, leaks, old prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from landfall.core.provenance import days_old
from landfall.core.settings import Thresholds
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.table_words import Ruling, at_least, unpriced_hosted
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Motive


@dataclass(frozen=True, slots=True)
class Caution:
    """A rule that warns, and its words."""

    rule: str
    text: str


def warnings_of(
    facts: Facts, ruling: Ruling, limits: Thresholds, as_of: str
) -> tuple[Caution, ...]:
    """All warnings of a verdict, the most pressing first."""
    found = [
        *_of_privacy(facts, ruling),
        *_of_quality(facts, ruling),
        *_of_purchase(facts, ruling, limits),
        *_of_motive(facts, ruling, limits),
        *_of_retirement(facts, ruling, as_of),
        *_of_age(facts, limits, as_of),
    ]
    return tuple(dict.fromkeys(found))


def _of_privacy(facts: Facts, ruling: Ruling) -> list[Caution]:
    found = []
    if facts.leaks:
        steps = ", ".join(f"{leak.step}:{leak.where}" for leak in facts.leaks)
        found.append(Caution("AP6", f"steps leave the machine: {steps}"))
    if ruling.strained:
        text = "the busiest hour is close to what it serves: queue or batch, it must not overflow"
        found.append(Caution("H6", text))
    return found


def _of_quality(facts: Facts, ruling: Ruling) -> list[Caution]:
    found = []
    if any(reason.rule == "E0" for reason in ruling.reasons):
        found.append(Caution("S39", "measure quality: run the gate on your prompts"))
    found += [
        Caution("S51", f"a quality run no longer counts: {reason}") for reason in facts.outdated
    ]
    if facts.voted:
        text = f"quality rests on what people preferred, not on right and wrong: {facts.voted}"
        found.append(Caution("S39", text))
    return found


def _of_purchase(facts: Facts, ruling: Ruling, limits: Thresholds) -> list[Caution]:
    found = []
    calls, days = facts.calls_per_day, facts.history_days
    if ruling.weighed_purchase:
        if calls is not None and at_least(limits.premature_calls_per_day, calls):
            found.append(Caution("AP1", "volume does not justify hardware"))
        if calls is None or days is None or days < limits.history_min_days:
            found.append(Caution("AP1", "volume not yet observed"))
    local_only = any(reason.rule in ("H1", "H2") for reason in ruling.reasons)
    if facts.startup and (ruling.economics or not local_only):
        found.append(Caution("AP5", "startup: default cloud, neither buy nor rent"))
    if ruling.economics and unpriced_hosted(facts):
        text = "hosted open-weight is not priced: no hardware is bought before that"
        found.append(Caution("AP7", text))
    return found


def _of_motive(facts: Facts, ruling: Ruling, limits: Thresholds) -> list[Caution]:
    found = []
    if facts.motive is Motive.COMMODITISE:
        text = "models may become a commodity; running them well will not: hours of operations stay"
        found.append(Caution("AP2", text))
    if facts.motive is Motive.OWN_AI:
        text = "owning inference is not owning your data, prompts and tests: export those first"
        found.append(Caution("AP3", text))
    bill = facts.total_ai_bill_usd_month
    least = limits.routing_bill_min_usd_month
    if ruling.option is Option.HYBRID and bill is not None and not at_least(bill, least):
        text = "below the routing-layer bill: export a gateway config, do not build a platform"
        found.append(Caution("AP4", text))
    stays = (Option.CLOUD_FRONTIER, Option.LOCAL_REQUIRED_NOT_FEASIBLE)
    if facts.critical and ruling.option not in stays:
        text = "this work is critical: try the move on other work first, or in shadow mode"
        found.append(Caution("AP8", text))
    if facts.local_infrastructure is False:
        text = "nobody runs such machines here today: more hours of operations are counted"
        found.append(Caution("AP9", text))
    return found


SOON_DAYS = 90
"""So long before its last day a model has to be exchanged in time: a quarter. Our judgement."""


def _of_retirement(facts: Facts, ruling: Ruling, as_of: str) -> list[Caution]:
    """R1: nobody is left with a model that is gone next month."""
    used = (ruling.option, ruling.bar) if ruling.option is Option.HYBRID else (ruling.option,)
    found = []
    for option, what, day in facts.retiring:
        gone = days_old(day, as_of)
        left = None if gone is None else -gone
        if option in used and left is not None and 0 <= left <= SOON_DAYS:
            text = f"{what} is not served after {day}: name its successor, its price will differ"
            found.append(Caution("R1", text))
    return found


def _of_age(facts: Facts, limits: Thresholds, as_of: str) -> list[Caution]:
    """S51: figures are dated; an old price is said to be old."""
    found = []
    for what, source, day in facts.price_dates:
        age = days_old(day, as_of)
        if age is not None and age > limits.price_stale_days:
            found.append(Caution("S51", f"{what}: the price is {age} days old ({source})"))
    return found


def expires_on(as_of: str, limits: Thresholds) -> str:
    """ISO date from which a verdict of that day is to be looked at again, whatever changed."""
    return (date.fromisoformat(as_of[:10]) + timedelta(days=limits.verdict_stale_days)).isoformat()
