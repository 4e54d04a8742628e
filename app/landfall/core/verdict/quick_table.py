"""The decision table on plain numbers: the options of `decision_table.rule`, without reasons.

What would flip a verdict, and how often it holds, asks for the option tens of thousands of times.
`lead` goes through the table over the `table_numbers` of the facts. That it leads to the option of
`decision_table.rule` is tested over generated facts.
"""

from __future__ import annotations

from typing import NamedTuple

from landfall.core.settings import Thresholds
from landfall.core.verdict.table_numbers import HostNumbers, Numbers, Standing, split_usd
from landfall.core.verdict.table_words import at_least, below
from landfall.core.workload.privacy import Option

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
