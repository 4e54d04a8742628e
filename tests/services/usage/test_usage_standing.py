"""What was imported, added up by the day as the window shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from landfall.core.usage.buckets import UsageBucket
from landfall.core.usage.proposal import Grouping
from landfall.core.usage.rows import CostRow
from landfall.core.usage.sums import By, Measure
from landfall.services.history.history import History
from landfall.services.pricing.plans_beside import of_usage
from landfall.services.usage.kept import KeptImport, NewImport
from landfall.services.usage.standing import suggested, told_apart, usage_standing
from landfall.services.usage.workloads import keep_workloads


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    made = History(tmp_path / "history.db")
    await made.open()
    yield made
    await made.close()


def bucket(at: str, **values: Any) -> UsageBucket:
    given: dict[str, Any] = {"provider": "openai", "model": "gpt-4o", "requests": 10.0} | values
    return UsageBucket(at=f"{at}:00:00+00:00", span_seconds=3600, **given)


async def keep(history: History, *buckets: UsageBucket, costs: tuple[CostRow, ...] = ()) -> None:
    record = KeptImport(
        uid=f"u{len(await history.usage.imports())}",
        imported_at="2026-06-01T00:00:00+00:00",
        source="file",
        name="usage.csv",
        format="x",
        rows=len(buckets),
        kept=len(buckets),
        skipped=0,
    )
    new = NewImport(record=record, buckets=buckets, costs=costs, fingerprints=[])
    await history.usage.add([new])


async def test_that_hours_are_added_up_to_days_and_what_is_not_told_stays_so(
    history: History,
) -> None:
    await keep(
        history,
        bucket("2026-05-01T09", input_tokens=5.0, billed_usd=1.0, user="a"),
        bucket("2026-05-01T17", input_tokens=None, billed_usd=0.5, user="b"),
        bucket("2026-05-01T17", key_name="k"),
    )
    first, second = await history.usage.daily()
    assert (first.at, first.span_seconds) == ("2026-05-01T00:00:00+00:00", 86400)
    assert (first.rows, first.requests, first.input_tokens, first.billed_usd) == (2, 20.0, 5.0, 1.5)
    assert (first.output_tokens, first.recomputed_usd) == (None, None)
    assert (second.key_name, second.billed_usd) == ("k", None)


async def test_that_it_stands_with_its_days_and_reasons(history: History) -> None:
    assert (await usage_standing(history)).first_day == ""
    bill = CostRow(at="2026-05-04T00:00:00+00:00", provider="openai", billed_usd=2.0)
    await keep(history, bucket("2026-05-01T09", recomputed_usd=1.0), costs=(bill,))
    standing = await usage_standing(history)
    assert (standing.first_day, standing.last_day) == ("2026-05-01", "2026-05-04")
    assert standing.logged_days == 2
    assert (standing.totals.billed_usd, standing.totals.recomputed_usd) == (2.0, 1.0)
    assert any("name no model" in reason for reason in standing.reasons)
    # Beside them the window writes "$3.00".
    assert not any("USD" in reason for reason in standing.reasons)
    told = await told_apart(standing, By.DAY, Measure.REQUESTS)
    assert [one.name for one in told.sums] == ["2026-05-01", "2026-05-04"]
    assert [one.logged_days for one in told.steps] == [1, 0, 0, 1]


async def test_that_it_counts_days_off_as_its_bars_do(history: History) -> None:
    first = date(2026, 6, 1)
    days = [first + timedelta(days=at) for at in range(19)]
    await keep(history, *(bucket(f"{day}T09") for day in days if day.weekday() < 5))
    standing = await usage_standing(history)
    told = await told_apart(standing, By.DAY, Measure.REQUESTS)
    assert standing.logged_days == sum(one.logged_days for one in told.steps) == 19


async def test_that_what_it_suggests_knows_the_names_that_are_taken(history: History) -> None:
    await keep(history, bucket("2026-05-01T09", input_tokens=100.0, output_tokens=10.0))
    told = await suggested(history, Grouping.MODEL)
    assert told.names == frozenset()
    assert await keep_workloads(history, told.proposals) == ("gpt-4o",)
    assert (await suggested(history, Grouping.MODEL)).names == {"gpt-4o"}


async def test_that_the_mean_call_is_of_days_with_a_log_at_providers(history: History) -> None:
    assert await of_usage(history) is None
    await keep(
        history,
        bucket("2026-05-01T09", input_tokens=100.0, cached_input_tokens=50.0, output_tokens=20.0),
        bucket("2026-05-09T09", input_tokens=300.0, output_tokens=20.0),
        bucket("2026-05-09T09", provider="ollama", input_tokens=9e9),
        bucket("2026-05-09T09", model="uncounted", requests=None, input_tokens=9e9),
    )
    mean = await of_usage(history)
    assert mean is not None
    calls_per_day, shape = mean
    assert calls_per_day == 10.0
    assert (shape.uncached_tokens, shape.cached_tokens, shape.output_tokens) == (20.0, 2.5, 2.0)


async def test_that_what_is_taken_back_can_come_again_and_what_is_gone_is_none(
    history: History,
) -> None:
    bill = CostRow(at="2026-05-04T00:00:00+00:00", provider="openai", billed_usd=2.0)
    await keep(history, bucket("2026-05-01T09", input_tokens=1.0), costs=(bill,))
    (there,) = await history.usage.imports()
    taken = await history.usage.take_back(there.id)
    assert taken is not None
    assert await history.usage.imports() == ()
    assert await history.usage.take_back(there.id) is None
    await history.usage.add([taken])
    (again,) = await history.usage.imports()
    assert (again.uid, again.kept, again.billed_usd) == (there.uid, there.kept, 2.0)
    assert len(await history.usage.buckets()) == 1
    assert await history.usage.costs() == (bill,)
