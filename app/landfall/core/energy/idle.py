"""What a machine draws while nothing is asked of it: the baseline of net energy.

It is measured with a model loaded and without one, since a loaded model holds a board in a higher
state: boards were seen to draw 6 W without and 14 W with a model, others 9 W and 50 W
(ggml-org/llama.cpp#4598, ollama/ollama#8591).
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from landfall.core.energy.integrator import mean_watts, step_seconds
from landfall.core.energy.power import Meter, Scope, outermost
from landfall.core.events import PowerSample
from landfall.core.provenance import Unknown

STEADY_SHARE = 0.03
"""A draw whose standard deviation is below this share of it has settled."""

STEADY_WATTS = 1.0
"""Nor does so little matter: sensors of a board at 5 W move by their own last digit."""

BLOCK_SECONDS = 0.5
"""The draw's deviation is that of means so long: single readings of a counter jump by its ticks."""

MAX_AGE_SECONDS = 600.0
"""An older baseline is not used. Fans, temperature and what else is open move the idle draw over
minutes, and a server puts a model out of memory five minutes after its last answer: ten minutes
hold one sitting together and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDraw:
    """Mean draw of one source, and its standard deviation, in watts."""

    source: str
    scope: Scope
    watts: float
    deviation_watts: float

    @property
    def steady(self) -> bool:
        """Whether it had settled."""
        return self.deviation_watts <= max(STEADY_WATTS, STEADY_SHARE * self.watts)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleDraw:
    """What every source drew while nothing ran.

    Attributes:
        models: In memory meanwhile; empty for none.
        at: End of the measurement, on the clock of the samples.
        taken_at: ISO 8601, UTC.
    """

    draws: tuple[SourceDraw, ...]
    models: frozenset[str]
    seconds: float
    at: float
    taken_at: str = ""

    @property
    def steady(self) -> bool:
        """Whether every source had settled."""
        return all(draw.steady for draw in self.draws)

    def of(self, source: str) -> float | None:
        """Watts of a source, or None where it was not read."""
        return next((draw.watts for draw in self.draws if draw.source == source), None)

    @property
    def watts(self) -> float:
        """All that may be added."""
        counted = outermost(draw.scope for draw in self.draws)
        return sum(draw.watts for draw in self.draws if draw.scope in counted)

    @property
    def scope(self) -> str:
        """What `watts` covers: "cpu_package + gpu"."""
        return " + ".join(sorted(outermost(draw.scope for draw in self.draws)))


def idle_draw(
    samples: Iterable[PowerSample],
    meters: Sequence[Meter],
    *,
    start: float,
    end: float,
    models: Collection[str],
    taken_at: str = "",
) -> IdleDraw | Unknown:
    """The draw between two times in which nothing ran; unknown where no source covers them.

    A source that did not answer is left out: what it is needed for stays unknown.
    """
    held = [s for s in samples if start <= s.at <= end]
    found = (_draw(held, meter, start, end) for meter in meters)
    draws = tuple(draw for draw in found if draw is not None)
    if not draws:
        return Unknown("no sensor answered while nothing ran")
    return IdleDraw(
        draws=draws, models=frozenset(models), seconds=end - start, at=end, taken_at=taken_at
    )


def _draw(
    samples: Sequence[PowerSample], meter: Meter, start: float, end: float
) -> SourceDraw | None:
    mine = [s for s in samples if s.source == meter.name and s.watts is not None]
    block = max(step_seconds(mine), min(BLOCK_SECONDS, (end - start) / 3))
    means = _block_means(mine, start, block) if block > 0 else []
    mean = mean_watts(mine, meter.name, start=start, end=end)
    if mean is None or len(means) < 2:
        return None
    return SourceDraw(
        source=meter.name,
        scope=meter.scope,
        watts=mean,
        deviation_watts=statistics.stdev(means),
    )


def _block_means(samples: Sequence[PowerSample], start: float, seconds: float) -> list[float]:
    """Means of the readings of each block of so many seconds; one without a reading is left out."""
    blocks: dict[int, list[float]] = {}
    for sample in samples:
        blocks.setdefault(int((sample.at - start) / seconds), []).append(sample.watts or 0.0)
    return [statistics.fmean(block) for block in blocks.values()]


def usable(draws: Iterable[IdleDraw], model: str, *, now: float) -> IdleDraw | Unknown:
    """The newest baseline with a model in memory, if it is recent."""
    mine = [draw for draw in draws if model in draw.models]
    if not mine:
        return Unknown(f"the idle draw with {model} loaded was not measured")
    newest = max(mine, key=_at)
    if now - newest.at > MAX_AGE_SECONDS:
        minutes = (now - newest.at) / 60
        return Unknown(f"the idle draw was measured {minutes:.0f} minutes ago, which is too old")
    return newest


def _at(draw: IdleDraw) -> float:
    return draw.at
