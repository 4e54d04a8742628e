"""How many usage rows a second are priced, with the row looked up for each of them."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from landfall.core.pricing.row_pricer import RowPricer
from landfall.core.settings import Settings
from landfall.services.pricing.lookup import PriceLookup
from landfall.services.pricing.prices import Prices
from tests.benchmarks.goals import Goals

ROWS = 300_000
LEAST_PER_SECOND = 300_000


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-5.5"),
        ("anthropic", "claude-opus-4-5"),
        ("deepseek", "deepseek-flash"),
    ],
)
def test_that_rows_are_priced_as_fast_as_they_are_read(
    benchmark: BenchmarkFixture, goals: Goals, provider: str, model: str
) -> None:
    """Tiers by the call, and prices by the day and the hour; the best of three counts."""
    moments = [
        f"2026-{1 + number % 11:02d}-{1 + number % 28:02d}T{number % 24:02d}:00:00Z"
        for number in range(ROWS)
    ]
    lookup = PriceLookup(Prices(Settings()))

    def price() -> None:
        for at in moments:
            found = lookup.find(provider, model, at=at)
            assert isinstance(found, RowPricer)
            found.usd(1000.0, 200.0, 0.0, 10.0, 50.0, requests=1.0)

    benchmark.pedantic(price, rounds=3, iterations=1)
    goals.least("rows a second", ROWS / benchmark.stats.stats.min, LEAST_PER_SECOND)
