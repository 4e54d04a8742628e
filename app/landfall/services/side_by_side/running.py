"""Runs the same prompts at several targets side by side; each answer is a run in the history.

What it costs at most is told first (`most_it_costs`) and agreed to, before anything is sent; the
day's cap holds over all answers at once. One target that fails ends no other. Blind, nothing that
is told here says who is who (see `side_by_side.blind`).
"""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from landfall.core.errors import AppError
from landfall.core.side_by_side.side_by_side import Plan, PlanCeiling, ceiling, lanes
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.history.list_places import stand_above
from landfall.services.history.records import new_uid, now_iso
from landfall.services.run.answering import Ask, Kept, RunUpdate, Turn
from landfall.services.run.asking import Access
from landfall.services.run.runs import Runs
from landfall.services.side_by_side import kept as side_by_sides_kept
from landfall.services.side_by_side.asker import (
    ENDS_THE_TARGET,
    Asker,
    asking,
    assert_agreed,
    events_of,
    saved_workload,
)
from landfall.services.side_by_side.blind import BlindPrompt, View, blind_prompt, view_of
from landfall.services.side_by_side.kept import SideRecord
from landfall.services.side_by_side.stops import Stops
from landfall.services.side_by_side.worst import WorstCases
from landfall.services.threads import in_thread

WHY = "side by side"
"""In the egress log."""

