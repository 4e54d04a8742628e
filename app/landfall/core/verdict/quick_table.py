"""The decision table on plain numbers: the options of `decision_table.rule`, without reasons.

What would flip a verdict, and how often it holds, asks for the option tens of thousands of times.
`reading` takes from facts what the table looks at; `lead` goes through the table. That both lead to
the same option is tested over generated facts.
"""

from __future__ import annotations

from typing import NamedTuple

from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.settings import Thresholds
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.table_words import at_least, below, exclusions, model_out
from landfall.core.workload.privacy import Lock, Option
from landfall.core.workload.workload import Organisation

# A member of an enumeration is looked up at length each time; the table asks for thousands.
_CLOUD = Option.CLOUD_FRONTIER
_HOSTED = Option.HOSTED_OPEN
_RENT = Option.RENT_GPU
_HERE = Option.LOCAL_THIS_MACHINE
_BUY = Option.LOCAL_BUY
_SPLIT = Option.HYBRID
_NOWHERE = Option.LOCAL_REQUIRED_NOT_FEASIBLE
# In half the time of the tuple's own constructor with its names.
_made = tuple.__new__


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


class Lead(NamedTuple):
    """Where the table leads, and what that costs a month (None where it is not known).

    Attributes:
        bar: The option to beat; None where money was not looked at.
        on: The machine of a local verdict or a split: LOCAL_THIS_MACHINE or LOCAL_BUY, or None.
    """

    option: Option
    usd: float | None
    bar: Option | None = None
    on: Option | None = None


_ALL = frozenset({"own", "buy", "rent"})
_BEYOND_OWN = frozenset({"buy", "rent"})
_RENT_ALONE = frozenset({"rent"})


def unasked(found: Lead) -> frozenset[str]:
    """Which of `Numbers.own`, `buy` and `rent` the table did not look at on its way there: it leads
    to the same whatever they are."""
    if found.bar is None:
        if found.option in (_CLOUD, _HOSTED):
            return _ALL
        return _BEYOND_OWN if found.on is _HERE else _RENT_ALONE
    if found.bar is _RENT or found.on is None:
        return frozenset()
    return _BEYOND_OWN if found.on is _HERE else _RENT_ALONE


def lead(standing: Standing, numbers: Numbers, limits: Thresholds) -> Lead:
    """Go through the table. The order of the stages is that of `decision_table.rule`."""
    if standing.only_local:
        return _local(standing, numbers)
    if not standing.local_passes and not standing.hosted_passes:
        if standing.cloud:
            return Lead(_CLOUD, numbers.frontier)
        if standing.hosted_stays:
            return Lead(_HOSTED, numbers.hosted)
        return _local(standing, numbers)
    bar, price = _bar(standing, numbers)
    if bar is None:
        return _local(standing, numbers)
    found = None if price is None else _cheaper(standing, numbers, limits, bar, price)
    return found or _made(Lead, (bar, price, bar, None))


def at_home(standing: Standing, numbers: Numbers, limits: Thresholds) -> Lead | None:
    """Where the table leads if the owned machine beats the bar, alone or split; None where more is
    to be looked at. Asked where the cloud is inside the lock: most worlds end here."""
    if not (standing.own and standing.local_passes):
        return None
    bar, price = _bar(standing, numbers)
    if bar is None or price is None:
        return None
    return _owned(numbers, limits, bar, price)


def beyond_home(standing: Standing, numbers: Numbers, limits: Thresholds) -> Lead:
    """Where the table leads with an owned machine that stands and of which `at_home` told None."""
    bar, price = _bar(standing, numbers)
    if bar is None:
        return _local(standing, numbers)
    found = None if price is None else _got(standing, numbers, limits, bar, price)
    return found or _made(Lead, (bar, price, bar, None))


def _cheaper(
    standing: Standing, numbers: Numbers, limits: Thresholds, bar: Option, price: float
) -> Lead | None:
    """What beats the bar."""
    found = None
    if standing.own and standing.local_passes:
        found = _owned(numbers, limits, bar, price)
    return found or _got(standing, numbers, limits, bar, price)


def _got(
    standing: Standing, numbers: Numbers, limits: Thresholds, bar: Option, price: float
) -> Lead | None:
    """What is bought or rented and beats the bar."""
    found = None
    if standing.buy and standing.local_passes:
        found = _purchase(standing, numbers, limits, bar, price)
    if found is None and standing.renting:
        found = _rented(standing, numbers, limits, bar, price)
    return found


