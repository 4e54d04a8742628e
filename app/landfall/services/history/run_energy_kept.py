"""The energy of an answer as it is kept: joules, what they cost, and what to know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from landfall.core.costs.energy_cost import HourPart, cost_by_hour, hours_of
from landfall.core.energy.energy import RunEnergy
from landfall.core.energy.wall import wall
from landfall.core.events import Ended
from landfall.core.provenance import Unknown, middle

if TYPE_CHECKING:
    from landfall.core.costs.tariff import Tariff
    from landfall.core.energy.wall import Wall, WallCalibration
    from landfall.services.history.records import RunRecord
    from landfall.services.run.metering import Metering
    from landfall.services.run.watch import RunWatch

ELSEWHERE = "the answer came from another machine"
NOT_LOOKED = "the sensors of this machine were not looked for"
OVER_AN_INTERFACE = "nothing tells what an answer over a provider's interface takes here"
"""Of a server that is asked as a provider is, though it runs on this machine."""


class Electricity(NamedTuple):
    """What the energy of an answer cost at the plug.

    Attributes:
        way: How watts inside became watts at the plug: "estimated with a common supply".
    """

    cost: float
    currency: str
    wall_joules: float
    way: str


def energy_and_cost(
    power: Metering,
    watch: RunWatch,
    *,
    ended: Ended | None,
    output_tokens: int | None,
    gpu_share: object,
    tariff: Tariff | None,
    calibration: WallCalibration | None = None,
) -> tuple[RunEnergy, Electricity | None]:
    """The energy of an answer, and what it cost at the plug in the hours it was made in.

    Cost is of the gross energy with what the rest of the machine draws and the supply loses: that
    is estimated where nobody calibrated it. Models are compared by the net energy instead.
    """
    hours = _hours(watch) if tariff is not None and ended is not None else ()
    spent = power.energy(
        watch,
        counters=ended.counters if ended is not None else None,
        output_tokens=output_tokens,
        gpu_share=gpu_share if isinstance(gpu_share, float) else None,
        cuts=[watch.start + hour.start for hour in hours[1:]],
        ended=ended is not None,
    )
    if tariff is None or isinstance(spent.gross, Unknown):
        return spent, None
    way = wall(
        (part.scope for part in spent.parts),
        calibration=calibration,
        sources=[part.source for part in spent.parts],
        macbook_efficiency=power.supply_efficiency,
    )
    return spent, _electricity(spent, hours, tariff, way)


def _electricity(
    spent: RunEnergy, hours: Sequence[HourPart], tariff: Tariff, way: Wall
) -> Electricity:
    whole = hours[-1].end - hours[0].start
    rest = way.other_watts * spent.own_seconds / whole
    at_plug = [
        (joules + rest * (hour.end - hour.start)) / way.efficiency
        for joules, hour in zip(spent.gross_parts, hours, strict=True)
    ]
    cost = cost_by_hour(at_plug, hours, tariff)
    return Electricity(cost, tariff.currency, sum(at_plug), way.origin)


def _hours(watch: RunWatch) -> tuple[HourPart, ...]:
    if watch.began_at is None or watch.end <= watch.start:
        return ()
    return hours_of(watch.began_at, watch.end - watch.start)


def with_energy(record: RunRecord, spent: RunEnergy, cost: Electricity | None) -> RunRecord:
    """The record with all that is known of its energy."""
    return replace(
        record,
        gross_joules=middle(spent.gross),
        net_joules=middle(spent.net),
        prefill_joules=middle(spent.prefill),
        decode_joules=middle(spent.decode),
        idle_watts=middle(spent.idle_watts),
        energy_scope=spent.scope or None,
        energy_grade=str(spent.grade),
        energy_error_share=spent.error_share,
        energy_reason=spent.gross.reason if isinstance(spent.gross, Unknown) else None,
        shared_with=spent.shared_with,
        electricity_cost=cost.cost if cost else None,
        electricity_currency=cost.currency if cost else None,
        conditions={**record.conditions, **_told(spent), **_told_of_wall(cost)},
    )


def _told(spent: RunEnergy) -> dict[str, Any]:
    """What has no column of its own; only what there is."""
    told: dict[str, Any] = {}
    load = middle(spent.load)
    if load is not None:
        told["load_joules"] = load
    if isinstance(spent.net, Unknown) and not isinstance(spent.gross, Unknown):
        told["net_reason"] = spent.net.reason
    if spent.notes:
        told["energy_notes"] = list(spent.notes)
    return told


def _told_of_wall(cost: Electricity | None) -> dict[str, Any]:
    if cost is None:
        return {}
    return {"wall_joules": cost.wall_joules, "wall_way": cost.way}
