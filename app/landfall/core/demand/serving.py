"""How many calls a server answers at once, and how fast each of them is while the others run too.

Ollama answers one at a time unless OLLAMA_NUM_PARALLEL says otherwise (its default is 1; 512 more
may wait, then it answers 503). What a stream is worth while k run comes from a benchmark that asked
1, 2, 4, 8 at once on this machine; where none did, only the ends are known: at worst k streams
share what one had, at best they do not disturb one another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from landfall.core.figures import combined
from landfall.core.provenance import Estimated, Figure, Measured, Unknown

if TYPE_CHECKING:
    from landfall.core.benchmark.benchmark import BenchmarkResult, Level

DEFAULT_SLOTS = 1
"""Calls at once where nothing was measured or stated: see `ASSUMED`."""
ASSUMED = "one call at a time, as Ollama does unless OLLAMA_NUM_PARALLEL is set"
_SPREAD = 0.1
"""Either side of a rate that lies between two numbers that were tried: our judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One of several answers at once.

    Attributes:
        at_once: How many ran.
        decode_tok_s: Of this one.
        ttft_seconds: Median until its first text, where none had to wait for a slot; else None.
    """

    at_once: int
    decode_tok_s: float
    ttft_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Serves:
    """How a server on the user's machine serves a model.

    Attributes:
        slots: Calls at once.
        says: Where `slots` comes from.
        streams: What was measured, by number; empty where nothing was.
        kept_share: Of the speed, after the machine became warm: 1 where it did not slow down by
            more than the noise, or nobody tried for long.
        people: How many were served at once within the benchmark's target for the first text; None
            where that was not tried.
        measured_at: ISO time of the benchmark, or "".
    """

    slots: int = DEFAULT_SLOTS
    says: str = ASSUMED
    streams: tuple[Stream, ...] = field(default=())
    kept_share: float = 1.0
    people: int | None = None
    measured_at: str = ""


UNMEASURED = Serves()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A mean call on a machine with all its slots busy.

    Attributes:
        seconds: It keeps its slot for so long.
        slots: Calls at once.
        prompt_share: Of the seconds, what the prompt takes.
        says: Where the slots come from.
        people: As of `Serves`.
    """

    seconds: Figure
    slots: int = DEFAULT_SLOTS
    prompt_share: float = 0.0
    says: str = ASSUMED
    people: int | None = None


def serves_of(result: BenchmarkResult, *, measured_at: str, slots: int | None) -> Serves | None:
    """What a benchmark says about answers at once and about keeping the speed; None if nothing.

    Args:
        result: Of a model that writes.
        measured_at: ISO time.
        slots: As the server's process told them; else the most answers that were seen at the same
            moment count, and where nobody looked, one.
    """
    streams = _streams(result.sweep.levels if result.sweep else ())
    told = result.sustained
    kept = 1.0
    if told is not None and told.slowed and told.drop_share is not None:
        kept = 1.0 - told.drop_share
    if slots is None and not streams and kept == 1.0:
        return None
    seen = max((one.at_once for one in streams), default=None)
    says = "as the server's process told" if slots is not None else "the most seen at one moment"
    if slots is None and seen is None:
        says = ASSUMED
    return Serves(
        slots=slots or seen or DEFAULT_SLOTS,
        says=says,
        streams=streams,
        kept_share=kept,
        people=result.sweep.people if result.sweep else None,
        measured_at=measured_at,
    )


def _streams(levels: Sequence[Level]) -> tuple[Stream, ...]:
    """One of each number that really ran at once: the others of a level waited for a slot."""
    found: dict[int, Stream] = {}
    for level in sorted(levels, key=lambda one: one.concurrency):
        if not level.decode_tok_s or level.failed:
            continue
        at_once = min(level.concurrency, level.at_once or level.concurrency)
        waited = at_once < level.concurrency
        stream = Stream(
            at_once=at_once,
            decode_tok_s=level.decode_tok_s,
            ttft_seconds=None if waited else level.ttft_p50_seconds,
        )
        found.setdefault(at_once, stream)
    return tuple(found[number] for number in sorted(found))


def service(
    *, prefill: Figure, decode: Figure, uncached: float, output: float, serves: Serves, where: str
) -> Service:
    """A mean call with every slot busy: prompt at R_prefill(k) and answer at R_decode(k).

    Args:
        prefill, decode: Tokens a second of one call alone.
        uncached, output: Mean tokens of a call.
        serves: How the machine serves the model.
        where: The model and the machine, for the origin.
    """
    reads, writes = shared(prefill, decode, serves)
    reading = _over(uncached, reads)
    seconds = _sum(reading, _over(output, writes), where, serves.slots)
    prompt = 0.0
    if not isinstance(seconds, Unknown) and uncached > 0:
        prompt = _share(reading, seconds)
    return Service(
        seconds=seconds,
        slots=serves.slots,
        prompt_share=prompt,
        says=serves.says,
        people=serves.people,
    )


