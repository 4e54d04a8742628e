"""USD amounts in the user's own currency, by a rate that the user typed, with its date.

No rate is ever guessed, fetched or kept current: without one, amounts stay in USD.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from landfall.core.provenance import STALE_AFTER_DAYS, Unknown
from landfall.core.settings import Settings

USD = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """Another currency than USD.

    Attributes:
        code: ISO 4217.
        usd_per_unit: Dollars for one unit of it.
        as_of: Date of the rate.
        stale_days: A rate older than this is flagged.
    """

    code: str
    usd_per_unit: float
    as_of: date
    stale_days: int = STALE_AFTER_DAYS

    def amount(self, usd: float) -> float:
        """An amount of USD in this currency."""
        return usd / self.usd_per_unit

    def age_days(self, today: date) -> int:
        """Days since the rate's date; 0 where that is not over yet."""
        return max(0, (today - self.as_of).days)

    def is_stale(self, today: date) -> bool:
        """Whether the rate is older than the limit."""
        return self.age_days(today) > self.stale_days

    def note(self, today: date) -> str:
        """The rate with its date, and a warning where it is old."""
        dated = f"1 {self.code} = {self.usd_per_unit:g} USD as of {self.as_of}"
        if not self.is_stale(today):
            return dated
        return f"{dated}, {self.age_days(today)} days old: type a newer rate"


def shown_currency(settings: Settings) -> Currency | Unknown | None:
    """In what amounts are shown beside USD; None where that is USD, Unknown where no rate holds.

    It is `currency`, else the currency of the electricity bill.
    """
    tariff = settings.electricity
    of_tariff = tariff.currency if tariff is not None else ""
    code = settings.currency or of_tariff or USD
    if code == USD:
        return None
    rate = settings.currency_usd_rate
    if rate is None:
        return Unknown(f"what 1 {code} is in USD was not said")
    if of_tariff not in {"", USD, code}:
        # The rate is that of the electricity bill, whose currency is another.
        return Unknown(f"the rate that was typed is that of {of_tariff}")
    if not settings.currency_usd_date:
        return Unknown(f"the date of the rate of {code} was not said")
    return Currency(
        code=code,
        usd_per_unit=rate,
        as_of=date.fromisoformat(settings.currency_usd_date),
        stale_days=settings.thresholds.price_stale_days,
    )
