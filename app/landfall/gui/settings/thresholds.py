"""The thresholds of the verdict in a user's words: what each decides, its unit and its bounds."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from landfall.gui.format import plain_number
from landfall.gui.translated import translated
from landfall.services.verdict import guide


def _tr(words: str) -> str:
    return QCoreApplication.translate("thresholds", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdWords:
    """One threshold as it is shown.

    Attributes:
        key: Its name in `core.settings.Thresholds`.
        high: The largest value that may be typed, in `unit`.
        digits: Decimals at most.
    """

    key: str
    name: str
    unit: str
    hint: str = ""
    high: float = 1e9
    digits: int = 2


def threshold_words() -> tuple[ThresholdWords, ...]:
    """Every threshold, in the order in which a verdict meets them."""
    return (*_about_money(), *_about_evidence(), *_about_routing(), *_about_age())


def sourced(words: ThresholdWords) -> str:
    """The hint of a threshold, with its default, who says so and when."""
    known = guide.thresholds()[words.key]
    parts = (plain_number(known.value), translated(known.source), translated(known.date))
    said = _tr("Default {0}: {1}, {2}.").format(*parts)
    return f"{words.hint}. {said}" if words.hint else said


def _about_money() -> tuple[ThresholdWords, ...]:
    return (
        ThresholdWords(
            key="saving_min_usd_month",
            name=_tr("Worth moving"),
            hint=_tr("Smaller savings keep what you have"),
            unit=_tr("$/month"),
        ),
        ThresholdWords(
            key="saving_min_share",
            name=_tr("Worth moving, as a share"),
            hint=_tr("Both must hold. 0.2 is a fifth of the cheapest acceptable bill"),
            unit=_tr("of the bill"),
            high=1.0,
        ),
        ThresholdWords(
            key="local_bill_min_usd_month",
            name=_tr("Hardware from a bill of"),
            hint=_tr("Below it nothing is bought for one workload"),
            unit=_tr("$/month"),
        ),
        ThresholdWords(
            key="premature_calls_per_day",
            name=_tr("Hardware from a volume above"),
            hint=_tr("At or below it nothing is bought"),
            unit=_tr("calls/day"),
        ),
        ThresholdWords(
            key="payback_max_months",
            name=_tr("Pays back within"),
            hint=_tr("For hardware to buy"),
            unit=_tr("months"),
            high=120.0,
        ),
    )


def _about_evidence() -> tuple[ThresholdWords, ...]:
    return (
        ThresholdWords(
            key="history_min_days",
            name=_tr("A forecast needs"),
            hint=_tr("Days that were really observed"),
            unit=_tr("days"),
            high=3650.0,
            digits=0,
        ),
        ThresholdWords(
            key="utilisation_max",
            name=_tr("Busiest hour, at most"),
            hint=_tr("How full this machine may be before calls go elsewhere, 0.8 is 80 %"),
            unit=_tr("of full"),
            high=1.0,
        ),
    )


def _about_routing() -> tuple[ThresholdWords, ...]:
    return (
        ThresholdWords(
            key="routing_bill_min_usd_month",
            name=_tr("A routing layer from a bill of"),
            hint=_tr("Below it a gateway's configuration is enough"),
            unit=_tr("$/month"),
        ),
        ThresholdWords(
            key="routing_payback_max_months",
            name=_tr("A routing layer pays back within"),
            unit=_tr("months"),
            high=120.0,
        ),
    )


def _about_age() -> tuple[ThresholdWords, ...]:
    return (
        ThresholdWords(
            key="price_stale_days",
            name=_tr("A price is stale after"),
            unit=_tr("days"),
            high=3650.0,
            digits=0,
        ),
        ThresholdWords(
            key="verdict_stale_days",
            name=_tr("A verdict is stale after"),
            unit=_tr("days"),
            high=3650.0,
            digits=0,
        ),
    )
