"""What holds for every workload whatever, in a world with a machine, offers and prices."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, reject, settings
from hypothesis import strategies as st

from landfall.core.costs.cost import HOURS_PER_MONTH
from landfall.core.demand.forecast import Predictability
from landfall.core.errors import BadInput
from landfall.core.provenance import band, middle
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.settings import Settings, Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.care import ops_usd
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.parts import touches
from landfall.core.verdict.quick_changes import probe
from landfall.core.verdict.quick_table import lead
from landfall.core.verdict.sensitivity import NUMBERS
from landfall.core.verdict.table_numbers import reading
from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.verdict_json import to_json
from landfall.core.workload.contradictions import stands
from landfall.core.workload.file import parse
from landfall.core.workload.keys import ATTENTION_SECONDS, BY_PATH, KEYS, Key, Kind, get, put
from landfall.core.workload.privacy import REMOTE, Option, lock_of
from landfall.core.workload.workload import (
    Candidates,
    HostedCandidate,
    HostQuotes,
    Machine,
    Organisation,
    OrganisationFacts,
    Privacy,
    PrivacyClass,
    Purchase,
    Quality,
    Quotes,
    Step,
    StepName,
    Task,
    Today,
    Tokens,
    Volume,
    Where,
    Workload,
)
from landfall.core.workload.writer import to_toml
from landfall.services.machine import known_machines
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import judge
from landfall.services.verdict.deciding import Decider

LIMITS = Thresholds()
LOCAL = frozenset(Option) - frozenset(REMOTE)
SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,  # much that is drawn is contradictory
    ],
)

maybe = st.none() | st.booleans()
money = st.none() | st.sampled_from([0.0, 20.0, 120.0, 900.0, 2600.0, 21_000.0]) | st.floats(0, 1e9)
shares = st.none() | st.floats(0.0, 1.0)
peaks = st.none() | st.floats(0.0, 3.0) | st.floats(0.0, 1e6)
sizes = st.none() | st.floats(0.0, 1e4) | st.floats(0.0, 1e8)
quotes_of_host = st.just(HostQuotes()) | st.builds(
    HostQuotes,
    fits=maybe,
    context_ok=maybe,
    licence_ok=maybe,
    capability_ok=maybe,
    peak_utilisation=peaks,
    absorbed_share=shares,
    marginal_usd_month=st.none(),
    tco_usd_month=st.none(),
    opex_usd_month=st.none(),
    price_usd=st.none(),
)
volumes = st.builds(
    Volume,
    calls_per_day=st.none() | st.floats(0.0, 1e5) | st.floats(0.0, 1e9),
    history_days=st.none() | st.integers(0, 400),
    predictability=st.none() | st.sampled_from(Predictability),
    hourly_calls=st.just(()) | st.just(tuple(float(hour % 7) * 40 for hour in range(24))),
    growth_per_month=st.sampled_from([0.0, 0.05, -0.1]) | st.floats(-0.99, 10.0),
    batch_window_hours=st.none() | st.floats(1.0, 24.0),
)
pairs = st.none() | st.builds(
    Pairs,
    local_only=st.integers(0, 30),
    cloud_only=st.integers(0, 30),
    both=st.integers(0, 400),
    neither=st.integers(0, 40),
)
qualities = st.builds(
    Quality, gate=st.none() | st.sampled_from(GateResult), gate_hosted=st.none()
) | st.builds(Quality, pairs=pairs, gate_hosted=st.none() | st.sampled_from(GateResult))
privacies = st.just(Privacy()) | st.builds(
    Privacy,
    privacy_class=st.sampled_from([one for one in PrivacyClass if one is not PrivacyClass.REGION]),
    offline=st.booleans(),
)
any_workloads = st.builds(
    Workload,
    name=st.just("any"),
    task=st.sampled_from([Task.CLASSIFICATION, Task.NOVEL, Task.EMBEDDING, Task.CHAT]),
    volume=volumes,
    tokens=st.builds(
        Tokens,
        input=sizes,
        cached_input=sizes,
        output=sizes,
        context_p99=st.none() | st.integers(1, 200_000),
    ),
    p95_seconds=st.none() | st.floats(0.5, 600.0),
    privacy=privacies,
    steps=st.just(())
    | st.just((Step(name=StepName.EMBED, where=Where.CLOUD), Step(name=StepName.GENERATE))),
    today=st.builds(
        Today,
        provider=st.just("openai"),
        model=st.sampled_from(["gpt-5.5", ""]),
        batch_share=st.floats(0.0, 1.0),
        retry_share=st.floats(0.0, 1.0),
    ),
    candidates=st.builds(
        Candidates,
        local=st.sampled_from([(), ("qwen3:8b",), ("no-such:1b",)]),
        hosted=st.just(())
        | st.just(
            (HostedCandidate(provider="together", model="Qwen/Qwen3-235B-A22B-Instruct-2507"),)
        ),
    ),
    quality=qualities,
    organisation=st.builds(
        OrganisationFacts,
        kind=st.none() | st.sampled_from(Organisation),
        ops_hours_per_month=st.none() | st.floats(0.0, 200.0),
        hourly_rate_usd=st.none() | st.floats(0.0, 500.0),
        hosted_allowed=st.booleans(),
        local_infrastructure=maybe,
    ),
    machine=st.builds(Machine, available=st.booleans()),
    buy=st.builds(
        Purchase,
        consider=maybe,
        machine=st.sampled_from(["", "RTX 4090 workstation"]),
        price_usd=st.none() | st.floats(0.0, 100_000.0),
        residual_share=shares,
        months=st.none() | st.integers(1, 120),
        setup_hours=st.none() | st.floats(0.0, 100.0),
    ),
    quotes=st.builds(
        Quotes,
        cloud_frontier_usd_month=money,
        hosted_open_usd_month=money,
        rent_gpu_usd_month=money,
        machine=st.builds(replace, quotes_of_host, marginal_usd_month=money),
        buy=st.builds(
            replace,
            quotes_of_host,
            tco_usd_month=money,
            opex_usd_month=money,
            price_usd=money,
        ),
    ),
)


def agreeing(of: Workload) -> Workload:
    """With what a file would refuse side by side made to agree, so that few draws are lost."""
    volume, tokens = of.volume, of.tokens
    if volume.hourly_calls:
        volume = replace(volume, calls_per_day=sum(volume.hourly_calls))
    if of.task is Task.EMBEDDING:
        tokens = replace(tokens, cached_input=None)
    mean = math.ceil(sum(n or 0.0 for n in (tokens.input, tokens.cached_input, tokens.output)))
    if tokens.context_p99 is not None:
        tokens = replace(tokens, context_p99=min(max(tokens.context_p99, mean, 1), 10**8))
    soon = of.p95_seconds is not None and of.p95_seconds <= ATTENTION_SECONDS
    waits = volume.batch_window_hours is not None
    p95_seconds = None if soon and waits else of.p95_seconds
    return replace(of, volume=volume, tokens=tokens, p95_seconds=p95_seconds)


workloads = any_workloads.map(agreeing)
ORDINARY = Workload(
    name="any",
    task=Task.CLASSIFICATION,
    volume=Volume(
        calls_per_day=20_000.0, history_days=90, predictability=Predictability.PREDICTABLE
    ),
    tokens=Tokens(input=900.0, cached_input=600.0, output=120.0, context_p99=4096),
    p95_seconds=20.0,
    today=Today(provider="openai", model="gpt-5.5", batch_share=0.4, retry_share=0.02),
    candidates=Candidates(
        local=("qwen3:8b",),
        hosted=(HostedCandidate(provider="together", model="Qwen/Qwen3-235B-A22B-Instruct-2507"),),
    ),
    quality=Quality(gate=GateResult.PASS),
    organisation=OrganisationFacts(kind=Organisation.ESTABLISHED, ops_hours_per_month=3.0),
    buy=Purchase(consider=True, machine="RTX 4090 workstation", price_usd=3800.0),
)


@lru_cache(maxsize=1)
def decider() -> Decider:
    return Decider.on("RTX 4090", Settings(), now=datetime(2026, 11, 26, tzinfo=UTC))


@lru_cache(maxsize=64)
def world_of(text: str, owned: bool) -> Assembler:
    machine = known_machines.what_if("RTX 4090") if owned else None
    return Assembler(decider().world(workload_files.from_text(text), machine))


def assembler(of: Workload) -> Assembler:
    """The world depends on what is named, and not on volumes and prices."""
    named = replace(
        ORDINARY,
        today=replace(of.today, batch_share=0.0, retry_share=0.0),
        candidates=of.candidates,
        machine=of.machine,
        buy=Purchase(consider=True, machine=of.buy.machine),
    )
    return world_of(to_toml(named), of.machine.available)


def read_back(of: Workload) -> Workload:
    """Through a file, so that only what a file may hold is looked at."""
    try:
        return parse(to_toml(of))
    except BadInput:
        reject()


def judged(of: Workload, *, with_flips: bool = False) -> Verdict:
    at = assembler(of)
    facts = at.facts(of)
    return judge(of, facts, at, limits=LIMITS, as_of="2026-11-26", with_flips=with_flips)


def option(of: Workload) -> Option:
    return rule(assembler(of).facts(of), LIMITS).option


# Costs -------------------------------------------------------------------------------------------


def check_costs(verdict: Verdict) -> None:
    json.dumps(to_json(verdict), allow_nan=False)
    for line in verdict.options:
        ends = band(line.usd_month)
        if ends is not None:
            assert all(math.isfinite(end) for end in ends), line
            assert 0 <= ends[0] <= ends[1] <= ends[2], line
    worlds = verdict.worlds
    assert worlds is not None
    assert sum(worlds.p_best.values()) == pytest.approx(1.0)
    for number in (worlds.saving_mean, worlds.regret_usd_month):
        assert number is None or math.isfinite(number)


@SLOW
@given(of=workloads)
@example(of=ORDINARY)
def test_that_nothing_yields_nan_or_a_negative_cost_or_an_exception(of: Workload) -> None:
    check_costs(judged(read_back(of)))


@settings(SLOW, max_examples=6)
@given(of=workloads)
@example(of=ORDINARY)
def test_that_nothing_does_so_where_flips_are_searched(of: Workload) -> None:
    check_costs(judged(read_back(of), with_flips=True))


@SLOW
@given(of=workloads, factor=st.floats(1.0, 100.0))
@example(of=ORDINARY, factor=2.0)
def test_that_more_volume_never_makes_a_cloud_cheaper(of: Workload, factor: float) -> None:
    of = read_back(of)
    calls = of.volume.calls_per_day
    assume(calls is not None and calls * factor <= 1e9)
    assert calls is not None
    more = put(of, BY_PATH["volume.calls_per_day"], calls * factor)
    at = assembler(of)
    before, after = at.facts(of), at.facts(more)
    for first, second in ((before.frontier, after.frontier), (before.hosted, after.hosted)):
        low, high = middle(first), middle(second)
        assert (low is None) == (high is None)
        if low is not None and high is not None:
            assert high >= low * (1 - 1e-12)


# Rules -------------------------------------------------------------------------------------------


@SLOW
@given(of=workloads, privacy=privacies)
@example(of=ORDINARY, privacy=Privacy(privacy_class=PrivacyClass.NDA))
def test_that_a_lock_never_yields_an_option_with_a_step_outside(
    of: Workload, privacy: Privacy
) -> None:
    of = read_back(replace(of, privacy=privacy))
    lock, verdict = lock_of(of), judged(of)
    if not lock.locked:
        return
    if verdict.option in REMOTE:
        assert verdict.option in lock.inside
    if verdict.option is Option.HYBRID:
        assert verdict.bar in lock.inside
    if not lock.inside:
        assert verdict.option in LOCAL - {Option.HYBRID}
        assert verdict.worlds is not None
        assert set(verdict.worlds.p_best) <= LOCAL - {Option.HYBRID}
    if any(step.where is Where.CLOUD for step in of.steps) and not lock.inside:
        assert verdict.leaks


@SLOW
@given(of=workloads, factor=st.floats(1.0, 50.0))
@example(of=ORDINARY, factor=3.0)
def test_that_a_dearer_cloud_never_turns_a_local_verdict_into_cloud(
    of: Workload, factor: float
) -> None:
    """Every cloud's price rises together: what ran here goes on running here."""
    of = read_back(of)
    at = assembler(of)
    facts = at.facts(of)
    bills = (middle(facts.frontier), middle(facts.hosted), middle(facts.rent))
    names = ("cloud_frontier_usd_month", "hosted_open_usd_month", "rent_gpu_usd_month")
    stated = {name: usd for name, usd in zip(names, bills, strict=True) if usd is not None}
    assume(all(usd * factor <= 1e9 for usd in stated.values()))
    cheap = replace(of, quotes=replace(of.quotes, **stated))
    dear = {name: usd * factor for name, usd in stated.items()}
    if option(cheap) in LOCAL:
        assert option(replace(of, quotes=replace(of.quotes, **dear))) in LOCAL


