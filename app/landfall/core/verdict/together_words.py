"""The workloads together in words and as a document; the values are those of `together`."""

from __future__ import annotations

from typing import Any

from landfall.core.dollars import usd
from landfall.core.percent import percent
from landfall.core.provenance import as_json, band, middle
from landfall.core.verdict.together import Displaced, Shared, Together


def lines(found: Together) -> tuple[str, ...]:
    """The sum in a few sentences: the split, the bill, each machine, the routing layer."""
    said = [_split(found), bill_line(found)]
    if found.uncounted:
        said.append(f"Not in the sum, cost unknown: {', '.join(found.uncounted)}.")
    once = middle(found.counted_once)
    if once:
        said.append(f"Machines bought once for several workloads save {usd(once)} a month.")
    for machine in found.machines:
        said += machine_lines(machine)
    said.append(found.routing.text)
    return tuple(said)


def machine_lines(machine: Shared) -> tuple[str, ...]:
    """What one machine makes of the workloads that want it."""
    out = {one.workload for one in machine.displaced}
    shares = ", ".join(
        f"{one.workload} {percent(one.busiest)}" if one.busiest is not None else f"{one.workload} ?"
        for one in machine.shares
        if one.workload not in out
    )
    if machine.hour is None:
        return (f"{machine.machine}: how busy it is together is not known ({shares}).",)
    hour = f"the hour from {machine.hour}:00"
    busy = "is not known" if machine.busiest is None else f"is {percent(machine.busiest)} busy"
    memory = (
        "" if machine.memory is None else f", {percent(machine.memory)} of its memory with models"
    )
    said = [f"{machine.machine}: {hour} {busy}{memory} ({shares})."]
    if machine.swaps:
        said.append("Its models take turns in memory: each change loads one anew.")
    if machine.strained:
        said.append("That is above what it should serve, and nothing may leave: it queues (H6).")
    said += [displaced_line(one) for one in machine.displaced]
    return tuple(said)


def displaced_line(one: Displaced) -> str:
    """A workload that does not find its place."""
    cost = middle(one.usd_month)
    then = f"elsewhere {usd(cost)} a month" if cost is not None else "and its bill is not known"
    if one.locked:
        then = "its privacy rule lets it go nowhere else: it needs another machine"
    return f"Does not find its place: {one.workload} ({one.rule}: {one.text}); {then}."


def _split(found: Together) -> str:
    parts = ", ".join(f"{count} {option.value}" for option, count in found.split)
    return f"All together: {parts}."


def bill_line(found: Together) -> str:
    """The bill before and after, and what that saves."""
    before, after = band(found.bill_before), band(found.bill_after)
    saving, share = middle(found.saving), found.saving_share
    if before is None or after is None or saving is None:
        return "What they cost together is not known."
    ends = f" ({usd(after[0])} to {usd(after[2])})" if after[0] != after[2] else ""
    text = f"{usd(before[1])} → {usd(after[1])}{ends} a month"
    if share is None:
        return f"{text}."
    if saving < 0:
        return f"{text}, {usd(-saving)} more ({percent(-share)})."
    return f"{text}, {usd(saving)} less ({percent(share)})."


def to_json(found: Together) -> dict[str, Any]:
    """The sum as a document."""
    months = found.routing.payback_months
    return {
        "bill_before_usd_month": as_json(found.bill_before),
        "bill_after_usd_month": as_json(found.bill_after),
        "saving_usd_month": as_json(found.saving),
        "saving_share": found.saving_share,
        "uncounted": list(found.uncounted),
        "split": {option.value: count for option, count in found.split},
        "machines": [_machine(one) for one in found.machines],
        "routing": {
            "asked": found.routing.asked,
            "worth": found.routing.worth,
            "payback_months": None if months == float("inf") else months,
            "text": found.routing.text,
        },
    }


def _machine(one: Shared) -> dict[str, Any]:
    return {
        "machine": one.machine,
        "holds": one.holds,
        "busiest_hour": one.hour,
        "busiest_share": one.busiest,
        "memory_share": one.memory,
        "swaps": one.swaps,
        "strained": one.strained,
        "shares": [
            {"workload": s.workload, "busiest": s.busiest, "memory": s.memory} for s in one.shares
        ],
        "displaced": [
            {
                "workload": d.workload,
                "rule": d.rule,
                "text": d.text,
                "usd_month": as_json(d.usd_month),
            }
            for d in one.displaced
        ],
    }
