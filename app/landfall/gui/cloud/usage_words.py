"""Figures, rows and bars of imported usage; what no source tells is unknown, never 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Estimated, Measured, Unknown
from landfall.core.usage.bill import agrees
from landfall.core.usage.sums import By, Measure, UsageStep, UsageSum
from landfall.gui.dates import when
from landfall.gui.format import Shown, amount, money, plain, shown, whole
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Cell, Plain, Row, Status, Title
from landfall.gui.widgets.day_bars import DayBar
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.figure_line import Captioned
from landfall.gui.widgets.table_model import Column
from landfall.services.usage_files import FORMATS

if TYPE_CHECKING:
    from landfall.core.usage.buckets import UsageTotals
    from landfall.services.usage.kept import KeptImport

CLEAR_DIFFERENCE = 0.05
"""A share of the bill above which the difference is shown with a warning."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("usage", text)


# Figures


def figures(of: UsageTotals) -> tuple[Captioned, ...]:
    """What usage comes to."""
    return (
        Captioned("calls", _tr("Calls"), _told(of.calls, Unit.COUNT)),
        Captioned("input", _tr("Tokens in"), _tokens_in(of)),
        Captioned("output", _tr("Tokens out"), _told(of.output_tokens, Unit.TOKENS)),
        Captioned("billed", _tr("Billed"), _told(of.billed_usd, Unit.USD)),
        Captioned("recomputed", _tr("From tokens and prices"), recomputed(of)),
        Captioned("difference", _tr("Billed less recomputed"), difference(of)),
    )


def _told(value: float | None, unit: Unit) -> Shown:
    if value is None:
        return shown(Unknown(_tr("no source tells it")), unit)
    return shown(Measured(value, "", _tr("as the sources say")), unit)


def _tokens_in(of: UsageTotals) -> Shown:
    """Fresh ones, with those of the cache below: they never overlap."""
    told = _told(of.input_tokens, Unit.TOKENS)
    cache = []
    if of.cached_input_tokens:
        cache.append(_tr("{0} read from a cache").format(_short(of.cached_input_tokens)))
    if of.cache_write_tokens:
        cache.append(_tr("{0} written to one").format(_short(of.cache_write_tokens)))
    if not cache:
        return told
    detail = ", ".join((_tr("fresh"), *cache))
    return replace(told, detail=detail, spoken=f"{told.spoken}, {detail}")


def _short(tokens: float) -> str:
    return plain(tokens, Unit.TOKENS).removesuffix(_tr("tokens")).strip()


def recomputed(of: UsageTotals) -> Shown:
    """Tokens at the prices of their day, and how many rows have no price."""
    if of.recomputed_usd is None:
        why = _tr("no price of these models on these days is known")
        return shown(Unknown(why), Unit.USD)
    value = of.recomputed_usd
    told = shown(Estimated(value, value, value, _tr("tokens at the prices of their day")), Unit.USD)
    if not of.unpriced_rows:
        return told
    lacks = _tr("lacks {0} of {1} rows").format(whole(of.unpriced_rows), whole(of.rows))
    return replace(told, detail=lacks, spoken=f"{told.spoken}, {lacks}")


def difference(of: UsageTotals) -> Shown:
    """What was billed less what the tokens come to."""
    value = of.difference_usd
    if value is None:
        why = _tr("it needs a bill and prices") if of.rows else _tr("nothing is imported")
        return shown(Unknown(why), Unit.USD)
    told = shown(Estimated(value, value, value, _tr("billed less recomputed")), Unit.USD)
    share = _share(of)
    if share is None:
        return told
    detail = _tr("{0} of the bill").format(share)
    return replace(told, detail=detail, spoken=f"{told.spoken}, {detail}")


def _share(of: UsageTotals) -> str | None:
    if of.difference_usd is None or not of.billed_usd:
        return None
    return plain(of.difference_usd / of.billed_usd, Unit.SHARE)


