"""What machines do for people, in numbers that can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.demand.people import GROWS, Answer, Bound, answer, basis, crowd, served
from landfall.core.provenance import Estimated, Figure, Unknown, band, middle
from tests.core.demand.round_crowds import ASKS, LN20, POOLED, machine


def value(figure: Figure) -> float:
    found = middle(figure)
    assert found is not None, figure
    return found


def test_that_an_answer_has_every_figure_of_one_machine() -> None:
    found: Answer = answer(replace(ASKS, target_seconds=8.0), [machine()])
    pooled = found.pooled
    assert value(pooled.served) == 62
    assert (pooled.bound, pooled.used, pooled.arrangement) == (Bound.TARGET, ("box",), POOLED)
    assert value(pooled.utilisation) == 0.5
    assert value(pooled.mean_wait) == pytest.approx(1.0)
    assert value(pooled.p95) == pytest.approx(LN20 / 0.5)
    assert value(pooled.late) == pytest.approx(math.exp(-4))
    assert value(pooled.overflow) == pytest.approx(1 / 3)
    # Three may wait: rho^4 / (1 + ... + rho^4) = 1 / 31.
    assert value(pooled.overflow_queued) == pytest.approx(1 / 31)
    assert "3 may wait" in str(pooled.overflow_queued)
    assert [value(one) for one in found.alone] == [62]
    assert (found.needed, found.needed_like, found.enough) == (1, "box", True)
    # Five hundred people: 5 erlangs.
    assert value(found.grown.utilisation) == 5.0
    assert found.grown.p95 is GROWS
    assert found.grown_needed == 7
    assert found.machines == (machine(),)
    assert answer(replace(ASKS, calls_per_hour=1.0), [machine(0.5)]).needed == 1
    assert answer(replace(ASKS, people=63, target_seconds=8.0), [machine()]).enough is False
    assert answer(replace(ASKS, people=62, target_seconds=8.0), [machine()]).enough is True
    assert isinstance(answer(ASKS, [machine()]).pooled.late, Unknown)


def test_that_the_fastest_for_its_slots_is_counted() -> None:
    """4 s in eight slots are half a second a call."""
    wide = machine(4.0, slots=8, name="rack")
    found = answer(ASKS, [machine(), wide])
    assert found.needed_like == "rack"
    assert [value(one) for one in found.alone] == [80, 160]
    assert found.pooled.used == ("box", "rack")
    unknown = machine(Unknown("never measured"), name="dark")
    assert answer(ASKS, [unknown, machine()]).needed_like == "box"
    assert isinstance(found.by_person.served, Estimated)
    assert value(found.by_person.served) == 240
    assert value(found.by_chance.utilisation) == pytest.approx(0.5 / 3)
    assert value(found.by_chance.served) == 240


def test_that_what_holds_the_people_is_told() -> None:
    def bound(target: float | None, seconds: float = 1.0) -> Bound | None:
        profile = replace(ASKS, target_seconds=target)
        return crowd(profile, [machine(seconds)], POOLED).bound

    assert bound(None) is Bound.BUSY
    assert bound(8.0) is Bound.TARGET
    assert bound(100.0) is Bound.BUSY
    assert bound(2.9) is Bound.TOO_SLOW
    assert bound(8.0, 2.6) is Bound.TARGET
    # Alone in time, exp(-8 / 2.65) = 0.049, and with 0.3 people it no longer is.
    assert bound(8.0, 2.65) is Bound.TARGET
    assert value(served(replace(ASKS, target_seconds=8.0), [machine(2.65)], POOLED)) == 0
    unknown = crowd(ASKS, [machine(Unknown("why"))], POOLED)
    assert (unknown.bound, unknown.used) == (None, ())


def test_that_a_band_has_both_ends_and_a_growing_queue_an_hour() -> None:
    wide = machine(Estimated(0.5, 1.0, 1.6, "x"))
    assert band(served(ASKS, [wide], POOLED)) == (50, 80, 160)
    found = crowd(ASKS, [wide], POOLED)
    assert band(found.p95) == pytest.approx((LN20 / 1.5, LN20 / 0.5, LN20 / 0.125))
    late = crowd(ASKS, [machine(Estimated(0.5, 1.0, 2.0, "x"))], POOLED)
    assert band(late.p95) == pytest.approx((LN20 / 1.5, LN20 / 0.5, 3600.0))
    nothing = crowd(ASKS, [machine(Estimated(0.0, 1.0, 1.6, "x"))], POOLED)
    assert band(nothing.utilisation) == pytest.approx((0.5, 0.5, 0.8))


def test_that_an_unknown_machine_is_named_where_there_are_others() -> None:
    dark = machine(Unknown("never measured"), name="dark")
    both = served(ASKS, [machine(), dark], POOLED)
    assert both == Unknown("dark: never measured")
    assert served(ASKS, [dark, dark], POOLED) == Unknown("never measured")
    assert "takes no time" in str(served(ASKS, [machine(0.0)], POOLED))
    assert "nobody asks" in str(served(replace(ASKS, calls_per_hour=0.0), [machine()], POOLED))
    assert basis([machine(), machine(), machine(said="a guess"), machine(said="")]) == (
        "a sweep; a guess"
    )
    assert str(served(ASKS, [machine()], POOLED)).count("a sweep") == 1
