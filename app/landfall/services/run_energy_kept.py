"""The energy of an answer as it is kept: joules, what they cost, and what to know of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from landfall.core.energy import RunEnergy
from landfall.core.energy_cost import HourPart, cost_by_hour, hours_of
from landfall.core.events import Ended
from landfall.core.provenance import Unknown, middle

if TYPE_CHECKING:
    from landfall.core.tariff import Tariff
    from landfall.services.metering import Metering
    from landfall.services.records import RunRecord
    from landfall.services.run_watch import RunWatch

ELSEWHERE = "the answer came from another machine"

Money = tuple[float, str] | None
"""An amount and its currency; None where it is not known."""


def energy_and_cost(
    power: Metering,
    watch: RunWatch,
    *,
    ended: Ended | None,
    output_tokens: int | None,
    gpu_share: object,
    tariff: Tariff | None,
) -> tuple[RunEnergy, Money]:
    """The energy of an answer, and its gross energy at the tariff of the hours it was made in."""
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
    return spent, (cost_by_hour(spent.gross_parts, hours, tariff), tariff.currency)


def _hours(watch: RunWatch) -> tuple[HourPart, ...]:
    if watch.began_at is None or watch.end <= watch.start:
        return ()
    return hours_of(watch.began_at, watch.end - watch.start)


def with_energy(record: RunRecord, spent: RunEnergy, cost: Money) -> RunRecord:
    """The record with all that is known of its energy."""
    amount, currency = cost or (None, None)
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
        electricity_cost=amount,
        electricity_currency=currency,
        conditions={**record.conditions, **_told(spent)},
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
