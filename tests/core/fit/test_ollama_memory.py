"""Against what real servers said: 0.24.0 and 0.32.15, processor only, 2026-11-25, in MiB."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from landfall.core.fit.fit import FitRequest, KvType
from landfall.core.fit.ollama_memory import process_bytes, ps_bytes, version_of
from landfall.core.machine.hardware import MIB
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.gguf import read_header
from landfall.core.models.header_spec import from_header
from landfall.core.provenance import Unknown
from tests.fakes.gguf_files import TensorSpec, base, dense, header_bytes

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
    assert 44 < old / MIB < 90


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


def wide(arch: str, **changed: int) -> ModelSpec:
    """A mixture of small experts, or a dense model of the same shape."""
    sizes = {"hidden": 1024, "layers": 6, "ff": 384, "heads": 16, "kv_heads": 4, "head": 128}
    keys = base(arch, context=40960, **sizes)
    keys |= {f"{arch}.{key}": value for key, value in changed.items()}
    tensors = dense(vocab=32000, tied=False, quant="Q8_0", output="Q8_0", qk_norm=True, **sizes)
    spec = from_header(read_header(header_bytes(keys, tensors)), arch)
    object.__setattr__(spec.weights, "total_bytes", int(328.59 * MIB))
    return spec


EXPERTS = {"expert_count": 32, "expert_used_count": 8, "expert_feed_forward_length": 384}


@pytest.mark.parametrize(
    ("version", "context", "shown", "far_mib"),
    [
        (OLD, 2048, 396.59, 0.1),
        (OLD, 8192, 472.59, 0.1),
        (OLD, 32768, 784.59, 0.1),
        (NEW, 2048, 398.72, 2.1),
        (NEW, 8192, 528.73, 4.1),
        (NEW, 32768, 864.73, 4.1),
    ],
)
def test_that_experts_keep_the_results_of_all_that_a_token_is_sent_to(
    version: str, context: int, shown: float, far_mib: float
) -> None:
    said = ps_bytes(wide("qwen3moe", **EXPERTS), FitRequest(context=context), version)
    assert isinstance(said, int)
    assert said / MIB == pytest.approx(shown, abs=far_mib)


def test_that_a_quantised_cache_needs_less_beside_it_where_the_queries_are_narrow() -> None:
    f16 = ps_bytes(smollm2(), FitRequest(context=8192), NEW)
    q8 = ps_bytes(smollm2(), FitRequest(context=8192, kv_type=KvType.Q8_0), NEW)
    assert isinstance(f16, int)
    assert isinstance(q8, int)
    assert q8 / MIB == pytest.approx(228.71, abs=0.1)
    assert (f16 - q8) / MIB == pytest.approx(180 - 95.625 + 2.25, abs=0.01)


def test_that_whole_on_a_gpu_the_input_embedding_stays_behind() -> None:
    model = wide("qwen3")
    on_cpu = ps_bytes(model, FitRequest(context=2048), NEW)
    on_gpu = ps_bytes(model, FitRequest(context=2048), NEW, gpus=1)
    assert isinstance(on_cpu, int)
    assert isinstance(on_gpu, int)
    assert on_cpu - on_gpu == model.weights.embedding_bytes + 4 * 32000
    # A tied one is copied to the GPU, and all that stays behind is the output.
    tied_cpu = ps_bytes(smollm2(), FitRequest(context=2048), NEW)
    tied_gpu = ps_bytes(smollm2(), FitRequest(context=2048), NEW, gpus=1)
    assert isinstance(tied_cpu, int)
    assert isinstance(tied_gpu, int)
    # And what is written to the cache, which a GPU does not keep beside it: 4 bytes of the width.
    assert tied_cpu - tied_gpu == 4 * 49152 + 512 * 4 * 576


def q4_k_m(
    arch: str,
    *,
    hidden: int,
    layers: int,
    heads: int,
    kv_heads: int,
    head: int,
    ff: int,
    vocab: int,
    experts: int = 0,
) -> ModelSpec:
    """Tensors as Q4_K_M mixes them, both embeddings in Q8_0: as in the files that were loaded."""
    more = {"expert_count": experts, "expert_used_count": 8, "expert_feed_forward_length": ff}
    keys = base(
        arch,
        context=40960,
        hidden=hidden,
        layers=layers,
        ff=ff * 8 if experts else ff,
        heads=heads,
        kv_heads=kv_heads,
        head=head,
        **(more if experts else {}),
    )
    tensors: list[TensorSpec] = [
        ("token_embd.weight", [hidden, vocab], "Q8_0"),
        ("output_norm.weight", [hidden], "F32"),
        ("output.weight", [hidden, vocab], "Q8_0"),
    ]
    of_each, kind = ([experts], "_exps") if experts else ([], "")
    for i in range(layers):
        first, last = i < layers // 8, i >= 7 * layers // 8
        better = "Q6_K" if first or last or (i - layers // 8) % 3 == 2 else "Q4_K"
        block = [
            ("attn_norm", [hidden], "F32"),
            ("attn_q", [hidden, heads * head], "Q4_K"),
            ("attn_k", [hidden, kv_heads * head], "Q4_K"),
            ("attn_v", [hidden, kv_heads * head], better),
            ("attn_output", [heads * head, hidden], "Q4_K"),
            ("ffn_norm", [hidden], "F32"),
            (f"ffn_gate{kind}", [hidden, ff, *of_each], "Q4_K"),
            (f"ffn_up{kind}", [hidden, ff, *of_each], "Q4_K"),
            (f"ffn_down{kind}", [ff, hidden, *of_each], better),
        ]
        if experts:
            block += [("ffn_gate_inp", [hidden, experts], "F32")]
            block += [(f"attn_{one}_norm", [head], "F32") for one in "qk"]
        tensors += [(f"blk.{i}.{name}.weight", shape, form) for name, shape, form in block]
    return from_header(read_header(header_bytes(keys, tensors)), arch)


def llama_1b() -> ModelSpec:
    shape = {"hidden": 2048, "layers": 16, "heads": 32, "kv_heads": 8, "head": 64, "ff": 8192}
    return q4_k_m("llama", vocab=128256, **shape)


def llama_8b() -> ModelSpec:
    shape = {"hidden": 4096, "layers": 32, "heads": 32, "kv_heads": 8, "head": 128, "ff": 14336}
    return q4_k_m("llama", vocab=128256, **shape)


def qwen3_30b_a3b() -> ModelSpec:
    shape = {"hidden": 2048, "layers": 48, "heads": 32, "kv_heads": 4, "head": 128, "ff": 768}
    return q4_k_m("qwen3moe", vocab=151936, experts=128, **shape)


@pytest.mark.parametrize(
    ("model", "request_", "shown_bytes"),
    [
        (llama_1b, FitRequest(context=8192), 1_274_544_127),
        (llama_8b, FitRequest(context=8192), 6_061_660_569),
        (llama_8b, FitRequest(context=8192, parallel=8), 13_821_143_941),
        (qwen3_30b_a3b, FitRequest(context=8192, parallel=8), 25_279_426_723),
    ],
)
def test_that_what_a_real_gpu_held_was_predicted_to_the_buffer(
    model: Callable[[], ModelSpec], request_: FitRequest, shown_bytes: int
) -> None:
    """NVIDIA H200, Ollama 0.32.15, 2026-11-26: `size` of /api/ps, all of it `size_vram`."""
    predicted = ps_bytes(model(), request_, "0.32.15", gpus=1)
    assert predicted == pytest.approx(shown_bytes, rel=2e-5)


@pytest.mark.parametrize(
    ("model", "request_", "on_gpu_mib"),
    [
        (llama_8b, FitRequest(context=8192), 1024 + 232.02),
        (llama_8b, FitRequest(context=40960), 5120 + 592.04),
        (llama_8b, FitRequest(context=40960, kv_type=KvType.Q8_0), 2720 + 592.12),
        (qwen3_30b_a3b, FitRequest(context=8192), 768 + 184.02),
    ],
)
def test_that_cache_and_compute_buffer_on_a_gpu_are_what_the_server_logged(
    model: Callable[[], ModelSpec], request_: FitRequest, on_gpu_mib: float
) -> None:
    """NVIDIA H100, Ollama 0.32.15, 2026-11-27: "CUDA0 KV buffer" and "CUDA0 compute buffer"."""
    spec = model()
    predicted = ps_bytes(spec, request_, "0.32.15", gpus=1)
    assert isinstance(predicted, int)
    weights = spec.weights.total_bytes - spec.weights.embedding_bytes
    assert (predicted - weights) / MIB == pytest.approx(on_gpu_mib, abs=0.2)


def test_that_what_was_not_measured_of_gpus_and_projectors_is_not_guessed() -> None:
    request = FitRequest(context=2048)
    assert isinstance(ps_bytes(smollm2(), request, NEW, gpus=2), Unknown)
    assert isinstance(ps_bytes(smollm2(), request, OLD, gpus=1), Unknown)
    seeing = smollm2()
    object.__setattr__(seeing, "projector_bytes", 1)
    assert isinstance(ps_bytes(seeing, request, NEW), Unknown)
    assert isinstance(process_bytes(seeing, request, NEW), Unknown)
    assert isinstance(process_bytes(smollm2(), request, "a fork"), Unknown)


@pytest.mark.parametrize(
    ("version", "request_", "tokens", "taken"),
    [
        (NEW, FitRequest(context=2048), 500, 177),
        (NEW, FitRequest(context=8192), 300, 310),
        (NEW, FitRequest(context=8192, parallel=4), 300, 844),
        (NEW, FitRequest(context=8192, parallel=4, kv_type=KvType.Q8_0), 600, 528),
        (NEW, FitRequest(context=8192), 0, 304),
        (OLD, FitRequest(context=2048), 600, 185),
        (OLD, FitRequest(context=8192), 600, 319),
        (OLD, FitRequest(context=8192, parallel=4), 600, 860),
        (OLD, FitRequest(context=8192, parallel=4, kv_type=KvType.Q8_0), 600, 524),
    ],
)
def test_that_a_process_takes_weights_cache_and_what_it_touched_of_its_buffer(
    version: str, request_: FitRequest, tokens: int, taken: float
) -> None:
    said = process_bytes(smollm2(), request_, version, prompt_tokens=tokens)
    assert isinstance(said, int)
    assert abs(said / MIB - taken) <= max(40, 0.1 * taken)


@pytest.mark.parametrize(
    ("context", "parallel", "taken"),
    [(2048, 1, 503), (32768, 1, 726), (8192, 4, 755), (32768, 4, 1434)],
)
def test_that_the_old_go_engine_keeps_its_masks_beside_what_it_shows(
    context: int, parallel: int, taken: float
) -> None:
    said = process_bytes(gemma3(), FitRequest(context=context, parallel=parallel), OLD)
    assert isinstance(said, int)
    assert said / MIB == pytest.approx(taken, rel=0.1)


def test_that_a_process_grows_with_the_prompt_until_a_batch_is_full() -> None:
    request = FitRequest(context=8192)
    sizes = [
        process_bytes(smollm2(), request, NEW, prompt_tokens=tokens)
        for tokens in (0, 512, 1024, 4096, None)
    ]
    numbers = [size for size in sizes if isinstance(size, int)]
    assert len(numbers) == 5
    assert numbers[0] < numbers[1] < numbers[2] == numbers[3] == numbers[4]


def test_that_an_encoders_process_is_known_until_its_first_text() -> None:
    sizes = {"hidden": 384, "layers": 6, "ff": 1536, "heads": 12, "kv_heads": 12, "head": 32}
    spec = tied(
        "bert", weights_mib=44, embedding="F16", sizes={**sizes, "vocab": 30522, "context": 512}
    )
    new = process_bytes(spec, FitRequest(context=512), NEW, prompt_tokens=0)
    old = process_bytes(spec, FitRequest(context=512), OLD, prompt_tokens=0)
    assert isinstance(new, int)
    assert isinstance(old, int)
    assert 44 < new / MIB < 80
    assert isinstance(process_bytes(spec, FitRequest(context=512), NEW), Unknown)
    # The old engine takes the same before and after.
    assert process_bytes(spec, FitRequest(context=512), OLD) == old


def test_that_experts_of_the_old_go_engine_hardly_touch_their_graph() -> None:
    said = process_bytes(wide("qwen3moe", **EXPERTS), FitRequest(context=8192), OLD)
    assert isinstance(said, int)
    assert said / MIB == pytest.approx(448.5, rel=0.1)


@pytest.mark.parametrize(
    ("hidden", "heads", "context", "graph_per_512"),
    [(384, 12, 512, 33756), (384, 4, 512, 17372), (768, 12, 512, 42936), (768, 12, 2048, 457656)],
)
def test_that_the_old_go_engine_embeds_a_context_at_once(
    hidden: int, heads: int, context: int, graph_per_512: float
) -> None:
    sizes = {"hidden": hidden, "layers": 6, "ff": 1536, "heads": heads, "kv_heads": heads}
    size = {**sizes, "head": hidden // heads, "vocab": 1000, "context": 2048}
    spec = tied("bert", weights_mib=20, embedding="F16", sizes=size)
    said = ps_bytes(spec, FitRequest(context=context), OLD)
    assert isinstance(said, int)
    # The embedding is there again, as it was in what was measured.
    assert (said - 20 * MIB) / 512 == pytest.approx(graph_per_512, rel=0.002)


def test_that_an_encoders_buffer_is_its_scores_or_its_widest_layer() -> None:
    sizes = {"hidden": 384, "layers": 6, "ff": 1536, "heads": 12, "kv_heads": 12, "head": 32}
    spec = tied(
        "bert", weights_mib=44, embedding="F16", sizes={**sizes, "vocab": 30522, "context": 512}
    )
    plain = ps_bytes(spec, FitRequest(context=512, flash_attention=False), NEW)
    flash = ps_bytes(spec, FitRequest(context=512), NEW)
    assert isinstance(plain, int)
    assert isinstance(flash, int)
    # Of a file of this shape 17.51 MiB without flash attention, and 5.76 with it.
    assert (plain - flash) / MIB == pytest.approx(17.51 - 5.76, abs=0.01)
    asked = ps_bytes(spec, FitRequest(context=512, batch=256), NEW)
    assert isinstance(asked, int)
    assert asked < flash


GEMMA2 = {"hidden": 1152, "layers": 6, "ff": 6912, "heads": 8, "kv_heads": 4, "head": 256}
MIXTRAL = {"hidden": 1024, "layers": 4, "ff": 2048, "heads": 16, "kv_heads": 4, "head": 64}
GPT_OSS = {"hidden": 1024, "layers": 4, "ff": 1024, "heads": 16, "kv_heads": 4, "head": 64}


@pytest.mark.parametrize(
    ("arch", "sizes", "more", "weights_mib", "shown"),
    [
        ("gemma2", GEMMA2, {"attention.sliding_window": 4096}, 197.71, (277.01, 386.28)),
        ("llama", MIXTRAL, {"expert_count": 8, "expert_used_count": 2}, 231.39, (273.43, 343.44)),
        (
            "gpt-oss",
            GPT_OSS,
            {"expert_count": 16, "expert_used_count": 4, "attention.sliding_window": 128},
            436.32,
            (472.62, 521.39),
        ),
    ],
)
def test_that_llama_servers_buffers_of_further_architectures_are_exact(
    arch: str,
    sizes: dict[str, int],
    more: dict[str, int],
    *,
    weights_mib: float,
    shown: tuple[float, float],
) -> None:
    keys = base(arch, context=8192, **sizes) | {f"{arch}.{k}": v for k, v in more.items()}
    tensors = dense(vocab=8000, tied=True, quant="F16", output="F16", **sizes)
    spec = from_header(read_header(header_bytes(keys, tensors)), arch)
    object.__setattr__(spec.weights, "total_bytes", int(weights_mib * MIB))
    for context, real in zip((2048, 8192), shown, strict=True):
        said = ps_bytes(spec, FitRequest(context=context), NEW)
        assert isinstance(said, int)
        assert said / MIB == pytest.approx(real, abs=0.1)


@pytest.mark.parametrize(
    ("arch", "ff", "kv_heads", "weights_bytes", "shown"),
    [
        ("starcoder2", 4096, 4, 64_372_736, (87.43, 141.44)),
        ("nemotron", 8192, 16, 106_610_688, (159.71, 293.72)),
    ],
)
def test_that_llama_servers_buffer_of_a_feed_forward_without_a_gate_is_exact(
    arch: str, ff: int, kv_heads: int, *, weights_bytes: int, shown: tuple[float, float]
) -> None:
    sizes = {"hidden": 1024, "layers": 4, "ff": ff, "heads": 16, "kv_heads": kv_heads, "head": 64}
    keys = base(arch, context=16384, **sizes)
    gated = dense(vocab=8000, tied=False, quant="Q8_0", output="Q8_0", **sizes)
    tensors = [tensor for tensor in gated if "ffn_gate" not in tensor[0]]
    spec = from_header(read_header(header_bytes(keys, tensors)), arch)
    object.__setattr__(spec.weights, "total_bytes", weights_bytes)
    for context, real in zip((2048, 8192), shown, strict=True):
        said = ps_bytes(spec, FitRequest(context=context), NEW)
        assert isinstance(said, int)
        assert said / MIB == pytest.approx(real, abs=0.1)
