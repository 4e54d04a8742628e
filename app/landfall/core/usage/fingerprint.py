"""A number that names a row of usage, so that it is counted once whatever file it stands in.

Where the source names the row, the name decides; else everything that the row says. Two rows of
one file that say the same are two rows: the second gets another number (`nth`).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import blake2b
from itertools import chain
from operator import itemgetter
from typing import Any

from landfall.core.usage.rows import CostRow, UsageRow

TEXTS = (
    "provider",
    "model",
    "project",
    "key_name",
    "user",
    "tag",
    "tier",
    "batch",
    "span_seconds",
    "alias",
    "deployment",
)
"""What rows of one bucket have in common, but for the time."""

NUMBERS = (
    "requests",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "billed_usd",
    "latency_seconds",
    "ttft_seconds",
)
_identity_of = itemgetter(UsageRow._fields.index("identity"))
texts_of = itemgetter(*map(UsageRow._fields.index, TEXTS))
numbers_of = itemgetter(*map(UsageRow._fields.index, NUMBERS))

_ALWAYS = TEXTS.index("alias")
"""So many texts always counted; those behind them count where a source tells any, so that rows
which were kept before have the same number still."""
_ROW_BYTES = 8 * len(NUMBERS)
_begun = blake2b(digest_size=8).copy
"""A digest of nothing yet: to copy one costs two thirds of making one."""
_NOT_TOLD = -1e300
_STEP = 0x9E3779B97F4A7C15
"""An odd number: its multiples modulo 2^64 are all different (Knuth, volume 3, 6.4)."""
_HALF, _WHOLE = 1 << 63, 1 << 64
_TEXTS_MOST, _PROVIDERS_MOST = 50_000, 500
_PROVIDER = TEXTS.index("provider")
_SAFE = ("utf-8", "surrogatepass")


class Fingerprints:
    """Makes the numbers; remembers the digests of what many rows share."""

    def __init__(self) -> None:
        self._digests: dict[tuple[Any, ...], bytes] = {}
        self._begun: dict[str, blake2b] = {}

    def of(
        self,
        rows: Sequence[UsageRow],
        texts: Sequence[tuple[Any, ...]],
        numbers: Sequence[tuple[float | None, ...]],
    ) -> list[int]:
        """Of each row 64 bits with a sign, as SQLite keeps them.

        A name stands alone: what else is said of the row may be said in another way elsewhere.

        Args:
            texts: `texts_of` each row. numbers: `numbers_of` each.
        """
        digests, begun = self._digests, self._begun
        packed = b"" if all(map(_identity_of, rows)) else _packed(numbers)
        begins = range(0, _ROW_BYTES * len(rows), _ROW_BYTES)
        parts: list[bytes] = []
        for row, shared, begin in zip(rows, texts, begins, strict=True):
            identity = row.identity
            if identity:
                one = (begun.get(shared[_PROVIDER]) or self._begin(shared[_PROVIDER])).copy()
                one.update(identity.encode("utf-8", "surrogatepass"))
            else:
                one = _begun()
                digest = digests.get(shared) or self._digest(shared)
                said = packed[begin : begin + _ROW_BYTES]
                one.update(digest + row.at[:19].encode() + said)
            parts.append(one.digest())
        return list(struct.unpack(f"<{len(parts)}q", b"".join(parts)))

    def _begin(self, provider: str) -> blake2b:
        """The digest of a row that its source names, but for the name."""
        if len(self._begun) >= _PROVIDERS_MOST:
            self._begun.clear()
        one = _begun()
        one.update(f"UsageRow\0{provider}\0".encode(*_SAFE))
        self._begun[provider] = one
        return one

    def _digest(self, texts: tuple[Any, ...]) -> bytes:
        if len(self._digests) >= _TEXTS_MOST:
            self._digests.clear()
        counted = texts if any(texts[_ALWAYS:]) else texts[:_ALWAYS]
        digest = blake2b(repr(counted).encode(*_SAFE), digest_size=16).digest()
        self._digests[texts] = digest
        return digest


def _packed(numbers: Sequence[tuple[float | None, ...]]) -> bytes:
    """The numbers of all rows at once, `_ROW_BYTES` of each: a fingerprint costs a seventh less."""
    told = [_NOT_TOLD if one is None else one for one in chain.from_iterable(numbers)]
    return struct.pack(f"<{len(told)}d", *told)


def of_cost(row: CostRow) -> int:
    """As `Fingerprints.of`, of a cost row."""
    if row.identity:
        return _number(f"CostRow\0{row.provider}\0{row.identity}".encode(*_SAFE))
    texts = (row.at, row.span_seconds, row.provider, row.line_item, row.model)
    names = (row.project, row.key_name, f"{row.billed_usd:.12g}")
    return _number(repr((texts, names)).encode(*_SAFE))


def _number(data: bytes) -> int:
    one = _begun()
    one.update(data)
    return int.from_bytes(one.digest(), "little", signed=True)


def nth(fingerprint: int, number: int) -> int:
    """Of the row that says the same for the (number + 1)th time in one file."""
    return (fingerprint + number * _STEP + _HALF) % _WHOLE - _HALF
