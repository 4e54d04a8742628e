"""What a key of a workload file may change."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.parts import ALL, Part, touches
from landfall.core.verdict.quick_changes import probe
from landfall.core.verdict.table_numbers import Numbers
from landfall.core.verdict.world import World
from landfall.core.workload.keys import KEYS, Key, Kind, get, put
from landfall.core.workload.workload import (
    HostQuotes,
    Machine,
    Organisation,
    OrganisationFacts,
    Quotes,
    Workload,
)
from tests.core.verdict.test_assembling import ASSUMPTIONS, WORLD, sure
from tests.core.verdict.test_details import LISTED, LOCKED, OPEN, PASSED
from tests.core.verdict.test_machines import FULL, volume

FRONTIER, HOSTED, RENT, OWNED, BUY = Part
BILLS, REST = {FRONTIER, HOSTED}, {RENT, OWNED, BUY}


@pytest.mark.parametrize(
    ("paths", "parts"),
    [
        (("volume.history_days", "volume.predictability", "quality.gate"), set()),
        (("quality.gate_hosted", "quality.margin", "organisation.hosted_allowed"), set()),
        (("volume.batch_window_hours", "tokens.context_p99", "latency.p95_seconds"), REST),
        (("organisation.pue", "organisation.hourly_rate", "machine.available"), REST),
        (("organisation.ops_hours_per_month", "organisation.local_infrastructure"), REST),
        (("organisation.kind",), REST),
        (("privacy.class", "privacy.offline"), {HOSTED, RENT}),
        (("today.batch_share", "today.retry_share", "today.token_ratio"), BILLS),
        (("quotes.cloud_frontier_usd_month",), {FRONTIER}),
        (("quotes.hosted_open_usd_month",), {HOSTED}),
        (("quotes.rent_gpu_usd_month",), {RENT}),
        (("machine.on_anyway", "machine.resale", "quotes.machine.fits"), {OWNED}),
        (("buy.price", "buy.consider", "quotes.buy.fits", "quotes.buy.price"), {BUY}),
        (("volume.calls_per_day", "tokens.input", "candidates.local", "nothing"), set(Part)),
    ],
)
def test_that_a_key_touches_its_parts(paths: tuple[str, ...], parts: set[Part]) -> None:
    for path in paths:
        assert touches(path) == parts, path


# Against the whole reading ----------------------------------------------------------------------

# All that is assumed says something, so that no key is without effect.
CARE = replace(ASSUMPTIONS, established_factor=sure(0.5))
HERE, SHOP = replace(WORLD, assumptions=CARE), replace(LISTED, assumptions=CARE)
PAST = replace(OPEN, today=replace(OPEN.today, retry_share=0.1, batch_share=0.2), p95_seconds=4.0)
QUOTED = Quotes(
    cloud_frontier_usd_month=5000.0,
    hosted_open_usd_month=900.0,
    rent_gpu_usd_month=700.0,
    machine=HostQuotes(marginal_usd_month=40.0),
    buy=HostQuotes(opex_usd_month=90.0, price_usd=3000.0),
)
TRIED: dict[str, tuple[Workload, World]] = {
    "plain": (PASSED, HERE),
    "listed": (OPEN, SHOP),
    "locked": (LOCKED, SHOP),
    "overflowing": (volume(6 * FULL, OPEN), SHOP),
    "growing": (volume(FULL, PAST, growth_per_month=0.05), SHOP),
    "quoted": (volume(2 * FULL, replace(PASSED, quotes=QUOTED)), HERE),
    "resold": (
        volume(
            FULL,
            replace(PASSED, machine=Machine(on_anyway=False, resale_usd=900.0)),
            batch_window_hours=8.0,
        ),
        SHOP,
    ),
    "established": (
        replace(OPEN, organisation=OrganisationFacts(kind=Organisation.ESTABLISHED)),
        SHOP,
    ),
}
SOME = (0.3, 1.0, 7.0, 400.0, 30_000.0)
"""Shares, hours, watts and money: those that a key may hold are tried, and half and twice of it."""


def values(key: Key, now: Any) -> tuple[Any, ...]:
    match key.kind:
        case Kind.FLAG:
            return (True, False)
        case Kind.CHOICE:
            return tuple(key.choices or ())
        case Kind.NUMBER | Kind.WHOLE:
            beside = (now / 2, now * 2) if now else ()
            fits = [one for one in (*SOME, *beside) if key.low < one <= key.high]
            return tuple(round(one) for one in fits) if key.kind is Kind.WHOLE else tuple(fits)
        case _:
            return ()


def flat(numbers: Numbers) -> list[float | None]:
    return [*numbers[:3], *numbers.own, *numbers.buy, *numbers.rented, *numbers[6:]]


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("name", TRIED)
def test_that_a_key_touches_all_that_it_changes(name: str) -> None:
    work, world = TRIED[name]
    at, tried = Assembler(world), 0
    whole = probe(work, at, Thresholds())
    for key in KEYS:
        if touches(key.path) == ALL:
            continue
        for value in values(key, get(work, key)):
            changed = put(work, key, value)
            quick = whole.read(changed, touches(key.path))
            afresh = probe(changed, at, Thresholds()).now
            assert quick.standing == afresh.standing, key.path
            told = zip(flat(quick.numbers), flat(afresh.numbers), strict=True)
            assert all(same(one, other) for one, other in told), (key.path, value)
            tried += 1
    assert tried > 100