def difference_words(of: UsageTotals) -> str:
    """What the tokens come to, or the bill, and how far they are apart.

    That nothing was billed, or that both agree, is said by `core.usage.bill.reasons` beside it.
    """
    gap = of.difference_usd
    if of.recomputed_usd is None:
        return ""
    if of.billed_usd is None or gap is None:
        return _tr("The tokens come to {0}.").format(money(of.recomputed_usd))
    if agrees(gap, of.billed_usd):
        return _tr("The bill comes to {0}.").format(money(of.billed_usd))
    words = (
        _tr("The bill of {0} is {1} more than its tokens come to ({2}).")
        if gap > 0
        else _tr("The bill of {0} is {1} less than its tokens come to ({2}).")
    )
    return words.format(money(of.billed_usd), money(abs(gap)), money(of.recomputed_usd))


def is_far_off(of: UsageTotals) -> bool:
    """Whether bill and tokens differ by more than a rounding or a discount would explain."""
    gap = of.difference_usd
    return gap is not None and abs(gap) > CLEAR_DIFFERENCE * abs(of.billed_usd or 0.0) + 0.01


# Told apart


def sum_columns(by: By) -> tuple[Column, ...]:
    """What is told of each."""
    names = {
        By.MODEL: _tr("Model"),
        By.KEY: _tr("Key"),
        By.PROJECT: _tr("Project"),
        By.TAG: _tr("Tag"),
        By.DAY: _tr("Day"),
    }
    return (
        Column(names[by]),
        Column(_tr("Calls"), 112, right=True),
        Column(_tr("Tokens in"), 146, right=True),
        Column(_tr("Tokens out"), 136, right=True),
        Column(_tr("Billed"), 112, right=True),
        Column(_tr("Recomputed"), 116, right=True),
        Column(_tr("Difference"), 138, right=True),
    )


def sum_row(of: UsageSum, by: By) -> Row:
    """One model, key, project, tag or day."""
    all_ = of.totals
    return (
        Title(name_of(of, by), _below(of, by)),
        _told(all_.calls, Unit.COUNT),
        _cached_below(all_),
        _told(all_.output_tokens, Unit.TOKENS),
        _told(all_.billed_usd, Unit.USD),
        recomputed(all_),
        difference(all_),
    )


def name_of(of: UsageSum, by: By) -> str:
    """What a sum is of, in words."""
    if by is By.DAY:
        return when(of.name)
    nothing = {
        By.MODEL: _tr("No model told"),
        By.KEY: _tr("No key told"),
        By.PROJECT: _tr("No project told"),
        By.TAG: _tr("No tag told"),
    }
    return of.name or nothing[by]


def _below(of: UsageSum, by: By) -> str:
    if by is By.DAY:
        return of.provider
    days = _tr("one day") if of.days == 1 else _tr("{0} days").format(whole(of.days))
    return f"{of.provider}, {days}" if of.provider else days


def _cached_below(of: UsageTotals) -> Shown:
    told = _told(of.input_tokens, Unit.TOKENS)
    if not of.cached_input_tokens:
        return told
    detail = _tr("+ {0} cached").format(_short(of.cached_input_tokens))
    return replace(told, detail=detail, spoken=f"{told.spoken}, {detail}")


def _by_name(of: UsageSum) -> str:
    return of.name


def _by_calls(of: UsageSum) -> float | None:
    return of.totals.calls


def _by_input(of: UsageSum) -> float | None:
    return of.totals.input_tokens


def _by_output(of: UsageSum) -> float | None:
    return of.totals.output_tokens


def _by_billed(of: UsageSum) -> float | None:
    return of.totals.billed_usd


def _by_recomputed(of: UsageSum) -> float | None:
    return of.totals.recomputed_usd


def _by_difference(of: UsageSum) -> float | None:
    return of.totals.difference_usd


SUM_KEYS: tuple[Callable[[UsageSum], float | str | None], ...] = (
    _by_name,
    _by_calls,
    _by_input,
    _by_output,
    _by_billed,
    _by_recomputed,
    _by_difference,
)
"""By what each column of `sum_columns` is put in order."""


# Over time


def measure_word(measure: Measure) -> str:
    """What is shown over time."""
    return {
        Measure.BILLED: _tr("Billed"),
        Measure.RECOMPUTED: _tr("From tokens and prices"),
        Measure.REQUESTS: _tr("Calls"),
        Measure.INPUT: _tr("Tokens in, fresh"),
        Measure.OUTPUT: _tr("Tokens out"),
    }[measure]


