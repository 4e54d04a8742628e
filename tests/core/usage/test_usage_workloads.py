"""Usage becomes workloads: observed days, means a call, hours, growth, and changes by the user."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from landfall.core.demand.forecast import Predictability
from landfall.core.usage import series as usage_series
from landfall.core.usage.assigned import _Sums
from landfall.core.usage.buckets import UsageBucket, totals
from landfall.core.usage.proposal import Grouping, Proposal, Served, series_csv, series_of
from landfall.core.usage.rows import DAY_SECONDS
from landfall.core.usage.workloads import (
    MOST_NAME,
    REST,
    WORKING,
    days_of,
    draft,
    free_name,
    guessed_task,
    merged,
    propose,
    renamed,
    split,
    updated,
)
from landfall.core.workload.draft import Draft, draft_of
from landfall.core.workload.file import parse
from landfall.core.workload.workload import Task
from landfall.core.workload.writer import to_text

MONDAY = date(2026, 6, 1)


def bucket(day: int = 0, hour: int = 9, **values: object) -> UsageBucket:
    moment = datetime.combine(MONDAY, datetime.min.time()) + timedelta(days=day, hours=hour)
    told: dict[str, object] = {
        "at": f"{moment:%Y-%m-%dT%H}:00:00+00:00",
        "span_seconds": 3600,
        "provider": "openai",
        "model": "gpt-5-mini",
        "requests": 10.0,
        "input_tokens": 900.0,
        "cached_input_tokens": 100.0,
        "output_tokens": 200.0,
    }
    return UsageBucket(**told | values)  # type: ignore[arg-type]


def only(*buckets: UsageBucket, by: Grouping = Grouping.MODEL) -> Proposal:
    (one,) = propose(buckets, by=by)
    return one


def test_that_a_day_without_a_log_is_not_a_day_of_zero() -> None:
    one = only(bucket(0), bucket(1), bucket(3))
    assert [day.date for day in one.days] == ["2026-06-01", "2026-06-02", "2026-06-04"]
    said = one.said()
    assert (said.history_days, said.calls_per_day) == (3, 10.0)
    assert (said.input, said.cached_input, said.output) == (90.0, 10.0, 20.0)
    assert said.missing_days == 1
    assert said.predictability is Predictability.UNKNOWN


def test_that_a_day_with_a_log_of_others_is_a_day_of_zero_from_the_first_day_on() -> None:
    found = propose(
        [
            bucket(0),
            bucket(1, model="gpt-5", input_tokens=9e6),
            bucket(2),
            bucket(3, model="gpt-5"),
            bucket(5, provider="anthropic", model="claude-haiku-4-5"),
        ]
    )
    by_name = {one.name: one for one in found}
    assert [day.calls for day in by_name["gpt-5-mini"].days] == [10.0, 0.0, 10.0, 0.0]
    assert [day.date for day in by_name["gpt-5"].days] == ["2026-06-02", "2026-06-03", "2026-06-04"]
    assert by_name["claude-haiku-4-5"].said().history_days == 1
    assert found[0].name == "gpt-5"


def test_that_a_day_listed_without_usage_was_observed() -> None:
    empty = UsageBucket(
        at="2026-06-02T00:00:00+00:00", span_seconds=DAY_SECONDS, provider="openai", model=""
    )
    one = only(bucket(0), empty, bucket(2))
    assert [day.calls for day in one.days] == [10.0, 0.0, 10.0]
    assert one.said().input == 90.0


def test_that_a_source_that_counts_no_calls_gives_tokens_a_day_and_no_calls() -> None:
    one = only(bucket(0, requests=None), bucket(1))
    said = one.said()
    assert (said.calls_per_day, said.input, said.history_days) == (None, None, 2)
    assert said.reasons[0] == "the source counts no calls"
    assert (one.calls, one.batch_share, series_of(one.days)) == (None, None, None)
    assert "volume.calls_per_day" not in draft(one).values


def test_that_tokens_written_to_a_cache_are_input_that_is_not_cached() -> None:
    assert only(bucket()).said().cache_write is None
    said = only(bucket(cache_write_tokens=300.0, cache_write_1h_tokens=100.0)).said()
    assert said.input == 120.0
    assert (said.cache_write, said.cache_write_1h) == (30.0, 10.0)


def test_that_a_workload_of_usage_keeps_what_was_written_to_a_cache() -> None:
    told = draft(only(bucket(cache_write_tokens=300.0, cache_write_1h_tokens=100.0)))
    assert told.values["tokens.cache_write"] == 30.0
    assert told.values["tokens.cache_write_1h"] == 10.0
    assert {"tokens.cache_write", "tokens.cache_write_1h"} <= told.origins.keys()
    untold = draft(only(bucket()))
    assert not {"tokens.cache_write", "tokens.cache_write_1h"} & untold.values.keys()


@pytest.mark.parametrize(
    ("by", "names"),
    [
        (Grouping.MODEL, {"gpt-5-mini", "gpt-5"}),
        (Grouping.KEY, {"web", "usage without a key"}),
        (Grouping.PROJECT, {"shop"}),
        (Grouping.TAG, {"night batch", "usage without a tag"}),
        (Grouping.HOURS, {WORKING, REST, "usage without hours"}),
    ],
)
def test_that_usage_is_told_apart_by_what_is_asked(by: Grouping, names: set[str]) -> None:
    buckets = [
        bucket(0, 9, project="shop", key_name="web"),
        bucket(0, 22, project="shop", model="gpt-5", tag="night batch"),
        bucket(1, 0, project="shop", span_seconds=DAY_SECONDS),
    ]
    assert {one.name for one in propose(buckets, by=by)} == names


def test_that_hours_are_local_and_days_are_those_of_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    (one,) = propose([bucket(0, 23)], local=lambda moment: moment.astimezone(tokyo))
    assert one.days[0].date == "2026-06-01"
    assert one.hourly_calls[8] == 10.0
    (early,) = propose(
        [bucket(0, 23)], by=Grouping.HOURS, local=lambda moment: moment.astimezone(tokyo)
    )
    assert early.name == WORKING


def test_that_hourly_calls_are_means_of_observed_working_days() -> None:
    one = only(bucket(0, 9), bucket(1, 9), bucket(1, 14, requests=6.0), bucket(5, 9))
    assert one.hourly_calls[9] == 10.0
    assert one.hourly_calls[14] == 3.0
    assert sum(one.hourly_calls) == 13.0
    assert only(bucket(0, 0, span_seconds=DAY_SECONDS)).hourly_calls == ()
    assert only(bucket(5)).hourly_calls == ()


def test_that_growth_compares_the_last_four_weeks_with_the_four_before() -> None:
    steady = [bucket(day) for day in range(56)]
    assert only(*steady).growth_per_month == pytest.approx(0.0)
    grown = steady[:28] + [bucket(day, input_tokens=2100.0) for day in range(28, 56)]
    assert only(*grown).growth_per_month == pytest.approx(2 ** (30 / 28) - 1)
    assert only(*steady[:40]).growth_per_month is None
    idle = [
        bucket(day, requests=0.0, input_tokens=0.0, cached_input_tokens=0.0, output_tokens=0.0)
        for day in range(28)
    ]
    assert only(*idle, *steady[28:]).growth_per_month is None


def test_that_bursts_tell_no_growth() -> None:
    nothing = {"requests": 0.0, "input_tokens": 0.0, "cached_input_tokens": 0.0}
    fallen = [
        bucket(day) if day in {3, 4, 17, 38} else bucket(day, output_tokens=0.0, **nothing)
        for day in range(56)
    ]
    assert only(*fallen).growth_per_month is None


def test_that_a_batch_share_is_one_of_the_calls() -> None:
    one = only(bucket(batch=True, requests=3.0), bucket(1, batch=False, requests=9.0))
    assert one.batch_share == 0.25
    assert only(bucket()).batch_share is None


def test_that_a_local_tag_is_local_or_unknown_and_never_a_cloud() -> None:
    unknown = only(bucket(provider="", model="qwen3-coder:30b"))
    assert unknown.served is Served.UNKNOWN
    said = draft(unknown).values
    assert "today.provider" not in said
    assert said["candidates.local"] == ("qwen3-coder:30b",)
    for name in ("local", "ollama", "Ollama"):
        assert only(bucket(provider=name, model="qwen3:8b")).served is Served.LOCAL
    assert bucket(provider="ollama").is_local
    nameless = draft(only(bucket(provider="", model="gpt-5")))
    assert "candidates.local" not in nameless.values
    assert only(bucket()).served is Served.CLOUD


def test_that_a_proposal_becomes_a_workload_that_can_be_read() -> None:
    one = only(*(bucket(day, longest_tokens=4000.5, batch=day % 2 == 0) for day in range(60)))
    workload = parse(to_text(draft(one)))
    assert workload.name == "gpt-5-mini"
    assert (workload.volume.calls_per_day, workload.volume.history_days) == (10.0, 60)
    assert workload.volume.predictability is Predictability.PREDICTABLE
    assert workload.volume.hourly_calls[9] == 10.0
    assert (workload.tokens.input, workload.tokens.cached_input) == (90.0, 10.0)
    assert (workload.tokens.output, workload.tokens.context_p99) == (20.0, 4001)
    assert (workload.today.provider, workload.today.model) == ("openai", "gpt-5-mini")
    assert workload.today.batch_share == 0.5


def test_that_a_kept_workload_keeps_what_usage_does_not_tell() -> None:
    text = """schema = 1
