"""Calls at once: what a benchmark says of slots and rates, and what stands where none was made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.benchmark.benchmark import BenchKind, BenchmarkResult, Level, Sustained, Sweep
from landfall.core.demand.serving import (
    ASSUMED,
    UNMEASURED,
    Serves,
    Stream,
    serves_of,
    service,
    shared,
)
from landfall.core.provenance import Estimated, Measured, Stated, Unknown, band, middle

AT = "2026-11-20T10:00:00+00:00"
PREFILL, DECODE = Measured(1000.0, AT, "a run"), Measured(50.0, AT, "a run")


def level(number: int, decode: float | None, ttft: float = 0.2, *, at_once: int | None) -> Level:
    return Level(
        concurrency=number,
        answers=10,
        failed=0,
        at_once=at_once,
        ttft_p50_seconds=ttft,
        ttft_p95_seconds=ttft,
        decode_tok_s=decode,
        throughput_tok_s=None,
        gross_joules_per_token=Unknown("no meter"),
    )


def result(*levels: Level, sustained: Sustained | None = None) -> BenchmarkResult:
    sweep = Sweep(levels=levels, ttft_target_seconds=2.0, people=4, reason="")
    return BenchmarkResult(
        kind=BenchKind.CHAT,
        model="m",
        digest=None,
        engine=None,
        host="",
        place="local",
        conditions={},
        sweep=sweep if levels else None,
        sustained=sustained,
    )


SWEEP = (
    level(1, 50.0, at_once=1),
    level(2, 40.0, 0.3, at_once=2),
    level(4, 25.0, 0.5, at_once=4),
    level(8, 24.0, 5.0, at_once=4),
)


def told(slots: int | None, *levels: Level, sustained: Sustained | None = None) -> Serves:
    found = serves_of(result(*levels, sustained=sustained), measured_at=AT, slots=slots)
    assert found is not None
    return found


def slowed(drop: float, noise: float) -> Sustained:
    return Sustained(seconds=1200.0, points=(), drop_share=drop, throttled=None, noise_share=noise)


def test_that_a_sweep_tells_slots_rates_and_people() -> None:
    found = told(4, *SWEEP)
    assert [(one.at_once, one.decode_tok_s) for one in found.streams] == [
        (1, 50.0),
        (2, 40.0),
        (4, 25.0),
    ]
    assert (found.slots, found.people, found.kept_share) == (4, 4, 1.0)
    reads, writes = shared(PREFILL, DECODE, found)
    assert writes == Measured(25.0, AT, "4 at once in a benchmark on this machine")
    assert middle(reads) == pytest.approx(1000 * 0.2 / 0.5)


def test_that_the_most_seen_at_once_are_the_slots_where_the_process_did_not_tell() -> None:
    assert told(None, *SWEEP).slots == 4
    assert told(None, level(1, 50.0, at_once=None)).slots == 1


def test_that_a_benchmark_without_sweep_and_drop_says_nothing() -> None:
    assert serves_of(result(), measured_at=AT, slots=None) is None
    assert told(2).slots == 2
    failed = replace(SWEEP[0], failed=1)
    assert serves_of(result(failed), measured_at=AT, slots=None) is None


def test_that_only_a_drop_beyond_the_noise_slows_it_down() -> None:
    found = told(None, sustained=slowed(0.2, 0.05))
    assert (found.slots, found.kept_share, found.says) == (1, 0.8, ASSUMED)
    assert serves_of(result(sustained=slowed(0.02, 0.05)), measured_at=AT, slots=None) is None
    reads, writes = shared(PREFILL, DECODE, found)
    assert (middle(reads), middle(writes)) == (800.0, 40.0)
    both = told(4, *SWEEP, sustained=slowed(0.2, 0.05))
    assert middle(shared(PREFILL, DECODE, both)[1]) == 20.0


def test_that_between_two_tried_numbers_the_rate_lies_between_theirs() -> None:
    rates = [middle(shared(PREFILL, DECODE, told(n, *SWEEP))[1]) or 0.0 for n in (1, 2, 3, 4, 8)]
    assert rates[0] == 50.0
    assert rates[1] == 40.0
    assert 25.0 < rates[2] < 40.0
    assert rates[4] == pytest.approx(12.5), "no more together than the four that were tried"
    wide = band(shared(PREFILL, DECODE, told(3, *SWEEP))[1])
    assert wide is not None
    assert wide[0] < wide[1] < wide[2]


def test_that_without_a_measurement_only_the_ends_are_known() -> None:
    reads, writes = shared(PREFILL, DECODE, Serves(slots=4))
    ends = band(writes)
    assert ends is not None
    assert ends == pytest.approx((12.5, 25.0, 50.0))
    assert middle(reads) == pytest.approx(500.0)
    lone = Serves(slots=4, streams=(Stream(at_once=2, decode_tok_s=40.0),))
    assert band(shared(PREFILL, DECODE, lone)[1]) == pytest.approx((12.5, 25.0, 50.0))


def test_that_one_slot_keeps_the_rates_as_they_are() -> None:
    assert shared(PREFILL, DECODE, UNMEASURED) == (PREFILL, DECODE)


def test_that_a_call_is_its_prompt_and_its_answer() -> None:
    found = service(
        prefill=PREFILL, decode=DECODE, uncached=1500, output=200, serves=UNMEASURED, where="m"
    )
    assert middle(found.seconds) == pytest.approx(1.5 + 4.0)
    assert found.prompt_share == pytest.approx(1.5 / 5.5)
    shared_out = service(
        prefill=PREFILL, decode=DECODE, uncached=1500, output=200, serves=told(4, *SWEEP), where="m"
    )
    assert middle(shared_out.seconds) == pytest.approx(1500 / 400 + 200 / 25)
    assert shared_out.slots == 4
    assert "4 at once" in str(shared_out.seconds)


def test_that_a_call_of_a_predicted_rate_keeps_its_band() -> None:
    found = service(
        prefill=Estimated(500.0, 1000.0, 2000.0, "predicted"),
        decode=Estimated(25.0, 50.0, 100.0, "predicted"),
        uncached=1000,
        output=100,
        serves=Serves(slots=2),
        where="m",
    )
    ends = band(found.seconds)
    assert ends is not None
    assert ends[0] < ends[1] < ends[2]


def test_that_an_unknown_rate_is_an_unknown_time_unless_nothing_is_to_do() -> None:
    gap = Unknown("no rate")

    def seconds(uncached: float, output: float, prefill: object, decode: object) -> object:
        return service(
            prefill=prefill,  # type: ignore[arg-type]
            decode=decode,  # type: ignore[arg-type]
            uncached=uncached,
            output=output,
            serves=UNMEASURED,
            where="m",
        ).seconds

    assert seconds(10, 10, gap, DECODE) == gap
    assert seconds(10, 10, PREFILL, gap) == gap
    assert middle(seconds(1000, 0, PREFILL, gap)) == 1.0  # type: ignore[arg-type]
    assert isinstance(seconds(10, 10, Stated(0.0, "x"), DECODE), Unknown)
    nothing = service(
        prefill=PREFILL, decode=DECODE, uncached=0, output=0, serves=UNMEASURED, where="m"
    )
    assert (middle(nothing.seconds), nothing.prompt_share) == (0.0, 0.0)
