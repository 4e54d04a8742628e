"""`run`: one answer of a model on an Ollama server, streamed, then measured and kept."""

from __future__ import annotations

import argparse
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from landfall.cli.history import forgetful, opened, opened_to_read
from landfall.cli.host_here import add_host, token_of
from landfall.cli.models import connected
from landfall.cli.piped import prompt
from landfall.cli.session import Command, Session
from landfall.cli.tokens import tokens
from landfall.core.energy.energy import joules_per_token
from landfall.core.errors import BadInput
from landfall.core.events import Piece
from landfall.core.fit.load_check import clamped
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.models.model_names import is_cloud_name
from landfall.core.provenance import Unknown, middle
from landfall.core.run.long_wait import LongWait
from landfall.services import egress, power
from landfall.services.history.history import History
from landfall.services.history.records import RunRecord
from landfall.services.hosts import clients
from landfall.services.hosts.naming import found
from landfall.services.hosts.openai_target import OpenAiTarget
from landfall.services.hosts.privacy_door import place_of
from landfall.services.ollama import generation
from landfall.services.ollama.client import Ollama
from landfall.services.run.answering import Ask, Kept, RunUpdate, Turn
from landfall.services.run.metering import Metering
from landfall.services.run.runs import Runs
from landfall.services.run.targets import OllamaTarget

CLOUD_HOST = "ollama.com"
"""Where a server sends what is asked of a cloud name."""

IDLE_SECONDS = 5.0
"""After the answer the draw at rest is looked at, so that the net energy is known: no longer."""


async def run_model(args: argparse.Namespace, session: Session) -> int:
    """Stream one answer to stdout, flushed piece by piece, then one line with its measurements."""
    text = await _prompt(args)
    ask = Ask(
        turns=(Turn("user", text),),
        context=args.context or session.settings.context_length,
        num_predict=args.num_predict,
    )
    host = found(args.host, session.settings) if args.host else None
    if host is not None and host.kind is HostKind.OPENAI:
        return await _run_elsewhere(args, session, ask, host)
    async with (
        connected(session, args.host) as client,
        opened_to_read(session) as (history, trouble),
    ):
        remote = await _remote_host(client, args.model, allow_cloud=args.allow_cloud)
        target = OllamaTarget(
            client,
            args.model,
            seed=args.seed,
            temperature=args.temperature,
            num_thread=args.threads,
            allow_remote=bool(remote),
        )
        if target.place == "local":
            # A name may lead elsewhere, where no sensor of this machine measures.
            target.place = await place_of(client.url)
        elsewhere = "" if target.place == "local" else urlsplit(client.url).netloc
        if remote:
            # The sensors of this machine have nothing to do with an answer from a cloud.
            target.place, target.host = "cloud", remote
        forgetful(trouble, session, sends=bool(remote or elsewhere))
        runs = await _metered(history, session)
        async with _told(session, history, remote or elsewhere, text):
            kept = await _shown(runs.stream(target, ask), session)
    return _tell(args.model, kept, session)


async def _metered(history: History, session: Session) -> Runs:
    """What runs and keeps answers that the sensors of this machine measure."""
    return Runs(
        history,
        power=Metering(await power.discover(session.settings)),
        tariff=session.settings.electricity,
        calibration=session.settings.wall_calibration,
        idle_seconds=IDLE_SECONDS,
    )


async def _run_elsewhere(args: argparse.Namespace, session: Session, ask: Ask, host: Host) -> int:
    """As `run_model`, of a model on an OpenAI-compatible host: every request is in the egress log.

    Raises:
        BadInput: an option is Ollama's alone, or the host's token may not travel there.
    """
    for option, value in (("--context", args.context), ("--threads", args.threads)):
        if value is not None:
            raise BadInput(
                f"{option} is set where the server is started: {host.name} is no Ollama.",
                "Leave it out.",
                field=option,
            )
    token = await token_of(host, session)
    async with (
        opened(session) as history,
        aclosing(clients.way_out(host, history)) as transport,
    ):
        target = OpenAiTarget(
            host,
            token,
            transport,
            model=args.model,
            purpose=egress.Purpose(why="answer"),
            seed=args.seed,
            temperature=args.temperature,
        )
        target.place = await place_of(host.url)
        session.say(f"What you ask goes to {host.name} ({host.url}).")
        runs = Runs(history)
        if target.place == "local":
            runs = await _metered(history, session)
        kept = await _shown(runs.stream(target, ask), session)
    return _tell(args.model, kept, session)


def _tell(model: str, kept: Kept, session: Session) -> int:
    """Print what was measured; 1 where the answer broke off."""
    if session.json:
        session.document(_document(model, kept))
    else:
        session.line()
        session.line(_measurements(kept))
    for note in _clamped(kept.record):
        session.say(f"{note[:1].upper()}{note[1:]}.")
    for note in kept.energy.notes if not session.json else ():
        session.say(f"Energy: {note}.")
    if kept.trouble is not None:
        session.say(f"This answer is not in the history: {kept.trouble.message}")
    if not kept.metrics.complete:
        session.say(f"This is no result: {kept.metrics.reason('done_reason')}.")
    return 0 if kept.metrics.complete else 1


async def _shown(updates: AsyncGenerator[RunUpdate, None], session: Session) -> Kept:
    """Show the answer while it comes; what was kept of the run at its end."""
    kept: Kept | None = None
    within_line = False
    async with aclosing(updates):
        async for update in updates:
            match update:
                case Piece(text=text, thinking=thinking) if not session.json:
                    (session.say_piece if thinking else session.piece)(text)
                    within_line = not text.endswith("\n")
                case LongWait():
                    session.say(f"\n{update}" if within_line else str(update))
                    within_line = False
                case Kept():
                    kept = update
                case _:
                    pass
    assert kept is not None, "a run that raises nothing is kept"
    return kept


