"""How much work a workload is, and what that asks of a machine."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.costs import cost
from landfall.core.demand import capacity
from landfall.core.demand.forecast import Predictability
from landfall.core.figures import combined
from landfall.core.pricing import CallShape
from landfall.core.provenance import Estimated, Figure, Unknown, middle
from landfall.core.workload.workload import Workload

LATE_SHARE = 0.05
"""Of the answers that may come after the target: it is one of the 95th percentile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much work there is.

    Attributes:
        calls_per_day: None where it is not known.
        input, cached, output: Mean tokens of a call; None where not known.
        hourly_calls: 24 values, or none.
    """

    calls_per_day: float | None
    history_days: int | None
    predictability: Predictability
    hourly_calls: tuple[float, ...]
    input: float | None
    cached: float | None
    output: float | None
    embedding: bool

    @property
    def calls(self) -> float:
        """Calls of a month; only asked for where the calls a day are known."""
        return (self.calls_per_day or 0.0) * cost.DAYS_PER_MONTH

    @property
    def writes(self) -> float | None:
        """Tokens of an answer: an embedding has none, whatever is stated."""
        return 0.0 if self.embedding and self.output is None else self.output

    def shape(self) -> CallShape | Unknown:
        """One mean call. What is not said to be cached is not cached."""
        if self.input is None:
            return Unknown("tokens.input is not stated")
        if self.writes is None:
            return Unknown("tokens.output is not stated")
        return CallShape(
            uncached_tokens=self.input, cached_tokens=self.cached or 0.0, output_tokens=self.writes
        )

    def hourly_rates(self) -> tuple[float, ...]:
        """Requests a second in each hour; without a profile, eight even hours."""
        if self.hourly_calls:
            return tuple(calls / 3600 for calls in self.hourly_calls)
        if self.calls_per_day is None:
            return ()
        peak = capacity.busiest_hour_rate(self.calls_per_day)
        hours = round(self.calls_per_day / 3600 / peak) if peak else 0
        return (peak,) * hours

    def busiest(self) -> float | None:
        """Requests a second in the busiest hour, or None where no volume is known."""
        if self.hourly_calls:
            return capacity.busiest_hour_rate(0.0, hourly_calls=self.hourly_calls)
        if self.calls_per_day is None:
            return None
        return capacity.busiest_hour_rate(self.calls_per_day)

    def utilisation(self, seconds: Figure, window_hours: float | None, *, slots: int = 1) -> Figure:
        """Share of the slots that is busy in the busiest hour, or in the batch's window."""
        rate = self.busiest()
        if window_hours is not None and self.calls_per_day is not None:
            rate = self.calls_per_day / (window_hours * 3600)
        if rate is None:
            return Unknown("volume.calls_per_day is not stated")
        if isinstance(seconds, Unknown):
            return seconds
        return combined(
            lambda each: capacity.utilisation(rate, service_s=each, slots=slots),
            (seconds,),
            "calls in the busiest hour x seconds a call",
        )

    def absorbed(self, seconds: Figure, *, slots: int = 1) -> Figure:
        """Share served here when the rest overflows at once: Erlang B of every hour."""
        rates = self.hourly_rates()
        if not rates:
            return Unknown("volume.calls_per_day is not stated")
        if isinstance(seconds, Unknown):
            return seconds
        return combined(
            lambda each: capacity.absorbed_share(rates, service_s=each, slots=slots),
            (seconds,),
            "Erlang B of every hour",
        )

    def absorbed_at(self, peak: float) -> Figure:
        """The same where the user states the busiest hour: the other hours follow the profile."""
        rates = self.hourly_rates()
        if not self.hourly_calls or not rates:
            return Unknown("neither stated nor computable without volume.hourly_calls")
        each = peak / max(rates)
        share = capacity.absorbed_share(rates, service_s=each, slots=1)
        return Estimated(share, share, share, "Erlang B of every hour, from the stated peak")


def is_late(seconds: Figure, load: Load, workload: Workload, *, slots: int = 1) -> bool | None:
    """H6: whether the slowest of twenty answers takes longer than the target."""
    each, rate = middle(seconds), load.busiest()
    if workload.p95_seconds is None or each is None or rate is None:
        return None
    if workload.volume.batch_window_hours is not None:
        return None
    late = capacity.late_share(rate, workload.p95_seconds, service_s=each, slots=slots)
    return each > workload.p95_seconds or late > LATE_SHARE


def misses_window(
    seconds: Figure, load: Load, workload: Workload, *, slots: int = 1
) -> bool | None:
    """H6: whether a day's calls do not clear the batch window."""
    each, window = middle(seconds), workload.volume.batch_window_hours
    if window is None or each is None or load.calls_per_day is None:
        return None
    done = capacity.batch_window(
        load.calls_per_day, service_s=each, slots=slots, window_hours=window
    )
    return not done.fits
