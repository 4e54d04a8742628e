"""Runs in the history: figures in one table, texts in another, so that a list costs no text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from landfall.core import json_text
from landfall.core.events import PowerSample
from landfall.services.history import day_totals, samples_kept
from landfall.services.history.records import RunRecord, first_line, new_uid
from landfall.services.history.samples_kept import Point

_TEXTS = ("prompt", "answer", "thinking")
_FIGURES = tuple(f.name for f in fields(RunRecord) if f.name not in ("id", "uid", *_TEXTS))
_COLUMNS = f"id, uid, {', '.join(_FIGURES)}"
_NEWEST_FIRST = "ORDER BY listed_at DESC, id DESC"

_LISTED = f"SELECT {_COLUMNS}, title AS prompt FROM runs"
_WHOLE = f"SELECT {_COLUMNS}, {', '.join(_TEXTS)} FROM runs JOIN run_texts ON run = id"


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeRun:
    """A run with all that is kept of it.

    Attributes:
        listed_at: Its place in the list of runs.
        samples: Times in seconds since the prompt was sent, as those of `rates`.
        step_seconds: How far apart the samples were made when they grew old; 0 as they were read.
        side: Its place in a comparison side by side, or None.
    """

    record: RunRecord
    listed_at: str
    samples: tuple[PowerSample, ...] = ()
    step_seconds: float = 0.0
    rates: tuple[Point, ...] = ()
    side: SidePlace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SidePlace:
    """Where a run stands in a comparison, with the row of that: it goes with its last run.

    Attributes:
        row: The columns of `side_by_sides` by name, without its id.
    """

    row: Mapping[str, Any]
    prompt: int
    target: int


def insert(connection: sqlite3.Connection, run: RunRecord, listed_at: str | None = None) -> int:
    """Store a run; returns its id.

    It stands above all that were begun before it, also when the clock was set back meanwhile:
    its place in the list is its time, or that of the run above where that is later.
    """
    listed_at = (
        listed_at
        or connection.execute(
            "SELECT MAX(?, COALESCE(MAX(listed_at), '')) FROM runs", (in_utc(run.started_at),)
        ).fetchone()[0]
    )
    marks = ", ".join("?" * (len(_FIGURES) + 3))
    cursor = connection.execute(
        f"INSERT INTO runs (uid, listed_at, title, {', '.join(_FIGURES)}) VALUES ({marks})",
        [run.uid or new_uid(), listed_at, _text(first_line(run.prompt)), *_figures(run)],
    )
    number = int(cursor.lastrowid or 0)
    connection.execute("INSERT INTO run_texts VALUES (?, ?, ?, ?)", (number, *_texts(run)))
    day_totals.count(connection, [number])
    return number


def finish(
    connection: sqlite3.Connection,
    run: RunRecord,
    samples: Sequence[PowerSample],
    rates: Sequence[Point],
) -> int:
    """Store how a run ended; returns its id.

    One that was deleted meanwhile stays so, and counts in the totals. One that could not be stored
    when it began (id 0) is found by its name, or stored whole.
    """
    number = run.id or _named(connection, run.uid) or insert(connection, run)
    sets = ", ".join(f"{name} = ?" for name in _FIGURES)
    changed = connection.execute(f"UPDATE runs SET {sets} WHERE id = ?", [*_figures(run), number])
    if changed.rowcount == 0:
        day_totals.count_gone(connection, run)
        return number
    connection.execute(
        "UPDATE run_texts SET prompt = ?, answer = ?, thinking = ? WHERE run = ?",
        (*_texts(run), number),
    )
    samples_kept.add(connection, number, samples)
    samples_kept.join(connection, number)
    if rates:
        samples_kept.set_rates(connection, number, rates)
    day_totals.count(connection, [number])
    return number


def _named(connection: sqlite3.Connection, uid: str) -> int:
    found = connection.execute("SELECT id FROM runs WHERE uid = ?", (uid,)).fetchone()
    return int(found["id"]) if found else 0


def is_there(connection: sqlite3.Connection, run: RunRecord, *, is_named: bool) -> bool:
    """Whether a run is stored: by its name, or else one of that moment, place and wording."""
    if _named(connection, run.uid):
        return True
    alike = (
        "SELECT 1 FROM runs JOIN run_texts ON run = id WHERE started_at = ? AND host = ?"
        " AND model = ? AND prompt = ? AND answer = ?"
    )
    values = (run.started_at, run.host, run.model, _text(run.prompt), _text(run.answer))
    return not is_named and connection.execute(alike, values).fetchone() is not None


def put_back(connection: sqlite3.Connection, run: WholeRun) -> int:
    """Store a run that was taken out, or comes from a file, at its place; returns its new id.

    One that is there already stays as it is.
    """
    if there := _named(connection, run.record.uid):
        return there
    number = insert(connection, run.record, run.listed_at)
    samples_kept.add(connection, number, run.samples)
    samples_kept.set_step(connection, number, run.step_seconds)
    if run.rates:
        samples_kept.set_rates(connection, number, run.rates)
    if run.side is not None:
        _put_into_side(connection, number, run.side)
    return number


def with_texts(connection: sqlite3.Connection, ids: Iterable[int]) -> tuple[RunRecord, ...]:
    """These runs with their texts, in this order; those that are gone are left out."""
    found = (connection.execute(f"{_WHOLE} WHERE id = ?", (i,)).fetchone() for i in ids)
    return tuple(_run(row) for row in found if row)


def whole(connection: sqlite3.Connection, ids: Iterable[int]) -> tuple[WholeRun, ...]:
    """These runs with all that is kept of them, in this order; those that are gone left out."""
    return tuple(_with_curves(connection, run) for run in with_texts(connection, ids))


def _with_curves(connection: sqlite3.Connection, run: RunRecord) -> WholeRun:
    place = connection.execute("SELECT listed_at FROM runs WHERE id = ?", (run.id,)).fetchone()
    return WholeRun(
        record=run,
        listed_at=place["listed_at"],
        samples=samples_kept.rows(connection, run.id),
        step_seconds=samples_kept.step(connection, run.id),
        rates=samples_kept.rates(connection, run.id),
        side=_side_of(connection, run.id),
    )


def _side_of(connection: sqlite3.Connection, number: int) -> SidePlace | None:
    found = connection.execute(
        "SELECT answers.prompt AS at_prompt, answers.target AS at_target, side.*"
        " FROM side_by_side_answers AS answers JOIN side_by_sides AS side"
        " ON side.id = answers.side_by_side WHERE answers.run = ?",
        (number,),
    ).fetchone()
    if found is None:
        return None
    row = {name: value for name, value in dict(found).items() if name not in _NOT_OF_THE_SIDE}
    return SidePlace(row=row, prompt=found["at_prompt"], target=found["at_target"])


_NOT_OF_THE_SIDE = ("id", "at_prompt", "at_target")


def _put_into_side(connection: sqlite3.Connection, number: int, side: SidePlace) -> None:
    """At its place again; the comparison comes back where it went with its last run."""
    names, marks = ", ".join(side.row), ", ".join("?" * len(side.row))
    connection.execute(
        f"INSERT OR IGNORE INTO side_by_sides ({names}) VALUES ({marks})", tuple(side.row.values())
    )
    connection.execute(
        "INSERT OR IGNORE INTO side_by_side_answers (side_by_side, prompt, target, run)"
        " SELECT id, ?, ?, ? FROM side_by_sides WHERE uid = ?",
        (side.prompt, side.target, number, side.row["uid"]),
    )


def take_out(connection: sqlite3.Connection, ids: Iterable[int]) -> tuple[WholeRun, ...]:
    """Delete these runs and return what was deleted."""
    taken = whole(connection, ids)
    delete(connection, [run.record.id for run in taken])
    return taken


def delete(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Delete runs with their texts and curves; their lines in the totals stay.

    A comparison goes with the last of its runs: its plan holds the prompts.
    """
    numbers = [(i,) for i in ids]
    sides = {
        row["side_by_side"]
        for number in numbers
        for row in connection.execute(
            "SELECT side_by_side FROM side_by_side_answers WHERE run = ?", number
        )
    }
    connection.executemany("DELETE FROM runs WHERE id = ?", numbers)
    connection.executemany(
        "DELETE FROM side_by_sides WHERE id = ? AND state != 'running' AND NOT EXISTS"
        " (SELECT 1 FROM side_by_side_answers WHERE side_by_side = side_by_sides.id"
        " AND run IS NOT NULL)",
        [(side,) for side in sides],
    )


