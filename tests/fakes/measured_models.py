"""Headers of many architectures and the memory that llama.cpp itself reported for each.

`tests/data/memory_llamacpp.jsonl` has one model a line: its keys (`<architecture>.` left out), its
tensors (layers of one shape together: `blk.3-31/4` is every fourth from 3 to 31), the bytes of its
weights, and runs. Hyper-parameters are those of the published model; where one is not public it is
of the same size. The tensors are the ones that llama.cpp asks for.

Measured 2026-11-26 with llama.cpp v0.5.0 (the library in node-llama-cpp 3.22.1, which measured
`memory_sweep.jsonl` too), processor only: the header alone in a sparse file of full length, no
memory allocated, a context of each run made, sizes as logged. b10488 reports the same except that
it keeps a cache for layers that predict further tokens (`glm4moe`), and a compute buffer up to
10 % larger or smaller for granitehybrid, nemotron_h, mamba2 and plamo2.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.machine.hardware import MIB
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.gguf import read_header
from landfall.core.models.header_spec import from_header
from tests.fakes.gguf_files import TensorSpec, header_bytes

MODELS = Path(__file__).parents[1] / "data" / "memory_llamacpp.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One context that llama.cpp made, and the bytes that it reported; caches to 0.01 MiB."""

    request: FitRequest
    kv_cache_bytes: float
    recurrent_state_bytes: float
    compute_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A model, as our formula sees it and as llama.cpp did."""

    spec: ModelSpec
    weights_bytes: int
    runs: tuple[Run, ...]


@cache
def measured_models() -> dict[str, Measured]:
    """Every model of the file."""
    lines = MODELS.read_text(encoding="utf-8").splitlines()
    return {row["model"]: _measured(row) for row in map(json.loads, lines)}


def header_of(model: str) -> bytes:
    """The header of one model of the file."""
    lines = MODELS.read_text(encoding="utf-8").splitlines()
    row: dict[str, Any] = next(row for row in map(json.loads, lines) if row["model"] == model)
    return measured_header(row)


def measured_header(row: dict[str, Any]) -> bytes:
    """The header of one line of the file."""
    architecture = row["architecture"]
    named = {f"{architecture}.{key}": value for key, value in row["keys"].items()}
    return header_bytes(
        {"general.architecture": architecture, "general.file_type": 15, **named},
        [tensor for group in row["tensors"] for tensor in _tensors(*group)],
    )


def _tensors(name: str, shape: list[int], kind: str) -> Iterator[TensorSpec]:
    if not name.startswith("blk."):
        yield name, shape, kind
        return
    layers, _, rest = name.removeprefix("blk.").partition(".")
    for part in layers.split(","):
        ends, _, step = part.partition("/")
        first, _, last = ends.partition("-")
        for layer in range(int(first), int(last or first) + 1, int(step or 1)):
            yield f"blk.{layer}.{rest}", shape, kind


def _measured(row: dict[str, Any]) -> Measured:
    return Measured(
        spec=from_header(read_header(measured_header(row)), row["model"]),
        weights_bytes=row["weights_bytes"],
        runs=tuple(
            Run(
                request=FitRequest(
                    context=context,
                    batch=batch,
                    flash_attention=flash_attention,
                    parallel=parallel,
                    kv_type=KvType(kind),
                ),
                kv_cache_bytes=cache_mib * MIB,
                recurrent_state_bytes=state_mib * MIB,
                compute_bytes=compute,
            )
            for context, batch, flash_attention, parallel, kind, cache_mib, state_mib, compute in (
                row["runs"]
            )
        ),
    )
