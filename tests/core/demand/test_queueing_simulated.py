"""More cases of the kinds K0 to K8, each held against a simulation of its own."""

from __future__ import annotations

import math
from random import Random

import pytest

from landfall.core.demand import queueing
from landfall.core.demand.shared_queue import Station
from tests.core.queue_simulation import simulated
from tests.core.worked.capacity import KINDS


def queue(
    kind: str, rate: float, service: float, *, cs2: float, slots: int, ca2: float = 1.0
) -> dict[str, float]:
    found = KINDS[kind](
        {"lambda_per_s": rate, "mean_service_s": service, "ca2": ca2, "cs2": cs2, "slots": slots}
    )
    return {name: float(value) for name, value in found.items()}


@pytest.mark.parametrize(
    ("kind", "load", "service", "cs2", "slots"),
    [
        ("K1", 0.05, 3.0, 1.0, 1),
        ("K1", 0.3, 40.0, 0.3, 1),
        ("K2", 0.5, 12.0, 1.0, 1),
        ("K2", 0.8, 2.0, 0.8, 1),
        ("K4", 0.6, 9.0, 0.6, 2),
        ("K4", 0.85, 25.0, 1.0, 8),
        ("K4", 0.9, 4.0, 0.4, 32),
        ("K4", 0.95, 4.0, 1.0, 128),
    ],
)
def test_that_queues_of_kinds_k1_k2_and_k4_are_those_of_a_simulation(
    kind: str, load: float, service: float, cs2: float, slots: int
) -> None:
    rate = load * slots / service
    found = queue(kind, rate, service, cs2=cs2, slots=slots)
    station = Station(slots=slots, seconds=service, cs2=cs2)
    seen = simulated((station,), rate, calls=400_000)
    assert found["rho"] == pytest.approx(load)
    assert found["p95_latency_s"] == pytest.approx(seen.p95, rel=0.06)
    assert found["wq_s"] == pytest.approx(seen.mean_wait, rel=0.1, abs=0.02 * service)


@pytest.mark.parametrize(("load", "ca2", "slots"), [(0.4, 2.0, 1), (0.6, 4.0, 1), (0.7, 3.0, 4)])
def test_that_bursts_of_kind_k3_are_within_its_35_percent(
    load: float, ca2: float, slots: int
) -> None:
    rate = load * slots / 6.0
    found = queue("K3", rate, 6.0, cs2=0.6, slots=slots, ca2=ca2)
    seen = simulated((Station(slots=slots, seconds=6.0, cs2=0.6),), rate, ca2=ca2)
    assert found["p95_latency_s"] == pytest.approx(seen.p95, rel=0.35)
    assert found["wq_s"] == pytest.approx(seen.mean_wait, rel=0.45)


@pytest.mark.parametrize("slots", [1, 3, 16, 64])
def test_that_a_trace_of_kind_k0_is_replayed_as_a_server_would(slots: int) -> None:
    dice = Random(slots)
    arrivals = sorted(dice.uniform(0, 600) for _ in range(300))
    services = [dice.expovariate(1 / 20) for _ in arrivals]
    free, waits = [0.0] * slots, []
    for at, lasts in zip(arrivals, services, strict=True):
        first = min(range(slots), key=free.__getitem__)
        begins = max(at, free[first])
        waits.append(begins - at)
        free[first] = begins + lasts
    found = KINDS["K0"]({"arrivals_s": arrivals, "service_s": services})
    name = f"waits_{slots}_slot" if slots == 1 else f"waits_{slots}_slots"
    assert found[name] == pytest.approx(waits)
    assert found[f"mean_wait_{slots}"] == pytest.approx(sum(waits) / len(waits))


