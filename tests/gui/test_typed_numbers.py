"""Numbers as people type them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale

from landfall.gui.typed_numbers import typed_list, typed_number


@pytest.fixture
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("de"))
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,5", 1.5),
        ("1.5", 1.5),
        ("0,125", 0.125),
        ("0.125", 0.125),
        ("-0.125", -0.125),
        ("1.500", 1500.0),
        ("1.500,5", 1500.5),
        ("12.25", 12.25),
        ("3", 3.0),
    ],
)
def test_that_german_numbers_are_read_with_a_comma_and_with_a_point(
    text: str, value: float
) -> None:
    assert typed_number(text) == value


@pytest.mark.usefixtures("german")
def test_that_words_are_no_numbers() -> None:
    assert typed_number("viel") is None
    assert typed_number("") is None


def test_that_english_numbers_have_a_point() -> None:
    assert typed_number("1.5") == 1.5
    assert typed_number("1,500") == 1500.0
    assert typed_number("0.125") == 0.125
    assert typed_number("0,17") is None


@pytest.mark.usefixtures("german")
def test_that_a_list_of_german_numbers_may_have_decimal_commas() -> None:
    assert typed_list("1,5, 2; 3") == ("1,5", "2", "3")


def test_that_an_english_list_is_separated_by_commas() -> None:
    assert typed_list("1.5,2, 3,") == ("1.5", "2", "3")


@pytest.mark.parametrize("text", ["inf", "-inf", "INF", "nan", "infinity", "1e999"])
def test_that_what_nobody_counts_in_is_no_number(text: str) -> None:
    assert typed_number(text) is None
