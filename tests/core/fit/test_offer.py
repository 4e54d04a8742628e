from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.fit.fit import FitKind, fit
from landfall.core.fit.memory import FitRequest
from landfall.core.fit.offer import (
    Offer,
    better_context,
    bytes_per_1k,
    longest_context,
    missing_bytes,
    name_key,
    nearest_miss,
    need_figure,
    offer,
    offers,
)
from landfall.core.fit.recommend import recommend
from landfall.core.machine.hardware import GIB, HardwareProfile, memory_budget
from landfall.core.models.catalogue import Task, find
from landfall.core.models.weights import spec
from landfall.core.provenance import Estimated, Measured
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()
TAGS = [card.tag for card in KNOWN.models]


def machine(name: str) -> HardwareProfile:
    return KNOWN.what_if(name)


def small() -> HardwareProfile:
    profile = machine("RTX 4090")
    ram = replace(profile.ram, total_bytes=2 * GIB, available_bytes=GIB + GIB // 50)
    return replace(profile, accelerators=(), ram=ram)


def typed(tag: str, profile: HardwareProfile, context: int = 8192) -> Offer:
    card = find(tag, KNOWN.models)
    assert card is not None
    budget = memory_budget(profile)
    return offer(spec(card), profile, budget, FitRequest(context=context), name=tag, card=card)


def test_the_ranking_comes_first_and_what_is_left_out_after_it() -> None:
    answer = recommend(KNOWN.models, machine("RTX 3060 12GB"), context=32768)
    found = offers(answer)
    assert [o.name for o in found if not o.left_out] == [p.card.tag for p in answer.models]
    assert [o.name for o in found if o.left_out] == [p.card.tag for p in answer.left_out]
    assert found[-1].left_out


def test_what_does_not_fit_says_so_first() -> None:
    answer = recommend(KNOWN.models, machine("RTX 3060 12GB"), context=32768)
    tall = next(o for o in offers(answer) if o.name == "llama3.3:70b")
    assert tall.reasons[0].startswith("does not fit")
    slow = next(o for o in offers(answer) if o.left_out and o.fit.fits)
    assert slow.reasons[0].startswith("too slow")


def test_a_run_here_takes_the_place_of_the_prediction() -> None:
    answer = recommend(KNOWN.models, machine("RTX 4090"), context=8192)
    rate = Measured(118.4, "2026-11-21T10:00:00+00:00", "a run here")
    found = offers(answer, {name_key("qwen3:8b"): rate})
    assert next(o for o in found if o.name == "qwen3:8b").decode_tok_s == rate
    assert isinstance(next(o for o in found if o.name == "qwen3:14b").decode_tok_s, Estimated)


def test_a_typed_model_gets_the_same_answer_as_the_catalogue_gives() -> None:
    profile = machine("RTX 4090")
    answer = recommend(KNOWN.models, profile, context=8192)
    ranked = next(o for o in offers(answer) if o.name == "qwen3:14b")
    mine = typed("qwen3:14b", profile)
    assert (mine.fit, mine.decode_tok_s, mine.need_bytes) == (
        ranked.fit,
        ranked.decode_tok_s,
        ranked.need_bytes,
    )
    assert mine.licence == ranked.licence == "Apache-2.0"


def test_names_that_a_server_takes_for_one_model_have_one_key() -> None:
    assert name_key("registry.ollama.ai/library/Qwen3:8B") == name_key("qwen3:8b")
    assert name_key("qwen3") == name_key("qwen3:latest")
    assert name_key("qwen3:8b") != name_key("qwen3:14b")


def test_the_need_has_a_band_as_wide_as_what_is_not_known() -> None:
    profile = machine("RTX 4090")
    rough = typed("gemma4:26b", profile)
    assert isinstance(rough.need_bytes, Estimated)
    exact = replace(rough.spec, weights=replace(rough.spec.weights, spread=0.0))
    narrow = need_figure(exact, rough.fit)
    assert narrow.low > rough.need_bytes.low
    assert narrow.mid == rough.need_bytes.mid == rough.fit.need.total_bytes


def test_more_context_takes_what_the_cache_of_a_token_takes() -> None:
    # Llama 3.1 8B: 32 layers x 2 x 1024 wide x 2 bytes are 128 KiB a token.
    grown = bytes_per_1k(typed("llama3.1:8b", machine("RTX 4090")))
    assert grown == pytest.approx(128 * 1024 * 1024, rel=0.02)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(TAGS),
    st.sampled_from(["RTX 3060 12GB", "RTX 4090", "M4 Max 40-core 64GB", "2x RTX 3090"]),
    st.integers(11, 17),
)
def test_that_a_better_context_is_shorter_and_really_better(
    tag: str, name: str, exponent: int
) -> None:
    profile = machine(name)
    budget = memory_budget(profile)
    mine = typed(tag, profile, 2**exponent)
    order = [FitKind.NO, FitKind.CPU, FitKind.PARTIAL, FitKind.GPU]
    found = better_context(mine, budget)
    if found is None:
        return
    context, placed = found
    assert 2048 <= context < mine.fit.request.context
    assert order.index(placed.kind) > order.index(mine.fit.kind)
    twice = fit(mine.spec, budget, FitRequest(context=2 * context))
    if 2 * context < mine.fit.request.context:
        assert order.index(twice.kind) < order.index(placed.kind)


