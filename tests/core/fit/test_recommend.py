from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.fit.fit import FitKind, FitRequest, fit
from landfall.core.fit.recommend import (
    DECODE_FLOOR_TOK_S,
    _task_reasons,
    _whole,
    recommend,
    shorter,
)
from landfall.core.machine.hardware import GIB, Cpu, HardwareProfile, memory_budget
from landfall.core.models.catalogue import Task
from landfall.core.models.weights import spec
from landfall.core.provenance import Unknown, middle
from landfall.services.models import shipped_catalogue

KNOWN = shipped_catalogue.load()
MACHINES = [machine.name for machine in KNOWN.machines]


def machine(name: str) -> HardwareProfile:
    return KNOWN.what_if(name)


def small_computer() -> HardwareProfile:
    profile = machine("RTX 4090")
    ram = replace(profile.ram, total_bytes=2 * GIB, available_bytes=GIB + GIB // 50)
    return replace(
        profile, accelerators=(), ram=ram, cpu=Cpu(name="x", physical_cores=2, logical_cores=2)
    )


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(MACHINES), st.sampled_from(Task), st.integers(256, 262_144))
def test_that_a_model_bigger_than_memory_is_never_recommended(
    name: str, task: Task, context: int
) -> None:
    profile = machine(name)
    answer = recommend(KNOWN.models, profile, task=task, context=context)
    for priced in answer.models:
        assert priced.fit.kind is not FitKind.NO
        assert priced.card.suits(task)
        rate = middle(priced.decode_tok_s)
        assert rate is None or rate >= DECODE_FLOOR_TOK_S
    assert answer.models or answer.reasons
    suited = [card for card in KNOWN.models if card.suits(task)]
    assert len(answer.models) + len(answer.left_out) == len(suited)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(MACHINES), st.sampled_from(KNOWN.models), st.integers(256, 65_536))
def test_that_the_ranking_and_a_single_answer_never_disagree(
    name: str, card: object, context: int
) -> None:
    profile = machine(name)
    answer = recommend(KNOWN.models, profile, context=context)
    for priced in (*answer.models, *answer.left_out):
        if priced.card is card:
            alone = fit(spec(priced.card), memory_budget(profile), FitRequest(context=context))
            assert priced.fit == alone


def test_that_whole_comes_before_split_and_evidence_before_size() -> None:
    answer = recommend(KNOWN.models, machine("RTX 4060 Ti 16GB"))
    kinds = [priced.fit.kind for priced in answer.models]
    assert kinds == sorted(kinds, key=[FitKind.GPU, FitKind.PARTIAL, FitKind.CPU].index)
    tags = [priced.card.tag for priced in answer.models]
    assert tags.index("qwen3.5:9b") < tags.index("gpt-oss:20b") < tags.index("deepseek-r1:14b")
    assert tags.index("phi4-reasoning:14b") > tags.index("qwen3.5:4b")


def test_that_another_published_score_counts_where_the_index_is_missing() -> None:
    tags = [p.card.tag for p in recommend(KNOWN.models, machine("RTX 4090")).models]
    assert tags.index("qwen3:30b") < tags.index("gpt-oss:20b") < tags.index("qwen2.5:32b")


def test_that_every_model_says_why_it_stands_where_it_stands() -> None:
    for task in Task:
        for priced in recommend(KNOWN.models, machine("RTX 4090"), task=task).models:
            first = priced.reasons[0]
            assert ("no published score" in first) == (not priced.quality)
            assert any("RTX 4090" in reason for reason in priced.reasons)


def test_that_code_prefers_what_was_made_for_it() -> None:
    profile = machine("RTX 4060 Ti 16GB")
    code = [p.card.tag for p in recommend(KNOWN.models, profile, task=Task.CODE).models]
    chat = [p.card.tag for p in recommend(KNOWN.models, profile, task=Task.CHAT).models]
    assert code.index("qwen2.5-coder:14b") < code.index("qwen2.5:14b")
    assert chat.index("qwen2.5-coder:14b") > chat.index("qwen2.5:14b")


def test_that_embedders_are_ranked_by_their_own_score() -> None:
    answer = recommend(KNOWN.models, machine("RTX 4090"), task=Task.EMBEDDING)
    assert answer.models[0].card.tag == "qwen3-embedding:8b"
    assert all(middle(priced.decode_tok_s) is None for priced in answer.models)


def test_that_licences_and_thinking_are_pointed_out() -> None:
    answer = recommend(KNOWN.models, machine("RTX 4090"), task=Task.CLASSIFICATION)
    by_tag = {priced.card.tag: " ".join(priced.reasons) for priced in answer.models}
    assert "licence to read first" in by_tag["qwen2.5:3b"]
    assert "licence to read first" not in by_tag["qwen2.5:7b"]
    assert "switch it off" in by_tag["qwen3:8b"]


def test_that_an_empty_answer_comes_with_its_reason() -> None:
    answer = recommend(KNOWN.models, small_computer())
    assert answer.models == ()
    assert "do not fit" in answer.reasons[0]
    nothing = recommend((), machine("RTX 4090"), task=Task.VISION)
    assert "no model for vision" in nothing.reasons[0]


