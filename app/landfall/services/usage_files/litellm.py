"""LiteLLM's spend logs and daily spend, as the proxy's database or its interface gives them.

Fields after litellm 1.106.2 (`proxy/schema.prisma`: LiteLLM_SpendLogs, LiteLLM_DailyUserSpend):
JSON, JSON lines or CSV. `prompt_tokens` includes the cache, whose counts stand in the metadata;
`api_key` is a digest; a `cache_hit` was answered by the proxy itself and used no provider.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from landfall.core.usage.rows import DAY_SECONDS, REQUEST_SECONDS, UsageRow
from landfall.services.usage_files.cells import (
    LONGEST_NAME,
    MOST_COUNT,
    MOST_USD,
    between,
    key_name,
    name,
    stamp,
    usual_hour,
    usual_name,
)
from landfall.services.usage_files.fields import Fields, without_cached
from landfall.services.usage_files.formats import (
    Format,
    JsonObject,
    Sample,
    each_record,
    row_as_record,
)
from landfall.services.usage_files.providers import PROVIDERS, provider_id

_LOG = frozenset({"spend", "startTime", "model"})
_DAY = frozenset({"spend", "date", "model", "api_requests"})


def _matches(sample: Sample) -> bool:
    header = frozenset(sample.header)
    if header:
        return header >= _LOG or header >= _DAY
    return any(each.keys() >= _LOG or each.keys() >= _DAY for each in sample.records)


def _record(record: JsonObject) -> Iterable[UsageRow | None]:
    if "startTime" in record:
        return (_request(record),)
    if "date" in record and "api_requests" in record:
        return (_day(Fields(record)),)
    return ()


# Logs have millions of these: what nearly all have in one way is looked at here, the rest
# (numbers as text, objects as text, epochs, what is none of these) by `Fields`.


def _amounts(record: JsonObject) -> tuple[float | None, float | None, float | None]:
    """Tokens of prompt and answer, and USD, each None where it is not told."""
    get = record.get
    prompt, made, spend = get("prompt_tokens"), get("completion_tokens"), get("spend")
    if type(prompt) is not int or not 0 <= prompt <= MOST_COUNT:
        prompt = _count(record, "prompt_tokens")
    if type(made) is not int or not 0 <= made <= MOST_COUNT:
        made = _count(record, "completion_tokens")
    if type(spend) is not float or not 0 <= spend <= MOST_USD:
        spend = Fields(record).usd("spend")
    return prompt, made, spend


def _request(record: JsonObject) -> UsageRow | None:
    get = record.get
    prompt, made, spend = _amounts(record)
    if not prompt and not made and not spend:
        return None
    hit = get("cache_hit")
    if hit and hit != "False" and Fields(record).says("cache_hit"):
        return None
    metadata = get("metadata")
    if type(metadata) is not dict:
        metadata = _object(record, "metadata")
    cached, written, thought = _details(metadata) if metadata else (None, None, None)
    at, lasted, ttft = _times(record)
    provider, model, project, key = _names(record, metadata)
    tokens = without_cached(prompt, cached, written) if cached or written else prompt
    # Of a tuple in the order of the fields: 0.26 us, by place 0.42, by keyword about 0.9.
    return _row(
        (
            at,
            model,
            REQUEST_SECONDS,
            provider,
            1,  # request
            tokens,
            cached,
            written,
            None,  # what is written to a cache for an hour
            made,
            thought,
            spend,
            None,  # batch
            "",  # tier
            project,
            key,
            _user(record),
            _tag(Fields(record)) if get("request_tags") else "",
            lasted or None,
            ttft,
            _identity(record),
            _asked(record, metadata),
            _named(get("model_id")),
        )
    )


_row = UsageRow._make


def _asked(record: JsonObject, metadata: _Values) -> str:
    """The alias that a client named.

    The proxy logs the group that answered. The callback of an exported proxy adds which aliases
    were asked for: the two differ where a call overflowed, or got out another way.
    """
    group = _named(record.get("model_group"))
    told = metadata.get("landfall_asked") if metadata else None
    if isinstance(told, list):
        others = [one for one in told if isinstance(one, str) and one and one != group]
        if others:
            return name(others[0])
    return group


def _named(told: Any) -> str:
    """A name that few rows do not share."""
    if type(told) is not str or not told:
        return ""
    return usual_name(told) if len(told) <= LONGEST_NAME else name(told)


def _user(record: JsonObject) -> str:
    told = record.get("end_user")
    if told is None:
        told = record.get("user")
    if type(told) is str and 0 < len(told) <= LONGEST_NAME:
        return usual_name(told)
    return "" if told is None else Fields(record).text("end_user", "user")


def _identity(record: JsonObject) -> str:
    told = record.get("request_id")
    called = name(told) if type(told) is str else Fields(record).text("request_id")
    return f"litellm:{called}" if called else ""


def _times(record: JsonObject) -> tuple[str, float | None, float | None]:
    """When a request began, and the seconds to its end and to its first token."""
    get = record.get
    begun: Any = record["startTime"]
    ended: Any = get("endTime")
    try:
        begin, end = _read_time(begun), _read_time(ended)
    except (TypeError, ValueError):
        return _odd_times(record)
    if (
        begin.tzinfo is not UTC
        or end.tzinfo is not UTC
        or not (begun.isascii() and ended.isascii())
    ):
        return _odd_times(record)
    # "2026-11-26T13:05:07.123Z" with its parts where they belong.
    hour = usual_hour[begun[:14]]
    if not hour or begun[16:17] != ":":
        return _odd_times(record)
    at, first = f"{hour}{begun[14:19]}+00:00", get("completionStartTime")
    if (first is None or first == ended) and get("request_duration_ms") is None:
        return at, between(begin, end), None
    return at, *_spans(record, begin, end)


_read_time = datetime.fromisoformat


def _odd_times(record: JsonObject) -> tuple[str, float | None, float | None]:
    """As `_times`, of a record that writes them in any way."""
    fields = Fields(record)
    begin, at = fields.begin("startTime"), fields.instant("startTime")
    return at, *_spans(record, begin, fields.moment("endTime"))


def _spans(
    record: JsonObject, begin: datetime, end: datetime | None
) -> tuple[float | None, float | None]:
    """The seconds from the begin of a request to its end and to its first token."""
    told, lasted, ttft = record.get("completionStartTime"), None, None
    # Without streaming the proxy writes the end of an answer as its first token.
    if told is not None and told != record.get("endTime"):
        first = _moment(record, "completionStartTime")
        ttft = between(begin, first) if first is not None and first != end else None
    if record.get("request_duration_ms") is not None:
        lasted = Fields(record).seconds("request_duration_ms", per=1000)
    return between(begin, end) if lasted is None and end is not None else lasted, ttft


def _moment(record: JsonObject, name: str) -> datetime | None:
    """As `Fields.moment`, without a new `Fields` for each."""
    text = record.get(name)
    if type(text) is str and text.isascii():
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return Fields(record).moment(name)


def _tag(fields: Fields) -> str:
    """The first tag that somebody chose."""
    for tag in fields.texts("request_tags"):
        if not tag.startswith("User-Agent:"):
            return tag
    return ""


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


def _names(record: JsonObject, metadata: _Values) -> _Names:
    """Provider, model, project and key of a request."""
    get = record.get
    told = (
        get("custom_llm_provider"),
        get("model"),
        get("model_group"),
        get("api_base"),
        get("team_id"),
        get("api_key"),
        metadata.get("user_api_key_team_alias") if metadata else None,
        metadata.get("user_api_key_alias") if metadata else None,
    )
    try:
        found = _known_names.get(told)
    except TypeError:  # a list where a name should be
        found = None
    if found is None:
        fields, owner = Fields(record), Fields(metadata)
        found = (
            *_which(fields),
            owner.text("user_api_key_team_alias") or fields.text("team_id"),
            owner.text("user_api_key_alias") or key_name(fields.text("api_key")),
        )
        # Texts alone, for True is equal to 1; and short ones, for many are held.
        if all(each is None or (type(each) is str and len(each) <= LONGEST_NAME) for each in told):
            if len(_known_names) >= _MOST_NAMES:
                _known_names.clear()
            _known_names[told] = found
    return found


_Names = tuple[str, str, str, str]
_MOST_NAMES = 2048
_known_names: dict[tuple[str | None, ...], _Names] = {}
"""What `_names` made of the few that a log repeats in all its lines."""


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
    named = named or (before if slash and provider_id(before) in PROVIDERS else "")
    if slash and provider_id(before) == provider_id(named):
        model = behind
    return provider_id(named, model=model, address=address), model


def _details(metadata: _Values) -> tuple[float | None, float | None, float | None]:
    """Tokens read from a cache, written to one, and reasoned, wherever this version keeps them."""
    extra, usage = _object(metadata, "additional_usage_values"), _object(metadata, "usage_object")
    if not extra and not usage:
        return None, None, None
    prompt = _object(usage, _PROMPT) or _object(extra, _PROMPT)
    answer = _object(usage, _ANSWER) or _object(extra, _ANSWER)
    cached = _count(extra, "cache_read_input_tokens")
    if cached is None:
        cached = _count(usage, "cache_read_input_tokens")
    if cached is None:
        cached = _count(prompt, "cached_tokens")
    written = _count(extra, "cache_creation_input_tokens")
    if written is None:
        written = _count(usage, "cache_creation_input_tokens")
    return cached, written, _count(answer, "reasoning_tokens")


_Values = Mapping[str, Any]
_PROMPT, _ANSWER = "prompt_tokens_details", "completion_tokens_details"
_NOTHING: _Values = {}


def _object(values: _Values, name: str) -> _Values:
    """As `Fields.inner`, without a new `Fields` for each."""
    value = values.get(name)
    if type(value) is dict:
        return value
    return Fields(values).inner(name).values if value else _NOTHING


def _count(values: _Values, name: str) -> float | None:
    """As `Fields.count`."""
    value = values.get(name)
    if value is None or (type(value) is int and 0 <= value <= MOST_COUNT):
        return value
    return Fields(values).count(name)


FORMAT = Format(
    id="litellm_spend_logs",
    name="LiteLLM spend logs",
    matches=_matches,
    rows=row_as_record(_record),
    records=each_record(_record),
)
