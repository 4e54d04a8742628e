"""Quality runs out of the history: the latest, and one with all that came of it."""

from __future__ import annotations

import sqlite3
from typing import Any

from landfall.core import json_text
from landfall.core.quality.gate import Label
from landfall.core.quality.sets import QualityPrompt
from landfall.services.history.list_places import newest_first
from landfall.services.quality.plan import SIDES, QualityPlan
from landfall.services.quality.records import (
    QualityAnswer,
    QualityLabel,
    QualityRecord,
    QualityRun,
)

_OF_SIDE = {side: number for number, side in enumerate(SIDES)}

_LISTED = (
    "SELECT quality_runs.*,"
    " (SELECT COUNT(*) FROM quality_prompts WHERE run = quality_runs.id) AS prompts,"
    " (SELECT COUNT(*) FROM quality_answers WHERE run = quality_runs.id AND text IS NOT NULL"
    "  AND done_reason IS NOT 'recorded') AS answered FROM quality_runs"
)


def rows(
    connection: sqlite3.Connection, *, workload: str | None, limit: int
) -> tuple[QualityRecord, ...]:
    """The latest runs, newest first; of one workload, or all."""
    found = connection.execute(
        f"{_LISTED} WHERE workload = COALESCE(?, workload) OR ? IS NULL"
        f" {newest_first('quality_runs')} LIMIT ?",
        (workload, workload, limit),
    )
    return tuple(_record(row) for row in found)


def number_of(connection: sqlite3.Connection, uid: str) -> int | None:
    """The row of a run; None where there is none of that name."""
    row = connection.execute("SELECT id FROM quality_runs WHERE uid = ?", (uid,)).fetchone()
    return None if row is None else int(row["id"])


def whole(connection: sqlite3.Connection, uid: str) -> QualityRun | None:
    """One run with all that came of it; None where there is none of that name."""
    row = connection.execute(f"{_LISTED} WHERE uid = ?", (uid,)).fetchone()
    if row is None:
        return None
    record = _record(row)
    return QualityRun(
        record=record,
        plan=QualityPlan.from_json(record.plan, _prompts(connection, record.id)),
        answers=_answers(connection, record.id),
        labels=_labels(connection, record.id),
    )


def _record(row: sqlite3.Row) -> QualityRecord:
    plan = json_text.read(row["plan"])
    asked = sum(plan[side] is not None for side in SIDES)
    return QualityRecord(
        id=row["id"],
        uid=row["uid"],
        started_at=row["started_at"],
        changed_at=row["changed_at"],
        state=row["state"],
        title=row["title"],
        workload=row["workload"],
        plan=plan,
        result=None if row["result"] is None else json_text.read(row["result"]),
        prompts=row["prompts"],
        asked=asked * row["prompts"],
        answered=row["answered"],
    )


def _prompts(connection: sqlite3.Connection, number: int) -> tuple[QualityPrompt, ...]:
    found = connection.execute(
        "SELECT place, prompt, expected, incumbent, cluster FROM quality_prompts WHERE run = ?"
        " ORDER BY turn",
        (number,),
    )
    return tuple(QualityPrompt(**dict(row)) for row in found)


def _answers(connection: sqlite3.Connection, number: int) -> tuple[QualityAnswer, ...]:
    found = connection.execute("SELECT * FROM quality_answers WHERE run = ?", (number,))
    answers = []
    for row in found:
        values = dict(row)
        del values["run"]
        answers.append(QualityAnswer(run=values.pop("run_uid"), **values))
    return tuple(sorted(answers, key=lambda one: (one.place, _OF_SIDE[one.side])))


def _labels(connection: sqlite3.Connection, number: int) -> tuple[QualityLabel, ...]:
    found = connection.execute("SELECT * FROM quality_labels WHERE run = ? ORDER BY id", (number,))
    return tuple(label_of(row) for row in found)


def label_of(row: sqlite3.Row) -> QualityLabel:
    """A label as it is stored."""
    values: dict[str, Any] = dict(row)
    del values["run"]
    own = {
        "swapped": bool(values["swapped"]),
        "label": Label(values["label"]),
        "run": values.pop("run_uid"),
    }
    return QualityLabel(**values | own)
