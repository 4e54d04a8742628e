"""The money of a verdict: every option's bill, the bars, a purchase over its life."""

from __future__ import annotations

from landfall.core.costs.horizon import Against, Horizon, Point
from landfall.core.provenance import Figure, Unknown, band, middle
from landfall.core.reporting.blocks import (
    Block,
    Cell,
    Column,
    Items,
    Paragraph,
    Picture,
    Section,
    Table,
)
from landfall.core.reporting.charts import PLACES, CostBar, CostChart
from landfall.core.reporting.numbers import cell, money, number, origin, seconds, short, with_band
from landfall.core.reporting.subject import Subject
from landfall.core.reporting.words import (
    OPTION_NAMES,
    PLACE_WORDS,
    capital,
    plain,
    sentence,
    without_rules,
)
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.verdict import Verdict
from landfall.core.workload.privacy import Option


def money_section(subject: Subject) -> Section:
    """Every option's bill with its band, the chart, and what stands behind them."""
    blocks: list[Block] = [options_table(subject), *_variants(subject)]
    owned = _owned(subject)
    if owned:
        blocks.append(Paragraph(owned))
    purchase = subject.verdict.details.purchase
    if purchase is not None:
        blocks.append(_purchase(purchase))
    gaps = [
        sentence(f"{one.machine or OPTION_NAMES[one.option]}: {one.text}")
        for one in subject.verdict.details.gap
    ]
    if subject.verdict.details.would_hold:
        gaps.append(f"The cheapest listed that would do it: {subject.verdict.details.would_hold}.")
    if gaps:
        blocks.append(Items(tuple(gaps)))
    return Section("Money", tuple(blocks))


def costs_section(subject: Subject) -> Section:
    """The bills as bars, for the page that comes first."""
    bars = cost_bars(subject)
    if not any(bar.high > 0 for bar in bars):
        return Section("Money", (Paragraph("No option that is open has a bill that is known."),))
    picture = Picture(
        name="costs",
        title="Cost a month, every option",
        says="; ".join(f"{one.name}: {one.out or one.amount}" for one in bars) + ".",
        chart=CostChart(bars),
        note="Bar: middle estimate. Whisker: its band. The verdict comes first.",
    )
    return Section("Money", (picture,))


def options_table(subject: Subject) -> Table:
    """All options: the verdict first, then the open ones by cost, then those that are out."""
    return Table(
        caption="Every option, USD a month",
        columns=(
            Column("Option", share=1.7),
            Column("A month", right=True, share=1.5),
            Column("Slowest of twenty", right=True, share=1.5),
            Column("Open", share=0.5),
            Column("Why not, or what it assumes", share=3.1),
        ),
        rows=tuple(_option_row(subject, one) for one in ordered(subject.verdict)),
    )


def ordered(verdict: Verdict) -> list[OptionLine]:
    """The verdict first, then the open ones by cost, then those that are out."""
    return sorted(
        verdict.options,
        key=lambda line: (
            line.option is not verdict.option,
            line.feasible is False,
            _cost(line.usd_month),
        ),
    )


def _cost(figure: Figure) -> float:
    value = middle(figure)
    return float("inf") if value is None else value


def _option_row(subject: Subject, line: OptionLine) -> tuple[Cell, ...]:
    chosen = line.option is subject.verdict.option
    open_ = {True: "yes", False: "no", None: "not known"}[line.feasible]
    why = sentence(without_rules(line.why_not)) if line.why_not else ""
    if line.rule:
        why = f"{why} ({line.rule})"
    behind = subject.verdict.detail(line.option)
    assumed = " ".join(sentence(one) for one in behind.assumes)
    late, cost = behind.latency_p95_s, cell(line.usd_month, money)
    if isinstance(line.usd_month, Unknown) and plain(line.usd_month.reason) in plain(why):
        cost = Cell(cost.text, cost.mark)  # the reason stands in its row already
    return (
        Cell(
            option_name(subject, line.option), detail="the verdict" if chosen else "", strong=chosen
        ),
        cost,
        Cell("–") if _not_looked_at(late) else cell(late, seconds),
        Cell(open_),
        Cell(why or assumed, detail=assumed if why else ""),
    )


def _not_looked_at(figure: Figure) -> bool:
    return isinstance(figure, Unknown) and figure.reason == "not looked at"


