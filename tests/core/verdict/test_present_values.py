"""A figure that is put into the file at what it is changes no bill and no verdict.

What is told of an input (flips, bars, sliders) begins at its present value; where stating that
moves a bill, all of it is told from a wrong beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.provenance import middle
from landfall.core.settings import Thresholds
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.care import care_hours
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.quick_changes import Probe, probe
from landfall.core.verdict.searching import typed
from landfall.core.verdict.sensitivity import NUMBERS, _choices, applies, flips, present
from landfall.core.verdict.what_if import ELECTRICITY, changed, knobs
from landfall.core.verdict.world import World
from landfall.core.workload.keys import BY_PATH, put
from landfall.core.workload.workload import (
    HostQuotes,
    Organisation,
    OrganisationFacts,
    Quotes,
    Workload,
)
from tests.core.verdict.test_assembling import RTX_4090, sure
from tests.core.verdict.test_details import OPEN, PASSED
from tests.core.verdict.test_machines import FULL, volume
from tests.core.verdict.test_parts import HERE, SHOP, TRIED, same

_OF_ANOTHER_LOAD = ("quotes.machine.peak_utilisation", "quotes.buy.peak_utilisation")
"""A quoted peak says that the load is not the one that is computed: what overflows is not known
then, and nothing is told of it."""
WHOLE = "quotes.buy.tco_usd_month"
TWO = replace(HERE, purchase=RTX_4090, purchase_usd=sure(6000.0), purchase_count=2)
WORK: dict[str, tuple[Workload, World]] = {
    **TRIED,
    "busy": (volume(20 * FULL, OPEN), SHOP),
    "two boxes": (replace(PASSED, buy=replace(PASSED.buy, machine="2 boxes of RTX 4090")), TWO),
    "two boxes of a team": (
        replace(
            PASSED,
            buy=replace(PASSED.buy, machine="2 boxes of RTX 4090"),
            organisation=OrganisationFacts(kind=Organisation.ESTABLISHED),
        ),
        TWO,
    ),
    "nobody for it": (
        replace(PASSED, organisation=OrganisationFacts(local_infrastructure=False)),
        HERE,
    ),
    "whole quoted": (replace(PASSED, quotes=Quotes(buy=HostQuotes(tco_usd_month=400.0))), HERE),
    "running quoted": (replace(PASSED, quotes=Quotes(buy=HostQuotes(opex_usd_month=90.0))), HERE),
    "no set-up": (
        replace(PASSED, buy=replace(PASSED.buy, machine="RTX 4090", setup_hours=0.0)),
        HERE,
    ),
}


def told(work: Workload, facts: Facts, at: Assembler) -> Iterator[tuple[str, Workload]]:
    """Each input that something is told of, put into the workload at its present value."""
    for path in NUMBERS:
        now = present(work, facts, path)
        if now is not None and applies(work, path):
            yield path, put(work, BY_PATH[path], typed(BY_PATH[path], now))
    for knob in knobs(work, facts, at):
        if knob.path != ELECTRICITY:
            yield knob.path, changed(work, at, {knob: knob.value(0)})
    for path, value, _ in _choices(work, facts):
        if value is not None:
            yield path, put(work, BY_PATH[path], value)


def bills(tried: Probe) -> dict[str, float | None]:
    numbers = tried.now.numbers
    return {
        "frontier": numbers.frontier,
        "hosted": numbers.hosted,
        "rent": numbers.rent,
        "own": numbers.own.usd,
        "own split": numbers.own.part,
        "buy": numbers.buy.usd,
        "buy split": numbers.buy.part,
        "opex": numbers.buy.opex,
        "price": numbers.buy.price,
        "stays": numbers.own.share,
        "stays on what is bought": numbers.buy.share,
    }


@pytest.mark.parametrize("name", WORK)
def test_that_a_figure_stated_at_what_it_is_changes_nothing(name: str) -> None:
    work, world = WORK[name]
    at = Assembler(world)
    facts, base = at.facts(work), probe(work, at, Thresholds())
    verdict, now, tried = base.lead(base.now).option, bills(base), 0
    for path, stated in told(work, facts, at):
        if path in _OF_ANOTHER_LOAD and present(work, facts, path) is not None:
            continue
        found = probe(stated, at, Thresholds())
        then = bills(found)
        moved = {key: (now[key], then[key]) for key in now if not same(now[key], then[key])}
        assert not moved, (path, moved)
        assert found.lead(found.now).option is verdict, path
        tried += 1
    assert tried > 20


def test_that_nothing_is_told_of_a_listed_machine_as_if_it_were_named() -> None:
    # The file would speak of a machine that nobody names: neither its price nor its month moves.
    work, world = WORK["listed"]
    at = Assembler(world)
    facts = at.facts(work)
    assert facts.buy is not None
    assert middle(facts.buy.price_usd) == 3000.0
    for path in ("buy.price", "quotes.buy.price", "quotes.buy.tco_usd_month"):
        assert not applies(work, path)
    assert applies(work, "buy.months")
    moved = {knob.path for knob in knobs(work, facts, at)}
    assert "buy.price" not in moved
    assert {"buy.months", "buy.setup_hours"} <= moved
    for path, _, _ in _choices(work, facts):
        assert not path.startswith("quotes.buy.")
    inputs = {flip.input for flip in flips(probe(work, at, Thresholds()), facts)}
    assert not [one for one in inputs if one.startswith(("quotes.buy.", "buy.price"))]
    named = replace(work, buy=replace(work.buy, machine="RTX 4090"))
    assert applies(named, "buy.price")


def test_that_a_whole_month_is_moved_only_where_what_runs_stays() -> None:
    # A computed month holds the set-up and a quoted one does not: put into the file as it is, it
    # would count what the set-up costs as running.
    work, at = replace(PASSED, buy=replace(PASSED.buy, machine="RTX 4090")), Assembler(HERE)
    now = at.facts(work)
    assert now.buy is not None
    whole, runs = middle(now.buy.usd_month), middle(now.buy.opex_usd_month)
    quoted = at.facts(put(work, BY_PATH[WHOLE], whole)).buy
    assert quoted is not None
    assert runs is not None
    assert middle(quoted.opex_usd_month) == pytest.approx(runs + 12 * 80 / 36)
    assert not applies(work, WHOLE)
    assert WHOLE not in {flip.input for flip in flips(probe(work, at, Thresholds()), now)}
    for name in ("whole quoted", "running quoted", "no set-up"):
        assert applies(WORK[name][0], WHOLE)


@pytest.mark.parametrize(
    ("organisation", "hours"),
    [
        ({}, 3.0),
        ({"kind": Organisation.ESTABLISHED}, 1.5),
        ({"kind": Organisation.ESTABLISHED, "local_infrastructure": False}, 3.0),
        ({"local_infrastructure": False}, 3.0),
        ({"kind": Organisation.ESTABLISHED, "ops_hours_per_month": 5.0}, 5.0),
    ],
)
def test_that_the_slider_of_care_begins_at_what_is_counted(
    organisation: dict[str, Any], hours: float
) -> None:
    work = replace(PASSED, organisation=OrganisationFacts(**organisation))
    at = Assembler(HERE)
    found = {knob.path: knob.now for knob in knobs(work, at.facts(work), at)}
    assert found["organisation.ops_hours_per_month"] == pytest.approx(hours)
    assert middle(care_hours(work, HERE)) == pytest.approx(hours)
