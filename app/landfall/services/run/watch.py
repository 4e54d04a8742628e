"""An answer under way on this machine: when it was made, and what was read meanwhile."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

from landfall.core.energy.energy_share import RunSpan
from landfall.core.events import Counters, PowerSample


@dataclass(slots=True, eq=False)
class RunWatch:
    """An answer under way on this machine, as the meters see it.

    Attributes:
        began_at: The wall clock when it was sent; later times are counted from it, so that a clock
            that is set meanwhile changes nothing.
        samples: What was read while it was followed, the settle time included.
    """

    model: str
    start: float = math.inf
    end: float = math.inf
    began_at: datetime | None = None
    tokens: list[float] = field(default_factory=list)
    samples: list[PowerSample] = field(default_factory=list)

    def sent(self, at: float) -> None:
        """The request has left."""
        self.start = at
        self.began_at = datetime.now(UTC)

    def token(self, at: float) -> None:
        """A piece of text came."""
        self.tokens.append(at)

    def ended(self, at: float) -> None:
        """It is over, in one way or another; later times do not count."""
        self.end = min(self.end, at)

    def span(self, counters: Counters | None = None) -> RunSpan:
        """When it was made."""
        told = counters or Counters()
        return RunSpan(
            start=self.start,
            end=self.end,
            tokens=tuple(self.tokens),
            load_seconds=told.load_seconds,
            prompt_seconds=told.prompt_seconds,
            output_seconds=told.output_seconds,
        )