def latest(connection: sqlite3.Connection, limit: int) -> tuple[RunRecord, ...]:
    """The latest runs with their texts, newest first."""
    return _runs(connection, f"{_WHOLE} {_NEWEST_FIRST} LIMIT ?", (limit,))


def listed(connection: sqlite3.Connection, limit: int, before: int | None) -> tuple[RunRecord, ...]:
    """The latest runs without their texts, newest first; those below a run where one is given."""
    if before is None:
        return _runs(connection, f"{_LISTED} {_NEWEST_FIRST} LIMIT ?", (limit,))
    below = "WHERE (listed_at, id) < (SELECT listed_at, id FROM runs WHERE id = ?)"
    return _runs(connection, f"{_LISTED} {below} {_NEWEST_FIRST} LIMIT ?", (before, limit))


def newest_of_each(connection: sqlite3.Connection) -> tuple[RunRecord, ...]:
    """The newest run of each model at each host in each state, without texts, newest first."""
    ranked = (
        "SELECT id, ROW_NUMBER() OVER (PARTITION BY place, host, model, state"
        f" {_NEWEST_FIRST}) AS nth FROM runs"
    )
    newest = f"SELECT id FROM ({ranked}) WHERE nth = 1"
    return _runs(connection, f"{_LISTED} WHERE id IN ({newest}) {_NEWEST_FIRST}", ())


