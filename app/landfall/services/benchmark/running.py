"""A benchmark of one model: everything that is measured, step by step, kept as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any

from landfall.core.benchmark.benchmark import BenchKind, BenchmarkResult, BenchPlan, kind_of
from landfall.core.benchmark.data import as_data
from landfall.core.errors import AppError, BadInput, ModelNotFound
from landfall.core.models.model_names import is_cloud_name, same
from landfall.services.benchmark import notes as benchmark_notes
from landfall.services.benchmark.answers import Answers
from landfall.services.benchmark.events import (
    BenchEvent,
    BenchKept,
    BenchLane,
    BenchPart,
    BenchStep,
    Doing,
)
from landfall.services.benchmark.target import place_of
from landfall.services.benchmark.work import Work
from landfall.services.history.history import History
from landfall.services.history.records import BenchmarkRecord, new_uid, now_iso
from landfall.services.ollama.client import Ollama
from landfall.services.run.answering import STOPPED
from landfall.services.run.conditions import Lookout
from landfall.services.run.runs import Runs

__all__ = [
    "BenchEvent",
    "BenchKept",
    "BenchLane",
    "BenchPart",
    "BenchStep",
    "Doing",
    "ModelFacts",
    "about",
    "run_benchmark",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What a server tells of a model before it is loaded.

    Attributes:
        name: As the server calls it.
        parameters: Its own sampling values, as text.
        trained_context: In tokens, where it is told.
    """

    name: str
    digest: str
    capabilities: frozenset[str]
    quantization: str
    parameter_size: str
    family: str
    parameters: str
    trained_context: int | None

    @property
    def kind(self) -> BenchKind:
        """What can be asked of it."""
        return kind_of(self.capabilities)


async def about(client: Ollama, model: str) -> ModelFacts:
    """What the server tells of a model.

    Raises:
        BadInput: the model is in a cloud: how fast it is there says nothing of a machine.
        ModelNotFound: it is not on the server.
    """
    installed = await client.tags()
    entry = next((one for one in installed if same(one.name, model)), None)
    if is_cloud_name(model) or (entry is not None and entry.remote):
        raise _in_cloud(model)
    if entry is None:
        raise ModelNotFound(f"{model} is not on the server.", f"`landfall pull {model}` gets it.")
    shown = await client.show(entry.name)
    if shown.get("remote_host") or shown.get("remote_model"):
        raise _in_cloud(model)
    info = shown.get("model_info") or {}
    trained = info.get(f"{info.get('general.architecture')}.context_length")
    return ModelFacts(
        name=entry.name,
        digest=entry.digest,
        capabilities=frozenset(shown.get("capabilities") or ()),
        quantization=entry.quantization,
        parameter_size=entry.parameter_size,
        family=entry.family,
        parameters=str(shown.get("parameters") or ""),
        trained_context=trained if isinstance(trained, int) else None,
    )


def _in_cloud(model: str) -> BadInput:
    return BadInput(
        f"{model} is a model in a cloud: its speed there says nothing of a machine of yours.",
        "Name one that runs here.",
        field="model",
    )


async def run_benchmark(
    runs: Runs,
    history: History,
    client: Ollama,
    model: str,
    *,
    plan: BenchPlan,
    kind: BenchKind | None = None,
    lookout: Lookout | None = None,
) -> AsyncGenerator[BenchEvent, None]:
    """Everything of one model, as it happens; `BenchKept` is the last event.

    Each repetition that ended is stored before the next one begins: one that is cancelled, or whose
    server dies, is kept as aborted with what was measured until then, and one whose process is
    killed loses no more than the repetition under way. Where the server dies `BenchKept` comes
    before the error.

    Args:
        kind: What is asked of the model; None takes what it can do.
        lookout: Looks at the machine meanwhile.

    Raises:
        BadInput, ModelNotFound: the model is in a cloud, or is not there; nothing is stored.
        AppError: the server is gone, or answers nothing; or the history cannot be written.
    """
    facts = await about(client, model)
    record = await _begun(history, client, facts, kind or facts.kind, plan)
    here = record.place == "local"
    own = lookout or Lookout(here=here)
    power = runs.power if here else None
    work = Work(
        answers=Answers(
            runs=runs,
            client=client,
            model=facts.name,
            plan=plan,
            benchmark=record.id,
            parameters=facts.parameters,
            digest=facts.digest,
            engine=record.engine,
        ),
        kind=BenchKind(record.kind),
        plan=plan,
        lookout=own,
        power=power if power and power.meters else None,
    )
    try:
        async with aclosing(_kept_as_it_comes(history, record, work, facts)) as events:
            async for event in events:
                yield event
    finally:
        if lookout is None:
            own.close()


