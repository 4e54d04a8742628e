"""A CSV file of no known program, read by what its columns mean (see `mapping`).

Without a mapping it is read where the names of its columns say enough: at least a time, a model
and tokens; `date, provider, model, requests, input_tokens, cached_input_tokens, output_tokens,
cost` do. A row without tokens and requests is a cost alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import getitem, itemgetter

from landfall.core.usage.rows import DAY_SECONDS, HOUR_SECONDS, REQUEST_SECONDS, CostRow, UsageRow
from landfall.services.usage_files import cells
from landfall.services.usage_files.cells import Unreadable
from landfall.services.usage_files.csv_rows import Row
from landfall.services.usage_files.formats import Format, OfRow, Sample
from landfall.services.usage_files.mapping import ColumnMapping, checked, propose, zone
from landfall.services.usage_files.providers import provider_id
from landfall.services.usage_files.tables import Table, plain

ID = "generic_csv"


_OWN = ("date", "provider", "model", "requests", "input_tokens", "output_tokens", "cost")
"""Columns with these names are no other file's: what its rows hold is read, or said to be wrong."""


def _says_enough(sample: Sample) -> bool:
    if sample.has(*_OWN):
        return True
    columns = propose(sample.header, sample.rows).columns
    tokens = "input_tokens" in columns or "output_tokens" in columns
    return "time" in columns and "model" in columns and tokens


def rows_by(mapping: ColumnMapping, table: Table) -> OfRow:
    """What reads the rows of a table by a mapping.

    Raises:
        BadInput: the mapping does not fit the table.
    """
    mapping = checked(mapping, table.header)
    table.zone = zone(mapping.time_zone)
    table.order = mapping.date_order
    table.decimal = mapping.decimal or table.decimal
    return partial(_read, _columns(mapping, table))


_AMOUNTS: Mapping[str, Callable[[str, cells.Decimal], float | None]] = {
    "requests": cells.count,
    "input_tokens": cells.count,
    "cached_input_tokens": cells.count,
    "cache_write_tokens": cells.count,
    "output_tokens": cells.count,
    "cost_usd": partial(cells.usd, may_be_negative=True),
}
_FURTHER: Mapping[str, Callable[[str, cells.Decimal], float | None]] = {
    "reasoning_tokens": cells.count,
    "latency_seconds": cells.seconds,
    "ttft_seconds": cells.seconds,
}
_NAMES = ("provider", "model", "project", "key_name", "user", "tag")

_Names = tuple[str, str, str, str, str, str]
_MOST_NAMES = 4096
_MOST_SIGNS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """What reads the cells of a row. To what no column tells, one more cell is read: an empty one.

    Attributes:
        at_time: Where its time stands, which `at` reads.
        pick_amounts, amounts: The cells of `_AMOUNTS`, and what their texts say.
        tells_further: Whether any column is of `_FURTHER`; pick_further, further: as above.
        pick_names: The cells of `_NAMES`.
        names: What they came to, for those that were met.
    """

    mapping: ColumnMapping
    at_time: int
    at: Callable[[Row], str]
    pick_amounts: Callable[[Row], tuple[str, ...]]
    amounts: tuple[Mapping[str, float | None], ...]
    tells_further: bool
    pick_further: Callable[[Row], tuple[str, ...]]
    further: tuple[Mapping[str, float | None], ...]
    pick_names: Callable[[Row], tuple[str, ...]]
    names: dict[tuple[str, ...], _Names]
    identity: Callable[[Row], str]


