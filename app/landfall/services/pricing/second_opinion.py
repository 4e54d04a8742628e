"""What another public list says of the price of open weights: OpenRouter's, asked without a key.

It is asked only when the user asks. Prices there are text, in USD a token.

Source: OpenRouter's interface, `GET /api/v1/models`: `data[].id`, `data[].pricing.prompt` and
`.completion`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from landfall.core.errors import AppError
from landfall.core.pricing.pricing import MTOK
from landfall.services import cloud
from landfall.services.cloud.address import Address
from landfall.services.cloud.transport import Outgoing, Transport
from landfall.services.egress import Purpose
from landfall.services.pricing.prices import Prices

HOST = "openrouter"
URL = "https://openrouter.ai/api/v1"
WHY = "second opinion on a price"
"""Why it is asked, as the egress log has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What OpenRouter lists today for the same weights.

    Attributes:
        model: Its name there, or "" where none is known to be the same.
        input_usd_per_mtok, output_usd_per_mtok: None where it lists none.
        why_not: Why there is no opinion, or "".
    """

    model: str
    input_usd_per_mtok: float | None = None
    output_usd_per_mtok: float | None = None
    why_not: str = ""


async def ask(
    transport: Transport, prices: Prices, provider: str, model: str, *, url: str = URL
) -> Opinion:
    """Ask about a model; what goes wrong is part of the answer, for the first price stands."""
    twin = prices.twin_at(HOST, provider, model)
    if twin is None:
        return Opinion(model="", why_not="OpenRouter is not known to serve the same weights")
    row = replace(cloud.find(HOST), id="prices")
    outgoing = Outgoing(
        row=row,
        address=Address(url),
        path="models",
        purpose=Purpose(why=WHY),
        secret=None,
        auth=row.auth,
    )
    try:
        return _read(await transport.fetch(outgoing), twin)
    except AppError as error:
        return Opinion(model=twin, why_not=error.message.rstrip("."))


def _read(document: Any, model: str) -> Opinion:
    listed = document.get("data") if isinstance(document, Mapping) else None
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping) and str(entry.get("id", "")).lower() == model.lower():
            pricing = entry.get("pricing")
            usd = pricing if isinstance(pricing, Mapping) else {}
            return Opinion(
                model=model,
                input_usd_per_mtok=_per_mtok(usd.get("prompt")),
                output_usd_per_mtok=_per_mtok(usd.get("completion")),
            )
    return Opinion(model=model, why_not=f"OpenRouter does not list {model}")


def _per_mtok(text: Any) -> float | None:
    """USD for a million tokens; what is no price, as the -1 of a router, is None."""
    try:
        usd = float(text)
    except (TypeError, ValueError):
        return None
    return round(usd * MTOK, 9) if math.isfinite(usd) and usd >= 0 else None
