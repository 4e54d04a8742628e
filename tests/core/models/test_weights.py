"""Bytes of the weights out of a card, on cards so small that they can be reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.errors import BadInput
from landfall.core.models.architecture import Architecture, CacheLayers
from landfall.core.models.catalogue import ModelCard
from landfall.core.models.gguf_types import TYPE_SIZES
from landfall.core.models.weights import (
    BITS_PER_WEIGHT,
    bits_per_weight,
    download_size,
    embedding_bits,
    output_bits,
    spec,
)
from landfall.core.provenance import RECALLED, Estimated, Published, Unknown

TINY = Architecture(
    name="llama",
    layers=4,
    caches=(CacheLayers(layers=4, key_width=64, value_width=64),),
    vocabulary=1000,
    hidden=100,
    heads=2,
    query_width=128,
    feed_forward=256,
    context_trained=4096,
)
CARD = ModelCard(
    tag="tiny:1m",
    aliases=(),
    architecture=TINY,
    architecture_source="its configuration",
    tied_embeddings=False,
    params_total=1_000_000,
    params_active=1_000_000,
    quantization="Q8_0",
    size_bytes=None,
    size_spread=0.0,
    size_source="library",
    capabilities=frozenset(),
    licence="",
    evidence=(),
    notes="",
    date="2026-11-01",
)

# llama.cpp tools/quantize/README.md, Llama 3.1 8B.
README_BITS = {
    "IQ1_S": 2.0042, "IQ1_M": 2.1460, "IQ2_XXS": 2.3824, "IQ2_XS": 2.5882, "IQ2_S": 2.7403,
    "IQ2_M": 2.9294, "IQ3_XXS": 3.2548, "IQ3_XS": 3.4977, "IQ3_S": 3.6606, "IQ3_M": 3.7628,
    "IQ4_XS": 4.4597, "IQ4_NL": 4.6818, "Q2_K_S": 2.9697, "Q2_K": 3.1593, "Q3_K_S": 3.6429,
    "Q3_K_M": 3.9960, "Q3_K_L": 4.2979, "Q4_K_S": 4.6672, "Q4_K_M": 4.8944, "Q5_K_S": 5.5704,
    "Q5_K_M": 5.7036, "Q6_K": 6.5633, "Q8_0": 8.5008, "F16": 16.0005,
}  # fmt: skip
USUAL = {
    "Q2_K_XL": "Q2_K", "Q3_K_XL": "Q3_K_M", "Q4_K_XL": "Q4_K_M", "Q5_K_XL": "Q5_K_M",
    "Q6_K_XL": "Q6_K", "Q8_K_XL": "Q8_0",
}  # fmt: skip


def test_that_bits_of_a_weight_are_those_of_llama_cpp_or_of_the_blocks() -> None:
    by_block = {name: 8 * size / many for name, many, size in TYPE_SIZES.values()}
    for name, bits in BITS_PER_WEIGHT.items():
        if name in README_BITS:
            assert bits == pytest.approx(README_BITS[name], abs=0.006), name
        elif name in by_block:
            # The output is kept at six bits: a little above the block's own.
            assert 0 <= bits - by_block[name] <= 0.15, name
        else:
            # "Q4_K_XL": what a packer made larger than the usual mix, by less than 0.7 bits.
            assert -0.02 <= bits - README_BITS[USUAL[name]] <= 0.7, name
    assert {"F16", "BF16", "F32", "MXFP4"} <= set(BITS_PER_WEIGHT)


def test_that_an_output_has_at_least_six_bits_and_a_tied_embedding_is_one() -> None:
    assert output_bits("Q4_K_M") == output_bits("Q6_K") == 6.56
    assert output_bits("Q8_0") == 8.5
    assert embedding_bits("Q4_K_M", tied=True) == 6.56
    assert embedding_bits("Q4_K_M", tied=False) == 4.89


def test_that_what_was_perhaps_meant_is_said_and_three_at_most() -> None:
    with pytest.raises(BadInput) as near:
        bits_per_weight("Q4_K_N")
    assert near.value.hint.count(",") == 2
    assert "Q4_K_M" in near.value.hint
    with pytest.raises(BadInput, match="zzzz") as far:
        bits_per_weight("zzzz")
    assert far.value.hint == "For example Q4_K_M, Q8_0 or F16."
    assert far.value.field == "quant"


def test_that_weights_of_one_width_are_parameters_times_it() -> None:
    """8.5 bits everywhere: 1,000,000 x 8.5 / 8; each matrix 1000 x 100 x 8.5 / 8."""
    model = spec(CARD)
    assert (model.name, model.quantization) == ("tiny:1m", "Q8_0")
    assert (model.params_total, model.params_active) == (1_000_000, 1_000_000)
    assert model.weights.total_bytes == 1_062_500
    assert model.weights.embedding_bytes == model.weights.output_bytes == 106_250
    assert (model.weights.expert_bytes, model.weights.lookup_bytes) == (0, 0)
    assert model.weights.spread == 0.15
    assert (model.projector_bytes, model.download_bytes, model.weights.tied) == (0, None, False)
    assert model.weights.source == "catalogue: library, 2026-11-01"
    assert spec(replace(CARD, size_source="")).weights.source == "catalogue: parameters, 2026-11-01"
    half = spec(CARD, "F16")
    assert half.weights.total_bytes == 2_000_000
    assert half.weights.embedding_bytes == half.weights.output_bytes == 200_000


@pytest.mark.parametrize("quantization", ["Q2_K", "Q4_K_M", "Q5_0", "Q6_K", "Q8_0", "IQ1_S"])
def test_that_the_model_that_bits_were_measured_on_has_just_those(quantization: str) -> None:
    """Llama 3.1 8B has 8.03e9 parameters and two matrices of 128,256 x 4096 among them."""
    llama = replace(
        CARD,
        architecture=replace(TINY, vocabulary=128_256, hidden=4096),
        params_total=8_030_000_000,
        params_active=8_030_000_000,
        quantization=quantization,
    )
    total = spec(llama).weights.total_bytes
    assert total == pytest.approx(8.03e9 * BITS_PER_WEIGHT[quantization] / 8, abs=1)


def test_that_of_mixed_widths_each_part_has_its_own() -> None:
    """Q4_K_M: embedding 4.89, output 6.56, and between them what Llama 3.1 8B's file leaves:

    (4.89 x 8.03e9 - (4.89 + 6.56) x 128,256 x 4096) / (8.03e9 - 2 x 128,256 x 4096) = 4.764299.
    """
    between = 4.764299
    plain = spec(CARD, "Q4_K_M").weights
    assert plain.embedding_bytes == pytest.approx(61_125, abs=1)
    assert plain.output_bytes == 82_000
    whole = (100_000 * 4.89 + 100_000 * 6.56 + 800_000 * between) / 8
    assert plain.total_bytes == pytest.approx(whole, abs=1)
    tied = spec(replace(CARD, tied_embeddings=True), "Q4_K_M").weights
    assert tied.embedding_bytes == tied.output_bytes == 82_000
    assert tied.total_bytes == pytest.approx((100_000 * 6.56 + 900_000 * between) / 8, abs=1)
    assert tied.tied


def test_that_a_matrix_is_a_third_of_all_parameters_at_most_and_half_of_the_bytes() -> None:
    """Of 120,000 parameters 40,000: (40,000 x 4.89 + 40,000 x 6.56 + 40,000 x 4.764299) / 8."""
    small = replace(CARD, params_total=120_000, params_active=120_000)
    weights = spec(small, "Q4_K_M").weights
    assert weights.total_bytes == pytest.approx(81_071.5, abs=1)
    assert weights.embedding_bytes == weights.total_bytes // 2 == 40_535
    assert weights.output_bytes == weights.total_bytes // 2
    dumb = spec(replace(CARD, architecture=replace(TINY, vocabulary=None)), "F16").weights
    assert (dumb.embedding_bytes, dumb.output_bytes, dumb.total_bytes) == (0, 0, 2_000_000)


SEEN = replace(CARD, size_bytes=1_100_000, size_spread=0.01)


def test_that_the_size_of_the_tag_stands_for_its_own_quantisation() -> None:
    model = spec(SEEN)
    assert model.weights.total_bytes == model.download_bytes == 1_100_000
    assert model.weights.spread == 0.01
    assert model.projector_bytes == 0
    assert "±1.0 %" in model.reasons[0]
    assert "projector" not in model.reasons[0]
    assert len(model.reasons) == 1


def test_that_a_size_that_nobody_was_read_for_is_an_estimate_of_a_download() -> None:
    printed = download_size(spec(replace(SEEN, size_source="the library")))
    assert isinstance(printed, Published)
    assert "the library" in printed.source
    model = spec(replace(SEEN, size_source="recalled", size_recalled=True, size_spread=0.05))
    assert download_size(model) == Estimated(1_045_000, 1_100_000, 1_155_000, RECALLED)
    assert model.reasons[1] == f"the size of the tag was {RECALLED}"
    assert isinstance(download_size(replace(model, download_bytes=None)), Unknown)


def test_that_another_quantisation_is_as_far_from_the_formula_as_the_tag() -> None:
    """The tag has 1,100,000 - 1,062,500 = 37,500 bytes more than 8.5 bits explain; so has F16."""
    model = spec(SEEN, "F16")
    assert model.weights.total_bytes == 2_037_500
    assert model.download_bytes is None
    assert model.weights.spread == 0.08
    assert spec(replace(SEEN, size_spread=0.2), "F16").weights.spread == 0.2
    # A tag far smaller than the formula: a tenth less than the formula at most.
    assert spec(replace(SEEN, size_bytes=600_000), "F16").weights.total_bytes == 1_800_000
    assert spec(replace(SEEN, size_bytes=900_000), "F16").weights.total_bytes == 1_837_500


def test_that_what_a_model_that_sees_has_more_is_its_projector() -> None:
    sees = replace(SEEN, capabilities=frozenset({"vision"}))
    model = spec(sees)
    assert (model.weights.total_bytes, model.projector_bytes) == (1_062_500, 37_500)
    assert model.download_bytes == 1_100_000
    assert "a projector of about 0.0 GB included" in model.reasons[0]
    other = spec(sees, "F16")
    assert (other.weights.total_bytes, other.projector_bytes) == (2_000_000, 37_500)
    smaller = spec(replace(sees, size_bytes=1_000_000))
    assert (smaller.weights.total_bytes, smaller.projector_bytes) == (1_000_000, 0)


def test_that_tables_of_each_layer_are_what_active_parameters_do_not_explain() -> None:
    """400,000 active of 1,000,000: 1,100,000 - 400,000 x 8.5 / 8 = 675,000 are looked up."""
    tables = replace(
        SEEN,
        architecture=replace(TINY, name="ple"),
        params_active=400_000,
        capabilities=frozenset({"vision"}),
    )
    model = spec(tables)
    assert model.weights.lookup_bytes == 675_000
    assert model.projector_bytes == 0, "they cannot be told from a projector by size"
    none = spec(replace(tables, params_active=1_200_000)).weights
    assert none.lookup_bytes == 0


def test_that_routed_experts_are_solved_from_both_counts() -> None:
    """2 of 8: 1,000,000 = rest + experts, 400,000 = rest + experts / 4, so that experts = 800,000:
    four fifths of what is not embedding."""
    mixture = replace(
        CARD,
        architecture=replace(TINY, experts=8, experts_used=2),
        params_active=400_000,
    )
    weights = spec(mixture).weights
    assert weights.expert_bytes == (1_062_500 - 106_250) * 8 // 10
    every = spec(replace(mixture, params_active=1_000_000)).weights
    assert every.expert_bytes == 0
    # 500 of a million active at 1 of 1000 would be more experts than parameters: 99 of 100.
    many = replace(
        CARD, architecture=replace(TINY, experts=1000, experts_used=1), params_active=500
    )
    assert spec(many).weights.expert_bytes == int(956_250 * 0.99)


def test_that_experts_trained_in_four_bits_stay_so() -> None:
    """800,000 parameters of experts x 4.25 bits = 425,000 bytes; the rest is BF16 in the tag,
    200,000 x 2 bytes, and 200,000 x 8.5 / 8 in Q8_0."""
    trained = replace(
        CARD,
        architecture=replace(TINY, experts=8, experts_used=2),
        params_active=400_000,
        quantization="MXFP4",
    )
    assert spec(trained).weights.total_bytes == 825_000
    assert spec(trained, "Q8_0").weights.total_bytes == 425_000 + 212_500


def test_that_what_is_not_certain_is_said() -> None:
    assert len(spec(CARD).reasons) == 1
    unknown = replace(CARD, architecture=replace(TINY, known=False), notes="a guess")
    assert spec(unknown).reasons[1:] == ("its architecture is not certain: a guess",)
    unsaid = spec(replace(unknown, notes="", architecture_source="recalled"))
    assert unsaid.reasons[1:] == ("its architecture is not certain: recalled",)
    recalled = spec(replace(CARD, architecture_recalled=True))
    assert len(recalled.reasons) == 2
    assert "recalled" in recalled.reasons[1]


def test_that_names_of_quantisations_are_spelled_in_one_way() -> None:
    assert spec(CARD, "fp16").quantization == "F16"
    assert spec(SEEN, "q8_0").download_bytes == 1_100_000
