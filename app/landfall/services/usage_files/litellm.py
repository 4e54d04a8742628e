"""LiteLLM's spend logs and daily spend, as the proxy's database or its interface gives them.

Fields after litellm 1.106.2 (`proxy/schema.prisma`: LiteLLM_SpendLogs, LiteLLM_DailyUserSpend):
JSON, JSON lines or CSV. `prompt_tokens` includes the cache, whose counts stand in the metadata;
`api_key` is a digest; a `cache_hit` was answered by the proxy itself and used no provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from landfall.core.usage import DAY_SECONDS, UsageRow
from landfall.services.usage_files.cells import between, key_name, stamp
from landfall.services.usage_files.fields import Fields, without_cached
from landfall.services.usage_files.formats import (
    Format,
    JsonObject,
    Sample,
    each_record,
    row_as_record,
)
from landfall.services.usage_files.providers import provider_id

_LOG = frozenset({"spend", "startTime", "model"})
_DAY = frozenset({"spend", "date", "model", "api_requests"})


def _matches(sample: Sample) -> bool:
    header = frozenset(sample.header)
    if header:
        return header >= _LOG or header >= _DAY
    return any(each.keys() >= _LOG or each.keys() >= _DAY for each in sample.records)


def _record(record: JsonObject) -> Iterator[UsageRow | None]:
    fields = Fields(record)
    if "startTime" in record:
        yield _request(fields)
    elif "date" in record and "api_requests" in record:
        yield _day(fields)


def _request(fields: Fields) -> UsageRow | None:
    prompt, made = fields.count("prompt_tokens"), fields.count("completion_tokens")
    spend = fields.usd("spend")
    if (not prompt and not made and not spend) or fields.says("cache_hit"):
        return None
    metadata = fields.inner("metadata")
    cached, written, thought = _details(metadata)
    begin, at = fields.begin("startTime"), fields.instant("startTime")
    end, first = fields.moment("endTime"), fields.moment("completionStartTime")
    called = fields.text("request_id")
    tags = [tag for tag in fields.texts("request_tags") if not tag.startswith("User-Agent:")]
    lasted = fields.seconds("request_duration_ms", per=1000)
    if lasted is None and end is not None:
        lasted = between(begin, end)
    # Without streaming the proxy writes the end of an answer as its first token.
    streamed = first is not None and first != end
    provider, model = _which(fields)
    return UsageRow(
        at=at,
        provider=provider,
        model=model,
        input_tokens=without_cached(prompt, cached, written),
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=made,
        reasoning_tokens=thought,
        billed_usd=spend,
        project=metadata.text("user_api_key_team_alias") or fields.text("team_id"),
        key_name=metadata.text("user_api_key_alias") or key_name(fields.text("api_key")),
        user=fields.text("end_user", "user"),
        tag=tags[0] if tags else "",
        latency_seconds=lasted or None,
        ttft_seconds=between(begin, first) if streamed and first is not None else None,
        identity=f"litellm:{called}" if called else "",
    )


def _day(fields: Fields) -> UsageRow | None:
    prompt, made = fields.count("prompt_tokens"), fields.count("completion_tokens")
    spend = fields.usd("spend")
    if not prompt and not made and not spend:
        return None
    cached = fields.count("cache_read_input_tokens")
    written = fields.count("cache_creation_input_tokens")
    called = fields.text("id")
    provider, model = _which(fields)
    return UsageRow(
        at=stamp(fields.begin("date")),
        span_seconds=DAY_SECONDS,
        provider=provider,
        model=model,
        requests=fields.count("successful_requests") or fields.count("api_requests"),
        input_tokens=without_cached(prompt, cached, written),
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=made,
        billed_usd=spend,
        project=fields.text("team_id"),
        key_name=key_name(fields.text("api_key")),
        user=fields.text("user_id", "end_user_id"),
        tag=fields.text("tag"),
        identity=f"litellm:{called}" if called else "",
    )


def _which(fields: Fields) -> tuple[str, str]:
    """Provider and model, the latter without the provider that the proxy writes before it."""
    return _split(
        fields.text("custom_llm_provider"),
        fields.text("model", "model_group"),
        fields.text("api_base"),
    )


@lru_cache(maxsize=1024)
def _split(named: str, model: str, address: str) -> tuple[str, str]:
    before, slash, behind = model.partition("/")
    named = named or (before if slash and provider_id(before) in _ROUTES else "")
    if slash and provider_id(before) == provider_id(named):
        model = behind
    return provider_id(named, model=model, address=address), model


_ROUTES = frozenset(
    {
        "openai",
        "anthropic",
        "google",
        "together",
        "groq",
        "fireworks",
        "openrouter",
        "deepinfra",
        "mistral",
        "deepseek",
        "local",
    }
)


def _details(metadata: Fields) -> tuple[float | None, float | None, float | None]:
    """Tokens read from a cache, written to one, and reasoned, wherever this version keeps them."""
    if not metadata.values:
        return None, None, None
    extra, usage = metadata.inner("additional_usage_values"), metadata.inner("usage_object")
    prompt = _either(usage, extra, "prompt_tokens_details")
    answer = _either(usage, extra, "completion_tokens_details")
    cached = extra.count("cache_read_input_tokens")
    if cached is None:
        cached = usage.count("cache_read_input_tokens")
    if cached is None:
        cached = prompt.count("cached_tokens")
    written = extra.count("cache_creation_input_tokens")
    if written is None:
        written = usage.count("cache_creation_input_tokens")
    return cached, written, answer.count("reasoning_tokens")


def _either(first: Fields, second: Fields, name: str) -> Fields:
    found = first.inner(name)
    return found if found.values else second.inner(name)


FORMAT = Format(
    id="litellm_spend_logs",
    name="LiteLLM spend logs",
    matches=_matches,
    rows=row_as_record(_record),
    records=each_record(_record),
)
