"""Prices at their edges: tiers, lines to the last decimal, defaults and what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import (
    Part,
    PriceRow,
    Quote,
    Rate,
    Rates,
    call_parts,
    noon_utc,
    parse_moment,
    quote,
    rates_of,
    unknown_quote,
)
from landfall.core.pricing.row_pricer import row_pricer

AT = noon_utc(date(2026, 11, 25))
RATES = Rates(input=Rate(2.0), output=Rate(8.0))
ROW = PriceRow(provider="p", model="m", rates=RATES, source="table", as_of=date(2026, 11, 1))


def test_that_a_call_says_nothing_but_its_prompt() -> None:
    bare = CallShape(uncached_tokens=5)
    assert (bare.cached_tokens, bare.cache_write_tokens, bare.cache_write_1h_tokens) == (0, 0, 0)
    assert (bare.output_tokens, bare.batch, bare.service) == (0, False, "")
    assert (bare.input_tokens, bare.total_tokens) == (5, 5)
    full = CallShape(
        uncached_tokens=1,
        cached_tokens=20,
        cache_write_tokens=300,
        cache_write_1h_tokens=4000,
        output_tokens=50_000,
        service="flex",
    )
    assert (full.input_tokens, full.total_tokens) == (4321, 54_321)
    assert full.scaled(1.0) is full
    twice = full.scaled(2.0)
    assert (twice.input_tokens, twice.output_tokens, twice.service) == (8642, 100_000, "flex")
    assert twice.cache_write_1h_tokens == 8000


@pytest.mark.parametrize(
    "name",
    ["uncached_tokens", "cached_tokens", "cache_write_tokens", "output_tokens"],
)
def test_that_a_call_has_a_million_million_tokens_at_most(name: str) -> None:
    good = {"uncached_tokens": 0.0} | {name: 1e12}
    assert getattr(CallShape(**good), name) == 1e12
    for bad in (1e12 + 1, -1.0):
        with pytest.raises(BadInput) as caught:
            CallShape(**(good | {name: bad}))
        assert caught.value.field == name


def test_that_a_tier_begins_above_its_threshold_and_a_discount_takes_it_along() -> None:
    rate = Rate(3.0, ((100, 5.0), (200, 7.0)))
    assert [rate.at(tokens) for tokens in (0, 100, 101, 200, 201)] == [3, 3, 5, 5, 7]
    assert rate.times(0.5) == Rate(1.5, ((100, 2.5), (200, 3.5)))
    assert Rate(1.0).tiers == ()


def test_that_a_row_and_its_rates_say_nothing_but_the_usual() -> None:
    assert (RATES.cached, RATES.cache_write, RATES.cache_write_1h) == (None, None, None)
    assert (RATES.per_call_usd, RATES.one_hour_write) == (0.0, RATES.input)
    write, hour = Rate(3.0), Rate(4.0)
    assert replace(RATES, cache_write=write).one_hour_write is write
    assert replace(RATES, cache_write=write, cache_write_1h=hour).one_hour_write is hour
    assert (ROW.batch, ROW.batch_note, ROW.services, ROW.notes) == (None, "", (), ())
    assert (ROW.context_tokens, ROW.retired_on, ROW.offered_on) == (None, None, None)
    assert (ROW.deprecated, ROW.offered, ROW.mean_factor) == (False, None, 1.0)
    assert Rates(input=None).output is None


def test_that_a_bill_has_a_line_for_each_kind_of_token() -> None:
    rates = replace(
        RATES,
        cached=Rate(0.5),
        cache_write=Rate(3.0),
        cache_write_1h=Rate(4.0),
        per_call_usd=0.25,
    )
    shape = CallShape(
        uncached_tokens=1,
        cached_tokens=2,
        cache_write_tokens=3,
        cache_write_1h_tokens=4,
        output_tokens=5,
    )
    parts, notes = call_parts(replace(ROW, rates=rates), shape)
    assert parts == (
        Part("input", 1, 2.0, 2e-6),
        Part("cached_input", 2, 0.5, 1e-6),
        Part("cache_write", 3, 3.0, 9e-6),
        Part("cache_write_1h", 4, 4.0, 16e-6),
        Part("output", 5, 8.0, 40e-6),
        Part("call", 0, None, 0.25),
    )
    assert notes == ()
    # Twelve decimals: a thousandth of a token at a thousandth of a cent a million.
    tiny = replace(ROW, rates=Rates(input=Rate(0.000_001_4), output=Rate(0.0)))
    assert call_parts(tiny, CallShape(uncached_tokens=1))[0][0].usd == 1e-12
    assert call_parts(tiny, CallShape(uncached_tokens=2))[0][0].usd == 3e-12
    assert quote(tiny, CallShape(uncached_tokens=2), at=AT).usd == 3e-12


def test_that_notes_are_told_for_the_least_that_lacks_a_price() -> None:
    def notes(row: PriceRow = ROW, **tokens: float) -> int:
        shape = CallShape(**({"uncached_tokens": 0.0} | tokens))
        return len(call_parts(row, shape)[1])

    assert notes(cached_tokens=0.5) == 1
    assert notes(cache_write_1h_tokens=0.5) == 1
    assert notes(uncached_tokens=5.0, output_tokens=5.0) == 0
    short = replace(ROW, context_tokens=100)
    assert (notes(short, uncached_tokens=100.0), notes(short, uncached_tokens=100.5)) == (0, 1)
    bare = replace(ROW, rates=Rates(input=None))
    assert call_parts(bare, CallShape(uncached_tokens=0))[0] == ()
    missing = call_parts(bare, CallShape(uncached_tokens=0.5, output_tokens=0.5))
    assert missing == ((), ("No price per input and output token is listed for this model.",))
    embeds = replace(ROW, rates=Rates(input=Rate(1.0)))
    assert [one.what for one in call_parts(embeds, CallShape(uncached_tokens=1))[0]] == ["input"]


def test_that_what_is_asked_for_stands_above_what_the_shape_says() -> None:
    both = replace(ROW, batch=RATES.times(0.5))
    shape = CallShape(uncached_tokens=1_000_000, batch=True)
    assert call_parts(both, shape)[0][0].usd == 1.0
    assert call_parts(both, shape, batch=False)[0][0].usd == 2.0
    assert call_parts(both, replace(shape, batch=False), batch=True)[0][0].usd == 1.0


@pytest.mark.parametrize(
    "service", ["", "auto", " Default ", "standard", "on_demand", "none", "null"]
)
def test_that_the_ordinary_service_has_many_names(service: str) -> None:
    assert rates_of(ROW, batch=False, service=service) == (RATES, ())


def test_that_a_service_has_its_own_price_but_a_batch_goes_first() -> None:
    fast, slow = RATES.times(2), RATES.times(0.5)
    row = replace(ROW, services=(("priority", fast),), batch=slow)
    found, notes = rates_of(row, batch=False, service=" Priority ")
    assert (found, len(notes)) == (fast, 1)
    other, said = rates_of(row, batch=False, service="flex")
    assert (other, len(said)) == (RATES, 1)
    assert rates_of(row, batch=True, service="priority") == (slow, ())
    assert rates_of(replace(row, batch_note="half"), batch=True, service="")[1] == ("half",)
    assert rates_of(ROW, batch=True, service="")[0] is RATES


def test_that_a_quote_has_every_field_of_its_row() -> None:
    shape = CallShape(uncached_tokens=500_000, output_tokens=250_000)
    row = replace(ROW, notes=("own",))
    assert quote(row, shape, at=AT) == Quote(
        provider="p",
        model="m",
        at=AT,
        usd=3.0,
        parts=(Part("input", 500_000, 2.0, 1.0), Part("output", 250_000, 8.0, 2.0)),
        source="table",
        as_of=date(2026, 11, 1),
        age_days=24,
        stale=False,
        retired=False,
        notes=("own",),
        row=row,
    )
    typed = quote(replace(ROW, as_of=None), shape, at=AT)
    assert (typed.age_days, typed.stale) == (None, False)
    assert quote(ROW, shape, at=AT, stale_days=24).stale is False
    assert quote(ROW, shape, at=AT, stale_days=23).stale is True
    young = quote(replace(ROW, as_of=date(2026, 12, 1)), shape, at=AT)
    assert young.age_days == 0


def test_that_a_free_call_is_one_whose_lines_cost_nothing() -> None:
    free = replace(ROW, rates=Rates(input=Rate(0.0), output=Rate(0.0)))
    nothing = CallShape(uncached_tokens=0)
    assert "Listed at no charge." in quote(free, nothing, at=AT).notes
    assert quote(ROW, nothing, at=AT).notes == ()
    by_call = replace(free, rates=replace(free.rates, per_call_usd=0.5))
    assert quote(by_call, nothing, at=AT).notes == ()
    unpriced = replace(ROW, rates=Rates(input=None))
    assert "Listed at no charge." not in quote(unpriced, nothing, at=AT).notes


def test_that_what_is_not_served_is_said_once() -> None:
    shape = CallShape(uncached_tokens=1)
    away = replace(ROW, offered=False, offered_on=date(2026, 11, 20))
    assert len(quote(away, shape, at=AT).notes) == 1
    gone = replace(away, retired_on=date(2026, 11, 25))
    found = quote(gone, shape, at=AT)
    assert (found.retired, len(found.notes), found.recommendable) == (True, 1, False)
    later = quote(replace(gone, retired_on=date(2026, 11, 26)), shape, at=AT)
    assert (later.retired, len(later.notes), later.recommendable) == (False, 2, False)
    kept = quote(replace(ROW, retired_on=date(2026, 11, 26)), shape, at=AT)
    assert kept.recommendable


def test_that_an_unknown_quote_has_nothing_but_its_reason() -> None:
    assert unknown_quote("p", "m", at=AT, note="why") == Quote(
        provider="p",
        model="m",
        at=AT,
        usd=None,
        parts=(),
        source=None,
        as_of=None,
        age_days=None,
        stale=False,
        retired=False,
        notes=("why",),
        row=None,
        suggestions=(),
        provider_known=True,
    )
    told = unknown_quote("p", "m", at=AT, note="", suggestions=("n",), provider_known=False)
    assert (told.suggestions, told.provider_known) == (("n",), False)


def test_that_a_moment_is_a_day_of_ten_signs_or_a_time() -> None:
    assert parse_moment("2026-11-25") == AT
    assert parse_moment("20261125") == datetime(2026, 11, 25, tzinfo=UTC)
    with pytest.raises(BadInput) as caught:
        parse_moment("x")
    assert caught.value.field == "at"


# ---------------------------------------------------------------- many calls by one row


def test_that_a_row_made_ready_prices_a_prompt_alone_by_default() -> None:
    pricer = row_pricer(replace(ROW, rates=replace(RATES, per_call_usd=0.5)))
    assert pricer.usd(1_000_000) == 2.5
    assert pricer.usd(1_000_000, requests=3) == 3.5
    assert pricer.usd(1_000_000, requests=None) == pricer.usd(1_000_000, requests=0) == 2.0
    assert pricer.usd(0, output=1_000_000) == 8.5
    assert (pricer.row.model, pricer.notes, pricer.per_call_usd) == ("m", (), 0.5)
    assert (pricer.input_listed, pricer.output_listed) == (True, True)
    assert len(pricer.bands) == 1


def test_that_a_band_holds_for_calls_longer_than_its_threshold() -> None:
    tiered = replace(ROW, rates=Rates(input=Rate(2.0, ((100, 4.0),)), output=Rate(8.0)))
    pricer = row_pricer(tiered)
    assert [band[0] for band in pricer.bands] == [100, -1]
    assert pricer.usd(100) == pytest.approx(200e-6)
    assert pricer.usd(101) == pytest.approx(404e-6)
    # The mean of the calls decides, whatever kinds of tokens they are made of.
    assert pricer.usd(1000, requests=10) == pytest.approx(2000e-6)
    assert pricer.usd(1001, requests=10) == pytest.approx(4004e-6)
    assert pricer.usd(51, 50, requests=1) == pytest.approx(404e-6)
    assert pricer.usd(0, 0, 51, 50) == pytest.approx(404e-6)
    assert pricer.usd(1000, requests=0) == pytest.approx(2000e-6)
    assert pricer.usd(0, requests=1) == 0


def test_that_each_kind_of_token_has_its_place_in_a_band() -> None:
    rates = Rates(
        input=Rate(1.0),
        cached=Rate(2.0),
        cache_write=Rate(3.0),
        cache_write_1h=Rate(4.0),
        output=Rate(5.0),
    )
    pricer = row_pricer(replace(ROW, rates=rates))
    assert pricer.bands == ((-1.0, 1e-6, 2e-6, 3e-6, 4e-6, 5e-6),)
    assert pricer.usd(1e6, 1e6, 1e6, 1e6, 1e6) == 15
    bare = row_pricer(replace(ROW, rates=Rates(input=None)))
    assert bare.bands == ((-1.0, 0, 0, 0, 0, 0),)
    assert (bare.input_listed, bare.output_listed) == (False, False)
    assert (bare.usd(0), bare.usd(0.5), bare.usd(0, output=0.5)) == (0, None, None)
    assert bare.usd(0, 0.5) is bare.usd(0, 0, 0.5) is bare.usd(0, 0, 0, 0.5) is None
