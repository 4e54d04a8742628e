"""Whatever a usage interface answers, it is rows, problems or an expected error: never a crash."""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.errors import AppError
from landfall.core.usage.rows import CostRow, Problem, UsageRow
from landfall.services.cloud.usage import BALANCES, SOURCES
from landfall.services.cloud.usage.balance import Balance
from landfall.services.cloud.usage.source import Stretch

NAMES = [
    "data",
    "results",
    "has_more",
    "next_page",
    "start_time",
    "end_time",
    "starting_at",
    "ending_at",
    "input_tokens",
    "input_cached_tokens",
    "num_model_requests",
    "model",
    "batch",
    "service_tier",
    "amount",
    "value",
    "currency",
    "line_item",
    "uncached_input_tokens",
    "cache_creation",
    "ephemeral_1h_input_tokens",
    "description",
    "date",
    "usage",
    "prompt_tokens",
    "line_items",
    "cost",
    "pricing_dimensions",
    "attributes",
    "next_cursor",
    "accounts",
    "name",
    "serverlessCosts",
    "promptTokens",
    "group",
    "costNanoUsd",
    "rows",
    "dimensions",
    "startTime",
    "subtotal",
    "units",
    "nanos",
    "nextPageToken",
    "balance_infos",
    "total_balance",
    "stripe_balance",
    "recent",
    "months",
    "total_cost",
    "total_credits",
    "total_usage",
    "usage_monthly",
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2026-11-03T00:00:00Z", "1e400", "-0", "USD", "accounts/a"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=24,
)
LISTS = st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8), max_size=3)
ANSWERS = VALUES | st.builds(
    lambda rows: dict.fromkeys(("data", "accounts", "balance_infos"), rows), LISTS
)
DAY = date(2026, 11, 3)
STRETCH = Stretch.of_days(DAY, DAY, now=datetime(2026, 11, 20, tzinfo=UTC))


class Answering:
    """Stands for `Asking`: the same answer to everything, at most some times."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.left = answer, 20
        self.address = SimpleNamespace(host="api.example")

    async def get(self, path: str, params: Any = ()) -> Any:
        return self._next()

    async def post(self, path: str, body: Any) -> Any:
        return self._next()

    def _next(self) -> Any:
        self.left -= 1
        return self.answer if self.left else {"data": [], "accounts": []}


async def everything(name: str, answer: Any) -> list[Any]:
    asking: Any = Answering(answer)
    async with aclosing(SOURCES[name].rows(asking, STRETCH)) as reads:
        return [read async for read in reads]


@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=30, deadline=None)
@given(answer=ANSWERS)
def test_that_any_answer_is_rows_problems_or_an_expected_error(name: str, answer: Any) -> None:
    try:
        reads = asyncio.run(everything(name, answer))
    except AppError:
        return
    assert all(isinstance(read, UsageRow | CostRow | Problem) for read in reads)
    billed = [read.billed_usd for read in reads if isinstance(read, UsageRow | CostRow)]
    assert all(usd is None or math.isfinite(usd) for usd in billed)


@pytest.mark.parametrize("name", BALANCES)
@settings(max_examples=30, deadline=None)
@given(answer=ANSWERS)
def test_that_any_answer_is_a_balance_or_an_expected_error(name: str, answer: Any) -> None:
    asking: Any = Answering(answer)

    async def asked() -> Balance:
        return await BALANCES[name].ask(asking)

    try:
        balance = asyncio.run(asked())
    except AppError:
        return
    assert balance.provider == name
