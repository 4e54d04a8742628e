"""Calibrates this machine: short runs of models it holds, beside what was predicted for them."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import psutil

from landfall.core.errors import (
    AppError,
    BadInput,
    ModelNotFound,
    Unavailable,
)
from landfall.core.events import Piece, PowerSample, RunEvent
from landfall.core.fit.fit import Fit, fit
from landfall.core.fit.memory import DEFAULT_BATCH, FitRequest, KvType
from landfall.core.machine.hardware import HardwareProfile, memory_budget
from landfall.core.models.architecture import ModelSpec
from landfall.core.models.model_names import is_cloud_name, same
from landfall.core.provenance import Unknown, middle
from landfall.core.run.long_wait import GoesOn, LongWait
from landfall.core.run.metrics import RunMetrics, measure
from landfall.core.speed import calibration_run as plan
from landfall.core.speed.calibration import CalibrationPoint
from landfall.core.speed.calibration_run import Size, Surroundings
from landfall.core.speed.speed import decode_rate, prefill_rate
from landfall.services.hardware.host import default_models_path
from landfall.services.history.history import History
from landfall.services.history.records import now_iso
from landfall.services.models.model_source import Places, no_registry, resolve
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.power.mains import on_battery
from landfall.services.run.answering import Ask, Facts, Turn
from landfall.services.run.conditions import of_server
from landfall.services.run.merged_stream import Flow
from landfall.services.run.targets import OllamaTarget
from landfall.services.speed.calibration import UNUSABLE
from landfall.services.threads import in_thread

_WATCHED_SECONDS = 0.4
_MOST_RUNS = 4


@dataclass(frozen=True, slots=True)
class Busy:
    """Other work keeps the machine busy: what is measured is kept, and does not count."""

    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """What is being done: which model of how many, and what with it."""

    model: str
    number: int
    of: int
    doing: Literal["load", "measure"]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A model was run, and what was measured is kept beside what had been predicted."""

    point: CalibrationPoint


@dataclass(frozen=True, slots=True)
class Skipped:
    """A model that could not be run."""

    model: str
    reason: str


CalibrationEvent = Busy | Step | LongWait | GoesOn | Calibrated | Skipped


def surroundings(*, sysfs: Path = Path("/sys")) -> Surroundings:
    """What the machine does now; takes a moment, in a thread of its own."""
    drawn_on = on_battery(sysfs)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Surroundings(
        busy_share=psutil.cpu_percent(interval=_WATCHED_SECONDS) / 100,
        load_average=load,
        logical_cores=psutil.cpu_count(),
        on_battery=None if isinstance(drawn_on, Unknown) else drawn_on,
    )


async def calibrate(
    client: Ollama,
    history: History,
    *,
    profile: HardwareProfile,
    cache: Path,
    models: Sequence[str] = (),
    seconds: float = plan.RUN_SECONDS,
    look: Callable[[], Surroundings] | None = None,
) -> AsyncGenerator[CalibrationEvent, None]:
    """Run each model a few times; a `Calibrated` or a `Skipped` for each, `Step`s between.

    Each model is kept as it comes: a calibration that is cut loses only the model that was on.

    Args:
        profile: This machine, with what the catalogue knows of it.
        cache: The program's folder of headers.
        models: On the server; empty for up to three of different sizes.
        seconds: For all of them together, loading left out.
        look: What else the machine does.

    Raises:
        Unavailable: the server is on another machine.
        ModelNotFound: a model is not on the server, or none is that can be run.
        BadInput: a model is in a cloud.
        OllamaUnavailable: the server does not answer, or went away.
    """
    if not is_this_machine(client.url):
        raise Unavailable(
            f"{client.url} is another machine.",
            "A calibration is of the machine that Landfall runs on: run it there.",
        )
    bare = replace(profile, calibration=None)
    folder = await client.models_folder() or default_models_path(os.environ)
    places = Places(cache=cache, models_path=folder)
    wanted = await _named(client, models) or await _chosen(client, bare, places)
    around = await in_thread(look or surroundings)
    if around.why_not:
        yield Busy(around.why_not)
    for number, model in enumerate(wanted, start=1):
        yield Step(model, number, len(wanted), "load")
        runs = _Runs(client, model, seconds / len(wanted))
        try:
            spec = await resolve(model, places, fetch=no_registry)
            async for doing in runs.all():
                if isinstance(doing, LongWait | GoesOn):
                    yield doing
                else:
                    yield Step(model, number, len(wanted), doing)
        except AppError as error:
            await client.version()  # a server that is gone ends it here
            yield Skipped(model, str(error))
            continue
        try:
            server = await of_server(client, model, asked_context=plan.CONTEXT)
            kv_type = server.told.get("kv_type")
        except AppError:
            kv_type = None  # what was measured is kept
        point = runs.point(spec, bare, around, kv_type=kv_type)
        if point.decode_tok_s is None and point.prefill_tok_s is None:
            yield Skipped(model, "it wrote too little to be measured")
            continue
        await history.keep_calibration(point, host=client.url)
        yield Calibrated(point)


