"""What a call costs at a provider on a date.

Money is USD in floats, rounded to 12 decimals where a line of a bill is made; a quote is the sum of
its lines, so that what is shown adds up. A price that is not known stays unknown, with a note: it
is never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from landfall.core.errors import BadInput
from landfall.core.pricing.call_shape import ORDINARY_SERVICES, CallShape
from landfall.core.provenance import STALE_AFTER_DAYS

MTOK = 1_000_000
USD_DIGITS = 12
"""Decimals of a line: a thousandth of what one token costs at the cheapest price known."""


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per million tokens; the tiers are (prompt tokens above which, rate), ascending.

    A call whose whole prompt is longer than a threshold pays that rate for all of its tokens.
    """

    usd_per_mtok: float
    tiers: tuple[tuple[int, float], ...] = ()

    def at(self, input_tokens: float) -> float:
        """The rate of a call with so many prompt tokens."""
        rate = self.usd_per_mtok
        for above, tier in self.tiers:
            if input_tokens > above:
                rate = tier
        return rate

    def times(self, factor: float) -> Rate:
        """The rate with a discount or a surcharge."""
        return Rate(
            self.usd_per_mtok * factor,
            tuple((above, rate * factor) for above, rate in self.tiers),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What each kind of token costs. None: the provider lists no such price.

    Attributes:
        input: Prompt tokens.
        output: Answer tokens.
        cached: Prompt tokens read from a cache; where None they cost as much as `input`.
        cache_write: Prompt tokens written to a cache; where None they cost as much as `input`.
        cache_write_1h: Those written for an hour; where None they cost as much as `cache_write`.
        per_call_usd: What every call costs besides.
    """

    input: Rate | None
    output: Rate | None = None
    cached: Rate | None = None
    cache_write: Rate | None = None
    cache_write_1h: Rate | None = None
    per_call_usd: float = 0.0

    @property
    def cached_read(self) -> Rate | None:
        """What a prompt token read from a cache costs, fallbacks included."""
        return self.cached or self.input

    @property
    def five_minute_write(self) -> Rate | None:
        """What a prompt token written to a cache for five minutes costs, fallbacks included."""
        return self.cache_write or self.input

    @property
    def one_hour_write(self) -> Rate | None:
        """What a prompt token written to the cache for an hour costs, fallbacks included."""
        return self.cache_write_1h or self.five_minute_write

    def times(self, factor: float) -> Rates:
        """All rates with a discount or a surcharge."""
        return Rates(
            input=self.input and self.input.times(factor),
            output=self.output and self.output.times(factor),
            cached=self.cached and self.cached.times(factor),
            cache_write=self.cache_write and self.cache_write.times(factor),
            cache_write_1h=self.cache_write_1h and self.cache_write_1h.times(factor),
            per_call_usd=self.per_call_usd * factor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """One row of a price table: a model at a provider.

    Attributes:
        provider: Id of the provider.
        model: The model's name in the table.
        rates: Price of an ordinary call.
        batch: Price of a call that may wait; None where no such price is known.
        batch_note: Where the batch price comes from, if not from the source of the row.
        services: (name, price) of the provider's other service tiers, as "priority" and "flex".
        source: Who says so.
        as_of: Date on which it was so; None for a price that the user typed in.
        context_tokens: The longest prompt that the provider takes, or None.
        retired_on: Date on which the provider stopped or stops serving it, or None.
        deprecated: Whether the provider advises against it though it still answers.
        offered: Whether the provider's own list has it for the user's key; None where nobody asked.
        offered_on: The day of that list.
        mean_factor: Mean price over an evenly loaded week over this one; 1 where the hour of the
            day does not matter.
        notes: What else the table says about it.
    """

    provider: str
    model: str
    rates: Rates
    batch: Rates | None = None
    batch_note: str = ""
    services: tuple[tuple[str, Rates], ...] = ()
    source: str
    as_of: date | None
    context_tokens: int | None = None
    retired_on: date | None = None
    deprecated: bool = False
    offered: bool | None = None
    offered_on: date | None = None
    mean_factor: float = 1.0
    notes: tuple[str, ...] = ()


class Part(NamedTuple):
    """One line of a bill: a search for what turns a verdict makes out hundreds of bills.

    `what` is "input", "cached_input", "cache_write", "cache_write_1h", "output" or "call".

    Attributes:
        usd_per_mtok: Rate of the call's tier; None for what is charged by the call.
    """

    what: str
    tokens: float
    usd_per_mtok: float | None
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The price of one call.

    Attributes:
        usd: Sum of the parts, or None where it is not known.
        age_days: Days from `as_of` to the date asked for; 0 where the row is younger.
        stale: Whether the row is older than 45 days (or the limit given).
        retired: Whether the model is no longer served on the date asked for.
        row: The price row, or None where the model is not known.
        suggestions: Names that were perhaps meant, where the model is not known.
        provider_known: Whether any table knows the provider.
    """

    provider: str
    model: str
    at: datetime
    usd: float | None
    parts: tuple[Part, ...]
    source: str | None
    as_of: date | None
    age_days: int | None
    stale: bool
    retired: bool
    notes: tuple[str, ...]
    row: PriceRow | None = None
    suggestions: tuple[str, ...] = ()
    provider_known: bool = True

    @property
    def recommendable(self) -> bool:
        """Whether somebody may be sent to it: priced, served, and not missing from the own list."""
        missing = self.row is not None and self.row.offered is False
        return self.usd is not None and not self.retired and not missing


def noon_utc(day: date) -> datetime:
    """What a date means where prices depend on the hour."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def parse_moment(text: str, *, field: str = "at") -> datetime:
    """A date (noon UTC) or an ISO 8601 time (UTC where it names no zone).

    Raises:
        BadInput: it is neither.
    """
    try:
        if len(text) == 10:
            return noon_utc(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"{text!r} is not a date.", "Write it as 2026-11-23.", field=field
        ) from error


def rates_of(row: PriceRow, *, batch: bool, service: str) -> tuple[Rates, tuple[str, ...]]:
    """The rates of a kind of call, and what has to be said where they are not that kind's own.

    A batch has no service tier: its own price is asked for first.
    """
    wanted = service.strip().lower()
    if batch:
        if row.batch is None:
            return row.rates, ("No batch price is known: this is the price of an ordinary call.",)
        return row.batch, (row.batch_note,) if row.batch_note else ()
    if wanted in ORDINARY_SERVICES:
        return row.rates, ()
    own = dict(row.services).get(wanted)
    if own is None:
        note = f"No price of the service {wanted!r} is known: this is the ordinary price."
        return row.rates, (note,)
    return own, (f"Price of the service {wanted!r}.",)


def call_parts(
    row: PriceRow, shape: CallShape, *, batch: bool | None = None
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The bill of one call, line by line, and what has to be said about it.

    The parts are empty where a price is missing that the call needs. The tier goes by the whole
    prompt of this call: a sum of calls has no tier. `batch` stands above what the shape says.
    """
    waits = shape.batch if batch is None else batch
    rates, said = rates_of(row, batch=waits, service=shape.service)
    notes, prompt = list(said), shape.input_tokens
    missing = [
        name
        for name, rate, tokens in (
            ("input", rates.input, prompt),
            ("output", rates.output, shape.output_tokens),
        )
        if rate is None and tokens > 0
    ]
    if missing:
        notes.append(f"No price per {' and '.join(missing)} token is listed for this model.")
        return (), tuple(notes)
    if shape.cached_tokens > 0 and rates.cached is None:
        notes.append("No price for cached input is listed: it is billed as fresh input.")
    if shape.cache_write_1h_tokens > 0 and rates.cache_write_1h is None:
        notes.append("No price for one-hour cache writes is listed: they are billed as others.")
    if row.context_tokens is not None and prompt > row.context_tokens:
        notes.append(
            f"The prompt is longer than the {row.context_tokens:,} tokens this model takes."
        )
    return tuple(_parts(rates, shape, prompt)), tuple(notes)


def _parts(rates: Rates, shape: CallShape, prompt: float) -> Iterable[Part]:
    lines = [("input", shape.uncached_tokens, rates.input)]
    if shape.cached_tokens:
        lines.append(("cached_input", shape.cached_tokens, rates.cached_read))
    if shape.cache_write_tokens:
        lines.append(("cache_write", shape.cache_write_tokens, rates.five_minute_write))
    if shape.cache_write_1h_tokens:
        lines.append(("cache_write_1h", shape.cache_write_1h_tokens, rates.one_hour_write))
    lines.append(("output", shape.output_tokens, rates.output))
    for what, tokens, rate in lines:
        if rate is None:
            continue
        usd_per_mtok = rate.at(prompt)
        usd = round(tokens * usd_per_mtok / MTOK, USD_DIGITS)
        yield Part(what, tokens, usd_per_mtok, usd)
    if rates.per_call_usd:
        yield Part(what="call", tokens=0, usd_per_mtok=None, usd=rates.per_call_usd)


def quote(
    row: PriceRow, shape: CallShape, *, at: datetime, stale_days: int = STALE_AFTER_DAYS
) -> Quote:
    """The price of one call by one row, with age, retirement and notes."""
    parts, notes = call_parts(row, shape)
    usd = round(sum(part.usd for part in parts), USD_DIGITS) if parts else None
    age = None if row.as_of is None else max(0, (at.date() - row.as_of).days)
    stale = age is not None and age > stale_days
    retired = row.retired_on is not None and row.retired_on <= at.date()
    return Quote(
        provider=row.provider,
        model=row.model,
        at=at,
        usd=usd,
        parts=parts,
        source=row.source,
        as_of=row.as_of,
        age_days=age,
        stale=stale,
        retired=retired,
        notes=(
            *notes,
            *_row_notes(row, age=age, stale=stale, retired=retired),
            *(["Listed at no charge."] if _is_free(parts) else []),
            *row.notes,
        ),
        row=row,
    )


def _is_free(parts: Sequence[Part]) -> bool:
    """Whether nothing is charged for; a call without tokens costs nothing for another reason."""
    return bool(parts) and not any(part.usd_per_mtok or part.usd for part in parts)


def _row_notes(row: PriceRow, *, age: int | None, stale: bool, retired: bool) -> Iterable[str]:
    if stale:
        yield f"This price is {age} days old: refresh prices or check it at the provider."
    if retired:
        yield f"Retired on {row.retired_on}: nobody serves this model there any more."
    elif row.retired_on is not None:
        yield f"Will be retired on {row.retired_on}."
    if row.offered is False and not retired:
        yield f"The provider's own list of {row.offered_on} does not have it for your key."
    if row.deprecated:
        yield "Deprecated by the provider."


def unknown_quote(
    provider: str,
    model: str,
    *,
    at: datetime,
    note: str,
    suggestions: tuple[str, ...] = (),
    provider_known: bool = True,
) -> Quote:
    """No price: the reason stands in the notes."""
    return Quote(
        provider=provider,
        model=model,
        at=at,
        usd=None,
        parts=(),
        source=None,
        as_of=None,
        age_days=None,
        stale=False,
        retired=False,
        notes=(note,),
        suggestions=suggestions,
        provider_known=provider_known,
    )
