"""The items of the decision guide that rest on the program's tables: samples, catalogues, dates."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from landfall.core.fit.fit import FitRequest
from landfall.core.fit.recommend import price
from landfall.core.machine.hardware import HardwareProfile, memory_budget
from landfall.core.provenance import band, middle
from landfall.core.settings import Settings, Thresholds
from landfall.core.verdict.notes import notes_of
from landfall.core.verdict.starting import starter
from landfall.core.verdict.verdict import decide
from landfall.core.verdict.world import World
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Volume
from landfall.services import resources
from landfall.services.models import shipped_catalogue
from landfall.services.verdict import guide, rates, standing_verdicts, workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.owning_assumptions import assumptions
from landfall.services.verdict.workload_files import LoadedWorkload, from_text
from tests.core.worked.decisions import facts_of
from tests.framework_table import collected, faults

DATA = Path(__file__).parents[2] / "data"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LIMITS = Thresholds()
MODELS = shipped_catalogue.load().models


def machine(name: str) -> HardwareProfile:
    return shipped_catalogue.load().what_if(name)


def need_bytes(tag: str, name: str, context: int = 8192) -> int:
    """Weights, cache and all."""
    card = next(one for one in MODELS if one.tag == tag)
    profile = machine(name)
    request = FitRequest(context=context)
    return price(card, profile, memory_budget(profile), request).fit.need.total_bytes


def fits(tag: str, name: str, context: int = 8192) -> bool:
    """Whole in the memory that models may take there."""
    return need_bytes(tag, name, context) <= memory_budget(machine(name)).total_bytes


async def decided(
    loaded: LoadedWorkload, *, detected: str = "RTX 4090", settings: Settings | None = None
) -> Decided:
    decider = Decider(settings or Settings(), now=NOW, detected=machine(detected))
    return await decider.decide(loaded, with_flips=False)


# S33: the sample ---------------------------------------------------------------------------------


@pytest.mark.framework("S33")
@pytest.mark.parametrize("owned", ["RTX 4090", "M3 Ultra", "none"])
async def test_that_the_sample_portfolio_comes_to_83_per_cent_through_the_engine(
    owned: str,
) -> None:
    loaded = workload_files.sample_portfolio()
    assert all(one.workload.name.startswith("Sample portfolio: ") for one in loaded)
    assert all(one.sample for one in workload_files.saved_samples(loaded))
    decider = Decider(Settings(), now=NOW)
    if owned != "none":
        decider = Decider.on(_called(owned), Settings(), now=NOW)
    found = await decider.decide_all(loaded)
    sums = standing_verdicts.all_together(found, LIMITS)
    assert middle(sums.bill_before) == 47_000.0
    assert middle(sums.bill_after) == 8_000.0
    assert sums.saving_share == pytest.approx(0.83, abs=0.01)
    assert dict(sums.split) == {Option.RENT_GPU: 3, Option.CLOUD_FRONTIER: 1}
    assert sums.routing.worth


def _called(short: str) -> str:
    return next(one.name for one in shipped_catalogue.load().machines if one.name.startswith(short))


# Starters, Macs, embedders -----------------------------------------------------------------------


@pytest.mark.framework("S38")
def test_that_the_guides_starter_is_checked_and_one_that_fits_is_proposed() -> None:
    assert not fits("llama4:scout", "RTX 4090")
    said = starter(World(machine=machine("RTX 4090"), cards=MODELS))
    proposed = said.partition(" fits")[0]
    assert proposed.startswith("qwen3:")
    assert fits(proposed, "RTX 4090")
    assert "Llama 4 Scout (67 GB), does not" in said
    assert "neither" in guide.items()["S38"].now
    assert starter(World(cards=MODELS)) == ""


@pytest.mark.framework("S44")
def test_that_it_hangs_on_the_context_whether_a_70b_fits_a_64_gb_mac() -> None:
    names = [one.name for one in shipped_catalogue.load().machines]
    assert fits("llama3.3:70b", "M4 Max 64GB", 8192)
    assert need_bytes("llama3.3:70b", "M4 Max 64GB", 32_768) > 0.75 * 64 * 2**30
    assert not fits("llama3.3:70b", "M4 Max 64GB", 65_536)
    assert "32k" in guide.items()["S44"].now
    assert any(name.startswith("M3 Ultra") for name in names)


@pytest.mark.framework("S45")
async def test_that_a_busy_mac_is_to_be_measured_with_several_at_once() -> None:
    text = workload_files.template()
    mac = next(
        one.name for one in shipped_catalogue.load().machines if one.name.startswith("M4 Max")
    )
    for peak, asks in ((0.7, True), (0.2, False)):
        loaded = from_text(f"{text}\n[quotes.machine]\npeak_utilisation = {peak}\n")
        one = await decided(loaded, detected=mac)
        noted = {note.rule: note.text for note in standing_verdicts.notes(one)}
        assert ("S45" in noted) is asks
        assert not asks or "--concurrency 1,2,4,8" in noted["S45"]
    nvidia = await decided(from_text(f"{text}\n[quotes.machine]\npeak_utilisation = 0.7\n"))
    assert "S45" not in [note.rule for note in standing_verdicts.notes(nvidia)]


@pytest.mark.framework("S47")
async def test_that_local_embedders_are_proposed_where_the_text_leaves_for_embedding() -> None:
    text = workload_files.template().replace(
        'where = "local"                  #', 'where = "cloud" #'
    )
    one = await decided(from_text(text))
    said = {note.rule: note.text for note in standing_verdicts.notes(one)}
    for name in ("nomic-embed-text", "bge-large"):
        assert name in said["S46"]
    assert "lead the public boards" in said["S46"]
    work = workload_files.sample_portfolio()[2].workload
    bare = replace(work, candidates=replace(work.candidates, local=()))
    facts = (await decided(workload_files.sample_portfolio()[2])).facts
    world = World(machine=machine("RTX 4090"), cards=MODELS)
    verdict = one.verdict
    assert "S47" in [n.rule for n in notes_of(bare, facts, verdict, world, LIMITS)]


# Catalogues --------------------------------------------------------------------------------------


@pytest.mark.framework("S50")
def test_that_all_systems_that_the_guide_names_are_known() -> None:
    providers = {row["id"] for row in resources.read_json("providers.json")["providers"]}
    assert {"openai", "anthropic", "google", "together", "groq", "fireworks"} <= providers
    sellers = {row.provider for row in rates.load().rentals}
    assert {"RunPod", "Lambda", "Vast.ai", "Hyperstack"} <= sellers
    tags = " ".join(card.tag for card in MODELS)
    assert all(name in tags for name in ("llama", "qwen", "mistral", "deepseek"))
    custom = next(
        row for row in resources.read_json("providers.json")["providers"] if row["id"] == "custom"
    )
    assert "LM Studio" in json.dumps(custom)
    assert "Ollama" in json.dumps(custom)


@pytest.mark.framework("S42")
def test_that_an_h100_is_listed_by_the_hour_with_its_date() -> None:
    listed = [
        row.usd_per_gpu_hour
        for row in rates.load().rentals
        if row.hardware == "H100 SXM" and row.terms == "on_demand"
    ]
    assert sum(2.0 <= usd <= 4.0 for usd in listed) >= len(listed) / 2
    cheapest = middle(rates.rent_usd_per_hour("H100 SXM"))
    assert cheapest is not None
    assert 1.0 < cheapest < 5.0
    assert all(row.as_of and row.source for row in rates.load().rentals)


@pytest.mark.framework("S19")
def test_that_workstations_and_servers_have_listed_prices() -> None:
    prices = [(row.usd_low + row.usd_high) / 2 for row in rates.load().purchases]
    assert any(1_500 <= usd <= 10_000 for usd in prices)
    assert any(usd >= 15_000 for usd in prices)


@pytest.mark.framework("S20")
def test_that_hours_of_care_are_assumed_and_never_nothing() -> None:
    low = band(assumptions().ops_hours_per_month)
    assert low is not None
    assert low[0] > 0


# S51: dates --------------------------------------------------------------------------------------


@pytest.mark.framework("S51")
def test_that_every_threshold_is_a_setting_with_its_source_and_its_date() -> None:
    known = guide.thresholds()
    assert set(known) == {one.name for one in fields(Thresholds)}
    for name, row in known.items():
        assert getattr(LIMITS, name) == row.value
        assert row.source
        assert row.reason
        assert row.date >= "2026-05"
    for row in resources.read_json("thresholds.json")["assumptions"]:
        assert row["source"]
        assert row["as_of"] >= "2026-05"
        assert row["low"] <= row["mid"] <= row["high"]


@pytest.mark.framework("S51")
async def test_that_a_kept_verdict_says_which_price_under_it_changed() -> None:
    loaded = from_text(workload_files.template())
    before = await decided(loaded)
    kept = standing_verdicts.to_keep("E-mail triage", before, None, checked=False)
    assert standing_verdicts.stale_of(before, kept) == ()
    dearer = replace(
        Settings(),
        prices={"openai/gpt-5.5": {"input": 9.0, "output": 30.0}},
    )
    after = await decided(loaded, settings=dearer)
    (said,) = [one.text for one in standing_verdicts.stale_of(after, kept) if "price" in one.text]
    assert said.startswith("re-check: the price of gpt-5.5 at openai changed from input $")
    assert said.endswith("to input $9, output $30")


async def test_that_a_workload_that_is_stated_anew_makes_a_new_verdict_and_no_stale_one() -> None:
    loaded = from_text(workload_files.template())
    kept = standing_verdicts.to_keep("A", await decided(loaded), None, checked=False)
    other = replace(
        loaded,
        workload=replace(loaded.workload, volume=Volume(calls_per_day=5.0)),
    )
    anew = await decided(other)
    assert standing_verdicts.stale_of(anew, kept) == ()
    assert standing_verdicts.to_keep("A", anew, kept, checked=False).renew
    same = await decided(loaded)
    assert not standing_verdicts.to_keep("A", same, kept, checked=False).renew
    assert standing_verdicts.to_keep("A", same, kept, checked=True).renew


# The guide itself --------------------------------------------------------------------------------


def test_that_every_item_of_the_guide_has_a_test_that_names_it() -> None:
    found = collected()
    assert faults(found) == ()
    assert len(guide.items()) == 51


def test_that_every_rule_that_can_be_named_has_words_and_what_turns_it() -> None:
    cases = json.loads((DATA / "verdict_cases.json").read_text(encoding="utf-8"))["cases"]
    named: set[str] = set()
    for case in cases:
        if case["id"].startswith("D"):
            verdict = decide("A", facts_of(case["inputs"]), limits=LIMITS, as_of="2026-11-23")
            named |= {one.rule for one in (*verdict.reasons, *verdict.warnings) if one.rule}
    known = guide.rules()
    assert len(named) > 15
    assert named <= set(known)
    assert all(rule.says and rule.turns for rule in known.values())
