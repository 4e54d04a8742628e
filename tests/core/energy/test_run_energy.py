"""The energy of one answer: gross, net, its phases, its share, and when it is not known."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.energy.energy import (
    Grade,
    RunEnergy,
    pooled_joules_per_token,
    repeat_share,
    sum_error_share,
    uncertainty,
)
from landfall.core.energy.energy_share import RunSpan
from landfall.core.energy.idle import IdleDraw, SourceDraw
from landfall.core.energy.power import ASLEEP, Meter, Scope
from landfall.core.energy.run_energy import NO_SENSOR, run_energy
from landfall.core.events import PowerSample
from landfall.core.provenance import Figure, Measured, Unknown, middle

GPU = Meter(name="gpu", scope=Scope.GPU, settle_seconds=0.3, error_share=0.05)
SLOW = replace(GPU, settle_seconds=1.3)
CPU = Meter(name="cpu", scope=Scope.CPU_PACKAGE, settle_seconds=0.0, error_share=0.07)
BATTERY = Meter(name="battery", scope=Scope.SYSTEM_DC, settle_seconds=0.0, error_share=0.05)

Watts = Callable[[float], float | None]


def read(
    meter: Meter, watts: Watts | float, *, begin: float = -1, end: float = 13.0
) -> list[PowerSample]:
    of: Watts = watts if callable(watts) else lambda _: watts
    times = [begin + 0.1 * i for i in range(round((end - begin) / 0.1) + 1)]
    return [
        PowerSample(at, meter.name, str(meter.scope), of(at), "" if of(at) else "the sensor sleeps")
        for at in times
    ]


def idle(*draws: tuple[Meter, float]) -> IdleDraw:
    return IdleDraw(
        draws=tuple(
            SourceDraw(source=meter.name, scope=meter.scope, watts=watts, deviation_watts=0.1)
            for meter, watts in draws
        ),
        models=frozenset({"m"}),
        seconds=10,
        at=-1,
        taken_at="2026-11-26T10:00:00+00:00",
    )


def value(figure: Figure) -> float:
    found = middle(figure)
    assert found is not None, figure
    return found


def why(figure: Figure) -> str:
    assert isinstance(figure, Unknown), figure
    return figure.reason


RUN = RunSpan(start=0, end=10, load_seconds=2.0, prompt_seconds=3.0, output_seconds=4.9)


def stepped(at: float) -> float:
    """20 W at rest; 60 W while it loads, 200 W while it reads, 100 W while it writes."""
    if not 0 <= at < 10:
        return 20.0
    return 60.0 if at < 2.1 else 200.0 if at < 5.1 else 100.0


def test_that_gross_net_and_phases_of_a_step_are_what_was_drawn() -> None:
    exact = replace(GPU, settle_seconds=0.0)
    got = run_energy(read(exact, stepped), [exact], RUN, idle=idle((exact, 20.0)))
    drawn = 2.1 * 60 + 3 * 200 + 4.9 * 100
    assert value(got.gross) == pytest.approx(drawn, rel=0.01)
    assert value(got.net) == pytest.approx(drawn - 200, rel=0.01)
    assert value(got.decode) == pytest.approx(490, rel=0.02)
    assert value(got.prefill) == pytest.approx(600, rel=0.02)
    assert value(got.load) == pytest.approx(120, abs=8)  # half a period of the step beside it
    assert value(got.idle_watts) == 20
    assert got.idle_watts == Measured(
        20.0, "2026-11-26T10:00:00+00:00", "mean of 10 s with m loaded"
    )
    assert (got.scope, got.grade, got.notes) == ("gpu", Grade.GOOD, ())


@given(st.floats(0, 1.3), st.floats(0.5, 4), st.floats(0.5, 4), st.floats(10, 300))
def test_that_the_phases_of_a_lagging_sensor_add_up_to_the_whole(
    settle: float, load: float, prompt: float, watts: float
) -> None:
    meter = replace(GPU, settle_seconds=settle)
    load, prompt = max(load, 1.0), max(prompt, 1.0)
    run = replace(
        RUN, load_seconds=load + 1, prompt_seconds=prompt, output_seconds=10 - load - prompt
    )
    wavy = read(meter, lambda at: watts * (1.2 + math.sin(at)))
    got = run_energy(wavy, [meter], run, idle=idle((meter, 5.0)), cuts=(2.5, 7.5, 99.0))
    parts = [value(got.load), value(got.prefill), value(got.decode)]
    assert sum(parts) == pytest.approx(value(got.gross), rel=1e-9)
    assert len(got.gross_parts) == 3
    assert sum(got.gross_parts) == pytest.approx(value(got.gross), rel=1e-9)


def test_that_a_lagging_sensor_is_read_after_the_end() -> None:
    """A mean of the last second, of a load from 0 to 10: all of it is there 1.3 s after the end."""

    def averaged(at: float) -> float:
        inside = max(0.0, min(at, 10) - max(at - 1, 0))
        return 20 + 180 * inside

    got = run_energy(read(SLOW, averaged), [SLOW], RUN, idle=idle((SLOW, 20.0)))
    assert value(got.gross) == pytest.approx(2000, rel=0.005)
    uncorrected = run_energy(read(SLOW, averaged), [SLOW], RUN)
    assert value(uncorrected.gross) == pytest.approx(1910, rel=0.005)
    assert uncorrected.grade is Grade.ROUGH
    near = run_energy(read(SLOW, averaged), [SLOW], RUN, other_idle=idle((SLOW, 20.0)))
    assert value(near.gross) == pytest.approx(2000, rel=0.005)
    assert why(near.net) == "the idle draw was not measured"


@pytest.mark.parametrize(
    ("changes", "figure", "reason"),
    [
        ({"output_seconds": 0.4}, "decode", "too short to measure: 0.4 s"),
        ({"prompt_seconds": 0.25}, "prefill", "too short to measure: 0.25 s"),
        ({"load_seconds": 0.01}, "load", "too short to measure: 0.01 s"),
        ({"output_seconds": None}, "decode", "not told apart"),
        ({"output_seconds": None}, "prefill", "not told apart"),
        ({"prompt_seconds": None}, "load", "not told apart"),
    ],
)
def test_that_a_phase_that_is_too_short_or_not_told_is_unknown(
    changes: dict[str, float | None], figure: str, reason: str
) -> None:
    got = run_energy(read(GPU, 100), [GPU], replace(RUN, **changes), idle=idle((GPU, 20.0)))  # type: ignore[arg-type]
    assert reason in why(getattr(got, figure))
    assert value(got.gross) == pytest.approx(1024)


def test_that_a_short_answer_is_too_short_and_can_be_pooled() -> None:
    short = RunSpan(start=0, end=0.6)
    got = run_energy(read(GPU, 100), [GPU], short, idle=idle((GPU, 20.0)), output_tokens=10)
    assert why(got.gross) == why(got.net) == "too short to measure: 0.6 s"
    assert got.grade is Grade.TOO_SHORT
    assert isinstance(pooled_joules_per_token([(got, 10)]), Unknown)
    pooled = pooled_joules_per_token([(got, 10), (got, 10)])
    assert value(pooled) == pytest.approx((60 + 100 * 0.3 - 20 * 0.3) / 10)
    net = pooled_joules_per_token([(got, 10), (got, 10)], net=True)
    assert value(net) == pytest.approx((80 * 0.9) / 10)


def test_that_pooling_shows_how_far_the_runs_lie_apart() -> None:
    runs = [
        (run_energy(read(GPU, watts), [GPU], RUN, idle=idle((GPU, 20.0))), 1000)
        for watts in (90, 100, 110)
    ]
    pooled = pooled_joules_per_token(runs)
    assert isinstance(pooled, Measured)
    assert "3 runs, ±11 %" in pooled.where
    assert uncertainty(gain=0.05, window=0.0, repeat=0.1) == pytest.approx(0.1118, abs=1e-4)
    assert repeat_share([90, 100, 110]) == pytest.approx(0.1)
    assert repeat_share([5]) == repeat_share([]) == repeat_share([0, 0]) == 0


def test_that_a_run_without_parts_cannot_be_pooled() -> None:
    got = run_energy([], [GPU], RUN)
    assert isinstance(pooled_joules_per_token([(got, 10)]), Unknown)


@pytest.mark.parametrize("at", [-0.5, 5.0, 10.2])
def test_that_a_window_in_which_the_machine_slept_is_unknown(at: float) -> None:
    got = run_energy(read(GPU, 100), [GPU], RUN, idle=idle((GPU, 20.0)), breaks=[at])
    if at < 0:
        assert value(got.gross) > 0
    else:
        assert why(got.gross) == why(got.decode) == ASLEEP


def test_that_a_hole_of_more_than_two_seconds_is_never_filled_in() -> None:
    samples = [s for s in read(GPU, 100) if not 3 < s.at < 5.5]
    got = run_energy(samples, [GPU], RUN, idle=idle((GPU, 20.0)))
    for figure in (got.gross, got.net, got.prefill, got.decode, got.load):
        assert "missing for more than 2 s" in why(figure)
    assert got.grade is Grade.MISSING
    assert got.scope == "gpu"


def test_that_without_a_sensor_nothing_is_known() -> None:
    assert why(run_energy([], [], RUN).gross) == NO_SENSOR


def test_that_a_window_without_length_is_unknown() -> None:
    got = run_energy(read(GPU, 100), [GPU], RunSpan(start=3, end=3))
    assert "no length" in why(got.gross)


def test_that_net_needs_the_idle_draw_of_every_source_that_is_counted() -> None:
    samples = [*read(GPU, 100), *read(CPU, 50)]
    got = run_energy(samples, [GPU, CPU], RUN, idle=idle((GPU, 20.0)))
    assert value(got.gross) == pytest.approx(1024 + 500)
    assert why(got.net) == "the idle draw of cpu was not measured"
    both = run_energy(samples, [GPU, CPU], RUN, idle=idle((GPU, 20.0), (CPU, 10.0)))
    assert value(both.net) == pytest.approx(1024 + 500 - 300)
    assert both.scope == "cpu_package + gpu"
    assert both.error_share == pytest.approx(
        math.hypot(both.parts[0].error_share * 1024, both.parts[1].error_share * 500) / 1524
    )


def test_that_the_whole_machine_is_counted_where_it_is_measured_and_never_with_its_parts() -> None:
    samples = [*read(GPU, 100), *read(CPU, 50), *read(BATTERY, 200)]
    got = run_energy(samples, [GPU, CPU, BATTERY], RUN, gpu_share=0.5)
    assert value(got.gross) == pytest.approx(2000)
    assert (got.scope, got.notes) == ("system_dc", ())


def test_that_a_whole_machine_sensor_that_failed_gives_way_to_those_inside_it() -> None:
    samples = [*read(GPU, 100), *read(CPU, 50), *read(BATTERY, lambda _: None)]
    got = run_energy(samples, [GPU, CPU, BATTERY], RUN, idle=idle((GPU, 20.0), (CPU, 10.0)))
    assert value(got.gross) == pytest.approx(1524)
    assert got.notes == (
        "battery did not cover the answer (the sensor sleeps): gpu + cpu is counted",
    )


def test_that_of_two_sensors_of_the_whole_machine_one_is_counted() -> None:
    """The one that answered, and of two that did the one that lags less."""
    slower = replace(BATTERY, name="telemetry", settle_seconds=2.0)
    samples = [*read(BATTERY, 200), *read(slower, 210)]
    got = run_energy(samples, [slower, BATTERY], RUN)
    assert value(got.gross) == pytest.approx(2000)
    samples = [*read(BATTERY, lambda _: None), *read(slower, 210)]
    assert value(run_energy(samples, [slower, BATTERY], RUN).gross) == pytest.approx(2100)


def test_that_a_missing_part_that_nothing_else_covers_makes_the_sum_unknown() -> None:
    samples = [*read(GPU, lambda _: None), *read(CPU, 50)]
    assert why(run_energy(samples, [GPU, CPU], RUN).gross) == "the sensor sleeps"


@pytest.mark.parametrize(
    ("meters", "share", "word"),
    [
        ([GPU], 0.4, "only 40 % of the model was on the GPU"),
        ([GPU], 0.0, "the board only waited"),
        ([GPU], 1.0, ""),
        ([GPU], None, ""),
        ([GPU, CPU], 0.4, ""),
        ([CPU], 0.0, ""),
    ],
)
def test_that_a_board_alone_is_said_to_be_too_little_where_the_processor_worked(
    meters: Sequence[Meter], share: float | None, word: str
) -> None:
    samples = [s for meter in meters for s in read(meter, 100)]
    got = run_energy(samples, meters, RUN, gpu_share=share)
    assert any(word in note for note in got.notes) if word else got.notes == ()


@pytest.mark.parametrize(
    ("tokens", "said"), [(100, False), (5, True), (1_000_000, True), (0, False)]
)
def test_that_an_energy_that_no_machine_gives_is_to_be_checked(tokens: int, said: bool) -> None:
    got = run_energy(read(GPU, 100), [GPU], RUN, output_tokens=tokens)
    assert any("check the measurement" in note for note in got.notes) is said


def test_that_a_counter_that_is_not_believed_is_said() -> None:
    reset = [
        replace(s, joules=1000 + 100 * s.at if s.at < 5 else 100 * (s.at - 5))
        for s in read(GPU, 100)
    ]
    got = run_energy(reset, [GPU], RUN)
    assert value(got.gross) == pytest.approx(1000)
    assert "gpu: the energy counter went back" in got.notes[0]


def test_that_a_reset_counter_without_watts_is_a_gap_and_no_number() -> None:
    reset = [
        replace(s, watts=None, reason="the counter started again", joules=5e8 if s.at < 5 else 3.0)
        for s in read(GPU, 100)
    ]
    assert why(run_energy(reset, [GPU], RUN).gross) == "the counter started again"


def pieces(start: float, end: float, count: int) -> tuple[float, ...]:
    return tuple(start + (i + 0.5) * (end - start) / count for i in range(count))


def test_that_answers_made_at_once_share_by_tokens_and_are_marked() -> None:
    one = RunSpan(start=0, end=10, tokens=pieces(0, 10, 90))
    two = RunSpan(start=0, end=10, tokens=pieces(0, 10, 30))
    samples, base = read(GPU, 200), idle((GPU, 20.0))
    got = [
        run_energy(samples, [GPU], run, others=[other], idle=base)
        for run, other in ((one, two), (two, one))
    ]
    first, second = (value(each.gross) for each in got)
    assert first + second == pytest.approx(200 * 10.3 - 20 * 0.3)
    assert first / second == pytest.approx(3, rel=0.05)
    assert sum(value(each.net) for each in got) == pytest.approx(180 * 10.3)
    assert [each.shared_with for each in got] == [1, 1]
    assert "shared with another answer" in got[0].notes[0]


def test_that_an_answer_that_only_came_near_is_not_marked() -> None:
    got = run_energy(read(GPU, 200), [GPU], RUN, others=[RunSpan(start=10.1, end=12)])
    assert (got.shared_with, got.notes) == (0, ())


@given(
    st.lists(
        st.tuples(st.floats(0, 8), st.floats(0.2, 4), st.integers(0, 9)), min_size=1, max_size=4
    ),
    st.floats(20, 500),
)
def test_that_shares_add_up_to_what_was_drawn_and_none_is_negative(
    made: list[tuple[float, float, int]], watts: float
) -> None:
    runs = [
        RunSpan(start=start, end=start + length, tokens=pieces(start, start + length, tokens))
        for start, length, tokens in made
    ]
    exact = replace(GPU, settle_seconds=0.0)
    samples = read(exact, watts)
    total = 0.0
    for i, run in enumerate(runs):
        others = [other for k, other in enumerate(runs) if k != i]
        (part,) = run_energy(samples, [exact], run, others=others, idle=idle((exact, 5.0))).parts
        assert part.gross_joules is not None
        assert part.gross_joules >= 0
        total += part.gross_joules
    assert total == pytest.approx(watts * union(runs), rel=1e-6)


def union(runs: Sequence[RunSpan]) -> float:
    total, until = 0.0, -math.inf
    for run in sorted(runs, key=lambda run: run.start):
        total += max(0.0, run.end - max(until, run.start))
        until = max(until, run.end)
    return total


def test_that_the_error_of_nothing_is_that_of_the_sensor() -> None:
    got: RunEnergy = run_energy(read(GPU, 0.0001), [GPU], RUN, idle=idle((GPU, 20.0)))
    assert sum_error_share(got.parts) == pytest.approx(got.parts[0].error_share)
    assert sum_error_share(()) == 0
