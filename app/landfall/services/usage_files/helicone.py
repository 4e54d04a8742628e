"""Helicone's requests, as `npx @helicone/export` writes them: CSV, JSON or JSON lines.

The CSV columns and the fields are those of the exporter's source (Helicone/helicone,
`examples/export/typescript`) and of the `HeliconeRequest` type that its interface answers with.
The CSV file tells neither provider nor cache and leaves its column of latencies without a unit.
"""

from __future__ import annotations

from collections.abc import Iterator

from landfall.core.usage.rows import UsageRow
from landfall.services.usage_files.cells import stamp
from landfall.services.usage_files.fields import Fields, without_cached
from landfall.services.usage_files.formats import (
    Format,
    JsonObject,
    Sample,
    each_record,
    row_as_record,
)
from landfall.services.usage_files.providers import provider_id

_KNOWN = frozenset({"response_id", "request_created_at", "prompt_tokens", "completion_tokens"})


def _matches(sample: Sample) -> bool:
    header = frozenset(sample.header)
    return header >= _KNOWN or any(each.keys() >= _KNOWN for each in sample.records)


def _record(record: JsonObject) -> Iterator[UsageRow | None]:
    fields = Fields(record)
    if "request_created_at" not in record:
        return
    prompt, made = fields.count("prompt_tokens"), fields.count("completion_tokens")
    usd = fields.usd("costUSD", "cost_usd", "cost")
    if not prompt and not made and not usd:
        yield None
        return
    cached = fields.count("prompt_cache_read_tokens")
    written = fields.count("prompt_cache_write_tokens")
    model = fields.text("model", "response_model", "request_model", "model_override")
    called = fields.text("request_id", "response_id")
    properties = fields.inner("request_properties", "properties")
    yield UsageRow(
        at=stamp(fields.begin("request_created_at")),
        provider=provider_id(
            fields.text("provider"), model=model, address=fields.text("target_url")
        ),
        model=model,
        input_tokens=without_cached(prompt, cached, written),
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=made,
        billed_usd=usd,
        user=fields.text("request_user_id", "helicone_user"),
        tag=properties.text("app", "appname", "App", "feature", "Feature", "environment"),
        latency_seconds=fields.seconds("delay_ms", per=1000) or None,
        ttft_seconds=fields.seconds("time_to_first_token", per=1000) or None,
        identity=f"helicone:{called}" if called else "",
    )


FORMAT = Format(
    id="helicone_export",
    name="Helicone export",
    matches=_matches,
    rows=row_as_record(_record),
    records=each_record(_record),
)
