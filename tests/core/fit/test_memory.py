"""The formula of memory against what llama.cpp reported for 158 models of 115 architectures.

`python -m tests.core.fit.test_memory` from the repository's root prints the table of errors.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import gguf

from landfall.core.fit.memory import MemoryNeed, memory_need, need_band_bytes, settled
from landfall.core.machine.hardware import MIB
from landfall.core.models.gguf_types import TYPE_SIZES
from tests.fakes.measured_models import Measured, Run, measured_models

LOGGED = 0.011 * MIB
"""llama.cpp logs caches to 0.01 MiB; two of them are added up here."""

ALIGNMENT = 64
"""A buffer of weights ends on a boundary."""

PREDICT_AHEAD = {"glm-4.5-air", "glm-5"}
"""The file holds a layer that predicts further tokens, which llama.cpp leaves out; we count it."""

TINY = {
    "exaone4-1.2b",
    "ernie-4.5-0.3b",
    "gemma3-1b",
    "lfm2-350m",
    "paddleocr",
    "qwen3.5-0.8b",
}
"""At a batch of 2048 a hole in the buffer costs these up to 14 % of all they need."""


def runs() -> Iterator[tuple[str, Measured, Run, MemoryNeed]]:
    for name, model in measured_models().items():
        for run in model.runs:
            request, _ = settled(model.spec.architecture, run.request)
            yield name, model, run, memory_need(model.spec, request, gpus=0)


def total_error(model: Measured, run: Run, need: MemoryNeed) -> float:
    real = model.weights_bytes + run.kv_cache_bytes + run.recurrent_state_bytes + run.compute_bytes
    return need.total_bytes / real - 1


def test_that_the_file_covers_what_people_run() -> None:
    models = measured_models().values()
    assert len(models) == 158
    assert len({model.spec.architecture.name for model in models}) == 115
    assert sum(len(model.runs) for model in models) == 1657
    assert all(model.spec.architecture.known for model in models)
    assert all(not model.spec.reasons for model in models)


def test_that_the_cache_is_exact_in_every_run() -> None:
    wrong = [
        (name, run.request)
        for name, _, run, need in runs()
        if abs(need.kv_cache_bytes - run.kv_cache_bytes) > LOGGED
    ]
    assert wrong == []


def test_that_the_recurrent_state_is_exact_in_every_run() -> None:
    wrong = [
        (name, run.request)
        for name, _, run, need in runs()
        if abs(need.recurrent_state_bytes - run.recurrent_state_bytes) > LOGGED
    ]
    assert wrong == []


def test_that_weights_are_what_llama_cpp_loads_and_never_less() -> None:
    for name, model in measured_models().items():
        more = model.spec.weights.total_bytes - model.weights_bytes
        assert more >= -ALIGNMENT, name
        assert more <= 0 or name in PREDICT_AHEAD, name


def test_that_the_band_holds_what_was_measured_in_19_of_20_runs() -> None:
    outside = 0
    for _, model, run, need in runs():
        low, high = need_band_bytes(model.spec, need)
        real = need.total_bytes / (1 + total_error(model, run, need))
        outside += not low <= real <= high
    assert outside <= 0.05 * 1657


def test_that_every_type_of_numbers_has_the_size_that_ggml_gives_it() -> None:
    """Q8_1 is never in a file, and the package has an old size for it."""
    kinds = set(gguf.GGML_QUANT_SIZES) - {gguf.GGMLQuantizationType.Q8_1}
    sizes = {int(kind): gguf.GGML_QUANT_SIZES[kind] for kind in kinds}
    ours = {kind: (block, size) for kind, (_, block, size) in TYPE_SIZES.items()}
    assert {kind: ours.get(kind) for kind in sizes} == sizes


def test_that_the_whole_need_is_right_within_three_percent_and_mostly_much_nearer() -> None:
    errors = [(abs(total_error(model, run, need)), name) for name, model, run, need in runs()]
    assert statistics.median(error for error, _ in errors) <= 0.0005
    assert {name for error, name in errors if error > 0.03} <= TINY
    assert max(errors)[0] <= 0.14
    assert sum(error > 0.03 for error, _ in errors) <= 7
    assert sum(error > 0.01 for error, _ in errors) <= 0.06 * len(errors)


def main() -> None:
    print("| model | architecture | runs | KV | state | compute, worst | total, median | worst |")
    print("|---|---|---|---|---|---|---|---|")
    every = []
    rows: dict[str, list[tuple[Measured, Run, MemoryNeed]]] = {}
    for name, model, run, need in runs():
        rows.setdefault(name, []).append((model, run, need))
    for name, found in rows.items():
        kv = all(abs(n.kv_cache_bytes - r.kv_cache_bytes) <= LOGGED for _, r, n in found)
        state = all(
            abs(n.recurrent_state_bytes - r.recurrent_state_bytes) <= LOGGED for _, r, n in found
        )
        compute = max((n.compute_bytes / r.compute_bytes - 1 for _, r, n in found), key=abs)
        errors = [total_error(*one) for one in found]
        every += map(abs, errors)
        print(
            f"| {name} | {found[0][0].spec.architecture.name} | {len(found)} "
            f"| {'exact' if kv else 'WRONG'} | {'exact' if state else 'WRONG'} "
            f"| {compute:+.1%} | {statistics.median(map(abs, errors)):.2%} "
            f"| {max(errors, key=abs):+.2%} |"
        )
    print(
        f"\n{len(every)} runs: median {statistics.median(every):.3%}, worst {max(every):.2%}, "
        f"above 3 %: {sum(error > 0.03 for error in every)}"
    )


if __name__ == "__main__":
    main()
