"""Runs a quality plan: each answer a run in the history, stored at once, asked for exactly once.

What it costs at most is told first (`most_it_costs`) and agreed to; a workload's privacy rule is
held against everybody who would be asked before the first word leaves. A program that is killed
loses at most the answers in flight: `resume_quality` asks for what is missing and no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from landfall.core.errors import (
    AppError,
)
from landfall.core.side_by_side.side_by_side import PlanCeiling, Target, ceiling_of, lanes_of
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.history.owner import going_here
from landfall.services.history.records import new_uid, now_iso
from landfall.services.quality import kept
from landfall.services.quality.admission import admitted
from landfall.services.quality.asking_again import PaidCut, ends_the_side, pause_for, worth_another
from landfall.services.quality.events import (
    QualityBegun,
    QualityEvent,
    QualityFailed,
    QualityLook,
    QualityOver,
    QualityProgress,
)
from landfall.services.quality.gate_report import report_of
from landfall.services.quality.one_answer import one_answer
from landfall.services.quality.own_rules import assert_usable
from landfall.services.quality.plan import QualityPlan, Side
from landfall.services.quality.records import QualityAnswer, QualityRun
from landfall.services.run.asking import Access
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

WHY = "quality run"
"""In the egress log."""

PAUSES_SECONDS = (1.0, 4.0, 15.0)
"""Before an answer that could not be had is asked for again; a provider's own waits come first."""

_Missing = Sequence[tuple[int, Side]]


async def most_it_costs(
    access: Access, plan: QualityPlan, *, missing: _Missing | None = None
) -> PlanCeiling:
    """What a plan costs at most at providers, to be told before it is run.

    The targets of the ceiling are the places in `plan.asked`.

    Args:
        missing: Only these answers, by place and side: what a resume would ask for.

    Raises:
        BadInput: there is no such provider.
    """
    targets = _targets(plan)
    if not any(target.paid for target in targets):
        return PlanCeiling(targets=())
    return await in_thread(_ceiling, await in_thread(access), plan, missing)


def _ceiling(access: CloudAccess, plan: QualityPlan, missing: _Missing | None) -> PlanCeiling:
    turns = {place: turn for turn, place in enumerate(plan.order)}
    wanted = set(missing) if missing is not None else None
    asked = [
        [turn for place, turn in turns.items() if wanted is None or (place, side) in wanted]
        for side in plan.asked
    ]
    worst = WorstCases(access, [plan.ask_of(prompt) for prompt in plan.prompts])
    return ceiling_of(_targets(plan), asked, worst.of)


def _targets(plan: QualityPlan) -> tuple[Target, ...]:
    return tuple(target for side in plan.asked if (target := plan.target_of(side)) is not None)


async def run_quality(
    runs: Runs,
    access: Access,
    plan: QualityPlan,
    *,
    server_url: str,
    consent: Consent,
    pauses_seconds: Sequence[float] = PAUSES_SECONDS,
) -> AsyncGenerator[QualityEvent, None]:
    """Run a plan: `QualityBegun`, progress and looks as they come, then `QualityOver`.

    Close it to stop: what came is kept, the run is "aborted" and can be resumed.

    Args:
        access: The providers under the settings of the moment; asked only where one is paid.
        server_url: Of the Ollama server that targets without an address mean.
        consent: What all paid answers together may cost, as `most_it_costs` told it.
        pauses_seconds: Before each further try of an answer.

    Raises:
        BudgetExceeded: it may cost more than was agreed to. Nothing was sent or stored.
        PrivacyBlocked: the workload's rule forbids somebody who would be asked. Nothing was sent.
        ModelNotFound, OllamaUnavailable: the local candidate cannot be had.
        BadInput: no such workload is saved, its privacy rule cannot be read, or no answer could
            be held against the schema.
    """
    workload = await saved_workload(runs.history, plan.workload)
    if plan.options.schema is not None:
        await in_thread(assert_usable, plan.options.schema)
    assert_agreed(_targets(plan), await most_it_costs(access, plan), consent)
    async with asking(
        runs,
        access,
        _targets(plan),
        server_url=server_url,
        consent=consent,
        workload=workload,
        why=WHY,
    ) as asker:
        plan = await admitted(asker, plan)
        uid = new_uid()
        with going_here(uid):
            number = await runs.history.quality.begin(uid, plan)
            run = await runs.history.quality.get(uid)
            going = _Going(asker=asker, run=run, number=number, pauses_seconds=pauses_seconds)
            async with aclosing(going.events()) as events:
                async for event in events:
                    yield event


async def resume_quality(
    runs: Runs,
    access: Access,
    uid: str,
    *,
    server_url: str,
    consent: Consent,
    pauses_seconds: Sequence[float] = PAUSES_SECONDS,
) -> AsyncGenerator[QualityEvent, None]:
    """Go on with a run that was stopped, cut or had errors: as `run_quality`, of what is missing.

    Raises:
        BadInput: there is no such run, it goes on here or in another program, or its local model
            has changed since: two models' answers would be mixed.
        AppError: as of `run_quality`.
    """
    with going_here(uid):
        run = await recovered(runs, uid)
        plan = run.plan
        workload = await saved_workload(runs.history, plan.workload)
        missing = run.missing()
        most = await most_it_costs(access, plan, missing=missing)
        assert_agreed(_targets(plan), most, consent)
        sides = {side for _, side in missing}
        targets = [one for side in plan.asked if side in sides and (one := plan.target_of(side))]
        async with asking(
            runs,
            access,
            targets,
            server_url=server_url,
            consent=consent,
            workload=workload,
            why=WHY,
        ) as asker:
            await admitted(asker, plan, sides=sides)
            going = _Going(
                asker=asker, run=run, number=run.record.id, pauses_seconds=pauses_seconds
            )
            async with aclosing(going.events()) as events:
                async for event in events:
                    yield event


