"""Queueing: closed forms against each other, against replay, and at their edges."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.demand import incomplete_gamma, queueing
from tests.core import closed_forms

rates = st.floats(0.001, 3.0)
services = st.floats(0.1, 30.0)
slot_counts = st.integers(1, 32)


def test_that_service_time_is_load_plus_prompt_plus_answer() -> None:
    seconds = queueing.service_seconds(
        uncached_tokens=1500, output_tokens=200, prefill_tok_s=1200, decode_tok_s=45
    )
    assert seconds == pytest.approx(5.694444)
    assert queueing.service_seconds(
        uncached_tokens=0, output_tokens=0, prefill_tok_s=0, decode_tok_s=0, load_seconds=2.5
    ) == pytest.approx(2.5)


def test_that_a_machine_without_a_rate_never_answers() -> None:
    seconds = queueing.service_seconds(
        uncached_tokens=10, output_tokens=1, prefill_tok_s=100, decode_tok_s=0
    )
    assert seconds == math.inf
    assert queueing.utilisation(0.1, service_s=seconds) == math.inf
    assert queueing.utilisation(0.0, service_s=seconds) == 0.0
    assert queueing.absorbed_share([0.1], service_s=seconds, slots=2) == 0.0
    assert queueing.absorbed_share([0.0], service_s=seconds, slots=2) == 1.0


def test_that_the_busiest_hour_is_the_largest_of_a_day_and_a_quantile_of_a_record() -> None:
    day = [0.0] * 23 + [3600.0]
    assert queueing.busiest_hour_rate(0, hourly_calls=day) == 1.0
    assert queueing.busiest_hour_rate(0, hourly_calls=[36_000.0] * 24, days=10) == 1.0
    record = [3600.0] * 99 + [360_000.0]
    assert queueing.busiest_hour_rate(0, hourly_calls=record) == pytest.approx(1.0)


def test_that_without_a_profile_a_day_is_eight_hours_long() -> None:
    assert queueing.busiest_hour_rate(28_800) == pytest.approx(1.0)


def test_that_a_quantile_interpolates() -> None:
    assert queueing.quantile([3, 1, 2], 0.5) == 2
    assert queueing.quantile([0, 10], 0.95) == pytest.approx(9.5)
    assert queueing.quantile([7], 0.95) == 7


@given(slot_counts, st.floats(0.01, 40))
def test_that_erlang_b_is_the_ratio_of_poisson_terms(slots: int, offered: float) -> None:
    terms = [offered**k / math.factorial(k) for k in range(slots + 1)]
    assert queueing.erlang_b(slots, offered) == pytest.approx(terms[-1] / math.fsum(terms))


@given(slot_counts, st.floats(0.01, 40))
def test_that_more_slots_turn_fewer_away(slots: int, offered: float) -> None:
    assert queueing.erlang_b(slots + 1, offered) <= queueing.erlang_b(slots, offered)


@given(slot_counts, st.floats(0.01, 40), st.integers(1, 20))
def test_that_a_queue_of_k_places_is_the_balance_of_its_states(
    slots: int, offered: float, queue: int
) -> None:
    states = [1.0]
    for busy in range(1, slots + queue + 1):
        states.append(states[-1] * offered / min(busy, slots))
    expected = states[-1] / math.fsum(states)
    assert queueing.overflow_share(slots, offered, queue=queue) == pytest.approx(expected)


def test_that_a_hopeless_queue_turns_away_what_is_too_much() -> None:
    assert queueing.overflow_share(2, 200.0, queue=2000) == pytest.approx(0.99)
    assert queueing.erlang_b(2, math.inf) == 1.0
    assert queueing.overflow_share(2, math.inf, queue=5) == 1.0


def test_that_erlang_c_of_one_slot_is_its_load_and_1_beyond() -> None:
    assert queueing.erlang_c(1, 0.6) == pytest.approx(0.6)
    assert queueing.erlang_c(4, 4.0) == 1.0


@given(rates, services)
def test_that_one_poisson_slot_waits_as_pollaczek_and_khinchine_say(
    rate: float, service: float
) -> None:
    rho = rate * service
    found = queueing.mean_wait(rate, service_s=service, cs2=0.6)
    if rho >= 1:
        assert found == math.inf
        assert closed_forms.mean_wait_sakasegawa(rate, service_s=service, cs2=0.6) == math.inf
    else:
        assert found == pytest.approx(rate * service**2 * 1.6 / 2 / (1 - rho))
        assert found == pytest.approx(
            closed_forms.mean_wait_sakasegawa(rate, service_s=service, cs2=0.6)
        )


def test_that_nothing_waits_where_nothing_comes() -> None:
    assert queueing.mean_wait(0, service_s=5) == 0
    assert closed_forms.mean_wait_sakasegawa(0, service_s=5) == 0
    assert queueing.latency_quantile(0, service_s=5, cs2=0) == pytest.approx(5)
    assert queueing.latency_quantile(0, service_s=5, cs2=1) == pytest.approx(5 * math.log(20))


def test_that_a_machine_that_cannot_keep_up_has_no_p95() -> None:
    assert queueing.latency_quantile(1, service_s=5, slots=4) == math.inf


@given(st.floats(0.01, 0.99))
def test_that_the_p95_of_a_plain_queue_is_its_exact_exponential(rho: float) -> None:
    found = queueing.latency_quantile(rho, service_s=1.0, cs2=1.0)
    assert found == pytest.approx(math.log(20) / (1 - rho), rel=1e-6)


@pytest.mark.parametrize(
    ("slots", "rho", "ca2", "cs2"),
    [(1, 0.3, 1, 0.0), (2, 0.7, 1, 0.25), (4, 0.8, 1, 1.0), (8, 0.5, 1, 2.0), (3, 0.9, 1, 0.6)],
)
def test_that_the_p95_formula_is_near_a_replay(
    slots: int, rho: float, ca2: float, cs2: float
) -> None:
    service = 2.0
    rate = rho * slots / service
    dice = random.Random(7)
    arrivals, lengths, now = [], [], 0.0
    for _ in range(60_000):
        now += dice.expovariate(rate)
        arrivals.append(now)
        lengths.append(dice.gammavariate(1 / cs2, service * cs2) if cs2 else service)
    waits = queueing.replay(arrivals, lengths, slots=slots)
    latencies = [wait + length for wait, length in zip(waits, lengths, strict=True)]
    p95 = queueing.latency_quantile(rate, service_s=service, slots=slots, ca2=ca2, cs2=cs2)
    assert p95 == pytest.approx(queueing.quantile(latencies, 0.95), rel=0.12)


@given(st.floats(0.05, 0.95), st.integers(1, 64), st.floats(0, 4), st.floats(0, 4))
def test_that_p95_is_finite_and_not_below_a_tenth_of_the_mean_service(
    rho: float, slots: int, ca2: float, cs2: float
) -> None:
    found = queueing.latency_quantile(rho * slots, service_s=1.0, slots=slots, ca2=ca2, cs2=cs2)
    assert 0.1 < found < 10_000


@given(st.floats(0.05, 40), st.floats(0, 100))
def test_that_the_gamma_function_agrees_with_its_recurrence(shape: float, x: float) -> None:
    step = math.exp(shape * math.log(x) - x - math.lgamma(shape + 1)) if x > 0 else 0.0
    assert incomplete_gamma.lower_gamma(shape, x) - step == pytest.approx(
        incomplete_gamma.lower_gamma(shape + 1, x), abs=1e-12
    )


@given(
    st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 9)), min_size=1, max_size=60),
    st.integers(1, 5),
)
def test_that_a_replay_never_runs_more_at_once_than_there_are_slots(
    gaps: list[tuple[float, float]], slots: int
) -> None:
    now, arrivals = 0.0, []
    for gap, _ in gaps:
        now += gap
        arrivals.append(now)
    lengths = [length for _, length in gaps]
    waits = queueing.replay(arrivals, lengths, slots=slots)
    starts = [arrival + wait for arrival, wait in zip(arrivals, waits, strict=True)]
    assert all(wait >= 0 for wait in waits)
    assert starts == sorted(starts)
    for start in starts:
        running = sum(
            begin <= start < begin + length - 1e-9
            for begin, length in zip(starts, lengths, strict=True)
        )
        assert running <= slots


@given(st.lists(st.floats(0, 1), min_size=1, max_size=24), services, slot_counts)
def test_that_the_absorbed_share_is_a_share_and_grows_with_a_queue(
    hourly: list[float], service: float, slots: int
) -> None:
    plain = queueing.absorbed_share(hourly, service_s=service, slots=slots)
    queued = queueing.absorbed_share(hourly, service_s=service, slots=slots, queue=3)
    assert 0 <= plain <= queued + 1e-12 <= 1 + 1e-9


def test_that_the_fluid_bound_is_rosier_than_what_is_absorbed() -> None:
    hourly = [0.1, 0.4]
    assert closed_forms.fluid_share(hourly, service_s=6, slots=2) > queueing.absorbed_share(
        hourly, service_s=6, slots=2
    )


@given(st.integers(1, 8), st.integers(1, 4), st.floats(0.1, 20))
def test_that_pooling_never_loses(hosts: int, slots: int, offered: float) -> None:
    pooled = queueing.erlang_b(hosts * slots, offered)
    assert pooled <= closed_forms.split_overflow_share(hosts, slots, offered) + 1e-12


def test_that_a_batch_leaves_a_tenth_of_its_window() -> None:
    full = queueing.batch_window(12_000, service_s=2.4, slots=1, window_hours=8)
    assert full.hours_needed == pytest.approx(8)
    assert not full.fits
    assert queueing.batch_window(10_800, service_s=2.4, slots=1, window_hours=8).fits
    assert queueing.batch_window(0, service_s=0, slots=1, window_hours=1).fits


def test_that_the_last_in_the_queue_waits_for_all_before_it() -> None:
    assert queueing.longest_mean_wait(6, slots=2, queue=3) == 9


def test_that_no_slots_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="slot"):
        queueing.utilisation(1, service_s=1, slots=0)


def test_that_nothing_to_do_takes_no_time() -> None:
    assert queueing.latency_quantile(1.0, service_s=0.0) == 0
    assert queueing.lateness(1.0, service_s=0.0, target_s=0.5) < 0


def test_that_two_slots_are_half_as_busy_as_one() -> None:
    assert queueing.utilisation(0.1, service_s=6.0) == pytest.approx(0.6)
    assert queueing.utilisation(0.1, service_s=6.0, slots=2) == pytest.approx(0.3)
    assert queueing.utilisation(0.0, service_s=math.inf, slots=2) == 0.0
