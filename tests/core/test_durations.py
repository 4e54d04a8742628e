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


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.00002, "0.02 ms"),
        (0.000004, "0.004 ms"),
        (0.00005, "0.1 ms"),
        (0.0099, "9.9 ms"),
        (0.00995, "10 ms"),
        (0.0134, "13 ms"),
        (0.9994, "999 ms"),
        (0.9995, "1.0 s"),
        (9.94, "9.9 s"),
        (9.95, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (61.0, "1 min 1 s"),
        (3599.4, "59 min 59 s"),
        (3600.0, "1 h"),
        (3659.0, "1 h"),
        (3660.0, "1 h 1 min"),
        (86_399.0, "23 h 59 min"),
        (86_400.0, "1 d"),
        (90_000.0, "1 d 1 h"),
        (86_400_000.0, "1,000 d"),
        (-0.34, "−340 ms"),
        (-75.0, "−1 min 15 s"),
        (-math.inf, "never"),
        (math.nan, "never"),
    ],
)
def test_that_a_duration_changes_its_unit_where_it_is_said(seconds: float, text: str) -> None:
    assert duration(seconds) == text
