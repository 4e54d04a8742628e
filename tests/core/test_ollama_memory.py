"""Against what real servers said: 0.24.0 and 0.32.15, processor only, 2026-11-25, in MiB."""

from __future__ import annotations

import pytest

from landfall.core.architecture import ModelSpec
from landfall.core.fit import FitRequest, KvType
from landfall.core.gguf import read_header
from landfall.core.hardware import MIB
from landfall.core.header_spec import from_header
from landfall.core.ollama_memory import automatic_batch, ps_bytes, version_of
from landfall.core.provenance import Unknown
from tests.fakes.gguf_files import base, dense, header_bytes

OLD, NEW = "0.24.0", "0.32.15"


def tied(
    arch: str, *, weights_mib: float, embedding: str, sizes: dict[str, int], **more: int
) -> ModelSpec:
    """A model of the measured shape; one tensor makes its weights what they were."""
    vocab = sizes.pop("vocab")
    keys = base(arch, context=sizes.pop("context"), **sizes, **more)
    tensors = dense(vocab=vocab, tied=True, quant="F16", output=embedding, **sizes)
    spec = from_header(read_header(header_bytes(keys, tensors)), arch)
    # The measured files mix types: their sum is what counts here, and the embedding's own size.
    weights = spec.weights
    object.__setattr__(weights, "total_bytes", int(weights_mib * MIB))
    return spec


def smollm2() -> ModelSpec:
    sizes = {"hidden": 576, "layers": 30, "ff": 1536, "heads": 9, "kv_heads": 3, "head": 64}
    return tied(
        "llama",
        weights_mib=92.1,
        embedding="Q8_0",
        sizes={**sizes, "vocab": 49152, "context": 8192},
    )


def gemma3() -> ModelSpec:
    sizes = {"hidden": 640, "layers": 18, "ff": 2048, "heads": 4, "kv_heads": 1, "head": 256}
    return tied(
        "gemma3",
        weights_mib=235.2,
        embedding="Q8_0",
        sizes={**sizes, "vocab": 262144, "context": 32768},
        attention__sliding_window=512,
    )


@pytest.mark.parametrize(
    ("context", "parallel", "kind", "shown"),
    [
        (2048, 1, KvType.F16, 137.10),
        (8192, 1, KvType.F16, 272.10),
        (8192, 4, KvType.F16, 812.10),
        (8192, 4, KvType.Q8_0, 452.10),
    ],
)
def test_that_the_old_llama_engine_shows_weights_and_cache_alone(
    context: int, parallel: int, kind: KvType, shown: float
) -> None:
    said = ps_bytes(smollm2(), FitRequest(context=context, parallel=parallel, kv_type=kind), OLD)
    assert isinstance(said, int)
    assert said / MIB == pytest.approx(shown, rel=0.01)


@pytest.mark.parametrize(
    ("context", "parallel", "kind", "shown"),
    [
        (2048, 1, KvType.F16, 445.66),
        (8192, 1, KvType.F16, 471.66),
        (32768, 1, KvType.F16, 567.66),
        (32768, 1, KvType.Q8_0, 515.63),
        (8192, 4, KvType.F16, 595.66),
        (32768, 4, KvType.F16, 979.66),
        (32768, 4, KvType.Q8_0, 780.33),
    ],
)
def test_that_the_old_go_engine_shows_the_tied_embedding_twice_and_its_graph(
    context: int, parallel: int, kind: KvType, shown: float
) -> None:
    said = ps_bytes(gemma3(), FitRequest(context=context, parallel=parallel, kv_type=kind), OLD)
    assert isinstance(said, int)
    assert abs(said / MIB - shown) < max(4, 0.01 * shown)


