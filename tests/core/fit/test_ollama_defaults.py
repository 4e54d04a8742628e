"""What a server decides by itself, by its own sources; and its tiers at their edges."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.fit.ollama_defaults import (
    automatic_batch,
    default_context,
    embedding_batch,
    given_context,
    given_parallel,
    guessed_load_bytes,
    shorter_default,
    total_vram_bytes,
)
from landfall.core.machine.hardware import GIB, MIB
from landfall.core.machine.machines import what_if
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.catalogue import find
from landfall.core.models.weights import spec
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()


def of(tag: str) -> ModelSpec:
    card = find(tag, KNOWN.models)
    assert card is not None
    return spec(card)


@pytest.mark.parametrize(
    ("vram", "context"),
    [
        (0, 4096),
        (23 * GIB - 1, 4096),
        (23 * GIB, 32768),
        (47 * GIB - 1, 32768),
        (47 * GIB, 262144),
        (500 * GIB, 262144),
    ],
)
def test_that_the_default_context_follows_all_vram_together(vram: int, context: int) -> None:
    assert default_context(vram) == context


def test_that_vram_is_counted_over_all_gpus_and_a_mac_by_its_working_set() -> None:
    two = what_if("2x RTX 3090", KNOWN.machines).accelerators
    assert total_vram_bytes(two) == 48 * GIB
    assert default_context(total_vram_bytes(two)) == 262144
    (mac,) = what_if("M2 Max 38-core 64GB", KNOWN.machines).accelerators
    assert mac.usable_bytes is not None
    assert total_vram_bytes([mac]) == mac.usable_bytes < 64 * GIB
    unknown = replace(two[0], memory_total_bytes=None)
    assert total_vram_bytes([unknown]) == 0


def test_that_a_default_that_did_not_fit_is_tried_shorter() -> None:
    assert shorter_default(262144) == 32768
    assert shorter_default(32768) == 4096
    assert shorter_default(4096) is None


@given(asked=st.integers(1, 1 << 20), vision=st.booleans())
def test_that_a_context_is_never_beyond_the_trained_one(asked: int, vision: bool) -> None:
    architecture = of("qwen3:8b").architecture
    assert architecture.context_trained is not None
    context = given_context(architecture, asked, vision=vision)
    assert context <= architecture.context_trained
    assert context >= (2048 if vision else 4)
    untrained = replace(architecture, context_trained=None)
    assert given_context(untrained, asked, vision=vision) >= asked


def test_that_some_architectures_and_all_embedders_run_one_sequence() -> None:
    plain = of("qwen3:8b").architecture
    assert given_parallel(plain, 4) == 4
    assert given_parallel(plain, 0) == 1
    assert given_parallel(replace(plain, name="qwen35moe"), 4) == 1
    assert given_parallel(replace(plain, embedder=True), 4) == 1


def test_that_an_embedding_batch_is_the_context_up_to_2048() -> None:
    assert embedding_batch(512) == 512
    assert embedding_batch(8192) == 2048


@pytest.mark.parametrize(
    ("context", "parallel", "batch"),
    [(4096, 1, 512), (2048, 4, 1024), (32768, 1, 1024), (32768, 4, 2048)],
)
def test_that_the_automatic_batch_grows_with_all_sequences(
    context: int, parallel: int, batch: int
) -> None:
    assert automatic_batch(context, parallel) == batch


@pytest.mark.parametrize(
    ("guess", "free", "batch"),
    [
        (5 * GIB, 24 * GIB, 2048),
        # Above 60 % of what is free the large batch is not taken, above 75 % the medium one.
        (15 * GIB, 24 * GIB, 1024),
        (int(18.5 * GIB), 24 * GIB, 512),
        # The surcharge of 2 GiB, or of 768 MiB, must fit below 80 %.
        (GIB, 3 * GIB, 1024),
        (GIB, int(1.5 * GIB), 512),
        (2000 * MIB, 2000 * MIB, 512),
    ],
)
def test_that_with_gpus_the_batch_shrinks_to_what_is_free(
    guess: int, free: int, batch: int
) -> None:
    assert automatic_batch(65536, 1, guessed_bytes=guess, available_bytes=free) == batch


def test_that_the_guess_of_a_load_is_weights_and_an_f16_cache_of_equal_layers() -> None:
    model = of("qwen3:8b")
    one = guessed_load_bytes(model, 1024, 1)
    assert one > model.weights.total_bytes
    # 36 layers, 8 heads of 128, keys and values of two bytes each.
    assert one - model.weights.total_bytes == 4 * 36 * 8 * 128 * 1024
    assert guessed_load_bytes(model, 1024, 4) - one == 3 * (one - model.weights.total_bytes)
