"""Plans of comparisons: what is asked of whom, in which order, at what cost at most, and sums."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.core.side_by_side.figures import NO_ANSWER, Amount, AnswerFigures, summaries
from landfall.core.side_by_side.side_by_side import (
    Plan,
    PlanCeiling,
    Prompt,
    Target,
    ceiling,
    is_local,
    lanes,
    order_of,
    parse_target,
)

PROMPTS = (Prompt(name="1", text="Why?\nSay."), Prompt(name="2", text="How?", num_predict=5))
SMALL, BIG = Target(model="small:1b"), Target(model="big:8b")
BOX = Target(model="big:8b", url="http://box:11434")
PAID, OTHER = Target(provider="openai", model="m-1"), Target(provider="groq", model="m-2")
PROVIDERS = ("openai", "groq", "mistral")


def plan(*targets: Target, **more: object) -> Plan:
    return Plan(prompts=PROMPTS, targets=targets, **more)  # type: ignore[arg-type]


def test_that_a_plan_is_the_same_after_it_was_kept_as_plain_data() -> None:
    one = plan(SMALL, BOX, PAID, system="Be brief.", temperature=0.0, seed=3, workload="w")
    assert Plan.from_json(json.loads(json.dumps(one.as_json()))) == one
    assert (one.answers, one.title) == (6, "Why?")
    assert [one.answer_tokens(n) for n in range(2)] == [None, 5]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"prompts": ()}, "prompts"),
        ({"prompts": (Prompt(name="1", text=" "),)}, "prompts"),
        ({"prompts": PROMPTS * 501}, "prompts"),
        ({"targets": ()}, "targets"),
        ({"targets": (Target(model=" "),)}, "targets"),
        ({"targets": (SMALL, SMALL)}, "targets"),
        ({"targets": tuple(Target(model=f"m:{n}") for n in range(17))}, "targets"),
        ({"targets": (SMALL,), "blind": True}, "targets"),
        ({"num_predict": 0}, "num_predict"),
    ],
)
def test_that_a_plan_that_cannot_be_run_says_which_field_is_wrong(
    changed: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as wrong:
        Plan(**{"prompts": PROMPTS, "targets": (SMALL,)} | changed)  # type: ignore[arg-type]
    assert wrong.value.field == field


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("qwen3", Target(model="qwen3:latest")),
        ("qwen3:8b", Target(model="qwen3:8b")),
        ("openai:gpt-5", Target(provider="openai", model="gpt-5")),
        ("OpenAI:ft:gpt-5:x", Target(provider="openai", model="ft:gpt-5:x")),
        ("mistral:7b", Target(model="mistral:7b")),
        ("mistral:small", Target(provider="mistral", model="small")),
        ("ollama:mistral:small", Target(model="mistral:small")),
        ("big:8b@http://box:11434", BOX),
        ("hf.co/user/repo:Q4_K_M", Target(model="hf.co/user/repo:Q4_K_M")),
    ],
)
def test_that_a_typed_target_is_what_stays_here_before_what_leaves(
    typed: str, expected: Target
) -> None:
    found = parse_target(typed, providers=PROVIDERS, here=("mistral:7b",))
    assert found == expected


@pytest.mark.parametrize("typed", ["", " ", "openai:", "@http://box", "ollama:"])
def test_that_a_target_without_a_model_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        parse_target(typed, providers=PROVIDERS)


def test_that_models_of_one_server_wait_for_each_other_and_others_do_not() -> None:
    one = plan(SMALL, PAID, BIG, BOX, OTHER)
    assert lanes(one) == (
        ((0, 0), (0, 1), (2, 0), (2, 1)),
        ((1, 0), (1, 1)),
        ((3, 0), (3, 1)),
        ((4, 0), (4, 1)),
    )
    assert len(lanes(plan(SMALL, PAID, BIG, pace="all"))) == 3
    assert lanes(plan(PAID, SMALL, pace="one")) == (((0, 0), (0, 1), (1, 0), (1, 1)),)
    stub = Target(model="big:cloud", allow_remote=True)
    assert len(lanes(plan(SMALL, stub))) == 2


@given(seed=st.integers(0, 2**62), prompt=st.integers(0, 999), targets=st.integers(1, 16))
def test_that_a_blind_order_holds_every_target_once_and_is_the_same_again(
    seed: int, prompt: int, targets: int
) -> None:
    order = order_of(seed, prompt, targets=targets)
    assert sorted(order) == list(range(targets))
    assert order == order_of(seed, prompt, targets=targets)


def test_that_the_blind_order_of_one_prompt_tells_nothing_of_the_next() -> None:
    orders = [order_of(1, prompt, targets=2) for prompt in range(400)]
    stayed = sum(left == right for left, right in pairwise(orders))
    assert 150 < stayed < 250
    assert 150 < orders.count((0, 1)) < 250


def test_that_a_ceiling_is_the_sum_over_prompts_and_paid_targets() -> None:
    def worst(target: Target, prompt: int) -> tuple[float | None, str]:
        return (0.25 if target == PAID else 0.5) * len(PROMPTS[prompt].text), "a list"

    found = ceiling(plan(SMALL, PAID, OTHER), worst)
    assert [(one.target, one.usd, one.note) for one in found.targets] == [
        (1, 0.25 * 13, "a list"),
        (2, 0.5 * 13, "a list"),
    ]
    assert (found.usd, found.unpriced) == (0.75 * 13, ())
    assert ceiling(plan(SMALL), worst) == PlanCeiling(targets=())


def test_that_a_target_with_one_unknown_price_has_no_ceiling() -> None:
    def worst(target: Target, prompt: int) -> tuple[float | None, str]:
        return (None, "no price") if prompt == 1 and target == PAID else (1.0, "a list")

    found = ceiling(plan(PAID, OTHER), worst)
    assert (found.targets[0].usd, found.targets[0].note) == (None, "no price")
    assert (found.usd, found.unpriced) == (2.0, (0,))


def figures(target: int, prompt: int, **more: object) -> AnswerFigures:
    return AnswerFigures(
        target=target,
        prompt=prompt,
        **{"complete": True, "reasons": {}} | more,  # type: ignore[arg-type]
    )


def test_that_a_summary_tells_what_is_missing_and_why() -> None:
    first, second, third = summaries(
        plan(SMALL, PAID, BIG),
        [
            figures(0, 0, ttft_seconds=1.0, output_tokens=10, gross_joules=5.0),
            figures(0, 1, ttft_seconds=3.0, output_tokens=20, reasons={"gross_joules": "short"}),
            figures(1, 0, complete=False, ttft_seconds=9.0, cost_usd=0.5, reasons={}),
        ],
    )
    assert first.ttft_p50_seconds == Amount(value=2.0)
    assert first.ttft_p95_seconds.value == pytest.approx(2.9)
    assert first.output_tokens == Amount(value=30)
    assert first.gross_joules == Amount(value=5.0, missing=1, reason="short")
    assert first.cost_usd == Amount(value=None, missing=2, reason="not known")
    assert (second.answers, second.failed) == (0, 2)
    assert second.ttft_p50_seconds == Amount(value=None, reason=NO_ANSWER)
    assert second.cost_usd == Amount(value=0.5)
    assert (third.failed, third.output_tokens.reason) == (2, NO_ANSWER)


def test_that_only_a_model_of_an_own_server_counts_as_local() -> None:
    assert is_local(SMALL)
    assert is_local(BOX)
    assert not is_local(PAID)
    assert not is_local(Target(model="big:cloud"))
    assert not is_local(Target(model="big:8b", allow_remote=True))
    assert PAID.is_same(Target(provider="openai", model="m-1"))
    assert not PAID.is_same(SMALL)


def test_that_two_models_are_enough_for_a_blind_vote_and_one_is_not() -> None:
    two = (Target(model="a"), Target(model="b"))
    assert plan(*two, blind=True).blind
    with pytest.raises(BadInput):
        plan(two[0], blind=True)
    assert not plan(two[0], blind=False).blind
