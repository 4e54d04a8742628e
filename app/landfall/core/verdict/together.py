"""All workloads together: they share one machine's hours and memory, and one bill (S1, S2, S34).

Each workload is judged by itself. Two that each fit a machine alone may not both fit it: their
busiest hours add up, and their models must lie in its memory at once or be loaded anew at every
change. What no longer fits is named, with what it costs then; the bill before and after counts it
so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from landfall.core.costs.cost import saving_share
from landfall.core.costs.payback import payback_months
from landfall.core.dollars import usd
from landfall.core.figures import combined
from landfall.core.percent import percent
from landfall.core.provenance import Figure, Stated, Unknown, band, middle
from landfall.core.settings import Thresholds
from landfall.core.sizes import gib
from landfall.core.verdict.table_words import at_least
from landfall.core.workload.privacy import Option

HOURS = 24
"""Of a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One workload as it asks for its place.

    Attributes:
        option: Its own verdict.
        machine: The machine of the user's own that the verdict takes, or "".
        model: The local candidate, or "".
        need_bytes: Of that model with the workload's context; None where it is not known.
        weights_bytes: The part of it that workloads with the same model share.
        budget_bytes: What the machine offers; None where it is not known.
        busy: Share of the machine that it takes in each hour of a day; none where not known.
        waits: Whether the work may wait for free hours: then `busy` is spread over the day.
        locked: Whether a privacy rule keeps it there: it has nowhere else to go.
        before: USD a month of today. after: with the verdict followed.
        elsewhere: USD a month where the machine does not take it.
        capital: Part of `after` that buying the same machine only once saves.
    """

    workload: str
    option: Option
    machine: str = ""
    model: str = ""
    need_bytes: int | None = None
    weights_bytes: int = 0
    budget_bytes: int | None = None
    busy: tuple[float, ...] = ()
    waits: bool = False
    locked: bool = False
    before: Figure = field(default_factory=lambda: Unknown("not known"))
    after: Figure = field(default_factory=lambda: Unknown("not known"))
    elsewhere: Figure = field(default_factory=lambda: Unknown("not known"))
    capital: Figure = field(default_factory=lambda: Stated(0.0, "nothing is bought"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one workload takes of a machine.

    Attributes:
        busiest: In the machine's busiest hour, a share of it; None where it is not known.
        memory: Of what the machine offers; None where it is not known.
    """

    workload: str
    busiest: float | None
    memory: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Displaced:
    """A workload that its machine takes alone, and not together with the others.

    Attributes:
        rule: H3 (memory) or H6 (busiest hour).
        usd_month: What it costs elsewhere; Unknown where a lock lets it go nowhere.
        locked: Its privacy rule lets it go nowhere else.
    """

    workload: str
    rule: str
    text: str
    usd_month: Figure
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One machine with the workloads that are to run on it.

    Attributes:
        hour: Its busiest hour, 0 to 23; None where no load is known.
        busiest: How busy it is then, with all that stay; None where it is not known.
        memory: Share of its memory with the models of all that stay loaded; None likewise.
        swaps: Whether models take turns in its memory.
        strained: Whether what may not leave fills it beyond the limit: it queues.
    """

    machine: str
    shares: tuple[Share, ...]
    hour: int | None
    busiest: float | None
    memory: float | None
    swaps: bool
    strained: bool
    displaced: tuple[Displaced, ...]

    @property
    def holds(self) -> bool:
        """Whether it takes all of them together."""
        return not self.displaced and not self.strained


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Whether a routing layer of one's own is a question at all (S28, S34).

    Attributes:
        asked: The bill is large enough for the question.
        payback_months: Until it has paid for its making; infinite: never; None: not known.
        worth: It pays back in time.
        text: The answer in words.
    """

    asked: bool
    payback_months: float | None
    worth: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """All workloads together.

    Attributes:
        machines: Those with at least one workload.
        bill_before, bill_after: USD a month of the workloads for which both are known; after counts
            what was displaced at its cost elsewhere, and a machine for several only once.
        saving: before - after; may be negative.
        uncounted: Workloads whose bill is not known on both sides.
        counted_once: What the sum saves because workloads share a machine that each would buy.
        split: Verdict names to how many workloads (S2: the usual end is a mixture).
    """

    machines: tuple[Shared, ...]
    bill_before: Figure
    bill_after: Figure
    saving: Figure
    uncounted: tuple[str, ...]
    counted_once: Figure
    routing: Routing
    split: tuple[tuple[Option, int], ...]

    @property
    def displaced(self) -> tuple[Displaced, ...]:
        """All that do not find their place, on every machine."""
        return tuple(one for machine in self.machines for one in machine.displaced)

    @property
    def saving_share(self) -> float | None:
        """Of the bill before; None where it is not known or nothing."""
        before, after = middle(self.bill_before), middle(self.bill_after)
        return None if before is None or after is None else saving_share(before, after)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingCost:
    """What a routing layer costs: USD to make, USD a month to run; dated assumptions."""

    build_usd: Figure
    run_usd_month: Figure