[workload]
name = "mine"
task = "summary"
[volume]
series = "usage.csv"
[privacy]
class = "nda"
[tokens]
input = 5
context_p99 = 9000
"""
    fresh = updated(draft_of(parse(text)), only(bucket()))
    workload = parse(to_text(fresh))
    assert (workload.name, workload.task, workload.tokens.input) == ("mine", Task.SUMMARY, 90.0)
    assert workload.tokens.context_p99 == 9000
    assert str(workload.privacy.privacy_class) == "nda"
    assert workload.volume.series == ""
    assert isinstance(fresh, Draft)


def test_that_days_survive_the_way_through_a_file_of_a_series() -> None:
    series = series_of(only(bucket(0), bucket(1, cached_input_tokens=None), bucket(4)).days)
    assert series is not None
    assert usage_series.parse(series_csv(series)) == series


def test_that_proposals_are_renamed_merged_and_split() -> None:
    mini, five = propose(
        [bucket(0), bucket(1), bucket(1, model="gpt-5", requests=4.0, input_tokens=60.0)]
    )
    both = merged([five, mini], name="  chat\nbot ")
    assert (both.name, both.main.model) == ("chat bot", "gpt-5-mini")
    assert [day.calls for day in both.days] == [10.0, 14.0]
    assert both.calls == 24.0
    assert merged([mini, five]).name == "gpt-5-mini"
    assert [one.name for one in split(both)] == [
        "chat bot gpt-5-mini openai",
        "chat bot gpt-5 openai",
    ]
    assert split(mini) == (mini,)
    assert renamed(mini, "x").name == "x"
    assert renamed(mini, " \n").name == "gpt-5-mini"
    mixed = merged([mini, only(bucket(2, provider="", requests=None))])
    assert mixed.calls is None
    assert mixed.hourly_calls == ()


def test_that_names_are_free_short_and_printable() -> None:
    assert free_name("a", ["a", "a 2"]) == "a 3"
    assert free_name("", []) == "usage"
    assert len(free_name("x" * 200, ["x" * MOST_NAME])) <= MOST_NAME
    assert free_name("a\x00b\u202ec", []) == "a b c"


@pytest.mark.parametrize(
    ("value", "models", "task"),
    [
        ("", ["text-embedding-3-small"], Task.EMBEDDING),
        ("", ["text-embedding-3-small", "gpt-5"], Task.CHAT),
        ("Claude Code", ["claude-opus-4-5"], Task.CODE),
        ("", ["qwen3-coder:30b"], Task.CODE),
        ("decoded", ["gpt-5"], Task.CHAT),
        ("", [], Task.CHAT),
    ],
)
def test_that_a_task_is_guessed_by_names(value: str, models: list[str], task: Task) -> None:
    assert guessed_task(value, models) is task


def test_that_the_days_of_a_workload_are_those_of_its_buckets() -> None:
    buckets = [bucket(0, workload="w"), bucket(1), bucket(2, workload="w", requests=3.0)]
    assert [day.calls for day in days_of(buckets, "w")] == [10.0, 0.0, 3.0]
    assert days_of(buckets, "other") == ()


def test_that_totals_hold_what_is_told_and_nothing_else() -> None:
    whole = totals([bucket(billed_usd=2.0, recomputed_usd=1.5, unpriced_rows=1), bucket()])
    assert (whole.calls, whole.billed_usd, whole.difference_usd) == (20.0, 2.0, 0.5)
    assert (whole.cache_write_tokens, whole.rows, whole.unpriced_rows) == (None, 2, 1)
    assert totals([]).difference_usd is None
    assert bucket().tokens == 1200.0
    assert bucket(input_tokens=None, cached_input_tokens=None, output_tokens=None).tokens is None


def test_that_a_proposal_sums_what_was_paid() -> None:
    one = only(bucket(billed_usd=1.0, recomputed_usd=2.0), bucket(1, billed_usd=0.5))
    assert (one.billed_usd, one.recomputed_usd, one.tokens) == (1.5, 2.0, 2400.0)
    assert only(bucket()).billed_usd is None
    assert only(bucket()).served is Served.CLOUD


def test_that_an_embedding_tells_no_cached_tokens_and_every_value_names_the_usage() -> None:
    made = draft(
        only(bucket(0, model="text-embedding-3-small", cached_input_tokens=7.0)),
    )
    assert "tokens.cached_input" not in made.values
    assert {one.source for one in made.origins.values()} == {"imported usage of 2026-06-01"}
    assert parse(to_text(made)).task is Task.EMBEDDING


def test_that_a_count_that_one_span_does_not_tell_is_not_told_of_the_whole() -> None:
    sums = _Sums()
    assert sums.values == [0.0, 0.0, None, 0.0]
    sums.add((2.0, 10.0, None, 5.0))
    sums.add((3.0, 20.0, 7.0, None))
    sums.add((1.0, 1.0, 2.0, 1.0))
    assert sums.values == [6.0, 31.0, 9.0, None]


def test_that_the_largest_group_comes_first_by_tokens_then_by_calls_then_by_name() -> None:
    told = {
        "few": {"input_tokens": 10.0, "requests": 90.0},
        "many": {"input_tokens": 50.0, "requests": 1.0},
        "busy": {"input_tokens": 10.0, "requests": 95.0},
        "also": {"input_tokens": 10.0, "requests": 90.0},
    }
    plain = {"cached_input_tokens": None, "output_tokens": None}
    buckets = [bucket(model=name, **plain, **values) for name, values in told.items()]
    found = propose(buckets, by=Grouping.MODEL)
    assert [one.parts[0].value for one in found] == ["many", "busy", "also", "few"]


def test_that_a_day_that_was_listed_without_use_is_a_day_of_the_log_and_nobodys() -> None:
    empty = bucket(1, model="", requests=None, input_tokens=None, cached_input_tokens=None,
                   output_tokens=None)  # fmt: skip
    nameless = bucket(2, model="")
    found = propose([bucket(0), empty, nameless], by=Grouping.MODEL)
    assert sorted(one.parts[0].value for one in found) == ["", "gpt-5-mini"]
    assert [len(one.days) for one in found] == [1, 3]  # each from its first day on
