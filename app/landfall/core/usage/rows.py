"""What was used at a provider, as its files and interfaces tell it: rows of usage and of cost.

Prompts and answers are no part of it: no reader keeps them.

The rows are named tuples, made by keyword but where files have millions of them: a frozen dataclass
of 21 fields takes more than twice as long (3.3 us against 1.5 us, CPython 3.11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

REQUEST_SECONDS = 0
HOUR_SECONDS = 3600
DAY_SECONDS = 86400


class UsageRow(NamedTuple):
    """One request, or all requests of a span of time that a source adds up.

    The token counts never overlap: `input_tokens` is neither read from a cache nor written to one,
    whatever the source counts. None is what the source does not tell; it is not 0.

    Attributes:
        at: When it began: ISO 8601, UTC, to the second.
        span_seconds: How much time the row adds up: 0 for one request, 3600, 86400.
        provider: As `resources/providers.json` names it; "" where the source does not tell, and
            "local" where it says that the answer was made on a machine of the user's.
        model: As the source spells it, trimmed.
        requests: How many; 1 for one request.
        cached_input_tokens: Read from a cache.
        cache_write_tokens: Written to one, of all lifetimes; `cache_write_1h_tokens` thereof for
            an hour, None where the source does not tell lifetimes apart.
        output_tokens: Reasoning included; `reasoning_tokens` thereof.
        billed_usd: What the source says was charged.
        batch: Whether it went through a batch interface.
        tier: Service tier as the source says it ("priority", "flex"), or "".
        project, key_name, user, tag: By what it may be grouped; "" where the source does not tell.
            `key_name` is a name, never a key. `tag` is a workspace, a tag, a trace's name or a
            folder.
        latency_seconds: From the request to the end of its answer.
        ttft_seconds: To its first token.
        identity: What the source calls the row, the same in every file that holds it; "" where it
            has no name: then its content stands for it.
        alias: The name that was asked for, where a router stands between; deployment: which of its
            deployments answered, as its configuration names it.
    """

    at: str
    model: str
    span_seconds: int = REQUEST_SECONDS
    provider: str = ""
    requests: float | None = 1
    input_tokens: float | None = None
    cached_input_tokens: float | None = None
    cache_write_tokens: float | None = None
    cache_write_1h_tokens: float | None = None
    output_tokens: float | None = None
    reasoning_tokens: float | None = None
    billed_usd: float | None = None
    batch: bool | None = None
    tier: str = ""
    project: str = ""
    key_name: str = ""
    user: str = ""
    tag: str = ""
    latency_seconds: float | None = None
    ttft_seconds: float | None = None
    identity: str = ""
    alias: str = ""
    deployment: str = ""


class CostRow(NamedTuple):
    """What was charged for a span of time, without the tokens: it adds to a bill alone.

    Attributes:
        at, span_seconds, provider, project, key_name, identity: As of `UsageRow`.
        line_item: What was charged for, as the source says it.
        model: The model that the line item names, or "".
        billed_usd: May be negative: a credit.
    """

    at: str
    billed_usd: float
    span_seconds: int = DAY_SECONDS
    provider: str = ""
    line_item: str = ""
    model: str = ""
    project: str = ""
    key_name: str = ""
    identity: str = ""


class NoUse(NamedTuple):
    """A span that a source lists without any usage in it: no row, but a log.

    Attributes:
        at: As of `UsageRow`.
    """

    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A place in a source that could not be used, while the rest of it was.

    Attributes:
        line: Physical line, the first being 1; 0 where the source has none.
        column: Name of the column or field, or "".
        reason: A clause for people; never repeats more than a few characters of the source.
    """

    line: int
    column: str
    reason: str


Read = UsageRow | CostRow | Problem
"""What a source yields, in its own order."""
