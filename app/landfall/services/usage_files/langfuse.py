"""Langfuse's observations, exported from its pages, its interface or to a storage.

Fields after langfuse.com, "Blob storage export field reference" (snake case, objects as text in
CSV) and answers of its interface (camel case). Generations and embeddings call a model; other
observations only hold them. Times without a zone are UTC, durations are seconds. The parts of
`usage_details` stand beside one another (input 24, output 378, output_reasoning_tokens 1029,
total 1431 in an answer of Langfuse's demo), unless the total says that they do not.
"""

from __future__ import annotations

from collections.abc import Iterator

from landfall.core.usage.rows import UsageRow
from landfall.services.usage_files.cells import between, stamp
from landfall.services.usage_files.fields import Fields, without_cached
from landfall.services.usage_files.formats import (
    Format,
    JsonObject,
    Sample,
    each_record,
    row_as_record,
)

_CALLS = frozenset({"GENERATION", "EMBEDDING"})
_DETAILS = ("usage_details", "usageDetails", "usage")
_START = ("start_time", "startTime", "timestamp")
_KNOWN = (
    frozenset({"start_time", "type", "usage_details"}),
    frozenset({"startTime", "type", "usageDetails"}),
    frozenset({"startTime", "type", "traceId"}),
    frozenset({"start_time", "type", "trace_id", "provided_model_name"}),
    frozenset({"startTime", "usageDetails", "model"}),
    frozenset({"startTime", "inputUsage", "outputUsage"}),
)
_Counts = tuple[float | None, float | None, float | None, float | None, float | None]


def _matches(sample: Sample) -> bool:
    header = frozenset(sample.header)
    found = [header] if header else [frozenset(record) for record in sample.records]
    return any(names >= known for names in found for known in _KNOWN)


def _record(record: JsonObject) -> Iterator[UsageRow | None]:
    fields = Fields(record)
    kind = fields.text("type").upper()
    if kind and kind not in _CALLS:
        return
    counts = _counts(fields)
    usd = fields.usd("total_cost", "totalCost", "calculatedTotalCost", "calculated_total_cost")
    if usd is None:
        usd = fields.inner("cost_details", "costDetails").usd("total")
    if not any(counts) and not usd:
        yield None
        return
    fresh, cached, written, output, thought = counts
    begin, end = fields.begin(*_START), fields.moment("end_time", "endTime")
    first = fields.moment("completion_start_time", "completionStartTime")
    lasted = fields.seconds("latency")
    if lasted is None and end is not None:
        lasted = between(begin, end)
    ttft = fields.seconds("time_to_first_token", "timeToFirstToken")
    if ttft is None and first is not None:
        ttft = between(begin, first)
    called = fields.text("id")
    yield UsageRow(
        at=stamp(begin),
        model=fields.text("provided_model_name", "providedModelName", "model"),
        input_tokens=fresh,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        output_tokens=output,
        reasoning_tokens=thought,
        billed_usd=usd,
        project=fields.text("project_id", "projectId"),
        user=fields.text("user_id", "userId"),
        tag=fields.text("trace_name", "traceName", "name"),
        latency_seconds=lasted or None,
        ttft_seconds=ttft or None,
        identity=f"langfuse:{called}" if called else "",
    )


def _counts(fields: Fields) -> _Counts:
    """Input, of a cache, to a cache, output and reasoned of it: none of the first four overlap."""
    details = fields.inner(*_DETAILS)
    base = details.count("input", "prompt_tokens", "input_tokens")
    made = details.count("output", "completion_tokens", "output_tokens")
    if base is None and made is None:
        return (
            fields.count("inputUsage", "input_usage", "promptTokens", "prompt_tokens"),
            None,
            None,
            fields.count("outputUsage", "output_usage", "completionTokens", "completion_tokens"),
            None,
        )
    cached = _sum(details, "cache", "read", "cached", "hit")
    written = _sum(details, "cache", "creation", "write")
    thought = _sum(details, "reasoning", "reasoning", "thought")
    heard = _sum(details, "input_audio", "input_audio"), _sum(details, "output_audio", "output_aud")
    total = details.count("total", "total_tokens")
    apart = (cached or 0) + (written or 0) + (thought or 0)
    includes = total is not None and apart and (base or 0) + (made or 0) == total
    if includes or "prompt_tokens" in details.values:
        return without_cached(base, cached, written), cached, written, made, thought
    output = None if made is None and thought is None else (made or 0) + (thought or 0)
    spoken = heard[1] or 0
    return (
        None if base is None else base + (heard[0] or 0),
        cached,
        written,
        None if output is None else output + spoken,
        thought,
    )


def _sum(details: Fields, part: str, *kinds: str) -> float | None:
    """The counts whose name says this part and one of these kinds; None without any."""
    found = [
        details.count(name)
        for name in details.values
        if part in name and any(kind in name for kind in kinds)
    ]
    told = [count for count in found if count is not None]
    return sum(told) if told else None


FORMAT = Format(
    id="langfuse_export",
    name="Langfuse export",
    matches=_matches,
    rows=row_as_record(_record),
    records=each_record(_record),
)
