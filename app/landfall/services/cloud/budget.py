"""The door to paid answers: what one may cost at most, what was agreed to, what a day may cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from landfall.core.errors import AppError, BudgetExceeded, NetworkUnavailable
from landfall.core.events import Ended, RunEvent, Sent, Usage
from landfall.core.pricing.call_shape import CallShape
from landfall.core.pricing.pricing import Quote
from landfall.services.cloud.provider import ChatOptions, Message, Provider
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret
from landfall.services.run.paid_calls import PaidCall, Reserved

STATED = "stated by the provider"
"""The note of a cost that the provider's answer tells itself."""

MESSAGE_TOKENS = 16
"""More than any chat template adds around a message, or around the whole."""


class Quotes(Protocol):
    """Who knows prices; `services.pricing.prices.Prices` does."""

    def quote(self, provider: str, model: str, shape: CallShape, *, at: datetime) -> Quote:
        """What a call costs; its `usd` is None where that is not known."""
        ...


class Ledger(Protocol):
    """Who knows what was spent; `services.history.history.History` does."""

    async def reserve(self, call: PaidCall, *, cap_usd: float | None) -> Reserved:
        """Set the most of a call aside, if its day has so much left: in one step for everybody."""
        ...

    async def settle(self, row: int, *, usd: float) -> None:
        """Say what it came to."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What one answer costs at most.

    Attributes:
        prompt_tokens: No tokenizer makes more of the text.
        output_tokens: The limit that the request sets.
        usd: None where no price is known; `quote.notes` says why.
        quote: The price behind it, with source, date and notes.
    """

    prompt_tokens: int
    output_tokens: int
    usd: float | None
    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the user agreed to, having been told.

    Attributes:
        usd_max: This answer may cost so much.
        unpriced: It may run although nobody knows its price.
    """

    usd_max: float = 0.0
    unpriced: bool = False


def prompt_tokens_max(messages: Sequence[Message]) -> int:
    """An upper bound: every token of a byte-level vocabulary stands for a byte or more."""
    text = sum(len(message.content.encode()) for message in messages)
    return text + MESSAGE_TOKENS * (len(messages) + 1)


def worst_case(
    quotes: Quotes,
    provider: str,
    *,
    model: str,
    messages: Sequence[Message],
    max_tokens: int,
    at: datetime,
) -> Ceiling:
    """What an answer costs at most: the longest the prompt can be, the longest answer allowed.

    Args:
        quotes: Who knows the prices.
        provider: Its id, as in resources/providers.json.
        model: As the request names it.
        messages: The whole prompt.
        max_tokens: Of the answer, reasoning included.
        at: When it is asked; prices change with date and hour.
    """
    prompt = prompt_tokens_max(messages)
    shape = CallShape(uncached_tokens=prompt, output_tokens=max_tokens)
    quote = quotes.quote(provider, model, shape, at=at)
    return Ceiling(prompt_tokens=prompt, output_tokens=max_tokens, usd=quote.usd, quote=quote)


def cost_usd(
    quotes: Quotes, provider: str, *, model: str, usage: Usage | None, at: datetime
) -> tuple[float | None, str]:
    """What an answer cost, and who says so: the provider itself, or its price for its own count.

    None with the reason where the provider counted nothing or has no known price.
    """
    if usage is None:
        return None, "The provider told no token counts."
    if usage.cost_usd is not None:
        return usage.cost_usd, STATED
    if usage.input_tokens is None or usage.output_tokens is None:
        return None, "The provider told only some token counts."
    cached = min(usage.cached_input_tokens or 0, usage.input_tokens)
    shape = CallShape(
        uncached_tokens=usage.input_tokens - cached,
        cached_tokens=cached,
        output_tokens=usage.output_tokens,
    )
    quote = quotes.quote(provider, model, shape, at=at)
    return quote.usd, quote.source or " ".join(quote.notes)


class Budget:
    """Holds the caps while answers run, several at once if need be, in several programs too.

    It keeps nothing itself: what is reserved and spent stands in the ledger.

    Args:
        quotes: Who knows the prices.
        ledger: Who knows what was spent and what is reserved.
        day_cap_usd: Paid answers of one day (UTC) may not cost more; None is no cap.
        now: The clock.
    """

    def __init__(
        self,
        quotes: Quotes,
        ledger: Ledger,
        *,
        day_cap_usd: float | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._quotes = quotes
        self._ledger = ledger
        self._day_cap_usd = day_cap_usd
        self._now = now

    async def run(
        self,
        provider: Provider,
        key: Secret | None,
        *,
        model: str,
        messages: Sequence[Message],
        options: ChatOptions,
        purpose: Purpose,
        consent: Consent,
    ) -> AsyncGenerator[RunEvent, None]:
        """Stream one paid answer, as `Provider.chat` does, if consent and caps cover its worst.

        An answer that broke off or was stopped, also before its first byte, or whose tokens nobody
        told, counts with its worst case.

        Raises:
            BudgetExceeded: they do not; nothing was sent.
        """
        at = self._now()
        name = provider.row.id
        ceiling = worst_case(
            self._quotes,
            name,
            model=model,
            messages=messages,
            max_tokens=options.max_tokens,
            at=at,
        )
        most = _agreed(ceiling, consent)
        row = await self._admit(name, model, most, at)
        spent: float | None = None
        try:
            answer = provider.chat(
                key, model=model, messages=messages, options=options, purpose=purpose
            )
            async with aclosing(answer) as events:
                async for event in events:
                    if isinstance(event, Sent):
                        spent = most
                    elif isinstance(event, Ended):
                        real, _ = cost_usd(
                            self._quotes, name, model=model, usage=event.usage, at=at
                        )
                        spent = most if real is None else real
                    yield event
        except NetworkUnavailable as error:
            spent = most if error.may_have_arrived else spent
            raise
        except (asyncio.CancelledError, GeneratorExit):
            # Stopped before its first byte: it may be on its way.
            spent = most if spent is None else spent
            raise
        finally:
            # Where it cannot be written, the worst case stays counted: no reason to lose an answer.
            with suppress(AppError):
                await self._ledger.settle(row, usd=spent or 0.0)

    async def _admit(self, provider: str, model: str, most_usd: float, at: datetime) -> int:
        """Reserve the worst case; the row of the reservation."""
        cap = self._day_cap_usd
        call = PaidCall(
            at=at.isoformat(timespec="seconds"), provider=provider, model=model, most_usd=most_usd
        )
        reserved = await self._ledger.reserve(call, cap_usd=cap)
        if reserved.row is not None:
            return reserved.row
        left = max(0.0, (cap or 0.0) - reserved.before_usd)
        raise BudgetExceeded(
            f"It may cost up to {_usd(most_usd)}, and today's cap of {_usd(cap or 0.0)} has"
            f" {_usd(left)} left.",
            "Ask for a shorter answer, or raise the daily cap in the settings.",
        )


def _agreed(ceiling: Ceiling, consent: Consent) -> float:
    if ceiling.usd is None:
        if consent.unpriced:
            return 0.0
        raise BudgetExceeded(
            f"No price is known for {ceiling.quote.model} at {ceiling.quote.provider}, so no cap"
            " can hold it.",
            "Type its price into the settings, or allow a run without a known price.",
        )
    # The price may have been quoted a moment ago, by the same sum: the last digit may differ.
    if ceiling.usd > consent.usd_max * (1 + 1e-9):
        raise BudgetExceeded(
            f"It may cost up to {_usd(ceiling.usd)}; agreed were {_usd(consent.usd_max)}.",
            "Confirm the larger amount, or ask for a shorter answer.",
        )
    return ceiling.usd


def _usd(amount: float) -> str:
    """USD with as many digits as tell something: calls cost fractions of a cent."""
    return f"{amount:.2f} USD" if amount >= 1 or amount == 0 else f"{amount:.4g} USD"
