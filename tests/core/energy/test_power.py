"""What a reading covers, and whether a counter may be believed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.energy.power import CounterCheck, Scope, outermost, plausible


@pytest.mark.parametrize(
    ("watts", "limit", "possible"),
    [
        (0.0, None, False),
        (-1.0, None, False),
        (float("nan"), None, False),
        (float("inf"), 450.0, False),
        (593_000.0, 80.0, False),
        (593_000.0, None, False),
        (585.0, 450.0, True),
        (586.0, 450.0, False),
        (100.0, 0.0, True),
        (0.3, None, True),
    ],
)
def test_that_only_what_can_be_drawn_is_a_power(
    watts: float, limit: float | None, possible: bool
) -> None:
    value, reason = plausible(watts, limit_watts=limit)
    assert (value == watts) is possible
    assert bool(reason) is not possible


@given(st.sets(st.sampled_from(list(Scope)), min_size=1))
def test_that_added_scopes_never_overlap_and_nothing_outer_is_lost(scopes: set[Scope]) -> None:
    added = outermost(scopes)
    assert added <= scopes
    assert added
    if Scope.WALL in scopes:
        assert added == {Scope.WALL}
    elif Scope.SYSTEM_DC in scopes:
        assert added == {Scope.SYSTEM_DC}
    assert not {Scope.SOC, Scope.CPU_PACKAGE} <= added
    assert not {Scope.MODULE, Scope.GPU} <= added


def run(
    watts: Callable[[float], float | None],
    joules: Callable[[float], float | None],
    *,
    seconds: float = 60.0,
    step: float = 0.1,
) -> CounterCheck:
    check = CounterCheck()
    for tick in range(int(seconds / step)):
        at = tick * step
        check.take(at, watts(at), joules(at))
    return check


def test_that_a_counter_that_agrees_is_trusted() -> None:
    assert run(lambda _: 100.0, lambda at: 100.0 * at).reason == ""


def test_that_one_window_apart_is_forgiven_and_two_are_not() -> None:
    once = run(lambda _: 100.0, lambda at: 100.0 * at + (500.0 if at > 7 else 0.0))
    assert once.trusted
    twice = run(lambda _: 100.0, lambda at: 150.0 * at, seconds=30)
    assert not twice.trusted
    assert "disagrees" in twice.reason


def test_that_a_counter_that_stands_while_watts_are_drawn_is_not_trusted() -> None:
    assert not run(lambda _: 100.0, lambda _: 5.0).trusted


def test_that_the_lag_of_a_mean_of_one_second_is_no_disagreement() -> None:
    """Idle and load in turn, the watts a second behind the counter."""

    def load(at: float) -> float:
        return 350.0 if at % 15 > 9 else 20.0

    total = [0.0]
    for tick in range(1, 3000):
        total.append(total[-1] + 0.1 * load(tick * 0.1))

    def mean(at: float) -> float:
        return sum(load(max(0.0, at - back / 10)) for back in range(10)) / 10

    assert run(mean, lambda at: total[round(at * 10)], seconds=290).trusted


def test_that_gaps_resets_and_holes_begin_anew() -> None:
    check = run(lambda at: None if 5 < at < 6 else 100.0, lambda at: 100.0 * at)
    assert check.trusted
    reset = run(lambda _: 100.0, lambda at: 100.0 * at - (1000.0 if at > 15 else 0.0))
    assert reset.trusted
    holes = run(lambda _: 100.0, lambda at: 150.0 * at, step=3.0, seconds=300)
    assert holes.trusted, "readings three seconds apart prove nothing"
    none = run(lambda _: 100.0, lambda _: None)
    assert none.trusted


def test_that_a_load_that_never_rests_is_compared_by_its_mean() -> None:
    check = run(lambda at: 100.0 + 30 * (int(at * 10) % 2), lambda at: 60.0 * at)
    assert not check.trusted
