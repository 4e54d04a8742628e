"""Lengths of time in sentences, tables and reports."""

from __future__ import annotations

import math

import pytest

from landfall.core.durations import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 ms"),
        (0.0042, "4.2 ms"),
        (0.34, "340 ms"),
        (4.21, "4.2 s"),
        (12.5, "12 s"),
        (154.1, "2 min 34 s"),
        (120.0, "2 min"),
        (3700.0, "1 h 1 min"),
        (273_600.0, "3 d 4 h"),
        (-4.0, "−4.0 s"),
        (math.inf, "never"),
    ],
)
def test_that_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text
