"""What a machine costs a month where the rest overflows: who works on less draws less."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.costs import cost
from landfall.core.provenance import Figure, middle
from landfall.core.verdict.bills import HostBills


def unquoted(bills: HostBills) -> HostBills:
    """The same bills where no month is quoted; the very same where none is."""
    quotes = bills.workload.quotes
    machine, buy = quotes.machine, quotes.buy
    months = (machine.marginal_usd_month, buy.tco_usd_month, buy.opex_usd_month)
    if months == (None, None, None):
        return bills
    quotes = replace(
        quotes,
        machine=replace(machine, marginal_usd_month=None),
        buy=replace(buy, tco_usd_month=None, opex_usd_month=None),
    )
    return replace(bills, workload=replace(bills.workload, quotes=quotes))


def split_part(bills: HostBills, month: Figure, share: Figure) -> float:
    """Of what a month costs on a machine, the share that is left where the rest overflows.

    A month that is quoted is one of the whole work, and in a split the same share of it is left as
    of the month that is computed. All of it where nothing can be computed.

    Args:
        bills: Of the machine.
        month: What the `marginal` or `tco` of `unquoted` bills says.
        share: Of the tokens, what stays.
    """
    whole, kept = middle(month), middle(share)
    seconds, watts = middle(bills.seconds), middle(bills.watts())
    kwh, calls = middle(bills.world.usd_per_kwh), bills.load.calls_per_day
    if not whole or kept is None or calls is None:
        return 1.0
    if seconds is None or watts is None or kwh is None:
        return 1.0
    sent = max(0.0, bills.served(seconds) - kept * calls) * cost.DAYS_PER_MONTH
    pue = bills.workload.organisation.pue or 1.0
    spared = sent * cost.energy_usd(watts * seconds / bills.slots_each, kwh, pue=pue)
    return max(0.0, 1 - spared / whole)
