"""`fit`: everything that is said about one model on one machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from landfall.cli.fit_figures import file, memory_json, rate, size, where, why_unknown
from landfall.cli.ollama_here import Said, server_reasons
from landfall.cli.session import Session
from landfall.core.fit.fit import Fit, FitKind, fit
from landfall.core.fit.longest_context import max_context
from landfall.core.fit.memory import need_band_bytes, physical_batch
from landfall.core.machine.hardware import HardwareProfile, MemoryBudget
from landfall.core.models.architecture import ModelSpec
from landfall.core.provenance import Figure, Unknown, as_json
from landfall.core.speed.speed import decode_rate, prefill_rate
from landfall.core.speed.speed_terms import depth_of

if TYPE_CHECKING:
    from landfall.cli.quantizations import AllQuants


class Answer:
    """Everything that is said about one model on one machine.

    Attributes:
        listed: Every quantization of the repository; None where they were not asked for.
    """

    def __init__(
        self,
        spec: ModelSpec,
        placed: Fit,
        profile: HardwareProfile,
        budget: MemoryBudget,
        said: Said,
    ) -> None:
        self.spec, self.placed, self.profile = spec, placed, profile
        self.budget, self.said = budget, said
        self.held = budget.held_bytes if budget.devices else budget.ram_held_bytes
        self.listed: AllQuants | None = None
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
            reasons.append("download_bytes is not known for this quantization or file")
        reasons += server_reasons(self.spec, self.placed, self.profile, self.budget)
        return reasons + (self.listed.notes if self.listed else [])

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
            "memory_band_bytes": list(need_band_bytes(self.spec, placed.need)),
            "budget_bytes": placed.budget_bytes,
            "fit": placed.kind.value,
            "gpu_layers": placed.gpu_layers,
            "layers": placed.layers,
            "layers_without_experts": placed.dense_layers,
            "gpus": placed.gpus,
            "held_by_others_bytes": self.held,
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
        if self.listed is not None:
            document["quantizations"] = self.listed.as_json()
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
        if self.held:
            rows.append(("held by others", size(self.held)))
        session.table(("memory", "size"), rows, right="size")
        session.line()
        longest = self._longest()
        session.line(f"decode           {rate(self.decode)} tok/s")
        session.line(f"prefill          {rate(self.prefill)} tok/s")
        session.line(f"longest context  {longest}")
        session.line(f"download         {file(self.spec.download_bytes)}")
        for reason in self.reasons:
            session.line(f"- {reason}")
        if self.listed is not None:
            self.listed.print(session)
        if explain:
            session.line()
            for text in explanation(self.spec, placed):
                session.line(text)
            for figure in (self.decode, self.prefill):
                _explain_figure(session, figure)

    def _longest(self) -> str:
        """The longest context, and what it is that no longer one allows."""
        if self.longest is None:
            return "none"
        request = replace(self.placed.request, context=self.longest, depth=None)
        kind = fit(self.spec, self.budget, request).kind
        as_where = {FitKind.GPU: " whole on the GPU", FitKind.PARTIAL: " partly on the GPU"}
        return f"{self.longest}{as_where.get(kind, '')}"


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
        f"KV cache: {'; '.join(groups) or 'none'}; {request.context:,} tokens x {request.parallel} "
        f"sequences in {request.kv_type}",
        f"recurrent state: {architecture.recurrent_layers} layers, whatever the context",
        f"compute buffer: batch {physical_batch(architecture, request)}, vocabulary "
        f"{architecture.vocabulary or 'none'}, width {architecture.hidden}, feed-forward "
        f"{architecture.feed_forward}",
        "overhead: context of the GPU's runtime, 457 MiB a device (Metal 512); none on a processor",
        "usable: free memory less 1 GiB a device, as llama.cpp leaves it",
    ]
