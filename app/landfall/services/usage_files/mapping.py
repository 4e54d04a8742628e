"""What the columns mean of a CSV file that no known program wrote: proposed, chosen, kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta, timezone, tzinfo
from importlib import import_module
from typing import get_args

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.services.usage_files import cells
from landfall.services.usage_files.cells import DateOrder, Decimal, Unreadable
from landfall.services.usage_files.tables import plain

MEANINGS = (
    "time",
    "provider",
    "model",
    "requests",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost_usd",
    "project",
    "key_name",
    "user",
    "tag",
    "latency_seconds",
    "ttft_seconds",
    "identity",
)
"""What a column may mean. The token counts are those of `core.usage.rows.UsageRow`, but for
`input_tokens` of a mapping whose `input_includes_cached` is true."""

_USUAL: Mapping[str, tuple[str, ...]] = {
    "time": (
        "date",
        "time",
        "timestamp",
        "datetime",
        "created_at",
        "start_time",
        "started_at",
        "day",
        "datum",
        "zeit",
        "zeitstempel",
        "date_utc",
        "usage_date",
        "usage_date_utc",
        "fecha",
        "request_time",
    ),
    "provider": ("provider", "vendor", "anbieter", "provider_name", "custom_llm_provider"),
    "model": ("model", "model_name", "model_id", "modell", "modelo", "modèle", "model_version"),
    "requests": (
        "requests",
        "calls",
        "num_requests",
        "request_count",
        "n_requests",
        "num_model_requests",
        "api_requests",
        "anfragen",
        "aufrufe",
    ),
    "input_tokens": (
        "input_tokens",
        "prompt_tokens",
        "tokens_in",
        "tokens_prompt",
        "input",
        "tokens_input",
        "in_tokens",
        "num_input_tokens",
        "eingabe_token",
        "eingabetoken",
    ),
    "cached_input_tokens": (
        "cached_input_tokens",
        "cached_tokens",
        "input_cached_tokens",
        "cache_read_input_tokens",
        "cache_read_tokens",
        "tokens_cached",
        "cached_prompt_tokens",
        "cached",
    ),
    "cache_write_tokens": (
        "cache_write_tokens",
        "cache_creation_input_tokens",
        "cache_creation_tokens",
        "cache_write_input_tokens",
    ),
    "output_tokens": (
        "output_tokens",
        "completion_tokens",
        "tokens_out",
        "tokens_completion",
        "output",
        "tokens_output",
        "out_tokens",
        "generated_tokens",
        "num_output_tokens",
        "ausgabe_token",
        "ausgabetoken",
    ),
    "reasoning_tokens": ("reasoning_tokens", "tokens_reasoning", "output_reasoning_tokens"),
    "cost_usd": (
        "cost",
        "cost_usd",
        "total_cost",
        "cost_total",
        "spend",
        "amount",
        "amount_usd",
        "usd",
        "billed_usd",
        "price_usd",
        "kosten",
        "kosten_usd",
    ),
    "project": ("project", "project_name", "project_id", "projekt", "team"),
    "key_name": ("key_name", "api_key_name", "api_key_id", "key", "api_key"),
    "user": ("user", "user_id", "user_email", "end_user", "benutzer"),
    "tag": ("tag", "tags", "workspace", "app", "application", "app_name", "feature", "service"),
    "latency_seconds": ("latency_seconds", "duration_seconds", "latency_s", "duration_s"),
    "ttft_seconds": ("ttft_seconds", "time_to_first_token_seconds", "ttft_s"),
    "identity": ("id", "request_id", "generation_id", "uuid"),
}
_INCLUDING = frozenset({"prompt_tokens", "tokens_prompt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """What the columns of a file mean.

    Attributes:
        columns: By meaning (one of `MEANINGS`), the column's name as the header writes it.
        decimal: The sign before decimals; None finds it in the file.
        date_order: How dates are written that could be read in two ways; None finds it in the
            file, and refuses those that stay ambiguous.
        time_zone: Of times that tell none: an IANA name ("Europe/Berlin"), "UTC" or "+02:00".
        input_includes_cached: Whether the column of input tokens counts the cached ones too.
        provider: Of all rows, where no column tells it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    decimal: Decimal | None = None
    date_order: DateOrder | None = None
    time_zone: str = "UTC"
    input_includes_cached: bool = False
    provider: str = ""

    def missing(self) -> tuple[str, ...]:
        """What must still be said before rows can be read: a time, and something that was used."""
        used = ("input_tokens", "output_tokens", "requests", "cost_usd")
        lacks = [] if "time" in self.columns else ["time"]
        if not any(name in self.columns for name in used):
            lacks.append("output_tokens")
        return tuple(lacks)


