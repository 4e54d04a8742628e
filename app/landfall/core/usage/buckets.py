"""Usage added up: an hour (or the span that its source adds up) of everything it is grouped by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

from landfall.core.usage.rows import HOUR_SECONDS, CostRow

LOCAL_PROVIDERS = frozenset(
    {"local", "ollama", "lmstudio", "lm-studio", "lm_studio", "llama.cpp", "llamacpp", "vllm"}
)
"""What sources call a server of the user's own: no price table has a word to say about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageBucket:
    """What was used in a span of time, of one provider, model, project, key, user, tag and tier.

    A sum holds the rows that tell; None where none does.

    Attributes:
        at: When the span begins: ISO 8601, UTC; the hour for single requests.
        span_seconds: 3600 where the hour is known, else what the source adds up.
        provider, model, project, key_name, user, tag, tier, batch, alias, deployment: As of
            `UsageRow`.
        rows: Rows of sources in it; 0 is a day of a whole log without any (`is_idle`).
        requests, input_tokens, cached_input_tokens, cache_write_tokens, cache_write_1h_tokens,
            output_tokens, reasoning_tokens, billed_usd: Sums, as of `UsageRow`.
        recomputed_usd: By the tokens of each row and the price of its day.
        unpriced_rows: Rows of which no such price is known.
        longest_tokens: Prompt and answer of its longest single call.
        latency_seconds, ttft_seconds: Sums over `latency_rows` and `ttft_rows` rows.
        workload: The workload that it was assigned to, or "".
    """

    at: str
    span_seconds: int
    provider: str = ""
    model: str
    project: str = ""
    key_name: str = ""
    user: str = ""
    tag: str = ""
    tier: str = ""
    batch: bool | None = None
    alias: str = ""
    deployment: str = ""
    rows: int = 1
    requests: float | None = None
    input_tokens: float | None = None
    cached_input_tokens: float | None = None
    cache_write_tokens: float | None = None
    cache_write_1h_tokens: float | None = None
    output_tokens: float | None = None
    reasoning_tokens: float | None = None
    billed_usd: float | None = None
    recomputed_usd: float | None = None
    unpriced_rows: int = 0
    longest_tokens: float | None = None
    latency_seconds: float | None = None
    latency_rows: int = 0
    ttft_seconds: float | None = None
    ttft_rows: int = 0
    workload: str = ""

    @property
    def knows_hour(self) -> bool:
        """Whether it tells the hour of the day."""
        return self.span_seconds <= HOUR_SECONDS

    @property
    def is_idle(self) -> bool:
        """Whether it says that its provider was not used on its day, and nothing else."""
        return not self.rows

    @property
    def day(self) -> str:
        """Its day in UTC, ISO."""
        return self.at[:10]

    @property
    def is_local(self) -> bool:
        """Whether its source says that a server of the user's own answered."""
        return self.provider.lower() in LOCAL_PROVIDERS

    @property
    def tokens(self) -> float | None:
        """All of them, prompt and answer; None where no row tells any."""
        told = [
            count
            for count in (
                self.input_tokens,
                self.cached_input_tokens,
                self.cache_write_tokens,
                self.output_tokens,
            )
            if count is not None
        ]
        return math.fsum(told) if told else None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageTotals:
    """Sums over buckets and cost rows; None where no row tells.

    Attributes:
        billed_usd: Of usage rows and of cost rows.
    """

    calls: float | None = None
    input_tokens: float | None = None
    cached_input_tokens: float | None = None
    cache_write_tokens: float | None = None
    cache_write_1h_tokens: float | None = None
    output_tokens: float | None = None
    reasoning_tokens: float | None = None
    billed_usd: float | None = None
    recomputed_usd: float | None = None
    rows: int = 0
    unpriced_rows: int = 0

    @property
    def difference_usd(self) -> float | None:
        """Billed less recomputed; None where either is not known."""
        if self.billed_usd is None or self.recomputed_usd is None:
            return None
        return self.billed_usd - self.recomputed_usd


class PassingTotals:
    """Adds up what passes through on its way to somebody else, so that it is read once for both.

    Buckets first, then cost rows.
    """

    def __init__(self) -> None:
        self._rows = self._unpriced = 0
        names = {field.name for field in fields(UsageTotals)} - {"rows", "unpriced_rows"}
        self._sums = {name: Sum() for name in names}

    def buckets(self, buckets: Iterable[UsageBucket]) -> Iterator[UsageBucket]:
        """The same buckets, added up as they are taken."""
        for bucket in buckets:
            self._rows += bucket.rows
            self._unpriced += bucket.unpriced_rows
            self._sums["calls"].add(bucket.requests)
            for name in _SAME:
                self._sums[name].add(getattr(bucket, name))
            yield bucket

    def costs(self, costs: Iterable[CostRow]) -> Iterator[CostRow]:
        """The same cost rows, added up as they are taken."""
        for cost in costs:
            self._rows += 1
            self._sums["billed_usd"].add(cost.billed_usd)
            yield cost

    def so_far(self) -> UsageTotals:
        """Of what has passed."""
        told = {name: one.value for name, one in self._sums.items()}
        return UsageTotals(**told, rows=self._rows, unpriced_rows=self._unpriced)


def totals(buckets: Iterable[UsageBucket], costs: Iterable[CostRow] = ()) -> UsageTotals:
    """Add up."""
    passing = PassingTotals()
    for _ in passing.buckets(buckets):
        pass
    for _ in passing.costs(costs):
        pass
    return passing.so_far()


_SAME = (
    "input_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
    "billed_usd",
    "recomputed_usd",
)


class Sum:
    """A sum of what is told, None as long as nothing is."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: float | None = None

    def add(self, value: float | None) -> None:
        """Add what is told."""
        if value is not None:
            self.value = value if self.value is None else self.value + value
