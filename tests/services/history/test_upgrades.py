"""Everything that an older version kept is there after the upgrade, field by field."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from landfall import __version__
from landfall.core.errors import DatabaseTooNew
from landfall.services.history.database_versions import SCHEMA_BY, Written, peek
from landfall.services.history.history import History
from landfall.services.history.migrations import MIGRATIONS
from landfall.services.history.records import RunRecord, first_line
from landfall.services.history.samples_packed import unpack_samples
from landfall.services.history.whole_export import export_history
from tests.fakes.kept_sides import side_by_sides
from tests.services.old_homes import ALL, FILES, HOMES, Row, Tables, put, schema_of, tables

NEWEST = len(MIGRATIONS)
TEXTS = ("prompt", "answer", "thinking")
MOVED = {"runs", "samples", "facts"}
"""Tables of which an upgrade says the same in another form, or adds a line of its own."""


async def upgraded(path: Path) -> None:
    history = History(path)
    await history.open()
    await history.close()


@pytest.fixture(params=ALL)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Tables]:
    """An old history, and what its own program finds in it."""
    before = tables(put(request.param, tmp_path / "before"))
    return put(request.param, tmp_path / "home"), before


def test_that_there_is_a_home_of_each_schema_and_a_row_of_every_table_of_it(tmp_path: Path) -> None:
    rows: dict[int, Counter[str]] = {}
    for name in ALL:
        path = put(name, tmp_path / name)
        schema = schema_of(path)
        counts = Counter({table: len(kept) for table, kept in tables(path).items()})
        rows.setdefault(schema, Counter()).update(counts)
    assert len(HOMES) >= len(FILES) == NEWEST
    empty = [(schema, name) for schema, some in rows.items() for name in some if not some[name]]
    assert sorted(rows) == list(range(1, NEWEST + 1))
    assert empty == []


async def test_that_every_row_is_there_after_the_upgrade_field_by_field(
    old: tuple[Path, Tables],
) -> None:
    path, before = old
    await upgraded(path)
    after = tables(path)
    assert schema_of(path) == NEWEST
    for name in before.keys() - MOVED:
        assert same_columns(after[name], before[name]) == before[name], name
    assert_same_runs(before, after)
    assert_same_samples(before, after)
    facts = {row["name"]: row["value"] for row in after["facts"]}
    assert facts.items() >= {row["name"]: row["value"] for row in before["facts"]}.items()


def same_columns(rows: list[Row], pattern: list[Row]) -> list[Row]:
    """The rows without the columns that came later."""
    names = pattern[0].keys() if pattern else ()
    return sorted(({name: row[name] for name in names} for row in rows), key=repr)


def assert_same_runs(before: Tables, after: Tables) -> None:
    """Of the first two schemas the texts moved to a table of their own."""
    texts = {row["run"]: row for row in after["run_texts"]}
    new = {row["id"]: row for row in after["runs"]}
    assert new.keys() == texts.keys() == {row["id"] for row in before["runs"]}
    assert len({row["uid"] for row in new.values()} - {""}) == len(new)
    for row in before["runs"]:
        told = new[row["id"]] | {name: texts[row["id"]][name] for name in TEXTS}
        assert {name: told[name] for name in row} == row
        assert new[row["id"]]["title"] == first_line(texts[row["id"]]["prompt"])


def assert_same_samples(before: Tables, after: Tables) -> None:
    """Of the first two schemas: times count from the first sample of a run on, now."""
    for run in {row["run"] for row in before.get("samples", ())}:
        rows = [row for row in before["samples"] if row["run"] == run]
        began = min(row["at_seconds"] for row in rows)
        (chunk,) = (row for row in after["sample_chunks"] if row["run"] == run)
        kept = [
            (round(s.at, 6), s.source, s.scope, s.watts, s.reason, s.joules)
            for s in unpack_samples(chunk["data"])
        ]
        names = ("source", "scope", "watts", "reason", "joules")
        assert sorted(kept, key=repr) == sorted(
            ((round(row["at_seconds"] - began, 6), *(row[name] for name in names)) for row in rows),
            key=repr,
        )


async def read_all(history: History) -> dict[str, Sequence[Any]]:
    """What the program itself reads of each table."""
    sides = [await history.side_by_side(one.id) for one in await side_by_sides(history)]
    quality = [await history.quality.get(one.uid) for one in await history.quality.runs()]
    runs = await history.runs()
    return {
        "runs": runs,
        "sample_chunks": [s for run in runs for s in await history.samples(run.id)],
        "rate_curves": [run for run in runs if await history.rate_curve(run.id)],
        "benchmarks": await history.benchmarks(),
        "loads": await history.loads(),
        "calibration_points": await history.calibration_points(),
        "workloads": await history.workloads(),
        "workload_drafts": await history.workload_drafts(),
        "egress": await history.egress(),
        "votes": await history.votes(),
        "probes": await history.probes(),
        "usage_imports": await history.usage.imports(),
        "usage_buckets": await history.usage.buckets(),
        "usage_costs": await history.usage.costs(),
        "side_by_sides": [side for side in sides if side is not None],
        "side_by_side_answers": [answer for side in sides if side for answer in side.answers],
        "quality_runs": quality,
        "quality_answers": [answer for run in quality for answer in run.answers],
        "quality_labels": [label for run in quality for label in run.labels],
        "quality_prompts": [prompt for run in quality for prompt in run.plan.prompts],
        "hosts_seen": await history.hosts_seen(),
    }


async def test_that_the_program_reads_every_row_of_an_upgraded_history(
    old: tuple[Path, Tables],
) -> None:
    path, before = old
    history = History(path)
    await history.open()
    read = await read_all(history)
    after = tables(path)
    kept = {name: len(after[name]) for name in read}
    kept["sample_chunks"] = sum(len(unpack_samples(row["data"])) for row in after["sample_chunks"])
    assert {name: len(rows) for name, rows in read.items()} == kept
    assert {one.workload for one in await history.last_verdicts()} == {
        row["workload"] for row in before["verdicts"]
    }
    unfinished = [row for row in before["pulls"] if row["state"] != "done"]
    assert len(await history.unfinished_pulls()) == len(unfinished)
    assert sum(total.runs for total in await history.day_totals()) == len(after["counted_runs"])
    aliases = {row["workload"] for row in before.get("routing_aliases", ())}
    assert set(await history.routed_splits()) <= aliases
    for row in before.get("column_mappings", ()):
        assert await history.usage.mapping(row["header"]) == row["mapping"]
    assert_same_records({run.id: run for run in read["runs"]}, before)
    await history.close()


def assert_same_records(runs: dict[int, RunRecord], before: Tables) -> None:
    """Each field that the old table had too."""
    names = {field.name for field in fields(RunRecord)}
    for row in before["runs"]:
        for name in names & row.keys():
            stored = json.loads(row[name]) if name == "conditions" else row[name]
            assert getattr(runs[row["id"]], name) == stored, name


async def test_that_the_file_is_copied_before_and_the_copy_is_the_old_one(
    old: tuple[Path, Tables],
) -> None:
    path, before = old
    schema = schema_of(path)
    await upgraded(path)
    copies = sorted(one.name for one in path.parent.glob("*.bak*"))
    assert copies == ([f"history.v{schema}.bak"] if schema < NEWEST else [])
    for copy in copies:
        assert tables(path.with_name(copy)) == before
        assert schema_of(path.with_name(copy)) == schema


async def test_that_an_upgraded_history_is_exported_whole(
    old: tuple[Path, Tables], tmp_path: Path
) -> None:
    path, before = old
    history = History(path)
    await history.open()
    out = tmp_path / "all.json"
    written = {one.kind: one.rows for one in await export_history(out, history, samples=True)}
    assert written["runs"] == len(before["runs"])
    for name in ("benchmarks", "side_by_sides", "votes", "quality_runs"):
        assert written[name] == len(before.get(name, ()))
    assert len(json.loads(out.read_text(encoding="utf-8"))["runs"]) == len(before["runs"])
    await history.close()


@pytest.mark.parametrize("name", HOMES)
async def test_that_what_a_killed_version_left_in_its_log_is_taken_over(
    name: str, tmp_path: Path
) -> None:
    path = put(name, tmp_path)
    assert path.with_name("history.db-wal").stat().st_size > 0
    without_log = tmp_path / "without"
    without_log.mkdir()
    (without_log / "history.db").write_bytes(path.read_bytes())
    in_file = {row["id"] for row in tables(without_log / "history.db")["runs"]}
    history = History(path)
    await history.open()
    assert await history.mark_interrupted() >= 1
    newest = (await history.runs())[0]
    assert (newest.prompt, newest.state) == ("Once more", "interrupted")
    assert newest.id not in in_file
    await history.close()


# Newer ones


def made_newer(path: Path, program: str = "99.1.0", schema: int = NEWEST + 1) -> bytes:
    """As a later version would leave it; its bytes."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE later (what TEXT)")
        connection.execute("UPDATE facts SET value = ? WHERE name = ?", (program, SCHEMA_BY))
        connection.execute(f"PRAGMA user_version = {schema}")
    return path.read_bytes()


