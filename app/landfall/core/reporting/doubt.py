"""What would change the verdict: flips, swings, volume; what was not measured."""

from __future__ import annotations

from collections.abc import Iterator

from landfall.core.provenance import Unknown, middle
from landfall.core.quality.paired_tests import GateResult
from landfall.core.reporting.blocks import (
    Block,
    Cell,
    Column,
    Items,
    Mark,
    Paragraph,
    Picture,
    Section,
    Table,
)
from landfall.core.reporting.charts import (
    PLACES,
    BreakEvenChart,
    CostLine,
    SwingBar,
    TornadoChart,
)
from landfall.core.reporting.numbers import mark_of, money, number, percent, spread
from landfall.core.reporting.subject import Subject
from landfall.core.reporting.words import (
    OPTION_NAMES,
    capital,
    in_sentence,
    input_name,
    move,
    sentence,
    value_text,
)
from landfall.core.verdict.over_volume import BreakEvenCurves, Curve
from landfall.core.verdict.swings import InputSwing
from landfall.core.verdict.worlds import worlds_text
from landfall.core.workload.privacy import Option

_ROOM = 6.0
"""A bill this many times above the picture at its end is said in words, as in the window."""
_VOLUMES = 6
MOST_FLIPS = 16
_FEW = 5


def flips_in_short(subject: Subject) -> Section:
    """The likeliest flips and the one thing to find out, for the page that comes first."""
    blocks: list[Block] = []
    if subject.verdict.flips:
        blocks.append(_flips_table(subject, _FEW))
    else:
        blocks.append(Paragraph("No input that a workload states would turn this verdict."))
    most = _most_doubt(subject)
    if most:
        blocks.append(Paragraph(most))
    listed = tuple(dict.fromkeys(_unmeasured(subject)))
    if listed:
        few = listed[:_FEW]
        rest = len(listed) - len(few)
        more = f" {rest} more among the evidence." if rest else ""
        blocks.append(Paragraph(f"Not measured: {' '.join(few)}{more}"))
    return Section("What would change it", tuple(blocks))


def flips_section(subject: Subject) -> Section:
    """What would flip the verdict, how the saving swings, and what being wrong costs."""
    blocks: list[Block] = []
    if subject.verdict.flips:
        blocks.append(_flips_table(subject, MOST_FLIPS))
    else:
        blocks.append(Paragraph("No input that a workload states would turn this verdict."))
    blocks += _tornado(subject)
    told = "" if subject.verdict.worlds is None else worlds_text(subject.verdict.worlds)
    if told:
        blocks.append(Paragraph(sentence(told)))
    return Section("What would change it", tuple(blocks))


def _flips_table(subject: Subject, most: int) -> Table:
    return Table(
        caption="What would flip the verdict, one input at a time, the likeliest first",
        columns=(
            Column("Input", share=2),
            Column("Now", right=True, share=1.2),
            Column("Flips at", right=True, share=1.2),
            Column("Change", right=True, share=0.8),
            Column("Verdict then", share=2),
        ),
        rows=tuple(
            (
                Cell(capital(input_name(one.input))),
                Cell(value_text(one.input, one.now)),
                Cell(value_text(one.input, one.at), strong=True),
                Cell(move(one.relative) or "–"),
                Cell(OPTION_NAMES[one.verdict_then]),
            )
            for one in subject.verdict.flips[:most]
        ),
    )


def _tornado(subject: Subject) -> list[Block]:
    saving = middle(subject.verdict.saving)
    if saving is None or not subject.swings:
        return []
    bars = tuple(_swing(one) for one in subject.swings)
    said = "; ".join(
        f"{one.name} {one.low_label} to {one.high_label}: {money(one.low)} to {money(one.high)}"
        for one in bars
    )
    return [
        Picture(
            name="swings",
            title="Saving a month, one input at a time",
            says=f"The saving is {money(saving)} a month now. {said}.",
            chart=TornadoChart(bars, saving),
            note="Bar: usual doubt of each input. Diamond: the verdict flips. Dashed: now.",
        )
    ]


