"""Fetching the price table anew: once, and only when the user asks.

A table that is broken, smaller or older than the one in use is refused, and what was there stays.

Source: the package genai-prices (MIT) fetches its own data file, version 2, from this address; see
its `update_prices.DEFAULT_UPDATE_URL`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from landfall.core.errors import AppError, BadInput, NetworkUnavailable
from landfall.core.pricing.pricing import noon_utc
from landfall.services import cloud
from landfall.services.cloud.address import Address
from landfall.services.cloud.transport import Outgoing, Transport
from landfall.services.egress import Purpose
from landfall.services.pricing import overlay as prices_overlay
from landfall.services.pricing import tables as price_tables
from landfall.services.pricing.bundled import PriceTable
from landfall.services.pricing.prices import MAIN_PROVIDERS
from landfall.services.threads import in_thread

URL = (
    "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/"
    "prices/new_data/v2/data.json"
)
WHY = "price refresh"
"""Why it is fetched, as the egress log has it."""
NEXT_STEP = "Check the connection, and whether the network wants a log-in first."
LEAST_SHARE = 0.9
"""A table with fewer models than this share of those in use has lost some on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What came of a refresh.

    Attributes:
        table: The table in use from now on.
        error: Why the new one was not had or not taken; None where it was.
        changed: Models of the providers that can be called whose price is another now.
        added: Models that were not priced before. gone: Models that are not priced any more.
    """

    table: PriceTable
    error: AppError | None = None
    changed: int = 0
    added: int = 0
    gone: int = 0

    @property
    def said(self) -> str:
        """The outcome in a sentence."""
        models = f"{self.table.models()} models"
        if self.error is None:
            return (
                f"Prices of {self.table.as_of} fetched: {models},"
                f" {self.changed} changed, {self.added} new, {self.gone} gone."
            )
        dated = self.table.as_of.isoformat() if self.table.as_of else "an unknown date"
        return f"Refresh failed, showing data of {dated} ({models}). {self.error.message}"


async def refresh(
    transport: Transport, file: Path, *, url: str = URL, now: datetime | None = None
) -> Refreshed:
    """Fetch the table, and use it from now on if it is sound. Never raises for a network's sake.

    Args:
        transport: The way out, which writes the egress log.
        file: Where the fetched table is kept.
        url: Where it is published.
        now: When it is fetched.

    Raises:
        BadInput: the installation is broken.
    """
    overlay = await in_thread(prices_overlay.load)
    before = await in_thread(price_tables.current, overlay, file=file)
    at = now or datetime.now(UTC)
    try:
        document = await transport.fetch(_outgoing(url))
        after = await in_thread(_take, document, before, file, url, at)
    except NetworkUnavailable as error:
        # The usual hint speaks of the address of a provider, which this is not.
        return Refreshed(table=before, error=NetworkUnavailable(error.message, NEXT_STEP))
    except AppError as error:
        return Refreshed(table=before, error=error)
    changed, added, gone = await in_thread(_differences, before, after, at)
    return Refreshed(table=after, changed=changed, added=added, gone=gone)


async def go_back(file: Path) -> bool:
    """Use the installed table again; False where nothing was fetched.

    Raises:
        DiskFull, Unavailable: the fetched one cannot be removed.
    """
    return await in_thread(price_tables.forget, file)


def _outgoing(url: str) -> Outgoing:
    base, _, name = url.rpartition("/")
    # Not a provider: a host that is asked for one file, without a key.
    row = replace(cloud.find(cloud.CUSTOM), id="prices", name=urlsplit(url).netloc)
    return Outgoing(
        row=row,
        address=Address(base),
        path=name,
        purpose=Purpose(why=WHY),
        secret=None,
        auth=row.auth,
    )


def _take(document: Any, before: PriceTable, file: Path, url: str, at: datetime) -> PriceTable:
    """Judge a fetched table and keep it. Runs on a thread.

    Raises:
        BadInput: it is refused. DiskFull, Unavailable: it cannot be kept.
    """
    stored = price_tables.as_document(document, url=url, at=at)
    try:
        after = price_tables.parse(stored)
    except (KeyError, TypeError, ValueError) as error:
        raise _refused("it cannot be read as a price table") from error
    why = unsound(before, after, today=at.date())
    if why:
        raise _refused(why)
    price_tables.keep(stored, file)
    return after


def _refused(why: str) -> BadInput:
    return BadInput(
        f"What was fetched is not used: {why}.", "Try again another day, or update Landfall."
    )


def unsound(before: PriceTable, after: PriceTable, *, today: date) -> str:
    """Why a table must not take the place of another, or ""."""
    had, has = before.models(), after.models()
    if has < had * LEAST_SHARE:
        return f"it prices {has} models where {had} are known"
    lost = [
        name for name in MAIN_PROVIDERS if before.model_names(name) and not after.model_names(name)
    ]
    if lost:
        return f"it has no prices of {', '.join(lost)}"
    newest, newer = before.newest_fact(not_after=today), after.newest_fact(not_after=today)
    if newest is not None and (newer is None or newer < newest):
        return f"its newest price is of {newer}, older than {newest} here"
    return ""


def _differences(before: PriceTable, after: PriceTable, at: datetime) -> tuple[int, int, int]:
    """(changed, added, gone) models of the providers that can be called, at noon of a day."""
    noon = noon_utc(at.date())
    changed = added = gone = 0
    for provider in MAIN_PROVIDERS:
        had, has = set(before.model_names(provider)), set(after.model_names(provider))
        added += len(has - had)
        gone += len(had - has)
        for name in had & has:
            old, new = (table.find(provider, name, at=noon) for table in (before, after))
            changed += old is not None and new is not None and old.rates != new.rates
    return changed, added, gone
