"""Usage of files and interfaces into the history: each row once, all or nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from landfall.core.errors import BadInput, DiskFull, Unavailable
from landfall.core.settings import Settings
from landfall.core.usage.proposal import Grouping
from landfall.core.usage.rows import CostRow, Problem, Read, UsageRow
from landfall.services import usage_files
from landfall.services.history.history import History
from landfall.services.pricing.prices import Prices
from landfall.services.usage import importing as usage_import
from landfall.services.usage import imports
from landfall.services.usage import kept as usage_kept
from landfall.services.usage import reading as usage_reading
from landfall.services.usage import staging as usage_staging
from landfall.services.usage.importing import import_usage
from landfall.services.usage.imports import FileSource, Progress, ReadSource, UsageImport
from landfall.services.usage.workloads import keep_workloads
from landfall.services.usage_files.mapping import ColumnMapping

HEADER = "date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost"
ROW = UsageRow(
    at="2026-06-01T09:30:00+00:00",
    provider="openai",
    model="gpt-5-mini",
    input_tokens=1000.0,
    output_tokens=100.0,
)


@pytest.fixture
async def history(tmp_path: Path) -> AsyncIterator[History]:
    opened = History(tmp_path / "history.db")
    await opened.open()
    yield opened
    await opened.close()


def csv_file(path: Path, *rows: str) -> FileSource:
    path.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return FileSource(path=path)


def reads(*rows: Read, name: str = "openai") -> ReadSource:
    async def each() -> AsyncIterator[Read]:
        for row in rows:
            yield row

    return ReadSource(name=name, format="a test", reads=each())


async def imported(history: History, *sources: imports.Source, keep: bool = False) -> UsageImport:
    return await import_usage(history, sources, prices=Prices(Settings()), keep=keep)


def days(first: int, last: int) -> Iterable[str]:
    return (
        f"2026-06-{day:02d},openai,gpt-5-mini,10,1000,200,300,0.5" for day in range(first, last + 1)
    )


async def test_that_a_dry_run_keeps_nothing_and_the_same_file_twice_changes_nothing(
    history: History, tmp_path: Path
) -> None:
    source = csv_file(tmp_path / "a.csv", *days(1, 5))
    looked = await imported(history, source)
    assert (looked.files[0].rows, looked.files[0].kept, looked.saved) == (5, 5, False)
    assert (looked.first_day, looked.last_day) == ("2026-06-01", "2026-06-05")
    assert (looked.totals.calls, looked.totals.billed_usd) == (50.0, 2.5)
    assert await history.usage.imports() == ()

    kept = await imported(history, source, keep=True)
    assert kept.totals == looked.totals
    buckets = await history.usage.buckets()
    assert len(buckets) == 5
    again = await imported(history, source, keep=True)
    assert (again.files[0].kept, again.files[0].skipped) == (0, 5)
    assert (again.totals.calls, again.first_day, again.proposals[Grouping.MODEL]) == (
        None,
        None,
        (),
    )
    assert await history.usage.buckets() == buckets
    (only,) = await history.usage.imports()
    assert (only.rows, only.kept, only.billed_usd, only.input_tokens) == (5, 5, 2.5, 6000.0)
    assert only.recomputed_usd == pytest.approx(looked.totals.recomputed_usd)


async def test_that_an_overlapping_file_keeps_its_new_rows(
    history: History, tmp_path: Path
) -> None:
    await imported(history, csv_file(tmp_path / "a.csv", *days(1, 5)), keep=True)
    more = await imported(history, csv_file(tmp_path / "b.csv", *days(4, 8)), keep=True)
    assert (more.files[0].kept, more.files[0].skipped) == (3, 2)
    assert more.first_day == "2026-06-06"
    assert len(await history.usage.buckets()) == 8
    (proposal,) = more.proposals[Grouping.MODEL]
    assert proposal.said().history_days == 8


OPENAI = (
    "start_time,end_time,project_id,num_model_requests,model,input_tokens,output_tokens,"
    "input_cached_tokens"
)
JUNE = 1_780_272_000
"""2026-06-01, UTC."""


def openai_file(path: Path, *calls: int | None) -> FileSource:
    """A row a day from June 1 on; None is a day that is left out, 0 one with empty cells."""
    lines = [OPENAI]
    for day, count in enumerate(calls):
        begin = JUNE + 86_400 * day
        if count:
            lines.append(f"{begin},{begin + 86_400},p,{count}.0,gpt-5,{count * 9}.0,{count}.0,0.0")
        elif count == 0:
            lines.append(f"{begin},{begin + 86_400},,,,,,")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return FileSource(path=path)


@pytest.mark.parametrize(
    ("calls", "observed"),
    [
        ([70, 0, 0, 0, 0, 0, 70, 0, 0, 0], 10),  # listed, also behind the last with work
        ([70, None, None, None, None, None, 70], 7),
        ([0, 0, 0, 70, 70], 2),  # from its first day on
    ],
)
async def test_that_a_day_without_a_row_of_the_provider_itself_is_one_without_work(
    history: History, tmp_path: Path, calls: list[int | None], observed: int
) -> None:
    source = openai_file(tmp_path / "a.csv", *calls)
    looked = await imported(history, source)
    found = await imported(history, source, keep=True)
    (file,) = found.files
    assert (file.rows, file.kept, file.skipped) == (2, 2, 0)
    (proposal,) = found.proposals[Grouping.MODEL]
    said = proposal.said()
    assert (said.history_days, said.missing_days) == (observed, 0)
    assert said.calls_per_day == pytest.approx(140 / observed)
    assert looked.proposals == found.proposals
    (kept,) = await history.usage.proposals(Grouping.MODEL)
    assert kept == proposal
    await keep_workloads(history, [proposal])
    (summary,) = (await history.assigned_usage(datetime.astimezone)).values()
    assert (summary.history_days, summary.calls_per_day) == (observed, said.calls_per_day)
    again = await imported(history, source, keep=True)
    assert (again.files[0].kept, len(await history.usage.imports())) == (0, 1)
    assert await history.usage.take_back(1) is not None
    assert await history.usage.buckets() == ()


async def test_that_a_month_between_two_exports_has_no_log(
    history: History, tmp_path: Path
) -> None:
    one = openai_file(tmp_path / "a.csv", 50, None, 50)
    other = openai_file(tmp_path / "b.csv", *[None] * 30, 50, None, 50)
    found = await imported(history, one, other)
    said = found.proposals[Grouping.MODEL][0].said()
    assert (said.history_days, said.missing_days) == (6, 27)
    assert said.calls_per_day == pytest.approx(200 / 6)


async def test_that_a_provider_that_was_asked_up_to_a_day_tells_all_days_to_it(
    history: History,
) -> None:
    asked = replace(reads(ROW), last_day="2026-06-10")
    found = await imported(history, asked)
    assert found.proposals[Grouping.MODEL][0].said().history_days == 10


async def test_that_days_without_a_row_of_what_stands_between_have_no_log(
    history: History, tmp_path: Path
) -> None:
    found = await imported(history, csv_file(tmp_path / "a.csv", *days(1, 1), *days(7, 7)))
    said = found.proposals[Grouping.MODEL][0].said()
    assert (said.history_days, said.missing_days) == (2, 5)


async def test_that_two_equal_rows_of_one_file_are_two_and_of_two_files_one(
    history: History, tmp_path: Path
) -> None:
    one = csv_file(tmp_path / "a.csv", *days(1, 1), *days(1, 1), *days(2, 2))
    other = csv_file(tmp_path / "b.csv", *days(1, 1), *days(1, 1), *days(1, 1))
    both = await imported(history, one, other, keep=True)
    assert [(file.kept, file.skipped) for file in both.files] == [(3, 0), (1, 2)]
    assert both.totals.calls == 40.0
    again = await imported(history, other, one)
    assert [file.kept for file in again.files] == [0, 0]


async def test_that_a_row_with_a_name_is_one_row_wherever_it_stands(history: History) -> None:
    named = ROW._replace(identity="req-1")
    found = await imported(history, reads(named, named, ROW), reads(named), keep=True)
    assert [(file.kept, file.skipped) for file in found.files] == [(2, 1), (0, 1)]
    assert (await imported(history, reads(named))).files[0].kept == 0


async def test_that_million_row_files_are_told_apart_on_disk_as_in_memory(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_staging, "MOST_ROWS", 10)
    monkeypatch.setattr(usage_staging, "MOST_REPEATS", 2)
    monkeypatch.setattr(usage_import, "CHUNK_ROWS", 7)
    monkeypatch.setattr(usage_reading, "MOST_BUCKETS", 3)
    rows = [
        ROW._replace(at=f"2026-06-01T{at % 24:02d}:00:00+00:00", output_tokens=float(at // 2))
        for at in range(60)
    ]
    repeated = [*rows, *rows[:20], *rows[:20]]
    found = await imported(history, reads(*repeated), reads(*rows, *rows, *rows, *rows), keep=True)
    assert [(file.kept, file.skipped) for file in found.files] == [(100, 0), (140, 100)]
    assert sum(one.rows for one in await history.usage.buckets()) == 240
    again = await imported(history, reads(*rows, *rows, *rows, *rows))
    assert again.files[0].kept == 0
    one = await history.usage.buckets(import_id=1)
    assert len({(b.at, b.model) for b in one}) == len(one) == 24


async def test_that_each_row_costs_what_its_day_and_its_length_cost(history: History) -> None:
    long = ROW._replace(model="gemini-2.5-pro", provider="google", input_tokens=250_000.0)
    short = long._replace(input_tokens=150_000.0)
    found = await imported(history, reads(long, short, short))
    # Above 200,000 tokens a call: 2.50 and 15 USD a million; below 1.25 and 10.
    expected = 0.25 * 2.5 + 100 * 15 / 1e6 + 2 * (0.15 * 1.25 + 100 * 10 / 1e6)
    assert found.totals.recomputed_usd == pytest.approx(expected)


async def test_that_a_sum_of_calls_has_the_tier_of_one_of_them(history: History) -> None:
    # Claude Sonnet 4.5: 3 and 15 USD a million up to 200,000 tokens a call, 6 and 22.50 above.
    month = ROW._replace(
        span_seconds=86400,
        provider="anthropic",
        model="claude-sonnet-4-5",
        requests=100.0,
        input_tokens=1_000_000.0,
        output_tokens=100_000.0,
    )
    found = await imported(history, reads(month))
    assert found.totals.recomputed_usd == pytest.approx(4.5)


async def test_that_a_full_disk_for_temporary_files_is_said(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(usage_staging.Staging, "add", full)
    with pytest.raises(DiskFull, match="no room"):
        await imported(history, reads(ROW), keep=True)
    assert await history.usage.is_empty()


async def test_that_reading_stops_soon_where_no_row_comes(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.csv"
    path.write_text(f"{HEADER}\n" + "\n".join(days(1, 2)) + "\n", "utf-8")
    began = asyncio.Event()
    loop = asyncio.get_running_loop()
    blocks = 0
    checked = usage_reading.Reading.check

    def check(self: usage_reading.Reading, read: int) -> None:
        nonlocal blocks
        blocks += 1
        loop.call_soon_threadsafe(began.set)
        checked(self, read)

    def endless(self: object) -> Iterable[Read]:
        while True:
            reading[0].check(0)
            yield Problem(line=1, column="", reason="nothing here")

    reading: list[usage_reading.Reading] = []
    begin = usage_reading.Reading.begin

    def beginning(self: usage_reading.Reading, source: int) -> None:
        reading.append(self)
        begin(self, source)

    monkeypatch.setattr(usage_reading.Reading, "begin", beginning)
    monkeypatch.setattr(usage_reading.Reading, "check", check)
    monkeypatch.setattr(usage_files.UsageFile, "__iter__", endless)
    task = asyncio.ensure_future(imported(history, FileSource(path=path), keep=True))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert blocks > 0


async def test_that_cache_writes_for_an_hour_are_counted_once(history: History) -> None:
    row = ROW._replace(
        provider="anthropic",
        model="claude-opus-4-5",
        input_tokens=2000.0,
        cache_write_tokens=10_000.0,
        cache_write_1h_tokens=10_000.0,
        output_tokens=1000.0,
    )
    found = await imported(history, reads(row))
    assert found.totals.recomputed_usd == pytest.approx(0.135)
    assert found.totals.cache_write_tokens == 10_000.0


@pytest.mark.parametrize("provider", ["", "local", "ollama"])
async def test_that_a_local_tag_has_no_cloud_price(history: History, provider: str) -> None:
    row = ROW._replace(provider=provider, model="qwen3-coder:30b")
    found = await imported(history, reads(row, row._replace(provider=provider, model="gpt-5")))
    assert found.totals.recomputed_usd is None
    assert found.totals.unpriced_rows == 2
    assert "No price is known for 2 rows" in found.reasons[0]


async def test_that_a_price_that_changes_inside_the_hour_is_that_of_the_row(
    history: History,
) -> None:
    row = ROW._replace(provider="deepseek", model="deepseek-chat")
    moments = [f"2025-06-01T{moment}:00+00:00" for moment in ("16:10", "16:50")]
    alone = [
        (await imported(history, reads(row._replace(at=at)))).totals.recomputed_usd
        for at in moments
    ]
    both = await imported(history, reads(*(row._replace(at=at) for at in moments)))
    assert alone[0] != alone[1]
    assert both.totals.recomputed_usd == pytest.approx(sum(usd or 0.0 for usd in alone))


async def test_that_cost_rows_add_to_the_bill_and_never_to_tokens(history: History) -> None:
    cost = CostRow(at="2026-06-01T00:00:00+00:00", provider="openai", billed_usd=2.0)
    found = await imported(history, reads(ROW, cost, cost), keep=True)
    assert (found.totals.billed_usd, found.totals.input_tokens) == (4.0, 1000.0)
    assert len(await history.usage.costs(since="2026-06-01", until="2026-06-02")) == 2
    assert await history.usage.costs(since="2026-06-02") == ()
    (kept,) = await history.usage.imports()
    assert (kept.source, kept.billed_usd) == ("provider", 4.0)


async def test_that_problems_are_kept_with_line_and_column(
    history: History, tmp_path: Path
) -> None:
    source = csv_file(tmp_path / "a.csv", *days(1, 2), "2026-06-03,openai,gpt-5,many,1,1,1,1")
    found = await imported(history, source, keep=True)
    (problem,) = found.files[0].problems
    assert (problem.line, problem.column, found.files[0].problem_count) == (4, "requests", 1)
    assert found.files[0].kept == 2
    (kept,) = await history.usage.imports()
    assert kept.problems == (problem,)


async def test_that_of_a_million_problems_the_first_are_told(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_reading, "MOST_PROBLEMS", 3)
    wrong = [Problem(line=at, column="", reason="broken") for at in range(10)]
    found = await imported(history, reads(*wrong, ROW))
    assert [problem.line for problem in found.files[0].problems] == [0, 1, 2]
    assert (found.files[0].problem_count, found.files[0].rows) == (10, 1)
    nothing = await imported(history, reads(*wrong))
    assert (nothing.files[0].rows, nothing.files[0].problem_count) == (0, 10)


async def test_that_rows_between_many_problems_are_all_found(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_import, "CHUNK_ROWS", 2)
    monkeypatch.setattr(usage_reading, "MOST_PROBLEMS", 6)
    broken = ["2026-06-01,openai,gpt-5-mini,1,many,0,1,0"] * 5
    rows = list(days(1, 5))
    source = csv_file(tmp_path / "a.csv", *broken, rows[0], *broken, *rows[1:], *broken)
    (file,) = (await imported(history, source, keep=True)).files
    assert (file.rows, file.kept, file.problem_count) == (5, 5, 15)
    assert [one.line for one in file.problems] == [2, 3, 4, 5, 6, 8]
    assert len(await history.usage.buckets()) == 5


async def test_that_rows_are_known_again_however_many_are_kept_at_once(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_kept, "SEEN_AT_ONCE", 3)
    monkeypatch.setattr(usage_import, "CHUNK_ROWS", 5)
    charge = CostRow(at="2026-06-01T00:00:00+00:00", provider="openai", billed_usd=1.0)
    first = csv_file(tmp_path / "a.csv", *days(1, 11))
    found = await imported(history, first, reads(ROW, charge, ROW), keep=True)
    assert [one.kept for one in found.files] == [11, 3]
    second = csv_file(tmp_path / "b.csv", *days(2, 14))
    later = charge._replace(at="2026-06-02T00:00:00+00:00")
    found = await imported(history, second, reads(ROW, charge, later, ROW, ROW), keep=True)
    assert [(one.kept, one.skipped) for one in found.files] == [(3, 10), (2, 3)]


async def test_that_of_two_imports_at_once_the_second_keeps_nothing_twice(
    tmp_path: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window and a command import one file: neither sees what the other has not kept yet."""
    source = csv_file(tmp_path / "a.csv", *days(1, 3))
    other = History(tmp_path / "history.db")
    await other.open()
    keep = usage_import._Call.keep

    async def late(self: usage_import._Call, *what: Any) -> None:
        monkeypatch.setattr(usage_import._Call, "keep", keep)
        await imported(other, source, keep=True)
        await keep(self, *what)

    monkeypatch.setattr(usage_import._Call, "keep", late)
    with pytest.raises(Unavailable, match="nothing was saved") as refused:
        await imported(history, source, keep=True)
    assert "Import again" in refused.value.hint
    await other.close()
    assert [one.kept for one in await history.usage.imports()] == [3]
    assert len(await history.usage.buckets()) == 3
    again = await imported(history, source, keep=True)
    assert (again.files[0].kept, again.files[0].skipped) == (0, 3)


