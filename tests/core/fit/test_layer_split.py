from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.fit.layer_split import Load, packed, split, spread

SIZES = st.lists(st.integers(0, 12), min_size=1, max_size=7)
ROOMS = st.lists(st.integers(-3, 30), min_size=1, max_size=4)


def every_way(items: int, devices: int) -> Iterator[tuple[int, ...]]:
    """Every way to give the last of so many items to devices, in order, each a run of them."""
    if devices == 0:
        yield ()
        return
    for first in range(items + 1):
        for rest in every_way(items - first, devices - 1):
            yield (first, *rest)


def holds(counts: Sequence[int], sizes: Sequence[int], rooms: Sequence[int]) -> bool:
    end = len(sizes)
    for count, room in zip(reversed(counts), reversed(rooms), strict=True):
        if count and sum(sizes[end - count : end]) > room:
            return False
        end -= count
    return True


@given(SIZES, ROOMS)
def test_that_no_other_way_lays_more_on_the_devices(sizes: list[int], rooms: list[int]) -> None:
    counts = packed(sizes, rooms)
    # An item without bytes needs no room at all, also not on a device that is full.
    rooms = [max(0, room) for room in rooms]
    assert holds(counts, sizes, rooms)
    best = max(sum(way) for way in every_way(len(sizes), len(rooms)) if holds(way, sizes, rooms))
    assert sum(counts) == best


@given(SIZES, ROOMS, st.integers(0, 3), st.integers(0, 20))
def test_that_more_room_never_takes_fewer(
    sizes: list[int], rooms: list[int], where: int, more: int
) -> None:
    larger = [room + more * (i == where % len(rooms)) for i, room in enumerate(rooms)]
    assert sum(packed(sizes, larger)) >= sum(packed(sizes, rooms))


LOADS = st.builds(
    Load,
    layers=st.lists(st.integers(1, 8), min_size=1, max_size=6).map(tuple),
    expert_bytes=st.integers(0, 12),
    output_bytes=st.integers(0, 6),
)


@given(LOADS, ROOMS)
def test_that_a_mixture_gets_as_many_experts_as_any_way_would(load: Load, rooms: list[int]) -> None:
    found = split(load, rooms)
    layers = len(load.layers)
    assert 0 <= found.whole <= found.whole + found.dense <= layers
    dense = [*load.layers, load.output_bytes]
    if not load.expert_bytes or sum(packed(dense, rooms)) <= layers:
        return
    fitting = [
        whole
        for whole in range(layers + 1)
        for sizes in [
            [
                *(size + load.expert_bytes * (i < whole) for i, size in enumerate(load.layers)),
                load.output_bytes,
            ]
        ]
        if sum(packed(sizes, rooms)) > layers
    ]
    assert found.whole == max(fitting)
    assert found.whole + found.dense == layers


def test_that_the_output_lies_on_the_last_card_with_the_last_layers() -> None:
    load = Load(layers=(10, 10, 10, 10), expert_bytes=0, output_bytes=15)
    assert split(load, (20, 36)).counts == (2, 3)
    assert split(load, (20, 36)).whole == 4
    assert split(load, (20, 34)).whole == 3
    assert split(load, (60, 14)).counts == (5, 0)


def test_that_the_experts_of_a_mixture_leave_first() -> None:
    load = Load(layers=(2, 2, 2, 2), expert_bytes=10, output_bytes=3)
    assert split(load, (51,)).whole == 4
    enough_for_two = split(load, (40,))
    assert (enough_for_two.whole, enough_for_two.dense) == (2, 2)
    not_even_dense = split(load, (8,))
    assert (not_even_dense.whole, not_even_dense.dense) == (0, 2)


@pytest.mark.parametrize(
    ("groups", "layers", "sizes"),
    [
        ([(4, 5)], 4, [5, 5, 5, 5]),
        ([(2, 9), (4, 1)], 6, [1, 9, 1, 1, 9, 1]),
        ([(6, 1)], 2, [1, 1]),
        ([], 3, [0, 0, 0]),
    ],
)
def test_that_wide_layers_lie_evenly_among_narrow_ones(
    groups: list[tuple[int, int]], layers: int, sizes: list[int]
) -> None:
    assert spread(groups, layers) == sizes
