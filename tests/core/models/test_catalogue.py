from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.fit.memory import FitRequest, kv_cache_bytes, memory_need
from landfall.core.models.catalogue import (
    ModelCard,
    Task,
    find,
    split_quantization,
    suggestions,
    unknown_model,
)
from landfall.core.models.layers import CacheLayers
from landfall.core.models.weights import (
    BITS_PER_WEIGHT,
    bits_per_weight,
    caches_from_numbers,
    spec,
)
from landfall.services.models import shipped_catalogue

CARDS = shipped_catalogue.load().models
BY_TAG = {card.tag: card for card in CARDS}


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("qwen3:8b", "qwen3:8b"),
        ("qwen3-8b", "qwen3:8b"),
        ("Qwen/Qwen3-8B", "qwen3:8b"),
        ("QWEN3:8B", "qwen3:8b"),
        ("qwen3", "qwen3:8b"),
        ("registry.ollama.ai/library/qwen3:8b", "qwen3:8b"),
        ("library/qwen3:8b", "qwen3:8b"),
        ("qwen3:30b-a3b", "qwen3:30b"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen3:30b"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3.1:8b"),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "llama3.1:8b"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "mistral:7b"),
        ("mistral-7b-v0.3", "mistral:7b"),
        ("deepseek-v3.1-671b", "deepseek-v3.1:671b"),
        ("google/gemma-3-4b-it", "gemma3:4b"),
        ("mistralai/Mistral-Small-3.2-24B-Instruct-2506", "mistral-small3.2:24b"),
        ("microsoft/phi-4", "phi4:14b"),
        ("mistral", "mistral:7b"),
        ("openai/gpt-oss-20b", "gpt-oss:20b"),
        ("nomic-embed-text:latest", "nomic-embed-text"),
        ("nomic-ai/nomic-embed-text-v1.5", "nomic-embed-text"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "deepseek-r1:70b"),
    ],
)
def test_that_a_model_is_known_by_all_its_names(name: str, tag: str) -> None:
    found = find(name, CARDS)
    assert found is not None
    assert found.tag == tag


def test_that_every_tag_means_its_own_row() -> None:
    for card in CARDS:
        assert find(card.tag, CARDS) is card


@pytest.mark.parametrize(
    "name",
    [
        *("qwen3:72b", "somebody/qwen3:8b", "gemma4", "llama9", "", "x" * 99),
        *("deepseek-v3", "deepseek-v3:671b", "deepseek-v3.2:671b", "deepseek-ai/DeepSeek-V3"),
    ],
)
def test_that_a_name_that_is_not_one_of_them_is_none(name: str) -> None:
    assert find(name, CARDS) is None


@pytest.mark.parametrize(
    ("name", "close"),
    [
        ("qwen3:72b", "qwen3:"),
        ("lama3.1:8b", "llama3.1:8b"),
        ("gemma4", "gemma4:"),
        ("gemma3:27", "gemma3:27b"),
        ("zzzz", "e.g."),
    ],
)
def test_that_an_unknown_name_is_answered_with_suggestions(name: str, close: str) -> None:
    error = unknown_model(name, CARDS)
    assert error.field == "model"
    assert (close in error.hint) if suggestions(name, CARDS) else "for example" in error.hint


@pytest.mark.parametrize(
    ("name", "base", "quantization"),
    [
        ("qwen3:8b-q8_0", "qwen3:8b", "Q8_0"),
        ("llama3.1:8b-instruct-q4_K_M", "llama3.1:8b-instruct", "Q4_K_M"),
        ("smollm2:135m-fp16", "smollm2:135m", "F16"),
        ("qwen3:8b", "qwen3:8b", None),
    ],
)
def test_that_a_quantisation_at_the_end_of_a_tag_is_told_apart(
    name: str, base: str, quantization: str | None
) -> None:
    assert split_quantization(name) == (base, quantization)


# ---------------------------------------------------------------- memory of rows


@pytest.mark.parametrize(
    ("tag", "context", "mib"),
    [
        ("gemma3:27b", 32768, 3184),
        ("gemma3:270m", 8192, 39),
        ("gemma3:270m", 32768, 111),
        ("smollm2:135m", 8192, 180),
        ("gpt-oss:20b", 8192, 210),
        ("gpt-oss:20b", 32768, 786),
        ("llama3.1:8b", 32768, 4096),
        ("glm-4.7-flash", 32768, 1692),
        ("gemma4:31b", 32768, 3760),
        ("smollm2:1.7b", 32768, 6144),
        ("nomic-embed-text", 2048, 0),
    ],
)
def test_that_the_cache_of_a_row_is_what_its_architecture_says(
    tag: str, context: int, mib: int
) -> None:
    request = FitRequest(context=context)
    assert kv_cache_bytes(BY_TAG[tag].architecture, request) == mib << 20


@given(st.sampled_from(CARDS), st.integers(1, 200_000), st.integers(0, 2))
def test_that_no_model_needs_less_than_its_file(card: ModelCard, context: int, gpus: int) -> None:
    need = memory_need(spec(card), FitRequest(context=context), gpus=gpus)
    assert need.total_bytes >= (card.size_bytes or 0)
    assert need.weights_bytes + need.projector_bytes >= (card.size_bytes or 1)