def test_that_calls_that_come_at_once_wait_in_line() -> None:
    found = KINDS["K0"]({"arrivals_s": [5.0] * 10, "service_s": [2.0] * 10})
    assert found["waits_1_slot"] == [2.0 * n for n in range(10)]
    assert found["waits_4_slots"] == [2.0 * (n // 4) for n in range(10)]
    assert found["waits_10_slots"] == [0.0] * 10


def test_that_nothing_waits_where_no_call_comes() -> None:
    assert KINDS["K0"]({"arrivals_s": [], "service_s": []})["mean_wait_1"] == 0.0
    quiet = queue("K1", 0.0, 5.0, cs2=1.0, slots=1)
    assert quiet["wq_s"] == quiet["rho"] == quiet["sim_wq_s"] == 0.0
    assert quiet["p95_latency_s"] == pytest.approx(5.0 * math.log(20), rel=1e-6)
    assert quiet["sim_p95_s"] == pytest.approx(quiet["p95_latency_s"], rel=0.02)


@pytest.mark.parametrize(
    ("batch", "hours", "fits"),
    [
        ((0, 2.4, 1, 8.0), 0.0, True),
        ((10_800, 2.4, 1, 8.0), 7.2, True),  # just nine tenths of the window
        ((10_801, 2.4, 1, 8.0), 7.200_666_7, False),
        ((1_000_000, 0.5, 64, 2.5), 2.170_138_9, True),
    ],
)
def test_that_a_batch_of_kind_k5_clears_its_window(
    batch: tuple[int, float, int, float], hours: float, fits: bool
) -> None:
    _, seconds, slots, window = batch
    names = ("items", "sec_per_item_at_concurrency", "slots", "window_h")
    found = KINDS["K5"](dict(zip(names, batch, strict=True)))
    assert found["hours_needed"] == pytest.approx(hours, abs=1e-6)
    assert found["fits"] is fits
    assert found["max_items"] == pytest.approx(window * 3600 / seconds * slots)


@pytest.mark.parametrize(("slots", "cs2"), [(1, 0.3), (4, 1.0), (12, 2.0)])
def test_that_the_split_of_kind_k6_is_that_of_a_loss_simulation(slots: int, cs2: float) -> None:
    rates = [0.02 * slots, 0.1 * slots, 0.25 * slots]
    found = KINDS["K6"]({"hourly_rate_per_s": rates, "slots": slots, "mean_service_s": 6.0})
    station = (Station(slots=slots, seconds=6.0, cs2=cs2),)
    lost = [simulated(station, rate, queue=0, calls=80_000).lost for rate in rates]
    whole = sum(share * rate for share, rate in zip(lost, rates, strict=True)) / sum(rates)
    assert found["overflow_share"] == pytest.approx(whole, rel=0.03, abs=0.002)
    assert found["peak_hour_overflow"] == pytest.approx(lost[-1], rel=0.03, abs=0.002)


@pytest.mark.parametrize(
    ("slots", "waiting", "offered"), [(1, 1, 0.7), (4, 2, 3.5), (8, 16, 9.0), (2, 3, 40.0)]
)
def test_that_a_short_queue_of_kind_k7_overflows_as_in_a_simulation(
    slots: int, waiting: int, offered: float
) -> None:
    found = KINDS["K7"](
        {"slots": slots, "max_in_system": slots + waiting, "offered_erlangs": offered}
    )
    seen = simulated(
        (Station(slots=slots, seconds=6.0),), offered / 6.0, queue=waiting, calls=400_000
    )
    assert found["overflow_share"] == pytest.approx(seen.lost, rel=0.04, abs=0.003)


@pytest.mark.parametrize(("hosts", "each", "offered"), [(3, 1, 2.0), (4, 4, 18.0), (2, 64, 120.0)])
def test_that_hosts_of_kind_k8_overflow_as_in_a_simulation(
    hosts: int, each: int, offered: float
) -> None:
    found = KINDS["K8"]({"hosts": hosts, "slots_each": each, "offered_erlangs": offered})
    station = Station(slots=each, seconds=6.0)
    together = simulated((station,) * hosts, offered / 6.0, queue=0)
    alone = simulated((station,), offered / 6.0 / hosts, queue=0)
    assert found["overflow_pooled"] == pytest.approx(together.lost, rel=0.04, abs=0.003)
    assert found["overflow_random_split"] == pytest.approx(alone.lost, rel=0.04, abs=0.003)


@pytest.mark.parametrize("slots", [1, 8, 512])
def test_that_close_to_full_the_wait_is_finite_and_at_full_it_is_not(slots: int) -> None:
    almost = queueing.mean_wait(0.9999 * slots / 5.0, service_s=5.0, slots=slots)
    assert almost == pytest.approx(5.0 / slots / 0.0001, rel=0.5)
    assert queueing.mean_wait(slots / 5.0, service_s=5.0, slots=slots) == math.inf
    p95 = queueing.latency_quantile(0.9999 * slots / 5.0, service_s=5.0, slots=slots)
    assert p95 > 3 * almost * 0.7
