"""What work asks of a machine: hours, waits, overflow, batches, people, ten times as much."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.demand import queueing
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.growth import at_times, headroom, people_served
from landfall.core.demand.hours import hour_by_hour
from landfall.core.demand.load import Load, traced
from landfall.core.demand.replaying import TraceDay
from landfall.core.demand.report import HostLoad, load_json, load_line
from landfall.core.demand.serving import Service
from landfall.core.demand.strain import Strain
from landfall.core.demand.trace import Trace
from landfall.core.provenance import Estimated, Figure, Stated, Unknown, band, middle

HOURS = (0.0,) * 8 + (20.0, 60.0, 90.0, 80.0, 40.0, 70.0, 80.0, 60.0, 30.0, 10.0) + (0.0,) * 6
TRACE = Trace(days=tuple(TraceDay(ordinal=738_000 + at, calls=HOURS) for at in range(20)))


def load(
    *,
    calls: float | None = sum(HOURS),
    hourly: tuple[float, ...] = (),
    trace: Trace | None = None,
    tokens: float | None = 1000.0,
) -> Load:
    return Load(
        calls_per_day=calls,
        history_days=None,
        predictability=Predictability.UNKNOWN,
        hourly_calls=hourly,
        input=tokens,
        cached=None,
        output=100.0,
        embedding=False,
        trace=trace,
    )


def strain(
    seconds: Figure | float = 10.0,
    *,
    of: Load | None = None,
    slots: int = 1,
    window: float | None = None,
    target: float | None = None,
    peak: float | None = None,
    absorbed: float | None = None,
) -> Strain:
    figure = Stated(seconds, "test") if isinstance(seconds, float) else seconds
    return Strain(
        load=of or load(hourly=HOURS),
        service=Service(seconds=figure, slots=slots),
        window_hours=window,
        target_seconds=target,
        peak_stated=peak,
        absorbed_stated=absorbed,
    )


def report(one: Strain, machine: str = "RTX 4090") -> HostLoad:
    return HostLoad(machine=machine, model="m", strain=one, most_busy=0.8)


# Hours -------------------------------------------------------------------------------------------


def test_that_each_hour_is_a_queue_of_its_own() -> None:
    found = hour_by_hour(load(hourly=HOURS), 30.0, slots=1)
    assert [one.hour for one in found] == list(range(24))
    ten = found[10]
    assert ten.calls == 90.0
    assert ten.utilisation == pytest.approx(0.75)
    assert ten.overflow_share == pytest.approx(queueing.erlang_b(1, 0.75))
    assert ten.p95_seconds == pytest.approx(queueing.latency_quantile(90 / 3600, service_s=30.0))
    night = found[2]
    assert (night.utilisation, night.p95_seconds, night.overflow_share) == (0.0, None, 0.0)


def test_that_an_hour_that_cannot_be_served_has_no_p95() -> None:
    ten = hour_by_hour(load(hourly=HOURS), 60.0, slots=1)[10]
    assert ten.utilisation == pytest.approx(1.5)
    assert ten.p95_seconds is None
    assert hour_by_hour(load(hourly=HOURS), 60.0, slots=2)[10].p95_seconds is not None


def test_that_without_a_profile_eight_hours_from_nine_stand() -> None:
    found = hour_by_hour(load(calls=800.0), 10.0, slots=1)
    assert [one.hour for one in found if one.calls] == list(range(9, 17))
    assert sum(one.calls for one in found) == pytest.approx(800.0)
    assert not load(calls=800.0).knows_hours
    assert hour_by_hour(load(calls=None), 10.0, slots=1) == ()
    assert len(hour_by_hour(load(calls=0.0), 10.0, slots=1)) == 24


# Load --------------------------------------------------------------------------------------------


def test_that_a_stated_volume_moves_all_hours_of_the_trace_alike() -> None:
    double = load(calls=2 * sum(HOURS), trace=TRACE)
    assert double.scale == pytest.approx(2.0)
    assert double.busiest() == pytest.approx(2 * TRACE.busiest_calls() / 3600)
    assert double.day_profile() == pytest.approx([2 * calls for calls in HOURS])
    assert load(calls=None, trace=TRACE).scale == 1.0
    assert sum(rate * hours for rate, hours in double.classes()) * 3600 == pytest.approx(
        2 * sum(HOURS) * 20
    )


def test_that_a_profile_stated_otherwise_than_the_trace_is_the_users_word() -> None:
    assert traced((), TRACE) is TRACE
    assert traced(HOURS, None) is None
    assert traced(tuple(calls * 3 for calls in HOURS), TRACE) is TRACE, "the same shape"
    assert traced((10.0,) * 24, TRACE) is None
    assert traced((0.0,) * 24, TRACE) is None
    quiet = Trace(days=(TraceDay(ordinal=738_000, calls=(0.0,) * 24),))
    assert traced((0.0,) * 24, quiet) is quiet
    night = (30.0,) * 6 + (0.0,) * 18
    mixed = Trace(
        days=tuple(
            TraceDay(ordinal=738_000 + at, calls=night if (738_000 + at) % 7 in (0, 6) else HOURS)
            for at in range(28)
        )
    )
    assert mixed.weekday_profile() == pytest.approx(HOURS)
    assert traced(HOURS, mixed) is mixed, "Monday to Friday, as imported usage states it"
    assert traced(night, mixed) is None


def test_that_hours_without_calls_overflow_nothing() -> None:
    assert load(calls=0.0).absorbed_by_hours(10.0, slots=1) == 1.0


def test_that_a_month_and_a_call_are_out_of_the_mean_day() -> None:
    found = load(hourly=HOURS)
    assert found.calls == pytest.approx(sum(HOURS) * 30.4375)
    shape = found.shape()
    assert not isinstance(shape, Unknown)
    assert (shape.uncached_tokens, shape.cached_tokens, shape.output_tokens) == (1000.0, 0.0, 100.0)
    assert isinstance(load(tokens=None).shape(), Unknown)
    assert isinstance(replace(found, output=None).shape(), Unknown)


# Strain ------------------------------------------------------------------------------------------


def test_that_a_trace_is_replayed_and_a_profile_reckoned() -> None:
    replayed, reckoned = strain(of=load(trace=TRACE)), strain()
    assert replayed.replayed_calls()[0] > 0
    assert reckoned.replayed_calls() == (0, 0)
    # The same day again and again: both ways have to say nearly the same.
    assert middle(replayed.absorbed()) == pytest.approx(middle(reckoned.absorbed()), abs=0.03)
    queued = middle(reckoned.absorbed_queued())
    assert middle(replayed.absorbed_queued()) == pytest.approx(queued, abs=0.03)
    assert middle(replayed.absorbed_tokens()) == pytest.approx(
        middle(replayed.absorbed()), abs=0.05
    )
    assert middle(replayed.mean_wait()) is not None
    late = middle(reckoned.p95())
    assert late == pytest.approx(queueing.latency_quantile(90 / 3600, service_s=10.0))
    assert middle(replayed.p95()) == pytest.approx(late, rel=0.2)


def test_that_a_crowd_is_reckoned_though_there_is_a_trace() -> None:
    crowd = Trace(days=(TraceDay(ordinal=738_000, calls=(1000.0,) * 24),))
    found = strain(1.0, of=load(calls=24_000.0, trace=crowd))
    assert found.replayed_calls() == (0, 0)
    expected = 1 - queueing.erlang_b(1, 1000 / 3600)
    assert middle(found.absorbed()) == pytest.approx(expected)
    assert middle(found.absorbed_tokens()) == pytest.approx(expected)
    assert "loss formula" in str(found.absorbed())


@settings(max_examples=30, deadline=None)
@given(st.floats(1.0, 200.0), st.integers(1, 4))
def test_that_more_slots_absorb_no_less_and_are_no_busier(seconds: float, slots: int) -> None:
    for of in (load(hourly=HOURS), load(trace=TRACE)):
        few, more = strain(seconds, of=of, slots=slots), strain(seconds, of=of, slots=slots + 1)
        assert (middle(more.absorbed()) or 0) >= (middle(few.absorbed()) or 0) - 1e-9
        assert (middle(more.peak()) or 0) < (middle(few.peak()) or 0)


def test_that_lateness_is_above_0_where_the_target_is_missed() -> None:
    assert strain().lateness() is None
    for of in (load(hourly=HOURS), load(trace=TRACE)):
        late = middle(strain(of=of).p95()) or 0.0
        missed, met = (strain(of=of, target=late * by).lateness() for by in (0.9, 1.1))
        assert missed is not None
        assert met is not None
        assert missed > 0 > met
    never = strain(600.0, target=10.0).lateness()
    assert never is not None
    assert never > 0
    overrun = strain(600.0, of=load(trace=TRACE), target=10.0).lateness()
    assert overrun is not None
    assert overrun > 0
    assert strain(target=1.0, window=8.0).lateness() is None
    assert strain(target=1.0, peak=0.5).lateness() is None
    assert strain(Unknown("?"), target=1.0).lateness() is None
    assert strain(of=load(calls=None), target=1.0).lateness() is None


def test_that_lateness_of_several_machines_is_that_of_as_many_slots() -> None:
    for of in (load(), load(trace=TRACE)):
        one = strain(of=of, target=10.0)
        for seconds, slots in ((7.0, 1), (70.0, 3), (600.0, 2)):
            there = replace(one.service, seconds=Stated(seconds, "t"), slots=slots)
            assert one.lateness_at(seconds, slots) == replace(one, service=there).lateness()
    assert strain().lateness_at(7.0, 2) is None


def test_that_a_machine_that_cannot_keep_up_has_no_wait_but_a_reason() -> None:
    late = strain(60.0).p95()
    assert isinstance(late, Unknown)
    assert strain(60.0).mean_wait() == late
    assert "cannot keep up" in late.reason
    edge = strain(Estimated(20.0, 30.0, 60.0, "a band")).p95()
    ends = band(edge)
    assert ends is not None
    assert ends[2] > 1800, "at its slow end half an hour of calls waits at the end of the hour"


def test_that_what_is_quoted_stands_above_what_is_computed() -> None:
    quoted = strain(peak=0.5, absorbed=0.7)
    assert quoted.peak() == Stated(0.5, "quotes.machine.peak_utilisation")
    assert quoted.absorbed() == Stated(0.7, "quotes.machine.absorbed_share")
    assert quoted.absorbed_tokens() == quoted.absorbed()
    assert isinstance(quoted.absorbed_queued(), Unknown)
    assert quoted.misses_window() is None
    # A peak of a half means 20 seconds a call at 90 calls an hour, whatever was predicted.
    expected = queueing.latency_quantile(90 / 3600, service_s=20.0)
    assert middle(quoted.p95()) == pytest.approx(expected)
    wait = queueing.mean_wait(90 / 3600, service_s=20.0)
    assert middle(quoted.mean_wait()) == pytest.approx(wait)
    shared = middle(strain(peak=0.5).absorbed())
    assert shared == pytest.approx(load(hourly=HOURS).absorbed_by_hours(20.0, slots=1))
    assert isinstance(strain(peak=1.5).p95(), Unknown)
    assert isinstance(strain(peak=0.5, of=load(calls=None)).p95(), Unknown)
    assert isinstance(strain(peak=0.5, of=load()).absorbed(), Unknown)


def test_that_a_peak_of_next_to_no_volume_says_no_seconds() -> None:
    """A peak of all slots by a call in 10^308 days: none of its calls would ever end."""
    hardly = strain(peak=1.0, of=load(calls=2.3e-308))
    assert hardly.peak() == Stated(1.0, "quotes.machine.peak_utilisation")
    assert hardly.hours() == ()
    assert hardly.growth(most_busy=0.8) is None
    assert hardly.people(most_busy=0.8) is None


def test_that_what_is_not_known_is_not_zero() -> None:
    gap = strain(Unknown("no rate"))
    for figure in (gap.peak(), gap.absorbed(), gap.p95(), gap.mean_wait(), gap.absorbed_queued()):
        assert figure == Unknown("no rate")
    assert gap.hours() == ()
    assert gap.growth(most_busy=0.8) is None
    assert gap.people(most_busy=0.8) is None
    assert gap.batch() is None
    none = strain(of=load(calls=None))
    for figure in (none.peak(), none.absorbed(), none.p95()):
        assert figure == Unknown("volume.calls_per_day is not stated")
    assert isinstance(strain(of=load(hourly=HOURS, tokens=None)).absorbed_tokens(), Unknown)


def test_that_a_batch_is_judged_by_its_window() -> None:
    found = strain(30.0, window=8.0)
    window = found.batch()
    assert window is not None
    assert window.hours_needed == pytest.approx(sum(HOURS) * 30 / 3600)
    assert found.misses_window() is False
    assert strain(60.0, window=8.0).misses_window() is True
    assert strain(60.0, window=8.0, of=load(hourly=HOURS), slots=2).misses_window() is False
    assert middle(found.peak()) == pytest.approx(sum(HOURS) * 30 / 3600 / 8)
    assert isinstance(found.p95(), Unknown)
    assert strain().misses_window() is None
    grown = found.growth(most_busy=0.8)
    assert grown is not None
    assert grown.utilisation == pytest.approx(10 * sum(HOURS) * 30 / 3600 / 8)


# Growth ------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.floats(0.001, 1.0),
    st.floats(0.5, 60.0),
    st.integers(1, 8),
    st.sampled_from((None, 3.02, 4.0)),
)
def test_that_the_machines_are_the_fewest_that_hold_ten_times_the_load(
    rate: float, service: float, slots: int, stretch: float | None
) -> None:
    target = None if stretch is None else service * stretch
    found = at_times(rate, service_s=service, slots=slots, most_busy=0.8, target_seconds=target)
    assert found.machines is not None

    def holds(machines: int) -> bool:
        busy = queueing.utilisation(rate * 10, service_s=service, slots=slots * machines)
        if busy > 0.8 * (1 + 1e-9):
            return False
        late = queueing.latency_quantile(rate * 10, service_s=service, slots=slots * machines)
        return target is None or late <= target

    assert holds(found.machines)
    assert found.machines == 1 or not holds(found.machines - 1)
    assert found.utilisation == pytest.approx(rate * 10 * service / slots)
    assert found.overflow_share == pytest.approx(queueing.erlang_b(slots, rate * 10 * service))


def test_that_a_rounding_error_asks_for_no_further_machine() -> None:
    found = at_times(0.4, service_s=1.0, slots=1, most_busy=0.8)
    assert 0.4 * 10 / 0.8 == 5.0
    assert found.machines == 5
    quoted = strain(10.0, peak=0.4).growth(most_busy=0.8)
    assert quoted is not None
    assert quoted.machines == 5


def test_that_no_number_of_machines_answers_faster_than_one_alone() -> None:
    found = at_times(0.1, service_s=10.0, slots=1, most_busy=0.8, target_seconds=5.0)
    assert found.machines is None
    assert found.headroom == 0.0


def test_that_headroom_is_how_much_more_one_machine_holds() -> None:
    assert headroom(0.01, service_s=10.0, slots=1, most_busy=0.8) == pytest.approx(8.0)
    tight = headroom(0.01, service_s=10.0, slots=1, most_busy=0.8, target_seconds=45.0)
    assert tight is not None
    assert 1 < tight < 8
    late = queueing.latency_quantile(0.01 * tight, service_s=10.0)
    assert late == pytest.approx(45.0, rel=1e-3)
    assert headroom(0.0, service_s=10.0, slots=1, most_busy=0.8) is None


def test_that_nothing_grows_to_nothing() -> None:
    found = at_times(0.0, service_s=10.0, slots=1, most_busy=0.8)
    assert (found.utilisation, found.overflow_share, found.machines) == (0.0, 0.0, 1)


def test_that_people_ask_once_a_minute() -> None:
    assert people_served(service_s=6.0, slots=1, most_busy=0.8) == 8
    assert people_served(service_s=6.0, slots=4, most_busy=0.8) == 32
    assert people_served(service_s=0.0, slots=1, most_busy=0.8) is None
    assert headroom(1.0, service_s=1e-3, slots=1, most_busy=0.8) == pytest.approx(800)
    assert headroom(1e-308, service_s=1e-308, slots=1, most_busy=0.8) is None
    assert strain(6.0).people(most_busy=0.8) == 8


# Report ------------------------------------------------------------------------------------------


def test_that_one_line_has_the_busiest_hour_p95_and_what_overflows() -> None:
    line = load_line(report(strain(20.0)))
    assert line.startswith("In the busiest hour (about 10:00) RTX 4090 is 50 % busy, 19 of 20 ")
    assert "of all calls overflow if none may wait." in line
    assert "with 4 calls at once" in load_line(report(strain(20.0, slots=4)))
    assert "a day's calls within eight hours" in load_line(report(strain(of=load()), ""))
    assert "the machine" in load_line(report(strain(), ""))
    assert "this machine" in load_line(report(strain(), "This machine"))
    assert "asked for 2.5 times what it serves" in load_line(report(strain(100.0)))
    assert "within 17 min 58 s" in load_line(report(strain(36.0)))
    assert load_line(report(strain(Unknown("?")))) == ""
    assert (
        load_line(report(strain(Unknown("?"), absorbed=0.9)))
        == "10.0 % of all calls overflow if none may wait."
    )
    assert "takes 4.5 h of 8 h" in load_line(report(strain(30.0, window=8.0)))
    unpriced = strain(peak=0.5, of=load())
    assert load_line(report(unpriced)).endswith("within 2 min 40 s.")
    quiet = load(calls=1.0, hourly=(0.0,) * 10 + (1.0,) + (0.0,) * 13)
    lone = strain(peak=0.0001, absorbed=1.0, of=quiet)
    assert "nothing overflows" in load_line(report(lone))


def test_that_the_document_has_numbers_or_reasons() -> None:
    document = load_json(report(strain(20.0, of=load(trace=TRACE), slots=2)))
    json.dumps(document, allow_nan=False)
    assert document["how"] == "replay"
    assert document["replayed_days"] > 0
    assert document["busiest_hour"]["hour"] == 10
    assert document["busiest_hour"]["calls"] == pytest.approx(TRACE.busiest_calls())
    assert document["slots"] == 2
    assert document["overflow_share"] == pytest.approx(1 - document["absorbed_share"]["mid"])
    assert document["growth"]["factor"] == 10
    assert len(document["hours"]) == 24
    assert document["reasons"] == {}
    assert document["queue_wait_seconds"] == pytest.approx(3 * 20 / 2)
    unknown = load_json(report(strain(Unknown("no rate"))))
    assert unknown["queue_wait_seconds"] is None
    assert unknown["p95_seconds"] is None
    assert unknown["reasons"]["p95_seconds"] == "no rate"
    assert (unknown["growth"], unknown["hours"], unknown["overflow_share"]) == (None, [], None)
    batch = load_json(report(strain(30.0, window=8.0)))
    assert batch["batch"]["fits"] is True
    assert batch["batch"]["window_hours"] == 8.0
    even = load_json(report(strain(of=load())))
    assert even["busiest_hour"]["assumed"] is True
    assert even["busiest_hour"]["hour"] is None


def test_that_growth_is_of_the_measured_slots() -> None:
    one = strain(20.0).growth(most_busy=0.8)
    four = strain(20.0, slots=4).growth(most_busy=0.8)
    assert one is not None
    assert four is not None
    assert one.machines is not None
    assert four.machines is not None
    assert four.machines < one.machines
    assert replace(strain(20.0), target_seconds=1.0).growth(most_busy=0.8) is not None


def test_that_work_of_answers_alone_and_of_prompts_alone_has_shares_of_tokens() -> None:
    whole = strain()
    fresh, written = whole.load.input, whole.load.writes
    assert fresh
    assert written
    nothing = replace(whole, load=replace(whole.load, input=0.0, output=0.0))
    if nothing.load.writes == 0:
        assert isinstance(nothing.absorbed_tokens(), Unknown)
    assert middle(whole.absorbed_tokens()) == middle(whole.absorbed())
    prompts = replace(whole, load=replace(whole.load, input=0.25, output=0.25))
    assert middle(prompts.absorbed_tokens()) is not None