def _swing(one: InputSwing) -> SwingBar:
    at, where = one.flips_at, None
    if at is not None and one.low <= at <= one.high and one.high > one.low:
        share = (at - one.low) / (one.high - one.low)
        where = one.saving_low + share * (one.saving_high - one.saving_low)
    return SwingBar(
        name=capital(input_name(one.path)),
        low=one.saving_low,
        high=one.saving_high,
        low_label=value_text(one.path, one.low),
        high_label=value_text(one.path, one.high),
        flip=where,
    )


# Volume ------------------------------------------------------------------------------------------


def volume_section(subject: Subject) -> Section:
    """The bills over the volume, or why there is no such picture."""
    curves = subject.curves
    if isinstance(curves, Unknown):
        return Section("Break-even", (Paragraph(f"No break-even: {sentence(curves.reason)}"),))
    chart = break_even(curves)
    words = crossing_words(curves)
    never = "Your own machine never gets cheaper than the nearest bill, up to 50 times today"
    says = sentence(words or never)
    most = calls_served(subject, curves)
    beyond = ""
    if most is not None and most < curves.calls_per_day[-1]:
        beyond = (
            f"{OPTION_NAMES[curves.local.option]} serves up to {_volume(most)} calls a day: with"
            " more, its line says what it would draw, not that it could do the work."
        )
    blocks = (
        Paragraph(f"{says} {beyond}".strip()),
        Picture(
            name="break-even",
            title="Cost a month over the volume",
            says=f"{says} Now: {number(curves.now)} calls a day, {money(chart.now_usd)} a month."
            f" {beyond}".rstrip(),
            chart=chart,
            note="Shaded: the band of running here. Dot: your volume and bill.",
        ),
        _volumes(curves, subject, most),
    )
    return Section("Break-even", blocks)


def calls_served(subject: Subject, curves: BreakEvenCurves) -> float | None:
    """How many calls a day fill the busiest hour of the machine that the curves are of.

    What a call asks of it does not change with their number, so its share of the hour grows with
    them. None where that share is not known.
    """
    facts = subject.facts
    host = facts.machine if curves.local.option is Option.LOCAL_THIS_MACHINE else facts.buy
    busy = None if host is None else middle(host.peak_utilisation)
    return curves.now / busy if busy else None


def break_even(curves: BreakEvenCurves) -> BreakEvenChart:
    """The curves with the marks of the user's volume and of the crossing."""
    first = curves.others[0]
    volumes = curves.calls_per_day
    nearest = min(range(len(volumes)), key=lambda i: abs(volumes[i] - curves.now))
    inside = curves.crossing is not None and curves.crossing <= volumes[-1]
    top = max(*first.usd_month, *curves.local.usd_month)
    shown = [first, *(one for one in curves.others[1:] if one.usd_month[-1] <= _ROOM * top)]
    return BreakEvenChart(
        volume=volumes,
        local=_line(curves.local),
        low=curves.low,
        high=curves.high,
        others=tuple(_line(one) for one in shown),
        now=curves.now,
        now_usd=first.usd_month[nearest],
        crossing=curves.crossing if inside else None,
        crossing_text=crossing_words(curves),
    )


def _line(curve: Curve) -> CostLine:
    option: Option = curve.option
    return CostLine(name=OPTION_NAMES[option], place=PLACES[option], usd_month=curve.usd_month)


def crossing_words(curves: BreakEvenCurves) -> str:
    """Where running here overtakes the nearest bill, with its range; "" where it never does."""
    if curves.crossing is None:
        return "cheaper here at any volume" if curves.always else ""
    said = f"break-even at {_volume(curves.crossing)} calls a day"
    ends = [one for one in (curves.crossing_low, curves.crossing_high) if one is not None]
    return f"{said} ({spread(min(ends), max(ends), _volume)})" if len(ends) == 2 else said


def _volume(calls: float) -> str:
    """Two significant digits: the band is wide."""
    return number(float(f"{calls:.2g}"))


