"""What runs on a machine say about the predictions for it: a scale, and how far it can be trusted.

The scale is measured rate over predicted rate, so that a calibrated prediction is the uncalibrated
one times the scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPoint:
    """One run of one model on this machine, with what was predicted for it without calibration.

    Attributes:
        at: ISO 8601, UTC.
        machine: Which hardware ran it, as `machine_key` names it.
        engine: What ran it, with its version: "Ollama 0.32.15".
        decode_tok_s: Measured, or None where the run was too short.
        decode_predicted_tok_s: Uncalibrated, for the same model, context and depth.
        conditions: What else held: context, depth, power source, load average, GPU share.
    """

    at: str
    machine: str
    engine: str
    model: str
    digest: str = ""
    decode_tok_s: float | None = None
    decode_predicted_tok_s: float | None = None
    prefill_tok_s: float | None = None
    prefill_predicted_tok_s: float | None = None
    conditions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The scale of a machine with one engine.

    Attributes:
        engine: What was measured; another version makes it old.
        at: Time of the newest run.
        decode_scales: Measured over predicted, one for each model that was run.
        prefill_scales: The same for reading a prompt.
        on_battery: Models of them that were run while the machine was on its battery: many machines
            are slower then.
    """

    engine: str
    at: str
    decode_scales: tuple[float, ...]
    prefill_scales: tuple[float, ...]
    on_battery: tuple[str, ...] = ()

    @property
    def decode_scale(self) -> float | None:
        """The median, or None where no decode was measured."""
        return _median(self.decode_scales)

    @property
    def prefill_scale(self) -> float | None:
        """The median, or None where no prefill was measured."""
        return _median(self.prefill_scales)


def calibration_of(points: Sequence[CalibrationPoint], engine: str) -> Calibration | None:
    """The calibration by the points of this engine, or None where there is none.

    Of several runs of one model the newest counts.
    """
    newest: dict[str, CalibrationPoint] = {}
    for point in sorted(points, key=lambda p: p.at):
        if point.engine == engine:
            newest[point.digest or point.model] = point
    decode = [_ratio(p.decode_tok_s, p.decode_predicted_tok_s) for p in newest.values()]
    prefill = [_ratio(p.prefill_tok_s, p.prefill_predicted_tok_s) for p in newest.values()]
    decode_scales = tuple(scale for scale in decode if scale is not None)
    prefill_scales = tuple(scale for scale in prefill if scale is not None)
    if not decode_scales and not prefill_scales:
        return None
    return Calibration(
        engine=engine,
        at=max(point.at for point in newest.values()),
        decode_scales=decode_scales,
        prefill_scales=prefill_scales,
        on_battery=tuple(
            sorted(p.model for p in newest.values() if p.conditions.get("on_battery"))
        ),
    )


def _ratio(measured: float | None, predicted: float | None) -> float | None:
    if not measured or not predicted or measured < 0 or predicted < 0:
        return None
    return measured / predicted


def _median(values: Sequence[float]) -> float | None:
    """Written out: `statistics` brings fractions and decimals into a window at rest."""
    ordered, half = sorted(values), len(values) // 2
    if not ordered:
        return None
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
