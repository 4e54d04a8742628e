"""`fit --all-quants`: every quantisation of a repository on the machine that is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from landfall.cli.machine import rate, size, where
from landfall.cli.session import Session
from landfall.core.architecture import ModelSpec
from landfall.core.fit import Fit, fit, max_context
from landfall.core.hardware import HardwareProfile, MemoryBudget
from landfall.core.memory import FitRequest
from landfall.core.provenance import Figure, Unknown, as_json
from landfall.core.speed import decode_rate
from landfall.services.repository_models import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedVariant:
    """A quantisation on a machine; where nothing can be said of it, `fit` is None."""

    variant: Variant
    fit: Fit | None
    max_context: int | None
    decode_tok_s: Figure

    def as_json(self) -> dict[str, Any]:
        """One entry of `quantizations`."""
        quantization, placed = self.variant.quantization, self.fit
        return {
            "quant": quantization.title,
            "name": self.variant.name,
            "file": quantization.path,
            "size_bytes": quantization.size_bytes,
            "need_bytes": placed.need.total_bytes if placed else None,
            "fit": placed.kind.value if placed else None,
            "gpu_layers": placed.gpu_layers if placed else None,
            "max_context": self.max_context,
            "decode_tok_s": as_json(self.decode_tok_s),
            "split": quantization.split,
            "reason": self.variant.reason,
        }

    def row(self) -> tuple[str, ...]:
        """One line of the table."""
        quantization, placed = self.variant.quantization, self.fit
        return (
            quantization.title if placed else quantization.path,
            size(quantization.size_bytes),
            size(placed.need.total_bytes) if placed else "unknown",
            where(placed) if placed else "unknown",
            rate(self.decode_tok_s),
            _longest(placed, self.max_context),
            self.variant.reason,
        )


def _longest(placed: Fit | None, tokens: int | None) -> str:
    if placed is None:
        return "unknown"
    return "none" if tokens is None else str(tokens)


def priced(
    variant: Variant, profile: HardwareProfile, budget: MemoryBudget, request: FitRequest
) -> PricedVariant:
    """One quantisation on a machine."""
    spec: ModelSpec | None = variant.spec
    if spec is None:
        unknown = Unknown(variant.reason)
        return PricedVariant(variant=variant, fit=None, max_context=None, decode_tok_s=unknown)
    placed = fit(spec, budget, request)
    return PricedVariant(
        variant=variant,
        fit=placed,
        max_context=max_context(spec, budget, placed.request),
        decode_tok_s=decode_rate(spec, placed, profile, budget),
    )


def print_table(session: Session, variants: tuple[PricedVariant, ...]) -> None:
    """For people."""
    session.line()
    head = ("quantization", "file", "need", "fit", "decode tok/s", "longest context", "note")
    right = "file, need, decode tok/s, longest context"
    session.table(head, [priced_one.row() for priced_one in variants], right=right)
