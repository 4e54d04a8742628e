"""The sensors of this machine as a run sees them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from landfall.core.events import PowerSample
from landfall.services.power import PowerSource, Sampler, meter


class MachinePower:
    """What can be read here, and why nothing can where that is so.

    Attributes:
        sources: All of them, readable or not.
        meters: Those that can be read.
        reason: Why there is none, naming each source that was tried; "" where there is one.
    """

    def __init__(self, sources: Sequence[PowerSource]) -> None:
        self.sources = tuple(sources)
        self.meters = tuple(meter(source) for source in sources if source.available)
        self.reason = "" if self.meters else self._why()

    def _why(self) -> str:
        told = [f"{source.name}: {source.reason}" for source in self.sources if source.reason]
        return "; ".join(told) or "this machine has no sensor of power that we know"

    def samples(self) -> AsyncGenerator[PowerSample, None]:
        """Readings ten times a second until it is closed."""
        return Sampler(self.sources).samples()
