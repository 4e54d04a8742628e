"""Published runs as the program itself sees them: a spec, a machine, a request, a placement.

For fit_speed.py. Models are those of the program's catalogue, in the row's quantization; a model
that it does not know is built from the row's own numbers (`_stranger`).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from landfall.core.fit.fit import Fit, FitKind, FitRequest, fit
from landfall.core.fit.memory import KvType
from landfall.core.machine import machines
from landfall.core.machine.hardware import Accelerator, HardwareProfile, MemoryBudget, memory_budget
from landfall.core.machine.machines import Machine
from landfall.core.models import catalogue, weights
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.catalogue import ModelCard


class Engine(StrEnum):
    """What ran it, as far as its speed differs."""

    LLAMA_CPP = "llama.cpp"
    OLLAMA = "Ollama"
    LOCALSCORE = "LocalScore"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One row.

    Attributes:
        known: Whether the model is in the catalogue.
        whole: Whether all of it was on the device, by the row's flag.
        prefill_tok_s: None also where a server measured it: it keeps the prefix of a prompt that
            it has seen, and half of those rows are above what the chip can compute.
    """

    device: str
    model: str
    engine: Engine
    wall_clock: bool
    flag: str
    known: bool
    spec: ModelSpec
    profile: HardwareProfile
    budget: MemoryBudget
    placed: Fit
    decode_tok_s: float | None
    prefill_tok_s: float | None

    @property
    def accelerator(self) -> Accelerator:
        return self.profile.accelerators[0]

    @property
    def request(self) -> FitRequest:
        return self.placed.request

    @property
    def mixture(self) -> bool:
        return self.spec.architecture.is_mixture

    @property
    def on_gpu(self) -> bool:
        return self.placed.kind is FitKind.GPU


def read(path: Path, cards: Sequence[ModelCard], known: Sequence[Machine]) -> list[Run]:
    """All rows with a device of the catalogue.

    Columns: hardware, n_gpu, model, params_B, active_params_B, quant, model_file_GiB, engine, flag,
    depth, n_prompt, n_gen, kv_type, notes, tg_tok_s (decode), pp_tok_s (prefill).
    """
    with path.open(encoding="utf-8", newline="") as file:
        return [run for row in csv.DictReader(file) if (run := _run(row, cards, known))]


def _run(row: dict[str, str], cards: Sequence[ModelCard], known: Sequence[Machine]) -> Run | None:
    card = catalogue.find(row["model"], cards)
    depth = int(float(row["depth"]))
    if card is None and depth >= 4096:
        return None  # the width of its cache is not known
    spec = weights.spec(card, row["quant"]) if card else _stranger(row, cards)
    gpus = int(row["n_gpu"] or 1)
    name = row["hardware"] if gpus == 1 else f"{gpus}x {row['hardware']}"
    profile = machines.what_if(name, known)
    budget = memory_budget(profile)
    longest = max(depth, _int(row["n_prompt"]) + _int(row["n_gen"]), 512)
    request = FitRequest(
        context=-(-longest // 256) * 256,
        depth=depth,
        kv_type=KvType(row["kv_type"]),
        batch=2048 if "-ub 2048" in row["notes"] else None,
    )
    server = row["engine"] == "llama.cpp server" or "server run" in row["notes"]
    return Run(
        device=row["hardware"],
        model=row["model"],
        engine=_engine(row["engine"]),
        wall_clock="wall-clock" in row["engine"],
        flag=row["flag"],
        known=card is not None,
        spec=spec,
        profile=profile,
        budget=budget,
        placed=fit(spec, budget, request),
        decode_tok_s=_rate(row["tg_tok_s"]),
        prefill_tok_s=None if server else _rate(row["pp_tok_s"]),
    )


def _engine(text: str) -> Engine:
    if "LocalScore" in text:
        return Engine.LOCALSCORE
    return Engine.OLLAMA if text.lower() == "ollama" else Engine.LLAMA_CPP


def _int(text: str) -> int:
    return int(float(text)) if text else 0


def _rate(text: str) -> float | None:
    return float(text) if text and float(text) > 0 else None


def _stranger(row: dict[str, str], cards: Iterable[ModelCard]) -> ModelSpec:
    """A model by its row: its parameters and file, the layers of the card nearest in size."""
    total, active = float(row["params_B"]) * 1e9, float(row["active_params_B"]) * 1e9
    mixture = active < 0.7 * total
    alike = [
        card
        for card in cards
        if card.architecture.is_mixture == mixture
        and not card.architecture.is_hybrid
        and not card.architecture.embedder
        and card.architecture.name != "ple"
    ]

    def distance(card: ModelCard) -> float:
        return abs(math.log(card.params_total / total))

    card = min(alike, key=distance)
    named = replace(
        card,
        tag=row["model"],
        params_total=int(total),
        params_active=int(active),
        quantization=weights.spec(card, row["quant"]).quantization,
        size_bytes=int(float(row["model_file_GiB"]) * 2**30),
        capabilities=frozenset(),
    )
    return weights.spec(named)
