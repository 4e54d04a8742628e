"""`landfall compare`: the same prompts at several models, here and at providers, side by side."""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

from landfall.cli.asked_here import Here, access_of, runs_of, server_here, target_of
from landfall.cli.consent import add_consent, consent
from landfall.cli.history import opened
from landfall.cli.host_here import add_host, speak_with
from landfall.cli.piped import prompt
from landfall.cli.session import Command, Session
from landfall.cli.tokens import tokens
from landfall.core.errors import AppError, BadInput
from landfall.core.run.long_wait import LongWait
from landfall.core.side_by_side.side_by_side import PACES, Plan, PlanCeiling, Prompt
from landfall.services.run.targets import CLOUD_ANSWER_TOKENS
from landfall.services.side_by_side.export import (
    as_document,
    export_side_by_side,
    shown,
    why_unknown,
)
from landfall.services.side_by_side.kept import SideBySide
from landfall.services.side_by_side.prompts import prompts_of_file
from landfall.services.side_by_side.running import (
    SideBegun,
    SideEvent,
    SideFailed,
    SideKept,
    SideLane,
    SideProgress,
    most_it_costs,
    run_side_by_side,
)


async def run(args: argparse.Namespace, session: Session) -> int:
    """Say what it costs at most, ask, run, and print a table; 1 where an answer is missing.

    Raises:
        BadInput: an argument, a prompt file, a target or a workload.
        BudgetExceeded: it was not agreed to, or costs more than `--max-usd`. Nothing was sent.
    """
    prompts = await _prompts(args)
    if args.host:
        await speak_with(args.host, session)
    async with AsyncExitStack() as open_things:
        here = await server_here(args.target, session, open_things)
        plan = _plan(args, session, prompts, here)
        history = await open_things.enter_async_context(opened(session))
        access = await open_things.enter_async_context(access_of(plan.targets, session, history))
        most = await most_it_costs(access, plan)
        _tell_most(plan, most, session)
        agreed = await consent(
            args,
            session,
            most_usd=most.usd if len(most.targets) > len(most.unpriced) else None,
            unpriced=bool(most.unpriced),
        )
        runs = await runs_of(plan.targets, session, history)
        events = run_side_by_side(runs, access, plan, server_url=here.url, consent=agreed)
        side, errors = await _ran(events, plan, session)
    if args.out:
        await export_side_by_side(Path(args.out), side)
    if session.json:
        session.document(as_document(side) | {"ceiling_usd": most.usd if most.targets else None})
    else:
        _show(side, session)
    return _exit_code(side, errors)


def _exit_code(side: SideBySide, errors: Sequence[AppError]) -> int:
    """1 where an answer is missing; that of the errors where nothing came and all are alike."""
    if all(one.failed == 0 for one in side.summaries()):
        return 0
    codes = {error.exit_code for error in errors}
    nothing = not any(answer.complete for answer in side.answers)
    return codes.pop() if nothing and len(codes) == 1 else 1


# What is asked of whom


async def _prompts(args: argparse.Namespace) -> tuple[Prompt, ...]:
    """Those of a file, or the one of the command line or of stdin.

    Raises:
        BadInput: there is none, or there are both.
    """
    if args.prompts and args.prompt:
        raise BadInput("Give a prompt or a file with prompts, not both.", field="--prompts")
    if args.prompts:
        return prompts_of_file(Path(args.prompts), num_predict=args.num_predict)
    text = await prompt(args.prompt)
    if not text.strip():
        raise BadInput("There is no prompt.", "Give one, or --prompts FILE.", field="prompt")
    return (Prompt(name="1", text=text),)


def _plan(
    args: argparse.Namespace,
    session: Session,
    prompts: tuple[Prompt, ...],
    here: Here,
) -> Plan:
    return Plan(
        prompts=prompts,
        targets=tuple(
            target_of(one, here, allow_cloud=args.allow_cloud, field="--target", any_kind=True)
            for one in args.target
        ),
        system=args.system or "",
        context=args.context or session.settings.context_length,
        num_predict=args.num_predict,
        temperature=args.temperature,
        seed=args.seed,
        workload=args.workload,
        pace=args.pace,
    )


# What it costs


def _tell_most(plan: Plan, most: PlanCeiling, session: Session) -> None:
    """What it costs at most, model by model and together."""
    for one in most.targets:
        name = plan.targets[one.target].name
        usd = "no price is known" if one.usd is None else f"at most {one.usd:.4g} USD"
        session.say(f"{name}: {usd} ({one.note})")
    paid = len(plan.prompts) * (len(most.targets) - len(most.unpriced))
    if paid:
        session.say(f"Together at most {most.usd:.4g} USD for {_answers(paid)}.")
    if most.unpriced:
        free = len(plan.prompts) * len(most.unpriced)
        session.say(f"There is no ceiling for {_answers(free)}.")


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count} answers"


