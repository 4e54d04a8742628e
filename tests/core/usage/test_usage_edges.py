"""The edges of usage: spans, shares and limits just reached and just passed; what is a default."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest

from landfall.core.demand.forecast import Predictability
from landfall.core.errors import BadInput
from landfall.core.usage import fingerprint
from landfall.core.usage.adding import Adder, tokens_of
from landfall.core.usage.bill import ModelBill, UsageBill, agrees, bill_of, reasons
from landfall.core.usage.buckets import UsageBucket, UsageTotals, totals
from landfall.core.usage.fingerprint import Fingerprints, nth, numbers_of, of_cost, texts_of
from landfall.core.usage.hours import HourRow, series_of_hours
from landfall.core.usage.idle_days import LoggedDays
from landfall.core.usage.log_days import days_off, observed_days
from landfall.core.usage.proposal import (
    DayUse,
    Grouping,
    Part,
    Proposal,
    Said,
    is_working_day,
    said_by,
)
from landfall.core.usage.rows import DAY_SECONDS, HOUR_SECONDS, CostRow, UsageRow
from landfall.core.usage.series import parse, read, summary
from landfall.core.usage.sums import By, Measure, UsageSum, over_time, sums_by
from landfall.core.usage.workloads import (
    MOST_NAME,
    REST,
    WORKING,
    draft,
    free_name,
    guessed_task,
    propose,
    renamed,
    split,
    task_of,
)
from landfall.core.workload.workload import Task, UsageDay

MONDAY = date(2026, 6, 1)


def on(day: int) -> str:
    return (MONDAY + timedelta(days=day)).isoformat()


def bucket(day: int = 0, hour: int = 9, **values: Any) -> UsageBucket:
    told: dict[str, Any] = {
        "at": f"{on(day)}T{hour:02d}:00:00+00:00",
        "span_seconds": 3600,
        "provider": "openai",
        "model": "gpt-5-mini",
        "requests": 10.0,
        "input_tokens": 900.0,
        "cached_input_tokens": 100.0,
        "output_tokens": 200.0,
    }
    return UsageBucket(**told | values)


def only(*buckets: UsageBucket, by: Grouping = Grouping.MODEL) -> Proposal:
    (one,) = propose(buckets, by=by)
    return one


# ---------------------------------------------------------------- what is not told


def untold(made: object, *given: str) -> dict[str, object]:
    """The fields that were not given."""
    names = [one.name for one in fields(made)]  # type: ignore[arg-type]
    return {name: getattr(made, name) for name in names if name not in given}


NONE = dict.fromkeys(
    (
        "input_tokens",
        "cached_input_tokens",
        "cache_write_tokens",
        "cache_write_1h_tokens",
        "output_tokens",
        "reasoning_tokens",
        "billed_usd",
        "recomputed_usd",
    )
)


def test_that_what_is_not_told_is_none_and_nobody_is_named() -> None:
    empty = dict.fromkeys(
        ("provider", "project", "key_name", "user", "tag", "tier", "alias", "deployment"), ""
    )
    made = UsageBucket(at="2026-06-01T09:00:00+00:00", span_seconds=3600, model="m")
    assert untold(made, "at", "span_seconds", "model") == empty | NONE | {
        "batch": None,
        "rows": 1,
        "requests": None,
        "unpriced_rows": 0,
        "longest_tokens": None,
        "latency_seconds": None,
        "latency_rows": 0,
        "ttft_seconds": None,
        "ttft_rows": 0,
        "workload": "",
    }
    assert untold(UsageTotals()) == NONE | {
        "calls": None,
        "rows": 0,
        "unpriced_rows": 0,
    }
    assert untold(ModelBill(provider="p", model="m"), "provider", "model") == {
        "rows": 0,
        "billed_usd": None,
        "recomputed_usd": None,
        "unpriced_rows": 0,
    }
    assert untold(UsageBill()) == {
        "billed_usd": None,
        "recomputed_usd": None,
        "models": (),
        "other_usd": None,
        "credit_usd": None,
        "bill_days": frozenset(),
        "usage_days": frozenset(),
        "why_unpriced": {},
    }
    said = Said(
        calls_per_day=1.0,
        history_days=1,
        predictability=Predictability.UNKNOWN,
    )
    assert (said.missing_days, said.reasons, said.input, said.output) == (0, (), None, None)
    part = Part(value="v", provider="p", model="m", days=())
    assert untold(part, "value", "provider", "model", "days") == {
        "hour_calls": (),
        "batch_calls": None,
        "longest_tokens": None,
        "is_coding": False,
        "billed_usd": None,
        "recomputed_usd": None,
    }
    assert Proposal(name="n", grouped_by=Grouping.MODEL, parts=()).task is Task.CHAT
    row = UsageRow(at="2026-06-01T09:00:00+00:00", provider="p", model="m")
    assert row.span_seconds == 0
    assert {getattr(row, name) for name in NONE if hasattr(row, name)} == {None}


def test_that_a_bucket_tells_its_day_its_hour_and_whether_it_is_idle() -> None:
    one = bucket()
    assert (one.day, one.knows_hour, one.is_idle) == ("2026-06-01", True, False)
    assert bucket(span_seconds=3601).knows_hour is False
    assert bucket(rows=0).is_idle is True
    assert one.tokens == 1200
    assert bucket(cache_write_tokens=50.0, reasoning_tokens=9.0).tokens == 1250


def test_that_totals_are_sums_of_what_is_told() -> None:
    told = dict.fromkeys(NONE, 2.0)
    costs = [CostRow(at="2026-06-01", provider="p", billed_usd=usd) for usd in (5.0, 1.0)]
    found = totals([bucket(rows=3, unpriced_rows=2, **told), bucket(requests=None)], costs)
    assert found == UsageTotals(
        calls=10.0,
        input_tokens=902.0,
        cached_input_tokens=102.0,
        cache_write_tokens=2.0,
        cache_write_1h_tokens=2.0,
        output_tokens=202.0,
        reasoning_tokens=2.0,
        billed_usd=8.0,
        recomputed_usd=2.0,
        rows=6,
        unpriced_rows=2,
    )
    assert found.difference_usd == 6.0
    assert totals([]) == UsageTotals()


# ---------------------------------------------------------------- days of a log


def log(first: str, days: int, *, off: set[int]) -> list[str]:
    """So many days, but for the days of the week that are off (0 is Monday)."""
    begun = date.fromisoformat(first)
    every = (begun + timedelta(days=at) for at in range(days))
    return [day.isoformat() for day in every if day.weekday() not in off]


def test_that_a_day_off_is_seen_in_two_weeks_and_in_no_less() -> None:
    wednesday = {2}
    assert days_off(log("2026-06-01", 14, off=wednesday)) == ("2026-06-03", "2026-06-10")
    assert days_off(log("2026-06-01", 13, off=wednesday)) == ()
    assert observed_days(log("2026-06-01", 14, off=wednesday)) == tuple(
        on(day) for day in range(14)
    )
    assert days_off([]) == ()


def test_that_three_days_of_a_week_may_be_off_and_no_more() -> None:
    assert len(days_off(log("2026-06-01", 18, off={4, 5, 6}))) == 6
    assert days_off(log("2026-06-01", 17, off={3, 4, 5, 6})) == ()
    assert days_off(log("2026-06-01", 21, off=set())) == ()


def test_that_four_of_five_other_days_have_a_row() -> None:
    # From a Tuesday, 25 days of work end on a Monday: 20 of them are four of five.
    work = log("2026-06-02", 35, off={5, 6})
    assert len(work) == 25
    inner = work[5:-5]
    twenty = [day for day in work if day not in inner[::3]]
    assert len(twenty) == 20
    assert len(days_off(twenty)) == 10
    assert days_off([day for day in twenty if day != inner[1]]) == ()


def test_that_an_idle_day_is_one_of_each_provider_that_has_a_name() -> None:
    days = LoggedDays()
    assert days.providers == set()
    days.providers.update(("b", "a", ""))
    days.list_days(["2026-06-04T00:00:00+00:00"])
    assert list(days.idle()) == []
    days.use_hours(["2026-06-01T09", "2026-06-03T10"])
    idle = [
        UsageBucket(
            at=f"{day}T00:00:00+00:00",
            span_seconds=86400,
            provider=provider,
            model="",
            rows=0,
            requests=0.0,
        )
        for day in ("2026-06-02", "2026-06-04")
        for provider in ("a", "b")
    ]
    assert list(days.idle()) == idle


# ---------------------------------------------------------------- sums


def used(day: str, model: str = "m", **values: Any) -> UsageBucket:
    given: dict[str, Any] = {"provider": "openai", "requests": 1.0} | values
    return UsageBucket(at=f"{day}T00:00:00Z", span_seconds=DAY_SECONDS, model=model, **given)


@pytest.mark.parametrize(
    ("days", "end"),
    [
        (92, "2026-01-01"),  # a day
        (93, "2026-01-04"),  # a week, of which the first Sunday is the end
        (732, "2026-01-04"),
        (733, "2026-01-31"),  # a month
    ],
)
def test_that_longer_times_have_longer_steps(days: int, end: str) -> None:
    first = date(2026, 1, 1)
    last = first + timedelta(days=days - 1)
    steps = over_time([used("2026-01-01"), used(last.isoformat())], [], Measure.REQUESTS)
    assert (steps[0].begin, steps[0].end) == ("2026-01-01", end)
    assert steps[-1].end == last.isoformat()
    assert sum(one.logged_days for one in steps) == 2
    follows = [date.fromisoformat(one.begin) - timedelta(days=1) for one in steps[1:]]
    assert [one.isoformat() for one in follows] == [one.end for one in steps[:-1]]


def test_that_what_costs_nothing_that_is_known_comes_after_what_costs_little() -> None:
    rows = [
        used("2026-05-01", "unknown"),
        used("2026-05-01", "half", billed_usd=0.5),
        used("2026-05-01", "back", billed_usd=-0.5),
        used("2026-05-01", "busy", rows=2),
    ]
    assert [one.name for one in sums_by(rows, [], By.MODEL)] == ["half", "busy", "unknown", "back"]
    days = [used("2026-05-02", billed_usd=9.0), used("2026-05-01", rows=5)]
    assert [one.name for one in sums_by(days, [], By.DAY)] == ["2026-05-01", "2026-05-02"]


def test_that_a_sum_of_usage_has_all_its_parts() -> None:
    first = used("2026-05-01", rows=2, billed_usd=1.0)
    rows = [first, replace(used("2026-05-01", rows=3), at="2026-05-01T23:00:00Z")]
    assert sums_by(rows, [], By.MODEL) == (
        UsageSum(
            name="m",
            provider="openai",
            days=1,
            totals=totals(rows),
        ),
    )
    month = over_time([*rows, used("2026-05-01", provider="ollama")], [], Measure.REQUESTS)
    assert (month[0].own, month[0].cloud, month[0].logged_days) == (1.0, 2.0, 1)


# ---------------------------------------------------------------- bills


@pytest.mark.parametrize(
    ("difference", "billed", "same"),
    [
        # Half a cent, or half a percent of the bill.
        (0.005, 0.5, True),
        (0.0051, 0.5, False),
        (5.0, 1000.0, True),
        (-5.0, 1000.0, True),
        (5.01, 1000.0, False),
        (5.0, -1000.0, True),
        (-0.0051, 0.5, False),
    ],
)
def test_that_a_bill_agrees_to_half_a_cent_or_half_a_percent(
    difference: float, billed: float, *, same: bool
) -> None:
    assert agrees(difference, billed) is same


def test_that_a_bill_has_its_models_by_what_is_dearer_of_both() -> None:
    bill = bill_of(
        [
            bucket(model="a", billed_usd=1.0, recomputed_usd=9.0),
            bucket(model="b", billed_usd=8.0, recomputed_usd=1.0),
            bucket(model="d", billed_usd=8.0),
            bucket(model="c", billed_usd=8.0, rows=2, unpriced_rows=1),
            bucket(model="free"),
            bucket(model="idle", rows=0),
        ],
        [
            CostRow(at="2026-06-03", provider="openai", model="a", billed_usd=3.0),
            CostRow(at="2026-06-03", provider="openai", billed_usd=2.0),
            CostRow(at="2026-06-03", provider="openai", billed_usd=-1.0),
        ],
    )
    assert [one.model for one in bill.models] == ["a", "b", "c", "d", "free"]
    assert bill.models[0] == ModelBill(
        provider="openai", model="a", rows=1, billed_usd=4.0, recomputed_usd=9.0
    )
    assert (bill.models[2].rows, bill.models[2].unpriced_rows) == (2, 1)
    assert (bill.billed_usd, bill.recomputed_usd) == (29.0, 10.0)
    assert (bill.other_usd, bill.credit_usd, bill.difference_usd) == (1.0, -1.0, 19.0)
    assert bill.usage_days == {"2026-06-01"}
    assert bill.bill_days == {"2026-06-01", "2026-06-03"}


def test_that_four_names_are_told_and_more_counted() -> None:
    def told(count: int) -> str:
        return reasons(
            bill_of([bucket(model=f"x{at}", unpriced_rows=1) for at in range(count)]),
        )[0]

    assert told(4) == "No price is known for 4 rows of x0, x1, x2, x3."
    assert told(5) == "No price is known for 5 rows of x0, x1, x2, x3 and 1 more."
    assert told(1) == "No price is known for 1 row of x0."


def test_that_what_is_left_of_a_difference_is_more_or_less() -> None:
    def last(billed: float, reckoned: float, *costs: CostRow) -> tuple[str, ...]:
        return reasons(bill_of([bucket(billed_usd=billed, recomputed_usd=reckoned)], costs))

    assert last(2.0, 1.5)[0].startswith("0.50 USD more have no reason")
    assert last(1.5, 2.0)[0].startswith("0.50 USD less have no reason")
    # What has a reason is not said again: a line without a model, and credits.
    line = CostRow(at="2026-06-01", provider="openai", billed_usd=0.5)
    assert last(1.0, 1.0, line) == ("0.50 USD of the bill name no model.",)
    credit = replace_cost(line, model="gpt-5-mini", billed_usd=-0.5)
    assert last(1.0, 1.0, credit) == ("Credits take 0.50 USD off the bill.",)


def replace_cost(row: CostRow, **values: Any) -> CostRow:
    return row._replace(**values)


# ---------------------------------------------------------------- names of rows

ROW = UsageRow(at="2026-06-01T09:30:00+00:00", provider="openai", model="m", input_tokens=90.0)


def number(row: UsageRow, made: Fingerprints | None = None) -> int:
    return (made or Fingerprints()).of([row], [texts_of(row)], [numbers_of(row)])[0]


def test_that_the_next_row_that_says_the_same_has_the_number_a_step_further() -> None:
    assert nth(5, 0) == 5
    # 5 + 0x9E3779B97F4A7C15, less 2^64.
    assert nth(5, 1) == -7046029254386353126
    assert all(-(2**63) <= nth(one, at) < 2**63 for one in (2**63 - 1, -(2**63)) for at in (1, 9))
    assert len({nth(7, at) for at in range(1000)}) == 1000


def test_that_an_alias_or_a_deployment_alone_tells_rows_apart() -> None:
    bare = number(ROW)
    alias, place = number(ROW._replace(alias="a")), number(ROW._replace(deployment="a"))
    assert len({bare, alias, place}) == 3


def test_that_no_more_digests_are_kept_than_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "_TEXTS_MOST", 2)
    monkeypatch.setattr(fingerprint, "_PROVIDERS_MOST", 2)
    made = Fingerprints()
    kept, begun = [], []
    for at in range(4):
        number(ROW._replace(model=f"m{at}"), made)
        number(ROW._replace(provider=f"p{at}", identity="x"), made)
        kept.append(len(made._digests))
        begun.append(len(made._begun))
    assert kept == begun == [1, 2, 1, 2]
    assert number(ROW._replace(provider="p0", identity="x"), made) == number(
        ROW._replace(provider="p0", identity="x")
    )


def test_that_every_text_of_a_cost_tells_it_apart() -> None:
    cost = CostRow(at="2026-06-01", provider="p", billed_usd=1.0)
    others = [
        {"at": "2026-06-02"},
        {"span_seconds": 5},
        {"provider": "q"},
        {"line_item": "x"},
        {"model": "m"},
        {"project": "m"},
        {"key_name": "m"},
        {"billed_usd": 1.000001},
    ]
    numbers = {of_cost(replace_cost(cost, **one)) for one in others}
    assert len(numbers | {of_cost(cost)}) == len(others) + 1


# ---------------------------------------------------------------- adding rows up


def added(*rows: UsageRow, usd: float | None = None, unpriced: int = 0) -> list[UsageBucket]:
    adder = Adder()
    for row in rows:
        adder.add(row.at[:13], texts_of(row), [numbers_of(row)], lambda *_: (usd, unpriced))
    made = list(adder.drain())
    assert list(adder.drain()) == []
    return made


def test_that_single_requests_are_an_hour_with_its_longest_and_its_waits() -> None:
    one = ROW._replace(
        requests=1.0,
        cached_input_tokens=5.0,
        cache_write_tokens=3.0,
        cache_write_1h_tokens=2.0,
        output_tokens=20.0,
        reasoning_tokens=7.0,
        billed_usd=0.5,
        latency_seconds=4.0,
        ttft_seconds=1.0,
    )
    assert tokens_of(numbers_of(one)) == 118
    shorter = one._replace(input_tokens=10.0, latency_seconds=None, billed_usd=None)
    longer = one._replace(input_tokens=91.0, ttft_seconds=None)
    (made,) = added(one, shorter, longer, usd=0.25, unpriced=1)
    assert made == UsageBucket(
        at="2026-06-01T09:00:00+00:00",
        span_seconds=3600,
        provider="openai",
        model="m",
        rows=3,
        requests=3.0,
        input_tokens=191.0,
        cached_input_tokens=15.0,
        cache_write_tokens=9.0,
        cache_write_1h_tokens=6.0,
        output_tokens=60.0,
        reasoning_tokens=21.0,
        billed_usd=1.0,
        recomputed_usd=0.75,
        unpriced_rows=3,
        longest_tokens=119.0,
        latency_seconds=8.0,
        latency_rows=2,
        ttft_seconds=2.0,
        ttft_rows=2,
    )


def test_that_sums_of_a_source_tell_no_single_call() -> None:
    day = ROW._replace(span_seconds=DAY_SECONDS, latency_seconds=4.0, ttft_seconds=1.0)
    (made,) = added(day, day)
    assert (made.span_seconds, made.longest_tokens, made.rows) == (86400, None, 2)
    assert (made.latency_seconds, made.latency_rows) == (None, 0)
    assert (made.ttft_seconds, made.ttft_rows, made.recomputed_usd) == (None, 0, None)
    minute = ROW._replace(span_seconds=60)
    assert added(minute)[0].span_seconds == HOUR_SECONDS
    empty = ROW._replace(input_tokens=None)
    assert added(empty)[0].longest_tokens is None
    assert len(added(ROW, ROW._replace(at="2026-06-01T10:00:00+00:00"))) == 2


# ---------------------------------------------------------------- series


def hour(second: float, *, single: bool = True, **values: Any) -> HourRow:
    told: dict[str, Any] = {"day": "2026-06-01", "calls": 1.0} | values
    return HourRow(second=second, single=single, **told)


def test_that_an_hour_is_one_of_24() -> None:
    hours = {0: 0, 3599.5: 0, 3600: 1, 82_799: 22, 82_800: 23, 86_399: 23, 86_400: 23}
    assert {second: hour(second).hour for second in hours} == hours


def test_that_single_calls_are_kept_up_to_fifty_thousand() -> None:
    one = hour(0.0)
    kept = series_of_hours([one] * 50_000).trace
    assert kept is not None
    assert len(kept.singles) == 50_000
    more = series_of_hours([one] * 50_001).trace
    assert more is not None
    assert more.singles == ()
    mixed = series_of_hours([one, hour(0.0, single=False)]).trace
    assert mixed is not None
    assert mixed.singles == ()


def test_that_calls_one_by_one_become_days_hours_and_moments() -> None:
    found = series_of_hours(
        [
            hour(7200.5, day="2026-06-03", input_tokens=5.0, output_tokens=1.0),
            hour(60.0, input_tokens=3.0, cached_input_tokens=2.0),
            hour(7200.0, input_tokens=4.0, output_tokens=2.0),
        ]
    )
    assert found.days == (
        UsageDay(
            date="2026-06-01",
            calls=2.0,
            input_tokens=7.0,
            cached_input_tokens=2.0,
            output_tokens=None,
        ),
        UsageDay(
            date="2026-06-03",
            calls=1.0,
            input_tokens=5.0,
            cached_input_tokens=None,
            output_tokens=1.0,
        ),
    )
    assert found.trace is not None
    first, second = found.trace.days
    assert first.ordinal + 2 == second.ordinal == date(2026, 6, 3).toordinal()
    assert [at for at, calls in enumerate(first.calls) if calls] == [0, 2]
    assert (first.prompt[0], first.prompt[2], first.written) == (3.0, 4.0, ())
    assert (second.calls[2], second.written[2]) == (1.0, 1.0)
    assert [(one.at, one.prompt, one.written) for one in found.trace.singles] == [
        (60.0, 3.0, None),
        (7200.0, 4.0, 2.0),
        (2 * 86_400 + 7200.5, 5.0, 1.0),
    ]


HEAD = "date,calls,input_tokens,cached_input_tokens,output_tokens\n"


def refused(text: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(text, file="f")
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def test_that_a_series_spans_a_hundred_years_and_no_more() -> None:
    last = date(1926, 1, 1) + timedelta(days=36_500)
    parse(f"{HEAD}1926-01-01,1,,,\n{last},1,,,\n")
    far = refused(f"{HEAD}1926-01-01,1,,,\n{last + timedelta(days=1)},1,,,\n")
    assert "36501 days" in far.message


def test_that_a_number_of_a_day_has_an_end() -> None:
    assert parse(f"{HEAD}2026-06-01,1e15,0,,\n")[0].calls == 1e15
    assert refused(f"{HEAD}2026-06-01,1.1e15,,,\n").field == "calls"
    assert refused(f"{HEAD}2026-06-01,-0.1,,,\n").field == "calls"
    wrong = refused("calls\n1\n")
    assert (wrong.field, wrong.line) == ("date", 1)
    assert wrong.message.startswith("The series has no column")
    unknown = refused("date,calls,dollars\n")
    assert (unknown.field, unknown.line) == ("dollars", 1)
    assert unknown.message.startswith("The column `dollars`")
    # A single column has no other sign between its cells than a comma.
    assert refused("timestamp\n2026-06-01T01:02:03;5\n").field == "timestamp"
    assert parse("date;calls\n2026-06-01;5\n")[0].calls == 5
    odd = refused('a"b\n"')
    assert odd.line is not None
    assert odd.line >= 1


def test_that_every_cell_of_a_row_has_its_place() -> None:
    assert parse(f"\ufeff{HEAD.upper()} 2026-06-02 ,1,2,3,4\n2026-06-01,5,,,\n") == (
        UsageDay(
            date="2026-06-01",
            calls=5.0,
            input_tokens=None,
            cached_input_tokens=None,
            output_tokens=None,
        ),
        UsageDay(
            date="2026-06-02",
            calls=1.0,
            input_tokens=2.0,
            cached_input_tokens=3.0,
            output_tokens=4.0,
        ),
    )
    hourly = read("date,hour,calls\n2026-06-01,23,2\n2026-06-01, 0 ,3\n")
    assert hourly.trace is not None
    assert (hourly.trace.days[0].calls[23], hourly.trace.days[0].calls[0]) == (2.0, 3.0)
    assert hourly.trace.singles == ()
    for bad in ("24", "-1", "1.5", "007", "²"):
        assert refused(f"date,hour,calls\n2026-06-01,{bad},2\n").field == "hour"
    twice = refused("date,hour,calls\n2026-06-01,2,2\n2026-06-01,3,2\n2026-06-01,2,2\n")
    assert (twice.line, twice.field) == (4, "hour")
    moments = read("timestamp,calls\n2026-06-01T01:02:03.5,1\n2026-06-01T02:00:00,\n")
    assert moments.trace is not None
    assert [one.at for one in moments.trace.singles] == [3723.5, 7200.0]
    several = read("timestamp,calls\n2026-06-01T01:02:03,2\n")
    assert several.trace is not None
    assert several.trace.singles == ()
    assert refused("timestamp\nsoon\n").field == "timestamp"
    assert refused("timestamp,date\n2026-06-01T01:02:03,x\n").field == "date"


def test_that_a_series_goes_by_tokens_where_every_day_has_them() -> None:
    def day(at: int, **values: float | None) -> UsageDay:
        told: dict[str, Any] = {
            "calls": 2.0,
            "input_tokens": 10.0,
            "cached_input_tokens": 4.0,
            "output_tokens": 6.0,
        } | values
        return UsageDay(date=on(at), **told)

    whole = summary([day(0), day(1, calls=4.0), day(3, cached_input_tokens=None)])
    assert (whole.calls_per_day, whole.history_days) == (pytest.approx(8 / 3), 3)
    assert (whole.input, whole.output) == (30 / 8, 18 / 8)
    assert whole.cached_input == 8 / 6
    assert whole.outlook is not None
    assert whole.outlook.unit == "tokens"
    assert whole.outlook.mean_per_day == pytest.approx((20 + 20 + 16) / 3)
    assert (whole.outlook.observed_days, whole.outlook.missing_days) == (3, 1)
    assert whole.outlook.source == "series"
    for part in ("input_tokens", "output_tokens"):
        partly = summary([day(0), day(1, **{part: None})], source="usage")
        assert partly.outlook is not None
        assert (partly.outlook.unit, partly.outlook.mean_per_day) == ("calls", 2.0)
        assert partly.outlook.source == "usage"


# ---------------------------------------------------------------- workloads that usage suggests


@pytest.mark.parametrize(
    ("day", "hour_", "name"),
    [
        (0, 7, REST),
        (0, 8, WORKING),
        (0, 17, WORKING),
        (0, 18, REST),
        (4, 12, WORKING),
        (5, 12, REST),
        (6, 12, REST),
    ],
)
def test_that_work_is_from_8_to_18_from_monday_to_friday(day: int, hour_: int, name: str) -> None:
    assert only(bucket(day, hour_), by=Grouping.HOURS).name == name
    assert is_working_day(on(day)) is (day < 5)


def test_that_a_part_adds_up_all_that_its_buckets_tell() -> None:
    one = only(
        bucket(batch=True, longest_tokens=50.0, billed_usd=1.0, recomputed_usd=2.0),
        bucket(hour=10, batch=False, longest_tokens=40.0, billed_usd=3.0, recomputed_usd=5.0),
        bucket(batch=True, cache_write_tokens=7.0),
        bucket(1, 10, requests=None, batch=True, input_tokens=None, cached_input_tokens=None,
               output_tokens=None),
    )  # fmt: skip
    (part,) = one.parts
    assert part.batch_calls == 20.0
    assert (part.longest_tokens, part.billed_usd, part.recomputed_usd) == (50.0, 4.0, 7.0)
    assert part.days == (
        DayUse(
            date=on(0),
            calls=30.0,
            input_tokens=2707.0,
            cached_input_tokens=300.0,
            output_tokens=600.0,
            cache_write_tokens=7.0,
        ),
        DayUse(
            date=on(1),
            calls=0.0,
            input_tokens=None,
            cached_input_tokens=None,
            output_tokens=None,
        ),
    )
    assert part.hour_calls == ()
    assert one.batch_share == pytest.approx(20 / 30)
    assert only(bucket(batch=True, requests=None)).batch_share is None
    assert only(bucket(longest_tokens=40.25)).context_p99 == 41
    assert only(bucket()).context_p99 is None


def days_with(tokens: list[float | None]) -> list[UsageBucket]:
    return [
        bucket(day, input_tokens=one, cached_input_tokens=None, output_tokens=None)
        for day, one in enumerate(tokens)
        if one is not None
    ]


def growth(tokens: list[float | None]) -> float | None:
    return only(*days_with(tokens)).growth_per_month


def test_that_growth_needs_fourteen_days_of_each_span() -> None:
    later: list[float | None] = [200.0] * 28
    every_other: list[float | None] = [100.0, None] * 14
    assert growth(every_other + later) == pytest.approx(2 ** (30 / 28) - 1)
    # Thirteen days are too few, of either span; each of its weeks has work.
    thirteen = [*every_other[:-2], None, None]
    assert growth([*thirteen, *later]) is None
    assert growth([*later, *thirteen[::-1]]) is None
    assert growth([*later, *every_other[::-1]]) == pytest.approx(0.5 ** (30 / 28) - 1)


def test_that_a_day_of_nothing_in_a_week_of_work_is_no_week_without_work() -> None:
    tokens: list[float | None] = [100.0] * 56
    tokens[10] = 0.0
    found = growth(tokens)
    assert found == pytest.approx((28 / 27) ** (30 / 28) - 1)
    # What lies before the two spans does not matter, be it a week without work.
    assert growth([5.0] + [0.0] * 7 + [100.0] * 56) == pytest.approx(0.0)


def test_that_a_growth_has_limits() -> None:
    assert growth([1.0] * 28 + [1000.0] * 28) == 10.0
    assert growth([1000.0] * 28 + [1.0] * 28) == -0.99
    assert growth([1000.0] * 28 + [100.0] * 28) == pytest.approx(0.1 ** (30 / 28) - 1)


def test_that_days_that_count_no_calls_are_told_by_their_tokens() -> None:
    days = [
        DayUse(date=on(day), calls=None, input_tokens=10.0, output_tokens=2.0) for day in (0, 1, 4)
    ]
    said = said_by(days)
    assert (said.calls_per_day, said.history_days, said.missing_days) == (None, 3, 2)
    assert said.predictability is Predictability.UNKNOWN
    steady = [DayUse(date=on(day), calls=None, input_tokens=10.0) for day in range(84)]
    assert said_by(steady).predictability is Predictability.PREDICTABLE
    assert said_by(steady).missing_days == 0


def test_that_hours_are_left_out_where_they_tell_another_day() -> None:
    working = draft(only(*(bucket(day, 9) for day in range(5)))).values
    assert sum(working["volume.hourly_calls"]) == 10.0
    # A day of work, and a hundred times as much at weekends.
    mixed = draft(only(bucket(4, 9), bucket(5, 9, requests=1000.0), bucket(6, requests=1000.0)))
    assert "volume.hourly_calls" not in mixed.values
    weekend = draft(only(bucket(4, 9, requests=0.0), bucket(5, 9)))
    assert "volume.hourly_calls" not in weekend.values
    # The longest single call is no shorter than the mean one.
    assert draft(only(bucket(longest_tokens=120.0))).values["tokens.context_p99"] == 120
    assert "tokens.context_p99" not in draft(only(bucket(longest_tokens=119.0))).values


def test_that_a_draft_states_what_usage_tells() -> None:
    made = draft(only(bucket(0), bucket(1)))
    assert made.values == {
        "workload.name": "gpt-5-mini",
        "workload.task": "chat",
        "volume.calls_per_day": 10.0,
        "volume.history_days": 2,
        "volume.predictability": "unknown",
        "volume.hourly_calls": tuple(10.0 if at == 9 else 0.0 for at in range(24)),
        "tokens.input": 90.0,
        "tokens.cached_input": 10.0,
        "tokens.output": 20.0,
        "today.provider": "openai",
        "today.model": "gpt-5-mini",
    }
    assert set(made.origins) == {path for path in made.values if not path.startswith("workload.")}


def test_that_a_name_is_at_most_eighty_signs_with_its_number() -> None:
    assert MOST_NAME == 80
    long = "x" * 80
    assert free_name(long, [long]) == f"{'x' * 74} 2"
    assert free_name(long + "y", []) == long
    assert renamed(only(bucket()), long + "y").name == long


def test_that_what_a_tool_asked_is_code_and_each_part_has_its_own_guess() -> None:
    one = only(bucket(project="Claude Code"), bucket(model="gpt-5", project="Claude Code"),
               by=Grouping.PROJECT)  # fmt: skip
    assert one.task is Task.CODE
    assert only(bucket(tag="cursor")).task is Task.CODE
    assert only(bucket(tag="cursor"), bucket(1)).task is Task.CHAT
    assert task_of("", []) is guessed_task("", []) is Task.CHAT
    both = only(
        bucket(project="a", model="text-embedding-3-small"),
        bucket(project="a", model="gpt-5"),
        by=Grouping.PROJECT,
    )
    assert {one.parts[0].model: one.task for one in split(both)} == {
        "text-embedding-3-small": Task.EMBEDDING,
        "gpt-5": Task.CHAT,
    }
