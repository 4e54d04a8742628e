"""What a calibration runs, how much of it, and when a run may not count."""

from __future__ import annotations

import pytest

from landfall.core.fit.fit import Fit, FitKind, FitRequest, fit
from landfall.core.machine.hardware import HardwareProfile, memory_budget
from landfall.core.models.weights import spec
from landfall.core.speed.calibration_run import (
    CONTEXT,
    LEAST_MODEL_BYTES,
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
MODEL = spec(next(card for card in KNOWN.models if card.tag == "llama3.1:8b"))


def on(name: str) -> HardwareProfile:
    return KNOWN.what_if(name)


def placed(name: str) -> Fit:
    return fit(MODEL, memory_budget(on(name)), FitRequest(context=CONTEXT))


@pytest.mark.parametrize(
    ("around", "word"),
    [
        (Surroundings(busy_share=0.1, load_average=0.2, logical_cores=8), ""),
        (Surroundings(), ""),
        (Surroundings(busy_share=0.9), "90 %"),
        (Surroundings(busy_share=0.1, load_average=8.0, logical_cores=8), "load average"),
        (Surroundings(load_average=99.0), ""),
    ],
)
def test_that_a_run_beside_other_work_does_not_count(around: Surroundings, word: str) -> None:
    assert (word in around.why_not) if word else not around.why_not


def test_that_a_calibration_belongs_to_the_accelerators_or_else_to_the_processor() -> None:
    assert machine_key(on("2x RTX 4090")) == "RTX 4090 + RTX 4090"
    assert machine_key(on("RTX 4090")) != machine_key(on("RTX 4090 Laptop"))
    alone = on("RTX 4090")
    bare = HardwareProfile(
        name="this",
        system=alone.system,
        cpu=alone.cpu,
        ram=alone.ram,
        disk=alone.disk,
        accelerators=(),
    )
    assert machine_key(bare) == "not stated, unknown cores"


def test_that_no_two_prompts_are_alike_from_their_first_word_on() -> None:
    one, other = prompt_of(200, 1), prompt_of(200, 2)
    assert one.split()[:2] != other.split()[:2], "the seed stands first"
    assert 180 <= len(one.split()) <= 200
    assert prompt_of(200, 1) == one


def test_that_a_slow_machine_is_asked_for_little_and_a_fast_one_for_no_more_than_enough() -> None:
    assert size_of(None, None, 10, CONTEXT) == Size(64, 16)
    assert size_of(3.0, 1.0, 10, CONTEXT) == Size(64, 16)
    assert size_of(100.0, 20.0, 10, CONTEXT) == Size(200, 40)
    assert size_of(90_000.0, 900.0, 30, CONTEXT) == Size(1024, 128)


def test_that_the_smallest_a_middle_and_the_largest_of_the_best_placed_models_are_run() -> None:
    whole, cpu = placed("RTX 4090"), as_loaded(placed("RTX 4090"), 0.0)
    gib = 1 << 30
    models = [(f"m{size}", size * gib, whole) for size in (1, 2, 4, 8, 16)]
    assert chosen([*models, ("huge", 90 * gib, cpu)]) == ("m1", "m4", "m16")
    assert chosen([("huge", 90 * gib, cpu)]) == ("huge",)
    assert chosen([]) == ()


def test_that_a_model_which_fits_a_cache_is_run_only_where_there_is_no_other() -> None:
    whole = placed("RTX 4090")
    tiny, real = ("tiny", LEAST_MODEL_BYTES - 1, whole), ("real", LEAST_MODEL_BYTES, whole)
    assert chosen([tiny, real]) == ("real",)
    assert chosen([tiny]) == ("tiny",)


def test_that_a_prediction_is_for_where_the_server_really_put_the_layers() -> None:
    whole = placed("RTX 4090")
    assert as_loaded(whole, None) is whole
    assert as_loaded(whole, 1.0).kind is FitKind.GPU
    half = as_loaded(whole, 0.5)
    assert (half.kind, half.gpu_layers, half.gpus) == (FitKind.PARTIAL, whole.layers // 2, 1)
    none = as_loaded(whole, 0.0)
    assert (none.kind, none.gpu_layers, none.gpus) == (FitKind.CPU, 0, 0)
    assert as_loaded(whole, 0.01).gpu_layers == 1


def test_that_repeats_say_how_far_they_are_apart() -> None:
    assert spread([10.0]) is None
    assert spread([10.0, 11.0, 9.0]) == pytest.approx(0.2)
    assert spread([0.0, 0.0]) is None
