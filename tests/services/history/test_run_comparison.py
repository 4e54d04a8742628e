from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.benchmark.comparison import Doubt, Noise
from landfall.services.history.records import RunRecord
from landfall.services.history.run_comparison import (
    MOST_READ,
    compare_runs,
    may_be_alike,
    value_of,
)

FIRST = RunRecord(
    id=1,
    started_at="2026-01-01T00:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    digest="sha256:ab",
    engine="Ollama 0.24.0",
    state="done",
    prompt="Why?",
    prompt_tokens=100,
    output_tokens=100,
    decode_tok_s=80.0,
    gross_joules=360.0,
    energy_scope="gpu",
    energy_grade="good",
    energy_error_share=0.05,
    conditions={"context": 8192, "gpu_share": 1.0},
)
SECOND = replace(FIRST, id=2, engine="Ollama 0.32.15", decode_tok_s=95.0, gross_joules=500.0)


def again(run: RunRecord, *rates: float, joules: float = 0.0) -> list[RunRecord]:
    """More runs under the conditions of this one."""
    energy = joules or run.gross_joules
    return [
        replace(run, id=run.id * 100 + i, decode_tok_s=rate, gross_joules=energy)
        for i, rate in enumerate(rates)
    ]


def test_a_run_against_a_run_is_never_more_than_noise_by_itself() -> None:
    found = compare_runs(FIRST, SECOND)
    decode = found.differences["decode_tok_s"]
    assert (decode.noise, decode.doubt) == (Noise.UNKNOWN, Doubt.ONE_EACH)
    assert decode.change == 15.0
    assert found.differing == ("engine",)
    assert found.others == (0, 0)


def test_other_runs_under_the_conditions_of_each_stand_for_its_noise() -> None:
    past = [*again(FIRST, 79, 81), *again(SECOND, 94, 96)]
    found = compare_runs(FIRST, SECOND, past)
    decode = found.differences["decode_tok_s"]
    assert decode.noise is Noise.BEYOND
    assert decode.counts == (3, 3)
    assert found.others == (2, 2)
    assert found.differences["gross_joules"].noise is Noise.BEYOND
    overlapping = compare_runs(FIRST, SECOND, [*again(FIRST, 79, 97), *again(SECOND, 94, 96)])
    assert overlapping.differences["decode_tok_s"].noise is Noise.WITHIN


def test_runs_under_other_conditions_say_nothing() -> None:
    past = [
        replace(FIRST, id=11, prompt="Another one?"),
        replace(FIRST, id=12, model="other"),
        replace(FIRST, id=13, digest="sha256:cd"),
        replace(FIRST, id=14, state="aborted"),
        replace(FIRST, id=15, conditions={"context": 4096, "gpu_share": 1.0}),
        replace(FIRST, id=16, conditions={"context": 8192}),
        FIRST,
    ]
    assert compare_runs(FIRST, SECOND, past).others == (0, 0)


def test_no_more_than_the_newest_ten_are_looked_at() -> None:
    past = again(FIRST, *range(60, 90))
    assert compare_runs(FIRST, SECOND, past).others == (10, 0)


def test_two_runs_under_the_same_conditions_are_judged_by_the_others() -> None:
    slower = replace(FIRST, id=3, decode_tok_s=70.0)
    found = compare_runs(FIRST, slower, again(FIRST, 79, 80, 81))
    assert found.differing == found.untold == ()
    assert found.differences["decode_tok_s"].noise is Noise.BEYOND
    near = compare_runs(FIRST, replace(slower, decode_tok_s=79.0), again(FIRST, 79, 80, 81))
    assert near.differences["decode_tok_s"].noise is Noise.WITHIN


@pytest.mark.parametrize(
    "change",
    [
        {"energy_scope": "cpu_package"},
        {"shared_with": 2},
        {"energy_grade": "too_short"},
    ],
)
def test_joules_of_different_things_are_not_reckoned_with(change: dict[str, object]) -> None:
    found = compare_runs(FIRST, replace(SECOND, **change))
    for name in ("gross_joules", "joules_per_token"):
        assert found.differences[name].doubt is Doubt.APART
        assert found.differences[name].change is None
    assert found.differences["decode_tok_s"].change == 15.0


def test_another_scope_is_named_as_a_difference() -> None:
    found = compare_runs(FIRST, replace(FIRST, id=2, energy_scope="wall"))
    assert found.differing == ("energy_scope",)


def test_energy_within_the_error_of_the_meter_is_no_difference() -> None:
    near = replace(SECOND, gross_joules=370.0)
    past = [*again(FIRST, 79, 81), *again(near, 94, 96)]
    found = compare_runs(FIRST, near, past)
    assert found.differences["gross_joules"].doubt is Doubt.METER
    blind = replace(near, energy_error_share=None, gross_joules=900.0)
    found = compare_runs(FIRST, blind, [*again(FIRST, 79, 81), *again(blind, 94, 96)])
    assert found.differences["gross_joules"].doubt is Doubt.METER_UNKNOWN


def test_electricity_is_compared_in_one_currency_alone() -> None:
    a = replace(FIRST, electricity_cost=0.1, electricity_currency="EUR")
    b = replace(SECOND, electricity_cost=0.2, electricity_currency="USD")
    assert compare_runs(a, b).differences["electricity_cost"].doubt is Doubt.APART
    b = replace(b, electricity_currency="EUR")
    assert compare_runs(a, b).differences["electricity_cost"].change == pytest.approx(0.1)


def test_what_neither_knows_is_left_out_and_what_one_knows_is_missing() -> None:
    found = compare_runs(FIRST, replace(SECOND, gross_joules=None))
    assert "net_joules" not in found.differences
    assert found.differences["gross_joules"].doubt is Doubt.MISSING
    assert found.differences["prompt_tokens"].noise is Noise.EXACT


def test_runs_of_a_list_that_may_be_alike_are_named_by_their_ids() -> None:
    whole = replace(FIRST, prompt="Why?\nTell me all of it.")
    listed = [
        replace(FIRST, id=11),
        replace(FIRST, id=12, prompt="Why not?"),
        replace(FIRST, id=13, model="other"),
        replace(FIRST, id=14, digest="sha256:cd"),
        replace(FIRST, id=15, state="aborted"),
        replace(FIRST, id=16, prompt_tokens=99),
        *(replace(FIRST, id=100 + i) for i in range(2 * MOST_READ)),
    ]
    ids = may_be_alike(whole, listed)
    assert ids[:2] == (11, 100)
    assert len(ids) == MOST_READ


def test_joules_over_no_tokens_are_unknown() -> None:
    assert value_of(replace(FIRST, output_tokens=0), "joules_per_token") is None
    assert value_of(FIRST, "joules_per_token") == pytest.approx(3.6)


def test_the_context_of_a_provider_is_no_condition() -> None:
    paid = replace(FIRST, place="cloud", conditions={"context": 8192})
    other = replace(paid, id=2, conditions={"context": 4096})
    assert compare_runs(paid, other).differing == ()
