"""Claude Code's logs of conversations: JSON lines, one file a session, a folder of projects.

What is taken is told by the documented reader of these logs, ccusage (its adapter's README and
references): an assistant's message with `usage`; `input_tokens` is uncached; copies that were
written while an answer streamed share `message.id` and `requestId`, and the fullest stands; a
sidechain may replay a message of its parent under another `requestId`, and is then left out.
A model that is not one of Anthropic's was answered by whatever the program was pointed at:
nobody we know.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from landfall.core.usage import Problem, Read, UsageRow
from landfall.services.usage_files.cells import stamp
from landfall.services.usage_files.fields import Fields
from landfall.services.usage_files.formats import (
    Format,
    JsonObject,
    Record,
    Sample,
    Tally,
    meant,
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


def _record(record: JsonObject) -> Iterator[UsageRow | None]:
    fields = Fields(record)
    message = fields.inner("message")
    usage = message.inner("usage")
    if not usage.values or record.get("type", "assistant") != "assistant":
        return
    model = message.text("model")
    fresh, made = usage.count("input_tokens"), usage.count("output_tokens")
    hit, written, for_hour = usage.count("cache_read_input_tokens"), *_writes(usage)
    used = any((fresh, made, hit, written))
    if not used or model == _SYNTHETIC or fields.says("isApiErrorMessage"):
        yield None
        return
    identity, request = message.text("id"), fields.text("requestId")
    speed, tier = usage.text("speed"), usage.text("service_tier")
    yield UsageRow(
        at=stamp(fields.begin("timestamp")),
        provider=PROVIDER if model.lower().startswith("claude") else "",
        model=model,
        input_tokens=fresh,
        cached_input_tokens=hit,
        cache_write_tokens=written,
        cache_write_1h_tokens=for_hour,
        output_tokens=made,
        billed_usd=fields.usd("costUSD"),
        batch=True if tier == "batch" else None,
        tier=next((each for each in (speed, tier) if each not in _PLAIN), ""),
        tag=_folder(fields.text("cwd")),
        identity=f"claude_code:{identity}:{request}" if identity else "",
    )


_PLAIN = frozenset({"", "standard", "batch"})


def _folder(path: str) -> str:
    """The last part of a path of any system."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _writes(usage: Fields) -> tuple[float | None, float | None]:
    """Tokens written to a cache, and those of them for an hour, which are no others."""
    parts = usage.inner("cache_creation")
    short, long = parts.count("ephemeral_5m_input_tokens"), parts.count("ephemeral_1h_input_tokens")
    whole = usage.count("cache_creation_input_tokens")
    if whole is None and (short is not None or long is not None):
        whole = (short or 0) + (long or 0)
    return whole, long


def _records(records: Iterator[Record], tally: Tally) -> Iterator[Read]:
    """The rows of a source, each message once."""
    held: dict[str, UsageRow] = {}
    seen = _Seen()
    for line, record in records:
        if isinstance(record, Problem):
            tally.read += 1
            yield record
            continue
        for found in meant(_record, record, line):
            tally.read += 1
            if not isinstance(found, UsageRow):
                if found is None:
                    tally.unused += 1
                else:
                    yield found
                continue
            if not found.identity:
                yield found
            elif found.identity in held:
                held[found.identity] = _fuller(held[found.identity], found)
                tally.unused += 1
            elif _is_replay(record, seen):
                tally.unused += 1
            else:
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


def _is_replay(record: JsonObject, seen: _Seen) -> bool:
    """Whether a sidechain repeats a message that was read before; remembers the message."""
    known = seen.add(str(Fields(record).inner("message").values.get("id")))
    return known and record.get("isSidechain") is True


class _Seen:
    """Which texts were met, in 16 to 32 bytes each: half of a table of 64 bit of their digests."""

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 << 10))
        self._used = 0

    def add(self, text: str) -> bool:
        """Whether it was met before."""
        if not self._put(hash(text) & 0xFFFFFFFFFFFFFFFF or 1):
            return True
        self._used += 1
        if self._used * 2 > len(self._table):
            old, self._table = self._table, array("Q", bytes(len(self._table) * 16))
            for digest in old:
                if digest:
                    self._put(digest)
        return False

    def _put(self, digest: int) -> bool:
        table = self._table
        last = len(table) - 1
        at = digest & last
        while table[at]:
            if table[at] == digest:
                return False
            at = (at + 1) & last
        table[at] = digest
        return True


FORMAT = Format(
    id="claude_code_jsonl",
    name="Claude Code logs (JSONL)",
    matches=_matches,
    records=_records,
    worth=worth,
    is_folder=True,
)
