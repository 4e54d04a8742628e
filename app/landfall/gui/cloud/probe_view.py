"""Words, lines and rows of a probe out of values: nothing here asks, waits or stores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.benchmark.probe import Call, Here, HereAndThere, Plan, Summary, There
from landfall.core.errors import AppError
from landfall.core.provenance import Figure, Measured, Unknown, middle
from landfall.gui.cloud.view import said
from landfall.gui.dates import when
from landfall.gui.format import Shown, approximately, money, number, plain, shown, text
from landfall.gui.translated import all_translated, translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Row, Title
from landfall.gui.widgets.here_there_chart import Line
from landfall.gui.widgets.table_model import Column

if TYPE_CHECKING:
    from landfall.services.cloud.probe import MostItCosts


def _tr(words: str) -> str:
    return QCoreApplication.translate("probe", words)


# ---------------------------------------------------------------- what it costs, how it goes


def most_words(most: MostItCosts, plan: Plan) -> str:
    """What the probe costs at most, and what is sent for it."""
    sent = _tr("{0} calls of at most {1} tokens of answer, the first of them not counted").format(
        number(plan.asked), number(plan.max_tokens)
    )
    if most.usd is None:
        notes = " ".join(all_translated(most.each.quote.notes))
        return _tr("Nobody knows what it costs: {0} {1}.").format(notes, sent)
    source = translated(most.each.quote.source or "")
    return _tr("At most {0}: {1}. Price: {2}.").format(money(most.usd), sent, source)


def call_words(call: Call, plan: Plan) -> str:
    """How one call went."""
    name = _tr("Warm-up") if call.number == 0 else _call_name(call, plan)
    if call.failure:
        return _tr("{0}: failed, {1}").format(name, translated(call.failure))
    return _tr("{0}: first token after {1}, {2}").format(
        name, _seconds(call.ttft_seconds), _rate(call, "tok_s")
    )


def _call_name(call: Call, plan: Plan) -> str:
    return _tr("Call {0} of {1}").format(number(call.number), number(plan.calls))


def summary_words(found: Summary, model: str) -> str:
    """What came of a probe."""
    if not found.measured:
        return _tr("No call of {0} was answered. {1}").format(model, _failed_words(found)).strip()
    words = _tr(
        "{0}: first token within {1} for half of the calls, within {2} for 95 of 100; {3} for half,"
        " {4} or more for 95 of 100."
    ).format(
        model,
        _seconds(found.ttft_p50_seconds),
        _seconds(found.ttft_p95_seconds),
        _rate(found, "tok_s_p50"),
        _rate(found, "tok_s_p95"),
    )
    return " ".join(part for part in (words, _cost_words(found), _failed_words(found)) if part)


def firm_words(found: Summary) -> str:
    """What few calls are worth, or ""."""
    if found.firm or not found.measured:
        return ""
    return _tr("With fewer than 20 calls, 95 of 100 is little more than the worst one seen.")


def _cost_words(found: Summary) -> str:
    if found.cost_usd is None:
        return _tr("What it cost is not known.")
    usd = money(found.cost_usd)
    words = _tr("It cost {0}.").format(approximately(usd) if "cost_usd" in found.estimated else usd)
    if found.unpriced:
        words += " " + _tr("Of {0} calls the cost is not known.").format(number(found.unpriced))
    return words


def _failed_words(found: Summary) -> str:
    if not found.failed:
        return ""
    reason, _ = found.failures[0]
    return _tr("{0} failed: {1}.").format(number(found.failed), reason.rstrip("."))


def trouble_words(error: AppError) -> str:
    """Why a probe ended early."""
    return said(error, instead=_tr("Look at the provider's key."))


def _seconds(value: float | None) -> str:
    return _tr("an unknown time") if value is None else plain(value, Unit.SECONDS)


def _rate(of: Call | Summary, name: str) -> str:
    value: float | None = getattr(of, name)
    if value is None:
        return _tr("an unknown speed")
    words = plain(value, Unit.TOKENS_PER_SECOND)
    return approximately(words) if name in of.estimated else words


# ---------------------------------------------------------------- the chart and its table


def here_line(one: Here) -> Line:
    """A model of this machine in the chart."""
    watts = middle(one.watts)
    if isinstance(one.watts, Unknown):
        drawn = _tr("watts unknown: {0}").format(translated(one.watts.reason))
    else:
        drawn = ", ".join(part for part in (text(one.watts, Unit.WATTS), one.watts_scope) if part)
    return Line(
        name=one.model,
        note=_tr("first token {0}").format(text(one.ttft_seconds, Unit.SECONDS)),
        speed=middle(one.tok_s),
        speed_words=text(one.tok_s, Unit.TOKENS_PER_SECOND),
        cost=watts,
        cost_words=drawn,
    )


def there_line(one: There) -> Line:
    """A model of a provider in the chart."""
    price = middle(one.usd_per_mtok)
    words = _tr("price unknown") if price is None else text(one.usd_per_mtok, Unit.USD_PER_MTOK)
    return Line(
        name=one.model,
        note=_tr("{0}, first token {1}").format(
            one.provider_name, text(one.ttft_p50_seconds, Unit.SECONDS)
        ),
        speed=middle(one.tok_s),
        speed_words=text(one.tok_s, Unit.TOKENS_PER_SECOND),
        slow=middle(one.tok_s_p95),
        cost=price,
        cost_words=words,
    )


def columns() -> tuple[Column, ...]:
    """Of the table of the chart's numbers."""
    return (
        Column(_tr("Model")),
        Column(_tr("First token"), 156, right=True),
        Column(_tr("Speed"), 180, right=True),
        Column(_tr("Power"), 108, right=True),
        Column(_tr("$ per M out"), 108, right=True),
    )


