"""Every value that a verdict looked at, with who says so and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from landfall.core.pricing.pricing import PriceRow, Rate, Rates
from landfall.core.provenance import Figure, Stated, Unknown, published_on
from landfall.core.reporting.blocks import Cell, Column, Items, Mark, Section, Table
from landfall.core.reporting.numbers import (
    cell,
    mark_of,
    money,
    number,
    of_day,
    origin,
    percent,
    seconds,
    with_band,
)
from landfall.core.reporting.subject import Around, Subject
from landfall.core.reporting.words import capital, input_name, provider_name, sentence, value_text
from landfall.core.verdict.care import ops_hours
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.world import Priced, hourly
from landfall.core.workload.keys import KEYS, get
from landfall.core.workload.origins import PRESET
from landfall.core.workload.privacy import host_name
from landfall.core.workload.workload import Task, Workload

_NAMED_ABOVE = ("workload.name",)
_PATHS = ("volume.series",)
"""Keys that hold a path: of the user's disk only the file's name is told."""
_BARE = Workload(name="", task=Task.CHAT)
_GIB = 2.0**30
_FIRST = (
    "volume.calls_per_day", "volume.history_days", "tokens.input", "tokens.output",
    "latency.p95_seconds", "privacy.class", "quality.gate", "quotes.cloud_frontier_usd_month",
    "quotes.hosted_open_usd_month",
)  # fmt: skip
"""What a reader asks for first."""
_COLUMNS = (Column("Input", share=1.5), Column("Value", share=1.9), Column("Source", share=2.4))

_Row = tuple[Cell, ...]


def inputs_in_short(subject: Subject, around: Around) -> Section:
    """The inputs that count most by where they come from, for the page that comes first."""
    names = {capital(input_name(path)) for path in _FIRST}
    said: dict[Mark, list[str]] = {}
    for name, value, source in _stated(subject, around):
        if name.text in names and value.mark is not None:
            told = f"{name.text.lower()} {value.text}"
            plain_key = value.mark is Mark.STATED and " " not in source.text
            said.setdefault(value.mark, []).append(told if plain_key else f"{told} ({source.text})")
    for mark, told in _prices_in_short(subject, around):
        said.setdefault(mark, []).append(told)
    lines = tuple(
        f"{capital(mark.value)}: {'; '.join(said[mark])}." for mark in Mark if mark in said
    )
    return Section("Inputs at a glance", (Items(lines),))


def _prices_in_short(subject: Subject, around: Around) -> Iterator[tuple[Mark, str]]:
    world = subject.world
    for one in (*((world.frontier,) if world.frontier else ()), *world.hosted[:1]):
        name = f"{one.model} at {provider_name(one.provider, around.providers)}"
        if one.row is None:
            yield Mark.UNKNOWN, f"price of {name}"
        elif one.row.as_of is None:
            yield Mark.STATED, f"{name} {rates_text(_flat(one.row.rates))}"
        else:
            text = rates_text(_flat(one.row.rates))
            yield Mark.PUBLISHED, f"{name} {text}, of {_day(subject, one.row.as_of.isoformat())}"
    figures = [("electricity, a kWh,", world.usd_per_kwh)]
    if subject.facts.buy is not None:
        figures.append(
            (f"{subject.facts.buy.machine or 'the machine'},", subject.facts.buy.price_usd)
        )
    for name, figure in figures:
        listed = published_on(figure)
        day = f", of {_day(subject, listed)}" if listed else ""
        yield mark_of(figure), f"{name} {with_band(figure, _kwh if 'kWh' in name else money)}{day}"


def _day(subject: Subject, day: str) -> str:
    return of_day(day, subject.verdict.as_of, stale_days=subject.limits.price_stale_days)


def _kwh(usd: float) -> str:
    return f"${usd:.3f}"


def _flat(rates: Rates) -> Rates:
    """Without what very long prompts cost: that stands among the evidence."""
    return Rates(
        input=rates.input and Rate(rates.input.usd_per_mtok),
        output=rates.output and Rate(rates.output.usd_per_mtok),
        per_call_usd=rates.per_call_usd,
    )


def inputs_section(subject: Subject, around: Around) -> Section:
    """What the workload states, and what was taken from elsewhere."""
    own = Table(
        caption="What is stated of the workload",
        columns=_COLUMNS,
        rows=tuple(_stated(subject, around)),
    )
    taken = Table(
        caption="What was taken from elsewhere",
        columns=_COLUMNS,
        rows=tuple(_taken(subject, around)),
    )
    return Section("Inputs", tuple(one for one in (own, taken) if one.rows))


def _stated(subject: Subject, around: Around) -> Iterator[_Row]:
    for key in KEYS:
        value = get(subject.workload, key)
        if key.path in _NAMED_ABOVE or (value == get(_BARE, key) and key.path != "workload.task"):
            continue
        text = value_text(key.path, value)
        if key.path in _PATHS:
            text = text.replace("\\", "/").rpartition("/")[2]
        if key.path == "today.provider":
            text = provider_name(text, around.providers)
        mark, source = _origin(subject, key.path)
        yield Cell(capital(input_name(key.path))), Cell(text, mark), Cell(source)
    for one in subject.workload.candidates.hosted:
        name = f"{one.model} at {provider_name(one.provider, around.providers)}"
        yield Cell("Hosted candidate"), Cell(name, Mark.STATED), Cell("candidates.hosted")
    for step in subject.workload.steps:
        to = host_name(step.host) or step.where.value
        yield (
            Cell(f"Step {step.name.value.replace('_', ' ')}"),
            Cell(to, Mark.STATED),
            Cell("steps"),
        )


def _origin(subject: Subject, path: str) -> tuple[Mark, str]:
    told = subject.origins.get(path)
    if told is None:
        return Mark.STATED, path
    if not told.same:
        return Mark.STATED, f"{path}; {told.source} said something else"
    if told.source.startswith(PRESET):
        return Mark.ASSUMED, f"{told.source}: a guess by the task, not counted"
    return Mark.MEASURED, told.source


# From elsewhere ----------------------------------------------------------------------------------


def _taken(subject: Subject, around: Around) -> Iterator[_Row]:
    yield from _volume(subject)
    yield from _prices(subject, around)
    yield from _machines(subject)
    yield from _probes(subject)
    yield from _rates(subject)


def _volume(subject: Subject) -> Iterator[_Row]:
    workload, world = subject.workload, subject.world
    for name, found in (("Usage series", world.series), ("Imported usage", world.usage)):
        if found is not None:
            text = f"{number(found.calls_per_day)} calls a day on {found.history_days} days"
            yield Cell(name), Cell(text, Mark.MEASURED), Cell("; ".join(found.reasons) or "counted")
    if workload.quality.margin is None:
        text = percent(workload.margin)
        yield (
            Cell("Largest loss allowed"),
            Cell(text, Mark.ASSUMED),
            Cell("the usual of such a task"),
        )


def _prices(subject: Subject, around: Around) -> Iterator[_Row]:
    world = subject.world
    frontier = (world.frontier,) if world.frontier is not None else ()
    for one in (*frontier, *world.hosted):
        name = f"{one.model} at {provider_name(one.provider, around.providers)}"
        yield _price(f"Price of {name}", one, subject)
    rented = hourly(subject.facts.rented.machine if subject.facts.rented else "", world)
    if rented is not None:
        yield _figure(f"{rented.profile.name}, rented by the hour", rented.usd, subject)
    if subject.facts.buy is not None:
        yield _figure(
            f"Price of {subject.facts.buy.machine or 'the machine to buy'}",
            subject.facts.buy.price_usd,
            subject,
        )
    yield _figure("Electricity, a kWh", world.usd_per_kwh, subject, digits=3)
    if subject.workload.organisation.hourly_rate_usd is not None:
        return
    text = f"{money(world.hourly_rate_usd)} an hour"
    yield (
        Cell("Hour of people who look after it"),
        Cell(text, Mark.STATED),
        Cell("the settings, or their default"),
    )


def _price(name: str, one: Priced, subject: Subject) -> _Row:
    row = one.row
    if row is None:
        return Cell(name), Cell("not known", Mark.UNKNOWN), Cell(sentence(one.reason))
    if row.as_of is None:
        return Cell(name), Cell(rates_text(row.rates), Mark.STATED), Cell("typed in the settings")
    return Cell(name), Cell(rates_text(row.rates), Mark.PUBLISHED), Cell(_published(row, subject))


def _published(row: PriceRow, subject: Subject) -> str:
    day = _day(subject, row.as_of.isoformat()) if row.as_of is not None else ""
    batch = f"; batch {rates_text(row.batch)}" if row.batch is not None else ""
    return f"{row.source}, {day}{batch}"


def rates_text(rates: Rates) -> str:
    """USD per million tokens: "in $2.50, cached $0.25, out $10.00 per million tokens"."""
    named = (("in", rates.input), ("cached", rates.cached), ("out", rates.output))
    parts = [f"{name} {_rate(rate)}" for name, rate in named if rate is not None]
    text = f"{', '.join(parts)} per million tokens" if parts else ""
    if rates.per_call_usd:
        text = f"{text}{', ' if text else ''}{money(rates.per_call_usd)} a call"
    return text or "not listed"


def _rate(rate: Rate) -> str:
    tiers = "".join(f" (${usd:,.2f} above {tokens:,} tokens)" for tokens, usd in rate.tiers)
    usd = rate.usd_per_mtok
    cents = f"${usd:,.2f}" if round(usd, 2) == usd else f"${usd:,.3g}"
    return f"{cents}{tiers}"


def _figure(name: str, figure: Figure, subject: Subject, *, digits: int | None = None) -> _Row:
    def write(usd: float) -> str:
        return money(usd) if digits is None else f"${usd:.{digits}f}"

    value = cell(figure, write, says="")
    if not isinstance(figure, Unknown):
        value = Cell(with_band(figure, write), value.mark)
    listed = published_on(figure)
    told = origin(figure)
    if listed:
        # The day of a published price ends its origin; that of several listings stands inside it.
        told = f"{told.removesuffix(f', {listed}')}, {_day(subject, listed)}"
    source = told if isinstance(figure, Stated) else sentence(told)
    return Cell(name), value, Cell(source)


def _machines(subject: Subject) -> Iterator[_Row]:
    world = subject.world
    for name, profile in (("Machine", world.machine), ("Machine to buy", world.purchase)):
        if profile is None:
            continue
        boards = [f"{one.name}{_size(one.memory_total_bytes)}" for one in profile.accelerators]
        text = ", ".join(boards) or f"processor{_size(profile.ram.total_bytes)}, no GPU"
        yield (
            Cell(f"{name}: {profile.name}"),
            Cell(text),
            Cell("detected here, or the list of machines"),
        )


def _size(size_bytes: int | None) -> str:
    return "" if size_bytes is None else f" with {size_bytes / _GIB:,.0f} GiB"


def _probes(subject: Subject) -> Iterator[_Row]:
    for (provider, model), probed in subject.world.probes.items():
        today = subject.workload.today
        if (provider, model) != (today.provider.lower(), today.model.lower()) or not probed.calls:
            continue
        first = sorted(call[0] for call in probed.calls)[len(probed.calls) // 2]
        text = f"first text after {seconds(first)}, middle of {len(probed.calls)} calls"
        yield (
            Cell(f"Answers of {today.model}"),
            Cell(text, Mark.MEASURED),
            Cell(f"asked from here, {probed.at[:10]}"),
        )


def _rates(subject: Subject) -> Iterator[_Row]:
    assumed = subject.world.assumptions
    if assumed is None:
        return
    own, buy, facts = subject.workload.organisation, subject.workload.buy, subject.facts
    setup = buy.setup_hours
    if setup is None:  # a month that is quoted whole holds none
        setup = subject.workload.quotes.buy.tco_usd_month
    yield _assumed("Share of care that one more workload adds", assumed.owned_ops_share, percent)
    if own.ops_hours_per_month is None:
        care = ops_hours(subject.workload, subject.world)
        yield _assumed(f"Hours of care a month{_each(facts.machine, facts.buy)}", care, _in("h"))
    if facts.buy is None:
        return
    for name, stated, figure, write in (
        ("Months that a machine is used", buy.months, assumed.months, _in("months")),
        ("Value left at the end", buy.residual_share, assumed.residual_share, percent),
        (f"Hours of set-up{_each(facts.buy)}", setup, assumed.setup_hours, _in("h")),
        ("Fall of hosted prices a year", buy.price_decline, assumed.yearly_price_decline, percent),
    ):
        if stated is None:  # what the workload states stands above, and is what counts
            yield _assumed(name, figure, write)
    rest = facts.buy.idle_watts
    mark = Mark.ASSUMED if rest == assumed.idle_watts else mark_of(rest)
    yield _assumed("Power of a machine at rest", rest, _in("W"), mark)


def _each(*hosts: HostFacts | None) -> str:
    """Of how many machines hours are, where there are several: of one."""
    several = any(one is not None and one.count > 1 for one in hosts)
    return " of each machine" if several else ""


def _in(unit: str) -> Callable[[float], str]:
    def write(value: float) -> str:
        return f"{number(value)} {unit}"

    return write


def _assumed(
    name: str, figure: Figure, write: Callable[[float], str], mark: Mark = Mark.ASSUMED
) -> _Row:
    text = with_band(figure, write)
    return Cell(name), Cell(text, mark), Cell(sentence(origin(figure)))