@pytest.mark.parametrize(
    ("context", "parallel", "kind", "shown"),
    [
        (2048, 1, KvType.F16, 152.80),
        (8192, 1, KvType.F16, 315.31),
        (8192, 4, KvType.Q8_0, 516.15),
    ],
)
def test_that_the_child_process_shows_every_buffer(
    context: int, parallel: int, kind: KvType, shown: float
) -> None:
    said = ps_bytes(smollm2(), FitRequest(context=context, parallel=parallel, kv_type=kind), NEW)
    assert isinstance(said, int)
    assert said / MIB == pytest.approx(shown, rel=0.01)


@pytest.mark.parametrize(
    ("context", "parallel", "shown"),
    [(2048, 1, 271.94), (32768, 1, 361.21), (32768, 4, 598.25)],
)
def test_that_of_two_caches_only_the_sliding_one_is_shown(
    context: int, parallel: int, shown: float
) -> None:
    said = ps_bytes(gemma3(), FitRequest(context=context, parallel=parallel), NEW)
    assert isinstance(said, int)
    assert abs(said / MIB - shown) < max(4, 0.01 * shown)


def test_that_without_flash_attention_the_buffer_follows_the_scores() -> None:
    said = ps_bytes(smollm2(), FitRequest(context=8192, flash_attention=False), NEW)
    assert isinstance(said, int)
    assert said / MIB == pytest.approx(605.06, rel=0.01)


def test_that_an_embedder_runs_one_sequence_without_a_cache() -> None:
    sizes = {"hidden": 384, "layers": 6, "ff": 1536, "heads": 12, "kv_heads": 12, "head": 32}
    spec = tied(
        "bert", weights_mib=44, embedding="F16", sizes={**sizes, "vocab": 30522, "context": 512}
    )
    one = ps_bytes(spec, FitRequest(context=512), NEW)
    assert one == ps_bytes(spec, FitRequest(context=512, parallel=4), NEW)
    assert isinstance(one, int)
    assert 44 < one / MIB < 70
    old = ps_bytes(spec, FitRequest(context=512), OLD)
    assert isinstance(old, int)
    assert 44 < old / MIB < 70


def test_that_qwen3_on_the_old_go_engine_has_its_graph_without_logits() -> None:
    sizes = {"hidden": 128, "layers": 2, "ff": 704, "heads": 4, "kv_heads": 2, "head": 64}
    spec = tied(
        "qwen3", weights_mib=2.7, embedding="F16", sizes={**sizes, "vocab": 512, "context": 4096}
    )
    one = ps_bytes(spec, FitRequest(context=4096), OLD)
    four = ps_bytes(spec, FitRequest(context=4096, parallel=4), OLD)
    assert isinstance(one, int)
    assert isinstance(four, int)
    # Of 24.0 MiB more, half is the cache of three sequences, half their masks: as measured.
    assert (four - one) / MIB == 24.0


def test_that_what_was_not_measured_is_not_guessed() -> None:
    sizes = {"hidden": 640, "layers": 4, "ff": 2048, "heads": 4, "kv_heads": 1, "head": 256}
    spec = tied(
        "gpt-oss", weights_mib=90, embedding="F16", sizes={**sizes, "vocab": 512, "context": 4096}
    )
    assert isinstance(ps_bytes(spec, FitRequest(), OLD), Unknown)
    assert isinstance(ps_bytes(spec, FitRequest(), NEW), int)
    assert isinstance(ps_bytes(spec, FitRequest(), "a fork"), Unknown)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("0.32.15", (0, 32, 15)), ("v0.30.0-rc1", (0, 30, 0)), ("", None), ("x", None)],
)
def test_that_a_version_is_read_from_its_numbers(
    text: str, numbers: tuple[int, ...] | None
) -> None:
    assert version_of(text) == numbers


@pytest.mark.parametrize(
    ("context", "parallel", "batch"),
    [(4096, 1, 512), (2048, 4, 1024), (32768, 1, 1024), (32768, 4, 2048)],
)
def test_that_the_automatic_batch_grows_with_all_sequences(
    context: int, parallel: int, batch: int
) -> None:
    assert automatic_batch(context, parallel) == batch
