"""`landfall gate`: the user's own prompts at a candidate and at today's model, paired."""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path

from landfall.cli import gate_arguments
from landfall.cli.asked_here import (
    Here,
    access_of,
    parsed,
    runs_of,
    server_here,
    server_of,
    target_of,
)
from landfall.cli.consent import consent
from landfall.cli.gate_answer import document, exit_code, show
from landfall.cli.history import opened
from landfall.cli.host_here import speak_with
from landfall.cli.session import Command, Session
from landfall.core.errors import AppError, BadInput
from landfall.core.quality.sets import QualitySet
from landfall.core.side_by_side.side_by_side import PlanCeiling, Target
from landfall.services.cloud.budget import Consent
from landfall.services.history.history import History
from landfall.services.quality.events import (
    QualityBegun,
    QualityEvent,
    QualityFailed,
    QualityLook,
    QualityProgress,
    QualityWaits,
)
from landfall.services.quality.export import KINDS, export_prompts, export_run
from landfall.services.quality.gate_report import report_of
from landfall.services.quality.judging import (
    JudgeOver,
    JudgeProgress,
    judge_run,
    most_judging_costs,
    to_judge,
    warnings_of,
)
from landfall.services.quality.plan import QualityPlan
from landfall.services.quality.running import (
    most_it_costs,
    recovered,
    resume_quality,
    run_quality,
)
from landfall.services.quality.use import use_for_workload
from landfall.services.run.asking import Access
from landfall.services.run.runs import Runs
from landfall.services.threads import in_thread

REPORTS = 20
"""Progress lines of a run: one for each twentieth of its answers."""


async def run(args: argparse.Namespace, session: Session) -> int:
    """Ask, pair, tell; 0 where every candidate passes, else 1.

    Raises:
        BadInput: an argument, the file, a target or a workload.
        BudgetExceeded: it was not agreed to, or costs more than `--max-usd`. Nothing was sent.
        PrivacyBlocked: the workload's rule keeps its text from somebody. Nothing was sent.
    """
    _check(args)
    if args.host:
        await speak_with(args.host, session)
    async with AsyncExitStack() as open_things:
        history = await open_things.enter_async_context(opened(session))
        if args.resume:
            gate = await _resumed(args, session, history, open_things)
        else:
            asked = await gate_arguments.read(args, session, history)
            if args.export and not args.local:
                return await _exported_alone(args, session, asked.prompts)
            gate = await _begun(args, session, history, open_things, asked)
        if _exports_what_is_there(args):
            await gate.leave_out()
        else:
            await gate.ask()
        if args.judge:
            await gate.let_judge()
        return await gate.tell()


def _check(args: argparse.Namespace) -> None:
    if args.export and args.export[0] not in KINDS:
        raise BadInput(
            f"{args.export[0]!r} is nothing to export as.",
            f"Say {', '.join(KINDS)}.",
            field="--export",
        )
    if args.resume and args.file:
        raise BadInput(
            "A run that is resumed has its prompts already.", "Leave FILE out.", field="file"
        )
    if args.save and not args.workload and not args.resume:
        raise BadInput("Which workload?", "Name it with --workload.", field="--save")


def _exports_what_is_there(args: argparse.Namespace) -> bool:
    """A run that is only exported asks for nothing more: going on is agreed to, or judged."""
    agreed = args.yes or args.unpriced or args.max_usd is not None
    return bool(args.resume and args.export and not agreed and not args.judge)


def _exported_words(count: int, path: str) -> str:
    return f"1 prompt is in {path}." if count == 1 else f"{count} prompts are in {path}."


async def _exported_alone(args: argparse.Namespace, session: Session, found: QualitySet) -> int:
    kind, path = args.export
    count = await export_prompts(Path(path), found.prompts, kind, title=Path(args.file).name)
    if session.json:
        session.document({"path": path, "kind": kind, "prompts": count})
    else:
        session.line(_exported_words(count, path))
    return 0


async def _begun(
    args: argparse.Namespace,
    session: Session,
    history: History,
    open_things: AsyncExitStack,
    asked: gate_arguments.Asked,
) -> _Gate:
    typed = [*gate_arguments.targets_typed(args, asked), *([args.judge] if args.judge else ())]
    gate_arguments.plan_of(
        args, asked, Here(url="", settings=session.settings)
    )  # what is wrong is said before a server starts
    here = await server_here(typed, session, open_things)
    plan = gate_arguments.plan_of(args, asked, here)
    for one in await history.quality.unfinished(args.workload, running=True):
        if one.title == plan.title:
            session.say(
                f"A run of {one.title} of {one.started_at} is not whole"
                f" ({one.answered} of {one.asked} answers): `landfall gate --resume {one.uid}`"
                " goes on with it. This one begins anew."
            )
    return _Gate(args, session, history, open_things, here, plan)


async def _resumed(
    args: argparse.Namespace, session: Session, history: History, open_things: AsyncExitStack
) -> _Gate:
    found = await history.quality.get(args.resume)
    if _exports_what_is_there(args):
        here = Here(url="", settings=session.settings)  # nobody is asked, so no server is needed
        return _Gate(args, session, history, open_things, here, found.plan, uid=found.record.uid)
    wanted = {side for _, side in found.missing()} if found.record.state != "done" else set()
    needed = [one for side in wanted if (one := found.plan.target_of(side)) is not None]
    if args.judge:
        needed.append(parsed(args.judge))
    here = await server_of(needed, session, open_things)
    return _Gate(args, session, history, open_things, here, found.plan, uid=found.record.uid)


