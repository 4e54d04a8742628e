"""OpenRouter's activity, as its dashboard exports it: one row a request.

The header is of a real export of September 2026 (a public ledger that reads it names its columns).
`tokens_prompt` includes what was cached and `tokens_completion` what was reasoned, as OpenRouter's
guide to the export says of the latter; durations are milliseconds. OpenRouter sends the bill,
whoever ran the model: it is the provider.
"""

from __future__ import annotations

from landfall.core.usage.rows import UsageRow
from landfall.services.usage_files.cells import LONGEST_NAME, Unreadable, key_name
from landfall.services.usage_files.csv_rows import Row
from landfall.services.usage_files.formats import Format, OfRow, Sample
from landfall.services.usage_files.tables import Table

PROVIDER = "openrouter"


def _matches(sample: Sample) -> bool:
    return sample.has("created_at", "model_permaslug", "tokens_prompt", "tokens_completion")


def _rows(table: Table) -> OfRow:
    at, model = table.instant("created_at"), table.name("model_permaslug")
    variant, identity = table.name("variant"), table.name("generation_id")
    prompt, made = table.count("tokens_prompt"), table.count("tokens_completion")
    hit, thought = table.count("tokens_cached"), table.count("tokens_reasoning")
    cost = table.usd("cost_total")
    key, user, app = table.name("api_key_name"), table.name("user"), table.name("app_name")
    latency = table.seconds("generation_time_ms", per=1000)
    ttft = table.seconds("time_to_first_token_ms", per=1000)

    def read(row: Row) -> UsageRow | None:
        tokens, cached, output, usd = prompt(row), hit(row), made(row), cost(row)
        if not tokens and not output and not usd:
            return None
        if cached and tokens is not None and cached > tokens:
            raise Unreadable("is more than all input", "tokens_cached")
        called, kind, slug = identity(row), variant(row), model(row)
        told = f"{slug}:{kind}" if kind and kind != "standard" and ":" not in slug else slug
        return UsageRow(
            at=at(row),
            provider=PROVIDER,
            model=told[:LONGEST_NAME],
            input_tokens=None if tokens is None else tokens - (cached or 0),
            cached_input_tokens=cached,
            output_tokens=output,
            reasoning_tokens=thought(row),
            billed_usd=usd,
            key_name=key_name(key(row)),
            user=user(row),
            tag=app(row),
            latency_seconds=latency(row) or None,
            ttft_seconds=ttft(row) or None,
            identity=f"openrouter:{called}" if called else "",
        )

    return read


FORMAT = Format(
    id="openrouter_activity_csv",
    name="OpenRouter activity (CSV)",
    matches=_matches,
    rows=_rows,
    is_whole=True,
)
