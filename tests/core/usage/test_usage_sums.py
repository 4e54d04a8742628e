"""Usage told apart and over time: what is absent stays absent, what lacks a part says so."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.rows import DAY_SECONDS, CostRow
from landfall.core.usage.sums import By, Measure, logged_days, over_time, sums_by
from landfall.core.usage.workloads import propose


def used(day: str, model: str = "gpt-4o", **values: Any) -> UsageBucket:
    given: dict[str, Any] = {"provider": "openai", "requests": 1.0} | values
    return UsageBucket(at=f"{day}T00:00:00Z", span_seconds=DAY_SECONDS, model=model, **given)


def charged(day: str, usd: float, **values: Any) -> CostRow:
    return CostRow(at=f"{day}T00:00:00Z", provider="openai", billed_usd=usd, **values)


def test_that_models_are_told_apart_with_the_dearest_first() -> None:
    sums = sums_by(
        [
            used("2026-05-01", "small", billed_usd=1.0, rows=9),
            used("2026-05-01", "large", billed_usd=3.0, input_tokens=5.0),
            used("2026-05-02", "large", billed_usd=4.0, input_tokens=None),
        ],
        [],
        By.MODEL,
    )
    assert [(one.name, one.days, one.totals.billed_usd) for one in sums] == [
        ("large", 2, 7.0),
        ("small", 1, 1.0),
    ]
    assert sums[0].totals.input_tokens == 5.0
    assert sums[1].totals.input_tokens is None


def test_that_the_same_model_at_two_providers_is_two_things() -> None:
    rows = [used("2026-05-01"), used("2026-05-01", provider="openrouter")]
    assert [one.provider for one in sums_by(rows, [], By.MODEL)] == ["openai", "openrouter"]
    day = sums_by(rows, [], By.DAY)
    assert [(one.name, one.provider, one.totals.calls) for one in day] == [("2026-05-01", "", 2.0)]


@pytest.mark.parametrize(
    ("by", "names"),
    [
        (By.KEY, ["k", ""]),
        (By.PROJECT, ["p", ""]),
        (By.TAG, ["t", ""]),
        (By.DAY, ["2026-05-01", "2026-05-02"]),
    ],
)
def test_that_usage_is_told_apart_by_what_its_source_tells(by: By, names: list[str]) -> None:
    rows = [used("2026-05-01", key_name="k", project="p", tag="t", rows=2), used("2026-05-02")]
    assert [one.name for one in sums_by(rows, [], by)] == names


def test_that_a_row_of_costs_adds_to_the_bill_alone() -> None:
    (one,) = sums_by(
        [used("2026-05-01", recomputed_usd=2.0)],
        [charged("2026-05-01", 2.5, model="gpt-4o")],
        By.MODEL,
    )
    assert (one.totals.billed_usd, one.totals.recomputed_usd, one.totals.calls) == (2.5, 2.0, 1.0)
    (untagged,) = sums_by([], [charged("2026-05-01", 2.5)], By.TAG)
    assert untagged.name == ""


def test_that_what_has_no_bill_is_put_in_order_by_what_its_tokens_cost() -> None:
    rows = [used("2026-05-01", "a", recomputed_usd=1.0), used("2026-05-01", "b", recomputed_usd=9)]
    assert [one.name for one in sums_by(rows, [], By.MODEL)] == ["b", "a"]


def test_that_a_day_without_a_log_is_absent_and_not_zero() -> None:
    steps = over_time([used("2026-05-01"), used("2026-05-03", requests=0.0)], [], Measure.REQUESTS)
    assert [(one.begin, one.logged_days, one.cloud) for one in steps] == [
        ("2026-05-01", 1, 1.0),
        ("2026-05-02", 0, None),
        ("2026-05-03", 1, 0.0),
    ]
    assert over_time([], [], Measure.REQUESTS) == ()


def test_that_a_day_of_the_week_that_is_never_worked_is_a_day_of_nothing() -> None:
    days = [date(2026, 6, 1) + timedelta(days=at) for at in range(19)]
    rows = [used(day.isoformat()) for day in days if day.weekday() < 5]
    steps = over_time(rows, [], Measure.REQUESTS)
    assert [one.logged_days for one in steps] == [1] * 19
    off = [date.fromisoformat(one.begin).weekday() for one in steps if one.idle_days]
    assert off == [5, 6, 5, 6]
    assert all(one.cloud is None and not one.lacks for one in steps if one.idle_days)


def test_that_days_off_are_those_of_each_provider_and_a_bill_on_one_is_no_work() -> None:
    """One row of costs on a Saturday made all Saturdays days without a log, here alone."""
    days = [date(2026, 6, 1) + timedelta(days=at) for at in range(19)]
    rows = [used(day.isoformat()) for day in days if day.weekday() < 5]
    other = used("2026-06-07", provider="ollama")
    bill = charged("2026-06-06", 2.0)
    steps = over_time([*rows, other], [bill], Measure.BILLED)
    assert [one.logged_days for one in steps] == [1] * 19
    assert len(logged_days([*rows, other, bill])) == 19
    (proposed, *_) = propose([*rows, other])
    assert len(proposed.days) == 19


def test_that_own_machines_and_providers_are_told_apart() -> None:
    (step,) = over_time([used("2026-05-01", provider="ollama"), used("2026-05-01")], [],
        Measure.REQUESTS)  # fmt: skip
    assert (step.own, step.cloud, step.lacks) == (1.0, 1.0, False)


def test_that_a_part_that_does_not_tell_is_said_unless_a_bill_stands_for_it() -> None:
    rows = [used("2026-05-01", recomputed_usd=1.0, unpriced_rows=1)]
    assert over_time(rows, [], Measure.RECOMPUTED)[0].lacks
    assert over_time(rows, [], Measure.BILLED)[0].lacks
    with_bill = over_time(rows, [charged("2026-05-01", 5.0)], Measure.BILLED)[0]
    assert (with_bill.lacks, with_bill.cloud) == (False, 5.0)
    assert not over_time(rows, [], Measure.REQUESTS)[0].lacks


@pytest.mark.parametrize(
    ("last", "count", "second"),
    [
        ("2026-03-31", 90, ("2026-01-02", "2026-01-02")),
        ("2026-12-31", 53, ("2026-01-05", "2026-01-11")),
        ("2028-12-31", 36, ("2026-02-01", "2026-02-28")),
    ],
)
def test_that_long_times_are_shown_in_weeks_and_months(
    last: str, count: int, second: tuple[str, str]
) -> None:
    steps = over_time([used("2026-01-01"), used(last)], [], Measure.REQUESTS)
    assert len(steps) == count
    assert (steps[1].begin, steps[1].end) == second
    assert steps[-1].end == last
    assert sum(one.logged_days for one in steps) == 2


def test_that_nobody_charges_for_what_ran_on_machines_of_the_user() -> None:
    rows = [used("2026-05-01", provider="ollama", unpriced_rows=1)]
    assert not over_time(rows, [], Measure.BILLED)[0].lacks
    assert not over_time(rows, [], Measure.RECOMPUTED)[0].lacks
    assert over_time(rows, [], Measure.OUTPUT)[0].lacks
