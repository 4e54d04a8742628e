"""The sensors of this machine as runs and charts see them: one sampler for all, off while idle.

Ten readings a second while anything runs, one a second while a chart is looked at, nothing
otherwise: no task and no thread is left. Beside the samples it knows what else is made meanwhile,
and what the machine draws while nothing is asked of it.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from landfall.core.energy.power import Meter
from landfall.core.events import Counters, PowerSample
from landfall.core.provenance import Unknown
from landfall.services.late_imports import late
from landfall.services.power import RUNNING_SECONDS, PowerSource, meter
from landfall.services.power.sampler import elapsed
from landfall.services.power.shared_sampler import SharedSampler
from landfall.services.power.source import Clock, Supplied
from landfall.services.run.watch import RunWatch

if TYPE_CHECKING:
    # How energy is reckoned comes in with the first answer: a window at rest does without.
    from landfall.core.energy.energy import RunEnergy
    from landfall.core.energy.idle import IdleDraw

BELIEVED_SECONDS = 240.0
"""How long it is believed what is in memory: a server lets go of a model after five minutes."""

PASSIVE_SECONDS, PASSIVE_MOST_SECONDS = 3.0, 10.0
"""Quiet times that make a baseline by the way: the shortest, and as much as is looked at."""

STEADY_SECONDS = 5.0
STEADY_AT_MOST_SECONDS = 60.0
"""Before a baseline the draw must be steady for five seconds; after a minute it is as it is."""

MOST_SETTLE_SECONDS = 5.0
"""A sensor that lags for longer (the telemetry of a MacBook: 60 s) tells nothing of one answer."""

SETTLE_SLACK_SECONDS = 2.5
"""A sensor that does not answer is given up after the settle time and this."""


class Metering:
    """What can be read on this machine, and why nothing can where that is so.

    Everything but `tell_loaded` belongs to the loop that runs are made on.

    Attributes:
        sources: All of them, readable or not.
    """

    def __init__(
        self,
        sources: Sequence[PowerSource],
        *,
        clock: Clock = time.perf_counter,
        elapsed_clock: Clock = elapsed,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.sources = tuple(sources)
        self._clock = clock
        self._sampler = SharedSampler(
            sources, clock=clock, elapsed_clock=elapsed_clock, sleep=sleep
        )
        self._faces = tuple(_face(source) for source in sources)
        self._readable: dict[str, Meter] = {}
        self._meet()
        self._open: list[RunWatch] = []
        self._past: list[RunWatch] = []
        self._idle: dict[frozenset[str], IdleDraw] = {}
        self._quiet_since = -math.inf
        self._loaded: tuple[frozenset[str], float] | None = None

    @property
    def meters(self) -> tuple[Meter, ...]:
        """Those that can measure an answer: they can be read, and do not lag for a minute.

        One that could be read once stays: what it fails to tell is a gap, and not left out. One
        that could not joins when it can: a laptop's card wakes when a model is loaded.
        """
        order = (self._readable.get(source.name) for source in self.sources)
        return tuple(m for m in order if m and m.settle_seconds <= MOST_SETTLE_SECONDS)

    def _meet(self) -> None:
        """Look whether any source that could not be read can be now."""
        for source in self.sources:
            if source.name not in self._readable and source.available:
                self._readable[source.name] = meter(source)

    @property
    def reason(self) -> str:
        """Why there is no meter, naming each source that was tried; "" where there is one."""
        if self.meters:
            return ""
        told = [f"{source.name}: {source.reason}" for source in self.sources if source.reason]
        return "; ".join(told) or "this machine has no sensor of power that we know"

    def alike(self, other: Metering) -> bool:
        """Whether the other one reads the same sensors: then what is known may be kept."""
        return self._faces == other._faces

    @property
    def supply_efficiency(self) -> float | None:
        """Of the supply, where a source knows it: a MacBook's charger."""
        told = (s.supply_efficiency for s in self.sources if isinstance(s, Supplied))
        return next((share for share in told if share is not None), None)

    @property
    def settle_seconds(self) -> float:
        """How long the slowest sensor lags behind the load."""
        return max((each.settle_seconds for each in self.meters), default=0.0)

    @property
    def running(self) -> bool:
        """Whether the sensors are read now."""
        return self._sampler.running

    def samples(self) -> AsyncGenerator[PowerSample, None]:
        """Readings ten times a second until it is closed; all that run at once share them."""
        return self._sampler.samples()

    def watch(self) -> AsyncGenerator[PowerSample, None]:
        """Readings once a second until it is closed, also while something runs."""
        return self._sampler.watch()

    # Runs

    def begin(self, model: str) -> RunWatch:
        """An answer of a model begins; `finish` must follow."""
        self._meet()
        self._learn()
        run = RunWatch(model)
        self._open.append(run)
        return run

    def finish(self, run: RunWatch) -> None:
        """It is over. It stays known for as long as answers that overlapped it are made."""
        if run not in self._open:
            return
        self._meet()
        run.ended(self._clock())
        self._open.remove(run)
        self._past.append(run)
        self._quiet_since = max(self._quiet_since, run.end + self.settle_seconds)
        models = self._believed(run.end) or frozenset()
        self._loaded = (models | {run.model}, run.end)
        self._forget()

    def _forget(self) -> None:
        """Drop answers that overlap none whose energy may still be asked for."""
        recent = self._clock() - self.settle_seconds - 2 * SETTLE_SLACK_SECONDS
        asked = [*self._open, *(past for past in self._past if past.end >= recent)]
        oldest = min((run.start for run in asked), default=math.inf)
        self._past = [past for past in self._past if past.end >= min(oldest, recent)]

    @asynccontextmanager
    async def metered(self, model: str) -> AsyncGenerator[RunWatch, None]:
        """Meter what the block does with a model; `energy` tells of it afterwards.

        The block says when it `sent` and when it `ended`. At its end the sensors are given the
        time to see it; a block that is cut is not waited for.
        """
        run = self.begin(model)
        reading = asyncio.create_task(self._read_into(run), name="metered block")
        try:
            yield run
            self.finish(run)
            await reading
        finally:
            self.finish(run)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read_into(self, run: RunWatch) -> None:
        async with aclosing(self.samples()) as samples:
            async for sample in samples:
                run.samples.append(sample)
                if self.settled(run):
                    return

    def settled(self, run: RunWatch) -> bool:
        """Whether every sensor has seen the end of an answer, or is late beyond hope."""
        if run.end == math.inf:
            return False
        until = run.end + self.settle_seconds
        seen = {s.source for s in takewhile(lambda s: s.at >= until, reversed(run.samples))}
        hopeless = self._clock() > until + SETTLE_SLACK_SECONDS
        return hopeless or seen.issuperset(each.name for each in self.meters)

    def energy(
        self,
        run: RunWatch,
        *,
        counters: Counters | None = None,
        output_tokens: int | None = None,
        gpu_share: float | None = None,
        cuts: Sequence[float] = (),
        ended: bool = True,
    ) -> RunEnergy:
        """The energy of an answer that came to its end, out of the samples it holds.

        Args:
            cuts: Moments of the run at which its gross energy is cut in parts.
            ended: Whether it came to its end: one that was cut has no energy of an answer.
        """
        if not self.meters:
            return _unmetered(self.reason)
        if not ended or not run.start < run.end < math.inf:
            return _unmetered("the answer did not come to its end")
        others = [r for r in (*self._open, *self._past) if r is not run and r.start < math.inf]
        spent: RunEnergy = late("landfall.core.energy.run_energy").run_energy(
            run.samples,
            self.meters,
            run.span(counters),
            others=[other.span() for other in others],
            idle=self.idle(run.model),
            other_idle=self._newest(),
            breaks=tuple(self._sampler.breaks),
            cuts=cuts,
            output_tokens=output_tokens,
            gpu_share=gpu_share,
        )
        return spent

    # What is drawn while nothing runs

    def tell_loaded(self, models: Collection[str]) -> None:
        """What the server of this machine has in memory now, from whoever asked it."""
        self._loaded = (frozenset(models), self._clock())

    def idle(self, model: str) -> IdleDraw | Unknown:
        """The draw with a model loaded and nothing asked, if it was measured not long ago."""
        self._learn()
        known: IdleDraw | Unknown = _baselines().usable(
            self._idle.values(), model, now=self._clock()
        )
        return known

    @property
    def unloaded(self) -> IdleDraw | Unknown:
        """The draw without any model in memory."""
        self._learn()
        return self._idle.get(frozenset(), Unknown("the draw without a model was not measured"))

    async def idle_soon(self, model: str, *, seconds: float) -> None:
        """Wait for a baseline by the way, where there is none and nothing else runs."""
        async with aclosing(self.samples()) as samples:
            until = self._clock() + seconds
            async for sample in samples:
                if self._open or sample.at > until or not isinstance(self.idle(model), Unknown):
                    return

    async def measure_idle(
        self, seconds: float = 10.0, *, models: Collection[str] = ()
    ) -> IdleDraw | Unknown:
        """Measure the draw while nothing runs; what is in memory meanwhile is told by the caller.

        It first waits until the draw is steady for five seconds, a minute at most: a board needs
        some seconds to calm down. One that never does is measured all the same, and its `steady`
        says so. The baseline is kept for runs to come.
        """
        self._meet()
        if not self.meters:
            return Unknown(self.reason)
        begun = look_at = self._clock()
        held: list[PowerSample] = []
        start: float | None = None
        async with aclosing(self.samples()) as samples:
            async for sample in samples:
                if self._open:
                    return Unknown("something ran while the idle draw was measured")
                held.append(sample)
                if start is None and sample.at >= look_at:
                    look_at = sample.at + RUNNING_SECONDS
                    start = sample.at if self._calm(held, begun) else None
                if start is not None and sample.at >= start + seconds:
                    break
        if start is None:
            return Unknown("the sensors stopped answering")
        draw = _baselines().idle_draw(
            held, self.meters, start=start, end=start + seconds, models=models, taken_at=_now()
        )
        return self._kept(draw)

    def _calm(self, held: Sequence[PowerSample], begun: float) -> bool:
        now = held[-1].at
        if now - begun >= STEADY_AT_MOST_SECONDS:
            return True
        if now - begun < STEADY_SECONDS:
            return False
        recent = [sample for sample in held if sample.at >= now - STEADY_SECONDS]
        draw: IdleDraw | Unknown = _baselines().idle_draw(
            recent, self.meters, start=recent[0].at, end=now, models=()
        )
        return not isinstance(draw, Unknown) and draw.steady

    def _learn(self) -> None:
        """Take a baseline out of the last readings, where nothing ran and they were steady."""
        ring, breaks = self._sampler.ring, self._sampler.breaks
        if self._open or not ring:
            return
        end = ring[-1].at
        told = self._loaded
        models = self._believed(end)
        if told is None or models is None:
            return
        quiet = max(self._quiet_since, told[1], ring[0].at, *breaks)
        for seconds in (PASSIVE_MOST_SECONDS, PASSIVE_SECONDS):
            start = max(quiet, end - seconds)
            if end - start < PASSIVE_SECONDS:
                return
            draw: IdleDraw | Unknown = _baselines().idle_draw(
                ring,
                self.meters,
                start=start,
                end=end,
                models=models,
                taken_at=_now(),
            )
            if not isinstance(draw, Unknown) and draw.steady:
                self._kept(draw)
                return

    def _believed(self, at: float) -> frozenset[str] | None:
        """The models in memory at a time, where that is known."""
        if self._loaded is None or at - self._loaded[1] > BELIEVED_SECONDS:
            return None
        return self._loaded[0]

    def _kept(self, draw: IdleDraw | Unknown) -> IdleDraw | Unknown:
        if not isinstance(draw, Unknown):
            self._idle[draw.models] = draw
        return draw

    def _newest(self) -> IdleDraw | None:
        oldest = self._clock() - _baselines().MAX_AGE_SECONDS
        recent = [draw for draw in self._idle.values() if draw.at >= oldest]
        return max(recent, key=_taken, default=None)


def _baselines() -> Any:
    return late("landfall.core.energy.idle")


def _unmetered(reason: str) -> RunEnergy:
    none: RunEnergy = late("landfall.core.energy.energy").unmetered(reason)
    return none


def _face(source: PowerSource) -> tuple[str, str, bool]:
    return source.name, str(source.scope), source.available


def _taken(draw: IdleDraw) -> float:
    return draw.at


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
