"""A load as it was predicted and as it is: like compared with like.

What a server says of a load (`/api/ps`) is compared with the rule for that, and what the process
takes with the rule for the process: the two differ, and each leaves out something else.
"""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.fit.memory import FitRequest, KvType, settled
from landfall.core.fit.ollama_memory import process_bytes, ps_bytes
from landfall.core.hosts.runtime import WHOLE, LoadedModel, gpu_share
from landfall.core.models.architecture import ModelSpec
from landfall.core.provenance import Unknown

SETUP_NOT_TOLD = "how the server was set up is not known here"
"""How a reason begins where slots and cache were assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerFacts:
    """What the process that holds a model tells of itself; None is what it does not tell.

    Attributes:
        memory_bytes: What it takes of main memory.
        memory_kind: "PSS" (pages shared with others by their share) or "RSS" (all it can see).
        held_bytes: Memory of its own that is free again when it ends; files it only maps are not.
        parallel: Sequences at once.
        batch: Physical batch.
        flash_attention: False where it is switched off.
        gpu_layers: Layers on GPUs that the server was told to use; 0 is the processor alone.
    """

    memory_bytes: int
    memory_kind: str
    held_bytes: int
    parallel: int | None = None
    kv_type: KvType | None = None
    batch: int | None = None
    flash_attention: bool | None = None
    gpu_layers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCheck:
    """One load: what was predicted, what the server says, what the process takes.

    Attributes:
        predicted_ps_bytes: What `/api/ps` should say. predicted_process_bytes: what its process
            should take.
        runner: The process, or why it cannot be looked at.
        request: How it was taken to run, or None where the context is not known.
        prompt_tokens: The longest prompt that the process was predicted with; 0 is none yet, None
            one that fills a batch.
        reasons: What was assumed, and what the server did otherwise than asked.
    """

    model: LoadedModel
    version: str
    predicted_ps_bytes: int | Unknown
    predicted_process_bytes: int | Unknown
    runner: RunnerFacts | Unknown
    request: FitRequest | None
    prompt_tokens: int | None = None
    reasons: tuple[str, ...] = ()

    @property
    def ps_error(self) -> float | None:
        """How far the prediction is off what the server says, as a share of that."""
        return _error(self.predicted_ps_bytes, self.model.size_bytes)

    @property
    def process_error(self) -> float | None:
        """How far the prediction is off what the process takes, as a share of that."""
        if isinstance(self.runner, Unknown):
            return None
        return _error(self.predicted_process_bytes, self.runner.memory_bytes)


def _error(predicted: int | Unknown, real: int) -> float | None:
    if isinstance(predicted, Unknown) or real <= 0:
        return None
    return predicted / real - 1


def check_load(
    loaded: LoadedModel,
    spec: ModelSpec | Unknown,
    version: str,
    runner: RunnerFacts | Unknown,
    *,
    prompt_tokens: int | None = None,
    asked_context: int | None = None,
) -> LoadCheck:
    """Compare a load with what is predicted for it.

    Args:
        prompt_tokens: Of the longest prompt so far; 0 for a model that was just loaded.
        asked_context: What the load asked for, where that is known.
    """
    notes: list[str] = []
    request: FitRequest | None = None
    ps: int | Unknown = Unknown("the server does not tell the context")
    process: int | Unknown = ps
    if isinstance(spec, Unknown):
        ps = process = spec
    elif loaded.context is not None:
        request = request_of(loaded.context, runner)
        request, _ = settled(spec.architecture, request)
        notes += _assumed(runner, request)
        if loaded.gpu_bytes > 0:
            notes.append("it is taken to lie on one GPU: a server does not tell on how many")
        ps, process = _predicted(
            loaded, spec, version, request=request, prompt_tokens=prompt_tokens
        )
        notes += clamped(asked_context, loaded.context, spec.architecture.context_trained)
    return LoadCheck(
        model=loaded,
        version=version,
        predicted_ps_bytes=ps,
        predicted_process_bytes=process,
        runner=runner,
        request=request,
        prompt_tokens=prompt_tokens,
        reasons=tuple(notes),
    )


def clamped(asked: int | None, given: int | None, trained: int | None) -> tuple[str, ...]:
    """What to say where a server gave another context than was asked for."""
    if asked is None or given is None or asked == given:
        return ()
    if trained is not None and given == trained < asked:
        why = "the model was trained for no more"
    else:
        why = "the server decided so, or another program loaded it"
    return (f"{asked:,} tokens of context were asked for and {given:,} given: {why}",)


def request_of(context: int, runner: RunnerFacts | Unknown) -> FitRequest:
    """How a model runs, by what its process tells; what it does not tell is a server's default."""
    if isinstance(runner, Unknown):
        return FitRequest(context=context)
    return FitRequest(
        context=context,
        parallel=runner.parallel or 1,
        kv_type=runner.kv_type or KvType.F16,
        batch=runner.batch,
        flash_attention=runner.flash_attention is not False,
    )


def _assumed(runner: RunnerFacts | Unknown, request: FitRequest) -> tuple[str, ...]:
    told = isinstance(runner, RunnerFacts) and runner.parallel is not None
    if told:
        return ()
    return (
        f"{SETUP_NOT_TOLD}: {request.parallel} sequence at once and "
        f"a cache in {request.kv_type} were assumed",
    )


def _predicted(
    loaded: LoadedModel,
    spec: ModelSpec,
    version: str,
    *,
    request: FitRequest,
    prompt_tokens: int | None,
) -> tuple[int | Unknown, int | Unknown]:
    share = gpu_share(loaded)
    if share is None:
        none = Unknown("the server told no size")
        return none, none
    if share == 0:
        return (
            ps_bytes(spec, request, version),
            process_bytes(spec, request, version, prompt_tokens=prompt_tokens),
        )
    on_gpu = Unknown("part of the model is on a GPU, whose share of the process is not known")
    if share < WHOLE:
        return Unknown("what a split between GPU and processor takes was not measured"), on_gpu
    return ps_bytes(spec, request, version, gpus=1), on_gpu
