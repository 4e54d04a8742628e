"""The dated assumptions about owning and renting hardware."""

from __future__ import annotations

from typing import Any

from landfall.core.provenance import Estimated, Figure
from landfall.core.verdict.world import Assumptions
from landfall.services import resources
from landfall.services.verdict import rates


def assumptions() -> Assumptions:
    """The dated assumptions about owning and renting hardware."""
    rows: dict[str, Any] = {
        row["name"]: row for row in resources.read_json("thresholds.json")["assumptions"]
    }

    def own(name: str) -> Figure:
        row = rows[name]
        source = f"{row['source']} ({row['as_of']})"
        return Estimated(row["low"], row["mid"], row["high"], source)

    return Assumptions(
        residual_share=rates.assumption("residual_share"),
        months=rates.assumption("months"),
        ops_hours_per_month=rates.assumption("ops_hours_per_month"),
        setup_hours=rates.assumption("setup_hours"),
        owned_ops_share=own("owned_ops_share"),
        no_infrastructure_factor=own("no_infrastructure_factor"),
        idle_watts=own("idle_watts"),
        listed_idle_watts=_listed_idle_watts(),
        yearly_price_decline=rates.assumption("yearly_price_decline"),
        rent_start_hours=own("rent_start_hours"),
        established_factor=own("established_factor"),
        rent_idle_hours=own("rent_idle_hours"),
        rent_billed_hours=own("rent_billed_hours"),
        rent_storage_usd_gb_month=own("rent_storage_usd_gb_month"),
    )


def _listed_idle_watts() -> dict[str, Figure]:
    """Of the hardware whose draw at rest is listed, by its name in the catalogue."""
    names = sorted({row.hardware for row in rates.load().purchases if row.hardware})
    listed = {name: rates.idle_watts(name) for name in names}
    return {name: figure for name, figure in listed.items() if figure is not None}
