from __future__ import annotations

import json
import statistics
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.fit.fit import FitKind, FitRequest, KvType, fit
from landfall.core.fit.longest_context import max_context
from landfall.core.fit.memory import (
    batch_logits_bytes,
    kv_cache_bytes,
    memory_need,
    need_band_bytes,
    step_bytes,
)
from landfall.core.machine.hardware import (
    GIB,
    MIB,
    Accelerator,
    AcceleratorKind,
    DeviceBudget,
    MemoryBudget,
    Vendor,
    usable_discrete_bytes,
    usable_ram_bytes,
)
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.gguf import read_header
from landfall.core.models.header_spec import from_header
from landfall.core.provenance import Unknown
from landfall.core.sizes import gib
from tests.fakes.gguf_files import base, dense, header_bytes, measured_headers, small
from tests.fakes.measured_models import measured_models

SWEEP = Path(__file__).parents[2] / "data" / "memory_sweep.jsonl"
"""What llama.cpp itself reported, loading headers of 13 architectures without their weights on a
processor: binaries of node-llama-cpp 3.22.1, collected 2026-11-23. Sizes in MiB; `nb` is the
physical batch of the run."""


@cache
def measured_spec(file: str) -> ModelSpec:
    return from_header(read_header(measured_headers()[file]), file)


@cache
def sweep() -> tuple[tuple[str, FitRequest, float, float], ...]:
    """File, request, KV cache and whole context memory (cache and compute) in MiB."""
    rows = []
    for line in SWEEP.read_text(encoding="utf-8").splitlines():
        run: dict[str, Any] = json.loads(line)
        for context in run["ctx"]:
            request = FitRequest(
                context=context["c"],
                batch=int(context["nb"]),
                flash_attention=context["fa"] == "enabled",
            )
            kv = sum(size for *_, size in context["kv"])
            compute = sum(size for *_, size in context["compute"])
            rows.append((run["file"], request, kv, kv + compute))
    return tuple(rows)


def test_that_the_cache_is_exact_in_every_configuration_that_was_measured() -> None:
    assert len(sweep()) == 63
    for file, request, kv, _ in sweep():
        assert kv_cache_bytes(measured_spec(file).architecture, request) / MIB == kv, (
            file,
            request,
        )


def test_that_the_whole_need_is_within_half_a_percent_and_never_far_off() -> None:
    errors = []
    for file, request, _, context_mib in sweep():
        spec = measured_spec(file)
        real = spec.weights.total_bytes + context_mib * MIB
        errors.append(abs(memory_need(spec, request, gpus=0).total_bytes / real - 1))
    assert statistics.median(errors) <= 0.005
    assert max(errors) <= 0.015


def test_that_weights_are_every_tensor_to_the_byte() -> None:
    for line in SWEEP.read_text(encoding="utf-8").splitlines():
        run = json.loads(line)
        for _, mib in run["model"]:
            weights = measured_spec(run["file"]).weights
            assert weights.total_bytes / MIB == pytest.approx(mib, abs=0.01)


# ---------------------------------------------------------------- architectures


def header_spec(arch: str, layers: int, metadata: dict[str, Any], **shape: Any) -> ModelSpec:
    numbers = {"hidden": 1024, "ff": 4096, "heads": 16, "head": 64, "kv_heads": 16} | shape
    kv_heads = numbers["kv_heads"]
    keys = base(arch, context=1 << 20, layers=layers, **numbers)
    keys |= {f"{arch}.{key}": value for key, value in metadata.items()}
    tensors = dense(
        **{**numbers, "kv_heads": kv_heads if isinstance(kv_heads, int) else 8},
        layers=layers,
        vocab=2048,
        tied=False,
        quant="F16",
        output="F16",
    )
    return from_header(read_header(header_bytes(keys, tensors)), arch)


def kv_mib(spec: ModelSpec, context: int, **request: Any) -> float:
    return kv_cache_bytes(spec.architecture, FitRequest(context=context, **request)) / MIB


GEMMA4_31B = {
    "attention.key_length": 512,
    "attention.value_length": 512,
    "attention.key_length_swa": 256,
    "attention.value_length_swa": 256,
    "attention.sliding_window": 1024,
    "attention.sliding_window_pattern": [i % 6 != 5 for i in range(60)],
    "attention.head_count_kv": [16 if i % 6 != 5 else 4 for i in range(60)],
}


