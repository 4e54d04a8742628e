"""The area under readings, counted by hand; times and watts are fractions that are exact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from landfall.core.energy.integrator import Curve, curve, mean_watts, step_seconds
from landfall.core.events import PowerSample
from landfall.core.provenance import Unknown


def read(at: float, watts: float | None, joules: float | None = None) -> PowerSample:
    return PowerSample(at, "gpu", "gpu", watts, "" if watts is not None else "gap", joules)


def by_watts(*readings: tuple[float, float]) -> list[PowerSample]:
    return [read(at, watts) for at, watts in readings]


def by_counter(readings: Iterable[tuple[float, float]]) -> list[PowerSample]:
    return [read(at, None, joules) for at, joules in readings]


def known(samples: list[PowerSample], start: float, end: float) -> Curve:
    found = curve(samples, start, end)
    assert isinstance(found, Curve)
    return found


def unknown(samples: list[PowerSample], start: float, end: float) -> str:
    found = curve(samples, start, end)
    assert isinstance(found, Unknown)
    return found.reason


RAMP = by_watts((0, 10), (1, 30), (2, 50), (4, 10))
"""20 W a second up to 50 W, and 20 W a second down: 20 + 40 + 60 J."""


def test_that_a_curve_has_the_readings_inside_and_both_edges() -> None:
    found = known(RAMP, 0.5, 3)
    assert found.times == (0.5, 1, 2, 3)
    assert found.watts == (20, 30, 50, 30)
    # Trapezoids: 0.5 x 25, 1 x 40, 1 x 40.
    assert found.joules == (0, 12.5, 52.5, 92.5)
    assert found.note == ""


def test_that_a_part_of_a_window_is_the_area_under_the_line() -> None:
    found = known(RAMP, 0, 4)
    assert found.between(0, 4) == 120
    assert found.between(0, 0.5) == 7.5  # 10 W to 20 W
    assert found.between(0.5, 1) == 12.5
    assert found.between(1, 1.5) == 17.5
    assert found.between(2, 3) == 40
    assert found.between(3, 4) == 20
    # Nothing is drawn outside of it.
    assert found.between(-5, 0.5) == 7.5
    assert found.between(3, 9) == 20
    assert found.between(4, 9) == found.between(-3, 0) == 0


def test_that_a_counter_rises_straight_between_its_readings() -> None:
    found = Curve((0.0, 2.0, 6.0), (0.0, 10.0, 50.0), ())
    assert found.between(0, 1) == 5
    assert found.between(1, 3) == 15
    assert found.between(2, 6) == 40
    assert found.between(4, 5) == 10


def test_that_an_edge_beyond_the_readings_has_the_nearest_for_two_seconds() -> None:
    one = by_watts((0, 10), (1, 30))
    assert known(one, -2, 3).joules == (0, 20, 40, 100)
    assert known(one, -2, 3).watts == (10, 10, 30, 30)
    assert "more than 2 s" in unknown(one, -2.125, 1)
    assert "more than 2 s" in unknown(one, 0, 3.125)


def test_that_a_hole_of_two_seconds_is_joined_and_no_longer_one() -> None:
    assert known(by_watts((0, 10), (2, 30)), 0, 2).between(0, 2) == 40
    longer = by_watts((0, 10), (1, 10), (3.25, 30), (4, 30))
    assert "more than 2 s" in unknown(longer, 0, 4)
    # It does not matter where the window only touches it.
    assert known(longer, 0, 1).between(0, 1) == 10
    assert known(longer, 3.25, 4).between(3.25, 4) == 22.5
    assert "more than 2 s" in unknown(longer, 0, 1.125)
    assert "more than 2 s" in unknown(longer, 3.125, 4)


def test_that_a_reading_at_an_edge_counts_once() -> None:
    found = known(by_watts((0, 10), (1, 30), (2, 20)), 0, 1)
    assert found.times == (0, 1)
    assert found.joules == (0, 20)


def test_that_a_second_reading_of_a_moment_is_left_out() -> None:
    twice = by_watts((0, 10), (1, 30), (1, 99), (0.5, 99), (2, 30))
    assert known(twice, 0, 2).joules == (0, 20, 50)


def test_that_one_reading_bears_a_window_of_four_seconds_around_it() -> None:
    assert known(by_watts((5, 40)), 3, 7).between(3, 7) == 160


def test_that_the_last_reason_of_a_gap_is_told() -> None:
    told = ((0, "first"), (1, "second"), (2, "last"), (3, ""))
    gaps = [replace(read(at, None), reason=why) for at, why in told]
    assert unknown(gaps, 0, 2) == "last"
    assert unknown([], 0, 2) == "no reading"
    assert unknown(RAMP, 2, 2) == "the window has no length"
    assert unknown(RAMP, 2, 1) == "the window has no length"


TICKS = [(at / 4, 1000 + at * 25.0) for at in range(33)]
"""A counter that moves each 0.25 s by 25 J, 100 W, for eight seconds."""


def test_that_a_counter_alone_is_a_curve_of_its_own() -> None:
    found = known(by_counter(TICKS), 2, 3)
    assert found.times == (2, 2.25, 2.5, 2.75, 3)
    assert found.joules == (0, 25, 50, 75, 100)
    assert found.watts == ()
    assert found.between(2.125, 2.25) == 12.5


def test_that_a_counter_is_read_where_it_moved() -> None:
    """A reading that shows the same again tells nothing of when the counter moved."""
    again = [(at + 0.125, joules) for at, joules in TICKS]
    found = known(by_counter(sorted([*TICKS, *again])), 2, 3)
    assert found.times == (2, 2.25, 2.5, 2.75, 3)


def test_that_three_steps_in_the_window_are_the_fewest() -> None:
    # Steps at 2.25, 2.5 and 2.75; the edges count with it.
    assert known(by_counter(TICKS), 2.125, 2.875).between(2.125, 2.875) == 75
    assert known(by_counter(TICKS), 2.25, 2.75).between(2.25, 2.75) == 50
    few = curve([*by_counter(TICKS)], 2.375, 2.875)
    assert isinstance(few, Unknown)
    beside = [read(at, 100.0, joules) for at, joules in TICKS]
    found = known(beside, 2.375, 2.875)
    assert (found.watts[0], found.note) == (100, "")


def test_that_the_first_reading_of_a_counter_is_no_step() -> None:
    beside = [read(at, 100.0, joules) for at, joules in TICKS[:3]]
    assert known(beside, 0, 0.5).watts != ()
    beside = [read(at, 100.0, joules) for at, joules in TICKS[:4]]
    assert known(beside, 0, 0.75).watts == ()


@pytest.mark.parametrize(("seconds", "said"), [(1.0, "the energy counter stands still"), (0.9, "")])
def test_that_a_counter_stands_still_from_a_second_on(seconds: float, said: str) -> None:
    standing = [read(at / 8, 50.0, 7.0) for at in range(17)]
    found = known(standing, 0, seconds)
    assert found.note == said
    assert found.between(0, seconds) == pytest.approx(50 * seconds)


def test_that_a_counter_is_continued_for_three_tenths_of_a_second() -> None:
    samples = by_counter(TICKS)  # it ends at 8 s
    found = known(samples, -0.25, 8.25)
    assert found.between(-0.25, 8.25) == pytest.approx(850)
    assert found.between(-0.25, 0) == pytest.approx(25)
    assert found.between(8, 8.25) == pytest.approx(25)
    watts = [replace(one, watts=100.0) for one in samples]
    for start, end in ((-0.375, 8.0), (0.0, 8.375)):
        assert known(watts, start, end).note.endswith("not read up to the edges")


def test_that_a_counter_is_continued_as_it_went_at_that_end() -> None:
    faster = [(0.0, 0.0), (0.25, 25.0), (0.5, 50.0), (0.75, 125.0), (1.0, 200.0)]
    found = known(by_counter(faster), -0.25, 1.25)
    assert found.between(-0.25, 0) == pytest.approx(25)
    assert found.between(1, 1.25) == pytest.approx(75)


def test_that_a_hole_of_a_counter_and_one_that_went_back_leave_the_watts() -> None:
    beside = [read(at, 100.0, joules) for at, joules in TICKS]
    hole = [replace(one, joules=None) if 2 < one.at < 4.25 else one for one in beside]
    assert "not read for more than 2 s" in known(hole, 0, 8).note
    joined = [replace(one, joules=None) if 2 < one.at < 4 else one for one in beside]
    assert known(joined, 0, 8).watts == ()
    back = [replace(one, joules=5.0) if one.at == 4 else one for one in beside]
    assert "went back" in known(back, 0, 8).note


@pytest.mark.parametrize(
    ("seconds", "watts", "believed"),
    [
        # Over ten seconds it may differ by a fifth of the watts: 100 W of 80, of 83.4, of 125.
        (10.0, 80.0, False),
        (10.0, 84.0, True),
        (10.0, 125.0, True),
        (10.0, 126.0, False),
        (9.75, 80.0, True),
    ],
)
def test_that_a_counter_is_compared_with_the_watts_over_ten_seconds(
    seconds: float, watts: float, *, believed: bool
) -> None:
    samples = [read(at / 4, watts, at * 25.0) for at in range(49)]
    found = known(samples, 0, seconds)
    assert (found.watts == ()) is believed
    assert ("disagrees" in found.note) is not believed
    assert found.between(0, seconds) == seconds * (100 if believed else watts)
    # The same at any time of day.
    later = [replace(one, at=one.at + 5000) for one in samples]
    assert (known(later, 5000, 5000 + seconds).watts == ()) is believed


def test_that_a_mean_is_the_energy_over_the_time() -> None:
    other = [replace(one, source="cpu", watts=999.0) for one in RAMP]
    assert mean_watts([*RAMP, *other], "gpu", start=0, end=4) == 30
    assert mean_watts(RAMP, "gpu", start=1, end=2) == 40
    assert mean_watts(RAMP, "gpu", start=1, end=1) is None
    assert mean_watts(RAMP, "gpu", start=2, end=1) is None
    assert mean_watts(RAMP, "cpu", start=0, end=4) is None


def test_that_the_usual_step_is_the_middle_one() -> None:
    assert step_seconds(by_watts((0, 1), (1, 1), (3, 1), (3, 1), (7, 1))) == 2
    assert step_seconds(by_watts((0, 1), (1, 1), (4, 1))) == 3
    assert step_seconds(by_watts((0, 1))) == 0
    assert step_seconds([]) == 0
