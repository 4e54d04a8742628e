"""Dates and times as people say them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QDate

from landfall.gui.dates import is_stale, when, when_apart

TODAY = QDate(2026, 11, 25)


def test_a_price_without_a_date_counts_as_old() -> None:
    assert is_stale("", today=TODAY)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("", ""),
        ("2026-11-20", "20 Nov"),
        ("2022-10-12", "12 Oct 2022"),
        ("yesterday", "yesterday"),
        ("2026-13-99T00:00:00Z", "2026-13-99T00:00:00Z"),
    ],
)
def test_moments_are_said_as_people_say_them(moment: str, said: str) -> None:
    assert when(moment, today=TODAY) == said


def test_a_moment_of_today_has_its_clock() -> None:
    assert when("2026-11-25T12:00:00Z", today=TODAY).startswith("today ")


def test_that_two_times_that_read_alike_are_told_to_the_second() -> None:
    first, second = "2026-11-20T08:00:05", "2026-11-20T08:00:41"
    said = when_apart(first, second)
    assert [words[:6] for words in said] == ["20 Nov", "20 Nov"]
    assert [":05" in said[0], ":41" in said[1]] == [True, True]
    assert when_apart("2026-11-20", "2026-11-21") == ("20 Nov", "21 Nov")
