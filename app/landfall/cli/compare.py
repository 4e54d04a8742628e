"""`landfall compare`: the same prompts at several models, here and at providers, side by side."""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path

from landfall.cli.cloud_here import providers
from landfall.cli.consent import add_consent, consent
from landfall.cli.history import opened
from landfall.cli.models import connected
from landfall.cli.piped import prompt
from landfall.cli.session import Command, Session
from landfall.cli.tokens import tokens
from landfall.core.errors import AppError, BadInput
from landfall.core.model_names import is_cloud_name
from landfall.core.runtime import InstalledModel
from landfall.core.side_by_side import PACES, Plan, PlanCeiling, Prompt, Target, parse_target
from landfall.services import cloud, power
from landfall.services.asking import Access
from landfall.services.cloud.access import CloudAccess
from landfall.services.history import History
from landfall.services.metering import Metering
from landfall.services.ollama import address
from landfall.services.ollama.client import Ollama
from landfall.services.runs import Runs
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
    SideProgress,
    most_it_costs,
    run_side_by_side,
)
from landfall.services.targets import CLOUD_ANSWER_TOKENS


async def run(args: argparse.Namespace, session: Session) -> int:
    """Say what it costs at most, ask, run, and print a table; 1 where an answer is missing.

    Raises:
        BadInput: an argument, a prompt file, a target or a workload.
        BudgetExceeded: it was not agreed to, or costs more than `--max-usd`. Nothing was sent.
    """
    prompts = await _prompts(args)
    async with AsyncExitStack() as open_things:
        server_url, models = await _server(args.target, session, open_things)
        plan = _plan(args, session, prompts, models)
        history = await open_things.enter_async_context(opened(session))
        access = await open_things.enter_async_context(_providers(plan, session, history))
        most = await most_it_costs(access, plan)
        _tell_most(plan, most, session)
        agreed = await consent(
            args,
            session,
            most_usd=most.usd if len(most.targets) > len(most.unpriced) else None,
            unpriced=bool(most.unpriced),
        )
        local = any(not target.paid and not target.url for target in plan.targets)
        meters = Metering(await power.discover(session.settings)) if local else None
        runs = Runs(
            history,
            power=meters,
            tariff=session.settings.electricity,
            calibration=session.settings.wall_calibration,
        )
        events = run_side_by_side(runs, access, plan, server_url=server_url, consent=agreed)
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
        raise BadInput("There is no prompt.", "Give one, or --prompts FILE.", field="PROMPT")
    return (Prompt(name="1", text=text),)


async def _server(
    typed: Sequence[str], session: Session, open_things: AsyncExitStack
) -> tuple[str, tuple[InstalledModel, ...]]:
    """The address of the Ollama server here and its models.

    It is needed where a target without an address is no provider's. Elsewhere it is only asked
    whether one of the names is a model here, and none that does not answer is started.
    """
    providers = [row.id for row in cloud.rows()]
    targets = [parse_target(one, providers=providers) for one in typed]
    if any(not target.paid and not target.url for target in targets):
        client = await open_things.enter_async_context(connected(session))
        return client.url, tuple(await client.tags())
    url = address.chosen(session.settings.ollama_url, os.environ).url
    async with Ollama(url) as client:
        try:
            return url, tuple(await client.tags())
        except AppError:
            return url, ()


def _plan(
    args: argparse.Namespace,
    session: Session,
    prompts: tuple[Prompt, ...],
    models: Sequence[InstalledModel],
) -> Plan:
    providers = [row.id for row in cloud.rows()]
    here = [model.name for model in models]
    remote = {model.name for model in models if model.remote} if args.allow_cloud else set()
    targets = (parse_target(one, providers=providers, here=here) for one in args.target)
    return Plan(
        prompts=prompts,
        targets=tuple(_on_its_server(one, remote, args) for one in targets),
        system=args.system or "",
        context=args.context or session.settings.context_length,
        num_predict=args.num_predict,
        temperature=args.temperature,
        seed=args.seed,
        workload=args.workload,
        pace=args.pace,
    )


def _on_its_server(target: Target, remote: Collection[str], args: argparse.Namespace) -> Target:
    """With the address to call; only what is in a cloud may be answered by one, if at all."""
    if target.paid:
        return target
    cloudy = target.model in remote or (args.allow_cloud and is_cloud_name(target.model))
    url = address.parsed(target.url, field="--target") if target.url else ""
    return Target(model=target.model, url=url, allow_remote=cloudy)


@asynccontextmanager
async def _providers(plan: Plan, session: Session, history: History) -> AsyncIterator[Access]:
    """The way to the providers; the keyring is opened only where one is asked."""
    if not any(target.paid for target in plan.targets):
        yield _none
        return
    async with providers(session, history) as access:
        yield lambda: access


def _none() -> CloudAccess:
    raise AssertionError("no target is paid")


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
    add("prompt", metavar="PROMPT", nargs="?", help="without one: --prompts, or from stdin")
    add(
        "--target",
        metavar="MODEL",
        action="append",
        required=True,
        help="qwen3:8b, qwen3:8b@http://host:11434 or PROVIDER:MODEL; several times",
    )
    add("--prompts", metavar="FILE", help="one prompt a line, or JSON lines with `prompt`")
    add("--system", metavar="TEXT", help="said to every model before the prompt")
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


COMMANDS = (
    Command("compare", "the same prompts at several models, side by side", _arguments, run),
)
