"""A CSV file of no known program, read by what its columns mean (see `mapping`).

Without a mapping it is read where the names of its columns say enough: at least a time, a model
and tokens; `date, provider, model, requests, input_tokens, cached_input_tokens, output_tokens,
cost` do. A row without tokens and requests is a cost alone.
"""

from __future__ import annotations

from landfall.core.usage import DAY_SECONDS, HOUR_SECONDS, REQUEST_SECONDS, CostRow, UsageRow
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
    names = {what: plain(label) for what, label in mapping.columns.items()}
    table.zone = zone(mapping.time_zone)
    table.order = mapping.date_order
    table.decimal = mapping.decimal or table.decimal

    def column(meaning: str) -> tuple[str, ...]:
        return (names[meaning],) if meaning in names else ()

    at_time = table.column(names["time"])
    assert at_time is not None
    at = table.instant(names["time"])
    provider, model = table.name(*column("provider")), table.name(*column("model"))
    requests = table.count(*column("requests"))
    fresh, hit = table.count(*column("input_tokens")), table.count(*column("cached_input_tokens"))
    written, made = (
        table.count(*column("cache_write_tokens")),
        table.count(*column("output_tokens")),
    )
    thought = table.count(*column("reasoning_tokens"))
    cost = table.usd(*column("cost_usd"), may_be_negative=True)
    project, key = table.name(*column("project")), table.name(*column("key_name"))
    user, tag, identity = (table.name(*column(each)) for each in ("user", "tag", "identity"))
    latency = table.seconds(*column("latency_seconds"))
    ttft = table.seconds(*column("ttft_seconds"))

    def read(row: Row) -> UsageRow | CostRow | None:
        calls, tokens, cached, output = requests(row), fresh(row), hit(row), made(row)
        stored, usd, named = written(row), cost(row), model(row)
        whose = provider_id(provider(row) or mapping.provider, model=named)
        used = (calls, tokens, cached, stored, output)
        if all(amount is None for amount in used):
            if usd is None:
                return None
            return CostRow(
                at=at(row),
                provider=whose,
                line_item=named,
                model=named,
                billed_usd=usd,
                project=project(row),
                key_name=cells.key_name(key(row)),
                identity=identity(row),
            )
        if not any(used) and not usd:
            return None
        if usd is not None and usd < 0:
            raise Unreadable("is less than nothing", mapping.columns["cost_usd"])
        span = _span(row[at_time], calls)
        if calls is None and span == REQUEST_SECONDS:
            calls = 1
        return UsageRow(
            at=at(row),
            span_seconds=span,
            provider=whose,
            model=named,
            requests=calls,
            input_tokens=_without_cached(tokens, cached, stored, mapping),
            cached_input_tokens=cached,
            cache_write_tokens=stored,
            output_tokens=output,
            reasoning_tokens=thought(row),
            billed_usd=usd,
            project=project(row),
            key_name=cells.key_name(key(row)),
            user=user(row),
            tag=tag(row),
            latency_seconds=latency(row),
            ttft_seconds=ttft(row),
            identity=identity(row),
        )

    return read


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