def _columns(mapping: ColumnMapping, table: Table) -> _Columns:
    places = {what: table.column(plain(label)) for what, label in mapping.columns.items()}
    behind = len(table.header)

    def place(what: str) -> int:
        at = places.get(what)
        return behind if at is None else at

    def said(
        what: str, parse: Callable[[str, cells.Decimal], float | None]
    ) -> Mapping[str, float | None]:
        at = places.get(what)
        return {"": None} if at is None else table.kept(at, parse)

    named = (mapping.columns["identity"],) if "identity" in mapping.columns else ()
    return _Columns(
        mapping=mapping,
        at_time=place("time"),
        at=table.instant(plain(mapping.columns["time"])),
        pick_amounts=itemgetter(*map(place, _AMOUNTS)),
        amounts=tuple(said(what, parse) for what, parse in _AMOUNTS.items()),
        tells_further=any(what in places for what in _FURTHER),
        pick_further=itemgetter(*map(place, _FURTHER)),
        further=tuple(said(what, parse) for what, parse in _FURTHER.items()),
        pick_names=itemgetter(*map(place, _NAMES)),
        names={},
        identity=table.name(*map(plain, named)),
    )


def _read(columns: _Columns, row: Row) -> UsageRow | CostRow | None:
    """A row as usage, or as a cost alone; None where it says nothing.

    Raises:
        Unreadable: a cell is not what its column means.
    """
    row.append("")
    told = map(getitem, columns.amounts, columns.pick_amounts(row))
    calls, tokens, cached, stored, output, usd = told
    if not (calls or tokens or cached or stored or output):
        if all(one is None for one in (calls, tokens, cached, stored, output)):
            return None if usd is None else _cost(columns, row, usd)
        if not usd:
            return None
    if usd is not None and usd < 0:
        raise Unreadable("is less than nothing", columns.mapping.columns["cost_usd"])
    span = _span(row[columns.at_time], calls)
    if calls is None and span == REQUEST_SECONDS:
        calls = 1
    at = columns.at(row)
    provider, model, project, key_name, user, tag = _names(columns, row)
    if columns.mapping.input_includes_cached:
        tokens = _without_cached(tokens, cached, stored, columns.mapping)
    reasoning = latency = ttft = None
    if columns.tells_further:
        reasoning, latency, ttft = map(getitem, columns.further, columns.pick_further(row))
    # Of a tuple in the order of the fields: by place it takes half as long again.
    return _row(
        (
            at,
            model,
            span,
            provider,
            calls,
            tokens,
            cached,
            stored,
            None,  # what is written to a cache for an hour
            output,
            reasoning,
            usd,
            None,  # batch
            "",  # tier
            project,
            key_name,
            user,
            tag,
            latency,
            ttft,
            columns.identity(row),
            "",  # alias
            "",  # deployment
        )
    )


_row = UsageRow._make


def _cost(columns: _Columns, row: Row, usd: float) -> CostRow:
    at = columns.at(row)
    provider, model, project, key_name, _, _ = _names(columns, row)
    return CostRow(
        at=at,
        provider=provider,
        line_item=model,
        model=model,
        billed_usd=usd,
        project=project,
        key_name=key_name,
        identity=columns.identity(row),
    )


def _names(columns: _Columns, row: Row) -> _Names:
    """What the cells of `_NAMES` say."""
    texts = columns.pick_names(row)
    found = columns.names.get(texts)
    if found is None:
        told, model, project, key_name, user, tag = map(cells.name, texts)
        provider = provider_id(told or columns.mapping.provider, model=model)
        found = (provider, model, project, cells.key_name(key_name), user, tag)
        if sum(map(len, texts)) <= _MOST_SIGNS:
            if len(columns.names) >= _MOST_NAMES:
                columns.names.clear()
            columns.names[texts] = found
    return found


def _span(text: str, calls: float | None) -> int:
    """How much time a row adds up, by how its time is written: a day, an hour, one request."""
    if ":" not in text and cells.day(text):
        return DAY_SECONDS
    return HOUR_SECONDS if calls is not None and calls != 1 else REQUEST_SECONDS


def _without_cached(
    tokens: float | None, cached: float | None, stored: float | None, mapping: ColumnMapping
) -> float | None:
    if tokens is None:
        return None
    rest = tokens - (cached or 0) - (stored or 0)
    if rest < 0:
        raise Unreadable("is less than what was cached of it", mapping.columns["input_tokens"])
    return rest


def _proposed(table: Table) -> OfRow:
    return rows_by(propose(table.header), table)


FORMAT = Format(id=ID, name="CSV with named columns", matches=_says_enough, rows=_proposed)
