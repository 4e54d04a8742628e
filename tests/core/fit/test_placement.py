from __future__ import annotations

from dataclasses import replace

from landfall.core.fit.fit import FitRequest, fit
from landfall.core.fit.load_check import RunnerFacts
from landfall.core.fit.placement import why_on_processor
from landfall.core.hosts.runtime import LoadedModel, gpu_share
from landfall.core.machine.hardware import GIB, HardwareProfile, memory_budget
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.catalogue import find
from landfall.core.models.weights import spec
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()


def machine(name: str = "RTX 4090") -> HardwareProfile:
    return KNOWN.what_if(name)


def of(tag: str) -> ModelSpec:
    card = find(tag, KNOWN.models)
    assert card is not None
    return spec(card)


def loaded(tag: str, *, size: int, gpu: int, context: int | None = 8192) -> LoadedModel:
    return LoadedModel(
        name=tag, digest="d", size_bytes=size, gpu_bytes=gpu, context=context, expires_at="forever"
    )


def test_a_model_that_is_whole_on_the_gpu_needs_no_answer() -> None:
    model = loaded("qwen3:8b", size=8 * GIB, gpu=8 * GIB)
    assert gpu_share(model) == 1.0
    assert why_on_processor(model, of("qwen3:8b"), machine()) is None


def test_a_model_without_a_size_has_no_share() -> None:
    assert gpu_share(loaded("x", size=0, gpu=0)) is None


def test_too_long_a_context_is_the_cause_and_a_shorter_one_the_fix() -> None:
    model = loaded("qwen3:32b", size=30 * GIB, gpu=20 * GIB, context=32768)
    empty = machine()
    profile = replace(
        empty,
        accelerators=(replace(empty.accelerators[0], usable_bytes=3 * GIB),),
    )
    found = why_on_processor(model, of("qwen3:32b"), profile)
    assert found is not None
    assert found.cause.startswith("At 32,768 tokens of context it fits partly")
    assert found.context is not None
    assert 8192 <= found.context < 32768
    assert f"{found.context:,}" in found.fix


def test_a_model_that_is_too_big_at_any_context_asks_for_a_smaller_one() -> None:
    model = loaded("llama3.3:70b", size=45 * GIB, gpu=21 * GIB)
    found = why_on_processor(model, of("llama3.3:70b"), machine())
    assert found is not None
    assert found.context is None
    assert "smaller model" in found.fix
    beside = [loaded("qwen3:0.6b", size=GIB, gpu=0)]
    crowded = why_on_processor(model, of("llama3.3:70b"), machine(), others=beside)
    assert crowded is not None
    assert crowded.fix.startswith("Unload the other models")


def test_a_model_that_would_fit_now_is_loaded_anew() -> None:
    model = loaded("qwen3:8b", size=8 * GIB, gpu=2 * GIB)
    found = why_on_processor(model, of("qwen3:8b"), machine())
    assert found is not None
    assert "fits the GPU now" in found.cause
    assert found.context == 8192


def test_an_unknown_model_still_gets_an_answer() -> None:
    model = loaded("mine", size=8 * GIB, gpu=2 * GIB, context=None)
    found = why_on_processor(model, None, machine())
    assert found is not None
    assert found.cause.startswith("8.0 GiB did not fit")
    assert found.gpu_share == 0.25


def test_a_machine_without_an_accelerator_is_the_cause_itself() -> None:
    bare = replace(machine(), accelerators=())
    found = why_on_processor(loaded("qwen3:8b", size=GIB, gpu=0), of("qwen3:8b"), bare)
    assert found is not None
    assert "no accelerator" in found.cause
    assert found.fix == ""


def test_an_accelerator_that_cannot_be_used_is_named_with_its_reason() -> None:
    empty = machine()
    blind = replace(
        empty.accelerators[0], usable_bytes=None, memory_free_bytes=None, name="Old card"
    )
    found = why_on_processor(
        loaded("qwen3:8b", size=GIB, gpu=0),
        of("qwen3:8b"),
        replace(empty, accelerators=(blind,)),
    )
    assert found is not None
    assert "Old card" in found.cause
    assert "Machine page" in found.fix


