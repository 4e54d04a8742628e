from __future__ import annotations

from dataclasses import replace
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
from landfall.core.benchmark.comparison import Difference, Doubt, Noise
from landfall.core.provenance import Measured, Unknown
from landfall.services.benchmark.comparison import Side, compare_benchmarks
from landfall.services.history.records import BenchmarkRecord, RunRecord

RUN = RunRecord(
    started_at="2026-01-01T00:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    state="done",
    prompt="Why?",
    output_tokens=100,
    gross_joules=300.0,
    net_joules=200.0,
    energy_scope="gpu",
    energy_grade="good",
    energy_error_share=0.02,
)
PLAN = {"prompts": [{"name": "short", "text": "Why?", "num_predict": 256}], "seed": 42}
TOLD = {"context_given": 8192, "gpu_share": 1.0, "before": {"gpus": [{"power_limit_watts": 300.0}]}}


def spread(middle: float, count: int = 3) -> Spread:
    return Spread(median=middle, low=middle - 1, high=middle + 1, count=count)


def part(rate: float, runs: tuple[int, ...] = (), joules: float = 3.0) -> PartResult:
    return PartResult(
        name="short",
        runs=runs,
        load_seconds=None,
        ttft_seconds=None,
        prefill_tok_s=None,
        decode_tok_s=spread(rate),
        inter_token_p95_seconds=None,
        gross_joules_per_token=Measured(joules, "", "NVML"),
        net_joules_per_token=Unknown("no idle draw"),
    )


def side(
    *parts: PartResult, plan: dict[str, Any] = PLAN, runs: tuple[RunRecord, ...] = (), **more: Any
) -> Side:
    told = {"engine": "Ollama 0.24.0", "conditions": TOLD} | more
    result = BenchmarkResult(
        kind=BenchKind.CHAT,
        model="tiny",
        digest="sha256:ab",
        host=RUN.host,
        place="local",
        parts=parts,
        **told,
    )
    record = BenchmarkRecord(
        started_at=RUN.started_at,
        kind="chat",
        place="local",
        host=RUN.host,
        model="tiny",
        plan=plan,
    )
    return Side(record, result, {run.id: run for run in runs})


def repeated(first_id: int, *joules: float, **more: Any) -> tuple[RunRecord, ...]:
    return tuple(
        replace(RUN, id=first_id + i, gross_joules=value, decode_tok_s=80.0 + i, **more)
        for i, value in enumerate(joules)
    )


def found(first: Side, second: Side) -> dict[tuple[str, str], Difference]:
    compared = compare_benchmarks(first, second)
    return {(one.part, one.figure): one.difference for one in compared.figures}


def test_repetitions_that_do_not_overlap_are_a_difference() -> None:
    figures = found(side(part(80.0)), side(part(90.0)))
    decode = figures["short", "decode_tok_s"]
    assert (decode.noise, decode.change, decode.counts) == (Noise.BEYOND, 10.0, (3, 3))
    assert ("short", "ttft_seconds") not in figures
    assert ("short", "net_joules_per_token") not in figures


def test_a_prompt_that_one_benchmark_lacks_is_left_out() -> None:
    figures = found(side(part(80.0)), side(replace(part(90.0), name="long")))
    assert figures == {}


def test_joules_without_their_runs_cannot_be_told_from_noise() -> None:
    figures = found(side(part(80.0)), side(part(90.0, joules=9.0)))
    gross = figures["short", "gross_joules_per_token"]
    assert (gross.noise, gross.doubt) == (Noise.UNKNOWN, Doubt.ONE_EACH)


def test_the_runs_that_are_still_there_tell_the_noise_of_the_joules() -> None:
    a = side(part(80.0, (1, 2, 3)), runs=repeated(1, 290.0, 300.0, 310.0))
    b = side(part(80.0, (4, 5, 6), joules=5.0), runs=repeated(4, 490.0, 500.0, 510.0))
    assert found(a, b)["short", "gross_joules_per_token"].noise is Noise.BEYOND
    near = side(part(80.0, (4, 5, 6), joules=3.1), runs=repeated(4, 311.0, 312.0, 313.0))
    assert found(a, near)["short", "gross_joules_per_token"].doubt is Doubt.METER
    blind = repeated(4, 490.0, 500.0, 510.0, energy_error_share=None)
    unmeasured = side(part(80.0, (4, 5, 6), joules=5.0), runs=blind)
    assert found(a, unmeasured)["short", "gross_joules_per_token"].doubt is Doubt.METER_UNKNOWN


