"""Rows of usage: named once, added up to hours and days."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.usage.adding import Adder, Numbers, tokens_of
from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.fingerprint import (
    Fingerprints,
    nth,
    numbers_of,
    of_cost,
    texts_of,
)
from landfall.core.usage.rows import DAY_SECONDS, CostRow, UsageRow

ROW = UsageRow(
    at="2026-06-01T09:30:00+00:00",
    provider="openai",
    model="gpt-5-mini",
    input_tokens=90.0,
    output_tokens=20.0,
)
COST = CostRow(at="2026-06-01T00:00:00+00:00", provider="openai", billed_usd=1.25)


def number(row: UsageRow) -> int:
    return Fingerprints().of([row], [texts_of(row)], [numbers_of(row)])[0]


@pytest.mark.parametrize(
    "values",
    [
        {"at": "2026-06-01T09:30:01+00:00"},
        {"model": "gpt-5"},
        {"project": "a"},
        {"batch": True},
        {"span_seconds": 3600},
        {"input_tokens": 91.0},
        {"cached_input_tokens": 0.0},
        {"billed_usd": 0.5},
        {"identity": "x"},
    ],
)
def test_that_rows_that_say_something_else_are_told_apart(values: dict[str, object]) -> None:
    assert number(ROW._replace(**values)) != number(ROW)  # type: ignore[arg-type]


def test_that_the_same_row_has_the_same_number_in_every_run() -> None:
    assert number(ROW) == number(ROW._replace(input_tokens=90)) == -5654999671805812354
    assert -(2**63) <= number(ROW) < 2**63


def test_that_names_and_costs_have_the_same_number_in_every_run() -> None:
    assert number(ROW._replace(identity="req-1")) == 8492743820236524532
    assert number(ROW._replace(identity="\ud800é")) == -8420621154656252599
    assert of_cost(COST) == -948679003829908170
    assert of_cost(COST._replace(identity="a")) == 6669367833464945276
    assert of_cost(COST._replace(model="é")) == -6865925022520300577


def test_that_the_name_of_a_row_decides_where_it_has_one() -> None:
    named = ROW._replace(identity="req-1")
    assert number(named) == number(named._replace(output_tokens=5.0))
    assert number(named) != number(named._replace(provider="groq"))
    assert of_cost(COST._replace(identity="a")) == of_cost(
        COST._replace(identity="a", billed_usd=9.0)
    )
    assert of_cost(COST) != of_cost(COST._replace(billed_usd=9.0))
    assert of_cost(COST) == of_cost(COST._replace())


def test_that_digests_are_forgotten_where_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("landfall.core.usage.fingerprint._TEXTS_MOST", 1)
    made = Fingerprints()
    other = ROW._replace(model="gpt-5")
    rows = [ROW, other, ROW]
    numbers = made.of(rows, [*map(texts_of, rows)], [*map(numbers_of, rows)])
    assert numbers[0] == numbers[2] == number(ROW)


def test_that_a_name_is_digested_with_its_provider_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("landfall.core.usage.fingerprint._PROVIDERS_MOST", 1)
    here = ROW._replace(identity="chat-1")
    rows = [here, here._replace(provider="\ud800"), here._replace(model="gpt-5", batch=True)]
    numbers = Fingerprints().of(rows, [*map(texts_of, rows)], [*map(numbers_of, rows)])
    told = [f"UsageRow\0{row.provider}\0chat-1".encode("utf-8", "surrogatepass") for row in rows]
    digests = [blake2b(each, digest_size=8).digest() for each in told]
    assert numbers == [int.from_bytes(each, "little", signed=True) for each in digests]


@given(st.integers(-(2**63), 2**63 - 1), st.integers(1, 10_000_000))
def test_that_rows_that_repeat_get_other_numbers(one: int, times: int) -> None:
    assert nth(one, 0) == one
    assert nth(one, times) != nth(one, times - 1)
    assert -(2**63) <= nth(one, times) < 2**63


def added(*rows: UsageRow, usd: float | None = 0.5) -> list[UsageBucket]:
    adder = Adder()

    def price(priced: Sequence[Numbers], _sums: Numbers) -> tuple[float | None, int]:
        return (None, len(priced)) if usd is None else (usd * len(priced), 0)

    for row in rows:
        adder.add(row.at[:13], texts_of(row), [numbers_of(row)], price)
    found = list(adder.drain())
    assert not adder.buckets
    return found


def test_that_requests_of_an_hour_are_one_bucket() -> None:
    second = ROW._replace(at="2026-06-01T09:59:59+00:00", latency_seconds=2.0, ttft_seconds=0.5)
    (one,) = added(ROW, second)
    assert (one.at, one.span_seconds, one.rows) == ("2026-06-01T09:00:00+00:00", 3600, 2)
    assert (one.requests, one.input_tokens, one.cached_input_tokens) == (2.0, 180.0, None)
    assert (one.recomputed_usd, one.unpriced_rows, one.longest_tokens) == (1.0, 0, 110.0)
    assert (one.latency_seconds, one.latency_rows, one.ttft_rows) == (2.0, 1, 1)


def test_that_what_a_source_adds_up_tells_no_single_call() -> None:
    day = ROW._replace(span_seconds=DAY_SECONDS, latency_seconds=9.0, requests=None)
    (one,) = added(day, usd=None)
    assert (one.span_seconds, one.longest_tokens, one.latency_seconds) == (DAY_SECONDS, None, None)
    assert (one.requests, one.recomputed_usd, one.unpriced_rows) == (None, None, 1)
    assert len(added(ROW, ROW._replace(at="2026-06-01T10:00:00+00:00"))) == 2


def test_that_the_longest_call_counts_what_each_row_tells() -> None:
    rows = [
        ROW._replace(cached_input_tokens=5.0, output_tokens=None),
        ROW._replace(input_tokens=None, cache_write_tokens=200.0),
        ROW._replace(input_tokens=None, output_tokens=None),
    ]
    (one,) = added_together(*rows)
    assert (one.longest_tokens, one.input_tokens, one.cached_input_tokens) == (220.0, 90.0, 5.0)
    assert (one.cache_write_tokens, one.output_tokens, one.reasoning_tokens) == (200.0, 20.0, None)
    (silent,) = added_together(rows[-1], rows[-1])
    assert (silent.longest_tokens, silent.input_tokens, silent.rows) == (None, None, 2)


def added_together(*rows: UsageRow) -> list[UsageBucket]:
    adder = Adder()

    def price(priced: Sequence[Numbers], _sums: Numbers) -> tuple[float | None, int]:
        return None, len(priced)

    adder.add(rows[0].at[:13], texts_of(rows[0]), [*map(numbers_of, rows)], price)
    return list(adder.drain())


def test_that_tokens_of_a_row_are_those_of_prompt_and_answer_each_once() -> None:
    row = ROW._replace(
        input_tokens=1.0,
        cached_input_tokens=20.0,
        cache_write_tokens=300.0,
        cache_write_1h_tokens=50.0,
        output_tokens=4000.0,
        reasoning_tokens=1000.0,
    )
    assert tokens_of(numbers_of(row)) == 4321.0
    bare = ROW._replace(input_tokens=None, output_tokens=None)
    assert tokens_of(numbers_of(bare)) == 0
