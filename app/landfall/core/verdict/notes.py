"""What a decision guide of May 2026 says beside the verdict: ranges, checks, first steps, growth.

Nothing here decides. Each note carries the id of the item it comes from; where the guide is dated
or wrong for this workload, the note says so.
"""

from __future__ import annotations

import math
from dataclasses import replace

from landfall.core.costs import payback
from landfall.core.costs.cost import DAYS_PER_MONTH
from landfall.core.demand.growth import at_times
from landfall.core.dollars import usd
from landfall.core.machine.hardware import AcceleratorKind, HardwareProfile, Vendor
from landfall.core.models import catalogue
from landfall.core.percent import percent
from landfall.core.provenance import Unknown, middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.quality.priors import prior_of
from landfall.core.settings import Thresholds
from landfall.core.verdict.ability import mean_call_tokens
from landfall.core.verdict.assembling import Assembler
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.rate_dates import rate_dates, stale_rates
from landfall.core.verdict.starting import fits, of_setup, of_start
from landfall.core.verdict.table_words import called
from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.world import World, hourly
from landfall.core.workload.privacy import Option, is_public_host
from landfall.core.workload.workload import Motive, PrivacyClass, StepName, Task, Where, Workload

CALL_USD = (0.0001, 0.05)
"""S18: what a call costs in the cloud as a rule; guide of May 2026."""
WORKSTATION_USD = (1500.0, 10_000.0)
"""S19: the same guide."""
SERVER_USD = (20_000.0, 100_000.0)
"""S19: what hardware costs up front; guide of May 2026. A server may cost more."""
CONCURRENT = 0.5
"""From so many requests at once on the mean of the busiest hour, several at once are common."""

_OWN = (Option.LOCAL_THIS_MACHINE, Option.LOCAL_BUY, Option.HYBRID)
_EMBEDDERS = ("nomic-embed-text", "bge-large", "bge-m3", "qwen3-embedding:0.6b")


def notes_of(
    workload: Workload, facts: Facts, verdict: Verdict, world: World, limits: Thresholds
) -> tuple[Caution, ...]:
    """Everything that is worth a word beside this verdict, in the order of the guide."""
    return (
        *_of_class(workload),
        *_of_tokens(workload),
        *_of_quality(facts),
        *of_setup(workload, facts, verdict, world),
        *_of_calls(facts, verdict),
        *_of_waiting(workload, facts, world),
        *_of_slow_answers(workload, facts, verdict),
        *_of_price(facts),
        *_of_care(workload, verdict),
        *_of_growth(facts, verdict, limits),
        *_of_later(facts, verdict, limits),
        *_of_motive(facts),
        *of_start(workload, facts, verdict, world),
        *_of_renting(facts, verdict, world),
        *_of_rate_ages(facts, verdict, world, limits),
        *_of_break_even(facts),
        *_of_apple(workload, facts, world),
        *_of_embedding(workload, world),
    )


def _of_class(workload: Workload) -> list[Caution]:
    """S11: a desktop program cannot say that a system is accredited."""
    if workload.privacy.privacy_class is not PrivacyClass.CLASSIFIED:
        return []
    text = (
        "classified text belongs on systems accredited for it only; this program cannot tell"
        " whether this machine is one, and its verdict does not say so"
    )
    return [Caution("S11", text)]


def _of_tokens(workload: Workload) -> list[Caution]:
    """H4, S3: what is stated of the tokens and cannot be meant so. The verdict is made all the
    same, since one number was moved and another was not."""
    found = []
    tokens, mean = workload.tokens, mean_call_tokens(workload)
    if tokens.context_p99 is not None and tokens.context_p99 < mean:
        text = (
            f"the longest calls are stated with {tokens.context_p99:,} tokens, and a mean call"
            f" already holds {mean:,}: that is taken (tokens.context_p99)"
        )
        found.append(Caution("H4", text))
    if workload.task is Task.EMBEDDING and tokens.cached_input:
        text = (
            "nothing is cached where texts are embedded: count these tokens as input"
            " (tokens.cached_input)"
        )
        found.append(Caution("S3", text))
    return found


