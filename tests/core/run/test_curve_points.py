"""Every point of the curves of a run, worked out by hand; times are fractions that are exact."""

from __future__ import annotations

from landfall.core.energy.power import Scope
from landfall.core.events import PowerSample
from landfall.core.run.live_curves import PowerCurve, PowerPoint, RateCurve, curve_of
from landfall.core.run.thinning import LongCurve, thinned


def test_that_a_rate_is_what_came_in_the_second_before_it() -> None:
    curve = RateCurve(10.0)
    assert curve.add([12.0]) == [(0.0, 0.0), (2.0, 0.0)]
    assert curve.now is None
    assert curve.add([12.125]) == []
    # One piece after the first in a quarter of a second, two in half, three in three quarters.
    assert curve.add([12.375]) == [(2.25, 4.0)]
    assert curve.add([12.5]) == [(2.5, 4.0)]
    # From 13 on a whole second counts: three pieces after 12, two after 12.25, none after 12.5.
    assert curve.add([13.5]) == [(2.75, 4.0), (3.0, 3.0), (3.25, 2.0), (3.5, 0.0)]
    assert curve.now == 1.0
    assert curve.finish(14.0) == [(3.75, 1.0), (4.0, 1.0)]
    assert curve.pieces == 5


def test_that_the_last_piece_has_a_point_of_its_own_where_none_came_after_it() -> None:
    curve = RateCurve(10.0)
    curve.add([12.0, 12.125])
    assert curve.finish(12.1875) == [(2.125, 8.0)]
    # Where it lies on the last step it has one already.
    other = RateCurve(10.0)
    other.add([12.0, 12.125, 12.25])
    assert other.finish(12.25) == []
    alone = RateCurve(10.0)
    alone.add([12.0])
    assert alone.finish(12.125) == []
    # The piece at the step before is not drawn again.
    later = RateCurve(10.0)
    later.add([12.0, 12.25])
    assert later.finish(12.5) == [(2.5, 2.0)]


def test_that_a_piece_at_once_begins_the_curve_at_once() -> None:
    curve = RateCurve(10.0)
    assert curve.add([10.0]) == [(0.0, 0.0)]
    assert curve.add([10.25]) == [(0.25, 0.0)]


def test_that_the_second_of_now_ends_at_the_last_piece() -> None:
    curve = RateCurve(0.0)
    curve.add([1.0, 1.25, 1.5, 1.75])
    assert curve.now == 4.0  # three after the first, in three quarters
    curve.add([2.25])
    assert curve.now == 3.0  # 1.5, 1.75 and 2.25 lie in the second that ends there


def read(at: float, source: str, scope: Scope, watts: float | None) -> PowerSample:
    return PowerSample(at, source, scope, watts, "" if watts is not None else f"{source} sleeps")


def test_that_a_tick_stands_at_the_mean_of_what_is_counted_in_it() -> None:
    curve = PowerCurve(10.0)
    assert curve.finish() == []
    assert (curve.scopes, curve.reason) == (frozenset(), "")
    first = [
        read(10.0, "gpu", Scope.GPU, 100.0),
        read(10.5, "cpu", Scope.CPU_PACKAGE, 20.0),
    ]
    assert curve.add(first) == []
    # A second reading of a source ends the tick.
    assert curve.add([read(11.0, "gpu", Scope.GPU, 90.0)]) == [(0.25, 120.0)]
    assert curve.finish() == [(1.0, 90.0)]
    assert curve.scopes == {Scope.GPU}
    # What lies inside another one counts neither in watts nor in time, nor is its gap one.
    curve.add([read(12.0, "plug", Scope.WALL, 300.0), read(12.5, "gpu", Scope.GPU, None)])
    assert curve.finish() == [(2.0, 300.0)]
    assert curve.reason == ""
    curve.add([read(13.0, "plug", Scope.WALL, None), read(13.5, "gpu", Scope.GPU, 90.0)])
    assert curve.finish() == [(3.0, None)]
    assert curve.reason == "plug sleeps"


def test_that_a_hole_is_longer_than_two_seconds_and_stands_in_its_middle() -> None:
    curve = PowerCurve(0.0)
    points = curve.add([read(at, "gpu", Scope.GPU, 50.0) for at in (0.0, 2.0, 4.25)])
    points += curve.finish()
    assert points == [(0.0, 50.0), (2.0, 50.0), (3.125, None), (4.25, 50.0)]
    wider = PowerCurve(0.0, hole_seconds=3.0)
    points = wider.add([read(at, "gpu", Scope.GPU, 50.0) for at in (0.0, 3.0, 6.5)])
    assert [*points, *wider.finish()] == [(0.0, 50.0), (3.0, 50.0), (4.75, None), (6.5, 50.0)]


