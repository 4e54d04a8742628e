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


def test_that_nothing_is_known_before_the_first_event() -> None:
    start = PullReading()
    assert (start.phase, start.completed_bytes, start.total_bytes) == ("manifest", None, None)
    assert (start.layers, start.moves, start.last_layer) == ((), (), "")
    assert (start.fraction, start.rate_bytes_per_s, start.seconds_left) == (None, None, None)
    assert start.layer_shares == ()


def test_that_an_event_is_read_whole() -> None:
    first = advanced(PullReading(), step(1.0, 5 * MB))
    assert first == PullReading(
        phase="download",
        completed_bytes=5 * MB,
        total_bytes=200 * MB,
        layers=(("sha256:a", 100 * MB),),
        moves=((1.0, 0),),
        last_layer="sha256:a",
        last_completed_bytes=5 * MB,
    )
    second = advanced(first, step(2.0, 7 * MB))
    assert second.moves == ((1.0, 0), (2.0, 2 * MB))
    # An event without bytes moves nothing and forgets what the layer had.
    verified = advanced(second, PullProgress(at=3.0, phase="verify", digest="sha256:a"))
    assert verified == replace(second, phase="verify", last_completed_bytes=0)


def test_that_only_what_one_layer_gains_counts_as_transferred() -> None:
    other = read(step(0.0, 10 * MB), step(1.0, 30 * MB, digest="b"), step(2.0, 31 * MB, digest="b"))
    assert other.moves == ((0.0, 0), (1.0, 0), (2.0, MB))
    nameless = PullProgress(at=5.0, phase="download", completed_bytes=4)
    # The first event names no layer either, and begins from nothing.
    assert advanced(PullReading(), nameless).moves == ((5.0, 4),)


def test_that_the_window_keeps_what_is_no_older_than_it() -> None:
    assert (WINDOW_SECONDS, LEAST_SECONDS) == (6.0, 1.0)
    reading = read(*(step(float(at), at * MB) for at in range(9)))
    assert [at for at, _ in reading.moves] == [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    assert reading.moves[0][1] == 2 * MB
    late = advanced(reading, step(14.5, 9 * MB))
    assert late.moves == ((14.5, 9 * MB),)
    assert late.rate_bytes_per_s is None


def test_that_a_rate_is_of_the_time_between_and_not_of_the_clock() -> None:
    moves = ((100.0, 10 * MB), (102.0, 50 * MB))
    whole = PullReading(moves=moves, completed_bytes=50 * MB, total_bytes=90 * MB)
    assert whole.rate_bytes_per_s == 20 * MB
    assert whole.seconds_left == 2.0
    # More than was announced has come: nothing is left.
    assert replace(whole, completed_bytes=95 * MB).seconds_left == 0.0
    assert replace(whole, completed_bytes=95 * MB).fraction == 1.0
    assert replace(whole, completed_bytes=0).fraction == 0.0
    assert replace(whole, completed_bytes=0).seconds_left == 4.5
    assert replace(whole, completed_bytes=None).seconds_left is None
    assert replace(whole, completed_bytes=None).fraction is None
    assert replace(whole, total_bytes=None).seconds_left is None
    assert replace(whole, total_bytes=0).fraction is None


def test_that_shares_of_layers_leave_out_empty_ones_and_a_rest_of_nothing() -> None:
    layers = (("a", 3), ("empty", 0), ("b", 1))
    assert PullReading(total_bytes=4, layers=layers).layer_shares == (0.75, 0.25)
    assert PullReading(total_bytes=8, layers=layers).layer_shares == (0.375, 0.125, 0.5)
    assert PullReading(total_bytes=3, layers=layers).layer_shares == ()
    assert PullReading(total_bytes=None, layers=layers).layer_shares == ()


def test_that_a_layer_without_a_size_or_a_name_is_not_listed() -> None:
    nameless = PullProgress(at=0.0, phase="download", total_bytes=5, completed_bytes=1)
    assert advanced(PullReading(), nameless).layers == ()
    sizeless = PullProgress(at=0.0, phase="download", digest="a", completed_bytes=1)
    assert advanced(PullReading(), sizeless).layers == ()
    empty = PullProgress(at=0.0, phase="download", digest="a", total_bytes=0)
    assert advanced(PullReading(), empty).layers == (("a", 0),)
    kept = advanced(
        PullReading(total_bytes=9, completed_bytes=3), PullProgress(at=0.0, phase="write")
    )
    assert (kept.total_bytes, kept.completed_bytes) == (9, 3)
    zero = PullProgress(at=0.0, phase="write", whole_completed_bytes=0, whole_total_bytes=7)
    whole = advanced(PullReading(total_bytes=9, completed_bytes=3), zero)
    assert (whole.total_bytes, whole.completed_bytes) == (7, 0)


def test_that_a_short_look_long_after_the_start_gives_no_rate() -> None:
    moves = ((100.0, 0), (100.5, 30 * MB))
    assert PullReading(moves=moves).rate_bytes_per_s is None
    assert PullReading(moves=moves[:1]).rate_bytes_per_s is None
