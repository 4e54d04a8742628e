"""The items of the decision guide, one by one, against the engine; `tests.framework_table` lists
them. Decisions start from the worked cases."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from landfall.core.costs import cost, payback
from landfall.core.costs.horizon import Horizon, Point
from landfall.core.demand import queueing
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.load import Load
from landfall.core.demand.serving import Service
from landfall.core.demand.strain import Strain
from landfall.core.errors import BadInput
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import Estimated, Stated, Unknown, middle
from landfall.core.quality.paired_tests import GateResult, Pairs, gate
from landfall.core.quality.priors import AS_OF, prior_of
from landfall.core.settings import Thresholds
from landfall.core.verdict.care import ops_hours
from landfall.core.verdict.cautions import expires_on
from landfall.core.verdict.decision_table import FRONTIER_TASKS
from landfall.core.verdict.details import Details, known
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.notes import notes_of
from landfall.core.verdict.together import RoutingCost, Tenant, together
from landfall.core.verdict.verdict import Verdict, decide
from landfall.core.verdict.world import Assumptions, Listed, World
from landfall.core.workload import file as workload_file
from landfall.core.workload.gates import gate_of_hosted, gate_of_local
from landfall.core.workload.privacy import REMOTE, Option, leaks, lock_of, pipeline
from landfall.core.workload.workload import (
    Motive,
    Organisation,
    OrganisationFacts,
    Privacy,
    PrivacyClass,
    Purchase,
    Quality,
    Step,
    StepName,
    Task,
    Where,
    Workload,
)
from landfall.services.models import shipped_catalogue
from tests.core.worked.decisions import facts_of

LIMITS = Thresholds()
AS = "2026-11-23"
CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "verdict_cases.json").read_text(encoding="utf-8")
)["cases"]
INPUTS = {case["id"]: case["inputs"] for case in CASES}
LOCAL = (Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.LOCAL_REQUIRED_NOT_FEASIBLE)
CLOUD = (Option.CLOUD_FRONTIER, Option.HOSTED_OPEN)
ROUTING = RoutingCost(build_usd=Stated(30_000.0, "case C9"), run_usd_month=Stated(800.0, "case C9"))
FITS = HostFacts(
    option=Option.LOCAL_THIS_MACHINE,
    fits=True,
    context_ok=True,
    licence_ok=True,
    capability_ok=True,
    usd_month=Stated(20.0, "case D12"),
    peak_utilisation=Stated(0.4, "case D12"),
)


def case(name: str, **changes: Any) -> Facts:
    return replace(facts_of(INPUTS[name]), **changes)


def decided(facts: Facts, name: str = "A") -> Verdict:
    return decide(name, facts, limits=LIMITS, as_of=AS)


def rules(verdict: Verdict) -> list[str]:
    return [one.rule if one.met else f"not {one.rule}" for one in verdict.reasons]


def warned(verdict: Verdict) -> list[str]:
    return [one.rule for one in verdict.warnings]


def noted(
    facts: Facts,
    workload: Workload | None = None,
    world: World | None = None,
    hours: Point | None = None,
) -> dict[str, str]:
    work, verdict = workload or Workload(name="A", task=facts.task), decided(facts)
    if hours is not None:
        purchase = Horizon(outlay=cast("Any", None), against=(), rent_or_buy_hours=hours)
        verdict = replace(verdict, behind=known(Details(purchase=purchase)))
    found = notes_of(work, facts, verdict, world or World(), LIMITS)
    return {one.rule: one.text for one in found}


def usd(amount: float) -> Stated:
    return Stated(amount, "test")


def buy(facts: Facts, **changes: Any) -> Facts:
    assert facts.buy is not None
    return replace(facts, buy=replace(facts.buy, **changes))


def tenant(name: str, verdict: Verdict, facts: Facts, **more: Any) -> Tenant:
    line = verdict.line(verdict.option)
    assert line is not None
    return Tenant(
        workload=name,
        option=verdict.option,
        before=facts.frontier,
        after=line.usd_month,
        **more,
    )


# The spirit of it --------------------------------------------------------------------------------


@pytest.mark.framework("S1")
def test_that_each_workload_is_judged_by_itself_and_the_portfolio_only_adds() -> None:
    facts = {name: case(name) for name in ("D7", "D8", "D12")}
    alone = {name: decided(one, name) for name, one in facts.items()}
    found = together([tenant(n, alone[n], facts[n]) for n in facts], LIMITS, ROUTING)
    assert [v.option for v in alone.values()] == [
        Option.HOSTED_OPEN,
        Option.LOCAL_BUY,
        Option.LOCAL_THIS_MACHINE,
    ]
    assert found.split == tuple((v.option, 1) for v in alone.values())
    parts = [middle(v.line(v.option).usd_month) for v in alone.values()]  # type: ignore[union-attr]
    assert middle(found.bill_after) == pytest.approx(sum(part or 0.0 for part in parts))


@pytest.mark.framework("S2", "S15")
def test_that_the_usual_end_is_a_mixture_and_a_workload_may_be_split_too() -> None:
    facts = {name: case(name) for name in ("D5", "D6", "D12", "D13")}
    verdicts = {name: decided(one, name) for name, one in facts.items()}
    found = together([tenant(n, verdicts[n], facts[n]) for n in facts], LIMITS, ROUTING)
    split = dict(found.split)
    assert split == {
        Option.CLOUD_FRONTIER: 2,
        Option.LOCAL_THIS_MACHINE: 1,
        Option.HYBRID: 1,
    }
    assert verdicts["D13"].local_share == 0.78


@pytest.mark.framework("S3")
def test_that_the_bill_is_made_of_tokens_by_kind_batch_retries_and_the_tokenizer() -> None:
    row = PriceRow(
        provider="p",
        model="m",
        rates=Rates(input=Rate(5.0), cached=Rate(0.5), output=Rate(25.0)),
        batch=Rates(input=Rate(2.5), cached=Rate(0.25), output=Rate(12.5)),
        source="test",
        as_of=None,
    )
    shape = CallShape(uncached_tokens=1000, cached_tokens=2000, output_tokens=100)
    plain = cost.cloud_month(row, shape, calls_per_day=100, days=30).usd
    each = (1000 * 5.0 + 2000 * 0.5 + 100 * 25.0) / 1e6
    assert plain == pytest.approx(3000 * each)
    batch = cost.cloud_month(row, shape, calls_per_day=100, days=30, batch_share=1.0).usd
    assert batch == pytest.approx(3000 * each / 2)
    again = cost.cloud_month(row, shape, calls_per_day=100, days=30, retry_share=0.1).usd
    assert again == pytest.approx(3300 * each)
    longer = cost.cloud_month(row, shape, calls_per_day=100, days=30, token_ratio=1.2).usd
    assert longer == pytest.approx(3600 * each)


@pytest.mark.framework("S4")
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("D12", {"gate": GateResult.UNMEASURED, "gate_hosted": GateResult.UNMEASURED}),
        ("D8", {"gate": GateResult.INCONCLUSIVE, "gate_hosted": GateResult.INCONCLUSIVE}),
        ("D8", {"history_days": None}),
        ("D8", {"calls_per_day": None}),
        ("D8", {"predictability": Predictability.UNKNOWN}),
    ],
)
def test_that_what_is_missing_keeps_it_in_the_cloud(name: str, changes: dict[str, Any]) -> None:
    facts = case(name, **changes)
    if name == "D8":
        facts = replace(facts, rent=Unknown("not looked at"))
    assert decided(facts).option in CLOUD


@pytest.mark.framework("S5")
def test_that_a_host_of_open_models_is_a_verdict_of_its_own() -> None:
    verdict = decided(case("D19"))
    assert verdict.option is Option.HOSTED_OPEN
    assert {line.option for line in verdict.options} >= {Option.CLOUD_FRONTIER, Option.HOSTED_OPEN}


# The three conditions ----------------------------------------------------------------------------


@pytest.mark.framework("S6")
@pytest.mark.parametrize(
    ("predictability", "days", "bought"),
    [
        (Predictability.PREDICTABLE, 28, True),
        (Predictability.PREDICTABLE, 27, False),
        (Predictability.VARIABLE, 90, False),
        (Predictability.UNPREDICTABLE, 90, False),
        (Predictability.UNKNOWN, 90, False),
    ],
)
def test_that_hardware_needs_a_volume_that_is_observed_and_can_be_forecast(
    predictability: Predictability, days: int, *, bought: bool
) -> None:
    verdict = decided(case("D8", predictability=predictability, history_days=days))
    assert (verdict.option is Option.LOCAL_BUY) is bought
    assert ("S6" in rules(verdict)) is bought
    assert ("not S6" in rules(verdict)) is not bought


@pytest.mark.framework("S7")
@pytest.mark.parametrize(("hosted", "bought"), [(1000.0, True), (999.99, False)])
def test_that_the_bill_is_tested_on_the_cheapest_proven_price(
    hosted: float, *, bought: bool
) -> None:
    verdict = decided(case("D8", hosted=usd(hosted), rent=Unknown("none")))
    assert (verdict.option is Option.LOCAL_BUY) is bought
    bills = {line.option: middle(line.usd_month) for line in verdict.options}
    assert (bills[Option.CLOUD_FRONTIER], bills[Option.HOSTED_OPEN]) == (21_000.0, hosted)


@pytest.mark.framework("S8")
def test_that_each_candidate_has_a_gate_of_its_own() -> None:
    worse = Pairs(local_only=2, cloud_only=40, both=340, neither=18)
    alike = Pairs(local_only=9, cloud_only=8, both=360, neither=23)
    work = Workload(
        name="A",
        task=Task.CLASSIFICATION,
        quality=Quality(pairs=worse, pairs_hosted=alike),
    )
    assert gate(worse, work.margin).result is GateResult.FAIL
    assert gate_of_local(work) is GateResult.FAIL
    assert gate_of_hosted(work) is GateResult.PASS
    for result in (GateResult.FAIL, GateResult.INCONCLUSIVE, GateResult.UNMEASURED):
        assert decided(case("D8", gate=result)).option is Option.HOSTED_OPEN


@pytest.mark.framework("S9", "S30")
@pytest.mark.parametrize(
    ("task", "margin"),
    [
        (Task.CLASSIFICATION, 0.03),
        (Task.EMBEDDING, 0.02),
        (Task.SUMMARY, 0.05),
        (Task.EXTRACTION, 0.03),
    ],
)
def test_that_typical_local_work_goes_local_when_all_three_conditions_hold(
    task: Task, margin: float
) -> None:
    verdict = decided(case("D8", task=task))
    assert verdict.option is Option.LOCAL_BUY
    assert {"S6", "S7", "S8"} <= set(rules(verdict))
    assert Workload(name="A", task=task).margin == margin
    prior = prior_of(task)
    assert not isinstance(prior, Unknown)
    assert prior.metric


# Privacy -----------------------------------------------------------------------------------------


@pytest.mark.framework("S10", "S13", "S14", "S31")
@pytest.mark.parametrize(
    "privacy", ["phi", "attorney_client", "classified", "contract_no_third_party", "nda"]
)
def test_that_a_lock_decides_before_money_and_no_price_argues_with_it(privacy: str) -> None:
    work = Workload(
        name="A",
        task=Task.EXTRACTION,
        privacy=Privacy(privacy_class=PrivacyClass(privacy)),
    )
    facts = case(
        "D12",
        lock=lock_of(work),
        frontier=usd(0.01),
        hosted=usd(0.01),
        machine=replace(FITS, usd_month=usd(90_000.0)),
    )
    verdict = decided(facts)
    assert verdict.option is Option.LOCAL_THIS_MACHINE
    assert rules(verdict)[0] == "H1"
    assert verdict.bar is None
    assert all(line.feasible is False for line in verdict.options if line.option in REMOTE)


@pytest.mark.framework("S14")
def test_that_a_locked_workload_that_nothing_local_can_do_is_never_sent_to_a_cloud() -> None:
    for name in ("D4", "D23"):
        verdict = decided(case(name))
        assert verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
        assert any(not line.feasible and line.why_not for line in verdict.options)


@pytest.mark.framework("S11")
def test_that_classified_is_never_overridden_and_never_blessed() -> None:
    text = '[workload]\nname = "A"\ntask = "chat"\n[privacy]\nclass = "{}"\n{}\n'
    vendors = 'approved_vendors = ["azure"]\n[today]\nprovider = "azure"\nmodel = "m"'
    for overridable in ("phi", "attorney_client"):
        work = workload_file.parse(text.format(overridable, vendors))
        assert lock_of(work).inside == {Option.CLOUD_FRONTIER}
        default = workload_file.parse(text.format(overridable, ""))
        assert lock_of(default).inside == frozenset()
    with pytest.raises(BadInput) as caught:
        workload_file.parse(text.format("classified", vendors))
    assert caught.value.field == "privacy.approved_vendors"
    classified = workload_file.parse(text.format("classified", ""))
    assert "accredited" in noted(case("D1"), classified)["S11"]


@pytest.mark.framework("S12")
def test_that_a_region_keeps_what_is_marked_as_inside_and_else_only_local() -> None:
    assert decided(case("D20")).option is Option.HOSTED_OPEN
    assert decided(case("D21")).option is Option.LOCAL_THIS_MACHINE
    outside = decided(case("D20")).line(Option.CLOUD_FRONTIER)
    assert outside is not None
    assert outside.feasible is False
    assert outside.why_not.startswith("H1r")


@pytest.mark.framework("S22")
def test_that_every_step_of_the_pipeline_has_a_destination() -> None:
    steps = (
        Step(name=StepName.OCR, where=Where.LOCAL),
        Step(name=StepName.VECTOR_DB, where=Where.NETWORK, host="10.0.0.7"),
        Step(name=StepName.GENERATE),
        Step(name=StepName.TRACE, where=Where.CLOUD, host="api.smith.example.com"),
    )
    found = pipeline(Workload(name="A", task=Task.CHAT, steps=steps))
    assert [(one.step, one.leaves) for one in found] == [
        ("ocr", False),
        ("vector_db", False),
        ("generate", None),
        ("trace", True),
    ]


@pytest.mark.framework("S24")
def test_that_offline_work_stays_on_the_machine() -> None:
    verdict = decided(case("D16"))
    assert verdict.option is Option.LOCAL_THIS_MACHINE
    assert "H2" in rules(verdict)


@pytest.mark.framework("S46")
def test_that_a_cloud_embedding_beside_a_local_model_is_a_leak_with_a_name() -> None:
    steps = (
        Step(name=StepName.EMBED, where=Where.CLOUD, host="api.openai.com"),
        Step(name=StepName.GENERATE, where=Where.LOCAL),
    )
    privacy = Privacy(privacy_class=PrivacyClass.ATTORNEY_CLIENT)
    work = Workload(name="A", task=Task.SUMMARY, privacy=privacy, steps=steps)
    assert [(leak.step, leak.host) for leak in leaks(work)] == [("embed", "api.openai.com")]
    verdict = decided(case("D2", leaks=leaks(work)))
    assert verdict.option is Option.LOCAL_THIS_MACHINE
    assert "H1b" in rules(verdict)
    assert warned(verdict)[0] == "AP6"
    assert "whole text" in noted(case("D2"), work)["S46"]


# Quality -----------------------------------------------------------------------------------------


@pytest.mark.framework("S16", "S40")
def test_that_the_gap_to_the_frontier_is_a_dated_belief_that_passes_nothing() -> None:
    assert AS_OF >= "2026-11"
    for task in (Task.CREATIVE, Task.COMPLEX_REASONING, Task.LONG_AGENTIC):
        prior = prior_of(task)
        assert not isinstance(prior, Unknown)
        assert prior.gap < 0
        assert AS_OF in prior.says
    embedding = prior_of(Task.EMBEDDING)
    assert not isinstance(embedding, Unknown)
    assert embedding.gap == 0
    unmeasured = Workload(name="A", task=Task.EMBEDDING)
    assert gate_of_local(unmeasured) is GateResult.UNMEASURED


@pytest.mark.framework("S29", "S41")
@pytest.mark.parametrize("task", sorted(FRONTIER_TASKS))
def test_that_frontier_work_stays_until_a_candidate_is_proven(task: Task) -> None:
    unproven = case("D12", task=task, gate=GateResult.UNMEASURED, gate_hosted=GateResult.UNMEASURED)
    verdict = decided(unproven)
    assert verdict.option is Option.CLOUD_FRONTIER
    assert "F1" in rules(verdict)
    assert decided(case("D12", task=task)).option is Option.LOCAL_THIS_MACHINE


@pytest.mark.framework("S39")
def test_that_an_unproven_candidate_is_tried_in_shadow_on_work_that_is_not_critical() -> None:
    facts = case("D17")
    assert "S39" in warned(decided(facts))
    world = World(machine=_machine())
    assert "shadow mode" in noted(facts, world=world)["S39"]
    cards = shipped_catalogue.load().models
    assert "fits the RTX 4090" in noted(facts, world=replace(world, cards=cards))["S38"]
    assert "AP8" in warned(decided(case("D12", critical=True)))


def _machine() -> HardwareProfile:
    return shipped_catalogue.load().what_if("RTX 4090")


# Money -------------------------------------------------------------------------------------------


@pytest.mark.framework("S17")
def test_that_the_hours_to_the_first_call_are_said_and_counted() -> None:
    work = Workload(name="A", task=Task.CLASSIFICATION, buy=Purchase(setup_hours=12.0))
    said = noted(case("D8"), work)["S17"]
    assert "hours to days" in said
    assert "12 hours of set-up" in said
    bare = Workload(name="A", task=Task.CLASSIFICATION)
    assumed = noted(case("D8"), bare, World(assumptions=ASSUMED))["S17"]
    assert "12 hours of set-up" in assumed
    with_setup, without = (
        cost.purchase_tco_month(
            price_usd=3800.0, ops_hours=3.0, hourly_rate_usd=80.0, setup_hours=hours
        ).usd
        for hours in (12.0, 0.0)
    )
    assert with_setup is not None
    assert without is not None
    assert with_setup - without == pytest.approx(12 * 80 / 36)


@pytest.mark.framework("S18")
@pytest.mark.parametrize(("bill", "says"), [(600.0, None), (0.5, "below"), (600_000.0, "above")])
def test_that_a_call_has_a_price_and_an_unusual_one_asks_for_a_second_look(
    bill: float, says: str | None
) -> None:
    assert "S18" not in noted(case("D12", frontier=Unknown("?"), calls_per_day=1000.0))
    text = noted(case("D12", frontier=usd(bill), calls_per_day=1000.0))["S18"]
    assert text.startswith("a call costs $")
    assert ("check tokens" in text) is (says is not None)
    assert says is None or says in text
    tiny = noted(case("D12", frontier=usd(0.5), calls_per_day=300_000.0))["S18"]
    assert tiny.startswith("a call costs $0.000000055 today"), "no power of ten"


@pytest.mark.framework("S19")
@pytest.mark.parametrize(
    ("price", "odd"),
    [(300.0, True), (1500.0, False), (10_000.0, False), (100_000.0, False), (5e6, True)],
)
def test_that_a_price_unlike_any_machine_is_asked_about(price: float, *, odd: bool) -> None:
    assert ("S19" in noted(buy(case("D8"), price_usd=usd(price)))) is odd
    assert "S19" not in noted(buy(case("D8"), price_usd=Unknown("?")))


@pytest.mark.framework("S20")
def test_that_operations_are_never_forgotten_silently() -> None:
    none = OrganisationFacts(ops_hours_per_month=0.0)
    work = Workload(name="A", task=Task.CLASSIFICATION, organisation=none)
    assert "no hours of operations" in noted(case("D8"), work)["S20"]
    assert "S20" not in noted(case("D8"))
    bare, cared = (
        cost.rent_month(usd_per_hour=2.0, busy_hours=10.0, ops_usd=care).usd
        for care in (0.0, 240.0)
    )
    assert bare is not None
    assert cared == bare + 240.0


STRAIN = Strain(
    load=Load(
        calls_per_day=2880.0,
        history_days=60,
        predictability=Predictability.PREDICTABLE,
        hourly_calls=(),
        input=1000.0,
        cached=None,
        output=100.0,
        embedding=False,
    ),
    service=Service(seconds=Stated(5.0, "a test"), slots=2),
    target_seconds=20.0,
)
"""An hour of 360 calls of five seconds: a quarter of two slots."""


@pytest.mark.framework("S21")
def test_that_ten_times_the_load_is_reckoned_for_a_machine() -> None:
    said = noted(case("D8"))["S21"]
    assert "5.0 times one machine" in said
    assert "7 of them" in said
    assert f"{100 * queueing.erlang_b(1, 5.0):.0f} %" in said
    strained = buy(case("D8"), strain=STRAIN)
    grown = STRAIN.growth(most_busy=LIMITS.utilisation_max)
    assert grown is not None
    said = noted(strained)["S21"]
    assert f"{grown.machines} of them" in said
    assert f"{100 * grown.overflow_share:.0f} % of its calls overflow" in said
    hopeless = buy(case("D8"), strain=replace(STRAIN, target_seconds=0.1))
    assert "no number of them answers in time" in noted(hopeless)["S21"]
    locked = replace(case("D1"), machine=replace(FITS, peak_utilisation=usd(0.4)))
    assert noted(locked)["S21"].endswith("4.0 times one machine: 5 of them"), "nothing may overflow"
    waits = noted(buy(case("D8"), strain=replace(STRAIN, window_hours=10.0)))["S21"]
    assert "the window needs" in waits
    assert "overflow" not in waits
    small = noted(buy(case("D8"), peak_utilisation=usd(0.05)))["S21"]
    assert "still fits" in small
    even = noted(buy(case("D8"), peak_utilisation=usd(0.4)))["S21"]
    assert "4.0 times one machine: 5 of them" in even
    assert "S21" not in noted(case("D7"))
    assert "S21" not in noted(case("D1", machine=replace(FITS, peak_utilisation=Unknown("?"))))


@pytest.mark.framework("S21")
def test_that_what_is_said_of_ten_times_the_load_is_what_is_drawn_of_it() -> None:
    work = Load(
        calls_per_day=8000.0,
        history_days=90,
        predictability=Predictability.PREDICTABLE,
        hourly_calls=(0.0,) * 8 + (1000.0,) * 8 + (0.0,) * 8,
        input=900.0,
        cached=0.0,
        output=120.0,
        embedding=False,
    )
    strain = Strain(load=work, service=Service(seconds=usd(7.2), slots=4))
    facts = buy(case("D8"), strain=strain, peak_utilisation=strain.peak())
    grown = strain.growth(most_busy=LIMITS.utilisation_max)
    assert grown is not None
    assert grown.machines == 7
    said = noted(facts)["S21"]
    assert "5.0 times one machine: 7 of them" in said
    assert f"{100 * queueing.erlang_b(4, 20.0):.0f} %" in said
    late = replace(strain, target_seconds=5.0)
    assert "no number of them answers in time" in noted(buy(facts, strain=late))["S21"]


@pytest.mark.framework("S23")
def test_that_late_answers_take_a_machine_out_by_its_slowest_of_twenty() -> None:
    quick = queueing.latency_quantile(0.02, service_s=5.7)
    slow = queueing.latency_quantile(0.12, service_s=5.7)
    assert quick < slow
    late = replace(FITS, late=True, absorbed_share=usd(0.1))
    verdict = decided(case("D12", machine=late))
    assert verdict.option is not Option.LOCAL_THIS_MACHINE
    line = verdict.line(Option.LOCAL_THIS_MACHINE)
    assert line is not None
    assert line.why_not.startswith("H6")


@pytest.mark.framework("S25")
def test_that_what_is_hard_to_predict_is_rented_or_stays_and_is_never_bought() -> None:
    assert decided(case("D14")).option is Option.RENT_GPU
    stays = decided(case("D15"))
    assert stays.option is Option.HOSTED_OPEN
    assert "S25" in rules(stays)


@pytest.mark.framework("S26")
def test_that_break_even_is_quick_against_a_flagship_and_slow_against_hosted_open() -> None:
    inputs = INPUTS["C6"]
    opex = inputs["ops_month"] + inputs["electricity_month"]
    months = {
        name: payback.payback_months(inputs["capex"], cloud_usd_month=bill, opex_usd_month=opex)
        for name, bill in inputs["clouds_month"].items()
    }
    assert months["frontier"] < months["mid"] < months["hosted_open"] == math.inf
    said = noted(case("D7", hosted=usd(120.0), buy=case("D8").buy))["S26"]
    assert "in 0." in said
    assert "never against a hosted open-weight model" in said


@pytest.mark.framework("S27")
def test_that_nothing_is_bought_before_hosted_was_priced_or_ruled_out() -> None:
    assert decided(case("D7")).option is Option.HOSTED_OPEN
    blind = case("D8", hosted=Unknown("no price"), rent=Unknown("none"))
    verdict = decided(blind)
    assert verdict.option is not Option.LOCAL_BUY
    assert "AP7" in warned(verdict)
    assert decided(replace(blind, hosted_allowed=False)).option is Option.LOCAL_BUY


@pytest.mark.framework("S28", "S34")
@pytest.mark.parametrize(
    ("before", "saved", "asked", "worth"),
    [
        (9_999.0, 6_000.0, False, False),
        (10_000.0, 6_000.0, True, True),
        (10_000.0, 5_000.0, True, False),
        (10_000.0, 700.0, True, False),
    ],
)
def test_that_a_routing_layer_is_a_question_above_ten_thousand_and_must_pay_back(
    before: float, saved: float, *, asked: bool, worth: bool
) -> None:
    one = Tenant(
        workload="A", option=Option.RENT_GPU, before=usd(before), after=usd(before - saved)
    )
    routing = together([one], LIMITS, ROUTING).routing
    assert (routing.asked, routing.worth) == (asked, worth)
    if not asked:
        assert "gateway's configuration" in routing.text
    if worth:
        assert routing.payback_months == pytest.approx(5.77, abs=0.005)
    if saved < 800:
        assert routing.payback_months == math.inf
        assert "never" in routing.text


@pytest.mark.framework("S34")
def test_that_a_split_on_a_small_bill_warns_against_a_platform() -> None:
    assert "AP4" in warned(decided(case("D22")))
    assert "AP4" not in warned(decided(case("D22", total_ai_bill_usd_month=10_000.0)))


@pytest.mark.framework("S32")
def test_that_the_steady_part_stays_and_the_share_comes_from_queueing() -> None:
    assert decided(case("D9")).option is Option.HYBRID
    verdict = decided(case("D13"))
    assert (verdict.option, verdict.local_share) == (Option.HYBRID, 0.78)
    rates = (0.01, 0.2, 0.05)
    share = queueing.absorbed_share(rates, service_s=5.0, slots=2)
    lost = sum(rate * queueing.erlang_b(2, rate * 5.0) for rate in rates)
    assert share == pytest.approx(1 - lost / sum(rates))


# Anti-patterns -----------------------------------------------------------------------------------


@pytest.mark.framework("S35")
@pytest.mark.parametrize(("calls", "bought"), [(50.0, False), (51.0, True)])
def test_that_fifty_calls_a_day_buy_no_machine_and_later_is_another_day(
    calls: float, *, bought: bool
) -> None:
    facts = case("D8", calls_per_day=calls, rent=Unknown("none"))
    verdict = decided(facts)
    assert (verdict.option is Option.LOCAL_BUY) is bought
    assert ("AP1" in warned(verdict)) is not bought
    later = noted(facts).get("S35", "")
    assert ("more than 50 calls a day" in later) is not bought


@pytest.mark.framework("S36")
def test_that_commodity_models_do_not_run_themselves() -> None:
    assert "AP2" in warned(decided(case("D8", motive=Motive.COMMODITISE)))
    assert "AP9" in warned(decided(case("D8", local_infrastructure=False)))
    assert middle(_care(local_infrastructure=False)) == 2 * (middle(_care()) or 0.0)


@pytest.mark.framework("S37")
def test_that_owning_inference_is_not_owning_prompts_and_tests() -> None:
    assert "AP3" in warned(decided(case("D18")))
    assert "prompts" in noted(case("D18"))["S37"]
    assert "S37" not in noted(case("D7"))


@pytest.mark.framework("S48")
def test_that_a_startup_neither_buys_nor_rents_and_may_use_what_it_owns() -> None:
    for name in ("D8", "D14"):
        verdict = decided(case(name, organisation=Organisation.STARTUP))
        assert verdict.option in CLOUD
        assert "AP5" in warned(verdict)
    owned = decided(case("D12", organisation=Organisation.STARTUP))
    assert owned.option is Option.LOCAL_THIS_MACHINE


@pytest.mark.framework("S49")
def test_that_a_team_spends_fewer_hours_and_the_thresholds_stay() -> None:
    team = _care(kind=Organisation.ESTABLISHED)
    assert (middle(team) or 0.0) < (middle(_care()) or 0.0)
    without = _care(kind=Organisation.ESTABLISHED, local_infrastructure=False)
    assert (middle(without) or 0.0) > (middle(_care()) or 0.0)
    small = case("D8", organisation=Organisation.ESTABLISHED, hosted=usd(999.0))
    assert "not S7" in rules(decided(small))


def _care(**organisation: Any) -> Any:
    work = Workload(name="A", task=Task.CHAT, organisation=OrganisationFacts(**organisation))
    return ops_hours(work, World(assumptions=ASSUMED))


def _flat(value: float) -> Estimated:
    return Estimated(value, value, value, "test")


ASSUMED = Assumptions(
    residual_share=_flat(0.25),
    months=_flat(36.0),
    ops_hours_per_month=_flat(3.0),
    setup_hours=_flat(12.0),
    owned_ops_share=_flat(0.1),
    no_infrastructure_factor=_flat(2.0),
    idle_watts=_flat(55.0),
    yearly_price_decline=_flat(0.25),
    rent_start_hours=_flat(0.1),
    rent_idle_hours=_flat(0.25),
    rent_billed_hours=_flat(0.0167),
    rent_storage_usd_gb_month=_flat(0.1),
    established_factor=_flat(0.7),
)


# Hardware ----------------------------------------------------------------------------------------


@pytest.mark.framework("S42")
def test_that_a_rented_gpu_is_paid_by_the_hours_it_runs() -> None:
    three_a_day = cost.rent_month(usd_per_hour=2.99, busy_hours=3 * cost.DAYS_PER_MONTH).usd
    assert three_a_day == pytest.approx(
        INPUTS["C8"]["rent_usd_h"] * 3 * cost.DAYS_PER_MONTH, rel=1e-9
    )
    world = World(rentals=(Listed(profile=_machine(), usd=usd(2.99)),))
    assert "hours it runs" in noted(case("D14"), world=world)["S42"]


@pytest.mark.framework("S43")
def test_that_a_purchase_asks_for_a_place_and_names_the_hours_from_which_it_beats_renting() -> None:
    said = noted(case("D8"), world=_renting(2.0), hours=Point(usd(210.0)))["S43"]
    assert "cooling" in said
    assert "from 210 busy hours a month" in said
    never = Point(Unknown("never: it would take 840 busy hours"), never=True)
    assert "however busy" in noted(case("D8"), world=_renting(0.5), hours=never)["S43"]
    # Nothing is reckoned a second time: what is not known behind the options is not said either.
    assert "busy" not in noted(case("D8"), world=_renting(2.0))["S43"]
    assert "S43" not in noted(case("D14"))


def _renting(usd_hour: float) -> World:
    return World(rentals=(Listed(profile=_machine(), usd=usd(usd_hour)),))


@pytest.mark.framework("S51")
def test_that_old_prices_are_told_and_a_verdict_has_a_day_on_which_it_expires() -> None:
    old = case("D12", price_dates=(("m at p", "a list", "2026-09-01"),))
    texts = [one.text for one in decided(old).warnings if one.rule == "S51"]
    assert texts == ["m at p: the price is 83 days old (a list)"]
    assert expires_on(AS, LIMITS) == decided(old).expires_on == "2026-12-23"
