"""OpenAI: usage of an organisation by the hour, its costs by the day.

Fields and limits: https://platform.openai.com/docs/api-reference/usage and the typed client
`openai` 3 (`client.admin.organization.usage`), read 2026-11-23. An admin key alone may ask.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from landfall.core.errors import AppError, KeyRefused
from landfall.core.usage.rows import DAY_SECONDS, HOUR_SECONDS, CostRow, Problem, Read, UsageRow
from landfall.services.cloud.usage.reading import (
    Identities,
    count,
    iso,
    listed,
    mapping,
    moment_of,
    text,
    usd,
)
from landfall.services.cloud.usage.source import (
    Asking,
    Stretch,
    UsageSource,
    buckets,
    dated_cost,
    or_problem,
    results,
)

PROVIDER = "openai"
HOURS_A_PAGE = 168
COST_DAYS_A_PAGE = 180
GROUPS = {
    "completions": ("model", "project_id", "api_key_id", "batch", "service_tier"),
    "embeddings": ("model", "project_id", "api_key_id"),
}
COST_GROUPS = ("line_item", "project_id", "api_key_id")


async def rows(asking: Asking, stretch: Stretch) -> AsyncGenerator[Read, None]:
    """Completions, embeddings, then what was charged for everything."""
    async for read in _usage(asking, stretch, "completions"):
        yield read
    async for read in or_problem(_usage(asking, stretch, "embeddings"), "embeddings"):
        yield read
    async for read in or_problem(_costs(asking, stretch), "costs"):
        yield read


async def _usage(asking: Asking, stretch: Stretch, kind: str) -> AsyncGenerator[Read, None]:
    span = stretch.whole(HOUR_SECONDS)
    if span is None:
        return
    identities = Identities(PROVIDER, kind)
    params = [*_between(span), ("bucket_width", "1h"), ("limit", str(HOURS_A_PAGE))]
    params += [("group_by", name) for name in GROUPS[kind]]
    async for bucket in buckets(asking, f"organization/usage/{kind}", params):
        at = moment_of(mapping(bucket).get("start_time"))
        if at is None:
            yield Problem(line=0, column="start_time", reason="a span without its beginning")
            continue
        for result in listed(mapping(bucket).get("results")):
            yield _usage_row(iso(at), mapping(result), identities)


def _usage_row(at: str, result: Any, identities: Identities) -> Read:
    """Its input counts what was read from a cache and written to one; here they stand apart."""
    whole = count(result.get("input_tokens"))
    read = count(result.get("input_cached_tokens"))
    written = count(result.get("input_cache_write_tokens"))
    fresh = None if whole is None else whole - (read or 0) - (written or 0)
    if fresh is not None and fresh < 0:
        return Problem(
            line=0, column="input_cached_tokens", reason=f"more cached than read, in {at}"
        )
    groups = [result.get(name) for name in GROUPS["completions"]]
    return UsageRow(
        at=at,
        span_seconds=HOUR_SECONDS,
        provider=PROVIDER,
        model=text(result.get("model")),
        requests=count(result.get("num_model_requests")),
        input_tokens=fresh,
        cached_input_tokens=read,
        cache_write_tokens=written,
        output_tokens=count(result.get("output_tokens")),
        batch=result.get("batch") if isinstance(result.get("batch"), bool) else None,
        tier=text(result.get("service_tier")),
        project=text(result.get("project_id")),
        key_name=text(result.get("api_key_id")),
        identity=identities.name(at, *groups),
    )


async def _costs(asking: Asking, stretch: Stretch) -> AsyncGenerator[Read, None]:
    span = stretch.whole(DAY_SECONDS)
    if span is None:
        return
    identities = Identities(PROVIDER, "costs")
    params = [*_between(span), ("bucket_width", "1d"), ("limit", str(COST_DAYS_A_PAGE))]
    params += [("group_by", name) for name in COST_GROUPS]
    async for at, result in results(asking, "organization/costs", params, begins="start_time"):
        yield _cost_row(at, result, identities)


def _cost_row(at: datetime | None, result: Any, identities: Identities) -> Read:
    amount = mapping(result.get("amount"))
    cost = dated_cost(at, usd(amount.get("value")), text(amount.get("currency")))
    if isinstance(cost, Problem):
        return cost
    day, billed_usd = cost
    item = text(result.get("line_item"))
    # "gpt-6-astra, input_tokens": what stands before the comma is a model, where there is one.
    model, comma, _ = item.partition(", ")
    return CostRow(
        at=day,
        provider=PROVIDER,
        line_item=item,
        model=model if comma else "",
        billed_usd=billed_usd,
        project=text(result.get("project_id")),
        key_name=text(result.get("api_key_id")),
        identity=identities.name(day, *(result.get(name) for name in COST_GROUPS)),
    )


def _between(span: tuple[datetime, datetime]) -> list[tuple[str, str]]:
    start, end = span
    return [("start_time", str(int(start.timestamp()))), ("end_time", str(int(end.timestamp())))]


def explain(error: AppError) -> AppError:
    """There is another way than a key of the organisation's owner."""
    if isinstance(error, KeyRefused):
        other = "Or export usage and costs from the dashboard as files, and import those."
        return KeyRefused(error.message, f"{error.hint} {other}")
    return error


SOURCE = UsageSource(
    tells="tokens by the hour, costs by the day, of the whole organisation",
    rows=rows,
    explain=explain,
)