def test_that_gemma_4_has_wider_heads_on_fewer_global_layers() -> None:
    spec = header_spec("gemma4", 60, GEMMA4_31B)
    assert [(g.layers, g.key_width, g.window) for g in spec.architecture.caches] == [
        (50, 4096, 1024),
        (10, 2048, None),
    ]
    assert kv_mib(spec, 32768) == 3760


def test_that_values_are_as_wide_as_the_widest_layer_without_flash_attention() -> None:
    spec = header_spec("gemma4", 60, GEMMA4_31B)
    only_global = replace(spec.architecture, caches=spec.architecture.caches)
    sliding = 50 * 1536 * 2 * 4096 * 2 / MIB
    plain = kv_cache_bytes(only_global, FitRequest(context=4096, flash_attention=False)) / MIB
    assert plain - sliding == 480
    assert kv_mib(spec, 4096) - sliding == 320


def test_that_gemma_4_e4b_shares_the_cache_of_its_upper_layers() -> None:
    pattern = [i % 6 != 5 for i in range(42)]
    spec = header_spec(
        "gemma4",
        42,
        {
            **GEMMA4_31B,
            "attention.sliding_window": 512,
            "attention.sliding_window_pattern": pattern,
            "attention.head_count_kv": 2,
            "attention.shared_kv_layers": 18,
        },
    )
    assert sum(g.layers for g in spec.architecture.caches) == 24
    assert kv_mib(spec, 4096) == 104


def test_that_gemma_3n_shares_without_a_key_too() -> None:
    spec = header_spec(
        "gemma3n", 35, {"attention.sliding_window": 512}, kv_heads=2, head=256, heads=8
    )
    assert {(g.layers, g.window) for g in spec.architecture.caches} == {(16, 512), (4, None)}
    assert kv_mib(spec, 4096) == 64


def test_that_latent_attention_keeps_one_row_and_no_values() -> None:
    spec = header_spec(
        "deepseek2",
        47,
        {
            "attention.head_count_kv": 1,
            "attention.key_length": 576,
            "attention.value_length": 512,
            "attention.key_length_mla": 256,
            "attention.value_length_mla": 256,
        },
    )
    assert kv_mib(spec, 4096) == kv_mib(spec, 4096, flash_attention=False) == 211.5


def test_that_latent_attention_of_an_old_file_has_a_full_cache() -> None:
    metadata = {"attention.kv_lora_rank": 512, "rope.dimension_count": 64}
    spec = header_spec("deepseek2", 4, metadata)
    assert kv_mib(spec, 4096) == 4 * 4096 * 2 * 1024 * 2 / MIB


QWEN35 = {
    "full_attention_interval": 4,
    "ssm.conv_kernel": 4,
    "ssm.inner_size": 4096,
    "ssm.state_size": 128,
    "ssm.group_count": 16,
}


def test_that_a_hybrid_has_a_cache_on_every_fourth_layer_and_a_state_on_the_others() -> None:
    spec = header_spec("qwen35", 32, QWEN35, kv_heads=4, head=256, heads=16)
    assert sum(g.layers for g in spec.architecture.caches) == 8
    assert spec.architecture.recurrent_layers == 24
    assert spec.architecture.recurrent_bytes / MIB == 50.25
    short = memory_need(spec, FitRequest(context=4096, parallel=2), gpus=0)
    long = memory_need(spec, FitRequest(context=65536, parallel=2), gpus=0)
    assert short.recurrent_state_bytes == long.recurrent_state_bytes == 2 * 50.25 * MIB


def test_that_nemotron_h_tells_mamba_from_feed_forward_by_its_arrays() -> None:
    pattern = "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME"
    spec = header_spec(
        "nemotron_h_moe",
        52,
        {
            "attention.head_count_kv": [2 if c == "*" else 0 for c in pattern],
            "feed_forward_length": [1856 if c == "E" else 0 for c in pattern],
            "ssm.conv_kernel": 4,
            "ssm.inner_size": 4096,
            "ssm.state_size": 128,
            "ssm.group_count": 8,
        },
        head=128,
        heads=32,
    )
    assert sum(g.layers for g in spec.architecture.caches) == 6
    assert spec.architecture.recurrent_layers == 23
    assert spec.architecture.recurrent_bytes / MIB == pytest.approx(47.6, abs=0.05)
    assert kv_mib(spec, 4096) == 24


