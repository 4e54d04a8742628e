"""`people`: how many people one or several machines serve with a model."""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass

from landfall.cli.asked_machine import add_context, add_machine, profile_of, tokens
from landfall.cli.history import opened_to_read
from landfall.cli.people_answer import PeopleAnswer
from landfall.cli.session import Command, Session
from landfall.core.demand.arrangements import CALLS_PER_HOUR, Arrangement, DemandProfile
from landfall.core.demand.crowd_replay import Replay, Slots, replayed, with_drawn_sizes
from landfall.core.demand.people import ServingMachine, answer
from landfall.core.demand.served_speed import ServedSpeed, by_slots, machine
from landfall.core.errors import BadInput
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.provenance import middle
from landfall.core.workload.workload import Workload
from landfall.services.history.records import RunRecord, SavedWorkload
from landfall.services.hosts import naming
from landfall.services.people import call_traces, people_served
from landfall.services.people.call_traces import CallTrace
from landfall.services.verdict import workload_files
from landfall.services.verdict.known_past import NO_PAST, Past, past_of

INPUT_TOKENS, OUTPUT_TOKENS = 1000.0, 300.0
"""Of a call where nothing tells: a question with some context, an answer of a page. Our judgement,
and said."""
P95_SECONDS = 30.0
PEOPLE = 10
HERE = "this machine"
MOST_MACHINES, MOST_SLOTS = 1000, 512
_MOST_TOKENS, _MOST_SECONDS, _MOST_RATE = 1e9, 1e6, 1e6
TEN_TIMES = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the history holds."""

    past: Past = NO_PAST
    runs: tuple[RunRecord, ...] = ()
    saved: tuple[SavedWorkload, ...] = ()


async def run(args: argparse.Namespace, session: Session) -> int:
    """Answer; 1 where the people that were typed are not served, or where nothing is known.

    Raises:
        BadInput: a value, a host, a machine, a workload or a trace; its field says which.
    """
    kept = await _kept(session)
    workload = _workload(args.workload, kept)
    trace = await _trace(args, kept)
    demand = _demand(args, session, workload, trace)
    speeds = await _speeds(args, session, demand, kept)
    machines = [machine(one, demand, slots=args.slots) for one in speeds]
    found = answer(demand, machines)
    shown = PeopleAnswer(
        model=args.model,
        answer=found,
        people_stated=args.people is not None,
        taken=_taken(args, workload, trace),
        by_slots=by_slots(speeds[0], demand) if len(set(speeds)) == 1 else (),
        unswept=tuple(
            dict.fromkeys(one.name for one in speeds if not one.swept and one.name != args.machine)
        ),
        trace=trace,
        replays=()
        if trace is None
        else await asyncio.to_thread(_replays, trace, found.machines, demand),
    )
    if session.json:
        session.document(shown.document())
    else:
        shown.show(session)
    enough = found.enough if args.people is not None else found.enough is not None
    return 0 if enough else 1


async def _kept(session: Session) -> _Kept:
    """Without making a history where there is none."""
    if not session.paths.database.exists():
        return _Kept()
    async with opened_to_read(session) as (history, _):
        return _Kept(
            past=await past_of(history),
            runs=tuple(await history.latest_runs()),
            saved=await history.workloads(),
        )


def _workload(name: str | None, kept: _Kept) -> Workload | None:
    if name is None:
        return None
    for one in kept.saved:
        if one.name == name:
            return workload_files.from_text(one.toml).workload
    if name in kept.past.usage:
        return None  # usage that nobody made a file of tells lengths and times all the same
    known = ", ".join(sorted({*kept.past.usage, *(one.name for one in kept.saved)})) or "none"
    raise BadInput(f"No workload {name!r} is saved.", f"Saved: {known}.", field="workload")


async def _trace(args: argparse.Namespace, kept: _Kept) -> CallTrace | None:
    if args.trace is not None:
        return await asyncio.to_thread(call_traces.read, args.trace)
    if args.workload is None:
        return None
    usage = kept.past.usage.get(args.workload)
    series = usage
    for one in kept.saved:
        if one.name == args.workload and series is None:
            series = workload_files.from_text(one.toml).series
    if series is None or series.trace is None:
        return None
    return call_traces.of_series(series, args.workload)


def _demand(
    args: argparse.Namespace,
    session: Session,
    workload: Workload | None,
    trace: CallTrace | None,
) -> DemandProfile:
    """What is typed stands above what a trace tells, and that above the workload."""
    tokens_ = workload.tokens if workload is not None else None
    found = (
        args.input,
        trace.input_tokens if trace else None,
        tokens_.input if tokens_ else None,
        INPUT_TOKENS,
    )
    written = (
        args.output,
        trace.output_tokens if trace else None,
        tokens_.output if tokens_ else None,
        OUTPUT_TOKENS,
    )
    target: float | None = P95_SECONDS if args.p95 is None else args.p95
    limit = session.settings.thresholds.utilisation_max
    return DemandProfile(
        people=PEOPLE if args.people is None else args.people,
        calls_per_hour=CALLS_PER_HOUR if args.calls_per_hour is None else args.calls_per_hour,
        input_tokens=next(one for one in found if one is not None),
        output_tokens=next(one for one in written if one is not None),
        spread=args.spread,
        target_seconds=target,
        gap_cs2=args.bursts,
        most_busy=limit if args.busy is None else args.busy,
    )


def _taken(
    args: argparse.Namespace, workload: Workload | None, trace: CallTrace | None
) -> tuple[str, ...]:
    """What nobody stated."""
    told = workload.tokens if workload is not None else None
    prompts = (args.input, trace and trace.input_tokens, told and told.input)
    answers = (args.output, trace and trace.output_tokens, told and told.output)
    taken = []
    if args.people is None:
        taken.append(f"{PEOPLE} people (--people)")
    if args.calls_per_hour is None:
        taken.append(f"{CALLS_PER_HOUR:g} calls an hour of each person (--calls-per-hour)")
    if all(one is None for one in prompts):
        taken.append(f"{INPUT_TOKENS:,.0f} tokens of prompt (--input)")
    if all(one is None for one in answers):
        taken.append(f"{OUTPUT_TOKENS:,.0f} tokens of answer (--output)")
    if args.p95 is None:
        taken.append(f"19 of 20 answers whole within {P95_SECONDS:g} s (--p95)")
    return tuple(taken)


# Machines --------------------------------------------------------------------------------------


async def _speeds(
    args: argparse.Namespace, session: Session, demand: DemandProfile, kept: _Kept
) -> list[ServedSpeed]:
    """One for each machine, in the order in which they are named."""
    if args.host and args.machines is not None:
        raise BadInput("--machines counts like ones.", "Name hosts, or count.", field="machines")
    if args.machine is not None:
        found = [await _predicted(args, session, demand, name=args.machine)]
    elif args.host:
        found = [await _on(name, args, session, demand, kept) for name in args.host]
    else:
        found = [await _on(None, args, session, demand, kept)]
    if args.host and args.machine is not None:
        found += [await _on(name, args, session, demand, kept) for name in args.host]
    return found * (args.machines or 1)


async def _on(
    host: str | None,
    args: argparse.Namespace,
    session: Session,
    demand: DemandProfile,
    kept: _Kept,
) -> ServedSpeed:
    """A host of ours: what was measured there. This machine: else what is predicted."""
    name, url = _named(host, session)
    known = people_served.measured(
        args.model,
        demand,
        name=name,
        host=url,
        benchmarks=kept.past.benchmarks,
        runs=kept.runs,
        loads=kept.past.loads,
    )
    if known is not None:
        return known
    if url is None:
        return await _predicted(args, session, demand, name=None)
    return people_served.unmeasured(args.model, name=name, url=url)


def _named(host: str | None, session: Session) -> tuple[str, str | None]:
    """A host's name and address; None for this machine."""
    if host is None or host.strip().lower() in (HERE, "here"):
        return HERE, None
    meant = naming.found(host, session.settings)
    return meant.name, meant.url