# Flips -------------------------------------------------------------------------------------------


HALF_QUOTED = replace(
    ORDINARY,
    volume=replace(ORDINARY.volume, calls_per_day=None),
    tokens=Tokens(output=131_073.0),
    privacy=Privacy(privacy_class=PrivacyClass.PHI),
    machine=Machine(available=False),
    quotes=Quotes(machine=HostQuotes(fits=True)),
)
"""A machine that would be too small for its calls, is not there, and is quoted to fit: "if it were
there" cannot be told before it was looked at."""


def hair_before(flip: Any, key: Key) -> float:
    now = float(flip.now or 0.0)
    step = 1.0 if key.kind is Kind.WHOLE else 1e-6 * max(abs(flip.at), abs(now))
    return float(flip.at - step if flip.at > now else flip.at + step)


@settings(SLOW, max_examples=8)
@given(of=workloads)
@example(of=ORDINARY)
@example(of=replace(ORDINARY, machine=Machine(available=False)))
@example(of=HALF_QUOTED)
def test_that_flips_when_applied_really_flip(of: Workload) -> None:
    of = read_back(of)
    verdict = judged(of, with_flips=True)
    for flip in verdict.flips:
        key = BY_PATH[flip.input]
        typed = key.choices(flip.at) if key.choices is not None else flip.at
        changed = put(of, key, typed)
        assert flip.verdict_then is not verdict.option
        assert option(changed) is flip.verdict_then, flip
        if flip.input in NUMBERS:
            before = hair_before(flip, key)
            value = round(before) if key.kind is Kind.WHOLE else before
            assert option(put(of, key, value)) is verdict.option, flip


