"""What stands behind a verdict in words and values: rules, hours, quality, worlds, measurements."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from landfall.core.provenance import Unknown
from landfall.core.quality.gate import Outcome, compare
from landfall.core.quality.measured import MeasuredQuality, QualityResult
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.usage.series import summary
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.over_volume import BreakEvenCurves, break_even_curves
from landfall.core.verdict.worlds import MeasureNext, Worlds
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Quality, Task, UsageDay
from landfall.gui.widgets.disclosure import Disclosure
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.tables import DataTable
from landfall.gui.workloads.break_even_curves import dot_of, table_of
from landfall.gui.workloads.evidence import CostsView
from landfall.gui.workloads.evidence_hours import forecast_text, hours_picture
from landfall.gui.workloads.evidence_quality import intervals_of, quality_sentence
from landfall.gui.workloads.evidence_view import cost_options, option_notes, pipeline_of
from landfall.gui.workloads.latest import Latest
from landfall.gui.workloads.measure_next import measurements
from landfall.gui.workloads.next_step import GATE, move_for, next_move
from landfall.gui.workloads.rule_trace_view import rule_lines
from landfall.gui.workloads.view import advice
from landfall.gui.workloads.worlds_words import worlds_lines
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.other_machines import OtherMachine, with_machine
from tests.gui.pages.workloads_stage import case
from tests.gui.test_workload_view import LIMITS, NAMES, decided

FOLDER = Path(__file__).parents[1] / "data/verdicts"
KINDS = [option.value for option in Option]
WORLDS = Worlds(
    draws=2000,
    p_best={Option.LOCAL_THIS_MACHINE: 0.53, Option.HOSTED_OPEN: 0.47},
    saving_mean=50.0,
    saving_p05=-20.0,
    saving_p95=120.0,
    regret_usd_month=14.0,
    measure=MeasureNext(
        path="volume.calls_per_day",
        why="the volume moves the saving most",
        regret_left_usd_month=3.0,
    ),
)


@cache
def text_of(kind: str) -> str:
    return (FOLDER / f"{kind.lower()}.toml").read_text(encoding="utf-8")


async def of_kind(kind: str, *, with_flips: bool = False) -> Decided:
    return await decided(text_of(kind), with_flips=with_flips)


def in_worlds(one: Decided, worlds: Worlds, word: str = "low") -> Decided:
    verdict = one.verdict
    confidence = replace(verdict.confidence, word=word)
    return replace(one, verdict=replace(verdict, worlds=worlds, confidence=confidence))


@pytest.mark.parametrize("kind", KINDS)
async def test_that_each_file_for_pictures_has_the_verdict_of_its_name(kind: str) -> None:
    one = await of_kind(kind)
    assert one.verdict.option.value == kind
    assert len(list(FOLDER.glob("*.toml"))) == len(KINDS)


# Rules


@pytest.mark.parametrize("name", [*NAMES, *KINDS])
async def test_that_every_rule_has_a_line_and_says_whether_it_was_met(name: str) -> None:
    one = await (decided(case(name)) if name in NAMES else of_kind(name))
    lines = rule_lines(one)
    ids = {line.rule for line in lines}
    assert {"H5", "H3", "H4", "H6", "H7", "H8", "E2", "E3", "E4", "E5"} <= ids
    assert ids & {"H1", "H1r"}
    named = {reason.rule for reason in one.verdict.reasons if reason.rule}
    assert named <= ids
    for line in lines:
        if line.state is State.SKIPPED:
            assert line.detail.startswith(("Not met", "Not looked at")), line
        assert line.detail.endswith("."), line


async def test_that_hard_rules_come_first_and_money_last() -> None:
    lines = [line.rule for line in rule_lines(await of_kind("LOCAL_THIS_MACHINE"))]
    assert lines[0] == "H1"
    assert lines.index("H3") < lines.index("E2") < lines.index("E4")


async def test_that_memory_is_told_with_its_numbers_where_it_fits() -> None:
    lines = {line.rule: line for line in rule_lines(await of_kind("LOCAL_THIS_MACHINE"))}
    assert lines["H3"].state is State.DONE
    assert "6.2 GiB of 23.0 GiB usable" in lines["H3"].detail
    assert lines["H5"].detail.startswith("Ok: qwen3:8b, +0.3 points")
    assert "400 of your prompts" in lines["H5"].detail
    assert lines["E4"].detail == "Not looked at: the owned machine was enough."


async def test_that_a_busiest_hour_that_is_too_much_alone_is_not_called_ok() -> None:
    lines = {line.rule: line for line in rule_lines(await of_kind("HYBRID"))}
    assert lines["H6"].state is State.SKIPPED
    assert lines["H6"].detail.startswith("Not met: alone it is too much")
    assert lines["E5"].state is State.DONE


async def test_that_a_rule_says_what_would_turn_it() -> None:
    lines = {line.rule: line for line in rule_lines(await of_kind("LOCAL_THIS_MACHINE"))}
    assert lines["H5"].turns.startswith("Turns with: a larger model")
    assert lines["E2"].turns


async def test_that_under_a_lock_money_is_not_looked_at() -> None:
    lines = {line.rule: line for line in rule_lines(await of_kind("LOCAL_REQUIRED_NOT_FEASIBLE"))}
    assert lines["H6"].state is State.FAILED
    assert lines["E2"].detail == "Not looked at: rules decided before money was looked at."


# Hours


async def test_that_hours_follow_the_profile_and_the_busiest_is_the_tables() -> None:
    one = await of_kind("HYBRID")
    picture = hours_picture(one)
    assert not isinstance(picture, Unknown)
    loads = [hour.load for hour in picture.day.hours]
    assert len(loads) == 24
    assert max(range(24), key=loads.__getitem__) == 10
    assert loads[10] == pytest.approx(13 * loads[0])
    assert not picture.day.assumed
    assert "cannot keep up" in picture.said
    assert "This machine" not in picture.said[3:], "inside a sentence it has no capital"
    assert picture.lines[10][0] == "10:00"
    assert picture.lines[10][3] == "never"


async def test_that_unstated_hours_are_assumed_and_said_to_be() -> None:
    picture = hours_picture(await of_kind("HOSTED_OPEN"))
    assert not isinstance(picture, Unknown)
    assert picture.day.assumed
    assert "eight even hours are assumed" in picture.said
    assert sum(hour.load > 0 for hour in picture.day.hours) == 8


async def test_that_the_hours_of_a_busy_day_are_shown_where_days_are_known() -> None:
    one = await of_kind("HOSTED_OPEN")
    world = one.assembler.world
    days = [UsageDay(date=f"2026-06-{day:02d}", calls=8000.0 * (day == 30)) for day in range(1, 31)]
    known = replace(world, usage=summary(days, source="usage"))
    again = replace(one, assembler=Assembler(known)).again(one.loaded.workload)
    plain, bursts = hours_picture(one), hours_picture(again)
    assert not isinstance(plain, Unknown)
    assert not isinstance(bursts, Unknown)
    assert "those of a busy day" in bursts.said
    loads = [max(hour.load for hour in each.day.hours) for each in (plain, bursts)]
    assert loads[1] == pytest.approx(30 * loads[0]), "one day has the work of thirty"


async def test_that_the_forecast_is_said_in_sentences() -> None:
    one = await of_kind("HYBRID")
    said = forecast_text(one)
    assert said.startswith("The volume is ")
    assert "days were observed" in said
    assert said.endswith(".")
    silent = replace(one, verdict=replace(one.verdict, outlook=None))
    assert forecast_text(silent) == ""


async def test_that_there_are_no_hours_without_a_machine_or_in_a_window() -> None:
    assert isinstance(hours_picture(await of_kind("RENT_GPU")), Unknown)
    text = text_of("LOCAL_THIS_MACHINE").replace("[tokens]", "batch_window_hours = 8\n[tokens]")
    text = text.replace("[latency]\np95_seconds = 30\n", "")
    assert isinstance(hours_picture(await decided(text)), Unknown)


# Quality


async def test_that_counts_make_an_interval_and_a_stated_gate_makes_none() -> None:
    local, hosted = intervals_of(await of_kind("HOSTED_OPEN"))
    assert (local.passed, hosted.passed) == (False, True)
    assert local.low is not None
    assert local.high is not None
    assert local.low < -11.5 < local.high
    assert "200 of your prompts" in local.words
    (stated,) = intervals_of(await of_kind("LOCAL_REQUIRED_NOT_FEASIBLE"))
    assert (stated.passed, stated.low) == (True, None)


async def test_that_unmeasured_quality_is_a_belief_that_never_passes() -> None:
    one = await of_kind("CLOUD_FRONTIER")
    for interval in intervals_of(one):
        assert interval.prior
        assert interval.passed is None
        assert "never enough to pass" in interval.words
    assert "Dashed" in quality_sentence(one, intervals_of(one))


async def test_that_work_without_a_comparison_has_no_belief() -> None:
    one = await of_kind("CLOUD_FRONTIER")
    workload = replace(one.loaded.workload, task=Task.CODE)
    code = replace(one, loaded=replace(one.loaded, workload=workload))
    assert intervals_of(code)[0].low is None
    assert "Dashed" not in quality_sentence(code, intervals_of(code))


async def test_that_an_open_gate_says_how_many_prompts_are_missing() -> None:
    one = await of_kind("LOCAL_THIS_MACHINE")
    few = Pairs(local_only=2, cloud_only=3, both=40, neither=5)
    quality = replace(one.loaded.workload.quality, pairs=few)
    open_one = one.again(replace(one.loaded.workload, quality=quality))
    assert open_one.facts.gate is GateResult.INCONCLUSIVE
    first = intervals_of(open_one)[0]
    assert first.passed is None
    assert "more would decide" in first.words


def run_result(measured_at: str = "2026-11-20T10:00:00+00:00") -> QualityResult:
    scores = [(1.0, 0.0)] * 3 + [(0.0, 1.0)] * 3 + [(1.0, 1.0)] * 400
    run = [Outcome(place=n, local=a, other=b) for n, (a, b) in enumerate(scores)]
    return QualityResult(
        run="r",
        workload="W",
        side="local",
        candidate=Target(model="qwen3:8b"),
        against=None,
        digest="",
        quantization="",
        template_digest="",
        measured_at=measured_at,
        metric="accuracy",
        reading=compare([*run, Outcome(place=999)], 0.03),
    )


async def with_run(*, stated: bool) -> Decided:
    """A verdict whose local candidate was measured by a quality run."""
    one = await of_kind("LOCAL_THIS_MACHINE")
    world = replace(one.assembler.world, quality=MeasuredQuality(local=run_result()))
    there = replace(one, assembler=Assembler(world))
    workload = one.loaded.workload
    if not stated:
        workload = replace(workload, quality=Quality())
    return there.again(workload)


async def test_that_a_quality_run_is_drawn_with_its_own_limits() -> None:
    one = await with_run(stated=False)
    assert one.facts.gate is GateResult.PASS
    local = intervals_of(one)[0]
    assert local.name == "qwen3:8b"
    assert (local.passed, local.prior) == (True, False)
    assert local.low is not None
    assert local.low == pytest.approx(100 * run_result().reading.low)
    assert "prompts by accuracy, measured" in local.words
    assert "1 without a label" in local.words
    lines = {line.rule: line for line in rule_lines(one)}
    assert "qwen3:8b" in lines["H5"].detail
    assert "by accuracy (2026-11-20)" in lines["H5"].detail


async def test_that_a_run_beside_a_stated_result_says_which_of_them_decides() -> None:
    measured, stated, *_ = intervals_of(await with_run(stated=True))
    assert measured.words.endswith("the verdict rests on what the workload states")
    assert stated.name.endswith("as stated")
    assert "400 of your prompts" in stated.words


# Pipeline and costs


async def test_that_the_overflow_of_a_split_is_a_step_that_leaves() -> None:
    last = pipeline_of(await of_kind("HYBRID")).steps[-1]
    assert (last.name, last.leaves, last.host) == ("Overflow", True, "DeepInfra")


async def test_that_steps_that_leave_under_a_lock_carry_their_host() -> None:
    steps = {one.name: one for one in pipeline_of(await of_kind(KINDS[-1])).steps}
    assert (steps["Embed"].host, steps["Traces"].host) == ("api.openai.com", "traces.example.com")
    assert steps["Generate"].problem
    assert not steps["Vector database"].leaves


async def test_that_every_option_has_a_note_and_its_variants_stand_below_it() -> None:
    one = await of_kind("LOCAL_THIS_MACHINE")
    notes = option_notes(one)
    assert len(notes) >= len(cost_options(one))
    variants = [note for note in notes if note.name.startswith("–")]
    assert len(variants) == sum(
        len(one.verdict.detail(line.option).variants) for line in one.verdict.options
    )


async def test_that_the_variants_are_there_once_they_are_opened_and_follow_the_verdict(
    qtbot: QtBot,
) -> None:
    one, other = await of_kind("HYBRID"), await of_kind("RENT_GPU")
    view = CostsView()
    qtbot.addWidget(view)
    view.show_decided(one)
    more = view.findChild(Disclosure, "cost-variants")
    assert more is not None
    more.open()
    for now in (one, other):
        view.show_decided(now)
        (table,) = more.findChildren(DataTable)
        said = [tuple(cell.text for cell in row) for row in table.table.rows]
        assert said == [(n.name, n.usd_month, n.seconds) for n in option_notes(now)]


# How sure


async def test_that_worlds_are_told_in_sentences() -> None:
    one = in_worlds(await of_kind("LOCAL_THIS_MACHINE"), WORLDS)
    best, saving, regret, measure = (
        line.replace("\u00a0", " ") for line in worlds_lines(one.verdict)
    )
    assert best.startswith("In 2,000 simulations")
    assert "This machine in 53 %" in best
    assert "in one simulation of twenty less than −$20" in saving
    assert "Deciding now costs $14.00 a month more" in regret
    assert "Calls a day" in measure
    assert worlds_lines(replace(one.verdict, worlds=None)) == ()


async def test_that_a_loss_and_no_regret_are_called_so() -> None:
    sure = replace(WORLDS, saving_mean=-5.0, regret_usd_month=0.1, measure=None)
    lines = worlds_lines(in_worlds(await of_kind("LOCAL_BUY"), sure).verdict)
    assert "a loss" in lines[1]
    assert "next to nothing" in lines[2]
    assert len(lines) == 3
    blind = replace(sure, saving_mean=None, regret_usd_month=None)
    assert len(worlds_lines(in_worlds(await of_kind("LOCAL_BUY"), blind).verdict)) == 1


async def test_that_a_verdict_too_close_to_call_asks_for_the_measurement_first() -> None:
    one = in_worlds(await of_kind("LOCAL_THIS_MACHINE"), WORLDS)
    move = next_move(one, LIMITS)
    assert move.sentence.startswith(
        "Too close to call between this machine and a hosted open model"
    )
    assert (move.page, move.detail) == ("cloud", "import")
    sure = in_worlds(one, WORLDS, "high")
    assert next_move(sure, LIMITS).page == "models"
    assert "both cost less than today. Find out “Calls a day” first" in move.sentence
    assert "keep" not in move.sentence
    note = advice(one, move).confidence_note.replace("\u00a0", " ")
    assert "of 2,000 simulations; deciding now risks $14.00 a month" in note
    assert note.endswith("$3.00 with “Calls a day” known")


async def test_that_what_runs_today_is_kept_only_while_it_is_one_of_the_two() -> None:
    shares = {Option.CLOUD_FRONTIER: 0.6, Option.HOSTED_OPEN: 0.4}
    one = in_worlds(await of_kind("CLOUD_FRONTIER"), replace(WORLDS, p_best=shares, measure=None))
    one = replace(one, verdict=replace(one.verdict, missing=(), warnings=()))
    said = next_move(one, LIMITS).sentence
    assert "today's cloud model and a hosted open model: keep what runs today" in said


async def test_that_the_date_line_says_when_to_look_again_and_why_now() -> None:
    one = await of_kind("LOCAL_THIS_MACHINE")
    move = next_move(one, LIMITS)
    told = advice(one, move)
    assert told.decided.startswith("decided ")
    assert "look again on" in told.decided
    assert told.stale == ()
    again = advice(one, move, stale=[Caution("S51", "the price of m changed")])
    assert again.stale == ("The price of m changed.",)
    assert advice(one, move, what_if=True, stale=[Caution("S51", "x")]).stale == ()


# What to measure next


async def test_that_what_removes_most_doubt_comes_first_and_nothing_twice() -> None:
    one = in_worlds(await of_kind("LOCAL_THIS_MACHINE"), WORLDS)
    found = measurements(one)
    assert found[0].first
    assert found[0].move.detail == "import"
    assert "Expected regret after it: $3.00 a month." in found[0].why
    targets = [(f.move.page, f.move.detail, f.move.field) for f in found]
    assert len(set(targets)) == len(targets)
    assert ("run", "benchmark:qwen3:8b", "") in targets


@pytest.mark.parametrize(
    ("path", "page", "detail", "field"),
    [
        ("quality.gate", "workloads", f"{GATE}Support ticket triage", ""),
        ("quotes.machine.peak_utilisation", "run", "benchmark:qwen3:8b", ""),
        ("tokens.output", "cloud", "import", ""),
        ("quotes.hosted_open_usd_month", "cloud", "prices", ""),
        ("buy.price", "", "", "buy.price"),
    ],
)
async def test_that_each_kind_of_value_is_measured_where_it_can_be(
    path: str, page: str, detail: str, field: str
) -> None:
    move = move_for(await of_kind("LOCAL_THIS_MACHINE"), path)
    assert (move.page, move.detail, move.field) == (page, detail, field)
    assert move.action


async def test_that_days_that_are_known_are_not_asked_for_again() -> None:
    one = await of_kind("HOSTED_OPEN")
    assert "Volume day by day" in [found.title for found in measurements(one)]
    days = [UsageDay(date=f"2026-06-{day:02d}", calls=300.0) for day in range(1, 31)]
    known = replace(one.assembler.world, usage=summary(days, source="usage"))
    again = replace(one, assembler=Assembler(known)).again(one.loaded.workload)
    assert "Volume day by day" not in [found.title for found in measurements(again)]


async def test_that_a_provisional_verdict_names_what_is_missing_once_a_button() -> None:
    one = await of_kind("CLOUD_FRONTIER")
    titles = [found.title for found in measurements(one)]
    assert {"quality.gate", "quality.gate_hosted"} <= {lack.field for lack in one.verdict.missing}
    # One panel measures both.
    assert titles[:2] == ["Quality gate, local", "Speed on this machine"]


# Break-even while a slider moves


async def test_that_the_dot_is_known_before_the_curves_are() -> None:
    one = await of_kind("LOCAL_THIS_MACHINE")
    curves = break_even_curves(one.loaded.workload, one.facts, one.assembler)
    assert isinstance(curves, BreakEvenCurves)
    here = dot_of(one, curves)
    assert here is not None
    volume = replace(one.loaded.workload.volume, calls_per_day=36_000.0)
    there = dot_of(one.again(replace(one.loaded.workload, volume=volume)), curves)
    assert there is not None
    assert there[0][0] == pytest.approx(2 * here[0][0])
    assert "36,000" in there[1]
    titles, lines = table_of(curves)
    assert len(titles) == len(lines[0])
    assert 8 <= len(lines) <= 16


def test_that_of_many_wishes_the_first_and_the_last_are_met() -> None:
    asked: list[object] = []
    queue = Latest(None)  # type: ignore[arg-type]
    queue.wanted.connect(asked.append)
    first, second, third = object(), object(), object()
    for one in (first, second, third, third):
        queue.ask(one)
    assert asked == [first]
    assert not queue.answered(first)
    assert asked == [first, third]
    assert not queue.answered(second)
    assert queue.answered(third)
    queue.ask(third)
    assert asked == [first, third]


# Another machine


async def test_that_a_listed_machine_keeps_its_listed_price() -> None:
    one = await of_kind("LOCAL_THIS_MACHINE")
    found = with_machine(one, OtherMachine(name="2x RTX 3090"))
    assert found.facts.buy is not None
    assert found.facts.buy.machine == "2x RTX 3090"
    assert not isinstance(found.facts.buy.price_usd, Unknown)
    assert found.loaded.workload.buy.price_usd is None


async def test_that_a_machine_taken_as_owned_brings_its_own_speed() -> None:
    one = await of_kind("LOCAL_THIS_MACHINE")
    found = with_machine(one, OtherMachine(name="RTX 2060", owned=True))
    assert found.facts.machine is not None
    assert found.facts.machine.machine == "RTX 2060"
    assert found.verdict.option is not one.verdict.option
    assert workload_files.from_text(text_of("LOCAL_THIS_MACHINE")).workload == one.loaded.workload
