"""Old samples are kept coarser: the area stays, a gap stays a gap, a counter stays a counter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.energy.power import MAX_GAP_SECONDS
from landfall.core.energy.sample_thinning import thinned
from landfall.core.events import PowerSample


def joules(samples: Sequence[PowerSample]) -> float:
    """The area under the watts, holes and gaps left out."""
    return sum(
        (b.at - a.at) * (a.watts + b.watts) / 2
        for a, b in pairwise(samples)
        if a.watts is not None and b.watts is not None
    )


def ticks(watts: Sequence[float | None], *, step: float = 0.1) -> list[PowerSample]:
    return [
        PowerSample(i * step, "NVML", "gpu", w, "" if w is not None else "driver gone")
        for i, w in enumerate(watts)
    ]


@given(
    st.lists(st.floats(0.5, 600.0), min_size=2, max_size=400),
    st.sampled_from([1.0, 10.0]),
    st.floats(-3.0, 3.0),
)
def test_that_the_area_under_the_watts_stays(
    watts: list[float], period: float, begin: float
) -> None:
    samples = [PowerSample(begin + i * 0.1, "NVML", "gpu", w) for i, w in enumerate(watts)]
    few = thinned(samples, period)
    assert joules(few) == pytest.approx(joules(samples), rel=1e-9)
    assert len(few) <= min(len(samples), len(samples) * 0.1 / period + 3)
    assert (few[0].at, few[-1].at) == (samples[0].at, samples[-1].at)


@given(
    st.lists(st.one_of(st.none(), st.floats(1.0, 600.0)), min_size=1, max_size=300),
    st.sampled_from([1.0, 10.0]),
)
def test_that_no_number_appears_inside_a_gap(watts: list[float | None], period: float) -> None:
    samples = ticks(watts)
    few = thinned(samples, period)
    known = {round(s.at, 6) for s in samples if s.watts is not None}
    silent = [s.at for s in samples if s.watts is None]
    for one in few:
        if one.watts is not None and round(one.at, 6) not in known:
            before = max(s.at for s in samples if s.at < one.at)
            after = min(s.at for s in samples if s.at > one.at)
            assert before not in silent
            assert after not in silent
    assert bool(silent) == any(s.watts is None for s in few)


def test_that_a_gap_keeps_its_length_and_its_reason() -> None:
    few = thinned(ticks([100.0] * 50 + [None] * 100 + [100.0] * 50), 1.0)
    gap = [s for s in few if s.watts is None]
    assert [round(s.at, 3) for s in gap] == [5.0, 14.9]
    assert {s.reason for s in gap} == {"driver gone"}


def test_that_a_hole_longer_than_can_be_bridged_is_marked() -> None:
    before = ticks([100.0] * 50)
    after = [PowerSample(s.at + 20, s.source, s.scope, s.watts) for s in before]
    few = thinned([*before, *after], 10.0)
    (mark,) = [s for s in few if s.watts is None]
    assert mark.reason == "no reading"
    assert before[-1].at + MAX_GAP_SECONDS < mark.at < after[0].at
    assert joules(few) == pytest.approx(2 * joules(before))


def test_that_an_energy_counter_shows_what_it_showed_and_a_reset_stays_one() -> None:
    samples = [
        PowerSample(i * 0.1, "NVML", "gpu", 100.0, joules=1000.0 + i * 10 if i < 60 else i * 10.0)
        for i in range(100)
    ]
    few = thinned(samples, 1.0)
    shown = {s.joules for s in samples}
    assert all(s.joules in shown for s in few)
    assert few[0].joules == 1000.0
    assert few[-1].joules == 990.0
    assert sum((b.joules or 0) < (a.joules or 0) for a, b in pairwise(few)) == 1


def test_that_sources_are_thinned_apart_and_come_by_time() -> None:
    gpu = ticks([100.0] * 100)
    cpu = [PowerSample(s.at + 0.03, "RAPL", "cpu_package", 40.0) for s in gpu]
    few = thinned(sorted([*gpu, *cpu], key=lambda s: s.at), 1.0)
    assert [s.at for s in few] == sorted(s.at for s in few)
    assert joules([s for s in few if s.source == "RAPL"]) == pytest.approx(40.0 * 9.9)
    assert joules([s for s in few if s.source == "NVML"]) == pytest.approx(100.0 * 9.9)


def test_that_thinning_twice_keeps_the_area() -> None:
    samples = ticks([20.0 + (i % 37) * 11 for i in range(3000)])
    few = thinned(thinned(samples, 1.0), 10.0)
    assert joules(few) == pytest.approx(joules(samples), rel=1e-9)
    assert len(few) < 35


def test_that_a_time_read_twice_counts_once_and_nothing_is_nothing() -> None:
    one = PowerSample(1.0, "NVML", "gpu", 90.0)
    assert thinned([one, one], 1.0) == (one,)
    assert thinned([], 1.0) == ()
