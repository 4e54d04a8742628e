"""Numbers as people type them: as their language writes them, or as programs do."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QCoreApplication, QLocale

_BELOW_ONE = re.compile(r"[+-]?0+\.\d+")
"""No group of thousands begins with a zero: where a point groups, 0.125 is no 125 either."""


def typed_number(text: str) -> float | None:
    """ "1,5" and "1.5" alike where a comma is the decimal sign; None where it is no number.

    What Qt takes for one and nobody counts in is none: "inf", "nan". Where both readings are
    numbers the one of the language counts: "1.500" is a thousand and a half in German.
    """
    locales = (QLocale(), QLocale.c())
    for locale in reversed(locales) if _BELOW_ONE.fullmatch(text) else locales:
        value, is_number = locale.toDouble(text)
        if is_number and math.isfinite(value):
            return value
    return None


def digits_only() -> str:
    """A number as it can be typed, with the decimal sign of the language: "1000" or "0.5"."""
    return QCoreApplication.translate("typed_numbers", "{0} or {1}").format(
        "1000", QLocale().toString(0.5, "f", 1)
    )


def typed_list(text: str) -> tuple[str, ...]:
    """What is separated by commas; by those before a space where a comma is the decimal sign."""
    between = r",\s+|;" if QLocale().decimalPoint() == "," else ","
    return tuple(part.strip() for part in re.split(between, text) if part.strip())
