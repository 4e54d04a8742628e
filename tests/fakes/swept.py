"""A benchmark with a sweep, as the history keeps it, for tests of people who are served."""

from __future__ import annotations

from landfall.core.benchmark.benchmark import (
    BenchKind,
    BenchmarkResult,
    Level,
    PartResult,
    Spread,
    Sweep,
)
from landfall.core.benchmark.data import as_data
from landfall.core.provenance import Unknown
from landfall.services.history.records import BenchmarkRecord

AT = "2026-11-20T10:00:00+00:00"
NO_METER = Unknown("no meter")


def spread(value: float) -> Spread:
    return Spread(median=value, low=value * 0.98, high=value * 1.02, count=3)


def part(prompt_tokens: float, *, prefill: float | None, decode: float) -> PartResult:
    return PartResult(
        name="medium",
        runs=(1,),
        prompt_tokens=prompt_tokens,
        output_tokens=300.0,
        load_seconds=None,
        ttft_seconds=None,
        prefill_tok_s=None if prefill is None else spread(prefill),
        decode_tok_s=spread(decode),
        inter_token_p95_seconds=None,
        gross_joules_per_token=NO_METER,
        net_joules_per_token=NO_METER,
    )


def level(number: int, decode: float, ttft: float) -> Level:
    return Level(
        concurrency=number,
        answers=10,
        failed=0,
        at_once=number,
        ttft_p50_seconds=ttft,
        ttft_p95_seconds=ttft * 1.5,
        decode_tok_s=decode,
        throughput_tok_s=decode * number,
        gross_joules_per_token=NO_METER,
    )


LEVELS = (level(1, 60.0, 0.5), level(2, 48.0, 0.6), level(4, 34.0, 0.9), level(8, 19.0, 1.6))
PARTS = (
    part(100.0, prefill=900.0, decode=62.0),
    part(1000.0, prefill=2000.0, decode=60.0),
    part(6000.0, prefill=2500.0, decode=52.0),
)


def result(
    model: str = "qwen3:8b",
    *,
    levels: tuple[Level, ...] = LEVELS,
    parallel: int | None = 4,
    place: str = "local",
    host: str = "http://127.0.0.1:11434",
    parts: tuple[PartResult, ...] = PARTS,
) -> BenchmarkResult:
    sweep = Sweep(levels=levels, ttft_target_seconds=2.0, people=8, reason="all levels held")
    return BenchmarkResult(
        kind=BenchKind.CHAT,
        model=model,
        digest=None,
        engine="Ollama 0.32.15",
        host=host,
        place=place,
        conditions={"parallel": parallel},
        parts=parts,
        sweep=sweep if levels else None,
    )


def record(told: BenchmarkResult, *, at: str = AT) -> BenchmarkRecord:
    return BenchmarkRecord(
        uid=f"{told.model} {told.host} {at}",
        started_at=at,
        finished_at=at,
        state="done",
        kind="chat",
        place=told.place,
        host=told.host,
        model=told.model,
        result=as_data(told),
    )