def test_net_joules_are_told_by_the_runs_that_know_them() -> None:
    def with_net(net: float, *runs: RunRecord) -> Side:
        ids = tuple(run.id for run in runs)
        one = replace(part(80.0, ids), net_joules_per_token=Measured(net, "", "NVML"))
        return side(one, runs=runs)

    a = with_net(2.0, *repeated(1, 300.0, 300.0, 300.0))
    known = repeated(4, 300.0, 300.0)
    b = with_net(2.0, *known, replace(RUN, id=6, net_joules=None, decode_tok_s=80.0))
    assert found(a, b)["short", "net_joules_per_token"].doubt is Doubt.FEW


def test_joules_of_another_scope_or_another_prompt_are_not_reckoned_with() -> None:
    a = side(part(80.0, (1,)), runs=repeated(1, 300.0))
    b = side(part(80.0, (4,)), runs=repeated(4, 300.0, energy_scope="wall"))
    assert found(a, b)["short", "gross_joules_per_token"].doubt is Doubt.APART
    other = {"prompts": [{"name": "short", "text": "Why not?", "num_predict": 256}], "seed": 42}
    changed = side(part(90.0), plan=other)
    assert found(a, changed)["short", "decode_tok_s"].doubt is Doubt.APART
    assert "prompts" in compare_benchmarks(a, changed).differing


def test_conditions_that_differ_are_named() -> None:
    told = TOLD | {"before": {"gpus": [{"power_limit_watts": 250.0}], "on_battery": True}}
    b = side(part(80.0), engine="Ollama 0.32.15", conditions=told, plan=PLAN | {"seed": 7})
    compared = compare_benchmarks(side(part(80.0)), b)
    assert compared.differing == ("engine", "seed", "power_limit_watts")
    assert compared.untold == ("on_battery",)


def test_what_is_measured_once_has_no_noise_to_be_judged_by() -> None:
    def whole(seconds: float, people: int, target: float = 2.0) -> Side:
        level = Level(
            concurrency=4,
            answers=8,
            failed=0,
            at_once=4,
            ttft_p50_seconds=0.2,
            ttft_p95_seconds=0.4 * people,
            decode_tok_s=30.0,
            throughput_tok_s=100.0 * people,
            gross_joules_per_token=Unknown(""),
        )
        return side(
            loads=Loads(cold_seconds=seconds, warm_seconds=None),
            sustained=Sustained(seconds=60, points=(), drop_share=0.1, throttled=None),
            sweep=Sweep(levels=(level,), ttft_target_seconds=target, people=people, reason=""),
        )

    figures = found(whole(4.0, 4), whole(8.0, 2))
    assert figures["load", "cold_seconds"].doubt is Doubt.ONE_EACH
    assert figures["load", "cold_seconds"].ratio == 2.0
    assert ("load", "warm_seconds") not in figures
    assert figures["sweep", "people"].change == -2
    assert figures["at once 4", "throughput_tok_s"].ratio == 0.5
    assert figures["sustained", "drop_share"].change == 0.0
    assert found(whole(4.0, 4), whole(4.0, 4, 1.0))["sweep", "people"].doubt is Doubt.APART


def test_embeddings_are_compared_by_the_size_of_their_requests() -> None:
    def texts(rate: float, batch: int = 32) -> Side:
        one = EmbeddingResult(
            batch=batch,
            runs=(),
            failed=0,
            texts=300,
            tokens=None,
            texts_per_s=spread(rate),
            tokens_per_s=None,
            request_seconds=None,
            gross_joules_per_1000_texts=Measured(90.0, "", "NVML"),
            net_joules_per_1000_texts=Unknown(""),
        )
        return side(embedding=(one,))

    figures = found(texts(100.0), texts(200.0))
    assert figures["32", "texts_per_s"].noise is Noise.BEYOND
    assert figures["32", "gross_joules_per_1000_texts"].doubt is Doubt.ONE_EACH
    assert found(texts(100.0), texts(100.0, batch=1)) == {}
