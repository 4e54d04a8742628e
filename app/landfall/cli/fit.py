"""`fit`: will a model run on a machine, and how fast. `machines`: the what-if catalogue."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from landfall.cli import fit_server
from landfall.cli.machine import (
    add_context,
    add_machine,
    memory_json,
    models_path,
    profile_of,
    rate,
    size,
    tokens,
    where,
    whole,
    why_unknown,
)
from landfall.cli.session import Command, Session
from landfall.core import machines
from landfall.core.architecture import ModelSpec
from landfall.core.errors import BadInput
from landfall.core.fit import Fit, fit, max_context
from landfall.core.hardware import GIB, HardwareProfile, MemoryBudget, memory_budget
from landfall.core.machines import Machine
from landfall.core.memory import FitRequest, KvType, physical_batch
from landfall.core.provenance import Figure, Unknown, as_json
from landfall.core.settings import Settings
from landfall.core.speed import decode_rate, depth_of, prefill_rate
from landfall.services import catalogue
from landfall.services.model_source import Places, is_path, resolve


def _fit_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="an Ollama tag, hf.co/user/repo:quant, a catalogue name, or a path to a GGUF file",
    )
    add_context(parser)
    parser.add_argument("--parallel", metavar="N", help="sequences at once (default 1)")
    parser.add_argument("--kv-type", metavar="TYPE", help="f16 (default), q8_0 or q4_0")
    parser.add_argument("--batch", metavar="N", help="physical batch (default 512)")
    parser.add_argument("--flash-attention", metavar="on|off", help="on by default")
    parser.add_argument("--quant", metavar="Q", help="another quantisation, such as Q8_0")
    parser.add_argument("--depth", metavar="N", help="tokens in the cache when decode is predicted")
    add_machine(parser)
    parser.add_argument("--explain", action="store_true", help="say where every number is from")
    parser.add_argument("--online", action="store_true", help="ask the registry even if known here")


def request_of(args: argparse.Namespace, settings: Settings) -> FitRequest:
    """What was asked for.

    Raises:
        BadInput: a value is none; its field says which.
    """
    return FitRequest(
        context=tokens(args.context, "context", settings.context_length),
        parallel=whole(args.parallel or "1", "parallel"),
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


async def run_fit(args: argparse.Namespace, session: Session) -> int:
    """Answer for one model on one machine; 1 where it does not fit."""
    request = request_of(args, session.settings)
    profile = await profile_of(args.machine, session)
    places = Places(
        cache=session.paths.cache,
        models_path=None if is_path(args.model) else await fit_server.store(session.settings),
        here=models_path(profile) is not None,
    )
    spec = await resolve(args.model, places, quantization=args.quant, online=args.online)
    server = await fit_server.server_here(profile, session.settings)
    room, notes = fit_server.room_of(profile, server)
    budget = memory_budget(room)
    placed = fit(spec, budget, request)
    placed = replace(placed, reasons=(*placed.reasons, *notes))
    answer = _Answer(spec, placed, room, budget, fit_server.said(spec, placed, budget, server))
    if session.json:
        session.document(answer.as_json(explain=args.explain))
    else:
        answer.print(session, explain=args.explain)
    return 0 if placed.fits else 1


class _Answer:
    """Everything that is said about one model on one machine."""

    def __init__(
        self,
        spec: ModelSpec,
        placed: Fit,
        profile: HardwareProfile,
        budget: MemoryBudget,
        said: fit_server.Said,
    ) -> None:
        self.spec, self.placed, self.profile = spec, placed, profile
        self.budget, self.said = budget, said
        self.longest = max_context(spec, budget, placed.request)
        self.decode = decode_rate(spec, placed, profile, budget)
        self.prefill = prefill_rate(spec, placed, profile, budget)

    @property
    def reasons(self) -> list[str]:
        """Those of the fit, then why a figure is missing."""
        reasons = list(self.placed.reasons)
        reasons += why_unknown("decode_tok_s", self.decode)
        reasons += why_unknown("prefill_tok_s", self.prefill)
        for name, value in self.said.items():
            if isinstance(value, Unknown):
                reasons.append(f"{name} is not known: {value.reason}")
        if self.spec.download_bytes is None:
            reasons.append("download_bytes is not known for this quantisation or file")
        reasons += fit_server.batch_reason(self.spec, self.placed, self.budget)
        reasons += fit_server.reasons_of(self.spec, self.placed, self.profile)
        return reasons

    def as_json(self, *, explain: bool) -> dict[str, Any]:
        """The document of the contract, with what else is known."""
        placed, request = self.placed, self.placed.request
        document: dict[str, Any] = {
            "model": self.spec.name,
            "machine": self.profile.name,
            "quantization": self.spec.quantization,
            "context": request.context,
            "parallel": request.parallel,
            "kv_type": request.kv_type.value,
            "batch": physical_batch(self.spec.architecture, request),
            "flash_attention": request.flash_attention,
            "depth": depth_of(request),
            "memory": memory_json(placed.need),
            "budget_bytes": placed.budget_bytes,
            "fit": placed.kind.value,
            "gpu_layers": placed.gpu_layers,
            "layers": placed.layers,
            "max_context": self.longest,
            "decode_tok_s": as_json(self.decode),
            "prefill_tok_s": as_json(self.prefill),
            **{
                name: None if isinstance(value, Unknown) else value
                for name, value in self.said.items()
            },
            "reasons": self.reasons,
            "download_bytes": self.spec.download_bytes,
        }
        if explain:
            document["explanation"] = explanation(self.spec, placed)
        return document

    def print(self, session: Session, *, explain: bool) -> None:
        """For people."""
        placed, need = self.placed, self.placed.need
        session.line(
            f"{self.spec.name} ({self.spec.quantization}) on {self.profile.name}, "
            f"context {placed.request.context}: {where(placed)}"
        )
        session.line()
        parts = [
            ("weights", need.weights_bytes),
            ("KV cache", need.kv_cache_bytes),
            ("recurrent state", need.recurrent_state_bytes),
            ("compute buffer", need.compute_bytes),
            ("projector", need.projector_bytes),
            ("overhead", need.overhead_bytes),
        ]
        rows = [(name, size(part)) for name, part in parts if part]
        rows += [("total", size(need.total_bytes)), ("usable", size(placed.budget_bytes))]
        session.table(("memory", "size"), rows, right="size")
        session.line()
        longest = "none" if self.longest is None else str(self.longest)
        session.line(f"decode           {rate(self.decode)} tok/s")
        session.line(f"prefill          {rate(self.prefill)} tok/s")
        session.line(f"longest context  {longest}")
        session.line(f"download         {size(self.spec.download_bytes)}")
        for reason in self.reasons:
            session.line(f"- {reason}")
        if explain:
            session.line()
            for text in explanation(self.spec, placed):
                session.line(text)
            for figure in (self.decode, self.prefill):
                _explain_figure(session, figure)


def _explain_figure(session: Session, figure: Figure) -> None:
    document = as_json(figure)
    if document is not None:
        session.line(str(document["provenance"]))


def explanation(spec: ModelSpec, placed: Fit) -> list[str]:
    """How each part of the memory came about."""
    request, architecture = placed.request, spec.architecture
    groups = [
        f"{group.layers} layers x {group.key_width}+{group.value_width} wide"
        + (f", window {group.window}" if group.window else "")
        for group in architecture.caches
    ]
    return [
        f"weights: {spec.weights.source}"
        + ("; the tied embedding is there twice with a GPU" if spec.weights.tied else ""),
        f"KV cache: {'; '.join(groups) or 'none'}; {request.context} tokens x {request.parallel} "
        f"sequences in {request.kv_type}",
        f"recurrent state: {architecture.recurrent_layers} layers, whatever the context",
        f"compute buffer: batch {physical_batch(architecture, request)}, vocabulary "
        f"{architecture.vocabulary or 'none'}, width {architecture.hidden}, feed-forward "
        f"{architecture.feed_forward}",
        "overhead: context of the GPU's runtime, 457 MiB a device (Metal 512); none on a processor",
        "usable: free memory less 1 GiB a device, as llama.cpp leaves it",
    ]


# ---------------------------------------------------------------- machines


def _machines_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--search", metavar="TEXT", help="words that the row holds")


async def run_machines(args: argparse.Namespace, session: Session) -> int:
    """Print the catalogue of machines, or those that hold every word; 1 where none does."""
    known = catalogue.load()
    found = machines.search(args.search or "", known.machines)
    for problem in known.problems:
        session.say(str(problem))
    if session.json:
        session.document([_machine_json(machine) for machine in found])
        return 0 if found else 1
    if not found:
        session.line(f"No machine of the catalogue holds {args.search!r}.")
        return 1
    session.table(
        ("name", "memory", "GB/s", "FP16 TFLOPS", "W", "year"),
        [_machine_row(machine) for machine in found],
        right="memory, GB/s, FP16 TFLOPS, W, year",
    )
    return 0


def _machine_row(machine: Machine) -> tuple[str, ...]:
    sizes = machine.memory_options or ((machine.memory_bytes,) if machine.memory_bytes else ())
    memory = "/".join(f"{option / GIB:g}" for option in sizes)
    return (
        machine.name,
        f"{memory} GiB" if memory else "shared",
        f"{machine.bandwidth_bytes_per_s / 1e9:.0f}",
        f"{machine.fp16_flops / 1e12:.1f}" if machine.fp16_flops else "unknown",
        f"{machine.tdp_watts:.0f}" if machine.tdp_watts else "unknown",
        str(machine.year or "unknown"),
    )


def _machine_json(machine: Machine) -> dict[str, Any]:
    return {
        "name": machine.name,
        "vendor": machine.vendor.value,
        "class": machine.device_class,
        "architecture": machine.architecture,
        "memory_bytes": machine.memory_bytes,
        "memory_options_bytes": list(machine.memory_options),
        "unified": machine.unified,
        "bandwidth_bytes_per_s": machine.bandwidth_bytes_per_s,
        "fp16_flops": machine.fp16_flops,
        "fp32_flops": machine.fp32_flops,
        "tdp_watts": machine.tdp_watts,
        "launch_price_usd": machine.launch_price_usd,
        "year": machine.year,
        "source": machine.source,
        "date": machine.date,
    }


COMMANDS: tuple[Command, ...] = (
    Command("fit", "will a model fit, and how fast", _fit_arguments, run_fit),
    Command("machines", "machines that can be asked about", _machines_arguments, run_machines),
)
