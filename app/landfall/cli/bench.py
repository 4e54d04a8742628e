"""`bench`: how fast models are on a server, how many they serve at once, what energy they take."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from landfall.cli.bench_answer import Answer, document
from landfall.cli.bench_tables import show
from landfall.cli.history import forgetful, opened_to_read
from landfall.cli.host_here import add_host
from landfall.cli.models import connected
from landfall.cli.session import Command, Session
from landfall.cli.tokens import tokens
from landfall.core.benchmark.benchmark import BenchPlan, BenchPrompt
from landfall.core.errors import AppError, BadInput, DiskFull
from landfall.core.run.long_wait import LongWait
from landfall.services import egress, power
from landfall.services.benchmark import running as benchmark
from landfall.services.benchmark.past import kept_benchmark
from landfall.services.benchmark.plan import (
    LEAST_ANSWER_TOKENS,
    prompts_of_file,
    standard_plan,
)
from landfall.services.benchmark.running import (
    BenchEvent,
    BenchKept,
    BenchLane,
    BenchPart,
    BenchStep,
    ModelFacts,
)
from landfall.services.history.history import History
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.run.answering import Kept
from landfall.services.run.metering import Metering
from landfall.services.run.runs import Runs

SUSTAINED_SECONDS = 60.0
MOST_REPETITIONS, MOST_AT_ONCE, MOST_LEVELS = 100, 256, 16
MOST_TOKENS, MOST_THREADS = 1 << 20, 4096
MOST_SECONDS = 86_400.0


async def run(args: argparse.Namespace, session: Session) -> int:
    """Measure each model; 1 where an answer broke off, and nothing is lost of what was measured."""
    prompts = _prompts(args)
    concurrency = _numbers(args.concurrency)
    answers: list[Answer] = []
    async with (
        connected(session, args.host) as client,
        opened_to_read(session) as (history, trouble),
    ):
        forgetful(trouble, session, sends=not is_this_machine(client.url))
        known = [await benchmark.about(client, model) for model in args.models]
        plans = [_plan(args, session, facts, prompts, concurrency) for facts in known]
        runs = Runs(
            history,
            power=Metering(await power.discover(session.settings)),
            tariff=session.settings.electricity,
            calibration=session.settings.wall_calibration,
        )
        async with _told(session, history, client, plans):
            try:
                for facts, plan in zip(known, plans, strict=True):
                    answers.append(Answer(facts.name, plan))
                    await _one(runs, history, client, into=answers[-1], session=session)
            except asyncio.CancelledError:
                await _read_back(history, answers)
                _cut(answers, session, "It was cancelled.")
                raise
            except AppError as error:
                answers[-1].error = error
                if not _cut(answers, session, error.message) or not session.json:
                    raise
                return error.exit_code  # the document that was printed tells of it
    _print(answers, session)
    return 0 if all(answer.whole for answer in answers) else 1


async def _one(
    runs: Runs,
    history: History,
    client: Ollama,
    *,
    into: Answer,
    session: Session,
) -> None:
    events = benchmark.run_benchmark(runs, history, client, into.model, plan=into.plan)
    async with aclosing(events):
        async for event in events:
            _take(event, into, session)


def _take(event: BenchEvent, into: Answer, session: Session) -> None:
    match event:
        case BenchStep():
            into.doing, into.row = event.doing, event.row
            session.say(f"{event.number} of {event.of}: {into.model}: {_words(event)}")
        case BenchLane(update=Kept() as kept):
            if into.doing != "warm_up":
                into.kept.append(kept)
        case BenchLane(update=LongWait() as waiting):
            session.say(str(waiting))
        case BenchLane():
            pass
        case BenchPart(part=part):
            into.take(part)
        case BenchKept(record=record, result=result):
            into.end(record, result)


def _words(step: BenchStep) -> str:
    match step.doing:
        case "idle":
            return f"what the machine draws with the model {step.name}"
        case "load":
            return "loading"
        case "warm_up":
            return "warming up (does not count)"
        case "prompt":
            return f"{step.name} prompt"
        case "sustained":
            return "one answer after the other without a pause"
        case "sweep":
            return f"{step.name} at once"
        case "embed":
            return "1 text a request" if step.name == "1" else f"{step.name} texts a request"


async def _read_back(history: History, answers: list[Answer]) -> None:
    """What is kept of the one that was cut: who is cancelled is told nothing more."""
    if not answers or answers[-1].record is not None:
        return
    with suppress(AppError):
        kept = await kept_benchmark(history, answers[-1].row)
        if kept is not None:
            answers[-1].end(*kept)


def _cut(answers: list[Answer], session: Session, why: str) -> bool:
    """Show what was measured before it was cut, for it is kept; whether there was anything."""
    if not any(answer.measured for answer in answers):
        return False
    _print(answers, session)
    unsaved = any(isinstance(answer.error, DiskFull) for answer in answers)
    until = "saved before" if unsaved else "measured until then"
    session.say(f"{why} What was {until} is kept in the history.")
    return True


def _print(answers: list[Answer], session: Session) -> None:
    if session.json:
        documents = [document(answer) for answer in answers]
        session.document(documents[0] if len(documents) == 1 else documents)
        return
    for number, answer in enumerate(answers):
        if number:
            session.line()
        show(answer, session)


@asynccontextmanager
async def _told(
    session: Session, history: History, client: Ollama, plans: list[BenchPlan]
) -> AsyncIterator[None]:
    """Say and write down what leaves this machine before it does; nothing where nothing leaves."""
    host = "" if is_this_machine(client.url) else urlsplit(client.url).netloc
    if host:
        session.say(f"The prompts leave this machine for {host}.")
    size = sum(
        len(prompt.text.encode()) * plan.repetitions for plan in plans for prompt in plan.prompts
    )
    purpose = egress.Purpose(why="benchmark")
    async with egress.recorded_if_it_leaves(history, host=host, sent_bytes=size, purpose=purpose):
        yield


# What was typed


def _prompts(args: argparse.Namespace) -> tuple[BenchPrompt, ...]:
    if not args.prompts:
        return ()
    tokens = args.num_predict or LEAST_ANSWER_TOKENS
    return prompts_of_file(Path(args.prompts), num_predict=tokens)


def _plan(
    args: argparse.Namespace,
    session: Session,
    facts: ModelFacts,
    prompts: tuple[BenchPrompt, ...],
    concurrency: tuple[int, ...],
) -> BenchPlan:
    """The plan for a model: it is asked for no more context than it was trained for."""
    plan = standard_plan(
        context=args.context or session.settings.context_length,
        trained_context=facts.trained_context,
        num_predict=args.num_predict or LEAST_ANSWER_TOKENS,
        repetitions=args.repeat,
        concurrency=concurrency,
        ttft_target_seconds=args.p95,
        sustained_seconds=args.sustained,
        cold_load=not args.no_cold,
        num_thread=args.threads,
    )
    if prompts or args.num_predict:
        plan = replace(plan, prompts=prompts or plan.prompts, answer_seconds=0.0)
    return plan


def _numbers(text: str | None) -> tuple[int, ...]:
    """`1,2,4,8`."""
    if text is None:
        return ()
    found = [_whole(part.strip()) for part in text.split(",")]
    if not all(1 <= number <= MOST_AT_ONCE for number in found) or len(found) > MOST_LEVELS:
        raise BadInput(
            f"--concurrency is {text!r}.",
            f"Give numbers from 1 to {MOST_AT_ONCE} with commas between them: 1,2,4,8.",
            field="--concurrency",
        )
    return tuple(sorted(set(found)))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _from_1(most: int) -> Any:
    def number(text: str) -> int:
        value = _whole(text.strip())
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to {most}")
        return value

    return number


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("models", metavar="MODEL", nargs="+", help="models on the server")
    _add_what_is_measured(parser)
    add_host(parser)
    parser.add_argument("--context", type=tokens, metavar="N", help="context length in tokens")
    parser.add_argument(
        "--num-predict",
        type=_from_1(MOST_TOKENS),
        metavar="N",
        help=f"tokens of each answer; without it {LEAST_ANSWER_TOKENS}, or as many as take 10 s",
    )
    parser.add_argument(
        "--threads", type=_from_1(MOST_THREADS), metavar="N", help="threads of the processor"
    )
    parser.add_argument(
        "--no-cold", action="store_true", help="leave the model in memory if it is there"
    )


def _add_what_is_measured(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prompts",
        metavar="FILE",
        help="your own prompts: one a line, or JSON lines with `prompt` and `num_predict`; "
        "without it three lengths are asked",
    )
    parser.add_argument(
        "--repeat",
        type=_from_1(MOST_REPETITIONS),
        default=3,
        metavar="N",
        help="how often each prompt is asked (default 3)",
    )
    parser.add_argument(
        "--concurrency",
        nargs="?",
        const="1,2,4,8",
        metavar="1,2,4,8",
        help="then ask so many at once, and say how many people are served",
    )
    parser.add_argument(
        "--p95",
        type=_seconds,
        default=2.0,
        metavar="SECONDS",
        help="95 of 100 people shall wait no longer for the first token (default 2)",
    )
    parser.add_argument(
        "--sustained",
        type=_seconds,
        nargs="?",
        const=SUSTAINED_SECONDS,
        default=0.0,
        metavar="SECONDS",
        help=f"then answer without a pause for so long ({SUSTAINED_SECONDS:g}), to see whether the "
        "machine slows down",
    )


COMMANDS = (Command("bench", _arguments, run),)