async def _begun(
    history: History, client: Ollama, facts: ModelFacts, kind: BenchKind, plan: BenchPlan
) -> BenchmarkRecord:
    """The row of a benchmark, stored before anything is asked."""
    record = BenchmarkRecord(
        uid=new_uid(),
        started_at=now_iso(),
        kind=kind,
        place=place_of(client),
        host=client.url,
        model=facts.name,
        digest=facts.digest,
        engine=f"Ollama {await client.version()}",
        plan=as_data(plan),
    )
    return replace(record, id=await history.add_benchmark(record))


async def _kept_as_it_comes(
    history: History, record: BenchmarkRecord, work: Work, facts: ModelFacts
) -> AsyncGenerator[BenchEvent, None]:
    failure: AppError | None = None
    try:
        async with aclosing(work.all()) as events:
            async for event in events:
                if _adds(event):
                    now = _outcome(record, work, facts)
                    await history.finish_benchmark(_written(record, now, state="running"))
                yield event
    except AppError as error:
        failure = error
    except (asyncio.CancelledError, GeneratorExit):
        cut = _outcome(record, work, facts, f"It was {STOPPED} before its end.")
        with suppress(AppError):
            await history.finish_benchmark(_written(record, cut, state="aborted"))
        raise
    if failure is None:
        result = _outcome(record, work, facts)
        done = _written(record, result, state="done")
        await history.finish_benchmark(done)
        yield BenchKept(done, result)
        return
    result = _outcome(record, work, facts, f"It did not come to its end: {failure.message}")
    cut_off = _written(record, result, state="aborted")
    try:
        await history.finish_benchmark(cut_off)
    except AppError:
        raise failure from None
    yield BenchKept(cut_off, result)
    raise failure


def _adds(event: BenchEvent) -> bool:
    """Whether something may have ended that is not stored yet: a part, or the repetition before
    the one that begins."""
    if isinstance(event, BenchStep):
        return event.doing in ("prompt", "embed")
    return isinstance(event, BenchPart)


def _outcome(record: BenchmarkRecord, work: Work, facts: ModelFacts, *more: str) -> BenchmarkResult:
    about_it: Mapping[str, Any] = {
        "quantization": facts.quantization or None,
        "parameter_size": facts.parameter_size or None,
        "family": facts.family or None,
        "context_trained": facts.trained_context,
    }
    held = benchmark_notes.conditions(work, about_it)
    return BenchmarkResult(
        kind=work.kind,
        model=record.model,
        digest=record.digest,
        engine=record.engine,
        host=record.host,
        place=record.place,
        conditions=held,
        parts=tuple(work.parts),
        loads=work.loads,
        sustained=work.sustained,
        sweep=work.sweep,
        embedding=tuple(work.embeddings),
        notes=(
            *benchmark_notes.notes(work, trained_context=facts.trained_context),
            *more,
        ),
    )


def _written(record: BenchmarkRecord, result: BenchmarkResult, *, state: str) -> BenchmarkRecord:
    return replace(
        record,
        state=state,
        finished_at=None if state == "running" else now_iso(),
        conditions=dict(result.conditions),
        result=as_data(result),
    )
