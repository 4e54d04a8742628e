"""What one run has in the history beyond its row in the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.core.phases import kept_phases

if TYPE_CHECKING:
    from landfall.core.events import PowerSample
    from landfall.core.phases import Phase
    from landfall.services.history import History
    from landfall.services.records import RunRecord

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInFull:
    """A run with its texts and curves.

    Attributes:
        rates: Tokens a second over the seconds since the prompt was sent.
        samples: Readings of its power, in the same seconds.
    """

    run: RunRecord
    rates: tuple[Point, ...]
    samples: tuple[PowerSample, ...]


async def read_in_full(history: History, run: RunRecord) -> RunInFull:
    """Read the rest of a run.

    Raises:
        AppError: the file cannot be read.
    """
    return RunInFull(run=run, rates=(), samples=await history.samples(run.id))


def phases_of(run: RunRecord) -> tuple[Phase, ...]:
    """What it did when, out of the times that are kept."""
    prompt_seconds = None
    if run.prompt_tokens and run.prefill_tok_s:
        prompt_seconds = run.prompt_tokens / run.prefill_tok_s
    return kept_phases(
        load_seconds=run.load_seconds,
        prompt_seconds=prompt_seconds,
        ttft_seconds=run.ttft_seconds,
        first_answer_seconds=run.first_answer_seconds,
        total_seconds=run.total_seconds,
    )