def test_that_short_convolutions_and_receptance_models_keep_a_small_state() -> None:
    lfm = header_spec("lfm2", 4, {"attention.head_count_kv": [0, 8, 0, 8], "shortconv.l_cache": 3})
    assert lfm.architecture.recurrent_bytes == 2 * 2 * 1024 * 4
    rwkv = header_spec("rwkv7", 4, {"wkv.head_size": 64, "token_shift_count": 2})
    assert rwkv.architecture.caches == ()
    assert rwkv.architecture.recurrent_bytes == 4 * (2 * 1024 + 64 * 1024) * 4
    kimi = header_spec(
        "kimi-linear",
        2,
        {"attention.head_count_kv": [0, 1], "kda.head_dim": 128, "ssm.conv_kernel": 4},
    )
    assert kimi.architecture.recurrent_bytes == (3 * 3 * 2048 + 128 * 2048) * 4


def test_that_recurrent_layers_may_be_listed() -> None:
    listed = {**QWEN35, "attention.recurrent_layers": [True, True, False, True, False]}
    spec = header_spec("qwen35", 5, listed, kv_heads=4, head=256, heads=16)
    assert spec.architecture.recurrent_layers == 3
    assert sum(g.layers for g in spec.architecture.caches) == 2


@pytest.mark.parametrize(
    ("metadata", "indexed"),
    [
        ({"context_length": 202752}, 8),
        ({"context_length": 1 << 20}, 4),
        ({"context_length": 1 << 20, "attention.indexer.types": [1, 0, 0, 0, 0, 0, 0, 0]}, 1),
    ],
)
def test_that_sparse_attention_keeps_an_index_beside_its_cache(
    metadata: dict[str, Any], indexed: int
) -> None:
    """GLM from 5.2 on, known by its context: two layers, then every fourth."""
    latent = {
        "attention.head_count_kv": 1,
        "attention.key_length": 576,
        "attention.value_length": 512,
        "attention.key_length_mla": 256,
        "attention.value_length_mla": 256,
        "attention.indexer.key_length": 128,
    }
    spec = header_spec("glm-dsa", 8, {**latent, **metadata})
    assert kv_mib(spec, 4096) == (8 * 576 + indexed * 128) * 4096 * 2 / MIB


def test_that_what_runs_without_flash_attention_says_so() -> None:
    spec = header_spec("grok", 4, {})
    placed = fit(spec, budget(60), FitRequest(context=8192, kv_type=KvType.Q8_0))
    assert not placed.request.flash_attention
    assert placed.request.kv_type is KvType.F16
    assert any("grok runs without it" in reason for reason in placed.reasons)


def test_that_a_feed_forward_without_a_gate_is_smaller() -> None:
    """What a step of a model without a vocabulary needs is its widest layer."""
    gated = replace(measured_spec("qwen3-8b.gguf").architecture, vocabulary=None)
    request = FitRequest(context=4096)
    plain = step_bytes(replace(gated, gated=False), request)
    assert step_bytes(gated, request) - plain == 512 * 8 * gated.feed_forward


def test_that_logits_of_a_batch_are_told_where_they_decide() -> None:
    architecture = measured_spec("qwen3-8b.gguf").architecture
    assert batch_logits_bytes(architecture, FitRequest(context=4096)) == 4 * 512 * 151936
    plain = FitRequest(context=32768, flash_attention=False)
    assert batch_logits_bytes(architecture, plain) == 0


def test_that_an_unknown_architecture_on_a_card_carries_its_warning() -> None:
    """Its whole cache is counted, so a yes is safe; and still it is said."""
    odd = header_spec("zebra9", 4, {"attention.sliding_window": 128})
    known = header_spec("llama", 4, {})
    assert kv_mib(odd, 32768) == kv_mib(known, 32768)
    placed = fit(odd, budget(23), FitRequest(context=4096))
    assert placed.kind is FitKind.GPU
    assert any("zebra9" in reason for reason in placed.reasons)
    low, high = need_band_bytes(odd, placed.need)
    assert low < placed.need.total_bytes - placed.need.kv_cache_bytes
    assert high > placed.need.total_bytes + placed.need.compute_bytes
    sure = fit(known, budget(23), FitRequest(context=4096)).need
    low, high = need_band_bytes(known, sure)
    assert high / low < 1.03


