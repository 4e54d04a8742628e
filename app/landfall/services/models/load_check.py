"""Looks once at a load: predicted against what the server says and what its process takes.

Nothing here polls. A look asks the server two short questions, reads the header of the model's own
file and, on this machine, the memory of the process that holds it, files and processes on a thread.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landfall.core.errors import AppError, BadInput
from landfall.core.fit.load_accuracy import Accuracy, accuracy
from landfall.core.fit.load_check import LoadCheck, RunnerFacts, check_load
from landfall.core.models.header_spec import from_header
from landfall.core.models.model_names import is_cloud_name
from landfall.core.provenance import Unknown
from landfall.services.history.records import LoadRecord, now_iso
from landfall.services.models.header_cache import read_file
from landfall.services.ollama import runner
from landfall.services.ollama.address import is_this_machine

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import LoadedModel
    from landfall.core.models.architecture import ModelSpec
    from landfall.services.history.history import History
    from landfall.services.ollama.client import Ollama

_FROM = re.compile(r"^FROM (.+[/\\]sha256-[0-9a-f]+)$", re.MULTILINE)

_ELSEWHERE = Unknown("the server is on another machine: its files and processes are not seen here")


async def look(
    client: Ollama,
    loaded: LoadedModel,
    *,
    prompt_tokens: int | None = None,
    asked_context: int | None = None,
) -> LoadCheck:
    """One model in a server's memory, compared with what is predicted for it.

    Args:
        prompt_tokens: Of the longest prompt so far; 0 for a model that was just loaded.
        asked_context: What the load asked for, where that is known.

    Raises:
        AppError: the server does not answer.
    """
    version = await client.version()
    spec: ModelSpec | Unknown = _ELSEWHERE
    process: RunnerFacts | Unknown = _ELSEWHERE
    if is_this_machine(client.url):
        about = {} if is_cloud_name(loaded.name) else await client.show(loaded.name)
        spec, process = await asyncio.to_thread(_seen_here, loaded.name, about, client.url)
    return check_load(
        loaded,
        spec,
        version,
        process,
        prompt_tokens=prompt_tokens,
        asked_context=asked_context,
    )


async def look_at_all(client: Ollama) -> tuple[LoadCheck, ...]:
    """Every model in a server's memory.

    Raises:
        AppError: the server does not answer.
    """
    return tuple([await look(client, loaded) for loaded in await client.ps()])


async def record(
    client: Ollama,
    model: str,
    history: History,
    *,
    prompt_tokens: int | None = None,
    asked_context: int | None = None,
) -> LoadCheck | None:
    """Look at a model that was just loaded and keep what was seen; None where it is gone again.

    Raises:
        AppError: the server does not answer, or the history cannot be written.
    """
    loaded = await client.loaded(model)
    if loaded is None:
        return None
    check = await look(client, loaded, prompt_tokens=prompt_tokens, asked_context=asked_context)
    await history.add_load(record_of(check, client.url))
    return check


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLoads:
    """What the kept loads say of the predictions.

    Attributes:
        ps: Of what the server says. process: of what the process takes. None where nothing of that
            could be compared.
    """

    loads: int
    ps: Accuracy | None
    process: Accuracy | None


async def kept(history: History) -> KeptLoads:
    """How good the predictions were over the loads that were kept.

    Raises:
        AppError: the history cannot be read.
    """
    loads = await history.loads()
    return KeptLoads(
        loads=len(loads),
        ps=accuracy((load.predicted_ps_bytes, load.ps_bytes) for load in loads),
        process=accuracy((load.predicted_process_bytes, load.process_bytes) for load in loads),
    )


def record_of(check: LoadCheck, host: str) -> LoadRecord:
    """A look as it is kept."""
    request, process = check.request, check.runner
    reasons = list(check.reasons)
    for what, value in (
        ("predicted_ps_bytes", check.predicted_ps_bytes),
        ("predicted_process_bytes", check.predicted_process_bytes),
        ("process_bytes", process),
    ):
        if isinstance(value, Unknown):
            reasons.append(f"{what} is not known: {value.reason}")
    if isinstance(process, RunnerFacts):
        reasons.append(f"process_bytes is {process.memory_kind}")
    return LoadRecord(
        at=now_iso(),
        host=host,
        model=check.model.name,
        digest=check.model.digest,
        engine=f"Ollama {check.version}",
        context=check.model.context,
        parallel=request.parallel if request else None,
        kv_type=request.kv_type.value if request else None,
        predicted_ps_bytes=_or_none(check.predicted_ps_bytes),
        ps_bytes=check.model.size_bytes,
        ps_gpu_bytes=check.model.gpu_bytes,
        predicted_process_bytes=_or_none(check.predicted_process_bytes),
        process_bytes=None if isinstance(process, Unknown) else process.memory_bytes,
        reasons=tuple(reasons),
    )


def _or_none(value: int | Unknown) -> int | None:
    return None if isinstance(value, Unknown) else value


def _seen_here(
    name: str, about: Mapping[str, Any], url: str
) -> tuple[ModelSpec | Unknown, RunnerFacts | Unknown]:
    """The model's file and its process. Blocks for a moment."""
    files = [Path(found) for found in _FROM.findall(str(about.get("modelfile", "")))]
    if not files:
        unknown = Unknown("the server does not tell which file the model is")
        return unknown, unknown
    weights, *more = files
    process = runner.of_blob(weights.name, url)
    try:
        spec = _spec_of(weights, name)
        extra = sum(file.stat().st_size for file in more)
    except (OSError, AppError) as error:
        why = error.message if isinstance(error, BadInput) else str(error)
        return Unknown(f"the model's file cannot be read here: {why}"), process
    return replace(spec, projector_bytes=extra), process


@lru_cache(maxsize=8)
def _spec_of(weights: Path, name: str) -> ModelSpec:
    """What the header says; a file is named by its content and never changes."""
    header = read_file(weights, name)
    size = weights.stat().st_size
    return from_header(header, name, source="GGUF header of the loaded model", file_bytes=size)
