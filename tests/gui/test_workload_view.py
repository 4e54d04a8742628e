"""What the window shows of a verdict, for every worked case and the samples."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from landfall.core.provenance import Unknown, middle
from landfall.core.settings import Settings
from landfall.core.verdict.swings import InputSwing, swings
from landfall.core.verdict.verdict import Flip
from landfall.core.workload.privacy import Option
from landfall.gui.app_values import shown_name
from landfall.gui.format import Origin
from landfall.gui.widgets.feedback import State
from landfall.gui.workloads.break_even_curves import drawn, verdict_of
from landfall.gui.workloads.counted import count_sentence, list_sentence
from landfall.gui.workloads.evidence_view import (
    cost_options,
    flip_rows,
    pipeline_of,
    swing_bars,
)
from landfall.gui.workloads.next_step import next_move
from landfall.gui.workloads.rule_trace_view import rule_lines
from landfall.gui.workloads.view import advice
from landfall.gui.workloads.words import (
    flip_clause,
    sentence,
    value_text,
    without_rule_ids,
)
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.deciding import Decider
from tests.gui import worlds
from tests.gui.pages.workloads_stage import CASES, case

LIMITS = Settings().thresholds
NAMES = [f"D{number}" for number in range(1, 24)]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@cache
def decider() -> Decider:
    return Decider.on("RTX 4090", Settings(), now=NOW)


async def decided(text: str, *, with_flips: bool = False) -> Decided:
    return await decider().decide(workload_files.from_text(text), with_flips=with_flips)


def swings_of(one: Decided) -> tuple[InputSwing, ...]:
    workload, option = one.loaded.workload, one.verdict.option
    return swings(workload, one.assembler, one.limits, option, flips=one.verdict.flips)


def sample(name: str) -> str:
    return next(one.text for one in workload_files.samples() if name in one.workload.name)


def test_that_all_worked_cases_are_there() -> None:
    assert {path.stem for path in Path(CASES).glob("D*.toml")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
async def test_that_a_case_is_told_in_five_lines_and_in_its_evidence(name: str) -> None:
    one = await decided(case(name))
    verdict = one.verdict
    move = next_move(one, LIMITS)
    told = advice(one, move)
    assert told.headline
    assert told.reason.endswith(".")
    assert move.sentence
    assert bool(move.action) == bool(move.page or move.field)
    for reason in verdict.reasons:
        assert reason.rule in told.rules
    options = cost_options(one)
    nowhere = verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
    assert len(options) == 6
    assert sum(option.chosen for option in options) == (0 if nowhere else 1)
    assert all(option.blocked or option.mid >= 0 for option in options)
    shown_rules = {line.rule for line in rule_lines(one)}
    assert {reason.rule for reason in verdict.reasons if reason.rule} <= shown_rules
    assert {warning.rule for warning in verdict.warnings} <= shown_rules
    leaking = {leak.step for leak in verdict.leaks}
    assert sum(step.leaves for step in pipeline_of(one).steps) >= len(leaking)


async def test_that_unknown_money_is_said_to_be_unknown() -> None:
    told = advice(await decided(case("D9")), next_move(await decided(case("D9")), LIMITS))
    assert told.money is not None
    assert told.money.origin is Origin.UNKNOWN
    assert "“Calls in each hour”" in told.money_text


async def test_that_a_loss_is_called_a_loss_and_keeps_its_sign() -> None:
    one = await decided(case("D2").replace("= 6400.0", "= 15.0"))
    told = advice(one, next_move(one, LIMITS))
    assert told.money is not None
    assert "−$5" in told.money.value
    assert told.money.unit == "a month: a loss"


async def test_that_an_excluded_option_keeps_its_line_with_why_and_what_it_would_cost() -> None:
    options = {option.name: option for option in cost_options(await decided(case("D2")))}
    cloud = options["Frontier cloud, today"]
    assert cloud.blocked == "outside the privacy rule (would cost $6,400)"
    assert cloud.rule == "H1"
    assert not cloud.chosen


async def test_that_a_split_shows_its_two_places() -> None:
    one = await decided(case("D13"))
    assert one.verdict.option is Option.HYBRID
    chosen = cost_options(one)[0]
    assert (chosen.chosen, chosen.overflow) == (True, "hosted")
    assert chosen.kept == one.verdict.local_share


async def test_that_the_flips_of_a_sample_come_with_their_values() -> None:
    one = await decided(sample("triage"), with_flips=True)
    rows = flip_rows(one.verdict)
    assert len(rows) == len(one.verdict.flips)
    first = rows[0]
    assert (first.name, first.verdict) == ("Hosted bill a month", "HOSTED_OPEN")
    assert first.relative == "−11\u00a0%"
    told = advice(one, next_move(one, LIMITS))
    assert len(told.flips) == 3
    assert told.flips[0].startswith("Hosted bill a month down to $80")
    bars = {bar.name: bar for bar in swing_bars(swings_of(one))}
    saving = middle(one.verdict.saving)
    assert saving is not None
    assert bars["Calls a day"].low < saving < bars["Calls a day"].high
    assert bars["Calls a day"].flip is not None
    assert bars["Hours of care a month"].flip_label == "no flip found"


async def test_that_a_what_if_says_so() -> None:
    one = await decided(sample("triage"))
    told = advice(one, next_move(one, LIMITS), what_if=True)
    assert told.decided == "what if, not saved"
    assert told.flips == ("being worked out…",)


async def test_that_rules_that_take_an_option_out_look_failed_and_warnings_warn() -> None:
    lines = {line.rule: line for line in rule_lines(await decided(case("D4")))}
    assert lines["H3"].state is State.FAILED
    assert lines["H1"].state is State.DONE
    leaking = {line.rule: line for line in rule_lines(await decided(case("D2")))}
    assert leaking["AP6"].state is State.PARTIAL


async def test_that_who_hosts_is_called_by_its_name_and_money_says_why_it_wins() -> None:
    text = sample("triage")
    one = await Decider.on("RTX 2060", Settings(), now=NOW).decide(
        workload_files.from_text(text), with_flips=False
    )
    move = next_move(one, LIMITS)
    told = advice(one, move)
    assert one.verdict.option is Option.HOSTED_OPEN
    assert move.sentence.startswith("Set up Qwen/Qwen3-235B-A22B-Instruct-2507 at DeepInfra")
    assert told.reason.startswith("A hosted open model does it for ~$90 a month.")
    assert "No hardware is worth buying" in told.reason
    assert "of 400 simulations" in told.confidence_note
    chosen, *others = cost_options(one)
    assert chosen.aside == "at DeepInfra"
    assert not any(re.match(r"[A-Z]\d", o.aside) for o in others)


@pytest.mark.parametrize(
    ("said", "bare"),
    [
        ("H6: the busiest hour is too much", "the busiest hour is too much"),
        ("S6: too few; S7: too small", "too few; too small"),
        ("H1, H1r: nothing may overflow", "nothing may overflow"),
        ("AP7: not priced", "not priced"),
        ("$90 a month more", "$90 a month more"),
    ],
)
def test_that_reasons_are_read_without_the_ids_of_their_rules(said: str, bare: str) -> None:
    assert without_rule_ids(said) == bare


async def test_that_a_bill_far_above_the_picture_is_said_in_words() -> None:
    from landfall.core.verdict.over_volume import break_even_curves

    one = await decided(sample("triage"))
    curves = break_even_curves(one.loaded.workload, one.facts, one.assembler)
    assert not isinstance(curves, Unknown)
    picture = drawn(curves)
    assert len(picture.others) == 1
    assert picture.axis == "thousand calls a day"
    assert picture.dot[0] == 18.0
    assert picture.crossing is not None
    assert "Far above the picture: Frontier cloud ($6,9" in verdict_of(curves)


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("quotes.buy.price", 3800.0, "$3,800"),
        ("quotes.machine.peak_utilisation", 1.3, "130 %"),
        ("tokens.output", 16.89, "17"),
        ("volume.calls_per_day", 2.5, "2.5"),
        ("organisation.ops_hours_per_month", 4.5, "4.5 h"),
        ("quality.margin", 0.0285, "2.9 %"),
        ("latency.p95_seconds", 2.84, "2.8 s"),
        ("organisation.ops_hours_per_month", 3.0, "3 h"),
        ("quality.gate", None, "not stated"),
        ("buy.consider", True, "yes"),
        ("privacy.class", "attorney_client", "attorney and client"),
        ("privacy.class", "phi", "health data (PHI)"),
    ],
)
def test_that_values_are_written_with_their_units(path: str, value: object, text: str) -> None:
    assert value_text(path, value).replace("\u00a0", " ") == text  # type: ignore[arg-type]


def test_that_a_flip_of_words_says_both_words() -> None:
    flip = Flip(
        input="quality.gate",
        now="pass",
        at="fail",
        relative=None,
        verdict_then=Option.CLOUD_FRONTIER,
    )
    assert flip_clause(flip) == "Quality gate, local: fail instead of pass → Frontier cloud"


def test_that_sentences_have_one_stop_and_names_keep_their_letters() -> None:
    assert sentence("startups stay..") == "Startups stay."
    assert sentence("qwen3:8b fits") == "qwen3:8b fits."
    assert sentence("") == ""
    assert shown_name("Sample: a thing", sample=True) == "A thing"
    assert shown_name("Sample: a thing", sample=False) == "Sample: a thing"


def test_that_home_and_workloads_count_the_same_and_no_sample_among_the_firm() -> None:
    sample = replace(worlds.PHOTOS, sample=True, provisional=False)
    assert sample.firm
    own = replace(worlds.TRIAGE, close=True)
    said = "Workloads: 1, with a firm verdict: 0, too close to call: 1; samples: 1"
    assert count_sentence((own, sample)) == list_sentence((own, sample)) == said
    assert "No workload of your own yet" in list_sentence((sample,))
    assert count_sentence(()) == ""
    assert list_sentence(()) == "Each kind of work gets its own verdict."
