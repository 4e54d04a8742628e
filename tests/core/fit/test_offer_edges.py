"""Offers, checks of loads and places at their edges: shares, floors and what stands first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.fit.fit import Fit, FitKind, FitRequest, fit
from landfall.core.fit.load_check import LoadCheck, RunnerFacts, check_load, clamped, request_of
from landfall.core.fit.longest_context import max_context
from landfall.core.fit.memory import KvType, MemoryNeed
from landfall.core.fit.offer import (
    Offer,
    better_context,
    bytes_per_1k,
    missing_bytes,
    nearest_miss,
    need_figure,
    offer,
    offers,
)
from landfall.core.fit.ollama_memory import process_bytes, ps_bytes
from landfall.core.fit.placement import why_on_processor
from landfall.core.fit.recommend import (
    AA_INDEX,
    DECODE_FLOOR_TOK_S,
    _is_enough,
    evidence_for,
    recommend,
    shorter,
)
from landfall.core.hosts.runtime import WHOLE, LoadedModel, gpu_share
from landfall.core.machine.hardware import GIB, DeviceBudget, MemoryBudget, memory_budget
from landfall.core.models.catalogue import Task
from landfall.core.models.weights import spec
from landfall.core.provenance import Estimated, Measured, Unknown
from tests.core.fit.test_fit_sums import CACHE, COMPUTE, LAYER, REQUEST, STATE, machine, toy
from tests.core.fit.test_load_check import KNOWN, RUNNER, loaded, of
from tests.core.machine.test_hardware import card, profile

NEED = 1_000_000 + 4 * (CACHE + STATE) + COMPUTE
"""Of the small model on a processor."""

HERE = profile(card())


def small(budget: MemoryBudget, request: FitRequest = REQUEST) -> Offer:
    return offer(toy(), HERE, budget, request, name="toy")


# ---------------------------------------------------------------- offers


def test_that_it_is_tight_where_less_than_a_twentieth_is_left() -> None:
    one = small(machine(ram=10**9))
    for budget, tight in ((20 * NEED // 19 + 1, False), (20 * NEED // 19 - 1, True)):
        assert replace(one, fit=replace(one.fit, budget_bytes=budget)).tight is tight
    even = replace(one.fit, need=replace(one.fit.need, weights_bytes=95 - CACHE * 4 - 8 - COMPUTE))
    assert replace(one, fit=replace(even, budget_bytes=100)).tight is False


def test_that_what_is_missing_is_told_over_all_memory_and_at_least_a_layer() -> None:
    short = small(machine(ram=NEED - 7))
    assert missing_bytes(short.fit, machine(ram=NEED - 7)) == 7
    assert missing_bytes(small(machine(ram=NEED)).fit, machine(ram=NEED)) == 0
    with_card = machine(1000, ram=NEED - 10_000)
    on_card = small(with_card)
    whole = on_card.fit.need.total_bytes
    assert missing_bytes(on_card.fit, with_card) == max(whole - 1000 - NEED + 10_000, whole // 4)
    far = machine(1000, ram=5_000)
    assert missing_bytes(small(far).fit, far) == small(far).fit.need.total_bytes - 6_000
    shared = machine(1000, ram=5_000, shared=True)
    assert missing_bytes(small(shared).fit, shared) == small(shared).fit.need.total_bytes - 5_000


def test_that_the_nearest_miss_is_the_one_that_lacks_least() -> None:
    less, more = machine(ram=NEED - 9), machine(ram=NEED - 5)
    budget = machine(ram=NEED - 9)
    larger = replace(small(more), fit=replace(small(less).fit, need=plus(small(less).fit, 3)))
    nearest = small(less)
    assert nearest_miss([larger, nearest], budget) == (nearest, 9)
    assert nearest_miss([small(machine(ram=NEED))], budget) is None
    assert nearest_miss([], budget) is None


def plus(one: Fit, more: int) -> MemoryNeed:
    return replace(one.need, weights_bytes=one.need.weights_bytes + more)


def test_that_more_context_costs_its_cells_and_its_mask() -> None:
    # 1024 cells of four layers of 16 numbers in two bytes, and two bytes a cell of one token.
    one = small(machine(ram=10**9))
    assert bytes_per_1k(one) == 4 * 1024 * 32 + 2 * 1024
    on_two = replace(one, fit=replace(one.fit, gpus=2))
    assert bytes_per_1k(on_two) == 4 * 1024 * 32 + 2 * 2 * 1024


def test_that_a_need_is_told_with_its_band() -> None:
    found = need_figure(toy(), small(machine(ram=10**9)).fit)
    assert (found.low, found.mid, found.high) == (
        int(NEED - 0.013 * NEED),
        NEED,
        int(NEED + 0.013 * NEED),
    )
    assert "at context 256" in found.formula


def test_that_an_offer_has_the_evidence_and_the_licence_of_its_row() -> None:
    row = next(one for one in KNOWN.models if len(one.evidence) > 1 and one.licence)
    budget = memory_budget(HERE)
    known = offer(spec(row), HERE, budget, FitRequest(), name="n", card=row)
    assert known.evidence == evidence_for(row)
    assert set(known.evidence) == set(row.evidence)
    assert known.licence == row.licence
    bare = offer(spec(row), HERE, budget, FitRequest(), name="n")
    assert (bare.name, bare.evidence, bare.licence) == ("n", (), "")
    rate = Measured(5.0, "", "")
    timed = offer(spec(row), HERE, budget, FitRequest(), name="n", measured=rate)
    assert timed.decode_tok_s is rate
    assert small(machine(ram=10**9)).left_out is False
    assert small(machine(ram=9)).left_out is True


def test_that_the_score_that_decides_stands_first() -> None:
    seen = 0
    for row in KNOWN.models:
        metrics = [one.metric for one in evidence_for(row)]
        seen += AA_INDEX in metrics[:1] and len(metrics) > 1
        turned = evidence_for(replace(row, evidence=tuple(reversed(row.evidence))))
        if AA_INDEX in metrics:
            assert metrics[0] == turned[0].metric == AA_INDEX
    assert seen


def test_that_what_is_left_out_says_its_own_reasons_first() -> None:
    answer = recommend(KNOWN.models, KNOWN.what_if("RTX 3060 12GB"))
    for one in offers(answer):
        if one.left_out and not one.fit.fits:
            assert one.reasons[0] == one.fit.reasons[0]
            assert not set(one.fit.reasons[1:]) & set(one.reasons[1:])
    with_run = offers(answer, {"qwen3:8b": Measured(1.0, "", "")})
    (timed,) = [one for one in with_run if one.name == "qwen3:8b"]
    assert timed.decode_tok_s == Measured(1.0, "", "")


def test_that_a_rate_just_at_the_floor_is_enough() -> None:
    def enough(rate: float) -> bool:
        return _is_enough(Estimated(rate / 2, rate, rate * 2, ""))

    assert enough(DECODE_FLOOR_TOK_S)
    assert not enough(DECODE_FLOOR_TOK_S - 0.001)
    assert _is_enough(Unknown(""))


def test_that_a_shorter_context_is_offered_where_it_helps_and_no_more_than_asked() -> None:
    here = KNOWN.what_if("RTX 3060 12GB")
    answer = recommend(KNOWN.models, here, context=131_072)
    found_all, one = shorter(answer, here, limit=9), shorter(answer, here, limit=1)
    assert len(found_all) >= 2
    assert one == found_all[:1]
    assert shorter(answer, here, limit=0) == ()
    values = [answer.levels[found.card.tag].value for found in found_all]
    assert values == sorted(values, reverse=True)
    for found in found_all:
        assert found.fit.kind is FitKind.GPU
        priced = next(p for p in (*answer.models, *answer.left_out) if p.card.tag == found.card.tag)
        mine = offer(priced.spec, here, answer.budget, priced.fit.request, name="n")
        assert better_context(mine, answer.budget) == (found.context, found.fit)


def test_that_the_slow_say_how_slow_they_are() -> None:
    answer = recommend(KNOWN.models, KNOWN.what_if("RTX 4090"), task=Task.CHAT)
    slow = [p for p in answer.left_out if p.fit.fits]
    assert slow
    for priced in slow:
        assert isinstance(priced.decode_tok_s, Estimated)
        assert priced.reasons[0].startswith(f"too slow: about {priced.decode_tok_s.mid:.1f} tok/s")


def test_that_nothing_shorter_than_a_step_is_tried_where_it_is_not_asked_for() -> None:
    tight = machine(ram=NEED - 1)
    assert max_context(toy(), tight, REQUEST) is None
    assert max_context(toy(), tight, replace(REQUEST, context=100)) is None
    assert max_context(toy(), tight, replace(REQUEST, context=5000)) is None
    # A card that holds it whole at the shortest context: what is only partly there is no longer.
    exact = NEED + 1000
    partly = MemoryBudget(
        devices=(DeviceBudget(accelerator=card(), usable_bytes=exact, overhead_bytes=1000),),
        ram_bytes=10**9,
        shared=False,
    )
    assert max_context(toy(), partly, replace(REQUEST, context=9000)) == 256
    assert fit(toy(), partly, replace(REQUEST, context=512)).kind is FitKind.PARTIAL
    assert LAYER > CACHE


# ---------------------------------------------------------------- loads

NEW = "0.32.15"


def test_that_a_load_is_compared_by_its_own_ways() -> None:
    model = of("qwen3:8b")
    request = FitRequest(context=8192, parallel=2, kv_type=KvType.Q8_0, batch=512)
    check = check_load(loaded(size=4 * GIB), model, NEW, RUNNER, prompt_tokens=100)
    ps, process = (
        ps_bytes(model, request, NEW),
        process_bytes(model, request, NEW, prompt_tokens=100),
    )
    assert isinstance(ps, int)
    assert isinstance(process, int)
    assert (check.predicted_ps_bytes, check.predicted_process_bytes) == (ps, process)
    assert check.ps_error == ps / (4 * GIB) - 1
    assert check.process_error == process / (6 * GIB) - 1
    assert (check.version, check.runner, check.prompt_tokens) == (NEW, RUNNER, 100)
    empty = replace(check, model=loaded(size=0))
    assert empty.ps_error is None
    assert replace(check, model=loaded(size=1)).ps_error == ps - 1
    bare = LoadCheck(
        model=loaded(size=1),
        version="",
        predicted_ps_bytes=1,
        predicted_process_bytes=Unknown(""),
        runner=RUNNER,
        request=None,
    )
    assert (bare.prompt_tokens, bare.reasons, bare.process_error) == (None, (), None)


def test_that_a_model_is_whole_on_a_gpu_from_its_share_on() -> None:
    size = 10_000_000
    whole = next(gpu for gpu in range(int(size * 0.9), size + 1, 1000) if share(size, gpu) >= WHOLE)
    model = of("qwen3:8b")
    on_gpu = check_load(loaded(size=size, gpu=whole), model, NEW, RUNNER)
    assert isinstance(on_gpu.predicted_ps_bytes, int)
    part = check_load(loaded(size=size, gpu=whole - 1000), model, NEW, RUNNER)
    assert isinstance(part.predicted_ps_bytes, Unknown)
    assert len(part.reasons) == len(on_gpu.reasons) == 1
    assert check_load(loaded(size=size), model, NEW, RUNNER).reasons == ()
    assert why_on_processor(loaded(size=size, gpu=whole), model, HERE) is None
    assert why_on_processor(loaded(size=size, gpu=whole - 1000), model, HERE) is not None


def share(size: int, gpu: int) -> float:
    found = gpu_share(loaded(size=size, gpu=gpu))
    assert found is not None
    return found


def test_that_what_a_process_does_not_tell_is_the_usual() -> None:
    bare = RunnerFacts(memory_bytes=1, memory_kind="RSS", held_bytes=1)
    assert request_of(512, bare) == request_of(512, Unknown("")) == FitRequest(context=512)
    off = replace(bare, flash_attention=False, parallel=3, batch=64, kv_type=KvType.Q4_0)
    assert request_of(512, off) == FitRequest(
        context=512, flash_attention=False, parallel=3, batch=64, kv_type=KvType.Q4_0
    )
    assert request_of(512, replace(bare, flash_attention=True)).flash_attention
    check = check_load(loaded(size=1), of("qwen3:8b"), NEW, bare)
    assert len(check.reasons) == 1
    told = check_load(loaded(size=1), of("qwen3:8b"), NEW, replace(bare, parallel=1))
    assert told.reasons == ()
    longer = check_load(
        loaded(size=1), of("qwen3:8b"), NEW, replace(bare, parallel=1), asked_context=9000
    )
    assert len(longer.reasons) == 1


@pytest.mark.parametrize(
    ("asked", "given", "trained", "model_decided"),
    [(9, 8, 8, True), (7, 8, 8, False), (9, 7, 8, False), (9, 8, None, False)],
)
def test_that_a_model_decides_where_it_was_trained_for_what_was_given(
    asked: int, given: int, trained: int | None, *, model_decided: bool
) -> None:
    (said,) = clamped(asked, given, trained)
    assert ("trained for no more" in said) is model_decided
    assert clamped(given, given, trained) == ()


# ---------------------------------------------------------------- places


def toy_loaded(gpu: int = 0) -> LoadedModel:
    return LoadedModel(
        name="toy",
        digest="d",
        size_bytes=1000,
        gpu_bytes=gpu,
        context=256,
        expires_at="",
    )


def test_that_a_model_that_has_been_told_to_stay_off_is_told_of_alone() -> None:
    told = RunnerFacts(memory_bytes=1, memory_kind="RSS", held_bytes=1, gpu_layers=1)
    some = why_on_processor(toy_loaded(), toy(), KNOWN.what_if("RTX 4090"), runner=told)
    assert some is not None
    assert "to put 1 layers on the GPU (num_gpu 1)" in some.cause
    none = why_on_processor(
        toy_loaded(), toy(), KNOWN.what_if("RTX 4090"), runner=replace(told, gpu_layers=0)
    )
    assert none is not None
    assert "to keep it off the GPU (num_gpu 0)" in none.cause
    quiet = why_on_processor(
        toy_loaded(), toy(), KNOWN.what_if("RTX 4090"), runner=replace(told, gpu_layers=None)
    )
    assert quiet is not None
    assert "By its size it fits the GPU now" in quiet.cause
    assert "sees no GPU" in quiet.cause
    assert (quiet.context, quiet.gpu_share) == (256, 0)
    partly = why_on_processor(toy_loaded(gpu=400), toy(), KNOWN.what_if("RTX 4090"))
    assert partly is not None
    assert "Something else took the memory" in partly.cause
    assert partly.gpu_share == 0.4
