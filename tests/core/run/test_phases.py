"""What a run does when, out of its events and out of what is kept of it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.events import Aborted, Counters, Ended, Piece, RunEvent, Sent
from landfall.core.run.phases import Phase, PhaseKind, PhaseLine, kept_phases, phase_at, phases

Told = list[tuple[str, float, float]]


def told(found: tuple[Phase, ...]) -> Told:
    return [
        (str(p.kind), pytest.approx(p.start_seconds), pytest.approx(p.end_seconds)) for p in found
    ]


def events(*more: RunEvent) -> list[RunEvent]:
    thought = [Piece(11.0 + i / 10, "hm", thinking=True) for i in range(10)]
    return [Sent(10.0), *thought, Piece(12.0, "Yes"), Piece(12.5, "."), *more]


def test_live_there_is_a_wait_then_thinking_then_the_answer() -> None:
    assert told(phases(events())) == [
        ("waiting", 0.0, 1.0),
        ("think", 1.0, 2.0),
        ("decode", 2.0, 2.5),
    ]


def test_at_the_end_the_server_says_what_the_wait_was() -> None:
    counters = Counters(load_seconds=0.6, prompt_seconds=0.3)
    found = phases(events(Ended(12.6, "stop", counters)))
    assert told(found) == [
        ("load", 0.0, 0.6),
        ("waiting", 0.6, 0.7),
        ("prefill", 0.7, 1.0),
        ("think", 1.0, 2.0),
        ("decode", 2.0, 2.6),
    ]
    assert found[0].seconds == pytest.approx(0.6)


def test_a_server_whose_clock_says_more_than_the_wait_never_reaches_past_it() -> None:
    found = phases(events(Ended(12.6, "stop", Counters(load_seconds=9.0, prompt_seconds=0.4))))
    assert told(found)[:2] == [("load", 0.0, 0.6), ("prefill", 0.6, 1.0)]
    found = phases(events(Ended(12.6, "stop", Counters(prompt_seconds=9.0))))
    assert told(found)[0] == ("prefill", 0.0, 1.0)


def test_a_provider_that_counts_no_time_leaves_the_wait_a_wait() -> None:
    assert told(phases(events(Ended(12.6, "stop"))))[0] == ("waiting", 0.0, 1.0)


def test_before_it_is_sent_there_is_no_phase_and_without_a_piece_only_a_wait() -> None:
    assert phases([]) == ()
    assert phases([Piece(1.0, "x")]) == ()
    assert told(phases([Sent(1.0), Aborted(3.0, "gone")])) == [("waiting", 0.0, 2.0)]


def test_thinking_again_after_an_answer_is_a_phase_again() -> None:
    line = PhaseLine(0.0)
    assert line.add([Piece(1.0, "a"), Piece(1.5, "b")])
    assert not line.add([Piece(1.7, "c")])
    assert line.add([Piece(2.0, "hm", thinking=True)])
    assert told(line.until(3.0)) == [
        ("waiting", 0.0, 1.0),
        ("decode", 1.0, 2.0),
        ("think", 2.0, 3.0),
    ]


@given(
    st.lists(st.tuples(st.floats(0, 50), st.booleans()), max_size=30),
    st.floats(0, 60),
    st.floats(0, 60),
)
def test_phases_follow_one_another_without_a_hole(
    pieces: list[tuple[float, bool]], load: float, prompt: float
) -> None:
    ordered = [Piece(at, "x", thinking) for at, thinking in sorted(pieces)]
    counters = Counters(load_seconds=load, prompt_seconds=prompt)
    found = phases([Sent(0.0), *ordered, Ended(51.0, "stop", counters)])
    edges = [(p.start_seconds, p.end_seconds) for p in found]
    assert edges[0][0] == 0.0
    assert edges[-1][1] == 51.0
    assert all(a[1] == b[0] for a, b in pairwise(edges))
    assert all(start < end for start, end in edges)


def test_a_run_of_the_past_has_the_same_phases_out_of_its_kept_times() -> None:
    found = kept_phases(
        load_seconds=0.6,
        prompt_seconds=0.3,
        ttft_seconds=1.0,
        first_answer_seconds=2.0,
        total_seconds=2.6,
    )
    counters = Counters(load_seconds=0.6, prompt_seconds=0.3)
    assert told(found) == told(phases(events(Ended(12.6, "stop", counters))))


@pytest.mark.parametrize(
    ("ttft", "answer", "expected"),
    [
        (None, None, [("waiting", 0.0, 4.0)]),
        (1.0, None, [("waiting", 0.0, 1.0), ("think", 1.0, 4.0)]),
        (1.0, 1.0, [("waiting", 0.0, 1.0), ("decode", 1.0, 4.0)]),
        (9.0, 9.0, [("waiting", 0.0, 4.0)]),
    ],
)
def test_what_is_not_kept_of_a_run_is_not_made_up(
    ttft: float | None, answer: float | None, expected: Told
) -> None:
    found = kept_phases(
        load_seconds=None,
        prompt_seconds=None,
        ttft_seconds=ttft,
        first_answer_seconds=answer,
        total_seconds=4.0,
    )
    assert told(found) == expected


def test_a_run_without_a_total_has_no_phases() -> None:
    found = kept_phases(
        load_seconds=1.0,
        prompt_seconds=1.0,
        ttft_seconds=2.0,
        first_answer_seconds=2.0,
        total_seconds=None,
    )
    assert found == ()


def test_a_time_lies_in_one_phase_or_in_none() -> None:
    found = phases(events())
    kinds = [(p.kind if (p := phase_at(found, at)) else None) for at in (-1.0, 0.0, 1.0, 2.2, 9.0)]
    assert kinds == [None, PhaseKind.WAITING, PhaseKind.THINK, PhaseKind.DECODE, None]
