"""Anthropic's usage and cost files, as its Console exports them.

A row adds up a day of a model, key and workspace; days are UTC. The headers are those of public
readers of real exports, old and new: `api_key` is the key's name, the input is without anything
cached, the older export knows no lifetimes of cache writes, and the cost file has one row for each
kind of token, with the model's display name.
"""

from __future__ import annotations

from landfall.core.usage.rows import DAY_SECONDS, CostRow, UsageRow
from landfall.services.usage_files.cells import key_name
from landfall.services.usage_files.csv_rows import Row
from landfall.services.usage_files.formats import Format, OfRow, Sample
from landfall.services.usage_files.tables import Table

PROVIDER = "anthropic"


def _is_usage(sample: Sample) -> bool:
    return sample.has("usage_date_utc", "usage_input_tokens_no_cache", "usage_output_tokens")


def _is_cost(sample: Sample) -> bool:
    return sample.has("usage_date_utc", "cost_usd") and not _is_usage(sample)


def _sum(*parts: float | None) -> float | None:
    told = [part for part in parts if part is not None]
    return sum(told) if told else None


def _usage(table: Table) -> OfRow:
    at, model = table.instant("usage_date_utc"), table.name("model_version", "model")
    key, workspace = table.name("api_key"), table.name("workspace")
    kind, speed = table.name("usage_type"), table.name("speed")
    fresh, output = table.count("usage_input_tokens_no_cache"), table.count("usage_output_tokens")
    hit = table.count("usage_input_tokens_cache_read")
    written = table.count("usage_input_tokens_cache_write")
    short = table.count("usage_input_tokens_cache_write_5m")
    long = table.count("usage_input_tokens_cache_write_1h")

    def read(row: Row) -> UsageRow | None:
        tokens = fresh(row), hit(row), output(row)
        for_hour = long(row)
        writes = _sum(written(row), short(row), for_hour)
        if not any(tokens) and not writes:
            return None
        how = kind(row).lower()
        return UsageRow(
            at=at(row),
            span_seconds=DAY_SECONDS,
            provider=PROVIDER,
            model=model(row),
            requests=None,
            input_tokens=tokens[0],
            cached_input_tokens=tokens[1],
            cache_write_tokens=writes,
            cache_write_1h_tokens=for_hour,
            output_tokens=tokens[2],
            batch="batch" in how if how else None,
            tier=speed(row) or ("" if how in _PLAIN else how),
            key_name=key_name(key(row)),
            tag=workspace(row),
        )

    return read


_PLAIN = frozenset({"standard", "message", "batch", "api"})


def _cost(table: Table) -> OfRow:
    at, amount = table.instant("usage_date_utc"), table.usd("cost_usd", may_be_negative=True)
    model, kind = table.name("model", "model_version"), table.name("token_type")
    cost_type, key = table.name("cost_type"), table.name("api_key")
    workspace = table.name("workspace")

    def read(row: Row) -> CostRow | None:
        usd = amount(row)
        if usd is None:
            return None
        named = model(row)
        said = ", ".join(part for part in (named, kind(row) or cost_type(row)) if part)
        return CostRow(
            at=at(row),
            span_seconds=DAY_SECONDS,
            provider=PROVIDER,
            line_item=said,
            model=named,
            billed_usd=usd,
            project=workspace(row),
            key_name=key_name(key(row)),
        )

    return read


USAGE = Format(
    id="anthropic_usage_csv",
    name="Anthropic usage (CSV)",
    matches=_is_usage,
    rows=_usage,
    is_whole=True,
)
COST = Format(id="anthropic_cost_csv", name="Anthropic costs (CSV)", matches=_is_cost, rows=_cost)
