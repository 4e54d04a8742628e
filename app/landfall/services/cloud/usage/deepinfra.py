"""DeepInfra: what is left of the account, and what the month has cost.

Fields: https://docs.deepinfra.com/api-reference/billing/get-checklist and .../usage, read
2026-11-26. The balance is in USD and negative where it was paid ahead; `recent` is not yet taken
from it; the month's `total_cost` is in cents.
"""

from __future__ import annotations

from landfall.services.cloud.usage.balance import Amount, Balance
from landfall.services.cloud.usage.reading import CENT, decimal, mapping, usd
from landfall.services.cloud.usage.source import Asking, BalanceSource
from landfall.services.history.records import now_iso


async def balance(asking: Asking) -> Balance:
    """Money paid ahead less what was used since the last bill; negative is owed."""
    account = mapping(await asking.get("/payment/checklist", [("compute_owed", "true")]))
    usage = mapping(await asking.get("/payment/usage", [("from", "current")]))
    owed, recent = decimal(account.get("stripe_balance")), decimal(account.get("recent"))
    months = usage.get("months")
    month = mapping(months[-1]) if isinstance(months, list) and months else {}
    spent = usd(month.get("total_cost"), unit=CENT)
    return Balance(
        provider="deepinfra",
        at=now_iso(),
        left=() if owed is None else (Amount(float(-(owed + max(recent or 0, 0))), "USD"),),
        spent_month=None if spent is None else Amount(spent, "USD"),
        note="the account is suspended" if account.get("suspended") is True else "",
    )


BALANCE = BalanceSource(ask=balance)
