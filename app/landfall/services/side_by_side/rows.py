"""Comparisons and votes as rows of a file of the whole history, and out of one."""

from __future__ import annotations

import sqlite3

from landfall.core.errors import BadInput
from landfall.core.quality.votes import Vote
from landfall.core.side_by_side.side_by_side import Plan, Target
from landfall.services.history.import_fields import Place
from landfall.services.history.records import SideBySideRow, VoteRow
from landfall.services.side_by_side import kept as side_by_sides_kept
from landfall.services.side_by_side import votes_kept
from landfall.services.side_by_side.kept import SideRecord

ALL = 10**9


def side_by_sides(connection: sqlite3.Connection) -> tuple[SideBySideRow, ...]:
    """Every comparison, oldest first."""
    records = reversed(side_by_sides_kept.rows(connection, ALL))
    return tuple(_row(connection, record) for record in records)


def _row(connection: sqlite3.Connection, record: SideRecord) -> SideBySideRow:
    found = connection.execute(
        "SELECT prompt, target, error, runs.uid AS run FROM side_by_side_answers"
        " LEFT JOIN runs ON runs.id = run WHERE side_by_side = ? ORDER BY prompt, target",
        (record.id,),
    )
    return SideBySideRow(
        uid=record.uid,
        started_at=record.started_at,
        state=record.state,
        revealed=int(record.revealed),
        seed=record.seed,
        plan=record.plan.as_json(),
        answers={
            f"{row['prompt']}:{row['target']}": {"run": row["run"], "error": row["error"]}
            for row in found
        },
    )


def votes(connection: sqlite3.Connection) -> tuple[VoteRow, ...]:
    """Every vote, in the order cast."""
    return tuple(
        VoteRow(
            uid=vote.uid,
            voted_at=vote.voted_at,
            side_by_side=vote.side_by_side,
            prompt=vote.prompt,
            prompt_key=vote.prompt_key,
            workload=vote.workload,
            blind=int(vote.blind),
            vote={"targets": [_plain(one) for one in vote.targets], "best": list(vote.best)},
        )
        for vote in votes_kept.rows(connection, None)
    )


def _plain(target: Target) -> dict[str, object]:
    return {
        "model": target.model,
        "provider": target.provider,
        "url": target.url,
        "allow_remote": target.allow_remote,
    }


# Out of a file


def check_side(row: SideBySideRow, place: Place) -> None:
    """Return only where the row is a comparison.

    Raises:
        BadInput: its plan cannot be run, or an answer is none.
    """
    try:
        plan = _plan(row)
    except (AttributeError, KeyError, TypeError, ValueError, BadInput) as error:
        raise place.at("plan").problem(f"it is no plan: {error}") from error
    try:
        places = [_place(name) for name in row.answers]
        told = [(one["run"], one["error"]) for one in row.answers.values()]
    except (KeyError, TypeError, ValueError) as error:
        raise place.at("answers").problem(f"it is not what answers are: {error}") from error
    if any(not (0 <= p < len(plan.prompts) and 0 <= t < len(plan.targets)) for p, t in places):
        raise place.at("answers").problem("it has an answer that the plan does not ask for")
    if not all(isinstance(text, str | None) for pair in told for text in pair):
        raise place.at("answers").problem("it is not what answers are")


def _plan(row: SideBySideRow) -> Plan:
    plan = Plan.from_json(row.plan)
    texts = [plan.system, *(prompt.text for prompt in plan.prompts)]
    texts += [text for one in plan.targets for text in (one.model, one.provider, one.url)]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text of it is none")
    return plan


def _place(name: str) -> tuple[int, int]:
    prompt, _, target = name.partition(":")
    return int(prompt), int(target)


def check_vote(row: VoteRow, place: Place) -> None:
    """Return only where the row is a vote.

    Raises:
        BadInput: it is none.
    """
    try:
        _vote(row)
    except (KeyError, TypeError, ValueError, BadInput) as error:
        raise place.at("vote").problem(f"it is no vote: {error}") from error


def _vote(row: VoteRow) -> Vote:
    targets = tuple(Target(**one) for one in row.vote["targets"])
    if not all(isinstance(text, str) for one in targets for text in (one.model, one.provider)):
        raise TypeError("a target of it has no name")
    return Vote(
        uid=row.uid,
        voted_at=row.voted_at,
        side_by_side=row.side_by_side,
        prompt=row.prompt,
        prompt_key=row.prompt_key,
        workload=row.workload,
        blind=bool(row.blind),
        targets=targets,
        best=tuple(row.vote["best"]),
    )


def add_side(connection: sqlite3.Connection, row: SideBySideRow) -> bool:
    """Add a comparison with the answers whose runs are there; False where it is there already."""
    if connection.execute("SELECT 1 FROM side_by_sides WHERE uid = ?", (row.uid,)).fetchone():
        return False
    record = SideRecord(
        uid=row.uid,
        started_at=row.started_at,
        state=row.state,
        plan=_plan(row),
        revealed=bool(row.revealed),
        seed=row.seed,
    )
    number = side_by_sides_kept.insert(connection, record)
    for name, one in row.answers.items():
        prompt, target = _place(name)
        if one["run"] is not None:
            uid = one["run"]
            side_by_sides_kept.link(connection, number, target=target, prompt=prompt, uid=uid)
        else:
            error = one["error"] or ""
            side_by_sides_kept.refuse(connection, number, target=target, prompt=prompt, error=error)
    return True


def add_vote(connection: sqlite3.Connection, row: VoteRow) -> bool:
    """Add a vote; False where it is there already."""
    if connection.execute("SELECT 1 FROM votes WHERE uid = ?", (row.uid,)).fetchone():
        return False
    votes_kept.insert(connection, _vote(row))
    return True
