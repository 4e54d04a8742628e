"""Which layers lie on which device when a model is laid over several, or over one and main memory.

Source: llama.cpp b10488, common/fit.cpp. Layers stay whole and in order; devices are filled from
the last one and the last layer on, the output before any layer. Of a mixture first every layer's
dense part goes to devices with all experts in main memory; what room is left takes experts, layer
by layer from the front.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


def packed(sizes: Sequence[int], rooms: Sequence[int]) -> tuple[int, ...]:
    """How many of the items each device holds, filled from the back.

    Args:
        sizes: Bytes of each item, first to last; the output is the last.
        rooms: Bytes that each device has for them, first device to last; below 0 counts as 0.
    """
    taken = list(accumulate(reversed(sizes)))
    counts: list[int] = []
    done = 0
    for room in reversed(rooms):
        before = taken[done - 1] if done else 0
        end = max(done, bisect_right(taken, before + max(0, room)))
        counts.append(end - done)
        done = end
    return tuple(reversed(counts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A model as it is laid out.

    Attributes:
        layers: Bytes of each layer without its experts, with its cache and state, first to last.
        expert_bytes: Experts of one layer; 0 for a dense model.
        output_bytes: The output matrix.
    """

    layers: tuple[int, ...]
    expert_bytes: int
    output_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Where the layers went.

    Attributes:
        counts: Layers, and the output as one more, on each device.
        whole: Layers that are on devices with everything.
        dense: Layers whose experts alone are in main memory.
    """

    counts: tuple[int, ...]
    whole: int
    dense: int = 0


def split(load: Load, rooms: Sequence[int]) -> Split:
    """As much of the model as the devices take.

    Args:
        rooms: Of each device, less its buffers and the runtime's own memory.
    """
    whole = packed(_items(load, len(load.layers)), rooms)
    full = sum(whole) > len(load.layers)
    if full or not load.expert_bytes:
        return Split(counts=whole, whole=max(0, sum(whole) - 1))
    return _mixture(load, rooms)


def _items(load: Load, with_experts: int) -> list[int]:
    """Sizes of the layers, of which the first so many have their experts, and of the output."""
    own = load.layers
    first = [size + load.expert_bytes for size in own[:with_experts]]
    return [*first, *own[with_experts:], load.output_bytes]


def _mixture(load: Load, rooms: Sequence[int]) -> Split:
    layers = len(load.layers)
    counts = packed(_items(load, 0), rooms)
    if sum(counts) <= layers:
        return Split(counts=counts, whole=0, dense=max(0, sum(counts) - 1))
    good, bad = 0, layers
    while bad - good > 1:
        middle = (good + bad) // 2
        tried = packed(_items(load, middle), rooms)
        if sum(tried) > layers:
            good, counts = middle, tried
        else:
            bad = middle
    return Split(counts=counts, whole=good, dense=layers - good)


def spread(groups: Sequence[tuple[int, int]], layers: int) -> list[int]:
    """Bytes of each layer where some layers have more than others, evenly mixed.

    Architectures alternate wide and narrow layers; a catalogue knows only how many of each.

    Args:
        groups: How many layers, and the bytes of one.
    """
    out = [0] * layers
    for count, size in groups:
        for number in range(min(count, layers)):
            out[(2 * number + 1) * layers // (2 * count) if count <= layers else number] += size
    return out
