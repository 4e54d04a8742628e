"""`fit`: will a model run on a machine, and how fast."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from landfall.cli import ollama_here
from landfall.cli.asked_machine import add_context, add_machine, models_path, tokens, whole
from landfall.cli.fit_answer import Answer
from landfall.cli.session import Command, Session
from landfall.core.errors import BadInput
from landfall.core.fit.fit import fit
from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.machine.hardware import memory_budget
from landfall.core.models.architecture import ModelSpec
from landfall.core.settings import Settings
from landfall.services.late_imports import late
from landfall.services.models.model_source import Places, in_catalogue, is_path, resolve

if TYPE_CHECKING:
    from landfall.cli.quantizations import AllQuants


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="an Ollama tag, hf.co/user/repo:quant, the address of a page of the Hugging Face Hub, "
        "a catalogue name, or a path to a GGUF file",
    )
    add_context(parser)
    parser.add_argument("--parallel", metavar="N", help="sequences at once (default 1)")
    parser.add_argument("--kv-type", metavar="TYPE", help="f16 (default), q8_0 or q4_0")
    parser.add_argument("--batch", metavar="N", help="physical batch (default 512)")
    parser.add_argument("--flash-attention", metavar="on|off", help="on by default")
    parser.add_argument("--quant", metavar="Q", help="another quantization, such as Q8_0")
    parser.add_argument(
        "--all-quants",
        action="store_true",
        help="list every quantization of the repository, with the fit of each; asks the registry",
    )
    parser.add_argument("--depth", metavar="N", help="tokens in the cache when decode is predicted")
    add_machine(parser)
    parser.add_argument(
        "--host", metavar="NAME", help="on the machine of a kept host, described by its name"
    )
    parser.add_argument("--explain", action="store_true", help="say where every number is from")
    parser.add_argument("--online", action="store_true", help="ask the registry even if known here")


def request_of(args: argparse.Namespace, settings: Settings) -> FitRequest:
    """What was asked for.

    Raises:
        BadInput: a value is none; its field says which.
    """
    return FitRequest(
        context=tokens(args.context, "context", settings.context_length),
        parallel=1 if args.parallel is None else whole(args.parallel, "parallel"),
        kv_type=_kv_type(args.kv_type),
        batch=None if args.batch is None else whole(args.batch, "batch"),
        flash_attention=_switch(args.flash_attention),
        depth=None if args.depth is None else tokens(args.depth, "depth", 0, least=0),
    )


def _kv_type(text: str | None) -> KvType:
    if text is None:
        return KvType.F16
    try:
        return KvType(text.strip().lower())
    except ValueError as error:
        names = ", ".join(kind.value for kind in KvType)
        raise BadInput(
            f"No cache type is known as {text!r}.", f"The types are {names}.", field="kv_type"
        ) from error


def _switch(text: str | None) -> bool:
    if text is None or text.lower() == "on":
        return True
    if text.lower() == "off":
        return False
    raise BadInput(f"--flash-attention is {text!r}.", "Say on or off.", field="flash_attention")


async def run(args: argparse.Namespace, session: Session) -> int:
    """Answer for one model on one machine; 1 where it does not fit."""
    request = request_of(args, session.settings)
    machine = args.machine
    if args.host and machine is None:
        machine = late("landfall.cli.host_machine").machine_of(args.host, session.settings)
    room, server, notes = await ollama_here.asked(machine, session)
    here = models_path(room) is not None
    in_store = not is_path(args.model) and (here or not in_catalogue(args.model))
    places = Places(
        cache=session.paths.cache,
        models_path=await ollama_here.store(session.settings) if in_store else None,
        here=here,
    )
    listed: AllQuants | None = None
    spec: ModelSpec
    if args.all_quants:
        # What it needs costs some milliseconds, which an answer without it has not got.
        listed = await late("landfall.cli.quantizations").ask(args, places)
        spec = listed.spec
    else:
        spec = await resolve(args.model, places, quantization=args.quant, online=args.online)
    budget = memory_budget(room)
    placed = fit(spec, budget, request)
    placed = replace(placed, reasons=(*placed.reasons, *notes))
    said = ollama_here.said(spec, placed, budget, server)
    answer = Answer(spec, placed, room, budget, said)
    if listed is not None:
        listed.price(room, budget, request)
        answer.listed = listed
    if session.json:
        session.document(answer.as_json(explain=args.explain))
    else:
        answer.print(session, explain=args.explain)
    return 0 if placed.fits else 1


COMMANDS: tuple[Command, ...] = (Command("fit", _arguments, run),)
