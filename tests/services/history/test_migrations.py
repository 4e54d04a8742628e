"""Every schema that was ever released opens in this version, with all that was in it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from landfall.services.history.history import History
from landfall.services.history.migrations import MIGRATIONS
from landfall.services.history.records import first_line
from tests.fakes.kept_sides import side_by_sides

OLD = Path(__file__).parents[2] / "data"


async def opened(tmp_path: Path, version: int) -> History:
    path = tmp_path / "history.db"
    shutil.copy(OLD / f"history_v{version}.db", path)
    history = History(path)
    await history.open()
    return history


def test_that_each_schema_has_its_old_file() -> None:
    kept = sorted(path.name for path in OLD.glob("history_v*.db"))
    assert kept == [f"history_v{number}.db" for number in range(1, len(MIGRATIONS) + 1)]


async def test_that_the_first_schema_opens_with_everything_in_it(tmp_path: Path) -> None:
    history = await opened(tmp_path, 1)
    assert await history.mark_interrupted() == 2
    cut, done = await history.runs()
    assert (cut.place, cut.state) == ("cloud", "interrupted")
    assert (done.answer, done.decode_tok_s) == ("Because of scattering.", 41.5)
    assert done.conditions == {"context": 8192}
    (sample,) = await history.samples(done.id)
    assert (sample.watts, sample.joules) == (210.0, 12.5)
    (pull,) = await history.unfinished_pulls()
    assert (pull.model, pull.state) == ("qwen3:14b", "interrupted")
    assert [saved.name for saved in await history.workloads()] == ["Triage"]
    (entry,) = await history.egress()
    assert (entry.host, entry.workload) == ("api.openai.com", "Triage")
    await history.close()


async def test_that_runs_of_an_older_schema_get_a_name_of_their_own(tmp_path: Path) -> None:
    history = await opened(tmp_path, 2)
    names = {run.uid for run in await history.runs()}
    assert len(names) == 2
    assert "" not in names
    await history.close()


async def test_that_times_of_older_samples_count_from_the_first_of_their_run(
    tmp_path: Path,
) -> None:
    path = tmp_path / "history.db"
    shutil.copy(OLD / "history_v2.db", path)
    with closing(sqlite3.connect(path)) as old, old:
        (run,) = old.execute("SELECT id FROM runs WHERE state = 'done'").fetchone()
        old.execute("DELETE FROM samples")
        old.executemany(
            "INSERT INTO samples VALUES (?, ?, 'NVML', 'gpu', ?, '', NULL)",
            [(run, 5000.0 + tick / 10, 100.0 + tick) for tick in reversed(range(5))],
        )
    history = History(path)
    await history.open()
    samples = await history.samples(run)
    assert [(s.at, s.watts) for s in samples] == [(tick / 10, 100.0 + tick) for tick in range(5)]
    await history.close()


async def test_that_runs_of_an_older_schema_are_counted_once(tmp_path: Path) -> None:
    history = await opened(tmp_path, 2)
    (total,) = await history.day_totals()
    (done,) = (run for run in await history.runs() if run.state == "done")
    assert (total.runs, total.output_tokens) == (1, done.output_tokens)
    await history.keep_run(done)
    assert await history.day_totals() == (total,)
    assert await history.mark_interrupted() == 2
    assert sum(each.runs for each in await history.day_totals()) == 2
    await history.close()


async def test_that_the_list_of_an_older_schema_shows_first_lines_in_the_same_order(
    tmp_path: Path,
) -> None:
    history = await opened(tmp_path, 2)
    whole, listed = await history.runs(), await history.listed_runs()
    assert [run.id for run in listed] == [run.id for run in whole]
    assert [run.prompt for run in listed] == [first_line(run.prompt) for run in whole]
    await history.close()


async def test_that_the_third_schema_opens_with_everything_in_it(tmp_path: Path) -> None:
    history = await opened(tmp_path, 3)
    cut, done = await history.runs()
    assert (cut.place, cut.state, done.part) == ("cloud", "running", "medium")
    assert (done.gross_joules, done.electricity_currency) == (420.0, "EUR")
    assert [sample.watts for sample in await history.samples(done.id)] == [210.0, None, 212.0]
    assert (await history.rate_curve(done.id))[-1] == (1.25, 41.5)
    (benchmark,) = await history.benchmarks()
    assert (benchmark.id, benchmark.result) == (done.benchmark, {"decode_tok_s": 41.5})
    deleted, kept = await history.day_totals()
    assert (deleted.day, deleted.cost_usd, kept.joules) == ("2026-11-23", 0.02, 420.0)
    assert len(await history.loads()) == len(await history.calibration_points()) == 1
    assert len(await history.egress()) == len(await history.unfinished_pulls()) == 1
    assert await history.has_had_samples()
    await history.close()


async def test_that_the_fourth_schema_opens_with_usage_and_a_vote_in_it(tmp_path: Path) -> None:
    history = await opened(tmp_path, 4)
    (kept,) = await history.usage.imports()
    assert (kept.rows, kept.kept, kept.problem_count) == (3, 3, 1)
    assert kept.problems[0].column == "requests"
    request, day = await history.usage.buckets()
    assert (request.key_name, request.longest_tokens, request.latency_rows) == ("web", 1200.0, 1)
    assert (day.span_seconds, day.batch, day.requests) == (86400, True, 10.0)
    assert request.workload == day.workload == "gpt-5-mini"
    (cost,) = await history.usage.costs()
    assert cost.billed_usd == 0.5
    assert await history.usage.mapping("0" * 64) == "{}"
    assert not await history.usage.is_empty()
    assert len(await history.runs()) == 2
    (record,) = await side_by_sides(history)
    side = await history.side_by_side(record.id)
    assert side is not None
    assert (side.plan.blind, side.record.seed, side.record.state) == (True, 7, "done")
    assert [answer.run is not None for answer in side.answers] == [True, True]
    (vote,) = await history.votes("gpt-5-mini")
    assert (vote.blind, vote.targets, vote.best) == (True, side.plan.targets, (0,))
    assert side.votes == (vote,)
    await history.close()


async def test_that_the_fifth_schema_opens_with_a_quality_run_in_it(tmp_path: Path) -> None:
    history = await opened(tmp_path, 5)
    (record,) = await history.quality.runs("gpt-5-mini")
    assert (record.uid, record.state, record.title) == ("quality-1", "interrupted", "mails.jsonl")
    assert (record.prompts, record.asked, record.answered) == (2, 4, 3)
    assert record.result is not None
    assert record.result["local"]["pairs"]["cloud_only"] == 1
    run = await history.quality.get("quality-1")
    assert run.plan.order == (1, 0)
    assert run.plan.by_place()[1].cluster == "inbox"
    assert run.missing() == ((0, "incumbent"),)
    assert [(one.label.value, one.swapped) for one in run.labels] == [("other", True)]
    assert len(await history.votes("gpt-5-mini")) == 1
    await history.close()


async def test_that_the_sixth_schema_opens_with_a_host_and_an_export_in_it(tmp_path: Path) -> None:
    history = await opened(tmp_path, 6)
    hosts = await history.transact(lambda c: c.execute("SELECT url FROM hosts_seen").fetchall())
    assert [row["url"] for row in hosts] == ["http://192.168.1.20:11434"]
    routes = await history.transact(
        lambda c: c.execute(
            "SELECT alias, local_share FROM routing_aliases JOIN routing_exports ON id = export"
        ).fetchall()
    )
    assert [tuple(row) for row in routes] == [("gpt-5-mini", 0.7)]
    assert len(await history.quality.runs("gpt-5-mini")) == 1
    await history.close()


def schema(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
        ).fetchall()


async def test_that_an_upgraded_file_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    history = History(tmp_path / "new.db")
    await history.open()
    await history.close()
    assert schema(OLD / f"history_v{len(MIGRATIONS)}.db") == schema(tmp_path / "new.db")
    await (await opened(tmp_path, 1)).close()
    assert schema(tmp_path / "history.db") == schema(tmp_path / "new.db")
    with closing(sqlite3.connect(tmp_path / "history.db")) as upgraded:
        assert upgraded.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert upgraded.execute("PRAGMA foreign_key_check").fetchall() == []
