"""Small price tables in the format in which they are published."""

from __future__ import annotations

from datetime import date
from typing import Any

from landfall.services.pricing import bundled as prices_bundled
from landfall.services.pricing.bundled import PriceTable
from landfall.services.pricing.prices import MAIN_PROVIDERS


def document(models: int = 10, *, usd: float = 1.0, since: str = "2026-11-01") -> list[Any]:
    """As many models at each of the main providers; the first one's price holds from a date."""

    def prices(number: int) -> Any:
        row = {"input_mtok": usd + number, "output_mtok": 2.0}
        if number:
            return row
        return [
            {"prices": row},
            {"constraint": {"start_date": since}, "prices": row},
        ]

    return [
        {
            "id": provider,
            "name": provider.title(),
            "pricing_urls": [f"https://{provider}.example/pricing"],
            "api_pattern": f"https://{provider}\\.example",
            "models": [
                {"id": f"m-{n}", "match": {"equals": f"m-{n}"}, "prices": prices(n)}
                for n in range(models)
            ],
        }
        for provider in MAIN_PROVIDERS
        if provider != "deepinfra"
    ]


def table(raw: list[Any] | None = None, *, as_of: str = "2026-11-09") -> PriceTable:
    return PriceTable(
        listed=prices_bundled.read(document() if raw is None else raw),
        name="test table",
        as_of=date.fromisoformat(as_of),
    )
