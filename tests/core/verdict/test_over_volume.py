"""Curves over the volume: their points, what is compared, and where two of them cross."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from landfall.core.costs import cost
from landfall.core.provenance import Estimated, Stated, Unknown
from landfall.core.verdict import over_volume
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.over_volume import BreakEvenCurves, break_even_curves
from landfall.core.workload.privacy import NO_LOCK, Lock, Option
from landfall.core.workload.workload import Purchase, Quotes, Volume, Workload
from tests.core.verdict.test_assembling import WORK as REAL
from tests.core.verdict.test_assembling import WORLD as REAL_WORLD
from tests.core.verdict.test_verdict import case
from tests.core.verdict.test_what_if import WORK, WORLD

CLOUD, HOSTED = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN
HERE, BUY = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY
# A thousand tokens at 2 USD a million and a hundred at 8.
A_CALL = 0.002 + 0.0008


def drawn(work: Workload) -> BreakEvenCurves:
    assembler = Assembler(WORLD)
    found = break_even_curves(work, assembler.facts(work), assembler)
    assert isinstance(found, BreakEvenCurves)
    return found


def adding(usd: float) -> Workload:
    return replace(
        WORK, quotes=Quotes(machine=replace(WORK.quotes.machine, marginal_usd_month=usd))
    )


def test_that_curves_reach_to_twice_the_volume() -> None:
    found = drawn(adding(20.0))
    # A thousandth of the range, then forty equal steps of it.
    assert found.calls_per_day == pytest.approx((2.0, *(50.0 * step for step in range(1, 41))))
    assert found.now == 1000.0
    assert found.local.option is HERE
    assert found.local.usd_month == found.low == found.high == (20.0,) * 41
    (other,) = found.others
    assert other.option is CLOUD
    month = cost.DAYS_PER_MONTH * A_CALL
    assert other.usd_month == pytest.approx([one * month for one in found.calls_per_day])
    assert found.crossing == pytest.approx(20 / month, rel=1e-3)
    assert found.crossing == found.crossing_low == found.crossing_high
    assert found.always is False


def test_that_curves_reach_beyond_a_crossing_further_out() -> None:
    found = drawn(adding(300.0))
    crossing = 300 / (cost.DAYS_PER_MONTH * A_CALL)
    assert crossing > 2000 / 1.4
    assert found.crossing == pytest.approx(crossing, rel=1e-3)
    assert found.calls_per_day[-1] == pytest.approx(1.4 * crossing, rel=1e-3)
    assert found.calls_per_day[0] == pytest.approx(found.calls_per_day[-1] / 1000)


def test_that_a_crossing_is_looked_for_up_to_fifty_times_the_volume() -> None:
    month = cost.DAYS_PER_MONTH * A_CALL * 1000
    assert drawn(adding(month * 49)).crossing == pytest.approx(49_000, rel=1e-3)
    far = drawn(adding(month * 51))
    assert (far.crossing, far.always) == (None, False)
    assert far.calls_per_day[-1] == 2000.0
    near = drawn(adding(month / 900))
    assert near.crossing == pytest.approx(1000 / 900, rel=1e-3)
    # It saves from a thousandth of the volume on: nowhere in the range do they cross.
    nearer = drawn(adding(month / 1100))
    assert (nearer.crossing, nearer.always) == (None, True)


def test_that_a_band_is_drawn_beside_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def curves(local: float, other: float, base: float = 20.0) -> BreakEvenCurves:
        """A machine of 20 a month and something a call, between half and twice as much."""

        def own(calls: float) -> tuple[float, float, float]:
            month = base + calls * local
            return month / 2, month, 2 * month

        at = Bills(own, CLOUD_FRONTIER=lambda calls: calls * other)
        monkeypatch.setattr(over_volume, "_Bills", lambda *_: at)
        return drawn(WORK)

    found = curves(0.01, 0.1)
    low, high = 1 / 1000 * 2000, 2000.0
    assert (found.low[0], found.low[-1]) == ((20 + low / 100) / 2, (20 + high / 100) / 2)
    assert (found.local.usd_month[0], found.local.usd_month[-1]) == (20 + low / 100, 40.0)
    assert (found.high[0], found.high[-1]) == (2 * (20 + low / 100), 80.0)
    assert found.others[0].usd_month == pytest.approx([calls / 10 for calls in found.calls_per_day])
    # 10 + v / 200, 20 + v / 100 and 40 + v / 50 against v / 10.
    assert found.crossing_low == pytest.approx(10 / 0.095, rel=1e-3)
    assert found.crossing == pytest.approx(20 / 0.09, rel=1e-3)
    assert found.crossing_high == pytest.approx(40 / 0.08, rel=1e-3)
    assert found.always is False
    # One that is dearer per call is never cheaper from a volume on.
    dear = curves(0.2, 0.1)
    assert (dear.crossing, dear.always) == (None, False)
    free = curves(0.01, 0.1, base=0.0)
    assert (free.crossing, free.always) == (None, True)


# What is compared --------------------------------------------------------------------------------


class Bills:
    """Bills as functions of the calls: the low, middle and high end of one's own, and others."""

    def __init__(
        self, own: Callable[[float], tuple[float, float, float]], **other: Callable[[float], float]
    ) -> None:
        self.own = own
        self._other = other

    def other(self, option: Option, calls: float) -> float:
        return self._other[option.name](calls)


