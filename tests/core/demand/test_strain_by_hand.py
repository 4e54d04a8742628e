"""What work asks of a machine, in numbers that can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.demand import queueing
from landfall.core.demand.replaying import SingleCall, TraceDay
from landfall.core.demand.serving import Service
from landfall.core.demand.trace import Trace
from landfall.core.provenance import Estimated, Stated, Unknown, band
from tests.core.demand.round_loads import HOURLY, LN20, PLAIN, figure, strain


def test_that_strain_is_of_the_busiest_hour() -> None:
    """0.2 a second x 2.5 s: half busy; 2.5 ln 20 / 0.5; it waits 2.5 s."""
    found = strain()
    assert figure(found.peak()) == 0.5
    assert figure(found.p95()) == pytest.approx(5 * LN20)
    assert figure(found.mean_wait()) == pytest.approx(2.5)
    # Lost: 1/3 of 0.2 and 1/5 of 0.1; with three places 1/31 and 0.25^4 / (1 + ... ).
    assert figure(found.absorbed()) == pytest.approx(1 - (0.2 / 3 + 0.02) / 0.3)
    small = 0.25**4 / (1 + 0.25 + 0.25**2 + 0.25**3 + 0.25**4)
    assert figure(found.absorbed_queued()) == pytest.approx(1 - (0.2 / 31 + 0.1 * small) / 0.3)
    assert figure(found.absorbed_tokens()) == figure(found.absorbed())
    assert found.people(most_busy=0.8) == 19, "0.8 / 2.5 x 60 = 19.2"
    assert (found.lateness(), found.misses_window(), found.batch()) == (None, None, None)
    grown = found.growth(most_busy=0.8)
    assert grown is not None
    assert (grown.utilisation, grown.machines, grown.headroom) == (5.0, 7, pytest.approx(1.6))


def test_that_the_way_takes_its_part_of_the_target() -> None:
    far = strain(target_seconds=16.0, network_seconds=1.0)
    assert figure(far.p95()) == pytest.approx(5 * LN20 + 1.0)
    assert "1 s on the network" in str(far.p95())
    assert "network" not in str(strain().p95())
    # Late after 15 s: exp(-0.5 x 15 / 2.5) = 0.0498.
    assert far.lateness() == pytest.approx(math.log(math.exp(-3) / 0.05))
    near = strain(target_seconds=15.0)
    assert near.lateness() == pytest.approx(far.lateness())
    lost = strain(target_seconds=1.0, network_seconds=5.0)
    assert lost.lateness() == pytest.approx(math.log(math.exp(-0.5 * 1e-3 / 2.5) / 0.05))
    assert lost.people(most_busy=0.8) == 0
    assert near.people(most_busy=0.8) == 12, "(1 - 2.5 ln 20 / 15) / 2.5 x 60 = 12.02"
    quoted = strain(target_seconds=16.0, network_seconds=1.0, peak_stated=0.5)
    assert figure(quoted.p95()) == pytest.approx(5 * LN20 + 1.0)


def test_that_a_window_stands_in_place_of_the_busiest_hour() -> None:
    found = strain(window_hours=1.0)
    assert figure(found.peak()) == pytest.approx(1080 * 2.5 / 3600)
    assert found.misses_window() is False
    assert strain(window_hours=0.75).misses_window() is True
    for waits in (found.p95(), found.mean_wait()):
        assert waits == Unknown("the work may wait for its window")
    grown = strain(window_hours=1.0, target_seconds=0.1).growth(most_busy=0.8)
    assert grown is not None
    assert grown.utilisation == pytest.approx(7.5)
    assert grown.machines == 10, "7.5 / 0.8 = 9.4, and nobody waits for an answer"
    assert strain(window_hours=1.0, target_seconds=0.1).lateness() is None
    quoted = strain(window_hours=1.0, peak_stated=0.4)
    assert figure(quoted.peak()) == 0.4
    assert isinstance(quoted.p95(), Unknown)
    assert quoted.misses_window() is None


def test_that_a_quoted_peak_tells_the_seconds() -> None:
    """0.4 of two slots at 0.2 a second: 4 s."""
    found = strain(seconds=99.0, slots=2, peak_stated=0.4)
    assert found.peak() == Stated(0.4, "quotes.machine.peak_utilisation")
    wait = queueing.mean_wait(0.2, service_s=4.0, slots=2)
    assert band(found.mean_wait()) == (pytest.approx(wait),) * 3
    late = queueing.latency_quantile(0.2, service_s=4.0, slots=2)
    assert figure(found.p95()) == pytest.approx(late)
    assert figure(found.absorbed()) == pytest.approx(HOURLY.absorbed_by_hours(4.0, slots=2))
    assert found.people(most_busy=0.8) == 24
    assert found.hours()[9].utilisation == pytest.approx(0.4)
    elsewhere = strain(peak_stated=0.5, absorbed_stated=0.7, table="quotes.buy")
    assert elsewhere.peak() == Stated(0.5, "quotes.buy.peak_utilisation")
    assert elsewhere.absorbed() == Stated(0.7, "quotes.buy.absorbed_share")
    assert "quotes.buy.peak_utilisation" in str(elsewhere.p95())
    assert isinstance(elsewhere.absorbed_queued(), Unknown)
    assert isinstance(strain(absorbed_stated=0.7).absorbed_queued(), Unknown)
    assert strain(absorbed_stated=0.7).absorbed_tokens() == Stated(
        0.7, "quotes.machine.absorbed_share"
    )
    never = strain(peak_stated=1.0)
    assert "only grows" in str(never.p95())
    assert "only grows" in str(never.mean_wait())


def test_that_a_slow_end_of_the_band_waits_for_the_end_of_the_hour() -> None:
    """At 7.5 s the hour asks 1.5 times what is served: the last call waits half an hour."""
    found = strain(seconds=Estimated(1.25, 2.5, 7.5, "x"))
    low, mid, high = band(found.p95()) or (0, 0, 0)
    assert mid == pytest.approx(5 * LN20)
    assert low == pytest.approx(1.25 * LN20 / 0.75)
    assert high == pytest.approx(7.5 + 1800)
    assert "only grows" in str(strain(seconds=5.0).p95())
    assert isinstance(strain(seconds=4.99).p95(), Estimated)


SHARP = Trace(
    days=(TraceDay(ordinal=738_001, calls=(60.0,) + (0.0,) * 23),),
    singles=tuple(
        SingleCall(at=60.0 * at + (at % 2), prompt=1.0 + at % 3, written=2.0 - at % 2)
        for at in range(60)
    ),
)


def test_that_a_trace_is_replayed_for_every_figure() -> None:
    of = replace(PLAIN, calls_per_day=60.0, trace=SHARP, input=300.0, output=100.0)
    found = replace(strain(of, 60.0), service=Service(seconds=Stated(58.0, "x"), prompt_share=0.5))
    own = SHARP.replay(58.0, slots=1, prompt_share=0.5)
    assert own is not None
    assert figure(found.absorbed()) == own.absorbed
    assert figure(found.absorbed_queued()) == own.absorbed_queued
    assert figure(found.absorbed_tokens()) == pytest.approx(
        (300 * own.absorbed_prompt + 100 * own.absorbed_written) / 400
    )
    assert figure(found.mean_wait()) == own.mean_wait_seconds
    assert figure(found.p95()) == own.p95_seconds
    assert found.replayed_calls() == (60, 1)
    assert "replayed" in str(found.absorbed())
    timely = replace(found, target_seconds=own.p95_seconds * 2)
    assert timely.lateness() == pytest.approx(math.log(0.5))
    quick = replace(found, service=Service(seconds=Stated(0.5, "x")), target_seconds=1.0)
    soon = SHARP.replay(0.5, slots=1)
    assert soon is not None
    assert quick.lateness() == pytest.approx(math.log(soon.p95_seconds))
    double = replace(found, load=replace(of, calls_per_day=120.0))
    assert figure(double.absorbed()) != own.absorbed
    assert replace(found, service=Service(seconds=Unknown("?"))).replayed_calls() == (0, 0)
    tokens = replace(found, load=replace(of, input=None))
    assert isinstance(tokens.absorbed_tokens(), Unknown)
    nothing = replace(found, load=replace(of, input=0.0, output=0.0))
    assert isinstance(nothing.absorbed_tokens(), Unknown)
