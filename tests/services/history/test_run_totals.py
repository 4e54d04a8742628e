from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.provenance import Estimated, Measured, Unknown, middle
from landfall.services.history.records import DayTotal
from landfall.services.history.run_totals import By, Measure, over_time, together, totals, totals_by

DAY = DayTotal(
    day="2026-01-01",
    place="local",
    host="http://127.0.0.1:11434",
    model="tiny",
    workload=None,
    electricity_currency="EUR",
    runs=2,
    prompt_tokens=100,
    output_tokens=10,
    joules=50.0,
    electricity_cost=0.25,
    cost_usd=None,
    missing_tokens=0,
    missing_joules=0,
    missing_cost=0,
)
BLIND = replace(
    DAY, joules=None, electricity_cost=None, electricity_currency=None, missing_joules=2,
    missing_cost=2,
)  # fmt: skip
PAID = replace(
    DAY, place="cloud", host="api.openai.com", model="gpt", joules=None, electricity_cost=None,
    electricity_currency=None, cost_usd=0.02, missing_joules=2,
)  # fmt: skip


def test_own_machines_and_the_cloud_are_added_apart() -> None:
    sums = totals([DAY, replace(BLIND, place="network"), PAID])
    assert sums.runs == 6
    assert middle(sums.tokens_in.figure) == 200
    assert middle(sums.tokens_out.figure) == 20
    assert middle(sums.cloud_in.figure) == 100
    assert middle(sums.cloud_out.figure) == 10
    assert middle(sums.joules.figure) == 50.0
    assert middle(sums.usd.figure) == pytest.approx(0.02)
    # As that of each run: its tokens were counted, its money is reckoned.
    assert isinstance(sums.usd.figure, Estimated)


def test_a_part_that_is_unknown_is_counted_and_not_taken_for_nothing() -> None:
    sums = totals([DAY, BLIND, replace(DAY, output_tokens=None, missing_tokens=2)])
    assert (sums.joules.runs, sums.joules.missing) == (6, 2)
    assert (sums.tokens_out.runs, sums.tokens_out.missing) == (6, 2)
    assert (sums.electricity_runs, sums.electricity_missing) == (6, 2)
    assert middle(sums.joules.figure) == 100.0
    assert sums.joules.figure == Measured(100.0, "", "4 runs")


def test_where_nothing_is_known_the_sum_is_unknown() -> None:
    sums = totals([BLIND, replace(PAID, cost_usd=None, missing_cost=2)])
    assert isinstance(sums.joules.figure, Unknown)
    assert isinstance(sums.usd.figure, Unknown)
    assert (sums.usd.runs, sums.usd.missing) == (2, 2)
    assert sums.electricity == ()


def test_nobody_paid_is_a_known_zero() -> None:
    assert totals([DAY]).usd.figure == Measured(0.0, "", "no run")


def test_that_where_nobody_was_asked_no_token_is_a_known_zero() -> None:
    sums = totals([DAY])
    assert (sums.cloud_in.figure, sums.cloud_in.runs) == (Measured(0.0, "", "no run"), 0)
    assert sums.cloud_out.figure == Measured(0.0, "", "no run")
    assert totals([PAID]).tokens_out.figure == Measured(0.0, "", "no run")


def test_electricity_keeps_its_currencies_apart_and_may_be_negative() -> None:
    dollars = replace(DAY, electricity_currency="USD", electricity_cost=-0.5)
    sums = totals([DAY, dollars, replace(DAY, electricity_cost=0.1)])
    assert [(code, middle(figure)) for code, figure in sums.electricity] == [
        ("USD", -0.5),
        ("EUR", pytest.approx(0.35)),
    ]
    assert all(isinstance(figure, Estimated) for _, figure in sums.electricity)


def test_both_places_can_be_told_as_one_sum() -> None:
    sums = totals([DAY, replace(PAID, output_tokens=None, missing_tokens=2)])
    both = together(sums.tokens_out, sums.cloud_out)
    assert (middle(both.figure), both.runs, both.missing) == (10, 4, 2)
    assert together(sums.tokens_out, totals([]).cloud_out) == sums.tokens_out
    assert together(totals([]).tokens_out, sums.cloud_in) == sums.cloud_in
    blind = totals([replace(DAY, output_tokens=None, missing_tokens=2)]).tokens_out
    assert isinstance(together(blind, sums.cloud_out).figure, Unknown)