async def test_that_an_import_is_taken_back_whole(history: History, tmp_path: Path) -> None:
    first = csv_file(tmp_path / "a.csv", *days(1, 3))
    await imported(history, first, keep=True)
    await imported(history, csv_file(tmp_path / "b.csv", *days(4, 5)), keep=True)
    newest, oldest = await history.usage.imports()
    assert (oldest.name, oldest.kept) == (str(first.path), 3)
    assert await history.usage.delete(oldest.id)
    assert not await history.usage.delete(oldest.id)
    assert len(await history.usage.buckets()) == 2
    assert await history.usage.imports() == (newest,)
    back = await imported(history, first)
    assert back.files[0].kept == 3


async def test_that_a_cancelled_import_keeps_nothing(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_import, "CHUNK_ROWS", 100)
    reached = asyncio.Event()

    async def endless() -> AsyncIterator[Read]:
        at = 0
        while True:
            at += 1
            if at == 1000:
                reached.set()
            yield ROW._replace(output_tokens=float(at))

    told: list[Progress] = []
    task = asyncio.ensure_future(
        import_usage(
            history,
            [ReadSource(name="x", format="y", reads=endless())],
            prices=Prices(Settings()),
            keep=True,
            on_progress=told.append,
        )
    )
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told
    assert told[0].rows == 100
    assert await history.usage.is_empty()


