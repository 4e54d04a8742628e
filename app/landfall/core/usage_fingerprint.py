"""A number that names a row of usage, so that it is counted once whatever file it stands in.

Where the source names the row, the name decides; else everything that the row says. Two rows of
one file that say the same are two rows: the second gets another number (`nth`).
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from operator import attrgetter

from landfall.core.usage import CostRow, UsageRow

_TEXTS = attrgetter(
    "provider", "model", "project", "key_name", "user", "tag", "tier", "batch", "span_seconds"
)
_NUMBERS = attrgetter(
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
_pack = struct.Struct("<10d").pack
_NOT_TOLD = -1e300
_STEP = 0x9E3779B97F4A7C15
"""An odd number: its multiples modulo 2^64 are all different (Knuth, volume 3, 6.4)."""
_HALF, _WHOLE = 1 << 63, 1 << 64
_TEXTS_MOST = 50_000


class Fingerprints:
    """Makes the numbers; remembers the digests of texts that many rows share."""

    def __init__(self) -> None:
        self._texts: dict[tuple[object, ...], bytes] = {}

    def of(self, row: UsageRow | CostRow) -> int:
        """64 bits with a sign, as SQLite keeps them."""
        if row.identity:
            # The name alone: what else is said of the row may be said in another way elsewhere.
            return _number(f"{type(row).__name__}\0{row.provider}\0{row.identity}".encode(*_SAFE))
        if isinstance(row, CostRow):
            texts = (row.at, row.span_seconds, row.provider, row.line_item, row.model)
            names = (row.project, row.key_name, f"{row.billed_usd:.12g}")
            return _number(repr((texts, names)).encode(*_SAFE))
        texts_of_row = _TEXTS(row)
        digest = self._texts.get(texts_of_row)
        if digest is None:
            if len(self._texts) >= _TEXTS_MOST:
                self._texts.clear()
            digest = blake2b(repr(texts_of_row).encode(*_SAFE), digest_size=16).digest()
            self._texts[texts_of_row] = digest
        numbers = _pack(*[_NOT_TOLD if one is None else one for one in _NUMBERS(row)])
        return _number(digest + row.at[:19].encode(*_SAFE) + numbers)


_SAFE = ("utf-8", "surrogatepass")


def _number(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)


def nth(fingerprint: int, number: int) -> int:
    """Of the row that says the same for the (number + 1)th time in one file."""
    return (fingerprint + number * _STEP + _HALF) % _WHOLE - _HALF