def together(tenants: Sequence[Tenant], limits: Thresholds, routing: RoutingCost) -> Together:
    """The sum of the workloads, and what each machine makes of those that want it.

    Args:
        tenants: The workloads in the user's order.
        limits: Where the rules turn.
        routing: What a routing layer would cost.
    """
    names = dict.fromkeys(one.machine for one in tenants if one.machine)
    machines = tuple(
        _shared(name, [one for one in tenants if one.machine == name], limits) for name in names
    )
    gone = {one.workload: one.usd_month for machine in machines for one in machine.displaced}
    once = _counted_once(tenants, gone)
    known: list[Tenant] = []
    uncounted: list[Tenant] = []
    for one in tenants:
        settled = replace(one, after=gone.get(one.workload, one.after))
        both = band(settled.before) is not None and band(settled.after) is not None
        (known if both else uncounted).append(settled)
    before = _sum((one.before for one in known), "what the workloads cost today")
    then = _sum((one.after for one in known), "what the workloads cost then")
    after = _less(then, once, "what the workloads cost then, a machine for several counted once")
    saving = _less(before, after, "before less after")
    kinds = [one.option for one in tenants]
    return Together(
        machines=machines,
        bill_before=before,
        bill_after=after,
        saving=saving,
        uncounted=tuple(one.workload for one in uncounted),
        counted_once=once,
        routing=_routing(before, saving, limits, routing),
        split=tuple((kind, kinds.count(kind)) for kind in dict.fromkeys(kinds)),
    )


# One machine -------------------------------------------------------------------------------------


def _shared(name: str, wanting: Sequence[Tenant], limits: Thresholds) -> Shared:
    """Who stays: what may not leave first, then what saves most; hybrids last, they overflow."""
    stay: list[Tenant] = []
    displaced: list[Displaced] = []
    for one in sorted(wanting, key=_claim):
        found = _too_much(one, stay, limits)
        if found is None:
            stay.append(one)
        else:
            rule, text = found
            outside = Unknown("its privacy rule lets it go nowhere else: it needs another machine")
            money = outside if one.locked else one.elsewhere
            displaced.append(
                Displaced(
                    workload=one.workload, rule=rule, text=text, usd_month=money, locked=one.locked
                )
            )
    hours = _hours(stay)
    hour = max(range(HOURS), key=hours.__getitem__) if any(hours) else None
    budget = next((one.budget_bytes for one in wanting if one.budget_bytes), None)
    need = _memory(stay)
    unknown = any(not one.busy for one in stay)
    return Shared(
        machine=name,
        shares=tuple(_share(one, hour, budget) for one in wanting),
        hour=hour,
        busiest=None if hour is None or unknown else hours[hour],
        memory=need / budget if need is not None and budget else None,
        swaps=_over(need, budget) and len({one.model for one in stay}) > 1,
        strained=hour is not None and not at_least(limits.utilisation_max, hours[hour]),
        displaced=tuple(displaced),
    )


def _claim(one: Tenant) -> tuple[int, float]:
    saving = (middle(one.elsewhere) or 0.0) - (middle(one.after) or 0.0)
    return (0 if one.locked else 2 if one.option is Option.HYBRID else 1, -saving)


def _share(one: Tenant, hour: int | None, budget: int | None) -> Share:
    return Share(
        workload=one.workload,
        busiest=one.busy[hour] if one.busy and hour is not None else None,
        memory=one.need_bytes / budget if one.need_bytes is not None and budget else None,
    )


def _too_much(one: Tenant, stay: Sequence[Tenant], limits: Thresholds) -> tuple[str, str] | None:
    """Why a machine with others on it does not take one more: (rule, text), or None."""
    if not stay:
        return None  # alone it was judged by the decision table
    others = ", ".join(other.workload for other in stay)
    need, budget = _memory([*stay, one]), one.budget_bytes
    if _over(need, budget) and not _take_turns(one, stay):
        assert need is not None
        assert budget is not None
        text = (
            f"beside {others} the models need {gib(need)} of {gib(budget)}:"
            " they would be loaded anew at every change"
        )
        return "H3", text
    hours = _hours([*stay, one])
    most = 1.0 if one.locked or one.option is Option.HYBRID else limits.utilisation_max
    busiest = max(hours)
    if (one.locked and at_least(busiest, most)) or not at_least(most, busiest):
        hour = hours.index(busiest)
        text = f"beside {others} the hour from {hour}:00 needs {percent(busiest)} of the machine"
        return "H6", text
    return None


