"""One machine for several, field by field; and the question of a routing layer at its bounds."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from landfall.core.provenance import Estimated, Figure, Unknown, band, middle
from landfall.core.verdict import together as sums_of
from landfall.core.verdict.together import Displaced, Routing, RoutingCost, Share, Shared, Tenant
from landfall.core.verdict.together_words import (
    bill_line,
    displaced_line,
    lines,
    machine_lines,
    to_json,
)
from landfall.core.workload.privacy import Option
from tests.core.verdict.test_together import BUY, GB, HERE, LIMITS, hours, summed, tenant, usd

SPLIT, CLOUD = Option.HYBRID, Option.CLOUD_FRONTIER


def test_that_a_machine_is_told_with_all_that_stay() -> None:
    one = tenant("one", busy=hours(h9=0.3, h10=0.1))
    two = tenant("two", busy=hours(h9=0.4, h11=0.2), model="model-one")
    (machine,) = summed(one, two).machines
    assert machine == Shared(
        machine="RTX 4090",
        shares=(
            Share(workload="one", busiest=0.3, memory=8 / 22),
            Share(workload="two", busiest=0.4, memory=8 / 22),
        ),
        hour=9,
        busiest=pytest.approx(0.7),
        # The weights of 5 are loaded once.
        memory=pytest.approx(11 / 22),
        swaps=False,
        strained=False,
        displaced=(),
    )
    assert machine.holds
    assert not replace(machine, strained=True).holds
    gone = Displaced(workload="x", rule="H3", text="", usd_month=usd(1.0))
    assert not replace(machine, displaced=(gone,)).holds
    unknown = tenant("three", busy=(), need_bytes=None)
    (half,) = summed(one, unknown).machines
    assert (half.hour, half.busiest, half.memory) == (9, None, None)
    assert half.shares[1] == Share(workload="three", busiest=None, memory=None)
    (idle,) = summed(tenant("idle", busy=hours())).machines
    assert (idle.hour, idle.busiest, idle.strained) == (None, None, False)
    (dark,) = summed(tenant("dark", budget_bytes=None)).machines
    assert (dark.memory, dark.shares[0].memory) == (None, None)
    away = summed(replace(tenant("away"), machine=""), one)
    assert [one.machine for one in away.machines] == ["RTX 4090"]


def refused(one: Tenant, *stay: Tenant) -> str:
    found = sums_of._too_much(one, stay, LIMITS)
    return found[0] if found else ""


def test_that_memory_and_hours_are_full_above_their_bounds() -> None:
    first = tenant("first", need_bytes=12 * GB, busy=hours(h9=0.5))
    assert refused(tenant("next", need_bytes=10 * GB, busy=hours(h9=0.3)), first) == ""
    assert refused(tenant("next", need_bytes=10 * GB + 1, busy=hours(h9=0.3)), first) == "H3"
    assert refused(tenant("next", busy=hours(h9=0.31)), first) == "H6"
    assert refused(tenant("next", busy=hours(h9=0.9))) == ""
    # What may not leave, and what overflows anyway, fill the whole hour.
    locked = tenant("next", busy=hours(h9=0.49), locked=True)
    assert refused(locked, first) == ""
    assert refused(replace(locked, busy=hours(h9=0.5)), first) == "H6"
    split = tenant("next", busy=hours(h9=0.5), option=SPLIT)
    assert refused(split, first) == ""
    assert refused(replace(split, busy=hours(h9=0.51)), first) == "H6"
    other = tenant("next", need_bytes=20 * GB, busy=hours(h10=0.7))
    # Their hours never meet: one model makes room for the other.
    assert refused(other, first) == ""
    assert refused(replace(other, busy=hours(h9=0.1)), first) == "H3"
    assert refused(replace(other, waits=True), first) == ""
    assert refused(replace(other, busy=()), first) == "H3"
    assert refused(other, replace(first, busy=())) == "H3"
    assert refused(replace(other, busy=hours(h9=0.1)), replace(first, waits=True)) == ""
    same = replace(other, busy=hours(h9=0.1), model="model-first")
    assert refused(same, replace(first, weights_bytes=5 * GB)) in ("", "H3")


def test_that_what_does_not_fit_is_told_in_figures() -> None:
    first = tenant("first", need_bytes=12 << 30, busy=hours(h9=0.5), budget_bytes=22 << 30)
    big = tenant("big", need_bytes=16 << 30, busy=hours(h9=0.1), budget_bytes=22 << 30)
    found = sums_of._too_much(big, [first, tenant("more", need_bytes=0)], LIMITS)
    assert found is not None
    assert "beside first, more the models need 28" in found[1]
    assert "of 22" in found[1]
    busy = sums_of._too_much(tenant("busy", busy=hours(h13=0.9)), [first], LIMITS)
    assert busy == ("H6", "beside first the hour from 13:00 needs 90 % of the machine")


def test_that_who_may_not_leave_comes_first_and_then_who_saves_most() -> None:
    def claim(**changes: Any) -> tuple[int, float]:
        return sums_of._claim(tenant("x", **changes))

    assert claim() == (1, -100.0)
    assert claim(locked=True) == (0, -100.0)
    assert claim(option=SPLIT) == (2, -100.0)
    assert claim(option=SPLIT, locked=True) == (0, -100.0)
    assert claim(elsewhere=Unknown("?")) == (1, 20.0)
    assert claim(after=Unknown("?")) == (1, -120.0)


# Money -------------------------------------------------------------------------------------------


def test_that_the_bill_counts_each_once_and_what_is_displaced_elsewhere() -> None:
    one = tenant("one", busy=hours(h9=0.7))
    two = tenant("two", busy=hours(h9=0.7), elsewhere=usd(90.0), before=usd(300.0))
    cloud = tenant("three", option=CLOUD, machine="", before=usd(50.0), after=usd(50.0))
    unknown = tenant("four", machine="", before=Unknown("?"))
    found = summed(one, two, cloud, unknown)
    # "one" saves 100 and stays, "two" saves 70 and goes.
    assert [(gone.workload, gone.rule) for gone in found.displaced] == [("two", "H6")]
    assert (middle(found.bill_before), middle(found.bill_after)) == (850.0, 20 + 90 + 50)
    assert middle(found.saving) == 690.0
    assert found.saving_share == pytest.approx(690 / 850)
    assert found.uncounted == ("four",)
    assert found.split == ((HERE, 3), (CLOUD, 1))
    locked = summed(replace(one, locked=True), replace(two, locked=True))
    (gone,) = locked.displaced
    assert isinstance(gone.usd_month, Unknown)
    assert gone.locked
    assert locked.uncounted == (gone.workload,)
    gap = replace(found, bill_before=Unknown("?"))
    assert gap.saving_share is None
    assert replace(found, bill_after=Unknown("?")).saving_share is None


def test_that_a_machine_is_bought_once_for_all_that_stay() -> None:
    def buyer(name: str, capital: Figure, **changes: Any) -> Tenant:
        return tenant(name, option=BUY, capital=capital, busy=hours(h9=0.1), model="m", **changes)

    one, two, three = (buyer(str(at), usd(10.0 * at)) for at in (1, 2, 3))
    assert middle(summed(one, two, three).counted_once) == 30.0
    assert middle(summed(two).counted_once) == 0.0
    assert middle(summed(three, buyer("x", Unknown("?"))).counted_once) == 0.0
    other = buyer("far", usd(99.0), machine="another")
    assert middle(summed(one, two, other).counted_once) == 10.0
    owned = tenant("own", capital=usd(99.0), busy=hours(h9=0.1), model="m")
    assert middle(summed(three, owned).counted_once) == 0.0
    gone = buyer("gone", usd(25.0), elsewhere=usd(0.0))
    full = summed(three, replace(gone, busy=hours(h9=0.75)))
    assert [each.workload for each in full.displaced] == ["gone"]
    assert middle(full.counted_once) == 0.0
    assert band(sums_of._sum((), "x")) == (0.0, 0.0, 0.0)


def asked(
    before: float | None, saving: float | None = 9000.0, build: Figure | None = None
) -> Routing:
    bill: Figure = Unknown("?") if before is None else usd(before)
    saved: Figure = Unknown("?") if saving is None else usd(saving)
    cost = RoutingCost(build_usd=build or usd(30_000.0), run_usd_month=usd(800.0))
    return sums_of._routing(bill, saved, LIMITS, cost)


def test_that_a_routing_layer_is_a_question_from_ten_thousand_on() -> None:
    small = asked(9999.0)
    assert (small.asked, small.payback_months, small.worth) == (False, None, False)
    assert small.text.startswith("$9,999 a month: below $10,000")
    assert asked(None).text.startswith("The bill is not known: below $10,000")
    # 30,000 over what 5,800 save beyond 800 a month: six months are the most.
    found = asked(10_000.0, 5800.0)
    assert (found.asked, found.payback_months, found.worth) == (True, 6.0, True)
    assert "pays back in 6.0 months of the $5,800 saved; 6 are the most: worth asking" in found.text
    late = asked(10_000.0, 5799.0)
    assert (late.asked, late.worth) == (True, False)
    assert "not worth it" in late.text
    never = asked(10_000.0, 800.0)
    assert (never.payback_months, never.worth) == (math.inf, False)
    assert "never pays back: it would save $800 a month" in never.text
    for unknown in (asked(10_000.0, None), asked(10_000.0, build=Unknown("?"))):
        assert (unknown.asked, unknown.payback_months, unknown.worth) == (True, None, False)


# In words ----------------------------------------------------------------------------------------


def test_that_a_sum_is_told_line_by_line() -> None:
    one = tenant("one", option=BUY, capital=usd(10.0), busy=hours(h9=0.3), model="m")
    two = replace(one, workload="two", busy=hours(h9=0.2))
    unknown = tenant("four", machine="", before=Unknown("?"))
    found = summed(one, two, unknown)
    told = lines(found)
    assert told[0] == "All together: 2 LOCAL_BUY, 1 LOCAL_THIS_MACHINE."
    assert told[1] == "$1,000 → $30 a month, $970 less (97 %)."
    assert told[2] == "Not in the sum, cost unknown: four."
    assert told[3] == "Machines bought once for several workloads save $10.00 a month."
    assert told[4] == (
        "RTX 4090: the hour from 9:00 is 50 % busy, 50 % of its memory with models"
        " (one 30 %, two 20 %)."
    )
    assert told[5] == found.routing.text
    assert len(lines(summed(tenant("x")))) == 4


def test_that_bills_are_told_with_their_band_and_a_loss_as_one() -> None:
    wide = Estimated(10.0, 20.0, 40.0, "t")
    assert bill_line(summed(tenant("a", after=wide))) == (
        "$500 → $20 ($10.00 to $40) a month, $480 less (96 %)."
    )
    assert bill_line(summed(tenant("a", after=usd(600.0)))) == (
        "$500 → $600 a month, $100 more (20 %)."
    )
    free = summed(tenant("a", before=usd(0.0), after=usd(0.0)))
    assert bill_line(free) == "$0.00 → $0.00 a month."
    assert bill_line(replace(free, saving=Unknown("?"))) == "What they cost together is not known."
    for name in ("bill_before", "bill_after"):
        gap = replace(free, **{name: Unknown("?")})
        assert bill_line(gap) == "What they cost together is not known."


def test_that_a_machine_and_what_it_refuses_are_told() -> None:
    (machine,) = summed(tenant("one"), tenant("two", busy=(), model="model-one")).machines
    dark = replace(machine, hour=None)
    assert machine_lines(dark) == (
        "RTX 4090: how busy it is together is not known (one 30 %, two ?).",
    )
    unsure = machine_lines(replace(machine, busiest=None, memory=None))
    assert unsure == ("RTX 4090: the hour from 9:00 is not known (one 30 %, two ?).",)
    gone = Displaced(workload="x", rule="H3", text="too big", usd_month=usd(7.0))
    full = replace(machine, swaps=True, strained=True, displaced=(gone,))
    assert len(machine_lines(full)) == 4
    assert displaced_line(gone) == (
        "Does not find its place: x (H3: too big); elsewhere $7.00 a month."
    )
    unknown = replace(gone, usd_month=Unknown("?"))
    assert displaced_line(unknown).endswith("; and its bill is not known.")
    assert "another machine" in displaced_line(replace(unknown, locked=True))
    document = to_json(summed(tenant("one"), tenant("two", busy=hours(h9=0.9), elsewhere=usd(1.0))))
    (told,) = document["machines"]
    assert (told["machine"], told["holds"], told["busiest_hour"]) == ("RTX 4090", False, 9)
    assert (told["swaps"], told["strained"], told["busiest_share"]) == (False, False, 0.3)
    assert told["shares"][0] == {"workload": "one", "busiest": 0.3, "memory": 8 / 22}
    assert [(one["workload"], one["rule"]) for one in told["displaced"]] == [("two", "H6")]
    assert told["displaced"][0]["usd_month"]["mid"] == 1.0
    assert document["split"] == {"LOCAL_THIS_MACHINE": 2}
    assert document["routing"]["payback_months"] is None
    assert document["uncounted"] == []
