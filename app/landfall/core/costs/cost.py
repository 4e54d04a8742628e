"""What every option costs in a month: cloud, this machine, a machine to buy, a rented GPU, a split.

A month has 30.4375 days and 730.5 hours. A purchase price already paid never enters the cost of an
owned machine; a saving may be negative.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import MTOK, Part, PriceRow, call_parts

DAYS_PER_MONTH = 30.4375
"""A twelfth of 365.25 days: every bill "a month" is of this mean month, not of a calendar month."""
HOURS_PER_MONTH = 730.5
"""The same in hours."""
JOULES_PER_KWH = 3.6e6
"""By definition: 1000 W for 3600 s."""


class CostPart(NamedTuple):
    """One line of a month: what it is and what it costs. `usd` may be negative for a saving."""

    what: str
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of one option.

    Attributes:
        parts: The lines, in the order in which they are shown.
        usd: Their sum, or None where a price is not known.
        calls: Calls of the month.
        tokens: Tokens of the month as the workload counts them.
        notes: What has to be said about it.
    """

    parts: tuple[CostPart, ...]
    usd: float | None
    calls: float = 0.0
    tokens: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def usd_per_call(self) -> float | None:
        """Money a call, or None where the price or the calls are missing."""
        return self.usd / self.calls if self.usd is not None and self.calls else None

    @property
    def usd_per_mtok(self) -> float | None:
        """Money per million tokens in and out together, weighted as they really are."""
        return self.usd / self.tokens * MTOK if self.usd is not None and self.tokens else None


def _month(
    *parts: CostPart, calls: float = 0.0, tokens: float = 0.0, notes: tuple[str, ...] = ()
) -> Month:
    kept = tuple([part for part in parts if part.usd])
    usd = sum([part.usd for part in kept], 0.0)
    return Month(parts=kept, usd=usd, calls=calls, tokens=tokens, notes=notes)


def cloud_month(
    row: PriceRow,
    shape: CallShape,
    *,
    calls_per_day: float,
    batch_share: float = 0.0,
    retry_share: float = 0.0,
    token_ratio: float = 1.0,
    days: float = DAYS_PER_MONTH,
) -> Month:
    """A month of calls at a provider, priced call by call.

    Args:
        row: Prices of the model.
        shape: One mean call, as the workload counts tokens; its `batch` is not looked at.
        calls_per_day: Mean of the month.
        batch_share: Share of the calls that go on the batch price.
        retry_share: Calls made again, as a share of the calls, at their full price.
        token_ratio: Tokens that the provider counts for one token of the workload.
        days: Days of the month.
    """
    calls = calls_per_day * days
    tokens = calls * shape.total_tokens
    billed = shape.scaled(token_ratio)
    ordinary, notes = call_parts(row, billed, batch=False)
    waiting: tuple[Part, ...] = ()
    if batch_share > 0:
        waiting, batch_notes = call_parts(row, billed, batch=True)
        notes = tuple(dict.fromkeys((*notes, *batch_notes)))
    if not ordinary or (batch_share > 0 and not waiting):
        return Month(parts=(), usd=None, calls=calls, tokens=tokens, notes=notes)
    if row.mean_factor != 1:
        notes = (*notes, "Prices by the hour count with their mean over an evenly loaded week.")
    lines: dict[str, float] = {}
    for parts, share in ((ordinary, 1 - batch_share), (waiting, batch_share)):
        for part in parts if share > 0 else ():
            usd = part.usd * share * calls * row.mean_factor
            lines[part.what] = lines.get(part.what, 0.0) + usd
    lines["retries"] = sum(lines.values()) * retry_share
    parted = [CostPart(what, usd) for what, usd in lines.items()]
    return _month(*parted, calls=calls, tokens=tokens, notes=notes)


def call_joules(
    *,
    input_tokens: float,
    output_tokens: float,
    prefill_joules_per_token: float,
    decode_joules_per_token: float,
) -> float:
    """Energy of one call above idle, out of measured J/token."""
    return prefill_joules_per_token * input_tokens + decode_joules_per_token * output_tokens


def energy_usd(joules: float, usd_per_kwh: float, *, pue: float = 1.0) -> float:
    """Money for energy; `pue` is what the room draws over what the machine draws."""
    return joules / JOULES_PER_KWH * usd_per_kwh * pue


def energy_kwh_month(
    *,
    idle_watts: float,
    active_watts: float,
    busy_hours_per_day: float,
    on_hours_per_day: float = 24.0,
    idle_is_caused: bool = True,
    days: float = DAYS_PER_MONTH,
) -> float:
    """kWh of a month, idle counted once: idle while on, and what load adds while busy.

    Where the machine is on anyway, idle is not caused by the workload.
    """
    idle = idle_watts * max(on_hours_per_day, busy_hours_per_day) if idle_is_caused else 0.0
    return (idle + (active_watts - idle_watts) * busy_hours_per_day) * days / 1000


def busy_hours_per_day(calls_per_day: float, service_s: float, *, slots: int = 1) -> float:
    """Hours a day in which the machine works, with all its slots in use while it does."""
    return calls_per_day * service_s / slots / 3600