def _of_quality(facts: Facts) -> list[Caution]:
    """S8, S40: what was measured on the user's prompts, or what is believed while nothing was."""
    if facts.tested:
        return [Caution("S8", f"measured on your prompts: {facts.tested}")]
    prior = prior_of(facts.task)
    if facts.gate is not GateResult.UNMEASURED or isinstance(prior, Unknown):
        return []
    return [Caution("S40", f"{prior.says}; a belief is no pass")]


def _of_calls(facts: Facts, verdict: Verdict) -> list[Caution]:
    """S18: what a call costs, and whether today's is what calls cost as a rule."""
    calls = (facts.calls_per_day or 0.0) * DAYS_PER_MONTH
    today, line = middle(facts.frontier), verdict.line(verdict.option)
    then = middle(line.usd_month) if line else None
    if not calls or today is None:
        return []
    each = today / calls
    text = f"a call costs {_small(each)} today"
    if then is not None and verdict.option is not Option.CLOUD_FRONTIER:
        text = f"a call costs {_small(each)} today and {_small(then / calls)} then"
    low, high = CALL_USD
    if today > 0 and not low <= each <= high:
        where = "below" if each < low else "above"
        text = (
            f"{text}; that is {where} the usual {_small(low)} to {_small(high)}:"
            " check tokens, calls and prices"
        )
    return [Caution("S18", text)]


def _of_waiting(workload: Workload, facts: Facts, world: World) -> list[Caution]:
    """S3: work that may wait has a price of its own at today's provider."""
    today = world.frontier
    asked = Option.CLOUD_FRONTIER in facts.lock.inside
    waits = workload.volume.batch_window_hours is not None and not workload.today.batch_share
    if not asked or not waits or today is None or today.row is None or today.row.batch is None:
        return []
    made = Assembler(world)
    as_batch = replace(workload, today=replace(workload.today, batch_share=1.0))
    then, now = middle(made.frontier(as_batch, made.load(as_batch))), middle(facts.frontier)
    if then is None or now is None or then >= now:
        return []
    text = (
        f"the work may wait: at the batch price of {today.provider} today's model costs"
        f" {usd(then)} a month in place of {usd(now)} (today.batch_share); answers there may take"
        " up to a day"
    )
    return [Caution("S3", text)]


AWAITED = frozenset({Task.CHAT, Task.CODE, Task.LONG_AGENTIC, Task.USER_FACING_ANALYTIC})
"""Work whose answers somebody waits for."""
LONG_WAIT_SECONDS = 60.0
"""Our choice: nobody watches a screen for a minute, so who waits must know. Moves no verdict."""


def _of_slow_answers(workload: Workload, facts: Facts, verdict: Verdict) -> list[Caution]:
    """S23: without a target no rule looks at how long an answer takes; people do."""
    volume, host = workload.volume, facts.machine
    if workload.p95_seconds is not None or volume.batch_window_hours is not None:
        return []
    if workload.task not in AWAITED or host is None or host.fits is not True:
        return []
    seconds = middle(verdict.detail(host.option).latency_p95_s)
    if seconds is None or seconds < LONG_WAIT_SECONDS:
        return []
    text = (
        f"on {called(host)} one answer in twenty takes longer than {seconds / 60:.0f} min: say how"
        " long it may take, or this option looks better than it is (latency.p95_seconds)"
    )
    return [Caution("S23", text)]


def _small(amount: float) -> str:
    """Two significant digits below a dollar, never as a power of ten."""
    if amount == 0 or abs(amount) >= 1:
        return usd(amount)
    written = f"{amount:.{1 - math.floor(math.log10(abs(amount)))}f}".rstrip("0")
    return f"${written:0<4}"


def _of_price(facts: Facts) -> list[Caution]:
    """S19: a price far outside what such machines cost is more likely a slip."""
    cost = middle(facts.buy.price_usd) if facts.buy else None
    if cost is None:
        return []
    low, high = WORKSTATION_USD[0], SERVER_USD[1]
    if cost < low:
        text = f"{usd(cost)} is less than a workstation for models costs ({usd(low)} and more)"
    elif cost > 4 * high:
        text = f"{usd(cost)} is more than four servers of {usd(high)}"
    else:
        return []
    return [Caution("S19", f"check the price of the machine: {text}")]


