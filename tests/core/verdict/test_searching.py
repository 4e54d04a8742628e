"""The way along one number, read with less where less decides: what is read, and what is proved."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from landfall.core.verdict import searching
from landfall.core.verdict.parts import ALL, Part
from landfall.core.verdict.quick_changes import Probe
from landfall.core.verdict.searching import Reader, Search, typed
from landfall.core.verdict.table_numbers import Reading
from landfall.core.verdict.turning import Path, Turn
from landfall.core.workload.keys import BY_PATH, get
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload
from tests.core.verdict.test_turning import CLOUD, HERE, TURNS_AT, Seen, billed, path
from tests.core.verdict.test_verdict_worlds import workload

KEY = BY_PATH["quotes.cloud_frontier_usd_month"]
DAYS = BY_PATH["volume.history_days"]
SLIM = ALL - {Part.BUY, Part.RENT}


class Tried:
    """Reads a bill, remembers with which parts, and says whether what is left out is spared."""

    def __init__(
        self,
        spares: Callable[[float], bool],
        bill: Callable[[float, frozenset[Part]], float] = lambda value, _: value,
    ) -> None:
        self.workload = workload("D12")
        self.read_with: list[tuple[float, frozenset[Part]]] = []
        self.left_out: list[frozenset[Part]] = []
        self._spares, self._bill = spares, bill

    def read(self, changed: Workload, parts: frozenset[Part]) -> Reading:
        value = float(get(changed, KEY))
        self.read_with.append((value, parts))
        return billed(self._bill(value, parts))

    def spares(self, found: Reading, parts: frozenset[Part]) -> bool:
        self.left_out.append(parts)
        return self._spares(found.numbers.frontier or 0.0)


def search(tried: Tried, *, base: Option = HERE, now: float = 1000.0) -> Search:
    reader = Reader(cast("Probe", tried), KEY, ALL)
    slim_reader = replace(reader, parts=SLIM)
    way = path(reader.read, base=base)
    return Search(way, reader, way.quicker(slim_reader.read, now), slim_reader)


def just_below(found: tuple[float, Option] | None) -> bool:
    return found is not None and found[1] is CLOUD and 0 < TURNS_AT - found[0] < 1e-5


def test_that_whole_keys_are_written_whole() -> None:
    assert typed(DAYS, 27.6) == 28
    assert isinstance(typed(DAYS, 27.6), int)
    assert typed(KEY, 27.6) == 27.6
    tried = Tried(lambda _: True)
    assert Reader(cast("Probe", tried), KEY, SLIM).read(27.6).numbers.frontier == 27.6
    assert tried.read_with == [(27.6, SLIM)]


def test_that_a_way_on_which_nothing_is_bought_or_rented_is_read_without() -> None:
    tried = Tried(lambda _: True)
    assert just_below(search(tried).nearest(1000.0, (10.0,)))
    assert {parts for value, parts in tried.read_with if value != 1000.0} == {SLIM}
    assert set(tried.left_out) == {ALL - SLIM}


def test_that_what_is_not_spared_is_left_out_between_and_read_at_the_turn() -> None:
    tried = Tried(lambda _: False)
    found = search(tried).nearest(1000.0, (10.0,))
    assert just_below(found)
    assert found is not None
    # Both ends with everything; between them what is idle at both is left out.
    assert (10.0, ALL) in tried.read_with
    between = [parts for value, parts in tried.read_with if value not in (10.0, 1000.0)]
    assert set(between) == {SLIM, ALL}
    whole = [value for value, parts in tried.read_with if parts == ALL]
    assert found[0] in whole
    # The old verdict is looked for where it was read last, within a millionth of the value.
    assert any(0 < value - found[0] < 1e-6 * found[0] for value in whole)


def test_that_a_turn_that_less_shows_and_all_does_not_is_looked_for_again() -> None:
    def bill(value: float, parts: frozenset[Part]) -> float:
        # Read in part the machine stays from 300 on only.
        return value if parts == ALL or value in (10.0, 1000.0) else value / 2

    tried = Tried(lambda _: False, bill)
    assert just_below(search(tried).nearest(1000.0, (10.0,)))


def test_that_a_turn_that_all_never_shows_is_none() -> None:
    def bill(value: float, parts: frozenset[Part]) -> float:
        return 1000.0 if parts == ALL else value

    asked = iter([True, True])
    tried = Tried(lambda _: next(asked, False), bill)
    assert search(tried).nearest(1000.0, (10.0,)) is None


def test_that_what_is_left_out_is_spared_on_both_sides_of_a_turn() -> None:
    # Spared at the ends and at the flip, not before it: there everything is read.
    tried = Tried(lambda bill: bill in (10.0, 1000.0) or bill < TURNS_AT)
    assert just_below(search(tried).nearest(1000.0, (10.0,)))
    assert any(parts == ALL and value not in (10.0, 1000.0) for value, parts in tried.read_with)
    other = Tried(lambda bill: bill in (10.0, 1000.0) or bill > TURNS_AT)
    assert just_below(search(other).nearest(1000.0, (10.0,)))
    assert any(parts == ALL and value not in (10.0, 1000.0) for value, parts in other.read_with)


def test_that_a_way_is_followed_from_stop_to_stop() -> None:
    tried = Tried(lambda _: True)
    assert just_below(search(tried).nearest(1000.0, (1000.0, 500.0, 200.0, 10.0)))
    short = Tried(lambda _: True)
    assert search(short).nearest(1000.0, (500.0, 200.0)) is None
    assert search(short).nearest(1000.0, ()) is None
    up = search(Tried(lambda _: True), base=CLOUD, now=10.0)
    assert up.nearest(10.0, (20.0, 1000.0)) == (TURNS_AT, HERE)


@pytest.mark.parametrize(
    ("at", "now", "whole", "before"),
    [
        (100.0, 200.0, False, 100.0 + 1e-4),
        (200.0, 100.0, False, 200.0 - 1e-4),
        (-200.0, 100.0, False, -200.0 + 1e-4),
        (1.0, -400.0, False, 1.0 - 2e-4),
        (28.0, 90.0, True, 29.0),
        (90.0, 28.0, True, 89.0),
    ],
)
def test_that_before_a_turn_is_half_a_millionth_nearer(
    at: float, now: float, whole: bool, before: float
) -> None:
    way = cast("Path", path(whole=whole))
    apart = Turn(now, at)
    assert searching._before(way, apart, now) == pytest.approx(before, abs=1e-12)
    # What was read nearer than that is as good, and read already.
    nearer = at + (before - at) * (1.0 if whole else 0.9)
    assert searching._before(way, Turn(nearer, at), now) == nearer


def test_that_a_turn_holds_where_it_turned_and_had_not_before() -> None:
    way = path()
    assert searching._holds(way, Turn(1000.0, 149.99999), 1000.0)
    assert not searching._holds(way, Turn(1000.0, 150.0), 1000.0)
    assert not searching._holds(way, Turn(1000.0, 149.0), 1000.0)
    # Of the way back the old verdict is that of the cloud.
    assert searching._holds(path(base=CLOUD), Turn(10.0, 150.0), 10.0)
    assert not searching._holds(path(base=CLOUD), Turn(10.0, 151.0), 10.0)
    assert math.isclose(TURNS_AT, 150.0)


def test_that_of_a_turn_no_more_is_read_than_where_it_was_closed_in_on() -> None:
    seen = Seen()
    way = path(seen)
    assert searching._holds(way, Turn(150.0, 149.99999), 1000.0)
    assert seen.values == [149.99999, 150.0]


def test_that_a_way_with_nothing_left_out_is_the_way_itself() -> None:
    tried = Tried(lambda _: True)
    reader = Reader(cast("Probe", tried), KEY, frozenset({Part.FRONTIER}))
    way = path(reader.read)
    same: Any = Search(way, reader, way.quicker(reader.read, 1000.0), reader)
    quick, parts = same._quicker(1000.0, 10.0)
    assert quick is way
    assert parts == {Part.FRONTIER}
    assert tried.left_out == []
    idle = Reader(cast("Probe", tried), KEY, frozenset({Part.FRONTIER, Part.BUY}))
    less: Any = Search(path(idle.read), idle, way, idle)
    quick, parts = less._quicker(1000.0, 200.0)
    assert parts == {Part.FRONTIER}
    assert quick.option(500.0) is HERE
    assert tried.read_with[-1] == (500.0, frozenset({Part.FRONTIER}))
