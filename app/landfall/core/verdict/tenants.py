"""What each decided workload asks of the machine that it shares with the others."""

from __future__ import annotations

from landfall.core.demand.load import Load
from landfall.core.figures import combined
from landfall.core.fit.fit import FitRequest
from landfall.core.fit.memory import MemoryNeed
from landfall.core.fit.recommend import price
from landfall.core.machine.hardware import HardwareProfile, memory_budget
from landfall.core.models import catalogue
from landfall.core.provenance import Figure, Stated, Unknown, middle
from landfall.core.verdict.ability import context_of
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.places import Place
from landfall.core.verdict.together import HOURS, Tenant
from landfall.core.verdict.verdict import Verdict
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import Workload


def tenant(workload: Workload, facts: Facts, verdict: Verdict, assembler: Assembler) -> Tenant:
    """A workload as it asks for its place on the machine that its verdict names."""
    host = _host(facts, verdict)
    line = verdict.line(verdict.option)
    after: Figure = line.usd_month if line else Unknown("nothing can run it")
    if host is None:
        return Tenant(
            workload=verdict.workload, option=verdict.option, before=facts.frontier, after=after
        )
    owned = host.option is Option.LOCAL_THIS_MACHINE
    load = assembler.load(workload)
    place = assembler.at_hand() if owned else assembler.to_buy(workload, load)
    need, budget = _memory(workload, host, place, assembler)
    elsewhere: Figure = Unknown("no other option is open to it")
    if verdict.bar is not None:
        elsewhere = facts.remote(verdict.bar)
    return Tenant(
        workload=verdict.workload,
        option=verdict.option,
        machine=host.machine or ("the machine" if owned else workload.buy.machine),
        model=host.model or ", ".join(workload.candidates.local[:1]),
        need_bytes=need.total_bytes if need else None,
        weights_bytes=need.weights_bytes if need else 0,
        budget_bytes=budget,
        busy=busy_hours(workload, load, host),
        waits=workload.volume.batch_window_hours is not None,
        locked=facts.lock.locked and verdict.bar is None,
        before=facts.frontier,
        after=after,
        elsewhere=elsewhere,
        capital=_capital(host, owned=owned),
    )


def _host(facts: Facts, verdict: Verdict) -> HostFacts | None:
    """The machine of a local verdict; of a hybrid the first whose share is part of its bill."""
    match verdict.option:
        case Option.LOCAL_THIS_MACHINE:
            return facts.machine
        case Option.LOCAL_BUY:
            return facts.buy
        case Option.HYBRID:
            # E5 takes the machine at hand; only after it the purchase is looked at, and named S6.
            bought = any(one.rule == "S6" and one.met for one in verdict.reasons)
            return facts.buy if bought else facts.machine
        case _:
            return None


def _memory(
    workload: Workload, host: HostFacts, place: Place, assembler: Assembler
) -> tuple[MemoryNeed | None, int | None]:
    """What the local candidate needs with this context, and what the machine offers."""
    card = catalogue.find(host.model, assembler.world.cards) if host.model else None
    profile = place.profile
    if card is None or profile is None or not _has_memory(profile):
        return None, None
    wanted = context_of(workload)
    trained = card.architecture.context_trained
    context = min(wanted, trained or wanted, 1 << 24)
    budget = memory_budget(profile)
    slots = host.strain.service.slots if host.strain else 1
    request = FitRequest(context=context, parallel=max(1, slots // place.count))
    placed = price(card, profile, budget, request).fit
    return placed.need, budget.total_bytes * place.count


def _has_memory(profile: HardwareProfile) -> bool:
    """Whether anything is known of its memory: of a host of which nobody said what it is nothing
    is."""
    return bool(profile.ram.total_bytes or profile.accelerators)


def busy_hours(workload: Workload, load: Load, host: HostFacts) -> tuple[float, ...]:
    """Share of the machine that each hour of a day takes; empty where it is not known.

    A stated busiest hour (`peak_utilisation`) stands above what is computed: the other hours keep
    their proportion to it. A hybrid takes only what it absorbs.
    """
    rates = tuple(calls / 3600 for calls in load.day_profile())
    if not any(rates):
        return ()
    service = host.strain.service if host.strain else None
    seconds = middle(service.seconds) if service else None
    peak, window = middle(host.peak_utilisation), workload.volume.batch_window_hours
    if window is not None and load.calls_per_day is not None:
        rates = (load.calls_per_day / HOURS / 3600,) * HOURS
        # Stated, the peak is that of the window: its work spread over the day is less an hour.
        peak = None if peak is None else peak * min(window, HOURS) / HOURS
    if isinstance(host.peak_utilisation, Stated) and peak is not None:
        shares = tuple(peak * rate / max(rates) for rate in rates)
    elif service is not None and seconds is not None:
        shares = tuple(rate * seconds / service.slots for rate in rates)
    else:
        return ()
    absorbed = middle(host.absorbed_share)
    return tuple(min(share, 1.0) * _kept(share, absorbed) for share in shares)


def _kept(share: float, absorbed: float | None) -> float:
    """Above what it serves, only the absorbed part is this machine's work."""
    return absorbed if share > 1.0 and absorbed is not None else 1.0


def _capital(host: HostFacts, *, owned: bool) -> Figure:
    """What of a purchase's month is paid once for all that run on it: its price, and the set-up
    unless the month is quoted, which holds none."""
    if owned:
        return Stated(0.0, "owned already")
    return combined(
        lambda whole, running: max(0.0, whole - running),
        (host.usd_month, host.opex_usd_month),
        "a month of the price and the set-up",
    )
