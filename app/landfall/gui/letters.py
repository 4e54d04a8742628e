"""Whether there is a font at all: without one Qt draws every letter as the same box."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetrics

from landfall.core.errors import Unavailable

NONE = Unavailable(
    "There is no font on this system: every letter would be an empty box.",
    "On Debian or Ubuntu: sudo apt-get install fonts-dejavu-core.",
)
"""What is said then."""


def has_letters(font: QFont) -> bool:
    """Whether this font, or what stands in for it, has the letters of the interface.

    Asked through the metrics: `QRawFont.fromFont` ends the process where there is no font (Qt
    6.11), and `QFontDatabase.families` names three aliases then.
    """
    return QFontMetrics(font).inFont("A")
