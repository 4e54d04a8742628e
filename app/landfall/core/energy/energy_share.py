"""Whose energy it was, where several answers were made at once.

What was drawn while answers overlap is divided by the tokens that each of them made in that time;
where none made any, in equal parts. The lag of a sensor behind the load is the last one's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpan:
    """When an answer was made, on the clock of the samples.

    Attributes:
        end: `math.inf` while it is still being made.
        tokens: When each of its pieces came, about a token each, in order.
        load_seconds, prompt_seconds, output_seconds: As counted by the server; None where it said
            nothing. The last of them ends at `end`.
    """

    start: float
    end: float
    tokens: tuple[float, ...] = ()
    load_seconds: float | None = None
    prompt_seconds: float | None = None
    output_seconds: float | None = None

    def overlaps(self, other: RunSpan) -> bool:
        """Whether both were made at once for a while."""
        return self.start < other.end and other.start < self.end

    def made_between(self, start: float, end: float) -> int:
        """Tokens after `start` and until `end`."""
        return bisect_right(self.tokens, end) - bisect_right(self.tokens, start)


@dataclass(frozen=True, slots=True)
class Portion:
    """From `start` to `end`, `share` of what was drawn belongs to a run."""

    start: float
    end: float
    share: float

    def cut(self, start: float, end: float) -> Portion:
        """The part of it between two times; it may be empty."""
        low = min(max(start, self.start), self.end)
        return Portion(low, max(low, min(end, self.end)), self.share)

    @property
    def weight_seconds(self) -> float:
        """Its length times its share."""
        return (self.end - self.start) * self.share


def portions(
    run: RunSpan, others: Sequence[RunSpan], *, tail_seconds: float = 0.0
) -> tuple[Portion, ...]:
    """What belongs to a run, from its start to the end of its tail, without a hole.

    The portions of runs never overlap in such a way that more than all is given away: the tail,
    in which a sensor catches up, ends where another answer begins, and there is none where another
    one goes on.
    """
    beside = [other for other in others if run.overlaps(other)]
    edges = sorted(
        {run.start, run.end}
        | {at for o in beside for at in (o.start, o.end) if run.start < at < run.end}
    )
    shared = [Portion(a, b, _share(run, beside, a, b)) for a, b in pairwise(edges)]
    return (*shared, *_tail(run, others, tail_seconds))


def _share(run: RunSpan, beside: Sequence[RunSpan], start: float, end: float) -> float:
    there = [other for other in beside if other.start < end and other.end > start]
    mine = run.made_between(start, end)
    made = mine + sum(other.made_between(start, end) for other in there)
    return mine / made if made else 1 / (len(there) + 1)


def _tail(run: RunSpan, others: Sequence[RunSpan], seconds: float) -> tuple[Portion, ...]:
    if any(other.start <= run.end < other.end for other in others):
        return ()
    next_start = min((o.start for o in others if o.start > run.end), default=run.end + seconds)
    end = min(run.end + seconds, next_start)
    together = 1 + sum(other.end == run.end for other in others)
    return (Portion(run.end, end, 1 / together),) if end > run.end else ()