def test_the_longest_context_that_fits_is_not_above_what_fits() -> None:
    profile = machine("RTX 4090")
    budget = memory_budget(profile)
    mine = typed("qwen3:32b", profile)
    longest = longest_context(mine, budget)
    assert longest is not None
    assert fit(mine.spec, budget, FitRequest(context=longest)).kind is FitKind.GPU
    assert fit(mine.spec, budget, FitRequest(context=longest + 512)).kind is not FitKind.GPU


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TAGS), st.integers(11, 17))
def test_that_only_what_does_not_fit_lacks_memory(tag: str, exponent: int) -> None:
    profile = small()
    budget = memory_budget(profile)
    mine = typed(tag, profile, 2**exponent)
    gap = missing_bytes(mine.fit, budget)
    assert (gap > 0) is not mine.fit.fits
    if gap:
        more = replace(
            profile,
            ram=replace(profile.ram, available_bytes=profile.ram.available_bytes + gap),
        )
        assert typed(tag, more, 2**exponent).fit.fits


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TAGS), st.sampled_from(["RTX 3060 12GB", "M4 Max 40-core 64GB"]))
def test_that_with_devices_too_what_does_not_fit_lacks_something(tag: str, name: str) -> None:
    profile = machine(name)
    mine = typed(tag, profile, 131072)
    assert (missing_bytes(mine.fit, memory_budget(profile)) > 0) is not mine.fit.fits


def test_the_nearest_miss_lacks_least() -> None:
    profile = small()
    answer = recommend(KNOWN.models, profile, task=Task.CHAT, context=131072)
    found = offers(answer)
    miss = nearest_miss(found, answer.budget)
    assert miss is not None
    nearest, gap = miss
    assert gap == min(missing_bytes(o.fit, answer.budget) for o in found if not o.fit.fits)
    assert not nearest.fit.fits
    assert nearest_miss([o for o in found if o.fit.fits], answer.budget) is None


def test_a_model_that_just_fits_is_tight() -> None:
    mine = typed("qwen3:8b", machine("RTX 4090"))
    assert not mine.tight
    full = replace(mine, fit=replace(mine.fit, budget_bytes=mine.fit.need.total_bytes + 1))
    assert full.tight


def test_that_what_is_missing_is_what_the_model_needs_beyond_all_memory() -> None:
    profile = small()
    one = typed("llama3.3:70b", profile)
    assert not one.fit.fits
    budget = memory_budget(profile)
    assert not budget.devices
    assert missing_bytes(one.fit, budget) == one.fit.need.total_bytes - budget.ram_bytes
    card = machine("RTX 3060 12GB")
    far = typed("deepseek-r1:671b", card)
    room = memory_budget(card)
    whole = sum(device.usable_bytes for device in room.devices) + room.ram_bytes
    assert missing_bytes(far.fit, room) == max(
        far.fit.need.total_bytes - whole, far.fit.need.total_bytes // far.fit.layers
    )
    assert missing_bytes(typed("qwen3:0.6b", card).fit, room) == 0
