"""A CSV file of no known program, read by what its columns mean (see `mapping`).

Without a mapping it is read where the names of its columns say enough: at least a time, a model
and tokens; `date, provider, model, requests, input_tokens, cached_input_tokens, output_tokens,
cost` do. A row without tokens and requests is a cost alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from landfall.core.usage.rows import DAY_SECONDS, HOUR_SECONDS, REQUEST_SECONDS, CostRow, UsageRow
from landfall.services.usage_files import cells
from landfall.services.usage_files.cells import Unreadable
from landfall.services.usage_files.csv_rows import Row
from landfall.services.usage_files.formats import Format, OfRow, Sample
from landfall.services.usage_files.mapping import ColumnMapping, checked, propose, zone
from landfall.services.usage_files.providers import provider_id
from landfall.services.usage_files.tables import Table, plain

ID = "generic_csv"


def _says_enough(sample: Sample) -> bool:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """What reads the cells of a row, by what they mean; `at_time` is where its time stands."""

    mapping: ColumnMapping
    at_time: int
    at: Callable[[Row], str]
    provider: Callable[[Row], str]
    model: Callable[[Row], str]
    requests: Callable[[Row], float | None]
    input_tokens: Callable[[Row], float | None]
    cached_input_tokens: Callable[[Row], float | None]
    cache_write_tokens: Callable[[Row], float | None]
    output_tokens: Callable[[Row], float | None]
    reasoning_tokens: Callable[[Row], float | None]
    cost_usd: Callable[[Row], float | None]
    project: Callable[[Row], str]
    key_name: Callable[[Row], str]
    user: Callable[[Row], str]
    tag: Callable[[Row], str]
    identity: Callable[[Row], str]
    latency_seconds: Callable[[Row], float | None]
    ttft_seconds: Callable[[Row], float | None]


def _columns(mapping: ColumnMapping, table: Table) -> _Columns:
    names = {what: plain(label) for what, label in mapping.columns.items()}

    def column(meaning: str) -> tuple[str, ...]:
        return (names[meaning],) if meaning in names else ()

    at_time = table.column(names["time"])
    assert at_time is not None
    return _Columns(
        mapping=mapping,
        at_time=at_time,
        at=table.instant(names["time"]),
        provider=table.name(*column("provider")),
        model=table.name(*column("model")),
        requests=table.count(*column("requests")),
        input_tokens=table.count(*column("input_tokens")),
        cached_input_tokens=table.count(*column("cached_input_tokens")),
        cache_write_tokens=table.count(*column("cache_write_tokens")),
        output_tokens=table.count(*column("output_tokens")),
        reasoning_tokens=table.count(*column("reasoning_tokens")),
        cost_usd=table.usd(*column("cost_usd"), may_be_negative=True),
        project=table.name(*column("project")),
        key_name=table.name(*column("key_name")),
        user=table.name(*column("user")),
        tag=table.name(*column("tag")),
        identity=table.name(*column("identity")),
        latency_seconds=table.seconds(*column("latency_seconds")),
        ttft_seconds=table.seconds(*column("ttft_seconds")),
    )


def _read(columns: _Columns, row: Row) -> UsageRow | CostRow | None:
    """A row as usage, or as a cost alone; None where it says nothing.

    Raises:
        Unreadable: a cell is not what its column means.
    """
    calls, tokens = columns.requests(row), columns.input_tokens(row)
    cached, stored = columns.cached_input_tokens(row), columns.cache_write_tokens(row)
    output, usd, model = columns.output_tokens(row), columns.cost_usd(row), columns.model(row)
    used = (calls, tokens, cached, stored, output)
    if all(amount is None for amount in used):
        return None if usd is None else _cost(columns, row, model, usd)
    if not any(used) and not usd:
        return None
    if usd is not None and usd < 0:
        raise Unreadable("is less than nothing", columns.mapping.columns["cost_usd"])
    span = _span(row[columns.at_time], calls)
    if calls is None and span == REQUEST_SECONDS:
        calls = 1
    return UsageRow(
        at=columns.at(row),
        span_seconds=span,
        provider=_whose(columns, row, model),
        model=model,
        requests=calls,
        input_tokens=_without_cached(tokens, cached, stored, columns.mapping),
        cached_input_tokens=cached,
        cache_write_tokens=stored,
        output_tokens=output,
        reasoning_tokens=columns.reasoning_tokens(row),
        billed_usd=usd,
        project=columns.project(row),
        key_name=cells.key_name(columns.key_name(row)),
        user=columns.user(row),
        tag=columns.tag(row),
        latency_seconds=columns.latency_seconds(row),
        ttft_seconds=columns.ttft_seconds(row),
        identity=columns.identity(row),
    )


def _cost(columns: _Columns, row: Row, model: str, usd: float) -> CostRow:
    return CostRow(
        at=columns.at(row),
        provider=_whose(columns, row, model),
        line_item=model,
        model=model,
        billed_usd=usd,
        project=columns.project(row),
        key_name=cells.key_name(columns.key_name(row)),
        identity=columns.identity(row),
    )


def _whose(columns: _Columns, row: Row, model: str) -> str:
    return provider_id(columns.provider(row) or columns.mapping.provider, model=model)


def _span(text: str, calls: float | None) -> int:
    """How much time a row adds up, by how its time is written: a day, an hour, one request."""
    if cells.day(text):
        return DAY_SECONDS
    return HOUR_SECONDS if calls is not None and calls != 1 else REQUEST_SECONDS


def _without_cached(
    tokens: float | None, cached: float | None, stored: float | None, mapping: ColumnMapping
) -> float | None:
    if tokens is None or not mapping.input_includes_cached:
        return tokens
    rest = tokens - (cached or 0) - (stored or 0)
    if rest < 0:
        raise Unreadable("is less than what was cached of it", mapping.columns["input_tokens"])
    return rest


def _proposed(table: Table) -> OfRow:
    return rows_by(propose(table.header), table)


FORMAT = Format(id=ID, name="CSV with named columns", matches=_says_enough, rows=_proposed)
