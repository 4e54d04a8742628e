"""The need of one small model in round numbers, added up by hand: every part, every rule.

That the formula is llama.cpp's is for `test_memory.py` to say; here each of its terms is held.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.errors import BadInput
from landfall.core.fit.memory import (
    FitRequest,
    KvType,
    MemoryNeed,
    batch_logits_bytes,
    cache_cells,
    kv_cache_bytes,
    memory_need,
    need_band_bytes,
    padded,
    physical_batch,
    scores_width,
    settled,
    step_bytes,
)
from landfall.core.models.architecture import Architecture, CacheLayers, ModelSpec, Weights

FULL = CacheLayers(layers=2, key_width=10, value_width=6)
SLIDING = CacheLayers(layers=3, key_width=12, value_width=8, window=128)
TOY = Architecture(
    name="toy",
    layers=5,
    caches=(FULL, SLIDING),
    vocabulary=None,
    hidden=100,
    heads=5,
    query_width=50,
    feed_forward=300,
    context_trained=4096,
    recurrent_bytes=700,
)
DENSE = replace(TOY, caches=(FULL,))
ENCODER = replace(TOY, caches=(), recurrent_bytes=0, encoder=True, embedder=True, new_keys=7)
TWO = FitRequest(context=1000, parallel=2)


@pytest.mark.parametrize(
    ("kind", "thirty_two_numbers", "quantized"),
    [
        (KvType.F32, 128, False),
        (KvType.F16, 64, False),
        (KvType.BF16, 64, False),
        (KvType.Q8_0, 34, True),  # a half of scale beside 32 bytes
        (KvType.Q5_1, 24, True),
        (KvType.Q5_0, 22, True),
        (KvType.Q4_1, 20, True),
        (KvType.Q4_0, 18, True),
        (KvType.IQ4_NL, 18, True),
    ],
)
def test_that_a_block_of_numbers_has_its_size(
    kind: KvType, thirty_two_numbers: int, *, quantized: bool
) -> None:
    assert kind.bytes_per_number * 32 == thirty_two_numbers
    assert kind.quantized is quantized


def test_that_a_request_says_nothing_but_the_usual() -> None:
    usual = FitRequest()
    assert (usual.context, usual.parallel, usual.kv_type) == (8192, 1, KvType.F16)
    assert (usual.batch, usual.flash_attention, usual.depth) == (None, True, None)


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("context", 1, 1 << 24),
        ("parallel", 1, 1024),
        ("batch", 1, 1 << 20),
        ("depth", 0, 1 << 24),
    ],
)
def test_that_a_request_has_bounds(field: str, least: int, most: int) -> None:
    for good in (least, most):
        assert getattr(FitRequest(**{field: good}), field) == good  # type: ignore[arg-type]
    for bad in (least - 1, most + 1):
        with pytest.raises(BadInput) as caught:
            FitRequest(**{field: bad})  # type: ignore[arg-type]
        assert caught.value.field == field
        assert str(bad) in caught.value.message


def test_that_a_need_is_the_sum_of_its_parts() -> None:
    need = MemoryNeed(
        weights_bytes=1,
        kv_cache_bytes=20,
        recurrent_state_bytes=300,
        compute_bytes=4000,
        projector_bytes=50_000,
        overhead_bytes=600_000,
    )
    assert need.total_bytes == 654_321


def test_that_a_request_that_can_be_carried_out_stays_as_it_is() -> None:
    asked = FitRequest(context=4096, kv_type=KvType.Q8_0, depth=4096)
    assert settled(TOY, asked) == (asked, ())
    untrained = replace(TOY, context_trained=None)
    assert settled(untrained, FitRequest(context=1 << 20)) == (FitRequest(context=1 << 20), ())
    plain = FitRequest(context=8, flash_attention=False)
    assert settled(TOY, plain) == (plain, ())
    bf16 = replace(plain, kv_type=KvType.BF16)
    assert settled(TOY, bf16) == (bf16, ())


def test_that_a_request_is_cut_to_what_the_model_and_the_runtime_can() -> None:
    longer, notes = settled(TOY, FitRequest(context=4097, depth=4097))
    assert (longer.context, longer.depth) == (4096, 4096)
    assert len(notes) == 2
    assert notes[1] == "depth 4,097 is beyond the context: taken as 4,096"
    without = replace(TOY, flash_attention=False)
    kept, notes = settled(without, FitRequest(context=8, kv_type=KvType.Q8_0))
    assert (kept.flash_attention, kept.kv_type) == (False, KvType.F16)
    assert len(notes) == 2
    off = FitRequest(context=8, kv_type=KvType.Q4_0, flash_attention=False)
    kept, notes = settled(TOY, off)
    assert kept.kv_type is KvType.F16
    assert len(notes) == 1
    # Nothing is said of flash attention that nobody asked for.
    assert settled(without, replace(off, kv_type=KvType.F16))[1] == ()


def of(architecture: Architecture, *, tied: bool = False, spread: float = 0.0) -> ModelSpec:
    return ModelSpec(
        name="toy",
        architecture=architecture,
        weights=Weights(
            total_bytes=1_000_000,
            embedding_bytes=200_000,
            output_bytes=200_000,
            tied=tied,
            source="",
            spread=spread,
        ),
        params_total=1,
        params_active=1,
        quantization="",
        projector_bytes=5_000,
    )


@pytest.mark.parametrize(
    ("tied", "gpus", "weights", "buffers", "overhead"),
    [
        (True, 0, 1_000_000, 1, 0),
        (True, 1, 1_200_000, 1, 900),
        (True, 2, 1_200_000, 2, 900),
        (False, 2, 1_000_000, 2, 900),
        (False, 0, 1_000_000, 1, 0),
    ],
)
def test_that_devices_have_buffers_of_their_own_and_a_tied_embedding_again(
    tied: bool,
    gpus: int,
    weights: int,
    buffers: int,
    overhead: int,
) -> None:
    need = memory_need(of(DENSE, tied=tied), TWO, gpus=gpus, overhead_bytes=900)
    # Cells of a sequence are padded to 1024: 2 layers of 16 numbers in f16. A batch of 512 times
    # 12 x 300 of the feed-forward, 4 x 4 x 100 beside it, and a mask of two bytes a cell.
    assert need == MemoryNeed(
        weights_bytes=weights,
        kv_cache_bytes=2 * 2048 * 16 * 2,
        recurrent_state_bytes=1400,
        compute_bytes=512 * (3600 + 1600 + 2048) * buffers,
        projector_bytes=5_000,
        overhead_bytes=overhead,
    )


def test_that_the_overhead_is_nothing_where_none_is_told() -> None:
    assert memory_need(of(DENSE), TWO, gpus=1).overhead_bytes == 0


def test_that_the_band_is_the_spread_of_weights_and_of_the_formula() -> None:
    need = MemoryNeed(
        weights_bytes=1_000_000,
        kv_cache_bytes=300_000,
        recurrent_state_bytes=0,
        compute_bytes=700_000,
        projector_bytes=0,
        overhead_bytes=0,
    )
    # 1.3 % of 2,000,000, and 2 % of the weights of a catalogue's guess.
    assert need_band_bytes(of(DENSE), need) == (1_974_000, 2_026_000)
    assert need_band_bytes(of(DENSE, spread=0.02), need) == (1_954_000, 2_046_000)
    # An unknown architecture may keep no cache and a buffer twice as large.
    unknown = of(replace(DENSE, known=False))
    assert need_band_bytes(unknown, need) == (1_674_000, 2_726_000)


def test_that_the_batch_is_512_or_of_what_embeds_up_to_2048() -> None:
    assert physical_batch(DENSE, TWO) == 512
    assert physical_batch(DENSE, replace(TWO, batch=7)) == 7
    assert physical_batch(ENCODER, TWO) == 1000
    assert physical_batch(ENCODER, FitRequest(context=4096)) == 2048


def test_that_cells_are_padded_to_256() -> None:
    assert [padded(cells) for cells in (1, 256, 257, 512)] == [256, 256, 512, 512]
    # Each of two sequences: all 1000 cells, or 128 + 512 of a window.
    assert cache_cells(FULL, TWO, 512) == 2048
    assert cache_cells(SLIDING, TWO, 512) == 1536
    assert cache_cells(SLIDING, replace(TWO, context=200), 512) == 512


def test_that_a_cache_holds_keys_and_values_of_each_layer() -> None:
    # 2 layers x 2048 cells x 16, and 3 layers x 1536 x 20, two bytes each.
    assert kv_cache_bytes(TOY, TWO) == (2 * 2048 * 16 + 3 * 1536 * 20) * 2
    # The batch is no larger than both contexts together: 128 + 200 cells of each.
    short = FitRequest(context=100, parallel=2)
    assert kv_cache_bytes(TOY, short) == (2 * 512 * 16 + 3 * 512 * 20) * 2
    longer = FitRequest(context=400, parallel=1, batch=128)
    assert kv_cache_bytes(TOY, longer) == (2 * 512 * 16 + 3 * 256 * 20) * 2
    # Without flash attention every layer has values of the widest one, 8, but for those that keep
    # their own.
    plain = replace(TWO, flash_attention=False)
    assert kv_cache_bytes(TOY, plain) == (2 * 2048 * 18 + 3 * 1536 * 20) * 2
    own = replace(TOY, caches=(replace(FULL, own_width=True), SLIDING))
    assert kv_cache_bytes(own, plain) == (2 * 2048 * 16 + 3 * 1536 * 20) * 2
    assert kv_cache_bytes(ENCODER, plain) == 0


FEED = 12 * 300 + 4 * 4 * 100  # gate, way up and product; four vectors of the residual
BOTH = 1024 + 768  # padded cells of one sequence: all of 1000, and a window of 128 + 512


@pytest.mark.parametrize(
    ("architecture", "request_", "expected"),
    [
        (TOY, TWO, 512 * (FEED + 2 * BOTH)),
        (DENSE, TWO, 512 * (FEED + 2 * 1024)),
        (replace(TOY, caches=(SLIDING,)), TWO, 512 * (FEED + 2 * 768)),
        (replace(TOY, gated=False), TWO, 512 * (1200 + 1600 + 2 * BOTH)),
        (replace(TOY, residuals=1), TWO, 512 * (3600 + 400 + 2 * BOTH)),
        (replace(TOY, beside_layer=9), TWO, 512 * (FEED + 2 * BOTH + 36)),
        # No more tokens in a step than both contexts hold: 128 + 200 cells of the window.
        (TOY, FitRequest(context=100, parallel=2), 200 * (FEED + 2 * (256 + 256))),
        (TOY, FitRequest(context=1000, batch=100), 100 * (FEED + 2 * (1024 + 256))),
        # The state of a step is spread over its tokens: 700 x 2 / 2 layers over a batch of 512.
        (
            replace(DENSE, recurrent_layers=2, recurrent_width=2000),
            TWO,
            512 * (4 * 2000 + 1 + 2 * 1024),
        ),
        (replace(DENSE, recurrent_layers=2, recurrent_width=10), TWO, 512 * (FEED + 2 * 1024)),
        # A recurrent model alone has no mask.
        (
            replace(DENSE, caches=(), recurrent_layers=2, recurrent_width=2000),
            TWO,
            512 * 8001,
        ),
        (
            replace(DENSE, caches=(), recurrent_layers=2, recurrent_width=2000),
            replace(TWO, flash_attention=False),
            512 * 8001,
        ),
        # Neither cache nor state: a diffusion model attends to its batch.
        (replace(DENSE, caches=()), TWO, 512 * (FEED + 2 * 512)),
        (replace(DENSE, caches=(), masks=2), TWO, 512 * (FEED + 2 * (512 + 512))),
        # Scores of five heads and the mask: 24 bytes a cell, 12 x 100, 8 x (50 + 12), and the
        # window's own mask; or the layer where that is wider.
        (
            TOY,
            replace(TWO, flash_attention=False),
            512 * (1024 * 24 + 1200 + 8 * (50 + 12) + 4 * 768),
        ),
        (
            replace(TOY, feed_forward=9000),
            replace(TWO, flash_attention=False),
            512 * (12 * 9000 + 1600 + 4 * 1024),
        ),
        # An encoder: 20 x 100 + 8 x 50 where the feed-forward is narrower; scores over the batch.
        (ENCODER, TWO, 1000 * (FEED + 2000)),
        (replace(ENCODER, feed_forward=30), TWO, 1000 * (2400 + 2000)),
        (replace(ENCODER, masks=2), TWO, 1000 * (FEED + 4000)),
        (
            ENCODER,
            replace(TWO, flash_attention=False),
            1000 * (1000 * 24 + 800 + 8 * (50 + 7)),
        ),
        # The logits of a large vocabulary, with two vectors of the residual beside them.
        (replace(TOY, vocabulary=10_000), TWO, 512 * (40_000 + 800)),
        (replace(TOY, vocabulary=10_000, logits_residuals=3), TWO, 512 * (40_000 + 1200)),
        (replace(TOY, vocabulary=10_000, beside_logits=5), TWO, 512 * (40_000 + 20 + 2048)),
        (
            replace(TOY, vocabulary=10_000, beside_logits=5, logits_residuals=9),
            TWO,
            512 * (40_000 + 3600),
        ),
    ],
)
def test_that_the_compute_buffer_is_the_largest_live_set_of_a_step(
    architecture: Architecture, request_: FitRequest, expected: int
) -> None:
    assert step_bytes(architecture, request_) == expected


def test_that_scores_without_a_cache_have_no_keys_of_one() -> None:
    assert scores_width(replace(TOY, caches=()), 10) == 240 + 1200 + 8 * 50


def test_that_logits_count_where_they_decide_the_buffer() -> None:
    assert batch_logits_bytes(replace(TOY, vocabulary=10_000), TWO) == 512 * 40_000
    assert batch_logits_bytes(replace(TOY, vocabulary=100), TWO) == 0
    assert batch_logits_bytes(TOY, TWO) == 0
    # FEED and the masks are 8784 bytes a token: 1996 tokens of a vocabulary and 800 beside are no
    # more than that, 1997 are.
    assert FEED + 2 * BOTH == 8784
    assert batch_logits_bytes(replace(TOY, vocabulary=1996), TWO) == 0
    assert batch_logits_bytes(replace(TOY, vocabulary=1997), TWO) == 512 * 7988
