"""Waiting and lateness against closed forms, and small sums."""

from __future__ import annotations

import math

import pytest

from landfall.core.demand import queueing, response_tail, shared_queue
from landfall.core.demand.shared_queue import Station


def mmk_late(slots: int, offered: float, seconds: float) -> float:
    """Share not answered after so long, by the textbook: exponential service of a second."""
    waiting = queueing.erlang_c(slots, offered)
    pace = slots - offered
    if abs(pace - 1) < 1e-9:
        return math.exp(-seconds) * (1 + waiting * seconds)
    return math.exp(-seconds) + waiting / (pace - 1) * (
        math.exp(-seconds) - math.exp(-pace * seconds)
    )


@pytest.mark.parametrize(("slots", "offered"), [(1, 0.5), (2, 1.0), (2, 1.7), (5, 2.0), (8, 7.5)])
@pytest.mark.parametrize("seconds", [0.3, 2.0, 9.0])
def test_that_lateness_of_a_plain_queue_is_the_textbooks(
    slots: int, offered: float, seconds: float
) -> None:
    expected = mmk_late(slots, offered, seconds)
    wait = queueing.mean_wait(offered, service_s=1.0, slots=slots)
    assert wait == pytest.approx(queueing.erlang_c(slots, offered) / (slots - offered))
    found = response_tail.late_share(seconds, 1.0, 1.0, queueing.erlang_c(slots, offered), wait)
    assert found == pytest.approx(expected, rel=1e-6)
    one = (Station(slots=slots, seconds=1.0),)
    assert shared_queue.late_share(one, offered, seconds=seconds) == pytest.approx(
        expected, rel=1e-6
    )
    over = queueing.lateness(offered, service_s=1.0, target_s=seconds, slots=slots)
    assert over == pytest.approx(math.log(expected / 0.05), rel=1e-6)
    tight = queueing.lateness(offered, service_s=1.0, target_s=seconds, slots=slots, share=0.8)
    assert tight == pytest.approx(math.log(expected / 0.2), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_that_a_quantile_is_where_so_many_are_late(share: float) -> None:
    for slots, offered in ((1, 0.5), (3, 2.5)):
        for cs2 in (0.0, 0.5, 1.0, 2.0):
            found = queueing.latency_quantile(
                offered, service_s=1.0, slots=slots, cs2=cs2, share=share
            )
            wait = queueing.mean_wait(offered, service_s=1.0, slots=slots, cs2=cs2)
            waiting = queueing.erlang_c(slots, offered)
            late = response_tail.late_share(found * (1 + 1e-9), 1.0, cs2, waiting, wait)
            assert late <= (1 - share) * (1 + 1e-6)
            before = response_tail.late_share(found * (1 - 1e-6), 1.0, cs2, waiting, wait)
            assert before >= (1 - share) * (1 - 1e-9)
            stations = (Station(slots=slots, seconds=1.0, cs2=cs2),)
            assert shared_queue.latency_quantile(stations, offered, share=share) == pytest.approx(
                found, rel=1e-6
            )


def test_that_a_constant_service_without_calls_is_its_own_quantile() -> None:
    even = (Station(slots=1, seconds=5.0, cs2=0.0),)
    assert shared_queue.latency_quantile(even, 0.0) == pytest.approx(5.0)
    assert shared_queue.latency_quantile((Station(slots=1, seconds=0.0),), 1.0) == 0.0


def test_that_erlang_of_two_slots_is_reckoned_by_hand() -> None:
    """a = 1: B = (1/2) / (1 + 1 + 1/2) = 0.2; C = 0.2 / (1 - 0.5 x 0.8) = 1/3."""
    assert queueing.erlang_b(2, 1.0) == pytest.approx(0.2)
    assert queueing.erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert queueing.overflow_share(2, 1.0, queue=1) == pytest.approx(0.25 / 2.75)
    assert queueing.overflow_share(2, 1.0, queue=-1) == pytest.approx(0.2)
    # Wq = C / (k - a) x E[S] x (Ca2 + Cs2) / 2
    found = queueing.mean_wait(0.5, service_s=2.0, slots=2, ca2=3.0, cs2=2.0)
    assert found == pytest.approx(1 / 3 / 1 * 2.0 * 5 / 2)
    assert queueing.mean_wait(1.0, service_s=2.0, slots=2) == math.inf
    assert queueing.erlang_c(2, 2.0) == 1.0


def test_that_each_hour_loses_by_itself() -> None:
    """Rates 0.5 and 1 with 1 s and one slot: 1/3 and 1/2 are lost."""
    rates = (0.5, 1.0)
    found = queueing.absorbed_share(rates, service_s=1.0, slots=1)
    assert found == pytest.approx(1 - (0.5 / 3 + 0.5) / 1.5)
    weighed = queueing.absorbed_share(rates, service_s=1.0, slots=1, hours=(4.0, 1.0))
    assert weighed == pytest.approx(1 - (4 * 0.5 / 3 + 0.5) / 3.0)
    queued = queueing.absorbed_share((1.0,), service_s=1.0, slots=1, queue=1)
    assert queued == pytest.approx(2 / 3)


def test_that_a_day_has_eight_hours_and_a_record_its_quantile() -> None:
    assert queueing.busiest_hour_rate(800.0) == pytest.approx(100 / 3600)
    assert queueing.busiest_hour_rate(0, hourly_calls=[7200.0] * 24, days=2) == 1.0
    day = [0.0] * 24 + [3600.0]
    assert queueing.busiest_hour_rate(0, hourly_calls=day) == 0.0, "25 hours are a record"
    # Place 0.95 x 24 = 22.8 between 22 and 23 of 0 to 24.
    record = [float(n) for n in range(25)]
    assert queueing.busiest_hour_rate(0, hourly_calls=record) == pytest.approx(22.8 / 3600)
    assert queueing.busiest_hour_rate(0, hourly_calls=record, days=5) == pytest.approx(22.8 / 3600)


def test_that_seconds_of_a_call_add_up() -> None:
    kwargs = {"prefill_tok_s": 100.0, "decode_tok_s": 10.0}
    found = queueing.service_seconds(uncached_tokens=50, output_tokens=20, **kwargs)
    assert found == 2.5
    assert queueing.service_seconds(uncached_tokens=0, output_tokens=20, **kwargs) == 2.0
    stuck = queueing.service_seconds(
        uncached_tokens=1, output_tokens=0, prefill_tok_s=0.0, decode_tok_s=1.0
    )
    assert stuck == math.inf
    idle = queueing.service_seconds(
        uncached_tokens=0, output_tokens=1, prefill_tok_s=0.0, decode_tok_s=0.5
    )
    assert idle == 2.0


def test_that_replayed_waits_are_those_of_a_ledger() -> None:
    at, lasts = (0.0, 1.0, 2.0, 2.0, 20.0), (5.0, 5.0, 1.0, 1.0, 1.0)
    assert queueing.replay(at, lasts) == (0.0, 4.0, 8.0, 9.0, 0.0)
    # Two slots are free at 5 and 6; the fourth waits for the third's, at 6.
    assert queueing.replay(at, lasts, slots=2) == (0.0, 0.0, 3.0, 4.0, 0.0)
    assert queueing.replay((0.0, 5.0), (5.0, 5.0)) == (0.0, 0.0)
    assert queueing.replay((0.0, 0.0, 5.0), (5.0, 5.0, 5.0), slots=2) == (0.0, 0.0, 0.0)


def test_that_a_batch_is_done_within_nine_tenths_of_its_window() -> None:
    window = queueing.batch_window(3600.0, service_s=18.0, slots=2, window_hours=10.0)
    assert (window.hours_needed, window.fits) == (9.0, True)
    late = queueing.batch_window(3601.0, service_s=18.0, slots=2, window_hours=10.0)
    assert not late.fits
    assert queueing.longest_mean_wait(5.0, slots=2, queue=3) == 7.5
    with pytest.raises(ValueError, match="slot"):
        queueing.longest_mean_wait(5.0, slots=0, queue=3)


def test_that_no_work_is_never_late_and_what_only_grows_always() -> None:
    assert queueing.lateness(1.0, service_s=0.0, target_s=1.0) == pytest.approx(math.log(1e-300))
    assert queueing.lateness(1.0, service_s=1.0, target_s=1.0) == math.inf
    never = queueing.lateness(0.0, service_s=1.0, target_s=1e6)
    assert never == pytest.approx(math.log(1e-300 / 0.05))
    assert queueing.latency_quantile(1.0, service_s=-1.0) == 0.0
    assert queueing.latency_quantile(0.5, service_s=2.0) == math.inf
