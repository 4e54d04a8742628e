"""Quality runs as rows of a file of the whole history, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.quality.gate import Label
from landfall.core.quality.sets import QualityPrompt
from landfall.services.history.import_fields import Place
from landfall.services.history.records import QualityRow
from landfall.services.quality import kept, kept_reading
from landfall.services.quality.export import rows_of
from landfall.services.quality.plan import MAY_BE_CHARGED, QualityPlan
from landfall.services.quality.records import (
    QualityAnswer,
    QualityLabel,
    QualityRecord,
    QualityRun,
    WholeQualityRun,
)

ALL = 1 << 40


def quality_runs(connection: sqlite3.Connection) -> tuple[QualityRow, ...]:
    """All runs with their prompts, answers and labels, oldest first."""
    found = []
    for record in reversed(kept_reading.rows(connection, workload=None, limit=ALL)):
        run = kept_reading.whole(connection, record.uid)
        assert run is not None, "it was listed in this transaction"
        found.append(row(run))
    return tuple(found)


def row(run: QualityRun) -> QualityRow:
    """A run as a file holds it."""
    record = run.record
    return QualityRow(
        uid=record.uid,
        started_at=record.started_at,
        changed_at=record.changed_at,
        state=record.state,
        title=record.title,
        workload=record.workload,
        plan=record.plan,
        result=record.result,
        prompts={str(one["place"]): one for one in rows_of(run)},
    )


def check(one: QualityRow, place: Place) -> None:
    """Return only where a row is a quality run.

    Raises:
        BadInput: it is none; says where it stands.
    """
    try:
        found = _run(one)
        if not all(isinstance(uid, str) for uid in found.may_be_charged):
            raise TypeError(f"{MAY_BE_CHARGED} names no runs")
    except (BadInput, LookupError, TypeError, ValueError, AttributeError) as error:
        raise place.problem(f"it is no quality run: {error}") from error


def add(connection: sqlite3.Connection, one: QualityRow) -> bool:
    """Keep a run of a file that was checked, unless it is there.

    Its answers' runs come with the file's runs.
    """
    if kept_reading.number_of(connection, one.uid) is not None:
        return False
    kept.put_back(connection, WholeQualityRun(run=_run(one), runs=()))
    return True


def _run(one: QualityRow) -> QualityRun:
    places = [int(place) for place in one.prompts]
    rows: list[Mapping[str, Any]] = list(one.prompts.values())
    prompts = tuple(
        QualityPrompt(
            place=place,
            prompt=values["prompt"],
            expected=values["expected"],
            incumbent=values["incumbent"],
            cluster=values["cluster"],
        )
        for place, values in zip(places, rows, strict=True)
    )
    record = QualityRecord(
        uid=one.uid,
        started_at=one.started_at,
        changed_at=one.changed_at,
        state="interrupted" if one.state == "running" else one.state,
        title=one.title,
        workload=one.workload,
        plan=one.plan,
        result=one.result,
    )
    answers = [
        QualityAnswer(place=place, side=side, **values)
        for place, row_ in zip(places, rows, strict=True)
        for side, values in row_["answers"].items()
    ]
    labels = [
        QualityLabel(
            **dict(values) | {"place": place, "label": Label(values["label"])},
        )
        for place, row_ in zip(places, rows, strict=True)
        for values in row_["labels"]
    ]
    return QualityRun(
        record=record,
        plan=QualityPlan.from_json(one.plan, prompts),
        answers=tuple(answers),
        labels=tuple(labels),
    )