def test_totals_by_model_come_with_the_most_used_first() -> None:
    sums = totals_by([DAY, PAID, replace(DAY, day="2026-01-02")], By.MODEL)
    assert [(of.name, of.runs) for of in sums] == [("tiny", 4), ("gpt", 2)]


def test_runs_without_a_workload_are_a_part_of_their_own() -> None:
    sums = totals_by([DAY, replace(DAY, workload="mail")], By.WORKLOAD)
    assert {of.name: of.runs for of in sums} == {"": 2, "mail": 2}


def test_totals_by_day_come_with_the_latest_first() -> None:
    sums = totals_by([DAY, replace(DAY, day="2026-01-02")], By.DAY)
    assert [of.name for of in sums] == ["2026-01-02", "2026-01-01"]


# Over time


def test_every_day_has_its_step_also_one_without_a_run() -> None:
    steps = over_time([DAY, PAID], Measure(kind="tokens_out"), begin="2025-12-31", end="2026-01-02")
    assert [step.begin for step in steps] == ["2025-12-31", "2026-01-01", "2026-01-02"]
    assert (steps[0].own, steps[0].cloud, steps[0].runs) == (None, None, 0)
    assert (steps[1].own, steps[1].cloud, steps[1].runs) == (10, 10, 4)


def test_each_measure_covers_its_own_runs_and_says_what_it_lacks() -> None:
    days = [DAY, BLIND, PAID, replace(DAY, electricity_currency="USD", electricity_cost=1.0)]

    def of(kind: str, currency: str = "") -> tuple[float | None, float | None, int, int]:
        (step,) = over_time(
            days, Measure(kind=kind, currency=currency), begin="2026-01-01", end="2026-01-01"
        )
        return step.own, step.cloud, step.runs, step.missing

    assert of("tokens_in") == (300, 100, 8, 0)
    assert of("joules") == (100.0, None, 6, 2)
    assert of("usd") == (None, 0.02, 2, 0)
    assert of("electricity", "EUR") == (0.25, None, 4, 2)
    assert of("electricity", "USD") == (1.0, None, 4, 2)


@pytest.mark.parametrize(
    ("end", "number", "first_end"),
    [
        ("2026-04-10", 100, "2026-01-01"),
        ("2026-04-11", 15, "2026-01-04"),
        ("2027-12-31", 24, "2026-01-31"),
    ],
)
def test_long_times_are_told_in_weeks_and_months(end: str, number: int, first_end: str) -> None:
    steps = over_time([DAY], Measure(kind="joules"), begin="2026-01-01", end=end)
    assert len(steps) == number
    assert (steps[0].begin, steps[0].end) == ("2026-01-01", first_end)
    assert steps[-1].end == end


@given(
    st.lists(st.integers(min_value=0, max_value=900), max_size=40),
    st.sampled_from(["tokens_out", "joules"]),
)
def test_the_steps_add_up_to_the_total(ages: list[int], kind: str) -> None:
    start = date(2024, 1, 1)
    days = [replace(DAY, day=(start + timedelta(days=age)).isoformat()) for age in ages]
    steps = over_time(
        days,
        Measure(kind=kind),
        begin=start.isoformat(),
        end=(start + timedelta(days=max(ages, default=0))).isoformat(),
    )
    sums = totals(days)
    total = middle(sums.joules.figure if kind == "joules" else sums.tokens_out.figure)
    assert sum(step.own or 0.0 for step in steps) == pytest.approx(total or 0.0)
    assert sum(step.runs for step in steps) == sums.runs


def test_that_a_sum_of_one_run_is_not_of_one_runs() -> None:
    one = totals([replace(DAY, runs=1, missing_tokens=0)])
    assert isinstance(one.tokens_out.figure, Measured)
    assert one.tokens_out.figure.where == "one run"
