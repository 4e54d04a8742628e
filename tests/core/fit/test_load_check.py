"""Predicted against measured: like compared with like."""

from __future__ import annotations

import pytest

from landfall.core.fit.load_check import RunnerFacts, check_load, clamped
from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.fit.ollama_memory import ps_bytes
from landfall.core.hosts.runtime import LoadedModel
from landfall.core.machine.hardware import (
    GIB,
)
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.catalogue import find
from landfall.core.models.weights import spec
from landfall.core.provenance import Unknown
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()
NEW = "0.32.15"
RUNNER = RunnerFacts(
    memory_bytes=6 * GIB,
    memory_kind="PSS",
    held_bytes=5 * GIB,
    parallel=2,
    kv_type=KvType.Q8_0,
    batch=512,
)


def of(tag: str) -> ModelSpec:
    card = find(tag, KNOWN.models)
    assert card is not None
    return spec(card)


def loaded(*, size: int, gpu: int = 0, context: int | None = 8192) -> LoadedModel:
    return LoadedModel(
        name="qwen3:8b",
        digest="d",
        size_bytes=size,
        gpu_bytes=gpu,
        context=context,
        expires_at="forever",
    )


def test_that_a_load_is_compared_by_the_way_its_process_runs() -> None:
    request = FitRequest(context=8192, parallel=2, kv_type=KvType.Q8_0, batch=512)
    right = ps_bytes(of("qwen3:8b"), request, NEW)
    assert isinstance(right, int)
    check = check_load(loaded(size=right), of("qwen3:8b"), NEW, RUNNER, prompt_tokens=0)
    assert check.request == request
    assert check.predicted_ps_bytes == right
    assert check.ps_error == 0
    assert check.process_error is not None
    assert check.prompt_tokens == 0
    assert check.reasons == ()


def test_that_without_a_process_the_usual_setup_is_assumed_and_said() -> None:
    hidden = Unknown("the server is elsewhere")
    check = check_load(loaded(size=6 * GIB), of("qwen3:8b"), NEW, hidden)
    assert check.request == FitRequest(context=8192)
    assert isinstance(check.predicted_ps_bytes, int)
    assert check.process_error is None
    assert any("assumed" in reason for reason in check.reasons)


def test_that_what_cannot_be_known_carries_its_reason() -> None:
    lost = Unknown("the file cannot be read")
    check = check_load(loaded(size=6 * GIB), lost, NEW, RUNNER)
    assert check.predicted_ps_bytes == check.predicted_process_bytes == lost
    assert check.ps_error is None
    old = check_load(loaded(size=6 * GIB, context=None), of("qwen3:8b"), NEW, RUNNER)
    assert isinstance(old.predicted_ps_bytes, Unknown)
    sizeless = check_load(loaded(size=0), of("qwen3:8b"), NEW, RUNNER)
    assert isinstance(sizeless.predicted_ps_bytes, Unknown)


def test_that_a_split_model_is_not_guessed_and_a_whole_one_is_compared() -> None:
    split = check_load(loaded(size=6 * GIB, gpu=3 * GIB), of("qwen3:8b"), NEW, RUNNER)
    assert isinstance(split.predicted_ps_bytes, Unknown)
    whole = check_load(loaded(size=6 * GIB, gpu=6 * GIB), of("qwen3:8b"), NEW, RUNNER)
    assert isinstance(whole.predicted_ps_bytes, int)
    assert any("one GPU" in reason for reason in whole.reasons)
    assert isinstance(whole.predicted_process_bytes, Unknown)


@pytest.mark.parametrize(
    ("asked", "got", "trained", "words"),
    [
        (8192, 8192, 40960, ""),
        (None, 8192, 40960, ""),
        (8192, None, 40960, ""),
        (65536, 40960, 40960, "trained for no more"),
        (8192, 4096, 40960, "another program loaded it"),
        (8192, 4096, None, "the server decided so"),
    ],
)
def test_that_another_context_than_was_asked_for_is_said(
    asked: int | None, got: int | None, trained: int | None, words: str
) -> None:
    said = clamped(asked, got, trained)
    assert bool(said) == bool(words)
    assert words in " ".join(said)
