"""The load of a verdict's machine for a reader: one line, and the `load` block of its document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from landfall.core.demand.queueing import longest_mean_wait
from landfall.core.demand.replaying import SHORT_QUEUE
from landfall.core.demand.strain import Strain
from landfall.core.durations import duration
from landfall.core.percent import percent
from landfall.core.provenance import Figure, Unknown, as_json, middle


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLoad:
    """What the work asks of the machine that a verdict looks at.

    Attributes:
        machine, model: Their names, or "".
        most_busy: The share of its slots that may be busy in the busiest hour.
    """

    machine: str
    model: str
    strain: Strain
    most_busy: float


def load_line(host: HostLoad) -> str:
    """The busiest hour, p95 and what overflows, in one line; "" where nothing of it is known."""
    strain = host.strain
    peak, late, share = middle(strain.peak()), middle(strain.p95()), middle(strain.absorbed())
    parts = []
    if peak is not None:
        parts.append(_busiest(strain, _name(host.machine), peak))
    if late is not None:
        parts.append(f"19 of 20 answers within {duration(late)}")
    if share is not None and strain.window_hours is None:
        parts.append(
            f"{percent(1 - share, 1)} of all calls overflow if none may wait"
            if share < 1
            else "nothing overflows"
        )
    batch = strain.batch()
    if batch is not None:
        day = "a busy day's" if strain.load.pattern is not None else "a day's"
        parts.append(f"{day} work takes {batch.hours_needed:.1f} h of {strain.window_hours:g} h")
    return ", ".join(parts) + "." if parts else ""


def _name(machine: str) -> str:
    return "this machine" if machine.casefold() == "this machine" else machine or "the machine"


def _busiest(strain: Strain, name: str, peak: float) -> str:
    busy = f"{percent(peak)} busy" if peak < 2 else f"asked for {peak:.1f} times what it serves"
    slots = _slots(strain)
    if strain.window_hours is not None:
        return f"In its window {name} is {busy}{slots}"
    if not strain.load.knows_hours:
        day = "a day's" if strain.load.pattern is None else "a busy day's"
        return f"In the busiest hour ({day} calls within eight hours) {name} is {busy}{slots}"
    profile = strain.load.day_profile()
    hour = profile.index(max(profile))
    return f"In the busiest hour (about {hour}:00) {name} is {busy}{slots}"


def _slots(strain: Strain) -> str:
    slots = strain.service.slots
    return "" if slots == 1 else f" with {slots} calls at once"


def load_json(host: HostLoad) -> dict[str, Any]:
    """The `load` block of a verdict's document. Figures are as everywhere in it, null where not
    known, then `reasons` says why; `how` tells a replay of the trace from the formulas."""
    strain = host.strain
    calls, days = strain.replayed_calls()
    figures = {
        "seconds_per_call": strain.service.seconds,
        "utilisation": strain.peak(),
        "mean_wait_seconds": strain.mean_wait(),
        "p95_seconds": strain.p95(),
        "absorbed_share": strain.absorbed(),
        "absorbed_share_with_queue": strain.absorbed_queued(),
        "absorbed_token_share": strain.absorbed_tokens(),
    }
    share = middle(figures["absorbed_share"])
    rate, hours, batch = strain.load.busiest(), strain.hours(), strain.batch()
    growth = strain.growth(most_busy=host.most_busy)
    return {
        "machine": host.machine,
        "model": host.model,
        "slots": strain.service.slots,
        "slots_reason": strain.service.says,
        "how": "replay" if calls else "formulas",
        "replayed_calls": calls,
        "replayed_days": days,
        **{name: as_json(figure) for name, figure in figures.items()},
        "busiest_hour": {
            "hour": _busiest_hour(strain),
            "calls": None if rate is None else rate * 3600,
            "assumed": not strain.load.knows_hours,
        },
        "overflow_share": None if share is None else 1 - share,
        "queue": SHORT_QUEUE,
        "queue_wait_seconds": _queue_wait(strain),
        "hours": [asdict(hour) for hour in hours],
        "batch": None if batch is None else {"window_hours": strain.window_hours, **asdict(batch)},
        "people": strain.people(most_busy=host.most_busy),
        "people_measured": strain.service.people,
        "growth": None if growth is None else asdict(growth),
        "reasons": _reasons(figures),
    }


def _queue_wait(strain: Strain) -> float | None:
    """Mean seconds that the last call of a full short queue waits."""
    each = middle(strain.service.seconds)
    if each is None:
        return None
    return longest_mean_wait(each, slots=strain.service.slots, queue=SHORT_QUEUE)


def _busiest_hour(strain: Strain) -> int | None:
    profile = strain.load.day_profile()
    return profile.index(max(profile)) if strain.load.knows_hours and any(profile) else None


def _reasons(figures: dict[str, Figure]) -> dict[str, str]:
    return {name: one.reason for name, one in figures.items() if isinstance(one, Unknown)}