async def _named(client: Ollama, names: Sequence[str]) -> tuple[str, ...]:
    """The models that were named, as the server calls them."""
    installed = await client.tags() if names else ()
    found = []
    for name in names:
        entry = next((one for one in installed if same(one.name, name)), None)
        if is_cloud_name(name) or (entry is not None and entry.remote):
            raise BadInput(
                f"{name} is a model in a cloud.", "Name one that runs here.", field="models"
            )
        if entry is None:
            raise ModelNotFound(f"{name} is not on the server.", f"`landfall pull {name}` gets it.")
        found.append(entry.name)
    return tuple(dict.fromkeys(found))


async def _chosen(client: Ollama, profile: HardwareProfile, places: Places) -> tuple[str, ...]:
    """The models that say most of the machine."""
    budget, request = memory_budget(profile), FitRequest(context=plan.CONTEXT)
    known = []
    for model in await client.tags():
        if model.remote:
            continue
        try:
            spec = await resolve(model.name, places, fetch=no_registry)
        except AppError:
            continue
        if not spec.architecture.embedder:
            known.append((model.name, model.size_bytes, fit(spec, budget, request)))
    if found := plan.chosen(known):
        return found
    raise ModelNotFound(
        "There is no model here that could be run.",
        "`landfall recommend` shows what fits, `landfall pull` gets it.",
    )


