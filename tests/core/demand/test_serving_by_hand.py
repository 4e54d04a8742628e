"""Rates beside other calls, in numbers that can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.benchmark.benchmark import BenchKind, BenchmarkResult, Level, Sustained, Sweep
from landfall.core.demand.serving import (
    ASSUMED,
    DEFAULT_SLOTS,
    Serves,
    Stream,
    serves_of,
    service,
    shared,
)
from landfall.core.provenance import Estimated, Measured, Unknown, band, middle

AT = "2026-11-20T10:00:00+00:00"

PREFILL, DECODE = Measured(1000.0, AT, "a run"), Measured(80.0, AT, "a run")

SWEEP = Serves(
    slots=1,
    streams=(
        Stream(at_once=1, decode_tok_s=64.0, ttft_seconds=0.5),
        Stream(at_once=4, decode_tok_s=32.0, ttft_seconds=1.0),
        Stream(at_once=16, decode_tok_s=8.0),
    ),
    measured_at=AT,
)


def bands(serves: Serves) -> tuple[object, object]:
    reads, writes = shared(PREFILL, DECODE, serves)
    return band(reads), band(writes)


def test_that_a_rate_beside_others_is_the_measured_one_at_its_number() -> None:
    reads, writes = shared(PREFILL, DECODE, replace(SWEEP, slots=4))
    assert writes == Measured(32.0, AT, "4 at once in a benchmark on this machine")
    # The first text took twice as long: half of the rate, a tenth either side.
    assert band(reads) == pytest.approx((450.0, 500.0, 550.0))
    kept = shared(PREFILL, DECODE, replace(SWEEP, slots=4, kept_share=0.5))
    assert middle(kept[1]) == 16.0
    assert band(kept[0]) == pytest.approx((225.0, 250.0, 275.0))
    one = shared(PREFILL, DECODE, SWEEP)
    assert (one[0], middle(one[1])) == (PREFILL, 64.0)


def test_that_between_two_numbers_the_rate_goes_by_their_ratio() -> None:
    """Half way between 1 and 4 is 2: 64 / sqrt(2); a tenth either side, of 80 tokens a second."""
    reads, writes = bands(replace(SWEEP, slots=2))
    share = 1 / math.sqrt(2)
    assert writes == pytest.approx((80 * share * 0.9, 80 * share, 80 * share * 1.1))
    assert reads == pytest.approx((1000 * share * 0.9, 1000 * share, 1000 * share * 1.1))
    # And between 4 and 16: 8 has 32 / 2.
    assert bands(replace(SWEEP, slots=8))[1] == pytest.approx((18.0, 20.0, 22.0))


def test_that_beyond_what_was_tried_all_together_are_no_faster() -> None:
    """16 at 8 of 64 each: 32 have a sixteenth, a fifth either side; never below a 64th."""
    _, writes = bands(replace(SWEEP, slots=32))
    assert writes == pytest.approx((80 / 16 * 0.8, 80 / 16, 80 / 16 * 1.2))
    reads, _ = bands(replace(SWEEP, slots=16))
    # No time to the first text at 16: as decode, an eighth.
    assert reads == pytest.approx((112.5, 125.0, 137.5))
    poor = replace(
        SWEEP,
        slots=4,
        streams=(Stream(at_once=1, decode_tok_s=64.0), Stream(at_once=2, decode_tok_s=1.0)),
    )
    assert bands(poor)[1] == pytest.approx((10.0, 10.0, 10.0)), "an eighth at least"
    rich = replace(poor, streams=(poor.streams[0], Stream(at_once=2, decode_tok_s=200.0)))
    assert bands(rich)[1] == pytest.approx((80.0, 80.0, 80.0)), "as fast as alone at most"


def test_that_without_a_sweep_the_ends_are_a_share_and_the_whole() -> None:
    assert bands(Serves(slots=16)) == (
        pytest.approx((62.5, 250.0, 1000.0)),
        pytest.approx((5.0, 20.0, 80.0)),
    )
    assert shared(PREFILL, DECODE, Serves()) == (PREFILL, DECODE)
    slow = shared(PREFILL, DECODE, Serves(kept_share=0.5))
    assert (middle(slow[0]), middle(slow[1])) == (500.0, 40.0)
    assert "measured rate" in str(slow[0])
    predicted = shared(Estimated(1.0, 2.0, 3.0, "x"), DECODE, Serves(kept_share=0.5))
    assert "predicted rate" in str(predicted[0])
    assert DEFAULT_SLOTS == Serves().slots == 1


def test_that_a_call_keeps_its_slot_for_prompt_and_answer() -> None:
    found = service(
        prefill=Estimated(500.0, 1000.0, 2000.0, "x"),
        decode=Estimated(40.0, 80.0, 160.0, "x"),
        uncached=2000,
        output=160,
        serves=Serves(people=7),
        where="m",
    )
    # 1, 2 and 4 s for both.
    assert band(found.seconds) == pytest.approx((2.0, 4.0, 8.0))
    assert (found.prompt_share, found.slots, found.people) == (0.5, 1, 7)
    assert found.says == ASSUMED
    assert "at once" not in str(found.seconds)
    writes = service(
        prefill=Unknown("?"), decode=DECODE, uncached=0, output=160, serves=Serves(), where="m"
    )
    assert (middle(writes.seconds), writes.prompt_share) == (2.0, 0.0)


def level(
    number: int, *, at_once: int | None, decode: float | None = 10.0, failed: int = 0
) -> Level:
    return Level(
        concurrency=number,
        answers=5,
        failed=failed,
        at_once=at_once,
        ttft_p50_seconds=0.25,
        ttft_p95_seconds=0.5,
        decode_tok_s=decode,
        throughput_tok_s=None,
        gross_joules_per_token=Unknown("no meter"),
    )


def result(*levels: Level, sustained: Sustained | None = None) -> BenchmarkResult:
    return BenchmarkResult(
        kind=BenchKind.CHAT,
        model="m",
        digest=None,
        engine=None,
        host="",
        place="local",
        conditions={},
        sweep=Sweep(levels=levels, ttft_target_seconds=2.0, people=3, reason="")
        if levels
        else None,
        sustained=sustained,
    )


def test_that_a_benchmark_tells_streams_by_how_many_really_ran() -> None:
    levels = (
        level(8, at_once=4, decode=5.0),
        level(1, at_once=1),
        level(4, at_once=None, decode=6.0),
        level(2, at_once=9, decode=7.0),
        level(16, at_once=16, failed=1),
        level(32, at_once=32, decode=None),
    )
    found = serves_of(result(*levels), measured_at=AT, slots=None)
    assert found == Serves(
        slots=4,
        says="the most seen at one moment",
        streams=(
            Stream(at_once=1, decode_tok_s=10.0, ttft_seconds=0.25),
            Stream(at_once=2, decode_tok_s=7.0, ttft_seconds=0.25),
            Stream(at_once=4, decode_tok_s=6.0, ttft_seconds=0.25),
        ),
        kept_share=1.0,
        people=3,
        measured_at=AT,
    )
    waited = serves_of(result(level(8, at_once=2)), measured_at=AT, slots=6)
    assert waited is not None
    assert waited.streams == (Stream(at_once=2, decode_tok_s=10.0),)
    assert (waited.slots, waited.says) == (6, "as the server's process told")
