"""What `landfall gate` asks of whom: its arguments, and the plan that they make."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from landfall.cli.asked_here import Here, target_of
from landfall.cli.consent import add_consent
from landfall.cli.host_here import add_host
from landfall.cli.session import Session
from landfall.cli.tokens import tokens
from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.core.quality.scoring import (
    METRICS,
    PLAIN,
    Metric,
    Options,
    check,
    metric_of,
)
from landfall.core.quality.sets import Columns, QualitySet, read_set, sample
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.workload.workload import Workload
from landfall.services.history.history import History
from landfall.services.quality import files
from landfall.services.quality.export import KINDS
from landfall.services.quality.opening import proposed_metric
from landfall.services.quality.own_rules import assert_usable
from landfall.services.quality.plan import ANSWER_TOKENS, CONTEXT, MOST_PROMPTS, QualityPlan
from landfall.services.side_by_side.asker import saved_workload
from landfall.services.verdict.workload_files import read_text

PROBLEMS_SHOWN = 5
PIPELINE_MARGIN = 0.03

_COLUMNS = tuple(field.name for field in fields(Columns))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `gate`."""
    _add_what_is_asked(parser)
    _add_how_it_is_asked(parser)
    add_consent(parser)


def _add_what_is_asked(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "file",
        nargs="?",
        metavar="FILE",
        help="JSON lines or CSV with prompt and, where known, expected, incumbent, cluster; or a"
        " .txt file with one prompt a line",
    )
    add("--local", metavar="MODEL", help="the candidate on the Ollama server; MODEL@HOST elsewhere")
    add_host(parser)
    add(
        "--against",
        metavar="PROVIDER:MODEL",
        help="today's model; without it the workload's, or the answers recorded in FILE",
    )
    add("--hosted", metavar="PROVIDER:MODEL", help="a second candidate, at a provider")
    add("--metric", metavar="M", help=f"{', '.join(METRICS)}; by default what fits the task")
    add("--margin", type=float, metavar="X", help="the largest acceptable loss: 0.03 is 3 points")
    add("--workload", metavar="NAME", help="a saved workload, whose privacy rule holds")
    add("--save", action="store_true", help="write the counts into the workload")
    add(
        "--resume",
        metavar="UID",
        help="go on with a run that was cut or stopped; with --export and nothing agreed to, "
        "export what is there",
    )
    add("--judge", metavar="MODEL", help="let a model label what differs, in both orders")
    add(
        "--export",
        nargs=2,
        metavar=("KIND", "PATH"),
        help=f"write the set to PATH; KIND is {', '.join(KINDS)}; jsonl holds every answer too",
    )


