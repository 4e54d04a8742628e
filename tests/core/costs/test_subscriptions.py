"""What a flat plan costs at a volume, which one holds it, and what nobody publishes."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.costs.cost import DAYS_PER_MONTH
from landfall.core.costs.subscriptions import (
    Counted,
    Fit,
    Limit,
    Plan,
    Volume,
    choose,
    limit_words,
    month,
)
from landfall.core.errors import BadInput

CREDITS = Plan(
    id="credits",
    seller="s",
    name="Credits",
    usd_month=20,
    limits=(Limit(counted=Counted.CREDITS, amount=20),),
    overage_usd=1.0,
    source="test",
    as_of=date(2026, 11, 1),
)
WINDOW = replace(
    CREDITS,
    id="window",
    limits=(Limit(counted=Counted.MESSAGES, amount=45, window_hours=5),),
    overage_usd=None,
)
BIG = replace(
    WINDOW,
    id="big",
    usd_month=200,
    limits=(Limit(counted=Counted.MESSAGES, amount=900, window_hours=5),),
)
VOLUME = Volume(calls_per_day=40, tokens_per_call=2500, usd_per_call=0.01)


def test_that_a_volume_inside_the_limit_costs_the_flat_price() -> None:
    found = month(WINDOW, VOLUME)
    assert (found.fit, found.usd, found.seats) == (Fit.YES, 20, 1)
    # 5 of 8 hours of 40 calls are 25 of 45 messages.
    assert found.used_share == pytest.approx(25 / 45)
    assert found.why == "56 % of 45 messages in 5 hours"


def test_that_a_hard_limit_ends_it() -> None:
    found = month(WINDOW, replace(VOLUME, calls_per_day=80))
    assert (found.fit, found.usd) == (Fit.NO, None)
    assert found.why.startswith("111 % of 45 messages")


def test_that_what_is_over_costs_its_price() -> None:
    busy = replace(VOLUME, calls_per_day=100)
    found = month(CREDITS, busy)
    api = busy.api_usd_month
    assert api == pytest.approx(0.01 * 100 * DAYS_PER_MONTH)
    assert found.fit is Fit.OVER
    assert found.overage_usd == pytest.approx(api - 20)
    assert found.usd == pytest.approx(api)


def test_that_tokens_over_are_priced_by_the_million() -> None:
    tokens = replace(
        CREDITS, limits=(Limit(counted=Counted.TOKENS, amount=1_000_000),), overage_usd=3.0
    )
    busy = replace(VOLUME, calls_per_day=100)
    used = 100 * 2500 * DAYS_PER_MONTH
    assert month(tokens, busy).overage_usd == pytest.approx((used - 1e6) / 1e6 * 3)


def test_that_what_is_over_in_short_windows_counts_in_all_windows_of_a_month() -> None:
    priced = replace(WINDOW, overage_usd=0.1)
    found = month(priced, replace(VOLUME, calls_per_day=160))
    # 100 calls in each of 1.6 windows a day, 45 of them included.
    assert found.overage_usd == pytest.approx(55 * 0.1 * 1.6 * DAYS_PER_MONTH)


def test_that_a_second_limit_that_is_passed_ends_a_plan_whose_first_has_a_price() -> None:
    both = replace(CREDITS, limits=(*CREDITS.limits, *WINDOW.limits))
    assert month(both, replace(VOLUME, calls_per_day=71)).fit is Fit.OVER
    assert month(both, replace(VOLUME, calls_per_day=80)).fit is Fit.NO


def test_that_every_user_needs_a_seat_and_a_team_has_a_least_and_a_most() -> None:
    team = replace(WINDOW, seats_min=5, seats_max=6)
    assert month(team, VOLUME).usd == 100
    assert month(team, replace(VOLUME, users=6)).usd == 120
    crowd = month(team, replace(VOLUME, users=7))
    assert (crowd.fit, crowd.usd) == (Fit.NO, None)
    assert "6 seats" in crowd.why
    # Limits are those of a seat: five hold five times as much.
    assert month(team, replace(VOLUME, calls_per_day=300)).fit is Fit.YES


def test_that_limits_that_nobody_publishes_are_unknown_and_never_fit() -> None:
    silent = replace(WINDOW, limits=(), all_published=False)
    found = month(silent, VOLUME)
    assert (found.fit, found.usd, found.used_share) == (Fit.UNKNOWN, 20, None)
    assert found.why == "its limits are not published"
    partly = month(replace(WINDOW, all_published=False), VOLUME)
    assert partly.fit is Fit.UNKNOWN
    assert partly.why.endswith("its other limits are not published")
    over = month(replace(CREDITS, all_published=False), replace(VOLUME, calls_per_day=100))
    assert over.fit is Fit.UNKNOWN
    assert choose([silent], VOLUME).best is None
    assert month(replace(silent, all_published=True), VOLUME).fit is Fit.YES


def test_that_credits_without_a_price_by_the_token_are_unknown() -> None:
    found = month(CREDITS, replace(VOLUME, usd_per_call=None))
    assert (found.fit, found.usd) == (Fit.UNKNOWN, 20)
    assert "by the token is not known" in found.why


def test_that_a_limit_of_nothing_holds_nothing() -> None:
    none = replace(WINDOW, limits=(Limit(counted=Counted.MESSAGES, amount=0),))
    assert month(none, VOLUME).fit is Fit.NO
    assert month(none, replace(VOLUME, calls_per_day=0)).fit is Fit.YES


def test_that_a_profile_of_the_day_says_how_much_the_busiest_hours_carry() -> None:
    even = replace(VOLUME, hourly_calls=(1.0,) * 24)
    assert even.calls_in(5) == pytest.approx(40 * 5 / 24)
    night = replace(VOLUME, hourly_calls=(3.0, *(0.0,) * 22, 3.0))
    assert night.calls_in(2) == pytest.approx(40)
    assert night.calls_in(1) == pytest.approx(20)
    assert VOLUME.calls_in(24) == 40
    assert VOLUME.calls_in(168) == pytest.approx(280)


def test_that_the_cheapest_that_holds_is_chosen_and_held_against_the_bill_by_the_token() -> None:
    found = choose([BIG, WINDOW, CREDITS], VOLUME)
    assert found.best is not None
    assert (found.best.plan.id, found.best.usd) == ("credits", 20)
    assert found.api_usd_month == pytest.approx(12.175)
    assert found.saving_usd_month == pytest.approx(12.175 - 20)
    assert [one.plan.id for one in found.months] == ["credits", "window", "big"]
    busy = choose([BIG, WINDOW, CREDITS], replace(VOLUME, calls_per_day=1000))
    assert busy.best is not None
    assert busy.best.plan.id == "big"
    assert busy.saving_usd_month == pytest.approx(304.375 - 200)
    assert [one.fit for one in busy.months][-1] is Fit.NO


def test_that_nothing_is_saved_where_a_price_is_missing() -> None:
    found = choose([WINDOW], replace(VOLUME, usd_per_call=None))
    assert (found.api_usd_month, found.saving_usd_month) == (None, None)


def test_that_programs_are_offered_no_plan_that_is_for_apps_alone() -> None:
    assert choose([WINDOW], VOLUME, interface=True).months == ()
    open_ = replace(WINDOW, interface=True)
    assert choose([open_, BIG], VOLUME, interface=True).best is not None


@given(st.floats(0, 5000), st.floats(0, 5000))
def test_that_more_calls_never_cost_less(one: float, other: float) -> None:
    few, many = sorted((one, other))
    for plan in (CREDITS, WINDOW, BIG):
        first = month(plan, replace(VOLUME, calls_per_day=few))
        second = month(plan, replace(VOLUME, calls_per_day=many))
        assert (first.usd or 0) <= (math.inf if second.usd is None else second.usd) + 1e-9


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(counted=Counted.MESSAGES, amount=225, window_hours=5), "225 messages in 5 hours"),
        (Limit(counted=Counted.TOKENS, amount=18e6), "18,000,000 tokens a month"),
        (Limit(counted=Counted.CREDITS, amount=70), "70 USD of usage a month"),
        (Limit(counted=Counted.MESSAGES, amount=7, window_hours=168), "7 messages a week"),
        (Limit(counted=Counted.MESSAGES, amount=7, window_hours=24), "7 messages a day"),
    ],
)
def test_that_a_limit_is_said_in_words(limit: Limit, words: str) -> None:
    assert limit_words(limit) == words


def test_that_nonsense_is_refused() -> None:
    for bad in (-1.0, math.nan, math.inf):
        with pytest.raises(BadInput):
            Limit(counted=Counted.MESSAGES, amount=bad)
        with pytest.raises(BadInput):
            replace(VOLUME, calls_per_day=bad)
    with pytest.raises(BadInput):
        Limit(counted=Counted.MESSAGES, amount=1, window_hours=0)
    with pytest.raises(BadInput):
        replace(VOLUME, users=0)
    with pytest.raises(BadInput):
        replace(VOLUME, hourly_calls=(1.0,))
