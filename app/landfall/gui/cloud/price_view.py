"""Rows and words about prices per token out of values: nothing here asks, waits or stores."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Figure, Published, Stated, Unknown, middle
from landfall.gui.dates import when
from landfall.gui.format import NBSP, Shown, money, number, origin_word, plain, shown
from landfall.gui.translated import all_translated, translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Plain, Row, Status, Title
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.table_model import Column

if TYPE_CHECKING:
    from landfall.core.pricing.pricing import Part, PriceRow, Quote, Rate
    from landfall.services.cloud.price_list import ListedModel


DIGITS_MAX = 8
"""Decimals of a dollar that tell something: of a call of a few tokens at the cheapest price."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("prices", text)


def price_columns() -> tuple[Column, ...]:
    """Of the table of prices."""
    return (
        Column(_tr("Model")),
        Column(_tr("State"), 120),
        Column(_tr("Input"), 104, right=True),
        Column(_tr("Cached input"), 110, right=True),
        Column(_tr("Output"), 104, right=True),
        Column(_tr("Batch in / out"), 148, right=True),
    )


def price_rows(models: Iterable[ListedModel], *, stale_days: int) -> list[Row]:
    """Models with their prices in USD per million tokens.

    Long lists repeat few prices: each is written once.
    """
    written: dict[Figure, Shown] = {}

    def cell(figure: Figure) -> Shown:
        if figure not in written:
            written[figure] = exact(figure, stale_days=stale_days)
        return written[figure]

    return [_price_row(model, cell) for model in models]


def _price_row(model: ListedModel, cell: Callable[[Figure], Shown]) -> Row:
    row = model.row
    if row is None:
        unknown = cell(Unknown(_tr("no price table knows this model")))
        return (Title(model.name), model_status(model), unknown, unknown, unknown, unknown)
    rates = row.rates
    return (
        Title(model.name, model_detail(row)),
        model_status(model),
        cell(rate_figure(rates.input, row, reason=_tr("no price for input is listed"))),
        cell(rate_figure(rates.cached, row, reason=_tr("not listed: billed as fresh input"))),
        cell(rate_figure(rates.output, row, reason=_tr("no price for output is listed"))),
        _batch_shown(row, cell),
    )


def exact_money(usd: float) -> str:
    """Dollars with every digit that a price list prints: $0.375 is not $0.38."""
    digits = next((d for d in range(2, DIGITS_MAX) if math.isclose(round(usd, d), usd)), DIGITS_MAX)
    return money(usd, digits=digits)


def exact(figure: Figure, *, stale_days: int) -> Shown:
    """Money with all of its digits, and its birth certificate."""
    cell = shown(figure, Unit.USD, stale_days=stale_days)
    usd = middle(figure)
    if usd is None:
        return cell
    value = exact_money(usd)
    return replace(cell, value=value, spoken=cell.spoken.replace(cell.value, value, 1))


def rate_figure(rate: Rate | None, row: PriceRow, *, reason: str) -> Figure:
    """A rate with its source and date; unknown with the reason where there is none."""
    if rate is None:
        return Unknown(reason)
    if row.as_of is None:
        return Stated(rate.usd_per_mtok, translated(row.source))
    return Published(rate.usd_per_mtok, translated(row.source), row.as_of.isoformat())


def _batch_shown(row: PriceRow, cell: Callable[[Figure], Shown]) -> Shown:
    """Both prices of a call that may wait, as one cell."""
    batch = row.batch
    if batch is None or batch.input is None:
        return cell(Unknown(_tr("no batch price is known")))
    first = cell(rate_figure(batch.input, row, reason=""))
    out = exact_money(batch.output.usd_per_mtok) if batch.output else _tr("unknown")
    pair = f"{first.value}{NBSP}/{NBSP}{out}"
    note = translated(row.batch_note) or translated(row.source)
    parts = (pair, origin_word(first.origin), first.detail, note)
    return replace(first, value=pair, note=note, spoken=", ".join(parts))


def model_status(model: ListedModel) -> Status | Plain:
    """Whether it is still served, and whether the stored key may use it."""
    if model.retired:
        return Status(State.FAILED, _tr("Retired"), when(model.retires))
    if model.retires:
        return Status(State.PARTIAL, _tr("Retires"), when(model.retires))
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
        parts.append(_tr("plus {0} a call").format(exact_money(row.rates.per_call_usd)))
    if row.mean_factor != 1.0:
        parts.append(_tr("depends on the hour"))
    if row.context_tokens:
        parts.append(_tr("{0} of context").format(plain(row.context_tokens, Unit.TOKENS)))
    return ", ".join(parts)


def tier_words(row: PriceRow) -> Iterable[str]:
    """Each threshold of the prompt with the prices that hold above it."""
    rates = (row.rates.input, row.rates.output)
    for above in sorted({limit for rate in rates if rate for limit, _ in rate.tiers}):
        prices = (
            _tr("unknown") if rate is None else exact_money(rate.at(above + 1)) for rate in rates
        )
        yield _tr("prompts above {0}: {1}").format(number(above), " / ".join(prices))


def list_note(models: Sequence[ListedModel]) -> str:
    """Where the prices come from: the source of most of them."""
    sources = [translated(model.row.source) for model in models if model.row is not None]
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
        "cache_write_1h": _tr("Written to the cache for an hour"),
        "output": _tr("Output"),
        "call": _tr("Each call"),
    }
    by_call = part.usd_per_mtok is None
    return (
        Title(names.get(part.what, part.what)),
        Plain("" if by_call else number(part.tokens), right=True, sort=part.tokens),
        Plain("" if part.usd_per_mtok is None else exact_money(part.usd_per_mtok), right=True),
        Plain(exact_money(part.usd), right=True, sort=part.usd),
    )


def total_shown(quote: Quote, *, stale_days: int) -> Shown:
    """What one call costs, with the birth certificate of its price."""
    usd = quote.usd
    if usd is None:
        return shown(Unknown(" ".join(all_translated(quote.notes))), Unit.USD)
    if quote.as_of is None:
        return exact(Stated(usd, translated(quote.source or "")), stale_days=stale_days)
    figure = Published(usd, translated(quote.source or ""), quote.as_of.isoformat())
    return exact(figure, stale_days=stale_days)
