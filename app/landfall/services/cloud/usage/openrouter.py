"""OpenRouter: activity of the last 30 days that are over, by model and host; credits.

Fields: https://openrouter.ai/docs/client-sdks/typescript/models/activityresponse, read 2026-11-26.
Activity wants a management key; credits and the key's own spending take any.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from landfall.core.errors import AppError, KeyRefused
from landfall.core.usage.rows import DAY_SECONDS, Problem, Read, UsageRow
from landfall.services.cloud.usage.balance import Amount, Balance
from landfall.services.cloud.usage.reading import (
    Identities,
    count,
    iso,
    mapping,
    moment_of,
    text,
    usd,
)
from landfall.services.cloud.usage.source import (
    Asking,
    BalanceSource,
    Stretch,
    UsageSource,
    listing,
)
from landfall.services.history.records import now_iso

PROVIDER = "openrouter"


async def rows(asking: Asking, stretch: Stretch) -> AsyncGenerator[Read, None]:
    """The days that were asked for, among those that are told."""
    span = stretch.whole(DAY_SECONDS)
    if span is None:
        return
    identities = Identities(PROVIDER, "activity")
    days: set[datetime] = set()
    for item in listing(await asking.get("activity"), "data", asking)["data"]:
        at = moment_of(mapping(item).get("date"))
        if at is None:
            yield Problem(line=0, column="date", reason="activity without its day")
            continue
        days.add(at)
        if span[0] <= at < span[1]:
            yield _row(iso(at), mapping(item), identities)
    if days and min(days) > span[0]:
        yield Problem(
            line=0,
            column="date",
            reason=f"activity is told from {min(days).date()} on; earlier days are in the CSV file",
        )


def _row(at: str, item: Any, identities: Identities) -> UsageRow:
    """What was read from a cache is part of the prompt there and is not told apart."""
    slug = item.get("model_permaslug") or item.get("model")
    return UsageRow(
        at=at,
        span_seconds=DAY_SECONDS,
        provider=PROVIDER,
        model=text(item.get("model")) or text(slug),
        requests=count(item.get("requests")),
        input_tokens=count(item.get("prompt_tokens")),
        output_tokens=count(item.get("completion_tokens")),
        reasoning_tokens=count(item.get("reasoning_tokens")),
        billed_usd=usd(item.get("usage")),
        tag=text(item.get("provider_name")),
        identity=identities.name(at, slug, item.get("endpoint_id"), item.get("provider_name")),
    )


async def balance(asking: Asking) -> Balance:
    """Credits bought less credits used, and what this key spent in the month."""
    credits_ = mapping(mapping(await asking.get("credits")).get("data"))
    key = mapping(mapping(await asking.get("key")).get("data"))
    bought, used = usd(credits_.get("total_credits")), usd(credits_.get("total_usage"))
    month, limit = usd(key.get("usage_monthly")), usd(key.get("limit_remaining"))
    return Balance(
        provider=PROVIDER,
        at=now_iso(),
        left=() if bought is None or used is None else (Amount(bought - used, "USD"),),
        spent_month=None if month is None else Amount(month, "USD"),
        note="" if limit is None else f"the key itself may still spend {limit:.2f} USD",
    )


def explain(error: AppError) -> AppError:
    """A key that runs models may not ask for activity."""
    if isinstance(error, KeyRefused):
        other = "Or export the activity as a CSV file, and import that."
        return KeyRefused(
            f"{error.message} Activity is told to a management key alone.", f"{error.hint} {other}"
        )
    return error


SOURCE = UsageSource(
    tells="requests, tokens and charges by day, model and host, of the last 30 days",
    rows=rows,
    explain=explain,
)
BALANCE = BalanceSource(ask=balance)