APART_SECONDS = 0.02
"""From the begin of one lane to that of the next: what a begin takes of the interpreter (a key, a
connection, a row). Ten at the same moment would keep the window waiting for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBegun:
    """It is in the history, and goes on.

    Attributes:
        row: Of the comparison in the history.
        of: Answers that are asked for.
    """

    row: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SideLane:
    """What happens in one answer; never told of a blind comparison."""

    target: int
    prompt: int
    update: RunUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFailed:
    """An answer could not be had, and why; never told of a blind comparison."""

    target: int
    prompt: int
    error: AppError


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBlind:
    """Of a blind comparison: a prompt whose answers are all there, without a name."""

    prompt: BlindPrompt


@dataclass(frozen=True, slots=True, kw_only=True)
class SideProgress:
    """So many of all answers are over, with or without an end."""

    done: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SideKept:
    """It is over and stored. Blind: a view without names."""

    view: View


SideEvent = SideBegun | SideLane | SideFailed | SideBlind | SideProgress | SideKept


async def most_it_costs(access: Access, plan: Plan) -> PlanCeiling:
    """What a plan costs at most at providers, to be told before it is run.

    Raises:
        BadInput: there is no such provider.
    """
    if not any(target.paid for target in plan.targets):
        return PlanCeiling(targets=())
    return await in_thread(_ceiling, await in_thread(access), plan)


def _ceiling(access: CloudAccess, plan: Plan) -> PlanCeiling:
    asks = [ask_of(plan, prompt) for prompt in range(len(plan.prompts))]
    return ceiling(plan, WorstCases(access, asks).of)


def ask_of(plan: Plan, prompt: int) -> Ask:
    """What is asked of every target for one prompt."""
    system = (Turn("system", plan.system),) if plan.system.strip() else ()
    return Ask(
        turns=(*system, Turn("user", plan.prompts[prompt].text)),
        context=plan.context,
        num_predict=plan.answer_tokens(prompt),
        workload=plan.workload,
        temperature=plan.temperature,
        seed=plan.seed,
    )


async def run_side_by_side(
    runs: Runs,
    access: Access,
    plan: Plan,
    *,
    server_url: str,
    consent: Consent,
    stops: Stops | None = None,
) -> AsyncGenerator[SideEvent, None]:
    """Run a plan: `SideBegun`, everything as it happens in any order, then `SideKept`.

    Close it to stop: what came is kept, and the comparison is "aborted".

    Args:
        access: The providers under the settings of the moment; asked only where one is paid.
        server_url: Of the Ollama server that targets without an address mean.
        consent: What all paid answers together may cost, as `most_it_costs` told it.
        stops: Through which a target can be stopped alone.

    Raises:
        BudgetExceeded: it may cost more than was agreed to. Nothing was sent or stored.
        BadInput: no such workload is saved, or its privacy rule cannot be read.
    """
    workload = await saved_workload(runs.history, plan.workload)
    most = await most_it_costs(access, plan)
    assert_agreed(plan.targets, most, consent)
    async with asking(
        runs,
        access,
        plan.targets,
        server_url=server_url,
        consent=consent,
        workload=workload,
        why=WHY,
    ) as asker:
        running = _Running(runs=runs, plan=plan, asker=asker, stops=stops or Stops())
        async with aclosing(running.events()) as events:
            async for event in events:
                yield event


@dataclass(slots=True, kw_only=True)
class _Running:
    """One comparison while it runs."""

    runs: Runs
    plan: Plan
    asker: Asker
    stops: Stops
    row: int = 0
    done: int = 0
    over: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    arrived: asyncio.Queue[SideEvent | None] = field(default_factory=asyncio.Queue)

    async def events(self) -> AsyncGenerator[SideEvent, None]:
        record = SideRecord(
            uid=new_uid(), started_at=now_iso(), plan=self.plan, seed=secrets.randbits(39)
        )
        history = self.runs.history
        self.row = await history.transact(
            lambda c: stand_above(c, "side_by_sides", side_by_sides_kept.insert(c, record))
        )
        state = "aborted"
        try:
            yield SideBegun(row=self.row, of=self.plan.answers)
            async with aclosing(self._all_lanes()) as updates:
                async for update in updates:
                    yield update
            state = "done"
        finally:
            await history.transact_later(lambda c: side_by_sides_kept.set_state(c, self.row, state))
        side = await history.side_by_side(self.row)
        if side is not None:
            yield SideKept(view=view_of(side))

    def _all_lanes(self) -> AsyncGenerator[SideEvent, None]:
        work = [
            self._lane(lane, after_seconds=number * APART_SECONDS)
            for number, lane in enumerate(lanes(self.plan))
        ]
        return events_of(work, self.arrived)

    async def _lane(self, lane: Sequence[tuple[int, int]], *, after_seconds: float) -> None:
        """One answer after the other; a target that cannot be asked at all is asked no more."""
        await asyncio.sleep(after_seconds)
        given_up: dict[int, AppError] = {}
        for target, prompt in lane:
            try:
                if target in given_up:
                    raise given_up[target]
                await self.stops.hold(target, self._answer(target, prompt))
            except AppError as error:
                if isinstance(error, ENDS_THE_TARGET):
                    given_up[target] = error
                await self._failed(target, prompt, error)
            await self._is_over(prompt)

    async def _answer(self, target: int, prompt: int) -> None:
        async def begun(uid: str) -> None:
            await self._link(target, prompt, uid)

        asked = self.asker.asked(self.plan.targets[target], ask_of(self.plan, prompt), begun=begun)
        async with aclosing(asked) as updates:
            async for update in updates:
                if isinstance(update, Kept):
                    await self._link(target, prompt, update.record.uid)
                self._tell(SideLane(target=target, prompt=prompt, update=update))

    async def _link(self, target: int, prompt: int, uid: str) -> None:
        await self.runs.history.transact_later(
            lambda c: side_by_sides_kept.link(c, self.row, target=target, prompt=prompt, uid=uid)
        )

    async def _failed(self, target: int, prompt: int, error: AppError) -> None:
        why = str(error)
        await self.runs.history.transact_later(
            lambda c: side_by_sides_kept.refuse(
                c, self.row, target=target, prompt=prompt, error=why
            )
        )
        self._tell(SideFailed(target=target, prompt=prompt, error=error))

    async def _is_over(self, prompt: int) -> None:
        """Count it; the last answer to a prompt of a blind comparison lets all of them be shown."""
        self.done += 1
        self.over[prompt] += 1
        if self.plan.blind and self.over[prompt] == len(self.plan.targets):
            side = await self.runs.history.transact(
                lambda c: side_by_sides_kept.whole(c, self.row, only_prompt=prompt)
            )
            if side is not None:
                self.arrived.put_nowait(SideBlind(prompt=blind_prompt(side, prompt)))
        self.arrived.put_nowait(SideProgress(done=self.done, of=self.plan.answers))

    def _tell(self, event: SideLane | SideFailed) -> None:
        """Of a blind comparison neither: names, rates and the order of arrival would be in it."""
        if not self.plan.blind:
            self.arrived.put_nowait(event)
