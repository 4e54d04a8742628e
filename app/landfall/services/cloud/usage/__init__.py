"""What was used at a provider, asked of its own interface, one file a provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from landfall.core.errors import AppError, BadInput
from landfall.core.usage.rows import DAY_SECONDS, Read
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import ProviderRow
from landfall.services.cloud.transport import Transport
from landfall.services.cloud.usage import (
    anthropic,
    deepinfra,
    deepseek,
    fireworks,
    openai,
    openrouter,
    together,
)
from landfall.services.cloud.usage.balance import Balance
from landfall.services.cloud.usage.source import Asking, BalanceSource, Stretch, UsageSource
from landfall.services.keys.secret import Secret

SOURCES: Mapping[str, UsageSource] = MappingProxyType(
    {
        "openai": openai.SOURCE,
        "anthropic": anthropic.SOURCE,
        "openrouter": openrouter.SOURCE,
        "together": together.SOURCE,
        "fireworks": fireworks.SOURCE,
    }
)
"""Who tells what was used, by the provider's id."""

BALANCES: Mapping[str, BalanceSource] = MappingProxyType(
    {
        "openrouter": openrouter.BALANCE,
        "deepinfra": deepinfra.BALANCE,
        "deepseek": deepseek.BALANCE,
    }
)
"""Who tells what is left of an account."""

_NOBODY_TELLS = MappingProxyType(
    {
        "google": "Google tells no usage to a key: it is on the usage page of AI Studio, and in an"
        " export of Cloud Billing.",
        "groq": "Groq tells usage to enterprise customers alone.",
        "mistral": "Mistral tells usage in its console alone.",
        "deepseek": "DeepSeek tells a key what is left of the account alone.",
        "deepinfra": "DeepInfra tells a key what the month has cost and what is left alone.",
    }
)


class Door(Protocol):
    """Who holds keys and the way out; `services.cloud.access.CloudAccess` does."""

    @property
    def transport(self) -> Transport:
        """The way out to every provider."""
        ...

    def address(self, row: ProviderRow) -> Address:
        """Where a provider is reached."""
        ...

    async def usage_key(self, row: ProviderRow) -> Secret:
        """The key that may read usage.

        Raises:
            KeyMissing, KeyringUnavailable: it cannot be had.
        """
        ...

    async def inference_key(self, row: ProviderRow) -> Secret | None:
        """The key that runs models; raises alike."""
        ...


def source_of(row: ProviderRow) -> UsageSource:
    """How a provider is asked for usage.

    Raises:
        BadInput: it tells none, with what there is instead.
    """
    if row.id in SOURCES:
        return SOURCES[row.id]
    raise BadInput(
        _NOBODY_TELLS.get(row.id, f"{row.name} has no interface for usage that is known here."),
        f"Import a file instead. Usage is told by {', '.join(SOURCES)}.",
        field="provider",
    )


def last_whole_day(since: date, until: date) -> str:
    """The last of these days that is over, ISO, UTC; "" where none is."""
    span = Stretch.of_days(since, until, now=datetime.now(UTC)).whole(DAY_SECONDS)
    return "" if span is None else (span[1] - timedelta(days=1)).date().isoformat()


async def fetch_usage(
    access: Door,
    row: ProviderRow,
    *,
    since: date,
    until: date,
    on_progress: Callable[[int], None] | None = None,
    now: datetime | None = None,
) -> AsyncGenerator[Read, None]:
    """What was used on these days (UTC, both included), as far as they are over.

    Spans of time that are under way are left out, so that every row is told once and for good; the
    same days asked for twice give rows of the same identity.

    Args:
        access: Keys, addresses and the way out.
        row: Which provider.
        since: The first day. until: The last.
        on_progress: Is told how many rows have come.
        now: The time; that of the clock by default.

    Raises:
        BadInput: the provider tells no usage, or the days are in the wrong order.
        KeyMissing, KeyringUnavailable: its key cannot be had.
        KeyRefused, ServerRefused, NetworkUnavailable: it says no, or does not answer; what came
            before may be kept, for asking again adds only the rest.
    """
    source = source_of(row)
    if until < since:
        raise BadInput(f"{until} is before {since}.", "Name the earlier day first.", field="until")
    asking = Asking(
        row=row,
        address=access.address(row),
        transport=access.transport,
        secret=await access.usage_key(row),
        headers=source.headers,
    )
    stretch = Stretch.of_days(since, until, now=now or datetime.now(UTC))
    came = 0
    try:
        async with aclosing(source.rows(asking, stretch)) as reads:
            async for read in reads:
                came += 1
                if on_progress is not None:
                    on_progress(came)
                yield read
    except AppError as error:
        explained = source.explain(error)
        if explained is error:
            raise
        raise explained from error


async def fetch_balance(access: Door, row: ProviderRow) -> Balance:
    """What is left of the account.

    Raises:
        BadInput: the provider does not tell.
        KeyMissing, KeyRefused, ServerRefused, NetworkUnavailable: as `fetch_usage`.
    """
    if row.id not in BALANCES:
        raise BadInput(
            f"{row.name} does not tell a key what is left of the account.",
            f"Told it is by {', '.join(BALANCES)}.",
            field="provider",
        )
    asking = Asking(
        row=row,
        address=access.address(row),
        transport=access.transport,
        secret=await access.inference_key(row),
        why="balance",
        kind="inference",
    )
    return await BALANCES[row.id].ask(asking)
