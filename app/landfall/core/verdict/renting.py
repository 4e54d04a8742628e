"""A rented GPU, in both ways in which it can be had: never stopped, or started when work comes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from landfall.core.costs import cost
from landfall.core.demand import queueing
from landfall.core.demand.load import Load
from landfall.core.figures import combined
from landfall.core.provenance import Figure, middle
from landfall.core.verdict.ability import Ability
from landfall.core.verdict.facts import Variant
from landfall.core.verdict.places import InTime
from landfall.core.verdict.world import Assumptions

BUSY_AT_MOST = 0.8
"""Share of a rented GPU that may be busy in the busiest hour: above it answers wait too long. The
default of `utilisation_max`; it does not move with that threshold, which is of machines of one's
own: one more rented GPU is taken by the hour and needs no margin for what cannot be had."""
_DISK_OVER_MODEL = 1.5
"""A volume holds the model, the server and room to exchange it. Our judgement."""
_BYTES_PER_GB = 1e9
"""Hosts bill storage in decimal gigabytes."""

Hours = tuple[tuple[float, float], ...]
"""Calls of an hour, and how many such hours a day has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RentedDay:
    """A day of a GPU that is started when work comes and stopped when none has come for a while.

    Attributes:
        on_hours: It answers, or waits for more work.
        starts: How often it has to be started.
        gpus: Of them at once, in the busiest hour, so that it keeps up and answers in time.
    """

    on_hours: float
    starts: float
    gpus: int


def rented_day(
    hours: Sequence[tuple[float, float]],
    *,
    service_s: float,
    slots: int,
    idle_hours: float,
    window_hours: float | None = None,
    in_time: Callable[[float, int], int] | None = None,
    worked_share: float = 1.0,
    busy_day: float = 1.0,
) -> RentedDay:
    """How long a GPU is on in a day, and how often it is started.

    With Poisson arrivals of rate r it is on while a call is worked on or came within the wait: a
    share 1 - exp(-r (S + wait)) of the hour, and r exp(-r (S + wait)) times an hour it begins anew
    (busy periods of M/G/infinity, whatever the service times). Where the work alone takes longer,
    that counts.

    Args:
        hours: Calls of an hour, and how many such hours the day has.
        service_s: A call keeps its slot for so long.
        slots: Calls at once on one GPU.
        idle_hours: How long it waits for more work before it is stopped.
        window_hours: The work may wait, and is done in one go within so many hours.
        in_time: Of the seconds of a call and what the busiest hour takes: how many GPUs answer
            within the target; None where there is none.
        worked_share: Of all days that have work: on the others nothing is started.
        busy_day: Work of a busy day over that of the mean one.
    """
    each = service_s / 3600 / slots
    most = max((calls for calls, _ in hours), default=0.0) * each
    gpus = max(1, math.ceil(most / BUSY_AT_MOST - 1e-9))
    if in_time is not None:
        gpus = in_time(service_s, gpus)
    if window_hours is not None:
        work = math.fsum(calls * each * many for calls, many in hours)
        busy = work * busy_day
        gpus = max(1, math.ceil(busy / (queueing.BATCH_SAFETY * window_hours) - 1e-9))
        waits = idle_hours * gpus * worked_share
        return RentedDay(on_hours=work + waits, starts=gpus * worked_share, gpus=gpus)
    on = starts = 0.0
    for calls, many in hours:
        off = math.exp(-calls * (service_s / 3600 + idle_hours))
        on += max(calls * each, 1 - off) * many
        starts += calls * off * many
    # Who is off at night is started in the morning, however busy the day.
    least = worked_share if on < 24 - idle_hours else 0.0
    return RentedDay(on_hours=on, starts=max(least, starts if starts > 1e-9 else 0.0), gpus=gpus)


def hours_of_day(load: Load) -> Hours:
    """(Calls of an hour, how many such hours), that add up to a mean day.

    Where it is known how days differ, an hour of a full day is that much fuller, and as rare.
    """
    calls = load.calls_per_day
    if calls is None:
        return ()
    even = load.hourly_rates()
    hours: Hours = ()
    if load.knows_hours:
        hours = _alike(load.day_profile(), calls)
    elif even:
        hours = _scaled({even[0] * 3600: len(even)}, even[0] * 3600 * len(even), calls)
    if load.pattern is None:
        return hours
    return tuple(
        (rate * much, many * share) for rate, many in hours for much, share in load.pattern.classes
    )


@lru_cache(maxsize=8)
def _alike(profile: tuple[float, ...], calls_per_day: float) -> Hours:
    total = math.fsum(profile)
    return _scaled(Counter(profile), total, calls_per_day)