def test_that_falcon_h1_keeps_both_on_every_layer() -> None:
    spec = header_spec("falcon-h1", 4, {k: v for k, v in QWEN35.items() if k.startswith("ssm")})
    assert spec.architecture.recurrent_layers == 4
    assert sum(g.layers for g in spec.architecture.caches) == 4


@pytest.mark.parametrize(
    ("arch", "layers", "sliding"),
    [("gemma2", 26, 13), ("gpt-oss", 24, 12), ("llama4", 48, 36), ("cohere2", 40, 30)],
)
def test_that_windows_follow_the_pattern_of_the_architecture(
    arch: str, layers: int, sliding: int
) -> None:
    spec = header_spec(arch, layers, {"attention.sliding_window": 128})
    assert sum(g.layers for g in spec.architecture.caches if g.window) == sliding


def test_that_a_window_counts_only_where_the_architecture_slides() -> None:
    spec = header_spec("llama", 4, {"attention.sliding_window": 128})
    assert [g.window for g in spec.architecture.caches] == [None]
    stated = header_spec(
        "mimo2",
        4,
        {"attention.sliding_window": 128, "attention.sliding_window_pattern": [True, False] * 2},
    )
    assert {g.window for g in stated.architecture.caches} == {128, None}


def test_that_layers_that_predict_ahead_own_no_cache() -> None:
    spec = header_spec("glm4moe", 5, {"nextn_predict_layers": 1})
    assert sum(g.layers for g in spec.architecture.caches) == 4


def test_that_an_encoder_keeps_nothing_and_pays_for_its_batch() -> None:
    spec = header_spec("bert", 12, {"context_length": 8192})
    assert kv_mib(spec, 8192) == 0
    assert spec.architecture.embedder
    small_batch = step_bytes(spec.architecture, FitRequest(context=8192, batch=512))
    own_batch = step_bytes(spec.architecture, FitRequest(context=8192))
    assert own_batch > 4 * small_batch
    scores = FitRequest(context=8192, flash_attention=False)
    assert step_bytes(spec.architecture, scores) > 2 * own_batch


def test_that_an_unknown_architecture_says_so() -> None:
    spec = header_spec("zebra9", 4, {})
    assert not spec.architecture.known
    assert any("zebra9" in reason for reason in spec.reasons)
    assert kv_mib(spec, 4096) > 0


@pytest.mark.parametrize(
    ("metadata", "word"),
    [
        ({"general.type": "adapter"}, "adapter"),
        ({"general.type": "mmproj"}, "projector"),
        ({"split.count": 3}, "parts"),
        ({"llama.block_count": 0}, "block_count"),
        ({"llama.block_count": 1 << 31}, "block_count"),
        ({"general.architecture": ""}, "architecture"),
    ],
)
def test_that_what_is_no_whole_model_is_refused_in_words(
    metadata: dict[str, Any], word: str
) -> None:
    with pytest.raises(BadInput, match=word) as error:
        from_header(read_header(small(metadata=metadata)), "x")
    assert error.value.field == "model"


def test_that_a_header_without_a_tensor_is_no_model() -> None:
    with pytest.raises(BadInput, match="no weights") as error:
        from_header(replace(read_header(small()), tensors=()), "x")
    assert error.value.field == "model"


def test_that_an_absurd_trained_context_is_no_obstacle() -> None:
    header = read_header(small(metadata={"llama.context_length": (1 << 32) - 1}))
    spec = from_header(header, "x")
    assert spec.architecture.context_trained == max_context(
        spec, budget(ram_gib=4096), FitRequest()
    )


def test_that_a_number_that_no_model_can_have_is_refused() -> None:
    header = read_header(small())
    absurd = replace(header, metadata={**header.metadata, "llama.embedding_length": -1})
    with pytest.raises(BadInput, match="embedding_length"):
        from_header(absurd, "x")


