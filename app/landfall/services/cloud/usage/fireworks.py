"""Fireworks: tokens by day, model and key; rated costs by day and model.

Fields: https://docs.fireworks.ai/api-reference/get-billing-usage, .../query-usage-costs, read
2026-11-26. Grouped rows come without their time in recorded answers, so each day is asked for
by itself. What its token rows say they cost is 0 where it was not rated, and is left out: the
rated costs are the bill, and would be counted twice.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from landfall.core.errors import AppError, KeyRefused
from landfall.core.usage.rows import DAY_SECONDS, CostRow, Problem, Read, UsageRow
from landfall.services.cloud.usage.reading import (
    Identities,
    count,
    iso,
    listed,
    mapping,
    moment_of,
    text,
    usd_of_money,
)
from landfall.services.cloud.usage.source import (
    PAGES_MAX,
    Asking,
    Stretch,
    UsageSource,
    endless,
    listing,
    or_problem,
)

PROVIDER = "fireworks"
GROUPS = ("model_name", "api_key_id", "api_key_name")
DAY = timedelta(days=1)
COST_DAYS_A_QUERY = 31


async def rows(asking: Asking, stretch: Stretch) -> AsyncGenerator[Read, None]:
    """Every account that the key sees."""
    span = stretch.whole(DAY_SECONDS)
    if span is None:
        return
    async for name in _accounts(asking):
        base = f"/v1/accounts/{quote(name, safe='')}"
        identities = Identities(PROVIDER, "usage", name)
        start = span[0]
        while start < span[1]:
            async for read in _day(asking, base, start, identities):
                yield read
            start += DAY
        async for read in or_problem(_costs(asking, base, span), "costs"):
            yield read


async def _accounts(asking: Asking) -> AsyncGenerator[str, None]:
    page: list[tuple[str, str]] = []
    for _ in range(PAGES_MAX):
        answer = listing(await asking.get("/v1/accounts", page), "accounts", asking)
        for account in answer["accounts"]:
            name = text(mapping(account).get("name")).removeprefix("accounts/")
            if name:
                yield name
        following = text(answer.get("nextPageToken"))
        if not following:
            return
        page = [("pageToken", following)]
    raise endless(asking)


async def _day(
    asking: Asking, base: str, day: datetime, identities: Identities
) -> AsyncGenerator[Read, None]:
    params = [("startTime", iso(day)), ("endTime", iso(day + DAY)), ("usageType", "SERVERLESS")]
    params += [("groupBy", name) for name in GROUPS]
    answer = mapping(await asking.get(f"{base}/billingUsage", params))
    for row in listed(answer.get("serverlessCosts")):
        yield _usage_row(iso(day), mapping(row), identities)


def _usage_row(at: str, row: Any, identities: Identities) -> UsageRow:
    group = mapping(row.get("group"))
    whole = count(row.get("promptTokens"))
    fresh, cached = count(row.get("uncachedPromptTokens")), count(row.get("cachedPromptTokens"))
    if fresh is None and whole is not None:
        fresh = max(0.0, whole - (cached or 0))
    model = row.get("modelName") or group.get("model_name")
    key = row.get("apiKeyId") or group.get("api_key_id")
    kind = text(row.get("usageType"))
    return UsageRow(
        at=at,
        span_seconds=DAY_SECONDS,
        provider=PROVIDER,
        model=text(model).removeprefix("accounts/fireworks/models/"),
        requests=None,
        input_tokens=fresh,
        cached_input_tokens=cached,
        output_tokens=count(row.get("completionTokens")),
        batch=None,
        key_name=text(group.get("api_key_name")) or text(key),
        identity=identities.name(at, model, key, kind),
    )


async def _costs(
    asking: Asking, base: str, span: tuple[datetime, datetime]
) -> AsyncGenerator[Read, None]:
    """Of the whole account where the key is an administrator's, else of its own requests."""
    start = span[0]
    scope = "ACCOUNT"
    while start < span[1]:
        end = min(start + COST_DAYS_A_QUERY * DAY, span[1])
        try:
            found = await _queried(asking, base, start, end=end, scope=scope)
        except KeyRefused:
            if scope == "SELF":
                raise
            scope = "SELF"
            continue
        identities = Identities(PROVIDER, "costs", base.rpartition("/")[2], scope)
        for row in found:
            yield _cost_row(row, identities)
        start = end


async def _queried(
    asking: Asking, base: str, start: datetime, *, end: datetime, scope: str
) -> list[Any]:
    body = {
        "startTime": iso(start),
        "endTime": iso(end),
        "groupBy": ["DAY", "MODEL"],
        "scope": scope,
    }
    found: list[Any] = []
    for _ in range(PAGES_MAX):
        answer = mapping(await asking.post(f"{base}/usageCosts:query", body))
        found += listed(answer.get("rows"))
        following = text(answer.get("nextPageToken"))
        if not following:
            return found
        body = body | {"pageToken": following}
    raise endless(asking)


def _cost_row(row: Any, identities: Identities) -> Read:
    dimensions = mapping(mapping(row).get("dimensions"))
    at, billed = moment_of(dimensions.get("startTime")), usd_of_money(mapping(row).get("subtotal"))
    if at is None or billed is None:
        return Problem(line=0, column="subtotal", reason="a cost without its day, or not in USD")
    model = text(dimensions.get("model"))
    return CostRow(
        at=iso(at),
        provider=PROVIDER,
        line_item="serverless",
        model=model.removeprefix("accounts/fireworks/models/"),
        billed_usd=billed,
        identity=identities.name(iso(at), model),
    )


def explain(error: AppError) -> AppError:
    """The whole account is told to its administrators alone."""
    if isinstance(error, KeyRefused):
        return KeyRefused(
            f"{error.message} The usage of an account is told to its administrators.",
            "Use a key of one, or export it with `firectl billing export-metrics` and import that.",
        )
    return error


SOURCE = UsageSource(
    tells="tokens by day, model and key, and rated costs a day or more behind",
    rows=rows,
    explain=explain,
)
