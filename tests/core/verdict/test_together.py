"""All workloads together: hours and memory of one machine add up, and so does the bill."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.provenance import Estimated, Stated, Unknown, middle
from landfall.core.settings import Thresholds
from landfall.core.verdict import options, together_words
from landfall.core.verdict.together import (
    HOURS,
    Displaced,
    RoutingCost,
    Tenant,
    Together,
    _filled,
    together,
)
from landfall.core.workload.privacy import Option

LIMITS = Thresholds()
ROUTING = RoutingCost(build_usd=Stated(30_000.0, "t"), run_usd_month=Stated(800.0, "t"))
GB = 10**9
HERE, BUY = Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY


def usd(amount: float) -> Stated:
    return Stated(amount, "test")


def hours(**busy: float) -> tuple[float, ...]:
    """A day with the named hours busy: h9=0.5."""
    return tuple(busy.get(f"h{hour}", 0.0) for hour in range(HOURS))


def tenant(name: str, **changes: Any) -> Tenant:
    values: dict[str, Any] = {
        "option": HERE,
        "machine": "RTX 4090",
        "model": f"model-{name}",
        "need_bytes": 8 * GB,
        "weights_bytes": 5 * GB,
        "budget_bytes": 22 * GB,
        "busy": hours(h9=0.3),
        "before": usd(500.0),
        "after": usd(20.0),
        "elsewhere": usd(120.0),
    }
    return Tenant(workload=name, **(values | changes))


def summed(*tenants: Tenant, routing: RoutingCost = ROUTING) -> Together:
    return together(tenants, LIMITS, routing)


def gone(found: Together) -> list[tuple[str, str]]:
    return [(one.workload, one.rule) for one in found.displaced]


# Hours -------------------------------------------------------------------------------------------


def test_that_two_which_fit_alone_may_not_fit_the_busiest_hour_together() -> None:
    one, two = tenant("a", busy=hours(h9=0.5)), tenant("b", busy=hours(h9=0.4, h10=0.1))
    assert gone(summed(one)) == gone(summed(two)) == []
    found = summed(one, two)
    assert gone(found) == [("b", "H6")]
    (displaced,) = found.displaced
    assert displaced.text == "beside a the hour from 9:00 needs 90 % of the machine"
    assert middle(displaced.usd_month) == 120.0
    assert middle(found.bill_after) == 20.0 + 120.0
    assert not found.machines[0].holds


def test_that_other_hours_do_not_add_up() -> None:
    found = summed(tenant("a", busy=hours(h9=0.5)), tenant("b", busy=hours(h15=0.7)))
    (machine,) = found.machines
    assert (machine.hour, machine.busiest) == (15, 0.7)
    assert machine.holds
    assert [(one.workload, one.busiest) for one in machine.shares] == [("a", 0.0), ("b", 0.7)]


def test_that_the_limit_itself_is_still_served() -> None:
    assert gone(summed(tenant("a", busy=hours(h9=0.5)), tenant("b", busy=hours(h9=0.3)))) == []


def test_that_who_saves_most_stays_and_a_lock_comes_before_money() -> None:
    rich = tenant("rich", busy=hours(h9=0.7), elsewhere=usd(9000.0))
    poor = tenant("poor", busy=hours(h9=0.7), elsewhere=usd(100.0))
    found = summed(poor, rich)
    assert gone(found) == [("poor", "H6")]
    # What is named as parts of the busiest hour adds up to it: who does not stay is none of them.
    (line,) = (one for one in together_words.lines(found) if "70 % busy" in one)
    assert "rich 70 %" in line
    assert "poor" not in line
    private = tenant("private", busy=hours(h9=0.7), locked=True, elsewhere=Unknown("locked"))
    assert gone(summed(rich, private)) == [("rich", "H6")]


def test_that_what_may_not_leave_queues_up_to_the_whole_hour_and_no_further() -> None:
    one = tenant("a", busy=hours(h9=0.6), locked=True)
    found = summed(one, tenant("b", busy=hours(h9=0.3), locked=True))
    assert gone(found) == []
    assert found.machines[0].strained
    assert "it queues (H6)" in " ".join(together_words.lines(found))
    assert not found.machines[0].holds
    over = summed(one, tenant("b", busy=hours(h9=0.4), locked=True))
    assert gone(over) == [("b", "H6")]
    assert isinstance(over.displaced[0].usd_month, Unknown)
    assert over.displaced[0].locked
    assert over.uncounted == ("b",)
    assert "it needs another machine" in " ".join(together_words.lines(over))


def test_that_a_hybrid_takes_what_is_left_since_it_overflows_anyway() -> None:
    hybrid = tenant("h", option=Option.HYBRID, busy=hours(h9=0.65), elsewhere=usd(99_999.0))
    plain = tenant("p", busy=hours(h9=0.3))
    assert gone(summed(hybrid, plain)) == []
    assert gone(summed(hybrid, tenant("p", busy=hours(h9=0.6)))) == [("h", "H6")]


def test_that_work_which_may_wait_fills_the_quiet_hours() -> None:
    busy = tenant("day", busy=hours(h9=0.7, h10=0.7))
    batch = tenant("batch", busy=(0.25,) * HOURS, waits=True)
    found = summed(busy, batch)
    assert gone(found) == []
    assert found.machines[0].busiest == pytest.approx(0.7)
    much = tenant("batch", busy=(0.79,) * HOURS, waits=True)
    level = summed(busy, much)
    assert gone(level) == [("batch", "H6")] or gone(level) == [("day", "H6")]


@given(
    st.lists(st.lists(st.floats(0.0, 0.9), min_size=24, max_size=24), min_size=1, max_size=4),
    st.booleans(),
)
def test_that_poured_work_is_neither_lost_nor_made(days: list[list[float]], waits: bool) -> None:
    tenants = [
        tenant(str(place), model="m", busy=tuple(day), waits=waits and place == 0)
        for place, day in enumerate(days)
    ]
    (machine,) = summed(*tenants).machines
    if machine.busiest is not None and not machine.displaced:
        total = sum(sum(one.busy) for one in tenants)
        assert machine.busiest * HOURS >= total - 1e-6
        assert machine.busiest <= max(0.8, *(max(one.busy) for one in tenants)) + 1e-6


# Memory ------------------------------------------------------------------------------------------


def test_that_two_models_that_do_not_lie_side_by_side_are_told() -> None:
    big = {"need_bytes": 15 * GB, "busy": hours(h9=0.1)}
    found = summed(tenant("a", **big), tenant("b", **big))
    assert gone(found) == [("b", "H3")]
    assert "27.9 GiB of 20.5 GiB" in found.displaced[0].text


def test_that_one_model_for_two_workloads_is_loaded_once() -> None:
    both = {"need_bytes": 13 * GB, "weights_bytes": 9 * GB, "model": "one", "busy": hours(h9=0.1)}
    found = summed(tenant("a", **both), tenant("b", **both))
    assert gone(found) == []
    assert found.machines[0].memory == pytest.approx(17 / 22)
    assert not found.machines[0].swaps


def test_that_models_whose_hours_never_meet_take_turns() -> None:
    night = tenant("night", need_bytes=15 * GB, busy=hours(h2=0.5))
    day = tenant("day", need_bytes=15 * GB, busy=hours(h9=0.5))
    found = summed(day, night)
    assert gone(found) == []
    assert found.machines[0].swaps
    assert "take turns" in " ".join(together_words.lines(found))
    batch = tenant("batch", need_bytes=15 * GB, busy=(0.1,) * HOURS, waits=True)
    assert gone(summed(day, batch)) == []
    unknown = tenant("unknown", need_bytes=15 * GB, busy=())
    assert gone(summed(day, unknown)) == [("unknown", "H3")] or gone(summed(day, unknown)) == [
        ("day", "H3")
    ]


def test_that_what_is_not_known_is_not_counted_as_nothing() -> None:
    found = summed(tenant("a", need_bytes=None, busy=()), tenant("b"))
    (machine,) = found.machines
    assert machine.memory is None
    assert machine.busiest is None
    empty = summed(tenant("a", busy=()))
    assert empty.machines[0].hour is None
    assert "is not known" in " ".join(together_words.lines(empty))


# Money -------------------------------------------------------------------------------------------


def test_that_the_bill_before_and_after_adds_what_is_known_on_both_sides() -> None:
    found = summed(
        tenant("a"),
        Tenant(workload="cloud", option=Option.CLOUD_FRONTIER, before=usd(80.0), after=usd(80.0)),
        Tenant(workload="dark", option=Option.HOSTED_OPEN, before=usd(9.0)),
    )
    assert middle(found.bill_before) == 580.0
    assert middle(found.bill_after) == 100.0
    assert middle(found.saving) == 480.0
    assert found.saving_share == pytest.approx(480 / 580)
    assert found.uncounted == ("dark",)
    assert found.split == ((HERE, 1), (Option.CLOUD_FRONTIER, 1), (Option.HOSTED_OPEN, 1))


def test_that_a_machine_for_several_is_bought_once() -> None:
    one = tenant("a", option=BUY, after=usd(420.0), capital=usd(120.0), busy=hours(h9=0.2))
    two = tenant("b", option=BUY, after=usd(400.0), capital=usd(100.0), busy=hours(h9=0.2))
    found = summed(one, two)
    assert middle(found.counted_once) == 100.0
    assert middle(found.bill_after) == 420.0 + 400.0 - 100.0
    assert "bought once" in " ".join(together_words.lines(found))
    other = tenant("b", option=BUY, machine="RTX 5090", after=usd(400.0), capital=usd(100.0))
    assert middle(summed(one, other).counted_once) == 0.0


def test_that_each_sum_says_what_it_is_the_sum_of() -> None:
    found = summed(tenant("a"), tenant("b"))
    words = [options.origin(one) for one in (found.bill_before, found.bill_after, found.saving)]
    assert words[0] == "what the workloads cost today"
    assert words[1] == "what the workloads cost then, a machine for several counted once"
    assert words[2] == "before less after"


def test_that_a_loss_is_said_as_one() -> None:
    found = summed(tenant("a", before=usd(10.0), after=usd(30.0)))
    assert together_words.lines(found)[1] == "$10.00 → $30 a month, $20 more (200 %)."
    free = summed(tenant("a", before=usd(0.0), after=usd(30.0)))
    assert free.saving_share is None
    assert together_words.lines(free)[1] == "$0.00 → $30 a month."


def test_that_a_band_stays_a_band() -> None:
    wide = Estimated(10.0, 20.0, 60.0, "t")
    found = summed(tenant("a", after=wide))
    assert "$20 ($10.00 to $60) a month" in together_words.lines(found)[1]


def test_that_nothing_at_all_is_a_sum_too() -> None:
    found = summed()
    assert middle(found.bill_before) == 0.0
    assert found.machines == ()
    assert not found.routing.asked


def test_that_a_routing_layer_of_unknown_cost_stays_a_question() -> None:
    unknown = RoutingCost(build_usd=Unknown("?"), run_usd_month=Unknown("?"))
    found = summed(tenant("a", before=usd(20_000.0)), routing=unknown)
    assert (found.routing.asked, found.routing.worth) == (True, False)
    assert found.routing.payback_months is None


def test_that_a_locked_workload_is_known_by_its_lock_and_not_by_words() -> None:
    bill = Unknown("a price that nowhere is listed")
    free = Displaced(workload="a", rule="H6", text="it is full", usd_month=bill)
    assert "its bill is not known" in together_words.displaced_line(free)
    assert "another machine" in together_words.displaced_line(replace(free, locked=True))


def test_that_the_document_has_no_infinity() -> None:
    found = summed(tenant("a", before=usd(20_000.0), after=usd(19_900.0)))
    assert found.routing.payback_months == math.inf
    document = together_words.to_json(found)
    assert document["routing"]["payback_months"] is None
    assert document["machines"][0]["shares"] == [
        {"workload": "a", "busiest": 0.3, "memory": pytest.approx(8 / 22)}
    ]
    assert document["split"] == {"LOCAL_THIS_MACHINE": 1}
    crowded = summed(tenant("a", busy=hours(h9=0.6)), tenant("b", busy=hours(h9=0.6)))
    (gone_one,) = together_words.to_json(crowded)["machines"][0]["displaced"]
    assert (gone_one["workload"], gone_one["rule"]) == ("b", "H6")
    assert "elsewhere $120 a month" in " ".join(together_words.lines(crowded))


def test_that_waiting_work_fills_the_quietest_hours_to_one_level() -> None:
    assert _filled([1.0, 4.0, 2.0], 0.0) == [1.0, 4.0, 2.0]
    assert _filled([1.0, 4.0, 2.0], 3.0) == pytest.approx([3.0, 4.0, 3.0])
    assert _filled([1.0, 4.0, 2.0], 8.0) == pytest.approx([5.0, 5.0, 5.0])


@given(st.lists(st.floats(0, 24), min_size=24, max_size=24), st.floats(0.001, 500))
def test_that_all_waiting_work_is_poured_and_no_hour_loses_any(
    busy: list[float], waiting: float
) -> None:
    found = _filled(list(busy), waiting)
    assert sum(found) == pytest.approx(sum(busy) + waiting)
    raised = [after for before, after in zip(busy, found, strict=True) if after > before]
    assert len(set(raised)) <= 1
    assert all(after >= before for before, after in zip(busy, found, strict=True))


def test_that_a_sum_says_what_is_not_in_it_and_what_is_not_known() -> None:
    found = summed(tenant("a"))
    assert not any("Not in the sum" in line for line in together_words.lines(found))
    told = replace(found, uncounted=("b", "c"))
    assert "Not in the sum, cost unknown: b, c." in together_words.lines(told)
    known = replace(found, bill_before=usd(100.0), bill_after=usd(80.0), saving=usd(20.0))
    assert together_words.bill_line(known) == "$100 → $80 a month, $20 less (20 %)."
    loss = replace(known, bill_after=usd(125.0), saving=usd(-25.0))
    assert together_words.bill_line(loss) == "$100 → $125 a month, $25 more (25 %)."
    doubtful = replace(known, bill_after=Estimated(70.0, 80.0, 95.0, "t"))
    assert together_words.bill_line(doubtful) == "$100 → $80 ($70 to $95) a month, $20 less (20 %)."
    for part in ("bill_before", "bill_after", "saving"):
        gap = replace(known, **{part: Unknown("x")})
        assert together_words.bill_line(gap) == "What they cost together is not known."
    once = replace(found, counted_once=usd(12.0))
    assert (
        "Machines bought once for several workloads save $12.00 a month."
        in together_words.lines(once)
    )