def test_that_a_type_from_the_future_is_weighed_by_the_file_or_refused() -> None:
    header = read_header(small())
    odd = replace(header.tensors[0], type=250, size_bytes=None)
    future = replace(header, tensors=(odd, *header.tensors[1:]))
    spec = from_header(future, "x", file_bytes=1 << 20)
    assert spec.weights.total_bytes == (1 << 20) - header.data_offset
    assert spec.weights.spread > 0
    with pytest.raises(BadInput, match="not known"):
        from_header(future, "x")


def test_that_the_vocabulary_is_counted_where_no_matrix_tells_it() -> None:
    tokens = {"tokenizer.ggml.tokens": ["a", "b", "c"]}
    keys = base("llama", context=64, hidden=8, layers=1, ff=8, heads=1, kv_heads=1, head=8)
    header = read_header(header_bytes(keys | tokens, [("blk.0.x", [8], "F32")]))
    assert from_header(header, "x").architecture.vocabulary == 3


def test_that_a_pattern_in_one_number_is_every_so_many_layers() -> None:
    assert windows_of("gemma3", 8, 4) == {(6, 64), (2, None)}
    assert windows_of("gemma3", 8, 0) == {(8, 64)}
    assert {g.window for g in header_spec("llama4", 4, {}).architecture.caches} == {8192, None}


def windows_of(arch: str, layers: int, pattern: int | list[bool]) -> set[tuple[int, int | None]]:
    metadata = {"attention.sliding_window": 64, "attention.sliding_window_pattern": pattern}
    spec = header_spec(arch, layers, metadata)
    return {(g.layers, g.window) for g in spec.architecture.caches}


def test_that_a_pattern_of_one_number_is_a_flag_where_patterns_are_lists() -> None:
    assert windows_of("step35", 8, 4) == {(8, 64)}
    assert windows_of("step35", 8, 0) == {(8, None)}
    assert windows_of("mellum", 8, [True, False] * 4) == {(4, 64), (4, None)}
    assert windows_of("mellum", 8, 2) == {(4, 64), (4, None)}


def test_that_a_list_is_overlooked_where_llama_cpp_overlooks_it() -> None:
    assert windows_of("cohere2", 8, [True] * 8) == {(6, 64), (2, None)}


def test_that_a_model_slides_only_as_its_own_rule_says() -> None:
    assert windows_of("exaone4", 30, 4) == {(30, None)}
    assert windows_of("exaone4", 64, 4) == {(48, 64), (16, None)}
    assert {g.window for g in header_spec("gemma2", 4, {}).architecture.caches} == {4096, None}
    chunked = header_spec("llama4", 4, {"attention.sliding_window": 0})
    assert {g.window for g in chunked.architecture.caches} == {None}
    lfm = header_spec(
        "lfm2",
        4,
        {
            "attention.head_count_kv": [0, 8, 0, 8],
            "shortconv.l_cache": 3,
            "attention.sliding_window": 512,
        },
    )
    assert [(g.layers, g.window) for g in lfm.architecture.caches] == [(2, 512)]


REQUESTS = st.builds(
    FitRequest,
    context=st.integers(1, 300_000),
    parallel=st.integers(1, 8),
    kv_type=st.sampled_from(KvType),
    batch=st.one_of(st.none(), st.integers(1, 4096)),
    flash_attention=st.booleans(),
)
NUMBERS = st.one_of(st.integers(0, (1 << 32) - 1), st.integers(0, 64))
KEYS = (
    "block_count embedding_length feed_forward_length attention.head_count attention.head_count_kv "
    "attention.key_length attention.sliding_window attention.sliding_window_pattern expert_count "
    "expert_used_count attention.shared_kv_layers nextn_predict_layers ssm.inner_size "
    "context_length"
)


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(["llama", "gemma3", "qwen35", "nemotron_h", "deepseek2", "bert", "lfm2", "zz"]),
    st.dictionaries(
        st.sampled_from(KEYS.split()),
        st.one_of(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=70), st.booleans()),
    ),
    REQUESTS,
)
def test_that_no_numbers_in_a_header_crash_or_exhaust_the_answer(
    arch: str, numbers: dict[str, Any], request: FitRequest
) -> None:
    metadata = {f"{arch}.{key}": value for key, value in numbers.items()}
    try:
        spec = from_header(read_header(small(arch, metadata=metadata)), "x")
    except BadInput as refused:
        assert refused.field == "model"  # noqa: PT017
        return
    placed = fit(spec, budget(16), request)
    assert placed.need.total_bytes > 0