def test_a_device_whose_memory_is_not_known_is_taken_as_it_is() -> None:
    empty = machine()
    card = replace(
        empty.accelerators[0], usable_bytes=None, memory_free_bytes=4 * GIB, memory_total_bytes=None
    )
    profile = replace(empty, accelerators=(card,))
    model = loaded("qwen3:8b", size=8 * GIB, gpu=2 * GIB)
    found = why_on_processor(model, of("qwen3:8b"), profile)
    assert found is not None
    assert "fits partly" in found.cause


def test_with_two_gpus_nothing_is_guessed_about_which_holds_it() -> None:
    two = machine("2x RTX 3090")
    model = loaded("llama3.3:70b", size=55 * GIB, gpu=40 * GIB, context=32768)
    found = why_on_processor(model, of("llama3.3:70b"), two)
    assert found is not None
    assert "fits partly" in found.cause


def crowded_card(*, used: int) -> HardwareProfile:
    """A 24 GiB card of which so much is in use."""
    empty = machine()
    card = empty.accelerators[0]
    assert card.memory_total_bytes is not None
    free = card.memory_total_bytes - used
    card = replace(card, memory_free_bytes=free, usable_bytes=max(0, free - GIB))
    return replace(empty, accelerators=(card,))


def test_another_loaded_model_that_takes_the_room_is_named_and_can_be_unloaded() -> None:
    model = loaded("qwen3:8b", size=7 * GIB, gpu=0)
    other = loaded("llama3.1:8b", size=20 * GIB, gpu=20 * GIB)
    found = why_on_processor(model, of("qwen3:8b"), crowded_card(used=20 * GIB), others=[other])
    assert found is not None
    assert found.cause.startswith("llama3.1:8b takes 20.0 GiB of the GPU")
    assert found.fix == "Unload llama3.1:8b, then load it anew."
    assert found.context == 8192


def test_other_programs_that_take_the_room_are_the_cause() -> None:
    model = loaded("qwen3:8b", size=7 * GIB, gpu=0)
    found = why_on_processor(model, of("qwen3:8b"), crowded_card(used=22 * GIB))
    assert found is not None
    assert "Other programs hold 22.0 GiB" in found.cause
    assert found.fix.startswith("Close what else uses the GPU")


def test_a_server_that_was_told_to_stay_off_the_gpu_is_the_cause() -> None:
    model = loaded("qwen3:8b", size=7 * GIB, gpu=0)
    told = RunnerFacts(memory_bytes=7 * GIB, memory_kind="PSS", held_bytes=7 * GIB, gpu_layers=0)
    found = why_on_processor(model, of("qwen3:8b"), machine(), runner=told)
    assert found is not None
    assert "told to keep it off the GPU (num_gpu 0)" in found.cause
    assert "num_gpu" in found.fix
    some = why_on_processor(model, None, machine(), runner=replace(told, gpu_layers=7))
    assert some is not None
    assert "7 layers" in some.cause


def test_nothing_on_a_gpu_that_has_room_points_to_a_server_without_one() -> None:
    model = loaded("qwen3:8b", size=7 * GIB, gpu=0)
    runner = RunnerFacts(memory_bytes=7 * GIB, memory_kind="PSS", held_bytes=7 * GIB, parallel=2)
    found = why_on_processor(model, of("qwen3:8b"), machine(), runner=runner)
    assert found is not None
    assert "sees no GPU, or its GPU part broke off" in found.cause
    assert found.fix.startswith("Restart Ollama")


def test_a_need_that_is_close_to_what_is_usable_is_said_to_be_so() -> None:
    spec = of("qwen3:8b")
    need = fit(spec, memory_budget(machine()), FitRequest(context=8192)).need.total_bytes
    card = machine().accelerators[0]
    close = replace(card, memory_free_bytes=need + GIB, usable_bytes=int(need * 1.01))
    close = replace(close, memory_total_bytes=need + GIB)
    model = loaded("qwen3:8b", size=7 * GIB, gpu=6 * GIB)
    found = why_on_processor(model, spec, replace(machine(), accelerators=(close,)))
    assert found is not None
    assert "margin of its own" in found.cause
    assert "shorter context" in found.fix


def test_a_model_whose_size_is_not_told_still_gets_a_cause() -> None:
    found = why_on_processor(loaded("x", size=0, gpu=0), None, machine())
    assert found is not None
    assert found.gpu_share is None
    assert found.cause.startswith("It did not fit")