async def test_that_an_import_that_is_cancelled_while_it_is_kept_is_not_kept(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_import, "CHUNK_ROWS", 1)
    rows = [ROW._replace(output_tokens=float(at)) for at in range(50)]
    asked: list[asyncio.Task[UsageImport]] = []
    loop = asyncio.get_running_loop()
    real = usage_staging.Staging.fingerprints

    def fingerprints(self: usage_staging.Staging, source: int) -> Iterable[int]:
        loop.call_soon_threadsafe(asked[0].cancel)
        for number in real(self, source):
            while not call_stopped():
                pass
            yield number

    reading: list[usage_reading.Reading] = []
    began = usage_reading.Reading.begin

    def begin(self: usage_reading.Reading, source: int) -> None:
        reading.append(self)
        began(self, source)

    def call_stopped() -> bool:
        return reading[0]._stop.is_set()

    monkeypatch.setattr(usage_reading.Reading, "begin", begin)
    monkeypatch.setattr(usage_staging.Staging, "fingerprints", fingerprints)
    asked.append(asyncio.ensure_future(imported(history, reads(*rows), keep=True)))
    with pytest.raises(asyncio.CancelledError):
        await asked[0]
    assert await history.usage.is_empty()
    assert await history.usage.imports() == ()


async def test_that_a_full_disk_keeps_nothing_and_says_so(history: History, tmp_path: Path) -> None:
    source = csv_file(
        tmp_path / "a.csv", *(f"2026-06-01,openai,m{at},1,1,1,1,1" for at in range(3000))
    )
    await history.transact(lambda c: c.execute(f"PRAGMA max_page_count = {pages(c) + 4}"))
    with pytest.raises(DiskFull):
        await imported(history, source, keep=True)
    assert await history.usage.imports() == ()
    assert await history.usage.is_empty()


