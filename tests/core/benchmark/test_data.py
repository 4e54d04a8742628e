"""Plans and results of benchmarks as plain data, and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.benchmark.benchmark import (
    BenchKind,
    BenchmarkResult,
    BenchPlan,
    BenchPrompt,
    EmbeddingResult,
    Level,
    Loads,
    PartResult,
    Spread,
    Sustained,
    Sweep,
)
from landfall.core.benchmark.data import as_data, plan_of, result_of
from landfall.core.errors import BadInput
from landfall.core.provenance import Estimated, Figure, Measured, Unknown

FINITE = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(max_size=20)
FIGURES: st.SearchStrategy[Figure] = st.one_of(
    st.builds(Measured, FINITE, TEXT, TEXT),
    st.builds(Estimated, FINITE, FINITE, FINITE, TEXT),
    st.builds(Unknown, TEXT),
)
SPREADS = st.none() | st.builds(
    Spread, median=FINITE, low=FINITE, high=FINITE, count=st.integers(1, 9)
)
REASONS = st.dictionaries(TEXT, TEXT, max_size=3)
ROWS = st.lists(st.integers(0, 99), max_size=3).map(tuple)
PARTS = st.builds(
    PartResult,
    name=TEXT,
    runs=ROWS,
    failed=st.integers(0, 9),
    prompt_tokens=st.none() | FINITE,
    load_seconds=SPREADS,
    ttft_seconds=SPREADS,
    prefill_tok_s=SPREADS,
    decode_tok_s=SPREADS,
    inter_token_p95_seconds=SPREADS,
    gross_joules_per_token=FIGURES,
    net_joules_per_token=FIGURES,
    reasons=REASONS,
)
LEVELS = st.builds(
    Level,
    concurrency=st.integers(1, 9),
    answers=st.integers(0, 9),
    failed=st.integers(0, 9),
    at_once=st.none() | st.integers(1, 9),
    ttft_p50_seconds=st.none() | FINITE,
    ttft_p95_seconds=st.none() | FINITE,
    decode_tok_s=st.none() | FINITE,
    throughput_tok_s=st.none() | FINITE,
    gross_joules_per_token=FIGURES,
)
RESULTS = st.builds(
    BenchmarkResult,
    kind=st.sampled_from(BenchKind),
    model=TEXT,
    digest=st.none() | TEXT,
    engine=st.none() | TEXT,
    host=TEXT,
    place=st.sampled_from(("local", "network")),
    conditions=REASONS,
    parts=st.lists(PARTS, max_size=2).map(tuple),
    loads=st.none()
    | st.builds(Loads, cold_seconds=st.none() | FINITE, warm_seconds=FINITE, reason=TEXT),
    sustained=st.none()
    | st.builds(
        Sustained,
        seconds=FINITE,
        points=st.lists(st.tuples(FINITE, FINITE), max_size=3).map(tuple),
        drop_share=st.none() | FINITE,
        throttled=st.sampled_from((None, True, False)),
        noise_share=st.none() | FINITE,
        reasons=st.lists(TEXT, max_size=2).map(tuple),
    ),
    sweep=st.none()
    | st.builds(
        Sweep,
        levels=st.lists(LEVELS, max_size=2).map(tuple),
        ttft_target_seconds=FINITE,
        people=st.none() | st.integers(0, 9),
        reason=TEXT,
    ),
    embedding=st.lists(
        st.builds(
            EmbeddingResult,
            batch=st.integers(1, 99),
            runs=ROWS,
            failed=st.integers(0, 9),
            texts=st.integers(0, 99),
            tokens=st.none() | st.integers(0, 99),
            texts_per_s=SPREADS,
            tokens_per_s=SPREADS,
            request_seconds=SPREADS,
            gross_joules_per_1000_texts=FIGURES,
            net_joules_per_1000_texts=FIGURES,
            reasons=REASONS,
        ),
        max_size=2,
    ).map(tuple),
    notes=st.lists(TEXT, max_size=2).map(tuple),
)

PLAN = BenchPlan(
    prompts=(BenchPrompt(name="short", text="Why?"), BenchPrompt(name="long", text="Wherefore?")),
    concurrency=(1, 2),
    num_thread=1,
)


@given(RESULTS)
def test_that_a_result_comes_back_as_it_was_through_a_file(result: BenchmarkResult) -> None:
    assert result_of(json.loads(json.dumps(as_data(result)))) == result


def test_that_a_plan_comes_back_as_it_was_through_a_file() -> None:
    assert plan_of(json.loads(json.dumps(as_data(PLAN)))) == PLAN
    other = replace(PLAN, prompts=(), concurrency=(), batches=())
    assert plan_of(json.loads(json.dumps(as_data(other)))) == other


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"prompts": 3},
        {"prompts": [], "concurrency": [1.5]},
        {"prompts": [{"name": "short", "text": 5}]},
        {"prompts": [], "warm_up": 1},
        {"prompts": [], "seed": True},
        {"prompts": [], "context": 10.0},
        {"prompts": [], "temperature": float("nan")},
        {"prompts": [], "colour": "red"},
    ],
)
def test_that_what_is_no_plan_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        plan_of(data)
    assert refused.value.field == "plan"


@pytest.mark.parametrize("data", [{}, {"kind": "chat"}, {"kind": "song"}])
def test_that_what_is_no_result_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refused:
        result_of(data)
    assert refused.value.field == "result"


PART = PartResult(
    name="short",
    runs=(1, 2),
    load_seconds=None,
    ttft_seconds=None,
    prefill_tok_s=None,
    decode_tok_s=Spread(median=5.0, low=4.0, high=6.0, count=2),
    inter_token_p95_seconds=None,
    gross_joules_per_token=Measured(1.0, "", "NVML"),
    net_joules_per_token=Unknown("no sensor"),
    reasons={"ttft_seconds": "none"},
)
RESULT = BenchmarkResult(
    kind=BenchKind.CHAT,
    model="tiny",
    digest=None,
    engine=None,
    host="h",
    place="local",
    conditions={},
    parts=(PART,),
    sustained=Sustained(seconds=1.0, points=((0.5, 9.0),), drop_share=None, throttled=None),
)
WRONG = {
    "decode_tok_s": ["fast", 5, [], {"median": "x", "low": 1, "high": 1, "count": 1}, True],
    "gross_joules_per_token": [None, 5, {"value": "x"}, {"mid": 1}, {"reason": 5}],
    "prompt_tokens": ["many", float("inf")],
    "reasons": [5, {"a": 5}],
    "runs": [5, ["a"]],
    "name": [5, None],
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in WRONG.items() for v in vs])
def test_that_a_part_with_a_value_of_another_kind_is_refused(name: str, value: object) -> None:
    data = json.loads(json.dumps(as_data(RESULT)))
    assert result_of(data) == RESULT
    data["parts"][0][name] = value
    with pytest.raises(BadInput):
        result_of(data)


@pytest.mark.parametrize("points", [5, [[1.0]], [[1.0, 2.0, 3.0]], [["a", 1.0]]])
def test_that_a_course_with_other_points_is_refused(points: object) -> None:
    data = as_data(RESULT)
    data["sustained"]["points"] = points
    with pytest.raises(BadInput):
        result_of(data)


def test_that_a_newer_result_is_refused_and_not_half_read() -> None:
    data = as_data(
        BenchmarkResult(
            kind=BenchKind.CHAT,
            model="m",
            digest=None,
            engine=None,
            host="h",
            place="local",
            conditions={},
        )
    )
    with pytest.raises(BadInput):
        result_of(data | {"of_the_future": 1})
    with pytest.raises(BadInput):
        result_of(data | {"parts": [3]})