async def _prompt(args: argparse.Namespace) -> str:
    """The prompt of the command line, else that of stdin where it is no terminal.

    Raises:
        BadInput: there is none, or it is not text.
    """
    text = await prompt(args.prompt)
    if not text.strip():
        raise BadInput(
            "There is no prompt.", "Give it after the model, or on stdin.", field="prompt"
        )
    return text


async def _remote_host(client: Ollama, model: str, *, allow_cloud: bool) -> str:
    """The cloud that answers for this model, or "": known before a word of the prompt is sent.

    Raises:
        PrivacyBlocked: the model is in a cloud, and that is not allowed.
        ModelNotFound: it is not there.
    """
    if is_cloud_name(model) and allow_cloud:
        return CLOUD_HOST
    about = await client.show(model)
    if not allow_cloud:
        generation.refuse_remote(about, model)
    return str(about.get("remote_host") or about.get("remote_model") or "")


@asynccontextmanager
async def _told(session: Session, history: History, host: str, text: str) -> AsyncIterator[None]:
    """Say and write down what leaves this machine before it does; nothing where nothing leaves."""
    if host:
        session.say(f"What you ask leaves this machine for {host}.")
    purpose = egress.Purpose(why="answer")
    sent_bytes = len(text.encode())
    async with egress.recorded_if_it_leaves(
        history, host=host, sent_bytes=sent_bytes, purpose=purpose
    ):
        yield


def _clamped(record: RunRecord) -> tuple[str, ...]:
    """What to say where the server gave another context than was asked for."""
    told = record.conditions
    return clamped(told.get("context"), told.get("context_given"), told.get("context_trained"))


def _document(model: str, kept: Kept) -> dict[str, Any]:
    """The answer, and the keys of one bench run."""
    record = kept.record
    name, _, version = (record.engine or "").partition(" ")
    return {
        "model": model,
        "text": record.answer,
        **kept.metrics.as_json(),
        "energy": _energy(kept, record),
        "thinking": record.thinking,
        "digest": record.digest,
        "engine": {"name": name or "Ollama", "version": version or None},
        "host": record.host,
        "conditions": dict(record.conditions),
    }


def _energy(kept: Kept, record: RunRecord) -> dict[str, Any]:
    """Joules; what is not known is null, and `reason` says why of gross and net."""
    spent = kept.energy
    net = f"net: {spent.net.reason}" if isinstance(spent.net, Unknown) else None
    return {
        "gross_joules": middle(spent.gross),
        "net_joules": middle(spent.net),
        "scope": record.energy_scope,
        "reason": record.energy_reason or net,
        "joules_per_token": middle(joules_per_token(spent.gross, record.output_tokens)),
        "load_joules": middle(spent.load),
        "prefill_joules": middle(spent.prefill),
        "decode_joules": middle(spent.decode),
        "idle_watts": middle(spent.idle_watts),
        "grade": str(spent.grade),
        "error_share": spent.error_share,
        "shared_with": spent.shared_with,
        "notes": list(spent.notes),
        "electricity_cost": record.electricity_cost,
        "electricity_currency": record.electricity_currency,
        "wall_joules": record.conditions.get("wall_joules"),
        "wall_way": record.conditions.get("wall_way"),
    }


def _measurements(kept: Kept) -> str:
    """One line; what is not known is left out, with a word on the prefill, which often is not."""
    metrics, spent = kept.metrics, kept.energy
    each = joules_per_token(spent.gross, kept.record.output_tokens)
    parts = [
        _part(metrics.decode_tok_s, "{:.1f} tok/s"),
        _part(metrics.prefill_tok_s, "prefill {:.1f} tok/s"),
        _part(metrics.ttft_seconds, "first token after {:.2f} s"),
        _part(metrics.load_seconds, "load {:.2f} s"),
        _part(metrics.prompt_tokens, "{} tokens in"),
        _part(metrics.output_tokens, "{} out"),
        _part(middle(spent.gross), "{:.1f} J gross"),
        _part(middle(spent.net), "{:.1f} J net"),
        _part(middle(each), "{:.3g} J/token"),
        _cost(kept.record),
        f"ended by {metrics.done_reason}" if metrics.done_reason else "no end",
    ]
    return "[" + ", ".join(part for part in parts if part) + "]"


def _cost(record: RunRecord) -> str:
    """The electricity of it, with as many digits as tell something, and how the plug is known."""
    if record.electricity_cost is None:
        return ""
    way = record.conditions.get("wall_way") or "at the plug"
    return f"{record.electricity_cost:.2g} {record.electricity_currency} of electricity ({way})"


def _part(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="name with its tag: qwen3:8b")
    add_host(parser)
    what = "without one: read from stdin"
    parser.add_argument("prompt", type=str, metavar="PROMPT", nargs="?", help=what)
    parser.add_argument("--num-predict", type=tokens, metavar="N", help="at most N tokens")
    parser.add_argument("--context", type=tokens, metavar="N", help="context length in tokens")
    parser.add_argument("--seed", type=int, metavar="N", help="for an answer that can be repeated")
    parser.add_argument("--temperature", type=float, metavar="T", help="0 takes the likeliest word")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of the processor")
    parser.add_argument(
        "--allow-cloud",
        action="store_true",
        help="let a model in a cloud answer: what you ask leaves this machine",
    )


COMMANDS = (Command("run", _arguments, run_model),)
