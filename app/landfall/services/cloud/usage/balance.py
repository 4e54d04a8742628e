"""What is left of an account, for providers that tell it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Amount:
    """Money as the provider tells it; `currency` is its ISO 4217 code."""

    value: float
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """An account at a provider.

    Attributes:
        at: When it was asked, ISO 8601, UTC.
        left: What is left, one amount a currency; negative is owed. Empty is not told.
        spent_month: Spent in the calendar month (UTC), or None.
        note: What else it says, a clause for people, or "".
    """

    provider: str
    at: str
    left: tuple[Amount, ...] = ()
    spent_month: Amount | None = None
    note: str = ""
