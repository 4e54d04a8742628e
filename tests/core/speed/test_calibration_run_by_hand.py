"""Which runs count, and how large they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.benchmark.benchmark import BUSY_SHARE
from landfall.core.fit.fit import Fit, FitKind, FitRequest, fit
from landfall.core.hosts.runtime import WHOLE
from landfall.core.machine.hardware import memory_budget
from landfall.core.models.weights import spec
from landfall.core.speed.calibration_run import (
    CONTEXT,
    LEAST_MODEL_BYTES,
    LEAST_OUTPUT_TOKENS,
    MOST_MODELS,
    PROBE,
    RUN_SECONDS,
    Size,
    Surroundings,
    as_loaded,
    chosen,
    machine_key,
    prompt_of,
    size_of,
    spread,
)
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()

MODEL = spec(next(one for one in KNOWN.models if one.tag == "llama3.1:8b"))

PLACED = fit(MODEL, memory_budget(KNOWN.what_if("RTX 4090")), FitRequest(context=CONTEXT))


def test_that_a_run_counts_up_to_a_busy_share_and_a_load_of_all_cores() -> None:
    """Half of the processor: `BUSY_SHARE`, as a benchmark has it."""
    assert Surroundings(busy_share=BUSY_SHARE - 0.001).why_not == ""
    assert "processor busy" in Surroundings(busy_share=BUSY_SHARE).why_not
    assert Surroundings(load_average=3.99, logical_cores=4).why_not == ""
    said = Surroundings(load_average=4.0, logical_cores=4).why_not
    assert said == "the load average was 4.0 on 4 cores before it began"
    assert Surroundings(load_average=4.0, logical_cores=0).why_not == ""
    assert Surroundings(logical_cores=4).why_not == ""
    assert Surroundings(busy_share=0.0, load_average=9.0, logical_cores=4).why_not


def test_that_a_machine_is_known_by_its_accelerators_else_by_its_processor() -> None:
    two = KNOWN.what_if("2x RTX 4090")
    blind = replace(two.accelerators[0], usable_bytes=None, name="Blind")
    other = replace(two.accelerators[0], name="A card")
    assert machine_key(replace(two, accelerators=(two.accelerators[0], other, blind))) == (
        "A card + RTX 4090"
    )
    cpu = replace(two.cpu, name="P", physical_cores=4, logical_cores=8)
    assert machine_key(replace(two, accelerators=(blind,), cpu=cpu)) == "P, 4 cores"
    logical = replace(cpu, physical_cores=None)
    assert machine_key(replace(two, accelerators=(), cpu=logical)) == "P, 8 cores"


def test_that_a_prompt_has_about_so_many_words_and_at_least_one() -> None:
    """The task has 17 words, "Text 1:" two; a word is drawn for each token beyond 17 and 4."""
    assert prompt_of(0, 1).endswith("Begin with: Once upon a time")
    for tokens, words in ((0, 20), (22, 20), (23, 21), (100, 98)):
        assert len(prompt_of(tokens, 1).split()) == words
    assert prompt_of(50, 7).startswith("Text 7: ")


def test_that_a_run_is_as_large_as_its_time_allows() -> None:
    """A fifth of the time to read, a fifth to write: of 10 s two."""
    assert size_of(100.0, 10.0, 10.0, 2048) == Size(200, 20)
    assert size_of(31.9, 7.9, 10.0, 2048) == Size(64, 16)
    assert size_of(33.0, 8.6, 10.0, 2048) == Size(66, 17)
    assert size_of(1e6, 1e6, 10.0, 8192) == Size(1024, 128)
    assert size_of(1e6, 1e6, 10.0, 1000) == Size(500, 128)
    assert size_of(1e6, 1e6, 10.0, 100) == Size(64, 128)
    assert size_of(None, None, 10.0, 2048) == PROBE == Size(64, 16)
    assert (RUN_SECONDS, MOST_MODELS, CONTEXT, LEAST_OUTPUT_TOKENS) == (30.0, 3, 2048, 8)
    assert LEAST_MODEL_BYTES == 64 * 1024 * 1024


def placed(kind: FitKind) -> Fit:
    return replace(PLACED, kind=kind)


def test_that_models_that_stand_best_are_chosen_over_their_range() -> None:
    gpu, split, cpu = (placed(kind) for kind in (FitKind.GPU, FitKind.PARTIAL, FitKind.CPU))
    big = LEAST_MODEL_BYTES
    four = [("d", 4 * big, gpu), ("a", big, gpu), ("c", 3 * big, gpu), ("b", 2 * big, gpu)]
    assert chosen(four) == ("a", "c", "d")
    assert chosen([*four, ("s", big, split)]) == ("a", "c", "d")
    assert chosen([("s", big, split), ("p", big, cpu)]) == ("s",)
    assert chosen([("p", big, cpu), ("n", big, placed(FitKind.NO))]) == ("p",)
    assert chosen([("n", big, placed(FitKind.NO))]) == ()
    assert chosen(four[:2]) == ("a", "d")
    assert chosen([("tiny", big - 1, gpu), ("s", big, split)]) == ("s",)


@pytest.mark.parametrize(
    ("share", "kind", "layers", "gpus"),
    [
        (1.0, FitKind.GPU, 33, 1),
        (0.99, FitKind.GPU, 33, 1),
        (0.5, FitKind.PARTIAL, 16, 1),
        (0.98, FitKind.PARTIAL, 32, 1),
        (0.02, FitKind.PARTIAL, 1, 1),
        (0.0, FitKind.CPU, 0, 0),
    ],
)
def test_that_layers_are_where_the_server_put_them(
    share: float, kind: FitKind, layers: int, gpus: int
) -> None:
    whole = replace(PLACED, layers=33, gpus=0)
    found = as_loaded(whole, share if share != 0.99 else WHOLE)
    assert (found.kind, found.gpu_layers, found.gpus) == (kind, layers, gpus)
    nearly = as_loaded(whole, 1 - WHOLE)
    assert (nearly.kind, nearly.gpu_layers, nearly.gpus) == (FitKind.CPU, 0, 0)
    assert as_loaded(replace(whole, gpus=3), 0.5).gpus == 3
    assert as_loaded(replace(whole, layers=2), 0.9).gpu_layers == 1
    mixture = as_loaded(replace(whole, dense_layers=33, dense_share=0.5), WHOLE)
    assert mixture.gpu_share == 1.0, "layers that are whole are not counted again without experts"


def test_that_repeats_are_apart_by_their_range_over_the_middle_one() -> None:
    assert spread([4.0, 1.0, 2.0]) == 1.5
    assert spread([1.0, 3.0]) == pytest.approx(2 / 3)
    assert spread([5.0]) is spread([]) is None
    assert spread([0.0, 0.0, 1.0]) is None
