"""The day hour by hour: what each hour asks of a machine's slots."""

from __future__ import annotations

import math
from dataclasses import dataclass

from landfall.core.demand import queueing
from landfall.core.demand.load import Load


@dataclass(frozen=True, slots=True, kw_only=True)
class HourLoad:
    """One local hour of a mean working day.

    Attributes:
        hour: 0 to 23.
        calls: Mean calls in it.
        utilisation: Share of the slots that is busy; from 1 on a queue grows.
        p95_seconds: Within which 19 of 20 calls are answered; None where nothing comes or the
            machine cannot keep up.
        overflow_share: Of the calls, where those that find no free slot go elsewhere (Erlang B).
    """

    hour: int
    calls: float
    utilisation: float
    p95_seconds: float | None
    overflow_share: float


def hour_by_hour(load: Load, seconds: float, *, slots: int) -> tuple[HourLoad, ...]:
    """24 hours, by the formulas; none where no volume is known.

    Without a profile, eight even working hours stand from nine o'clock on: `load.knows_hours` says
    whether they are more than that.

    Args:
        load: How much work there is.
        seconds: A mean call keeps its slot for so long, all slots being busy.
        slots: Calls at once.
    """
    known: dict[float, HourLoad] = {}
    hours = []
    for hour, calls in enumerate(load.day_profile()):
        if calls not in known:
            known[calls] = _hour(hour, calls, seconds, slots)
        one = known[calls]
        hours.append(
            HourLoad(
                hour=hour,
                calls=calls,
                utilisation=one.utilisation,
                p95_seconds=one.p95_seconds,
                overflow_share=one.overflow_share,
            )
        )
    return tuple(hours)


def _hour(hour: int, calls: float, seconds: float, slots: int) -> HourLoad:
    rate = calls / queueing.SECONDS_PER_HOUR
    offered = queueing.offered_erlangs(rate, seconds)
    late = math.inf
    if calls > 0 and offered < slots:
        late = queueing.latency_quantile(rate, service_s=seconds, slots=slots)
    return HourLoad(
        hour=hour,
        calls=calls,
        utilisation=offered / slots,
        p95_seconds=late if math.isfinite(late) else None,
        overflow_share=queueing.overflow_share(slots, offered) if calls > 0 else 0.0,
    )