def test_that_a_mixture_reads_only_its_experts() -> None:
    spec = measured_spec("qwen3-30b-a3b.gguf")
    assert spec.architecture.experts == 128
    assert spec.params_total == pytest.approx(30.5e9, rel=0.01)
    assert spec.params_active == pytest.approx(3.04e9, rel=0.02)  # without the looked-up embedding


# ---------------------------------------------------------------- cache types


@pytest.mark.parametrize(
    ("kind", "share"), [(KvType.Q8_0, 17 / 32), (KvType.Q4_0, 9 / 32), (KvType.F32, 2.0)]
)
def test_that_quantised_caches_carry_their_scales(kind: KvType, share: float) -> None:
    spec = measured_spec("qwen3-8b.gguf")
    assert kv_mib(spec, 4096, kv_type=kind) == 576 * share


def test_that_every_sequence_has_a_window_and_a_batch_of_its_own() -> None:
    """As llama-server and node-llama-cpp make contexts: 4 x (1024 + 512) cells, not 4608."""
    spec = measured_spec("gemma3-4b.gguf")
    assert kv_mib(spec, 32768, parallel=4, batch=512) == 4 * 640 + 29 * 4 * 1536 * 4 / 1024


def test_that_a_cache_is_rounded_up_to_256_cells() -> None:
    spec = measured_spec("qwen3-8b.gguf")
    assert kv_mib(spec, 5000) == kv_mib(spec, 5120) == 720


# ---------------------------------------------------------------- placement


def accelerator(name: str, kind: AcceleratorKind = AcceleratorKind.DISCRETE) -> Accelerator:
    return Accelerator(
        id=name,
        name=name,
        vendor=Vendor.NVIDIA,
        kind=kind,
        memory_total_bytes=None,
        memory_free_bytes=None,
        usable_bytes=None,
        bandwidth_bytes_per_s=Unknown("not here"),
        fp16_flops=Unknown("not here"),
        driver=None,
        source="test",
    )


def budget(*usable_gib: float, ram_gib: float = 64, shared: bool = False) -> MemoryBudget:
    kind = AcceleratorKind.UNIFIED if shared else AcceleratorKind.DISCRETE
    return MemoryBudget(
        devices=tuple(
            DeviceBudget(
                accelerator=accelerator(f"GPU {i}", kind),
                usable_bytes=int(size * GIB),
                overhead_bytes=457 * MIB,
            )
            for i, size in enumerate(sorted(usable_gib, reverse=True))
        ),
        ram_bytes=int(ram_gib * GIB),
        shared=shared,
    )


def test_that_a_model_on_the_processor_has_no_overhead_and_its_embedding_once() -> None:
    spec = measured_spec("llama32-3b.gguf")
    placed = fit(spec, budget(ram_gib=8), FitRequest(context=4096))
    assert placed.kind is FitKind.CPU
    assert placed.need.overhead_bytes == 0
    assert placed.need.weights_bytes == spec.weights.total_bytes
    assert placed.reasons[0] == "runs on the processor: 2.6 GiB against 8.0 GiB of main memory"
    on_gpu = fit(spec, budget(8), FitRequest(context=4096))
    assert on_gpu.kind is FitKind.GPU
    assert on_gpu.need.weights_bytes == spec.weights.total_bytes + spec.weights.embedding_bytes


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(2835456, "2769 KiB"), (16421888, "16 MiB"), (102 * 2**20, "102 MiB"), (2**30, "1.0 GiB")],
)
def test_that_a_known_size_is_never_shown_as_nothing(size_bytes: int, text: str) -> None:
    assert gib(size_bytes) == text


def test_that_a_model_that_does_not_fit_the_card_is_split_by_whole_layers() -> None:
    spec = measured_spec("mistral-small-24b.gguf")
    placed = fit(spec, budget(11), FitRequest(context=8192))
    assert placed.kind is FitKind.PARTIAL
    assert 20 < placed.gpu_layers < 40
    assert placed.layers == 40
    assert "partly" in placed.reasons[0]


