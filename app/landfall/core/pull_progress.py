"""Where a pull is, how fast it comes and how long it will take, out of its events.

What was on the disk before is not counted as transferred: only what a layer gains between two of
its own events is, so that a resumed pull shows no rate that the network never had.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from landfall.core.events import PullProgress

WINDOW_SECONDS = 6.0
"""The rate is that of the last seconds."""

LEAST_SECONDS = 1.0
"""A shorter look gives no rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullReading:
    """What is known of a pull after its latest event.

    Attributes:
        phase: As the server says: manifest, download, verify, write, done.
        completed_bytes: Of all layers; may go down where a damaged part is loaded anew.
        total_bytes: Of all layers, or None where nobody has told it yet.
        layers: Digest and size of each layer that was seen, in order.
        moves: Time and bytes transferred so far, over the window.
    """

    phase: str = "manifest"
    completed_bytes: int | None = None
    total_bytes: int | None = None
    layers: tuple[tuple[str, int], ...] = ()
    moves: tuple[tuple[float, int], ...] = ()
    last_layer: str = ""
    last_completed_bytes: int = 0

    @property
    def fraction(self) -> float | None:
        """Share of all bytes, 0 to 1; None while the size is not known."""
        if self.phase == "done":
            return 1.0
        if not self.total_bytes or self.completed_bytes is None:
            return None
        return min(1.0, self.completed_bytes / self.total_bytes)

    @property
    def rate_bytes_per_s(self) -> float | None:
        """Over the window, or None while it is too short to tell."""
        if not self.moves:
            return None
        (began, before), (ended, after) = self.moves[0], self.moves[-1]
        if ended - began < LEAST_SECONDS:
            return None
        return (after - before) / (ended - began)

    @property
    def seconds_left(self) -> float | None:
        """At this rate, or None where size or rate are not known or nothing comes."""
        rate = self.rate_bytes_per_s
        if not rate or not self.total_bytes or self.completed_bytes is None:
            return None
        return max(0, self.total_bytes - self.completed_bytes) / rate

    @property
    def layer_shares(self) -> tuple[float, ...]:
        """Each layer's share of the whole; the last one is what has not been seen yet."""
        if not self.total_bytes:
            return ()
        shares = [size / self.total_bytes for _, size in self.layers if size > 0]
        rest = 1.0 - sum(shares)
        if rest < 0:
            return ()
        return (*shares, rest) if rest > 0 else tuple(shares)


def advanced(reading: PullReading, step: PullProgress) -> PullReading:
    """The reading after one more event."""
    layers = reading.layers
    if step.digest and step.total_bytes is not None:
        others = tuple(layer for layer in layers if layer[0] != step.digest)
        known = len(others) < len(layers)
        entry = (step.digest, step.total_bytes)
        if known:
            layers = tuple(entry if name == step.digest else (name, s) for name, s in layers)
        else:
            layers = (*layers, entry)
    completed = step.whole_completed_bytes
    return replace(
        reading,
        phase=step.phase,
        completed_bytes=reading.completed_bytes if completed is None else completed,
        total_bytes=step.whole_total_bytes or reading.total_bytes,
        layers=layers,
        moves=_moved(reading, step),
        last_layer=step.digest,
        last_completed_bytes=step.completed_bytes or 0,
    )


def _moved(reading: PullReading, step: PullProgress) -> tuple[tuple[float, int], ...]:
    if step.completed_bytes is None:
        return reading.moves
    sum_before = reading.moves[-1][1] if reading.moves else 0
    gained = 0
    if step.digest == reading.last_layer:
        gained = max(0, step.completed_bytes - reading.last_completed_bytes)
    oldest = step.at - WINDOW_SECONDS
    kept = tuple(move for move in reading.moves if move[0] >= oldest)
    return (*kept, (step.at, sum_before + gained))
