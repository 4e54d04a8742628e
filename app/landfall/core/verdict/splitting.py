"""What a machine costs a month where the rest overflows: who works on less draws less."""

from __future__ import annotations

from landfall.core.costs import cost
from landfall.core.provenance import Figure, Stated, middle
from landfall.core.verdict.bills import HostBills


def split_part(bills: HostBills, month: Figure, share: Figure) -> float:
    """Of what a month costs on a machine, the share that is left where the rest overflows.

    All of it where the month is quoted: a quote is taken as it stands.

    Args:
        bills: Of the machine.
        month: What its `marginal` or `tco` says.
        share: Of the tokens, what stays.
    """
    whole, kept = middle(month), middle(share)
    seconds, watts = middle(bills.seconds), middle(bills.watts())
    kwh, calls = middle(bills.world.usd_per_kwh), bills.load.calls_per_day
    if isinstance(month, Stated) or not whole or kept is None or calls is None:
        return 1.0
    if seconds is None or watts is None or kwh is None:
        return 1.0
    sent = max(0.0, bills.served(seconds) - kept * calls) * cost.DAYS_PER_MONTH
    pue = bills.workload.organisation.pue or 1.0
    spared = sent * cost.energy_usd(watts * seconds / bills.slots_each, kwh, pue=pue)
    return max(0.0, 1 - spared / whole)
