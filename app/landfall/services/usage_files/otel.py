"""OpenTelemetry spans of calls to models: OTLP JSON as a collector writes it, or flat spans.

Names after the GenAI semantic conventions (open-telemetry/semantic-conventions-genai, schema
gen-ai/1.42.0; none is stable) and those that they had before: `gen_ai.system`, `prompt_tokens`,
`cache_creation`. Input includes what was cached. A span of an agent or a tool adds up the calls
below it and is left out, so that nothing counts twice. Attributes with messages are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from landfall.core.usage.rows import Problem, Read, UsageRow
from landfall.services.usage_files.cells import Unreadable, between, key_name, stamp
from landfall.services.usage_files.fields import Fields, without_cached
from landfall.services.usage_files.formats import Format, JsonObject, Sample, each_record
from landfall.services.usage_files.providers import provider_id

_CALLS = frozenset({"", "chat", "text_completion", "generate_content", "embeddings", "completion"})
_INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
_OUTPUT = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.usage.completion_tokens",
)
_CACHED = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.cached_tokens",
)
_WRITTEN = (
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
)
_REASONED = ("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.output_tokens.reasoning")
_TTFT = (
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.server.time_to_first_token",
    "gen_ai.server.ttft",
)
_BEGIN = ("startTimeUnixNano", "start_time_unix_nano", "startTime", "start_time")
_END = ("endTimeUnixNano", "end_time_unix_nano", "endTime", "end_time")


def _matches(sample: Sample) -> bool:
    return any("resourceSpans" in each or _is_span(each) for each in sample.records)


def _is_span(record: JsonObject) -> bool:
    has_id = any(name in record for name in ("traceId", "trace_id", "context"))
    attributes = record.get("attributes")
    if isinstance(attributes, dict):
        named = list(attributes)
    elif isinstance(attributes, list):
        named = [str(each.get("key")) for each in attributes if isinstance(each, dict)]
    else:
        return False
    return has_id and any(name.startswith("gen_ai.") for name in named)


def _record(record: JsonObject) -> Iterator[Read | None]:
    if "resourceSpans" not in record:
        yield from _told(record, {})
        return
    for resource in _objects(record["resourceSpans"]):
        about = _attributes(Fields(resource).inner("resource").values)
        for scope in (
            *_objects(resource.get("scopeSpans")),
            *_objects(resource.get("instrumentationLibrarySpans")),
        ):
            for span in _objects(scope.get("spans")):
                yield from _told(span, about)


def _objects(value: Any) -> list[JsonObject]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _told(span: JsonObject, resource: JsonObject) -> Iterator[Read | None]:
    """What one span says; where it cannot be read, the others of its line still are."""
    attributes = _attributes(span)
    if not any(name.startswith(("gen_ai.", "llm.usage.")) for name in attributes):
        return
    said = Fields(attributes)
    if said.text("gen_ai.operation.name") not in _CALLS:
        return
    about = resource or _attributes(Fields(span).inner("resource").values)
    try:
        yield _usage(Fields(span), said, Fields(about))
    except Unreadable as error:
        yield Problem(line=0, column=error.column, reason=error.reason)


def _usage(span: Fields, said: Fields, resource: Fields) -> UsageRow | None:
    tokens, made = said.count(*_INPUT), said.count(*_OUTPUT)
    cached, written = said.count(*_CACHED), said.count(*_WRITTEN)
    if not any((tokens, made, cached, written)):
        return None
    begin, end = _moment(span, *_BEGIN), _moment(span, *_END)
    if begin is None:
        raise Unreadable("there is no time", _BEGIN[0])
    model = said.text("gen_ai.response.model", "gen_ai.request.model")
    address = said.text("server.address")
    within = span.inner("context", "spanContext")
    trace = span.text("traceId", "trace_id") or within.text("trace_id", "traceId")
    called = span.text("spanId", "span_id") or within.text("span_id", "spanId")
    tier = said.text("openai.response.service_tier", "gen_ai.openai.response.service_tier")
    return UsageRow(
        at=stamp(begin),
        provider=provider_id(
            said.text("gen_ai.provider.name", "gen_ai.system"), model=model, address=address
        ),
        model=model,
        input_tokens=without_cached(tokens, cached, written),
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=made,
        reasoning_tokens=said.count(*_REASONED),
        billed_usd=said.usd("gen_ai.usage.cost"),
        tier="" if tier in {"default", "auto"} else tier,
        project=resource.text("service.namespace", "deployment.environment.name"),
        key_name=key_name(said.text("gen_ai.request.api_key_name")),
        user=said.text("enduser.id", "user.id"),
        tag=resource.text("service.name") or said.text("gen_ai.agent.name"),
        latency_seconds=(between(begin, end) or None) if end is not None else None,
        ttft_seconds=said.seconds(*_TTFT) or None,
        identity=f"otel:{trace}:{called}" if trace and called else "",
    )


def _moment(span: Fields, *names: str) -> datetime | None:
    """A time in nanoseconds, as text or number, or written out, or in seconds and nanoseconds."""
    name, value = span.get(*names)
    if isinstance(value, list) and len(value) == 2 and all(type(each) is int for each in value):
        value = value[0] * 10**9 + value[1]  # as the exporter of JavaScript's console does
    if name.endswith(("Nano", "_nano")) or isinstance(value, int):
        digits = str(value)
        if not digits.isdecimal() or len(digits) != 19:
            raise Unreadable("is not a time in nanoseconds", name)
        return datetime.fromtimestamp(int(digits) / 1e9, UTC)
    return span.moment(*names)


def _attributes(holder: Any) -> JsonObject:
    """The attributes of a span or a resource: an object, or a list of keys with typed values."""
    found = holder.get("attributes") if isinstance(holder, dict) else None
    if isinstance(found, dict):
        return found
    return {
        each["key"]: _value(each.get("value"))
        for each in _objects(found)
        if isinstance(each.get("key"), str)
    }


def _value(typed: Any) -> Any:
    if not isinstance(typed, dict):
        return typed
    for name in ("stringValue", "intValue", "doubleValue", "boolValue"):
        if name in typed:
            return typed[name]
    return None


FORMAT = Format(
    id="otel_genai",
    name="OpenTelemetry spans (JSON)",
    matches=_matches,
    records=each_record(_record),
)
