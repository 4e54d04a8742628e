from __future__ import annotations

from dataclasses import replace
from typing import Any

from landfall.core.demand.forecast import Predictability
from landfall.core.provenance import Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.table_numbers import (
    NO_HOST,
    HostNumbers,
    Numbers,
    host_numbers,
    numbers_of,
    reading,
    standing_of,
)
from landfall.core.workload.privacy import NO_LOCK, Lock, Option
from landfall.core.workload.workload import Organisation
from tests.core.verdict.test_scene import NUMBERS, STANDING
from tests.core.verdict.test_verdict import bought, case, host, inside, money

CLOUD, HOSTED, RENT = Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU
HERE = Option.LOCAL_THIS_MACHINE


def test_that_what_stands_is_read_of_the_facts() -> None:
    assert standing_of(case("D12")) == STANDING._replace(buy=False)
    assert standing_of(case("D8")) == STANDING._replace(own=False)

    def changed(**changes: Any) -> dict[str, Any]:
        """What is not as in D12."""
        usual, now = standing_of(case("D12")), standing_of(case("D12", **changes))
        pairs = zip(usual._fields, usual, now, strict=True)
        return {name: after for name, before, after in pairs if before != after}

    assert changed(gate=GateResult.UNMEASURED) == {"local_passes": False, "renting": False}
    assert changed(gate=GateResult.FAIL) == {
        "local_passes": False,
        "renting": False,
        "own": False,
    }
    assert changed(gate_hosted=GateResult.UNMEASURED) == {"hosted_passes": False}
    assert changed(gate_hosted=GateResult.FAIL) == {
        "hosted_passes": False,
        "hosted_stays": False,
        "hosted_first": False,
    }
    assert changed(hosted_offered=False) == {"hosted_passes": False, "hosted_stays": False}
    assert changed(hosted_allowed=False) == {
        "hosted_passes": False,
        "hosted_stays": False,
        "hosted_first": False,
    }
    assert changed(organisation=Organisation.STARTUP) == {"startup": True}
    assert changed(predictability=Predictability.VARIABLE) == {"predictable": False}
    assert changed(growing=frozenset({HOSTED})) == {"growing": frozenset({HOSTED})}
    assert changed(lock=inside(CLOUD)) == {
        "rent": False,
        "renting": False,
        "hosted_passes": False,
        "hosted_stays": False,
        "hosted_first": False,
    }
    assert changed(lock=inside(HOSTED, RENT)) == {"cloud": False}
    for name in ("H1", "H2"):
        only = Lock(rules=("X", name), inside=NO_LOCK.inside)
        assert changed(lock=only) == {"only_local": True}
    facts = case("D12")
    for flag in ("context_ok", "fits"):
        assert changed(machine=replace(host(facts), **{flag: False})) == {"own": False}
    for flag in ("licence_ok", "capability_ok"):
        # The model itself is out: on a rented board too.
        left = changed(machine=replace(host(facts), **{flag: False}))
        assert left == {"own": False, "renting": False}
    assert changed(machine=replace(host(facts), fits=None)) == {"own": False}
    assert changed(machine=replace(host(facts), licence_ok=None)) == {}
    assert changed(machine=None) == {"own": False}
    assert changed(buy=bought(case("D8"))) == {"buy": True}


def test_that_numbers_are_the_middles_of_the_figures() -> None:
    machine = HostFacts(
        option=HERE,
        usd_month=money(1.0),
        peak_utilisation=money(2.0),
        absorbed_share=money(0.3),
        absorbed_token_share=money(0.4),
        opex_usd_month=money(5.0),
        price_usd=money(6.0),
        late=True,
        lateness=0.7,
        split_part=0.9,
    )
    assert host_numbers(machine) == HostNumbers(1.0, 2.0, 0.4, 5.0, 6.0, 0.7, part=0.9)
    calls = replace(machine, absorbed_token_share=Unknown("?"))
    assert host_numbers(calls).share == 0.3
    assert host_numbers(replace(machine, lateness=None)).overflows is True
    assert host_numbers(replace(machine, lateness=None, late=False)).overflows is False
    assert host_numbers(replace(machine, lateness=None, late=None)).overflows is False
    assert host_numbers(replace(machine, misses_window=True)).overflows is True
    assert host_numbers(None) is NO_HOST
    facts = case("D8", rented=replace(machine, option=RENT), growth=3.0)
    assert numbers_of(facts) == Numbers(
        frontier=21_000.0,
        hosted=2600.0,
        rent=2184.0,
        own=NO_HOST,
        buy=HostNumbers(usd=420.0, peak=0.5, opex=300.0, price=3800.0),
        rented=host_numbers(machine),
        growth=3.0,
        calls=20_000.0,
        days=90,
    )


def test_that_the_numbers_of_the_same_machines_are_taken_over() -> None:
    machine, board = host(case("D12")), HostFacts(option=RENT)
    facts = case("D8", machine=machine, rented=board)
    told = NUMBERS._replace(
        own=HostNumbers(usd=1.0), buy=HostNumbers(usd=2.0), rented=HostNumbers(usd=3.0)
    )
    same = numbers_of(facts, like=(facts, told))
    assert (same.own, same.buy, same.rented) == (told.own, told.buy, told.rented)
    assert (same.frontier, same.hosted) == (21_000.0, 2600.0)
    other = replace(
        facts,
        machine=replace(machine),
        buy=replace(bought(facts)),
        rented=replace(board),
    )
    fresh = numbers_of(other, like=(facts, told))
    assert fresh == numbers_of(other)
    assert reading(other, like=(facts, told)) == reading(other)
    for name in ("machine", "buy", "rented"):
        one = replace(facts, **{name: getattr(other, name)})
        mixed = numbers_of(one, like=(facts, told))
        plain = numbers_of(one)
        for field, of in (("own", "machine"), ("buy", "buy"), ("rented", "rented")):
            wanted = getattr(plain if of == name else told, field)
            assert getattr(mixed, field) == wanted