def rows(found: HereAndThere, *, stale_days: int) -> tuple[Row, ...]:
    """The numbers of the chart: this machine first."""
    return (
        *(_here_row(one) for one in found.here),
        *(_there_row(one, stale_days=stale_days) for one in found.there),
    )


def _here_row(one: Here) -> Row:
    nobody = Unknown(_tr("nobody sends a bill for it: it costs electricity"))
    at = one.tok_s.at if isinstance(one.tok_s, Measured) else ""
    return (
        Title(one.model, _since(_tr("this machine"), at), "machine"),
        _cell(one.ttft_seconds, Unit.SECONDS),
        _cell(one.tok_s, Unit.TOKENS_PER_SECOND),
        _cell(one.watts, Unit.WATTS, detail=one.watts_scope),
        shown(nobody, Unit.USD_PER_MTOK),
    )


def _there_row(one: There, *, stale_days: int) -> Row:
    away = Unknown(_tr("a provider does not show its machines"))
    return (
        Title(one.model, _since(one.provider_name, one.at), "cloud"),
        _cell(one.ttft_p50_seconds, Unit.SECONDS, detail=_tail(one.ttft_p95_seconds, Unit.SECONDS)),
        _cell(
            one.tok_s, Unit.TOKENS_PER_SECOND, detail=_tail(one.tok_s_p95, Unit.TOKENS_PER_SECOND)
        ),
        shown(away, Unit.WATTS),
        shown(one.usd_per_mtok, Unit.USD_PER_MTOK, stale_days=stale_days),
    )


def _since(who: str, at: str) -> str:
    """Who, and when it was measured."""
    return f"{who}, {when(at[:10])}" if at else who


def _tail(figure: Figure, unit: Unit) -> str:
    """What 95 of 100 calls reach, or ""."""
    return "" if isinstance(figure, Unknown) else _tr("95 of 100: {0}").format(text(figure, unit))


def _cell(figure: Figure, unit: Unit, *, detail: str = "") -> Shown:
    """The figure; below it `detail` in place of its date, which stands with the model."""
    made = shown(figure, unit)
    if isinstance(figure, Unknown):
        return made
    spoken = f"{made.spoken}, {detail}" if detail else made.spoken
    return replace(made, detail=detail, spoken=spoken)
