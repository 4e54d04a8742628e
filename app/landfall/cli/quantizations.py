"""`fit --all-quants`: every quantization of a repository on the machine that is asked about."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

from landfall.cli.fit_figures import file, rate, size, where
from landfall.cli.session import Session
from landfall.core.errors import BadInput
from landfall.core.fit.fit import Fit, fit
from landfall.core.fit.longest_context import max_context
from landfall.core.fit.memory import FitRequest
from landfall.core.machine.hardware import HardwareProfile, MemoryBudget
from landfall.core.models.architecture import ModelSpec
from landfall.core.provenance import Figure, Unknown, as_json
from landfall.core.speed.speed import decode_rate
from landfall.services.models.model_source import Places, is_path, resolve
from landfall.services.models.repository_models import (
    Variant,
    lists_files,
    models_of,
    no_list_words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedVariant:
    """A quantization on a machine; where nothing can be said of it, `fit` is None."""

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
            file(quantization.size_bytes),
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
    """One quantization on a machine."""
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


class AllQuants:
    """The model that was asked for, and what else its repository has.

    Attributes:
        notes: Why nothing is listed.
    """

    def __init__(self, spec: ModelSpec, variants: tuple[Variant, ...], notes: list[str]) -> None:
        self.spec, self.notes = spec, notes
        self._variants = variants
        self._priced: tuple[PricedVariant, ...] = ()

    def price(self, profile: HardwareProfile, budget: MemoryBudget, request: FitRequest) -> None:
        """Judge all of them on a machine."""
        self._priced = tuple(priced(v, profile, budget, request) for v in self._variants)

    def as_json(self) -> list[dict[str, Any]]:
        """`quantizations` of the document."""
        return [one.as_json() for one in self._priced]

    def print(self, session: Session) -> None:
        """For people; nothing where nothing is listed."""
        if not self._priced:
            return
        session.line()
        head = ("quantization", "file", "need", "fit", "decode tok/s", "longest context", "note")
        right = "file, need, decode tok/s, longest context"
        session.table(head, [one.row() for one in self._priced], right=right)


async def ask(args: argparse.Namespace, places: Places) -> AllQuants:
    """Find out what the repository of a model has.

    Raises:
        BadInput: the option does not go with the others; and all that `models_of` raises.
    """
    for given, option in ((is_path(args.model), "a file"), (args.quant, "--quant")):
        if given:
            raise BadInput(
                f"--all-quants does not go with {option}.",
                "Name a repository: hf.co/user/repo.",
                field="all_quants",
            )
    if not lists_files(args.model):
        spec = await resolve(args.model, places, online=args.online)
        return AllQuants(spec, (), [no_list_words(args.model)])
    found = await models_of(args.model, places)
    notes = [] if found.variants else [no_list_words(args.model)]
    return AllQuants(found.chosen, found.variants, notes)
