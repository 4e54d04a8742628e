"""Power and energy at their edges: every bound just reached and just passed, counted by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from landfall.core.energy import energy, wall
from landfall.core.energy.energy import Energy, Grade, RunEnergy
from landfall.core.energy.energy_share import Portion, RunSpan, portions
from landfall.core.energy.idle import IdleDraw, SourceDraw, idle_draw, usable
from landfall.core.energy.plug_address import plug_address
from landfall.core.energy.power import CounterCheck, Meter, Scope, outermost, plausible
from landfall.core.energy.run_energy import check_words, run_energy
from landfall.core.energy.sample_thinning import thinned
from landfall.core.energy.wall import Wall, WallCalibration
from landfall.core.errors import BadInput
from landfall.core.events import PowerSample
from landfall.core.provenance import Measured, Stated, Unknown

GPU = Meter(name="gpu", scope=Scope.GPU, settle_seconds=0.0, error_share=0.05)


def read(
    at: float, watts: float | None, source: str = "gpu", why: str = "", joules: float | None = None
) -> PowerSample:
    return PowerSample(at, source, "gpu", watts, why, joules)


# ---------------------------------------------------------------- readings


@pytest.mark.parametrize(
    ("watts", "limit", "taken"),
    [
        (5000.0, None, True),
        (5000.5, None, False),
        (130.0, 100.0, True),
        (130.5, 100.0, False),
        (4999.0, 0.0, True),
        (0.5, None, True),
    ],
)
def test_that_a_reading_is_possible_up_to_its_limit(
    watts: float, limit: float | None, *, taken: bool
) -> None:
    found, why = plausible(watts, limit_watts=limit)
    assert (found, bool(why)) == ((watts, False) if taken else (None, True))


def test_that_nothing_and_less_than_nothing_are_told_apart() -> None:
    assert plausible(0.0) == (None, "0 W: the sensor does not answer")
    assert plausible(-0.5) == (None, "-0.5 W is not a power")
    assert plausible(30.5, limit_watts=10.0, limit_factor=3.0)[0] is None
    assert plausible(30.0, limit_watts=10.0, limit_factor=3.0)[0] == 30.0


def test_that_the_outermost_of_scopes_are_added() -> None:
    every = frozenset(Scope)
    assert outermost(every) == {Scope.WALL}
    assert outermost(every - {Scope.WALL}) == {Scope.SYSTEM_DC}
    assert outermost({Scope.SOC, Scope.CPU_PACKAGE, Scope.GPU}) == {Scope.SOC, Scope.GPU}
    assert outermost({Scope.MODULE, Scope.CPU_PACKAGE, Scope.GPU}) == {Scope.MODULE}
    assert outermost({Scope.GPU, Scope.CPU_PACKAGE}) == {Scope.GPU, Scope.CPU_PACKAGE}


class Fed:
    """A check that is fed every half second, by a counter of so many watts beside 100 W."""

    def __init__(self) -> None:
        self.check = CounterCheck()
        self.at, self.joules = 0.0, 1000.0
        self.check.take(0.0, 100.0, 1000.0)

    def until(self, at: float, counted: float, *, step: float = 0.5) -> Fed:
        while self.at < at:
            self.at += step
            self.joules += counted * step
            self.check.take(self.at, 100.0, self.joules)
        return self

    @property
    def trusted(self) -> bool:
        assert self.check.trusted is (self.check.reason == "")
        return self.check.trusted


def test_that_two_windows_of_ten_seconds_end_the_trust_in_a_counter() -> None:
    # Steady for 1.3 s from the first reading on: windows end at 11.5 and 21.5 s.
    assert Fed().until(11.5, 50).trusted
    assert Fed().until(21.0, 50).trusted
    assert not Fed().until(21.5, 50).trusted
    assert not Fed().until(21.5, 50).until(99, 100).trusted


def test_that_a_fifth_of_the_watts_is_still_agreement() -> None:
    assert Fed().until(60, 80).trusted
    assert Fed().until(60, 120).trusted
    assert not Fed().until(60, 79).trusted
    assert not Fed().until(60, 121).trusted


def test_that_windows_that_disagree_have_to_follow_one_another() -> None:
    assert Fed().until(11.5, 50).until(21.5, 100).until(31.5, 50).trusted
    assert not Fed().until(11.5, 100).until(31.5, 50).trusted
    assert not Fed().until(11.5, 50).until(21.5, 100).until(41.5, 50).trusted


def test_that_a_gap_a_hole_and_a_counter_that_goes_back_begin_a_new_window() -> None:
    def after(fed: Fed) -> float:
        """When the trust ends."""
        while fed.trusted:
            fed.until(fed.at + 0.5, 50)
        return fed.at

    assert after(Fed().until(6, 50)) == 21.5
    gap = Fed().until(5.5, 50)
    gap.check.take(6.0, None, None)
    gap.at = 6.0
    assert after(gap) == 28.0  # from 6.5 on: steady at 8
    half = Fed().until(5.5, 50)
    half.check.take(6.0, 100.0, None)
    half.at = 6.0
    assert after(half) == 28.0
    joined = Fed().until(6, 50).until(8, 50, step=2.0)
    assert after(joined) == 21.5
    hole = Fed().until(6, 50).until(8.5, 50, step=2.5)
    assert after(hole) == 30.0  # from 8.5 on: steady at 10
    twice = Fed().until(6, 50)
    twice.check.take(6.0, 100.0, twice.joules)
    assert after(twice) == 27.5  # from 6 on: steady at 7.5
    back = Fed().until(6, 50)
    back.joules -= 500
    assert after(back.until(6.5, 50)) == 28.0


def began(*watts: float) -> float | None:
    """When the first window began, for readings each half second."""
    check = CounterCheck()
    for at, one in enumerate(watts):
        check.take(at / 2, one, 0.0)
    return check._begin[0] if check._begin else None


def test_that_a_window_begins_where_the_mean_moved_by_a_tenth_at_most() -> None:
    assert began(90, 100, 100, 100) == 1.5
    assert began(89, 100, 100, 100) is None
    assert began(89, 100, 100, 100, 100) == 2.0
    assert began(111, 100, 100, 100) is None
    assert began(110, 100, 100, 100) == 1.5
    # Of a step the earlier half has to have gone by.
    assert began(*[60] * 2, *[100] * 5) is None
    assert began(*[60] * 2, *[100] * 6) == 3.5


# ---------------------------------------------------------------- the draw at rest


@pytest.mark.parametrize(
    ("watts", "deviation", "steady"),
    [(10.0, 1.0, True), (10.0, 1.01, False), (100.0, 3.0, True), (100.0, 3.01, False)],
)
def test_that_a_draw_is_steady_within_a_watt_or_three_percent(
    watts: float, deviation: float, *, steady: bool
) -> None:
    draw = SourceDraw(source="s", scope=Scope.GPU, watts=watts, deviation_watts=deviation)
    assert draw.steady is steady


def drawn(*readings: tuple[float, float], start: float, end: float) -> IdleDraw | Unknown:
    samples = [read(at, watts) for at, watts in readings]
    samples += [read(at, 900.0, "other") for at, _ in readings]
    return idle_draw(samples, [GPU], start=start, end=end, models={"m"}, taken_at="now")


def test_that_a_draw_deviates_as_the_means_of_its_half_seconds_do() -> None:
    # Six half seconds of 10 and 12 W in turn from 100.125 s on, and the last reading at the end.
    start = 100.125
    readings = [(start + at / 4, 10.0 + 2 * (at // 2 % 2)) for at in range(12)]
    found = drawn(*readings, start=start, end=start + 2.75)
    assert isinstance(found, IdleDraw)
    (draw,) = found.draws
    assert (draw.source, draw.scope) == ("gpu", Scope.GPU)
    assert draw.deviation_watts == pytest.approx(math.sqrt(6 / 5))
    # 2.75 s: five steps up or down, the rest level: 11 W but for the first and the last quarter.
    assert draw.watts == pytest.approx(11.0, abs=0.01)
    assert (found.seconds, found.at, found.taken_at) == (2.75, start + 2.75, "now")
    assert found.models == {"m"}
    assert (found.of("gpu"), found.of("cpu")) == (draw.watts, None)
    assert (found.scope, found.steady) == ("gpu", False)


def test_that_a_short_draw_is_told_by_its_thirds() -> None:
    start = 100.125
    levels = [10.0] * 4 + [20.0] * 4 + [30.0] * 4 + [20.0]
    readings = [(start + at / 16, watts) for at, watts in enumerate(levels)]
    found = drawn(*readings, start=start, end=start + 0.75)
    assert isinstance(found, IdleDraw)
    # Means of 10, 20 and 30 W, and the reading at the very end.
    assert found.draws[0].deviation_watts == pytest.approx(math.sqrt(200 / 3))


def test_that_two_blocks_make_a_draw_and_one_does_not() -> None:
    two = drawn((7.0, 10.0), (7.5, 12.0), start=7.0, end=7.875)
    assert isinstance(two, IdleDraw)
    assert two.draws[0].deviation_watts == pytest.approx(math.sqrt(2))
    assert isinstance(drawn((7.0, 10.0), start=7.0, end=7.875), Unknown)
    # Readings at both edges belong to it, and none beyond them.
    edges = drawn((7.0, 10.0), (8.0, 12.0), start=7.0, end=8.0)
    assert isinstance(edges, IdleDraw)
    assert isinstance(drawn((6.9, 10.0), (8.0, 12.0), start=7.0, end=8.0), Unknown)
    assert isinstance(drawn((7.0, 10.0), (8.1, 12.0), start=7.0, end=8.0), Unknown)


def rest(at: float, *models: str) -> IdleDraw:
    return IdleDraw(draws=(), models=frozenset(models), seconds=10, at=at)


def test_that_the_newest_draw_of_a_model_is_used_for_ten_minutes() -> None:
    old, new, other = rest(1000, "m"), rest(1500, "m", "n"), rest(1600, "n")
    assert usable([new, old, other], "m", now=2100) is new
    late = usable([old, new], "m", now=2100.5)
    assert isinstance(late, Unknown)
    assert "10 minutes ago" in late.reason
    assert isinstance(usable([other], "m", now=1600), Unknown)


# ---------------------------------------------------------------- shares


def test_that_a_portion_is_cut_to_where_it_lies() -> None:
    whole = Portion(2.0, 6.0, 0.5)
    assert whole.weight_seconds == 2
    assert whole.cut(0, 9) == whole
    assert whole.cut(3, 4) == Portion(3, 4, 0.5)
    assert whole.cut(7, 9) == Portion(6, 6, 0.5)
    assert whole.cut(0, 1) == Portion(2, 2, 0.5)


def test_that_a_tail_is_nobodys_where_none_is_told() -> None:
    run = RunSpan(start=1, end=3)
    assert portions(run, []) == (Portion(1, 3, 1.0),)
    assert portions(run, [], tail_seconds=0.5) == (Portion(1, 3, 1.0), Portion(3, 3.5, 1.0))
    # Another one that ends with it shares the tail, one that began meanwhile has it.
    same = RunSpan(start=2, end=3)
    assert portions(run, [same], tail_seconds=0.5)[-1] == Portion(3, 3.5, 0.5)
    assert portions(run, [RunSpan(start=3, end=4)], tail_seconds=0.5)[-1] == Portion(1, 3, 1.0)
    later = portions(run, [RunSpan(start=3.25, end=4)], tail_seconds=0.5)
    assert later[-1] == Portion(3, 3.25, 1.0)


# ---------------------------------------------------------------- the energy of an answer


@pytest.mark.parametrize(
    ("seconds", "corrected", "grade"),
    [
        (5.0, True, Grade.GOOD),
        (4.99, True, Grade.ROUGH),
        (5.0, False, Grade.ROUGH),
        (1.0, True, Grade.ROUGH),
        (0.99, True, Grade.TOO_SHORT),
    ],
)
def test_that_a_grade_goes_by_the_length(seconds: float, grade: Grade, *, corrected: bool) -> None:
    assert energy.grade(seconds, lag_corrected=corrected) is grade


def part(
    joules: float, *, error: float = 0.1, seconds: float = 10.0, net: float | None = None
) -> Energy:
    return Energy(
        source="s",
        scope=Scope.GPU,
        seconds=seconds,
        gross_joules=joules,
        net_joules=net,
        grade=Grade.GOOD,
        error_share=error,
    )


def test_that_errors_of_a_sum_add_as_squares() -> None:
    assert energy.sum_error_share([part(0.25), part(0.25)]) == pytest.approx(0.1 / math.sqrt(2))
    assert energy.sum_error_share([part(0.0, error=0.2), part(0.0)]) == 0.2
    assert energy.sum_error_share([]) == 0
    assert energy.uncertainty(gain=0.3, window=0.4) == pytest.approx(0.5)
    assert energy.uncertainty(gain=0.2, window=0.3, repeat=0.6) == pytest.approx(0.7)


def test_that_joules_a_token_are_of_one_token_too() -> None:
    joules = Measured(5.0, "", "")
    one = energy.joules_per_token(joules, 1)
    assert isinstance(one, Measured)
    assert one.value == 5.0
    assert isinstance(energy.joules_per_token(joules, 0), Unknown)
    assert isinstance(energy.joules_per_token(joules, None), Unknown)


def of(*parts: Energy) -> RunEnergy:
    return replace(energy.unmetered(""), parts=parts)


def test_that_runs_are_pooled_from_a_second_on() -> None:
    def pooled(*runs: tuple[RunEnergy, int], net: bool = False) -> float | None:
        found = energy.pooled_joules_per_token(runs, net=net)
        return found.value if isinstance(found, Measured) else None

    half = of(part(4.0, seconds=0.5, net=1.0))
    assert pooled((half, 3), (half, 5)) == 1.0
    assert pooled((half, 3), (half, 5), net=True) == 0.25
    assert pooled((half, 3)) is None
    assert pooled((of(part(4.0, seconds=1.0)), 8)) == 0.5
    assert pooled((half, 0), (half, 8)) == 1.0
    assert pooled() is None
    assert pooled((half, 3), (of(part(4.0)), 3), net=True) is None
    told = energy.pooled_joules_per_token([(of(part(4.0)), 4), (of(part(12.0)), 4)])
    assert isinstance(told, Measured)
    # 10 % of the sensor and 1 and 3 J a token: their deviation is 1.41 of 2.
    assert told.where == "s, gpu, 2 runs, ±71 %"


def test_that_an_answer_that_was_not_metered_has_nothing() -> None:
    none = energy.unmetered("why")
    assert none.gross == none.net == none.load == none.prefill == none.decode == Unknown("why")
    assert (none.scope, none.grade, none.error_share) == ("", Grade.MISSING, None)
    assert (none.shared_with, none.notes, none.parts) == (0, (), ())
    assert (none.own_seconds, none.gross_parts) == (0.0, ())


RUN = RunSpan(start=100, end=110, load_seconds=2.0, prompt_seconds=3.0, output_seconds=4.0)


def stepped(*, idle: IdleDraw | None = None, **more: object) -> RunEnergy:
    """10 W at rest and 10 W more each second of a run from 100 to 110 s."""
    readings = [read(at / 2, 10.0) for at in range(198, 200)]
    readings += [read(100 + at / 2, 10.0 + 5 * at) for at in range(21)]
    return run_energy(
        readings,
        [GPU],
        RUN,
        idle=idle or energy.NO_IDLE,
        **more,  # type: ignore[arg-type]
    )


def value(figure: object) -> float:
    assert isinstance(figure, Measured)
    return figure.value


def test_that_an_answer_has_its_phases_its_parts_and_what_lies_above_rest() -> None:
    draw = SourceDraw(source="gpu", scope=Scope.GPU, watts=10.0, deviation_watts=0.1)
    idle = IdleDraw(draws=(draw,), models=frozenset({"m"}), seconds=10, at=90)
    found = stepped(idle=idle, cuts=[100.0, 105.0, 110.0, 90.0], output_tokens=100)
    # From 10 to 110 W in ten seconds: 600 J, 500 of them above rest.
    assert (value(found.gross), value(found.net)) == (600, 500)
    assert value(found.idle_watts) == 10
    # Output from 106, prompt from 103, load from 101 on: means of 90, 55 and 30 W.
    assert value(found.decode) == 4 * 90
    assert value(found.prefill) == 3 * 55
    assert value(found.load) == 2 * 30
    assert found.gross_parts == (175, 425)
    assert (found.own_seconds, found.grade, found.scope) == (10, Grade.GOOD, "gpu")
    (one,) = found.parts
    assert (one.seconds, one.gross_joules, one.net_joules) == (10, 600, 500)
    # 5 % of the sensor, and half a period of half a second in ten.
    assert one.error_share == pytest.approx(math.hypot(0.05, 0.025))
    assert found.notes == ()
    bare = stepped()
    assert isinstance(bare.net, Unknown)
    assert bare.gross_parts == (600,)


@pytest.mark.parametrize(
    ("joules", "tokens", "odd"),
    [(5.0, 100, False), (4.9, 100, True), (500.0, 10, False), (501.0, 10, True)],
)
def test_that_an_energy_a_token_is_believed_between_its_bounds(
    joules: float, tokens: int, *, odd: bool
) -> None:
    assert bool(check_words(Measured(joules, "", ""), tokens)) is odd
    assert check_words(Unknown(""), tokens) == check_words(Measured(joules, "", ""), 0) == ()


def test_that_a_phase_of_a_second_is_told() -> None:
    run = replace(RUN, output_seconds=1.0, prompt_seconds=0.9)
    readings = [read(90 + at / 2, 50.0) for at in range(60)]
    found = run_energy(readings, [GPU], run)
    assert value(found.decode) == 50
    assert isinstance(found.prefill, Unknown)
    assert "0.9 s" in found.prefill.reason


# ---------------------------------------------------------------- fewer samples


def kept(*samples: PowerSample, period: float = 2.0) -> list[tuple[float, float | None]]:
    return [(one.at, one.watts) for one in thinned(samples, period)]


def test_that_each_point_is_the_mean_of_the_time_it_stands_for() -> None:
    rising = [read(at / 2, 5.0 * at, joules=float(at)) for at in range(9)]
    # 10 W a second: means of 0 to 1, 1 to 3 and 3 to 4 s.
    assert kept(*rising) == [(0, 5), (2, 20), (4, 35)]
    assert [one.joules for one in thinned(rising, 2.0)] == [0, 4, 8]
    later = [replace(one, at=one.at + 0.5) for one in rising]
    # 0.5 to 1.25, 1.25 to 3.25 and 3.25 to 4.5 s.
    assert kept(*later) == [(0.5, 3.75), (2, 17.5), (4.5, 33.75)]
    assert kept(*rising[:4]) == [(0, 3.75), (1.5, 11.25)]


def test_that_as_many_points_as_there_were_stay_as_they_were() -> None:
    three = [read(0, 0.0), read(2, 50.0), read(4, 0.0)]
    assert thinned(three, 2.0) == tuple(three)
    assert thinned(three[:1], 2.0) == tuple(three[:1])


def test_that_a_gap_keeps_its_ends_and_its_reason() -> None:
    gap = [read(at, None, why="a" if at < 3 else "b") for at in range(6)]
    assert [(one.at, one.reason) for one in thinned(gap, 2.0)] == [
        (0, "a"),
        (2, "a"),
        (3, "b"),
        (5, "b"),
    ]
    single = [read(0, 5.0), read(1, None, why="a"), read(2, 5.0)]
    assert kept(*single) == [(0, 5), (1, None), (2, 5)]


def test_that_a_hole_of_more_than_two_seconds_gets_a_mark_in_its_middle() -> None:
    assert kept(read(0, 5.0), read(2, 5.0), period=9.0) == [(0, 5), (2, 5)]
    assert kept(read(0, 5.0, joules=1.0), read(2.5, 5.0)) == [(0, 5), (1.25, None), (2.5, 5)]
    (mark,) = [
        one for one in thinned([read(0, 5.0, joules=1.0), read(3, 5.0)], 2.0) if not one.watts
    ]
    assert (mark.reason, mark.joules, mark.source) == ("no reading", None, "gpu")
    # Beside a gap there is no hole to mark.
    assert kept(read(0, None, why="a"), read(9, 5.0)) == [(0, None), (9, 5)]


# ---------------------------------------------------------------- at the plug

GOOD = WallCalibration(
    idle_wall_watts=100,
    idle_measured_watts=50,
    load_wall_watts=300,
    load_measured_watts=210,
    sources=("gpu",),
    at="2026-11-01T10:00:00",
)


def test_that_two_readings_give_the_supply_and_the_rest() -> None:
    # 160 of 200 W more came through; at rest 80 W, 50 of which the sensors saw.
    assert (GOOD.efficiency, GOOD.other_watts, GOOD.band_share, GOOD.how) == (
        0.8,
        30,
        0.05,
        "typed",
    )
    one = replace(GOOD, load_wall_watts=None, load_measured_watts=None)
    assert (one.efficiency, one.other_watts, one.band_share) == (0.9, 40, 0.1)
    assert replace(one, idle_measured_watts=95).other_watts == 0
    for half in ({"load_wall_watts": None}, {"load_measured_watts": None}):
        assert replace(GOOD, **half).efficiency == 0.9  # type: ignore[arg-type]
    assert wall.checked(GOOD) is GOOD
    assert wall.checked(one) is one


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"load_wall_watts": 110, "load_measured_watts": 58}, ""),
        ({"load_wall_watts": 109.9, "load_measured_watts": 58}, "load_wall_watts"),
        ({"load_measured_watts": 150}, ""),  # half of 200 W
        ({"load_measured_watts": 149}, "load_wall_watts"),
        ({"load_measured_watts": 250}, ""),
        ({"load_measured_watts": 251}, "load_wall_watts"),
        ({"load_measured_watts": 50}, "load_measured_watts"),
        ({"load_measured_watts": None}, "load_wall_watts"),
        ({"load_wall_watts": None}, "load_wall_watts"),
        ({"idle_wall_watts": 0}, "idle_wall_watts"),
        ({"idle_measured_watts": math.nan}, "idle_measured_watts"),
        ({"load_wall_watts": -1}, "load_wall_watts"),
        ({"load_measured_watts": -1}, "load_measured_watts"),
        ({"idle_measured_watts": 100, "load_measured_watts": 220}, ""),
        ({"idle_measured_watts": 101, "load_measured_watts": 220}, "idle_wall_watts"),
        ({"sources": ()}, "sources"),
    ],
)
def test_that_readings_have_to_be_of_one_machine(changed: dict[str, object], field: str) -> None:
    made = replace(GOOD, **changed)  # type: ignore[arg-type]
    if not field:
        assert wall.checked(made) is made
        return
    with pytest.raises(BadInput) as caught:
        wall.checked(made)
    assert caught.value.field == field


def test_that_what_the_sensors_miss_goes_by_what_they_cover() -> None:
    common = {"efficiency": 0.9, "band_share": 0.2}
    for scopes, other in (
        ({Scope.GPU}, 60.0),
        ({Scope.GPU, Scope.CPU_PACKAGE}, 30.0),
        ({Scope.SOC}, 30.0),
        ({Scope.MODULE}, 30.0),
        ({Scope.SYSTEM_DC}, 0.0),
    ):
        found = wall.wall(scopes)
        assert found == Wall(other_watts=other, origin="estimated with a common supply", **common)
    charger = wall.wall({Scope.SYSTEM_DC}, macbook_efficiency=0.947)
    assert (charger.efficiency, charger.calibrated) == (0.947, False)
    plug = wall.wall({Scope.GPU, Scope.WALL}, calibration=GOOD)
    assert (plug.other_watts, plug.efficiency, plug.band_share, plug.calibrated) == (
        0,
        1,
        0.02,
        True,
    )
    known = wall.wall({Scope.GPU}, calibration=GOOD, sources=["gpu"])
    assert (known.other_watts, known.efficiency, known.band_share) == (30, 0.8, 0.05)
    assert (known.calibrated, known.origin) == (True, "calibrated at the wall, 2026-11-01")
    changed = wall.wall({Scope.GPU}, calibration=GOOD, sources=["cpu"])
    assert (changed.other_watts, changed.calibrated) == (60, False)
    assert changed.origin.endswith("now it is without gpu and with cpu")


def test_that_a_reading_at_the_plug_says_who_made_it() -> None:
    assert wall.stated(GOOD) == Stated(300, "wall_calibration")
    one = replace(GOOD, load_wall_watts=None, load_measured_watts=None, how="plug")
    assert wall.stated(one) == Measured(100, "2026-11-01T10:00:00", "smart plug")


def test_that_an_address_has_a_port_of_its_own_or_80() -> None:
    for typed, port in (("plug", 80), ("plug:1", 1), ("http://plug:65535/", 65535)):
        assert plug_address(typed).port == port
    assert plug_address("plug:80").url == "http://plug"
    assert plug_address("plug:81").url == "http://plug:81"
    for typed in ("https://plug", "a b", "plug:0", "plug:65536", "plug:x"):
        with pytest.raises(BadInput) as caught:
            plug_address(typed)
        assert caught.value.message.startswith(("A plug is asked by http", repr(typed)))
        assert caught.value.hint.startswith("It looks like")
        assert caught.value.field == "plug_url"
