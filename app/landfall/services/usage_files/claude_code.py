"""Claude Code's logs of conversations: JSON lines, one file a session, a folder of projects.

What is taken is told by the documented reader of these logs, ccusage (its adapter's README and
references): an assistant's message with `usage`; `input_tokens` is uncached; copies that were
written while an answer streamed share `message.id` and `requestId`, and the fullest stands; a
sidechain may replay a message of its parent under another `requestId`, and is then left out.
A model that is not one of Anthropic's was answered by whatever the program was pointed at:
nobody we know.
"""

from __future__ import annotations

from collections.abc import Iterator

from landfall.core.usage import Problem, Read, UsageRow
from landfall.services.usage_files.cells import Unreadable
from landfall.services.usage_files.fields import Fields
from landfall.services.usage_files.formats import (
    Format,
    JsonObject,
    Record,
    Sample,
    Tally,
)

PROVIDER = "anthropic"

HELD_MESSAGES = 256
"""So many are held for a fuller copy of them; copies follow one another closely."""

_SYNTHETIC = "<synthetic>"


def worth(line: str) -> bool:
    """Whether a line may hold usage, however its signs are spaced."""
    return '"usage"' in line


def _matches(sample: Sample) -> bool:
    return any(
        (
            isinstance(each.get("message"), dict)
            and isinstance(each["message"].get("usage"), dict)
            and "timestamp" in each
        )
        or ("sessionId" in each and ("type" in each or "parentUuid" in each))
        for each in sample.records
    )


def _usage(record: JsonObject) -> UsageRow | None:
    """What a message used; None for one that used nothing.

    Raises:
        Unreadable: it says what cannot be.
    """
    fields, message = Fields(record), Fields(record["message"])
    usage = Fields(record["message"]["usage"])
    model = message.text("model")
    fresh, made = usage.count("input_tokens"), usage.count("output_tokens")
    hit, (written, for_hour) = usage.count("cache_read_input_tokens"), _writes(usage)
    if not (fresh or made or hit or written) or model == _SYNTHETIC:
        return None
    if fields.says("isApiErrorMessage"):
        return None
    identity, request = message.text("id"), fields.text("requestId")
    speed, tier = usage.text("speed"), usage.text("service_tier")
    return UsageRow(
        at=fields.instant("timestamp"),
        provider=PROVIDER if model[:6].lower() == "claude" else "",
        model=model,
        input_tokens=fresh,
        cached_input_tokens=hit,
        cache_write_tokens=written,
        cache_write_1h_tokens=for_hour,
        output_tokens=made,
        billed_usd=fields.usd("costUSD"),
        batch=True if tier == "batch" else None,
        tier="" if speed in _PLAIN and tier in _PLAIN else tier if speed in _PLAIN else speed,
        tag=_folder(fields.text("cwd")),
        identity=f"claude_code:{identity}:{request}" if identity else "",
    )


def _is_message(record: JsonObject) -> bool:
    """Whether it is a message of the assistant that tells its usage."""
    message = record.get("message")
    return (
        type(message) is dict
        and type(message.get("usage")) is dict
        and record.get("type", "assistant") == "assistant"
    )


_PLAIN = frozenset({"", "standard", "batch"})


def _folder(path: str) -> str:
    """The last part of a path of any system."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _writes(usage: Fields) -> tuple[float | None, float | None]:
    """Tokens written to a cache, and those of them for an hour, which are no others."""
    whole = usage.count("cache_creation_input_tokens")
    if "cache_creation" not in usage.values:
        return whole, None
    parts = usage.inner("cache_creation")
    short, long = parts.count("ephemeral_5m_input_tokens"), parts.count("ephemeral_1h_input_tokens")
    if whole is None and (short is not None or long is not None):
        whole = (short or 0) + (long or 0)
    return whole, long


def _records(records: Iterator[Record], tally: Tally) -> Iterator[Read]:
    """The rows of a source, each message once."""
    held: dict[str, UsageRow] = {}
    seen: set[int] = set()
    for line, record in records:
        if isinstance(record, Problem):
            tally.read += 1
            yield record
            continue
        if not _is_message(record):
            continue
        tally.read += 1
        try:
            found = _usage(record)
        except Unreadable as error:
            yield Problem(line=line, column=error.column, reason=error.reason)
            continue
        if found is None:
            tally.unused += 1
        elif not found.identity:
            yield found
        elif found.identity in held:
            held[found.identity] = _fuller(held[found.identity], found)
            tally.unused += 1
        else:
            digest = hash(record["message"]["id"])
            if digest in seen and record.get("isSidechain") is True:
                tally.unused += 1
                continue
            seen.add(digest)
            held[found.identity] = found
            if len(held) > HELD_MESSAGES:
                yield held.pop(next(iter(held)))
    yield from held.values()


def _fuller(first: UsageRow, second: UsageRow) -> UsageRow:
    return second if _total(second) >= _total(first) else first


def _total(row: UsageRow) -> float:
    return (
        (row.input_tokens or 0)
        + (row.cached_input_tokens or 0)
        + (row.cache_write_tokens or 0)
        + (row.output_tokens or 0)
    )


FORMAT = Format(
    id="claude_code_jsonl",
    name="Claude Code logs (JSONL)",
    matches=_matches,
    records=_records,
    worth=worth,
    is_folder=True,
)