def _of_care(workload: Workload, verdict: Verdict) -> list[Caution]:
    """S20: nobody patches, watches and restarts a machine in no time at all."""
    if verdict.option not in (*_OWN, Option.RENT_GPU):
        return []
    if workload.organisation.ops_hours_per_month == 0:
        text = (
            "no hours of operations are counted: patches, monitoring, failures and new models"
            " take some (organisation.ops_hours_per_month)"
        )
        return [Caution("S20", text)]
    return []


def _of_growth(facts: Facts, verdict: Verdict, limits: Thresholds) -> list[Caution]:
    """S21: what ten times the load asks of a machine; a cloud asks for nothing but money."""
    host = _host(facts, verdict)
    if verdict.option not in _OWN or host is None:
        return []
    peak = middle(host.peak_utilisation)
    if peak is None:
        return []
    most = limits.utilisation_max
    found = None if host.strain is None else host.strain.growth(most_busy=most)
    # Of a peak that is quoted alone no hour is known: one call at a time, as the table takes it.
    grown = found or at_times(peak, service_s=1.0, slots=1, most_busy=most)
    asked = grown.utilisation
    waits = host.strain is not None and host.strain.window_hours is not None
    when = "the window" if waits else "the busiest hour"
    if grown.machines == 1:
        text = f"ten times the load still fits: {when} needs {percent(asked)} of the machine"
        return [Caution("S21", text)]
    many = "no number of them answers in time"
    if grown.machines is not None:
        many = f"{grown.machines} of them"
    text = f"at ten times the load {when} needs {asked:.1f} times one machine: {many}"
    # Work that waits overflows nowhere, and under a lock nothing may.
    if not waits and not facts.lock.locked:
        text = f"{text}, or {percent(grown.overflow_share)} of its calls overflow"
    return [Caution("S21", text)]


def _host(facts: Facts, verdict: Verdict) -> HostFacts | None:
    return facts.buy if verdict.option is Option.LOCAL_BUY else facts.machine or facts.buy


def _of_later(facts: Facts, verdict: Verdict, limits: Thresholds) -> list[Caution]:
    """S35: what is not worth a machine today may be later, and moving later is cheap."""
    calls = facts.calls_per_day
    if not any(one.rule == "AP1" for one in verdict.warnings):
        return []
    now = "not known" if calls is None else f"{calls:g}"
    text = (
        f"look again when more than {limits.premature_calls_per_day:g} calls a day (now {now}) were"
        f" seen for {limits.history_min_days} days; prompts and tests move with you, a machine is"
        " bought in a week"
    )
    return [Caution("S35", text)]


def _of_motive(facts: Facts) -> list[Caution]:
    """S37: what is really worth owning."""
    if facts.motive is not Motive.OWN_AI:
        return []
    text = (
        "what is yours are prompts, answers, labels and tests: `landfall gate` keeps them as a set"
        " that other tools read"
    )
    return [Caution("S37", text)]


def _of_renting(facts: Facts, verdict: Verdict, world: World) -> list[Caution]:
    """S42, S43: pay for the hours used; buy for steady work, cheap power and a good place."""
    found = []
    hour = hourly(facts.rented.machine if facts.rented else "", world)
    usd_hour = middle(hour.usd) if hour else None
    if verdict.option is Option.RENT_GPU and hour is not None and usd_hour is not None:
        text = (
            f"{hour.profile.name} is listed at {usd(usd_hour)} an hour: you pay the hours it runs,"
            " starts and idle time included"
        )
        found.append(Caution("S42", text))
    if _buys(facts, verdict):
        text = (
            "before you buy: is the load steady, the power cheap"
            f"{_kwh(world)}, and is there a place with cooling, network and somebody to reset it?"
        )
        found.append(Caution("S43", text + _hours(verdict, usd_hour)))
    return found


