"""Rows told apart over sources, in memory and on disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.rows import CostRow
from landfall.services.usage import staging as usage_staging
from landfall.services.usage.staging import Staging

SOURCES = st.lists(st.lists(st.integers(-5, 5), max_size=30), min_size=1, max_size=4)
"""What each source's rows say; equal numbers are equal rows."""


def new_rows(sources: Sequence[Sequence[int]]) -> list[int]:
    """Of each source: as many of a kind as it has more of than every source before it."""
    most: Counter[int] = Counter()
    new = []
    for rows in sources:
        counted = Counter(rows)
        new.append(sum(max(0, count - most[row]) for row, count in counted.items()))
        most |= counted
    return new


@settings(deadline=None)
@given(SOURCES, st.sampled_from([1, 3, 1000]), st.integers(1, 9))
def test_that_a_source_adds_what_it_has_more_of_than_those_before_it(
    sources: list[list[int]], most: int, chunk: int
) -> None:
    with (
        patch.object(usage_staging, "MOST_ROWS", most),
        patch.object(usage_staging, "MOST_REPEATS", most),
    ):
        staging = Staging(len(sources))
        found = []
        for number, rows in enumerate(sources):
            staging.begin_source()
            told: list[int | None] = []
            for at in range(0, len(rows), chunk):
                part = rows[at : at + chunk]
                told += staging.numbered(number, part, named=[False] * len(part))
            found.append(sum(one is not None for one in told))
            assert sorted(one for one in told if one is not None) == list(
                staging.fingerprints(number)
            )
        staging.close()
    assert found == new_rows(sources)


@settings(deadline=None)
@given(SOURCES, st.sampled_from([1, 1000]))
def test_that_rows_with_a_name_are_new_once(sources: list[list[int]], most: int) -> None:
    with patch.object(usage_staging, "MOST_ROWS", most):
        staging = Staging(len(sources))
        new = []
        for number, rows in enumerate(sources):
            staging.begin_source()
            told = staging.numbered(number, rows, named=[True] * len(rows))
            new += [one for one in told if one is not None]
        staging.close()
    assert sorted(new) == sorted({row for rows in sources for row in rows})


@given(st.sets(st.integers(-(2**63), 2**63 - 1), max_size=300))
def test_that_new_rows_are_told_in_ascending_order(rows: set[int]) -> None:
    rows |= {-(2**63), -1, 0, 2**63 - 1}
    staging = Staging(1)
    staging.numbered(0, list(rows), named=[True] * len(rows))
    assert list(staging.fingerprints(0)) == sorted(rows)
    staging.close()


def test_that_what_the_history_has_is_not_new() -> None:
    staging = Staging(2)
    assert staging.numbered(0, [1, 2, 3], named=[True] * 3) == [1, 2, 3]
    staging.drop([2])
    assert list(staging.fingerprints(0)) == [1, 3]
    assert staging.numbered(1, [2, 4], named=[True] * 2) == [None, 4]
    assert list(staging.fingerprints(1)) == [4]
    staging.close()


def test_that_buckets_that_were_put_away_twice_are_added_up() -> None:
    at = "2026-06-01T09:00:00+00:00"
    bucket = UsageBucket(
        at=at,
        span_seconds=3600,
        provider="p",
        model="m",
        batch=False,
        requests=1.0,
        billed_usd=0.5,
        longest_tokens=10.0,
    )
    cost = CostRow(at=at, billed_usd=-1.0)
    staging = Staging(2)
    staging.add(0, [bucket], [cost])
    staging.add(1, [bucket, bucket], [])
    (whole,) = staging.buckets()
    assert (whole.rows, whole.requests, whole.billed_usd, whole.batch) == (3, 3.0, 1.5, False)
    assert (whole.longest_tokens, whole.input_tokens, whole.workload) == (10.0, None, "")
    assert [one.rows for one in staging.buckets(1)] == [2]
    assert (list(staging.costs()), list(staging.costs(1))) == ([cost], [])
    staging.close()