def _take_turns(one: Tenant, stay: Sequence[Tenant]) -> bool:
    """Whether their hours never meet: then one model makes room for the other once a day."""
    if one.waits or not one.busy:
        return one.waits
    return all(
        other.waits
        or (other.busy and not any(a and b for a, b in zip(one.busy, other.busy, strict=True)))
        for other in stay
        if other.model != one.model
    )


def _over(need: int | None, budget: int | None) -> bool:
    return need is not None and budget is not None and need > budget


def _memory(stay: Iterable[Tenant]) -> int | None:
    """Bytes with all models loaded: weights once a model, everything else for each workload."""
    total, loaded = 0, set()
    for one in stay:
        if one.need_bytes is None:
            return None
        total += one.need_bytes
        if one.model in loaded:
            total -= one.weights_bytes
        loaded.add(one.model)
    return total


def _hours(stay: Iterable[Tenant]) -> list[float]:
    """How busy each hour of the day is; what may wait fills the quietest hours."""
    hours = [0.0] * HOURS
    waiting = 0.0
    for one in stay:
        if one.waits:
            waiting += sum(one.busy)
        else:
            hours = [a + b for a, b in zip(hours, one.busy or (0.0,) * HOURS, strict=True)]
    return _filled(hours, waiting)


def _filled(hours: list[float], waiting: float) -> list[float]:
    """Pour `waiting` hours of work into the quietest hours, up to one common level."""
    if waiting <= 0:
        return hours
    low, high = min(hours), max(hours) + waiting
    for _ in range(60):
        level = (low + high) / 2
        poured = sum(max(0.0, level - hour) for hour in hours)
        low, high = (level, high) if poured < waiting else (low, level)
    return [max(hour, high) for hour in hours]


# Money -------------------------------------------------------------------------------------------


def _counted_once(tenants: Sequence[Tenant], gone: Iterable[str]) -> Figure:
    """What is not bought a second time: of workloads on one machine all shares but the largest."""
    away = set(gone)
    saved: list[Figure] = []
    buyers = [one for one in tenants if one.option is Option.LOCAL_BUY and one.machine]
    for name in dict.fromkeys(one.machine for one in buyers):
        shares = [
            one.capital
            for one in buyers
            if one.machine == name and one.workload not in away and middle(one.capital) is not None
        ]
        saved += sorted(shares, key=lambda figure: middle(figure) or 0.0)[:-1]
    return _sum(saved, "machines that are bought once for several workloads")


def _sum(figures: Iterable[Figure], says: str) -> Figure:
    listed = tuple(figures)
    if not listed:
        return Stated(0.0, says)
    return combined(lambda *values: float(sum(values)), listed, says)


def _less(first: Figure, second: Figure, says: str) -> Figure:
    return combined(lambda one, other: one - other, (first, second), says)


def _routing(before: Figure, saving: Figure, limits: Thresholds, cost: RoutingCost) -> Routing:
    bill, saved = middle(before), middle(saving)
    build, run = middle(cost.build_usd), middle(cost.run_usd_month)
    least, longest = limits.routing_bill_min_usd_month, limits.routing_payback_max_months
    if bill is None or not at_least(bill, least):
        known = "The bill is not known" if bill is None else f"{usd(bill)} a month"
        text = (
            f"{known}: below {usd(least)} a gateway's configuration file does;"
            " build no routing layer (AP4)."
        )
        return Routing(asked=False, payback_months=None, worth=False, text=text)
    if saved is None or build is None or run is None:
        text = "The bill is large enough to ask for a routing layer; what it saves is not known."
        return Routing(asked=True, payback_months=None, worth=False, text=text)
    months = payback_months(build, cloud_usd_month=saved, opex_usd_month=run)
    worth = at_least(longest, months)
    effort = f"{usd(build)} to make and {usd(run)} a month to run"
    if months == float("inf"):
        text = f"A routing layer ({effort}) never pays back: it would save {usd(saved)} a month."
    else:
        verdict = "worth asking for" if worth else "not worth it"
        text = (
            f"A routing layer ({effort}) pays back in {months:.1f} months of the"
            f" {usd(saved)} saved; {longest:g} are the most: {verdict} (S34)."
        )
    return Routing(asked=True, payback_months=months, worth=worth, text=text)
