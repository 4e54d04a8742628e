"""Load, strain and rates beside others, in numbers that can be reckoned by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.benchmark.benchmark import BenchKind, BenchmarkResult, Level, Sustained, Sweep
from landfall.core.demand import capacity
from landfall.core.demand.day_pattern import DayPattern, day_pattern
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.hours import hour_by_hour
from landfall.core.demand.load import Load, batch_of, traced
from landfall.core.demand.replaying import SingleCall, TraceDay
from landfall.core.demand.report import HostLoad, load_json, load_line
from landfall.core.demand.serving import (
    ASSUMED,
    DEFAULT_SLOTS,
    Serves,
    Service,
    Stream,
    serves_of,
    service,
    shared,
)
from landfall.core.demand.strain import Strain
from landfall.core.demand.trace import Trace
from landfall.core.provenance import Estimated, Figure, Measured, Stated, Unknown, band, middle

LN20 = math.log(20)
PLAIN = Load(
    calls_per_day=800.0,
    history_days=None,
    predictability=Predictability.UNKNOWN,
    hourly_calls=(),
    input=300.0,
    cached=None,
    output=100.0,
    embedding=False,
)
"""Eight even hours of a hundred calls."""
HOURLY = replace(
    PLAIN, calls_per_day=1080.0, hourly_calls=(0.0,) * 9 + (720.0, 360.0, *(0.0,) * 13)
)
"""0.2 and 0.1 a second."""


def figure(found: Figure) -> float:
    value = middle(found)
    assert value is not None, found
    return value


# Load -----------------------------------------------------------------------------------------


def test_that_without_hours_a_day_is_eight_even_ones() -> None:
    assert PLAIN.hourly_rates() == pytest.approx((100 / 3600,) * 8)
    assert PLAIN.day_profile() == pytest.approx((0.0,) * 9 + (100.0,) * 8 + (0.0,) * 7)
    assert PLAIN.busiest() == pytest.approx(100 / 3600)
    assert PLAIN.classes() == ((pytest.approx(100 / 3600), 8.0),)
    assert (PLAIN.knows_hours, PLAIN.busy_day, PLAIN.scale) == (False, 800.0, 1.0)
    assert PLAIN.calls == 800 * 30.4375
    silent = replace(PLAIN, calls_per_day=None)
    assert silent.hourly_rates() == silent.day_profile() == silent.classes() == ()
    assert (silent.busiest(), silent.busy_day, silent.calls) == (None, None, 0.0)
    idle = replace(PLAIN, calls_per_day=0.0)
    assert idle.hourly_rates() == ()
    assert idle.day_profile() == (0.0,) * 24
    assert idle.busiest() == 0.0


def test_that_hours_that_are_told_stand() -> None:
    assert HOURLY.hourly_rates()[9:11] == (0.2, 0.1)
    assert HOURLY.day_profile() == HOURLY.hourly_calls
    assert HOURLY.busiest() == 0.2
    assert set(HOURLY.classes()) == {(0.0, 22.0), (0.2, 1.0), (0.1, 1.0)}
    assert HOURLY.knows_hours


def test_that_days_that_differ_have_a_busy_one() -> None:
    """Two of four days work, 1 and 3 times... of a mean day of 1: 0.5 and 3.5 of it."""
    bursts = replace(PLAIN, pattern=DayPattern(busy=3.0, classes=((1.0, 0.25), (3.0, 0.25))))
    assert bursts.busy_day == 2400.0
    assert bursts.busiest() == pytest.approx(300 / 3600)
    assert max(bursts.day_profile()) == pytest.approx(300)
    assert bursts.classes() == (
        (pytest.approx(100 / 3600), 2.0),
        (pytest.approx(300 / 3600), 2.0),
    )
    assert bursts.pattern is not None
    assert bursts.pattern.worked_share == 0.5
    told = replace(HOURLY, pattern=bursts.pattern)
    assert told.busiest() == 0.2


def test_that_a_pattern_is_of_days_with_work_in_ten_classes() -> None:
    """Mean 2; of 1, 3 and 4 place 0.95 x 2 = 1.9 is 3.9."""
    found = day_pattern([0.0, 4.0, 1.0, 3.0, 2.0 - 2.0])
    assert found is not None
    assert found.busy == pytest.approx(3.9 / 1.6)
    assert found.classes == tuple((pytest.approx(one / 1.6), 0.2) for one in (1, 3, 4))
    assert day_pattern([0.0, 0.0]) is None
    assert day_pattern([]) is None
    two = day_pattern([2.0, 2.0])
    assert two is not None
    assert two.classes == ((1.0, 0.5), (1.0, 0.5))
    eleven = day_pattern([float(n + 1) for n in range(11)])
    assert eleven is not None
    assert [share * 11 for _, share in eleven.classes] == pytest.approx([2.0] * 5 + [1.0])
    assert eleven.classes[0][0] == pytest.approx(1.5 / 6)


def test_that_a_call_has_the_tokens_that_are_told() -> None:
    shape = replace(PLAIN, cached=50.0).shape()
    assert not isinstance(shape, Unknown)
    assert (shape.uncached_tokens, shape.cached_tokens, shape.output_tokens) == (300.0, 50.0, 100.0)
    assert replace(PLAIN, input=None).shape() == Unknown("tokens.input is not stated")
    assert replace(PLAIN, output=None).shape() == Unknown("tokens.output is not stated")
    assert replace(PLAIN, output=None, embedding=True).writes == 0.0
    assert replace(PLAIN, output=7.0, embedding=True).writes == 7.0
    assert replace(PLAIN, output=None).writes is None


def test_that_utilisation_is_of_the_busiest_hour_or_of_the_window() -> None:
    ten = Stated(10.0, "x")
    assert figure(PLAIN.utilisation(ten, None)) == pytest.approx(1000 / 3600)
    assert figure(PLAIN.utilisation(ten, None, slots=2)) == pytest.approx(500 / 3600)
    assert figure(PLAIN.utilisation(ten, 4.0)) == pytest.approx(8000 / 3600 / 4)
    assert "4 slots" in str(PLAIN.utilisation(ten, None, slots=4))
    assert "slots" not in str(PLAIN.utilisation(ten, None))
    silent = replace(PLAIN, calls_per_day=None)
    assert silent.utilisation(ten, 4.0) == Unknown("volume.calls_per_day is not stated")
    assert PLAIN.utilisation(Unknown("why"), None) == Unknown("why")
    hours_alone = replace(HOURLY, calls_per_day=None)
    assert figure(hours_alone.utilisation(ten, 4.0)) == pytest.approx(2.0), "no day is known"


def test_that_hours_lose_each_by_itself() -> None:
    """0.2 and 0.1 a second, 5 s: a = 1 and 0.5, lost 1/2 and 1/3."""
    lost = (0.2 / 2 + 0.1 / 3) / 0.3
    assert HOURLY.absorbed_by_hours(5.0, slots=1) == pytest.approx(1 - lost)
    # With one that may wait: 1/3 and 0.25 / 1.75.
    queued = (0.2 / 3 + 0.1 / 7) / 0.3
    assert HOURLY.absorbed_by_hours(5.0, slots=1, queue=1) == pytest.approx(1 - queued)
    at = HOURLY.absorbed_at(1.0)
    assert band(at) == (pytest.approx(1 - lost),) * 3
    assert figure(HOURLY.absorbed_at(0.5, slots=2)) == pytest.approx(
        HOURLY.absorbed_by_hours(5.0, slots=2)
    )
    assert isinstance(PLAIN.absorbed_at(0.5), Unknown)
    assert isinstance(replace(HOURLY, hourly_calls=(0.0,) * 24).absorbed_at(0.5), Unknown)


def test_that_a_batch_is_of_a_busy_day() -> None:
    found = batch_of(Stated(18.0, "x"), PLAIN, 5.0, slots=1)
    assert found is not None
    assert (found.hours_needed, found.fits) == (4.0, True)
    busy = replace(PLAIN, pattern=DayPattern(busy=2.0, classes=()))
    assert batch_of(Stated(18.0, "x"), busy, 5.0, slots=2) == found
    assert batch_of(Stated(18.0, "x"), PLAIN, None, slots=1) is None
    assert batch_of(Unknown("?"), PLAIN, 5.0, slots=1) is None
    assert batch_of(Stated(18.0, "x"), replace(PLAIN, calls_per_day=None), 5.0, slots=1) is None


def trace_of(hours: tuple[float, ...]) -> Trace:
    return Trace(days=(TraceDay(ordinal=738_001, calls=hours),))


def test_that_a_profile_is_that_of_the_trace_up_to_a_twentieth_of_its_busiest_hour() -> None:
    """Shares of 0.75 and 0.25 in the trace; of the busiest hour 0.05 x 0.8 = 0.04 may differ."""
    trace = trace_of((75.0, 25.0) + (0.0,) * 22)
    assert traced((7.5, 2.5) + (0.0,) * 22, trace) is trace
    # 0.786 and 0.214: off by 0.036 of 0.0393.
    assert traced((0.786, 0.214) + (0.0,) * 22, trace) is trace
    # 0.790 and 0.210: off by 0.040 of 0.0395.
    assert traced((0.790, 0.210) + (0.0,) * 22, trace) is None
    assert traced((0.715, 0.285) + (0.0,) * 22, trace) is trace
    assert traced((0.712, 0.288) + (0.0,) * 22, trace) is None
    assert traced((0.0,) * 24, trace) is None
    quiet = trace_of((0.0,) * 24)
    assert traced((1.0,) + (0.0,) * 23, quiet) is None
    assert traced((0.0,) * 24, quiet) is quiet
    assert traced((), None) is None


def test_that_a_stated_volume_scales_a_trace() -> None:
    trace = trace_of((0.0,) * 9 + (60.0, 20.0) + (0.0,) * 13)
    half = replace(PLAIN, calls_per_day=40.0, trace=trace)
    assert (half.scale, half.knows_hours) == (0.5, True)
    assert half.busiest() == pytest.approx(30 / 3600)
    assert half.day_profile()[9:11] == (30.0, 10.0)
    assert half.classes() == ((pytest.approx(10 / 3600), 1.0), (pytest.approx(30 / 3600), 1.0))
    quiet = replace(half, trace=trace_of((0.0,) * 24))
    assert quiet.scale == 1.0


# Hours ----------------------------------------------------------------------------------------


def test_that_hours_are_queues_of_their_own() -> None:
    """0.1 a second x 5 s = 0.5: p95 5 ln 20 / 0.5, lost 1/3; 0.2 x 5 = 1 cannot be kept up with."""
    found = hour_by_hour(HOURLY, 5.0, slots=1)
    assert [one.hour for one in found] == list(range(24))
    nine, ten, night = found[9], found[10], found[0]
    assert (nine.calls, nine.utilisation, nine.p95_seconds) == (720.0, 1.0, None)
    assert nine.overflow_share == pytest.approx(0.5)
    assert (ten.utilisation, ten.p95_seconds) == (0.5, pytest.approx(10 * LN20))
    assert ten.overflow_share == pytest.approx(1 / 3)
    assert (night.calls, night.utilisation, night.p95_seconds) == (0.0, 0.0, None)
    assert night.overflow_share == 0.0
    assert hour_by_hour(HOURLY, 5.0, slots=2)[9].utilisation == 0.5


# Strain ---------------------------------------------------------------------------------------


def strain(of: Load = HOURLY, seconds: Figure | float = 2.5, **more: object) -> Strain:
    each = Stated(seconds, "x") if isinstance(seconds, float) else seconds
    slots = more.pop("slots", 1)
    told = Service(seconds=each, slots=slots)  # type: ignore[arg-type]
    return Strain(load=of, service=told, **more)  # type: ignore[arg-type]


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
    wait = capacity.mean_wait(0.2, service_s=4.0, slots=2)
    assert band(found.mean_wait()) == (pytest.approx(wait),) * 3
    late = capacity.latency_quantile(0.2, service_s=4.0, slots=2)
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


# Reports --------------------------------------------------------------------------------------


def report(one: Strain, machine: str = "box") -> HostLoad:
    return HostLoad(machine=machine, model="m", strain=one, most_busy=0.8)


def test_that_a_line_says_what_is_known() -> None:
    assert load_line(report(strain())) == (
        "In the busiest hour (about 9:00) box is 50 % busy, 19 of 20 answers within 15 s, "
        "28.9 % of all calls overflow if none may wait."
    )
    assert "box is 190 % busy" in load_line(report(strain(seconds=9.5)))
    assert "box is asked for 2.0 times" in load_line(report(strain(seconds=10.0)))
    bursts = replace(PLAIN, pattern=DayPattern(busy=2.0, classes=((2.0, 0.5),)))
    line = load_line(report(strain(bursts, 10.0)))
    assert "(a busy day's calls within eight hours)" in line
    batch = load_line(report(strain(bursts, 10.0, window_hours=8.0)))
    assert batch.startswith("In its window box is 56 % busy, a busy day's work takes 4.4 h of 8 h")
    assert "a day's work takes" in load_line(report(strain(PLAIN, 10.0, window_hours=8.0)))


def test_that_a_document_has_every_number() -> None:
    found = load_json(report(strain(slots=2)))
    assert found["machine"] == "box"
    assert found["model"] == "m"
    assert (found["slots"], found["slots_reason"], found["how"]) == (2, ASSUMED, "formulas")
    assert (found["replayed_calls"], found["replayed_days"], found["queue"]) == (0, 0, 3)
    assert found["busiest_hour"] == {"hour": 9, "calls": 720.0, "assumed": False}
    assert found["queue_wait_seconds"] == pytest.approx(3 * 2.5 / 2)
    assert found["overflow_share"] == pytest.approx(1 - found["absorbed_share"]["mid"])
    assert (found["batch"], found["people"], found["people_measured"]) == (None, 38, None)
    assert found["growth"]["machines"] == 4
    assert found["hours"][9]["calls"] == 720.0
    bare = load_json(report(strain(replace(PLAIN, calls_per_day=None))))
    assert bare["busiest_hour"] == {"hour": None, "calls": None, "assumed": True}
    assert set(bare["reasons"]) >= {"utilisation", "p95_seconds"}
    idle = load_json(report(strain(replace(HOURLY, hourly_calls=(0.0,) * 24))))
    assert idle["busiest_hour"]["hour"] is None


# Answers at once ------------------------------------------------------------------------------


AT = "2026-11-20T10:00:00+00:00"
PREFILL, DECODE = Measured(1000.0, AT, "a run"), Measured(80.0, AT, "a run")
SWEEP = Serves(
    slots=1,
    streams=(
        Stream(at_once=1, decode_tok_s=64.0, ttft_seconds=0.5),
        Stream(at_once=4, decode_tok_s=32.0, ttft_seconds=1.0),
        Stream(at_once=16, decode_tok_s=8.0),
    ),
    measured_at=AT,
)


def bands(serves: Serves) -> tuple[object, object]:
    reads, writes = shared(PREFILL, DECODE, serves)
    return band(reads), band(writes)


def test_that_a_rate_beside_others_is_the_measured_one_at_its_number() -> None:
    reads, writes = shared(PREFILL, DECODE, replace(SWEEP, slots=4))
    assert writes == Measured(32.0, AT, "4 at once in a benchmark on this machine")
    # The first text took twice as long: half of the rate, a tenth either side.
    assert band(reads) == pytest.approx((450.0, 500.0, 550.0))
    kept = shared(PREFILL, DECODE, replace(SWEEP, slots=4, kept_share=0.5))
    assert middle(kept[1]) == 16.0
    assert band(kept[0]) == pytest.approx((225.0, 250.0, 275.0))
    one = shared(PREFILL, DECODE, SWEEP)
    assert (one[0], middle(one[1])) == (PREFILL, 64.0)


def test_that_between_two_numbers_the_rate_goes_by_their_ratio() -> None:
    """Half way between 1 and 4 is 2: 64 / sqrt(2); a tenth either side, of 80 tokens a second."""
    reads, writes = bands(replace(SWEEP, slots=2))
    share = 1 / math.sqrt(2)
    assert writes == pytest.approx((80 * share * 0.9, 80 * share, 80 * share * 1.1))
    assert reads == pytest.approx((1000 * share * 0.9, 1000 * share, 1000 * share * 1.1))
    # And between 4 and 16: 8 has 32 / 2.
    assert bands(replace(SWEEP, slots=8))[1] == pytest.approx((18.0, 20.0, 22.0))


def test_that_beyond_what_was_tried_all_together_are_no_faster() -> None:
    """16 at 8 of 64 each: 32 have a sixteenth, a fifth either side; never below a 64th."""
    _, writes = bands(replace(SWEEP, slots=32))
    assert writes == pytest.approx((80 / 16 * 0.8, 80 / 16, 80 / 16 * 1.2))
    reads, _ = bands(replace(SWEEP, slots=16))
    # No time to the first text at 16: as decode, an eighth.
    assert reads == pytest.approx((112.5, 125.0, 137.5))
    poor = replace(
        SWEEP,
        slots=4,
        streams=(Stream(at_once=1, decode_tok_s=64.0), Stream(at_once=2, decode_tok_s=1.0)),
    )
    assert bands(poor)[1] == pytest.approx((10.0, 10.0, 10.0)), "an eighth at least"
    rich = replace(poor, streams=(poor.streams[0], Stream(at_once=2, decode_tok_s=200.0)))
    assert bands(rich)[1] == pytest.approx((80.0, 80.0, 80.0)), "as fast as alone at most"


def test_that_without_a_sweep_the_ends_are_a_share_and_the_whole() -> None:
    assert bands(Serves(slots=16)) == (
        pytest.approx((62.5, 250.0, 1000.0)),
        pytest.approx((5.0, 20.0, 80.0)),
    )
    assert shared(PREFILL, DECODE, Serves()) == (PREFILL, DECODE)
    slow = shared(PREFILL, DECODE, Serves(kept_share=0.5))
    assert (middle(slow[0]), middle(slow[1])) == (500.0, 40.0)
    assert "measured rate" in str(slow[0])
    predicted = shared(Estimated(1.0, 2.0, 3.0, "x"), DECODE, Serves(kept_share=0.5))
    assert "predicted rate" in str(predicted[0])
    assert DEFAULT_SLOTS == Serves().slots == 1


def test_that_a_call_keeps_its_slot_for_prompt_and_answer() -> None:
    found = service(
        prefill=Estimated(500.0, 1000.0, 2000.0, "x"),
        decode=Estimated(40.0, 80.0, 160.0, "x"),
        uncached=2000,
        output=160,
        serves=Serves(people=7),
        where="m",
    )
    # 1, 2 and 4 s for both.
    assert band(found.seconds) == pytest.approx((2.0, 4.0, 8.0))
    assert (found.prompt_share, found.slots, found.people) == (0.5, 1, 7)
    assert found.says == ASSUMED
    assert "at once" not in str(found.seconds)
    writes = service(
        prefill=Unknown("?"), decode=DECODE, uncached=0, output=160, serves=Serves(), where="m"
    )
    assert (middle(writes.seconds), writes.prompt_share) == (2.0, 0.0)


def level(
    number: int, *, at_once: int | None, decode: float | None = 10.0, failed: int = 0
) -> Level:
    return Level(
        concurrency=number,
        answers=5,
        failed=failed,
        at_once=at_once,
        ttft_p50_seconds=0.25,
        ttft_p95_seconds=0.5,
        decode_tok_s=decode,
        throughput_tok_s=None,
        gross_joules_per_token=Unknown("no meter"),
    )


def result(*levels: Level, sustained: Sustained | None = None) -> BenchmarkResult:
    return BenchmarkResult(
        kind=BenchKind.CHAT,
        model="m",
        digest=None,
        engine=None,
        host="",
        place="local",
        conditions={},
        sweep=Sweep(levels=levels, ttft_target_seconds=2.0, people=3, reason="")
        if levels
        else None,
        sustained=sustained,
    )


def test_that_a_benchmark_tells_streams_by_how_many_really_ran() -> None:
    levels = (
        level(8, at_once=4, decode=5.0),
        level(1, at_once=1),
        level(4, at_once=None, decode=6.0),
        level(2, at_once=9, decode=7.0),
        level(16, at_once=16, failed=1),
        level(32, at_once=32, decode=None),
    )
    found = serves_of(result(*levels), measured_at=AT, slots=None)
    assert found == Serves(
        slots=4,
        says="the most seen at one moment",
        streams=(
            Stream(at_once=1, decode_tok_s=10.0, ttft_seconds=0.25),
            Stream(at_once=2, decode_tok_s=7.0, ttft_seconds=0.25),
            Stream(at_once=4, decode_tok_s=6.0, ttft_seconds=0.25),
        ),
        kept_share=1.0,
        people=3,
        measured_at=AT,
    )
    waited = serves_of(result(level(8, at_once=2)), measured_at=AT, slots=6)
    assert waited is not None
    assert waited.streams == (Stream(at_once=2, decode_tok_s=10.0),)
    assert (waited.slots, waited.says) == (6, "as the server's process told")
