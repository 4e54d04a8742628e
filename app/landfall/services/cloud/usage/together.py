"""Together: what was charged, by the hour and line item.

Fields: https://docs.together.ai/reference/billing-usage (beta, switched on per organisation: 404
without it), read 2026-11-26. Its products are display names, and quantities are of whatever their
name says: so charges alone are taken from it, no tokens.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from datetime import datetime, timedelta
from typing import Any

from landfall.core.errors import AppError, ServerRefused
from landfall.core.usage.rows import HOUR_SECONDS, CostRow, Problem, Read
from landfall.services.cloud.usage.reading import (
    Identities,
    iso,
    listed,
    mapping,
    moment_of,
    text,
    usd,
)
from landfall.services.cloud.usage.source import (
    PAGES_MAX,
    Asking,
    Stretch,
    UsageSource,
    endless,
    listing,
)

PROVIDER = "together"
WINDOWS_A_PAGE = 1000


async def rows(asking: Asking, stretch: Stretch) -> AsyncGenerator[Read, None]:
    """Month by month, as the interface wants it."""
    span = stretch.whole(HOUR_SECONDS)
    if span is None:
        return
    identities = Identities(PROVIDER, "billing")
    for month in _months(*span):
        async for window in _windows(asking, month):
            at = moment_of(window.get("start_time"))
            end = moment_of(window.get("end_time"))
            if at is None or end is None or end <= at:
                yield Problem(line=0, column="start_time", reason="charges without their hour")
            elif span[0] <= at and end <= span[1]:
                for item in listed(window.get("line_items")):
                    yield _row(at, int((end - at).total_seconds()), mapping(item), identities)


async def _windows(asking: Asking, month: str) -> AsyncGenerator[Any, None]:
    params = [("month", month), ("granularity", "hour"), ("limit", str(WINDOWS_A_PAGE))]
    after = ""
    for _ in range(PAGES_MAX):
        more = [("after", after)] if after else []
        report = listing(await asking.get("billing/usage", [*params, *more]), "data", asking)
        if text(report.get("currency")).upper() not in ("", "USD"):
            raise ServerRefused("Together tells charges in another currency than USD.")
        for window in report["data"]:
            yield mapping(window)
        following = text(report.get("next_cursor"))
        if not following:
            return
        if following == after:
            break
        after = following
    raise endless(asking)


def _row(at: datetime, span_seconds: int, item: Any, identities: Identities) -> Read:
    billed = usd(item.get("cost"))
    if billed is None:
        return Problem(line=0, column="cost", reason=f"a charge without its amount, {iso(at)}")
    dimensions, attributes = (
        mapping(item.get("pricing_dimensions")),
        mapping(item.get("attributes")),
    )
    product = text(item.get("product_name"))
    kind = text(dimensions.get("token_type"))
    return CostRow(
        at=iso(at),
        span_seconds=span_seconds,
        provider=PROVIDER,
        line_item=f"{product}, {kind}" if kind else product,
        model=text(dimensions.get("model")),
        billed_usd=billed,
        project=text(attributes.get("project_id")),
        key_name=text(attributes.get("api_key_id")),
        identity=identities.name(iso(at), product, *_sorted(dimensions), *_sorted(attributes)),
    )


def _sorted(pairs: Any) -> Iterator[str]:
    return (f"{name}={pairs[name]}" for name in sorted(pairs))


def _months(start: datetime, end: datetime) -> list[str]:
    """The calendar months that a stretch touches: "2026-11"."""
    months, at = [], start
    while at < end:
        months.append(f"{at:%Y-%m}")
        at = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
    return months


def explain(error: AppError) -> AppError:
    """404 is said to who is not let in yet."""
    if isinstance(error, ServerRefused) and error.status == 404:
        return ServerRefused(
            "Together's usage interface is in beta, and not switched on for this organisation.",
            "Ask Together's support for it.",
            status=404,
        )
    return error


SOURCE = UsageSource(
    tells="charges by the hour and product, of the whole organisation",
    rows=rows,
    explain=explain,
)
