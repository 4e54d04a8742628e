"""OpenAI's usage and cost files, as its dashboard exports them.

A row adds up a day (or an hour) of a model, project and key. The header is of real exports of
October 2025 and September 2026, and as public readers of both take it: counts are written with
decimals, days without usage have empty cells, `input_tokens` includes what was read from a cache.
The newer cost file has more columns; the older one is read by the same names.
"""

from __future__ import annotations

from collections.abc import Callable

from landfall.core.usage.rows import DAY_SECONDS, CostRow, NoUse, UsageRow
from landfall.services.usage_files.cells import Unreadable, from_epoch, key_name, stamp
from landfall.services.usage_files.csv_rows import Row
from landfall.services.usage_files.formats import Format, OfRow, Sample
from landfall.services.usage_files.tables import Table

PROVIDER = "openai"

_TOKEN_KINDS = ("input", "output", "cached input", "input_tokens", "output_tokens")


def _is_usage(sample: Sample) -> bool:
    return sample.has("num_model_requests", "input_tokens") and bool(
        sample.names & {"start_time", "start_time_iso"}
    )


def _is_cost(sample: Sample) -> bool:
    return sample.has("amount_value") and bool(sample.names & {"start_time", "start_time_iso"})


def _span(table: Table) -> Callable[[Row], tuple[str, int]]:
    """When a row begins, and how much time it adds up."""
    begin, end = table.column("start_time"), table.column("end_time")
    iso, iso_end = table.column("start_time_iso"), table.column("end_time_iso")
    known: dict[str, tuple[str, int]] = {}

    def of_numbers(row: Row) -> tuple[str, int] | None:
        if begin is None or end is None:
            return None
        try:
            first, last = float(row[begin]), float(row[end])
            return stamp(from_epoch(first)), int(last - first)
        except (ValueError, OverflowError, Unreadable):
            return None

    def of_text(row: Row) -> tuple[str, int]:
        at, until = (iso, iso_end) if iso is not None else (begin, end)
        assert at is not None
        moment = table.moment(at, row[at])
        if until is None or not row[until].strip():
            return stamp(moment), DAY_SECONDS
        return stamp(moment), int((table.moment(until, row[until]) - moment).total_seconds())

    def read(row: Row) -> tuple[str, int]:
        key = "".join(row[at] for at in (begin, end, iso, iso_end) if at is not None)
        found = known.get(key)
        if found is None:
            found = of_numbers(row) or of_text(row)
            if not 0 < found[1] <= 366 * DAY_SECONDS:
                raise Unreadable("ends before it begins, or after more than a year")
            if len(known) < 4096:
                known[key] = found
        return found

    return read


def _usage(table: Table) -> OfRow:
    span = _span(table)
    model, project = table.name("model"), table.name("project_name", "project_id")
    project_id = table.name("project_id")
    key, key_id = table.name("api_key_name", "api_key_id"), table.name("api_key_id")
    user = table.name("user_email", "user_id")
    requests, batch = table.count("num_model_requests"), table.boolean("batch")
    whole, output = table.count("input_tokens"), table.count("output_tokens")
    cached = table.count("input_cached_tokens")
    tier = table.name("service_tier")

    def idle(row: Row) -> NoUse | None:
        try:
            return NoUse(span(row)[0])
        except Unreadable:
            return None

    def read(row: Row) -> UsageRow | NoUse | None:
        calls, tokens, made = requests(row), whole(row), output(row)
        if not calls and not tokens and not made:
            return idle(row)
        begin, seconds = span(row)
        hit = cached(row)
        if hit and tokens is not None and hit > tokens:
            raise Unreadable("is more than all input", "input_cached_tokens")
        return UsageRow(
            at=begin,
            span_seconds=seconds,
            provider=PROVIDER,
            model=model(row),
            requests=calls,
            input_tokens=None if tokens is None else tokens - (hit or 0),
            cached_input_tokens=hit,
            output_tokens=made,
            batch=batch(row),
            tier=tier(row),
            project=project(row) or project_id(row),
            key_name=key_name(key(row) or key_id(row)),
            user=user(row),
        )

    return read


def _cost(table: Table) -> OfRow:
    span = _span(table)
    amount = table.usd("amount_value", may_be_negative=True)
    currency, item = table.name("amount_currency"), table.name("line_item")
    project, project_id = table.name("project_name"), table.name("project_id")
    key, key_id = table.name("api_key_name"), table.name("api_key_id")

    def read(row: Row) -> CostRow | None:
        usd = amount(row)
        if usd is None:
            return None
        if currency(row).lower() not in {"usd", ""}:
            raise Unreadable("is not in US dollars", "amount_currency")
        begin, seconds = span(row)
        said = item(row)
        return CostRow(
            at=begin,
            span_seconds=seconds,
            provider=PROVIDER,
            line_item=said,
            model=_model_of(said),
            billed_usd=usd,
            project=project(row) or project_id(row),
            key_name=key_name(key(row) or key_id(row)),
        )

    return read


def _model_of(line_item: str) -> str:
    """The model that a line item names: "gpt-5-nano, input_tokens" and the like do."""
    model, comma, kind = line_item.partition(",")
    named = comma and kind.strip().lower().startswith(_TOKEN_KINDS)
    return model.strip() if named else ""


USAGE = Format(
    id="openai_usage_csv",
    name="OpenAI usage (CSV)",
    matches=_is_usage,
    rows=_usage,
    is_whole=True,
)
COST = Format(id="openai_cost_csv", name="OpenAI costs (CSV)", matches=_is_cost, rows=_cost)
