"""Throughput and power here, throughput and price there: what was measured of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from landfall.core.benchmark.probe import Here, HereAndThere, There, calls_of, summarise
from landfall.core.energy.energy import Grade
from landfall.core.pricing.call_shape import CallShape
from landfall.core.provenance import Estimated, Figure, Measured, Published, Unknown, middle
from landfall.core.run.metrics import percentile
from landfall.core.run.token_estimate import BAND
from landfall.services import cloud
from landfall.services.history.history import History
from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import RunRecord
from landfall.services.pricing.prices import Prices

SHORT_TOKENS = 100
"""Of a call by which the tier of a price is chosen: a probe's calls are as short."""
LAST_RUNS = 20
"""Answers of a model that its median is taken of."""

_WEAK = frozenset({str(Grade.TOO_SHORT), str(Grade.MISSING)})


async def here_and_there(history: History, prices: Prices, *, at: datetime) -> HereAndThere:
    """Every model that was run here or probed there, the fastest of each side first.

    Args:
        at: Prices are those of this moment.
    """
    runs: dict[str, list[RunRecord]] = {}
    for run in await history.local_answers(each=LAST_RUNS):
        runs.setdefault(run.model, []).append(run)
    here = [_here(model, found) for model, found in runs.items()]
    there = [_there(probe, prices, at=at) for probe in await history.latest_probes()]
    return HereAndThere(
        here=tuple(sorted(here, key=_speed_of_here, reverse=True)),
        there=tuple(sorted(there, key=_speed_of_there, reverse=True)),
    )


def _speed_of_here(one: Here) -> float:
    return one.tok_s.value if isinstance(one.tok_s, Measured) else 0.0


def _speed_of_there(one: There) -> float:
    return middle(one.tok_s) or 0.0


def _here(model: str, runs: Sequence[RunRecord]) -> Here:
    newest = runs[0]
    drawn = [run for run in runs if watts_of(run) is not None]
    return Here(
        model=model,
        tok_s=_median(runs, _rate, "no answer of it has a rate"),
        watts=_median(drawn, watts_of, newest.energy_reason or "its energy was not measured"),
        watts_scope=(drawn[0].energy_scope or "") if drawn else "",
        ttft_seconds=_median(runs, _wait, "no answer of it has a first token"),
        runs=len(runs),
    )


def watts_of(run: RunRecord) -> float | None:
    """What the machine drew while it answered: the energy of decoding over its time, else that of
    the run over its whole time. None where it was measured too short, or with others."""
    if run.energy_grade in _WEAK or run.shared_with:
        return None
    if run.decode_joules and run.output_tokens and run.decode_tok_s:
        return run.decode_joules / (run.output_tokens / run.decode_tok_s)
    if run.gross_joules and run.total_seconds:
        return run.gross_joules / run.total_seconds
    return None


def _rate(run: RunRecord) -> float | None:
    return run.decode_tok_s


def _wait(run: RunRecord) -> float | None:
    return run.ttft_seconds


def _median(
    runs: Sequence[RunRecord], value: Callable[[RunRecord], float | None], why_not: str
) -> Figure:
    known = [found for run in runs if (found := value(run)) is not None]
    middle = percentile(known, 0.5)
    if middle is None:
        return Unknown(why_not)
    how = "one answer" if len(known) == 1 else f"median of {len(known)} answers"
    return Measured(middle, runs[0].started_at, how)


def _there(probe: ProbeRecord, prices: Prices, *, at: datetime) -> There:
    summary = summarise(calls_of(probe.result))
    names = {row.id: row.name for row in cloud.rows()}

    def measured(value: float | None, why_not: str) -> Figure:
        if value is None:
            return Unknown(why_not)
        return Measured(value, probe.started_at, f"probe of {summary.measured} calls")

    def rate(name: str) -> Figure:
        value: float | None = getattr(summary, name)
        if value is None or name not in summary.estimated:
            return measured(value, "its text came in one piece")
        low, high = (value * share for share in BAND)
        calls = f"probe of {summary.measured} calls"
        return Estimated(low, value, high, f"tokens as estimated from the text, {calls}")

    return There(
        provider=probe.provider,
        provider_name=names.get(probe.provider, probe.provider),
        model=probe.model,
        tok_s=rate("tok_s_p50"),
        tok_s_p95=rate("tok_s_p95"),
        ttft_p50_seconds=measured(summary.ttft_p50_seconds, "no call of it was answered"),
        ttft_p95_seconds=measured(summary.ttft_p95_seconds, "no call of it was answered"),
        usd_per_mtok=_price(prices, probe, at=at),
        at=probe.started_at,
        calls=summary.measured,
    )


def _price(prices: Prices, probe: ProbeRecord, *, at: datetime) -> Figure:
    """Of a million tokens of answer, at the tier of a short prompt."""
    short = CallShape(uncached_tokens=SHORT_TOKENS, output_tokens=SHORT_TOKENS)
    quote = prices.quote(probe.provider, probe.model, short, at=at)
    rate = next((part.usd_per_mtok for part in quote.parts if part.what == "output"), None)
    if quote.usd is None or rate is None:
        return Unknown(quote.notes[0] if quote.notes else "no price is known")
    return Published(rate, quote.source or "", quote.as_of.isoformat() if quote.as_of else "")
