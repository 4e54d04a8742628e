"""Which inputs are moved, from where, how far, and how likely each is to be another one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import Stated, Unknown
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.settings import Thresholds
from landfall.core.verdict import sensitivity, swings
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.quick_changes import probe
from landfall.core.verdict.sensitivity import NUMBERS, applies, confidence, flips, present
from landfall.core.verdict.table_words import Missing, Ruling
from landfall.core.verdict.verdict import Confidence, Flip
from landfall.core.verdict.what_if import Knob
from landfall.core.verdict.worlds import Worlds
from landfall.core.workload.keys import BY_PATH, put
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import (
    HostQuotes,
    Machine,
    Organisation,
    Privacy,
    PrivacyClass,
    Purchase,
    Quality,
    Quotes,
    Tokens,
    Volume,
    Workload,
)
from tests.core.verdict.test_assembling import WORLD
from tests.core.verdict.test_details import PASSED
from tests.core.verdict.test_sensitivity import ASSEMBLER, workload
from tests.core.verdict.test_verdict import case

LIMITS = Thresholds()

# How uncertain each input usually is, as a share of itself: our judgement, as the handbook has it.
USUAL = {
    0.2: (
        "tokens.input",
        "buy.price",
        "quotes.cloud_frontier_usd_month",
        "quotes.machine.absorbed_share",
        "quotes.buy.price",
        "quotes.buy.absorbed_share",
    ),
    0.3: (
        "volume.calls_per_day",
        "volume.history_days",
        "tokens.cached_input",
        "tokens.cache_write",
        "tokens.output",
        "tokens.context_p99",
        "latency.p95_seconds",
        "volume.batch_window_hours",
        "organisation.hourly_rate",
        "buy.months",
        "quotes.hosted_open_usd_month",
        "quotes.rent_gpu_usd_month",
        "quotes.machine.peak_utilisation",
        "quotes.buy.tco_usd_month",
        "quotes.buy.opex_usd_month",
        "quotes.buy.peak_utilisation",
    ),
    0.5: (
        "volume.growth_per_month",
        "today.batch_share",
        "today.retry_share",
        "quality.margin",
        "organisation.ops_hours_per_month",
        "buy.residual_share",
        "buy.setup_hours",
        "quotes.machine.marginal_usd_month",
    ),
}


@pytest.mark.parametrize(
    ("path", "share"), [(path, share) for share, paths in USUAL.items() for path in paths]
)
def test_that_a_bar_ends_at_the_usual_doubt_of_its_input(path: str, share: float) -> None:
    if path == "volume.calls_per_day":
        assert NUMBERS[path] == share  # the bar follows the class of the forecast instead
        return
    key = BY_PATH[path]
    now = 10.0 if key.high >= 20 else key.high / 2
    low, high = swings._ends(Knob(path=path, now=now), case("D12"))
    ends = (now * (1 - share), now * (1 + share))
    assert (low, high) == pytest.approx((max(ends[0], key.low), min(ends[1], key.high)))


def test_that_every_number_has_its_usual_doubt() -> None:
    assert set(NUMBERS) == {path for paths in USUAL.values() for path in paths}


# From where --------------------------------------------------------------------------------------


def money(value: float) -> Stated:
    return Stated(value, "test")


def full(option: Option, base: float) -> HostFacts:
    return HostFacts(
        option=option,
        usd_month=money(base + 1),
        peak_utilisation=money(base + 2),
        absorbed_share=money(base + 3),
        opex_usd_month=money(base + 4),
        price_usd=money(base + 5),
    )


def test_that_a_present_value_is_stated_or_else_computed() -> None:
    facts = case(
        "D12",
        frontier=money(1.0),
        hosted=money(2.0),
        rent=money(3.0),
        machine=full(Option.LOCAL_THIS_MACHINE, 10.0),
        buy=full(Option.LOCAL_BUY, 20.0),
    )
    bare = replace(workload("D12"), quotes=Quotes())
    expected = {
        "quotes.cloud_frontier_usd_month": 1.0,
        "quotes.hosted_open_usd_month": 2.0,
        "quotes.rent_gpu_usd_month": 3.0,
        "quotes.machine.marginal_usd_month": 11.0,
        "quotes.machine.peak_utilisation": 12.0,
        "quotes.machine.absorbed_share": 13.0,
        "quotes.buy.tco_usd_month": 21.0,
        "quotes.buy.peak_utilisation": 22.0,
        "quotes.buy.absorbed_share": 23.0,
        "quotes.buy.opex_usd_month": 24.0,
        "quotes.buy.price": 25.0,
    }
    for path, value in expected.items():
        assert present(bare, facts, path) == value
        stated = put(bare, BY_PATH[path], 0.5)
        assert present(stated, facts, path) == 0.5
    absent = replace(facts, machine=None, buy=None, frontier=Unknown("?"))
    assert all(present(bare, absent, path) is None for path in expected if "machine" in path)
    assert all(present(bare, absent, path) is None for path in expected if "buy" in path)
    assert present(bare, absent, "quotes.cloud_frontier_usd_month") is None
    assert present(bare, facts, "volume.history_days") == 90.0
    assert present(bare, facts, "tokens.context_p99") is None


def test_that_a_value_is_moved_only_where_it_is_looked_at() -> None:
    of = workload("D12")
    bought = replace(of, buy=Purchase(consider=True, machine="RTX 4090"))
    nothing = replace(of, machine=Machine(available=False), buy=Purchase(consider=False))
    for path in ("quotes.machine.fits", "quotes.machine.peak_utilisation"):
        assert applies(of, path)
        assert not applies(nothing, path)
    for path in ("quotes.buy.price", "buy.price"):
        assert applies(bought, path)
        assert not applies(nothing, path)
    assert not applies(of, "quality.margin")
    pairs = Pairs(local_only=1, cloud_only=1, both=1, neither=1)
    assert applies(replace(of, quality=Quality(pairs=pairs)), "quality.margin")
    assert applies(replace(of, quality=Quality(pairs_hosted=pairs)), "quality.margin")
    series = replace(of, volume=Volume(series="days.csv"))
    for path in ("volume.calls_per_day", "volume.history_days"):
        assert applies(of, path)
        assert not applies(series, path)
    assert applies(series, "tokens.input")
    assert applies(nothing, "quotes.hosted_open_usd_month")


# How far -----------------------------------------------------------------------------------------


def stops(path: str, now: float, **changes: Any) -> tuple[tuple[float, ...], ...]:
    return sensitivity._stops(replace(workload("D12"), **changes), now, BY_PATH[path])


def test_that_money_is_followed_to_nothing_and_to_twenty_times() -> None:
    # To one in 2,600 first, then to nothing.
    assert stops("quotes.buy.price", 2600.0) == ((1.0, 0.0), (52_000.0,))
    assert stops("quotes.buy.price", 9e8) == ((9e8 / 2600, 0.0), (1e9,))
    assert stops("organisation.pue", 2.0)[0] == (1.0,)
    assert stops("organisation.pue", 1.0)[0] == ()


def test_that_no_calls_and_no_tokens_are_no_workload() -> None:
    for path in ("volume.calls_per_day", "tokens.input", "tokens.output"):
        assert stops(path, 2600.0) == ((1.0,), (52_000.0,))
    assert stops("tokens.cached_input", 2600.0) == ((1.0, 0.0), (52_000.0,))


def test_that_days_are_whole_and_followed_as_far_as_the_key_goes() -> None:
    assert stops("volume.history_days", 5200.0) == ((2.0, 0.0), (36_500.0,))
    assert stops("volume.history_days", 90.0)[1] == (36_500.0,)
    # A day of history is followed from one on where there is none.
    assert stops("volume.history_days", 0.0) == ((), (1.0, 36_500.0))
    assert stops("buy.months", 36.0) == ((1.0,), (600.0,))


def test_that_shares_are_followed_to_all_of_it() -> None:
    assert stops("today.batch_share", 0.5) == ((0.5 / 2600, 0.0), (1.0,))
    assert stops("today.batch_share", 0.0) == ((), (0.001, 1.0))
    assert stops("organisation.ops_hours_per_month", 0.0) == ((), (0.001, 0.001 * 2600 * 2600))
    # A margin lies above nothing and below one.
    down, up = stops("quality.margin", 0.03)
    assert down == (0.03 / 2600, 0.03 * 1e-9)
    assert up == ()
    assert stops("quality.margin", 1e-8)[1] == (1e-8 * 2600 * 2600,)


def test_that_growth_halves_or_doubles_at_most() -> None:
    assert stops("volume.growth_per_month", 0.1) == ((-0.5,), (1.0,))


def test_that_the_longest_calls_are_no_shorter_than_the_mean_one() -> None:
    tokens = Tokens(input=1000.5, cached_input=None, output=200.0)
    assert stops("tokens.context_p99", 8000.0, tokens=tokens) == ((1201.0,), (160_000.0,))
    assert stops("tokens.context_p99", 1201.0, tokens=tokens)[0] == ()
    assert stops("tokens.context_p99", 1202.0, tokens=tokens)[0] == (1201.0,)
    cached = replace(tokens, cached_input=500.0)
    assert stops("tokens.context_p99", 8000.0, tokens=cached)[0] == (1701.0,)
    none = Tokens()
    assert stops("tokens.context_p99", 8000.0, tokens=none)[0] == (1.0,)


def test_that_a_distance_is_a_share_of_what_is_now() -> None:
    assert sensitivity._relative(150.0, 100.0) == 0.5
    assert sensitivity._relative(50.0, 100.0) == -0.5
    assert sensitivity._relative(5.0, 0.0) is None
    assert sensitivity._relative(1.0, 5e-324) is None


# Categories --------------------------------------------------------------------------------------


def choices(of: Workload, facts: Facts | None = None) -> dict[str, tuple[Any, tuple[Any, ...]]]:
    told = sensitivity._choices(of, facts or ASSEMBLER.facts(of))
    return {path: (now, values) for path, now, values in told}


GATES = (GateResult.PASS, GateResult.FAIL, GateResult.INCONCLUSIVE)


def test_that_categories_are_tried_with_all_their_values() -> None:
    found = choices(workload("D12"))
    assert list(found) == [
        "quality.gate",
        "quality.gate_hosted",
        "volume.predictability",
        "organisation.kind",
        "organisation.hosted_allowed",
        "organisation.local_infrastructure",
        "volume.batch_window_hours",
        "machine.available",
        "buy.consider",
        "quotes.machine.fits",
        "quotes.machine.context_ok",
        "quotes.machine.licence_ok",
        "quotes.machine.capability_ok",
        "privacy.class",
        "privacy.offline",
    ]
    assert found["quality.gate"] == (GateResult.PASS, GATES)
    assert found["quality.gate_hosted"] == (GateResult.PASS, GATES)
    classes = (
        Predictability.PREDICTABLE,
        Predictability.VARIABLE,
        Predictability.UNPREDICTABLE,
    )
    assert found["volume.predictability"] == (Predictability.PREDICTABLE, classes)
    kinds = (Organisation.STARTUP, Organisation.ESTABLISHED)
    assert found["organisation.kind"] == (Organisation.ESTABLISHED, kinds)
    assert found["organisation.hosted_allowed"] == (True, (True, False))
    assert found["organisation.local_infrastructure"] == (None, (True, False))
    # "What if this need not be answered at once": a night.
    assert found["volume.batch_window_hours"] == (None, (8.0,))
    assert found["machine.available"] == (True, (True, False))
    assert found["buy.consider"] == (False, (True, False))
    assert found["quotes.machine.fits"] == (True, (True, False))
    assert found["privacy.class"] == (
        PrivacyClass.NONE,
        (PrivacyClass.NONE, PrivacyClass.LOCAL_ONLY),
    )
    assert found["privacy.offline"] == (False, (True, False))


def test_that_categories_that_something_else_decides_are_left_alone() -> None:
    of = workload("D12")
    pairs = Pairs(local_only=1, cloud_only=1, both=1, neither=1)
    local = choices(replace(of, quality=Quality(pairs=pairs, gate_hosted=GateResult.PASS)))
    assert "quality.gate" not in local
    assert "quality.gate_hosted" in local
    hosted = choices(replace(of, quality=Quality(gate=GateResult.PASS, pairs_hosted=pairs)))
    assert "quality.gate_hosted" not in hosted
    assert "quality.gate" in hosted
    waits = replace(of, volume=replace(of.volume, batch_window_hours=4.0))
    assert "volume.batch_window_hours" not in choices(waits)
    assert "volume.batch_window_hours" not in choices(replace(of, p95_seconds=5.0))
    facts = ASSEMBLER.facts(of)
    series = replace(of, volume=Volume(series="days.csv"))
    assert "volume.predictability" not in choices(series, facts)
    neither = choices(of, replace(facts, machine=None))
    assert not any(path.startswith("quotes.") for path in neither)
    named = replace(of, buy=Purchase(machine="RTX 4090"))
    both = choices(named, replace(facts, buy=full(Option.LOCAL_BUY, 1.0)))
    assert both["quotes.buy.fits"] == (None, (True, False))
    vendors = replace(of, privacy=Privacy(approved_vendors=("openai",)))
    assert "privacy.class" not in choices(vendors, facts)
    secret = replace(of, privacy=Privacy(privacy_class=PrivacyClass.CLASSIFIED))
    assert "privacy.class" not in choices(secret, facts)
    mine = replace(of, privacy=Privacy(privacy_class=PrivacyClass.NDA))
    assert "privacy.class" in choices(mine, facts)


def test_that_a_category_that_turns_the_verdict_is_told_in_plain_values() -> None:
    of = workload("D12")
    tried = probe(of, ASSEMBLER, LIMITS)
    base, spared = Option.LOCAL_THIS_MACHINE, tried.spared()
    told = list(sensitivity._category_flips(tried, ASSEMBLER.facts(of), base, spared))
    assert (
        Flip(
            input="quality.gate",
            now="pass",
            at="fail",
            relative=None,
            verdict_then=Option.CLOUD_FRONTIER,
        )
        in told
    )
    assert (
        Flip(
            input="machine.available",
            now=True,
            at=False,
            relative=None,
            verdict_then=Option.HOSTED_OPEN,
        )
        in told
    )
    assert all(flip.verdict_then is not Option.LOCAL_THIS_MACHINE for flip in told)
    assert all(flip.now != flip.at for flip in told)


def test_that_flips_are_ordered_by_how_likely_they_are() -> None:
    # The owned machine leads up to 208 of 260 (a fifth saved) and from a hosted bill of 70 on.
    of = workload("D12")
    found = flips(probe(of, ASSEMBLER, LIMITS), ASSEMBLER.facts(of))
    # Over its usual doubt: 0.731 / 0.3, 1.0 / 0.3, 0.922 / 0.2, 9.4 / 0.5.
    assert [(flip.input, flip.at) for flip in found if flip.input in NUMBERS] == [
        ("quotes.hosted_open_usd_month", pytest.approx(70.0)),
        ("quotes.machine.peak_utilisation", pytest.approx(0.8)),
        ("quotes.cloud_frontier_usd_month", pytest.approx(70.0)),
        ("quotes.machine.marginal_usd_month", pytest.approx(208.0)),
    ]


def test_that_nothing_is_told_from_a_value_whose_statement_turns_the_verdict() -> None:
    # Computed or not, what is put into the file is held against the verdict as it is.
    of = replace(
        workload("D12"),
        quotes=Quotes(
            cloud_frontier_usd_month=900.0,
            hosted_open_usd_month=260.0,
            machine=HostQuotes(
                fits=True,
                context_ok=True,
                licence_ok=True,
                capability_ok=True,
                marginal_usd_month=20.0,
                peak_utilisation=0.4,
            ),
        ),
    )
    told = {flip.input for flip in flips(probe(of, ASSEMBLER, LIMITS), ASSEMBLER.facts(of))}
    assert "quotes.machine.marginal_usd_month" in told
    assert "quotes.machine.absorbed_share" not in told
    assert "quotes.rent_gpu_usd_month" not in told


def test_that_a_shorter_longest_call_brings_a_machine_back() -> None:
    # Beyond the 40,960 tokens of the model the machine is out, and no number of it matters.
    of = replace(
        PASSED,
        tokens=replace(PASSED.tokens, context_p99=50_000),
        candidates=replace(PASSED.candidates, hosted=()),
        buy=Purchase(consider=False),
        quotes=Quotes(cloud_frontier_usd_month=9000.0),
    )
    at = Assembler(replace(WORLD, hosted=(), rentals=()))
    tried = probe(of, at, LIMITS)
    assert tried.lead(tried.now).option is Option.CLOUD_FRONTIER
    told = [flip for flip in flips(tried, at.facts(of)) if flip.input == "tokens.context_p99"]
    assert [(flip.at, flip.verdict_then) for flip in told] == [(40_960, Option.LOCAL_THIS_MACHINE)]


# Confidence --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "missing", "word"),
    [
        (1.0, False, "high"),
        (0.9, False, "high"),
        (0.899, False, "medium"),
        (0.9, True, "medium"),
        (0.7, False, "medium"),
        (0.7, True, "medium"),
        (0.699, False, "low"),
        (0.0, False, "low"),
    ],
)
def test_that_a_verdict_is_sure_from_nine_of_ten_worlds_on(
    share: float, missing: bool, word: str
) -> None:
    ruling = Ruling(
        option=Option.HOSTED_OPEN,
        reasons=(),
        missing=(Missing("quality.gate", "?"),) if missing else (),
    )
    best = {Option.CLOUD_FRONTIER: 1 - share, Option.HOSTED_OPEN: share}
    if not share:
        del best[Option.HOSTED_OPEN]
    worlds = Worlds(
        draws=100,
        p_best=best,
        saving_mean=None,
        saving_p05=None,
        saving_p95=None,
        regret_usd_month=None,
        measure=None,
    )
    assert confidence(worlds, ruling) == Confidence(word=word, p_best=share)
