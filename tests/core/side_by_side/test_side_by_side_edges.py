"""Plans and figures of comparisons at their edges: bounds, defaults, names, lanes and sums."""

from __future__ import annotations

import pytest

from landfall.core.errors import BadInput
from landfall.core.side_by_side.figures import Amount, AnswerFigures, TargetSummary, summaries
from landfall.core.side_by_side.side_by_side import (
    Plan,
    PlanCeiling,
    Prompt,
    Target,
    TargetCeiling,
    ceiling_of,
    lanes_of,
    model_typed,
    order_of,
    parse_target,
)

ONE = Prompt(name="1", text="Why?")
SMALL, BIG = Target(model="small:1b"), Target(model="big:8b")
PAID = Target(provider="openai", model="m-1")


def plan(**more: object) -> Plan:
    told: dict[str, object] = {"prompts": (ONE,), "targets": (SMALL,)} | more
    return Plan(**told)  # type: ignore[arg-type]


def refused(**more: object) -> str:
    with pytest.raises(BadInput) as caught:
        plan(**more)
    assert caught.value.message.endswith(".")
    return caught.value.field


def test_that_a_plan_says_nothing_but_the_usual() -> None:
    usual = plan()
    assert (usual.system, usual.context, usual.num_predict) == ("", 8192, None)
    assert (usual.temperature, usual.seed, usual.workload) == (None, None, None)
    assert (usual.pace, usual.blind) == ("servers", False)
    assert ONE.num_predict is None
    assert (SMALL.provider, SMALL.url, SMALL.allow_remote, SMALL.paid) == ("", "", False, False)
    assert PAID.paid


def test_that_a_plan_has_bounds() -> None:
    targets = tuple(Target(model=f"m:{n}") for n in range(16))
    assert plan(prompts=(ONE,) * 1000, targets=targets).answers == 16_000
    assert refused(prompts=(ONE,) * 1001) == "prompts"
    assert refused(targets=(*targets, SMALL)) == "targets"
    assert refused(prompts=(ONE, Prompt(name="2", text=" "))) == "prompts"
    assert refused(targets=(SMALL, Target(model=" "))) == "targets"
    for good in (1, 1 << 20):
        assert plan(num_predict=good).num_predict == good
    for bad in (0, (1 << 20) + 1):
        assert refused(num_predict=bad) == "num_predict"


def test_that_a_title_is_the_first_line_and_200_signs_at_most() -> None:
    assert plan(prompts=(Prompt(name="1", text=f" {'x' * 201}\ny"),)).title == "x" * 200
    assert plan(prompts=(Prompt(name="1", text="a \nb"),)).title == "a"
    own = plan(prompts=(ONE, Prompt(name="2", text="x", num_predict=5)), num_predict=7)
    assert [own.answer_tokens(at) for at in (0, 1)] == [7, 5]


def test_that_a_target_is_named_as_it_is_typed() -> None:
    away = Target(model="big:8b", url="http://box:11434")
    for target in (SMALL, away, PAID):
        assert parse_target(target.name, providers=("openai",)) == target
    assert (PAID.name, SMALL.name) == ("openai:m-1", "small:1b")
    assert away.name == "big:8b@http://box:11434"
    assert parse_target(" OLLAMA:openai:x @ http://box ", providers=("openai",)) == Target(
        model="openai:x", url="http://box"
    )
    assert model_typed("big@http://box") == "big"
    assert model_typed("ollama:big:8b@http://box") == "big:8b"
    assert model_typed("a@b@http://box") == "a@b"
    assert model_typed("big") == ""


def test_that_two_targets_are_one_model_wherever_it_is_served() -> None:
    away = Target(model="big:8b", url="http://box:11434")
    assert BIG.is_same(away)
    assert away.is_same(BIG)
    assert not BIG.is_same(SMALL)
    assert Target(model="big").is_same(Target(model="big:latest"))
    assert PAID.is_same(Target(provider="openai", model="m-1", url="x"))
    for other in (
        Target(provider="groq", model="m-1"),
        Target(provider="openai", model="m-2"),
        Target(model="m-1"),
    ):
        assert not PAID.is_same(other)
        assert not other.is_same(PAID)


