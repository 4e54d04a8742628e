"""A small model laid over devices and main memory to the byte: every edge, added up by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.fit.fit import Fit, FitKind, FitRequest, fit
from landfall.core.fit.load_accuracy import Accuracy, accuracy
from landfall.core.fit.longest_context import max_context
from landfall.core.fit.ollama_defaults import automatic_batch, guessed_load_bytes
from landfall.core.machine.hardware import GIB, MIB, DeviceBudget, MemoryBudget, Vendor
from landfall.core.models.architecture import Architecture, CacheLayers, ModelSpec, Weights
from tests.core.machine.test_hardware import card

CARD = card("Card")
REQUEST = FitRequest(context=256, batch=1)
TOY = Architecture(
    name="toy",
    layers=4,
    caches=(CacheLayers(layers=4, key_width=10, value_width=6),),
    vocabulary=None,
    hidden=1,
    heads=1,
    query_width=1,
    feed_forward=1,
    context_trained=None,
    recurrent_bytes=8,
)
COMPUTE = 12 + 16 + 2 * 256  # the buffer of a step of one token, on each device
CACHE = 256 * 16 * 2  # of each of the four layers
STATE = 2  # of each of the four layers
OVERHEAD = 1_000


def toy(
    architecture: Architecture = TOY,
    *,
    tied: bool = False,
    experts: int = 0,
    projector: int = 0,
    output: int = 50_000,
) -> ModelSpec:
    """A million bytes: 100,000 of the input, the rest in the layers but for the output."""
    weights = Weights(
        total_bytes=1_000_000,
        embedding_bytes=100_000,
        output_bytes=output,
        tied=tied,
        source="",
        expert_bytes=experts,
    )
    return ModelSpec(
        name="toy",
        architecture=architecture,
        weights=weights,
        params_total=1,
        params_active=1,
        quantization="",
        projector_bytes=projector,
    )


def device(usable: int, order: int = 0, **more: int) -> DeviceBudget:
    return DeviceBudget(
        accelerator=CARD, usable_bytes=usable, overhead_bytes=OVERHEAD, order=order, **more
    )


def machine(*usable: int, ram: int = 10**9, shared: bool = False) -> MemoryBudget:
    devices = tuple(device(size, at) for at, size in enumerate(usable))
    return MemoryBudget(devices=devices, ram_bytes=ram, shared=shared)


LAYER = 212_500 + CACHE + STATE  # (1,000,000 - 150,000) / 4
OWN = OVERHEAD + COMPUTE


def laid(found: Fit) -> tuple[str, int, int]:
    return found.kind.value, found.gpu_layers, found.gpus


@pytest.mark.parametrize("whole", [1, 2, 3])
def test_that_as_many_layers_lie_on_a_device_as_it_holds_beside_the_output(whole: int) -> None:
    exact = OWN + 50_000 + whole * LAYER
    assert laid(fit(toy(), machine(exact), REQUEST)) == ("partial", whole, 1)
    expected = ("partial", whole - 1, 1) if whole > 1 else ("cpu", 0, 0)
    assert laid(fit(toy(), machine(exact - 1), REQUEST)) == expected


def test_that_all_layers_on_a_device_are_not_the_whole_model() -> None:
    """The embedding is counted with what has to fit whole: llama.cpp keeps it in main memory."""
    total = 1_000_000 + 4 * (CACHE + STATE) + OWN
    assert laid(fit(toy(), machine(total), REQUEST)) == ("gpu", 4, 1)
    found = fit(toy(), machine(total - 1), REQUEST)
    assert laid(found) == ("partial", 3, 1)
    assert found.need.total_bytes == total
    assert found.gpu_share == 0.75


def test_that_a_tied_embedding_is_the_output_too() -> None:
    layer = 225_000 + CACHE + STATE  # (1,000,000 - 100,000) / 4
    exact = OWN + 100_000 + 2 * layer
    assert laid(fit(toy(tied=True), machine(exact), REQUEST)) == ("partial", 2, 1)
    assert laid(fit(toy(tied=True), machine(exact - 1), REQUEST)) == ("partial", 1, 1)


def test_that_a_part_of_a_byte_counts_as_one() -> None:
    # 849,999 bytes of weights in four layers are 212,500 each, and so is their share of the cache.
    exact = OWN + 50_001 + 2 * LAYER
    assert laid(fit(toy(output=50_001), machine(exact), REQUEST)) == ("partial", 2, 1)
    assert laid(fit(toy(output=50_001), machine(exact - 1), REQUEST)) == ("partial", 1, 1)


def test_that_a_projector_and_the_buffers_are_kept_free_for() -> None:
    exact = OWN + 7_000 + 50_000 + 2 * LAYER
    assert laid(fit(toy(projector=7_000), machine(exact), REQUEST)) == ("partial", 2, 1)
    assert laid(fit(toy(projector=7_000), machine(exact - 1), REQUEST)) == ("partial", 1, 1)


def test_that_what_is_not_on_the_device_has_to_fit_main_memory() -> None:
    usable = OWN + 50_000 + 2 * LAYER
    rest = 2 * LAYER + 100_000  # two layers and the embedding
    assert laid(fit(toy(), machine(usable, ram=rest), REQUEST)) == ("partial", 2, 1)
    nowhere = fit(toy(), machine(usable, ram=rest - 1), REQUEST)
    assert laid(nowhere) == ("no", 0, 0)
    assert (nowhere.layers, nowhere.budget_bytes) == (4, usable)
    assert nowhere.need.total_bytes == 1_000_000 + 4 * (CACHE + STATE) + OWN
    # Where both are the same memory the whole has to fit it.
    whole = nowhere.need.total_bytes
    same = machine(usable, ram=whole, shared=True)
    assert laid(fit(toy(), same, REQUEST)) == ("partial", 2, 1)
    assert laid(fit(toy(), replace(same, ram_bytes=whole - 1), REQUEST)) == ("no", 0, 0)


def test_that_two_devices_hold_what_neither_does() -> None:
    # The last one takes the output and two layers, the first one two layers.
    first, last = OWN + 2 * LAYER, OWN + 50_000 + 2 * LAYER
    embedding = 100_000  # counted with the whole, though it lies in main memory
    found = fit(toy(), machine(first + embedding, last), REQUEST)
    assert laid(found) == ("gpu", 4, 2)
    # Its need has the buffers and the overhead of both.
    assert found.need.total_bytes == first + last + embedding
    assert found.need.overhead_bytes == 2 * OVERHEAD
    assert found.need.compute_bytes == 2 * COMPUTE
    # Together there is room for it, but a layer is not cut in two.
    cut = fit(toy(), machine(first + embedding - LAYER, last + LAYER - 1), REQUEST)
    assert laid(cut)[0] == "partial"
    # A single device that holds it is taken alone.
    large = fit(toy(), machine(first + last + embedding, last), REQUEST)
    assert laid(large) == ("gpu", 4, 1)


def test_that_devices_without_a_layer_take_no_part() -> None:
    usable = OWN + 50_000 + 2 * LAYER
    found = fit(toy(), machine(500, usable), REQUEST)
    assert laid(found) == ("partial", 2, 1)
    assert found.need.overhead_bytes == OVERHEAD
    both = fit(toy(), machine(OWN + LAYER, usable), REQUEST)
    assert laid(both) == ("partial", 3, 2)
    assert both.need.overhead_bytes == 2 * OVERHEAD


def test_that_the_order_of_the_machine_decides_which_device_is_the_last() -> None:
    small, large = device(OWN + LAYER, order=1), device(OWN + 50_000 + 2 * LAYER, order=0)
    found = fit(toy(), MemoryBudget(devices=(large, small), ram_bytes=10**9, shared=False), REQUEST)
    # The last one has room for the output alone, the first one for two layers.
    assert laid(found)[:2] == ("partial", 2)
    turned = replace(small, order=0), replace(large, order=1)
    other = fit(toy(), MemoryBudget(devices=turned[::-1], ram_bytes=10**9, shared=False), REQUEST)
    assert laid(other)[:2] == ("partial", 3)


MIXTURE = replace(TOY, experts=8, experts_used=2)
DENSE = 112_500 + CACHE + STATE  # 400,000 of 850,000 bytes are experts


def test_that_experts_leave_a_device_first() -> None:
    spec = toy(MIXTURE, experts=400_000)
    dense = OWN + 50_000 + 4 * DENSE
    found = fit(spec, machine(dense), REQUEST)
    assert (*laid(found), found.dense_layers) == ("partial", 0, 1, 4)
    # A token reads two of eight experts: 25,000 of 100,000 bytes beside the dense part. Of that it
    # reads the filled half of the cache, and the state it reads and writes.
    read = 112_500 + CACHE / 2 + 2 * STATE
    share = read / (read + 25_000)
    assert found.dense_share == pytest.approx(share)
    assert found.gpu_share == pytest.approx(share)
    two = fit(spec, machine(dense + 200_000), REQUEST)
    assert (two.gpu_layers, two.dense_layers) == (2, 2)
    assert two.gpu_share == pytest.approx((2 + 2 * share) / 4)
    # In main memory are the experts of two layers, and the embedding.
    held = 200_000 + 100_000
    assert fit(spec, machine(dense + 200_000, ram=held), REQUEST).fits
    assert not fit(spec, machine(dense + 200_000, ram=held - 1), REQUEST).fits
    # One byte less than all dense parts: three of them.
    three = fit(spec, machine(dense - 1), REQUEST)
    assert (three.gpu_layers, three.dense_layers) == (0, 3)
    held = DENSE + 4 * 100_000 + 100_000
    assert fit(spec, machine(dense - 1, ram=held), REQUEST).fits
    assert not fit(spec, machine(dense - 1, ram=held - 1), REQUEST).fits


def test_that_a_cache_that_is_not_filled_makes_no_split_mixture_faster() -> None:
    spec = toy(MIXTURE, experts=400_000)
    shares = []
    for context in (256, 2_560):
        cache = context * 16 * 2
        own = OVERHEAD + 12 + 16 + 2 * context
        usable = own + 50_000 + 4 * (112_500 + cache + STATE)
        found = fit(spec, machine(usable), FitRequest(context=context, batch=1, depth=100))
        assert (found.gpu_layers, found.dense_layers) == (0, 4)
        shares.append(found.dense_share)
        # A prompt is multiplied with weights: its share knows no cache.
        assert found.dense_weights_share == pytest.approx(112_500 / (112_500 + 25_000))
        assert found.gpu_weights_share == found.dense_weights_share
    assert shares[0] == shares[1]


def test_that_a_dense_model_has_no_layers_without_their_experts() -> None:
    found = fit(toy(), machine(OWN + 50_000 + LAYER), REQUEST)
    assert (found.dense_layers, found.dense_share, found.gpu_share) == (0, 0, 0.25)
    # Experts of a model of which nobody knows how many are used count as its layers do.
    odd = fit(toy(TOY, experts=400_000), machine(OWN + 50_000 + 4 * DENSE), REQUEST)
    assert (odd.dense_layers, odd.dense_share) == (4, 0)


def test_that_experts_are_no_more_than_the_weights_that_are_left() -> None:
    spec = toy(MIXTURE, experts=2_000_000)
    bare = OWN + 50_000 + 4 * (CACHE + STATE)
    found = fit(spec, machine(bare), REQUEST)
    assert (found.gpu_layers, found.dense_layers) == (0, 4)
    one = fit(spec, machine(bare + 212_500), REQUEST)
    assert (one.gpu_layers, one.dense_layers) == (1, 3)


def test_that_layers_with_a_window_hold_less_of_the_cache() -> None:
    narrow = CacheLayers(layers=3, key_width=10, value_width=6, window=100)
    wide = CacheLayers(layers=1, key_width=30, value_width=6)
    spec = toy(replace(TOY, caches=(wide, narrow)))
    request = FitRequest(context=1024, batch=1)
    # Cells: 1024 of the wide layer, 256 (padded 101) of the others; evenly mixed they are
    # narrow, none, wide and narrow, narrow.
    few, many = 256 * 16 * 2, 1024 * 36 * 2
    bare = 212_500 + STATE
    step = OVERHEAD + 12 + 16 + 2 * (1024 + 256)
    last_two = step + 50_000 + 2 * bare + few + few + many
    assert laid(fit(spec, machine(last_two), request)) == ("partial", 2, 1)
    assert laid(fit(spec, machine(last_two - 1), request)) == ("partial", 1, 1)
    three = last_two + bare
    assert laid(fit(spec, machine(three), request)) == ("partial", 3, 1)
    assert laid(fit(spec, machine(three - 1), request)) == ("partial", 2, 1)
    rest = 2 * bare + few + 100_000
    assert fit(spec, machine(last_two, ram=rest), request).fits
    assert not fit(spec, machine(last_two, ram=rest - 1), request).fits


def test_that_layers_without_a_cache_have_their_weights_alone() -> None:
    spec = toy(replace(TOY, caches=()))
    exact = OVERHEAD + 12 + 16 + 2 + 50_000 + 2 * (212_500 + STATE)
    assert laid(fit(spec, machine(exact), REQUEST)) == ("partial", 2, 1)
    assert laid(fit(spec, machine(exact - 1), REQUEST)) == ("partial", 1, 1)


def test_that_the_processor_has_no_overhead_and_holds_it_to_the_byte() -> None:
    need = 1_000_000 + 4 * (CACHE + STATE) + COMPUTE
    found = fit(toy(), machine(ram=need), REQUEST)
    assert (*laid(found), found.layers, found.budget_bytes) == ("cpu", 0, 0, 4, need)
    assert laid(fit(toy(), machine(ram=need - 1), REQUEST)) == ("no", 0, 0)
    # Beside a device that holds nothing it is the same, and the device is what is told of.
    beside = fit(toy(), machine(500, ram=need), REQUEST)
    assert (*laid(beside), beside.budget_bytes) == ("cpu", 0, 0, 500)
    without = fit(toy(), machine(500, ram=need - 1), REQUEST)
    assert (*laid(without), without.budget_bytes) == ("no", 0, 0, 500)
    assert without.need.total_bytes == need + OVERHEAD


def near(found: Fit) -> bool:
    return any("near thing" in reason for reason in found.reasons)


def test_that_a_near_thing_is_told_where_the_band_reaches_over_the_edge() -> None:
    need = 1_000_000 + 4 * (CACHE + STATE) + COMPUTE
    slack = 0.013 * need  # the spread of the formula
    assert near(fit(toy(), machine(ram=need), REQUEST))
    assert near(fit(toy(), machine(ram=int(need + slack) - 1), REQUEST))
    assert not near(fit(toy(), machine(ram=int(need + slack)), REQUEST))
    assert not near(fit(toy(), machine(ram=need - 1), REQUEST))
    on_card = need + OVERHEAD
    low = int(on_card - 0.013 * on_card)
    assert near(fit(toy(), machine(low), REQUEST))
    assert not near(fit(toy(), machine(low - 1), REQUEST))
    assert near(fit(toy(), machine(on_card), REQUEST))


def test_that_several_cards_of_one_name_are_counted_and_others_named() -> None:
    def told(*names: str) -> str:
        devices = tuple(replace(device(500, at), accelerator=card(n)) for at, n in enumerate(names))
        budget = MemoryBudget(devices=devices, ram_bytes=0, shared=False)
        return fit(toy(), budget, REQUEST).reasons[0]

    assert "fits Card (" in told("Card")
    assert "fits 2 x Card (" in told("Card", "Card")
    assert "fits Card + Other (" in told("Card", "Other")


def test_that_a_guess_of_main_memory_is_told_where_it_is_touched() -> None:
    whole = replace(machine(10**8), ram_assumed="a guess")
    assert "a guess" not in fit(toy(), whole, REQUEST).reasons
    assert "a guess" in fit(toy(), replace(whole, shared=True), REQUEST).reasons
    assert "a guess" in fit(toy(), replace(machine(500), ram_assumed="a guess"), REQUEST).reasons


def closing(budget: MemoryBudget) -> str:
    found = fit(toy(), budget, REQUEST).reasons
    return next((reason for reason in found if "close other programs" in reason), "")


def test_that_closing_programs_is_advised_where_it_helps() -> None:
    whole = 1_000_000 + 4 * (CACHE + STATE) + OWN
    usable = OWN + 50_000 + 2 * LAYER
    held = MemoryBudget(
        devices=(device(usable, held_bytes=whole - usable),), ram_bytes=10**9, shared=False
    )
    assert closing(held).endswith("it fits whole")
    less = replace(held, devices=(device(usable, held_bytes=whole - usable - 1),))
    assert closing(less) == ""
    assert closing(machine(usable)) == ""
    # Main memory alone: what others hold there is what is missing.
    need = 1_000_000 + 4 * (CACHE + STATE) + COMPUTE
    stuck = replace(machine(ram=need - 9), ram_held_bytes=9)
    assert closing(stuck).endswith("it runs")
    assert closing(replace(stuck, ram_held_bytes=8)) == ""
    assert closing(replace(machine(ram=need), ram_held_bytes=9)) == ""
    # On a device it would be partly, where before it was nowhere.
    nowhere = MemoryBudget(devices=(device(500, held_bytes=usable),), ram_bytes=10**6, shared=False)
    assert closing(nowhere).endswith("it fits partly")
    # Beside a device that others fill it runs on the processor where main memory is cleared.
    both = MemoryBudget(
        devices=(device(500, held_bytes=5 * 1024),), ram_bytes=need - 9, shared=False,
        ram_held_bytes=9 * 1024,
    )  # fmt: skip
    assert closing(both).endswith("it runs")
    assert "5 KiB of Card and 9 KiB of main memory are held" in closing(both)
    whole_with_ram = replace(held, ram_held_bytes=7 * 1024)
    assert "main memory" not in closing(whole_with_ram)
    # Main memory of which nobody else holds anything is not named.
    assert "main memory" not in closing(nowhere)
    assert "5 KiB of main memory" in closing(replace(nowhere, ram_held_bytes=5 * 1024))


def test_that_a_mac_is_told_what_can_be_had_without_swapping() -> None:
    apple = replace(device(10**8), accelerator=card("M", vendor=Vendor.APPLE))
    whole = 1_000_000 + 4 * (CACHE + STATE) + OWN
    budget = MemoryBudget(devices=(apple,), ram_bytes=whole, shared=True)
    assert closing(budget) == ""
    assert closing(replace(budget, ram_bytes=whole - 1)) != ""
    other = replace(apple, accelerator=CARD)
    assert closing(replace(budget, devices=(other,), ram_bytes=whole - 1)) == ""


# ---------------------------------------------------------------- the longest context


def at_context(context: int) -> int:
    """What the processor holds at so long a context: its cache is padded to 256 cells."""
    cells = -(-context // 256) * 256
    return 1_000_000 + 8 + 4 * cells * 32 + 12 + 16 + 2 * cells


def test_that_the_longest_context_is_found_in_steps_of_256() -> None:
    for context in (256, 512, 2560):
        exact = machine(ram=at_context(context))
        assert max_context(toy(), exact, REQUEST) == context
        shorter = max_context(toy(), machine(ram=at_context(context) - 1), REQUEST)
        assert shorter == (context - 256 or None)


def test_that_a_trained_context_ends_the_search() -> None:
    trained = toy(replace(TOY, context_trained=700))
    assert max_context(trained, machine(ram=at_context(700)), REQUEST) == 700
    assert max_context(trained, machine(ram=at_context(700) - 1), REQUEST) == 512
    short = toy(replace(TOY, context_trained=100))
    assert max_context(short, machine(ram=at_context(100)), REQUEST) == 100
    assert max_context(short, machine(ram=at_context(100) - 1), REQUEST) is None
    # Where nobody knows it the search ends at a million.
    assert max_context(toy(), machine(ram=10**12), REQUEST) == 1 << 20


def test_that_a_context_that_was_asked_for_is_tried_within_the_last_step() -> None:
    """Without padding a byte decides: the buffer of a step with a batch is as long as its text."""
    spec = toy(replace(TOY, context_trained=4096))
    room = machine(ram=at_context(1024))
    asked = replace(REQUEST, context=1000)
    assert max_context(spec, room, asked) == 1024
    assert max_context(spec, room, replace(REQUEST, context=1025)) == 1024
    assert max_context(spec, room, replace(REQUEST, context=5000)) == 1024


# ---------------------------------------------------------------- what servers decide


def test_that_a_guess_of_a_load_takes_the_narrowest_keys_and_all_layers() -> None:
    two = replace(
        TOY,
        hidden=20,
        query_width=10,
        caches=(
            CacheLayers(layers=2, key_width=10, value_width=6),
            CacheLayers(layers=2, key_width=30, value_width=6),
        ),
    )
    # Four bytes for 4 layers of 10 x 20 / 10 numbers, 100 tokens of three sequences.
    assert guessed_load_bytes(toy(two), 100, 3) == 1_000_000 + 4 * 4 * 20 * 300
    assert guessed_load_bytes(toy(replace(two, caches=())), 100, 3) == 1_000_000
    assert guessed_load_bytes(toy(replace(two, query_width=0)), 100, 1) == (
        1_000_000 + 4 * 4 * 200 * 100
    )


@pytest.mark.parametrize(
    ("guess", "free", "batch"),
    [
        # 60 % and 75 % of what is free are still enough, with 2 GiB or 768 MiB up to 80 %.
        (60 * GIB, 100 * GIB, 2048),
        (60 * GIB + 1, 100 * GIB, 1024),
        (75 * GIB, 100 * GIB, 1024),
        (75 * GIB + 1, 100 * GIB, 512),
        (2 * GIB, 5 * GIB, 2048),
        (2 * GIB + 1, 5 * GIB, 1024),
        (256 * MIB, 1280 * MIB, 1024),
        (256 * MIB + 1, 1280 * MIB, 512),
        # Where one of the two is not known room is not looked at.
        (0, GIB, 2048),
        (10 * GIB, 0, 2048),
    ],
)
def test_that_a_batch_is_as_large_as_its_surcharge_allows(
    guess: int, free: int, batch: int
) -> None:
    found = automatic_batch(65536, 1, guessed_bytes=guess, available_bytes=free)
    assert found == batch


def test_that_distances_of_predictions_have_a_middle_and_a_worst() -> None:
    odd = accuracy([(110, 100), (80, 100), (150, 100), (None, 100), (5, None), (5, 0)])
    assert odd == Accuracy(
        loads=3,
        median=pytest.approx(0.2),  # type: ignore[arg-type]
        worst=pytest.approx(0.5),  # type: ignore[arg-type]
    )
    even = accuracy([(110, 100), (80, 100), (150, 100), (100, 100)])
    assert even is not None
    assert (even.loads, even.median) == (4, pytest.approx(0.15))
    assert accuracy([(0, 100)]) == Accuracy(loads=1, median=1.0, worst=1.0)
    assert accuracy([(None, 100), (5, 0)]) is None


def test_that_a_model_of_no_layers_has_no_share_of_them() -> None:
    found = fit(toy(), machine(10**8), REQUEST)
    assert found.gpu_share == 1
    assert replace(found, layers=0).gpu_share == 0
    assert found.kind is FitKind.GPU