def holes(times: list[float], *more: PowerSample) -> int:
    samples = [*(read(at, "gpu", Scope.GPU, 50.0) for at in times), *more]
    points, _ = curve_of(sorted(samples, key=lambda one: one.at))
    return sum(watts is None for _, watts in points)


def test_that_a_hole_of_the_past_is_three_of_the_usual_steps() -> None:
    assert holes([0, 1, 2, 3, 6]) == 0
    assert holes([0, 1, 2, 3, 6.25]) == 1
    # Never less than two seconds, however near samples lie.
    assert holes([0, 0.25, 0.5, 0.75, 2.75]) == 0
    assert holes([0, 0.25, 0.5, 0.75, 3]) == 1
    # Of two steps the longer one is the usual one.
    assert holes([0, 1, 10]) == 0
    # Steps are those of a source: another one in between makes them no shorter.
    others = [read(at + 0.5, "cpu", Scope.CPU_PACKAGE, 9.0) for at in (0, 1, 2, 3, 6)]
    assert holes([0, 1, 2, 3, 6], *others) == 0


def curve_from(values: list[float | None]) -> list[PowerPoint]:
    return [(float(at), value) for at, value in enumerate(values)]


def test_that_each_stretch_keeps_its_lowest_and_its_highest_point() -> None:
    points = curve_from([5, 1, 9, 3, 2, 4, 8, 0, 7, 6])
    # Four points are two stretches of five.
    assert thinned(points, 4) == [points[1], points[2], points[6], points[7]]
    # Ten in three stretches of four at most.
    assert thinned(points, 6) == [points[1], points[2], points[6], points[7], points[8], points[9]]
    assert thinned(points, 10) == points
    # Nine points are four stretches of three at most: 5 1 9, 3 2 4, 8 0 7, 6.
    assert [at for at, _ in thinned(points, 9)] == [1, 2, 4, 5, 6, 7, 9]
    assert thinned(points[:4], 4) == points[:4]
    # 5 1 9 and 3 2.
    assert [at for at, _ in thinned(points[:5], 4)] == [1, 2, 3, 4]


def test_that_two_points_are_never_thinned_and_a_limit_of_one_keeps_two() -> None:
    points = curve_from([5, 1, 9])
    for limit in (0, 1, 2):
        assert thinned(points[:2], limit) == points[:2]
        assert thinned(points, limit) == points[1:]


def test_that_a_gap_keeps_its_first_point_beside_both_ends() -> None:
    points = curve_from([1, None, 5, None, 0, 3])
    assert thinned(points, 2) == [points[1], points[2], points[4]]
    late = curve_from([2, 1, None])
    assert thinned(late, 2) == late


def test_that_a_curve_is_thinned_where_it_has_more_than_2400_points() -> None:
    points: list[PowerPoint] = [(float(at), float(at)) for at in range(2401)]
    curve = LongCurve()
    curve.add(points[:2400])
    assert curve.points == tuple(points[:2400])
    curve.add(points[2400:])
    # The older 1200 are 300 stretches of four, of which a rising line keeps the ends.
    older = [points[at] for first in range(0, 1200, 4) for at in (first, first + 3)]
    assert curve.points == (*older, *points[1200:])


def test_that_a_stretch_begins_one_point_before_it() -> None:
    curve = LongCurve()
    curve.add([(float(at), float(at)) for at in range(10)])
    assert [at for at, _ in curve.between(2.0, 4.0)] == [1, 2, 3, 4, 5]
    assert [at for at, _ in curve.between(0.0, 0.0)] == [0, 1]
    assert [at for at, _ in curve.between(9.0, 20.0)] == [8, 9]
    assert [at for at, _ in curve.within(2.0, 2.0)] == [2]


def test_that_a_value_is_on_the_line_between_its_neighbours() -> None:
    curve = LongCurve()
    curve.add([(1.0, 10.0), (3.0, 50.0), (4.0, None), (6.0, None), (7.0, 80.0)])
    assert curve.value_at(1.5, within=0.0) == 20.0
    assert curve.value_at(2.5, within=0.0) == 40.0
    assert curve.value_at(1.0, within=0.0) == 10.0
    for gap in (3.5, 4.0, 5.0, 6.0, 6.5):
        assert curve.value_at(gap, within=9.0) is None
    # Outside of the curve its nearest end holds for as long as is said.
    assert curve.value_at(0.5, within=0.5) == 10.0
    assert curve.value_at(0.25, within=0.5) is None
    assert curve.value_at(7.5, within=0.5) == 80.0
    assert curve.value_at(7.75, within=0.5) is None
