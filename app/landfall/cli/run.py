"""`run`: one answer of a model on an Ollama server, streamed, then measured."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from landfall.cli.models import connected
from landfall.cli.session import Command, Session
from landfall.core.errors import BadInput
from landfall.core.events import Piece, RunEvent
from landfall.core.metrics import PromptCache, RunMetrics, measure
from landfall.core.model_names import is_cloud_name, same
from landfall.services import egress
from landfall.services.history import History
from landfall.services.ollama import generation
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.ollama.generation import Options

CLOUD_HOST = "ollama.com"
"""Where a server sends what is asked of a cloud name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """What will answer.

    Attributes:
        digest: Of the model on the server, or None.
        parameters: The model's own options, as the server prints them.
        leaves_for: The host beyond this machine that gets the prompt, or "".
        remote: Whether the model itself is in a cloud.
        prompt_cache: Whether the server may hold the prompt already.
    """

    digest: str | None
    parameters: str
    leaves_for: str
    remote: bool
    prompt_cache: PromptCache


async def run_model(args: argparse.Namespace, session: Session) -> int:
    """Stream one answer to stdout, flushed piece by piece, then one line with its measurements."""
    prompt = await _prompt(args)
    options = Options(
        num_ctx=args.context or session.settings.context_length,
        num_predict=args.num_predict,
        seed=args.seed,
        temperature=args.temperature,
        num_thread=args.threads,
    )
    async with connected(session) as client:
        version = await client.version()
        target = await _target(client, args.model, allow_cloud=args.allow_cloud)
        if target.leaves_for:
            session.say(f"What you ask leaves this machine for {target.leaves_for}.")
        events: list[RunEvent] = []
        async with _told(session, target, prompt):
            stream = client.chat(
                args.model,
                [{"role": "user", "content": prompt}],
                options=options,
                model_parameters=target.parameters,
                allow_remote=target.remote,
            )
            async with aclosing(stream):
                async for event in stream:
                    events.append(event)
                    _show(event, session)
    metrics = measure(events, prompt_cache=target.prompt_cache)
    if session.json:
        conditions = {"context": options.num_ctx, "num_thread": options.num_thread}
        engine = {"name": "Ollama", "version": version}
        session.document(
            {"model": args.model, "text": _text(events)}
            | metrics.as_json()
            | {"thinking": _text(events, thinking=True), "digest": target.digest}
            | {"engine": engine, "host": client.url, "conditions": conditions}
        )
    else:
        session.line()
        session.line(_measurements(metrics))
    if not metrics.complete:
        session.say(f"This is no result: {metrics.reason('done_reason')}.")
    return 0 if metrics.complete else 1


async def _prompt(args: argparse.Namespace) -> str:
    """The prompt of the command line, else that of stdin where it is no terminal.

    Raises:
        BadInput: there is none.
    """
    text: str = args.prompt or ""
    if not text and not sys.stdin.isatty():
        text = await asyncio.to_thread(sys.stdin.read)
    if not text.strip():
        raise BadInput(
            "There is no prompt.", "Give it after the model, or on stdin.", field="PROMPT"
        )
    return text


async def _target(client: Ollama, model: str, *, allow_cloud: bool) -> _Target:
    """What will answer, found out before a word of the prompt is sent.

    Raises:
        PrivacyBlocked: the model is in a cloud, and that is not allowed.
        ModelNotFound: it is not there.
    """
    if is_cloud_name(model) and allow_cloud:
        return _Target(
            digest=None, parameters="", leaves_for=CLOUD_HOST, remote=True, prompt_cache="unknown"
        )
    about = await client.show(model)
    if not allow_cloud:
        generation.refuse_remote(about, model)
    remote = str(about.get("remote_host") or about.get("remote_model") or "")
    elsewhere = "" if is_this_machine(client.url) else urlsplit(client.url).netloc
    installed = next((entry for entry in await client.tags() if same(entry.name, model)), None)
    digest = installed.digest if installed else None
    # Two names of the same files share one runner, which is listed under one of them.
    warm = any(same(entry.name, model) or entry.digest == digest for entry in await client.ps())
    return _Target(
        digest=digest,
        parameters=str(about.get("parameters") or ""),
        leaves_for=remote or elsewhere,
        remote=bool(remote),
        prompt_cache="unknown" if warm else "cold",
    )


@asynccontextmanager
async def _told(session: Session, target: _Target, prompt: str) -> AsyncIterator[None]:
    """Write down what leaves this machine before it does; nothing where nothing leaves.

    Raises:
        AppError: it cannot be written down, so it is not sent.
    """
    if not target.leaves_for:
        yield
        return
    session.paths.make()
    history = History(session.paths.database)
    await history.open()
    try:
        purpose = egress.Purpose(why="answer")
        sent = len(prompt.encode())
        async with egress.recorded(
            history, host=target.leaves_for, sent_bytes=sent, purpose=purpose
        ) as exchange:
            yield
            exchange.outcome = "answered"
    finally:
        await history.close()


def _show(event: RunEvent, session: Session) -> None:
    """Print a piece as it comes: the answer on stdout, thinking on stderr."""
    if session.json or not isinstance(event, Piece):
        return
    stream = session.err if event.thinking else session.out
    stream.write(event.text)
    stream.flush()


def _text(events: list[RunEvent], *, thinking: bool = False) -> str:
    return "".join(
        event.text for event in events if isinstance(event, Piece) and event.thinking is thinking
    )


def _measurements(metrics: RunMetrics) -> str:
    """One line; what is not known is left out, with a word on the prefill, which often is not."""
    parts = [
        _part(metrics.decode_tok_s, "{:.1f} tok/s"),
        _part(metrics.prefill_tok_s, "prefill {:.1f} tok/s"),
        _part(metrics.ttft_seconds, "first token after {:.2f} s"),
        _part(metrics.load_seconds, "load {:.2f} s"),
        _part(metrics.prompt_tokens, "{} tokens in"),
        _part(metrics.output_tokens, "{} out"),
        f"ended by {metrics.done_reason}" if metrics.done_reason else "no end",
    ]
    return "[" + ", ".join(part for part in parts if part) + "]"


def _part(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def _tokens(text: str) -> int:
    """A count of tokens: `4096`, or `32k` for 32768."""
    number = text.lower().removesuffix("k")
    factor = 1024 if text.lower().endswith("k") else 1
    if not number.isdecimal() or int(number) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count of tokens")
    return int(number) * factor


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="name with its tag: qwen3:8b")
    parser.add_argument("prompt", metavar="PROMPT", nargs="?", help="without one: read from stdin")
    parser.add_argument("--num-predict", type=_tokens, metavar="N", help="at most N tokens")
    parser.add_argument("--context", type=_tokens, metavar="N", help="context length in tokens")
    parser.add_argument("--seed", type=int, metavar="N", help="for an answer that can be repeated")
    parser.add_argument("--temperature", type=float, metavar="T", help="0 takes the likeliest word")
    parser.add_argument("--threads", type=int, metavar="N", help="threads of the processor")
    parser.add_argument(
        "--allow-cloud",
        action="store_true",
        help="let a model in a cloud answer: what you ask leaves this machine",
    )


COMMANDS = (Command("run", "one answer of a local model, measured", _arguments, run_model),)
