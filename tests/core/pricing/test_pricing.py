"""A call's price line by line; tiers, batch, age, retirement; electricity by the hour."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import (
    PriceRow,
    Rate,
    Rates,
    noon_utc,
    parse_moment,
    quote,
    unknown_quote,
)

AT = noon_utc(date(2026, 11, 25))
TIERED = Rates(
    input=Rate(5.0, ((272_000, 10.0),)),
    cached=Rate(0.5, ((272_000, 1.0),)),
    output=Rate(30.0, ((272_000, 45.0),)),
)
ROW = PriceRow(provider="openai", model="m", rates=TIERED, source="table", as_of=date(2026, 11, 9))

tokens = st.integers(0, 2_000_000)
shapes = st.builds(
    CallShape,
    uncached_tokens=tokens,
    cached_tokens=tokens,
    cache_write_tokens=tokens,
    output_tokens=tokens,
    batch=st.booleans(),
)


def test_that_the_parts_are_what_was_asked_for() -> None:
    shape = CallShape(uncached_tokens=900, cached_tokens=600, output_tokens=120)
    found = quote(ROW, shape, at=AT)
    assert [(p.what, p.tokens, p.usd_per_mtok, p.usd) for p in found.parts] == [
        ("input", 900, 5.0, 0.0045),
        ("cached_input", 600, 0.5, 0.0003),
        ("output", 120, 30.0, 0.0036),
    ]
    assert found.usd == 0.0084
    assert found.notes == ()


@given(shapes)
def test_that_parts_add_up_in_tokens_and_in_money(shape: CallShape) -> None:
    found = quote(replace(ROW, batch=TIERED.times(0.5)), shape, at=AT)
    assert found.usd is not None
    assert sum(p.tokens for p in found.parts) == shape.total_tokens
    assert math.isclose(sum(p.usd for p in found.parts), found.usd, abs_tol=1e-11)


@given(shapes, st.integers(0, 100_000))
def test_that_more_tokens_never_cost_less(shape: CallShape, more: int) -> None:
    longer = replace(shape, uncached_tokens=shape.uncached_tokens + more)
    before, after = quote(ROW, shape, at=AT).usd, quote(ROW, longer, at=AT).usd
    assert before is not None
    assert after is not None
    assert after >= before


def test_that_the_tier_goes_by_the_whole_prompt_and_takes_every_token() -> None:
    under = quote(ROW, CallShape(uncached_tokens=272_000, output_tokens=10), at=AT)
    over = quote(
        ROW, CallShape(uncached_tokens=2_000, cached_tokens=270_001, output_tokens=10), at=AT
    )
    assert [p.usd_per_mtok for p in under.parts] == [5.0, 30.0]
    assert [p.usd_per_mtok for p in over.parts] == [10.0, 1.0, 45.0]


def test_that_two_short_calls_cost_less_than_one_long_one() -> None:
    half = quote(ROW, CallShape(uncached_tokens=200_000), at=AT).usd
    whole = quote(ROW, CallShape(uncached_tokens=400_000), at=AT).usd
    assert half is not None
    assert whole == pytest.approx(half * 4)


def test_that_batch_takes_its_own_rates_or_says_that_there_are_none() -> None:
    shape = CallShape(uncached_tokens=1_000_000, batch=True)
    without = quote(replace(ROW, rates=Rates(input=Rate(2.0))), shape, at=AT)
    assert without.usd == 2.0
    assert "No batch price" in without.notes[0]
    row = replace(ROW, batch=Rates(input=Rate(1.0)), batch_note="half price")
    assert quote(row, shape, at=AT).usd == 1.0
    assert quote(row, shape, at=AT).notes == ("half price",)
    assert quote(row, replace(shape, batch=False), at=AT).notes == ()


def test_that_a_price_that_is_missing_makes_the_call_unknown_and_never_free() -> None:
    embedding = replace(ROW, rates=Rates(input=Rate(0.1)))
    assert quote(embedding, CallShape(uncached_tokens=1000), at=AT).usd == pytest.approx(0.0001)
    asked = quote(embedding, CallShape(uncached_tokens=1000, output_tokens=5), at=AT)
    assert asked.usd is None
    assert asked.parts == ()
    assert "output" in asked.notes[0]
    nothing = replace(ROW, rates=Rates(input=None))
    assert quote(nothing, CallShape(uncached_tokens=1, output_tokens=1), at=AT).usd is None


def test_that_cache_without_a_price_is_billed_as_fresh_input() -> None:
    row = replace(ROW, rates=Rates(input=Rate(2.0), output=Rate(4.0)))
    found = quote(
        row,
        CallShape(uncached_tokens=100, cached_tokens=100, cache_write_tokens=100),
        at=AT,
    )
    assert [p.usd_per_mtok for p in found.parts] == [2.0, 2.0, 2.0, 4.0]
    assert any("cached" in note for note in found.notes)


def test_that_a_charge_by_the_call_is_a_part_of_its_own() -> None:
    row = replace(ROW, rates=replace(TIERED, per_call_usd=0.005))
    found = quote(row, CallShape(uncached_tokens=0), at=AT)
    assert (found.parts[-1].what, found.parts[-1].usd_per_mtok) == ("call", None)
    assert found.usd == 0.005


@pytest.mark.parametrize(
    ("at", "age", "stale"),
    [("2026-12-24", 45, False), ("2026-12-25", 46, True), ("2026-01-01", 0, False)],
)
def test_that_a_price_older_than_45_days_is_flagged(at: str, age: int, stale: bool) -> None:
    found = quote(ROW, CallShape(uncached_tokens=1), at=parse_moment(at))
    assert (found.age_days, found.stale) == (age, stale)
    assert any("days old" in note for note in found.notes) == stale


def test_that_the_limit_of_age_can_be_set() -> None:
    assert quote(ROW, CallShape(uncached_tokens=1), at=AT, stale_days=15).stale


def test_that_retirement_is_told_before_and_after() -> None:
    row = replace(ROW, retired_on=date(2026, 11, 25), deprecated=True)
    gone = quote(row, CallShape(uncached_tokens=1), at=AT)
    assert gone.retired
    assert "Retired on 2026-11-25" in gone.notes[0]
    going = quote(row, CallShape(uncached_tokens=1), at=parse_moment("2026-11-24"))
    assert not going.retired
    assert going.notes == ("Will be retired on 2026-11-25.", "Deprecated by the provider.")


def test_that_a_free_model_and_a_long_prompt_are_said() -> None:
    free = replace(ROW, rates=Rates(input=Rate(0.0), output=Rate(0.0)), context_tokens=1000)
    found = quote(free, CallShape(uncached_tokens=1001), at=AT)
    assert found.usd == 0.0
    assert any("1,000 tokens" in note for note in found.notes)
    assert any("no charge" in note for note in found.notes)
    nothing = quote(ROW, CallShape(uncached_tokens=0), at=AT)
    assert (nothing.usd, nothing.notes) == (0.0, ())


def test_that_an_unknown_price_has_a_reason_and_no_number() -> None:
    found = unknown_quote("x", "y", at=AT, note="why", suggestions=("z",))
    assert (found.usd, found.parts, found.source, found.age_days) == (None, (), None, None)
    assert found.notes == ("why",)


def test_that_a_date_means_noon_utc_and_a_time_without_a_zone_is_utc() -> None:
    assert parse_moment("2026-11-25") == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert parse_moment("2026-11-25T02:00:00") == datetime(2026, 11, 25, 2, tzinfo=UTC)
    assert parse_moment("2026-11-25T02:00:00+02:00") == datetime(2026, 11, 25, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "25.11.2026", "0001-01-01T00:00+14:00"])
def test_that_nonsense_dates_are_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_moment(text, field="--at")
    assert caught.value.field == "--at"


@pytest.mark.parametrize("count", [-1, math.nan, math.inf, 1e15])
def test_that_nonsense_token_counts_are_refused(count: float) -> None:
    with pytest.raises(BadInput) as caught:
        CallShape(uncached_tokens=1, output_tokens=count)
    assert caught.value.field == "output_tokens"


def test_that_a_tokenizer_scales_every_kind_of_token() -> None:
    shape = CallShape(
        uncached_tokens=100, cached_tokens=40, cache_write_tokens=20, output_tokens=10, batch=True
    ).scaled(1.25)
    assert (shape.input_tokens, shape.output_tokens, shape.batch) == (200, 12.5, True)


def test_that_an_hour_in_the_cache_has_its_own_price_and_is_counted_once() -> None:
    rates = replace(TIERED, cache_write=Rate(6.25), cache_write_1h=Rate(10.0))
    shape = CallShape(
        uncached_tokens=2_000,
        cache_write_tokens=1_000,
        cache_write_1h_tokens=10_000,
        output_tokens=1_000,
    )
    found = quote(replace(ROW, rates=rates), shape, at=AT)
    assert [(p.what, p.tokens, p.usd_per_mtok) for p in found.parts] == [
        ("input", 2_000, 5.0),
        ("cache_write", 1_000, 6.25),
        ("cache_write_1h", 10_000, 10.0),
        ("output", 1_000, 30.0),
    ]
    plain = quote(replace(ROW, rates=replace(rates, cache_write_1h=None)), shape, at=AT)
    assert any("one-hour" in note for note in plain.notes)
    assert plain.usd == pytest.approx((found.usd or 0) - 10_000 * 3.75 / 1e6)


def test_that_nobody_is_sent_to_what_is_unknown_retired_or_not_offered() -> None:
    shape = CallShape(uncached_tokens=1)
    assert quote(ROW, shape, at=AT).recommendable
    assert quote(replace(ROW, offered=True), shape, at=AT).recommendable
    missing = quote(replace(ROW, offered=False, offered_on=date(2026, 11, 20)), shape, at=AT)
    assert not missing.recommendable
    assert any("own list of 2026-11-20" in note for note in missing.notes)
    assert not quote(replace(ROW, retired_on=date(2026, 1, 1)), shape, at=AT).recommendable
    assert not unknown_quote("x", "y", at=AT, note="why").recommendable


def test_that_a_discount_takes_the_same_share_of_every_rate() -> None:
    whole = Rates(
        input=Rate(2.0),
        output=Rate(10.0),
        cached=Rate(0.5),
        cache_write=Rate(3.0),
        cache_write_1h=Rate(4.0),
        per_call_usd=0.02,
    )
    half = whole.times(0.5)
    assert half == Rates(
        input=Rate(1.0),
        output=Rate(5.0),
        cached=Rate(0.25),
        cache_write=Rate(1.5),
        cache_write_1h=Rate(2.0),
        per_call_usd=0.01,
    )
    assert Rates(input=Rate(2.0)).times(0.5) == Rates(input=Rate(1.0))
