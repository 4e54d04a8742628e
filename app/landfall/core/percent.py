"""Shares as texts write them: one way throughout the program, "97 %"."""

from __future__ import annotations


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent, with the space before the sign that the rules of writing ask for.

    Args:
        share: 1 is all of it.
        digits: After the point.
    """
    return f"{100 * share:.{digits}f} %"


def signed_percent(share: float) -> str:
    """A change as per cent, always with its sign."""
    return f"{100 * share:+.0f} %".replace("-", "−")