# What comes of it


async def _ran(
    events: AsyncGenerator[SideEvent, None], plan: Plan, session: Session
) -> tuple[SideBySide, list[AppError]]:
    """Run it; how far it is goes to stderr. What came of it, and what went wrong."""
    side: SideBySide | None = None
    errors: list[AppError] = []
    async with aclosing(events):
        async for event in events:
            match event:
                case SideBegun(of=of):
                    session.say(f"Answers to come: {of}.")
                case SideFailed(target=target, prompt=prompt, error=error):
                    errors.append(error)
                    where = f"{plan.targets[target].name}, prompt {prompt + 1}"
                    session.say(f"{where}: {error}")
                case SideLane(update=LongWait() as waiting):
                    session.say(str(waiting))
                case SideProgress(done=done, of=of):
                    session.say(f"{done} of {of}")
                case SideKept(view=SideBySide() as view):
                    side = view
                case _:
                    pass
    assert side is not None, "a comparison that is not blind ends with its answers"
    return side, errors


_TABLE = (
    ("TTFT p50", "ttft_p50_seconds", "{:.2f} s"),
    ("p95", "ttft_p95_seconds", "{:.2f} s"),
    ("tok/s", "decode_tok_s", "{:.1f}"),
    ("in", "prompt_tokens", "{:.0f}"),
    ("out", "output_tokens", "{:.0f}"),
    ("USD", "cost_usd", "{:.4g}"),
    ("joules", "gross_joules", "{:.1f}"),
)


def _show(side: SideBySide, session: Session) -> None:
    """One prompt: its answers, then the table. Of a set the table alone."""
    if len(side.plan.prompts) == 1:
        for answer in side.answers:
            session.line(f"--- {side.plan.targets[answer.target].name}")
            if answer.run is not None and answer.run.answer:
                session.line(answer.run.answer)
            if not answer.complete:
                session.line(f"(no whole answer: {answer.why_not})")
        session.line()
    rows = []
    for one in side.summaries():
        name = side.plan.targets[one.target].name
        amounts = [(title, getattr(one, field), form) for title, field, form in _TABLE]
        cells = [shown(amount, form) for _, amount, form in amounts]
        rows.append((name, f"{one.answers} of {one.answers + one.failed}", *cells))
    titles = [title for title, _, _ in _TABLE]
    session.table(("MODEL", "answers", *titles), rows, right=",".join(("answers", *titles)))
    for note in why_unknown(side, tuple((title, field) for title, field, _ in _TABLE)):
        session.line(f"- {note}")


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 2:
        raise argparse.ArgumentTypeError(f"{text!r} is no temperature from 0 to 2")
    return value


def _arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    what = "without one: --prompts, or from stdin"
    add("prompt", type=str, metavar="PROMPT", nargs="?", help=what)
    add(
        "--target",
        metavar="MODEL",
        action="append",
        required=True,
        help="qwen3:8b, qwen3:8b@HOST (a kept one or an address) or PROVIDER:MODEL; several times",
    )
    add_host(parser)
    add(
        "--prompts",
        metavar="FILE",
        help="one prompt a line, or JSON lines with `prompt`",
    )
    add("--system", type=str, metavar="TEXT", help="said to every model before the prompt")
    add(
        "--num-predict",
        type=tokens,
        metavar="N",
        default=CLOUD_ANSWER_TOKENS,
        help=f"at most N tokens an answer, {CLOUD_ANSWER_TOKENS} by default",
    )
    add("--context", type=tokens, metavar="N", help="context length of local models in tokens")
    add("--temperature", type=_temperature, metavar="T", help="0 takes the likeliest word")
    add("--seed", type=int, metavar="N", help="for answers that can be repeated")
    add(
        "--pace",
        choices=PACES,
        default="servers",
        help="models of one server after each other (default), all at once, or one at a time",
    )
    add("--workload", metavar="NAME", help="a saved workload, whose privacy rule holds")
    add_consent(parser)
    add("--allow-cloud", action="store_true", help="let a model in a cloud of Ollama's answer")
    add("--out", metavar="FILE", help="write all of it to FILE (.json, .csv or .md)")


COMMANDS = (Command("compare", _arguments, run),)
