"""Evidence: quotes stand above estimates, estimates say how, and what is not known is not 0."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from landfall.core.costs import cost
from landfall.core.demand import queueing
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.load import Load
from landfall.core.figures import combined
from landfall.core.fit.fit import FitRequest, fit
from landfall.core.machine.hardware import GIB, HardwareProfile, Vendor, memory_budget
from landfall.core.machine.machines import Machine as CatalogueMachine
from landfall.core.machine.machines import what_if
from landfall.core.models.architecture import Architecture, CacheLayers
from landfall.core.models.catalogue import ModelCard
from landfall.core.models.weights import spec
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import (
    Estimated,
    Measured,
    Stated,
    Unknown,
    band,
    middle,
)
from landfall.core.usage.series import SeriesSummary
from landfall.core.verdict.ability import (
    ability,
    context_of,
    lacking,
    licence_allows,
    service_seconds,
    watts_above_idle,
    with_rates,
)
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.renting import rented_day
from landfall.core.verdict.world import Assumptions, Listed, Priced, World
from landfall.core.workload.workload import (
    Candidates,
    HostedCandidate,
    HostQuotes,
    Machine,
    Need,
    OrganisationFacts,
    Privacy,
    PrivacyClass,
    Purchase,
    Quotes,
    Task,
    Today,
    Tokens,
    Volume,
    Workload,
)
from landfall.services.models import shipped_catalogue

CARD_ROW = CatalogueMachine(
    name="RTX 4090",
    vendor=Vendor.NVIDIA,
    device_class="nvidia-desktop",
    architecture="Ada Lovelace",
    memory_bytes=24 << 30,
    memory_options=(24 << 30,),
    unified=False,
    bandwidth_bytes_per_s=1008e9,
    fp16_flops=82.6e12,
    fp32_flops=82.6e12,
    tdp_watts=450.0,
    launch_price_usd=1599.0,
    year=2022,
    source="a table",
    price_source="a list",
    date="2026-11-23",
)
RTX_4090 = what_if("RTX 4090", [CARD_ROW], shipped_catalogue.load().speed)


def card(
    tag: str = "small:8b",
    *,
    licence: str = "Apache-2.0",
    capabilities: frozenset[str] = frozenset({"tools"}),
    trained: int | None = 40_960,
    size_bytes: int = 5_200_000_000,
) -> ModelCard:
    return ModelCard(
        tag=tag,
        aliases=(),
        architecture=Architecture(
            name="qwen3",
            layers=36,
            caches=(CacheLayers(layers=36, key_width=1024, value_width=1024),),
            vocabulary=151_936,
            hidden=4096,
            heads=32,
            query_width=4096,
            feed_forward=12_288,
            context_trained=trained,
            embedder="embedding" in capabilities,
        ),
        architecture_source="a test",
        tied_embeddings=False,
        params_total=8_190_000_000,
        params_active=8_190_000_000,
        quantization="Q4_K_M",
        size_bytes=size_bytes,
        size_spread=0.01,
        size_source="a test",
        capabilities=capabilities,
        licence=licence,
        evidence=(),
        notes="",
        date="2026-11-23",
    )


def row(usd_in: float, usd_out: float | None, provider: str = "openai") -> PriceRow:
    return PriceRow(
        provider=provider,
        model="m",
        rates=Rates(input=Rate(usd_in), output=None if usd_out is None else Rate(usd_out)),
        source="a list",
        as_of=date(2026, 11, 9),
    )


def sure(value: float) -> Stated:
    return Stated(value, "test")


ASSUMPTIONS = Assumptions(
    residual_share=sure(0.25),
    months=sure(36.0),
    ops_hours_per_month=sure(3.0),
    setup_hours=sure(12.0),
    owned_ops_share=sure(0.1),
    no_infrastructure_factor=sure(2.0),
    idle_watts=sure(55.0),
    yearly_price_decline=sure(0.25),
    rent_start_hours=sure(0.1),
    rent_idle_hours=sure(0.25),
    rent_billed_hours=sure(0.0),
    rent_storage_usd_gb_month=sure(0.1),
)
WORLD = World(
    machine=RTX_4090,
    purchase=RTX_4090,
    purchase_usd=sure(3000.0),
    rentals=(Listed(profile=RTX_4090, usd=sure(0.5)),),
    cards=(card(), card("embed", capabilities=frozenset({"embedding"}))),
    frontier=Priced(provider="openai", model="m", row=row(5.0, 30.0)),
    hosted=(
        Priced(provider="dear", model="h", row=row(1.0, 2.0, "dear")),
        Priced(provider="cheap", model="h", row=row(0.1, 0.2, "cheap")),
        Priced(provider="nobody", model="h", row=None, reason="no table knows it"),
    ),
    usd_per_kwh=sure(0.2),
    hourly_rate_usd=80.0,
    assumptions=ASSUMPTIONS,
)
WORK = Workload(
    name="A",
    task=Task.CLASSIFICATION,
    volume=Volume(calls_per_day=8000.0, history_days=90, predictability=Predictability.VARIABLE),
    tokens=Tokens(input=1000.0, cached_input=0.0, output=100.0),
    today=Today(provider="openai", model="m"),
    candidates=Candidates(
        local=("small:8b",),
        hosted=tuple(HostedCandidate(provider=one, model="h") for one in ("dear", "cheap")),
    ),
    buy=Purchase(consider=True, machine="RTX 4090"),
)


def facts(workload: Workload = WORK, world: World = WORLD) -> Facts:
    return Assembler(world).facts(workload)


def owned(workload: Workload = WORK, world: World = WORLD) -> HostFacts:
    machine = facts(workload, world).machine
    assert machine is not None
    return machine


def bought(workload: Workload = WORK, world: World = WORLD) -> HostFacts:
    buy = facts(workload, world).buy
    assert buy is not None
    return buy


def seconds() -> float:
    able = ability(WORK, ("small:8b",), RTX_4090, WORLD.cards)
    found = middle(service_seconds(able, 1000.0, 100.0))
    assert found is not None
    return found


# Remote bills ------------------------------------------------------------------------------------


def test_that_the_frontier_bill_is_calls_times_price() -> None:
    calls = 8000 * cost.DAYS_PER_MONTH
    assert middle(facts().frontier) == pytest.approx(calls * (1000 * 5 + 100 * 30) / 1e6)
    assert "2026-11-09" in str(facts().frontier)


def test_that_the_cheapest_hosted_candidate_inside_the_lock_is_taken() -> None:
    assert "cheap" in str(facts().hosted)
    region = Privacy(privacy_class=PrivacyClass.REGION, in_region=("dear",))
    assert "dear" in str(facts(replace(WORK, privacy=region)).hosted)
    nowhere = Privacy(privacy_class=PrivacyClass.REGION, in_region=("x",))
    assert facts(replace(WORK, privacy=nowhere)).hosted == Unknown("outside the privacy rule")


def test_that_an_unpriced_candidate_is_unknown_with_its_reason() -> None:
    world = replace(WORLD, hosted=WORLD.hosted[2:])
    assert facts(world=world).hosted == Unknown("no table knows it")
    gap = Priced(provider="openai", model="m", row=row(5.0, None))
    assert isinstance(facts(world=replace(WORLD, frontier=gap)).frontier, Unknown)


def test_that_price_dates_are_of_the_rows_that_were_used() -> None:
    assert [what for what, _, _ in facts().price_dates] == ["m at openai", "m at cheap"]


@pytest.mark.parametrize(
    ("tokens", "missing"),
    [
        (Tokens(output=100.0), "tokens.input"),
        (Tokens(input=100.0), "tokens.output"),
    ],
)
def test_that_missing_tokens_make_every_bill_unknown_and_name_the_key(
    tokens: Tokens, missing: str
) -> None:
    found = facts(replace(WORK, tokens=tokens))
    machine = found.machine
    assert machine is not None
    for figure in (found.frontier, found.hosted, found.rent, machine.usd_month):
        assert isinstance(figure, Unknown)
        assert missing in figure.reason


def test_that_a_missing_volume_makes_every_bill_unknown() -> None:
    found = facts(replace(WORK, volume=Volume()))
    machine = found.machine
    assert machine is not None
    for figure in (found.frontier, machine.usd_month, machine.peak_utilisation):
        assert figure == Unknown("volume.calls_per_day is not stated")
    assert isinstance(machine.absorbed_share, Unknown)


def test_that_an_embedding_needs_no_output() -> None:
    work = replace(
        WORK,
        task=Task.EMBEDDING,
        tokens=Tokens(input=500.0),
        candidates=replace(WORK.candidates, local=("embed",)),
    )
    assert middle(facts(work).frontier) is not None
    assert middle(owned(work).peak_utilisation) is not None
    assert owned(work).capability_ok is True


# Own machines ------------------------------------------------------------------------------------


def test_that_an_owned_machine_costs_electricity_and_a_little_care() -> None:
    watts = 450 * 0.8
    calls = 8000 * cost.DAYS_PER_MONTH
    expected = calls * watts * seconds() / 3.6e6 * 0.2 + 3.0 * 0.1 * 80
    assert middle(owned().usd_month) == pytest.approx(expected)
    ends = band(owned().usd_month)
    assert ends is not None
    assert ends[0] < ends[1] < ends[2]


def test_that_a_purchase_adds_depreciation_and_set_up_to_what_it_runs_on() -> None:
    host = bought()
    tco, opex = middle(host.usd_month), middle(host.opex_usd_month)
    assert tco is not None
    assert opex is not None
    assert tco - opex == pytest.approx(3000 * 0.75 / 36 + 12 * 80 / 36)
    assert middle(host.price_usd) == 3000
    stated = replace(
        WORK,
        buy=replace(WORK.buy, price_usd=3600.0, months=24, residual_share=0.5, setup_hours=0.0),
    )
    host = bought(stated)
    tco, opex = middle(host.usd_month), middle(host.opex_usd_month)
    assert tco is not None
    assert opex is not None
    assert tco - opex == pytest.approx(3600 * 0.5 / 24)


def test_that_a_stated_tco_tells_the_opex_too() -> None:
    quotes = Quotes(buy=HostQuotes(tco_usd_month=400.0, price_usd=3600.0))
    work = replace(WORK, quotes=quotes, buy=replace(WORK.buy, months=36, residual_share=0.0))
    assert middle(bought(work).opex_usd_month) == pytest.approx(300.0)


def test_that_without_a_team_care_takes_longer() -> None:
    def care(local: bool | None, stated: float | None = None) -> float:
        organisation = OrganisationFacts(local_infrastructure=local, ops_hours_per_month=stated)
        opex = middle(bought(replace(WORK, organisation=organisation)).opex_usd_month)
        assert opex is not None
        return opex

    assert care(False) - care(True) == pytest.approx(3 * 80)
    assert care(None) == care(True)
    assert care(True, 5.0) - care(True) == pytest.approx(2 * 80)


def test_that_the_busiest_hour_decides_how_busy_it_is() -> None:
    peak = 8000 / 8 / 3600
    assert middle(owned().peak_utilisation) == pytest.approx(peak * seconds())
    hourly = (100.0,) * 23 + (3600.0,)
    work = replace(WORK, volume=replace(WORK.volume, hourly_calls=hourly))
    assert middle(owned(work).peak_utilisation) == pytest.approx(seconds())
    rates = [calls / 3600 for calls in hourly]
    share = queueing.absorbed_share(rates, service_s=seconds(), slots=1)
    assert middle(owned(work).absorbed_share) == pytest.approx(share)


def test_that_a_stated_peak_scales_the_known_hours() -> None:
    hourly = (100.0,) * 23 + (3600.0,)
    work = replace(
        WORK,
        volume=replace(WORK.volume, hourly_calls=hourly),
        quotes=Quotes(machine=HostQuotes(peak_utilisation=1.4)),
    )
    rates = [calls / 3600 for calls in hourly]
    share = queueing.absorbed_share(rates, service_s=1.4, slots=1)
    assert middle(owned(work).absorbed_share) == pytest.approx(share)
    blind = replace(work, volume=replace(WORK.volume, hourly_calls=()))
    assert isinstance(owned(blind).absorbed_share, Unknown)


def test_that_a_latency_target_and_a_batch_window_are_looked_at() -> None:
    assert owned().late is None
    assert owned(replace(WORK, p95_seconds=600.0)).late is False
    assert owned(replace(WORK, p95_seconds=0.1)).late is True
    heavy = replace(WORK.volume, calls_per_day=4_000_000.0)
    assert owned(replace(WORK, volume=heavy, p95_seconds=600.0)).late is True
    batch = replace(WORK.volume, batch_window_hours=20.0)
    waits = owned(replace(WORK, volume=batch, p95_seconds=0.1))
    assert (waits.late, waits.misses_window) == (None, False)
    short = replace(WORK.volume, batch_window_hours=0.01)
    assert owned(replace(WORK, volume=short)).misses_window is True
    assert middle(waits.peak_utilisation) == pytest.approx(8000 / 20 / 3600 * seconds())


def test_that_a_stated_peak_silences_what_would_be_computed() -> None:
    quotes = Quotes(machine=HostQuotes(peak_utilisation=0.4))
    assert owned(replace(WORK, p95_seconds=0.1, quotes=quotes)).late is None


def test_that_every_quote_stands_above_its_estimate() -> None:
    quotes = Quotes(
        cloud_frontier_usd_month=1.0,
        hosted_open_usd_month=2.0,
        rent_gpu_usd_month=3.0,
        machine=HostQuotes(
            fits=False,
            context_ok=False,
            licence_ok=False,
            capability_ok=False,
            marginal_usd_month=4.0,
            peak_utilisation=5.0,
            absorbed_share=0.6,
        ),
        buy=HostQuotes(
            tco_usd_month=7.0, opex_usd_month=8.0, price_usd=9.0, fits=False, absorbed_share=0.1
        ),
    )
    found = facts(replace(WORK, quotes=quotes))
    host, buy = owned(replace(WORK, quotes=quotes)), bought(replace(WORK, quotes=quotes))
    assert found.frontier == Stated(1.0, "quotes.cloud_frontier_usd_month")
    assert found.hosted == Stated(2.0, "quotes.hosted_open_usd_month")
    assert found.rent == Stated(3.0, "quotes.rent_gpu_usd_month")
    assert (host.fits, host.context_ok, host.licence_ok, host.capability_ok) == (False,) * 4
    assert host.usd_month == Stated(4.0, "quotes.machine.marginal_usd_month")
    assert host.peak_utilisation == Stated(5.0, "quotes.machine.peak_utilisation")
    assert host.absorbed_share == Stated(0.6, "quotes.machine.absorbed_share")
    assert buy.fits is False
    assert buy.context_ok is True
    assert buy.usd_month == Stated(7.0, "quotes.buy.tco_usd_month")
    assert buy.opex_usd_month == Stated(8.0, "quotes.buy.opex_usd_month")
    assert buy.price_usd == Stated(9.0, "quotes.buy.price")
    assert [what for what, _, _ in found.price_dates] == []


def test_that_there_is_a_machine_only_where_one_is_known_or_quoted() -> None:
    away = replace(WORK, machine=Machine(available=False))
    assert facts(away).machine is None
    assert "machine.available" in facts(away).machine_absent
    nothing = World()
    assert facts(world=nothing).machine is None
    quoted = replace(WORK, quotes=Quotes(machine=HostQuotes(fits=True)))
    host = facts(quoted, nothing).machine
    assert host is not None
    assert host.fits is True
    assert isinstance(host.usd_month, Unknown)


def test_that_a_purchase_is_considered_where_the_file_speaks_of_one() -> None:
    silent = replace(WORK, buy=Purchase())
    assert facts(silent).buy is None
    assert facts(replace(silent, buy=Purchase(machine="RTX 4090"))).buy is not None
    assert facts(replace(silent, quotes=Quotes(buy=HostQuotes(fits=True)))).buy is not None
    assert facts(replace(WORK, buy=Purchase(consider=False, price_usd=3.0))).buy is None


def test_that_nothing_is_assumed_where_nothing_is_given() -> None:
    bare = replace(WORLD, assumptions=None)
    for figure in (
        facts(world=bare).rent,
        owned(world=bare).usd_month,
        bought(world=bare).usd_month,
    ):
        assert isinstance(figure, Unknown)


def test_that_a_series_replaces_what_is_stated() -> None:
    series = SeriesSummary(
        calls_per_day=10.0,
        history_days=84,
        predictability=Predictability.PREDICTABLE,
        input=200.0,
        cached_input=None,
        output=20.0,
        reasons=(),
    )
    work = replace(WORK, volume=replace(WORK.volume, series="u.csv"), tokens=Tokens(output=50.0))
    found = facts(work, replace(WORLD, series=series))
    assert (found.calls_per_day, found.history_days) == (10.0, 84)
    assert found.predictability is Predictability.PREDICTABLE
    calls = 10 * cost.DAYS_PER_MONTH
    assert middle(found.frontier) == pytest.approx(calls * (200 * 5 + 50 * 30) / 1e6)


# Rent --------------------------------------------------------------------------------------------


def test_that_rent_on_demand_counts_waits_starts_storage_and_care() -> None:
    found = facts()
    day = rented_day([(1000.0, 8)], service_s=seconds(), slots=1, idle_hours=0.25)
    assert (day.gpus, day.starts) == (1, 1.0)
    expected = 0.5 * (day.on_hours + 0.1) * cost.DAYS_PER_MONTH + 5.2 * 1.5 * 0.1 + 240
    assert middle(found.rent) == pytest.approx(expected)
    on_demand, always = found.rent_variants
    assert middle(on_demand.usd_month) == middle(found.rent)
    assert middle(always.usd_month) == pytest.approx(0.5 * cost.HOURS_PER_MONTH + 240)


def test_that_a_lock_or_the_lack_of_a_board_leaves_no_rent() -> None:
    locked = replace(WORK, privacy=Privacy(privacy_class=PrivacyClass.NDA))
    assert facts(locked).rent == Unknown("outside the privacy rule")
    assert isinstance(facts(world=replace(WORLD, rentals=())).rent, Unknown)


# Ability -----------------------------------------------------------------------------------------


def test_that_the_first_candidate_that_fits_is_taken_and_cloud_names_are_not() -> None:
    huge = card("huge:400b", size_bytes=240_000_000_000)
    found = ability(WORK, ("big:120b-cloud", "huge:400b", "small:8b"), RTX_4090, (huge, card()))
    assert (found.model, found.fits) == ("small:8b", True)
    none = ability(WORK, ("huge:400b",), RTX_4090, (huge,))
    assert (none.model, none.fits) == ("huge:400b", False)
    assert "does not fit" in dict(none.notes)["H3"]
    cloud = ability(WORK, ("big:120b-cloud",), RTX_4090, WORLD.cards)
    assert cloud.fits is None


def test_that_an_unknown_model_is_unknown_and_says_so() -> None:
    for name in ("somebody/else:7b", "small:8b-q8_0"):
        found = ability(WORK, (name,), RTX_4090, WORLD.cards)
        assert found.fits is None
        assert dict(found.notes)["fits"]
        assert isinstance(service_seconds(found, 10.0, 10.0), Unknown)


def test_that_the_longest_calls_must_be_within_the_trained_context() -> None:
    long = replace(WORK, tokens=Tokens(input=1.0, output=1.0, context_p99=50_000))
    assert ability(long, ("small:8b",), RTX_4090, WORLD.cards).context_ok is False
    untold = ability(long, ("x",), RTX_4090, (card("x", trained=None),))
    assert untold.context_ok is None
    assert context_of(WORK) == 8192
    assert context_of(replace(WORK, tokens=Tokens(input=9000.0))) == 18_000


@pytest.mark.parametrize(
    ("licence", "allows"),
    [
        ("Apache-2.0", True),
        ("MIT", True),
        ("Gemma", None),
        ("Llama 3.1 Community", None),
        ("MIT + Llama 3.3", None),
        ("Qwen Research (non-commercial)", False),
        ("Mistral MNPL (non-production)", False),
    ],
)
def test_that_only_permissive_licences_need_no_word_of_the_user(
    licence: str, allows: bool | None
) -> None:
    assert licence_allows(card(licence=licence)) is allows


def test_that_what_the_work_needs_is_looked_for_on_the_card() -> None:
    def lacks(task: Task, needs: frozenset[Need], capabilities: frozenset[str]) -> tuple[str, ...]:
        work = replace(WORK, task=task, candidates=Candidates(needs=needs))
        return lacking(work, card(capabilities=capabilities))

    none: frozenset[Need] = frozenset()
    assert lacks(Task.CHAT, frozenset({Need.JSON}), frozenset()) == ()
    assert lacks(Task.CHAT, frozenset({Need.TOOLS}), frozenset()) == ("tools",)
    assert lacks(Task.VISION, none, frozenset({"tools"})) == ("vision",)
    assert lacks(Task.EMBEDDING, none, frozenset({"tools"})) == ("embedding",)
    assert lacks(Task.CHAT, none, frozenset({"embedding"})) == ("text output",)


def test_that_watts_come_from_the_limit_or_from_a_wide_band() -> None:
    def watts(profile: HardwareProfile) -> tuple[float, float, float]:
        placed = fit(spec(card()), memory_budget(profile), FitRequest())
        ends = band(watts_above_idle(profile, placed))
        assert ends is not None
        return ends

    assert watts(RTX_4090) == pytest.approx((270, 360, 450))
    blind = replace(RTX_4090.accelerators[0], power_limit_watts=None)
    low, _, high = watts(replace(RTX_4090, accelerators=(blind,)))
    assert high / low >= 3
    low, _, high = watts(replace(RTX_4090, accelerators=()))
    assert high / low >= 3


def test_that_cards_that_share_a_model_take_turns_at_drawing() -> None:
    card_of_10 = replace(RTX_4090.accelerators[0], memory_total_bytes=10 * GIB)
    both = replace(RTX_4090, accelerators=(card_of_10, card_of_10))
    placed = replace(fit(spec(card()), memory_budget(RTX_4090), FitRequest()), gpus=2)
    ends = band(watts_above_idle(both, placed))
    one = band(watts_above_idle(both, replace(placed, gpus=1)))
    assert ends is not None
    assert one == pytest.approx((270, 360, 450))
    # 450 W each: one works at 60, 80 or 100 %, the other waits at 15, 30 or 50 %.
    assert ends == pytest.approx((450 * 0.75, 450 * 1.1, 450 * 1.5))
    blind = tuple(replace(a, power_limit_watts=None) for a in both.accelerators)
    wide = band(watts_above_idle(replace(both, accelerators=blind), placed))
    assert wide is not None
    assert wide == pytest.approx((100 * 1.25, 220 * 1.375, 400 * 1.5))


def test_that_measured_rates_replace_predicted_ones_on_the_owned_machine_alone() -> None:
    rates = {"small:8b": (Unknown("no"), Measured(1000.0, "2026-11-20", "a run"))}
    world = replace(WORLD, measured=rates)
    able = ability(WORK, ("small:8b",), RTX_4090, WORLD.cards)
    measured = with_rates(able, *rates["small:8b"])
    assert measured.prefill_tok_s == able.prefill_tok_s
    assert measured.decode_tok_s == rates["small:8b"][1]
    faster = middle(owned(world=world).peak_utilisation)
    assert faster is not None
    assert faster < (middle(owned().peak_utilisation) or 0.0)
    assert bought(world=world).peak_utilisation == bought().peak_utilisation


def test_that_an_unknown_rate_of_writing_matters_only_where_something_is_written() -> None:
    able = ability(WORK, ("embed",), RTX_4090, WORLD.cards)
    assert isinstance(service_seconds(able, 10.0, 10.0), Unknown)
    assert middle(service_seconds(able, 10.0, 0.0)) is not None


def test_that_a_rate_of_nothing_takes_for_ever() -> None:
    able = ability(WORK, ("small:8b",), RTX_4090, WORLD.cards)
    stuck = with_rates(able, Measured(0.0, "", "a run"), Measured(0.0, "", "a run"))
    assert middle(service_seconds(stuck, 0.0, 0.0)) == 0.0
    assert middle(service_seconds(stuck, 1.0, 0.0)) == float("inf")


# Arithmetic --------------------------------------------------------------------------------------


def test_that_errors_add_as_squares_and_ends_stay_round_the_middle() -> None:
    wide, also = Estimated(7.0, 10.0, 13.0, "a"), Estimated(6.0, 10.0, 14.0, "b")
    total = combined(lambda a, b: a + b, (wide, also), "sum")
    assert band(total) == pytest.approx((15.0, 20.0, 25.0))
    falling = combined(lambda a: 100 / a, (Estimated(5.0, 10.0, 20.0, "a"),), "inverse")
    assert band(falling) == pytest.approx((5.0, 10.0, 20.0))


def test_that_what_cannot_be_computed_is_unknown() -> None:
    assert combined(lambda a: a, (Unknown("no a"),), "x") == Unknown("no a")
    assert isinstance(combined(lambda a: float("inf"), (sure(1.0),), "x"), Unknown)
    assert isinstance(combined(lambda a: None, (sure(1.0),), "x"), Unknown)
    one_end = combined(lambda a: a if a < 3 else None, (Estimated(1.0, 2.0, 3.0, "a"),), "x")
    assert band(one_end) == (1.0, 2.0, 2.0)


def test_that_a_load_without_hours_is_eight_even_hours() -> None:
    load = Load(
        calls_per_day=8000.0,
        history_days=None,
        predictability=Predictability.UNKNOWN,
        hourly_calls=(),
        input=1.0,
        cached=None,
        output=1.0,
        embedding=False,
    )
    assert load.hourly_rates() == (1000 / 3600,) * 8
    assert replace(load, calls_per_day=0.0).hourly_rates() == ()
    assert replace(load, calls_per_day=None).busiest() is None


def test_that_a_call_writes_to_a_cache_no_more_than_it_reads() -> None:
    load = Load(
        calls_per_day=1.0,
        history_days=None,
        predictability=Predictability.UNKNOWN,
        hourly_calls=(),
        input=1000.0,
        cached=50.0,
        output=7.0,
        embedding=False,
        cache_write=600.0,
        cache_write_1h=200.0,
    )
    assert load.shape() == CallShape(
        uncached_tokens=400.0,
        cached_tokens=50.0,
        cache_write_tokens=400.0,
        cache_write_1h_tokens=200.0,
        output_tokens=7.0,
    )
    assert replace(load, input=500.0).shape() == CallShape(
        uncached_tokens=0.0,
        cached_tokens=50.0,
        cache_write_tokens=300.0,
        cache_write_1h_tokens=200.0,
        output_tokens=7.0,
    )


def test_that_the_stated_day_of_a_price_goes_with_it_and_ages() -> None:
    dated = replace(WORK.buy, price_usd=1500.0, price_as_of="2026-01-05")
    found = facts(replace(WORK, buy=dated))
    assert found.buy is not None
    assert found.buy.price_usd == Stated(1500.0, "buy.price", "2026-01-05")
    assert ("RTX 4090", "buy.price", "2026-01-05") in found.price_dates
    quoted = replace(WORK, buy=dated, quotes=Quotes(buy=HostQuotes(price_usd=9.0)))
    assert all(source != "buy.price" for _, source, _ in facts(quoted).price_dates)
