"""How soon nineteen of twenty answers are there: queues at machines, kept probes at providers."""

from __future__ import annotations

from landfall.core.benchmark.probe import FIRM_FROM
from landfall.core.demand.strain import Strain
from landfall.core.figures import combined
from landfall.core.provenance import Estimated, Figure, Unknown, band
from landfall.core.run.metrics import percentile
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.world import Probed

_BATCH = Unknown("the work may wait: what counts is its window")


def of_host(host: HostFacts) -> Figure:
    """Of a machine in its busiest hour, waiting included: see `demand.strain`."""
    return Unknown("its load is not known") if host.strain is None else host.strain.p95()


def of_probe(
    probed: Probed | None, what: str, answer_tokens: float | None, *, batch: bool = False
) -> Figure:
    """Of a provider's model: first text and the answer at the pace of each call of a kept probe.

    The 95th percentile of the calls, between their median and the slowest. A long prompt waits
    longer for its first text than the probe's short one did; that is said, not guessed at.
    """
    if batch:
        return _BATCH
    if probed is None:
        return Unknown(f"{what} was never probed from here")
    if answer_tokens is None:
        return Unknown("tokens.output is not stated")
    seconds = [first + answer_tokens / pace for first, pace in probed.calls]
    low, mid = percentile(seconds, 0.5), percentile(seconds, 0.95)
    if low is None or mid is None:
        return Unknown(f"the probe of {what} has no answer that counts")
    few = "" if len(seconds) >= FIRM_FROM else ", too few to know the slowest"
    formula = (
        f"{len(seconds)} calls of a probe on {probed.at[:10]}{few}, first text and"
        f" {answer_tokens:.0f} tokens at their pace; its prompts were short"
    )
    return Estimated(low, mid, max(seconds), formula)


def of_split(host: HostFacts, bar: Figure) -> Figure:
    """Of a split: here nothing waits, since what finds no slot goes elsewhere at once."""
    seconds = Unknown("its load is not known") if host.strain is None else _alone(host.strain)
    if isinstance(seconds, Unknown):
        return seconds
    if isinstance(bar, Unknown):
        return Unknown(f"of the calls that overflow: {bar.reason}")
    here, there = band(seconds), band(bar)
    assert here is not None
    assert there is not None
    return Estimated(
        min(here[0], there[0]),
        max(here[1], there[1]),
        max(here[2], there[2]),
        "the slower of both ways; nothing waits here",
    )


def _alone(strain: Strain) -> Figure:
    if strain.window_hours is not None:
        return _BATCH
    if strain.network_seconds == 0:
        return strain.service.seconds
    way = strain.network_seconds
    return combined(lambda each: each + way, (strain.service.seconds,), "a call and its way")
