from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.energy.power import Scope
from landfall.core.events import PowerSample
from landfall.core.run.live_curves import PowerCurve, RateCurve, curve_of


def stamps(count: int, rate: float, first: float = 1.0) -> list[float]:
    return [first + i / rate for i in range(count)]


def test_a_steady_stream_is_a_flat_line_after_the_time_to_the_first_token() -> None:
    curve = RateCurve(0.5)
    points = curve.add(stamps(800, 200.0)) + curve.finish(5.0)
    assert points[:2] == [(0.0, 0.0), (0.5, 0.0)]
    assert all(rate == pytest.approx(200, rel=0.03) for _, rate in points[2:])
    assert curve.pieces == 800
    assert curve.now == pytest.approx(200, rel=0.01)


def test_a_pause_is_seen_as_a_pause() -> None:
    curve = RateCurve(0.0)
    points = curve.add([*stamps(100, 50.0), *stamps(100, 50.0, first=6.0)])
    in_pause = [rate for at, rate in points if 4.2 < at < 5.9]
    assert in_pause
    assert set(in_pause) == {0.0}


def test_batches_make_the_same_curve_as_single_pieces() -> None:
    one, many = RateCurve(0.0), RateCurve(0.0)
    times = stamps(300, 90.0)
    by_one = [point for at in times for point in one.add([at])]
    in_batches = [p for i in range(0, 300, 7) for p in many.add(times[i : i + 7])]
    assert by_one == in_batches


def test_nothing_came_draws_nothing() -> None:
    curve = RateCurve(0.0)
    assert curve.finish(9.0) == []
    assert curve.now is None


@given(st.lists(st.floats(0.0, 20.0), min_size=1, max_size=200))
def test_times_go_forward_and_no_rate_is_negative(times: list[float]) -> None:
    curve = RateCurve(0.0)
    points = curve.add(sorted(times)) + curve.finish(max(times))
    assert [at for at, _ in points] == sorted(at for at, _ in points)
    assert all(rate >= 0 for _, rate in points)


def sample(at: float, source: str, scope: Scope, watts: float | None) -> PowerSample:
    return PowerSample(at, source, scope, watts, "" if watts is not None else "it sleeps")


def test_sources_of_one_tick_are_added_and_none_is_counted_twice() -> None:
    curve = PowerCurve(10.0)
    points = curve.add(
        reading
        for at in (10.0, 10.1, 10.2)
        for reading in (
            sample(at, "gpu 0", Scope.GPU, 100.0),
            sample(at, "gpu 1", Scope.GPU, 50.0),
            sample(at, "cpu", Scope.CPU_PACKAGE, 20.0),
        )
    )
    assert [watts for _, watts in points + curve.finish()] == [170.0] * 3
    assert points[0][0] == pytest.approx(0.0)
    assert curve.scopes == {Scope.GPU, Scope.CPU_PACKAGE}


def test_a_plug_contains_the_board() -> None:
    curve = PowerCurve(0.0)
    curve.add([sample(0.0, "gpu", Scope.GPU, 100.0), sample(0.0, "plug", Scope.WALL, 180.0)])
    assert curve.finish() == [(0.0, 180.0)]


def test_a_gap_is_not_filled_and_says_why() -> None:
    curve = PowerCurve(0.0)
    points = curve.add(
        [sample(t / 10, "gpu", Scope.GPU, None if t == 1 else 100.0) for t in range(4)]
    )
    assert [watts for _, watts in points + curve.finish()] == [100.0, None, 100.0, 100.0]
    assert curve.reason == "it sleeps"


def test_readings_that_stay_away_leave_a_gap_between_them() -> None:
    curve = PowerCurve(0.0)
    times = (0.0, 0.1, 5.1, 5.2)
    points = curve.add([sample(at, "gpu", Scope.GPU, 100.0) for at in times]) + curve.finish()
    assert [watts for _, watts in points] == [100.0, 100.0, None, 100.0, 100.0]
    assert 0.1 < points[2][0] < 5.1


def test_samples_of_the_past_that_were_thinned_are_no_row_of_gaps() -> None:
    every_ten = [sample(10.0 * i, "gpu", Scope.GPU, 100.0) for i in range(6) if i != 3]
    points, scopes = curve_of([*every_ten, sample(100.0, "gpu", Scope.GPU, 90.0)])
    assert [at for at, watts in points if watts is None] == [75.0]
    assert scopes == {Scope.GPU}
    assert curve_of([]) == ([], frozenset())
    assert curve_of([sample(1.0, "gpu", Scope.GPU, 5.0)])[0] == [(1.0, 5.0)]
