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
from functools import lru_cache
from itertools import islice

from landfall.core.usage.rows import Problem, Read, UsageRow
from landfall.services.usage_files import cells
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
TOOL = "Claude Code"
"""What asked; the folder that it worked in is the tag."""

HELD_MESSAGES = 256
"""So many at least are held for a fuller copy of them; copies follow one another closely."""

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
    message = record["message"]
    usage = message["usage"]
    model = _name(message, "model")
    fresh, made = _count(usage, "input_tokens"), _count(usage, "output_tokens")
    hit, (written, for_hour) = _count(usage, "cache_read_input_tokens"), _writes(usage)
    if not (fresh or made or hit or written) or model == _SYNTHETIC:
        return None
    if record.get("isApiErrorMessage") is True:
        return None
    identity, request = _text(message, "id"), _text(record, "requestId")
    tier = _name(usage, "service_tier")
    fields = Fields(record)
    return UsageRow(
        at=fields.instant("timestamp"),
        provider=PROVIDER if model[:6].lower() == "claude" else "",
        model=model,
        input_tokens=fresh,
        cached_input_tokens=hit,
        cache_write_tokens=written,
        cache_write_1h_tokens=for_hour,
        output_tokens=made,
        billed_usd=fields.usd("costUSD") if "costUSD" in record else None,
        batch=True if tier == "batch" else None,
        project=TOOL,
        tier=_tier(_name(usage, "speed"), tier),
        tag=_folder(_text(record, "cwd")),
        identity=f"claude_code:{identity}:{request}" if identity else "",
    )


def _count(values: JsonObject, name: str) -> float | None:
    value = values.get(name)
    if type(value) is int and 0 <= value <= cells.MOST_COUNT:
        return value
    return None if value is None else Fields(values).count(name)


def _text(values: JsonObject, name: str) -> str:
    value = values.get(name)
    return cells.name(value) if type(value) is str else ""


def _name(values: JsonObject, name: str) -> str:
    """One of few texts, such as a model's name."""
    value = values.get(name)
    return cells.usual_name(value) if type(value) is str else ""


def _tier(speed: str, tier: str) -> str:
    return next((each for each in (speed, tier) if each not in _PLAIN), "")


def _is_message(record: JsonObject) -> bool:
    """Whether it is a message of the assistant that tells its usage."""
    message = record.get("message")
    return (
        type(message) is dict
        and type(message.get("usage")) is dict
        and record.get("type", "assistant") == "assistant"
    )


_PLAIN = frozenset({"", "standard", "batch"})


@lru_cache(maxsize=1024)
def _folder(path: str) -> str:
    """The last part of a path of any system."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _writes(usage: JsonObject) -> tuple[float | None, float | None]:
    """Tokens written to a cache, and those of them for an hour, which are no others."""
    whole, parts = _count(usage, "cache_creation_input_tokens"), usage.get("cache_creation")
    if type(parts) is not dict:
        return whole, None
    short = _count(parts, "ephemeral_5m_input_tokens")
    long = _count(parts, "ephemeral_1h_input_tokens")
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
        if found is None or _repeats(found, record, held, seen):
            continue
        if not found.identity:
            yield found
        else:
            held[found.identity] = found
            if len(held) > 2 * HELD_MESSAGES:
                for oldest in list(islice(held, HELD_MESSAGES)):
                    yield held.pop(oldest)
    yield from held.values()


def _repeats(
    found: UsageRow, record: JsonObject, held: dict[str, UsageRow], seen: set[int]
) -> bool:
    """Whether a message was read before: as a copy, the fullest of which is held, or a replay."""
    if not found.identity:
        return False
    if found.identity in held:
        held[found.identity] = _fuller(held[found.identity], found)
        return True
    digest = hash(record["message"]["id"])
    if digest in seen:
        return record.get("isSidechain") is True
    seen.add(digest)
    return False


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
    is_whole=True,
)