def bills(own: Any = None, **other: Callable[[float], float]) -> over_volume._Bills:
    return cast(
        "over_volume._Bills",
        Bills(own or (lambda _: (10.0, 20.0, 40.0)), **other),
    )


def test_that_each_end_of_a_band_has_its_crossing() -> None:
    at = bills(CLOUD_FRONTIER=lambda calls: calls / 10)
    found = [over_volume._crossing(at, CLOUD, end, 1000.0) for end in (0, 1, 2)]
    assert found == [pytest.approx(one, rel=1e-3) for one in (100.0, 200.0, 400.0)]
    # One that saves at once, or never, does not cross.
    assert over_volume._crossing(bills(CLOUD_FRONTIER=lambda _: 30.0), CLOUD, 1, 1.0) is None
    assert over_volume._crossing(bills(CLOUD_FRONTIER=lambda _: 20.0), CLOUD, 1, 1.0) is None
    assert over_volume._crossing(bills(CLOUD_FRONTIER=lambda _: 10.0), CLOUD, 1, 1.0) is None

    def from_nothing(calls: float) -> float:
        return 20.0 if calls <= 1.0 else 21.0

    # Saved nothing at a thousandth of the volume: it crosses from there on.
    assert over_volume._crossing(bills(CLOUD_FRONTIER=from_nothing), CLOUD, 1, 1000.0) is not None


def test_that_remote_bills_that_follow_the_volume_are_compared_cheapest_first() -> None:
    facts = case("D12", frontier=Stated(900.0, "t"), hosted=Stated(260.0, "t"), lock=NO_LOCK)

    def compared(
        of: Facts, frontier: Callable[[float], float], hosted: Callable[[float], float]
    ) -> tuple[Option, ...]:
        at = bills(CLOUD_FRONTIER=frontier, HOSTED_OPEN=hosted)
        return over_volume._others(of, at, 1000.0)

    def line(usd: float) -> Callable[[float], float]:
        return lambda calls: usd * calls / 1000

    assert compared(facts, line(900.0), line(260.0)) == (HOSTED, CLOUD)
    dear = replace(facts, hosted=Stated(950.0, "t"))
    assert compared(dear, line(900.0), line(950.0)) == (CLOUD, HOSTED)
    # At twice the volume more than half as much again.
    assert compared(facts, lambda _: 1351.0, line(260.0)) == (HOSTED, CLOUD)
    assert compared(facts, lambda _: 1350.0, line(260.0)) == (HOSTED,)
    assert compared(replace(facts, frontier=Unknown("?")), line(900.0), line(260.0)) == (HOSTED,)
    for closed in ({"hosted_allowed": False}, {"hosted_offered": False}):
        assert compared(replace(facts, **closed), line(900.0), line(260.0)) == (CLOUD,)  # type: ignore[arg-type]
    lock = Lock(rules=("H1r",), inside=frozenset({HOSTED}))
    assert compared(replace(facts, lock=lock), line(900.0), line(260.0)) == (HOSTED,)
    lock = Lock(rules=("H1r",), inside=frozenset({CLOUD}))
    assert compared(replace(facts, lock=lock), line(900.0), line(260.0)) == (CLOUD,)


def test_that_the_owned_machine_is_drawn_and_else_the_one_to_buy() -> None:
    own = HostFacts(option=HERE, fits=True, usd_month=Stated(1.0, "t"))
    buy = HostFacts(option=BUY, fits=True, usd_month=Stated(2.0, "t"))
    facts = case("D12", machine=own, buy=buy)
    assert over_volume._host(facts) is own
    assert over_volume._host(replace(facts, machine=replace(own, fits=False))) is buy
    assert over_volume._host(replace(facts, machine=replace(own, usd_month=Unknown("?")))) is buy
    unsure = replace(own, fits=None)
    assert over_volume._host(replace(facts, machine=unsure)) is unsure
    assert over_volume._host(replace(facts, machine=None)) is buy
    assert over_volume._host(replace(facts, machine=None, buy=None)) is None
    # None has a bill: the owned one says why.
    gap = replace(own, usd_month=Unknown("?"))
    assert over_volume._host(replace(facts, machine=gap, buy=None)) is gap