def ladders(now: float) -> Iterator[list[float]]:
    """From a value to twenty times and to a twentieth of it."""
    for way in (1.3, 1 / 1.3):
        yield [now * way**step for step in range(12)]


@pytest.mark.parametrize("path", sorted(NUMBERS))
@pytest.mark.parametrize("owned", [True, False])
def test_that_no_flip_is_missed_that_a_ladder_finds(path: str, owned: bool) -> None:
    """All the way through the assembler."""
    of = replace(ORDINARY, machine=Machine(available=owned))
    key, now = BY_PATH[path], get(of, BY_PATH[path])
    if not now:
        return
    verdict = judged(of, with_flips=True)
    told = [float(flip.at) for flip in verdict.flips if flip.input == path]
    for values in ladders(float(now)):
        typed = [float(round(one)) if key.kind is Kind.WHOLE else one for one in values]
        # The longest calls are no shorter than the mean one.
        least = 1620.0 if path == "tokens.context_p99" else key.low
        inside = [one for one in typed if least <= one <= key.high]
        # What the file would refuse beside the other values is no flip.
        kept = [one for one in inside if stands(put(of, key, typed_of(key, one)))]
        turned = [option(put(of, key, typed_of(key, one))) is not verdict.option for one in kept]
        for step in range(1, len(kept)):
            if turned[step]:
                ends = sorted((float(now), kept[step]))
                assert any(ends[0] <= at <= ends[1] for at in told), (kept[step], told)


