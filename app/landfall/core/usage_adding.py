"""Adds rows of usage up to buckets while they stream by."""

from __future__ import annotations

from collections.abc import Iterator

from landfall.core.usage import HOUR_SECONDS, UsageRow
from landfall.core.usage_buckets import UsageBucket

Key = tuple[str, int, str, str, str, str, str, str, str, bool | None]
"""(hour, span in seconds, provider, model, project, key name, user, tag, tier, batch)"""

SUMS = (
    "requests",
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "billed_usd",
    "recomputed_usd",
    "latency_seconds",
    "ttft_seconds",
)
(
    _REQUESTS,
    _INPUT,
    _CACHED,
    _WRITE,
    _WRITE_1H,
    _OUTPUT,
    _REASONING,
    _BILLED,
    _RECOMPUTED,
    _LATENCY,
    _TTFT,
) = range(len(SUMS))


class Sums:
    """The rows of one bucket so far.

    Attributes:
        values: In the order of `SUMS`; None as long as no row tells.
    """

    __slots__ = ("latency_rows", "longest", "rows", "ttft_rows", "unpriced", "values")

    def __init__(self) -> None:
        self.values: list[float | None] = [None] * len(SUMS)
        self.rows = 0
        self.unpriced = 0
        self.longest: float | None = None
        self.latency_rows = 0
        self.ttft_rows = 0


def key_of(row: UsageRow) -> Key:
    """Where a row belongs: single requests and shorter spans to their hour."""
    return (
        row.at[:13],
        max(row.span_seconds, HOUR_SECONDS),
        row.provider,
        row.model,
        row.project,
        row.key_name,
        row.user,
        row.tag,
        row.tier,
        row.batch,
    )


class Adder:
    """The buckets of one source.

    Attributes:
        buckets: By key; `clear` them where there are too many to hold.
    """

    def __init__(self) -> None:
        self.buckets: dict[Key, Sums] = {}

    def add(self, row: UsageRow, usd: float | None) -> None:
        """Add a row and its price; None where that is not known."""
        key = key_of(row)
        sums = self.buckets.get(key)
        if sums is None:
            sums = self.buckets[key] = Sums()
        sums.rows += 1
        if usd is None and (row.input_tokens or row.output_tokens or row.cached_input_tokens):
            sums.unpriced += 1
        values = sums.values
        for at, value in enumerate(
            (
                row.requests,
                row.input_tokens,
                row.cached_input_tokens,
                row.cache_write_tokens,
                row.cache_write_1h_tokens,
                row.output_tokens,
                row.reasoning_tokens,
                row.billed_usd,
                usd,
            )
        ):
            if value is not None:
                before = values[at]
                values[at] = value if before is None else before + value
        if row.span_seconds == 0:
            _single(sums, row)

    def drain(self) -> Iterator[UsageBucket]:
        """Every bucket so far; they are forgotten."""
        buckets, self.buckets = self.buckets, {}
        for key, sums in buckets.items():
            yield bucket_of(key, sums)


def _single(sums: Sums, row: UsageRow) -> None:
    """What only a single request tells."""
    tokens = (
        (row.input_tokens or 0)
        + (row.cached_input_tokens or 0)
        + (row.cache_write_tokens or 0)
        + (row.output_tokens or 0)
    )
    if tokens and (sums.longest is None or tokens > sums.longest):
        sums.longest = tokens
    if row.latency_seconds is not None:
        sums.latency_rows += 1
        sums.values[_LATENCY] = (sums.values[_LATENCY] or 0.0) + row.latency_seconds
    if row.ttft_seconds is not None:
        sums.ttft_rows += 1
        sums.values[_TTFT] = (sums.values[_TTFT] or 0.0) + row.ttft_seconds


def bucket_of(key: Key, sums: Sums) -> UsageBucket:
    """The value of it."""
    hour, span, provider, model, project, key_name, user, tag, tier, batch = key
    return UsageBucket(
        at=f"{hour}:00:00+00:00",
        span_seconds=span,
        provider=provider,
        model=model,
        project=project,
        key_name=key_name,
        user=user,
        tag=tag,
        tier=tier,
        batch=batch,
        rows=sums.rows,
        unpriced_rows=sums.unpriced,
        longest_tokens=sums.longest,
        latency_rows=sums.latency_rows,
        ttft_rows=sums.ttft_rows,
        **dict(zip(SUMS, sums.values, strict=True)),  # type: ignore[arg-type]
    )