def test_that_a_gap_says_why_nothing_is_drawn() -> None:
    own = HostFacts(option=HERE, fits=True, usd_month=Stated(1.0, "t"))
    facts = case("D12", lock=NO_LOCK)
    assert over_volume._gap(WORK, facts, own) is None
    assert over_volume._gap(WORK, facts, replace(own, fits=None)) is None
    region = Lock(rules=("H1r",), inside=frozenset({CLOUD}))
    assert over_volume._gap(WORK, replace(facts, lock=region), own) is None
    unknown = Unknown("its rates are not known")
    assert over_volume._gap(WORK, facts, replace(own, usd_month=unknown)) is unknown
    for gap, says in (
        (over_volume._gap(WORK, facts, None), "no machine"),
        (over_volume._gap(WORK, facts, replace(own, fits=False)), "does not fit"),
        (over_volume._gap(replace(WORK, volume=Volume(calls_per_day=0.0)), facts, own), "calls"),
        (over_volume._gap(replace(WORK, volume=Volume(series="a.csv")), facts, own), "series"),
    ):
        assert gap is not None
        assert says in gap.reason


def test_that_bills_are_those_of_the_facts_at_that_volume() -> None:
    work = replace(REAL, buy=Purchase(consider=True, machine="RTX 4090"))
    assembler = Assembler(REAL_WORLD)
    more = replace(work, volume=replace(work.volume, calls_per_day=12_000.0))
    facts = assembler.facts(more)
    assert facts.machine is not None
    assert facts.buy is not None
    for option, figure in (
        (HERE, facts.machine.usd_month),
        (BUY, facts.buy.usd_month),
    ):
        at = over_volume._Bills(work, assembler, option)
        assert at.own(12_000.0) == over_volume._ends(figure)
        assert at.own(12_000.0)[1] > 0
        assert (option, 12_000.0) in at.known
        assert at.other(CLOUD, 12_000.0) == pytest.approx(over_volume._ends(facts.frontier)[1])
        assert at.other(HOSTED, 12_000.0) == pytest.approx(over_volume._ends(facts.hosted)[1])
    kept = {(HERE, 1.0): (1.0, 2.0, 3.0), (CLOUD, 1.0): (4.0, 5.0, 6.0)}
    told = over_volume._Bills(work, assembler, HERE, kept)
    assert (told.own(1.0), told.other(CLOUD, 1.0)) == ((1.0, 2.0, 3.0), 5.0)
    none = replace(work, machine=replace(work.machine, available=False))
    assert over_volume._Bills(none, assembler, HERE).own(1.0) == (0.0, 0.0, 0.0)
    assert over_volume._ends(Estimated(1.0, 2.0, 3.0, "t")) == (1.0, 2.0, 3.0)


# Closing in --------------------------------------------------------------------------------------


def test_that_a_straight_saving_is_closed_in_on_with_few_bills() -> None:
    asked: list[float] = []

    def saved(calls: float) -> float:
        asked.append(calls)
        return calls - 10

    # Where the line crosses, a third of a thousandth to each side of it.
    assert over_volume._turn(saved, 1.0, 1000.0) == pytest.approx(10 * (1 + 1e-3 / 3))
    assert asked[:2] == [1.0, 1000.0]
    assert asked[2:4] == pytest.approx([10 * (1 - 1e-3 / 3), 10 * (1 + 1e-3 / 3)])
    assert len(asked) == 4


def test_that_a_saving_that_jumps_is_halved_by_ratio() -> None:
    asked: list[float] = []

    def saved(calls: float) -> float:
        asked.append(calls)
        return 1.0 if calls >= 500 else -1.0

    found = over_volume._turn(saved, 1.0, 50_000.0)
    assert 500 <= found <= 500 * 1.001
    # By halves of the difference alone it would be 54.
    assert len(asked) < 50
    asked.clear()
    assert 500 <= over_volume._turn(saved, 1e-3, 5e6) <= 500 * 1.001
    assert len(asked) < 60
    curved = over_volume._turn(lambda calls: math.log(calls) - 3, 1.0, 1e4)
    assert math.exp(3) < curved <= math.exp(3) * 1.001