async def recovered(runs: Runs, uid: str) -> QualityRun:
    """A run as it can be resumed: answers that ended just before a kill are taken over.

    Raises:
        BadInput: there is no such run.
    """
    run = await runs.history.quality.get(uid)
    if not await runs.history.quality.recover(run.record.id):
        return run
    return await runs.history.quality.get(uid)


# While it goes on -----------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Going:
    """One quality run while it goes on."""

    asker: Asker
    run: QualityRun
    number: int
    pauses_seconds: Sequence[float]
    cut: dict[tuple[int, Side], str] = field(default_factory=dict)
    """The runs of answers that were cut at a provider and that are still to be stored as errors."""
    usd: float = 0.0
    errors: int = 0
    done: dict[Side, int] = field(default_factory=dict)
    arrived: asyncio.Queue[QualityEvent | None] = field(default_factory=asyncio.Queue)

    @property
    def plan(self) -> QualityPlan:
        return self.run.plan

    async def events(self) -> AsyncGenerator[QualityEvent, None]:
        quality = self.asker.runs.history.quality
        there = [one for one in self.run.answers if one.text is not None and one.run]
        self.done = {side: sum(one.side == side for one in there) for side in self.plan.asked}
        self.usd = sum(one.usd or 0.0 for one in there)
        await quality.claim(self.number)
        state = "aborted"
        try:
            uid = self.run.record.uid
            yield QualityBegun(uid=uid, of=self.plan.answers, done=len(there))
            async with aclosing(self._looks()) as events:
                async for event in events:
                    yield event
            report = await in_thread(report_of, self.run)
            whole = not self.run.missing() or report.decided
            state = "done" if whole else "aborted"
            yield QualityOver(uid=uid, report=report)
        finally:
            await self.asker.runs.history.transact_later(
                lambda c: kept.set_state(c, self.number, state)
            )

    async def _looks(self) -> AsyncGenerator[QualityEvent, None]:
        """Ask for what is missing up to each look, read the gate, and stop where it is decided."""
        for prompts in self.plan.looks:
            first = set(self.plan.order[:prompts])
            missing = [one for one in self.run.missing() if one[0] in first]
            async with aclosing(self._asked(missing)) as events:
                async for event in events:
                    yield event
            self.run = await self.asker.runs.history.quality.get(self.run.record.uid)
            report = await in_thread(report_of, self.run)
            await self.asker.runs.history.quality.keep_result(self.number, report.as_json())
            yield QualityLook(report=report)
            if report.decided:
                return

    def _asked(self, missing: _Missing) -> AsyncGenerator[QualityEvent, None]:
        asked = self.plan.asked
        # One side after the other within a lane, so that a server loads each model once.
        pairs = sorted((asked.index(side), turn) for turn, (_, side) in enumerate(missing))
        lanes = lanes_of(_targets(self.plan), pairs)
        work = [self._lane([missing[turn] for _, turn in lane]) for lane in lanes]
        return events_of(work, self.arrived)

    async def _lane(self, lane: Sequence[tuple[int, Side]]) -> None:
        """One answer after the other; a side that cannot be asked at all is asked no more."""
        given_up: dict[Side, AppError] = {}
        for place, side in lane:
            try:
                if side in given_up:
                    raise given_up[side]
                await self._tried(place, side)
            except AppError as error:
                if ends_the_side(error):
                    given_up[side] = error
                await self._failed(place, side, error)
            self.done[side] += 1
            self._tell(place, side)

    async def _tried(self, place: int, side: Side) -> None:
        """Ask, and ask again after a pause where that may help."""
        target = self.plan.target_of(side)
        assert target is not None, "the side is asked"
        for pause in self.pauses_seconds:
            try:
                await self._answer(place, side)
            except AppError as error:
                if not worth_another(error, paid=target.paid):
                    raise
                await pause_for(error, target.model, seconds=pause, arrived=self.arrived)
            else:
                return
        await self._answer(place, side)

    async def _answer(self, place: int, side: Side) -> None:
        quality = self.asker.runs.history.quality

        uids: list[str] = []

        async def begun(uid: str) -> None:
            uids.append(uid)
            await quality.begin_answer(self.number, place=place, side=side, run=uid)

        target = self.plan.target_of(side)
        assert target is not None, "the side is asked"
        ask = self.plan.ask_of(self.plan.by_place()[place])
        try:
            record = await one_answer(
                self.asker, self.number, target, ask, begun=begun, arrived=self.arrived
            )
        except PaidCut:
            self.cut[place, side] = uids[-1]
            raise
        answer = kept.answer_of(record, place=place, side=side)
        self.usd += answer.usd or 0.0
        await quality.finish_answer(self.number, answer)

    async def _failed(self, place: int, side: Side, error: AppError) -> None:
        self.errors += 1
        failed = QualityAnswer(
            place=place,
            side=side,
            answered_at=now_iso(),
            error=str(error),
            run=self.cut.pop((place, side), ""),
        )
        await self.asker.runs.history.quality.finish_answer(self.number, failed)
        self.arrived.put_nowait(QualityFailed(place=place, side=side, error=error))

    def _tell(self, place: int, side: Side) -> None:
        told = QualityProgress(
            place=place,
            side=side,
            done=sum(self.done.values()),
            of=self.plan.answers,
            by_side=tuple(self.done.items()),
            usd=self.usd,
            errors=self.errors,
        )
        self.arrived.put_nowait(told)
