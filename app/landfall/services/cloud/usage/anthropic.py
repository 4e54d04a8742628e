"""Anthropic: messages of an organisation by the hour, its costs by the day.

Fields, units and limits: https://docs.claude.com/en/docs/build-with-claude/usage-cost-api and
https://platform.claude.com/docs/en/api/admin/cost_report, read 2026-11-26. An admin key of an
organisation alone may ask; an individual account has none. Priority tier has no costs there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from landfall.core.errors import AppError, KeyRefused, ServerRefused
from landfall.core.usage.rows import DAY_SECONDS, HOUR_SECONDS, CostRow, Problem, Read, UsageRow
from landfall.services.cloud.usage.reading import (
    CENT,
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

PROVIDER = "anthropic"
HOURS_A_PAGE = 168
COST_DAYS_A_PAGE = 31
GROUPS = ("model", "workspace_id", "api_key_id", "service_tier", "context_window")
COST_GROUPS = ("workspace_id", "description")


async def rows(asking: Asking, stretch: Stretch) -> AsyncGenerator[Read, None]:
    """Tokens, then what was charged."""
    async for read in _usage(asking, stretch):
        yield read
    async for read in or_problem(_costs(asking, stretch), "costs"):
        yield read


async def _usage(asking: Asking, stretch: Stretch) -> AsyncGenerator[Read, None]:
    span = stretch.whole(HOUR_SECONDS)
    if span is None:
        return
    identities = Identities(PROVIDER, "messages")
    params = [*_between(span), ("bucket_width", "1h"), ("limit", str(HOURS_A_PAGE))]
    params += [("group_by[]", name) for name in GROUPS]
    async for bucket in buckets(asking, "organizations/usage_report/messages", params):
        at = moment_of(mapping(bucket).get("starting_at"))
        if at is None:
            yield Problem(line=0, column="starting_at", reason="a span without its beginning")
            continue
        for result in listed(mapping(bucket).get("results")):
            yield _usage_row(iso(at), mapping(result), identities)


def _usage_row(at: str, result: Any, identities: Identities) -> UsageRow:
    created = mapping(result.get("cache_creation"))
    short = count(created.get("ephemeral_5m_input_tokens"))
    long = count(created.get("ephemeral_1h_input_tokens"))
    told = [value for value in (short, long) if value is not None]
    tier = text(result.get("service_tier"))
    return UsageRow(
        at=at,
        span_seconds=HOUR_SECONDS,
        provider=PROVIDER,
        model=text(result.get("model")),
        requests=None,  # This interface counts tokens alone.
        input_tokens=count(result.get("uncached_input_tokens")),
        cached_input_tokens=count(result.get("cache_read_input_tokens")),
        cache_write_tokens=sum(told) if told else None,
        cache_write_1h_tokens=long,
        output_tokens=count(result.get("output_tokens")),
        batch=tier == "batch" if tier else None,
        tier="" if tier == "batch" else tier,
        key_name=text(result.get("api_key_id")),
        tag=text(result.get("workspace_id")),
        identity=identities.name(at, *(result.get(name) for name in GROUPS)),
    )


async def _costs(asking: Asking, stretch: Stretch) -> AsyncGenerator[Read, None]:
    span = stretch.whole(DAY_SECONDS)
    if span is None:
        return
    identities = Identities(PROVIDER, "costs")
    params = [*_between(span), ("bucket_width", "1d"), ("limit", str(COST_DAYS_A_PAGE))]
    params += [("group_by[]", name) for name in COST_GROUPS]
    async for at, result in results(
        asking, "organizations/cost_report", params, begins="starting_at"
    ):
        yield _cost_row(at, result, identities)


def _cost_row(at: datetime | None, result: Any, identities: Identities) -> Read:
    """The amount is a decimal string in cents."""
    billed = usd(result.get("amount"), unit=CENT)
    cost = dated_cost(at, billed, text(result.get("currency")))
    if isinstance(cost, Problem):
        return cost
    day, billed_usd = cost
    return CostRow(
        at=day,
        provider=PROVIDER,
        line_item=text(result.get("description")),
        model=text(result.get("model")),
        billed_usd=billed_usd,
        project=text(result.get("workspace_id")),
        identity=identities.name(day, *(result.get(name) for name in COST_GROUPS)),
    )


def _between(span: tuple[datetime, datetime]) -> list[tuple[str, str]]:
    start, end = span
    return [("starting_at", iso(start)), ("ending_at", iso(end))]


def explain(error: AppError) -> AppError:
    """An individual has no key to ask with: the console's files are the way."""
    no_such = isinstance(error, ServerRefused) and error.status == 404
    if no_such or isinstance(error, KeyRefused):
        return KeyRefused(
            f"{error.message} An individual account has no usage interface, an organisation has.",
            f"{error.hint} Or export the usage from the console as a CSV file, and import that.",
        )
    return error


SOURCE = UsageSource(
    tells="tokens by the hour, costs by the day, of the whole organisation",
    rows=rows,
    explain=explain,
    headers=(("anthropic-version", "2023-06-01"),),
)