def test_that_two_cards_carry_two_overheads_and_two_buffers() -> None:
    spec = measured_spec("mistral-small-24b.gguf")
    one = fit(spec, budget(23, 23), FitRequest(context=8192))
    two = fit(spec, budget(9, 9), FitRequest(context=8192))
    assert (one.kind, one.gpus) == (FitKind.GPU, 1)
    assert (two.kind, two.gpus) == (FitKind.GPU, 2)
    assert two.need.overhead_bytes == 2 * one.need.overhead_bytes
    assert two.need.compute_bytes == 2 * one.need.compute_bytes


def test_that_memory_shared_with_the_processor_is_not_counted_twice() -> None:
    spec = measured_spec("mistral-small-24b.gguf")
    apart = fit(spec, budget(10, ram_gib=12), FitRequest(context=8192))
    same = fit(spec, budget(10, ram_gib=12, shared=True), FitRequest(context=8192))
    assert apart.kind is FitKind.PARTIAL
    assert same.kind is FitKind.NO
    assert not same.fits


def test_that_gemma_3_27b_is_whole_on_a_card_of_24_gb() -> None:
    """Its windows keep the cache at a fifth of what layers times heads would say."""
    spec = measured_models()["gemma3-27b"].spec
    placed = fit(spec, budget(23), FitRequest(context=32768))
    assert placed.need.kv_cache_bytes == 3184 * MIB
    assert placed.kind is FitKind.GPU


def test_that_a_file_with_layers_that_predict_ahead_is_counted_whole() -> None:
    """llama.cpp leaves them out; a need below the file's size would be a surprise."""
    model = measured_models()["glm-4.5-air"]
    assert model.spec.weights.total_bytes == pytest.approx(model.weights_bytes, rel=0.025)
    assert model.spec.weights.total_bytes > model.weights_bytes


def test_that_a_projector_is_counted_beside_the_model() -> None:
    header = read_header(measured_headers()["gemma3-4b.gguf"])
    with_eyes = from_header(header, "gemma3:4b", projector_bytes=851 * MIB)
    need = memory_need(with_eyes, FitRequest(context=4096), gpus=1)
    alone = memory_need(from_header(header, "gemma3:4b"), FitRequest(context=4096), gpus=1)
    assert need.total_bytes - alone.total_bytes == need.projector_bytes == 851 * MIB


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 40))
def test_that_closing_other_programs_never_shrinks_what_a_model_may_take(
    now: int, freed: int
) -> None:
    assert usable_ram_bytes(now) <= usable_ram_bytes(now + freed) <= now + freed
    assert usable_discrete_bytes(now) <= usable_discrete_bytes(now + freed) <= now + freed


def test_that_a_card_too_small_for_one_layer_leaves_it_to_the_processor() -> None:
    spec = measured_spec("mistral-small-24b.gguf")
    placed = fit(spec, budget(1), FitRequest(context=8192))
    assert (placed.kind, placed.gpu_layers) == (FitKind.CPU, 0)
    nowhere = fit(spec, budget(1, ram_gib=4), FitRequest(context=8192))
    assert nowhere.kind is FitKind.NO


def test_that_a_context_beyond_training_is_clamped_and_said() -> None:
    placed = fit(measured_spec("qwen3-8b.gguf"), budget(23), FitRequest(context=131072))
    assert placed.request.context == 40960
    assert any("40,960" in reason and "131,072" in reason for reason in placed.reasons)


def test_that_a_quantised_cache_without_flash_attention_stays_f16_and_says_so() -> None:
    request = FitRequest(context=4096, kv_type=KvType.Q8_0, flash_attention=False, depth=9999)
    placed = fit(measured_spec("qwen3-8b.gguf"), budget(23), request)
    assert placed.request.kv_type is KvType.F16
    assert placed.request.depth == 4096
    assert any("flash attention" in reason for reason in placed.reasons)


@pytest.mark.parametrize(
    ("field", "value"),
    [("context", 0), ("context", 1 << 40), ("parallel", 0), ("batch", 0), ("depth", -1)],
)
def test_that_an_impossible_request_is_refused_by_field(field: str, value: int) -> None:
    with pytest.raises(BadInput) as error:
        FitRequest(**{field: value})  # type: ignore[arg-type]
    assert error.value.field == field