def pages(connection: sqlite3.Connection) -> int:
    count: int = connection.execute("PRAGMA page_count").fetchone()[0]
    return count


async def test_that_a_source_that_cannot_be_read_keeps_none_of_the_others(
    history: History, tmp_path: Path
) -> None:
    good = csv_file(tmp_path / "a.csv", *days(1, 3))
    strange = tmp_path / "b.csv"
    strange.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(BadInput):
        await imported(history, good, FileSource(path=strange), keep=True)
    with pytest.raises((BadInput, Unavailable)):
        await imported(history, good, FileSource(path=tmp_path / "none.csv"), keep=True)
    assert await history.usage.is_empty()


async def test_that_what_columns_mean_is_remembered_when_it_is_kept(
    history: History, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("wann;welches;viel\n03.06.2026;gpt-5-mini;1,5\n", "utf-8")
    mapping = ColumnMapping(
        columns={"time": "wann", "model": "welches", "cost_usd": "viel"}, provider="openai"
    )
    source = FileSource(path=path, mapping=mapping)
    assert (await imported(history, source)).totals.billed_usd == 1.5
    with pytest.raises(BadInput):
        await imported(history, FileSource(path=path))
    await imported(history, source, keep=True)
    path.write_text("wann;welches;viel\n04.06.2026;gpt-5-mini;2,5\n", "utf-8")
    found = await imported(history, FileSource(path=path))
    assert (found.totals.billed_usd, found.first_day) == (2.5, "2026-06-04")


async def test_that_usage_is_assigned_to_the_workload_that_is_made_of_it(
    history: History, tmp_path: Path
) -> None:
    source = csv_file(tmp_path / "a.csv", *days(1, 3), "2026-06-02,openai,gpt-5,4,400,0,40,0.1")
    found = await imported(history, source, keep=True)
    mini, five = found.proposals[Grouping.MODEL]
    assert await keep_workloads(history, [mini, five]) == ("gpt-5-mini", "gpt-5")
    assert [one.name for one in await history.workloads()] == ["gpt-5-mini", "gpt-5"]
    assert [day.calls for day in await history.usage.days("gpt-5")] == [4.0, 0.0]
    assert {one.model for one in await history.usage.buckets(workload="gpt-5")} == {"gpt-5"}
    assert await history.usage.assign(replace(mini, grouped_by=Grouping.HOURS)) == 0
    (all_mini, _) = await history.usage.proposals(Grouping.MODEL)
    assert all_mini.said() == mini.said()


async def test_that_of_workloads_that_are_wanted_together_the_impossible_one_is_named(
    history: History, tmp_path: Path
) -> None:
    source = csv_file(tmp_path / "a.csv", *days(1, 3), "2026-06-02,openai,gpt-5,1,900000000,0,1,1")
    found = await imported(history, source, keep=True)
    with pytest.raises(BadInput, match="gpt-5 cannot be a workload: "):
        await keep_workloads(history, found.proposals[Grouping.MODEL])
    assert await history.workloads() == ()


async def test_that_progress_tells_bytes_of_files(history: History, tmp_path: Path) -> None:
    told: list[Progress] = []
    source = csv_file(tmp_path / "a.csv", *days(1, 9))
    await import_usage(history, [source], prices=Prices(Settings()), on_progress=told.append)
    assert told[-1].rows == 9
    assert told[-1].bytes_read == told[-1].total_bytes == source.path.stat().st_size
