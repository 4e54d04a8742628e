"""The bars of a tornado: which inputs have one, where it ends, what is saved there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.demand.forecast import Predictability
from landfall.core.settings import Thresholds
from landfall.core.verdict import swings as bars
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.parts import Part
from landfall.core.verdict.quick_changes import probe
from landfall.core.verdict.quick_table import Lead
from landfall.core.verdict.swings import InputSwing, swings
from landfall.core.verdict.verdict import Flip
from landfall.core.verdict.what_if import Knob
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Purchase, Tokens, Workload
from tests.core.verdict.test_assembling import WORLD as REAL
from tests.core.verdict.test_details import PASSED
from tests.core.verdict.test_verdict import case
from tests.core.verdict.test_what_if import WORK, WORLD

LIMITS = Thresholds()
CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE, BUY, SPLIT = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID
PATH = "quotes.machine.marginal_usd_month"


def told(
    option: Option, work: Workload = WORK, *, flips: tuple[Flip, ...] = ()
) -> dict[str, InputSwing]:
    found = swings(work, Assembler(WORLD), LIMITS, option, flips=flips)
    return {one.path: one for one in found}


def test_that_the_volume_ends_where_its_class_ends() -> None:
    knob = Knob(path="volume.calls_per_day", now=1200.0)
    facts = case("D12", predictability=Predictability.PREDICTABLE, outlook=None)
    # 20 % for what can be forecast: a factor of 1.2.
    assert bars._ends(knob, facts) == pytest.approx((1000.0, 1440.0))


def test_that_ends_are_held_to_the_key_and_whole_where_it_is() -> None:
    facts = case("D12")
    assert bars._ends(Knob(path="tokens.context_p99", now=5.0), facts) == (4.0, 6.0)
    assert bars._ends(Knob(path="buy.residual_share", now=0.8), facts) == (0.4, 1.0)
    shrinks = bars._ends(Knob(path="volume.growth_per_month", now=-0.8), facts)
    assert shrinks == pytest.approx((-0.4, -0.99))
    assert bars._ends(Knob(path="latency.p95_seconds", now=0.001), facts)[0] == 0.001


def test_that_only_bills_of_the_saving_are_counted() -> None:
    assert bars._counted(Lead(CLOUD, None)) == {Part.FRONTIER}
    assert bars._counted(Lead(HOSTED, None)) == {Part.FRONTIER, Part.HOSTED}
    assert bars._counted(Lead(RENT, None)) == {Part.FRONTIER, Part.RENT}
    assert bars._counted(Lead(HERE, None, HOSTED, HERE)) == {Part.FRONTIER, Part.OWN}
    assert bars._counted(Lead(BUY, None, HOSTED, BUY)) == {Part.FRONTIER, Part.BUY}
    split = bars._counted(Lead(SPLIT, None, HOSTED, BUY))
    assert split == {Part.FRONTIER, Part.HOSTED, Part.BUY}
    nowhere = Lead(Option.LOCAL_REQUIRED_NOT_FEASIBLE, None)
    assert bars._counted(nowhere) == {Part.FRONTIER}


def test_that_another_option_is_carried_out_on_its_own_machine() -> None:
    tried = probe(WORK, Assembler(WORLD), LIMITS)
    base = tried.lead(tried.now)
    assert base.option is HERE
    assert bars._lead_of(tried, HERE) == base
    assert bars._lead_of(tried, BUY) == Lead(BUY, None, base.bar, BUY)
    assert bars._lead_of(tried, SPLIT) == Lead(SPLIT, None, base.bar, HERE)


def test_that_a_bar_says_what_is_saved_at_its_ends() -> None:
    found = told(HERE)
    assert found["tokens.input"].now == 1000.0
    assert (found["tokens.input"].low, found["tokens.input"].high) == (800.0, 1200.0)
    bill = found["quotes.cloud_frontier_usd_month"]
    assert (bill.low, bill.high) == pytest.approx((0.8 * bill.now, 1.2 * bill.now))
    assert bill.saving_low == pytest.approx(0.8 * bill.now - 20)
    assert bill.saving_high == pytest.approx(1.2 * bill.now - 20)
    # Of 2.8 a thousand calls 2 are for what is read.
    tokens = found["tokens.input"]
    assert tokens.saving_low == pytest.approx(bill.now * (1 - 0.2 * 2 / 2.8) - 20)
    assert tokens.saving_high == pytest.approx(bill.now * (1 + 0.2 * 2 / 2.8) - 20)
    owned = found[PATH]
    assert (owned.low, owned.high) == (10.0, 30.0)
    assert owned.saving_low - owned.saving_high == pytest.approx(20.0)
    assert owned.flips_at is None
    # In the cloud a saving against the cloud moves with nothing.
    assert told(CLOUD) == {}


def test_that_the_widest_bar_comes_first_and_twelve_are_shown() -> None:
    found = swings(WORK, Assembler(WORLD), LIMITS, HERE)
    widths = [abs(one.saving_high - one.saving_low) for one in found]
    assert widths == sorted(widths, reverse=True)
    assert bars.MOST_BARS == 12
    big = replace(
        PASSED,
        tokens=Tokens(input=1000.0, cached_input=300.0, output=100.0),
        today=replace(PASSED.today, batch_share=0.4, retry_share=0.02),
        volume=replace(PASSED.volume, growth_per_month=0.05),
        buy=Purchase(consider=True, machine="RTX 4090", setup_hours=4.0),
    )
    whole = swings(big, Assembler(REAL), LIMITS, BUY)
    assert len(whole) <= 12
    for one in whole:
        assert one.saving_low != one.saving_high


def test_that_stated_numbers_that_no_slider_moves_have_a_bar_but_quotes_have_none() -> None:
    split = replace(
        WORK,
        quotes=replace(WORK.quotes, machine=replace(WORK.quotes.machine, peak_utilisation=1.6)),
        buy=Purchase(consider=True, price_usd=3000.0),
    )
    tried = probe(split, Assembler(WORLD), LIMITS)
    moved = {knob.path: knob.now for knob in bars._moved(split, tried.facts, tried)}
    assert moved["volume.history_days"] == 60.0
    assert moved["tokens.input"] == 1000.0
    assert "quotes.buy.price" not in moved
    assert "today.batch_share" not in moved
    assert "electricity.usd_per_kwh" not in moved
    assert len(moved) == len(list(bars._moved(split, tried.facts, tried)))


def flip(path: str, at: float | str | bool) -> Flip:
    return Flip(input=path, now=20.0, at=at, relative=None, verdict_then=CLOUD)


@pytest.mark.parametrize(
    ("ats", "tick"),
    [
        ((), None),
        ((25.0,), 25.0),
        # The bar reaches from 10 to 30: a tick is told down to -30 and up to 70.
        ((70.0,), 70.0),
        ((70.1,), None),
        ((-30.0,), -30.0),
        ((-30.1,), None),
        # The nearest to the present 20.
        ((14.0, 27.0), 14.0),
        ((13.0, 26.0), 26.0),
        (("pass",), None),
    ],
)
def test_that_the_nearest_flip_is_told_beside_its_bar(
    ats: tuple[float, ...], tick: float | None
) -> None:
    knob = Knob(path=PATH, now=20.0)
    flips = [flip(PATH, at) for at in ats] + [flip("tokens.input", 20.5)]
    assert bars._tick(knob, 10.0, 30.0, flips) == tick
    if tick is not None:
        assert told(HERE, flips=tuple(flips))[PATH].flips_at == tick