def _add_how_it_is_asked(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--sample", type=int, metavar="N", help="ask only N prompts, spread over the file")
    add(
        "--looks",
        type=_looks,
        metavar="N,N,...",
        help="read the gate after so many prompts too and stop where it is decided",
    )
    add("--seed", type=int, default=1, metavar="N", help="of the sample and the answers")
    what = "said to every model before the prompt"
    add("--system", type=str, default="", metavar="TEXT", help=what)
    add("--context", type=tokens, default=CONTEXT, metavar="N", help="of local models, in tokens")
    add(
        "--num-predict",
        type=tokens,
        default=ANSWER_TOKENS,
        metavar="N",
        help="at most N tokens an answer (default: %(default)s)",
    )
    add(
        "--column",
        action="append",
        default=[],
        metavar="MEANING=COLUMN",
        help=f"what a column is called, of {', '.join(_COLUMNS)}; remembered for such files",
    )
    add("--pattern", metavar="REGEX", help="of the metric regex")
    add("--schema", metavar="FILE", help="JSON schema of the metric json_schema")
    add("--k", type=int, default=PLAIN.k, metavar="N", help="of the metric recall_at_k")
    add("--allow-cloud", action="store_true", help="let a model in a cloud of Ollama's answer")


def _looks(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(one) for one in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed, read: the prompts in the order in which to ask, and whose they are."""

    prompts: QualitySet
    workload: Workload | None
    against: str
    hosted: str


async def read(args: argparse.Namespace, session: Session, history: History) -> Asked:
    """Read the file and the workload; what cannot be used of the file is said.

    Raises:
        BadInput: a file, a column or a workload.
    """
    if not args.file:
        raise BadInput("No file of prompts is named.", "See `landfall gate --help`.", field="file")
    workload = await saved_workload(history, args.workload)
    path = Path(args.file)
    lines: Sequence[str] = await files.lines_of(path)
    typed = _typed(args.column)
    columns = replace(await files.columns_of(history, lines), **typed)
    rows: Sequence[str] = lines
    if "prompt" not in typed:  # a column that was typed and is not there is said
        rows = await asyncio.to_thread(files.as_rows, path, lines, columns)
    found = await asyncio.to_thread(read_set, rows, columns)
    _tell_problems(found, session)
    try:
        prompts = sample(found, args.sample or max(1, len(found.prompts)), args.seed)
    except BadInput as error:
        line = error.line if error.line is not None else None
        raise BadInput(
            error.message, error.hint, file=args.file, line=line, field=error.field
        ) from error
    if args.column:
        await files.remember(history, lines, columns)
    if len(prompts.prompts) > MOST_PROMPTS:
        raise BadInput(
            f"{args.file} has {len(prompts.prompts)} prompts; at most {MOST_PROMPTS} are asked.",
            "Draw some of them with --sample.",
            field="--sample",
        )
    hosted = args.hosted or ""
    return Asked(
        prompts=prompts,
        workload=workload,
        against=args.against or _todays(workload, prompts),
        hosted=hosted,
    )


def _typed(words: Sequence[str]) -> dict[str, str]:
    """Columns as they were typed.

    Raises:
        BadInput: a word is no MEANING=COLUMN.
    """
    found = {}
    for word in words:
        meaning, equals, column = word.partition("=")
        if not equals or meaning not in _COLUMNS:
            raise BadInput(
                f"{word!r} says nothing of a column.",
                f"Write MEANING=COLUMN; a meaning is {', '.join(_COLUMNS)}.",
                field="--column",
            )
        found[meaning] = column
    return found


def _tell_problems(found: QualitySet, session: Session) -> None:
    for one in found.problems[:PROBLEMS_SHOWN]:
        column = f", {one.column}" if one.column else ""
        session.say(f"line {one.line}{column}: {one.reason}")
    left = found.refused + found.duplicates - len(found.problems[:PROBLEMS_SHOWN])
    if left > 0:
        session.say(f"... and {left} more lines that are not asked.")


def _todays(workload: Workload | None, prompts: QualitySet) -> str:
    """Today's model of the workload, where the file has not its answers; "" for those."""
    if prompts.has_incumbent or workload is None or not workload.today.model:
        return ""
    return f"{workload.today.provider}:{workload.today.model}"


def targets_typed(args: argparse.Namespace, asked: Asked) -> tuple[str, ...]:
    """Those who are asked, as they were typed.

    Raises:
        BadInput: no local candidate is named.
    """
    if not args.local:
        raise BadInput("No local candidate is named.", "Name it with --local.", field="--local")
    return tuple(one for one in (args.local, asked.against, asked.hosted) if one)


def plan_of(args: argparse.Namespace, asked: Asked, here: Here) -> QualityPlan:
    """The plan.

    Raises:
        BadInput: a target, the metric, what it needs, or a number; says which.
    """
    prompts = asked.prompts.prompts
    options = Options(schema=_schema(args.schema), pattern=args.pattern or "", k=args.k)
    metric = _metric(args, asked)
    check(metric, options)
    if metric.needs_expected and not any(one.expected is not None for one in prompts):
        raise BadInput(
            f"{metric.name} needs an expected answer, and {args.file} has none.",
            "Give the file an `expected`, or choose --metric human.",
            field="--metric",
        )

    def target(typed: str, field: str) -> Target | None:
        if not typed:
            return None
        return target_of(typed, here, allow_cloud=args.allow_cloud, field=field)

    return QualityPlan(
        prompts=prompts,
        metric=metric.id,
        margin=_margin(args, asked.workload),
        local=target(args.local, "--local"),
        hosted=target(asked.hosted, "--hosted"),
        incumbent=target(asked.against, "--against"),
        options=options,
        title=Path(args.file).name,
        workload=args.workload,
        system=args.system,
        context=args.context,
        num_predict=args.num_predict,
        seed=args.seed,
        looks=args.looks or (),
    )


def _metric(args: argparse.Namespace, asked: Asked) -> Metric:
    """As typed, as the workload says where that is known, or the default of the task."""
    if args.metric:
        try:
            return metric_of(args.metric)
        except BadInput as error:
            raise BadInput(error.message, error.hint, field="--metric") from error
    return proposed_metric(asked.workload, asked.prompts.prompts)


def _margin(args: argparse.Namespace, workload: Workload | None) -> float:
    if args.margin is not None:
        return float(args.margin)
    return workload.margin if workload is not None else PIPELINE_MARGIN


def _schema(file: str | None) -> dict[str, object] | None:
    if file is None:
        return None
    try:
        found = json_text.read(read_text(Path(file), file, 1 << 20))
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{file} is not JSON: {error.msg}.",
            "Correct the line, or name the file of a JSON schema.",
            file=file,
            line=error.lineno,
            field="--schema",
        ) from error
    if not isinstance(found, dict):
        raise BadInput(f"{file} is no JSON schema.", "It is an object.", field="--schema")
    try:
        assert_usable(found)
    except BadInput as error:
        raise BadInput(error.message, error.hint, file=file, field="--schema") from error
    return found