def test_that_the_longest_context_is_the_last_that_fits() -> None:
    spec, room = measured_spec("qwen3-8b.gguf"), budget(9)
    longest = max_context(spec, room, FitRequest())
    assert longest is not None
    assert longest % 256 == 0
    assert fit(spec, room, FitRequest(context=longest)).kind is FitKind.GPU
    assert fit(spec, room, FitRequest(context=longest + 256)).kind is not FitKind.GPU
    assert max_context(spec, budget(64), FitRequest()) == 40960
    assert max_context(spec, budget(ram_gib=1), FitRequest()) is None


def test_that_a_context_that_is_asked_for_is_not_longer_than_the_longest_that_fits() -> None:
    spec = measured_models()["command-r"].spec
    whole = memory_need(spec, FitRequest(context=257), gpus=0).total_bytes
    room = MemoryBudget(devices=(), ram_bytes=whole, shared=False)
    assert not fit(spec, room, FitRequest(context=512)).fits
    assert fit(spec, room, FitRequest(context=257)).fits
    assert max_context(spec, room, FitRequest(context=257)) == 257
    assert max_context(spec, room, FitRequest(context=8192)) == 256


def test_that_a_context_below_the_first_step_may_be_all_that_fits() -> None:
    spec = measured_models()["command-r"].spec
    least = memory_need(spec, FitRequest(context=2), gpus=0).total_bytes
    room = MemoryBudget(devices=(), ram_bytes=least, shared=False)
    assert fit(spec, room, FitRequest(context=2)).fits
    assert max_context(spec, room, FitRequest(context=2)) == 2
    assert max_context(spec, room, FitRequest(context=256)) is None


def test_that_what_fits_nowhere_needs_more_with_more_sequences() -> None:
    spec, room = measured_models()["minimax-m3"].spec, budget(5, 5, 5, 5, ram_gib=27)
    asked = FitRequest(context=256, batch=2048, flash_attention=False, kv_type=KvType.BF16)
    two, three = (fit(spec, room, replace(asked, parallel=n)) for n in (2, 3))
    assert (two.kind, three.kind) == (FitKind.NO, FitKind.NO)
    assert two.need.total_bytes < three.need.total_bytes


FILES = sorted(measured_headers())
BUDGETS = st.builds(
    lambda gpus, ram, shared: budget(*gpus, ram_gib=ram, shared=shared and bool(gpus)),
    st.lists(st.floats(0, 100), max_size=3),
    st.floats(0, 200),
    st.booleans(),
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(FILES), BUDGETS, REQUESTS)
def test_that_no_answer_contradicts_its_own_numbers(
    file: str, room: MemoryBudget, request: FitRequest
) -> None:
    spec = measured_spec(file)
    placed = fit(spec, room, request)
    need = placed.need
    assert need.total_bytes >= spec.weights.total_bytes
    assert 0 <= placed.gpu_layers <= placed.layers
    assert placed.reasons
    match placed.kind:
        case FitKind.GPU:
            assert need.total_bytes <= placed.budget_bytes
            assert placed.gpu_layers == placed.layers
        case FitKind.PARTIAL:
            assert 0 < placed.gpu_layers + placed.dense_layers <= placed.layers
            assert placed.gpu_layers < placed.layers
        case FitKind.CPU:
            assert need.total_bytes <= room.ram_bytes
            assert placed.gpu_layers == need.overhead_bytes == 0
        case FitKind.NO:
            assert not placed.fits


_RANK = {FitKind.NO: 0, FitKind.CPU: 1, FitKind.PARTIAL: 2, FitKind.GPU: 3}


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(FILES), st.floats(1, 60), st.floats(0, 40), REQUESTS, st.integers(1, 50_000))
def test_that_more_context_never_needs_less_and_more_memory_never_fits_worse(
    file: str, gpu: float, extra: float, request: FitRequest, more: int
) -> None:
    spec = measured_spec(file)
    here = fit(spec, budget(gpu), request)
    longer = fit(spec, budget(gpu), replace(request, context=request.context + more))
    assert longer.need.total_bytes >= here.need.total_bytes or longer.gpus != here.gpus
    assert _RANK[longer.kind] <= _RANK[here.kind]
    assert _RANK[fit(spec, budget(gpu + extra), request).kind] >= _RANK[here.kind]
