"""How soon nineteen of twenty answers are there: queues at machines, kept probes at providers."""

from __future__ import annotations

from landfall.core.demand import capacity
from landfall.core.figures import combined
from landfall.core.metrics import percentile
from landfall.core.probe import FIRM_FROM
from landfall.core.provenance import Estimated, Figure, Unknown, band, middle
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.world import Probed

_BATCH = Unknown("the work may wait: what counts is its window")


def of_host(host: HostFacts, *, batch: bool = False) -> Figure:
    """Of a machine in its busiest hour: waiting and service of a queue (`capacity`).

    A stated peak stands above the computed one. With the ends of the service time as its band; an
    end at which the machine cannot keep up has no latency: the band ends before it, and says so.
    """
    if batch:
        return _BATCH
    if isinstance(host.service_s, Unknown):
        return Unknown(f"its speed is not known: {host.service_s.reason}")
    peak, each = middle(host.peak_utilisation), middle(host.service_s)
    if peak is None or not each:
        return Unknown("how busy it is is not known")
    if peak >= 1:
        return Unknown("it cannot keep up in the busiest hour: every answer comes later")
    # The rate at which the slots are as busy as they are said to be.
    rate = peak * host.slots / each
    ends = band(host.service_s)
    slowest = ends[2] if ends is not None else each
    full = capacity.utilisation(rate, service_s=slowest, slots=host.slots) >= 1
    over = "; at the slower end of its speed it cannot keep up" if full else ""
    return combined(
        lambda seconds: capacity.latency_quantile(rate, service_s=seconds, slots=host.slots),
        (host.service_s,),
        f"M/G/{host.slots} queue at {peak:.0%} in the busiest hour{over}",
    )


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


def of_split(host: HostFacts, bar: Figure, *, batch: bool = False) -> Figure:
    """Of a split: here nothing waits, since what finds no slot goes elsewhere at once."""
    if batch:
        return _BATCH
    if isinstance(host.service_s, Unknown):
        return Unknown(f"its speed is not known: {host.service_s.reason}")
    here, there = band(host.service_s), band(bar)
    if isinstance(bar, Unknown) or here is None or there is None:
        reason = bar.reason if isinstance(bar, Unknown) else ""
        return Unknown(f"of the calls that overflow: {reason}")
    return Estimated(
        min(here[0], there[0]),
        max(here[1], there[1]),
        max(here[2], there[2]),
        "the slower of both ways; nothing waits here",
    )
