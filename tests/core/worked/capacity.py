"""Worked cases of kind K: capacity. They only rename what core.capacity answers."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable
from typing import Any

from landfall.core.demand import queueing
from tests.core import closed_forms

Inputs = dict[str, Any]
SIMULATED_REQUESTS = 600_000
SERVICE_OF_K7 = 6.0
MOST_SLOTS = 64
NEVER = 1e12
"""Seconds between calls where none come: far enough apart for any queue."""


def trace(inputs: Inputs) -> Inputs:
    answer: Inputs = {}
    for slots in range(1, MOST_SLOTS + 1):
        waits = queueing.replay(inputs["arrivals_s"], inputs["service_s"], slots=slots)
        answer[f"waits_{slots}_slot" if slots == 1 else f"waits_{slots}_slots"] = list(waits)
        answer[f"mean_wait_{slots}"] = sum(waits) / len(waits) if waits else 0.0
    return answer


def queue(inputs: Inputs) -> Inputs:
    rate = inputs["lambda_per_s"]
    shape = {
        "service_s": inputs["mean_service_s"],
        "slots": inputs.get("slots", 1),
        "ca2": inputs.get("ca2", 1.0),
        "cs2": inputs.get("cs2", 1.0),
    }
    simulated_wait, simulated_p95 = _simulated(rate, **shape)
    return {
        "rho": queueing.utilisation(rate, service_s=shape["service_s"], slots=shape["slots"]),
        "wq_s": queueing.mean_wait(rate, **shape),
        "wq_sakasegawa_s": closed_forms.mean_wait_sakasegawa(rate, **shape),
        "p95_latency_s": queueing.latency_quantile(rate, **shape),
        "sim_wq_s": simulated_wait,
        "sim_p95_s": simulated_p95,
    }


def _simulated(
    rate: float, *, service_s: float, slots: int, ca2: float, cs2: float
) -> tuple[float, float]:
    """Mean wait and p95 latency of a made-up trace with the given variations, replayed."""
    dice = random.Random(20261123)
    now = 0.0
    arrivals, services = [], []
    for _ in range(SIMULATED_REQUESTS):
        gap = 1 / rate if rate > 0 else NEVER
        now += dice.gammavariate(1 / ca2, ca2 * gap) if ca2 > 0 else gap
        arrivals.append(now)
        services.append(dice.gammavariate(1 / cs2, service_s * cs2) if cs2 else service_s)
    waits = queueing.replay(arrivals, services, slots=slots)
    latencies = [wait + service for wait, service in zip(waits, services, strict=True)]
    return sum(waits) / len(waits), queueing.quantile(latencies, 0.95)


def batch(inputs: Inputs) -> Inputs:
    window = queueing.batch_window(
        inputs["items"],
        service_s=inputs["sec_per_item_at_concurrency"],
        slots=inputs["slots"],
        window_hours=inputs["window_h"],
    )
    return {
        "hours_needed": window.hours_needed,
        "fits": window.fits,
        "max_items": inputs["window_h"]
        * 3600
        * inputs["slots"]
        / inputs["sec_per_item_at_concurrency"],
    }


def hybrid_split(inputs: Inputs) -> Inputs:
    rates = inputs["hourly_rate_per_s"]
    place = {"service_s": inputs["mean_service_s"], "slots": inputs["slots"]}
    erlangs = [queueing.offered_erlangs(rate, place["service_s"]) for rate in rates]
    lost = [queueing.overflow_share(place["slots"], one) for one in erlangs]
    total = math.fsum(rates)
    return {
        "absorbed_share": queueing.absorbed_share(rates, **place),
        # Not 1 - absorbed, of which a share of a millionth would have no digits left.
        "overflow_share": math.fsum(map(operator.mul, rates, lost)) / total if total else 0.0,
        "peak_hour_overflow": queueing.overflow_share(
            inputs["slots"], queueing.offered_erlangs(max(rates), inputs["mean_service_s"])
        ),
        "fluid_bound_at_80pct_util": closed_forms.fluid_share(rates, **place),
    }


def short_queue(inputs: Inputs) -> Inputs:
    slots, offered = inputs["slots"], inputs["offered_erlangs"]
    waiting = inputs["max_in_system"] - slots
    return {
        "overflow_share": queueing.overflow_share(slots, offered, queue=waiting),
        "overflow_without_queue": queueing.overflow_share(slots, offered),
        "max_wait_mean_s": queueing.longest_mean_wait(
            inputs.get("mean_service_s", SERVICE_OF_K7), slots=slots, queue=waiting
        ),
    }


def pooled(inputs: Inputs) -> Inputs:
    hosts, each, offered = inputs["hosts"], inputs["slots_each"], inputs["offered_erlangs"]
    return {
        "overflow_pooled": queueing.overflow_share(hosts * each, offered),
        "overflow_random_split": closed_forms.split_overflow_share(hosts, each, offered),
    }


KINDS: dict[str, Callable[[Inputs], Inputs]] = {
    "K0": trace,
    "K1": queue,
    "K2": queue,
    "K3": queue,
    "K4": queue,
    "K5": batch,
    "K6": hybrid_split,
    "K7": short_queue,
    "K8": pooled,
}
