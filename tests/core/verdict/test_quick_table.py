"""Facts as plain numbers: what is read of them, and each stage of the table on them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.settings import Thresholds
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.quick_table import Lead, at_home, beyond_home, lead, unasked
from landfall.core.verdict.table_numbers import (
    NO_HOST,
    Numbers,
    bill,
    reading,
    split_usd,
)
from landfall.core.workload.privacy import Option
from tests.core.verdict.test_scene import BOARD, BOUGHT, NUMBERS, OWN, STANDING
from tests.core.verdict.test_verdict import any_facts, hosts
from tests.core.verdict.test_verdict_reading import any_limits

LIMITS = Thresholds()
CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID
NOWHERE = Option.LOCAL_REQUIRED_NOT_FEASIBLE


# The stages -------------------------------------------------------------------------------------


def test_that_under_a_lock_the_first_machine_that_is_not_full_is_led_to() -> None:
    locked = STANDING._replace(only_local=True)
    assert lead(locked, NUMBERS, LIMITS) == Lead(HERE, 20.0, on=HERE)
    full = NUMBERS._replace(own=OWN._replace(peak=1.0))
    assert lead(locked, full, LIMITS) == Lead(BUY, 400.0, on=BUY)
    nearly = NUMBERS._replace(own=OWN._replace(peak=0.999))
    assert lead(locked, nearly, LIMITS).option is HERE
    unknown = NUMBERS._replace(own=OWN._replace(peak=None))
    assert lead(locked, unknown, LIMITS).option is HERE
    assert lead(locked._replace(own=False), NUMBERS, LIMITS).option is BUY
    assert lead(locked._replace(own=False, buy=False), NUMBERS, LIMITS) == Lead(NOWHERE, None)


def test_that_without_a_passed_gate_it_stays_remote_if_anything_is_inside() -> None:
    none = STANDING._replace(local_passes=False, hosted_passes=False)
    assert lead(none, NUMBERS, LIMITS) == Lead(CLOUD, 9000.0)
    region = none._replace(cloud=False)
    assert lead(region, NUMBERS, LIMITS) == Lead(HOSTED, 2600.0)
    assert lead(region._replace(hosted_stays=False), NUMBERS, LIMITS) == Lead(HERE, 20.0, on=HERE)
    # Either passed gate opens the question of money.
    for name in ("local_passes", "hosted_passes"):
        assert lead(none._replace(**{name: True}), NUMBERS, LIMITS).bar is not None


def test_that_the_bar_is_the_cheapest_that_is_proven() -> None:
    alone = STANDING._replace(own=False, buy=False, renting=False)

    def led(numbers: Numbers = NUMBERS, **changes: Any) -> Lead:
        return lead(alone._replace(**changes), numbers, LIMITS)

    assert led() == Lead(HOSTED, 2600.0, HOSTED)
    assert led(NUMBERS._replace(hosted=9000.0)) == Lead(CLOUD, 9000.0, CLOUD)
    assert led(NUMBERS._replace(hosted=None)) == Lead(CLOUD, 9000.0, CLOUD)
    assert led(NUMBERS._replace(frontier=None)) == Lead(HOSTED, 2600.0, HOSTED)
    assert led(hosted_passes=False) == Lead(CLOUD, 9000.0, CLOUD)
    assert led(cloud=False) == Lead(HOSTED, 2600.0, HOSTED)
    rent = {"cloud": False, "hosted_passes": False}
    assert led(**rent, renting=True) == Lead(RENT, 500.0, RENT)
    late = NUMBERS._replace(rented=BOARD._replace(lateness=0.1))
    assert led(late, **rent, renting=True) == Lead(HOSTED, 2600.0, HOSTED)
    full = NUMBERS._replace(rented=BOARD._replace(lateness=None, overflows=True))
    assert led(full, **rent, renting=True).bar is HOSTED
    in_time = NUMBERS._replace(rented=BOARD._replace(lateness=0.0))
    assert led(in_time, **rent, renting=True).bar is RENT
    assert led(**rent) == Lead(HOSTED, 2600.0, HOSTED)
    assert led(**rent, hosted_stays=False) == Lead(NOWHERE, None)
    # A bar without a price stays where it is.
    assert led(NUMBERS._replace(frontier=None, hosted=None)) == Lead(CLOUD, None, CLOUD)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Lead(HERE, 20.0, HOSTED, HERE)),
        # A fifth of 2,600 has to be saved, and 50.
        ({"usd": 2080.0}, Lead(HERE, 2080.0, HOSTED, HERE)),
        ({"usd": 2080.01}, None),
        ({"usd": None}, None),
        ({"peak": None}, None),
        ({"peak": 0.8}, Lead(HERE, 20.0, HOSTED, HERE)),
        ({"peak": 0.81, "share": 0.5}, Lead(SPLIT, 1320.0, HOSTED, HERE)),
        ({"peak": 0.81, "share": None}, None),
        ({"peak": 0.81, "share": 0.1}, None),
        ({"lateness": 0.0}, Lead(HERE, 20.0, HOSTED, HERE)),
        ({"lateness": 0.01, "share": 0.5}, Lead(SPLIT, 1320.0, HOSTED, HERE)),
        ({"overflows": True, "share": 0.5}, Lead(SPLIT, 1320.0, HOSTED, HERE)),
    ],
)
def test_that_the_owned_machine_beats_the_bar_alone_or_split(
    changes: dict[str, Any], expected: Lead | None
) -> None:
    numbers = NUMBERS._replace(own=OWN._replace(**changes))
    assert at_home(STANDING, numbers, LIMITS) == expected
    rest = STANDING._replace(buy=False, renting=False)
    assert lead(rest, numbers, LIMITS) == (expected or Lead(HOSTED, 2600.0, HOSTED))


def test_that_beyond_home_the_owned_machine_is_not_asked_again() -> None:
    # It would win, were it asked: what is bought and rented is told of instead, or the bar.
    standing = STANDING._replace(buy=False, renting=False)
    assert lead(standing, NUMBERS, LIMITS).on is HERE
    far = beyond_home(standing, NUMBERS, LIMITS)
    assert (far.option, far.on) == (far.bar, None)
    unknown = NUMBERS._replace(frontier=None, hosted=None)
    assert beyond_home(standing, unknown, LIMITS) == Lead(CLOUD, None, CLOUD, None)
    inside = standing._replace(cloud=False, hosted_passes=False, hosted_stays=False)
    assert beyond_home(inside, NUMBERS, LIMITS) == lead(inside, NUMBERS, LIMITS)


def test_that_a_fifth_is_a_fifth_whatever_floats_make_of_it() -> None:
    bill_usd, cost = 0.1 * 3000, 0.8 * 0.1 * 3000
    assert bill_usd - cost < 0.2 * bill_usd
    numbers = NUMBERS._replace(hosted=bill_usd, own=OWN._replace(usd=cost))
    assert at_home(STANDING, numbers, LIMITS) == Lead(HERE, cost, HOSTED, HERE)


def test_that_at_home_asks_for_a_proven_machine_and_a_bar_with_a_price() -> None:
    for name in ("own", "local_passes"):
        assert at_home(STANDING._replace(**{name: False}), NUMBERS, LIMITS) is None
    unknown = NUMBERS._replace(frontier=None, hosted=None)
    assert at_home(STANDING, unknown, LIMITS) is None
    nothing = STANDING._replace(cloud=False, hosted_passes=False, hosted_stays=False, renting=False)
    assert at_home(nothing, NUMBERS, LIMITS) is None
    small = NUMBERS._replace(frontier=100.0, hosted=None, own=OWN._replace(usd=50.0))
    assert at_home(STANDING, small, LIMITS) == Lead(HERE, 50.0, CLOUD, HERE)
    assert at_home(STANDING, small._replace(own=OWN._replace(usd=50.01)), LIMITS) is None


DEAR = NUMBERS._replace(own=OWN._replace(usd=9e9), rent=None)


@pytest.mark.parametrize(
    ("standing", "numbers", "host", "buys"),
    [
        ({}, {}, {}, True),
        ({"startup": True}, {}, {}, False),
        ({"predictable": False}, {}, {}, False),
        ({"buy": False}, {}, {}, False),
        ({}, {"days": 28}, {}, True),
        ({}, {"days": 27}, {}, False),
        ({}, {"days": None}, {}, False),
        ({}, {"calls": None}, {}, False),
        ({}, {"calls": 50.0}, {}, False),
        ({}, {"calls": 50.1}, {}, True),
        ({}, {"hosted": 1000.0}, {"usd": 100.0}, True),
        ({}, {"hosted": 999.9}, {"usd": 100.0}, False),
        # AP7: a hosted model is priced first, where there may be one.
        ({}, {"hosted": None}, {}, False),
        ({"hosted_first": False, "hosted_passes": False}, {"hosted": None}, {}, True),
        ({}, {}, {"usd": 2080.0}, True),
        ({}, {}, {"usd": 2080.1}, False),
        ({}, {}, {"usd": None}, False),
        ({}, {}, {"opex": None}, False),
        ({}, {}, {"price": None}, False),
        ({}, {}, {"peak": None}, False),
        # Twelve months of 2,500 saved pay for it.
        ({}, {}, {"price": 30_000.0}, True),
        ({}, {}, {"price": 30_001.0}, False),
        ({}, {}, {"opex": 2600.0, "price": 0.0}, False),
        # Growth counts for a bill that follows it.
        ({"growing": frozenset({HOSTED})}, {"growth": 2.0}, {"usd": 4160.0}, True),
        ({"growing": frozenset({HOSTED})}, {"growth": 2.0}, {"usd": 4161.0}, False),
        ({}, {"growth": 2.0}, {"usd": 4160.0}, False),
    ],
)
def test_that_a_purchase_has_its_conditions(
    standing: dict[str, Any], numbers: dict[str, Any], host: dict[str, Any], buys: bool
) -> None:
    now = DEAR._replace(buy=BOUGHT._replace(**host))._replace(**numbers)
    found = lead(STANDING._replace(**standing), now, LIMITS)
    assert (found.option is BUY) is buys
    if buys:
        assert (found.usd, found.on) == (now.buy.usd, BUY)


def test_that_a_purchase_that_overflows_is_split_unless_that_saves_too_little() -> None:
    full = DEAR._replace(buy=BOUGHT._replace(peak=1.3, share=0.5))
    assert lead(STANDING, full, LIMITS) == Lead(SPLIT, 1700.0, HOSTED, BUY)
    late = DEAR._replace(buy=BOUGHT._replace(lateness=0.2, share=0.5))
    assert lead(STANDING, late, LIMITS) == Lead(SPLIT, 1700.0, HOSTED, BUY)
    poor = DEAR._replace(buy=BOUGHT._replace(peak=1.3, share=0.3))
    assert lead(STANDING, poor, LIMITS) == Lead(HOSTED, 2600.0, HOSTED)
    # What it would take is not known: it is the verdict, and what it costs is not known.
    unknown = DEAR._replace(buy=BOUGHT._replace(peak=1.3, share=None))
    assert lead(STANDING, unknown, LIMITS) == Lead(SPLIT, None, HOSTED, BUY)


@pytest.mark.parametrize(
    ("standing", "numbers", "rents"),
    [
        ({}, {}, True),
        ({"renting": False}, {}, False),
        ({"startup": True}, {}, False),
        ({}, {"rent": None}, False),
        # Strictly below four fifths, and 50 less.
        ({}, {"rent": 2079.9}, True),
        ({}, {"rent": 2080.0}, False),
        ({}, {"hosted": 100.0, "rent": 50.0}, True),
        ({}, {"hosted": 100.0, "rent": 50.1}, False),
        ({}, {"rented": BOARD._replace(lateness=0.1)}, False),
        ({}, {"rented": BOARD._replace(overflows=True)}, False),
    ],
)
def test_that_rent_has_its_conditions(
    standing: dict[str, Any], numbers: dict[str, Any], rents: bool
) -> None:
    now = DEAR._replace(rent=500.0, buy=NO_HOST)._replace(**numbers)
    found = lead(STANDING._replace(buy=False)._replace(**standing), now, LIMITS)
    assert (found.option is RENT) is rents
    if rents:
        assert found == Lead(RENT, now.rent, HOSTED)


def test_that_a_split_is_the_machine_and_what_overflows() -> None:
    assert split_usd(OWN._replace(share=0.75), 1000.0) == 270.0
    assert split_usd(OWN._replace(share=0.75, part=0.5), 1000.0) == 260.0
    assert split_usd(OWN._replace(share=0.75, usd=None), 1000.0) is None
    assert split_usd(OWN._replace(share=None), 1000.0) is None
    assert split_usd(OWN, None) is None
    assert [bill(NUMBERS, one) for one in (CLOUD, HOSTED, RENT)] == [9000.0, 2600.0, 500.0]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Lead(CLOUD, 1.0), {"own", "buy", "rent"}),
        (Lead(HOSTED, 1.0), {"own", "buy", "rent"}),
        (Lead(HERE, 1.0, on=HERE), {"buy", "rent"}),
        (Lead(BUY, 1.0, on=BUY), {"rent"}),
        (Lead(NOWHERE, None), {"rent"}),
        (Lead(HERE, 1.0, HOSTED, HERE), {"buy", "rent"}),
        (Lead(SPLIT, 1.0, CLOUD, HERE), {"buy", "rent"}),
        (Lead(BUY, 1.0, CLOUD, BUY), {"rent"}),
        (Lead(RENT, 1.0, HOSTED), set()),
        (Lead(HOSTED, 1.0, HOSTED), set()),
        (Lead(HERE, 1.0, RENT, HERE), set()),
    ],
)
def test_that_what_was_not_asked_for_is_told(found: Lead, expected: set[str]) -> None:
    assert unasked(found) == expected


# Against the table with its reasons --------------------------------------------------------------


def with_lateness(one: HostFacts | None, by: float | None) -> HostFacts | None:
    if one is None or one.late is None or by is None:
        return one
    return replace(one, lateness=by if one.late else -by)


any_more = st.builds(
    lambda facts, rented, by, window, growth: replace(
        facts,
        machine=with_lateness(facts.machine, by),
        buy=facts.buy and replace(facts.buy, misses_window=window),
        rented=with_lateness(rented, by),
        growth=growth,
        growing=frozenset({HOSTED, CLOUD}),
    ),
    any_facts,
    hosts(RENT),
    st.sampled_from([None, 0.4]),
    st.sampled_from([None, False, True]),
    st.sampled_from([1.0, 2.0]),
)


@settings(max_examples=150, deadline=None)
@given(facts=any_more, limits=any_limits)
def test_that_the_numbers_lead_where_the_reasons_lead(facts: Facts, limits: Thresholds) -> None:
    ruling = rule(facts, limits)
    standing, numbers = reading(facts)
    found = lead(standing, numbers, limits)
    assert (found.option, found.bar) == (ruling.option, ruling.bar)
    assert found.on == (ruling.host.option if ruling.host else None)
    if standing.cloud and not standing.only_local:
        here = found if found.on is HERE and found.bar is not None else None
        assert at_home(standing, numbers, limits) == here
        if here is None and standing.own and standing.local_passes:
            assert beyond_home(standing, numbers, limits) == found
