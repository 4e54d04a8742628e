"""How long a benchmark takes: the parts that add up, the ends of the band, what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.benchmark.benchmark import BenchKind, BenchPlan, BenchPrompt, Sustained
from landfall.core.benchmark.duration import (
    BETWEEN_SECONDS,
    IDLE_SECONDS,
    SHORTEST_SHARE,
    ModelSpeed,
    benchmark_seconds,
    slows_after_seconds,
)
from landfall.core.provenance import Estimated, Measured, Unknown

PLAN = BenchPlan(
    prompts=(BenchPrompt(name="short", text="x" * 400, num_predict=100),),
    repetitions=2,
    answer_seconds=0.0,
    cold_load=False,
    warm_up=False,
)
SPEED = ModelSpeed(
    model="qwen3:8b",
    kind=BenchKind.CHAT,
    decode_tok_s=Measured(50.0, "", ""),
    prefill_tok_s=Measured(1000.0, "", ""),
    load_seconds=Unknown("never loaded"),
)


def ends(plan: BenchPlan, speed: ModelSpeed = SPEED, *, metered: bool = False) -> Estimated:
    found = benchmark_seconds(plan, [speed], metered=metered)
    assert isinstance(found, Estimated)
    return found


def test_that_repetitions_of_reading_and_writing_add_up() -> None:
    found = ends(PLAN)
    quick = 2 * (0.1 + SHORTEST_SHARE * 2.0 + BETWEEN_SECONDS[0])
    slow = 2 * (0.1 + 2.0 + BETWEEN_SECONDS[1])
    assert found.low == pytest.approx(quick)
    assert found.high == pytest.approx(slow)
    assert found.mid == pytest.approx((quick * slow) ** 0.5)
    assert "qwen3:8b" in found.formula


def test_that_an_answer_takes_at_least_as_long_as_the_plan_asks() -> None:
    longer = ends(replace(PLAN, answer_seconds=10.0))
    assert longer.high - ends(PLAN).high == pytest.approx(2 * 8.0)


def test_that_warm_up_load_endurance_and_the_idle_draw_come_on_top() -> None:
    one = ends(PLAN).high / 2
    assert ends(replace(PLAN, warm_up=True)).high == pytest.approx(3 * one)
    assert ends(replace(PLAN, sustained_seconds=60)).high == pytest.approx(2 * one + 60)
    assert ends(PLAN, metered=True).high == pytest.approx(2 * one + IDLE_SECONDS[1])
    loads = replace(SPEED, load_seconds=Measured(5.0, "", ""))
    assert ends(PLAN, loads).low == ends(PLAN).low
    assert ends(PLAN, loads).high == pytest.approx(2 * one + 5)
    assert ends(replace(PLAN, cold_load=True), loads).low == pytest.approx(ends(PLAN).low + 5)


def test_that_a_level_of_the_sweep_ends_with_one_answer_or_with_all_of_them() -> None:
    swept = replace(PLAN, concurrency=(4,), level_seconds=15.0)
    one = ends(PLAN).high / 2
    assert ends(swept).high == pytest.approx(2 * one + 15 + 4 * one)
    assert ends(swept).low == pytest.approx(1.5 * ends(PLAN).low + 15)


def test_that_an_embedding_model_takes_the_time_of_its_batches() -> None:
    plan = replace(PLAN, batches=(1, 32), batch_seconds=5.0, repetitions=3, warm_up=True)
    vectors = replace(SPEED, kind=BenchKind.EMBEDDING, decode_tok_s=Unknown("it writes nothing"))
    assert ends(plan, vectors).low == pytest.approx(8 * (5 + BETWEEN_SECONDS[0]))


def test_that_a_plan_without_prompts_takes_its_sustained_run_alone() -> None:
    assert ends(replace(PLAN, prompts=(), sustained_seconds=30)).mid == pytest.approx(30)


def test_that_an_unknown_prefill_widens_the_band_and_an_unknown_decode_voids_it() -> None:
    wide = ends(PLAN, replace(SPEED, prefill_tok_s=Unknown("never")))
    assert wide.high - wide.low > ends(PLAN).high - ends(PLAN).low
    for decode in (Unknown("never"), Measured(0.0, "", "")):
        found = benchmark_seconds(PLAN, [replace(SPEED, decode_tok_s=decode)])
        assert found == Unknown("the speed of qwen3:8b is not known yet")
    assert benchmark_seconds(PLAN, []) == Unknown("no model is chosen")


@given(st.floats(1, 500), st.floats(1.01, 3), st.integers(1, 9), st.booleans())
def test_that_the_middle_lies_in_the_band_and_more_models_take_longer(
    rate: float, width: float, repetitions: int, cold: bool
) -> None:
    plan = replace(PLAN, repetitions=repetitions, cold_load=cold, concurrency=(1, 8))
    speed = replace(SPEED, decode_tok_s=Estimated(rate / width, rate, rate * width, ""))
    one, two = benchmark_seconds(plan, [speed]), benchmark_seconds(plan, [speed, SPEED])
    assert isinstance(one, Estimated)
    assert isinstance(two, Estimated)
    assert one.low <= one.mid <= one.high
    assert two.mid > one.mid


def run(rates: list[float], *, drop: float | None, noise: float | None = 0.02) -> Sustained:
    points = tuple((60.0 * i, rate) for i, rate in enumerate(rates, start=1))
    return Sustained(
        seconds=points[-1][0], points=points, drop_share=drop, throttled=None, noise_share=noise
    )


def test_that_the_moment_is_told_from_which_on_a_machine_is_slow() -> None:
    slows = run([70, 70, 70, 70, 55, 54, 55, 54, 55], drop=0.22)
    assert slows_after_seconds(slows) == 300.0


@pytest.mark.parametrize(
    "told",
    [
        run([70, 70, 70, 69, 70, 70], drop=0.0),
        run([70, 70, 55, 55, 55], drop=None),
        run([70, 70, 55, 55, 55], drop=0.2, noise=None),
        run([70, 55], drop=0.2),
        run([70, 70, 55, 55, 40, 70], drop=0.2),
    ],
)
def test_that_no_moment_is_told_where_there_is_none(told: Sustained) -> None:
    assert slows_after_seconds(told) is None


def test_that_the_late_end_of_an_embedding_model_has_the_long_pauses() -> None:
    plan = replace(PLAN, batches=(1, 32), batch_seconds=5.0, repetitions=3, warm_up=True)
    vectors = replace(SPEED, kind=BenchKind.EMBEDDING, decode_tok_s=Unknown("it writes nothing"))
    assert ends(plan, vectors).high == pytest.approx(8 * (5 + BETWEEN_SECONDS[1]))
    without = replace(plan, warm_up=False)
    assert ends(without, vectors).high == pytest.approx(6 * (5 + BETWEEN_SECONDS[1]))


def test_that_three_answers_are_enough_to_tell_when_a_machine_slows() -> None:
    assert slows_after_seconds(run([70, 70, 50], drop=0.3)) == 180.0
    assert slows_after_seconds(run([70, 50], drop=0.3)) is None
    # Thirds of eight are two: the third answer, between both, belongs to neither.
    assert slows_after_seconds(run([70, 70, 40, 60, 60, 60, 50, 50], drop=0.3)) == 180.0
