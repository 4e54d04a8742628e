"""Facts as the plain numbers that the decision table compares; `quick_table` goes through it.

What would flip a verdict, and how often it holds, changes them tens of thousands of times.
"""

from __future__ import annotations

from typing import NamedTuple

from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.table_words import exclusions, model_out
from landfall.core.workload.privacy import Lock, Option
from landfall.core.workload.workload import Organisation

# A member of an enumeration is looked up at length each time; thousands of worlds ask.
_CLOUD = Option.CLOUD_FRONTIER
_HOSTED = Option.HOSTED_OPEN
_RENT = Option.RENT_GPU


class Standing(NamedTuple):
    """What no number changes: rules, gates, and which hosts stand.

    Attributes:
        only_local: H1 or H2: money is not looked at.
        cloud, rent: Inside the lock.
        local_passes, hosted_passes: Their gates.
        hosted_stays: Offered, allowed, inside, and not failed.
        hosted_first: AP7: no purchase before a hosted model is priced.
        own, buy: The host is there, no hard rule takes it out, and it is known to fit.
        renting: The local candidate could be rented.
        growing: Remote options whose bills follow the volume.
    """

    only_local: bool
    cloud: bool
    rent: bool
    local_passes: bool
    hosted_passes: bool
    hosted_stays: bool
    hosted_first: bool
    own: bool
    buy: bool
    renting: bool
    startup: bool
    predictable: bool
    growing: frozenset[Option]


class HostNumbers(NamedTuple):
    """One machine: USD a month, share of the slots busy at the peak, share absorbed.

    Attributes:
        overflows: The batch window asks for it, or the latency target where no number says how far.
        lateness: Above 0 the latency target asks for it.
        part: Of `usd`, what it costs where the rest overflows.
    """

    usd: float | None = None
    peak: float | None = None
    share: float | None = None
    opex: float | None = None
    price: float | None = None
    lateness: float | None = None
    part: float = 1.0
    overflows: bool = False


NO_HOST = HostNumbers()
_IDEAL = HostNumbers(usd=0.0, peak=0.0, share=1.0, opex=0.0, price=0.0)
"""No machine: an end of what can be, to look for what could decide."""
EXTREMES = (_IDEAL, _IDEAL._replace(peak=2.0), _IDEAL._replace(peak=2.0, usd=None))
"""Whatever the numbers of a machine can lead to, one of these does: it costs nothing and is idle,
it costs nothing and overflows, or it is not there."""


RENTS = ((0.0, NO_HOST), (None, NO_HOST), (None, NO_HOST._replace(overflows=True)))
"""Whatever rent and its board can lead to, one of these does: for nothing, at no known price, or
with a board that is too slow."""


class Numbers(NamedTuple):
    """Every number that the table compares; None where it is not known. USD a month."""

    frontier: float | None
    hosted: float | None
    rent: float | None
    own: HostNumbers
    buy: HostNumbers
    rented: HostNumbers
    growth: float
    calls: float | None
    days: int | None


class Reading(NamedTuple):
    """Facts as plain values."""

    standing: Standing
    numbers: Numbers


def reading(facts: Facts, *, like: tuple[Facts, Numbers] | None = None) -> Reading:
    """What the table looks at in these facts.

    Args:
        like: Other facts with their numbers: those of the same machines are taken from there.
    """
    return Reading(standing_of(facts), numbers_of(facts, like=like))


def standing_of(facts: Facts) -> Standing:
    """The part of the facts that no number changes."""
    lock = facts.lock
    local_passes = facts.gate is GateResult.PASS
    hosted_inside = _HOSTED in lock.inside
    stays = (
        facts.hosted_allowed
        and facts.hosted_offered
        and hosted_inside
        and facts.gate_hosted is not GateResult.FAIL
    )
    startup = facts.organisation is Organisation.STARTUP
    rent = _RENT in lock.inside
    return Standing(
        only_local=only_local(lock),
        cloud=_CLOUD in lock.inside,
        rent=rent,
        local_passes=local_passes,
        hosted_passes=stays and facts.gate_hosted is GateResult.PASS,
        hosted_stays=stays,
        hosted_first=facts.hosted_allowed
        and hosted_inside
        and facts.gate_hosted is not GateResult.FAIL,
        own=_stands(facts, facts.machine),
        buy=_stands(facts, facts.buy),
        renting=rent and local_passes and not model_out(facts),
        startup=startup,
        predictable=facts.predictability is Predictability.PREDICTABLE,
        growing=facts.growing,
    )


def only_local(lock: Lock) -> bool:
    """Whether a lock leaves nothing but the user's own machines."""
    return "H1" in lock.rules or "H2" in lock.rules


def _stands(facts: Facts, host: HostFacts | None) -> bool:
    return host is not None and host.fits is not None and not exclusions(facts, host)


def numbers_of(facts: Facts, *, like: tuple[Facts, Numbers] | None = None) -> Numbers:
    """The numbers in these facts; `like` is that of `reading`."""
    own, buy, rented = facts.machine, facts.buy, facts.rented
    seen, known = like if like is not None else (None, None)
    return Numbers(
        frontier=middle(facts.frontier),
        hosted=middle(facts.hosted),
        rent=middle(facts.rent),
        own=known.own if known and seen and own is seen.machine else host_numbers(own),
        buy=known.buy if known and seen and buy is seen.buy else host_numbers(buy),
        rented=known.rented if known and seen and rented is seen.rented else host_numbers(rented),
        growth=facts.growth,
        calls=facts.calls_per_day,
        days=facts.history_days,
    )


def host_numbers(host: HostFacts | None) -> HostNumbers:
    """The numbers of one machine."""
    if host is None:
        return NO_HOST
    return HostNumbers(
        usd=middle(host.usd_month),
        peak=middle(host.peak_utilisation),
        share=middle(host.token_share),
        opex=middle(host.opex_usd_month),
        price=middle(host.price_usd),
        lateness=host.lateness,
        part=host.split_part,
        overflows=bool(host.misses_window) or (host.lateness is None and bool(host.late)),
    )


def bill(numbers: Numbers, option: Option) -> float | None:
    """A remote option's bill."""
    if option is _CLOUD:
        return numbers.frontier
    return numbers.hosted if option is _HOSTED else numbers.rent


def split_usd(host: HostNumbers, price: float | None) -> float | None:
    """A month in which the host takes what it can and the rest overflows."""
    if host.usd is None or host.share is None or price is None:
        return None
    return host.usd * host.part + (1 - host.share) * price
