"""Plans beside the bill by the token, for a typed volume or for what was really used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from landfall.core.pricing.call_shape import CallShape
from landfall.core.usage.buckets import totals
from landfall.core.usage.log_days import observed_by_any
from landfall.services.pricing import subscriptions
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.settings import Settings
    from landfall.core.usage.buckets import UsageBucket
    from landfall.services.history.history import History
    from landfall.services.pricing.prices import Prices
    from landfall.services.pricing.subscriptions import PlansFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A volume, and whose price by the token is held against the plans.

    Attributes:
        shape: One mean call.
        calls_per_day: Of all users together.
        users: How many people use it.
        interface: Whether a program must be able to call the plan.
    """

    provider: str
    model: str
    shape: CallShape
    calls_per_day: float
    users: int
    interface: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Plans at a volume, and the volume."""

    asked: Asked
    plans: PlansFound


async def plans_beside(settings: Settings, prices: Prices, asked: Asked) -> Beside:
    """Which plan holds it, what it costs, and what the same calls cost by the token.

    Raises:
        BadInput: a plan of the user's or a number cannot be.
    """
    return await in_thread(_beside, settings, prices, asked)


def _beside(settings: Settings, prices: Prices, asked: Asked) -> Beside:
    found = subscriptions.find(
        settings,
        prices,
        asked.shape,
        calls_per_day=asked.calls_per_day,
        at=datetime.now(UTC),
        provider=asked.provider,
        model=asked.model,
        users=asked.users,
        interface=asked.interface,
    )
    return Beside(asked=asked, plans=found)


async def of_usage(history: History) -> tuple[float, CallShape] | None:
    """Calls a day and the mean call of all imported usage; None where no calls are counted.

    Days without a log are not counted as days without a call; days off are.
    """
    buckets = await history.usage.daily()
    return await in_thread(_mean, buckets)


def _mean(buckets: tuple[UsageBucket, ...]) -> tuple[float, CallShape] | None:
    counted = [one for one in buckets if one.requests is not None and not one.is_local]
    sums = totals(counted)
    if not sums.calls:
        return None
    shape = CallShape(
        uncached_tokens=(sums.input_tokens or 0.0) / sums.calls,
        cache_write_tokens=(sums.cache_write_tokens or 0.0) / sums.calls,
        cached_tokens=(sums.cached_input_tokens or 0.0) / sums.calls,
        output_tokens=(sums.output_tokens or 0.0) / sums.calls,
    )
    return sums.calls / len(observed_by_any((one.provider, one.day) for one in counted)), shape
