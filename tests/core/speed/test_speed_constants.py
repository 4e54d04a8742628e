"""Which rule a calibration counts by."""

from __future__ import annotations

import pytest

from landfall.core.speed.speed_constants import Quantity, calibrated
from tests.core.speed.round_speeds import MODEL, calibration


@pytest.mark.parametrize(
    ("scales", "scale"),
    [
        ((4.0,), 4**0.5),
        ((4.0, 4.0), 4**0.5),
        ((4.0, 6.0), 5**0.5),  # just half as much again: they agree
        ((4.0, 6.01), 5.005),
        ((4.0, 4.0, 4.0, 4.0), 4**0.75),
        ((4.0, 4.0, 9.0), 1.0),
    ],
)
def test_that_the_rule_is_that_of_the_most_runs_that_there_were(
    scales: tuple[float, ...], scale: float
) -> None:
    found = calibrated(MODEL, Quantity.DECODE, calibration(*scales))
    assert found == (pytest.approx(scale), 0.9, 1.1)
    assert calibrated(MODEL, Quantity.DECODE, calibration()) is None
