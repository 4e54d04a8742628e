"""Where the calls of decided workloads go: servers, providers, overflow, and why not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind, Standing
from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import Measured, Published, Stated, Unknown, middle
from landfall.core.routing import deploying
from landfall.core.routing.deploying import share_of
from landfall.core.routing.plan import Deployment, Place, RoutedAlias, RoutingPlan
from landfall.core.routing.subjects import ServingHost
from landfall.core.settings import Settings
from landfall.core.verdict.table_words import Missing
from landfall.core.verdict.world import MeasuredEnergy, Priced
from landfall.core.workload.privacy import REMOTE, Option
from landfall.services.routing import gathering
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.deciding import Decider
from tests.fakes.routes import own

NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)
HERE = "http://127.0.0.1:11434"
MODELS = ("qwen3:8b", "nomic-embed-text:latest", "qwen3:4b")
PRIVATE = 'class = "local_only"'


def toml(
    name: str,
    *,
    privacy: str = "",
    task: str = "classification",
    gate: str = "pass",
    quotes: str = "",
    extra: str = "",
    local: str = '["qwen3:8b"]',
) -> str:
    """A workload with a steady volume."""
    return f"""
schema = 1
[workload]
name = {json.dumps(name, ensure_ascii=False)}
task = "{task}"
[volume]
calls_per_day = 20000
history_days = 90
predictability = "predictable"
[tokens]
input = 900
output = 120
context_p99 = 4096
[privacy]
{privacy}
[today]
provider = "openai"
model = "gpt-5.5"
[candidates]
local = {local}
[quality]
gate = "{gate}"
gate_hosted = "{gate}"
[organisation]
kind = "established"
total_ai_bill = 50000.0
ops_hours_per_month = 3.0
[buy]
consider = false
{extra}
[quotes]
cloud_frontier_usd_month = 6400.0
{quotes}
"""


KEEPS_UP = """
[quotes.machine]
fits = true
context_ok = true
licence_ok = true
capability_ok = true
marginal_usd_month = 20.0
peak_utilisation = 0.4
"""
OVERFLOWS = KEEPS_UP.replace("0.4", "1.6") + "absorbed_share = 0.62\n"


async def decided(*texts: str) -> tuple[Decided, ...]:
    decider = Decider.on("RTX 4090", Settings(), now=NOW)
    return await decider.decide_all([workload_files.from_text(text) for text in texts])


def host(
    name: str = "desk",
    url: str = HERE,
    *,
    kind: HostKind = HostKind.OLLAMA,
    standing: Standing = Standing.THIS_MACHINE,
    present: bool = True,
    answers: bool | None = True,
    models: Sequence[str] = MODELS,
    remote: Sequence[str] = (),
    pins: bool = True,
    token: bool = False,
) -> ServingHost:
    return ServingHost(
        host=Host(name=name, url=url, kind=kind),
        standing=standing,
        words="somewhere",
        present=present,
        answers=answers,
        models=tuple(models),
        remote_models=tuple(remote),
        pins=pins,
        token=token,
    )


async def planned(*texts: str, hosts: Sequence[ServingHost] = ()) -> RoutingPlan:
    return await gathering.planned(
        await decided(*texts), hosts or (host(),), made_at="2026-11-26T10:00:00+00:00"
    )


def only(plan: RoutingPlan) -> RoutedAlias:
    (one,) = plan.aliases
    return one


# The plan --------------------------------------------------------------------------------------


async def test_that_local_work_goes_to_every_host_that_serves_the_model() -> None:
    box = host("box", "http://10.0.0.5:11434", standing=Standing.OUR_NETWORK, present=False)
    bare = host(
        "bare", "http://10.0.0.6:11434", standing=Standing.OUR_NETWORK, present=False, models=()
    )
    dead = host(
        "dead",
        "http://10.0.0.7:11434",
        standing=Standing.OUR_NETWORK,
        present=False,
        answers=False,
        models=(),
    )
    far = host("far", "https://box.example", standing=Standing.THIRD_PARTY, present=False)
    one = only(await planned(toml("Mail", quotes=KEEPS_UP), hosts=(host(), box, bare, dead, far)))
    assert one.option is Option.LOCAL_THIS_MACHINE
    assert [d.host for d in one.deployments] == ["desk", "box"]
    assert [d.target for d in one.deployments] == ["ollama_chat/qwen3:8b"] * 2
    assert not one.private
    assert not one.overflow
    assert middle(one.local_share) == 1.0
    said = " ".join(one.notes)
    assert "bare is left out: it does not serve qwen3:8b itself." in said
    assert "dead is left out: it did not answer." in said
    assert "far is left out: it stands outside your network, at somewhere." in said


@pytest.mark.parametrize(
    ("machine", "goes_to"),
    [
        ('host = "BOX"', ["box"]),
        ('host = "10.0.0.5"', ["box"]),
        ('hosts = ["http://10.0.0.5:11434/", "desk"]', ["desk", "box"]),
    ],
)
async def test_that_work_of_named_hosts_goes_to_no_other(machine: str, goes_to: list[str]) -> None:
    box = host("box", "http://10.0.0.5:11434", standing=Standing.OUR_NETWORK, present=False)
    text = toml("Mail", quotes=KEEPS_UP, extra=f"[machine]\n{machine}")
    one = only(await planned(text, hosts=(host(), box)))
    assert [d.host for d in one.deployments] == goes_to


async def test_that_a_server_is_named_by_its_other_name_too() -> None:
    office = Host(name="office", url="http://192.168.1.2:11434", kind=HostKind.OLLAMA)
    text = toml("Mail", quotes=KEEPS_UP, extra='[machine]\nhost = "office"')
    one = only(await planned(text, hosts=(replace(host(), twins=(office,)),)))
    assert [d.host for d in one.deployments] == ["desk"]


async def test_that_work_of_a_host_that_is_not_at_hand_has_no_route_and_says_so() -> None:
    plan = await planned(toml("Mail", quotes=KEEPS_UP, extra='[machine]\nhost = "rack"'))
    assert not plan.aliases
    assert plan.left_out[0].reason == "it runs on rack, which is none of the servers at hand"


async def test_that_the_present_server_is_named_though_it_does_not_answer() -> None:
    silent = host(answers=False, models=())
    one = only(await planned(toml("Mail", quotes=KEEPS_UP), hosts=(silent,)))
    assert one.deployments[0].api_base == HERE
    assert any("desk did not answer" in note for note in one.notes)
    unasked = host(answers=None, models=())
    assert only(await planned(toml("Mail", quotes=KEEPS_UP), hosts=(unasked,))).deployments
    without = host(models=("other:1b",))
    lacking = await planned(toml("Mail", quotes=KEEPS_UP), hosts=(without,))
    one = only(lacking)
    assert any("does not list qwen3:8b" in note for note in one.notes)
    assert lacking.unconfirmed == (one.alias,)
    held = await planned(toml("Mail", quotes=KEEPS_UP), hosts=(host(models=("qwen3:8b",)),))
    assert held.unconfirmed == ()


async def test_that_an_openai_compatible_host_is_asked_below_v1_with_its_token() -> None:
    lab = host(
        "lab 1", "http://10.0.0.9:8000", kind=HostKind.OPENAI, models=("qwen3:8b",), token=True
    )
    (deployment,) = only(await planned(toml("Mail", quotes=KEEPS_UP), hosts=(lab,))).deployments
    assert deployment.target == "openai/qwen3:8b"
    assert deployment.api_base == "http://10.0.0.9:8000/v1"
    assert deployment.key_variable == "LANDFALL_HOST_LAB_1_TOKEN"
    assert deployment.slots is None


async def test_that_split_work_overflows_to_what_had_to_be_beaten_with_its_share() -> None:
    one = only(await planned(toml("Mail", quotes=OVERFLOWS)))
    assert one.option is Option.HYBRID
    assert middle(one.local_share) == pytest.approx(0.62)
    (rest,) = one.overflow
    assert rest.target == "openai/gpt-5.5"
    assert rest.key_variable == "OPENAI_API_KEY"
    assert rest.budget_usd is not None
    # Twice 38 % of the bill, as a soft cap.
    assert rest.budget_usd == pytest.approx(2 * 0.38 * 6400, abs=1.5)
    assert middle(rest.output_usd_per_token) is not None


async def test_that_a_share_without_a_quote_is_that_of_all_slots_together() -> None:
    extra = toml("Mail").replace("calls_per_day = 20000", "calls_per_day = 60000")
    (one,) = await decided(extra)
    machine = one.facts.machine
    assert machine is not None
    single = middle(share_of(machine, [own("a")]))
    double = middle(share_of(machine, [own("a"), own("a", 2)]))
    assert single is not None
    assert double is not None
    assert double > single
    assert middle(share_of(None, [])) is None


async def test_that_frontier_work_goes_to_the_provider_of_today() -> None:
    one = only(await planned(toml("Think", task="complex_reasoning", gate="fail")))
    assert one.option is Option.CLOUD_FRONTIER
    assert one.deployments[0].target == "openai/gpt-5.5"
    assert middle(one.local_share) == 0.0


async def test_that_a_workload_without_a_way_gets_no_alias_and_a_reason() -> None:
    nowhere = toml("Secret", privacy=PRIVATE, quotes="[quotes.machine]\nfits = false\n")
    unnamed = toml("Unnamed", task="complex_reasoning", gate="fail").replace(
        'provider = "openai"\nmodel = "gpt-5.5"', ""
    )
    unknown = toml("Elsewhere", task="complex_reasoning", gate="fail").replace(
        'provider = "openai"', 'provider = "cohere"'
    )
    plan = await planned(nowhere, unnamed, unknown, toml("!!!", quotes=KEEPS_UP))
    assert plan.aliases == ()
    reasons = {one.workload: one.reason for one in plan.left_out}
    assert "nowhere to send it" in reasons["Secret"]
    assert "today.provider" in reasons["Unnamed"]
    assert "no route to cohere" in reasons["Elsewhere"]
    assert "no letter or digit" in reasons["!!!"]


async def test_that_two_names_of_one_alias_are_refused() -> None:
    with pytest.raises(BadInput, match="would both be called 'mail-1'"):
        await planned(toml("Mail 1", quotes=KEEPS_UP), toml("mail-1", quotes=KEEPS_UP))
    with pytest.raises(BadInput, match="the overflow of 'Mail'"):
        await planned(toml("Mail", quotes=OVERFLOWS), toml("Mail overflow", quotes=KEEPS_UP))


STEPS = """
[[steps]]
name = "embed"
where = "cloud"
host = "api.openai.com"
[[steps]]
name = "rerank"
where = "local"
[[steps]]
name = "ocr"
where = "local"
[[steps]]
name = "judge"
where = "local"
[[steps]]
name = "generate"
where = "verdict"
"""


async def test_that_a_private_pipeline_stays_whole_and_pinned() -> None:
    text = toml("Notes", privacy=PRIVATE, quotes=KEEPS_UP, extra=STEPS)
    plan = await planned(text)
    main, embed = plan.aliases
    assert (main.alias, embed.alias) == ("notes", "notes-embed")
    assert main.sealed
    assert embed.sealed
    assert main.deployments[0].target == "ollama_chat/qwen3:8b:local"
    assert embed.deployments[0].target == "ollama/nomic-embed-text:latest:local"
    assert embed.embedding
    assert any("its rule keeps it here" in note for note in embed.notes)
    assert any("is a proposal" in note for note in embed.notes)
    assert {one.step for one in plan.left_out} == {"rerank", "ocr", "judge"}


async def test_that_public_steps_go_where_the_file_says() -> None:
    local = STEPS.replace('where = "cloud"\nhost = "api.openai.com"', 'where = "local"')
    text = toml("Notes", quotes=KEEPS_UP, extra=local, local='["qwen3:8b", "bge-m3"]')
    plan = await planned(text, hosts=(host(models=(*MODELS, "bge-m3:latest")),))
    embed = next(one for one in plan.aliases if one.step == "embed")
    assert embed.deployments[0].target == "ollama/bge-m3"
    assert not any("proposal" in note for note in embed.notes)
    away = await planned(toml("Notes", quotes=KEEPS_UP, extra=STEPS))
    assert "api.openai.com" in next(o for o in away.left_out if o.step == "embed").reason


async def test_that_a_server_without_the_pin_and_a_cloud_name_are_told_under_a_rule() -> None:
    old = host(pins=False)
    one = only(await planned(toml("Notes", privacy=PRIVATE, quotes=KEEPS_UP), hosts=(old,)))
    assert one.deployments[0].target == "ollama_chat/qwen3:8b"
    assert any("0.18.0" in note for note in one.notes)
    stub = host(remote=("qwen3:8b",))
    plan = await planned(toml("Notes", privacy=PRIVATE, quotes=KEEPS_UP), hosts=(stub,))
    assert plan.aliases == ()
    assert "does not serve qwen3:8b itself" in plan.left_out[0].reason
    away = host(standing=Standing.UNKNOWN)
    plan = await planned(toml("Notes", privacy=PRIVATE, quotes=KEEPS_UP), hosts=(away,))
    assert plan.aliases == ()


async def test_that_an_approved_vendor_is_the_only_way_out() -> None:
    rule = 'class = "phi"\napproved_vendors = ["openai"]'
    one = only(await planned(toml("Patients", privacy=rule, quotes=OVERFLOWS)))
    assert one.private
    assert one.allowed == ("openai",)
    assert not one.sealed
    other = rule.replace("openai", "anthropic")
    plan = await planned(toml("Patients", privacy=other, quotes=OVERFLOWS))
    assert all(d.place == "own" for alias in plan.aliases for d in alias.deployments)
    assert all(not alias.overflow for alias in plan.aliases)


async def test_that_measured_energy_is_the_cost_of_a_token() -> None:
    (one,) = await decided(toml("Mail"))
    energy = MeasuredEnergy(
        prefill_joules=Measured(0.36, "", "NVML"),
        decode_joules=Measured(3.6, "", "NVML"),
        scope="GPU board",
    )
    world = replace(one.assembler.world, energy={"qwen3:8b": energy})
    known = replace(one, assembler=one.assembler.in_world(world))
    plan = await gathering.planned([known], (host(),))
    deployment = plan.aliases[0].deployments[0]
    price = middle(world.usd_per_kwh)
    assert price is not None
    assert middle(deployment.output_usd_per_token) == pytest.approx(3.6 / 3.6e6 * price)


# Options that few workloads come to ------------------------------------------------------------


def forced(one: Decided, option: Option, **changes: Any) -> Decided:
    """As if the table had led elsewhere."""
    return replace(one, verdict=replace(one.verdict, option=option, **changes))


async def routed(*decided_: Decided) -> RoutingPlan:
    return await gathering.planned(list(decided_), (host(),))


HOSTED = 'hosted = [{ provider = "together", model = "Qwen/Qwen3-8B" }]'


async def test_that_a_hosted_model_goes_to_its_provider() -> None:
    text = toml("Mail").replace('local = ["qwen3:8b"]', f'local = ["qwen3:8b"]\n{HOSTED}')
    (one,) = await decided(text)
    plan = await routed(forced(one, Option.HOSTED_OPEN))
    assert only(plan).deployments[0].target == "together_ai/Qwen/Qwen3-8B"
    quoted = text.replace("[quotes]\n", "[quotes]\nhosted_open_usd_month = 10.0\n")
    (two,) = await decided(quoted)
    deployment = only(await routed(forced(two, Option.HOSTED_OPEN))).deployments[0]
    assert deployment.target == "together_ai/Qwen/Qwen3-8B"
    assert deployment.budget_usd == 20.0
    (bare,) = await decided(toml("Mail"))
    left = (await routed(forced(bare, Option.HOSTED_OPEN))).left_out[0]
    assert "no hosted model is named" in left.reason


async def test_that_a_rented_machine_has_its_address_in_the_environment() -> None:
    (one,) = await decided(toml("Mail"))
    deployment = only(await routed(forced(one, Option.RENT_GPU))).deployments[0]
    assert deployment.target == "openai/qwen3:8b"
    assert deployment.api_base_variable == "LANDFALL_RENTED_API_BASE"
    assert deployment.place == "rented"
    nothing = replace(
        one,
        facts=replace(one.facts, rented=None),
        loaded=replace(one.loaded, workload=_no_local(one)),
    )
    left = (await routed(forced(nothing, Option.RENT_GPU))).left_out[0]
    assert "no model to run on a rented GPU" in left.reason


def _no_local(one: Decided) -> Any:
    workload = one.loaded.workload
    return replace(workload, candidates=replace(workload.candidates, local=()))


def _without_machine_model(one: Decided, model: str) -> Decided:
    machine = one.facts.machine
    assert machine is not None
    workload = one.loaded.workload
    named = (model,) if model else ()
    return replace(
        one,
        facts=replace(one.facts, machine=replace(machine, model="")),
        loaded=replace(
            one.loaded,
            workload=replace(workload, candidates=replace(workload.candidates, local=named)),
        ),
    )


async def test_that_a_machine_to_buy_is_told_to_be_missing() -> None:
    (one,) = await decided(toml("Mail"))
    bought = forced(one, Option.LOCAL_BUY)
    said = only(await routed(replace(bought, facts=replace(one.facts, buy=one.facts.machine))))
    assert said.option is Option.LOCAL_BUY
    assert "is not here yet" in " ".join(said.notes)


async def test_that_no_model_and_a_cloud_model_under_a_local_name_are_no_routes() -> None:
    (one,) = await decided(toml("Mail", quotes=KEEPS_UP))
    for model, words in (("", "no local model is named"), ("gpt-oss:20b-cloud", "cloud model")):
        changed = _without_machine_model(one, model)
        for option in (Option.LOCAL_THIS_MACHINE, Option.HYBRID):
            plan = await routed(forced(changed, option))
            assert words in plan.left_out[0].reason


async def test_that_a_split_without_a_stated_bar_takes_the_cheapest_open_option() -> None:
    (one,) = await decided(toml("Mail", quotes=OVERFLOWS))
    plan = await routed(forced(one, Option.HYBRID, bar=None))
    cheapest = min(
        (line for line in one.verdict.options if line.option in REMOTE and line.feasible),
        key=lambda line: middle(line.usd_month) or 0.0,
    )
    assert cheapest.option is Option.RENT_GPU
    assert only(plan).overflow[0].place == "rented"
    closed = tuple(replace(line, feasible=False) for line in one.verdict.options)
    left = (await routed(forced(one, Option.HYBRID, bar=None, options=closed))).left_out[0]
    assert "not what overflows: no option outside is open to it" in left.reason


async def test_that_a_rule_lets_nothing_out_that_it_does_not_name() -> None:
    rule = 'class = "region"\nregion = "eu"\nin_region = ["together"]'
    (one,) = await decided(toml("Mail", privacy=rule, quotes=KEEPS_UP))
    for option, words in (
        (Option.CLOUD_FRONTIER, "openai is outside its privacy rule"),
        (Option.RENT_GPU, "a rented machine is outside its privacy rule"),
    ):
        assert words in (await routed(forced(one, option))).left_out[0].reason
    named = rule.replace("together", "rent_gpu")
    (two,) = await decided(toml("Mail", privacy=named, quotes=KEEPS_UP))
    assert only(await routed(forced(two, Option.RENT_GPU))).allowed == ("rented",)


async def test_that_a_provisional_verdict_says_so_and_a_retired_model_is_no_route() -> None:
    (one,) = await decided(toml("Mail", gate="fail", task="novel"))
    world = one.assembler.world
    assert world.frontier is not None
    gone = replace(world.frontier, row=None, reason="gpt-5.5 is retired at openai")
    changed = replace(one, assembler=one.assembler.in_world(replace(world, frontier=gone)))
    left = (await routed(forced(changed, Option.CLOUD_FRONTIER))).left_out[0]
    assert "retired" in left.reason
    unknown = replace(gone, reason="No price table knows it.")
    changed = replace(one, assembler=one.assembler.in_world(replace(world, frontier=unknown)))
    deployment = only(await routed(forced(changed, Option.CLOUD_FRONTIER))).deployments[0]
    assert middle(deployment.input_usd_per_token) is None
    missing = (Missing(field="volume.history_days", reason="not stated"),)
    verdict = replace(one.verdict, provisional=True, missing=missing)
    open_ = only(await routed(replace(one, verdict=verdict)))
    assert open_.notes[0] == "The verdict is provisional: not stated (volume.history_days)."


async def test_that_work_of_vectors_is_asked_for_vectors_and_its_own_step_is_no_other() -> None:
    embed = '[[steps]]\nname = "embed"\nwhere = "verdict"\n'
    text = toml(
        "Vectors", task="embedding", quotes=KEEPS_UP, extra=embed, local='["nomic-embed-text"]'
    )
    one = only(await planned(text))
    assert one.embedding
    assert one.deployments[0].target == "ollama/nomic-embed-text"


async def test_that_a_step_whose_model_no_host_serves_is_left_out() -> None:
    text = toml("Notes", quotes=KEEPS_UP, extra=STEPS.replace('where = "cloud"', 'where = "local"'))
    text = text.replace('host = "api.openai.com"\n', "")
    away = host(standing=Standing.OUR_NETWORK, present=False, models=("qwen3:8b",))
    plan = await planned(text, hosts=(away,))
    left = next(one for one in plan.left_out if one.step == "embed")
    assert "does not serve nomic-embed-text itself" in left.reason


async def test_that_a_name_which_no_answer_can_carry_gets_no_alias_and_a_reason() -> None:
    made = await planned(toml("日本語メモ", quotes=KEEPS_UP))
    assert made.aliases == ()
    assert "cannot answer under" in made.left_out[0].reason


def test_that_a_server_serves_what_it_lists_and_does_not_forward() -> None:
    one = host(models=("qwen3:8b", "far:cloud"), remote=("far:cloud",))
    assert one.serves("qwen3:8b") is True
    assert one.serves("QWEN3:8b") is True  # Ollama's names know no case
    assert one.serves("qwen3:4b") is False
    assert one.serves("far:cloud") is False
    assert one.forwards("far:cloud")
    assert not one.forwards("qwen3:8b")
    assert host(answers=None).serves("qwen3:8b") is None
    other = host(kind=HostKind.OPENAI, models=("Qwen/Qwen3-8B",))
    assert other.serves("Qwen/Qwen3-8B") is True
    assert other.serves("qwen/qwen3-8b") is False


@pytest.mark.parametrize("standing", Standing)
def test_that_only_what_is_known_to_stand_inside_does(standing: Standing) -> None:
    inside = {Standing.THIS_MACHINE, Standing.OUR_NETWORK}
    assert host(standing=standing).inside == (standing in inside)


def priced(day: date | None, usd_out: float | None = 8.0) -> Priced:
    output = None if usd_out is None else Rate(usd_out)
    rates = Rates(input=Rate(2.0), output=output)
    row = PriceRow(provider="openai", model="m", rates=rates, source="a list", as_of=day)
    return Priced(provider="openai", model="m", row=row)


def test_that_a_token_costs_a_millionth_of_the_listed_price_with_its_source() -> None:
    day = date(2026, 11, 9)
    assert deploying._prices(priced(day)) == (
        Published(2e-6, "a list", "2026-11-09"),
        Published(8e-6, "a list", "2026-11-09"),
    )
    assert deploying._prices(priced(None)) == (Stated(2e-6, "a list"), Stated(8e-6, "a list"))
    assert deploying._prices(priced(day, None))[1] == Unknown("no such price is listed")
    lost = Priced(provider="x", model="m", row=None, reason="nobody lists it")
    assert deploying._prices(lost) == (Unknown("nobody lists it"),) * 2


@pytest.mark.parametrize(
    ("usd", "share", "budget", "says"),
    [
        (10.0, 1.0, 20.0, "twice the upper end of the expected 10.00 USD a month"),
        (10.0, 0.25, 5.0, "twice the upper end of the expected 10.00 USD a month, 25 % of it"),
        (0.2, 1.0, 1.0, "twice the upper end of the expected 0.20 USD a month"),
        (10.2, 1.0, 21.0, "twice the upper end of the expected 10.20 USD a month"),
        (0.0, 1.0, None, ""),
    ],
)
def test_that_a_soft_cap_is_twice_what_is_expected_and_at_least_a_dollar(
    usd: float, share: float, budget: float | None, says: str
) -> None:
    assert deploying._budget(Stated(usd, "t"), share) == (budget, says)
    assert deploying._budget(Unknown("no price"), share) == (None, "")


async def test_that_own_machines_absorb_by_the_slots_that_they_have_together() -> None:
    (one,) = await decided(toml("Mail"))
    machine = one.facts.machine
    assert machine is not None
    assert machine.strain is not None

    def share(slots: int | None) -> Any:
        here = Deployment(id="a", place=Place.OWN, route="ollama", model="m", slots=slots)
        return share_of(machine, [here])

    own_slots = machine.strain.service.slots
    assert share(own_slots) == machine.absorbed_share
    assert share(None) == machine.absorbed_share
    wider = share(own_slots + 3)
    assert (middle(wider) or 0.0) > (middle(machine.absorbed_share) or 0.0)
    assert share_of(None, []) == Unknown("no machine of the user's own is known")
    bare = replace(machine, strain=None)
    assert share_of(bare, []) == machine.absorbed_share


async def test_that_a_slow_target_is_waited_for_longer_and_a_cold_model_two_minutes() -> None:
    for p95, seconds in ((None, 120.0), (10.0, 120.0), (60.0, 240.0)):
        latency = "" if p95 is None else f"[latency]\np95_seconds = {p95}\n"
        plan = await planned(toml("Mail", quotes=KEEPS_UP, extra=latency))
        assert {one.timeout_seconds for one in only(plan).deployments} == {seconds}
