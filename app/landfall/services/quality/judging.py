"""A model labels answers that differ: in both orders, and only where that may leave the machine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from landfall.core.errors import AppError, BadInput
from landfall.core.models.model_names import is_cloud_name, shortest
from landfall.core.quality.gate import Label
from landfall.core.side_by_side.side_by_side import PlanCeiling, Target, ceiling_of
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.history.records import now_iso
from landfall.services.quality.admission import assert_provider_inside
from landfall.services.quality.asking_again import ends_the_side, pause_for, worth_another
from landfall.services.quality.events import QualityGoesOn, QualityWaits
from landfall.services.quality.gate_report import QualityReport, report_of
from landfall.services.quality.one_answer import one_answer
from landfall.services.quality.pairing import differing
from landfall.services.quality.plan import Candidate, QualityPlan
from landfall.services.quality.records import JUDGE, QualityLabel, QualityRun
from landfall.services.run.answering import Ask, Turn
from landfall.services.run.asking import Access, assert_may_answer
from landfall.services.run.runs import Runs
from landfall.services.side_by_side.asker import (
    Asker,
    asking,
    assert_agreed,
    events_of,
    saved_workload,
)
from landfall.services.side_by_side.worst import WorstCases
from landfall.services.threads import in_thread

WHY = "quality judge"
"""In the egress log."""

PAUSES_SECONDS = (1.0, 4.0)
ANSWER_TOKENS = 256

_SYSTEM = (
    "You compare two answers to one question. Look only at which answer is right and does what the"
    " question asks; length, tone and the order in which they stand do not count. Say in one"
    " sentence why, then end with one line: VERDICT: FIRST, VERDICT: SECOND, VERDICT: BOTH (equally"
    " good) or VERDICT: NEITHER (both wrong)."
)
_VERDICT = re.compile(r"VERDICT\W{0,8}(FIRST|SECOND|BOTH|NEITHER)\b", re.IGNORECASE)
_FAMILY = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeProgress:
    """A pair is judged in one order, or could not be: `error` says why.

    Attributes:
        done: Judgements that are over; of: two for each pair.
    """

    done: int
    of: int
    error: AppError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeOver:
    """All is judged that could be, and stored.

    Attributes:
        unread: Judgements in which no verdict could be read: they count as a tie.
    """

    report: QualityReport
    unread: int


JudgeEvent = JudgeProgress | QualityWaits | QualityGoesOn | JudgeOver


def warnings_of(plan: QualityPlan, judge: Target) -> tuple[str, ...]:
    """What speaks against a judge, each a sentence: it is said before it is asked."""
    found = []
    family = _family(judge)
    for side in plan.asked:
        target = plan.target_of(side)
        if target is not None and _family(target) == family:
            found.append(
                f"{judge.name} is of the family of {target.name}: models prefer answers of their"
                " own kind."
            )
    if judge.paid or judge.allow_remote or is_cloud_name(judge.model):
        found.append(
            f"Prompts and both answers are sent to {judge.name}: that is itself a leak where they"
            " are private."
        )
    found.append(
        "A judge errs: it decides nothing before 30 of its pairs have a person's label too."
    )
    return tuple(found)


def _family(target: Target) -> str:
    name = shortest(target.model).rpartition("/")[2].lower()
    found = _FAMILY.match(name)
    return found[0] if found else name


def to_judge(run: QualityRun, judge: Target) -> tuple[tuple[int, Candidate, bool], ...]:
    """What a judge has not said yet: (place, side, swapped) of each pair that differs."""
    said = {(one.place, one.side, one.swapped) for one in run.labels if one.by == _by(judge)}
    return tuple(
        (place, side, swapped)
        for side in run.plan.candidates
        for place in differing(run, side)
        for swapped in (False, True)
        if (place, side, swapped) not in said
    )


def _by(judge: Target) -> str:
    return f"{JUDGE}{judge.name}"


async def most_judging_costs(access: Access, run: QualityRun, judge: Target) -> PlanCeiling:
    """What the judge costs at most at its provider, to be told before it is asked."""
    waiting = to_judge(run, judge)
    if not judge.paid or not waiting:
        return PlanCeiling(targets=())
    asks = [_ask(run, *one) for one in waiting]
    return await in_thread(_ceiling, await in_thread(access), judge, asks)


def _ceiling(access: CloudAccess, judge: Target, asks: Sequence[Ask]) -> PlanCeiling:
    return ceiling_of([judge], [range(len(asks))], WorstCases(access, asks).of)


async def judge_run(
    runs: Runs,
    access: Access,
    uid: str,
    judge: Target,
    *,
    server_url: str,
    consent: Consent,
    pauses_seconds: Sequence[float] = PAUSES_SECONDS,
) -> AsyncGenerator[JudgeEvent, None]:
    """Let a model label what differs, in both orders: progress, then `JudgeOver`.

    Each judgement is stored at once; close it to stop, and call it again to go on.

    Args:
        access, server_url, consent, pauses_seconds: As of `running.run_quality`.

    Raises:
        BudgetExceeded: it may cost more than was agreed to. Nothing was sent.
        PrivacyBlocked: the workload's rule keeps its text from the judge. Nothing was sent.
        BadInput: there is no such run, or the judge is one of those that it would judge.
    """
    run = await runs.history.quality.get(uid)
    _check(run.plan, judge)
    workload = await saved_workload(runs.history, run.plan.workload)
    assert_agreed([judge], await most_judging_costs(access, run, judge), consent)
    async with asking(
        runs, access, [judge], server_url=server_url, consent=consent, workload=workload, why=WHY
    ) as asker:
        if judge.paid:
            await assert_provider_inside(asker.access, workload, judge)
        else:
            await assert_may_answer(
                asker.ollama(judge.url),
                judge.model,
                allow_remote=judge.allow_remote,
                workload=workload,
            )
        judging = _Judging(asker=asker, run=run, judge=judge, pauses_seconds=pauses_seconds)
        waiting = await in_thread(to_judge, run, judge)
        async with aclosing(events_of([judging.lane(waiting)], judging.arrived)) as events:
            async for event in events:
                yield event
    run = await runs.history.quality.get(uid)
    report = await in_thread(report_of, run)
    await runs.history.quality.keep_result(run.record.id, report.as_json())
    yield JudgeOver(report=report, unread=judging.unread)


def _check(plan: QualityPlan, judge: Target) -> None:
    for side in plan.asked:
        target = plan.target_of(side)
        if target is not None and target.is_same(judge):
            raise BadInput(
                f"{judge.name} would judge its own answers.", "Choose another.", field="judge"
            )


@dataclass(slots=True, kw_only=True)
class _Judging:
    """One judge while it labels."""

    asker: Asker
    run: QualityRun
    judge: Target
    pauses_seconds: Sequence[float]
    unread: int = 0
    arrived: asyncio.Queue[JudgeEvent | None] = field(default_factory=asyncio.Queue)

    async def lane(self, waiting: Sequence[tuple[int, Candidate, bool]]) -> None:
        given_up: AppError | None = None
        for done, (place, side, swapped) in enumerate(waiting, start=1):
            error = given_up
            if error is None:
                try:
                    await self._judged(place, side, swapped)
                except AppError as found:
                    error = found
                    given_up = found if ends_the_side(found) else None
            self.arrived.put_nowait(JudgeProgress(done=done, of=len(waiting), error=error))

    async def _judged(self, place: int, side: Candidate, swapped: bool) -> None:
        ask = _ask(self.run, place, side, swapped)
        uid, text = await self._tried(ask)
        label = label_in(text, swapped=swapped)
        if label is None:
            self.unread += 1
        said = QualityLabel(
            place=place,
            side=side,
            by=_by(self.judge),
            swapped=swapped,
            label=label or Label.BOTH,
            labelled_at=now_iso(),
            run=uid,
        )
        await self.asker.runs.history.quality.add_label(self.run.record.uid, said)

    async def _tried(self, ask: Ask) -> tuple[str, str]:
        """The uid of the run and its text; asked again after a pause where that may help."""
        for pause in self.pauses_seconds:
            try:
                return await self._answer(ask)
            except AppError as error:
                if not worth_another(error, paid=self.judge.paid):
                    raise
                await pause_for(error, self.judge.model, seconds=pause, arrived=self.arrived)
        return await self._answer(ask)

    async def _answer(self, ask: Ask) -> tuple[str, str]:
        async def begun(_uid: str) -> None:
            """It is kept as a run like any other."""

        record = await one_answer(
            self.asker, self.run.record.id, self.judge, ask, begun=begun, arrived=self.arrived
        )
        return record.uid, record.answer


def label_in(text: str, *, swapped: bool) -> Label | None:
    """What a judge says of two answers; None where no verdict can be read. The last one counts."""
    found = _VERDICT.findall(text)
    if not found:
        return None
    first, second = (Label.OTHER, Label.LOCAL) if swapped else (Label.LOCAL, Label.OTHER)
    return {"FIRST": first, "SECOND": second, "BOTH": Label.BOTH, "NEITHER": Label.NEITHER}[
        found[-1].upper()
    ]


def _ask(run: QualityRun, place: int, side: Candidate, swapped: bool) -> Ask:
    plan = run.plan
    prompt = plan.by_place()[place]
    texts = {(a.place, a.side): a.text or "" for a in run.answers}
    first, second = texts[place, side], texts[place, "incumbent"]
    if swapped:
        first, second = second, first
    expected = f"\n\n# A right answer\n{prompt.expected}" if prompt.expected else ""
    question = (
        f"# Question\n{prompt.prompt}{expected}\n\n# First answer\n{first}\n\n"
        f"# Second answer\n{second}"
    )
    return Ask(
        turns=(Turn("system", _SYSTEM), Turn("user", question)),
        context=plan.context + 2 * plan.num_predict,
        num_predict=ANSWER_TOKENS,
        workload=plan.workload,
        temperature=0.0,
        seed=plan.seed,
        think=False,
    )
