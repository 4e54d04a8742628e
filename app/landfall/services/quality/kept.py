"""Quality runs into the history: prompts, answers and labels, each stored when it comes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.core.quality.sets import QualityPrompt
from landfall.services.history import runs_kept
from landfall.services.history.owner import is_alive, this_program
from landfall.services.history.records import RunRecord, now_iso
from landfall.services.quality.kept_reading import label_of, whole
from landfall.services.quality.plan import MAY_BE_CHARGED, QualityPlan, Side
from landfall.services.quality.records import (
    QualityAnswer,
    QualityLabel,
    QualityRecord,
    WholeQualityRun,
)

RECORDED = "recorded"
"""The `done_reason` of an answer that the file brought along."""


def insert(connection: sqlite3.Connection, uid: str, plan: QualityPlan) -> int:
    """Store a run when it begins, with its prompts and recorded answers; returns its row."""
    now = now_iso()
    record = QualityRecord(
        uid=uid,
        started_at=now,
        changed_at=now,
        title=plan.title,
        workload=plan.workload,
        plan=plan.as_json(),
    )
    number = _insert_record(connection, record)
    _insert_prompts(connection, number, plan.prompts)
    if plan.incumbent is None:
        for prompt in plan.prompts:
            recorded = QualityAnswer(
                place=prompt.place,
                side="incumbent",
                answered_at=now,
                text=prompt.incumbent,
                done_reason=RECORDED,
            )
            _insert_answer(connection, number, recorded)
    return number


def _insert_record(connection: sqlite3.Connection, record: QualityRecord) -> int:
    cursor = connection.execute(
        "INSERT INTO quality_runs (uid, started_at, changed_at, state, title, workload, seed, plan,"
        " result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.uid,
            record.started_at,
            record.changed_at,
            record.state,
            record.title,
            record.workload,
            record.plan["seed"],
            json.dumps(record.plan, ensure_ascii=False),
            None if record.result is None else json.dumps(record.result, ensure_ascii=False),
        ),
    )
    return int(cursor.lastrowid or 0)


def _insert_prompts(
    connection: sqlite3.Connection, number: int, prompts: Iterable[QualityPrompt]
) -> None:
    connection.executemany(
        "INSERT INTO quality_prompts (run, turn, place, prompt, expected, incumbent, cluster)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (number, turn, p.place, p.prompt, p.expected, p.incumbent, p.cluster)
            for turn, p in enumerate(prompts)
        ],
    )


def _insert_answer(connection: sqlite3.Connection, number: int, answer: QualityAnswer) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO quality_answers (run, place, side, answered_at, text, done_reason,"
        " error, input_tokens, output_tokens, seconds, usd, run_uid)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            answer.place,
            answer.side,
            answer.answered_at,
            answer.text,
            answer.done_reason,
            answer.error,
            answer.input_tokens,
            answer.output_tokens,
            answer.seconds,
            answer.usd,
            answer.run,
        ),
    )


# While it runs --------------------------------------------------------------------------------


def begin_answer(
    connection: sqlite3.Connection, number: int, *, place: int, side: Side, run: str
) -> None:
    """Say which run of the history an answer will be. One that is there already stays.

    Raises:
        BadInput: the quality run was deleted.
    """
    _assert_there(connection, number)
    if has_answer(connection, number, place=place, side=side):
        return
    begun = QualityAnswer(place=place, side=side, answered_at=now_iso(), run=run)
    _insert_answer(connection, number, begun)


def _assert_there(connection: sqlite3.Connection, number: int) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT owner FROM quality_runs WHERE id = ?", (number,)
    ).fetchone()
    if row is None:
        raise BadInput(
            "The quality run is not kept any more.",
            "It was deleted while it went on: begin anew.",
            field="uid",
        )
    return row


def has_answer(connection: sqlite3.Connection, number: int, *, place: int, side: Side) -> bool:
    """Whether the text of an answer is there."""
    found = connection.execute(
        "SELECT 1 FROM quality_answers WHERE run = ? AND place = ? AND side = ?"
        " AND text IS NOT NULL",
        (number, place, side),
    ).fetchone()
    return found is not None


def finish_answer(connection: sqlite3.Connection, number: int, answer: QualityAnswer) -> None:
    """Store an answer, or why there is none. One that is there already stays as it is.

    Raises:
        BadInput: the quality run was deleted.
    """
    _assert_there(connection, number)
    place, side = answer.place, answer.side
    if not has_answer(connection, number, place=place, side=side):
        _insert_answer(connection, number, answer)
        _touch(connection, number)


def answer_of(record: RunRecord, *, place: int, side: Side) -> QualityAnswer:
    """What a run of the history that ended is as an answer.

    One that its model broke off, in a loop or with bytes that are no text, is an answer too, as far
    as it came: who uses the model gets no more either.
    """
    return QualityAnswer(
        place=place,
        side=side,
        answered_at=now_iso(),
        text=record.answer,
        done_reason=record.done_reason or record.state,
        input_tokens=record.prompt_tokens,
        output_tokens=record.output_tokens,
        seconds=record.total_seconds,
        usd=record.cost_usd,
        run=record.uid,
    )


def recover(connection: sqlite3.Connection, number: int) -> int:
    """Take over answers that came to their end as a run just before the program died.

    Those that did not are asked anew. Returns how many were taken over. Nothing is touched while
    another program asks for them: they are no cut answers.
    """
    (owner,) = _assert_there(connection, number)
    if owner != this_program(connection) and is_alive(connection, owner):
        return 0
    cut = connection.execute(
        "SELECT place, side, run_uid FROM quality_answers WHERE run = ? AND text IS NULL"
        " AND error IS NULL",
        (number,),
    ).fetchall()
    taken = 0
    for row in cut:
        found = connection.execute(
            "SELECT id FROM runs WHERE uid = ? AND state = 'done'", (row["run_uid"],)
        ).fetchone()
        where = (number, row["place"], row["side"])
        if found is None:
            connection.execute(
                "DELETE FROM quality_answers WHERE run = ? AND place = ? AND side = ?", where
            )
            continue
        (record,) = runs_kept.with_texts(connection, [found["id"]])
        answer = answer_of(record, place=row["place"], side=row["side"])
        finish_answer(connection, number, answer)
        taken += 1
    return taken


def claim(connection: sqlite3.Connection, number: int) -> None:
    """Say that it goes on, here.

    Raises:
        BadInput: another program that runs now is asking for its answers.
    """
    (owner,) = _assert_there(connection, number)
    here = this_program(connection)
    if owner != here and is_alive(connection, owner):
        raise BadInput(
            f"Another Landfall (process {owner.partition(':')[0]}) is running it now.",
            "Wait for it, or stop it there.",
            field="uid",
        )
    connection.execute(
        "UPDATE quality_runs SET state = 'running', owner = ? WHERE id = ?", (here, number)
    )
    _touch(connection, number)


def add_may_be_charged(connection: sqlite3.Connection, number: int, run: str) -> None:
    """Keep that a run of the history may be charged for, though no answer came of it.

    Raises:
        BadInput: the quality run was deleted.
    """
    _assert_there(connection, number)
    plan = _plan(connection, number)
    _set_plan(connection, number, plan | {MAY_BE_CHARGED: [*plan.get(MAY_BE_CHARGED, ()), run]})


def settle_may_be_charged(connection: sqlite3.Connection, number: int, run: str) -> None:
    """What it costs is known now."""
    plan = _plan(connection, number)
    left = [one for one in plan.pop(MAY_BE_CHARGED, ()) if one != run]
    _set_plan(connection, number, plan | ({MAY_BE_CHARGED: left} if left else {}))


def _plan(connection: sqlite3.Connection, number: int) -> dict[str, Any]:
    row = connection.execute("SELECT plan FROM quality_runs WHERE id = ?", (number,)).fetchone()
    return {} if row is None else dict(json_text.read(row["plan"]))


def _set_plan(connection: sqlite3.Connection, number: int, plan: Mapping[str, Any]) -> None:
    text = json.dumps(plan, ensure_ascii=False)
    connection.execute("UPDATE quality_runs SET plan = ? WHERE id = ?", (text, number))


def set_state(connection: sqlite3.Connection, number: int, state: str) -> None:
    """Say how it ended; nobody runs it any more."""
    connection.execute(
        "UPDATE quality_runs SET state = ?, owner = '' WHERE id = ?", (state, number)
    )
    _touch(connection, number)


def mark_interrupted(connection: sqlite3.Connection) -> int:
    """Say of runs that were cut with their program that they were. Returns how many.

    One that a command is asking for now goes on.
    """
    found = connection.execute(
        "SELECT id, owner FROM quality_runs WHERE state = 'running'"
    ).fetchall()
    cut = [row["id"] for row in found if not is_alive(connection, row["owner"])]
    for number in cut:
        set_state(connection, number, "interrupted")
    return len(cut)


def keep_result(connection: sqlite3.Connection, number: int, result: Mapping[str, Any]) -> None:
    """Store what the gate said."""
    text = json.dumps(result, ensure_ascii=False)
    connection.execute("UPDATE quality_runs SET result = ? WHERE id = ?", (text, number))
    _touch(connection, number)


def _touch(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("UPDATE quality_runs SET changed_at = ? WHERE id = ?", (now_iso(), number))


# Labels ---------------------------------------------------------------------------------------


def add_label(connection: sqlite3.Connection, number: int, label: QualityLabel) -> int:
    """Store what somebody said; returns its id."""
    cursor = connection.execute(
        "INSERT INTO quality_labels (run, place, side, by, swapped, label, labelled_at, run_uid)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            label.place,
            label.side,
            label.by,
            int(label.swapped),
            label.label.value,
            label.labelled_at or now_iso(),
            label.run,
        ),
    )
    _touch(connection, number)
    return int(cursor.lastrowid or 0)


def take_back_label(connection: sqlite3.Connection, number: int, by: str) -> QualityLabel | None:
    """Remove the latest label of somebody; None where there is none."""
    row = connection.execute(
        "SELECT * FROM quality_labels WHERE run = ? AND by = ? ORDER BY id DESC LIMIT 1",
        (number, by),
    ).fetchone()
    if row is None:
        return None
    connection.execute("DELETE FROM quality_labels WHERE id = ?", (row["id"],))
    _touch(connection, number)
    return label_of(row)


# Taking out and putting back ------------------------------------------------------------------


def take_out(connection: sqlite3.Connection, uid: str) -> WholeQualityRun | None:
    """Delete a run with its texts, here and among the runs; None where it is gone already.

    What was spent stays counted.
    """
    run = whole(connection, uid)
    if run is None:
        return None
    found = connection.execute(
        "SELECT id FROM runs WHERE uid IN (SELECT run_uid FROM quality_answers WHERE run = ?"
        " UNION SELECT run_uid FROM quality_labels WHERE run = ?"
        " UNION SELECT value FROM json_each(?))",
        (run.record.id, run.record.id, json.dumps(run.may_be_charged)),
    ).fetchall()
    runs = runs_kept.whole(connection, [row["id"] for row in found])
    runs_kept.delete(connection, [one.record.id for one in runs])
    connection.execute("DELETE FROM quality_runs WHERE id = ?", (run.record.id,))
    return WholeQualityRun(run=run, runs=runs)


def put_back(connection: sqlite3.Connection, taken: WholeQualityRun) -> int:
    """Store a run that was taken out, with its answers among the runs; returns its new row."""
    number = _insert_record(connection, taken.run.record)
    _insert_prompts(connection, number, taken.run.plan.prompts)
    for answer in taken.run.answers:
        _insert_answer(connection, number, answer)
    for label in taken.run.labels:
        add_label(connection, number, label)
    for one in taken.runs:
        runs_kept.put_back(connection, one)
    changed_at = taken.run.record.changed_at
    connection.execute("UPDATE quality_runs SET changed_at = ? WHERE id = ?", (changed_at, number))
    return number
