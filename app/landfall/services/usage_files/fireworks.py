"""Fireworks' billing metrics, as `firectl billing export-metrics` writes them: one row an event.

Columns after docs.fireworks.ai, "Exporting Billing Metrics": `prompt_tokens` includes
`cached_prompt_tokens`, which older exports lack; times end in "UTC"; there are no dollars. Events
that use an accelerator by the second have no tokens and are no usage of a priced model.
"""

from __future__ import annotations

from landfall.core.usage.rows import REQUEST_SECONDS, UsageRow
from landfall.services.usage_files.cells import Unreadable, between, stamp
from landfall.services.usage_files.csv_rows import Row
from landfall.services.usage_files.formats import Format, OfRow, Sample
from landfall.services.usage_files.tables import Table

PROVIDER = "fireworks"

LONGEST_REQUEST_SECONDS = 600
"""An event of more adds up several requests."""

_PREFIX = "accounts/fireworks/models/"


def _matches(sample: Sample) -> bool:
    return sample.has(
        "usage_type", "start_time", "base_model_name", "prompt_tokens", "completion_tokens"
    )


def _rows(table: Table) -> OfRow:
    begin, end = table.column("start_time"), table.column("end_time")
    assert begin is not None
    model, user = table.name("base_model_name"), table.name("email")
    prompt, made = table.count("prompt_tokens"), table.count("completion_tokens")
    hit = table.count("cached_prompt_tokens")
    kind = table.name("usage_type")

    def read(row: Row) -> UsageRow | None:
        tokens, output, cached = prompt(row), made(row), hit(row)
        if not tokens and not output:
            return None
        if cached and tokens is not None and cached > tokens:
            raise Unreadable("is more than all input", "cached_prompt_tokens")
        at = table.moment(begin, row[begin])
        until = row[end].strip() if end is not None else ""
        lasted = between(at, table.moment(end, until)) if end is not None and until else None
        is_request = lasted is None or lasted <= LONGEST_REQUEST_SECONDS
        return UsageRow(
            at=stamp(at),
            span_seconds=REQUEST_SECONDS if is_request else round(lasted or 0),
            provider=PROVIDER,
            model=model(row).removeprefix(_PREFIX),
            requests=1 if is_request else None,
            input_tokens=None if tokens is None else tokens - (cached or 0),
            cached_input_tokens=cached,
            output_tokens=output,
            batch=True if "BATCH" in kind(row).upper() else None,
            user=user(row),
            latency_seconds=(lasted or None) if is_request else None,
        )

    return read


FORMAT = Format(
    id="fireworks_billing_csv",
    name="Fireworks billing metrics (CSV)",
    matches=_matches,
    rows=_rows,
    is_whole=True,
)
