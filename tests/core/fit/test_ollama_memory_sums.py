"""Each buffer of one small model in round numbers, added up by hand: every engine, every rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.fit.ollama_memory import process_bytes, ps_bytes, version_of
from landfall.core.models.architecture import Architecture, CacheLayers, ModelSpec, Weights
from landfall.core.provenance import Unknown

OLD, NEW = "0.24.0", "0.32.15"

FULL = CacheLayers(layers=2, key_width=10, value_width=6)
"""Two layers of 16 numbers: 64 bytes of f16 for each cell."""

SLIDING = CacheLayers(layers=3, key_width=10, value_width=6, window=128)
"""96 bytes of f16 for each cell."""

LLAMA = Architecture(
    name="llama",
    layers=2,
    caches=(FULL,),
    vocabulary=1000,
    hidden=100,
    heads=5,
    query_width=50,
    feed_forward=300,
    context_trained=None,
    recurrent_bytes=700,
)
TWO_CACHES = replace(LLAMA, caches=(FULL, SLIDING))
BERT = replace(
    LLAMA, name="bert", caches=(), recurrent_bytes=0, encoder=True, embedder=True, feed_forward=300
)
MIXTURE = replace(LLAMA, name="qwen3moe", experts=8, experts_used=4)
TWO = FitRequest(context=1000, parallel=2)
BASE = 14 * 1024 * 1024 + 200 * 1000  # a runner, and what it keeps of 1000 tokens of a vocabulary


def spec(architecture: Architecture = LLAMA, *, tied: bool = False, **changed: object) -> ModelSpec:
    weights = Weights(
        total_bytes=1_000_000,
        embedding_bytes=200_000,
        output_bytes=200_000,
        tied=tied,
        source="",
        lookup_bytes=3_000,
    )
    return ModelSpec(
        name="toy",
        architecture=replace(architecture, **changed),  # type: ignore[arg-type]
        weights=weights,
        params_total=1,
        params_active=1,
        quantization="",
    )


# Of llama-server: weights, 64 bytes a cell, 4 bytes a token of the output for each sequence,
# the state for each sequence, and a batch of 512 times a width: 12 x 300 + 16 x 100 and the mask
# of two bytes a cell.
PLAIN = 1_000_000 + 64 * 2000 + 4 * 1000 * 2 + 700 * 2


@pytest.mark.parametrize(
    ("model", "request_", "expected"),
    [
        (spec(), TWO, PLAIN + 512 * (3600 + 1600 + 2000)),
        (spec(vocabulary=None), TWO, PLAIN - 8000 + 512 * 7200),
        (spec(embedder=True), TWO, 1_000_000 + 64_000 + 400 + 700 + 1000 * 7200),
        (spec(gated=False), TWO, PLAIN + 512 * (1200 + 1600 + 2000)),
        # Gemma has the queries and less of the residual: 3600 + 12 x 100 + 4 x 50.
        (spec(name="gemma2"), TWO, PLAIN + 512 * (5000 + 2000)),
        # Experts: 8 x 100 x 4 summed, 4 x 300 and 8 x 100; with one expert the layer rules.
        (spec(MIXTURE), TWO, PLAIN + 512 * (3200 + 1200 + 800 + 2000)),
        (spec(MIXTURE, experts_used=1), TWO, PLAIN + 512 * (3600 + 1200 + 200 + 2000)),
        # A cache of 34 bytes for 32 numbers: less beside it, 8 x 100 + 4 x 50 ...
        (
            spec(),
            replace(TWO, kv_type=KvType.Q8_0),
            PLAIN - 64 * 2000 + 34 * 2000 + 512 * (3600 + 1000 + 2000),
        ),
        # ... but where queries are wide it is 16 x 100 again.
        (
            spec(query_width=300),
            replace(TWO, kv_type=KvType.Q8_0),
            PLAIN - 64 * 2000 + 34 * 2000 + 512 * (3600 + 1600 + 2000),
        ),
        # Of two caches only the sliding one: 128 + 512 cells padded to 768, and both masks.
        (
            spec(TWO_CACHES),
            TWO,
            1_000_000 + 96 * 768 * 2 + 8000 + 1400 + 512 * (5200 + 2000 + 1536),
        ),
        (
            spec(TWO_CACHES),
            replace(TWO, kv_type=KvType.Q8_0),
            1_000_000 + 51 * 768 * 2 + 8000 + 1400 + 512 * (5200 + 2000 + 1536),
        ),
        # A context shorter than the window and a batch.
        (
            spec(TWO_CACHES),
            FitRequest(context=500),
            1_000_000 + 96 * 500 + 4000 + 700 + 512 * (5200 + 1000 + 1000),
        ),
        # Without flash attention the scores of five heads over the context of one sequence:
        # 1000 x 24 + 12 x 100 + 8 x (50 + 10); no more tokens than the contexts can hold.
        (spec(), replace(TWO, flash_attention=False), PLAIN + 512 * (24_000 + 1200 + 480)),
        (
            spec(),
            FitRequest(context=100, parallel=2, flash_attention=False),
            1_000_000 + 64 * 200 + 8000 + 1400 + 200 * (2400 + 1680),
        ),
        # More cells, larger batches: 4096 and 32768 are the last of theirs.
        (
            spec(),
            FitRequest(context=2048, parallel=2),
            1_000_000 + 64 * 4096 + 8000 + 1400 + 512 * (5200 + 4096),
        ),
        (
            spec(),
            FitRequest(context=4097),
            1_000_000 + 64 * 4097 + 4000 + 700 + 1024 * (5200 + 8194),
        ),
        (
            spec(),
            FitRequest(context=32768),
            1_000_000 + 64 * 32768 + 4000 + 700 + 1024 * (5200 + 65536),
        ),
        (
            spec(),
            FitRequest(context=32769),
            1_000_000 + 64 * 32769 + 4000 + 700 + 2048 * (5200 + 65538),
        ),
        (spec(), replace(TWO, batch=100), PLAIN + 100 * 7200),
        # An encoder: its layer (1200 + 1200) or 22 x 100, and the mask of what is embedded at once.
        (spec(BERT), TWO, 1_000_000 + 4 * 100 + 1000 * (2400 + 2000)),
        (spec(BERT, feed_forward=100), TWO, 1_000_000 + 4 * 100 + 1000 * (2200 + 2000)),
        (spec(BERT), FitRequest(context=4000), 1_000_000 + 400 + 2048 * (2400 + 4096)),
        (spec(BERT), FitRequest(context=1000, batch=300), 1_000_000 + 400 + 300 * (2400 + 600)),
        (
            spec(BERT),
            FitRequest(context=1000, batch=300, flash_attention=False),
            1_000_000 + 400 + 300 * (300 * 24 + 2400),
        ),
        (
            spec(BERT),
            FitRequest(context=200, batch=300, flash_attention=False),
            1_000_000 + 400 + 300 * (200 * 24 + 2400),
        ),
    ],
)
def test_that_llama_server_shows_the_sum_of_its_buffers(
    model: ModelSpec, request_: FitRequest, expected: int
) -> None:
    assert ps_bytes(model, request_, NEW) == expected


def test_that_a_gpu_has_no_input_embedding_no_lookup_tables_and_no_output_buffer() -> None:
    # What is written to the cache is not kept beside it: 8 x 100 + 4 x 50 in place of 16 x 100.
    all_of_it = PLAIN + 512 * (3600 + 1000 + 2000)
    left_in_ram = 8000 + 200_000 + 3_000
    assert ps_bytes(spec(), TWO, NEW, gpus=1) == all_of_it - left_in_ram
    assert ps_bytes(spec(tied=True), TWO, NEW, gpus=1) == all_of_it - 8000 - 3_000


@pytest.mark.parametrize(
    ("model", "request_", "expected"),
    [
        # Without the input embedding where there is an output matrix; 2000 cells of 64 bytes.
        (spec(), TWO, 800_000 + 128_000),
        (spec(tied=True), TWO, 1_000_000 + 128_000),
        # This engine counts q8_0 as a byte and q4_0 as half of one, without their scales.
        (spec(), replace(TWO, kv_type=KvType.Q8_0), 800_000 + 64_000),
        (spec(), replace(TWO, kv_type=KvType.Q4_0), 800_000 + 32_000),
        (spec(), replace(TWO, kv_type=KvType.F32), 800_000 + 256_000),
        # The window is for all sequences at once: 2 x 128 + 512 is 768 already.
        (spec(TWO_CACHES), TWO, 800_000 + 128_000 + 96 * 768),
        (spec(TWO_CACHES), FitRequest(context=500), 800_000 + 32_000 + 96 * 500),
    ],
)
def test_that_the_old_engine_shows_weights_and_cells(
    model: ModelSpec, request_: FitRequest, expected: int
) -> None:
    assert ps_bytes(model, request_, OLD) == expected


GEMMA = replace(TWO_CACHES, name="gemma3")


@pytest.mark.parametrize(
    ("model", "request_", "expected"),
    [
        # 16 x 300 and two bytes a cell for each of 512 tokens.
        (spec(name="qwen3"), TWO, 1_000_000 + 128_000 + 512 * (4800 + 4000)),
        (spec(name="qwen3", tied=True), TWO, 1_200_000 + 128_000 + 512 * (4800 + 4000)),
        # Experts: 8 x 100 x 4 summed, and 8 x 50 with the mask, or 8 x 300 where that is more.
        (spec(MIXTURE), TWO, 1_128_000 + 512 * (3200 + 400 + 4000)),
        (spec(MIXTURE, feed_forward=600), TWO, 1_128_000 + 512 * (3200 + 4800)),
        # Gemma: 37 x 50 and both masks, or 12 x 300 + 15 x 50; of two sequences a window
        # has a token more: 2 x 129 + 512 is padded to 1024.
        (
            spec(GEMMA),
            TWO,
            1_128_000 + 96 * 1024 + 512 * (1850 + 4000 + 2048),
        ),
        (
            spec(GEMMA),
            FitRequest(context=1000),
            1_064_000 + 96 * 768 + 512 * (1850 + 2000 + 1536),
        ),
        (
            spec(GEMMA),
            FitRequest(context=500),
            1_032_000 + 96 * 500 + 512 * (3600 + 750),
        ),
        (spec(GEMMA, caches=(FULL,)), TWO, 1_128_000 + 512 * (1850 + 4000)),
        (
            spec(GEMMA, feed_forward=1000),
            TWO,
            1_128_000 + 96 * 1024 + 512 * (12_000 + 750),
        ),
        # A text at once: the scores of five heads and 20 x 100, whatever is asked at once.
        (spec(BERT), TWO, 1_000_000 + 1000 * (20_000 + 2000)),
    ],
)
def test_that_the_go_engine_shows_weights_cells_and_its_graph(
    model: ModelSpec, request_: FitRequest, expected: int
) -> None:
    assert ps_bytes(model, request_, OLD) == expected


@pytest.mark.parametrize(
    ("tokens", "touched"), [(None, 512), (512, 512), (600, 512), (511, 511), (128, 128), (0, 0)]
)
@pytest.mark.parametrize("version", [OLD, NEW])
def test_that_a_process_has_touched_as_much_as_its_longest_prompt(
    version: str, tokens: int | None, touched: int
) -> None:
    expected = 1_000_000 + 128_000 + 1400 + touched * 7200 + BASE
    assert process_bytes(spec(), TWO, version, prompt_tokens=tokens) == expected


def test_that_only_the_new_engine_takes_larger_batches_by_itself() -> None:
    request = FitRequest(context=8192)
    without = 1_000_000 + 64 * 8192 + 700 + BASE
    assert process_bytes(spec(), request, OLD) == without + 512 * (5200 + 16384)
    assert process_bytes(spec(), request, NEW) == without + 1024 * (5200 + 16384)
    asked = replace(request, batch=100)
    for version in (OLD, NEW):
        assert process_bytes(spec(), asked, version) == without + 100 * (5200 + 16384)


def test_that_a_process_holds_both_caches_of_which_one_is_shown() -> None:
    expected = 1_000_000 + 128_000 + 96 * 768 * 2 + 1400 + 512 * (5200 + 2000 + 1536) + BASE
    assert process_bytes(spec(TWO_CACHES), TWO, NEW) == expected
    bare = replace(TWO_CACHES, vocabulary=None)
    assert process_bytes(spec(bare), TWO, NEW) == expected - 200 * 1000


def test_that_the_go_engines_process_has_its_masks_and_no_graph_of_experts() -> None:
    masks = 3072 * 2000
    dense = spec(name="qwen3")
    assert process_bytes(dense, TWO, OLD) == 1_128_000 + 512 * 8800 + masks + BASE
    # Of experts hardly a page of the graph is touched.
    assert process_bytes(spec(MIXTURE), TWO, OLD) == 1_128_000 + masks + BASE
    # An encoder has no mask.
    assert process_bytes(spec(BERT), TWO, OLD) == 1_000_000 + 1000 * 22_000 + BASE


def test_that_an_encoders_process_is_known_before_its_first_text_alone() -> None:
    loaded = 1_000_000 + BASE
    assert process_bytes(spec(BERT), TWO, NEW, prompt_tokens=0) == loaded
    for tokens in (1, None):
        assert isinstance(process_bytes(spec(BERT), TWO, NEW, prompt_tokens=tokens), Unknown)


@pytest.mark.parametrize(
    ("version", "child"), [("0.29.99", False), ("0.30", True), ("v0.30.0-rc1", True), ("1", True)]
)
def test_that_from_0_30_on_models_run_in_a_process_of_their_own(version: str, child: bool) -> None:
    shown = PLAIN + 512 * 7200 if child else 928_000
    assert ps_bytes(spec(), TWO, version) == shown


def test_that_a_number_of_ten_digits_is_no_version() -> None:
    assert version_of("123456789.987654321") == (123456789, 987654321)
    assert version_of("1234567890") is None
    assert version_of(" 0.9 ") == (0, 9)
