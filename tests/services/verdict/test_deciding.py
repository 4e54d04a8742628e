"""Deciding with the real catalogue, prices and rates; the machine is one of the catalogue."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from landfall.core.benchmark.probe import Call, result_data
from landfall.core.costs.tariff import Tariff
from landfall.core.errors import BadInput
from landfall.core.provenance import Measured, Stated, Unknown, middle
from landfall.core.quality.gate import Outcome, compare
from landfall.core.quality.measured import QualityResult, Standing
from landfall.core.quality.paired_tests import GateResult
from landfall.core.quality.votes import Vote
from landfall.core.settings import Settings
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.workload.privacy import Option
from landfall.services.history.probes_kept import ProbeRecord
from landfall.services.history.records import BenchmarkRecord, LoadRecord, RunRecord
from landfall.services.machine import known_machines
from landfall.services.quality.results import standings_of
from landfall.services.run.measured_here import speeds
from landfall.services.verdict import hardware_offers, workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.known_past import Past
from landfall.services.verdict.owning_assumptions import assumptions
from landfall.services.verdict.workload_files import LoadedWorkload, from_text

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXT = workload_files.template()
NO_GATE = TEXT.replace('gate = "pass" ', "# ").replace('gate_hosted = "pass"', "#")
UNMEASURED = GateResult.UNMEASURED


def decider(machine: str = "RTX 4090", settings: Settings | None = None) -> Decider:
    return Decider.on(machine, settings or Settings(), now=NOW)


async def decided(text: str = TEXT, machine: str = "RTX 4090") -> Decided:
    return await decider(machine).decide(from_text(text, file="w.toml"), with_flips=False)


async def test_that_the_template_is_decided_on_estimates_with_their_origins() -> None:
    one = await decided()
    assert one.verdict.as_of == "2026-11-25"
    assert one.facts.machine is not None
    assert one.facts.machine.fits is True
    assert middle(one.facts.frontier) is not None
    assert middle(one.facts.rent) is not None
    assert one.facts.buy is not None
    assert middle(one.facts.buy.usd_month) is not None
    assert middle(one.facts.hosted) is not None


async def test_that_a_licence_with_conditions_is_for_the_user_to_confirm() -> None:
    big = TEXT.replace('"qwen3:8b"', '"llama3.3:70b"')
    host = (await decided(big)).facts.machine
    assert host is not None
    assert host.model == "llama3.3:70b"
    assert host.licence_ok is None


async def test_that_the_file_may_name_the_machine_and_a_slip_in_it_is_found() -> None:
    named = TEXT.replace('# name = "RTX 4090" ', 'name = "RTX 3090" ')
    assert named != TEXT
    plain = Decider(Settings(), now=NOW)
    one = await plain.decide(from_text(named), with_flips=False)
    assert one.facts.machine is not None
    assert one.facts.machine.machine == "RTX 3090"
    wrong = named.replace("RTX 3090", "RTX 99999")
    with pytest.raises(BadInput) as caught:
        await plain.decide(from_text(wrong, file="w.toml"), with_flips=False)
    assert (caught.value.field, caught.value.line) == ("machine.name", 77)
    with pytest.raises(BadInput):
        decider("no such machine")


async def test_that_an_unknown_machine_to_buy_is_unknown_and_not_an_error() -> None:
    strange = TEXT.replace('"RTX 4090 workstation"', '"Abacus 9"')
    buy = (await decided(strange)).facts.buy
    assert buy is not None
    assert buy.fits is None
    assert "Abacus 9" in dict(buy.notes)["fits"]


async def test_that_a_listed_price_stands_where_none_is_stated() -> None:
    no_price = TEXT.replace("price = 3800.0", "", 1)
    buy = (await decided(no_price)).facts.buy
    assert buy is not None
    listed = middle(buy.price_usd)
    assert listed is not None
    assert 2500 < listed < 6000


async def test_that_two_cards_cost_twice_and_an_unlisted_one_is_unknown() -> None:
    def buy(machine: str) -> str:
        return TEXT.replace("price = 3800.0", "", 1).replace("RTX 4090 workstation", machine)

    one, two = (await decided(buy("RTX 4090"))), (await decided(buy("2x RTX 4090")))
    assert one.facts.buy is not None
    assert two.facts.buy is not None
    single, double = middle(one.facts.buy.price_usd), middle(two.facts.buy.price_usd)
    assert single is not None
    assert double is not None
    assert single < double < 2 * single
    unlisted = (await decided(buy("RTX 2060"))).facts.buy
    assert unlisted is not None
    assert isinstance(unlisted.price_usd, Unknown)


async def test_that_blind_votes_on_the_candidates_decide_their_gates() -> None:
    loaded = from_text(NO_GATE)
    workload = loaded.workload
    today = Target(provider=workload.today.provider, model=workload.today.model)
    local = Target(model=workload.candidates.local[0])
    first = workload.candidates.hosted[0]
    hosted = Target(provider=first.provider, model=first.model)

    def votes(one: Target, best: tuple[int, ...], *, blind: bool = True) -> list[Vote]:
        return [
            Vote(
                blind=blind,
                prompt=number,
                workload=workload.name,
                targets=(one, today),
                best=best,
                side_by_side=one.name,
            )
            for number in range(240)
        ]

    async def judged(*cast: Vote) -> Decided:
        known = Decider.on("RTX 4090", Settings(), now=NOW, votes=cast)
        return await known.decide(loaded, with_flips=False)

    none = (await judged()).facts
    assert (none.gate, none.gate_hosted, none.voted) == (UNMEASURED, UNMEASURED, "")
    one = await judged(*votes(local, (0, 1)), *votes(hosted, (1,)))
    assert (one.facts.gate, one.facts.gate_hosted) == (GateResult.PASS, GateResult.FAIL)
    said = [warning.text for warning in one.verdict.warnings if warning.rule == "S39"]
    assert f"240 blind votes on {local.name}" in " ".join(said)
    assert one.loaded.workload.quality.pairs is None
    shown = (await judged(*votes(local, (0, 1), blind=False))).facts
    assert shown.gate is UNMEASURED
    known = Decider.on("RTX 4090", Settings(), now=NOW, votes=votes(local, (1,)))
    stated = await known.decide(from_text(TEXT), with_flips=False)
    assert stated.facts.voted == ""


async def test_that_this_machine_is_looked_at_where_the_file_needs_it() -> None:
    here = Decider(Settings(), now=NOW, runs=[run("qwen3:8b", 50.0, "2026-11-02T00:00:00+00:00")])
    one = await here.decide(from_text(TEXT), with_flips=False)
    assert one.facts.machine is not None
    assert one.facts.machine.machine == "This machine"
    assert "qwen3:8b" in one.assembler.world.measured
    named = from_text(TEXT.replace('# name = "RTX 4090" ', 'name = "RTX 3090" '))
    assert (await here.decide(named, with_flips=False)).assembler.world.measured == {}


async def test_that_without_candidates_the_catalogue_proposes_one() -> None:
    bare = '[workload]\nname = "A"\ntask = "classification"\n'
    host = (await decided(bare)).facts.machine
    assert host is not None
    assert host.model
    assert host.fits is True
    empty = (await decided(bare)).verdict
    assert empty.option is Option.CLOUD_FRONTIER
    assert empty.provisional


async def test_that_a_proposed_candidate_goes_with_the_machine_it_was_proposed_for() -> None:
    bare = (
        '[workload]\nname = "A"\ntask = "classification"\n[tokens]\ninput = 900\noutput = 120\n'
        "[volume]\ncalls_per_day = 20000\nhistory_days = 90\n"
        '[today]\nprovider = "openai"\nmodel = "gpt-5.5"\n[quality]\ngate = "pass"\n'
        "[machine]\navailable = true\n"
    )
    one = await decider().decide(from_text(bare))
    gone = next(flip for flip in one.verdict.flips if flip.input == "machine.available")
    again = await decided(bare.replace("available = true", "available = false"))
    assert gone.verdict_then is again.verdict.option


@pytest.mark.parametrize(
    ("key", "rule", "found"),
    [
        ("fits", "H3", "fits RTX 4090 whole"),
        ("context_ok", "H4", "exceed the 40,960"),
        ("capability_ok", "H7", "lacks "),
        ("licence_ok", "H8", "Apache"),
    ],
)
async def test_that_what_is_quoted_is_not_given_the_reason_of_what_was_found(
    key: str, rule: str, found: str
) -> None:
    host = (await decided()).facts.machine
    assert host is not None
    assert found in host.note(rule, "")
    quoted = (await decided(TEXT + f"\n[quotes.machine]\n{key} = false\n")).facts.machine
    assert quoted is not None
    assert quoted.note(rule, "") == ""
    assert [name for name, _ in quoted.notes] == [
        name for name, _ in host.notes if name not in (rule, key)
    ]


async def test_that_a_slider_decides_again_in_the_same_world() -> None:
    one = await decider().decide(from_text(TEXT), with_flips=False)
    workload = one.loaded.workload
    assert one.again(workload) == one
    quiet = replace(workload, volume=replace(workload.volume, calls_per_day=10.0))
    assert one.again(quiet).verdict != one.verdict
    assert one.again(quiet, with_flips=True).verdict.flips


async def test_that_samples_are_decided_offline_on_a_small_and_a_large_machine() -> None:
    for machine in ("RTX 3060 12GB", "M3 Ultra 80-core"):
        for verdict in [
            one.verdict for one in await decider(machine).decide_all(workload_files.samples())
        ]:
            assert verdict.options
            assert verdict.reasons


async def test_that_the_thresholds_and_rates_of_the_settings_count() -> None:
    settings = Settings(electricity=Tariff(price_per_kwh=3.0))
    dear = await decider(settings=settings).decide(from_text(TEXT), with_flips=False)
    cheap = await decided()
    assert dear.facts.machine is not None
    assert cheap.facts.machine is not None
    assert (middle(dear.facts.machine.usd_month) or 0) > (
        middle(cheap.facts.machine.usd_month) or 0
    )
    assert dear.assembler.world.usd_per_kwh == Stated(3.0, "electricity")


def run(model: str, decode: float | None, at: str, **rest: object) -> RunRecord:
    record = RunRecord(
        started_at=at,
        place="local",
        host="http://127.0.0.1:11434",
        model=model,
        prompt="",
        state="done",
        decode_tok_s=decode,
    )
    return replace(record, **rest)  # type: ignore[arg-type]


def test_that_the_latest_finished_local_run_of_a_model_is_its_measurement() -> None:
    from landfall.services.models import shipped_catalogue

    runs = [
        run("qwen3:8b", 50.0, "2026-11-02T00:00:00+00:00", prefill_tok_s=900.0),
        run("qwen3:8b", 40.0, "2026-11-01T00:00:00+00:00"),
        run("qwen3:8b", 1.0, "2026-11-03T00:00:00+00:00", state="aborted"),
        run("qwen3:8b", 1.0, "2026-11-03T00:00:00+00:00", place="cloud"),
        run("qwen3:8b", None, "2026-11-03T00:00:00+00:00"),
        run("unheard:of", 9.0, "2026-11-03T00:00:00+00:00"),
    ]
    found = speeds(runs, shipped_catalogue.load().models)
    assert list(found) == ["qwen3:8b"]
    prefill, decode = found["qwen3:8b"]
    assert isinstance(decode, Measured)
    assert (middle(prefill), middle(decode)) == (900.0, 50.0)


def test_that_only_a_wholly_quoted_machine_needs_no_look_at_this_one() -> None:
    text = (
        '[workload]\nname = "A"\ntask = "chat"\n[quotes.machine]\nfits = true\ncontext_ok = true\n'
        "licence_ok = true\ncapability_ok = true\nmarginal_usd_month = 1\n"
    )
    loaded: LoadedWorkload = from_text(text)
    assert not loaded.workload.quotes.machine.says_all_of_owned
    whole = from_text(text + "peak_utilisation = 0.1\n").workload.quotes.machine
    assert whole.says_all_of_owned


def test_that_every_assumption_is_dated_and_known() -> None:
    found = assumptions()
    listed = found.listed_idle_watts
    assert listed
    names = [name for name in found.__dataclass_fields__ if name != "listed_idle_watts"]
    for name, figure in (*((name, getattr(found, name)) for name in names), *listed.items()):
        assert middle(figure) is not None, name
        assert "202" in str(figure), name


async def test_that_a_retired_model_is_never_where_a_workload_is_sent() -> None:
    together = '{ provider = "together", model = "openai/gpt-oss-120b" }'
    assert together in TEXT
    retired = TEXT.replace(together, '{ provider = "deepseek", model = "deepseek-chat" }')
    one = await decided(retired)
    assert isinstance(one.facts.hosted, Unknown)
    assert "retired" in one.facts.hosted.reason
    assert one.verdict.option is not Option.HOSTED_OPEN


async def test_that_several_machines_are_bought_by_name() -> None:
    def buy(machine: str) -> str:
        return TEXT.replace("price = 3800.0", "", 1).replace("RTX 4090 workstation", machine)

    one = (await decided(buy("DGX Spark"))).facts.buy
    assert one is not None
    for name in ("2x DGX Spark", "2 boxes of DGX Spark", "2 machines of DGX Spark"):
        two = (await decided(buy(name))).facts.buy
        assert two is not None
        assert (two.count, two.machine) == (2, f"2 boxes of {one.machine}")
        assert middle(two.price_usd) == pytest.approx(2 * (middle(one.price_usd) or 0))
        assert middle(two.peak_utilisation) == pytest.approx(
            (middle(one.peak_utilisation) or 0) / 2
        )
    cards = (await decided(buy("2x RTX 4090"))).facts.buy
    assert cards is not None
    assert cards.count == 1


async def test_that_the_cheapest_that_holds_it_is_bought_where_none_is_named() -> None:
    lines = [one for one in TEXT.splitlines() if not one.startswith(("machine =", "price = 3800"))]
    one = await decided("\n".join(lines))
    assert one.facts.buy is not None
    assert one.facts.buy.fits is True
    price = middle(one.facts.buy.price_usd)
    assert price is not None
    variants = one.verdict.detail(Option.LOCAL_BUY).variants
    assert variants[0].usd_month == one.facts.buy.usd_month
    assert len(variants) > 1
    big = await decided("\n".join(lines).replace('"qwen3:8b"', '"llama3.3:70b"'))
    assert big.facts.buy is not None
    dear = middle(big.facts.buy.price_usd)
    assert dear is not None
    assert dear > price
    busy = middle(big.facts.buy.peak_utilisation)
    assert busy is not None
    assert busy <= 0.8


async def test_that_listed_hardware_comes_by_its_price() -> None:
    for rows in (hardware_offers.purchases(), hardware_offers.rentals()):
        prices = [middle(row.usd) or 0.0 for row in rows]
        assert prices == sorted(prices)
        assert len(prices) > 5


async def test_that_kept_probes_tell_how_soon_the_cloud_answers() -> None:
    calls = [Call(number=at, ttft_seconds=1.0, tok_s=60.0) for at in range(1, 4)]
    record = ProbeRecord(
        started_at="2026-11-20T00:00:00+00:00",
        state="done",
        provider="openai",
        host="api.openai.com",
        model="gpt-5.5",
        result=result_data(calls),
    )
    known = Decider.on("RTX 4090", Settings(), now=NOW, past=Past(probes=(record,)))
    one = await known.decide(from_text(TEXT), with_flips=False)
    assert middle(one.verdict.detail(Option.CLOUD_FRONTIER).latency_p95_s) == pytest.approx(
        1 + 120 / 60
    )


async def test_that_a_ratio_of_tokens_reaches_both_bills() -> None:
    ratio = TEXT.replace("retry_share = 0.02", "retry_share = 0.02\ntoken_ratio = 1.25")
    plain, dearer = await decided(), await decided(ratio)
    before, after = middle(plain.facts.frontier), middle(dearer.facts.frontier)
    assert before is not None
    assert after == pytest.approx(1.25 * before)
    hosted = '{ provider = "together", model = "openai/gpt-oss-120b" }'
    known = '{ provider = "openrouter", model = "qwen/qwen3-32b" }'
    counted = known.replace(" }", ", token_ratio = 1.1 }")
    one = await decided(TEXT.replace(hosted, known))
    more = await decided(TEXT.replace(hosted, counted))
    cost = middle(one.facts.hosted)
    assert cost is not None
    assert middle(more.facts.hosted) == pytest.approx(1.1 * cost)


async def test_that_measured_energy_of_this_machine_replaces_the_boards_watts() -> None:
    kept = replace(
        run("qwen3:8b", 50.0, "2026-11-02T00:00:00+00:00"),
        prompt_tokens=900,
        output_tokens=100,
        prefill_tok_s=900.0,
        prefill_joules=335.0,
        decode_joules=320.0,
        idle_watts=20.0,
        energy_scope="GPU board",
        energy_grade="good",
    )
    here = Decider(Settings(), now=NOW, runs=[kept])
    one = await here.decide(from_text(TEXT), with_flips=False)
    assert one.assembler.world.energy["qwen3:8b"].scope == "GPU board"
    behind = one.verdict.detail(Option.LOCAL_THIS_MACHINE)
    assert "energy measured (GPU board)" in "; ".join(behind.assumes)


def _measured(model: str, *, lost: int = 0) -> QualityResult:
    alike = [Outcome(place=n, local=1.0, other=1.0) for n in range(400)]
    worse = [Outcome(place=400 + n, local=0.0, other=1.0) for n in range(lost)]
    return QualityResult(
        run=f"run of {model}",
        workload=from_text(TEXT, file="w.toml").workload.name,
        side="local",
        candidate=Target(model=model),
        against=None,
        digest="d1",
        quantization="Q4_K_M",
        template_digest="t1",
        measured_at="2026-11-20T10:00:00+00:00",
        metric="accuracy",
        reading=compare([*alike, *worse], 0.03),
    )


async def _decided_on(
    results: list[QualityResult], standings: dict[str, Standing] | None = None
) -> Decided:
    two = NO_GATE.replace('"qwen3:8b"', '"qwen3:8b", "qwen3:4b"')
    one = Decider(
        Settings(),
        now=NOW,
        machine=known_machines.what_if("RTX 4090"),
        results=results,
        standings=standings,
    )
    return await one.decide(from_text(two, file="w.toml"), with_flips=False)


async def test_that_a_verdict_looks_at_the_candidate_that_was_measured() -> None:
    nothing = (await _decided_on([])).facts
    assert nothing.gate is UNMEASURED
    assert nothing.machine is not None
    assert nothing.machine.model == "qwen3:8b"
    second = (await _decided_on([_measured("qwen3:4b")])).facts
    assert second.gate is GateResult.PASS
    assert second.machine is not None
    assert second.machine.model == "qwen3:4b"
    failed = (await _decided_on([_measured("qwen3:8b", lost=80)])).facts
    assert failed.gate is UNMEASURED
    assert failed.machine is not None
    assert failed.machine.model == "qwen3:4b"


async def test_that_a_result_of_another_file_is_no_evidence_and_the_verdict_says_so() -> None:
    gone = await _decided_on([_measured("qwen3:8b")], {"qwen3:8b": Standing(digest="d2")})
    assert gone.facts.gate is UNMEASURED
    assert any("another file" in one.text for one in gone.verdict.warnings)
    holds = await _decided_on([_measured("qwen3:8b")], {"qwen3:8b": Standing(digest="d1")})
    assert holds.facts.gate is GateResult.PASS


async def test_that_a_model_quantized_anew_under_its_name_is_measured_anew() -> None:
    """A benchmark after the quality run saw another file under the same name."""
    record = BenchmarkRecord(
        started_at="2026-11-22T10:00:00+00:00",
        kind="chat",
        place="local",
        host="http://127.0.0.1:11434",
        model="qwen3:8b",
        digest="d2",
        result={"conditions": {"quantization": "Q8_0"}},
    )
    measured = _measured("qwen3:8b")
    now = standings_of((), benchmarks=[record], results=[measured])
    assert now == {"qwen3:8b": Standing(digest="d2", quantization="Q8_0")}
    same = replace(record, digest="d1", result=None)
    assert standings_of((), benchmarks=[same], results=[measured]) == {
        "qwen3:8b": Standing(digest="d1", quantization="Q4_K_M")
    }
    elsewhere = replace(record, place="network")
    assert standings_of((), benchmarks=[elsewhere], results=[measured]) == {}
    one = Decider(
        Settings(),
        now=NOW,
        machine=known_machines.what_if("RTX 4090"),
        results=[measured],
        past=Past(benchmarks=[replace(record, result=None)]),
    )
    loaded = from_text(NO_GATE, file="w.toml")
    facts = (await one.decide(loaded, with_flips=False)).facts
    assert facts.gate is UNMEASURED
    assert facts.outdated == ("qwen3:8b is another file than on 2026-11-20",)


def test_that_a_load_of_another_file_on_this_machine_counts_too() -> None:
    load = LoadRecord(
        at="2026-11-22T10:00:00+00:00",
        host="http://127.0.0.1:11434",
        model="qwen3:8b",
        digest="d3",
        engine="Ollama 0.24.0",
        ps_bytes=1,
        ps_gpu_bytes=0,
    )
    run = RunRecord(
        started_at="2026-11-21T10:00:00+00:00",
        place="local",
        host="http://127.0.0.1:11434",
        model="qwen3:8b",
        prompt="Why?",
        state="done",
        digest="d2",
    )
    assert standings_of([run], loads=[load])["qwen3:8b"].digest == "d3"
    away = replace(load, host="http://rack:11434")
    assert standings_of([run], loads=[away])["qwen3:8b"].digest == "d2"


async def test_that_workloads_decided_together_come_to_what_each_comes_to_alone() -> None:
    template = from_text(workload_files.template())
    text = template.text
    works = [
        template,
        from_text(text.replace("RTX 4090", "RTX 3090")),
        from_text(text.replace("calls_per_day = 20000", "calls_per_day = 500")),
        *workload_files.samples(),
    ]
    together = await decider().decide_all(works)
    alone = [await decider().decide(one) for one in works]
    assert [one.facts for one in together] == [one.facts for one in alone]
    assert [one.verdict for one in together] == [one.verdict for one in alone]


async def test_that_a_glance_leads_where_the_whole_verdict_leads() -> None:
    for one in workload_files.samples():
        seen, whole = await decider().glance(one), await decider().decide(one)
        assert seen.facts == whole.facts
        assert seen.verdict.option is whole.verdict.option
        assert seen.verdict.worlds is None
        assert seen.verdict.flips == ()


RENT_ALONE = """
[workload]
name = "Answers by a rented board"
task = "code"

[volume]
calls_per_day = 3225
history_days = 90
predictability = "variable"

[tokens]
input = 612
output = 681
context_p99 = 1493

[latency]
p95_seconds = 5

[privacy]
class = "region"
region = "eu"
in_region = ["rent_gpu"]

[candidates]
local = ["gemma3:12b"]

[quality]
gate = "pass"

[machine]
name = "DGX Spark (GB10)"

[buy]
consider = true
machine = "RTX 3090"
price = 1500
"""


async def test_that_what_flips_a_verdict_is_told_where_only_rent_is_inside_and_too_slow() -> None:
    found = await Decider(Settings(), now=NOW).decide(from_text(RENT_ALONE))
    told = {flip.input: flip for flip in found.verdict.flips}
    at = told["latency.p95_seconds"]
    changed = RENT_ALONE.replace("p95_seconds = 5", f"p95_seconds = {at.at}")
    then = await Decider(Settings(), now=NOW).decide(from_text(changed), with_flips=False)
    assert then.verdict.option is at.verdict_then
    assert then.verdict.option is not found.verdict.option