def _volumes(curves: BreakEvenCurves, subject: Subject, most: float | None) -> Table:
    facts = subject.facts
    own = facts.machine if curves.local.option is Option.LOCAL_THIS_MACHINE else facts.buy
    mark = Mark.ESTIMATED if own is None else mark_of(own.usd_month)
    last = len(curves.calls_per_day) - 1
    rows = []
    for step in range(1, _VOLUMES + 1):
        i = round(step * last / _VOLUMES)
        ends = spread(curves.low[i], curves.high[i], money)
        if most is not None and curves.calls_per_day[i] > most:
            ends = f"{ends}; more than it serves"
        others = (
            _bill(one.usd_month[i], mark_of(facts.remote(one.option))) for one in curves.others
        )
        calls = Cell(number(round(curves.calls_per_day[i])))
        rows.append((calls, _bill(curves.local.usd_month[i], mark, ends), *others))
    return Table(
        caption="Bills over the volume, USD a month",
        columns=(
            Column("Calls a day", right=True),
            Column(OPTION_NAMES[curves.local.option], right=True, share=1.4),
            *(Column(OPTION_NAMES[one.option], right=True) for one in curves.others),
        ),
        rows=tuple(rows),
    )


def _bill(usd: float, mark: Mark, detail: str = "") -> Cell:
    return Cell(f"{'~' if mark is Mark.ESTIMATED else ''}{money(usd)}", mark, detail)


# What is not known -------------------------------------------------------------------------------


def unmeasured_section(subject: Subject) -> Section:
    """What was not measured, and which measurement would take most of the doubt away."""
    listed = tuple(dict.fromkeys(_unmeasured(subject)))
    blocks: list[Block] = []
    most = _most_doubt(subject)
    if most:
        blocks.append(Paragraph(most))
    if listed:
        blocks.append(Items(listed))
    else:
        blocks.append(Paragraph("Everything that the decision looks at was measured or stated."))
    return Section("What was not measured", tuple(blocks))


def _most_doubt(subject: Subject) -> str:
    """What would reduce doubt most, and to what; "" where nothing is regretted."""
    worlds = subject.verdict.worlds
    if worlds is None or worlds.measure is None:
        return ""
    one = worlds.measure
    return (
        f"What would reduce doubt most: {input_name(one.path)}. {sentence(one.why)} Being wrong"
        f" then costs {money(one.regret_left_usd_month)} a month in the mean"
        f"{_of(worlds.regret_usd_month)}."
    )


def _of(regret: float | None) -> str:
    return "" if regret is None else f", of {money(regret)} now"


def _unmeasured(subject: Subject) -> Iterator[str]:
    for one in subject.verdict.missing:
        yield f"{capital(input_name(one.field))}: {sentence(one.reason)}"
    yield from _of_quality(subject)
    yield from _of_machines(subject)
    yield from _of_volume(subject)
    today = subject.workload.today
    if today.model and (today.provider.lower(), today.model.lower()) not in subject.world.probes:
        yield f"How soon {today.model} answers: never asked from here."
    if subject.verdict.details.purchase is not None:
        yield f"What the bought machine is worth at the end: assumed{_residual(subject)}."


def _of_quality(subject: Subject) -> Iterator[str]:
    facts = subject.facts
    if any(one.field.startswith("quality.gate") for one in subject.verdict.missing):
        return
    for which, gate in (("local", facts.gate), ("hosted", facts.gate_hosted)):
        if gate is GateResult.UNMEASURED:
            yield f"Quality of the {which} candidate on your own prompts: it counts as not proven."
        elif gate is GateResult.INCONCLUSIVE:
            yield f"Quality of the {which} candidate: measured, and not decided yet."


def _of_machines(subject: Subject) -> Iterator[str]:
    facts, world = subject.facts, subject.world
    for host in (facts.machine, facts.buy):
        if host is None or not host.model:
            continue
        name = in_sentence(host.machine)
        if host is not facts.machine or host.model not in world.measured:
            yield f"Speed of {host.model} on {name}: predicted from memory bandwidth, with a band."
        if host is not facts.machine or host.model not in world.energy:
            yield f"Energy of {host.model} on {name}: reckoned from rated power, not measured."


def _of_volume(subject: Subject) -> Iterator[str]:
    volume, observed = subject.workload.volume, subject.world.usage is not None
    if volume.series or observed:
        return
    yield "Volume day by day: one stated number stands for all days."
    if not volume.hourly_calls:
        yield "When in the day the calls come: eight even hours are assumed."


def _residual(subject: Subject) -> str:
    purchase = subject.verdict.details.purchase
    share = None if purchase is None else middle(purchase.outlay.residual_share)
    return "" if share is None else f" to be {percent(share)} of its price"
