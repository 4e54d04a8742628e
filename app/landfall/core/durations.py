"""Lengths of time as sentences, tables and reports write them: one way, and that of the window."""

from __future__ import annotations

import math

_UNITS = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


def millisecond_digits(seconds: float) -> int:
    """Digits after the point of a length in milliseconds: what is shorter than one is not nothing,
    nor what is shorter than a tenth of one.

    Args:
        seconds: Not negative.
    """
    if not seconds or seconds >= 0.00995:
        return 0
    return 1 if seconds >= 0.00005 else 2 if seconds >= 0.000005 else 3


def duration(seconds: float) -> str:
    """In its two largest units: "340 ms", "4.2 s", "2 min 34 s", "3 d 4 h"; "never" has no end.

    The window writes the same with its own spaces and digits (`gui.format.duration`).
    """
    if not math.isfinite(seconds):
        return "never"
    sign, size = "−" if seconds < 0 else "", abs(seconds)
    if size < 0.9995:
        return f"{sign}{size * 1000:.{millisecond_digits(size)}f} ms"
    if size < 9.95:
        return f"{sign}{size:.1f} s"
    total = round(size)
    at = next(at for at, (_, unit) in enumerate(_UNITS) if total >= unit)
    first, rest = divmod(total, _UNITS[at][1])
    text = f"{sign}{first:,} {_UNITS[at][0]}"
    if at + 1 == len(_UNITS):
        return text
    name, unit = _UNITS[at + 1]
    second = rest // unit
    return f"{text} {second} {name}" if second else text