def bill(numbers: Numbers, option: Option) -> float | None:
    """A remote option's bill."""
    if option is _CLOUD:
        return numbers.frontier
    return numbers.hosted if option is _HOSTED else numbers.rent


def _local(standing: Standing, numbers: Numbers) -> Lead:
    for stands, host, option in (
        (standing.own, numbers.own, _HERE),
        (standing.buy, numbers.buy, _BUY),
    ):
        if stands and (host.peak is None or not at_least(host.peak, 1.0)):
            return Lead(option, host.usd, on=option)
    return Lead(_NOWHERE, None)


def _bar(standing: Standing, numbers: Numbers) -> tuple[Option | None, float | None]:
    """The option to beat, and its bill."""
    hosted = numbers.hosted
    if standing.cloud:
        frontier = numbers.frontier
        cheaper = hosted is not None and (frontier is None or hosted < frontier)
        return (_HOSTED, hosted) if cheaper and standing.hosted_passes else (_CLOUD, frontier)
    if standing.hosted_passes:
        return _HOSTED, hosted
    if standing.renting and not _late(numbers.rented):
        return _RENT, numbers.rent
    return (_HOSTED, hosted) if standing.hosted_stays else (None, None)


def _saves(cost: float, bar: float, limits: Thresholds) -> bool:
    saving, least = bar - cost, limits.saving_min_usd_month
    if saving < least and not at_least(saving, least):
        return False
    least = limits.saving_min_share * bar
    return saving >= least or at_least(saving, least)


def _full(host: HostNumbers, peak: float, limits: Thresholds) -> bool:
    late, most = host.lateness, limits.utilisation_max
    if host.overflows or (late is not None and late > 0):
        return True
    return not (peak <= most or at_least(most, peak))


def _late(host: HostNumbers) -> bool:
    return host.overflows or (host.lateness is not None and host.lateness > 0)


def split_usd(host: HostNumbers, price: float | None) -> float | None:
    """A month in which the host takes what it can and the rest overflows."""
    if host.usd is None or host.share is None or price is None:
        return None
    return host.usd * host.part + (1 - host.share) * price


def _owned(numbers: Numbers, limits: Thresholds, bar: Option, price: float) -> Lead | None:
    host = numbers.own
    usd, peak = host.usd, host.peak
    if usd is None or peak is None:
        return None
    if not _full(host, peak, limits):
        return _made(Lead, (_HERE, usd, bar, _HERE)) if _saves(usd, price, limits) else None
    split = split_usd(host, price)
    if split is None or not _saves(split, price, limits):
        return None
    return _made(Lead, (_SPLIT, split, bar, _HERE))


def _purchase(
    standing: Standing, numbers: Numbers, limits: Thresholds, bar: Option, price: float
) -> Lead | None:
    if standing.startup or not standing.predictable:
        return None
    days, calls = numbers.days, numbers.calls
    if days is None or days < limits.history_min_days or calls is None:
        return None
    if at_least(limits.premature_calls_per_day, calls):
        return None
    if not at_least(price, limits.local_bill_min_usd_month):
        return None
    return _paid_back(standing, numbers, limits, bar, price)


def _paid_back(
    standing: Standing, numbers: Numbers, limits: Thresholds, bar: Option, price: float
) -> Lead | None:
    host = numbers.buy
    if standing.hosted_first and numbers.hosted is None:
        return None
    if host.usd is None or host.opex is None or host.price is None or host.peak is None:
        return None
    over_life = price * numbers.growth if bar in standing.growing else price
    if not _saves(host.usd, over_life, limits):
        return None
    saved = limits.payback_max_months * (price - host.opex)
    if price <= host.opex or not at_least(saved, host.price):
        return None
    if not _full(host, host.peak, limits):
        return Lead(_BUY, host.usd, bar, _BUY)
    split = split_usd(host, price)
    if split is not None and not _saves(split, price, limits):
        return None
    return Lead(_SPLIT, split, bar, _BUY)


def _rented(
    standing: Standing, numbers: Numbers, limits: Thresholds, bar: Option, price: float
) -> Lead | None:
    cost = numbers.rent
    if bar is _RENT or standing.startup or cost is None:
        return None
    share, least = 1 - limits.saving_min_share, limits.saving_min_usd_month
    if _late(numbers.rented):
        return None
    if not below(cost, share * price) or not at_least(price - cost, least):
        return None
    return Lead(_RENT, cost, bar)