async def test_that_a_new_history_says_which_version_made_it(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    await upgraded(path)
    assert peek(path) == Written(schema=NEWEST, program=__version__)


async def test_that_a_newer_history_names_its_version_and_the_newest_copy_that_can_be_opened(
    tmp_path: Path,
) -> None:
    path = put("history_v3", tmp_path)
    await upgraded(path)
    for stale in (2, NEWEST + 1):
        put("history_v2", tmp_path / "other").rename(tmp_path / f"history.v{stale}.bak")
    (tmp_path / f"history.v{NEWEST}.bak").write_bytes(b"no history")
    before = made_newer(path)
    with pytest.raises(DatabaseTooNew) as caught:
        await History(path).open()
    assert f"by Landfall 99.1.0: it has schema {NEWEST + 1}" in caught.value.message
    assert f"({__version__}) opens schemas up to {NEWEST}" in caught.value.message
    assert caught.value.hint.startswith("Install Landfall 99.1.0 or a newer one, or go back")
    assert "move history.db away and rename history.v3.bak to history.db" in caught.value.hint
    assert caught.value.exit_code == 3
    assert path.read_bytes() == before
    assert not path.with_name("history.db-wal").exists()
    assert not path.with_name("history.db-shm").exists()


@pytest.mark.parametrize("program", ["", "x" * 50, "1.0\nIgnore this"])
async def test_that_a_newer_history_that_names_no_version_is_refused_too(
    tmp_path: Path, program: str
) -> None:
    path = tmp_path / "history.db"
    await upgraded(path)
    made_newer(path, program)
    with pytest.raises(DatabaseTooNew) as caught:
        await History(path).open()
    assert "by a newer version of Landfall: it has" in caught.value.message
    assert caught.value.hint == (
        "Install a newer version of Landfall, or set LANDFALL_HOME to another folder."
    )


async def test_that_a_newer_history_without_facts_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    with pytest.raises(DatabaseTooNew, match="by a newer version"):
        await History(path).open()


async def test_that_the_log_of_a_newer_version_that_was_killed_is_not_written_into_its_file(
    tmp_path: Path,
) -> None:
    held = tmp_path / "held"
    held.mkdir()
    path = held / "history.db"
    await upgraded(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
        connection.commit()
        for name in ("history.db", "history.db-wal", "history.db-shm"):
            (tmp_path / name).write_bytes((held / name).read_bytes())
    killed = tmp_path / "history.db"
    before = {name: (tmp_path / name).read_bytes() for name in ("history.db", "history.db-wal")}
    assert before["history.db-wal"]
    with pytest.raises(DatabaseTooNew):
        await History(killed).open()
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


async def test_that_a_history_that_a_newer_program_upgrades_meanwhile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.db"
    await upgraded(path)
    made_newer(path)
    monkeypatch.setattr("landfall.services.history.database.refuse_newer", lambda *_: None)
    with pytest.raises(DatabaseTooNew, match=f"schema {NEWEST + 1}"):
        await History(path).open()


async def test_that_two_programs_may_upgrade_an_old_history_at_once(tmp_path: Path) -> None:
    path = put("schema-1", tmp_path)
    before = tables(put("schema-1", tmp_path / "before"))
    histories = [History(path) for _ in range(4)]
    refused = await asyncio.gather(*(one.open() for one in histories), return_exceptions=True)
    assert refused == [None] * 4
    for one in histories:
        await one.close()
    assert tables(path.with_name("history.v1.bak")) == before
