"""Puts together, for one workload, everything that the decision looks at.

What the user quotes replaces what would be computed; what can be computed is an estimate with its
formula; the rest is unknown with a reason. Nothing is ever filled in with 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from landfall.core.costs import cost
from landfall.core.costs.bills import HostBills, month_at, ops_usd
from landfall.core.demand.forecast import Predictability
from landfall.core.demand.load import Load, is_late, misses_window
from landfall.core.figures import combined
from landfall.core.hardware import HardwareProfile
from landfall.core.pricing import PriceRow
from landfall.core.provenance import Figure, Stated, Unknown, middle
from landfall.core.quality.measured import with_measured
from landfall.core.quality.votes import with_votes
from landfall.core.settings import Thresholds
from landfall.core.verdict.ability import Ability, ability, service_seconds, with_rates
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.table import rule
from landfall.core.verdict.world import World
from landfall.core.workload.privacy import Option, hosted_inside, leaks, lock_of
from landfall.core.workload.workload import (
    HostQuotes,
    Task,
    Workload,
    gate_of_hosted,
    gate_of_local,
)


@dataclass(frozen=True, slots=True)
class Assembler:
    """Assembles facts in one world; what a machine can do is computed once and kept."""

    world: World
    _abilities: dict[tuple[object, ...], Ability] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type[Assembler], tuple[World]]:
        """Pickled without what was computed: ten times its size, and soon there again."""
        return Assembler, (self.world,)

    def facts(self, workload: Workload) -> Facts:
        """All that the decision table looks at for this workload."""
        lock = lock_of(workload)
        load = self.load(workload)
        hosted, hosted_row = self.hosted(workload, load)
        frontier = self.frontier(workload, load)
        today = self.world.frontier
        quoted = workload.quotes.cloud_frontier_usd_month is not None
        dates = [None if today is None or quoted else today.row, hosted_row]
        organisation = workload.organisation
        tested = with_measured(workload, self.world.quality)
        judged = with_votes(tested, self.world.voted)
        named_inside = Option.HOSTED_OPEN.value.lower() in workload.privacy.in_region
        return Facts(
            task=workload.task,
            gate=gate_of_local(judged),
            gate_hosted=gate_of_hosted(judged),
            voted=self.world.voted.says if judged is not tested else "",
            tested=self.world.quality.says if tested is not workload else "",
            outdated=self.world.quality.expired,
            predictability=load.predictability,
            history_days=load.history_days,
            calls_per_day=load.calls_per_day,
            organisation=organisation.kind,
            hosted_allowed=organisation.hosted_allowed,
            hosted_offered=bool(workload.candidates.hosted)
            or workload.quotes.hosted_open_usd_month is not None
            or named_inside,
            lock=lock,
            leaks=leaks(workload),
            frontier=frontier,
            hosted=hosted,
            rent=self.rent(workload, load),
            machine=self.owned(workload, load),
            machine_absent=self.why_no_machine(workload),
            buy=self.purchase(workload, load),
            motive=workload.motive,
            critical=workload.critical,
            total_ai_bill_usd_month=organisation.total_ai_bill_usd_month,
            local_infrastructure=organisation.local_infrastructure,
            price_dates=tuple(
                (f"{row.model} at {row.provider}", row.source, row.as_of.isoformat())
                for row in dates
                if row is not None and row.as_of is not None
            ),
        )

    # Volume ----------------------------------------------------------------------------------

    def load(self, workload: Workload) -> Load:
        """How much work there is: stated, or out of the series."""
        volume, tokens, series = workload.volume, workload.tokens, self.world.series
        if series is not None and volume.series:
            return Load(
                calls_per_day=series.calls_per_day,
                history_days=series.history_days,
                predictability=series.predictability,
                hourly_calls=volume.hourly_calls,
                input=_first(tokens.input, series.input),
                cached=_first(tokens.cached_input, series.cached_input),
                output=_first(tokens.output, series.output),
                embedding=workload.task is Task.EMBEDDING,
            )
        return Load(
            calls_per_day=volume.calls_per_day,
            history_days=volume.history_days,
            predictability=volume.predictability or Predictability.UNKNOWN,
            hourly_calls=volume.hourly_calls,
            input=tokens.input,
            cached=tokens.cached_input,
            output=tokens.output,
            embedding=workload.task is Task.EMBEDDING,
        )

    # Remote bills ----------------------------------------------------------------------------

    def frontier(self, workload: Workload, load: Load) -> Figure:
        """What it costs where it runs today."""
        quoted = workload.quotes.cloud_frontier_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.cloud_frontier_usd_month")
        if self.world.frontier is None:
            return Unknown("today.provider and today.model are not stated")
        return month_at(self.world.frontier, workload, load)

    def hosted(self, workload: Workload, load: Load) -> tuple[Figure, PriceRow | None]:
        """The cheapest hosted candidate inside the lock, and its price row."""
        quoted = workload.quotes.hosted_open_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.hosted_open_usd_month"), None
        inside = [one for one in self.world.hosted if hosted_inside(workload, one.provider)]
        if not inside:
            why = "no hosted candidate is named (candidates.hosted)"
            return Unknown("outside the privacy rule" if self.world.hosted else why), None
        months = [(month_at(one, workload, load), one.row) for one in inside]
        priced = [pair for pair in months if not isinstance(pair[0], Unknown)]
        return min(priced, key=lambda pair: middle(pair[0]) or 0.0) if priced else months[0]

    def rent(self, workload: Workload, load: Load) -> Figure:
        """The local candidate on a rented GPU for the hours really used, care included."""
        quoted = workload.quotes.rent_gpu_usd_month
        if quoted is not None:
            return Stated(quoted, "quotes.rent_gpu_usd_month")
        world = self.world
        if Option.RENT_GPU not in lock_of(workload).inside:
            return Unknown("outside the privacy rule")
        if world.rented is None or world.assumptions is None:
            return Unknown(world.rented_absent)
        seconds = self.seconds("rented", world.rented, workload, load)
        starts = world.assumptions.rent_start_hours
        ops = ops_usd(workload, world)
        return combined(
            lambda usd, each, care, start: rented_usd(
                load.calls * each / 3600, usd_per_hour=usd, care_usd=care, start_hours=start
            ),
            (world.rent_usd_per_hour, seconds, ops, starts),
            f"{world.rented.name} by the hour, and care",
        )

    # Own machines ----------------------------------------------------------------------------

    def ability(self, which: str, profile: HardwareProfile, workload: Workload) -> Ability:
        """What a machine can do with the local candidates; computed once for each question."""
        names = self.world.quality.candidates(workload.candidates.local or self.world.candidates)
        key = (which, names, workload.tokens, workload.candidates.needs, workload.task)
        if key not in self._abilities:
            able = ability(workload, names, profile, self.world.cards)
            rates = self.world.measured.get(able.model) if which == "machine" else None
            self._abilities[key] = with_rates(able, *rates) if rates else able
        return self._abilities[key]

    def decide(self, limits: Thresholds) -> Callable[[Workload], Option]:
        """The whole way from a workload to its verdict, for a search over many workloads."""
        return lambda workload: rule(self.facts(workload), limits).option

    def seconds(
        self, which: str, profile: HardwareProfile, workload: Workload, load: Load
    ) -> Figure:
        """Seconds a request keeps its slot on a machine."""
        if load.input is None:
            return Unknown("tokens.input is not stated")
        if load.writes is None:
            return Unknown("tokens.output is not stated")
        return service_seconds(self.ability(which, profile, workload), load.input, load.writes)

    def why_no_machine(self, workload: Workload) -> str:
        """Why no owned machine is considered."""
        if not workload.machine.available:
            return "there is no machine to consider (machine.available = false)"
        return self.world.machine_absent

    def owned(self, workload: Workload, load: Load) -> HostFacts | None:
        """The owned machine, as quoted and estimated; None where there is none."""
        quotes = workload.quotes.machine
        if not workload.machine.available:
            return None
        if self.world.machine is None and quotes == HostQuotes():
            return None
        return self.host(Option.LOCAL_THIS_MACHINE, self.world.machine, workload, load)

    def purchase(self, workload: Workload, load: Load) -> HostFacts | None:
        """The machine that might be bought; None where none is considered."""
        if not workload.considers_purchase:
            return None
        return self.host(Option.LOCAL_BUY, self.world.purchase, workload, load)

    def host(
        self,
        option: Option,
        profile: HardwareProfile | None,
        workload: Workload,
        load: Load,
    ) -> HostFacts:
        """One machine of the user's own: what is quoted of it, else what can be computed."""
        owned = option is Option.LOCAL_THIS_MACHINE
        quotes = workload.quotes.machine if owned else workload.quotes.buy
        which = "machine" if owned else "buy"
        absent = self.world.machine_absent if owned else self.world.purchase_absent
        able = self.ability(which, profile, workload) if profile else None
        seconds = self.seconds(which, profile, workload, load) if profile else Unknown(absent)
        peak, absorbed = self.strain(quotes, seconds, load, workload, which)
        late, misses = (None, None)
        if quotes.peak_utilisation is None:
            late, misses = is_late(seconds, load, workload), misses_window(seconds, load, workload)
        money = HostBills(self.world, workload, load, able, seconds)
        notes = able.notes if able else (("fits", absent), ("context_ok", absent))
        return HostFacts(
            option=option,
            machine=profile.name if profile else "",
            model=able.model if able else "",
            fits=_first(quotes.fits, able.fits if able else None),
            context_ok=_first(quotes.context_ok, able.context_ok if able else None),
            licence_ok=_first(quotes.licence_ok, able.licence_ok if able else None),
            capability_ok=_first(quotes.capability_ok, able.capability_ok if able else None),
            usd_month=money.marginal() if owned else money.tco(),
            opex_usd_month=Unknown("of a purchase only") if owned else money.opex(),
            price_usd=Unknown("owned already") if owned else money.price(),
            peak_utilisation=peak,
            absorbed_share=absorbed,
            late=late,
            misses_window=misses,
            notes=notes,
        )

    def strain(
        self,
        quotes: HostQuotes,
        seconds: Figure,
        load: Load,
        workload: Workload,
        which: str,
    ) -> tuple[Figure, Figure]:
        """Utilisation in the busiest hour, and the share of the calls served before the rest
        overflows."""
        table = f"quotes.{which}"
        peak = load.utilisation(seconds, workload.volume.batch_window_hours)
        absorbed = load.absorbed(seconds)
        if quotes.peak_utilisation is not None:
            peak = Stated(quotes.peak_utilisation, f"{table}.peak_utilisation")
            absorbed = load.absorbed_at(quotes.peak_utilisation)
        if quotes.absorbed_share is not None:
            absorbed = Stated(quotes.absorbed_share, f"{table}.absorbed_share")
        return peak, absorbed


def rented_usd(
    busy_hours: float, *, usd_per_hour: float, care_usd: float, start_hours: float
) -> float | None:
    """A month of as many rented GPUs as the work needs: none of them works more than the month."""
    gpus = max(1, math.ceil(busy_hours / cost.HOURS_PER_MONTH))
    return cost.rent_month(
        usd_per_hour=usd_per_hour,
        busy_hours=busy_hours / gpus,
        starts=cost.DAYS_PER_MONTH,
        start_hours=start_hours,
        ops_usd=care_usd,
        gpus=gpus,
    ).usd


_T = TypeVar("_T")


def _first(*values: _T | None) -> _T | None:
    return next((value for value in values if value is not None), None)
