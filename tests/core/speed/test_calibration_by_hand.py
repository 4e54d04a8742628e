"""What runs on a machine come to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from landfall.core.speed.calibration import Calibration, CalibrationPoint, calibration_of


def point(model: str, **more: Any) -> CalibrationPoint:
    told = {"at": "2026-11-25T10:00:00Z", "machine": "m", "engine": "e", "model": model} | more
    return CalibrationPoint(**told)


def test_that_a_calibration_has_a_scale_of_each_model_and_their_medians() -> None:
    def of(name: str, decode: float, prefill: float) -> CalibrationPoint:
        return point(
            name,
            decode_tok_s=decode,
            decode_predicted_tok_s=10.0,
            prefill_tok_s=prefill,
            prefill_predicted_tok_s=100.0,
        )

    four = [of("a", 10, 100), of("b", 20, 200), of("c", 40, 400), of("d", 80, 300)]
    found = calibration_of(four, "e")
    assert found == Calibration(
        engine="e",
        at="2026-11-25T10:00:00Z",
        decode_scales=(1.0, 2.0, 4.0, 8.0),
        prefill_scales=(1.0, 2.0, 4.0, 3.0),
    )
    assert found is not None
    assert (found.decode_scale, found.prefill_scale) == (3.0, 2.5)
    three = calibration_of(four[:3], "e")
    assert three is not None
    assert (three.decode_scale, three.prefill_scale) == (2.0, 2.0)
    one = calibration_of(four[3:], "e")
    assert one is not None
    assert one.decode_scale == 8.0
    empty = replace(found, decode_scales=(), prefill_scales=())
    assert (empty.decode_scale, empty.prefill_scale) == (None, None)


@pytest.mark.parametrize(
    ("measured", "predicted"), [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (1.0, -1.0), (None, 1.0)]
)
def test_that_a_rate_that_is_none_has_no_scale(
    measured: float | None, predicted: float | None
) -> None:
    good = point("a", prefill_tok_s=0.5, prefill_predicted_tok_s=0.25)
    odd = replace(good, decode_tok_s=measured, decode_predicted_tok_s=predicted)
    found = calibration_of([odd], "e")
    assert found is not None
    assert (found.decode_scales, found.prefill_scales) == ((), (2.0,))