def marginal_local_month(
    *,
    calls_per_day: float,
    joules_per_call: float,
    usd_per_kwh: float,
    pue: float = 1.0,
    extra_ops_usd: float = 0.0,
    resale_now_usd: float | None = None,
    resale_later_usd: float = 0.0,
    resale_months: float = 12.0,
    days: float = DAYS_PER_MONTH,
    tokens_per_call: float = 0.0,
) -> Month:
    """A month on a machine that is owned already: only what the workload adds.

    Args:
        joules_per_call: Energy above idle.
        extra_ops_usd: Operations that this workload adds.
        resale_now_usd: What the machine would fetch; None unless selling it is a real alternative.
        resale_later_usd: What it would fetch after `resale_months`.
    """
    calls = calls_per_day * days
    forgone = 0.0
    if resale_now_usd is not None:
        forgone = (resale_now_usd - resale_later_usd) / resale_months
    return _month(
        CostPart("electricity", calls * energy_usd(joules_per_call, usd_per_kwh, pue=pue)),
        CostPart("operations", extra_ops_usd),
        CostPart("resale forgone", forgone),
        calls=calls,
        tokens=calls * tokens_per_call,
    )


def depreciation_month(price_usd: float, *, residual_share: float = 0.0, months: float) -> float:
    """Straight line from the price to what the machine is still worth."""
    return price_usd * (1 - residual_share) / months


def annuity_month(
    price_usd: float, *, residual_share: float = 0.0, months: float, yearly_rate: float
) -> float:
    """The same with interest: the level payment whose present value is price less residual."""
    rate = math.pow(1 + yearly_rate, 1 / 12) - 1
    worth = math.pow(1 + rate, -months)
    if worth > 1 - 1e-9:
        # So little interest that both differences below are rounding.
        return depreciation_month(price_usd, residual_share=residual_share, months=months)
    return price_usd * (1 - residual_share * worth) * rate / (1 - worth)


def purchase_tco_month(
    *,
    price_usd: float,
    residual_share: float = 0.25,
    months: float = 36.0,
    electricity_usd: float = 0.0,
    ops_hours: float = 0.0,
    hourly_rate_usd: float = 0.0,
    setup_hours: float = 0.0,
    other_usd: float = 0.0,
    yearly_rate: float = 0.0,
    calls: float = 0.0,
    tokens: float = 0.0,
) -> Month:
    """A month of a machine that is bought: depreciation, electricity, operations, set-up spread.

    Args:
        electricity_usd: Of the month, idle included once.
        ops_hours: Hours of care a month; they cost more than the electricity in most homes.
        setup_hours: Hours once, spread over the life.
        other_usd: Licences, maintenance, the room.
        yearly_rate: Interest; 0 is straight-line depreciation.
        calls: Calls of the month, for the cost of one.
        tokens: Tokens of the month, for the cost of a million.
    """
    fall = annuity_month(
        price_usd, residual_share=residual_share, months=months, yearly_rate=yearly_rate
    )
    return _month(
        CostPart("depreciation", fall),
        CostPart("electricity", electricity_usd),
        CostPart("operations", ops_hours * hourly_rate_usd),
        CostPart("set-up", setup_hours * hourly_rate_usd / months),
        CostPart("other", other_usd),
        calls=calls,
        tokens=tokens,
    )


def rented_hours(busy_hours: float, *, starts: float, each_start: float, step: float) -> float:
    """Hours of a month that are billed of a GPU that is started when work comes.

    Args:
        busy_hours: Of work.
        starts: How often it is started. each_start: hours that each costs.
        step: Each start is billed in steps of so many hours; 0 is by the second.
    """
    hours = busy_hours + starts * each_start
    if step > 0 and starts > 0:
        hours = math.ceil(round(hours / starts / step, 9)) * step * starts
    return min(hours, HOURS_PER_MONTH)


def rent_month(
    *,
    usd_per_hour: float,
    busy_hours: float,
    starts: float = 0.0,
    start_hours: float = 0.0,
    idle_hours_before_stop: float = 0.0,
    billed_hours_step: float = 0.0,
    always_on: bool = False,
    storage_usd: float = 0.0,
    ops_usd: float = 0.0,
    gpus: int = 1,
    calls: float = 0.0,
    tokens: float = 0.0,
) -> Month:
    """A month of a rented GPU: the hours really used, or all of them.

    Args:
        busy_hours: Hours of work in the month.
        starts: How often it is started; each costs `start_hours` and `idle_hours_before_stop`.
        billed_hours_step: Each start is billed in steps of so many hours; 0 is by the second.
        always_on: It runs all 730.5 hours.
        ops_usd: Care for a rented machine is care too.
    """
    hours = HOURS_PER_MONTH
    if not always_on:
        hours = rented_hours(
            busy_hours,
            starts=starts,
            each_start=start_hours + idle_hours_before_stop,
            step=billed_hours_step,
        )
    return _month(
        CostPart("rent", usd_per_hour * hours * gpus),
        CostPart("storage", storage_usd),
        CostPart("operations", ops_usd),
        calls=calls,
        tokens=tokens,
    )


def hybrid_month(*, cloud_usd: float, local_usd: float, absorbed_token_share: float) -> Month:
    """Steady work here, the rest at the provider: the share goes by tokens, not by calls."""
    return _month(
        CostPart("overflow to the cloud", cloud_usd * (1 - absorbed_token_share)),
        CostPart("local", local_usd),
    )


def saving_share(before_usd: float, after_usd: float) -> float | None:
    """How much of a bill is saved; negative where it grows, None where there is no bill."""
    return (before_usd - after_usd) / before_usd if before_usd else None
