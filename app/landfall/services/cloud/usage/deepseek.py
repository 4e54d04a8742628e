"""DeepSeek: what is left of the account. Usage is told to a web session alone.

Fields: https://api-docs.deepseek.com/api/get-user-balance, read 2026-11-23.
"""

from __future__ import annotations

from landfall.services.cloud.usage.balance import Amount, Balance
from landfall.services.cloud.usage.reading import decimal, mapping, text
from landfall.services.cloud.usage.source import Asking, BalanceSource, listing
from landfall.services.history.records import now_iso


async def balance(asking: Asking) -> Balance:
    """One amount a currency: an account may hold dollars and yuan."""
    value = listing(await asking.get("user/balance"), "balance_infos", asking)
    left = []
    for info in value["balance_infos"]:
        amount = decimal(mapping(info).get("total_balance"))
        if amount is not None:
            left.append(Amount(float(amount), text(mapping(info).get("currency")) or "USD"))
    used_up = value.get("is_available") is False
    return Balance(
        provider="deepseek",
        at=now_iso(),
        left=tuple(left),
        note="too little for another request" if used_up else "",
    )


BALANCE = BalanceSource(ask=balance)
