"""A price row made ready for many calls says what a quote says, and never more."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import PriceRow, Rate, Rates, noon_utc, quote
from landfall.core.pricing.row_pricer import row_pricer

AT = noon_utc(date(2026, 11, 25))
RATES = Rates(
    input=Rate(3.0, ((200_000, 6.0),)),
    cached=Rate(0.3, ((200_000, 0.6),)),
    cache_write=Rate(3.75, ((200_000, 7.5),)),
    cache_write_1h=Rate(6.0, ((200_000, 12.0),)),
    output=Rate(15.0, ((200_000, 22.5), (400_000, 30.0))),
    per_call_usd=0.001,
)
ROW = PriceRow(
    provider="p",
    model="m",
    rates=RATES,
    batch=RATES.times(0.5),
    services=(("priority", RATES.times(2)),),
    source="table",
    as_of=date(2026, 11, 9),
)
tokens = st.integers(0, 500_000)


shapes = st.builds(
    CallShape,
    uncached_tokens=tokens,
    cached_tokens=tokens,
    cache_write_tokens=tokens,
    cache_write_1h_tokens=tokens,
    output_tokens=tokens,
    batch=st.booleans(),
    service=st.sampled_from(["", "priority"]),
)


@given(shapes)
def test_that_it_prices_a_call_as_a_quote_does(shape: CallShape) -> None:
    pricer = row_pricer(ROW, batch=shape.batch, service=shape.service)
    usd = pricer.usd(
        shape.uncached_tokens,
        shape.cached_tokens,
        shape.cache_write_tokens,
        shape.cache_write_1h_tokens,
        shape.output_tokens,
    )
    assert usd is not None
    quoted = quote(ROW, shape, at=AT).usd
    assert quoted is not None
    assert math.isclose(usd, quoted, rel_tol=1e-9, abs_tol=1e-9)


def test_that_a_month_of_short_calls_pays_the_short_price() -> None:
    pricer = row_pricer(replace(ROW, rates=replace(RATES, per_call_usd=0.0)))
    assert pricer.usd(1_000_000, output=100_000, requests=100) == pytest.approx(4.5)
    assert pricer.usd(1_000_000, output=100_000, requests=1) == pytest.approx(9.0)
    assert pricer.usd(1_000_000, output=100_000, requests=None) == pytest.approx(4.5)


def test_that_every_tier_of_its_own_threshold_holds() -> None:
    pricer = row_pricer(ROW)
    assert [band[0] for band in pricer.bands] == [400_000, 200_000, -1]
    assert pricer.usd(400_001, output=1) == pytest.approx((400_001 * 6 + 30) / 1e6 + 0.001)
    assert pricer.usd(400_000, output=1) == pytest.approx((400_000 * 6 + 22.5) / 1e6 + 0.001)


def test_that_what_has_no_price_is_unknown_and_what_has_no_tokens_is_nothing() -> None:
    embedding = row_pricer(replace(ROW, rates=Rates(input=Rate(0.1))))
    assert embedding.usd(1000) == pytest.approx(0.0001)
    assert embedding.usd(1000, output=1) is None
    answer = row_pricer(replace(ROW, rates=Rates(input=None, output=Rate(1.0))))
    assert answer.usd(1) is None
    assert answer.usd(0, cached=1) is None
    assert answer.usd(0, output=1_000_000) == pytest.approx(1.0)


def test_that_cache_without_a_price_costs_what_its_next_of_kin_costs() -> None:
    plain = row_pricer(replace(ROW, rates=Rates(input=Rate(2.0), cache_write=Rate(2.5))))
    assert plain.usd(0, 1_000_000) == pytest.approx(2.0)
    assert plain.usd(0, 0, 1_000_000) == pytest.approx(2.5)
    assert plain.usd(0, 0, 0, 1_000_000) == pytest.approx(2.5)


def test_that_a_charge_by_the_call_counts_with_the_calls() -> None:
    assert row_pricer(ROW).usd(0, requests=7) == pytest.approx(0.007)
    assert row_pricer(ROW).usd(0, requests=None) == 0


def test_that_another_kind_of_call_without_a_price_is_said() -> None:
    bare = replace(ROW, batch=None, services=())
    assert "batch" in row_pricer(bare, batch=True).notes[0]
    assert "'flex'" in row_pricer(bare, service="Flex").notes[0]
    assert row_pricer(bare, service="default").notes == ()
    assert "'priority'" in row_pricer(ROW, service="priority").notes[0]
