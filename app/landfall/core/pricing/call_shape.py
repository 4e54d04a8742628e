"""The tokens of one call, by what they are billed as."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from landfall.core.errors import BadInput

MOST_TOKENS = 1_000_000_000_000
"""A call of more tokens than this is a slip of the pen: no model takes a millionth of it."""
COUNTED = (
    "uncached_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
)
ORDINARY_SERVICES = frozenset({"", "auto", "default", "standard", "on_demand", "none", "null"})
"""What providers call the service that the ordinary price is of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallShape:
    """Tokens of one call; means may be fractions. No token is counted twice.

    Attributes:
        uncached_tokens: Prompt tokens at the full price.
        cached_tokens: Prompt tokens read from the provider's cache.
        cache_write_tokens: Prompt tokens written to the cache for five minutes, or for as long as
            the provider keeps them where it knows one lifetime only.
        cache_write_1h_tokens: Prompt tokens written to the cache for an hour.
        output_tokens: Answer, reasoning included.
        batch: Whether the call may wait and goes to the provider's batch interface.
        service: Service tier as the provider names it ("priority", "flex", "fast"), or "".
    """

    uncached_tokens: float
    cached_tokens: float = 0.0
    cache_write_tokens: float = 0.0
    cache_write_1h_tokens: float = 0.0
    output_tokens: float = 0.0
    batch: bool = False
    service: str = ""

    def __post_init__(self) -> None:
        for name in COUNTED:
            tokens = getattr(self, name)
            if not 0 <= tokens <= MOST_TOKENS:
                raise BadInput(f"{tokens:g} is no number of tokens of a call.", field=name)

    @property
    def input_tokens(self) -> float:
        """The whole prompt, as tiers and providers count it."""
        return (
            self.uncached_tokens
            + self.cached_tokens
            + self.cache_write_tokens
            + self.cache_write_1h_tokens
        )

    @property
    def total_tokens(self) -> float:
        """Prompt and answer."""
        return self.input_tokens + self.output_tokens

    def scaled(self, factor: float) -> CallShape:
        """The same text counted by another tokenizer."""
        if factor == 1.0:
            return self
        tokens: dict[str, Any] = {name: getattr(self, name) * factor for name in COUNTED}
        return replace(self, **tokens)
