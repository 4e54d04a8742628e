"""Costs at their edges: never and at once, the first and the last month, windows and whole days."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from landfall.core.costs import payback
from landfall.core.costs.currency import Currency
from landfall.core.costs.energy_cost import HourPart, cost_by_hour, hours_of, keep_loaded_per_day
from landfall.core.costs.horizon import (
    Horizon,
    Point,
    against,
    as_json,
    growth_factors,
    mean_growth,
    rent_or_buy,
)
from landfall.core.costs.subscriptions import (
    Counted,
    Fit,
    Limit,
    Plan,
    PlanMonth,
    Volume,
    choose,
    limit_words,
    month,
)
from landfall.core.costs.tariff import Tariff, TariffWindow, overlapping
from landfall.core.energy.idle import IdleDraw, SourceDraw
from landfall.core.energy.power import Scope
from landfall.core.errors import BadInput
from landfall.core.provenance import Estimated, Unknown, band, middle
from landfall.core.workload.privacy import Option
from tests.core.costs.test_energy_cost import BERLIN
from tests.core.costs.test_horizon import BILL, OUTLAY, at, sure

# ---------------------------------------------------------------- payback


def test_that_a_purchase_is_paid_by_what_it_saves_at_once_or_never() -> None:
    def months(price: float, bill: float, own: float) -> float:
        return payback.payback_months(price, cloud_usd_month=bill, opex_usd_month=own)

    assert months(100, 30, 10) == 5
    assert months(100, 10, 10) == math.inf
    assert months(0, 10, 10) == months(-5, 11, 10) == 0
    assert months(0, 9, 10) == math.inf
    assert months(0.5, 10, 9.5) == 1


def test_that_a_volume_breaks_even_at_once_or_never() -> None:
    def tokens(fixed: float, cloud: float, own: float) -> float:
        return payback.breakeven_tokens_day(
            fixed, cloud_usd_per_mtok=cloud, local_usd_per_mtok=own, days=30
        )

    assert tokens(30, 3, 1) == 500_000
    assert tokens(30, 1, 1) == math.inf
    assert tokens(0, 1, 1) == 0
    assert tokens(0, 1, 2) == math.inf
    mean = payback.breakeven_tokens_day(30.4375, cloud_usd_per_mtok=3, local_usd_per_mtok=1)
    assert mean == 500_000
    day = payback.capacity_tokens_day(tokens_per_call=5, seconds_per_call=10)
    assert day == 43_200
    part = payback.capacity_tokens_day(tokens_per_call=5, seconds_per_call=10, hours_per_day=6)
    assert part == 10_800


def test_that_hours_of_rent_pay_a_machine_at_once_or_never() -> None:
    def hours(fixed: float, hour: float, **more: float) -> float:
        return payback.rent_or_buy_hours(
            fixed, rent_usd_per_hour=hour, active_kilowatts=0.5, usd_per_kwh=0.4, **more
        )

    assert hours(100, 2.2) == 50
    assert hours(100, 2.2, rent_ops_usd_month=20) == pytest.approx(40)
    assert hours(100, 0.2) == math.inf
    assert hours(100, 0.1) == math.inf
    assert hours(20, 0.2, rent_ops_usd_month=20) == 0
    assert hours(20, 0.1, rent_ops_usd_month=20) == math.inf


@pytest.mark.parametrize("volume", [(), (1.0, 2.0, 0.5)])
def test_that_a_present_value_is_every_month_by_itself(volume: tuple[float, ...]) -> None:
    found = payback.npv_of_buying(
        price_usd=1000,
        residual_share=0.2,
        months=3,
        cloud_usd_month=400,
        opex_usd_month=50,
        yearly_rate=1.01**12 - 1,
        yearly_decline=1 - 0.9**12,
        volume=volume,
    )
    sizes = volume or (1.0, 1.0, 1.0)
    worth = -1000 + 200 / 1.01**3
    for k, size in enumerate(sizes, 1):
        worth += (400 * size * 0.9**k - 50) / 1.01**k
    assert found == pytest.approx(worth)
    plain = payback.npv_of_buying(
        price_usd=1000, residual_share=0.2, months=3, cloud_usd_month=400, opex_usd_month=50
    )
    assert plain == pytest.approx(3 * 350 + 200 - 1000)


def ending(price: float, bill: float, left: float = 0.0, months: int = 12) -> float | None:
    return payback.decline_that_ends_it(
        price_usd=price,
        residual_share=left,
        months=months,
        cloud_usd_month=bill,
        opex_usd_month=0.0,
    )


def test_that_a_decline_ends_it_where_the_present_value_is_nothing() -> None:
    assert ending(120, 10) == pytest.approx(0, abs=1e-9)
    assert ending(120.01, 10) is None
    assert ending(100, 10, left=1.0) == pytest.approx(1)
    assert ending(100, 10, left=1.01) is None
    # One month: a bill of 10 falls to 5, of which 5 is the price, at 1 - 0.5^12.
    assert ending(5, 10, months=1) == pytest.approx(1 - 0.5**12)


def walked(price: float, bill: float, **more: object) -> float:
    return payback.breakeven_month(
        price_usd=price,
        cloud_usd_month=bill,
        opex_usd_month=0.0,
        **more,  # type: ignore[arg-type]
    )


def test_that_the_month_that_pays_it_is_found_on_the_way() -> None:
    assert walked(25, 10) == 2.5
    assert walked(30, 10) == 3
    assert walked(25, 10, residual_usd=5) == 2
    assert walked(5, 10, residual_usd=5) == walked(0, 10) == 0
    assert walked(5, 0) == math.inf
    # Bills of 10, 5 and 2.5: 16 is paid in the third.
    assert walked(16, 10, yearly_decline=1 - 0.5**12) == pytest.approx(2.4)
    # A hundred years are looked at.
    assert walked(1200, 1) == 1200
    assert walked(1200.5, 1) == math.inf
    assert walked(3, 1, horizon_months=3) == 3
    assert walked(4, 1, horizon_months=3) == math.inf


def test_that_a_volume_that_has_yet_to_come_is_waited_for() -> None:
    assert walked(100, 10, volume=(0.0, 0.0, 5.0)) == 4
    assert walked(100, 10, volume=(0.0, 5.0)) == 3
    assert walked(100, 10, volume=(5.0, 4.0, 0.0)) == math.inf
    assert walked(100, 10, volume=(5.0, 5.0, 0.0)) == 2
    assert walked(5, 10, volume=(0.5,)) == 1


# ---------------------------------------------------------------- a purchase over its life


def test_that_growth_is_counted_for_twelve_months_at_most_tenfold() -> None:
    assert growth_factors(1.0, 5) == (1, 2, 4, 8, 10)
    slow = growth_factors(0.1, 14)
    assert slow[11] == slow[12] == slow[13] == pytest.approx(1.1**11)
    assert slow[10] == pytest.approx(1.1**10)
    assert growth_factors(-0.5, 14)[13] == 0.5**13
    assert mean_growth(1.0, 0.4) == 1
    assert mean_growth(1.0, 2.4) == 1.5


def test_that_a_life_is_a_month_at_least() -> None:
    brief = replace(OUTLAY, months=sure(0.4), growth_per_month=1.0, yearly_decline=sure(0.0))
    found = against(brief, Option.HOSTED_OPEN, sure(5000.0))
    worth = payback.npv_of_buying(
        price_usd=3800,
        residual_share=0.25,
        months=1,
        cloud_usd_month=5000,
        opex_usd_month=270,
        yearly_rate=0.08,
    )
    assert middle(found.npv_usd) == pytest.approx(worth)
    ends = payback.decline_that_ends_it(
        price_usd=3800,
        residual_share=0.25,
        months=1,
        cloud_usd_month=5000,
        opex_usd_month=270,
        yearly_rate=0.08,
    )
    assert middle(found.decline_that_ends_it) == ends
    # A volume of one month stands still: 3800 of 4730.
    assert at(found.payback_months_falling) == pytest.approx(3800 / 4730)
    two = against(replace(brief, months=sure(2.0)), Option.HOSTED_OPEN, sure(2000.0))
    # 1730 in the first month, and 3730 of twice the volume: 2070 of them are needed.
    assert at(two.payback_months_falling) == pytest.approx(1 + 2070 / 3730)


def test_that_rent_does_not_fall_and_has_no_volume() -> None:
    rent = against(OUTLAY, Option.RENT_GPU, BILL)
    even = against(replace(OUTLAY, yearly_decline=sure(0.0)), Option.HOSTED_OPEN, BILL)
    assert rent.npv_usd == even.npv_usd or middle(rent.npv_usd) == middle(even.npv_usd)
    assert isinstance(rent.breakeven_calls_per_day.at, Unknown)
    assert rent.within_reach is None
    assert rent.bill_usd_month == BILL


def test_that_a_machine_reaches_just_what_it_serves() -> None:
    # A call costs 450 / (20,000 x 30.4375) there and 0.00004 here.
    found = against(OUTLAY, Option.HOSTED_OPEN, BILL)
    needed = at(found.breakeven_calls_per_day)
    each = 450 / (20_000 * 30.4375) - 0.00004
    assert needed == pytest.approx(330 / 30.4375 / each)
    for most, reaches in ((needed, True), (needed * 0.999, False)):
        served = replace(OUTLAY, most_calls_per_day=sure(most))
        assert against(served, Option.HOSTED_OPEN, BILL).within_reach is reaches


def test_that_a_figure_that_may_be_never_says_so_and_is_told_by_its_middle() -> None:
    shaky = replace(OUTLAY, opex_usd_month=Estimated(250, 270, 470, ""))
    found = against(shaky, Option.HOSTED_OPEN, BILL).payback_months
    assert not found.never
    assert at(found) == pytest.approx(3800 / 180)
    assert "never at a worse end" in str(found.at)
    firm = replace(OUTLAY, opex_usd_month=Estimated(250, 270, 440, ""))
    sure_one = against(firm, Option.HOSTED_OPEN, BILL).payback_months
    assert "never at a worse end" not in str(sure_one.at)
    assert (band(sure_one.at) or ())[2] == pytest.approx(3800 / 10)
    hopeless = replace(OUTLAY, opex_usd_month=Estimated(100, 460, 470, ""))
    assert against(hopeless, Option.HOSTED_OPEN, BILL).payback_months.never


def bought(hour: float, *, fixed: float = 330.0) -> Point:
    return rent_or_buy(
        replace(OUTLAY, fixed_usd_month=sure(fixed)),
        usd_per_hour=sure(hour),
        rent_care_usd=sure(30.0),
        watts=sure(500.0),
        usd_per_kwh=sure(0.4),
    )


def test_that_buying_is_cheaper_from_some_hours_of_a_month_on() -> None:
    # 300 USD over what an hour costs more than half a kWh at 0.40.
    assert at(bought(1.2)) == pytest.approx(300)
    assert at(bought(1.2, fixed=30 + 730.4)) == pytest.approx(730.4)
    beyond = bought(1.2, fixed=30 + 730.6)
    assert beyond.never
    assert "731 busy hours" in str(beyond.at)
    assert bought(0.2).never


def test_that_the_document_of_a_purchase_has_every_figure() -> None:
    horizon = Horizon(
        outlay=OUTLAY,
        against=(against(OUTLAY, Option.HOSTED_OPEN, sure(20.0)),),
        rent_or_buy_hours=bought(1.2),
    )
    found = as_json(horizon)
    assert found["machine"] == "RTX 4090"
    assert (found["yearly_rate"], found["growth_per_month"]) == (0.08, 0.0)
    assert found["rent_or_buy_hours"]["never"] is False
    assert found["rent_or_buy_hours"]["reason"] == ""
    (one,) = found["against"]
    assert one["kind"] == Option.HOSTED_OPEN.value
    assert one["within_reach"] is False
    assert one["payback_months"]["never"] is True
    assert one["payback_months"]["reason"] == "never: it saves nothing"
    assert set(one) == {
        "kind",
        "bill_usd_month",
        "payback_months",
        "payback_months_falling_prices",
        "npv_usd",
        "decline_that_ends_it",
        "breakeven_calls_per_day",
        "within_reach",
    }


# ---------------------------------------------------------------- plans

VOLUME = Volume(calls_per_day=40, tokens_per_call=2500, usd_per_call=0.01)
PLAN = Plan(
    id="a",
    seller="s",
    name="A",
    usd_month=20,
    limits=(Limit(counted=Counted.MESSAGES, amount=45, window_hours=5),),
    source="test",
    as_of=date(2026, 11, 1),
)


def test_that_a_plan_says_nothing_but_the_usual() -> None:
    bare = Plan(id="a", seller="s", name="A", usd_month=20, source="", as_of=None)
    assert (bare.seats_min, bare.seats_max, bare.limits, bare.notes) == (1, None, (), ())
    assert (bare.all_published, bare.overage_usd, bare.interface) == (True, None, False)
    assert (VOLUME.users, VOLUME.hourly_calls) == (1, ())
    assert Limit(counted=Counted.TOKENS, amount=1).window_hours == 730.5
    made = PlanMonth(plan=bare, fit=Fit.YES, seats=1, usd=None)
    assert (made.overage_usd, made.used_share, made.why) == (0.0, None, "")
    assert VOLUME.api_usd_month == pytest.approx(40 * 0.01 * 30.4375)


def test_that_a_window_of_a_day_is_a_day_and_a_shorter_one_its_busiest_hours() -> None:
    assert VOLUME.calls_in(24) == 40
    assert VOLUME.calls_in(36) == 60
    # Without a profile the calls spread over eight hours.
    assert VOLUME.calls_in(4) == 20
    assert VOLUME.calls_in(8) == VOLUME.calls_in(23) == 40
    shares = replace(VOLUME, hourly_calls=(0.25, *(0.0,) * 22, 0.25))
    assert shares.calls_in(1) == shares.calls_in(0.5) == 20
    assert shares.calls_in(2) == shares.calls_in(1.5) == 40
    three = replace(VOLUME, hourly_calls=(1.0, 2.0, 3.0, 4.0, *(0.0,) * 20))
    assert three.calls_in(2) == 28
    assert three.calls_in(2.5) == 36
    assert replace(VOLUME, hourly_calls=(0.0,) * 24).calls_in(4) == 20


def test_that_a_limit_that_is_just_reached_holds() -> None:
    full = month(PLAN, replace(VOLUME, calls_per_day=72))
    assert (full.fit, full.used_share, full.usd) == (Fit.YES, 1.0, 20)
    assert month(PLAN, replace(VOLUME, calls_per_day=72.1)).fit is Fit.NO
    empty = replace(PLAN, limits=(Limit(counted=Counted.MESSAGES, amount=0),))
    assert month(empty, VOLUME).used_share == math.inf
    assert month(empty, replace(VOLUME, calls_per_day=0)).used_share == 0


def test_that_the_tightest_limit_decides_and_each_seat_has_its_own() -> None:
    day = Limit(counted=Counted.TOKENS, amount=200_000, window_hours=24)
    both = replace(PLAN, limits=(*PLAN.limits, day), seats_min=2)
    found = month(both, VOLUME)
    assert (found.seats, found.usd) == (2, 40)
    assert found.used_share == pytest.approx(25 / 90)
    assert month(replace(both, seats_min=1), VOLUME).used_share == pytest.approx(25 / 45)
    tokens = month(replace(both, limits=(day,)), VOLUME)
    assert tokens.used_share == pytest.approx(100_000 / 400_000)
    assert "200,000 tokens a day" in tokens.why


@pytest.mark.parametrize(
    ("window", "windows_a_month"),
    [(24, 30.4375), (168, 730.5 / 168), (730.5, 1.0), (12, 30.4375)],
)
def test_that_what_is_over_is_paid_in_every_window(window: float, windows_a_month: float) -> None:
    plan = replace(
        PLAN,
        limits=(Limit(counted=Counted.MESSAGES, amount=10, window_hours=window),),
        overage_usd=0.5,
    )
    calls = VOLUME.calls_in(window)
    found = month(plan, VOLUME)
    assert found.fit is Fit.OVER
    assert found.overage_usd == pytest.approx((calls - 10) * 0.5 * windows_a_month)
    assert found.usd == pytest.approx(20 + found.overage_usd)
    assert found.used_share == pytest.approx(calls / 10)


def test_that_every_seat_has_its_messages_before_more_are_paid() -> None:
    plan = replace(
        PLAN,
        limits=(Limit(counted=Counted.MESSAGES, amount=10, window_hours=24),),
        overage_usd=0.5,
        seats_min=3,
    )
    # 40 calls a day, 30 of them in three seats.
    found = month(plan, VOLUME)
    assert (found.seats, found.fit) == (3, Fit.OVER)
    assert found.overage_usd == pytest.approx(10 * 0.5 * 30.4375)
    assert found.usd == pytest.approx(60 + 10 * 0.5 * 30.4375)
    # Of two limits that are passed the tighter one is told.
    day = Limit(counted=Counted.MESSAGES, amount=4, window_hours=24)
    for limits in ((*plan.limits, day), (day, *plan.limits)):
        both = month(replace(plan, limits=limits, seats_min=1), VOLUME)
        assert (both.fit, both.used_share) == (Fit.NO, 10)


def test_that_nothing_is_cheaper_than_what_holds_it() -> None:
    free = replace(PLAN, id="free", usd_month=0, limits=())
    found = choose([PLAN, free], VOLUME)
    assert [one.plan.id for one in found.months] == ["free", "a"]
    assert found.best is not None
    assert (found.best.plan.id, found.saving_usd_month) == ("free", found.api_usd_month)
    same = choose([replace(PLAN, id="b"), PLAN], VOLUME)
    assert [one.plan.id for one in same.months] == ["a", "b"]
    hard = replace(
        PLAN, id="hard", usd_month=5, limits=(Limit(counted=Counted.MESSAGES, amount=1),)
    )
    silent = replace(PLAN, id="silent", usd_month=1, limits=(), all_published=False)
    assert [one.plan.id for one in choose([hard, silent, PLAN], VOLUME).months] == [
        "a",
        "silent",
        "hard",
    ]


def test_that_large_amounts_are_written_out() -> None:
    def words(amount: float) -> str:
        return limit_words(Limit(counted=Counted.TOKENS, amount=amount, window_hours=24))

    assert words(999_999) == "999,999 tokens a day"
    assert words(1e6) == "1,000,000 tokens a day"
    assert words(1_234_567) == "1,234,567 tokens a day"
    assert words(0.5) == "0.5 tokens a day"


# ---------------------------------------------------------------- electricity


def test_that_a_window_holds_from_its_first_hour_to_before_its_last() -> None:
    day = TariffWindow(from_hour=8, to_hour=10, price_per_kwh=1.0, weekdays=frozenset({0}))
    assert [hour for hour in range(24) if day.holds(0, hour)] == [8, 9]
    assert not any(day.holds(weekday, 8) for weekday in range(1, 7))
    night = replace(day, from_hour=22, to_hour=2)
    assert [hour for hour in range(24) if night.holds(0, hour)] == [22, 23]
    assert [hour for hour in range(24) if night.holds(1, hour)] == [0, 1]
    sunday = replace(night, weekdays=frozenset({6}))
    assert sunday.holds(0, 1)
    whole = TariffWindow(from_hour=0, to_hour=24, price_per_kwh=0.0)
    assert all(whole.holds(weekday, hour) for weekday in range(7) for hour in range(24))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"from_hour": -1}, "from_hour"),
        ({"from_hour": 24}, "from_hour"),
        ({"to_hour": 25}, "from_hour"),
        ({"to_hour": -1}, "from_hour"),
        ({"to_hour": 8}, "to_hour"),
        ({"weekdays": frozenset()}, "weekdays"),
        ({"weekdays": frozenset({7})}, "weekdays"),
        ({"price_per_kwh": -0.1}, "price_per_kwh"),
        ({"price_per_kwh": math.nan}, "price_per_kwh"),
    ],
)
def test_that_a_window_that_cannot_be_is_refused(changed: dict[str, object], field: str) -> None:
    good = {"from_hour": 8, "to_hour": 10, "price_per_kwh": 1.0}
    with pytest.raises(BadInput) as caught:
        TariffWindow(**(good | changed))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_that_a_tariff_has_24_windows_at_most_and_a_currency() -> None:
    one = TariffWindow(from_hour=23, to_hour=0, price_per_kwh=0.0)
    assert len(Tariff(price_per_kwh=0, windows=(one,) * 24).windows) == 24
    for bad in ({"windows": (one,) * 25}, {"currency": "eur"}, {"currency": "EURO"}):
        with pytest.raises(BadInput) as caught:
            Tariff(price_per_kwh=0, **bad)  # type: ignore[arg-type]
        assert caught.value.field in bad
    assert Tariff(price_per_kwh=1).currency == "USD"


def test_that_a_mean_price_weighs_hours_with_their_load() -> None:
    window = TariffWindow(
        from_hour=0, to_hour=6, price_per_kwh=1.0, weekdays=frozenset({0, 1, 2, 3, 4, 5})
    )
    tariff = Tariff(price_per_kwh=3.0, windows=(window,))
    # 36 of 168 hours cost 1 and the others 3.
    assert tariff.mean() == tariff.mean((0.0,) * 24) == pytest.approx((36 + 3 * 132) / 168)
    # Half of all is drawn at 5 and half at 6 o'clock.
    load = tuple(0.25 if hour in {5, 6} else 0.0 for hour in range(24))
    assert tariff.mean(load) == pytest.approx((3 + (6 + 3) / 7) / 2)
    assert (tariff.at(0, 5), tariff.at(0, 6), tariff.at(6, 5)) == (1, 3, 3)
    assert Tariff(price_per_kwh=3.0).mean() == 3
    with pytest.raises(BadInput):
        tariff.mean((1.0,) * 23)


def test_that_the_first_two_windows_that_meet_are_told() -> None:
    def window(first: int, last: int, *days: int) -> TariffWindow:
        return TariffWindow(
            from_hour=first, to_hour=last, price_per_kwh=0.0, weekdays=frozenset(days)
        )

    monday = window(10, 12, 0)
    assert overlapping([monday, window(12, 14, 0), window(11, 12, 1)]) is None
    assert overlapping([monday, window(11, 14, 0)]) == (0, 1)
    assert overlapping([monday, window(8, 9, 0), window(8, 9, 0)]) == (1, 2)
    assert overlapping([window(22, 2, 6), window(1, 3, 0)]) == (0, 1)
    assert overlapping([]) is None


def test_that_hours_are_those_of_the_clock_to_the_fraction_of_a_second() -> None:
    begun = datetime(2026, 11, 26, 20, 59, 58, 500_000, tzinfo=UTC)
    assert hours_of(begun, 4.0, zone=UTC) == (HourPart(0, 1.5, 3, 20), HourPart(1.5, 4, 3, 21))
    assert hours_of(begun, 0.0, zone=UTC) == (HourPart(0, 0, 3, 20),)
    whole = hours_of(datetime(2026, 11, 26, 20, tzinfo=UTC), 7200, zone=UTC)
    assert whole == (HourPart(0, 3600, 3, 20), HourPart(3600, 7200, 3, 21))
    # The hour that comes twice is one, wherever it lies.
    twice = hours_of(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 4 * 3600, zone=BERLIN)
    assert [(one.start, one.end, one.hour) for one in twice] == [
        (0, 1800, 0),
        (1800, 5400, 1),
        (5400, 12_600, 2),
        (12_600, 14_400, 3),
    ]
    assert cost_by_hour((3.6e6,), whole[:1], Tariff(price_per_kwh=0.5)) == 0.5


def draw(watts: float, deviation: float, scope: Scope = Scope.GPU) -> IdleDraw:
    one = SourceDraw(source="s", scope=scope, watts=watts, deviation_watts=deviation)
    return IdleDraw(draws=(one,), models=frozenset(), seconds=10, at=0)


def test_that_a_model_kept_in_memory_costs_what_it_draws_more() -> None:
    tariff = Tariff(price_per_kwh=0.5)
    found = keep_loaded_per_day(draw(50, 2), draw(25, 3), tariff)
    assert isinstance(found, Estimated)
    # 25 W for 24 hours are 0.6 kWh; give or take 5 W.
    assert (found.low, found.mid, found.high) == pytest.approx((0.24, 0.3, 0.36))
    less = keep_loaded_per_day(draw(20, 2), draw(21, 3), tariff)
    assert isinstance(less, Estimated)
    assert (less.low, less.mid, less.high) == pytest.approx((0, 0, 4 * 0.024 * 0.5))
    none = keep_loaded_per_day(draw(10, 1), draw(21, 3), tariff)
    assert isinstance(none, Estimated)
    assert (none.low, none.mid, none.high) == (0, 0, 0)
    for wrong in (
        (Unknown("x"), draw(1, 1), tariff),
        (draw(1, 1), Unknown("x"), tariff),
        (draw(1, 1), draw(1, 1, Scope.WALL), tariff),
        (draw(1, 1), draw(1, 1), None),
    ):
        assert isinstance(keep_loaded_per_day(*wrong), Unknown)


def test_that_a_rate_is_old_after_its_days() -> None:
    euro = Currency(code="EUR", usd_per_unit=1.25, as_of=date(2026, 1, 1))
    assert euro.amount(10) == 8
    assert (euro.age_days(date(2025, 12, 1)), euro.age_days(date(2026, 1, 3))) == (0, 2)
    assert not euro.is_stale(date(2026, 2, 15))
    assert euro.is_stale(date(2026, 2, 16))
    assert euro.note(date(2026, 2, 15)) == "1 EUR = 1.25 USD as of 2026-01-01"
    assert "46 days old" in euro.note(date(2026, 2, 16))
    short = replace(euro, stale_days=1)
    assert (short.is_stale(date(2026, 1, 2)), short.is_stale(date(2026, 1, 3))) == (False, True)