def test_that_a_model_too_slow_is_left_out_with_its_rate() -> None:
    answer = recommend(KNOWN.models, machine("RTX 4090"))
    slow = {p.card.tag: p.reasons[0] for p in answer.left_out if p.fit.fits}
    assert "tok/s" in slow["llama3.3:70b"]


def test_that_what_is_left_out_is_ordered_too() -> None:
    answer = recommend(KNOWN.models, machine("RTX 3060 12GB"))
    kinds = [p.fit.kind for p in answer.left_out]
    assert kinds == sorted(kinds, key=list(FitKind).index)
    never = [answer.levels[p.card.tag].value for p in answer.left_out if not p.fit.fits]
    assert never == sorted(never, reverse=True)


def test_that_what_was_trained_for_less_than_is_asked_for_comes_last() -> None:
    answer = recommend(KNOWN.models, machine("RTX 4060 Laptop"), context=131072)
    holds = [p.fit.request.context == 131072 for p in answer.models]
    assert holds == sorted(holds, reverse=True)
    assert holds[0]
    tags = [p.card.tag for p in answer.models]
    assert tags.index("qwen3.5:2b") < tags.index("qwen3:1.7b")


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(MACHINES), st.sampled_from(Task), st.sampled_from([8192, 32768, 262_144]))
def test_that_a_shorter_context_is_worth_it(name: str, task: Task, context: int) -> None:
    profile = machine(name)
    answer = recommend(KNOWN.models, profile, task=task, context=context)
    before = {p.card.tag: p for p in (*answer.models, *answer.left_out)}
    for one in shorter(answer, profile, limit=5):
        assert one.context < before[one.card.tag].fit.request.context
        again = recommend(KNOWN.models, profile, task=task, context=one.context)
        then = next(p for p in again.models if p.card.tag == one.card.tag)
        assert then.fit == one.fit
        assert then.fit.kind is (FitKind.GPU if answer.budget.devices else FitKind.CPU)
        first = answer.models[0] if answer.models else None
        if first is not None and first.fit.kind is then.fit.kind:
            assert answer.levels[one.card.tag].value > answer.levels[first.card.tag].value


def test_that_without_a_gpu_a_shorter_context_is_found_too() -> None:
    profile = replace(machine("RTX 4090"), accelerators=())
    small = replace(profile.ram, total_bytes=16 * GIB, available_bytes=15 * GIB)
    profile = replace(profile, ram=small)
    answer = recommend(KNOWN.models, profile, context=262_144)
    found = shorter(answer, profile, limit=3)
    assert found
    assert all(one.fit.kind is FitKind.CPU for one in found)


def test_that_a_computer_of_24_gb_and_two_cores_gets_nothing_too_large_or_too_slow() -> None:
    profile = machine("RTX 4090")
    ram = replace(
        profile.ram,
        total_bytes=24 * GIB,
        available_bytes=23 * GIB,
        bandwidth_bytes_per_s=Unknown("not told"),
    )
    profile = replace(
        profile, accelerators=(), ram=ram, cpu=Cpu(name="x", physical_cores=2, logical_cores=2)
    )
    answer = recommend(KNOWN.models, profile)
    assert answer.models
    for priced in answer.models:
        assert priced.fit.need.total_bytes <= 22 * GIB
        rate = middle(priced.decode_tok_s)
        assert rate is not None
        assert rate >= DECODE_FLOOR_TOK_S


@pytest.mark.parametrize("name", ["RTX 4060 Laptop", "M3 8-core 16GB", "RTX 4090", "2x RTX 3090"])
def test_that_no_tiny_model_stands_before_an_8b_that_is_as_fast_as_one_reads(name: str) -> None:
    tags = [p.card.tag for p in recommend(KNOWN.models, machine(name)).models]
    tiny = ("qwen3.5:0.8b", "qwen3:0.6b", "qwen2.5:0.5b", "smollm2:360m", "gemma3:270m")
    assert max(tags.index(t) for t in ("qwen3:8b", "llama3.1:8b")) < min(map(tags.index, tiny))


def test_that_a_request_overrides_the_context() -> None:
    answer = recommend(KNOWN.models, machine("RTX 4090"), request=FitRequest(context=2048))
    assert answer.request.context == 2048


def test_that_what_was_trained_for_code_is_told_of_code_alone() -> None:
    made = [card for card in KNOWN.models if card.made_for_code]
    other = [card for card in KNOWN.models if not card.made_for_code]
    assert made
    assert all("trained for code" in _task_reasons(card, Task.CODE) for card in made)
    assert not any("trained for code" in _task_reasons(card, Task.CHAT) for card in made)
    assert not any("trained for code" in _task_reasons(card, Task.CODE) for card in other)


def test_that_where_nothing_is_left_it_is_counted_why() -> None:
    answer = recommend(KNOWN.models, small_computer(), task=Task.CHAT)
    assert not answer.models
    suited = [card for card in KNOWN.models if card.suits(Task.CHAT)]
    slow = sum(one.fit.fits for one in answer.left_out)
    (said,) = _whole(suited, [], answer.left_out, Task.CHAT)
    assert f"none of {len(suited)} models" in said
    assert f"{len(suited) - slow} do not fit, {slow} are slower" in said
    assert _whole([], [], (), Task.CHAT) == (f"the catalogue has no model for {Task.CHAT}",)
    assert _whole(suited, [object()], (), Task.CHAT) == ()  # type: ignore[list-item]
