"""Comparisons side by side in the history: the plan in one row, each answer a run of its own.

A comparison goes with the last of its runs and comes back with the first that is put back: the
prompts stand in its plan, and who deletes the answers does not mean to keep them.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.core.quality.votes import Vote
from landfall.core.run.token_estimate import ESTIMATED
from landfall.core.side_by_side.figures import AnswerFigures, TargetSummary, summaries
from landfall.core.side_by_side.side_by_side import Plan, order_of
from landfall.services.history import runs_kept
from landfall.services.history.list_places import newest_first
from landfall.services.history.records import RunRecord, new_uid, now_iso
from landfall.services.history.runs_kept import WholeRun
from landfall.services.side_by_side import votes_kept


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRecord:
    """A comparison as it is kept.

    Attributes:
        id: Row number, 0 before it is stored.
        uid: Its name in every file, and in its votes.
        started_at: ISO 8601, UTC.
        state: "running", "done", "aborted" or "interrupted", as of a run.
        revealed: Of a blind one: the names were shown before every prompt had its vote.
        seed: Gives the order in which blind answers stand.
    """

    id: int = 0
    uid: str
    started_at: str
    state: str = "running"
    plan: Plan
    revealed: bool = False
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SideAnswer:
    """One answer; without a run it was refused before anything was asked, and `error` says why."""

    target: int
    prompt: int
    run: RunRecord | None = None
    error: str = ""

    @property
    def complete(self) -> bool:
        """Whether the answer came to its end."""
        return self.run is not None and self.run.state == "done"

    @property
    def why_not(self) -> str:
        """Why it did not, or ""."""
        if self.complete:
            return ""
        if self.run is None:
            return self.error
        return self.run.done_reason or self.run.cost_note or self.run.state


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """A comparison with all that came of it. Names are in it: see `side_by_side.blind`.

    Attributes:
        answers: By prompt, then by target; what is not there was deleted or never begun.
        votes: In the order cast.
    """

    record: SideRecord
    answers: tuple[SideAnswer, ...]
    votes: tuple[Vote, ...]

    @property
    def plan(self) -> Plan:
        """What was asked of whom."""
        return self.record.plan

    def of_prompt(self, prompt: int) -> tuple[SideAnswer, ...]:
        """The answers to one prompt, by target."""
        return tuple(answer for answer in self.answers if answer.prompt == prompt)

    def order(self, prompt: int) -> tuple[int, ...]:
        """Which target stands where among the answers to a prompt; the plan's order if not blind.

        Only targets that gave a whole answer stand in it: a failure is no taste.
        """
        whole = {answer.target for answer in self.of_prompt(prompt) if answer.complete}
        order = self._shuffled(prompt) if self.plan.blind else range(len(self.plan.targets))
        return tuple(target for target in order if target in whole)

    def _shuffled(self, prompt: int) -> tuple[int, ...]:
        return order_of(self.record.seed, prompt, targets=len(self.plan.targets))

    def vote_on(self, prompt: int) -> Vote | None:
        """The first vote on a prompt, which is the blind one where there is one."""
        return next((vote for vote in self.votes if vote.prompt == prompt), None)

    def hidden(self, prompt: int) -> bool:
        """Whether nobody may be told yet who gave which answer to a prompt.

        A prompt with fewer than two answers cannot be voted on, and hides nothing once it is over.
        """
        if not self.plan.blind or self.record.revealed or self.vote_on(prompt):
            return False
        return not self.is_over(prompt) or len(self.order(prompt)) > 1

    def is_over(self, prompt: int) -> bool:
        """Whether no answer to a prompt is still to come."""
        if self.record.state != "running":
            return True
        ended = [a for a in self.of_prompt(prompt) if a.run is None or a.run.state != "running"]
        return len(ended) == len(self.plan.targets)

    @property
    def is_open(self) -> bool:
        """Whether all names may be shown."""
        return not any(self.hidden(prompt) for prompt in range(len(self.plan.prompts)))

    def figures(self) -> tuple[AnswerFigures, ...]:
        """What is known of each answer."""
        return tuple(_figures(answer) for answer in self.answers)

    def summaries(self) -> tuple[TargetSummary, ...]:
        """What each target made of all prompts."""
        return summaries(self.plan, self.figures())


_COPIED = (
    "ttft_seconds",
    "decode_tok_s",
    "total_seconds",
    "prompt_tokens",
    "output_tokens",
    "cost_usd",
    "gross_joules",
    "net_joules",
    "electricity_cost",
)


def _figures(answer: SideAnswer) -> AnswerFigures:
    run = answer.run
    if run is None:
        reasons = dict.fromkeys(_COPIED, answer.error)
        return AnswerFigures(
            target=answer.target, prompt=answer.prompt, complete=False, reasons=reasons
        )
    return AnswerFigures(
        target=answer.target,
        prompt=answer.prompt,
        complete=answer.complete,
        reasons=_reasons(answer, run),
        estimated=_estimated(run),
        **{name: getattr(run, name) for name in _COPIED},
    )


def _estimated(run: RunRecord) -> frozenset[str]:
    """What rests on tokens that the provider did not count."""
    if run.conditions.get("tokens") != ESTIMATED:
        return frozenset()
    figures = {"prompt_tokens", "output_tokens", "decode_tok_s"}
    priced = (run.cost_note or "").startswith(ESTIMATED)
    return frozenset(figures | {"cost_usd"} if priced else figures)


def _reasons(answer: SideAnswer, run: RunRecord) -> dict[str, str]:
    """Why a figure of a run is not known, by its name."""
    energy = run.energy_reason or "the draw at rest is not known"
    why = dict.fromkeys(_COPIED, answer.why_not or "the server did not say")
    return why | {
        "cost_usd": run.cost_note or why["cost_usd"],
        "gross_joules": energy,
        "net_joules": energy,
        "electricity_cost": run.energy_reason or "no tariff is set",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeSideBySide:
    """A comparison that was taken out, for `put_back`."""

    record: SideRecord
    answers: tuple[SideAnswer, ...]
    runs: tuple[WholeRun, ...]


# Tables ---------------------------------------------------------------------------------------


def insert(connection: sqlite3.Connection, record: SideRecord) -> int:
    """Store a comparison when it begins; returns its row."""
    plan = record.plan
    cursor = connection.execute(
        "INSERT INTO side_by_sides (uid, started_at, state, title, workload, blind, revealed,"
        " seed, plan) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.uid,
            record.started_at,
            record.state,
            plan.title,
            plan.workload,
            int(plan.blind),
            int(record.revealed),
            record.seed,
            json.dumps(plan.as_json(), ensure_ascii=False),
        ),
    )
    return int(cursor.lastrowid or 0)


def set_state(connection: sqlite3.Connection, number: int, state: str) -> None:
    """Say how it ended."""
    connection.execute("UPDATE side_by_sides SET state = ? WHERE id = ?", (state, number))


def link(
    connection: sqlite3.Connection, number: int, *, target: int, prompt: int, uid: str
) -> None:
    """Say which run an answer is, by its uid; one that is not there is none."""
    connection.execute(
        "INSERT OR REPLACE INTO side_by_side_answers (side_by_side, prompt, target, run)"
        " SELECT side_by_sides.id, ?, ?, runs.id FROM side_by_sides, runs"
        " WHERE side_by_sides.id = ? AND runs.uid = ?",
        (prompt, target, number, uid),
    )


def refuse(
    connection: sqlite3.Connection, number: int, *, target: int, prompt: int, error: str
) -> None:
    """Say why an answer was not even asked for. A run that began keeps its own reason."""
    connection.execute(
        "INSERT OR IGNORE INTO side_by_side_answers (side_by_side, prompt, target, error)"
        " SELECT id, ?, ?, ? FROM side_by_sides WHERE id = ?",
        (prompt, target, error, number),
    )


def rows(connection: sqlite3.Connection, limit: int) -> tuple[SideRecord, ...]:
    """The latest comparisons, newest first."""
    found = connection.execute(
        f"SELECT * FROM side_by_sides {newest_first('side_by_sides')} LIMIT ?", (limit,)
    )
    return tuple(_record(row) for row in found)


def whole(
    connection: sqlite3.Connection, number: int, *, only_prompt: int | None = None
) -> SideBySide | None:
    """One comparison with its answers and votes; None where it is gone.

    Args:
        only_prompt: Read the answers to this prompt alone.
    """
    row = connection.execute("SELECT * FROM side_by_sides WHERE id = ?", (number,)).fetchone()
    if row is None:
        return None
    record = _record(row)
    return SideBySide(
        record=record,
        answers=_answers(connection, number, only_prompt),
        votes=votes_kept.of_side_by_side(connection, record.uid),
    )


def _answers(
    connection: sqlite3.Connection, number: int, only_prompt: int | None = None
) -> tuple[SideAnswer, ...]:
    found = connection.execute(
        "SELECT prompt, target, run, error FROM side_by_side_answers WHERE side_by_side = ?"
        " AND prompt = COALESCE(?, prompt) ORDER BY prompt, target",
        (number, only_prompt),
    ).fetchall()
    runs = {run.id: run for run in runs_kept.with_texts(connection, _ids(found))}
    return tuple(
        SideAnswer(
            target=row["target"],
            prompt=row["prompt"],
            run=runs.get(row["run"]),
            error=row["error"] or "",
        )
        for row in found
    )


def _ids(found: Iterable[sqlite3.Row]) -> list[int]:
    return [row["run"] for row in found if row["run"] is not None]


def _record(row: sqlite3.Row) -> SideRecord:
    values: dict[str, Any] = json_text.read(row["plan"])
    return SideRecord(
        id=row["id"],
        uid=row["uid"],
        started_at=row["started_at"],
        state=row["state"],
        plan=Plan.from_json(values),
        revealed=bool(row["revealed"]),
        seed=row["seed"],
    )


# Votes ----------------------------------------------------------------------------------------


def vote(
    connection: sqlite3.Connection, number: int, *, prompt: int, best: Collection[int]
) -> Vote:
    """Keep a judgement on the answers to a prompt.

    The first on a prompt whose names were hidden is blind; whoever votes again knows them.

    Args:
        best: Places in `SideBySide.order`: of one, of several that are equally good, or of none
            where no answer is good.

    Raises:
        BadInput: there is no such comparison, it has no two answers there, or no such places.
    """
    side = whole(connection, number)
    if side is None or not 0 <= prompt < len(side.plan.prompts):
        raise BadInput("This comparison is not there any more.", field="side_by_side")
    if not side.is_over(prompt):
        raise BadInput("The answers are not all there yet.", "Wait for them.", field="prompt")
    order = side.order(prompt)
    cast = Vote(
        uid=new_uid(),
        voted_at=now_iso(),
        side_by_side=side.record.uid,
        prompt=prompt,
        prompt_key=prompt_key(side.plan, prompt),
        workload=side.plan.workload,
        blind=side.hidden(prompt),
        targets=tuple(side.plan.targets[target] for target in order),
        best=tuple(sorted(best)),
    )
    return replace(cast, id=votes_kept.insert(connection, cast))


def reveal(connection: sqlite3.Connection, number: int) -> None:
    """Show the names now: votes from here on are not blind."""
    connection.execute("UPDATE side_by_sides SET revealed = 1 WHERE id = ?", (number,))


def prompt_key(plan: Plan, prompt: int) -> str:
    """The same for the same words, whenever they are asked."""
    words = f"{plan.system}\0{plan.prompts[prompt].text}"
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


# Taking out and putting back ------------------------------------------------------------------


def take_out(connection: sqlite3.Connection, number: int) -> WholeSideBySide | None:
    """Delete a comparison with its runs; its votes stay. None where it is gone already."""
    found = connection.execute("SELECT * FROM side_by_sides WHERE id = ?", (number,)).fetchone()
    if found is None:
        return None
    answers = _answers(connection, number)
    runs = runs_kept.whole(connection, [a.run.id for a in answers if a.run is not None])
    runs_kept.delete(connection, [run.record.id for run in runs])
    connection.execute("DELETE FROM side_by_sides WHERE id = ?", (number,))
    return WholeSideBySide(record=_record(found), answers=answers, runs=runs)


def put_back(connection: sqlite3.Connection, taken: WholeSideBySide) -> int:
    """Store a comparison that was taken out, with its runs; returns its new row."""
    number = insert(connection, taken.record)
    for run in taken.runs:
        runs_kept.put_back(connection, replace(run, side=None))
    for answer in taken.answers:
        place = {"target": answer.target, "prompt": answer.prompt}
        if answer.run is not None:
            link(connection, number, uid=answer.run.uid, **place)
        else:
            refuse(connection, number, error=answer.error, **place)
    return number