def shared(prefill: Figure, decode: Figure, serves: Serves) -> tuple[Figure, Figure]:
    """Rates of one call while every slot is busy, after the machine became warm.

    Prefill slows as the median time to the first text grew, where no call waited for a slot; else
    as decode does.
    """
    slots, kept = serves.slots, serves.kept_share
    if slots == 1 and kept == 1.0 and not serves.streams:
        return prefill, decode
    own = next((one for one in serves.streams if one.at_once == slots), None)
    writes: Figure
    if own is not None:
        at, what = serves.measured_at, f"{slots} at once in a benchmark on this machine"
        writes = Measured(own.decode_tok_s * kept, at, what)
    else:
        writes = _slower(decode, *_between(serves, slots), kept)
    return _slower(prefill, *_reading(serves, slots), kept), writes


def _slower(rate: Figure, low: float, mid: float, high: float, kept: float) -> Figure:
    if low == mid == high == 1.0 and kept == 1.0:
        return rate
    share = Estimated(low * kept, mid * kept, high * kept, "beside other calls")
    return combined(lambda one, part: one * part, (rate, share), f"{_words(rate)}, beside others")


def _words(rate: Figure) -> str:
    return "measured rate" if isinstance(rate, Measured) else "predicted rate"


def _between(serves: Serves, slots: int) -> tuple[float, float, float]:
    """What is left of a stream's speed beside others: low, middle, high of the share."""
    alone = next((one for one in serves.streams if one.at_once == 1), None)
    if slots == 1:
        return 1.0, 1.0, 1.0
    if alone is None:
        return 1 / slots, 1 / math.sqrt(slots), 1.0
    below = max((one for one in serves.streams if one.at_once <= slots), key=_number)
    above = min((one for one in serves.streams if one.at_once > slots), key=_number, default=None)
    if above is None:
        # More than was tried: all together are no faster than they were then.
        share = below.decode_tok_s / alone.decode_tok_s * below.at_once / slots
        return _within(share, slots, spread=_SPREAD if below.at_once == slots else 2 * _SPREAD)
    rest = math.log(slots / below.at_once) / math.log(above.at_once / below.at_once)
    rate = below.decode_tok_s * (above.decode_tok_s / below.decode_tok_s) ** rest
    return _within(rate / alone.decode_tok_s, slots, spread=_SPREAD)


def _number(one: Stream) -> int:
    return one.at_once


def _within(share: float, slots: int, *, spread: float) -> tuple[float, float, float]:
    low, mid, high = (
        min(1.0, max(1 / slots / 2, share * factor)) for factor in (1 - spread, 1.0, 1 + spread)
    )
    return low, mid, high


def _reading(serves: Serves, slots: int) -> tuple[float, float, float]:
    waits = {one.at_once: one.ttft_seconds for one in serves.streams}
    alone, beside = waits.get(1), waits.get(slots)
    if slots == 1 or not alone or not beside:
        return _between(serves, slots)
    return _within(alone / beside, slots, spread=_SPREAD)


def _over(tokens: float, rate: Figure) -> Figure:
    """Seconds for tokens; no tokens need no rate."""
    if tokens <= 0:
        return Estimated(0.0, 0.0, 0.0, "nothing to do")
    return combined(lambda one: tokens / one if one > 0 else None, (rate,), "tokens / rate")


def _sum(reads: Figure, writes: Figure, where: str, slots: int) -> Figure:
    """Both bands end to end: a machine that reads slowly writes slowly."""
    if isinstance(reads, Unknown):
        return reads
    if isinstance(writes, Unknown):
        return writes
    assert isinstance(reads, Estimated)
    assert isinstance(writes, Estimated)
    beside = "" if slots == 1 else f", {slots} at once"
    return Estimated(
        reads.low + writes.low,
        reads.mid + writes.mid,
        reads.high + writes.high,
        f"tokens / rates of {where}{beside}",
    )


def _share(reads: Figure, seconds: Figure) -> float:
    assert isinstance(reads, Estimated)
    assert isinstance(seconds, Estimated)
    return reads.mid / seconds.mid if seconds.mid > 0 else 0.0