def bars_of(steps: Sequence[UsageStep], measure: Measure) -> tuple[DayBar, ...]:
    """Each step as a bar; days without a log are absent."""
    return tuple(_bar(step, measure) for step in steps)


def _bar(step: UsageStep, measure: Measure) -> DayBar:
    length = 1 if step.end == step.begin else _days(step)
    span = when(step.begin)
    if length > 1:
        span = _tr("{0} to {1}").format(span, when(step.end))
    parts = []
    if step.own is not None:
        parts.append(_tr("{0} on your machines").format(value_words(step.own, measure)))
    if step.cloud is not None:
        parts.append(_tr("{0} at providers").format(value_words(step.cloud, measure)))
    if not step.logged_days:
        parts.append(_tr("no log"))
    elif not parts and step.idle_days == step.logged_days:
        parts.append(_tr("nothing used"))
    elif not parts:
        parts.append(_tr("unknown"))
    elif step.lacks:
        parts.append(_tr("a part is not told"))
    if 0 < step.logged_days < length:
        parts.append(_tr("{0} of {1} days have a log").format(step.logged_days, length))
    return DayBar(
        label=when(step.begin),
        own=step.own,
        cloud=step.cloud,
        lacks=step.lacks,
        absent=not step.logged_days,
        spoken=f"{span}: {', '.join(parts)}",
    )


def _days(step: UsageStep) -> int:
    return (date.fromisoformat(step.end) - date.fromisoformat(step.begin)).days + 1


def value_words(value: float, measure: Measure) -> str:
    """A value of a measure, with its unit."""
    if measure in {Measure.BILLED, Measure.RECOMPUTED}:
        return money(value)
    return plain(value, Unit.COUNT if measure is Measure.REQUESTS else Unit.TOKENS)


def tick_words(measure: Measure) -> Callable[[float, float], str]:
    """How a tick of the axis is written."""

    def write(value: float, step: float) -> str:
        if value == 0:
            return "0"
        if measure in {Measure.BILLED, Measure.RECOMPUTED}:
            return money(value, digits=0 if step >= 1 else 2 if step >= 0.01 else 4)
        told, unit = amount(value, Unit.TOKENS)
        return f"{told}{unit.removesuffix(_tr('tokens')).strip()}"

    return write


# What was imported


def import_columns() -> tuple[Column, ...]:
    """Of the list of imports."""
    return (
        Column(_tr("From")),
        Column(_tr("Period"), 190),
        Column(_tr("Rows"), 110, right=True),
        Column(_tr("Kept"), 130, right=True),
        Column(_tr("Problems"), 130),
    )


def import_row(of: KeptImport) -> Row:
    """One import."""
    name = of.name if of.source == "provider" else Path(of.name).name
    below = _tr("{0}, imported {1}").format(FORMATS.get(of.format, of.format), when(of.imported_at))
    return (
        Title(name, below, "cloud" if of.source == "provider" else "document", note=of.name),
        Plain(period(of.first_at, of.last_at)),
        Plain(whole(of.rows), right=True, sort=of.rows),
        kept_cell(of.rows, of.kept, of.skipped),
        problem_cell(of.problem_count),
    )


def kept_cell(rows: int, kept: int, skipped: int) -> Plain:
    """How many rows are new."""
    if rows and not kept:
        return Plain(_tr("nothing new"), _there_already(skipped, rows), right=True, sort=0)
    return Plain(whole(kept), _there_already(skipped, rows), right=True, sort=kept)


def _there_already(skipped: int, rows: int) -> str:
    if not skipped:
        return ""
    if skipped == rows:
        return _tr("all were there")
    return _tr("{0} were there").format(whole(skipped))


def problem_cell(count: int) -> Cell:
    """How many rows could not be used."""
    if not count:
        return Plain(_tr("none"), tone="text_3", sort=0)
    words = _tr("one row") if count == 1 else _tr("{0} rows").format(whole(count))
    return Status(State.PARTIAL, words)


def period(first: str | None, last: str | None) -> str:
    """From when to when."""
    if not first or not last:
        return _tr("no time told")
    begin, end = when(first[:10]), when(last[:10])
    return begin if begin == end else _tr("{0} to {1}").format(begin, end)