@dataclass(slots=True)
class _Gate:
    """One run of the command, from what is asked to what is told."""

    args: argparse.Namespace
    session: Session
    history: History
    open_things: AsyncExitStack
    here: Here
    plan: QualityPlan
    uid: str = ""

    @property
    def judge(self) -> Target | None:
        """Who labels what differs; None where people do."""
        if not self.args.judge:
            return None
        allow = self.args.allow_cloud
        return target_of(self.args.judge, self.here, allow_cloud=allow, field="--judge")

    def targets(self) -> tuple[Target, ...]:
        sides = [self.plan.target_of(side) for side in self.plan.asked]
        return tuple(one for one in (*sides, self.judge) if one is not None)

    async def access(self) -> Access:
        return await self.open_things.enter_async_context(
            access_of(self.targets(), self.session, self.history)
        )

    async def ask(self) -> None:
        """Ask for all that is missing, once it is agreed what it may cost."""
        runs = await runs_of(self.targets(), self.session, self.history)
        access = await self.access()
        missing = None
        if self.uid:
            found = await recovered(runs, self.uid)
            missing = found.missing()
            if found.record.state == "done" or not missing:
                return
        most = await most_it_costs(access, self.plan, missing=missing)
        names = [target.name for target in self.targets()]
        agreed = await self._consent(most, names)
        events = (
            resume_quality(runs, access, self.uid, server_url=self.here.url, consent=agreed)
            if self.uid
            else run_quality(runs, access, self.plan, server_url=self.here.url, consent=agreed)
        )
        await self._ran(events)

    async def leave_out(self) -> None:
        """Ask for nothing; what is missing is told, and how to go on."""
        found = await recovered(Runs(self.history), self.uid)
        if found.record.state != "done" and (missing := len(found.missing())):
            self.session.say(
                f"Answers that are missing: {missing}, left out of the export."
                f" Go on with: landfall gate --resume {self.uid}"
            )

    async def _consent(self, most: PlanCeiling, names: Sequence[str]) -> Consent:
        for one in most.targets:
            usd = "no price is known" if one.usd is None else f"at most {one.usd:.4g} USD"
            self.session.say(f"{names[one.target]}: {usd} ({one.note})")
        return await consent(
            self.args,
            self.session,
            most_usd=most.usd if len(most.targets) > len(most.unpriced) else None,
            unpriced=bool(most.unpriced),
        )

    async def _ran(self, events: AsyncGenerator[QualityEvent, None]) -> None:
        """Run it; how far it is goes to stderr."""
        said = 0
        over = False
        try:
            async with aclosing(events):
                async for event in events:
                    match event:
                        case QualityBegun(uid=uid, of=of, done=done):
                            self.uid = uid
                            self.session.say(f"Answers to come: {of - done}. The run is {uid}.")
                        case QualityWaits(waiting=waiting):
                            self.session.say(str(waiting))
                        case QualityFailed(place=place, side=side, error=error):
                            self.session.say(f"prompt {place + 1}, {side}: {error}")
                        case QualityProgress(done=done, of=of) if done * REPORTS // of > said:
                            said = done * REPORTS // of
                            self.session.say(f"{done} of {of}")
                        case QualityLook(report=report):
                            for one in report.candidates:
                                self.session.say(f"After {report.prompts}: {one.reading.says}")
                        case _:
                            pass
            over = True
        finally:
            if self.uid and not over:
                self.session.say(
                    f"What came is kept. Go on with: landfall gate --resume {self.uid}"
                )

    async def let_judge(self) -> None:
        """Let the judge label what differs, once its warnings and its cost were told."""
        judge = self.judge
        assert judge is not None, "one was named"
        runs = await runs_of([judge], self.session, self.history)
        access = await self.access()
        found = await self.history.quality.get(self.uid)
        if not to_judge(found, judge):
            self.session.say("No answer needs a label: the judge is not asked.")
            return
        for warning in warnings_of(found.plan, judge):
            self.session.say(warning)
        agreed = await self._consent(await most_judging_costs(access, found, judge), [judge.name])
        events = judge_run(runs, access, self.uid, judge, server_url=self.here.url, consent=agreed)
        async with aclosing(events):
            async for event in events:
                match event:
                    case QualityWaits(waiting=waiting):
                        self.session.say(str(waiting))
                    case JudgeProgress(error=AppError() as error):
                        self.session.say(f"{judge.name}: {error}")
                    case JudgeProgress(done=done, of=of):
                        self.session.say(f"judged {done} of {of}")
                    case JudgeOver(unread=unread) if unread:
                        self.session.say(f"{unread} judgements had no verdict: ties.")
                    case _:
                        pass

    async def tell(self) -> int:
        """Print what came of it, and write what was asked for; the exit code."""
        found = await self.history.quality.get(self.uid)
        report = await in_thread(report_of, found)
        if self.args.export:
            kind, path = self.args.export
            count = await export_run(Path(path), found, kind)
            self.session.say(_exported_words(count, path))
        if self.args.save:
            await use_for_workload(self.history, self.uid)
            self.session.say(f"It is in the workload {found.plan.workload}.")
        if self.session.json:
            self.session.document(document(found, report))
        else:
            show(found, report, self.session)
        return exit_code(report)


COMMANDS = (
    Command(
        "gate",
        gate_arguments.add_arguments,
        run,
    ),
)
