from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.events import PullProgress
from landfall.core.pull_progress import LEAST_SECONDS, WINDOW_SECONDS, PullReading, advanced

MB = 1_000_000


def step(
    at: float,
    completed: int,
    *,
    digest: str = "sha256:a",
    layer: int = 100 * MB,
    whole: int | None = 200 * MB,
    whole_completed: int | None = None,
) -> PullProgress:
    return PullProgress(
        at=at,
        phase="download",
        digest=digest,
        completed_bytes=completed,
        total_bytes=layer,
        whole_completed_bytes=completed if whole_completed is None else whole_completed,
        whole_total_bytes=whole,
    )


def read(*steps: PullProgress) -> PullReading:
    reading = PullReading()
    for one in steps:
        reading = advanced(reading, one)
    return reading


def test_a_steady_download_has_its_rate_and_the_time_that_is_left() -> None:
    reading = read(*(step(i / 2, i * 5 * MB) for i in range(9)))
    assert reading.rate_bytes_per_s == pytest.approx(10 * MB)
    assert reading.seconds_left == pytest.approx(16.0)
    assert reading.fraction == pytest.approx(0.2)


def test_less_than_a_second_gives_no_rate() -> None:
    reading = read(step(0.0, 0), step(0.9, 50 * MB))
    assert reading.rate_bytes_per_s is None
    assert reading.seconds_left is None


def test_what_was_on_the_disk_before_is_no_transfer() -> None:
    resumed = read(step(0.0, 90 * MB), step(1.0, 91 * MB), step(2.0, 92 * MB))
    assert resumed.rate_bytes_per_s == pytest.approx(1 * MB)
    another = step(3.0, 80 * MB, digest="sha256:b", layer=80 * MB, whole_completed=172 * MB)
    both = advanced(resumed, another)
    assert both.rate_bytes_per_s == pytest.approx(2 * MB / 3)
    assert both.completed_bytes == 172 * MB


def test_a_part_that_is_rolled_back_lowers_the_bytes_and_not_the_rate_below_nothing() -> None:
    reading = read(step(0.0, 0), step(1.0, 60 * MB), step(2.0, 0), step(3.0, 30 * MB))
    assert reading.completed_bytes == 30 * MB
    assert reading.rate_bytes_per_s == pytest.approx(30 * MB)


def test_a_stalled_download_has_the_rate_nothing_and_no_time_left() -> None:
    reading = read(step(0.0, 10 * MB), *(step(float(i), 10 * MB) for i in range(1, 9)))
    assert reading.rate_bytes_per_s == 0.0
    assert reading.seconds_left is None


def test_an_unknown_size_is_no_fraction() -> None:
    reading = read(step(0.0, 10 * MB, whole=None))
    assert reading.fraction is None
    assert reading.layer_shares == ()
    assert reading.completed_bytes == 10 * MB


def test_done_is_the_whole() -> None:
    done = advanced(read(step(0.0, 10 * MB)), PullProgress(at=1.0, phase="done"))
    assert done.fraction == 1.0
    assert done.completed_bytes == 10 * MB


def test_layers_have_their_shares_and_what_is_not_seen_yet_is_the_last() -> None:
    reading = read(step(0.0, 1), step(1.0, 1, digest="sha256:b", layer=50 * MB))
    assert reading.layer_shares == pytest.approx((0.5, 0.25, 0.25))
    grown = advanced(reading, step(2.0, 1, layer=120 * MB))
    assert grown.layers == (("sha256:a", 120 * MB), ("sha256:b", 50 * MB))


def test_layers_that_are_more_than_the_whole_have_no_shares() -> None:
    reading = read(step(0.0, 1, whole=150 * MB), step(1.0, 1, digest="b", whole=150 * MB))
    assert reading.layer_shares == ()


steps = st.lists(
    st.tuples(st.floats(0.001, 3), st.integers(0, 100 * MB), st.sampled_from("abc")),
    min_size=1,
    max_size=40,
)


@given(steps)
def test_that_rate_shares_and_fraction_stay_within_sense(
    moves: list[tuple[float, int, str]],
) -> None:
    at, reading = 0.0, PullReading()
    for wait, completed, digest in moves:
        at += wait
        reading = advanced(reading, step(at, completed, digest=digest, whole=300 * MB))
        assert reading.moves[-1][0] - reading.moves[0][0] <= WINDOW_SECONDS
        assert all(a[1] <= b[1] for a, b in pairwise(reading.moves))
        assert (reading.rate_bytes_per_s or 0) >= 0
        assert reading.fraction is None or 0 <= reading.fraction <= 1
        assert sum(reading.layer_shares) == pytest.approx(1.0)


def test_that_a_rate_is_told_from_the_least_time_on() -> None:
    moves = ((0.0, 0), (LEAST_SECONDS, 30 * MB))
    assert replace(PullReading(), moves=moves).rate_bytes_per_s == 30 * MB / LEAST_SECONDS
    short = ((0.0, 0), (LEAST_SECONDS - 1e-6, 30 * MB))
    assert replace(PullReading(), moves=short).rate_bytes_per_s is None
