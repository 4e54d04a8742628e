"""Answers made at once share what was drawn by the tokens each of them made."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.energy.energy_share import Portion, RunSpan, portions


def span(start: float, end: float, *tokens: float) -> RunSpan:
    return RunSpan(start=start, end=end, tokens=tokens)


def weight(parts: tuple[Portion, ...]) -> float:
    return sum(part.weight_seconds for part in parts)


def test_that_an_answer_alone_owns_its_window_and_its_tail() -> None:
    assert portions(span(0, 10, 1, 2), (), tail_seconds=0.3) == (
        Portion(0, 10, 1.0),
        Portion(10, 10.3, 1.0),
    )


def test_that_answers_that_did_not_overlap_share_nothing() -> None:
    before, after = span(-5, 0, -1), span(20, 30, 21)
    assert portions(span(0, 10, 1), (before, after)) == (Portion(0, 10, 1.0),)


def test_that_the_overlap_is_divided_by_the_tokens_made_in_it() -> None:
    run = span(0, 10, 1, 2, 5, 6, 7)
    other = span(4, 20, 5.5, *(11 + i for i in range(9)))
    assert portions(run, (other,)) == (Portion(0, 4, 1.0), Portion(4, 10, 0.75))


def test_that_an_overlap_without_a_token_is_divided_in_equal_parts() -> None:
    assert portions(span(0, 10), (span(0, 4), span(0, 4))) == (
        Portion(0, 4, 1 / 3),
        Portion(4, 10, 1.0),
    )


def test_that_an_answer_that_made_nothing_while_others_did_is_given_nothing() -> None:
    assert portions(span(0, 4, 5), (span(0, 4, 1, 2),))[0] == Portion(0, 4, 0.0)


def test_that_the_tail_belongs_to_the_last_one() -> None:
    first, last = span(0, 10), span(5, 12)
    assert portions(first, (last,), tail_seconds=1)[-1].end == 10
    assert portions(last, (first,), tail_seconds=1)[-1] == Portion(12, 13, 1.0)


def test_that_the_tail_ends_where_another_answer_begins() -> None:
    assert portions(span(0, 10), (span(10.25, 20),), tail_seconds=1)[-1] == Portion(10, 10.25, 1)
    assert portions(span(0, 10), (span(10, 20),), tail_seconds=1) == (Portion(0, 10, 1.0),)


def test_that_answers_that_end_at_one_moment_share_the_tail() -> None:
    parts = portions(span(0, 10), (span(2, 10),), tail_seconds=1)
    assert parts[-1] == Portion(10, 11, 0.5)


def test_that_an_answer_still_being_made_counts_with_what_it_has_made() -> None:
    other = span(5, math.inf, 6)
    assert portions(span(0, 10, 7, 8, 9), (other,), tail_seconds=1)[-1] == Portion(5, 10, 0.75)


def test_that_a_portion_cut_outside_of_itself_is_empty() -> None:
    part = Portion(2, 4, 0.5)
    assert part.cut(3, 9) == Portion(3, 4, 0.5)
    assert part.cut(5, 9).weight_seconds == 0
    assert part.cut(0, 1).weight_seconds == 0


moments = st.floats(0, 20).map(lambda at: round(at, 1))


@st.composite
def spans(draw: st.DrawFn) -> RunSpan:
    start, end = sorted((draw(moments), draw(moments) + 0.05))
    tokens = sorted(draw(st.lists(st.floats(0, 1), max_size=6)))
    return RunSpan(
        start=start, end=end, tokens=tuple(start + share * (end - start) for share in tokens)
    )


@given(st.lists(spans(), min_size=1, max_size=5), st.floats(0, 2))
def test_that_exactly_what_was_drawn_is_given_away(runs: list[RunSpan], tail: float) -> None:
    """Every moment in which anything ran is given away once, tails at most once."""
    given_away = 0.0
    for i, run in enumerate(runs):
        others = [other for k, other in enumerate(runs) if k != i]
        parts = portions(run, others, tail_seconds=tail)
        inside = [part.cut(run.start, run.end) for part in parts]
        given_away += weight(tuple(inside))
        assert parts[0].start == run.start
        assert all(0 <= part.share <= 1 for part in parts)
        assert all(a.end == b.start for a, b in itertools.pairwise(parts))
    assert given_away == pytest.approx(covered(runs), abs=1e-6)


def covered(runs: list[RunSpan]) -> float:
    """Seconds in which at least one ran."""
    total, until = 0.0, -math.inf
    for run in sorted(runs, key=lambda run: run.start):
        total += max(0.0, run.end - max(until, run.start))
        until = max(until, run.end)
    return total
