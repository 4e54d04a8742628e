"""What is believed of a local or hosted open model against a frontier model before anybody ran it.

A prior orders what to try first and is shown as what it is; it is never enough to pass a gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from landfall.core.workload.workload import Task

_TO_P10 = 1.2816
"""Standard deviations from the middle of a normal distribution to its tenth percentile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """Points by which an open model is expected to differ; negative is worse.

    Attributes:
        gap_points: The middle.
        sd_points: How far a model may be from it.
        source: Where that was read.
    """

    gap_points: float
    sd_points: float
    source: str

    @property
    def low_points(self) -> float:
        """One model in ten is worse than this."""
        return self.gap_points - _TO_P10 * self.sd_points

    @property
    def high_points(self) -> float:
        """One model in ten is better than this."""
        return self.gap_points + _TO_P10 * self.sd_points


_RUN = "open comparison of 28 September 2026 with the local-enough harness"

PRIORS: Mapping[Task, Prior] = MappingProxyType(
    {
        Task.EMBEDDING: Prior(
            gap_points=0, sd_points=4, source="MTEB boards, versions 1 and 2 mixed"
        ),
        Task.CLASSIFICATION: Prior(gap_points=-8, sd_points=10, source=f"{_RUN}, BANKING77"),
        Task.EXTRACTION: Prior(gap_points=-4, sd_points=4, source=f"{_RUN}, field accuracy"),
        Task.SUMMARY: Prior(gap_points=-12, sd_points=12, source=f"{_RUN}, strict pass rate"),
        Task.CHAT: Prior(
            gap_points=-10, sd_points=8, source="Intelligence per Watt, arXiv 2511.07885"
        ),
        Task.COMPLEX_REASONING: Prior(
            gap_points=-6, sd_points=5, source="Epoch AI, 29 May 2026 and 15 August 2025"
        ),
        Task.LONG_AGENTIC: Prior(gap_points=-12, sd_points=8, source="secondary sources only"),
        Task.CREATIVE: Prior(gap_points=-5, sd_points=8, source="LMArena gap of May 2026"),
        Task.TRANSLATION: Prior(
            gap_points=-10, sd_points=10, source="MMLU-ProX and LAG-MMLU, rarer languages"
        ),
    }
)
"""By task; a task that is not here has no published comparison that could stand for it."""
