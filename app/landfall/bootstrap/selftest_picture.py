"""Whether something was drawn on a picture."""

from __future__ import annotations

from collections import Counter

from PySide6.QtGui import QImage

_STEP = 3
"""Every third point along and down is enough."""
_LEAST_SHARE = 0.005
"""Of the points that are not the ground: thin curves on a wide chart are some per cent."""


def check_drawn(name: str, image: QImage) -> None:
    """Accept a picture that shows something.

    Raises:
        RuntimeError: it is empty, or all but all of it has one colour.
    """
    points = [
        image.pixel(x, y)
        for x in range(0, image.width(), _STEP)
        for y in range(0, image.height(), _STEP)
    ]
    if not points:
        raise RuntimeError(f"{name} has no picture")
    ground = Counter(points).most_common(1)[0][1]
    if 1 - ground / len(points) < _LEAST_SHARE:
        raise RuntimeError(f"the picture of {name} is blank")
