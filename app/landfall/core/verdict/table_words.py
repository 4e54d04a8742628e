"""The language of the decision table: reasons, what is missing, where it leads, how it compares.

Two sums of money that differ by the rounding of floats alone are the same sum here, so that a
threshold given to the cent is met to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.costs.cost import hybrid_month
from landfall.core.percent import percent
from landfall.core.provenance import Unknown, middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.workload.privacy import Option

_CLOSE = 1e-12
"""Relative difference below which two sums of money are the same: rounding of floats, no more."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that decided, was looked at and not met, or excluded a host.

    Attributes:
        rule: Its id; "" for a remark that no rule stands behind.
        text: For people.
        met: False where the rule's condition does not hold ("not met: S7").
        excludes: The option it takes out, or None.
    """

    rule: str
    text: str
    met: bool = True
    excludes: Option | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that was looked for and is not known: the key that would state it, and why."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """Where the table leads.

    Attributes:
        option: The verdict.
        reasons: In the order in which the rules were looked at.
        missing: What was looked for and not known.
        bar: The option to beat, or None where the economics were not reached.
        host: The machine of a local verdict or a hybrid, or None.
        strained: Local under a lock though its busiest hour is above the limit (H6).
        weighed_purchase: Whether the purchase was looked at.
        economics: Whether money was looked at.
    """

    option: Option
    reasons: tuple[Reason, ...]
    missing: tuple[Missing, ...] = ()
    bar: Option | None = None
    host: HostFacts | None = None
    strained: bool = False
    weighed_purchase: bool = False
    economics: bool = False

    @property
    def provisional(self) -> bool:
        """Whether a missing history, gate, price or measurement may still change it."""
        return bool(self.missing)


def at_least(value: float, bound: float) -> bool:
    """value >= bound, up to the rounding of floats."""
    # Worlds and flips ask thousands of times, and mostly the plain comparison says it.
    return value >= bound or value >= bound - _CLOSE * max(abs(value), abs(bound))


def below(value: float, bound: float) -> bool:
    """value < bound, strictly, up to the rounding of floats."""
    return value < bound and value < bound - _CLOSE * max(abs(value), abs(bound))


def hybrid_usd(host: HostFacts, bar_usd: float | None) -> float | None:
    """A month in which the host takes what it can and the rest overflows to the bar."""
    local, share = middle(host.usd_month), middle(host.token_share)
    if local is None or share is None or bar_usd is None:
        return None
    kept = local * host.split_part
    return hybrid_month(cloud_usd=bar_usd, local_usd=kept, absorbed_token_share=share).usd


def called(host: HostFacts) -> str:
    """The machine inside a sentence: the owned one is "this machine" also where it begins one."""
    if host.machine.casefold() == "this machine":
        return host.machine.lower()
    return host.machine or "the machine"


def exclusions(facts: Facts, host: HostFacts) -> tuple[tuple[str, str], ...]:
    """The hard rules that take a host out whatever it costs: (rule, text); empty: it stays."""
    known = (host.fits, host.context_ok, host.capability_ok, host.licence_ok)
    if facts.gate is not GateResult.FAIL and False not in known:
        return ()
    found = []
    name = called(host)
    model = host.model or "the local model"
    if facts.gate is GateResult.FAIL:
        found.append(("H5", f"{model} failed the quality gate"))
    if host.fits is False:
        found.append(("H3", host.note("H3", f"{model} does not fit the memory of {name}")))
    if host.context_ok is False:
        found.append(("H4", host.note("H4", f"the longest calls exceed the context of {model}")))
    if host.capability_ok is False:
        found.append(("H7", host.note("H7", f"{model} lacks a capability that is needed")))
    if host.licence_ok is False:
        found.append(("H8", host.note("H8", f"the licence of {model} excludes this use")))
    return tuple(found)


def model_out(facts: Facts) -> str:
    """H7, H8: why the local candidate itself is out on every machine, rented ones too; or ""."""
    found = ""
    for host in (facts.machine, facts.buy):
        if host is None:
            continue
        out = [one for one in exclusions(facts, host) if one[0] in ("H7", "H8")]
        if not out:
            return ""
        found = found or ": ".join(out[0])
    return found


def too_slow_rented(facts: Facts) -> str:
    """H6: the local candidate answers too late on every rented GPU looked at; "" where not."""
    host = facts.rented
    if host is None or not (host.late or host.misses_window):
        return ""
    return f"the slowest of twenty answers on {host.machine} comes later than the target"


def rent_out(facts: Facts) -> tuple[str, str]:
    """Why the local candidate cannot be rented for, as (rule, text); two empty texts: it can."""
    model = model_out(facts)
    if model:
        return model[:2], model.partition(": ")[2]
    slow = too_slow_rented(facts)
    return ("H6", slow) if slow else ("", "")


def cannot_alone(host: HostFacts) -> bool:
    """H6: without overflow the host cannot do it: too busy, too late, or not done in its window."""
    peak = middle(host.peak_utilisation)
    full = peak is not None and at_least(peak, 1.0)
    return full or bool(host.late) or bool(host.misses_window)


def busiest(host: HostFacts, utilisation: float) -> str:
    """H6 in words: what the busiest hour asks of a host."""
    if host.misses_window:
        return host.note("H6", "a day's work does not clear the batch window")
    if host.late and utilisation < 1:
        return host.note("H6", "the slowest of twenty answers comes later than the target")
    much = f"{percent(utilisation)} of" if utilisation < 2 else f"{utilisation:.1f} times"
    asks = f"the busiest hour needs {much} what {called(host)} serves"
    return host.note("H6", asks)


def strained(facts: Facts, limits: Thresholds) -> HostFacts | None:
    """The first own machine whose busiest hour asks for overflow."""
    for host in (facts.machine, facts.buy):
        if host is None:
            continue
        peak = middle(host.peak_utilisation)
        if host.late or (peak is not None and not at_least(limits.utilisation_max, peak)):
            return host
    return None


def unpriced_hosted(facts: Facts) -> bool:
    """AP7: a hosted open-weight model could be used, and nobody has looked at its price."""
    return (
        facts.hosted_allowed
        and Option.HOSTED_OPEN in facts.lock.inside
        and facts.gate_hosted is not GateResult.FAIL
        and isinstance(facts.hosted, Unknown)
    )
