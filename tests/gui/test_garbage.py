"""Garbage: what is new often, everything seldom, and not in the middle of an answer."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from landfall.gui.garbage import WHOLE_AT_LATEST_SECONDS, WHOLE_EVERY, GarbageCollector


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The generations that were collected; much is always left."""
    was_on, found = gc.isenabled(), list[int]()
    monkeypatch.setattr(gc, "get_count", lambda: (10**6, 0, 0))
    monkeypatch.setattr(gc, "collect", found.append)
    yield found
    if was_on:
        gc.enable()


def test_everything_is_collected_every_tenth_time(collected: list[int]) -> None:
    collector = GarbageCollector()
    for _ in range(2 * WHOLE_EVERY):
        collector.collect_when_due()
    assert collected == ([1] * (WHOLE_EVERY - 1) + [2]) * 2


def test_while_an_answer_streams_everything_waits_for_its_end(collected: list[int]) -> None:
    now = [0.0]
    collector = GarbageCollector(clock=lambda: now[0])
    for _ in range(5 * WHOLE_EVERY):
        collector.collect_when_due(streaming=True)
    assert set(collected) == {1}
    collector.collect_when_due()
    assert collected[-1] == 2


def test_a_stream_of_hours_does_not_keep_garbage_for_hours(collected: list[int]) -> None:
    now = [0.0]
    collector = GarbageCollector(clock=lambda: now[0])
    for seconds in range(0, 1800, 5):
        now[0] = float(seconds)
        collector.collect_when_due(streaming=True)
    assert collected.count(2) == 1800 // int(WHOLE_AT_LATEST_SECONDS) - 1


def test_nothing_is_collected_where_little_is_left(
    collected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gc, "get_count", lambda: (1, 0, 0))
    GarbageCollector().collect_when_due()
    assert collected == []
