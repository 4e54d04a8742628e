"""Deployments, field by field, on own servers and elsewhere; and the plan around them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from landfall.core.hosts.hosts import Host, HostKind, Standing
from landfall.core.provenance import Estimated, Measured, Stated, Unknown
from landfall.core.routing import deploying, planning
from landfall.core.routing.deploying import Asked, Deployed, elsewhere, own
from landfall.core.routing.plan import (
    NO_COST,
    Deployment,
    LeftOut,
    Place,
    RoutedAlias,
    RoutingPlan,
)
from landfall.core.routing.plan_document import to_json
from landfall.core.routing.subjects import ServingHost, Subject
from landfall.core.settings import Settings
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.table_words import Missing, Reason
from landfall.core.verdict.world import MeasuredEnergy, Priced
from landfall.core.workload.privacy import Lock, Option
from landfall.core.workload.workload import PrivacyClass, Step, StepName, Task, Where
from landfall.services.routing import gathering
from landfall.services.verdict import workload_files
from landfall.services.verdict.deciding import Decider
from tests.fakes.routes import ENGINE

TEXT = """
schema = 1
[workload]
name = "Mail"
task = "classification"
[volume]
calls_per_day = 20000
[today]
provider = "openai"
model = "gpt-5.5"
[candidates]
local = ["qwen3:8b"]
hosted = [{ provider = "together", model = "Qwen/Qwen3-8B" }]
[quality]
gate = "pass"
[quotes]
cloud_frontier_usd_month = 100.0
hosted_open_usd_month = 10.0
[quotes.machine]
fits = true
marginal_usd_month = 20.0
peak_utilisation = 0.4
"""
DESK = Host(name="my desk", url="http://127.0.0.1:11434", kind=HostKind.OLLAMA)
LAB = Host(name="lab", url="http://10.0.0.9:8000", kind=HostKind.OPENAI)


@pytest.fixture(scope="module")
def mail() -> Subject:
    """Work that may go anywhere."""
    decider = Decider.on("RTX 4090", Settings(), now=datetime(2026, 11, 26, 10, tzinfo=UTC))
    loaded = [workload_files.from_text(TEXT)]
    # In a thread: tests run in a loop of their own.
    with ThreadPoolExecutor(1) as pool:
        (one,) = pool.submit(asyncio.run, decider.decide_all(loaded)).result()
    return gathering.subject_of(one)


def serving(host: Host = DESK, **values: object) -> ServingHost:
    told = {
        "standing": Standing.THIS_MACHINE,
        "words": "somewhere",
        "answers": True,
        "models": ("qwen3:8b",),
    }
    return ServingHost(host=host, **{**told, **values})  # type: ignore[arg-type]


def asked(mail: Subject, **values: object) -> Asked:
    return Asked(**{"alias": "mail", "model": "qwen3:8b", "subject": mail, **values})  # type: ignore[arg-type]


# Own servers -------------------------------------------------------------------------------------


def test_that_an_own_server_is_deployed_with_all_its_fields(mail: Subject) -> None:
    found = own(asked(mail), (serving(), serving(LAB)))
    one_slot = "not known of this host: one, as Ollama serves unless OLLAMA_NUM_PARALLEL is set"
    assert found == Deployed(
        deployments=(
            Deployment(
                id="mail-own-1",
                place=Place.OWN,
                route="ollama_chat",
                model="qwen3:8b",
                host="my desk",
                api_base="http://127.0.0.1:11434",
                slots=1,
                slots_says=one_slot,
                timeout_seconds=120.0,
            ),
            Deployment(
                id="mail-own-2",
                place=Place.OWN,
                route="openai",
                model="qwen3:8b",
                host="lab",
                api_base="http://10.0.0.9:8000/v1",
                key_variable="LANDFALL_HOST_LAB_TOKEN",
                slots_says="it batches calls itself: how many at once is not known here",
                timeout_seconds=120.0,
            ),
        )
    )


def test_that_a_token_and_vectors_change_what_a_server_is_asked_by(mail: Subject) -> None:
    (one,) = own(asked(mail, embedding=True), (serving(token=True),)).deployments
    assert (one.route, one.key_variable) == ("ollama", "LANDFALL_HOST_MY_DESK_TOKEN")
    assert deploying.token_variable("Büro 1-a") == "LANDFALL_HOST_B_RO_1_A_TOKEN"


@pytest.mark.parametrize(
    ("host", "locked", "pins", "model", "told"),
    [
        (DESK, True, True, "qwen3:8b:local", False),
        (DESK, True, False, "qwen3:8b", True),
        (DESK, False, True, "qwen3:8b", False),
        (DESK, False, False, "qwen3:8b", False),
        (LAB, True, True, "qwen3:8b", False),
        (LAB, True, False, "qwen3:8b", False),
    ],
)
def test_that_a_server_is_pinned_under_a_lock_where_it_can_be(
    mail: Subject, host: Host, locked: bool, pins: bool, model: str, told: bool
) -> None:
    found = own(asked(mail, locked=locked), (serving(host, pins=pins),))
    assert found.deployments[0].model == model
    assert ("0.18.0" in " ".join(found.notes)) == told


@pytest.mark.parametrize(
    ("values", "taken", "said"),
    [
        ({"standing": Standing.THIRD_PARTY}, False, "outside your network, at somewhere."),
        ({"standing": Standing.UNKNOWN, "words": ""}, False, "at an address that is not known."),
        ({"models": ()}, False, "my desk is left out: it does not serve qwen3:8b itself."),
        ({"models": (), "answers": False}, False, "my desk is left out: it did not answer."),
        ({"models": (), "answers": None}, False, "my desk is left out: it did not answer."),
        ({"models": (), "present": True}, True, "my desk does not list qwen3:8b: see that it"),
        ({"models": (), "present": True, "answers": None}, True, "my desk did not answer: see"),
        (
            {"models": ("qwen3:8b",), "present": True, "remote_models": ("qwen3:8b",)},
            False,
            "my desk is left out: it does not serve qwen3:8b itself.",
        ),
        ({}, True, ""),
    ],
)
def test_that_a_server_is_taken_where_it_is_known_to_hold_the_model(
    mail: Subject, values: dict[str, object], taken: bool, said: str
) -> None:
    found = own(asked(mail), (serving(**values),))
    assert bool(found.deployments) == taken
    assert said in " ".join(found.notes)
    assert bool(found.notes) == bool(said)
    assert found.why_not == ("" if taken else " ".join(found.notes))


def test_that_without_a_server_or_a_model_there_is_no_deployment(mail: Subject) -> None:
    assert own(asked(mail), ()) == Deployed(why_not="no server of models is known")
    nameless = own(asked(mail, model=""), (serving(),))
    assert nameless.why_not == "no local model is named (candidates.local)"
    away = own(asked(mail, model="gpt-oss:120b-cloud"), (serving(),))
    assert away.why_not.startswith("gpt-oss:120b-cloud is a cloud model under a local name")


def test_that_the_slots_are_those_of_the_present_server(mail: Subject) -> None:
    machine = mail.facts.machine
    assert machine is not None
    strain = machine.strain
    assert strain is not None
    wide = replace(machine, strain=replace(strain, service=replace(strain.service, slots=7)))
    for count, slots in ((1, 7), (2, 3), (8, 1), (0, 7)):
        host = replace(wide, count=count)
        found = deploying._slots(serving(present=True), host)
        assert found == (slots, strain.service.says)
    for one, facts in (
        (serving(), wide),
        (serving(present=True), None),
        (serving(present=True), replace(wide, strain=None)),
    ):
        assert deploying._slots(one, facts)[0] == 1
    assert deploying._slots(serving(LAB, present=True), wide)[0] is None


def test_that_electricity_is_told_of_the_present_server_alone(mail: Subject) -> None:
    energy = MeasuredEnergy(
        prefill_joules=Measured(1.8, "", "NVML"),
        decode_joules=Measured(7.2, "", "NVML"),
        scope="board",
    )
    told = replace(mail, energy=energy, usd_per_kwh=Stated(0.5, "typed"))
    (one,) = own(asked(told), (serving(present=True),)).deployments
    # 1.8 J are half a millionth of a kWh, and 7.2 J two millionths.
    assert isinstance(one.input_usd_per_token, Estimated)
    assert isinstance(one.output_usd_per_token, Estimated)
    assert one.input_usd_per_token.mid == pytest.approx(0.25e-6)
    assert one.output_usd_per_token.mid == pytest.approx(1e-6)
    (far,) = own(asked(told), (serving(),)).deployments
    (vectors,) = own(asked(told, embedding=True), (serving(present=True),)).deployments
    (bare,) = own(asked(mail), (serving(present=True),)).deployments
    for other in (far, vectors, bare):
        assert other.input_usd_per_token == other.output_usd_per_token == NO_COST


# Others' machines --------------------------------------------------------------------------------


def test_that_a_provider_is_deployed_with_all_its_fields(mail: Subject) -> None:
    facts = replace(mail.facts, hosted=Stated(10.0, "typed"))
    hosted = Priced(provider=" Custom ", model="openai/q", row=None, reason="")
    told = replace(mail, facts=facts, hosted=hosted)
    found = elsewhere(Option.HOSTED_OPEN, "mail", told, ENGINE, share=0.5)
    unknown = Unknown("no price is known")
    assert found == Deployed(
        deployments=(
            Deployment(
                id="mail-custom",
                place=Place.CLOUD,
                route="openai",
                model="q",
                provider="custom",
                api_base_variable="CUSTOM_BASE_URL",
                key_variable="CUSTOM_API_KEY",
                timeout_seconds=120.0,
                input_usd_per_token=unknown,
                output_usd_per_token=unknown,
                budget_usd=10.0,
                budget_says="twice the upper end of the expected 10.00 USD a month, 50 % of it",
            ),
        )
    )
    lost = elsewhere(
        Option.HOSTED_OPEN, "mail", replace(told, hosted=replace(hosted, provider="x")), ENGINE
    )
    assert lost == Deployed(why_not="LiteLLM has no route to x that is known here")
    for reason, there in (("it is retired", False), ("not to be had", False), ("no list", True)):
        gone = replace(told, hosted=replace(hosted, reason=reason))
        found = elsewhere(Option.HOSTED_OPEN, "mail", gone, ENGINE)
        assert bool(found.deployments) == there
        assert found.why_not == ("" if there else reason)
    nobody = elsewhere(Option.HOSTED_OPEN, "mail", replace(told, hosted=None), ENGINE)
    assert nobody.why_not == "no hosted model is named (candidates.hosted)"


def test_that_today_s_model_is_deployed_though_no_price_is_known(mail: Subject) -> None:
    bare = replace(mail, frontier=None)
    (one,) = elsewhere(Option.CLOUD_FRONTIER, "mail", bare, ENGINE).deployments
    assert (one.id, one.target) == ("mail-openai", "openai/gpt-5.5")
    assert one.input_usd_per_token == Unknown("no price is known")
    for changes in ({"provider": ""}, {"model": ""}):
        today = replace(mail.workload.today, **changes)
        told = replace(mail, workload=replace(mail.workload, today=today))
        found = elsewhere(Option.CLOUD_FRONTIER, "mail", told, ENGINE)
        assert found.why_not.startswith("the workload does not say which model it runs on now")


def test_that_a_rented_machine_is_deployed_with_all_its_fields(mail: Subject) -> None:
    rented = mail.facts.rented
    assert rented is not None
    told = replace(mail, facts=replace(mail.facts, rented=replace(rented, model="phi4")))
    found = elsewhere(Option.RENT_GPU, "mail", told, ENGINE)
    assert found.deployments == (
        Deployment(
            id="mail-rented",
            place=Place.RENTED,
            route="openai",
            model="phi4",
            api_base_variable="LANDFALL_RENTED_API_BASE",
            key_variable="LANDFALL_RENTED_API_KEY",
            timeout_seconds=120.0,
        ),
    )
    assert "LANDFALL_RENTED_API_BASE" in found.notes[0]
    nobody = replace(mail, facts=replace(mail.facts, rented=None))
    assert elsewhere(Option.RENT_GPU, "mail", nobody, ENGINE).deployments[0].model == "qwen3:8b"
    machine = mail.facts.machine
    assert machine is not None
    assert deploying.local_model(mail, replace(machine, model="m")) == "m"
    assert deploying.local_model(mail, replace(machine, model="")) == "qwen3:8b"
    assert deploying.local_model(mail, None) == "qwen3:8b"


# The plan ----------------------------------------------------------------------------------------


def test_that_a_machine_to_buy_runs_the_model_of_its_own(mail: Subject) -> None:
    machine = mail.facts.machine
    assert machine is not None
    facts = replace(mail.facts, buy=replace(machine, model="phi4"))
    told = led_to(replace(mail, facts=facts), Option.LOCAL_BUY, provisional=False)
    host = serving(present=True, models=("phi4", "qwen3:8b"))
    (one,) = planned(told, hosts=(host,)).aliases
    assert one.deployments[0].model == "phi4"
    assert len(one.notes) == 1
    assert "is not here yet" in one.notes[0]
    (here,) = planned(led_to(told, Option.LOCAL_THIS_MACHINE), hosts=(host,)).aliases
    assert (here.deployments[0].model, here.notes) == ("qwen3:8b", ())


def led_to(mail: Subject, option: Option, **changes: object) -> Subject:
    return replace(mail, verdict=replace(mail.verdict, option=option, **changes))


def planned(*subjects: Subject, hosts: Sequence[ServingHost] | None = None) -> RoutingPlan:
    served = (serving(present=True),) if hosts is None else hosts
    return planning.plan(subjects, served, ENGINE, made_at="2026-11-26T10:00:00+00:00")


def test_that_a_split_is_planned_with_all_its_fields(mail: Subject) -> None:
    machine = mail.facts.machine
    assert machine is not None
    machine = replace(machine, strain=None, absorbed_share=Stated(0.75, "typed"))
    facts = replace(
        mail.facts,
        machine=machine,
        calls_per_day=20_000.0,
        frontier=Stated(100.0, "typed"),
    )
    lines = (
        OptionLine(
            option=Option.HYBRID, usd_month=Stated(45.0, "typed"), feasible=True, why_not=""
        ),
    )
    told = led_to(
        replace(mail, facts=facts),
        Option.HYBRID,
        bar=Option.CLOUD_FRONTIER,
        options=lines,
        provisional=True,
        missing=(Missing(field="a.b", reason="not stated"), Missing(field="c", reason="lost")),
    )
    plan = planned(told)
    assert (plan.engine, plan.engine_version) == ("LiteLLM", "1.0")
    assert (plan.made_at, plan.left_out) == ("2026-11-26T10:00:00+00:00", ())
    (one,) = plan.aliases
    (here,) = one.deployments
    (rest,) = one.overflow
    assert one == RoutedAlias(
        alias="mail",
        workload="Mail",
        option=Option.HYBRID,
        deployments=(here,),
        overflow=(rest,),
        local_share=Stated(0.75, "typed"),
        calls_per_day=20_000.0,
        usd_month=Stated(45.0, "typed"),
        notes=("The verdict is provisional: not stated (a.b); lost (c).",),
    )
    assert (here.id, rest.id) == ("mail-own-1", "mail-overflow-openai")
    # Twice a quarter of 100.
    assert (rest.budget_usd, one.overflow_alias) == (50.0, "mail-overflow")
    unknown = replace(told, facts=replace(facts, machine=replace(machine, absorbed_share=NO_COST)))
    ((rest,),) = [alias.overflow for alias in planned(unknown).aliases]
    assert rest.budget_usd == 200.0


def test_that_a_split_takes_the_machine_that_its_rule_speaks_of(mail: Subject) -> None:
    machine = mail.facts.machine
    assert machine is not None
    bought = replace(machine, model="phi4")
    told = led_to(replace(mail, facts=replace(mail.facts, buy=bought)), Option.HYBRID)
    for rule, met, model in (("S6", True, "phi4"), ("S6", False, "qwen3:8b"), ("S7", True, None)):
        reasons = (Reason(rule=rule, text="t", met=met, excludes=False),)
        one = replace(told, verdict=replace(told.verdict, reasons=reasons))
        found = planning._hybrid_machine(one)
        assert found is not None
        assert found.model == (model or "qwen3:8b")


def test_that_the_rest_goes_to_the_bar_or_to_the_cheapest_that_is_open(
    mail: Subject,
) -> None:
    def line(option: Option, usd: float | None, open_: bool = True) -> OptionLine:
        figure = Unknown("no price") if usd is None else Stated(usd, "typed")
        return OptionLine(option=option, usd_month=figure, feasible=open_, why_not="")

    lines = (
        line(Option.CLOUD_FRONTIER, 90.0),
        line(Option.HOSTED_OPEN, 10.0, open_=False),
        line(Option.RENT_GPU, 40.0),
        line(Option.LOCAL_THIS_MACHINE, 1.0),
    )
    told = led_to(mail, Option.HYBRID, options=lines, bar=None)
    assert planning._bar(told) is Option.RENT_GPU
    named = led_to(mail, Option.HYBRID, options=lines, bar=Option.HOSTED_OPEN)
    assert planning._bar(named) is Option.HOSTED_OPEN
    unpriced = (line(Option.HOSTED_OPEN, None), line(Option.RENT_GPU, None))
    assert planning._bar(led_to(mail, Option.HYBRID, options=unpriced, bar=None)) is (
        Option.HOSTED_OPEN
    )
    mixed = (*unpriced, line(Option.CLOUD_FRONTIER, 90.0))
    assert planning._bar(led_to(mail, Option.HYBRID, options=mixed, bar=None)) is (
        Option.CLOUD_FRONTIER
    )
    free = (line(Option.RENT_GPU, 5.0), line(Option.HOSTED_OPEN, 0.0))
    assert planning._bar(led_to(mail, Option.HYBRID, options=free, bar=None)) is Option.HOSTED_OPEN
    assert planning._bar(led_to(mail, Option.HYBRID, options=(), bar=None)) is None


def test_that_work_of_one_place_says_so_in_its_share(mail: Subject) -> None:
    (here,) = planned(led_to(mail, Option.LOCAL_THIS_MACHINE)).aliases
    assert here.local_share == Estimated(1.0, 1.0, 1.0, "it has no other deployment")
    (away,) = planned(led_to(mail, Option.CLOUD_FRONTIER, provisional=False)).aliases
    assert away.notes == ()
    assert away.local_share == Estimated(0, 0, 0, "it has no deployment on own machines")
    assert (away.private, away.allowed, away.lock) == (False, (), "")
    nothing = led_to(mail, Option.CLOUD_FRONTIER, options=(), provisional=True, missing=())
    (bare,) = planned(nothing).aliases
    assert bare.usd_month == NO_COST
    assert bare.notes == ("The verdict is provisional: something is not known.",)


def locked(mail: Subject, *inside: Option, **privacy: object) -> Subject:
    lock = Lock(rules=("H1r",), inside=frozenset(inside), says="a rule")
    kind = PrivacyClass.PHI if "approved_vendors" in privacy else PrivacyClass.REGION
    rule = replace(mail.workload.privacy, privacy_class=kind, **privacy)
    return replace(
        mail,
        facts=replace(mail.facts, lock=lock),
        workload=replace(mail.workload, privacy=rule),
    )


def test_that_under_a_lock_only_what_it_names_is_inside(mail: Subject) -> None:
    rented = led_to(locked(mail, Option.RENT_GPU), Option.RENT_GPU)
    (one,) = planned(rented).aliases
    assert (one.private, one.allowed, one.lock) == (True, ("rented",), "a rule")
    assert not one.sealed
    closed = planned(led_to(locked(mail), Option.RENT_GPU)).left_out
    assert closed == (
        LeftOut(workload="Mail", reason="a rented machine is outside its privacy rule"),
    )
    wrong = planned(led_to(locked(mail, Option.CLOUD_FRONTIER), Option.CLOUD_FRONTIER)).left_out
    assert wrong[0].reason == "openai is outside its privacy rule"
    region = led_to(
        locked(mail, Option.CLOUD_FRONTIER, in_region=("cloud_frontier",)), Option.CLOUD_FRONTIER
    )
    assert planned(region).aliases[0].allowed == ("openai",)
    # Named as inside, but not as an option of the lock.
    other = led_to(
        locked(mail, Option.HOSTED_OPEN, in_region=("cloud_frontier",)), Option.CLOUD_FRONTIER
    )
    assert not planned(other).aliases
    here = led_to(locked(mail), Option.LOCAL_THIS_MACHINE)
    (one,) = planned(here, hosts=(serving(present=True, pins=True),)).aliases
    assert (one.private, one.allowed, one.sealed) == (True, (), True)
    assert one.deployments[0].model == "qwen3:8b:local"


def test_that_a_provider_is_inside_where_the_rule_names_it(mail: Subject) -> None:
    cloud = Deployment(id="x", place=Place.CLOUD, route="r", model="m", provider="openai")
    for inside, privacy, right in (
        ((Option.CLOUD_FRONTIER,), {"approved_vendors": ("openai",)}, True),
        ((), {"approved_vendors": ("openai",)}, False),
        ((Option.CLOUD_FRONTIER,), {"approved_vendors": ("anthropic",)}, False),
        ((Option.HOSTED_OPEN,), {"in_region": ("openai",)}, True),
        ((Option.HOSTED_OPEN,), {"in_region": ("together",)}, False),
    ):
        assert planning._is_inside(cloud, locked(mail, *inside, **privacy)) is right
    rented = replace(cloud, place=Place.RENTED)
    assert planning._is_inside(rented, locked(mail, Option.RENT_GPU))
    assert not planning._is_inside(rented, locked(mail, Option.CLOUD_FRONTIER, Option.HOSTED_OPEN))


# Steps -------------------------------------------------------------------------------------------


def test_that_each_step_that_calls_a_model_is_planned_once(mail: Subject) -> None:
    steps = (
        Step(name=StepName.EMBED, where=Where.LOCAL),
        Step(name=StepName.EMBED, where=Where.LOCAL),
        Step(name=StepName.OCR, where=Where.VERDICT),
        Step(name=StepName.RERANK, where=Where.LOCAL),
        Step(name=StepName.TRANSCRIBE, where=Where.CLOUD),
        Step(name=StepName.JUDGE, where=Where.LOCAL),
        Step(name=StepName.VECTOR_DB, where=Where.LOCAL),
    )
    told = replace(
        led_to(mail, Option.LOCAL_THIS_MACHINE, provisional=False),
        workload=replace(mail.workload, steps=steps),
        embedding_model="nomic-embed-text",
        embedding_named=True,
        vision_model="qwen3-vl:8b",
    )
    host = serving(present=True, models=("qwen3:8b", "nomic-embed-text", "qwen3-vl:8b"))
    plan = planned(told, hosts=(host,))
    assert [one.alias for one in plan.aliases] == ["mail", "mail-embed", "mail-ocr"]
    main, embed, ocr = plan.aliases
    assert embed == replace(
        main,
        alias="mail-embed",
        step="embed",
        embedding=True,
        deployments=embed.deployments,
        usd_month=NO_COST,
        notes=(),
    )
    assert embed.deployments[0].target == "ollama/nomic-embed-text"
    assert ocr.deployments[0].target == "ollama_chat/qwen3-vl:8b"
    assert (ocr.step, ocr.embedding, ocr.option) == ("ocr", False, Option.LOCAL_THIS_MACHINE)
    assert {one.step: one.reason for one in plan.left_out} == {
        "rerank": "Ollama serves no model that can rerank",
        "transcribe": "it goes to the cloud: its model there is not named",
        "judge": "no model is named for it (candidates.local)",
    }
    proposed = planned(replace(told, embedding_named=False, vision_model=""), hosts=(host,))
    assert "nomic-embed-text is a proposal" in proposed.aliases[1].notes[0]
    assert (
        LeftOut(
            workload="Mail",
            step="ocr",
            reason="no local model that reads pictures is named (candidates.local)",
        )
        in proposed.left_out
    )
    nothing = planned(replace(told, embedding_model=""), hosts=(host,))
    assert [one.step for one in nothing.aliases] == ["", "ocr"]
    assert "no model is named for it" in nothing.left_out[0].reason


def test_that_a_step_follows_the_verdict_where_the_file_says_so(mail: Subject) -> None:
    def of(where: Where, option: Option, *, private: bool = False) -> RoutingPlan:
        steps = (Step(name=StepName.EMBED, where=where),)
        told = locked(mail, Option.CLOUD_FRONTIER, in_region=("cloud_frontier",))
        told = led_to(told if private else mail, option, provisional=False)
        told = replace(
            told,
            workload=replace(told.workload, steps=steps),
            embedding_model="qwen3:8b",
            embedding_named=True,
        )
        return planned(told, hosts=(serving(present=True, pins=True),))

    assert len(of(Where.VERDICT, Option.LOCAL_THIS_MACHINE).aliases) == 2
    followed = of(Where.VERDICT, Option.CLOUD_FRONTIER)
    assert followed.left_out[0].reason == "it goes to the cloud: its model there is not named"
    assert len(of(Where.LOCAL, Option.CLOUD_FRONTIER).aliases) == 2
    assert len(of(Where.CLOUD, Option.LOCAL_THIS_MACHINE).aliases) == 1
    kept = of(Where.CLOUD, Option.CLOUD_FRONTIER, private=True).aliases[1]
    assert (kept.allowed, kept.private, kept.sealed) == ((), True, True)
    assert kept.deployments[0].target == "ollama/qwen3:8b:local"
    said = "The workload's file sends this step to the cloud; its rule keeps it here."
    assert kept.notes == (said,)
    local = of(Where.LOCAL, Option.CLOUD_FRONTIER, private=True).aliases[1]
    assert said not in local.notes


def test_that_work_of_vectors_needs_no_step_for_them(mail: Subject) -> None:
    steps = (Step(name=StepName.EMBED, where=Where.LOCAL),)
    workload = replace(mail.workload, task=Task.EMBEDDING, steps=steps)
    told = replace(led_to(mail, Option.LOCAL_THIS_MACHINE), workload=workload)
    (one,) = planned(told).aliases
    assert (one.embedding, one.deployments[0].route) == (True, "ollama")


# The document ------------------------------------------------------------------------------------


def test_that_the_document_holds_every_field_of_a_plan() -> None:
    deployment = Deployment(
        id="a-own-1",
        place=Place.OWN,
        route="ollama_chat",
        model="m",
        provider="p",
        host="desk",
        api_base="http://x",
        api_base_variable="BASE",
        key_variable="KEY",
        slots=2,
        slots_says="told",
        timeout_seconds=240.0,
        input_usd_per_token=NO_COST,
        output_usd_per_token=NO_COST,
        budget_usd=4.0,
        budget_says="twice",
    )
    told = {
        "id": "a-own-1",
        "place": "own",
        "provider": "p",
        "model": "ollama_chat/m",
        "host": "desk",
        "api_base": "http://x",
        "api_base_variable": "BASE",
        "key_variable": "KEY",
        "slots": 2,
        "slots_says": "told",
        "timeout_seconds": 240.0,
        "input_usd_per_token": None,
        "output_usd_per_token": None,
        "budget_usd": 4.0,
        "budget_says": "twice",
    }
    alias = RoutedAlias(
        alias="a",
        workload="A",
        option=Option.HYBRID,
        step="embed",
        private=True,
        allowed=("p",),
        lock="a rule",
        embedding=True,
        deployments=(deployment,),
        overflow=(deployment,),
        calls_per_day=7.0,
        notes=("n",),
    )
    plan = RoutingPlan(
        made_at="2026-11-26",
        aliases=(alias,),
        left_out=(LeftOut(workload="B", reason="r", step="s"),),
        engine_version="1.0",
        notes=("whole",),
    )
    assert to_json(plan) == {
        "form": 1,
        "engine": "LiteLLM",
        "engine_version": "1.0",
        "made_at": "2026-11-26",
        "aliases": [
            {
                "alias": "a",
                "workload": "A",
                "step": "embed",
                "verdict": "HYBRID",
                "private": True,
                "sealed": False,
                "allowed": ["p"],
                "lock": "a rule",
                "embedding": True,
                "local_share": None,
                "local_share_reason": "unknown: it is no split between here and elsewhere",
                "calls_per_day": 7.0,
                "usd_month": None,
                "deployments": [told],
                "overflow_alias": "a-overflow",
                "overflow": [told],
                "notes": ["n"],
            }
        ],
        "left_out": [{"workload": "B", "step": "s", "reason": "r"}],
        "notes": ["whole"],
    }
    assert alias.slots == 2
    assert replace(alias, deployments=(replace(deployment, slots=None),)).slots == 0
    assert replace(alias, deployments=(replace(deployment, place=Place.RENTED),)).slots == 0
    bare = to_json(replace(plan, aliases=(replace(alias, overflow=(), allowed=()),)))["aliases"][0]
    assert (bare["overflow_alias"], bare["sealed"], bare["overflow"]) == ("", True, [])