def option_name(subject: Subject, option: Option) -> str:
    """An option with what would do the work."""
    facts, workload = subject.facts, subject.workload
    match option:
        case Option.CLOUD_FRONTIER:
            name = f"{workload.today.model}, today" if workload.today.model else ""
        case Option.HOSTED_OPEN:
            row = subject.hosted.row if subject.hosted else None
            name = row.model.rpartition("/")[2] if row else ""
        case Option.RENT_GPU:
            name = f"Rented {facts.rented.machine}" if facts.rented else ""
        case Option.LOCAL_THIS_MACHINE:
            machine = workload.machine.name or OPTION_NAMES[option]
            name = (
                f"{machine}, {facts.machine.model}"
                if facts.machine and facts.machine.model
                else machine
            )
        case Option.LOCAL_BUY:
            machine = (facts.buy.machine if facts.buy else "") or workload.buy.machine
            name = f"Buy {machine}" if machine else ""
        case _:
            name = ""
    return name or OPTION_NAMES[option]


def cost_bars(subject: Subject) -> tuple[CostBar, ...]:
    """The bars of the options, in the order of the table."""
    return tuple(_bar(subject, line) for line in ordered(subject.verdict))


def _bar(subject: Subject, line: OptionLine) -> CostBar:
    verdict, ends = subject.verdict, band(line.usd_month)
    name, place = option_name(subject, line.option), PLACES[line.option]
    chosen = line.option is verdict.option
    if ends is None or line.feasible is False:
        why = without_rules(plain(line.why_not)) or "not known"
        if ends is not None:
            why = f"{why} (would cost {short(line.usd_month, money)})"
        return CostBar(name=name, place=place, chosen=chosen, out=why)
    share = _kept(subject) if line.option is Option.HYBRID else None
    return CostBar(
        name=name,
        place=place,
        chosen=chosen,
        low=ends[0],
        mid=ends[1],
        high=ends[2],
        amount=with_band(line.usd_month, money),
        kept=1.0 if share is None else share,
        overflow=None if share is None else PLACES[verdict.bar or Option.HOSTED_OPEN],
    )


def _kept(subject: Subject) -> float | None:
    share = subject.verdict.local_share if subject.verdict.option is Option.HYBRID else None
    host: HostFacts | None = subject.facts.machine
    if share is None and host is not None:
        share = middle(host.absorbed_share)
    return share


def _variants(subject: Subject) -> list[Block]:
    rows = [
        (
            Cell(option_name(subject, line.option)),
            Cell(one.name),
            cell(one.usd_month, money),
            Cell(sentence(one.why_not) or "–"),
        )
        for line in subject.verdict.options
        for ways in (subject.verdict.detail(line.option).variants,)
        if len(ways) > 1
        for one in ways
    ]
    if not rows:
        return []
    columns = (
        Column("Option", share=1.6),
        Column("Way to have it", share=2),
        Column("A month", right=True, share=1.3),
        Column("Why not this way", share=2.5),
    )
    last = len(columns) if any(row[-1].text != "–" for row in rows) else len(columns) - 1
    shown = tuple(row[:last] for row in rows)
    return [Table(caption="Ways to have an option", columns=columns[:last], rows=shown)]


def _owned(subject: Subject) -> str:
    details = subject.verdict.details
    if isinstance(details.average_usd_month, Unknown):
        return ""
    return (
        f"To the owned machine the work adds {with_band(details.marginal_usd_month, money)} a"
        f" month, which decides; bought for this alone it would cost"
        f" {with_band(details.average_usd_month, money)} in all."
    )


def _purchase(horizon: Horizon) -> Table:
    outlay = horizon.outlay
    price = with_band(outlay.price_usd, money)
    rows = [_against_row(one) for one in horizon.against]
    hours = horizon.rent_or_buy_hours
    if band(hours.at) is not None or hours.never:
        turns = _point(hours, "busy hours a month")
        rows.append((Cell("Renting by the hour"), Cell("–"), Cell("–"), Cell("–"), turns))
    return Table(
        caption=f"{capital(outlay.machine or 'the purchase')} at {price}, against each bill",
        columns=(
            Column("Against", share=1.6),
            Column("Paid back", right=True, share=1.4),
            Column("With falling prices", right=True, share=1.4),
            Column("Present value", right=True, share=1.3),
            Column("Cheaper from", right=True, share=1.8),
        ),
        rows=tuple(rows),
    )


def _against_row(one: Against) -> tuple[Cell, ...]:
    volume = _point(one.breakeven_calls_per_day, "calls a day")
    if one.within_reach is False and volume.mark is not None:
        volume = Cell(volume.text, volume.mark, "more than it serves")
    return (
        Cell(capital(PLACE_WORDS[one.option])),
        _point(one.payback_months, "months"),
        _point(one.payback_months_falling, "months"),
        cell(one.npv_usd, money),
        volume,
    )


def _point(point: Point, unit: str) -> Cell:
    if point.never:
        return Cell("never", None, origin(point.at).removeprefix("never: "))
    return cell(point.at, lambda value: f"{number(value)} {unit}")
