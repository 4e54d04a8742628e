"""Totals as figures, rows and bars; each says what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.energy.energy import watt_hours
from landfall.core.provenance import Unknown, middle
from landfall.gui.dates import when
from landfall.gui.format import (
    Origin,
    Shown,
    amount,
    approximately,
    joined,
    money,
    number,
    plain,
    shown,
    whole,
)
from landfall.gui.settings.tariff_words import money_in
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Row, Title
from landfall.gui.widgets.day_bars import DayBar
from landfall.gui.widgets.figure_line import Captioned
from landfall.gui.widgets.table_model import Column
from landfall.services.history.run_totals import By, Measure, Step, Total, Totals, together

if TYPE_CHECKING:
    from landfall.core.provenance import Figure
    from landfall.services.history.records import DayTotal

_JOULES_PER_WH = 3600.0


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


def sums(of: Totals) -> tuple[Captioned, ...]:
    """The totals as they are shown."""
    return (
        Captioned("tokens", _tr("Tokens out, own machines"), _tokens(of.tokens_out, of.tokens_in)),
        Captioned("cloud-tokens", _tr("Tokens out, cloud"), _tokens(of.cloud_out, of.cloud_in)),
        Captioned(
            "energy", _tr("Energy, metered parts"), _with(_hours(of.joules), Unit.WATT_HOURS)
        ),
        Captioned("electricity", _tr("Electricity, own machines"), electricity_shown(of)),
        Captioned("usd", _tr("Spent in the cloud"), _with(of.usd, Unit.USD, _unpaid(of))),
    )


def _tokens(out: Total, into: Total) -> Shown:
    tokens_in = shown(into.figure, Unit.TOKENS)
    if tokens_in.origin is Origin.UNKNOWN:
        return _with(out, Unit.TOKENS)
    told = joined(tokens_in.value, tokens_in.unit.removesuffix(_tr("tokens")).strip())
    return _with(out, Unit.TOKENS, _tr("{0} in").format(told))


def _unpaid(of: Totals) -> str:
    return "" if of.usd.runs else _tr("no paid answer")


def _hours(joules: Total) -> Total:
    return replace(joules, figure=watt_hours(joules.figure))


def _with(total: Total, unit: Unit, detail: str = "", *, short: bool = False) -> Shown:
    """The sum, and how many runs it lacks."""
    parts = (detail, lack_words(total.missing, total.runs, short=short))
    told = ", ".join(part for part in parts if part)
    figure = shown(total.figure, unit)
    return replace(
        figure, detail=told, spoken=f"{figure.spoken}, {told}" if told else figure.spoken
    )


def lack_words(missing: int, runs: int, *, short: bool = False) -> str:
    """How many of the runs a sum lacks; "" where it has all."""
    if not missing:
        return ""
    if short:
        return _tr("lacks {0} of {1}").format(whole(missing), whole(runs))
    return _tr("lacks {0} of {1} runs").format(whole(missing), whole(runs))


def electricity_shown(of: Totals, *, short: bool = False) -> Shown:
    """What the electricity cost, each currency by itself.

    Args:
        short: The largest alone, the others below it.
    """
    lacks = lack_words(of.electricity_missing, of.electricity_runs, short=short)
    if not of.electricity:
        why = _tr("no run had a tariff when it ran")
        return replace(shown(Unknown(why), Unit.USD), detail=lacks)
    costs = [money_in(_value(figure), code) for code, figure in of.electricity]
    first = shown(of.electricity[0][1], Unit.USD)
    written = " + ".join(costs)
    below = [*(f"+ {cost}" for cost in costs[1:]), lacks] if short else [lacks]
    return replace(
        first,
        value=approximately(costs[0] if short else written),
        unit="",
        detail=", ".join(part for part in below if part),
        spoken=", ".join(part for part in (_tr("about {0}").format(written), lacks) if part),
    )


def _value(figure: Figure) -> float:
    return middle(figure) or 0.0


# The table


def total_columns(by: By) -> tuple[Column, ...]:
    """What is told of each model, workload or day."""
    name = {By.MODEL: _tr("Model"), By.WORKLOAD: _tr("Workload"), By.DAY: _tr("Day")}
    return (
        Column(name[by]),
        Column(_tr("Tokens in"), 126, right=True),
        Column(_tr("Tokens out"), 126, right=True),
        Column(_tr("Energy"), 146, right=True),
        Column(_tr("Electricity"), 168, right=True),
        Column(_tr("Cloud"), 100, right=True),
    )


def total_row(of: Totals, by: By) -> Row:
    """One model, workload or day."""
    runs = _tr("one run") if of.runs == 1 else _tr("{0} runs").format(whole(of.runs))
    return (
        Title(name_of(of, by), runs),
        _with(together(of.tokens_in, of.cloud_in), Unit.TOKENS, short=True),
        _with(together(of.tokens_out, of.cloud_out), Unit.TOKENS, short=True),
        _with(_hours(of.joules), Unit.WATT_HOURS, short=True),
        electricity_shown(of, short=True),
        _with(of.usd, Unit.USD, short=True),
    )


def name_of(of: Totals, by: By) -> str:
    """What a sum is of, in words."""
    if by is By.DAY:
        return when(of.name)
    return of.name or _tr("No workload")


def _by_in(of: Totals) -> float | None:
    return middle(together(of.tokens_in, of.cloud_in).figure)


def _by_out(of: Totals) -> float | None:
    return middle(together(of.tokens_out, of.cloud_out).figure)


def _by_joules(of: Totals) -> float | None:
    return middle(of.joules.figure)


def _by_electricity(of: Totals) -> float | None:
    return middle(of.electricity[0][1]) if of.electricity else None


def _by_usd(of: Totals) -> float | None:
    return middle(of.usd.figure) if of.usd.runs else None


def _by_name(of: Totals) -> str:
    return of.name


TOTAL_KEYS = (_by_name, _by_in, _by_out, _by_joules, _by_electricity, _by_usd)
"""By what each column of `total_columns` is put in order."""


# Over time


def measures(days: Sequence[DayTotal]) -> tuple[tuple[Measure, str], ...]:
    """What can be shown over time, with the words for it; electricity once a currency."""
    codes = sorted({day.electricity_currency for day in days if day.electricity_currency})
    electricity = _tr("Electricity, {0}")
    return (
        (Measure(kind="tokens_out"), _tr("Tokens out")),
        (Measure(kind="tokens_in"), _tr("Tokens in")),
        (Measure(kind="joules"), _tr("Energy, metered parts")),
        *((Measure(kind="electricity", currency=code), electricity.format(code)) for code in codes),
        (Measure(kind="usd"), _tr("Spent in the cloud")),
    )


def bars_of(steps: Sequence[Step], measure: Measure) -> tuple[DayBar, ...]:
    """Each step as a bar, in the unit in which it is written."""
    write = value_words(measure)
    return tuple(_bar(step, write) for step in steps)


def _bar(step: Step, write: Callable[[float], str]) -> DayBar:
    span = when(step.begin)
    if step.end != step.begin:
        span = _tr("{0} to {1}").format(span, when(step.end))
    parts = []
    if step.own is not None:
        words = _tr("{0} on your machines") if step.cloud is not None else "{0}"
        parts.append(words.format(write(step.own)))
    if step.cloud is not None:
        parts.append(_tr("{0} in the cloud").format(write(step.cloud)))
    if not parts:
        parts.append(_tr("unknown") if step.runs else _tr("no run"))
    parts.append(lack_words(step.missing, step.runs))
    said = ", ".join(part for part in parts if part)
    return DayBar(
        label=when(step.begin),
        own=step.own,
        cloud=step.cloud,
        lacks=step.missing > 0,
        spoken=f"{span}: {said}",
    )


def value_words(measure: Measure) -> Callable[[float], str]:
    """How a value of a measure is written."""

    def write(value: float) -> str:
        match measure.kind:
            case "joules":
                return plain(value / _JOULES_PER_WH, Unit.WATT_HOURS)
            case "electricity":
                return money_in(value, measure.currency)
            case "usd":
                return money(value)
            case _:
                return plain(value, Unit.TOKENS)

    return write


def tick_words(measure: Measure) -> Callable[[float, float], str]:
    """How a tick of the axis is written: short, with as many digits as the step needs."""

    def write(value: float, step: float) -> str:
        if value == 0:
            return "0"
        match measure.kind:
            case "joules":
                return plain(value / _JOULES_PER_WH, Unit.WATT_HOURS)
            case "electricity" | "usd":
                digits = 0 if step >= 1 else 2 if step >= 0.01 else 4
                if measure.kind == "usd" or measure.currency == "USD":
                    return money(value, digits=digits)
                return number(value, digits=digits)
            case _:
                if value != int(value):
                    return ""  # there is no half a token: nothing was counted yet
                told, unit = amount(value, Unit.TOKENS)
                return f"{told}{unit.removesuffix(_tr('tokens')).strip()}"

    return write
