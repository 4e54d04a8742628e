"""A dated snapshot of 79 prices: each is reproduced, or its difference is explained row by row."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from landfall.core.pricing.pricing import PriceRow, Rate, noon_utc
from landfall.core.settings import Settings
from landfall.services.pricing.prices import Prices

SNAPSHOT = json.loads(
    (Path(__file__).parents[2] / "data" / "prices_snapshot.json").read_text(encoding="utf-8")
)
AT = noon_utc(date(2026, 11, 23))
ROWS = [
    pytest.param(entry, id=f"{entry['provider']}/{entry['model']}") for entry in SNAPSHOT["prices"]
]
NEWER_BATCH = {
    ("mistral", "mistral-large-4"): (0.35, 1.05),
}
"""Rows of which the snapshot has the batch price of an earlier date beside today's ordinary one:
half of 0.68 / 2.09, which held until 20 October; since 29 October it is half of 0.70 / 2.10."""
OWN_BATCH = {
    ("openrouter", "openai/gpt-oss-120b"): (0.0296, 0.136),
    ("openrouter", "openai/gpt-oss-20b"): (0.024, 0.112),
}
"""Rows whose batch price the table has as a model of its own (":batch")."""


@pytest.fixture(scope="module")
def prices() -> Prices:
    return Prices(Settings())


def row_of(prices: Prices, entry: dict[str, Any]) -> PriceRow:
    row = prices.row(entry["provider"], entry["model"], at=AT)
    assert row is not None
    return row


def usd(rate: Rate | None) -> float | None:
    return None if rate is None else rate.usd_per_mtok


def test_that_the_snapshot_is_whole() -> None:
    assert len(ROWS) == 79


@pytest.mark.parametrize("entry", ROWS)
def test_that_the_ordinary_price_is_that_of_the_snapshot(
    prices: Prices, entry: dict[str, Any]
) -> None:
    row, printed = row_of(prices, entry), entry["usd_per_mtok"]
    assert usd(row.rates.input) == printed["input"]
    # One table prints 0 for the answer of an embedding, which has none: there is no such price.
    no_answer = printed["output"] == 0 and "embed" in entry["model"] + entry.get("mode", "")
    is_bge = entry["model"].startswith("BAAI/bge")
    assert usd(row.rates.output) == (None if no_answer or is_bge else printed["output"])
    assert usd(row.rates.cached) == printed.get("cache_read")
    assert usd(row.rates.cache_write) == printed.get("cache_write")


@pytest.mark.parametrize("entry", ROWS)
def test_that_the_long_context_tiers_are_those_of_the_snapshot(
    prices: Prices, entry: dict[str, Any]
) -> None:
    rate = row_of(prices, entry).rates.input
    assert rate is not None
    assert [list(tier) for tier in rate.tiers] == (entry.get("long_context_input_tiers") or [])


@pytest.mark.parametrize("entry", ROWS)
def test_that_the_batch_price_is_that_of_the_snapshot_or_explained(
    prices: Prices, entry: dict[str, Any]
) -> None:
    row, printed = row_of(prices, entry), entry["usd_per_mtok"]
    found = (usd(row.batch.input), usd(row.batch.output)) if row.batch else (None, None)
    key = (entry["provider"], entry["model"])
    explained = NEWER_BATCH.get(key) or OWN_BATCH.get(key)
    if explained is not None:
        assert found == pytest.approx(explained)
        return
    if printed.get("batch_input") is not None:
        assert found == pytest.approx((printed["batch_input"], printed["batch_output"]))
        return
    # The snapshot leaves it out where the provider only says which share of the price it takes.
    share = SNAPSHOT["batch_multiplier_not_in_genai_prices"].get(row.provider)
    if isinstance(share, dict) and "multiplier" in share:
        factor = share["multiplier"]
    elif row.provider == "groq":
        factor = 0.5
    else:
        assert found == (None, None)
        return
    assert row.batch_note
    assert found[0] == pytest.approx(printed["input"] * factor)
    if found[1] is not None:
        assert found[1] == pytest.approx(printed["output"] * factor)
