"""What a number of runs come to: tokens, energy, money. A part that is unknown is said, not 0."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from landfall.core.provenance import Figure, Measured, Unknown
from landfall.services.records import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A sum over runs.

    Attributes:
        figure: The sum of what is known; unknown where nothing is.
        runs: Over how many runs it should go.
        missing: Of those, how many it lacks.
    """

    figure: Figure
    runs: int
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of the runs given, without those that have not ended.

    Attributes:
        tokens_in: Prompt tokens, tokens_out: tokens of answers, on machines of the user.
        joules: Gross energy, of runs on this machine. usd: what providers charge.
    """

    tokens_in: Total
    tokens_out: Total
    joules: Total
    usd: Total


def totals(runs: Sequence[RunRecord]) -> Totals:
    """Add them up."""
    ended = [run for run in runs if run.state != "running"]
    own = [run for run in ended if run.place != "cloud"]
    paid = [run for run in ended if run.place == "cloud"]
    return Totals(
        tokens_in=_sum((run.prompt_tokens for run in own), "no run on a machine of yours"),
        tokens_out=_sum((run.output_tokens for run in own), "no run on a machine of yours"),
        joules=_sum((run.gross_joules for run in own), "no run was metered"),
        # Where nobody was paid nothing was spent: that is known.
        usd=_sum((run.cost_usd for run in paid), "no answer has a known cost", of_none=0.0),
    )


def _sum(values: Iterable[float | None], why: str, *, of_none: float | None = None) -> Total:
    given = list(values)
    known = [value for value in given if value is not None]
    figure: Figure = Unknown(why)
    if known:
        figure = Measured(float(sum(known)), "", f"{len(known)} runs")
    elif not given and of_none is not None:
        figure = Measured(of_none, "", "no paid run")
    return Total(figure=figure, runs=len(given), missing=len(given) - len(known))
