"""Preferences of the user: typed, with defaults that can be defended."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # Few settings hold one, and every command reads settings.
    from landfall.core.costs.tariff import Tariff
    from landfall.core.energy.wall import WallCalibration
    from landfall.core.hosts.hosts import Host


PRICE_PARTS = (
    "input",
    "cached",
    "cache_write",
    "cache_write_1h",
    "output",
    "batch_input",
    "batch_output",
)
"""Kinds of tokens whose price a user can type in; each is optional."""
PLAN_NUMBERS = ("usd_month", "seats_min", "limit", "window_hours", "overage_usd")
PLAN_TEXTS = ("seller", "counts")
"""`counts` is "messages", "tokens" or "credits": what `limit` and `overage_usd` count."""


class ThemeChoice(StrEnum):
    """Light, dark, or what the system says."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where the verdict turns. Defaults and reasons: resources/thresholds.json.

    Attributes:
        local_bill_min_usd_month: S7: below this bill no hardware is bought for a workload.
        premature_calls_per_day: AP1: at or below this volume no hardware is bought.
        routing_bill_min_usd_month: AP4: below this bill a routing layer is not worth building.
        routing_payback_max_months: AP4: a routing layer must pay back within this.
        payback_max_months: E4: a purchase must pay back within this.
        saving_min_share: E2 to E5: the least saving, as a share of the bar.
        saving_min_usd_month: E2 to E5: the least saving in money.
        utilisation_max: E2, E5, H6: share of the slots that may be busy in the busiest hour.
        history_min_days: S6: fewer observed days make no forecast.
        price_stale_days: A published price older than this is flagged.
        verdict_stale_days: A verdict older than this is flagged.
    """

    local_bill_min_usd_month: float = 1000.0
    premature_calls_per_day: float = 50.0
    routing_bill_min_usd_month: float = 10_000.0
    routing_payback_max_months: float = 6.0
    payback_max_months: float = 12.0
    saving_min_share: float = 0.20
    saving_min_usd_month: float = 50.0
    utilisation_max: float = 0.8
    history_min_days: int = 28
    price_stale_days: int = 45
    verdict_stale_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the Settings page shows.

    Attributes:
        ollama_url: Address typed in by the user, or "" for OLLAMA_HOST or the default address.
        electricity: What a kilowatt-hour costs, flat or by the hour; None where the user has not
            said: a dated default is used then.
        currency: ISO 4217 code of the currency in which amounts are shown beside USD; "" is that of
            `electricity`.
        currency_usd_rate: Dollars for one unit of the currency of `electricity`, where that is
            another, else of `currency`; as of `currency_usd_date` (ISO), both as typed. None is not
            known.
        hourly_rate_usd: Of the people who look after a machine. 80 is our choice. Care is the
            assumption that turns most verdicts: three such hours a month are 240 USD.
        context_length: Tokens of context assumed where none is given.
        overrides: Corrected hardware fields: path to value, "accelerators.0.memory_total_bytes".
        base_urls: Addresses of providers that differ from the default: provider to URL.
        plain_http_hosts: Hosts ("box.lan:8000") to which a key may go unencrypted; the user was
            warned of each.
        prices: Prices typed in: "provider/model" to USD per Mtok by the names of `PRICE_PARTS`.
        plans: Subscriptions typed in: a name to the values that `core.costs.subscriptions.Plan`
            needs, by the names of `PLAN_NUMBERS` and `PLAN_TEXTS`.
        daily_budget_usd: Paid calls of one day may not cost more; None is no cap. 5 is our choice:
            more than a probe or a gate of some hundred prompts costs, less than a mishap would.
        plug_url: Address of a smart plug that this machine hangs on, or "" for none.
        plug_anywhere: Whether the plug may be outside private networks.
        wall_calibration: Readings at the plug beside the sensors', or None.
        hosts: Other servers of models, in the user's order. Their tokens are in the keyring.
        check_updates: Whether a newer version is looked for once a day, when the window opens.
    """

    theme: ThemeChoice = ThemeChoice.SYSTEM
    language: str = ""
    ollama_url: str = ""
    electricity: Tariff | None = None
    currency: str = ""
    currency_usd_rate: float | None = None
    currency_usd_date: str = ""
    hourly_rate_usd: float = 80.0
    context_length: int = 8192
    thresholds: Thresholds = field(default_factory=Thresholds)
    overrides: MappingProxyType[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    base_urls: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    plain_http_hosts: tuple[str, ...] = ()
    prices: MappingProxyType[str, MappingProxyType[str, float]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    plans: MappingProxyType[str, MappingProxyType[str, float | str]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    daily_budget_usd: float | None = 5.0
    plug_url: str = ""
    plug_anywhere: bool = False
    wall_calibration: WallCalibration | None = None
    hosts: tuple[Host, ...] = ()
    check_updates: bool = False