def test_that_the_size_of_a_row_says_how_exact_it_is() -> None:
    model = spec(BY_TAG["qwen3:8b"])
    assert model.weights.total_bytes == model.download_bytes == 5_200_000_000
    assert model.weights.spread == pytest.approx(0.05 / 5.2)
    assert "from the catalogue" in model.reasons[0]
    assert "±1.0 %" in model.reasons[0]


def test_that_a_model_without_a_size_is_priced_by_parameters_with_a_wide_band() -> None:
    model = spec(BY_TAG["mistral-small-4:119b"])
    assert model.download_bytes is None
    assert 65e9 < model.weights.total_bytes < 80e9
    assert model.weights.spread >= 0.1
    assert "no file was seen" in model.reasons[0]


@pytest.mark.parametrize(
    ("tag", "quantization", "gigabytes"),
    [
        ("qwen3:8b", "Q8_0", 8.9),
        ("llama3.1:8b", "F16", 16.0),
        ("llama3.1:8b", "Q2_K", 3.2),
        ("gemma3:4b", "Q8_0", 5.0),
        ("qwen3:0.6b", "q8_0", 0.83),
        ("qwen3:32b", "Q8_0", 35.0),
        ("gpt-oss:20b", "Q8_0", 12.1),
        ("gpt-oss:120b", "Q8_0", 63.4),
    ],
)
def test_that_another_quantisation_comes_near_the_real_file_and_says_how_near(
    tag: str, quantization: str, gigabytes: float
) -> None:
    model = spec(BY_TAG[tag], quantization)
    spread = model.weights.spread
    whole = (model.weights.total_bytes + model.projector_bytes) / 1e9
    assert whole == pytest.approx(gigabytes, rel=max(0.08, spread) + 0.02)
    assert model.quantization == quantization.upper()
    assert model.download_bytes is None
    assert f"±{100 * spread:.0f} %" in model.reasons[0]


def test_that_a_quantisation_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadInput, match="Q9_X") as error:
        bits_per_weight("Q9_X")
    assert error.value.field == "quant"
    assert bits_per_weight("ud-q4_k_xl") == BITS_PER_WEIGHT["Q4_K_XL"]


def test_that_uncertain_architectures_say_so() -> None:
    assert any("not certain" in reason for reason in spec(BY_TAG["gemma4:12b"]).reasons)
    assert any("recalled" in reason for reason in spec(BY_TAG["lfm2:24b"]).reasons)


def test_that_a_card_suits_what_it_can_do() -> None:
    assert BY_TAG["qwen3-vl:8b"].suits(Task.VISION)
    assert not BY_TAG["qwen3:8b"].suits(Task.VISION)
    assert BY_TAG["bge-m3"].suits(Task.EMBEDDING)
    assert not BY_TAG["bge-m3"].suits(Task.CHAT)
    assert BY_TAG["devstral:24b"].made_for_code
    assert not replace(BY_TAG["devstral:24b"], tag="x:1b").made_for_code


@pytest.mark.parametrize(
    ("tag", "quantization", "gib"),
    [
        ("gemma3:4b", "Q4_K_M", 2.34),
        ("llama3.2:1b", "Q4_K_M", 0.75),
        ("qwen3.5:9b", "Q8_0", 8.86),
        ("gemma4:26b", "BF16", 47.0),
        ("ministral-3:14b", "BF16", 25.2),
    ],
)
def test_that_the_weights_of_a_model_that_sees_are_those_of_its_text(
    tag: str, quantization: str, gib: float
) -> None:
    """Files as published for llama.cpp, which keeps the projector in a file of its own."""
    model = spec(BY_TAG[tag], quantization)
    assert model.weights.total_bytes / 2**30 == pytest.approx(gib, rel=0.05)


def test_that_a_projector_is_what_the_parameters_do_not_explain_and_is_not_requantised() -> None:
    small, large = spec(BY_TAG["gemma3:4b"]), spec(BY_TAG["gemma3:4b"], "F16")
    assert small.weights.total_bytes + small.projector_bytes == small.download_bytes
    assert 0.6e9 < small.projector_bytes < 1.0e9
    assert large.projector_bytes == small.projector_bytes
    assert "a projector of about 0.8 GB included" in small.reasons[0]
    assert spec(BY_TAG["qwen3:8b"]).projector_bytes == 0


def test_that_tables_of_embeddings_of_each_layer_are_what_active_parameters_do_not_explain() -> (
    None
):
    model = spec(BY_TAG["gemma4:e2b"])
    read = model.weights.total_bytes - model.weights.lookup_bytes
    assert read * 8 / model.params_active == pytest.approx(5.1, rel=0.1)


def test_that_numbers_of_caches_make_a_group_each_where_there_are_layers() -> None:
    full, sliding = (8, 1024, 512), (40, 2048, 1536)
    assert caches_from_numbers(full=full) == (
        CacheLayers(layers=8, key_width=1024, value_width=512),
    )
    assert caches_from_numbers(full=full, sliding=sliding, window=4096) == (
        CacheLayers(layers=8, key_width=1024, value_width=512),
        CacheLayers(layers=40, key_width=2048, value_width=1536, window=4096),
    )
    assert caches_from_numbers(full=(0, 1, 1), sliding=(0, 1, 1), window=9) == ()
    (only,) = caches_from_numbers(full=(0, 1, 1), sliding=sliding, window=9)
    assert (only.layers, only.window) == (40, 9)