async def _predicted(
    args: argparse.Namespace, session: Session, demand: DemandProfile, *, name: str | None
) -> ServedSpeed:
    profile: HardwareProfile = await profile_of(name, session)
    stated = tokens(args.context, "context", session.settings.context_length)
    context = stated if args.context else people_served.context_for(demand, stated)
    return await people_served.predicted_of(
        args.model,
        profile,
        name=name or HERE,
        cache=session.paths.cache,
        context=context,
        slots=args.slots or 1,
    )


# Replay ----------------------------------------------------------------------------------------


def _replays(
    trace: CallTrace, machines: Sequence[ServingMachine], demand: DemandProfile
) -> tuple[tuple[float, Replay], ...]:
    """The calls as they came, pooled and split, and ten times as many, pooled."""
    each = [middle(one.service.seconds) for one in machines]
    told = trace.calls.mean_seconds
    known = [told if told is not None and second is None else second for second in each]
    if any(second is None or second <= 0 for second in known):
        return ()
    slots = [
        Slots(slots=one.service.slots, seconds=second or 0.0)
        for one, second in zip(machines, known, strict=True)
    ]
    calls = trace.calls if trace.calls.sized else with_drawn_sizes(trace.calls, demand.spread)
    share = machines[0].service.prompt_share
    wanted = [(Arrangement.POOLED, 1.0), (Arrangement.POOLED, TEN_TIMES)]
    if len(slots) > 1:
        split = Arrangement.BY_PERSON if trace.calls.persons else Arrangement.BY_CHANCE
        wanted.insert(1, (split, 1.0))
    return tuple(
        (
            times,
            replayed(
                calls,
                slots,
                arrangement,
                target_seconds=demand.target_seconds,
                prompt_share=share,
                faster=times,
            ),
        )
        for arrangement, times in wanted
    )


