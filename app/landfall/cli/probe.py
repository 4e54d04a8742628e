"""`landfall probe PROVIDER MODEL`: how fast a provider's model is, by some small paid calls."""

from __future__ import annotations

import argparse
from contextlib import aclosing
from typing import Any

from landfall.cli.cloud_here import reached
from landfall.cli.consent import add_consent, consent
from landfall.cli.session import Command, Session
from landfall.core.benchmark.probe import ANSWER_TOKENS, CALLS, Call, Plan, Summary, calls_of
from landfall.services import cloud
from landfall.services.cloud.probe import Made, Probed, most_it_costs, run_probe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `probe`."""
    parser.epilog = (
        "A server of your own costs nothing: `landfall hosts check NAME` says whether it answers"
        " and how fast, `landfall run MODEL --host NAME` measures an answer."
    )
    parser.add_argument("provider", metavar="PROVIDER", help="openai, together, deepinfra, ...")
    parser.add_argument("model", metavar="MODEL", help="as the provider names it")
    parser.add_argument(
        "-n",
        "--calls",
        type=int,
        default=CALLS,
        metavar="N",
        help=f"calls that are measured, after one warm-up ({CALLS})",
    )
    parser.add_argument(
        "--max-tokens",
        type=int,
        default=ANSWER_TOKENS,
        metavar="N",
        help=f"the longest answer, reasoning included ({ANSWER_TOKENS})",
    )
    add_consent(parser)


async def run(args: argparse.Namespace, session: Session) -> int:
    """Tell the most it costs, make the calls, print what came; 1 where no call succeeded."""
    row = cloud.find(args.provider)
    plan = Plan(calls=args.calls, max_tokens=args.max_tokens)
    async with reached(session) as here:
        most = most_it_costs(here.access, row, args.model, plan)
        if most.usd is not None:
            session.say(f"It costs at most {most.usd:.4g} USD.")
        agreed = await consent(args, session, most_usd=most.usd, unpriced=most.usd is None)
        probed: Probed | None = None
        updates = run_probe(
            here.access, here.history, row, model=args.model, plan=plan, consent=agreed
        )
        async with aclosing(updates) as told:
            async for update in told:
                if isinstance(update, Made):
                    session.say(_line(update.call, plan))
                else:
                    probed = update
    assert probed is not None, "a probe that raises nothing is kept"
    if session.json:
        session.document(_document(probed, most_usd=most.usd))
    else:
        _show(probed, session)
    return 0 if probed.summary.measured else 1


def _line(call: Call, plan: Plan) -> str:
    name = f"call {call.number} of {plan.calls}" if call.number else "warm-up, not counted"
    if call.failure:
        return f"{name}: failed, {call.failure}"
    return f"{name}: first token {_seconds(call.ttft_seconds)}, {_rate(call, 'tok_s')}"


def _show(probed: Probed, session: Session) -> None:
    found = probed.summary
    session.line(f"{probed.record.provider} {probed.record.model} at {probed.record.host}")
    session.table(
        ("", "p50", "p95"),
        (
            ("first token", _seconds(found.ttft_p50_seconds), _seconds(found.ttft_p95_seconds)),
            ("speed", _rate(found, "tok_s_p50"), _rate(found, "tok_s_p95")),
        ),
        right="p50,p95",
    )
    session.line(f"{found.measured} calls counted, {found.failed} failed. {_cost(found)}")
    for reason, often in found.failures:
        session.line(f"failed {often}x: {reason}")
    if found.measured and not found.firm:
        session.say("With fewer than 20 calls, p95 is little more than the worst call seen.")
    if found.estimated:
        session.say("~: the provider did not count the tokens; they are estimated from the text.")


def _cost(found: Summary) -> str:
    if found.cost_usd is None:
        return "What it cost is not known."
    more = f", and {found.unpriced} calls whose cost is not known" if found.unpriced else ""
    return f"{_about(found, 'cost_usd')}{found.cost_usd:.4g} USD{more}, the warm-up included."


def _seconds(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f} s"


def _rate(of: Call | Summary, name: str) -> str:
    value: float | None = getattr(of, name)
    return "unknown speed" if value is None else f"{_about(of, name)}{value:.1f} tok/s"


def _about(of: Call | Summary, name: str) -> str:
    """What stands before a figure that rests on estimated tokens."""
    return "~" if name in of.estimated else ""


def _document(probed: Probed, *, most_usd: float | None) -> dict[str, Any]:
    """Units are in the names; p95 of a speed is what 95 of 100 calls reach."""
    record, found = probed.record, probed.summary
    return {
        "provider": record.provider,
        "host": record.host,
        "model": record.model,
        "started_at": record.started_at,
        "measured": found.measured,
        "failed": found.failed,
        "failures": [{"reason": reason, "count": often} for reason, often in found.failures],
        "ttft_p50_seconds": found.ttft_p50_seconds,
        "ttft_p95_seconds": found.ttft_p95_seconds,
        "tok_s_p50": found.tok_s_p50,
        "tok_s_p95": found.tok_s_p95,
        "cost_usd": found.cost_usd,
        "unpriced": found.unpriced,
        "most_usd": most_usd,
        "estimated": list(found.estimated),
        "calls": [
            {
                "number": call.number,
                "warm_up": call.number == 0,
                "ttft_seconds": call.ttft_seconds,
                "tok_s": call.tok_s,
                "total_seconds": call.total_seconds,
                "input_tokens": call.input_tokens,
                "output_tokens": call.output_tokens,
                "cost_usd": call.cost_usd,
                "estimated": list(call.estimated),
                "failure": call.failure or None,
            }
            for call in calls_of(record.result)
        ],
    }


COMMANDS = (
    Command(
        name="probe",
        add_arguments=add_arguments,
        run=run,
    ),
)
