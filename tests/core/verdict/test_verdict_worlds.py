"""Worlds drawn from doubts: how often a verdict holds, what a mistake costs, what to measure."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.provenance import Estimated
from landfall.core.quality.paired_tests import GateResult, Pairs, gate
from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.doubts import chance, scene
from landfall.core.verdict.drawn_worlds import DRAWS, QUICK_DRAWS, drawn
from landfall.core.verdict.parts import Part, touches
from landfall.core.verdict.quick_changes import probe
from landfall.core.verdict.sensitivity import confidence
from landfall.core.verdict.verdict import Confidence
from landfall.core.verdict.world import World
from landfall.core.verdict.worlds import Worlds, worlds_json, worlds_text
from landfall.core.workload.file import parse
from landfall.core.workload.keys import BY_PATH, put
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload

DECISIONS = Path(__file__).parents[2] / "data" / "decisions"
LIMITS = Thresholds()
NOWHERE = Assembler(World())


def workload(name: str) -> Workload:
    return parse((DECISIONS / f"{name}.toml").read_text(encoding="utf-8"))


def worlds(of: Workload, *, at: Assembler = NOWHERE, draws: int = DRAWS) -> Worlds:
    return drawn(scene(probe(of, at, LIMITS), at.facts(of), at), draws=draws)


def sure(of: Workload, *, at: Assembler = NOWHERE) -> Confidence:
    return confidence(worlds(of, at=at), rule(at.facts(of), LIMITS))


def test_that_a_clear_case_is_sure_and_the_same_each_time() -> None:
    first = worlds(workload("D7"))
    assert first == worlds(workload("D7"))
    assert first.p_best == {Option.HOSTED_OPEN: 1.0}
    assert first.regret_usd_month == 0.0
    assert first.measure is None
    assert sure(workload("D7")) == Confidence(word="high", p_best=1.0)


def test_that_what_is_missing_is_never_highly_sure() -> None:
    assert sure(workload("D17")).word == "medium"


@pytest.mark.parametrize(
    ("marginal", "word"), [(20.0, "high"), (185.0, "medium"), (208.0, "low"), (230.0, "medium")]
)
def test_that_a_bill_at_a_threshold_is_too_close_to_call(marginal: float, word: str) -> None:
    of = workload("D12")
    machine = replace(of.quotes.machine, marginal_usd_month=marginal)
    assert sure(replace(of, quotes=replace(of.quotes, machine=machine))).word == word


@pytest.mark.parametrize("name", [f"D{number}" for number in range(1, 24)])
def test_that_shares_add_up_and_regret_is_never_negative(name: str) -> None:
    found = worlds(workload(name), draws=QUICK_DRAWS)
    assert math.fsum(found.p_best.values()) == pytest.approx(1.0)
    assert found.draws == QUICK_DRAWS
    if found.regret_usd_month is not None:
        assert found.regret_usd_month >= 0
        left = found.measure.regret_left_usd_month if found.measure else 0.0
        assert 0 <= left <= found.regret_usd_month
    if found.saving_mean is not None:
        assert found.saving_p05 is not None
        assert found.saving_p95 is not None
        assert found.saving_p05 <= found.saving_mean <= found.saving_p95


def test_that_the_saving_follows_the_volume() -> None:
    """D12 pays 260 outside and adds 20 here: the bill outside is drawn with the volume."""
    found = worlds(workload("D12"))
    of = workload("D12").quotes
    assert of.cloud_frontier_usd_month is not None
    middle = of.cloud_frontier_usd_month - 20
    assert found.saving_mean == pytest.approx(middle, rel=0.03)
    spread = (found.saving_p95 or 0.0) - (found.saving_p05 or 0.0)
    # Five and ninety-five per cent of a lognormal whose 80 % band ends at 1.2.
    sigma = 1.6449 * math.log(1.2) / 1.2816
    assert spread == pytest.approx((middle + 20) * 2 * math.sinh(sigma), rel=0.02)


def test_that_under_a_lock_no_money_is_regretted() -> None:
    found = worlds(workload("D1"))
    assert found.p_best[Option.LOCAL_THIS_MACHINE] > 0.9
    assert found.regret_usd_month is None
    assert found.measure is None


def test_that_an_unmeasured_gate_with_money_behind_it_is_what_to_measure() -> None:
    of = workload("D12")
    open_ = replace(
        of, quality=replace(of.quality, gate=GateResult.UNMEASURED, gate_hosted=GateResult.FAIL)
    )
    found = worlds(open_)
    assert found.p_best == {Option.CLOUD_FRONTIER: 1.0}
    assert found.measure is not None
    assert found.measure.path == "quality.gate"
    assert found.measure.regret_left_usd_month == pytest.approx(0.0, abs=1e-6)
    bill = of.quotes.cloud_frontier_usd_month
    assert bill is not None
    # In half of the worlds it passes, and the machine costs 20.
    assert found.regret_usd_month == pytest.approx((bill - 20) / 2, rel=0.05)


def test_that_a_purchase_has_to_hold_against_falling_prices() -> None:
    """D8 buys for 420 a month against 2,600: it must still be a large bill in eighteen months."""
    found = worlds(workload("D8"))
    share = found.p_best[Option.LOCAL_BUY]
    # 2,600 x (1 - g) ** 1.5 stays at 1,000 while g is below 0.471, four draws of five.
    assert 0.7 < share < 0.85
    assert found.p_best[Option.HOSTED_OPEN] == pytest.approx(1 - share, abs=0.02)


def test_that_counts_of_prompts_leave_a_gate_open_as_far_as_they_do() -> None:
    barely = Pairs(local_only=8, cloud_only=11, both=350, neither=31)
    assert gate(barely, 0.03).result is GateResult.PASS
    assert 0.93 < chance(barely, 0.03) < 0.999
    clearly = Pairs(local_only=8, cloud_only=60, both=300, neither=32)
    assert chance(clearly, 0.03) < 0.001
    assert 0.5 < chance(Pairs(local_only=0, cloud_only=0, both=10, neither=0), 0.03) < 0.9


def test_that_a_gate_that_just_passes_is_not_sure() -> None:
    of = workload("D12")
    pairs = Pairs(local_only=8, cloud_only=11, both=350, neither=31)
    barely = replace(of, quality=replace(of.quality, gate=None, pairs=pairs, margin=0.03))
    found = worlds(barely)
    assert 0.9 < found.p_best[Option.LOCAL_THIS_MACHINE] < 1.0
    assert found.p_best[Option.CLOUD_FRONTIER] > 0.0


def test_that_worlds_are_told_in_json() -> None:
    of = workload("D12")
    open_ = replace(of, quality=replace(of.quality, gate=GateResult.UNMEASURED))
    told = worlds_json(worlds(open_))
    assert told["draws"] == DRAWS
    assert told["measure"]["input"] == "quality.gate"
    assert set(told["saving_usd_month"]) == {"mean", "p05", "p95"}
    told_to_people = worlds_text(worlds(open_))
    assert "being wrong costs about $" in told_to_people
    assert "quality.gate" in told_to_people
    assert worlds_text(worlds(workload("D7"))) == ""
    locked = worlds_json(worlds(workload("D23")))
    assert (locked["saving_usd_month"], locked["measure"]) == (None, None)


# Probing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["D1", "D7", "D8", "D13", "D20"])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_that_a_multiple_of_the_volume_multiplies_quoted_bills(name: str, factor: float) -> None:
    tried = probe(workload(name), NOWHERE, LIMITS)
    once, more = tried.busier(1.0), tried.busier(factor)
    for first, second in ((once.frontier, more.frontier), (once.own.peak, more.own.peak)):
        assert (first is None) == (second is None)
        if first is not None:
            assert second == pytest.approx(first * factor)
    assert more.own.usd == once.own.usd


def test_that_an_unknown_key_touches_everything() -> None:
    assert touches("volume.calls_per_day") == frozenset(Part)
    assert touches("quotes.buy.price") == frozenset({Part.BUY})


def test_that_figures_stand_at_their_middle() -> None:
    world = World(usd_per_kwh=Estimated(0.1, 0.2, 0.4, "test"))
    of = workload("D12")
    plain = probe(of, Assembler(world), LIMITS).assembler.world
    assert plain.usd_per_kwh == Estimated(0.2, 0.2, 0.2, "test")
    again = put(of, BY_PATH["volume.history_days"], 7)
    assert probe(of, Assembler(world), LIMITS).read(again).numbers.days == 7
