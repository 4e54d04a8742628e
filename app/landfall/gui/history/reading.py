"""What is read of one run or of two beyond their rows in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.core.run.phases import kept_phases
from landfall.services.history.run_comparison import compare_runs, may_be_alike
from landfall.services.threads import in_thread

if TYPE_CHECKING:
    from landfall.core.events import PowerSample
    from landfall.core.run.phases import Phase
    from landfall.services.history.history import History
    from landfall.services.history.records import RunRecord
    from landfall.services.history.run_comparison import Comparison

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoInFull:
    """Two runs, the earlier one first, and what their comparison says."""

    first: RunInFull
    second: RunInFull
    comparison: Comparison


async def read_in_full(history: History, run: RunRecord) -> RunInFull:
    """Read the rest of a run; of one that is gone meanwhile there is no more than was listed.

    Raises:
        AppError: the file cannot be read.
    """
    return RunInFull(
        run=await history.run(run.id) or run,
        rates=await history.rate_curve(run.id),
        samples=await history.samples(run.id),
    )


async def read_two(
    history: History, first: RunRecord, second: RunRecord, listed: Sequence[RunRecord]
) -> TwoInFull:
    """Read both and compare them; runs of the list that are like one of them tell the noise.

    Raises:
        AppError: the file cannot be read.
    """
    a, b = [await read_in_full(history, run) for run in sorted((first, second), key=_begun)]
    # The list holds no whole prompts: what may be alike is read in full.
    ids = dict.fromkeys((*may_be_alike(a.run, listed), *may_be_alike(b.run, listed)))
    past = await history.runs_with_texts(ids)
    found = await in_thread(compare_runs, a.run, b.run, past)
    return TwoInFull(first=a, second=b, comparison=found)


def _begun(run: RunRecord) -> tuple[str, int]:
    return run.started_at, run.id


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