# What was typed --------------------------------------------------------------------------------


class _Number:
    """A number between two ends, for argparse; `whole` takes no fraction."""

    def __init__(self, least: float, most: float, *, whole: bool = False) -> None:
        self._least, self._most, self._whole = least, most, whole

    def __call__(self, text: str) -> float | int:
        """The number.

        Raises:
            argparse.ArgumentTypeError: it is none, or beyond the ends.
        """
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        whole = not self._whole or value == math.floor(value) if math.isfinite(value) else False
        if not (whole and self._least <= value <= self._most):
            kind = "whole number" if self._whole else "number"
            raise argparse.ArgumentTypeError(
                f"{text!r} is no {kind} from {self._least:,.10g} to {self._most:,.10g}"
            )
        return int(value) if self._whole else value


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model", metavar="MODEL", help="as its server names it, or of the catalogue"
    )
    _add_who_asks(parser)
    _add_what_serves(parser)
    how = parser.add_argument_group("how well")
    how.add_argument(
        "--p95",
        type=_Number(0.01, _MOST_SECONDS),
        metavar="SECONDS",
        help=f"19 of 20 answers are whole within ({P95_SECONDS:g})",
    )
    how.add_argument(
        "--busy",
        type=_Number(0.01, 1),
        metavar="SHARE",
        help="share of the slots that may be busy (as the settings say: 0.8)",
    )


def _add_who_asks(parser: argparse.ArgumentParser) -> None:
    who = parser.add_argument_group("who asks")
    who.add_argument(
        "--people", type=_Number(1, 1e9, whole=True), metavar="N", help=f"how many ({PEOPLE})"
    )
    who.add_argument(
        "--calls-per-hour",
        type=_Number(0.001, _MOST_RATE),
        metavar="X",
        help=f"of each person in the busiest hour ({CALLS_PER_HOUR:g})",
    )
    for name, default in (("input", INPUT_TOKENS), ("output", OUTPUT_TOKENS)):
        what = "of a prompt, without what is cached" if name == "input" else "of an answer"
        who.add_argument(
            f"--{name}",
            type=_Number(0, _MOST_TOKENS),
            metavar="N",
            help=f"mean tokens {what} ({default:,.0f})",
        )
    who.add_argument(
        "--spread",
        type=_Number(0, 10),
        default=1.0,
        metavar="X",
        help="standard deviation of the lengths over their mean (1)",
    )
    who.add_argument(
        "--bursts",
        type=_Number(0.05, 100),
        default=1.0,
        metavar="X",
        help="squared variation of the gaps between calls: 1 by chance, 4 in bursts (1)",
    )
    what = "replay the calls of a CSV or JSON lines file"
    who.add_argument("--trace", metavar="FILE", help=what)
    who.add_argument(
        "--workload", metavar="NAME", help="lengths and imported usage of a saved workload"
    )


def _add_what_serves(parser: argparse.ArgumentParser) -> None:
    where = parser.add_argument_group("what serves")
    where.add_argument(
        "--machines",
        type=_Number(1, MOST_MACHINES, whole=True),
        metavar="N",
        help="so many like it (1)",
    )
    where.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help='one of your hosts, its address, or "here"; give it again for each',
    )
    add_machine(parser)
    add_context(parser)
    where.add_argument(
        "--slots",
        type=_Number(1, MOST_SLOTS, whole=True),
        metavar="N",
        help="calls at once on each (as its server was seen with, else 1)",
    )


COMMANDS = (Command("people", _arguments, run),)