class _Runs:
    """The runs of one model: a short one that loads it and tells how much to ask, then the rest."""

    def __init__(self, client: Ollama, model: str, seconds: float) -> None:
        self._client, self._model, self._seconds = client, model, seconds
        self._seed = random.SystemRandom().randrange(10**6, 10**9)
        self._kept: list[RunMetrics] = []
        self._facts = Facts()
        self._size = plan.PROBE
        self._latest: RunMetrics | None = None

    async def all(self) -> AsyncGenerator[Literal["measure"] | LongWait | GoesOn, None]:
        """Run until the time is over; yields what is being done, and that nothing comes for long
        or comes again.

        Only the first may take any time.
        """
        async with aclosing(self._asked(plan.PROBE, warm=False)) as waits:
            async for waiting in waits:
                yield waiting
        first = self._measured()
        self._size = plan.size_of(
            first.prefill_tok_s, first.decode_tok_s, self._seconds, plan.CONTEXT
        )
        yield "measure"
        begun = time.perf_counter()
        for _ in range(_MOST_RUNS):
            left = self._seconds - (time.perf_counter() - begun)
            try:
                async with asyncio.timeout(max(left, 0.0)):
                    self._kept.append(await self._run(self._size, warm=True))
            except TimeoutError:
                break
            yield "measure"
        if not self._kept:
            # Slower than the time allows: the short run is all there is.
            self._kept.append(first)

    async def _run(self, size: Size, *, warm: bool) -> RunMetrics:
        async with aclosing(self._asked(size, warm=warm)) as waits:
            async for _ in waits:
                pass
        return self._measured()

    def _measured(self) -> RunMetrics:
        assert self._latest is not None, "it was asked"
        return self._latest

    async def _asked(self, size: Size, *, warm: bool) -> AsyncGenerator[LongWait | GoesOn, None]:
        """One answer, whose measurements are then the latest."""
        self._seed += 1
        ask = Ask(
            turns=(Turn("user", plan.prompt_of(size.prompt_tokens, self._seed)),),
            context=plan.CONTEXT,
            num_predict=size.output_tokens,
        )
        target = OllamaTarget(self._client, self._model, seed=self._seed, temperature=0.0)
        events: list[RunEvent] = []
        waited: LongWait | None = None
        answering = Flow(target.events(ask), None, model=target.model, in_memory=target.in_memory)
        async with answering as flow, aclosing(flow.answer()) as updates:
            async for update in updates:
                if isinstance(update, LongWait):
                    waited = update
                    yield update
                elif not isinstance(update, PowerSample):
                    events.append(update)
                    if waited is not None and isinstance(update, Piece):
                        yield GoesOn(model=waited.model)
                        waited = None
        self._facts = await target.facts()
        # A fresh prompt cannot be held by the server, but for the template around it.
        cache = "unknown" if warm else self._facts.prompt_cache
        self._latest = measure(events, prompt_cache=cache)

    def point(
        self,
        spec: ModelSpec,
        profile: HardwareProfile,
        around: Surroundings,
        *,
        kv_type: str | None,
    ) -> CalibrationPoint:
        """What was measured, beside the prediction for just these tokens in just this place.

        Args:
            kv_type: Of the cache, as the server's process tells; 16 bits are taken where it does
                not.
        """
        decode = [
            rate
            for run in self._kept
            if (rate := run.decode_tok_s) is not None
            and (run.output_tokens or 0) >= plan.LEAST_OUTPUT_TOKENS
        ]
        prefill = [run.prefill_tok_s for run in self._kept if run.prefill_tok_s is not None]
        prompt = _median([run.prompt_tokens for run in self._kept]) or self._size.prompt_tokens
        output = _median([run.output_tokens for run in self._kept]) or self._size.output_tokens
        request = FitRequest(
            context=plan.CONTEXT,
            depth=min(int(prompt + output / 2), plan.CONTEXT),
            kv_type=KvType(kv_type) if kv_type else KvType.F16,
        )
        share = self._facts.conditions.get("gpu_share")
        placed = plan.as_loaded(fit(spec, memory_budget(profile), request), share)
        return CalibrationPoint(
            at=now_iso(),
            machine=plan.machine_key(profile),
            engine=self._facts.engine or "Ollama",
            model=self._model,
            digest=self._facts.digest or "",
            decode_tok_s=_median(decode),
            decode_predicted_tok_s=middle(
                decode_rate(spec, placed, profile, memory_budget(profile))
            ),
            prefill_tok_s=_median(prefill),
            prefill_predicted_tok_s=self._prefill(spec, placed, profile, int(prompt)),
            conditions=self._conditions(around, decode, prefill, prompt=prompt, output=output)
            | ({"kv_type": kv_type} if kv_type else {}),
        )

    @staticmethod
    def _prefill(
        spec: ModelSpec, placed: Fit, profile: HardwareProfile, prompt: int
    ) -> float | None:
        """A prompt shorter than a batch is a smaller batch."""
        batch = min(prompt, DEFAULT_BATCH)
        short = replace(placed, request=replace(placed.request, batch=batch))
        return middle(prefill_rate(spec, short, profile, memory_budget(profile)))

    def _conditions(
        self,
        around: Surroundings,
        decode: list[float],
        prefill: list[float],
        *,
        prompt: float,
        output: float,
    ) -> dict[str, Any]:
        told: dict[str, Any] = {
            "context": plan.CONTEXT,
            "prompt_tokens": int(prompt),
            "output_tokens": int(output),
            "runs": len(self._kept),
            "gpu_share": self._facts.conditions.get("gpu_share"),
            "decode_spread": plan.spread(decode),
            "prefill_spread": plan.spread(prefill),
            "busy_share": around.busy_share,
            "load_average": around.load_average,
            "on_battery": around.on_battery,
        }
        if around.why_not:
            told[UNUSABLE] = around.why_not
        return {name: value for name, value in told.items() if value is not None}


def _median(values: Sequence[float | int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