def test_that_rented_gpus_are_as_many_as_answer_in_time() -> None:
    """Between the volumes at which one keeps up and two are needed for the work alone."""
    rented = replace(ORDINARY, machine=Machine(available=False))
    counts = []
    for calls in (9_103.0, 11_834.0, 15_385.0, 40_000.0):
        of = replace(rented, volume=replace(rented.volume, calls_per_day=calls))
        assert option(of) is Option.RENT_GPU
        # Of one board: among all of them a faster one may be the cheaper.
        at = assembler(of)
        host = Assembler(replace(at.world, rentals=at.world.rentals[:1])).facts(of).rented
        assert host is not None
        assert host.late is False
        counts.append(host.count)
        # And as many are paid for as answer in time.
        assert rented_for_all_hours(of) == pytest.approx(host.count * rented_hours_usd(of))
    assert counts == [1, 2, 2, 4]


def rented_for_all_hours(of: Workload) -> float:
    """USD a month of the first listed board, never stopped, without care for it."""
    at = assembler(of)
    world = replace(at.world, rentals=at.world.rentals[:1])
    facts = Assembler(world).facts(of)
    found = next(one for one in facts.rent_variants if one.name.startswith("always on"))
    whole, care = middle(found.usd_month), middle(ops_usd(of, world))
    assert whole is not None
    assert care is not None
    return whole - care


