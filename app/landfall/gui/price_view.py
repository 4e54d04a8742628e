"""Rows and words about prices per token out of values: nothing here asks, waits or stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Figure, Published, Stated, Unknown
from landfall.gui.format import NBSP, Shown, Unit, money, number, origin_word, shown, when
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.tables import Column, Plain, Row, Status, Title

if TYPE_CHECKING:
    from landfall.core.pricing import Part, PriceRow, Quote, Rate
    from landfall.services.cloud.price_list import ListedModel


def _tr(text: str) -> str:
    return QCoreApplication.translate("prices", text)


def price_columns() -> tuple[Column, ...]:
    """Of the table of prices."""
    return (
        Column(_tr("Model")),
        Column(_tr("State"), 150),
        Column(_tr("Input"), 102, right=True),
        Column(_tr("Cached input"), 110, right=True),
        Column(_tr("Output"), 102, right=True),
        Column(_tr("Batch in / out"), 150, right=True),
    )


def price_row(model: ListedModel, *, stale_days: int) -> Row:
    """One model with its prices in USD per million tokens."""
    row = model.row
    if row is None:
        unknown = shown(Unknown(_tr("no price table knows this model")), Unit.USD)
        return (Title(model.name), model_status(model), unknown, unknown, unknown, unknown)
    reasons = (
        _tr("no price for input is listed"),
        _tr("no price is listed: billed as fresh input"),
        _tr("no price for output is listed"),
    )
    rates = (row.rates.input, row.rates.cached, row.rates.output)
    cells = (
        shown(rate_figure(rate, row, reason=reason), Unit.USD, stale_days=stale_days)
        for rate, reason in zip(rates, reasons, strict=True)
    )
    return (
        Title(model.name, model_detail(row)),
        model_status(model),
        *cells,
        batch_shown(row, stale_days=stale_days),
    )


def rate_figure(rate: Rate | None, row: PriceRow, *, reason: str) -> Figure:
    """A rate with its source and date; unknown with the reason where there is none."""
    if rate is None:
        return Unknown(reason)
    if row.as_of is None:
        return Stated(rate.usd_per_mtok, row.source)
    return Published(rate.usd_per_mtok, row.source, row.as_of.isoformat())


def batch_shown(row: PriceRow, *, stale_days: int) -> Shown:
    """Both prices of a call that may wait, as one cell."""
    batch = row.batch
    if batch is None or batch.input is None:
        return shown(Unknown(_tr("no batch price is known")), Unit.USD)
    figure = rate_figure(batch.input, row, reason="")
    cell = shown(figure, Unit.USD, stale_days=stale_days)
    out = money(batch.output.usd_per_mtok) if batch.output else _tr("unknown")
    pair = f"{cell.value}{NBSP}/{NBSP}{out}"
    note = row.batch_note or row.source
    return Shown(
        value=pair,
        unit="",
        origin=cell.origin,
        detail=cell.detail,
        note=note,
        stale=cell.stale,
        spoken=", ".join(part for part in (pair, origin_word(cell.origin), cell.detail, note)),
        sort=batch.input.usd_per_mtok,
    )


def model_status(model: ListedModel) -> Status | Plain:
    """Whether it is still served, and whether the stored key may use it."""
    if model.retired:
        return Status(State.FAILED, _tr("Retired"), when(model.retires))
    if model.retires:
        return Status(State.PARTIAL, _tr("Will retire"), when(model.retires))
    if model.row is not None and model.row.deprecated:
        return Status(State.PARTIAL, _tr("Deprecated"))
    if model.offered:
        return Status(State.DONE, _tr("Offered"), _tr("to your key"))
    if model.offered is False:
        return Status(State.SKIPPED, _tr("Not offered"), _tr("to your key"))
    return Plain(_tr("listed"), tone="text_3")


def model_detail(row: PriceRow) -> str:
    """What moves the price of a call beside its tokens: tiers, a charge per call; the context."""
    parts = [*tier_words(row)]
    if row.rates.per_call_usd:
        parts.append(_tr("plus {0} a call").format(money(row.rates.per_call_usd)))
    if row.mean_factor != 1.0:
        parts.append(_tr("depends on the hour"))
    if row.context_tokens:
        parts.append(_tr("{0} tokens of context").format(number(row.context_tokens)))
    return ", ".join(parts)


def tier_words(row: PriceRow) -> Iterable[str]:
    """Each threshold of the prompt with the prices that hold above it."""
    rates = (row.rates.input, row.rates.output)
    for above in sorted({limit for rate in rates if rate for limit, _ in rate.tiers}):
        prices = (_tr("unknown") if rate is None else money(rate.at(above + 1)) for rate in rates)
        yield _tr("prompts above {0}: {1}").format(number(above), " / ".join(prices))


def list_note(models: Sequence[ListedModel]) -> str:
    """Where the prices come from: the source of most of them."""
    sources = [model.row.source for model in models if model.row is not None]
    return max(set(sources), key=lambda source: (sources.count(source), source), default="")


# ---------------------------------------------------------------- the price of one call


def bill_columns() -> tuple[Column, ...]:
    """Of the parts of a call."""
    return (
        Column(_tr("Part")),
        Column(_tr("Tokens"), 100, right=True),
        Column(_tr("$ per M"), 100, right=True),
        Column(_tr("Cost"), 120, right=True),
    )


def part_row(part: Part) -> Row:
    """One line of the bill of a call."""
    names = {
        "input": _tr("Input"),
        "cached_input": _tr("Cached input"),
        "cache_write": _tr("Written to the cache"),
        "output": _tr("Output"),
        "call": _tr("Each call"),
    }
    by_call = part.usd_per_mtok is None
    return (
        Title(names.get(part.what, part.what)),
        Plain("" if by_call else number(part.tokens), right=True, sort=part.tokens),
        Plain("" if part.usd_per_mtok is None else money(part.usd_per_mtok), right=True),
        Plain(money(part.usd), right=True, sort=part.usd),
    )


def total_shown(quote: Quote, *, stale_days: int) -> Shown:
    """What one call costs, with the birth certificate of its price."""
    usd = quote.usd
    if usd is None:
        return shown(Unknown(" ".join(quote.notes)), Unit.USD)
    if quote.as_of is None:
        return shown(Stated(usd, quote.source or ""), Unit.USD)
    figure = Published(usd, quote.source or "", quote.as_of.isoformat())
    return shown(figure, Unit.USD, stale_days=stale_days)