def _buys(facts: Facts, verdict: Verdict) -> bool:
    hybrid = verdict.option is Option.HYBRID and facts.machine is None
    return verdict.option is Option.LOCAL_BUY or hybrid


def _kwh(world: World) -> str:
    price_kwh = middle(world.usd_per_kwh)
    return "" if price_kwh is None else f" (${price_kwh:.2f} a kWh counted)"


def _hours(verdict: Verdict, usd_hour: float | None) -> str:
    """From how many busy hours a month on the purchase is cheaper than renting."""
    purchase = verdict.details.purchase
    if purchase is None or usd_hour is None:
        return ""
    # The same point that stands behind the options: care counts on both sides, electricity once.
    point = purchase.rent_or_buy_hours
    if point.never:
        return f" Renting at {usd(usd_hour)} an hour is cheaper however busy it is"
    hours = middle(point.at)
    if hours is None:
        return ""
    return (
        f" It is cheaper than renting at {usd(usd_hour)} an hour from {hours:,.0f} busy hours a"
        " month on"
    )


def _of_rate_ages(
    facts: Facts, verdict: Verdict, world: World, limits: Thresholds
) -> list[Caution]:
    """S51: electricity, rented hours and hardware have prices of a day too."""
    dates = rate_dates(facts, verdict, world)
    old = stale_rates(dates, verdict.as_of, stale_days=limits.price_stale_days)
    return [Caution("S51", text) for text in old]


def _of_break_even(facts: Facts) -> list[Caution]:
    """S26: the same machine against each way to rent answers, side by side."""
    host = facts.buy
    cost, opex = (middle(host.price_usd), middle(host.opex_usd_month)) if host else (None, None)
    if cost is None or opex is None:
        return []
    against = (
        ("against today's model", facts.frontier),
        ("against a hosted open-weight model", facts.hosted),
        ("against a rented GPU", facts.rent),
    )
    said = []
    for name, figure in against:
        bill = middle(figure)
        if bill is None:
            continue
        months = payback.payback_months(cost, cloud_usd_month=bill, opex_usd_month=opex)
        when = "never" if math.isinf(months) else f"in {months:,.1f} months"
        said.append(f"{when} {name}")
    return [Caution("S26", f"the machine pays back {', '.join(said)}")] if said else []


def _of_apple(workload: Workload, facts: Facts, world: World) -> list[Caution]:
    """S45: a Mac serves one well and many at once badly; measure before you count on it."""
    found = []
    for profile, host in ((world.machine, facts.machine), (world.purchase, facts.buy)):
        if profile is None or host is None or not _apple(profile):
            continue
        busy = middle(host.peak_utilisation)
        if busy is None or busy < CONCURRENT or workload.volume.batch_window_hours is not None:
            continue
        text = (
            f"{profile.name} gives away throughput when several ask at once: measure it at 1, 2, 4"
            " and 8 (`landfall bench --concurrency 1,2,4,8`) before you count on it"
        )
        found.append(Caution("S45", text))
    return found


def _apple(profile: HardwareProfile) -> bool:
    return any(
        one.vendor is Vendor.APPLE and one.kind is AcceleratorKind.UNIFIED
        for one in profile.accelerators
    )


def _of_embedding(workload: Workload, world: World) -> list[Caution]:
    """S46, S47: an embedding step in a cloud still sends the text out; it runs anywhere."""
    outside = any(
        step.name is StepName.EMBED and (step.where is Where.CLOUD or is_public_host(step.host))
        for step in workload.steps
    )
    open_ended = workload.task is Task.EMBEDDING and not workload.candidates.local
    if not outside and not open_ended:
        return []
    known = [tag for tag in _EMBEDDERS if catalogue.find(tag, world.cards) is not None]
    if world.machine is not None:
        known = [tag for tag in known if fits(tag, world, world.machine)]
    which = f": {', '.join(known)}" if known else ""
    text = (
        f"embedding sends the whole text out; models for it are small and run here{which}. The"
        " guide calls them slightly weaker: the best open ones lead the public boards by now"
    )
    return [Caution("S46" if outside else "S47", text)]
