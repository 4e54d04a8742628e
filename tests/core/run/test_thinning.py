"""Long curves in few points."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.run.live_curves import PowerPoint
from landfall.core.run.thinning import POINTS, LongCurve, thinned

values = st.lists(st.none() | st.floats(0, 1000), max_size=300)


@given(values, st.integers(1, 80))
def test_a_thinned_curve_keeps_its_peaks_its_gaps_and_its_order(
    given_values: list[float | None], limit: int
) -> None:
    points: list[PowerPoint] = [(float(i), value) for i, value in enumerate(given_values)]
    kept = thinned(points, limit)
    assert set(kept) <= set(points)
    assert kept == sorted(kept, key=lambda point: point[0])
    known = [value for _, value in points if value is not None]
    if known:
        left = [value for _, value in kept if value is not None]
        assert (min(left), max(left)) == (min(known), max(known))
    assert (None in given_values) == (None in [value for _, value in kept])
    assert len(kept) <= max(limit, 2) or len(kept) <= 3 * max(1, limit // 2)


def test_a_curve_of_hours_stays_bounded_and_its_newest_half_whole() -> None:
    curve = LongCurve()
    for i in range(20_000):
        curve.add([(float(i), 500.0 if i == 3 else float(i % 7))])
    points = curve.points
    assert len(points) <= POINTS
    assert points[-1] == curve.last == (19_999.0, float(19_999 % 7))
    newest = [at for at, _ in points[-POINTS // 3 :]]
    assert newest == [float(i) for i in range(20_000 - len(newest), 20_000)]
    assert (3.0, 500.0) in points, "a peak is never thinned away"


def test_a_stretch_has_the_points_around_it_too() -> None:
    curve = LongCurve()
    assert curve.last is None
    curve.add([(float(i), float(i)) for i in range(10)])
    assert [at for at, _ in curve.between(2.5, 4.5)] == [2.0, 3.0, 4.0, 5.0]
    assert [at for at, _ in curve.between(-5.0, 0.5)] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("seconds", "value"),
    [
        (1.0, 10.0),
        (1.5, 15.0),
        (2.5, None),
        (3.0, None),
        (4.5, 45.0),
        (5.05, 50.0),
        (5.2, None),
        (0.95, 10.0),
        (0.5, None),
    ],
)
def test_a_value_lies_on_the_line_and_never_in_a_gap(seconds: float, value: float | None) -> None:
    curve = LongCurve()
    curve.add([(1.0, 10.0), (2.0, 20.0), (3.0, None), (4.0, 40.0), (5.0, 50.0)])
    found = curve.value_at(seconds, within=0.1)
    assert found == (None if value is None else pytest.approx(value))


def test_a_stretch_of_gaps_alone_is_one_gap() -> None:
    points: list[PowerPoint] = [(float(i), None) for i in range(9)]
    assert thinned(points, 2) == [(0.0, None)]


def test_nothing_has_no_value() -> None:
    assert LongCurve().value_at(1.0, within=9.0) is None


def test_a_stretch_alone_has_both_its_ends_and_nothing_beyond() -> None:
    curve = LongCurve()
    curve.add([(float(i), float(i)) for i in range(10)])
    assert [at for at, _ in curve.within(3.0, 5.0)] == [3.0, 4.0, 5.0]
    assert [at for at, _ in curve.within(2.5, 3.5)] == [3.0]
    assert curve.within(3.2, 3.4) == []