def _scaled(hours: Mapping[float, int], total: float, calls_per_day: float) -> Hours:
    if total <= 0:
        return ()
    scale = calls_per_day / total
    return tuple((calls * scale, many) for calls, many in hours.items() if calls > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rental:
    """What a month of a rented board is made from.

    Attributes:
        load: The work.
        able: The board with the local candidate.
        seconds: A call keeps its slot for so long.
        usd_per_hour, care_usd: Of one GPU; of all of them.
        window_hours: Of work that may wait; else None.
        in_time: How many answer within the target; None where there is none.
        hours: What `hours_of_day` says of the load, where that is known already.
    """

    load: Load
    able: Ability
    seconds: Figure
    usd_per_hour: Figure
    care_usd: Figure
    assumed: Assumptions
    window_hours: float | None
    in_time: InTime | None = None
    hours: Hours | None = None
    _days: dict[tuple[float, float], RentedDay] = field(default_factory=dict, init=False)

    def day(self, seconds: float, idle_hours: float) -> RentedDay:
        """As of `rented_day`; most ends of the bands of a bill leave the day as it is."""
        found = self._days.get((seconds, idle_hours))
        if found is None:
            pattern = self.load.pattern
            found = self._days[seconds, idle_hours] = rented_day(
                hours_of_day(self.load) if self.hours is None else self.hours,
                service_s=seconds,
                slots=self.able.slots,
                idle_hours=idle_hours,
                window_hours=self.window_hours,
                in_time=self.in_time,
                worked_share=pattern.worked_share if pattern is not None else 1.0,
                busy_day=pattern.busy if pattern is not None else 1.0,
            )
        return found

    def on_demand(self) -> Figure:
        """Started when work comes: hours on, starts, billing steps, storage, care."""
        assumed = self.assumed

        def month(  # noqa: PLR0917 -- one argument for each figure that is combined
            usd: float,
            seconds: float,
            care: float,
            start: float,
            wait: float,
            step: float,
            storage: float,
        ) -> float | None:
            day = self.day(seconds, wait)
            kept = self.able.size_bytes / _BYTES_PER_GB * _DISK_OVER_MODEL
            return cost.rent_month(
                usd_per_hour=usd,
                busy_hours=day.on_hours / day.gpus * cost.DAYS_PER_MONTH,
                starts=day.starts / day.gpus * cost.DAYS_PER_MONTH,
                start_hours=start,
                billed_hours_step=step,
                storage_usd=storage * kept,
                ops_usd=care,
                gpus=day.gpus,
            ).usd

        return combined(
            month,
            (
                self.usd_per_hour,
                self.seconds,
                self.care_usd,
                assumed.rent_start_hours,
                assumed.rent_idle_hours,
                assumed.rent_billed_hours,
                assumed.rent_storage_usd_gb_month,
            ),
            f"{self.able.machine} by the hour when work comes, its starts, storage, and care",
        )

    def always_on(self) -> Figure:
        """Never stopped: as many as the busiest hour needs, all hours of the month."""

        def month(usd: float, seconds: float, care: float) -> float | None:
            gpus = self._gpus_at(seconds)
            return cost.rent_month(
                usd_per_hour=usd, busy_hours=0.0, always_on=True, ops_usd=care, gpus=gpus
            ).usd

        return combined(
            month,
            (self.usd_per_hour, self.seconds, self.care_usd),
            f"{self.able.machine} for all hours of the month, and care",
        )

    def month(self) -> float:
        """The cheaper of both ways with every figure at its middle; infinite where one is not
        known."""
        assumed, usd, seconds = self.assumed, middle(self.usd_per_hour), middle(self.seconds)
        start, wait = middle(assumed.rent_start_hours), middle(assumed.rent_idle_hours)
        step = middle(assumed.rent_billed_hours)
        if usd is None or seconds is None or start is None or wait is None or step is None:
            return math.inf
        day = self.day(seconds, wait)
        asked = cost.rented_hours(
            day.on_hours / day.gpus * cost.DAYS_PER_MONTH,
            starts=day.starts / day.gpus * cost.DAYS_PER_MONTH,
            each_start=start,
            step=step,
        )
        return min(usd * asked * day.gpus, usd * cost.HOURS_PER_MONTH * day.gpus)

    def gpus(self) -> int:
        """How many the busiest hour needs, so that it also answers in time."""
        return self._gpus_at(middle(self.seconds) or 0.0)

    def _gpus_at(self, seconds: float) -> int:
        """The same where a call takes so long. How long one waits for more work changes nothing of
        it: of the days that a bill asks for one is taken."""
        return self.day(seconds, middle(self.assumed.rent_idle_hours) or 0.0).gpus

    def variants(self) -> tuple[Variant, ...]:
        """Both ways, the cheaper first."""
        found = [
            Variant(
                name=f"on demand: {self.able.machine}",
                usd_month=self.on_demand(),
                feasible=True,
            ),
            Variant(
                name=f"always on: {self.able.machine}",
                usd_month=self.always_on(),
                feasible=True,
            ),
        ]
        found.sort(key=_cost)
        return tuple(found)


def _cost(variant: Variant) -> float:
    value = middle(variant.usd_month)
    return math.inf if value is None else value