def rented_hours_usd(of: Workload) -> float:
    """USD for all hours of the month on one of it."""
    usd = middle(assembler(of).world.rentals[0].usd)
    assert usd is not None
    return usd * HOURS_PER_MONTH


def test_that_a_target_no_number_of_gpus_meets_adds_none() -> None:
    of = replace(ORDINARY, machine=Machine(available=False), p95_seconds=0.2)
    host = assembler(of).facts(of).rented
    free = assembler(of).facts(replace(of, p95_seconds=None)).rented
    assert host is not None
    assert free is not None
    assert (host.late, host.count) == (True, free.count)


def typed_of(key: Key, value: float) -> float:
    return round(value) if key.kind is Kind.WHOLE else value


# Plain numbers -----------------------------------------------------------------------------------


@SLOW
@given(of=workloads)
@example(of=ORDINARY)
def test_that_the_numbers_lead_where_the_table_leads(of: Workload) -> None:
    of = read_back(of)
    facts = assembler(of).facts(of)
    assert lead(*reading(facts), LIMITS).option is rule(facts, LIMITS).option


@SLOW
@given(of=workloads, other=workloads, path=st.sampled_from([key.path for key in KEYS]))
@example(of=ORDINARY, other=replace(ORDINARY, tokens=Tokens(input=9.0)), path="tokens.input")
def test_that_a_key_changes_no_more_than_it_is_said_to_touch(
    of: Workload, other: Workload, path: str
) -> None:
    of, other = read_back(of), read_back(other)
    key = BY_PATH[path]
    changed = put(of, key, get(other, key))
    tried = probe(of, assembler(of), LIMITS)
    whole = probe(changed, assembler(of), LIMITS)
    assert tried.read(changed, touches(path)) == reading(whole.facts)


# Units -------------------------------------------------------------------------------------------

NUMERIC = [key for key in KEYS if key.kind in (Kind.NUMBER, Kind.WHOLE)]


@pytest.mark.parametrize("key", NUMERIC, ids=[key.path for key in NUMERIC])
@pytest.mark.parametrize("value", ['"5"', '"5 s"', '"EUR 5"', "true", "[5]", "nan", "inf"])
def test_that_units_cannot_be_mixed(key: Key, value: str) -> None:
    """A number is a number in the unit of its key: no text with a unit, no other type."""
    text = (
        'schema = 1\n[workload]\nname = "w"\ntask = "chat"\n'
        f"[{key.section}]\n{key.name} = {value}\n"
    )
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert caught.value.field == key.path
