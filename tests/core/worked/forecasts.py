"""Worked cases of kind P: predictability. They only rename what core.forecast answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from landfall.core.demand import forecast

Inputs = dict[str, Any]


def predictability(inputs: Inputs) -> Inputs:
    volume = forecast.classify(
        inputs["tokens_per_day"],
        horizon=inputs.get("horizon", forecast.WEEK),
        first_origin=inputs.get("first_origin", 28),
    )
    best = volume.best
    mase = {test.baseline: test.mase for test in volume.backtests}
    return {
        "n_days": volume.observed_days,
        "cv": volume.cv,
        "cv_resid": volume.cv_resid,
        "adi_active": volume.adi,
        "cv2_nonzero": volume.cv2_nonzero,
        "best_baseline": best.baseline if best else None,
        "mase_seasonal_naive": _settled(mase.get("seasonal_naive")),
        "mase_mean4": _settled(mase.get("mean4")),
        "mase_drift": _settled(mase.get("drift")),
        "wape_best": _settled(best.wape if best else None),
        "mean_ape_7day_total": _settled(best.mean_total_error if best else None),
        "peak_to_mean": volume.peak_to_mean,
        "sbc_class": volume.pattern,
        "class": volume.predictability.value,
    }


def _settled(value: float | None) -> float | None:
    """The cases print errors below a millionth as 0."""
    return 0.0 if value is not None and abs(value) < 1e-6 else value


KINDS: dict[str, Callable[[Inputs], Inputs]] = dict.fromkeys(
    ("P1", "P2", "P3", "P4", "P5", "P6"), predictability
)
