"""What the usage interfaces of providers have in common: a stretch of time, requests, pages."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from landfall.core.errors import AppError, KeyRefused, NetworkUnavailable, ServerRefused
from landfall.core.usage.rows import Problem, Read
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import KeyKind, ProviderRow
from landfall.services.cloud.transport import Outgoing, Transport
from landfall.services.cloud.usage.balance import Balance
from landfall.services.cloud.usage.reading import iso, listed, mapping, moment_of
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret

SETTLING = timedelta(minutes=15)
"""So long after its end a span of time may still grow: OpenAI and Anthropic name some five minutes,
"occasionally longer" (https://docs.claude.com/en/docs/build-with-claude/usage-cost-api)."""

PAGES_MAX = 2000
"""More pages than any range of days has: a host that never ends is left."""

Params = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The days that are asked for, UTC, as far as they are over.

    Attributes:
        since: Where the first day begins.
        until: Where the last day ends.
        settled: What ended before this is told completely.
    """

    since: datetime
    until: datetime
    settled: datetime

    @staticmethod
    def of_days(first: date, last: date, *, now: datetime) -> Stretch:
        """Both days included."""
        return Stretch(
            since=_midnight(first),
            until=_midnight(last) + timedelta(days=1),
            settled=now.astimezone(UTC) - SETTLING,
        )

    def whole(self, span_seconds: int) -> tuple[datetime, datetime] | None:
        """From where to where whole spans of this length lie; None where there are none.

        The span that is under way is left out: kept now, it would never grow to what it becomes.
        """
        over = int(self.settled.timestamp()) // span_seconds * span_seconds
        end = min(self.until, datetime.fromtimestamp(over, UTC))
        return (self.since, end) if end > self.since else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A provider at its address, with the key that it is asked with.

    Attributes:
        headers: What its protocol wants beside the key.
        why: Stands in the egress log.
        kind: Which of the provider's keys it is, so that a refusal names the right one.
    """

    row: ProviderRow
    address: Address
    transport: Transport
    secret: Secret | None
    headers: tuple[tuple[str, str], ...] = ()
    why: str = "usage"
    kind: KeyKind = "usage"

    async def get(self, path: str, params: Params = ()) -> Any:
        """The JSON value at a path below the provider's address.

        Raises:
            KeyRefused, ServerRefused, NetworkUnavailable: see `Transport.fetch`.
        """
        query = urlencode(list(params))
        return await self._fetch(f"{path}?{query}" if query else path, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON value that answers a query sent as JSON."""
        return await self._fetch(path, dict(body))

    async def _fetch(self, path: str, body: dict[str, Any] | None) -> Any:
        return await self.transport.fetch(
            Outgoing(
                row=self.row,
                address=self.address,
                path=path,
                purpose=Purpose(why=self.why),
                secret=self.secret,
                auth=self.row.auth,
                body=body,
                headers=self.headers,
                kind=self.kind,
            )
        )


Rows = Callable[[Asking, Stretch], AsyncGenerator[Read, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSource:
    """A provider that tells what was used.

    Attributes:
        tells: What it tells, a clause for people.
        rows: Asks for it.
        explain: Turns a refusal into one that says what else to do.
        headers: What its protocol wants beside the key.
    """

    tells: str
    rows: Rows
    explain: Callable[[AppError], AppError]
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceSource:
    """A provider that tells what is left of an account, with the key that runs models."""

    ask: Callable[[Asking], Awaitable[Balance]]


async def buckets(asking: Asking, path: str, params: Params) -> AsyncGenerator[Any, None]:
    """The spans of time of a list that comes in pages: `data`, `has_more`, `next_page`.

    OpenAI and Anthropic page alike.

    Raises:
        NetworkUnavailable: the answer is no such list, or never ends.
    """
    first = list(params)
    page: list[tuple[str, str]] = []
    seen: set[str] = set()
    for _ in range(PAGES_MAX):
        value = listing(await asking.get(path, [*first, *page]), "data", asking)
        for bucket in value["data"]:
            yield bucket
        following = value.get("next_page")
        if value.get("has_more") is not True or not isinstance(following, str):
            return
        if following in seen:
            break
        seen.add(following)
        page = [("page", following)]
    raise endless(asking)


async def results(
    asking: Asking, path: str, params: Params, *, begins: str
) -> AsyncGenerator[tuple[datetime | None, Mapping[str, Any]], None]:
    """What such a list says, with the beginning of its span, where that can be read.

    Args:
        begins: How the list calls the beginning of a span.

    Raises:
        NetworkUnavailable: as of `buckets`.
    """
    async for bucket in buckets(asking, path, params):
        at = moment_of(mapping(bucket).get(begins))
        for result in listed(mapping(bucket).get("results")):
            yield at, mapping(result)


def dated_cost(
    at: datetime | None, billed_usd: float | None, currency: str
) -> tuple[str, float] | Problem:
    """The day of a cost, ISO 8601, and its USD; or what it lacks."""
    if at is None or billed_usd is None:
        return Problem(line=0, column="amount", reason="a cost without its day or its amount")
    if currency.upper() not in ("", "USD"):
        return Problem(line=0, column="currency", reason=f"a cost not in USD, on {at.date()}")
    return iso(at), billed_usd


def listing(value: Any, name: str, asking: Asking) -> Mapping[str, Any]:
    """The answer, which has a list of this name.

    Raises:
        NetworkUnavailable: it has none.
    """
    if isinstance(value, dict) and isinstance(value.get(name), list):
        return value
    raise NetworkUnavailable(
        f"{asking.address.host} answers with something else than its usage.",
        "The interface may have changed: export the usage as a file and import that.",
    )


def endless(asking: Asking) -> NetworkUnavailable:
    """The error for pages that do not end."""
    return NetworkUnavailable(
        f"{asking.address.host} sends pages of usage without end.", "Ask for fewer days."
    )


async def or_problem(rows: AsyncGenerator[Read, None], what: str) -> AsyncIterator[Read]:
    """The rows; where they are refused, a problem that says so: what else is told is kept."""
    async with aclosing(rows) as asked:
        try:
            async for read in asked:
                yield read
        except (ServerRefused, KeyRefused) as error:
            yield Problem(line=0, column=what, reason=f"not read: {error.message.rstrip('.')}")