def header_key(header: Sequence[str]) -> str:
    """What a header is remembered by: the same for files whose columns have the same names."""
    return hashlib.sha256("\x1f".join(map(plain, header)).encode(errors="replace")).hexdigest()


def propose(header: Sequence[str], sample_rows: Sequence[Sequence[str]] = ()) -> ColumnMapping:
    """What the columns probably mean, by their names, checked against the first rows.

    A column of numbers must hold numbers, and a column of times a time: else its name misleads.
    Counts named as OpenAI names them ("prompt_tokens") include what was cached.
    """
    by_name: dict[str, str] = {}
    for label in header:
        by_name.setdefault(plain(label), label)
    places = {label: at for at, label in reversed(list(enumerate(header)))}
    columns: dict[str, str] = {}
    for meaning in MEANINGS:
        for name in _USUAL[meaning]:
            found = by_name.get(name)
            if found is None or found in columns.values():
                continue
            at = places[found]
            if _fits(meaning, [row[at] for row in sample_rows if len(row) > at]):
                columns[meaning] = found
                break
    includes = plain(columns.get("input_tokens", "")) in _INCLUDING
    return ColumnMapping(columns=columns, input_includes_cached=includes)


def _fits(meaning: str, texts: Sequence[str]) -> bool:
    told = [text for text in texts if text.strip()]
    if not told:
        return True
    if meaning == "time":
        return any(_is_time(text) for text in told)
    if meaning.endswith(("_tokens", "_usd", "_seconds")) or meaning == "requests":
        return any(_is_number(text) for text in told)
    return True


def _is_time(text: str) -> bool:
    try:
        cells.moment(text, "dmy")
    except Unreadable:
        return _is_number(text)
    return True


def _is_number(text: str) -> bool:
    for decimal in get_args(Decimal):
        try:
            return cells.usd(text, decimal, may_be_negative=True) is not None
        except Unreadable:
            continue
    return False


def checked(mapping: ColumnMapping, header: Sequence[str]) -> ColumnMapping:
    """The mapping, if it can be used on a file with this header.

    Raises:
        BadInput: it names a column that is not there, a meaning or a time zone that does not
            exist, or says too little.
    """
    labels = {plain(label): label for label in reversed(header)}
    for meaning, label in mapping.columns.items():
        if meaning not in MEANINGS:
            raise _wrong(f"A column cannot mean “{meaning}”.", "columns")
        if plain(label) not in labels:
            raise _wrong(f"The file has no column “{label}”.", f"columns.{meaning}")
    if missing := mapping.missing():
        what = "when it was" if "time" in missing else "what was used"
        raise _wrong(f"No column of the file tells {what}.", f"columns.{missing[0]}")
    zone(mapping.time_zone)
    columns = {what: labels[plain(label)] for what, label in mapping.columns.items()}
    return replace(mapping, columns=columns)


def zone(name: str) -> tzinfo:
    """A time zone by its IANA name or its distance from UTC.

    Raises:
        BadInput: there is none of that name, or this system has no list of them.
    """
    if name in {"UTC", "Z", ""}:
        return timezone.utc  # noqa: UP017 # as a `tzinfo` like the others
    sign, hours, minutes = name[:1], name[1:3], name[-2:]
    if sign in {"+", "-"} and (hours + minutes).isdecimal() and len(name) in {5, 6}:
        span = timedelta(hours=int(hours), minutes=int(minutes))
        if span < timedelta(hours=24):
            return timezone(span if sign == "+" else -span)
    try:
        # Late: only files of local times need the list of zones.
        found: tzinfo = import_module("zoneinfo").ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise _wrong(f"This system knows no time zone “{name[:40]}”.", "time_zone") from None
    return found


def _wrong(message: str, field_name: str) -> BadInput:
    return BadInput(message, "Say what each column means.", field=field_name)


def dumps(mapping: ColumnMapping) -> str:
    """The mapping as JSON, to be remembered."""
    return json.dumps({**asdict(mapping), "columns": dict(mapping.columns)})


def loads(text: str) -> ColumnMapping:
    """A remembered mapping.

    Raises:
        BadInput: it is none.
    """
    try:
        values = json_text.read(text)
        columns = {str(what): str(label) for what, label in values["columns"].items()}
        decimal, order = values.get("decimal"), values.get("date_order")
        if decimal not in {None, *get_args(Decimal)} or order not in {None, *get_args(DateOrder)}:
            raise ValueError
        return ColumnMapping(
            columns=columns,
            decimal=decimal,
            date_order=order,
            time_zone=str(values.get("time_zone", "UTC")),
            input_includes_cached=values.get("input_includes_cached") is True,
            provider=str(values.get("provider", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _wrong("What is remembered of these columns cannot be read.", "") from None