def local_answers(connection: sqlite3.Connection, each: int) -> tuple[RunRecord, ...]:
    """The newest whole answers with a speed on this machine, so many of each model, newest first.

    However many runs of one model came last, those of the others are found.
    """
    ranked = (
        f"SELECT id, ROW_NUMBER() OVER (PARTITION BY model {_NEWEST_FIRST}) AS nth FROM runs"
        " WHERE place = 'local' AND state = 'done' AND decode_tok_s IS NOT NULL"
    )
    newest = f"SELECT id FROM ({ranked}) WHERE nth <= ?"
    return _runs(connection, f"{_LISTED} WHERE id IN ({newest}) {_NEWEST_FIRST}", (each,))


def cloud_since(connection: sqlite3.Connection, day: str) -> tuple[RunRecord, ...]:
    """All runs at providers from the beginning of an ISO date on, UTC, newest first."""
    where = "WHERE place = 'cloud' AND started_at >= ?"
    return _runs(connection, f"{_LISTED} {where} {_NEWEST_FIRST}", (day,))


def _runs(
    connection: sqlite3.Connection, query: str, values: Sequence[object]
) -> tuple[RunRecord, ...]:
    return tuple(_run(row) for row in connection.execute(query, values))


def count_cut(connection: sqlite3.Connection, cut: Sequence[int]) -> None:
    """These runs were cut with their program: no sample comes any more, and they count."""
    for number in cut:
        samples_kept.join(connection, number)
    day_totals.count(connection, cut)


def in_utc(iso: str) -> str:
    """A time as the history sorts it; one that is no time as it is."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return at.astimezone(UTC).isoformat(timespec="seconds") if at.tzinfo else iso


def _figures(run: RunRecord) -> list[object]:
    plain = {name: getattr(run, name) for name in _FIGURES}
    return list((plain | {"conditions": json.dumps(dict(run.conditions))}).values())


def _texts(run: RunRecord) -> tuple[str, ...]:
    return tuple(_text(getattr(run, name)) for name in _TEXTS)


def _text(text: str) -> str:
    """SQLite holds UTF-8; half of a surrogate pair, which a broken server may send, is none."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _run(row: sqlite3.Row) -> RunRecord:
    values = dict(row)
    values["conditions"] = json_text.read(values["conditions"])
    return RunRecord(**values)