def test_that_an_order_is_that_of_its_seed_and_prompt() -> None:
    assert order_of(1, 2, targets=16) == order_of(1, 2, targets=16)
    assert order_of(1, 2, targets=16) != order_of(2, 1, targets=16)
    assert sorted(order_of(1, 2, targets=3)) == [0, 1, 2]


def test_that_one_server_is_one_lane_however_its_address_is_written() -> None:
    targets = [
        Target(model="a", url="http://Box:1/x"),
        Target(model="b", url="http://box:1"),
        Target(model="c", url="http://box:2"),
        Target(model="d"),
        Target(model="e"),
    ]
    asked = [(at, 0) for at in range(5)]
    assert lanes_of(targets, asked) == (((0, 0), (1, 0)), ((2, 0),), ((3, 0), (4, 0)))
    assert len(lanes_of(targets, asked, pace="all")) == 5
    assert lanes_of(targets, [(3, 1), (0, 0), (3, 0)]) == (((3, 1), (3, 0)), ((0, 0),))


def test_that_a_ceiling_is_that_of_what_is_asked() -> None:
    def worst(target: Target, prompt: int) -> tuple[float | None, str]:
        return (None, "no price") if prompt == 2 else (float(prompt + 1), f"by {prompt}")

    other = Target(provider="groq", model="m-2")
    found = ceiling_of([PAID, SMALL, other, PAID], [[0, 1], [0], [], [1, 2]], worst)
    assert found == PlanCeiling(
        targets=(
            TargetCeiling(target=0, usd=3.0, note="by 0"),
            TargetCeiling(target=3, usd=None, note="no price"),
        )
    )
    assert (found.usd, found.unpriced) == (3.0, (3,))
    assert PlanCeiling(targets=()).usd == 0


def figures(target: int, factor: float, **more: object) -> AnswerFigures:
    told: dict[str, object] = {
        "complete": True,
        "ttft_seconds": 1.0 * factor,
        "decode_tok_s": 2.0 * factor,
        "total_seconds": 3.0 * factor,
        "prompt_tokens": int(4 * factor),
        "output_tokens": int(5 * factor),
        "cost_usd": 6.0 * factor,
        "gross_joules": 7.0 * factor,
        "net_joules": 8.0 * factor,
        "electricity_cost": 9.0 * factor,
        "reasons": {},
    } | more
    return AnswerFigures(target=target, prompt=0, **told)  # type: ignore[arg-type]


def near(value: float) -> float:
    return pytest.approx(value)  # type: ignore[return-value]


def test_that_a_summary_has_middles_of_whole_answers_and_sums_of_all() -> None:
    three = plan(prompts=(ONE,) * 4)
    answers = [figures(0, 1), figures(0, 2), figures(0, 9), figures(0, 10, complete=False)]
    assert summaries(three, answers) == (
        TargetSummary(
            target=0,
            answers=3,
            failed=1,
            ttft_p50_seconds=Amount(value=2),
            ttft_p95_seconds=Amount(value=near(2 + 0.9 * 7)),
            decode_tok_s=Amount(value=4),
            total_seconds=Amount(value=6),
            prompt_tokens=Amount(value=88),
            output_tokens=Amount(value=110),
            cost_usd=Amount(value=132),
            gross_joules=Amount(value=154),
            net_joules=Amount(value=176),
            electricity_cost=Amount(value=198),
        ),
    )
    rough = [figures(0, 1, estimated=frozenset({"cost_usd"})), figures(0, 1)]
    (found,) = summaries(three, rough)
    assert found.cost_usd == Amount(value=12, estimated=1)
    assert found.net_joules == Amount(value=16)
    bare = AnswerFigures(target=0, prompt=0, complete=True, reasons={})
    assert {getattr(bare, name) for name in ("ttft_seconds", "cost_usd", "net_joules")} == {None}
    assert bare.estimated == frozenset()
    assert Amount(value=None) == Amount(value=None, missing=0, reason="", estimated=0)
