"""Benchmarks that a test tells: events in the order and with the figures that it wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

from landfall.core.benchmark.benchmark import (
    BenchKind,
    BenchmarkResult,
    EmbeddingResult,
    Level,
    Loads,
    PartResult,
    Spread,
    Sustained,
    Sweep,
)
from landfall.core.events import Ended, Piece, PowerSample, Sent
from landfall.core.provenance import Measured, Unknown
from landfall.services.benchmark.running import (
    BenchEvent,
    BenchKept,
    BenchLane,
    BenchPart,
    BenchStep,
)
from landfall.services.history.records import BenchmarkRecord

HOST = "http://127.0.0.1:11434"
NO_SENSOR = Unknown("no power source can be read on this machine")


def part(name: str = "short", *, joules: float | None = None) -> PartResult:
    """Three repetitions of a prompt."""
    gross = NO_SENSOR if joules is None else Measured(joules, "", "NVML, gpu, 3 runs, \u00b15%")
    return PartResult(
        name=name,
        runs=(1, 2, 3),
        prompt_tokens=52,
        output_tokens=256,
        load_seconds=None,
        ttft_seconds=Spread(median=0.21, low=0.2, high=0.23, count=3),
        prefill_tok_s=None,
        decode_tok_s=Spread(median=62.5, low=62.1, high=63.0, count=3),
        inter_token_p95_seconds=Spread(median=0.018, low=0.017, high=0.019, count=3),
        gross_joules_per_token=gross,
        net_joules_per_token=NO_SENSOR,
        reasons={"prefill_tok_s": "the prompt was held already"},
    )


def level(count: int, wait: float | None, rate: float | None = 100.0, failed: int = 0) -> Level:
    """So many answers at once."""
    return Level(
        concurrency=count,
        answers=count,
        failed=failed,
        at_once=count,
        ttft_p50_seconds=wait,
        ttft_p95_seconds=wait,
        decode_tok_s=rate,
        throughput_tok_s=rate,
        gross_joules_per_token=NO_SENSOR,
    )


def sustained(*, drop: float | None, noise: float | None = 0.02, **said: Any) -> Sustained:
    """Nine answers, of which the last five are slower where there is a drop."""
    slow = 70.0 * (1 - (drop or 0.0))
    points = tuple((60.0 * i, 70.0 if i < 5 else slow) for i in range(1, 10))
    said = {"throttled": None, "reasons": ()} | said
    return Sustained(seconds=540.0, points=points, drop_share=drop, noise_share=noise, **said)


def embedding(batch: int) -> EmbeddingResult:
    """Vectors of so many texts in one request."""
    return EmbeddingResult(
        batch=batch,
        runs=(1,),
        failed=0,
        texts=480,
        tokens=30_000,
        texts_per_s=Spread(median=96.0, low=95.0, high=98.0, count=3),
        tokens_per_s=Spread(median=6000.0, low=5900.0, high=6100.0, count=3),
        request_seconds=Spread(median=0.33, low=0.32, high=0.34, count=3),
        gross_joules_per_1000_texts=Measured(310.0, "", "NVML, gpu, 3 runs together"),
        net_joules_per_1000_texts=NO_SENSOR,
    )


def result(**told: Any) -> BenchmarkResult:
    """What came of it in the end."""
    empty = BenchmarkResult(
        kind=BenchKind.CHAT,
        model="qwen3:8b",
        digest="sha256:0123456789abcdef",
        engine="Ollama 0.32.15",
        host=HOST,
        place="local",
        conditions={
            "context": 8192,
            "context_given": 4096,
            "gpu_share": 0.75,
            "before": {
                "gpus": [
                    {
                        "name": "RTX 4090",
                        "power_limit_watts": 450.0,
                        "temperature_c": 64,
                        "others": {"count": 2, "bytes": 2 << 30},
                    }
                ],
                "on_battery": True,
                "cpu": {"load_average": 0.4},
            },
            "idle_unloaded_watts": 12.0,
            "idle_loaded_watts": 31.0,
            "keep_loaded_per_day": {"low": 0.11, "mid": 0.14, "high": 0.17, "currency": "EUR"},
        },
        notes=("8,192 tokens of context were asked for and 4,096 given: the server decided so.",),
    )
    return replace(empty, **told)


def answer(lane: int, *, pieces: int = 20, watts: float | None = None) -> list[BenchLane]:
    """One answer of a lane, all of it at once."""
    at = perf_counter()
    updates: list[Any] = [Sent(at)]
    for i in range(pieces):
        updates.append(Piece(at + 0.1 + i / 50, "word "))
        if watts is not None:
            updates.append(PowerSample(at + 0.1 + i / 50, "NVML", "gpu", watts))
    return [BenchLane(lane, update) for update in (*updates, Ended(at + 0.6, "stop"))]


def kept(told: BenchmarkResult, *, row: int = 7, state: str = "done") -> BenchKept:
    """The last event."""
    record = BenchmarkRecord(
        id=row,
        uid="b",
        started_at="2026-11-26T10:00:00+00:00",
        state=state,
        kind=told.kind,
        place=told.place,
        host=told.host,
        model=told.model,
        digest=told.digest,
        engine=told.engine,
    )
    return BenchKept(record, told)


def usual(told: BenchmarkResult) -> list[BenchEvent]:
    """A short benchmark with all that the result holds."""
    parts = [*told.parts, *([told.loads] if told.loads else []), *told.embedding]
    parts += [told.sustained] if told.sustained else []
    parts += list(told.sweep.levels) if told.sweep else []
    return [
        BenchStep(told.model, "prompt", "short", 1, 2),
        *answer(0),
        *(BenchPart(one) for one in parts),
        kept(told),
    ]


def sweep(people: int | None, reason: str) -> Sweep:
    """Four levels, the last of which is too slow."""
    levels = (level(1, 0.2), level(2, 0.4), level(4, 1.5), level(8, 6.0, failed=1))
    return Sweep(levels=levels, ttft_target_seconds=2.0, people=people, reason=reason)


LOADS = Loads(cold_seconds=4.2, warm_seconds=0.03, reason="")

Telling = Callable[..., AsyncGenerator[BenchEvent, None]]


def telling(
    *scripts: list[BenchEvent],
    error: Exception | None = None,
    hold: asyncio.Event | None = None,
    asked: list[Any] | None = None,
) -> Telling:
    """In the place of `run_benchmark`: one script a call.

    Args:
        error: What it ends with. hold: It waits for this before its last event.
        asked: Model, plan and kind of each call.
    """
    left = list(scripts)

    async def run(*given: Any, plan: Any, kind: Any) -> AsyncGenerator[BenchEvent, None]:
        if asked is not None:
            asked.append((given[3], plan, kind))
        events = left.pop(0) if len(left) > 1 else left[0]
        for event in events if hold is None else events[:-1]:
            yield event
        if hold is not None:
            await hold.wait()
            yield events[-1]
        if error is not None:
            raise error

    return run
